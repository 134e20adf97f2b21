"""The exact days of the calls as a file for a diary (RFC 5545); a month alone, or no date, is no event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from assistant.composing.french import join, say_day
from assistant.rules.deadline import VOIES, check_echeance, check_recevabilite
from assistant.rules.facts import Period
from assistant.rules.reading import campagne_label
from assistant.web.figures import discarded, publishers, subject
from assistant.web.site import NAME
from corpus.parameters import Parameters
from corpus.sources import Source

if TYPE_CHECKING:
    from icalendar import Alarm, Event

ECHEANCES = {"ouverture": "Ouverture", "cloture": "Clôture"}
_DAYS_BEFORE = (14, 2)


@dataclass(frozen=True)
class DiaryDay:
    """An opening or a closing (``echeance``) known to the day."""

    echeance: str
    campagne: str
    voie: str
    day: date

    @property
    def parameter(self) -> str:
        """The id of the parameter that gives it."""
        return f"calendrier.{self.echeance}_{self.voie}"

    @property
    def title(self) -> str:
        """« Clôture – voie régionale ESMS numérique 2025 »."""
        return (
            f"{ECHEANCES[self.echeance]} – voie {VOIES[self.voie]} ESMS numérique "
            f"{campagne_label(self.campagne)}"
        )


def find_days(
    codes: Sequence[str],
    voies: Sequence[str],
    parameters: Parameters,
    echeances: Sequence[str] = tuple(ECHEANCES),
) -> list[DiaryDay]:
    """Return the openings and closings known to the day of some campaigns and tracks, earliest first."""
    found = []
    for campagne in codes:
        for voie in voies:
            for echeance in echeances:
                result = check_echeance(echeance, campagne, voie, parameters, date.max)
                if isinstance(known := result.values.get("date"), date):
                    found.append(DiaryDay(echeance, campagne, voie, known))
    return sorted(found, key=lambda event: (event.day, event.parameter))


def write_diary(
    days: Sequence[DiaryDay], name: str, today: date, parameters: Parameters, sources: Mapping[str, Source]
) -> bytes:
    """Return the file, the same on the same ``today``: a closing that is not past carries its alarms.

    ``name`` is what the diary calls the calendar. RFC 5545 wants one event at least.
    """
    from icalendar import Calendar

    diary = Calendar.new(prodid=f"-//{NAME}//Calendrier//FR", name=name, uid="calendrier@esms-numerique")
    for entry in days:
        diary.add_component(_event(entry, today, parameters, sources))
    content: bytes = diary.to_ical()
    return content


def _event(entry: DiaryDay, today: date, parameters: Parameters, sources: Mapping[str, Source]) -> Event:
    from icalendar import Event

    checked = datetime.combine(parameters[entry.parameter].last_checked, time(), UTC)
    event = Event.new(
        uid=f"{entry.parameter}.{entry.campagne}@esms-numerique",
        stamp=checked,
        last_modified=checked,
        start=entry.day,
        end=entry.day + timedelta(days=1),
        summary=entry.title,
        description=_description(entry, parameters, sources),
        categories=["ESMS numérique"],
    )
    event.add("transp", "TRANSPARENT")  # a deadline does not make its day busy
    if entry.echeance == "cloture" and entry.day >= today:
        for days in _DAYS_BEFORE:
            event.add_component(_alarm(f"{entry.title}\u00a0: le {say_day(entry.day)}", days))
    return event


def _alarm(text: str, days: int) -> Alarm:
    from icalendar import Alarm

    alarm = Alarm.new(description=text)
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", timedelta(days=-days))
    return alarm


def _description(entry: DiaryDay, parameters: Parameters, sources: Mapping[str, Source]) -> str:
    parameter = parameters[entry.parameter]
    value = parameter.value_for(entry.campagne)
    lines = [f"{subject(parameter)}\u00a0: {say_day(entry.day)}, confiance {value.confidence}."]
    lines += [f"Réserve\u00a0: {note}" for note in notes_on(entry, parameters)]
    for other in parameter.contradictions_for(entry.campagne):
        given = discarded(parameter, other)
        said_by = join(publishers(sources[source] for source in given.sources))
        lines.append(f"Date écartée\u00a0: {given.value} ({said_by}). {given.why}")
    lines.append("Sources\u00a0:")
    lines += [f"– {_name(sources[source])}" for source in value.sources]
    lines.append(f"Vérifié le {say_day(parameter.last_checked)}. Seuls les textes officiels font foi.")
    return "\n".join(lines)


def notes_on(entry: DiaryDay, parameters: Parameters) -> tuple[str, ...]:
    """Return what a reader must know of a day: the reservations of a filing made on it, or of the opening."""
    if entry.echeance == "ouverture":
        return check_echeance("ouverture", entry.campagne, entry.voie, parameters, entry.day).reservations
    filed = Period.day(entry.day)
    return check_recevabilite(filed, "", entry.campagne, entry.voie, parameters).reservations


def _name(source: Source) -> str:
    return f"{source.title}, {source.publisher}" + (f", {source.url}" if source.url else "")
