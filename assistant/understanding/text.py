"""Fold French text for matching without losing the place of each word."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_LIGATURES = {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ﬁ": "fi", "ﬂ": "fl"}
_SAME = {
    "’": "'",
    "‘": "'",
    "ʼ": "'",
    "`": "'",
    "´": "'",
    "‐": "-",
    "‑": "-",
    "–": "-",
    "—": "-",
    "«": '"',
    "»": '"',
}
_LONGEST_FORM = 4  # some signs stand for whole sentences
_TOKEN = re.compile(r"\d+|[a-z]+|[^\sa-z\d]")


def clean(text: str) -> str:
    """Return the text without control and invisible characters; line breaks become spaces."""
    kept = []
    for char in text:
        category = unicodedata.category(char)
        if char in "\n\r\t\v\f" or category.startswith("Z"):
            kept.append(" ")
        elif category not in ("Cc", "Cf", "Cs", "Co", "Cn"):
            kept.append(char)
    return re.sub(r" {2,}", " ", "".join(kept)).strip()


@dataclass(frozen=True)
class Folded:
    """A text in lower case without accents; ``at[i]`` is the place in ``original`` of character i."""

    original: str
    plain: str
    at: tuple[int, ...]

    def words(self, start: int, end: int) -> str:
        """Return the user's own words between two places of the folded text."""
        if start >= end:
            return ""
        return self.original[self.at[start] : self.at[end - 1] + 1].strip()


@lru_cache(maxsize=1024)  # the same passages are compared with one question after another
def fold(text: str) -> Folded:
    """Return the folded form: « Île-de-France » becomes « ile-de-france »."""
    plain, places = [], []
    for place, char in enumerate(text):
        if char in _LIGATURES:
            replaced = _LIGATURES[char]
        elif char in _SAME:
            replaced = _SAME[char]
        else:
            decomposed = unicodedata.normalize("NFKD", char)
            if len(decomposed) > _LONGEST_FORM:
                decomposed = char
            if decomposed.isdigit() and unicodedata.decomposition(char).startswith("<super>"):
                decomposed = f"^{decomposed}"
            replaced = "".join(c for c in decomposed if not unicodedata.combining(c)).lower()
        for piece in replaced:
            plain.append(" " if piece.isspace() else piece)
            places.append(place)
    return Folded(text, "".join(plain), tuple(places))


@dataclass(frozen=True)
class Token:
    """A word, a number or a sign of the folded text."""

    text: str
    start: int
    end: int


def tokens(folded: Folded) -> list[Token]:
    """Return the tokens of a folded text, in order."""
    return [Token(match[0], match.start(), match.end()) for match in _TOKEN.finditer(folded.plain)]
