"""Find the categories of establishment a message names, plurals, acronyms and typos included."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from assistant.understanding.negation import absent
from assistant.understanding.text import Folded
from corpus.categories import load_categories

_WORD = re.compile(r"[a-z0-9]+")
_LONGEST = 9
# Other names of categories of the corpus, that are ordinary words too.
_OTHER_FORMS: dict[tuple[str, ...], str] = {("maternite",): "hopital"}
# Words that count in capitals, or after a number or an article: most are acronyms.
_AMBIGUOUS = {
    "mas",
    "clic",
    "act",
    "imp",
    "impro",
    "cra",
    "gem",
    "lam",
    "dac",
    "sad",
    "aed",
    "fam",
    "had",
    "tutelle",
    "mco",
    "maternite",
}
_FUZZY_LENGTH = 5
_FUZZY_SCORE = 86
_BEFORE = re.compile(r"(?:\b(?:une?|des|les?|la|nos|notre|\d+|deux|trois|quatre|cinq|six)|l')\s*$")
_NOT_TYPOS = {
    "essms",
    "esms",
    "ssms",
    "medical",
    "centre",
    "clinique",
    "cliniques",
    "crecher",
    "saisi",
    "saisie",
}


@dataclass(frozen=True)
class Found:
    """A category found in a message, with its place in the folded text."""

    categorie: str
    start: int
    end: int


def _singular(word: str) -> str:
    if len(word) > 5 and word.endswith("aux"):
        return f"{word[:-3]}al"  # « cabinets médicaux »
    return word[:-1] if len(word) > 3 and word[-1] in "sx" else word


@lru_cache(maxsize=1)
def _forms() -> dict[tuple[str, ...], str]:
    table = dict(_OTHER_FORMS)
    for categorie in load_categories().values():
        for forme in categorie.formes:
            table[tuple(_singular(word) for word in _WORD.findall(forme))] = categorie.id
    return table


@lru_cache(maxsize=1)
def _single_forms() -> dict[str, str]:
    return {
        key[0]: value
        for key, value in _forms().items()
        if len(key) == 1 and len(key[0]) >= _FUZZY_LENGTH and key not in _OTHER_FORMS
    }


def _accepted(key: tuple[str, ...], folded: Folded, start: int, end: int) -> bool:
    if len(key) > 1 or key[0] not in _AMBIGUOUS:
        return True
    return folded.words(start, end).isupper() or bool(
        _BEFORE.search(folded.plain[max(0, start - 12) : start])
    )


def _typo(word: str) -> str | None:
    if len(word) < _FUZZY_LENGTH - 1 or word in _NOT_TYPOS or word.isdigit():
        return None
    best = process.extractOne(word, _single_forms().keys(), scorer=fuzz.ratio, score_cutoff=_FUZZY_SCORE)
    if best is not None and best[0][0] == word[0]:
        return _single_forms()[best[0]]
    return next((found for form, found in _single_forms().items() if _swapped(word, form)), None)


def _swapped(word: str, form: str) -> bool:
    """Whether two letters of a short acronym were typed the wrong way round: « ephad »."""
    return (
        len(word) == len(form)
        and word[0] == form[0]
        and OSA.distance(word, form, score_cutoff=1) == 1
        and sorted(word) == sorted(form)
    )


def find_categories(folded: Folded) -> list[Found]:
    """Return the categories named, longest form first, in the order of the text; not those said to be absent."""
    words = list(_WORD.finditer(folded.plain))
    singular = [_singular(word[0]) for word in words]
    table, found, position = _forms(), [], 0
    while position < len(words):
        for size in range(min(_LONGEST, len(words) - position), 0, -1):
            key = tuple(singular[position : position + size])
            start, end = words[position].start(), words[position + size - 1].end()
            if key in table and _accepted(key, folded, start, end):
                found.append(Found(table[key], start, end))
                position += size
                break
        else:
            if categorie := _typo(singular[position]):
                found.append(Found(categorie, words[position].start(), words[position].end()))
            position += 1
    return [category for category in found if not absent(folded.plain, category.start)]
