"""Prove that the files of the corpus agree with each other; every disagreement names file and line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

from corpus.categories import load_categories
from corpus.documents import MANIFEST, document_path, load_documents
from corpus.errors import CorpusFileError, DocumentError
from corpus.fiches import Statement, parse_fiche
from corpus.glossary import load_glossary
from corpus.parameters import REQUIRED, Parameter, load_parameters
from corpus.paths import documents_dir, var_dir
from corpus.questions import QUESTIONS_DIR, load_questions
from corpus.sources import Source, load_sources
from corpus.territories import load_territories, load_towns

CORPUS_DIR = Path(__file__).parent
UNCITED = "non citée"

Loaded = TypeVar("Loaded")


@dataclass(frozen=True)
class Problem:
    """One disagreement, and where to mend it; line 1 when the whole file is concerned."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class _Citation(NamedTuple):
    path: Path
    line: int
    source: str


def verify(
    corpus: Path = CORPUS_DIR, var: Path | None = None, required: frozenset[str] = REQUIRED
) -> list[Problem]:
    """Return every disagreement found; an empty list when the corpus is coherent.

    A file that cannot be read is one problem; what it would have said is not judged. ``required`` are
    the parameters without which the rules cannot judge.
    """
    var = var or var_dir()
    problems: list[Problem] = []

    def read(load: Callable[[Path], Loaded], path: Path) -> Loaded | None:
        try:
            return load(path)
        except CorpusFileError as error:
            where = str(error.path) if error.line is None else f"{error.path}:{error.line}"
            problems.append(Problem(error.path, error.line or 1, str(error).removeprefix(f"{where}: ")))
            return None

    sources = read(load_sources, corpus / "sources.yaml") or {}
    territories = read(load_territories, corpus / "territories.yaml")
    read(load_towns, corpus / "towns.tsv")
    terms = read(load_glossary, corpus / "glossary.yaml") or ()
    categories = read(load_categories, corpus / "categories.yaml") or {}
    parameters = read(lambda path: load_parameters(path, required), corpus / "parameters") or {}
    documents = read(load_documents, var) or ()
    statements = [
        said for path in sorted((corpus / "fiches").glob("*.md")) for said in read(parse_fiche, path) or ()
    ]

    if not problems:
        read(lambda path: load_questions(statements, path), corpus / QUESTIONS_DIR.name)

    citations = [
        *(_Citation(said.path, said.line, source) for said in statements for source in said.sources),
        *_parameter_citations(corpus / "parameters", parameters),
        *(_located(corpus / "glossary.yaml", term.term, source) for term in terms for source in term.sources),
        *(
            _located(corpus / "categories.yaml", categorie.id, source)
            for categorie in categories.values()
            for source in categorie.sources
        ),
    ]
    if sources:
        uncited = () if problems else _uncited(corpus / "sources.yaml", sources, citations)
        problems.extend(_unresolved(citations, set(sources)))
        problems.extend(uncited)
        problems.extend(_wrong_links(corpus / "sources.yaml", sources))
    if territories:
        slugs = {region.id for region in territories.regions}
        problems.extend(_unknown_places(statements, slugs))
        problems.extend(_unknown_scopes(corpus / "sources.yaml", sources, slugs))
    problems.extend(_duplicates(statements))
    manifest = documents_dir(var) / MANIFEST
    for number, record in enumerate(documents, 1):
        try:
            document_path(record, var)
        except DocumentError as error:
            problems.append(Problem(manifest, number, str(error)))
    return problems


def _line_of(path: Path, words: Iterable[str]) -> int:
    """Return the line that holds the last of ``words``, each sought after the one before (1 when absent)."""
    lines = path.read_text(encoding="utf-8").splitlines()
    found = 0
    for word in words:
        found = next((at for at in range(found, len(lines)) if word in lines[at]), found)
    return found + 1


def _located(path: Path, record: str, source: str) -> _Citation:
    return _Citation(path, _line_of(path, (record, source)), source)


def _parameter_citations(directory: Path, parameters: dict[str, Parameter]) -> Iterator[_Citation]:
    for parameter in parameters.values():
        path = directory.joinpath(*parameter.id.split(".")).with_suffix(".yaml")
        cited = [entry.sources for entry in parameter.history]
        cited += [entry.sources for entry in parameter.contradictions]
        for source in sorted({source for sources in cited for source in sources}):
            yield _Citation(path, _line_of(path, (source,)), source)


def _unresolved(citations: list[_Citation], known: set[str]) -> Iterator[Problem]:
    for path, line, source in citations:
        if source not in known:
            yield Problem(path, line, f"la source « {source} » n’existe pas dans sources.yaml.")


def _uncited(path: Path, sources: dict[str, Source], citations: list[_Citation]) -> Iterator[Problem]:
    cited = {citation.source for citation in citations}
    for source in sources.values():
        if source.id not in cited and UNCITED not in (source.note or ""):
            message = (
                f"la source « {source.id} » n’est citée nulle part : citez-la, ou notez-la « {UNCITED} »."
            )
            yield Problem(path, _line_of(path, (f'id: "{source.id}"',)), message)


def _wrong_links(path: Path, sources: dict[str, Source]) -> Iterator[Problem]:
    """Yield the links between sources that lead nowhere, or from a text to one that is not later."""
    for source in sources.values():
        for field, older, later in (
            *(("supersedes", older, source.id) for older in source.supersedes),
            *(("amended_by", source.id, later) for later in source.amended_by),
        ):
            other = later if older == source.id else older
            if other not in sources:
                message = f"« {source.id} » renvoie à la source « {other} », qui n’existe pas."
            elif _printed_day(sources[older]) >= _printed_day(sources[later]):
                message = f"« {later} » ne peut ni remplacer ni modifier « {older} » : sa date n’est pas postérieure."
            else:
                continue
            yield Problem(path, _line_of(path, (f'id: "{source.id}"', f"{field}:")), message)


def _printed_day(source: Source) -> str:
    return ((source.issued or "") + "-01-01")[:10]


def _unknown_places(statements: list[Statement], slugs: set[str]) -> Iterator[Problem]:
    for statement in statements:
        for place in statement.scope.territoires:
            if place not in slugs:
                message = f"le territoire « {place} » n’existe pas dans territories.yaml."
                yield Problem(statement.path, statement.line, message)


def _unknown_scopes(path: Path, sources: dict[str, Source], slugs: set[str]) -> Iterator[Problem]:
    for source in sources.values():
        if source.scope != "national" and source.scope not in slugs:
            message = f"la portée « {source.scope} » de « {source.id} » n’existe pas dans territories.yaml."
            yield Problem(path, _line_of(path, (f'id: "{source.id}"', "scope:")), message)


def _duplicates(statements: list[Statement]) -> Iterator[Problem]:
    first: dict[str, Statement] = {}
    for statement in statements:
        other = first.setdefault(" ".join(statement.text.lower().split()), statement)
        if other is not statement:
            where = f"{other.path.name}, ligne {other.line}"
            yield Problem(statement.path, statement.line, f"cette phrase figure déjà dans {where}.")
