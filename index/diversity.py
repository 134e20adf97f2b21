"""Leave out what repeats an earlier hit, and keep one document from filling the list."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from index.french import STOP_WORDS, fold
from index.passage import Hit, Passage

SHARE = 0.9  # of the words of the earlier text, that the later one must have to be said to repeat it

_WORD = re.compile(r"\w+")
_REVERSES = frozenset(
    [
        "ne",
        "n",
        "pas",
        "non",
        "sans",
        "sauf",
        "hors",
        "ni",
        "aucun",
        "aucune",
        "jamais",
        "seul",
        "seule",
        "seuls",
        "seules",
        "moins",
        "plus",
    ]
)
_EMPTY = STOP_WORDS - _REVERSES


def distinct(hits: Iterable[Hit], limit: int, per_document: int | None = None) -> list[Hit]:
    """Return at most ``limit`` hits in their order, none that only repeats one before it.

    A text repeats another when it has no word of its own beside articles and the like, nearly all of the other's,
    the same figures and the same negations, and speaks of the same years, tracks, places and version.
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
        content = _Content.of(hit.passage)
        if any(content.repeats(other) for other in contents):
            continue
        kept.append(hit)
        contents.append(content)
        counts[hit.passage.document] += 1
    return kept


@dataclass(frozen=True)
class _Content:
    """What a passage says: its words with their counts, those that may not differ, and what it speaks of."""

    words: Counter[str]
    decisive: frozenset[str]
    scope: tuple[Any, ...]

    @classmethod
    def of(cls, passage: Passage) -> _Content:
        words = Counter(word for word in _WORD.findall(fold(passage.text)) if word not in _EMPTY)
        decisive = frozenset(word for word in words if word in _REVERSES or not word.isalpha())
        scope = (passage.annees, passage.voies, passage.territoires, bool(passage.superseded_by))
        return cls(words, decisive, scope)

    def repeats(self, earlier: _Content) -> bool:
        if self.scope != earlier.scope or self.decisive != earlier.decisive or not self.words:
            return False
        return self.words <= earlier.words and self.words.total() >= SHARE * earlier.words.total()
