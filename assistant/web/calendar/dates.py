"""A date as exactly as its sources give it, with its sources; and the dates that are not those of calls."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.composing.french import join, say_day, say_month, sentence
from assistant.rules.deadline import VOIES, campagnes
from assistant.rules.reading import campagne_label
from assistant.web.calendar.file import ECHEANCES
from assistant.web.figures import discarded, publishers, subject
from assistant.web.references import Reference, References
from corpus.parameters import Contradiction, DatedValue, Parameter, Parameters

CONFIDENCES = {
    "haute": "confiance haute",
    "moyenne": "confiance moyenne\u00a0: à confirmer",
    "basse": "confiance basse\u00a0: à vérifier avant tout usage",
}
# The groups of other dates, in order; a parameter of another one has its own description for title.
_GROUPS = {
    "calendrier": "Instructions qui ouvrent les campagnes",
    "textes": "Instruction applicable selon le jour",
    "sons": "Prestation Ségur et SONS",
}


@dataclass(frozen=True)
class Dated:
    """An opening, a closing or another date, as exactly as its sources give it.

    ``kind`` is ``day``, ``month`` or ``unknown``; ``value`` its words (« 15 juillet 2025 », « juin 2024, jour
    inconnu »); ``note`` why it is not known to the day; ``confidence`` is empty for an unknown date.
    """

    kind: str
    value: str
    note: str = ""
    confidence: str = ""
    references: tuple[Reference, ...] = ()

    @property
    def phrase(self) -> str:
        """« le 15 juillet 2025 », « en juin 2024, jour inconnu » or « inconnue »."""
        return {"day": f"le {self.value}", "month": f"en {self.value}"}.get(self.kind, "inconnue")


@dataclass(frozen=True)
class Disputed:
    """A date that other sources give, and why it does not prevail."""

    subject: str
    dated: Dated
    why: str

    @property
    def givers(self) -> str:
        """Who gives it: « SOS EHPAD »."""
        return join(self._publishers)

    @property
    def verb(self) -> str:
        """« la situe », or « la situent » when several give it."""
        return "la situent" if len(self._publishers) > 1 else "la situe"

    @property
    def _publishers(self) -> tuple[str, ...]:
        return publishers(reference.source for reference in self.dated.references)


@dataclass(frozen=True)
class OtherDate:
    """A line of the second section."""

    subject: str
    dated: Dated
    reservation: str


@dataclass(frozen=True)
class OtherDates:
    """A table of the second section."""

    title: str
    rows: tuple[OtherDate, ...]


def tell_date(entry: DatedValue | None, references: References) -> Dated:
    """Return a value in words, with the reason why it is not a day; ``None``: no source speaks of it."""
    if entry is None:
        return Dated("unknown", "Inconnue", "Aucune source lue n’en parle.")
    cited, note = references.cite(entry.sources), sentence(entry.reason) if entry.reason else ""
    if known := entry.day():
        return Dated("day", say_day(known), note, CONFIDENCES[entry.confidence], cited)
    if entry.value is None:
        return Dated("unknown", "Inconnue", note, "", cited)
    month = f"{say_month(str(entry.value))}, jour inconnu"
    return Dated("month", month, note, CONFIDENCES[entry.confidence], cited)


def tell_dispute(parameter: Parameter, other: Contradiction, references: References, about: str) -> Disputed:
    """Return in words a date that another source gives ``about`` something."""
    given = discarded(parameter, other)
    kind = "day" if other.day() else "month"
    return Disputed(about, Dated(kind, given.value, references=references.cite(given.sources)), given.why)


def dates_of(parameters: Parameters) -> list[Parameter]:
    """Return the parameters that are dates, or texts in force from a date to another."""
    return [parameter for parameter in parameters.values() if parameter.unit in ("date", "instruction")]


def tell_other_dates(
    parameters: Parameters, references: References
) -> tuple[tuple[OtherDates, ...], tuple[Disputed, ...]]:
    """Return every date of the parameters but those of the calls, and those that another source disputes."""
    ends = {f"calendrier.{echeance}_{voie}" for echeance in ECHEANCES for voie in VOIES}
    tables: dict[str, list[OtherDate]] = {title: [] for title in _GROUPS.values()}
    disputed: list[Disputed] = []
    for parameter in dates_of(parameters):
        if parameter.id in ends:
            continue
        title = _GROUPS.get(parameter.id.partition(".")[0], subject(parameter))
        rows = [_row(parameter, entry, references) for entry in reversed(parameter.history)]
        tables.setdefault(title, []).extend(rows)
        for code in campagnes(parameters):
            about = f"{subject(parameter)}, campagne {campagne_label(code)}"
            disputed += [
                tell_dispute(parameter, other, references, about)
                for other in parameter.contradictions_for(code)
            ]
    return tuple(OtherDates(title, tuple(rows)) for title, rows in tables.items() if rows), tuple(disputed)


def _row(parameter: Parameter, entry: DatedValue, references: References) -> OtherDate:
    reservation = entry.reservation or ""
    if parameter.unit == "instruction":
        return OtherDate(_text_name(entry), _in_force(entry, references), reservation)
    about = subject(parameter)
    if entry.campagnes:
        about = f"Campagne {', '.join(campagne_label(code) for code in entry.campagnes)}"
    return OtherDate(about, tell_date(entry, references), reservation)


def _text_name(entry: DatedValue) -> str:
    return f"Instruction {entry.value}" if entry.value else "Instruction applicable inconnue"


def _in_force(entry: DatedValue, references: References) -> Dated:
    """Return the days a text applies, from its first to its last."""
    if entry.valid_from is None:
        return tell_date(None, references)
    first, last = say_day(entry.valid_from), entry.valid_until
    period = f"Du {first} au {say_day(last)}" if last else f"Depuis le {first}"
    note = sentence(entry.reason) if entry.reason else ""
    confidence = CONFIDENCES[entry.confidence] if entry.value else ""
    return Dated("day", period, note, confidence, references.cite(entry.sources))
