"""What the pages on sources need of the corpus: who says what, where it is read, and the terms of the glossary."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from markupsafe import Markup, escape

from assistant.composing.french import NBSP, join, plain_day, say_day, say_printed, sentence
from assistant.rules.deadline import VOIES
from assistant.rules.history import said
from assistant.rules.reading import campagne_label
from corpus.documents import (
    MANIFEST,
    DocumentRecord,
    load_all_sources,
    load_documents,
    plain_words,
    successors,
    years_left,
)
from corpus.errors import CorpusError
from corpus.fiches import Nature, Scope, Statement, load_statements
from corpus.glossary import Term, load_glossary
from corpus.loaders.rasterise import find
from corpus.parameters import Contradiction, DatedValue, Parameter, load_parameters
from corpus.paths import documents_dir, var_dir
from corpus.sources import Source
from corpus.territories import load_territories

GRADE_MEANINGS = {
    1: "Loi, décret, arrêté ou instruction\u00a0: l’emporte sur toute autre source.",
    2: "Page d’une ARS, de la CNSA, d’un ministère ou d’une autre institution publique\u00a0: l’emporte sur la presse et "
    "sur les sites commerciaux\u00a0; cède devant un texte officiel.",
    3: "Organisme qui accompagne les établissements en région\u00a0: bien informé, mais sans pouvoir de fixer une "
    "règle.",
    4: "Relais d’information\u00a0: utile pour recouper\u00a0; cède devant un texte officiel ou une page publique.",
    5: "Entreprise qui a quelque chose à vendre\u00a0: à vérifier avant tout usage\u00a0; cède devant toute autre source.",
}
READ_LABELS = {
    "whole": "lue en entier",
    "beginning": "lue en partie\u00a0: le début seulement",
    "notice": "non lue\u00a0: seuls son titre et sa notice sont connus",
}
NATURES = {
    Nature.FAIT: "Fait",
    Nature.DEFINITION: "Définition",
    Nature.INCONNU: "Non documenté",
    Nature.CONTRADICTION: "Sources en désaccord",
}

# How a description in the parameters explains its codes to whoever maintains them.
_CODES = re.compile(r"\s*\((?:[01] : [^)]*|[^)]*counted_on[^)]*)\)|\s*;\s*[01] : [^)]*(?=\))")
_ACRONYM = re.compile(r"[A-ZÀ-Ý][\w’.-]*")
_END_OF_WORD = re.compile(r"(?<=[^\W\d_]{4})(?<![sx])(?![^\W\d_])")  # that may take the mark of the plural
_LEAST_YEARS = 3  # in a row, to be said « 2022 à 2025 »

_log = logging.getLogger(__name__)


# Terms


@dataclass(frozen=True)
class Entry:
    """A term of the glossary: the name it is sorted by, its other written forms, and its anchor on the page."""

    slug: str
    name: str
    others: tuple[str, ...]
    term: Term

    @property
    def letter(self) -> str:
        """The letter it is listed under."""
        return plain_words(self.name)[:1].upper()


@lru_cache(maxsize=1)
def entries() -> tuple[Entry, ...]:
    """Return every term of the glossary, in alphabetical order."""
    made: dict[str, Entry] = {}
    for term in load_glossary():
        first = term.abbreviations[0] if term.abbreviations else term.term
        slug = plain_words(first)
        if slug in made:
            slug = plain_words(term.term)
        name = first if _is_acronym(first) else term.term
        others = tuple(form for form in dict.fromkeys((term.term, *term.abbreviations)) if form != name)
        made[slug] = Entry(slug, name, others, term)
    return tuple(sorted(made.values(), key=lambda entry: plain_words(entry.name)))


@lru_cache(maxsize=1)
def terms() -> tuple[tuple[str, str, str], ...]:
    """Return (written form, anchor, definition) for each acronym and each term of several words, longest first."""
    forms = [
        (form, entry.slug, entry.term.definition)
        for entry in entries()
        for form in (entry.name, *entry.others)
        if len(form) > 1 and (_is_acronym(form) or " " in form) and "(" not in form
    ]
    return tuple(sorted(forms, key=lambda row: -len(row[0])))


def link_terms(text: str, link: Callable[[str], str], seen: set[str] | None = None) -> Markup:
    """Return a plain text as HTML, the first mention of each term linked to its definition.

    Args:
        text: Plain text; it is escaped.
        link: Makes the address of a path of the site.
        seen: Anchors of the terms that are not to be linked (any more); those linked here are added.
    """
    known = terms()
    seen = set() if seen is None else seen
    parts, end = [], 0
    for start, stop, rank in _mentions(text):
        _, slug, definition = known[rank]
        if slug in seen:
            continue
        seen.add(slug)
        parts += [
            escape(text[end:start]),
            Markup('<a class="term" href="{}" data-definition="{}">{}</a>').format(
                link(f"/glossaire#{slug}"), definition, text[start:stop]
            ),
        ]
        end = stop
    return Markup("").join((*parts, escape(text[end:])))


@lru_cache(maxsize=1024)
def _mentions(text: str) -> tuple[tuple[int, int, int], ...]:
    """Return where terms stand in a text, first and last character (excluded), each with its rank in :func:`terms`."""
    return tuple(
        (match.start(), match.end(), (match.lastindex or 1) - 1) for match in _any_term().finditer(text)
    )


@lru_cache(maxsize=1)
def _any_term() -> re.Pattern[str]:
    forms = "|".join(f"({_form_pattern(form)})" for form, _, _ in terms())
    return re.compile(rf"(?<![\w-])(?:{forms})(?![\w-])")


def _form_pattern(form: str) -> str:
    """Return the pattern of a form: an acronym or a name as it is, other words whatever their case and number."""
    pattern = re.escape(form).replace("’", "['’]").replace(r"\ ", r"\s+")
    if any(sign.isupper() for sign in form):
        return pattern
    return f"(?i:{_END_OF_WORD.sub('s?', pattern)})"


def _is_acronym(form: str) -> bool:
    strong = sum(sign.isupper() or sign.isdigit() for sign in form)
    return strong > 1 and _ACRONYM.fullmatch(form) is not None


# Words


def say_years(years: Iterable[int]) -> str:
    """Return « 2022 à 2025 » for years in a row, else « 2021, 2024 et 2025 ».

    Example:
        >>> say_years((2025, 2023, 2024)), say_years((2021, 2022)), say_years(())
        ('2023 à 2025', '2021 et 2022', '')
    """
    ordered = sorted(set(years))
    if len(ordered) >= _LEAST_YEARS and ordered[-1] - ordered[0] == len(ordered) - 1:
        return f"{ordered[0]} à {ordered[-1]}"
    return join([str(year) for year in ordered])


def say_scope(scope: Scope) -> tuple[str, ...]:
    """Return what a statement is limited to, in words: its years, its tracks, its territories."""
    voies = [VOIES[voie] for voie in scope.voies]
    words = (
        _campagnes([str(year) for year in scope.annees]) if scope.annees else "",
        f"{'voies' if len(voies) > 1 else 'voie'} {join(voies)}" if voies else "",
        join([place_name(place) for place in scope.territoires]),
    )
    return tuple(filter(None, words))


def place_name(place: str) -> str:
    """Return the name of a place: « national » is the whole country."""
    if place == "national":
        return "toute la France"
    return next((region.name for region in load_territories().regions if region.id == place), place)


def value_words(parameter: Parameter, entry: DatedValue) -> str:
    """Return a value in French with its unit: « 76,5 M€ », « 15 septembre 2025 », « oui », « inconnue »."""
    if entry.value is None:
        return "inconnue"
    if parameter.unit == "année":
        return str(entry.value)
    if parameter.unit == "mois":
        return f"{entry.value}{NBSP}mois"
    return plain_day(said(parameter, entry))


def _when(entry: DatedValue) -> str:
    """Return the campaigns or the days of a value."""
    counted = f", comptage {_since(entry.counted_on)}" if entry.counted_on else ""
    if entry.campagnes:
        return _campagnes(entry.campagnes) + counted
    first = f"à partir du {say_day(entry.valid_from)}" if entry.valid_from else ""
    if entry.valid_from and entry.valid_until:
        first = f"du {say_day(entry.valid_from)} au {say_day(entry.valid_until)}"
    return first + counted


def _since(printed: str) -> str:
    return f"{'du' if len(printed) > 7 else 'de'} {say_printed(printed)}"


def _campagnes(campagnes: Sequence[str]) -> str:
    if all(campagne.isdigit() for campagne in campagnes):
        words = say_years(map(int, campagnes))
    else:
        words = join([campagne_label(campagne) for campagne in campagnes])
    return f"{'campagnes' if len(campagnes) > 1 else 'campagne'} {words}"


# Fiches


@dataclass(frozen=True)
class Section:
    """A heading of a fiche (level 2 or 3) and the statements right under it."""

    heading: str
    level: int
    anchor: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class Fiche:
    """A fiche as it is read: its sections in order."""

    id: str
    title: str
    sections: tuple[Section, ...]

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Every statement, in order."""
        return tuple(statement for section in self.sections for statement in section.statements)

    @property
    def sources(self) -> frozenset[str]:
        """The ids of the sources that its statements cite."""
        return frozenset(source for statement in self.statements for source in statement.sources)


def anchor_of(statement: Statement) -> str:
    """Return the anchor of a statement on the page of its fiche."""
    return statement.id.partition("#")[2]


def statement_path(statement: Statement) -> str:
    """Return where a statement is read."""
    return f"/fiches/{statement.fiche}#{anchor_of(statement)}"


def _fiches(statements: Sequence[Statement]) -> dict[str, Fiche]:
    grouped: dict[str, list[Statement]] = {}
    for statement in statements:
        grouped.setdefault(statement.fiche, []).append(statement)
    fiches = [Fiche(key, group[0].title, tuple(_sections(group))) for key, group in grouped.items()]
    return {fiche.id: fiche for fiche in sorted(fiches, key=lambda fiche: plain_words(fiche.title))}


def _sections(statements: Sequence[Statement]) -> Iterator[Section]:
    """Yield the sections in order; a heading that only holds others has one too, without statements."""
    under: dict[tuple[str, ...], list[Statement]] = {}
    for statement in statements:
        for depth in range(1, len(statement.heading)):
            under.setdefault(statement.heading[:depth], [])
        under.setdefault(statement.heading, []).append(statement)
    for heading, held in under.items():
        anchor = "section-" + plain_words(" ".join(heading))[:80]
        yield Section(
            heading[-1] if heading else "Généralités", 1 + min(max(len(heading), 1), 2), anchor, tuple(held)
        )


# What a source gives


@dataclass(frozen=True)
class Figure:
    """A value that a source supports: of what, how much, when, and with what caution."""

    subject: str
    value: str
    when: str
    caution: str


@dataclass(frozen=True)
class Dispute:
    """A figure on which sources differ: what is given, what is retained, by whom, and why.

    ``prevails`` tells whether the source whose page it is gives the retained value; ``others`` are those that give
    the other one.
    """

    subject: str
    when: str
    given: str
    retained: str
    why: str
    prevails: bool
    others: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """All that the page of a source says of it; ``record`` is that of an added document."""

    source: Source
    record: DocumentRecord | None
    replaces: tuple[Source, ...]
    replaced_by: tuple[Source, ...]
    amends: tuple[Source, ...]
    amended_by: tuple[Source, ...]
    years_left: tuple[int, ...]
    fiches: tuple[tuple[Fiche, tuple[Statement, ...]], ...]
    entries: tuple[Entry, ...]
    figures: tuple[Figure, ...]
    disputes: tuple[Dispute, ...]

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Every statement that cites the source."""
        return tuple(statement for _, group in self.fiches for statement in group)


def quoted(text: str, excerpt: str) -> tuple[int, int] | None:
    """Return where an excerpt stands in a text, whatever its spaces and case; a short text must be it whole."""
    if not excerpt:
        return None
    if " ".join(text.split()) == " ".join(excerpt.split()):
        return 0, len(text)
    return find(text, excerpt)


def mark_span(
    text: str, span: tuple[int, int] | None, render: Callable[[str], Markup], anchor: str = ""
) -> Markup:
    """Return a text as HTML by ``render``, the characters of the span marked (and not passed to it), with an anchor."""
    if span is None:
        return render(text)
    opening = Markup('<mark id="{}">').format(anchor) if anchor else Markup("<mark>")
    held = opening + text[slice(*span)] + Markup("</mark>")
    return render(text[: span[0]]) + held + render(text[span[1] :])


class Library:
    """The sources, documents and fiches at one moment, and how they refer to each other."""

    def __init__(
        self,
        sources: Mapping[str, Source],
        records: Sequence[DocumentRecord],
        statements: Sequence[Statement],
        parameters: Mapping[str, Parameter],
    ) -> None:
        self.sources = dict(sources)
        self.records = {record.id: record for record in records}
        self.fiches = _fiches(statements)
        self._parameters = parameters
        self._citing: dict[str, list[Statement]] = {}
        for statement in statements:
            for source in dict.fromkeys(statement.sources):
                self._citing.setdefault(source, []).append(statement)
        self._successors = successors(tuple(records))

    @classmethod
    def from_corpus(cls) -> Library:
        """Read the corpus and the catalogue of added documents.

        Raises:
            CorpusError: A file breaks its contract.
        """
        return cls(load_all_sources(), load_documents(), load_statements(), load_parameters())

    @cached_property
    def statements(self) -> dict[str, Statement]:
        """Every statement by id."""
        return {statement.id: statement for fiche in self.fiches.values() for statement in fiche.statements}

    @cached_property
    def publishers(self) -> tuple[str, ...]:
        """Who published the sources, in alphabetical order."""
        return tuple(sorted({source.publisher for source in self.sources.values()}, key=plain_words))

    @cached_property
    def years(self) -> tuple[int, ...]:
        """The years that sources and statements speak of, the last first."""
        years = {year for source in self.sources.values() for year in source_years(source)}
        years |= {year for statement in self.statements.values() for year in statement.scope.annees}
        return tuple(sorted(years, reverse=True))

    def is_replaced(self, source: Source) -> bool:
        """Whether another source replaces this one whole."""
        return any(source.id in other.supersedes for other in self.sources.values())

    def path(self, source: Source) -> str:
        """Return where a source is described."""
        return f"/documents/{source.id}" if source.id in self.records else f"/sources/{source.id}"

    def named(self, ids: Iterable[str]) -> tuple[Source, ...]:
        """Return the sources of these ids that are known, the most authoritative first."""
        known = [self.sources[key] for key in dict.fromkeys(ids) if key in self.sources]
        return tuple(sorted(known, key=lambda source: source.grade))

    def sheet(self, identifier: str) -> Sheet | None:
        """Return what there is to say of a source; ``None`` when no source has this id."""
        source = self.sources.get(identifier)
        if source is None:
            return None
        record = self.records.get(identifier)
        others = self.sources.values()
        citing: dict[str, list[Statement]] = {}
        for statement in self._citing.get(identifier, []):
            citing.setdefault(statement.fiche, []).append(statement)
        return Sheet(
            source=source,
            record=record,
            replaces=self.named(source.supersedes),
            replaced_by=self.named(other.id for other in others if identifier in other.supersedes),
            amends=self.named(other.id for other in others if identifier in other.amended_by),
            amended_by=self.named(source.amended_by),
            years_left=years_left(record, self._successors) if record else (),
            fiches=tuple((self.fiches[key], tuple(group)) for key, group in citing.items()),
            entries=tuple(entry for entry in entries() if identifier in entry.term.sources),
            figures=tuple(self._figures(identifier)),
            disputes=tuple(self._disputes(identifier)),
        )

    def _figures(self, identifier: str) -> Iterator[Figure]:
        for parameter in self._parameters.values():
            for entry in parameter.history:
                if identifier in entry.sources:
                    said_so = entry.reservation or entry.reason
                    caution = sentence(said_so) if said_so else ""
                    yield Figure(_subject(parameter), value_words(parameter, entry), _when(entry), caution)

    def _disputes(self, identifier: str) -> Iterator[Dispute]:
        for parameter in self._parameters.values():
            for other in parameter.contradictions:
                for entry, campagnes in _retained(parameter, other):
                    gives, prevails = identifier in other.sources, identifier in entry.sources
                    if gives or prevails:
                        yield Dispute(
                            subject=_subject(parameter),
                            when=_campagnes(campagnes),
                            given=value_words(parameter, entry.model_copy(update={"value": other.value})),
                            retained=value_words(parameter, entry),
                            why=other.why,
                            prevails=not gives,
                            others=tuple(key for key in other.sources if key != identifier),
                        )


def source_years(source: Source) -> tuple[int, ...]:
    """Return the years a source speaks of; the year of its publication when it is described without any."""
    if source.years or source.issued is None:
        return source.years
    return (int(source.issued[:4]),)


def _retained(parameter: Parameter, other: Contradiction) -> Iterator[tuple[DatedValue, tuple[str, ...]]]:
    """Yield each value retained instead of another one, with the campaigns that both are about."""
    for entry in parameter.history:
        if both := tuple(campagne for campagne in other.campagnes if campagne in entry.campagnes):
            yield entry, both


def _subject(parameter: Parameter) -> str:
    return _CODES.sub("", parameter.description)


class Shelf:
    """Keeps the library, and reads it again when documents were added or removed; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._library: Library | None = None
        self._version: tuple[int, ...] | None = None

    def library(self) -> Library:
        """Return the library as of now; the last one that could be read when the catalogue is broken.

        Raises:
            CorpusError: A file breaks its contract, and nothing was read before.
        """
        version = _catalogue_version()
        with self._lock:
            if self._library is None or version != self._version:
                try:
                    self._library = Library.from_corpus()
                except CorpusError:
                    if self._library is None:
                        raise
                    _log.exception("The catalogue of documents cannot be read: the last one stays in use.")
                self._version = version
            return self._library


def _catalogue_version() -> tuple[int, ...]:
    try:
        found = (documents_dir(var_dir()) / MANIFEST).stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_size, found.st_ino
