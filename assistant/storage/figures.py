"""The figures of the desk for its manager: counts, delays and corrections over a period, never by person."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from sqlalchemy import select

from assistant.composing.french import say_number
from assistant.storage.database import Database
from assistant.storage.models import AskedQuestion, Statistic
from assistant.storage.periods import day_of, within
from assistant.storage.themes import label
from assistant.storage.views import Status

_RISKS = {"green": "Vert", "amber": "Orange", "red": "Rouge"}


@dataclass(frozen=True)
class Week:
    """What was received in the week of a Monday, and how much of it has been answered since."""

    monday: date
    requests: int
    sent: int


@dataclass(frozen=True)
class Figures:
    """The requests received over a period, both days in it; ``None`` where nothing can be counted yet.

    ``median_distance`` counts words, ``median_changed`` is out of the longer text (0 to 1), both over the ``validated``
    drafts; ``sent_unchanged`` out of ``sent``; delays are in seconds, from the first opening to the validation, over
    the ``timed`` requests; the 90th percentile is the smallest delay that nine requests out of ten do not exceed.
    ``unanswered`` counts questions.
    """

    since: date | None
    until: date | None
    requests: int
    by_theme: dict[str, int]
    by_risk: dict[str, int]
    by_status: dict[str, int]
    validated: int
    median_distance: float | None
    median_changed: float | None
    sent: int
    sent_unchanged: int
    timed: int
    median_seconds: float | None
    p90_seconds: float | None
    unanswered: dict[str, int]
    weeks: tuple[Week, ...]

    @property
    def share_sent_unchanged(self) -> float | None:
        """The share of the replies sent that nobody changed, from 0 to 1."""
        return self.sent_unchanged / self.sent if self.sent else None


def figures(database: Database, since: date | None = None, until: date | None = None) -> Figures:
    """Count what was received in a period.

    Raises:
        StorageError: The database cannot be read.
    """
    with database.reading() as session:
        rows = session.scalars(
            select(Statistic).where(*within(Statistic.received_at, since, until)).order_by(Statistic.id)
        ).all()
        lacking = session.scalars(
            select(AskedQuestion.theme).where(
                AskedQuestion.lacking, *within(AskedQuestion.received_at, since, until)
            )
        ).all()
    sent = [row for row in rows if row.status == Status.SENT.value]
    distances = [row.distance for row in rows if row.distance is not None]
    shares = [row.changed for row in rows if row.changed is not None]
    delays = [
        max(0.0, (row.ready_at - row.opened_at).total_seconds())
        for row in rows
        if row.ready_at and row.opened_at
    ]
    return Figures(
        since=since,
        until=until,
        requests=len(rows),
        by_theme=_counted(row.theme for row in rows),
        by_risk={risk: sum(row.risk == risk for row in rows) for risk in _RISKS},
        by_status={status.value: sum(row.status == status.value for row in rows) for status in Status},
        validated=len(distances),
        median_distance=median(distances) if distances else None,
        median_changed=median(shares) if shares else None,
        sent=len(sent),
        sent_unchanged=sum(row.distance == 0 for row in sent),
        timed=len(delays),
        median_seconds=median(delays) if delays else None,
        p90_seconds=_nearest_rank(delays, 0.9),
        unanswered=_counted(lacking),
        weeks=_weeks(rows),
    )


def _counted(themes: Iterable[str]) -> dict[str, int]:
    counts = Counter(themes)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _nearest_rank(values: Sequence[float], share: float) -> float | None:
    return sorted(values)[math.ceil(share * len(values)) - 1] if values else None


def _weeks(rows: Sequence[Statistic]) -> tuple[Week, ...]:
    """Return every week from the first to the last, those without a request too."""
    received: Counter[date] = Counter()
    sent: Counter[date] = Counter()
    for row in rows:
        day = day_of(row.received_at)
        monday = day - timedelta(days=day.weekday())
        received[monday] += 1
        sent[monday] += row.status == Status.SENT.value
    if not received:
        return ()
    count = (max(received) - min(received)).days // 7 + 1
    mondays = (min(received) + timedelta(weeks=week) for week in range(count))
    return tuple(Week(monday, received[monday], sent[monday]) for monday in mondays)


def rows_of(found: Figures) -> list[tuple[str, str, str]]:
    """Return the figures as (heading, name, value) in French, in the order they are shown."""
    share = found.share_sent_unchanged
    rows = [("Demandes", "Reçues", str(found.requests))]
    rows += [("Demandes par thème", label(theme), str(count)) for theme, count in found.by_theme.items()]
    rows += [("Demandes par risque", _RISKS[risk], str(count)) for risk, count in found.by_risk.items()]
    rows += [
        ("Demandes par statut", Status(status).label, str(count)) for status, count in found.by_status.items()
    ]
    rows += [
        ("Corrections", "Réponses validées", str(found.validated)),
        ("Corrections", "Mots modifiés (médiane)", _number(found.median_distance)),
        ("Corrections", "Part du texte modifiée (médiane, %)", _percent(found.median_changed)),
        ("Envois", "Réponses envoyées", str(found.sent)),
        ("Envois", "Envoyées sans modification", str(found.sent_unchanged)),
        ("Envois", "Envoyées sans modification (%)", _percent(share)),
        ("Délais", "Demandes ouvertes puis validées", str(found.timed)),
        ("Délais", "De l’ouverture à la validation (médiane, minutes)", _minutes(found.median_seconds)),
        ("Délais", "De l’ouverture à la validation (9 sur 10, minutes)", _minutes(found.p90_seconds)),
    ]
    rows += [
        ("Questions sans réponse par thème", label(theme), str(count))
        for theme, count in found.unanswered.items()
    ]
    for week in found.weeks:
        rows.append(("Reçues par semaine", week.monday.isoformat(), str(week.requests)))
        rows.append(("Dont envoyées, par semaine de réception", week.monday.isoformat(), str(week.sent)))
    return rows


def _number(value: float | None) -> str:
    return "" if value is None else say_number(round(value, 1))


def _percent(value: float | None) -> str:
    return _number(None if value is None else 100 * value)


def _minutes(value: float | None) -> str:
    return _number(None if value is None else value / 60)


def as_csv(found: Figures) -> str:
    """Return a table for a spreadsheet, its columns parted by semicolons; decimals follow a comma."""
    table = io.StringIO()
    writer = csv.writer(table, delimiter=";", lineterminator="\n")
    writer.writerow(["rubrique", "detail", "valeur"])
    writer.writerows((heading, name, value.replace("\u00a0", "")) for heading, name, value in rows_of(found))
    return table.getvalue()


def as_text(found: Figures) -> str:
    """Return the figures as a text to read."""
    lines: list[str] = []
    last = ""
    for heading, name, value in rows_of(found):
        if heading != last:
            lines += ["", heading] if lines else [heading]
            last = heading
        lines.append(f"  {name}\u00a0: {value or 'aucune donnée'}")
    return "\n".join(lines)
