"""Read quantities in French (and simple English): digits, words, approximations, ranges."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from assistant.rules.facts import Count

_UNITS = {
    "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8, "neuf": 9,
    "dix": 10, "onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15, "seize": 16,
    "vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60,
    "septante": 70, "huitante": 80, "octante": 80, "nonante": 90, "cent": 100, "cents": 100, "mille": 1000,
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "twenty": 20,
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
}  # fmt: skip
_ABOUT = {"huitaine": 8, "dizaine": 10, "douzaine": 12, "quinzaine": 15, "vingtaine": 20, "trentaine": 30,
          "quarantaine": 40, "cinquantaine": 50, "soixantaine": 60, "centaine": 100}  # fmt: skip
NUMBER_WORDS = (*_UNITS, *_ABOUT)
_WORD = "|".join(sorted(_UNITS, key=len, reverse=True))
_NUMBER = re.compile(
    rf"(?<![\w,./°-])(?P<digits>\d{{1,3}}(?: \d{{3}})+(?!\d)|\d+)(?:,(?P<decimals>\d+))?(?![\d])"
    rf"|\b(?:une? )?(?:petite |bonne )?(?P<about>{'|'.join(_ABOUT)})s?\b"
    rf"|\b(?P<words>(?:{_WORD})(?:(?: et |-et-|[ -])(?:{_WORD}))*)\b"
)
_RANGE = re.compile(r"(?:entre|de|between)\s+$")
_LESS = re.compile(r"(?:moins de|moins d'|inferieure? a|en dessous de|under|less than|fewer than)\s*$")
_MORE = re.compile(r"(?:plus de|plus d'|superieure? a|au[- ]dela de|more than|over)\s*$")
_LEAST = re.compile(r"(?:au moins|minimum|au minimum|at least)\s*$")
_MOST = re.compile(r"(?:au plus|au maximum|maximum|jusqu'a|at most)\s*$")
_NEAR = re.compile(r"(?:environ|a peu pres|pres de|autour de|presque|quasiment|about|around|~|±)\s*$")


@dataclass(frozen=True)
class Number:
    """A quantity with its bounds and its place in the folded text; ``value`` is what was written."""

    value: float
    count: Count
    start: int
    end: int


def _from_words(words: str) -> int:
    total = current = 0
    for word in re.split(r"[ -]+", words):
        if word == "et":
            continue
        value = _UNITS[word]
        if value == 1000:
            total, current = total + max(current, 1) * 1000, 0
        elif value == 100:
            current = max(current, 1) * 100
        elif value == 20 and current % 100 == 4:
            current = current - 4 + 80
        else:
            current += value
    return total + current


def _near(value: int) -> Count:
    spread = max(2, math.ceil(value * 0.1))
    return Count(max(0, value - spread), value + spread)


def _bounds(plain: str, start: int, end: int, value: int) -> tuple[Count, int]:
    before = plain[max(0, start - 24) : start]
    for pattern, count in (
        (_LESS, Count(0, max(0, value - 1))),
        (_MORE, Count(value + 1, None)),
        (_LEAST, Count(value, None)),
        (_MOST, Count(0, value)),
        (_NEAR, _near(value)),
    ):
        if found := pattern.search(before):
            return count, start - (len(before) - found.start())
    if re.match(r"(?: [a-z]+){0,2} (?:ou|et) (?:plus|davantage)\b", plain[end:]):
        return Count(value, None), start
    if re.match(r" environ\b|,? a peu pres\b", plain[end:]):
        return _near(value), start
    return Count.exactly(value), start


def find_numbers(plain: str) -> list[Number]:
    """Return every quantity of a folded text, ranges merged into one.

    « une quinzaine », « entre 12 et 16 », « moins de 15 », « 50 ou plus » keep their bounds: an
    approximate number is never read as exact.
    """
    found: list[Number] = []
    for match in _NUMBER.finditer(plain):
        if match["about"]:
            found.append(
                Number(_ABOUT[match["about"]], _near(_ABOUT[match["about"]]), match.start(), match.end())
            )
            continue
        if match["words"]:
            if match["words"] in ("un", "une", "one", "six") and not _counts(
                match["words"], plain, match.end()
            ):
                continue
            whole, value = True, float(_from_words(match["words"]))
        else:
            digits = match["digits"].replace(" ", "")
            whole, value = match["decimals"] is None, float(f"{digits}.{match['decimals'] or 0}")
        if len(str(int(value))) > 9:
            continue
        if not whole:
            found.append(Number(value, Count(int(value), int(value) + 1), match.start(), match.end()))
            continue
        count, start = _bounds(plain, match.start(), match.end(), int(value))
        if found and _joined(found[-1], plain, match.start()):
            previous = found.pop()
            if re.search(r"\bpass\w+ de $", plain[: previous.start]):
                found.append(Number(value, count, match.start(), match.end()))
                continue
            low = int(previous.value)
            begin = previous.start
            if opening := _RANGE.search(plain[:begin]):
                begin = opening.start()
            found.append(Number(value, Count(low, int(value)), begin, match.end()))
            continue
        found.append(Number(value, count, start, match.end()))
    return found


def _counts(word: str, plain: str, end: int) -> bool:
    """« un » and « une » are mostly articles: they count only before a noun this reader is asked about."""
    return word == "six" or bool(re.match(r" (?:seule?|unique|usld|smr|region|autre)", plain[end:]))


def _joined(previous: Number, plain: str, start: int) -> bool:
    """Whether two numbers are the bounds of a range: « entre 12 et 16 », « 12 à 16 », « 12-16 »."""
    between = plain[previous.end : start]
    if between == " et ":
        return bool(re.search(r"(?:entre|between)\s+$", plain[: previous.start]))
    return between in (" a ", "-", " - ", " ou ") and previous.count.exact and "/" not in between
