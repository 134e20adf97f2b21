"""The command line of the index: build, search, stats."""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Sequence

from corpus.arguments import drop_output, prepare_streams
from corpus.errors import CorpusError
from corpus.fiches import VOIES
from corpus.territories import load_territories
from index.build import build_index, open_index
from index.errors import QueryError, RetrievalError
from index.french import fold
from index.passage import PassageKind
from index.wanted import LEAST_GRADE, Wanted


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 2 when it failed (its reason is on stderr)."""
    prepare_streams()
    options = _parser().parse_args(arguments)
    try:
        status = int(options.run(options))
        sys.stdout.flush()
        return status
    except (RetrievalError, CorpusError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except BrokenPipeError:
        return drop_output()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m index", description="L’index des passages du corpus.")
    commands = parser.add_subparsers(title="commandes", required=True, metavar="COMMANDE")
    build = commands.add_parser("build", help="construire l’index s’il n’est pas à jour")
    build.add_argument("--force", action="store_true", help="tout encoder de nouveau, même à jour")
    build.set_defaults(run=_build)
    search = commands.add_parser("search", help="chercher des passages")
    search.add_argument("query", metavar="QUESTION", help="les mots cherchés")
    search.add_argument("-k", type=int, default=5, metavar="N", help="nombre de passages (5 par défaut)")
    search.add_argument(
        "--year", type=int, action="append", default=[], metavar="ANNÉE", help="préférer cette campagne"
    )
    search.add_argument("--track", action="append", default=[], metavar="VOIE", help="préférer cette voie")
    search.add_argument(
        "--scope",
        action="append",
        default=[],
        metavar="TERRITOIRE",
        help="préférer ce territoire (bretagne, corse...)",
    )
    search.add_argument(
        "--strict", action="store_true", help="exclure les autres années, voies et territoires"
    )
    search.add_argument(
        "--grade",
        type=int,
        default=LEAST_GRADE,
        metavar="N",
        help="autorité au moins de ce degré (1 officiel, 5 commercial)",
    )
    search.add_argument(
        "--valid", action="store_true", help="exclure ce qu’une version plus récente remplace"
    )
    search.add_argument("--per-document", type=int, metavar="N", help="au plus N passages d’un même document")
    search.add_argument("--json", action="store_true", help="résultats en JSON, un par ligne")
    search.set_defaults(run=_search)
    stats = commands.add_parser("stats", help="décrire l’index")
    stats.set_defaults(run=_stats)
    return parser


def _build(options: argparse.Namespace) -> int:
    start = time.perf_counter()
    result = build_index(force=options.force)
    spent = f"{time.perf_counter() - start:.1f}".replace(".", ",")
    print(
        f"Index à jour : {result.passages} passages ({result.encoded} encodés, {result.reused} repris) "
        f"en {spent} s, dans {result.directory}"
    )
    return 0


def _search(options: argparse.Namespace) -> int:
    retriever = open_index()
    hits = retriever.search(options.query, options.k, _wanted(options), options.per_document)
    if hits and not options.json and retriever.nothing_relevant(hits):
        print(
            "Rien de probant\u00a0: les passages qui suivent sont les plus proches, sans doute hors du sujet.\n"
        )
    for number, hit in enumerate(hits, 1):
        if options.json:
            scores = {"score": hit.score, "dense": hit.dense, "lexical": hit.lexical, "why": hit.why}
            print(json.dumps(scores | hit.passage.as_json(), ensure_ascii=False))
        else:
            where = hit.passage.location
            if hit.passage.kind == "document":
                where = f"« {hit.passage.title} », {where}"
            replaced = " · version remplacée" if hit.passage.superseded_by else ""
            print(f"{number}. {hit.passage.text}\n   {where}{replaced} · {hit.why}")
            print(f"   sources : {', '.join(hit.passage.sources) or 'aucune'}")
    if not hits and not options.json:
        print("Aucun passage trouvé.")
    return 0


def _wanted(options: argparse.Namespace) -> Wanted | None:
    """Return the limits of a search, none when nothing was asked."""
    regions = [region.id for region in load_territories().regions]
    wanted = Wanted(
        annees=frozenset(options.year),
        voies=frozenset(_named(track, VOIES, "voie") for track in options.track),
        territoires=frozenset(_named(place, regions, "territoire") for place in options.scope),
        grade=options.grade,
        valid=options.valid,
        strict=options.strict,
    )
    return None if wanted == Wanted() else wanted


def _named(given: str, known: Sequence[str], what: str) -> str:
    """Return the identifier of a track or of a territory, however it is written (« Régionale », « La Réunion »).

    Raises:
        QueryError: It is not one of those known.
    """
    name = re.sub(r"[^a-z0-9]+", "-", fold(given)).strip("-")
    if name not in known:
        raise QueryError(
            f"La valeur « {given} » n’est pas un nom de {what} : l’un de {', '.join(known)} est attendu."
        )
    return name


def _stats(_options: argparse.Namespace) -> int:
    retriever = open_index()
    kinds = Counter(passage.kind for passage in retriever.passages.values())
    names: dict[PassageKind, str] = {
        "fiche": "fiches",
        "glossary": "glossaire",
        "document": "documents ajoutés",
    }
    print(f"Passages : {len(retriever.passages)}")
    for kind, name in names.items():
        print(f"  {name} : {kinds[kind]}")
    print(f"Encodeur : {retriever.encoder.fingerprint}")
    return 0
