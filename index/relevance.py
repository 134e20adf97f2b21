"""Say how likely it is that what was found answers: « nothing relevant » is a decision, with a measured precision.

A fused score compares passages of one search and says nothing across searches. Two things do: the cosine of the
nearest passage, and the share of the question's words, by their rarity, that the best passage holds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from index.passage import Hit


@dataclass(frozen=True)
class Relevance:
    """A logistic model of « a passage that answers is among the first five », for one encoder.

    ``cosine`` and ``coverage`` multiply the best cosine and the best share of the words found; ``threshold`` is the
    probability under which nothing relevant is said to be found. How they were fitted and what they are worth:
    ``python -m evals run relevance``.
    """

    intercept: float
    cosine: float
    coverage: float
    threshold: float

    def probability(self, cosine: float, coverage: float) -> float:
        """Return a number from 0 to 1.

        Example:
            >>> Relevance(-2.0, 4.0, 1.0, 0.5).probability(0.5, 0.0)
            0.5
        """
        return 1 / (1 + math.exp(-(self.intercept + self.cosine * cosine + self.coverage * coverage)))


def evidence(hits: Sequence[Hit], ceiling: float) -> tuple[float, float]:
    """Return the best cosine and the best share of ``ceiling``, the most that words could score; nought without hits."""
    cosine = max((hit.dense for hit in hits if hit.dense is not None), default=0.0)
    words = max((hit.lexical for hit in hits if hit.lexical is not None), default=0.0)
    return cosine, min(1.0, words / ceiling) if ceiling > 0 else 0.0
