"""Leave out what repeats an earlier hit, and keep one document from filling the list."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

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
    words: list[Counter[str]] = []
    counts: Counter[str] = Counter()
    for hit in hits:
        if len(kept) == limit:
            break
        if per_document is not None and counts[hit.passage.document] >= per_document:
            continue
        own = Counter(_WORD.findall(fold(hit.passage.text)))
        if any(_repeats(own, other) for other in words):
            continue
        kept.append(hit)
        words.append(own)
        counts[hit.passage.document] += 1
    return kept


def _repeats(text: Counter[str], other: Counter[str]) -> bool:
    longest = max(text.total(), other.total())
    if longest == 0 or min(text.total(), other.total()) < SAME * longest:
        return longest == 0
    figures = {word for word in text.keys() ^ other.keys() if any(char.isdigit() for char in word)}
    return not figures and (text & other).total() >= SAME * longest
