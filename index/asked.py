"""The questions that passages answer, as vectors: a question resembles another question more than its answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.encoder import Progress
from index.engines import Vectors
from index.journal import Journal
from index.passage import Passage

Owners = NDArray[np.int64]


class AskedQuestions:
    """The vectors of questions, each owned by a passage; those of a passage follow one another.

    ``vectors`` has a unit row a question, ``owners`` the rank of its passage among ``size`` ones.
    """

    def __init__(self, vectors: NDArray[np.floating], owners: Owners, size: int) -> None:
        self._vectors = np.asarray(vectors, np.float32)
        self._size = size
        self._owned, self._starts = np.unique(owners, return_index=True)

    def similarities(self, vector: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return, for each passage, the cosine of its nearest question; NaN for a passage without any."""
        nearest = np.full(self._size, np.nan)
        if self._owned.size:
            nearest[self._owned] = np.maximum.reduceat(self._vectors @ vector, self._starts)
        return nearest


def owners_of(passages: Sequence[Passage]) -> Owners:
    """Return the rank of the passage of each question, in the order of passages."""
    counts = [len(passage.questions) for passage in passages]
    return np.repeat(np.arange(len(passages), dtype=np.int64), counts)


def question_vectors(
    journal: Journal, passages: Sequence[Passage], progress: Progress
) -> tuple[Vectors | None, int]:
    """Return one unit vector a question, in the order of passages (``None`` without any), and how many were encoded.

    Raises:
        OSError: The journal cannot be written.
        EncoderError: The model cannot be loaded.
    """
    texts = [question for passage in passages for question in passage.questions]
    return journal.encode(texts, progress) if texts else (None, 0)
