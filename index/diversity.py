"""Leave out what repeats an earlier hit, and keep one document from filling the list."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from index.french import fold
from index.passage import Hit

# Shared words of two texts, of those of the longer: a page copied with another title and date shares nine in ten.
SAME = 0.9

_WORD = re.compile(r"[a-z0-9]+")


def distinct(hits: Iterable[Hit], limit: int, per_document: int | None = None) -> list[Hit]:
    """Return at most ``limit`` hits in their order, none nearly the same text as one before it.

    Two texts with different figures are never the same: « 15 ESSMS » does not repeat « 8 ESSMS ».
    ``per_document`` is how many hits of one document are kept, all of them when ``None``.
    """
    kept: list[Hit] = []
    contents: list[_Content] = []
    counts: Counter[str] = Counter()
    for hit in hits:
        if len(kept) == limit:
            break
        if per_document is not None and counts[hit.passage.document] >= per_document:
            continue
        content = _Content.of(hit.passage.text)
        if any(content.repeats(other) for other in contents):
            continue
        kept.append(hit)
        contents.append(content)
        counts[hit.passage.document] += 1
    return kept


@dataclass(frozen=True)
class _Content:
    """The words of a text with their counts, how many there are, and which are figures."""

    words: Counter[str]
    total: int
    figures: frozenset[str]

    @classmethod
    def of(cls, text: str) -> _Content:
        words = Counter(_WORD.findall(fold(text)))
        return cls(words, words.total(), frozenset(word for word in words if not word.isalpha()))

    def repeats(self, other: _Content) -> bool:
        longest = max(self.total, other.total)
        if self.figures != other.figures or min(self.total, other.total) < SAME * longest:
            return False
        return (self.words & other.words).total() >= SAME * longest
