"""Find passages by their words: BM25 over French stems, acronyms expanded from the glossary."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.glossary import Term
from index.french import stem

# An expansion counts less than the user's own words, or a three-word name would outweigh the question.
_EXPANSION_WEIGHT = 0.4


class Expansions:
    """The other written forms of a glossary term: « DUI » for « dossier usager informatisé », and back."""

    def __init__(self, terms: Iterable[Term] = ()) -> None:
        self._rules: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
        for term in terms:
            name = tuple(stem(term.term))
            for form in term.abbreviations:
                short = tuple(stem(form))
                if sum(char.isupper() for char in form) >= 2 and short and name and short != name:
                    self._rules += [(short, name), (name, short)]

    def expand(self, stems: Sequence[str]) -> list[str]:
        """Return the stems to add to a question, none of which it already has."""
        added: dict[str, None] = {}
        for pattern, replacement in self._rules:
            size = len(pattern)
            if any(tuple(stems[at : at + size]) == pattern for at in range(len(stems) - size + 1)):
                added.update(dict.fromkeys(replacement))
        return [word for word in added if word not in stems]


class LexicalIndex:
    """BM25 scores of every text for a question."""

    def __init__(self, texts: Sequence[str], expansions: Expansions | None = None) -> None:
        self._size = len(texts)
        self._expansions = expansions or Expansions()
        self._engine: Any = None
        stems = [stem(text) for text in texts]
        if any(stems):
            import bm25s

            self._engine = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
            self._engine.index(stems, show_progress=False)

    def scores(self, query: str) -> NDArray[np.float64]:
        """Return one score a text, zero when it shares no word with the question."""
        words = stem(query)
        return self._sum(words) + _EXPANSION_WEIGHT * self._sum(self._expansions.expand(words))

    def _sum(self, words: list[str]) -> NDArray[np.float64]:
        if self._engine is None or not words:
            return np.zeros(self._size)
        scores: NDArray[np.float64] = self._engine.get_scores(words).astype(np.float64)
        return scores
