"""Read the moment that a mail program writes in a header of its own, in French or in English."""

from __future__ import annotations

import re
from datetime import datetime

_MONTHS = (
    "jan",
    "fév feb fev",
    "mar",
    "avr apr",
    "mai may",
    "juin jun",
    "juil jul",
    "aoû aug aou",
    "sep",
    "oct",
    "nov",
    "déc dec",
)
_BY_NAME = {name: rank for rank, names in enumerate(_MONTHS, 1) for name in names.split()}
_WRITTEN = re.compile(r"\b(\d{1,2})(?:er|st|nd|rd|th)?[ \u00a0.-]+([^\W\d_]{3,10})\.?,?[ \u00a0-]+(\d{4})\b")
_AMERICAN = re.compile(r"\b([^\W\d_]{3,10})\.?[ \u00a0]+(\d{1,2})(?:st|nd|rd|th)?,?[ \u00a0]+(\d{4})\b")
_FIGURES = re.compile(r"\b(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})\b")
_ISO = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})")
_HOUR = re.compile(r"\b(\d{1,2}) ?[:hH] ?(\d{2})(?: ?[:m] ?(\d{2}))?[ \u00a0\u202f]?([AaPp]\.?[Mm])?")


def read_moment(written: str) -> datetime | None:
    """Return the moment of « lundi 2 juin 2025 10:12 », without time zone; ``None`` when no day is told.

    Example:
        >>> read_moment("lundi 2 juin 2025 à 10:12"), read_moment("02/06/2025"), read_moment("June 2, 2025 3:05 PM")
        (datetime.datetime(2025, 6, 2, 10, 12), datetime.datetime(2025, 6, 2, 0, 0), datetime.datetime(2025, 6, 2, 15, 5))
    """
    text = written[:200]
    day = _day(text)
    if day is None:
        return None
    hour = _HOUR.search(text)
    hours = minutes = seconds = 0
    if hour:
        hours, minutes, seconds = int(hour[1]), int(hour[2]), int(hour[3] or 0)
        if hour[4]:
            hours = hours % 12 + 12 * (hour[4][0] in "pP")
    try:
        return datetime(*day, hours, minutes, seconds)  # noqa: DTZ001 - the header tells no time zone
    except ValueError:
        return None


def _day(text: str) -> tuple[int, int, int] | None:
    if found := _ISO.search(text):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _FIGURES.search(text):
        year = int(found[3])
        return year + 2000 * (year < 100), int(found[2]), int(found[1])
    if found := _WRITTEN.search(text):
        month = _month(found[2])
        return (int(found[3]), month, int(found[1])) if month else None
    if (found := _AMERICAN.search(text)) and (month := _month(found[1])):
        return int(found[3]), month, int(found[2])
    return None


def _month(name: str) -> int | None:
    lower = name.lower()
    return next((rank for start, rank in _BY_NAME.items() if lower.startswith(start)), None)
