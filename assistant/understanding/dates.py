"""Find the days, months and campaign years a message names."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from assistant.rules.facts import Filing, FromClosing, Period
from assistant.understanding.numbers import find_numbers

_MONTHS = {
    "janvier": 1, "janv": 1, "fevrier": 2, "fevr": 2, "fev": 2, "mars": 3, "avril": 4, "avr": 4, "mai": 5, "juin": 6,
    "juillet": 7, "juil": 7, "aout": 8, "septembre": 9, "sept": 9, "octobre": 10, "oct": 10, "novembre": 11,
    "nov": 11, "decembre": 12, "dec": 12, "january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6,
    "july": 7, "august": 8, "september": 9, "october": 10, "november": 11, "december": 12,
}  # fmt: skip
_NAMES = "|".join(sorted(_MONTHS, key=len, reverse=True))
_LONG = re.compile(rf"\b(?P<day>\d{{1,2}})(?:er)? ?(?P<month>{_NAMES})\b\.?(?: ?(?:de )?(?P<year>20\d\d))?")
_SHORT = re.compile(
    r"(?<![\d/.-])(?<!\bles )(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})(?:[/.-](?P<year>20\d\d|\d\d))?(?![\d/%]|[.-]\d)"
)
_ISO = re.compile(r"\b(?P<year>20\d\d)-(?P<month>\d\d)-(?P<day>\d\d)\b")
_YEAR = re.compile(r"(?<![\d/°,.])(?:20(?P<short>1[5-9]|2\d|3\d))(?![\d/]|,\d|-(?!20\d\d\b)\d{3})")
_TEMPS = re.compile(r"\b(?:temps|phase|vague d'amorcage|t) ?(?P<temps>[12])\b(?! ?(?:du sons|du segur))")
_RANK = r"(?:tout )?(?:premiere?|1ere?|1er|seconde?|deuxieme|2e|2eme)"
_TEMPS_IN_WORDS = re.compile(
    rf"\b(?P<rank>{_RANK}) (?:temps|phase d'amorcage)\b"
    rf"|\b(?P<call>{_RANK}) (?:appel|aap|vague|campagne|session)\w*(?: a projets)?(?: regiona\w+)?,? (?:de|en|d'|celui de|celle de) (?:\w+ )?2021\b"
)
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


_PARTS = {
    "debut": (1, 10), "mi": (11, 20), "milieu": (11, 20), "fin": (21, 31),
    "courant": (1, 31), "en": (1, 31), "mois": (1, 31),
}  # fmt: skip
_PART = re.compile(
    rf"\b(?P<part>debut|mi|milieu|fin|courant|en|mois)[ -](?:de |d'|du mois de |du mois d')?(?P<month>{_NAMES})\b\.?(?: (?:de )?(?P<year>20\d\d))?"
)
_BETWEEN = re.compile(
    rf"\b(?:entre le|du|le) (?P<first>\d{{1,2}})(?:er)?(?: (?P<month1>{_NAMES}))? (?:et le|et|au|ou le|ou du|ou) (?P<last>\d{{1,2}})(?:er)? (?P<month>{_NAMES})\b\.?(?: (?:de )?(?P<year>20\d\d))?"
)
_CLOSING = r"(?:la (?:date )?(?:limite|cloture|fermeture)(?: (?:de |du |des )?depots?)?|l'echeance|la date de cloture)"
_FROM_CLOSING = re.compile(
    rf"\b(?:(?P<n>\d{{1,3}}|[a-z]+) (?P<unit>jours?|semaines?|mois) (?P<way>apres|avant)|(?:le )?(?P<next>lendemain|surlendemain) de|la (?P<eve>veille|avant-veille) de|le (?:jour(?: meme)?|dernier jour) de) {_CLOSING}(?! du \d)"
)
_AGO = re.compile(
    r"\b(?:il y a|voila|ca fait) (?P<n>[a-z]+(?: [a-z]+)?|\d{1,3}) (?P<unit>jours?|semaines?|mois|ans?)\b"
)
_AHEAD = re.compile(r"\b(?:dans|d'ici) (?P<n>[a-z]+|\d{1,3}) (?P<unit>jours?|semaines?|mois|ans?)\b")
_WEEKDAY = re.compile(
    r"\b(?P<name>lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche) (?P<way>dernier|passe|prochain)\b"
)
_LAST_NEXT = re.compile(r"\b(?:la |le )?(?P<unit>semaine|mois) (?P<way>derniere?|passee?|prochaine?)\b")


@dataclass(frozen=True)
class Span:
    """A day or days told otherwise than by a full date, with its place; ``relative`` to the day of asking."""

    when: Filing
    relative: bool
    start: int
    end: int


def find_spans(plain: str, today: date, year: int) -> list[Span]:
    """Return the periods (« fin septembre », « entre le 10 et le 20 juin ») and relative days, in order."""
    found = [
        *_between(plain, year),
        *_from_closing(plain),
        *_parts(plain, year),
        *_told_from_today(plain, today),
    ]
    kept: list[Span] = []
    for span in found:
        if not any(span.start < other.end and other.start < span.end for other in kept):
            kept.append(span)
    return sorted(kept, key=lambda span: span.start)


def _between(plain: str, year: int) -> list[Span]:
    found = []
    for match in _BETWEEN.finditer(plain):
        number, month = int(match["year"] or year), _MONTHS[match["month"]]
        try:
            first = date(number, _MONTHS[match["month1"]] if match["month1"] else month, int(match["first"]))
            last = date(number, month, int(match["last"]))
        except ValueError:
            continue
        if first <= last:
            found.append(Span(Period(first, last), False, match.start(), match.end()))
    return found


def _one_or_more(written: str) -> int | None:
    """Return the number of days, weeks or months written: « une semaine » is one."""
    if written in ("un", "une"):
        return 1
    numbers = find_numbers(written)
    return int(numbers[0].value) if numbers else None


def _from_closing(plain: str) -> list[Span]:
    found = []
    for match in _FROM_CLOSING.finditer(plain):
        if match["way"]:
            count = _one_or_more(match["n"])
            if count is None:
                continue
            days = count * {"j": 1, "s": 7, "m": 30}[match["unit"][0]]
            shift = days if match["way"] == "apres" else -days
        else:
            shift = {"lendemain": 1, "surlendemain": 2, "veille": -1, "avant-veille": -2}.get(
                match["next"] or match["eve"], 0
            )
        found.append(Span(FromClosing(shift), False, match.start(), match.end()))
    return found


def _parts(plain: str, year: int) -> list[Span]:
    found = []
    for match in _PART.finditer(plain):
        first, last = _PARTS[match["part"]]
        number, month = int(match["year"] or year), _MONTHS[match["month"]]
        end = min(last, monthrange(number, month)[1])
        period = Period(date(number, month, first), date(number, month, end))
        found.append(Span(period, False, match.start(), match.end()))
    return found


def _told_from_today(plain: str, today: date) -> list[Span]:
    """Return what is told from the day of asking; the reckoning is dateparser's."""
    found = []
    for pattern in (_AGO, _AHEAD, _WEEKDAY, _LAST_NEXT):
        for match in pattern.finditer(plain):
            if when := _reckon(match, today):
                found.append(Span(when, True, match.start(), match.end()))
    return found


def _reckon(match: re.Match[str], today: date) -> Period | None:
    groups = match.groupdict()
    ahead = match.re is _AHEAD or (groups.get("way") or "").startswith("prochain")
    if written := groups.get("n"):
        count = _one_or_more(written)
        if count is None:
            return None
        text = f"{'dans' if ahead else 'il y a'} {count} {groups['unit']}"
    else:
        text = groups.get("name") or f"{'dans' if ahead else 'il y a'} 1 {groups['unit']}"
    day = _parse(text, today, ahead=ahead)
    if day is None:
        return None
    if slack := {"s": 3, "m": 10, "a": 60}.get(groups["unit"][0] if written else "", 0):
        return Period(day - timedelta(days=slack), day + timedelta(days=slack))  # nobody means it to the day
    if match.re is _LAST_NEXT and groups["unit"] == "semaine":
        monday = day - timedelta(days=day.weekday())
        return Period(monday, monday + timedelta(days=6))
    if match.re is _LAST_NEXT:
        return Period(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))
    return Period.day(day)


def _parse(text: str, today: date, *, ahead: bool) -> date | None:
    import dateparser  # here: its locale data takes a tenth of a second to load, and few messages need it

    base = datetime.combine(today, time(12))
    settings = {"RELATIVE_BASE": base, "PREFER_DATES_FROM": "future" if ahead else "past"}
    found = dateparser.parse(text, languages=["fr"], settings=settings)
    return found.date() if found else None


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
    if match := _TEMPS.search(plain):
        return int(match["temps"])
    if match := _TEMPS_IN_WORDS.search(plain):
        return 2 if (match["rank"] or match["call"]).startswith(("2", "second", "deux")) else 1
    return None
