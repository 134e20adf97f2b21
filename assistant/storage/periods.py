"""Days as whoever reads the figures counts them, and instants as the database keeps them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute


def within(
    column: InstrumentedAttribute[datetime], since: date | None, until: date | None
) -> list[ColumnElement[bool]]:
    """Return the conditions of a period; both days are in it."""
    conditions: list[ColumnElement[bool]] = []
    if since:
        conditions.append(column >= _start(since))
    if until and until < date.max:
        conditions.append(column < _start(until + timedelta(days=1)))
    return conditions


def day_of(instant: datetime) -> date:
    """Return the day of an instant, in the time zone of the machine."""
    return instant.astimezone().date()


def _start(day: date) -> datetime:
    """Return when a day begins; the first and the last years have days that begin outside of time."""
    if not 2 <= day.year <= 9998:
        return datetime.combine(day, time.min, UTC)
    return datetime.combine(day, time.min).astimezone().astimezone(UTC)
