"""The figures of a French text: what an answer may get wrong and a reader would believe.

Written apart from the product's own reading of figures, so that a fault of one is not shared by the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from evals.number_words import NUMBER_WORDS, words_to_number


class FigureKind(StrEnum):
    """What a figure is."""

    URL = "adresse web"
    EMAIL = "courriel"
    PHONE = "téléphone"
    DATE = "date"
    REFERENCE = "référence"
    PERCENT = "pourcentage"
    AMOUNT = "montant"
    NUMBER = "nombre"


@dataclass(frozen=True)
class Figure:
    """A figure: ``value`` can be compared (« 2025-09-15 », « 76500000 »), ``text`` is as written."""

    kind: FigureKind
    value: str
    text: str


_MONTHS = {
    "janvier": 1, "février": 2, "fevrier": 2, "mars": 3, "avril": 4, "mai": 5, "juin": 6, "juillet": 7, "août": 8,
    "aout": 8, "septembre": 9, "octobre": 10, "novembre": 11, "décembre": 12, "decembre": 12,
}  # fmt: skip
_MONTH = "|".join(_MONTHS)
_DIGITS = r"(?:\d{1,3}(?: \d{3})+(?!\d)|\d+)(?:[.,]\d+)?(?!\d)"
_SCALE = r"(?:milliards?|millions?|milliers?|m(?:d|ds)?(?= ?€)|k(?= ?€)|meur|keur)"
_SCALES = {
    "milliard": 10**9,
    "md": 10**9,
    "million": 10**6,
    "m": 10**6,
    "meur": 10**6,
    "millier": 10**3,
    "k": 10**3,
    "keur": 10**3,
}

# In this order: what an earlier pattern takes is no longer there for a later one.
_PATTERNS: tuple[tuple[FigureKind, re.Pattern[str]], ...] = (
    (FigureKind.EMAIL, re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    (
        FigureKind.URL,
        re.compile(
            r"(?:https?://|www\.)[^\s)\]»\"<>]+|\b(?:[a-z0-9-]+\.)+(?:fr|com|org|eu|net|re|nc|gp)(?:/[^\s)\]»\"<>]*)?\b"
        ),
    ),
    (FigureKind.PHONE, re.compile(r"(?<!\d)(?:\+33 ?|0)[1-9](?:[ .-]?\d{2}){4}(?!\d)")),
    (
        FigureKind.DATE,
        re.compile(
            r"(?<!\d)(?P<iso>\d{4})-(?P<iso_month>0[1-9]|1[0-2])(?:-(?P<iso_day>[0-3]\d))?(?![\d-])"
            r"|(?<![\d/])(?P<d>[0-3]?\d)/(?P<m>[01]?\d)/(?P<y>\d{4}|\d{2})(?![\d/])"
            rf"|(?<!\d)(?P<day>\d{{1,2}})(?:er)? (?P<name>{_MONTH})\b(?: (?P<year>\d{{4}})(?!\d))?"
            rf"|\b(?P<name_only>{_MONTH}) (?P<year_only>\d{{4}})(?!\d)"
        ),
    ),
    (
        FigureKind.REFERENCE,
        re.compile(
            r"\b[lrd]\.? ?\d{3,4}(?:-\d+)+"
            r"|\b(?:[a-z]+\d?/)+\d{4}/\d+|(?<![\d/])\d{4}/\d{1,4}(?![\d/])|(?<!\d)\d{4}-(?!20\d\d)\d{1,4}(?![\d-])"
            r"|\b[a-z]{1,5}\d+(?:[._-]\w+)*\b|\btemps [12]\b"
        ),
    ),
    (FigureKind.PERCENT, re.compile(rf"(?<![\d,.])(?P<n>{_DIGITS}) ?(?:%|pour cent|p\. ?100)")),
    (
        FigureKind.AMOUNT,
        re.compile(
            rf"(?<![\d,.])(?P<n>{_DIGITS}) ?(?P<scale>{_SCALE})?(?: d(?:e |'))?(?P<unit> ?(?:€|euros?\b|eur\b)|(?<=meur)|(?<=keur))"
        ),
    ),
    (
        FigureKind.NUMBER,
        re.compile(rf"(?<![\d,.])(?P<n>{_DIGITS})(?: (?P<scale>milliards?|millions?|milliers?)\b)?"),
    ),
)
_WORDS = re.compile(rf"\b(?:{NUMBER_WORDS})(?:(?: et |[ -])(?:{NUMBER_WORDS}|une?))*\b")
_SPACES = dict.fromkeys(map(ord, "\u00a0\u202f\u2009\u2007\u2002\u2003\n\t"), " ") | {
    ord("’"): "'",
    ord("‑"): "-",
    ord("–"): "-",
}
_SMALLEST_WORD = 11  # « un », « deux », « dix » are as often words as figures


def plain(text: str) -> str:
    """Return a text in lower case with ordinary spaces, apostrophes and hyphens, each character in its place."""
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text.translate(_SPACES))


def find_figures(text: str, *, smallest_word: int = _SMALLEST_WORD) -> list[Figure]:
    """Return the figures of a text in order of kind; numbers written in words count from ``smallest_word``.

    Example:
        >>> [(figure.kind.value, figure.value) for figure in find_figures("Le 1er juin 2025, 76,5 M€ pour quinze ESSMS")]
        [('date', '2025-06-01'), ('montant', '76500000'), ('nombre', '15')]
    """
    left, figures = plain(text), []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(left):
            figures.append(
                Figure(kind, _value(kind, match), text[match.start() : match.end()].strip(" .,;:"))
            )
        left = pattern.sub(lambda match: "\x00" * len(match[0]), left)
    for match in _WORDS.finditer(left):
        number = words_to_number(match[0])
        if number is not None and number >= smallest_word:
            figures.append(Figure(FigureKind.NUMBER, str(number), match[0]))
    return figures


def _value(kind: FigureKind, match: re.Match[str]) -> str:
    if kind is FigureKind.DATE:
        return _date(match)
    if kind in (FigureKind.PERCENT, FigureKind.AMOUNT, FigureKind.NUMBER):
        scale = (
            (match.groupdict().get("scale") or "").strip().rstrip("s")
            if kind is not FigureKind.PERCENT
            else ""
        )
        return _number(match["n"], _SCALES.get(scale, 1))
    if kind is FigureKind.PHONE:
        return re.sub(r"\D", "", match[0].replace("+33", "0"))
    if kind is FigureKind.URL:
        return re.sub(r"^(?:https?://)?(?:www\.)?", "", match[0]).rstrip("/.,;:")
    if kind is FigureKind.EMAIL:
        return match[0].rstrip(".")
    return re.sub(r"[ .]", "", match[0]).replace("temps", "t")  # « temps 1 » of the campaign « 2021-T1 »


def _date(match: re.Match[str]) -> str:
    """Return « 2025-09-15 », « 2025-09 » or, without a year, « 09-15 »."""
    if match["iso"]:
        return "-".join(filter(None, (match["iso"], match["iso_month"], match["iso_day"])))
    if match["y"]:
        year = match["y"] if len(match["y"]) == 4 else f"20{match['y']}"
        return f"{year}-{int(match['m']):02d}-{int(match['d']):02d}"
    if match["name_only"]:
        return f"{match['year_only']}-{_MONTHS[match['name_only']]:02d}"
    short = f"{_MONTHS[match['name']]:02d}-{int(match['day']):02d}"
    return f"{match['year']}-{short}" if match["year"] else short


def _number(text: str, scale: int = 1) -> str:
    value = Decimal(text.replace(" ", "").replace(",", ".")) * scale
    return format(value.normalize(), "f")


@dataclass(frozen=True)
class Support:
    """The figures that some text gives: where they come from, in French, and in which forms they may be repeated."""

    origin: str
    figures: frozenset[tuple[FigureKind, str]]
    bare: bool = False

    @classmethod
    def of(cls, origin: str, text: str, *, bare: bool = False) -> Support:
        """Read the figures of a text; ``bare`` when its numbers are without their units (values of rules)."""
        found = find_figures(text, smallest_word=2)
        return cls(origin, frozenset((figure.kind, figure.value) for figure in found), bare)

    def holds(self, figure: Figure) -> bool:
        """Whether a figure is given here, be it in a fuller form (a day for its month, an amount for its number)."""
        return any(form in self.figures for form in self._forms(figure)) or self._holds_date(figure)

    def _forms(self, figure: Figure) -> Iterator[tuple[FigureKind, str]]:
        yield figure.kind, figure.value
        if figure.kind is FigureKind.REFERENCE:  # « 2025/40 » of « DNS/CNSA/2025/40 »
            yield from ((kind, value) for kind, value in self.figures if value.endswith(f"/{figure.value}"))
        numeric = (FigureKind.NUMBER, FigureKind.AMOUNT)
        if figure.kind in numeric:
            yield from ((kind, figure.value) for kind in numeric)  # « de 2 000 à 21 200 € »
        if self.bare and figure.kind in (*numeric, FigureKind.PERCENT):
            yield FigureKind.NUMBER, figure.value
            yield FigureKind.PERCENT, figure.value
        if self.bare and figure.kind is FigureKind.PERCENT:
            yield FigureKind.NUMBER, _number(str(Decimal(figure.value) / 100))
        if (
            self.bare
            and figure.kind in numeric
            and "." not in figure.value
            and figure.value.endswith("00000")
        ):
            yield FigureKind.NUMBER, _number(str(Decimal(figure.value) / 10**6))  # millions

    def _holds_date(self, figure: Figure) -> bool:
        dates = [value for kind, value in self.figures if kind is FigureKind.DATE]
        if figure.kind is FigureKind.DATE:
            if any(
                value.endswith(f"-{figure.value}") or value.startswith(f"{figure.value}-") for value in dates
            ):
                return True
            # « En 2025 […] le 15 septembre » gives the 15 September 2025.
            year, _, short = figure.value.partition("-")
            return len(year) == 4 and short in dates and (FigureKind.NUMBER, year) in self.figures
        # The year of a day: « en 2025 » after « le 15 septembre 2025 ».
        return figure.kind is FigureKind.NUMBER and any(
            value.startswith(f"{figure.value}-") for value in dates if len(figure.value) == 4
        )
