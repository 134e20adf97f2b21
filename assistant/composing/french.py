"""Write dates, numbers and short lists the French way."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from assistant.rules.facts import FromClosing, Period

MONTHS = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
          "novembre", "décembre")  # fmt: skip
NBSP = "\u00a0"
_MONTH = re.compile(r"20\d\d-(?:0[1-9]|1[0-2])")
LOOSE_SPACE = r"(?<=\S) (?=[:;?!»])|(?<=«) "  # that French never breaks a line at
_LOOSE = re.compile(LOOSE_SPACE)
_PRINTED = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2]))?(?:-(\d{2}))?")


def say_day(day: date) -> str:
    """Return « 1er juin 2025 »."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number} {MONTHS[day.month - 1]} {day.year}"


def say_filing(filed: object) -> str:
    """Return « le 3 juin 2025 », « entre le 1er octobre et le 31 octobre 2025 » or « 2 jours après la clôture »."""
    if isinstance(filed, FromClosing):
        if filed.days == 0:
            return "le jour de la clôture"
        return f"{say_days(abs(filed.days))} {'après' if filed.days > 0 else 'avant'} la clôture"
    if not isinstance(filed, Period):
        raise TypeError(f"not a filing: {filed!r}")
    if filed.exact:
        return f"le {say_day(filed.first)}"
    first = say_day(filed.first)
    if filed.first.year == filed.last.year:
        first = first.rsplit(" ", 1)[0]
    return f"entre le {first} et le {say_day(filed.last)}"


def say_month(month: str) -> str:
    """Return « juin 2024 » for ``2024-06``."""
    year, _, number = month.partition("-")
    return f"{MONTHS[int(number) - 1]} {year}"


def say_printed(printed: str) -> str:
    """Return in French words a date as its source prints it: a year, a year and month, or a full day.

    Example:
        >>> say_printed("2025-03-01"), say_printed("2025"), say_printed("")
        ('1er mars 2025', '2025', 'sans date')
    """
    match = _PRINTED.fullmatch(printed)
    if not match or not match[2]:
        return printed or "sans date"
    day = "" if not match[3] else "1er " if match[3] == "01" else f"{int(match[3])} "
    return f"{day}{say_month(printed[:7])}"


def say_number(number: int | float) -> str:
    """Return « 8 000 » or « 80,5 », thousands parted by a no-break space."""
    text = f"{number:,.2f}".replace(",", NBSP).replace(".", ",")
    return text[:-3] if text.endswith(",00") else text.rstrip("0")


def say_days(days: int) -> str:
    """Return « 1 jour » or « 433 jours »."""
    return f"{say_number(days)}{NBSP}jour{'s' if days > 1 else ''}"


def join(parts: Sequence[str], last: str = "et") -> str:
    """Return « a, b et c »."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}" if parts else ""


def sentence(text: str) -> str:
    """Return the text with a capital and a final stop."""
    text = cap(text.strip())
    return text if text.endswith((".", "!", "?", "…", ":")) else f"{text}."


def typeset(text: str) -> str:
    """Return the text with no-break spaces inside quotation marks and before the marks that French parts from a word.

    Nothing else changes: an address or a time, which have no such space, stay as they are.

    Example:
        >>> typeset("Clôture : « le 15 » ? 10:30, https://example.org/?a=1").replace(NBSP, "~")
        'Clôture~: «~le 15~»~? 10:30, https://example.org/?a=1'
    """
    return _LOOSE.sub(NBSP, text)


def cap(text: str) -> str:
    """Return the text with a capital initial."""
    return text[:1].upper() + text[1:]


def low(text: str) -> str:
    """Return the text with a small initial, unless it opens with an acronym (« ESMS numérique »)."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def plain_day(iso: str) -> str:
    """Return a condition's text with its ISO days and months written in French."""
    words = []
    for word in iso.split(" "):
        core = word.rstrip(".,;)")
        if _MONTH.fullmatch(core):
            words.append(say_month(core) + word[len(core) :])
            continue
        try:
            words.append(say_day(date.fromisoformat(core)) + word[len(core) :])
        except ValueError:
            words.append(word)
    return " ".join(words)
