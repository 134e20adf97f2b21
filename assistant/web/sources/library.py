"""What the pages on sources need of the corpus: who says what, and where it is read."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from assistant.composing.french import sentence
from assistant.web.figures import discarded, subject, value_words
from assistant.web.sources.fiches import Fiche, group_fiches
from assistant.web.sources.words import say_campagnes, say_when
from assistant.web.terms import Entry, entries
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
from corpus.fiches import Nature, Statement, load_statements
from corpus.parameters import Contradiction, DatedValue, Parameter, load_parameters
from corpus.paths import documents_dir, var_dir
from corpus.sources import Source

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

_log = logging.getLogger(__name__)


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
        self.fiches = group_fiches(statements)
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
                    yield Figure(subject(parameter), value_words(parameter, entry), say_when(entry), caution)

    def _disputes(self, identifier: str) -> Iterator[Dispute]:
        for parameter in self._parameters.values():
            for other in parameter.contradictions:
                for entry, campagnes in _retained(parameter, other):
                    gives, prevails = identifier in other.sources, identifier in entry.sources
                    if gives or prevails:
                        given = discarded(parameter, other)
                        yield Dispute(
                            subject=given.subject,
                            when=say_campagnes(campagnes),
                            given=given.value,
                            retained=value_words(parameter, entry),
                            why=given.why,
                            prevails=not gives,
                            others=tuple(key for key in given.sources if key != identifier),
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
