"""Say how likely it is that what was found answers: « nothing relevant » is a decision, with a measured precision.

A fused score compares passages of one search and says nothing across searches; the cosine of the nearest passage does.
The share of the question's words that are found, and how far the nearest passage stands from the usual one, were tried
beside it and added nothing (weights near nought, the same precision and recall).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from index.passage import Hit


@dataclass(frozen=True)
class Relevance:
    """A logistic model of « a passage that answers is among the first five », for one encoder.

    ``cosine`` multiplies the best cosine; ``threshold`` is the probability under which nothing relevant is said to be
    found. How they were fitted and what they are worth:
    ``python -m evals run relevance``.
    """

    intercept: float
    cosine: float
    threshold: float

    def probability(self, cosine: float) -> float:
        """Return a number from 0 to 1.

        Example:
            >>> Relevance(-2.0, 4.0, threshold=0.5).probability(0.5)
            0.5
        """
        return 1 / (1 + math.exp(-(self.intercept + self.cosine * cosine)))


def best_cosine(hits: Sequence[Hit]) -> float:
    """Return the cosine of the nearest hit, nought without any."""
    return max((hit.dense for hit in hits if hit.dense is not None), default=0.0)
