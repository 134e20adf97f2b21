"""How much a question resembles known ones by their words: what is left of a likeness when nothing encodes."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from index.asked import Nearest
from index.french import stem
from index.passage import Passage


class WordedQuestions:
    """The questions of passages as sets of stems, the rarer a stem the heavier (its inverse document frequency)."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        words = [frozenset(stem(question)) for passage in passages for question in passage.asked]
        self._ends = np.cumsum([len(passage.asked) for passage in passages])[:-1]
        self._size = len(words)
        counts = Counter(word for listed in words for word in listed)
        self._weights = {word: math.log(1 + len(words) / count) for word, count in counts.items()}
        self._unknown = math.log(1 + len(words))
        postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for rank, listed in enumerate(words):
            length = self._length(listed)
            for word in listed:
                postings[word].append((rank, self._weights[word] / length))
        self._postings = {
            word: (np.array([rank for rank, _ in found]), np.array([share for _, share in found]))
            for word, found in postings.items()
        }

    def nearest(self, query: str) -> Nearest:
        """Return how alike ``query`` and each question of a passage are: the cosine of their words; no cosine of meaning."""
        words = frozenset(stem(query))
        cosines = np.zeros(self._size)
        for word in words & self._postings.keys():
            ranks, shares = self._postings[word]
            cosines[ranks] += shares * self._weights[word]
        alike = (cosines / self._length(words)).astype(np.float32)
        return Nearest(np.full(len(self._ends) + 1, np.nan), np.split(alike, self._ends))

    def _length(self, words: frozenset[str]) -> float:
        return math.sqrt(sum(self._weights.get(word, self._unknown) ** 2 for word in words)) or 1.0
