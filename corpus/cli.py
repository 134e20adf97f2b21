"""The command line of the corpus: add, fetch, list, show, remove and verify."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from corpus.arguments import FrenchArgumentParser, drop_output, prepare_streams
from corpus.documents import (
    NO_EARLIER_VERSION,
    DocumentRecord,
    add_document,
    load_all_sources,
    load_content,
    load_documents,
    remove_document,
)
from corpus.errors import CorpusError, DocumentError
from corpus.fiches import load_statements
from corpus.folder import FOLDER_MANIFEST, Addition, add_folder, addition_status, read_manifest, undescribed
from corpus.progress import ProgressBar
from corpus.sources import GRADE_LABELS, Source
from corpus.verify import verify

_REBUILD = "Reconstruisez l’index : python -m index build."

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
    add = commands.add_parser(
        "add", help="ajouter un document (PDF, DOCX, ODT, HTML, Markdown, texte) ou un dossier"
    )
    add.add_argument(
        "file",
        metavar="FICHIER",
        type=Path,
        help=f"document à copier dans le corpus, ou dossier décrit par son {FOLDER_MANIFEST}",
    )
    add.add_argument("--title", metavar="TITRE", help="titre du document")
    add.add_argument("--publisher", metavar="ÉDITEUR", help="organisme qui publie")
    add.add_argument("--issued", metavar="DATE", help="AAAA, AAAA-MM ou AAAA-MM-JJ")
    add.add_argument("--url", metavar="ADRESSE", help="adresse de la page ou du fichier")
    grades = " ; ".join(f"{grade} {label}" for grade, label in GRADE_LABELS.items())
    add.add_argument("--grade", type=int, metavar="1-5", help=f"autorité : {grades}")
    add.add_argument(
        "--year", type=int, action="append", default=[], metavar="ANNÉE", help="campagne traitée (répétable)"
    )
    add.add_argument("--scope", metavar="PORTÉE", help="« national » (par défaut) ou identifiant de région")
    add.add_argument(
        "--supersedes",
        metavar="ID",
        help=f"identifiant du document remplacé ; par défaut celui de même titre ou de même adresse ; « {NO_EARLIER_VERSION} » pour l’éviter",
    )
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
    given = {
        name: value
        for name in ("title", "publisher", "issued", "url", "grade", "scope", "supersedes")
        if (value := getattr(options, name)) is not None
    }
    if options.year:
        given["years"] = tuple(options.year)
    today = datetime.now().astimezone().date()
    if options.file.is_dir():
        return _add_folder(options.file, list(given), today)
    missing = [f"--{name}" for name in ("title", "publisher", "issued") if name not in given]
    if missing:
        raise DocumentError(f"Il manque {', '.join(missing)} pour décrire « {options.file.name} ».")
    known = {record.id for record in load_documents()}
    record = add_document(options.file, **given, today=today)
    addition = Addition(options.file.name, addition_status(record, known), record)
    _tell(addition)
    if addition.status != "known":
        print(_REBUILD)
    return 0


def _add_folder(folder: Path, given: list[str], today: date) -> int:
    if given:
        raise DocumentError(
            f"« {folder} » est un dossier : ce que disent {', '.join(f'--{name}' for name in given)} s’écrit "
            f"pour chaque document dans {folder / FOLDER_MANIFEST}."
        )
    entries = read_manifest(folder)
    counts: Counter[str] = Counter()
    progress = ProgressBar("Lecture des documents")
    try:
        for rank, addition in enumerate(add_folder(folder, entries, today=today), 1):
            counts[addition.status] += 1
            _tell(addition)
            progress(rank, len(entries))
    except KeyboardInterrupt:
        print("Interrompu. Relancez la commande : ce qui est déjà ajouté sera reconnu.", file=sys.stderr)
        return 1
    for file in undescribed(folder, entries):
        print(f"{file} : laissé de côté, {FOLDER_MANIFEST} ne le décrit pas.", file=sys.stderr)
    added = counts["added"] + counts["replaced"]
    print(f"{added} ajouté(s), {counts['known']} déjà présent(s), {counts['refused']} refusé(s).")
    if added:
        print(_REBUILD)
    return 1 if counts["refused"] else 0


def _tell(addition: Addition) -> None:
    """Say what became of a file, what was left out of it, and what to do next."""
    record = addition.record
    if record is None:
        print(
            f"{addition.file} (ligne {addition.line}) : refusé. {addition.reason}",
            file=sys.stderr,
            flush=True,
        )
        return
    if addition.status == "known":
        print(
            f"Déjà présent : {record.id} depuis le {record.added_on:%d/%m/%Y}, rien n’a changé.", flush=True
        )
        return
    pages = f", {record.pages} page(s)" if record.pages else ""
    print(f"Ajouté : {record.id}{pages}.", flush=True)
    if record.supersedes:
        print(
            f"Nouvelle version de « {record.supersedes} », désormais marqué comme remplacé. "
            f"Si ce n’est pas le cas, retirez le document et ajoutez-le avec --supersedes {NO_EARLIER_VERSION}."
        )
    for notice in record.notices:
        print(f"À savoir : {notice}")


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
        print(_REBUILD)
    if counts["refused"]:
        print(f"{counts['refused']} téléchargement(s) en échec sur {len(sources)}.", file=sys.stderr)
        return 1
    return 0


def _list(options: argparse.Namespace) -> int:
    added = {record.id for record in load_documents()}
    for source in load_all_sources().values():
        if source.id in added or not options.documents:
            print(f"{source.id}\t{source.issued or 's. d.'}\t{source.publisher}\t{source.title}")
    if options.documents and not added:
        print("Aucun document ajouté.")
    return 0


def _show(options: argparse.Namespace) -> int:
    sources = load_all_sources()
    record = next((record for record in load_documents() if record.id == options.id), None)
    if record is not None:
        _show_document(record, sources)
        return 0
    if source := sources.get(options.id):
        _show_source(source, sources)
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


_READ = {
    "whole": "lue en entier",
    "beginning": "lue sur son début seulement",
    "notice": "connue par sa notice ou par d’autres, texte non lu",
}


def _show_source(source: Source, sources: dict[str, Source]) -> None:
    print(f"{source.id} : {source.title}")
    print(f"Type : {source.type} ; éditeur : {source.publisher}")
    print(f"Publication : {source.issued or 'sans date'} ; consultation : {source.accessed}")
    print(f"Autorité : {source.grade} ({source.grade_label}) ; portée : {source.scope}")
    print(f"Campagnes : {', '.join(map(str, source.years)) or 'non précisées'}")
    print(f"Lecture : {_READ[source.read]}")
    print(f"Adresse : {source.url or 'aucune'}")
    links = {
        "Remplace": source.supersedes,
        "Remplacée par": [other.id for other in sources.values() if source.id in other.supersedes],
        "Modifie": [other.id for other in sources.values() if source.id in other.amended_by],
        "Modifiée par": source.amended_by,
    }
    for label, ids in links.items():
        for other in ids:
            named = f" ({sources[other].title})" if other in sources else ""
            print(f"{label} : {other}{named}")
    if source.note:
        print(f"Note : {source.note}")


def _show_document(record: DocumentRecord, sources: dict[str, Source]) -> None:
    _show_source(sources[record.id], sources)
    content = load_content(record)
    print(f"Fichier : {record.file} ; sha256 : {record.sha256}")
    for notice in record.notices:
        print(f"À savoir : {notice}")
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
