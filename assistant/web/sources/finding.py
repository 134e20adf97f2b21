"""Find in the library: what a visitor asks for (words, kind, authority, year, publisher) and what answers it."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from markupsafe import Markup, escape

from assistant.web.sources.fiches import Fiche, statement_path
from assistant.web.sources.library import Library, source_years
from assistant.web.sources.words import say_scope
from assistant.web.terms import Entry, entries
from corpus.documents import load_content
from corpus.errors import DocumentError
from corpus.fiches import Scope
from corpus.sources import GRADE_LABELS, Source
from index.chunking import document_passages, statement_passage, term_passage
from index.french import stem
from index.passage import Hit, Passage

MAX_QUERY = 300
EXCERPT_LENGTH = 200  # characters of an excerpt that an address carries
KINDS = {"source": "Sources publiées", "fiche": "Fiches", "document": "Documents ajoutés"}
SHOWN_LENGTH = 480  # characters of a passage of a document that are shown
CANDIDATES = 100
MAX_PASSAGES, MAX_CITED = 25, 12
NEAR = 0.86  # cosine, on the scale of the hits: a passage without any of the words that still speaks of the matter

_WORD = re.compile(r"[^\W_]+(?:[.,/-][^\W_]+)*")
_log = logging.getLogger(__name__)

Search = Callable[[str, int], Sequence[Hit]]


@dataclass(frozen=True)
class Wanted:
    """What is asked for; an empty field asks for nothing in particular."""

    query: str = ""
    kind: str = ""
    grade: int | None = None
    year: int | None = None
    publisher: str = ""

    @property
    def is_filtered(self) -> bool:
        """Whether anything but words is asked for."""
        return bool(self.kind or self.grade or self.year or self.publisher)


@dataclass(frozen=True)
class Found:
    """A passage that answers: its text with the words marked, where it is read, and who says it."""

    kind: str
    text: Markup
    place: str
    path: str
    scope: tuple[str, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Results:
    """What answers: passages, sources with how many of the passages cite each, fiches.

    ``is_plain`` tells that the index could not be used, and words alone were compared.
    """

    passages: tuple[Found, ...]
    sources: tuple[tuple[Source, int], ...]
    fiches: tuple[Fiche, ...]
    is_plain: bool = False


def read_wanted(given: Mapping[str, str], library: Library) -> tuple[Wanted, tuple[str, ...]]:
    """Return what an address asks for, and in French what is wrong with it (nothing is then to be searched)."""
    problems: list[str] = []
    query = " ".join(given.get("q", "").split())
    if len(query) > MAX_QUERY:
        problems.append(
            f"Votre recherche compte {len(query)} caractères\u00a0; la limite est de {MAX_QUERY}. "
            "Gardez les mots principaux."
        )
        query = query[:MAX_QUERY]

    def choice(name: str, label: str, known: Iterable[str]) -> str:
        value = given.get(name, "").strip()
        if value and value not in set(known):
            problems.append(
                f"«\u00a0{value[:60]}\u00a0» n’est pas une valeur du filtre «\u00a0{label}\u00a0». "
                "Choisissez une valeur de la liste."
            )
            return ""
        return value

    kind = choice("type", "Nature", KINDS)
    grade = choice("grade", "Autorité", map(str, GRADE_LABELS))
    year = choice("annee", "Année", map(str, library.years))
    publisher = choice("editeur", "Éditeur", library.publishers)
    wanted = Wanted(query, kind, int(grade) if grade else None, int(year) if year else None, publisher)
    return wanted, tuple(problems)


def browse(wanted: Wanted, library: Library) -> Results:
    """Return every source and fiche that the filters keep."""
    sources = [source for source in library.sources.values() if _keeps_source(wanted, library, source)]
    fiches = [fiche for fiche in library.fiches.values() if _keeps_fiche(wanted, library, fiche)]
    return Results((), tuple((source, 0) for source in sources), tuple(fiches))


def find_all(wanted: Wanted, library: Library, search: Search) -> Results:
    """Return what answers the words asked for, the nearest first, as far as the filters keep it."""
    stems = frozenset(stem(wanted.query))
    if not stems:
        return Results((), (), ())
    is_plain = False
    try:
        passages = [hit.passage for hit in search(wanted.query, CANDIDATES) if _is_near(hit)]
    except Exception:
        _log.exception("The search index failed: words alone are compared.")
        is_plain = True
        passages = _plain_match(stems, library)
    found = [
        shown
        for passage in passages
        if _keeps_passage(wanted, library, passage) and (shown := _found(passage, library, stems)) is not None
    ][:MAX_PASSAGES]
    cited = Counter(source.id for shown in found for source in shown.sources)
    listed = browse(wanted, library)
    titled = [source for source, _ in listed.sources if stems <= _title_stems(source)]
    also = [source for source, _ in listed.sources if source.id in cited and source not in titled]
    also.sort(key=lambda source: (-cited[source.id], source.grade))
    return Results(
        tuple(found),
        tuple((source, cited[source.id]) for source in (*titled, *also[:MAX_CITED])),
        tuple(fiche for fiche in listed.fiches if stems <= _fiche_stems(fiche)),
        is_plain,
    )


def find_terms(query: str) -> tuple[Entry, ...]:
    """Return the terms of the glossary whose names, or whose definitions, hold every word of a query."""
    stems = frozenset(stem(query))
    named, defined = [], []
    for entry in entries():
        names = frozenset(stem(" ".join((entry.name, *entry.others))))
        if stems <= names or _opens(query, entry):
            named.append(entry)
        elif stems <= names | frozenset(stem(entry.term.definition)):
            defined.append(entry)
    return (*named, *defined) if stems else ()


def mark_words(text: str, stems: frozenset[str]) -> Markup:
    """Return a plain text as HTML, the words of these stems marked."""
    parts, end = [], 0
    for match in _WORD.finditer(text):
        if stems.intersection(stem(match[0])):
            parts += [escape(text[end : match.start()]), Markup("<mark>{}</mark>").format(match[0])]
            end = match.end()
    return Markup("").join((*parts, escape(text[end:])))


def excerpt_path(path: str, excerpt: str, **more: int | None) -> str:
    """Return the address of a page of a source at an excerpt, cut to what an address may carry."""
    given = {key: value for key, value in more.items() if value is not None}
    return f"{path}?{urlencode({**given, 'extrait': excerpt[:EXCERPT_LENGTH]})}#extrait"


def _opens(query: str, entry: Entry) -> bool:
    """Whether the beginning of a name was typed: « ehp » for EHPAD."""
    typed = query.casefold()
    return any(name.casefold().startswith(typed) for name in (entry.name, *entry.others))


def _is_near(hit: Hit) -> bool:
    return hit.lexical is not None or (hit.dense or 0.0) >= NEAR


def _plain_match(stems: frozenset[str], library: Library) -> list[Passage]:
    """Return the passages that share words with the query, those that share the most first."""
    passages = [statement_passage(statement) for statement in library.statements.values()]
    passages += [term_passage(entry.term) for entry in entries()]
    for record in library.records.values():
        try:
            passages += document_passages(record, load_content(record))
        except DocumentError:
            _log.warning("The document %s cannot be read: it is left out of the search.", record.id)
    shared = [(len(stems.intersection(stem(passage.indexed_text))), passage) for passage in passages]
    shared = sorted((pair for pair in shared if pair[0]), key=lambda pair: -pair[0])
    return [passage for _, passage in shared]


def _found(passage: Passage, library: Library, stems: frozenset[str]) -> Found | None:
    """Return a passage as it is shown; ``None`` when it is no longer in the library."""
    text = passage.text
    if passage.kind == "document" and passage.document in library.records:
        text = _around(passage.text, stems)
        place = f"Document «\u00a0{passage.title}\u00a0», {passage.location}"
        path = excerpt_path(f"/documents/{passage.document}", text.strip("… "), page=passage.page)
    elif passage.kind == "fiche" and passage.id in library.statements:
        place = passage.location
        path = statement_path(library.statements[passage.id])
    elif passage.kind == "glossary" and (entry := _entry_of(passage)):
        place = f"Glossaire, «\u00a0{entry.name}\u00a0»"
        path = f"/glossaire#{entry.slug}"
    else:
        return None
    scope = (
        ()
        if passage.kind == "document"
        else say_scope(Scope(passage.annees, passage.voies, passage.territoires))
    )
    return Found(passage.kind, mark_words(text, stems), place, path, scope, library.named(passage.sources))


def _around(text: str, stems: frozenset[str]) -> str:
    """Return the part of a long text around the first of the words, cut between words."""
    if len(text) <= SHOWN_LENGTH:
        return text
    first = next((match.start() for match in _WORD.finditer(text) if stems.intersection(stem(match[0]))), 0)
    start = text.rfind(" ", 0, first - SHOWN_LENGTH // 3) + 1 if first > SHOWN_LENGTH // 2 else 0
    end = start + SHOWN_LENGTH
    if end < len(text):
        end = max(text.rfind(" ", start, end), start + SHOWN_LENGTH // 2)
    return f"{'… ' if start else ''}{text[start:end]}{' …' if end < len(text) else ''}"


def _entry_of(passage: Passage) -> Entry | None:
    return next((entry for entry in entries() if entry.term.definition == passage.text), None)


def _keeps_passage(wanted: Wanted, library: Library, passage: Passage) -> bool:
    if wanted.kind and wanted.kind != "source" and wanted.kind != passage.kind:
        return False
    return _keeps(wanted, library, passage.sources, passage.annees)


def _keeps_fiche(wanted: Wanted, library: Library, fiche: Fiche) -> bool:
    if wanted.kind not in ("", "fiche"):
        return False
    return any(
        _keeps(wanted, library, statement.sources, statement.scope.annees) for statement in fiche.statements
    )


def _keeps_source(wanted: Wanted, library: Library, source: Source) -> bool:
    kind = "document" if source.id in library.records else "source"
    return wanted.kind in ("", kind) and _keeps(wanted, library, (source.id,), source_years(source))


def _keeps(wanted: Wanted, library: Library, sources: Iterable[str], years: Sequence[int]) -> bool:
    """Whether one of the sources has the authority and the publisher wanted, and the years hold the one wanted."""
    if wanted.year is not None and wanted.year not in years:
        return False
    return any(
        wanted.grade in (None, source.grade) and wanted.publisher in ("", source.publisher)
        for source in library.named(sources)
    )


def _title_stems(source: Source) -> frozenset[str]:
    return frozenset(stem(f"{source.title} {source.publisher}"))


def _fiche_stems(fiche: Fiche) -> frozenset[str]:
    return frozenset(stem(" ".join((fiche.title, *(section.heading for section in fiche.sections)))))
