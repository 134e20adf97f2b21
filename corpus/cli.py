"""The command line of the corpus: add, fetch, list, show, remove and verify."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from corpus.arguments import FrenchArgumentParser, drop_output, prepare_streams
from corpus.documents import (
    DocumentRecord,
    add_document,
    document_source,
    load_content,
    load_documents,
    remove_document,
)
from corpus.errors import CorpusError, DocumentError
from corpus.fiches import load_statements
from corpus.sources import GRADE_LABELS, Source, load_sources
from corpus.verify import verify

_OUTCOMES = {
    "added": "ajouté,",
    "replaced": "nouvelle version,",
    "unchanged": "inchangé,",
    "refused": "refusé.",
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return 0, 1 when ``verify`` or ``fetch`` finds something wrong, or 2 on error."""
    prepare_streams()
    options = _build_parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.run
    try:
        status = command(options)
        sys.stdout.flush()
        return status
    except CorpusError as error:
        print(f"Erreur : {error}", file=sys.stderr)
    except BrokenPipeError:
        return drop_output()
    except OSError as error:
        reason = error.strerror or "erreur d’entrée-sortie"
        where = f" ({error.filename})" if error.filename else ""
        print(f"Erreur : {reason}{where}. Vérifiez les droits et l’espace disque.", file=sys.stderr)
    return 2


def _build_parser() -> FrenchArgumentParser:
    parser = FrenchArgumentParser(
        prog="python -m corpus", description="Gérer les sources, les fiches et les documents de l’assistant."
    )
    commands = parser.add_subparsers(
        title="Commandes ",
        dest="commande",
        metavar="COMMANDE",
        required=True,
        parser_class=FrenchArgumentParser,
    )
    add = commands.add_parser("add", help="ajouter un document (PDF, DOCX, ODT, HTML, Markdown, texte)")
    add.add_argument("file", metavar="FICHIER", type=Path, help="document à copier dans le corpus")
    add.add_argument("--title", required=True, metavar="TITRE", help="titre du document")
    add.add_argument("--publisher", required=True, metavar="ÉDITEUR", help="organisme qui publie")
    add.add_argument("--issued", required=True, metavar="DATE", help="AAAA, AAAA-MM ou AAAA-MM-JJ")
    add.add_argument("--url", metavar="ADRESSE", help="adresse de la page ou du fichier")
    grades = " ; ".join(f"{grade} {label}" for grade, label in GRADE_LABELS.items())
    add.add_argument("--grade", type=int, default=2, metavar="1-5", help=f"autorité : {grades}")
    add.add_argument(
        "--year", type=int, action="append", default=[], metavar="ANNÉE", help="campagne traitée (répétable)"
    )
    add.add_argument(
        "--scope", default="national", metavar="PORTÉE", help="« national » ou identifiant de région"
    )
    add.add_argument("--supersedes", metavar="ID", help="identifiant du document remplacé")
    add.set_defaults(run=_add)
    fetching = commands.add_parser("fetch", help="télécharger et ajouter les documents officiels des sources")
    fetching.add_argument("ids", metavar="ID", nargs="*", help="sources à télécharger (toutes par défaut)")
    fetching.add_argument(
        "--list", action="store_true", help="lister ce qui serait téléchargé, sans le faire"
    )
    fetching.add_argument(
        "--max-size",
        type=int,
        default=50,
        metavar="MO",
        help="taille maximale d’un fichier, de 1 à 50 Mo (50)",
    )
    fetching.set_defaults(run=_fetch)
    listing = commands.add_parser("list", help="lister les sources et les documents ajoutés")
    listing.add_argument("--documents", action="store_true", help="seulement les documents ajoutés")
    listing.set_defaults(run=_list)
    show = commands.add_parser("show", help="montrer une source, un document ou une fiche")
    show.add_argument("id", metavar="ID")
    show.set_defaults(run=_show)
    remove = commands.add_parser("remove", help="retirer un document ajouté")
    remove.add_argument("id", metavar="ID")
    remove.set_defaults(run=_remove)
    check = commands.add_parser("verify", help="vérifier que le corpus est cohérent")
    check.set_defaults(run=_verify)
    return parser


def _add(options: argparse.Namespace) -> int:
    known = {record.id for record in load_documents()}
    record = add_document(
        options.file,
        title=options.title,
        publisher=options.publisher,
        issued=options.issued,
        url=options.url,
        grade=options.grade,
        years=tuple(options.year),
        scope=options.scope,
        supersedes=options.supersedes,
        today=datetime.now().astimezone().date(),
    )
    if record.id in known:
        print(f"Déjà présent : {record.id} depuis le {record.added_on:%d/%m/%Y}, rien n’a changé.")
    else:
        pages = f", {record.pages} page(s)" if record.pages else ""
        print(f"Ajouté : {record.id}{pages}. Reconstruisez l’index : python -m index build.")
    return 0


def _fetch(options: argparse.Namespace) -> int:
    from corpus.fetching import MEGABYTE, choose, fetch

    if not 1 <= options.max_size <= 50:
        raise DocumentError(
            f"--max-size vaut {options.max_size} Mo ; une taille de 1 à 50 Mo est attendue. Corrigez-la."
        )
    sources = choose(options.ids)
    if options.list:
        for source in sources:
            print(f"{source.id}\t{source.download}")
        return 0
    counts = dict.fromkeys(_OUTCOMES, 0)
    try:
        today = datetime.now().astimezone().date()
        for outcome in fetch(sources, today=today, max_bytes=options.max_size * MEGABYTE):
            counts[outcome.status] += 1
            print(f"{outcome.source} : {_OUTCOMES[outcome.status]} {outcome.text}", flush=True)
    except KeyboardInterrupt:
        print("Interrompu. Relancez la commande : ce qui peut reprendre reprendra.", file=sys.stderr)
        return 1
    if counts["added"] or counts["replaced"]:
        print("Reconstruisez l’index : python -m index build.")
    if counts["refused"]:
        print(f"{counts['refused']} téléchargement(s) en échec sur {len(sources)}.", file=sys.stderr)
        return 1
    return 0


def _list(options: argparse.Namespace) -> int:
    documents = load_documents()
    sources = [] if options.documents else list(load_sources().values())
    for source in [*sources, *map(document_source, documents)]:
        print(f"{source.id}\t{source.issued or 's. d.'}\t{source.publisher}\t{source.title}")
    if options.documents and not documents:
        print("Aucun document ajouté.")
    return 0


def _show(options: argparse.Namespace) -> int:
    record = next((record for record in load_documents() if record.id == options.id), None)
    if record is not None:
        _show_document(record)
        return 0
    if source := load_sources().get(options.id):
        _show_source(source)
        return 0
    statements = [statement for statement in load_statements() if statement.fiche == options.id]
    if not statements:
        raise DocumentError(
            f"« {options.id} » n’est ni source, ni document, ni fiche. Consultez : python -m corpus list."
        )
    print(f"Fiche « {statements[0].title} »")
    for statement in statements:
        print(f"{statement.line}\t{statement.text} [{' ; '.join(statement.sources)}]")
    return 0


def _show_source(source: Source) -> None:
    print(f"{source.id} : {source.title}")
    print(f"Éditeur : {source.publisher} ; publication : {source.issued or 'sans date'}")
    print(f"Autorité : {source.grade} ({source.grade_label}) ; portée : {source.scope}")
    print(f"Campagnes : {', '.join(map(str, source.years)) or 'non précisées'}")
    print(f"Adresse : {source.url or 'aucune'}")
    if source.note:
        print(f"Note : {source.note}")


def _show_document(record: DocumentRecord) -> None:
    _show_source(document_source(record))
    content = load_content(record)
    print(f"Fichier : {record.file} ; sha256 : {record.sha256}")
    print(f"Contenu : {len(content.blocks)} blocs" + (f", {content.pages} page(s)" if content.pages else ""))
    for block in content.blocks:
        if block.kind == "heading":
            print(f"{'  ' * block.level}{block.text}" + (f" (p. {block.page})" if block.page else ""))


def _remove(options: argparse.Namespace) -> int:
    record = remove_document(options.id)
    print(f"Retiré : {record.id}. Reconstruisez l’index : python -m index build.")
    return 0


def _verify(_options: argparse.Namespace) -> int:
    problems = verify()
    for problem in problems:
        print(problem)
    if problems:
        print(f"{len(problems)} incohérence(s).", file=sys.stderr)
        return 1
    print("Corpus cohérent.")
    return 0
