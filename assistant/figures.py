"""The figures of a text (numbers, dates, addresses) in a form that can be compared."""

from __future__ import annotations

import re
from functools import lru_cache

from assistant.understanding.text import fold

_MONTHS = ("janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre", "octobre",
           "novembre", "decembre")  # fmt: skip
_DAY = re.compile(rf"\b(\d{{1,2}})(?:er)? ({'|'.join(_MONTHS)})(?: (\d{{4}}))?\b")
_NUMERIC_DAY = re.compile(r"\b(\d{1,2})/(\d{1,2})/(\d{4})\b")
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_ISO_MONTH = re.compile(r"\b(\d{4})-(\d{2})\b(?!-)")
_NUMBER = re.compile(r"(?<!\d)\d{1,3}(?: \d{3})+(?!\d)(?:,\d+)?|\d+(?:[.,]\d+)?")
# What is one thing though it holds numbers: « 2025/40 », « L.312-1 », « TSSL2519441J », « 01 23 45 67 89 ».
_REFERENCES = (
    re.compile(r"\b(?:[a-z]+/)*20\d\d/\d+\b"),
    re.compile(r"\b[lrd]\.? ?\d{3,4}(?:-\d+)+\b"),
    re.compile(r"\b[a-z]{4}\d{7}[a-z]\b"),
    re.compile(r"\b0\d(?:[ .-]?\d\d){4}\b"),
)
_URL = re.compile(r"https?://[^\s)\]»]+|\b[\w.+-]+@[\w-]+\.\w+")


@lru_cache(maxsize=1024)
def figures_of(text: str) -> frozenset[str]:
    """Return the figures of a text in a form that can be compared: dates, numbers, addresses.

    A full date gives ``2025-09-15`` and, so that a shorter quotation still matches, ``09-15`` and the year.

    Example:
        >>> sorted(figures_of("Le 15 septembre 2025, 2 000 € ou 76,5 M€"))
        ['09-15', '2000', '2025', '2025-09-15', '76.5']
    """
    plain = fold(text).plain
    found = {match[0].rstrip(".,;") for match in _URL.finditer(plain)}
    plain = _URL.sub(" ", plain)
    for pattern in _REFERENCES:
        for match in pattern.finditer(plain):
            found.add(re.sub(r"[ .]", "", match[0]))
            if "/" in match[0]:  # « DNS/CNSA/2025/40 » is also « 2025/40 »
                found.add("/".join(match[0].split("/")[-2:]))

    def day(year: str | None, month: int, number: str) -> None:
        short = f"{month:02d}-{int(number):02d}"
        found.add(short)
        if year:
            found.update((f"{year}-{short}", year))

    for match in _DAY.finditer(plain):
        day(match[3], _MONTHS.index(match[2]) + 1, match[1])
    plain = _DAY.sub(" ", plain)
    for match in _NUMERIC_DAY.finditer(plain):
        day(match[3], int(match[2]), match[1])
    plain = _NUMERIC_DAY.sub(" ", plain)
    for match in _ISO.finditer(plain):
        day(match[1], int(match[2]), match[3])
    plain = _ISO.sub(" ", plain)
    for match in _ISO_MONTH.finditer(plain):
        found.add(match[1])
    plain = _ISO_MONTH.sub(" ", plain)
    for match in _NUMBER.finditer(plain):
        number = match[0].replace(" ", "").replace(",", ".")
        found.add(number.rstrip("0").rstrip(".") if "." in number else number)
    return frozenset(found)
