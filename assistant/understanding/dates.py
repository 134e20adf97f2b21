"""Find the days, months and campaign years a message names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS = {
    "janvier": 1, "janv": 1, "fevrier": 2, "fevr": 2, "fev": 2, "mars": 3, "avril": 4, "avr": 4, "mai": 5, "juin": 6,
    "juillet": 7, "juil": 7, "aout": 8, "septembre": 9, "sept": 9, "octobre": 10, "oct": 10, "novembre": 11,
    "nov": 11, "decembre": 12, "dec": 12, "january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6,
    "july": 7, "august": 8, "september": 9, "october": 10, "november": 11, "december": 12,
}  # fmt: skip
_NAMES = "|".join(sorted(_MONTHS, key=len, reverse=True))
_LONG = re.compile(rf"\b(?P<day>\d{{1,2}})(?:er)? ?(?P<month>{_NAMES})\b\.?(?: ?(?:de )?(?P<year>20\d\d))?")
_SHORT = re.compile(
    r"(?<![\d/.-])(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})(?:[/.-](?P<year>20\d\d|\d\d))?(?![\d/%]|[.-]\d)"
)
_ISO = re.compile(r"\b(?P<year>20\d\d)-(?P<month>\d\d)-(?P<day>\d\d)\b")
_YEAR = re.compile(r"(?<![\d/°,.])(?:20(?P<short>1[5-9]|2\d|3\d))(?![\d/]|,\d)")
_TEMPS = re.compile(r"\b(?:temps|phase|vague d'amorcage|t) ?(?P<temps>[12])\b(?! ?(?:du sons|du segur))")
_RELATIVE = (
    (re.compile(r"\bavant[- ]hier\b"), -2),
    (re.compile(r"\bhier\b"), -1),
    (re.compile(r"\b(?:aujourd'?hui|ce jour|today)\b"), 0),
    (re.compile(r"\bapres[- ]demain\b"), 2),
    (re.compile(r"\b(?:demain|tomorrow)\b"), 1),
)


@dataclass(frozen=True)
class Day:
    """A day found in a message. ``year_stated`` is false when the year had to be supplied."""

    day: date
    year_stated: bool
    relative: bool
    start: int
    end: int


def find_days(plain: str, today: date, year: int) -> list[Day]:
    """Return the days named, ``year`` completing those written without one.

    A day that does not exist (31 June) is left out: it is for the answer to say that nothing was read.
    """
    found: list[Day] = []
    for pattern in (_ISO, _LONG, _SHORT):
        for match in pattern.finditer(plain):
            if any(match.start() < known.end and known.start < match.end() for known in found):
                continue
            month = (
                _MONTHS.get(match["month"]) or int(match["month"])
                if not match["month"].isalpha()
                else _MONTHS[match["month"]]
            )
            stated = match["year"]
            number = year if stated is None else int(stated) if len(stated) == 4 else 2000 + int(stated)
            if pattern is _SHORT and stated is None and "/" not in match[0]:
                continue
            try:
                day = date(number, month, int(match["day"]))
            except ValueError:
                continue
            found.append(Day(day, stated is not None, False, match.start(), match.end()))
    for pattern, shift in _RELATIVE:
        for match in pattern.finditer(plain):
            if not any(match.start() < known.end and known.start < match.end() for known in found):
                found.append(Day(today + timedelta(days=shift), True, True, match.start(), match.end()))
    return sorted(found, key=lambda item: item.start)


def find_impossible(plain: str) -> tuple[int, int] | None:
    """Return where a message names a day that no calendar has: « 31 juin », « 29 février 2025 »."""
    for match in (*_LONG.finditer(plain), *_SHORT.finditer(plain)):
        written = match["month"]
        month = _MONTHS[written] if written.isalpha() else int(written)
        year = match["year"]
        full = year is not None and len(year) == 4
        if not written.isalpha() and not full:
            continue  # « 24/7 », « 12.5 »: not surely a day
        try:
            date(int(year) if full else 2024, month, int(match["day"]))
        except ValueError:
            return match.start(), match.end()
    return None


def find_years(plain: str, days: list[Day]) -> list[tuple[int, int, int]]:
    """Return (year, start, end) of the years named outside a full date or a text number like 2025/40."""
    years = []
    for match in _YEAR.finditer(plain):
        inside = any(day.start <= match.start() < day.end for day in days)
        if not inside:
            years.append((2000 + int(match["short"]), match.start(), match.end()))
    return years


_MONTH_YEAR = re.compile(rf"\b(?P<month>{_NAMES})\b\.? (?P<year>20\d\d)\b")


def find_month_end(plain: str) -> date | None:
    """Return the last day of the month a message names with its year (« avril 2023 »), if any."""
    match = _MONTH_YEAR.search(plain)
    if match is None:
        return None
    month, year = _MONTHS[match["month"]], int(match["year"])
    first_of_next = date(year + month // 12, month % 12 + 1, 1)
    return first_of_next - timedelta(days=1)


def find_temps(plain: str) -> int | None:
    """Return 1 or 2 when a message names the first or second round of 2021 (« temps 1 »)."""
    match = _TEMPS.search(plain)
    return int(match["temps"]) if match else None
