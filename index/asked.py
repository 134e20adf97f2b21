"""The questions that passages are known to answer: what is learnt from them, and which is nearest to a user's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.adaptation import Adaptation, learn
from index.encoder import PassageEncoder, Progress
from index.engines import Vectors
from index.french import bare
from index.journal import Journal
from index.passage import Passage

Owners = NDArray[np.int64]

ASKED_VERSION = 3  # of how questions are written before they are encoded

_QUESTIONS = "questions.npy"
_ADAPTATION = "adaptation.npz"


class Nearest(NamedTuple):
    """By rank of passage: its adapted cosine (NaN without questions) and the likeness of each of its questions."""

    cosines: NDArray[np.float64]
    likeness: Sequence[NDArray[np.float32]]


class AskedQuestions:
    """The questions of passages as vectors, those of a passage one after another.

    ``questions`` has a unit row a question, ``owners`` the rank of its passage among those of ``passages`` (n, d).
    """

    def __init__(
        self,
        questions: NDArray[np.floating],
        owners: Owners,
        passages: NDArray[np.floating],
        adaptation: Adaptation,
    ) -> None:
        self._size = len(passages)
        self._adaptation = adaptation
        self._turned = adaptation.turn(np.asarray(questions, np.float32))
        self._owned = np.unique(owners)
        self._ends = np.cumsum(np.bincount(owners, minlength=self._size))[:-1]
        self._passages = np.asarray(passages[self._owned], np.float32)

    @classmethod
    def load(
        cls, directory: Path, passages: Sequence[Passage], vectors: NDArray[np.floating]
    ) -> AskedQuestions | None:
        """Return what :func:`write_asked` wrote; ``None`` when no passage has questions.

        Raises:
            OSError: A file is missing.
            ValueError: A file is damaged, or is of other passages.
        """
        owners = owners_of(passages)
        if not owners.size:
            return None
        questions = np.load(directory / _QUESTIONS)
        with np.load(directory / _ADAPTATION) as kept:
            adaptation = Adaptation(kept["matrix"], float(kept["slope"]), float(kept["intercept"]))
        width = vectors.shape[1]
        if questions.shape != (owners.size, width) or adaptation.matrix.shape != (width, width):
            raise ValueError("the questions are not those of the passages")
        return cls(questions, owners, vectors, adaptation)

    def nearest(self, vector: NDArray[np.float32]) -> Nearest:
        """Return how near each passage is to a question (a unit vector), and each of its own questions."""
        cosines = np.full(self._size, np.nan)
        cosines[self._owned] = self._adaptation.cosines(vector, self._passages)
        alike = self._turned @ self._adaptation.turn(vector)
        return Nearest(cosines, np.split(alike, self._ends))


def no_questions(size: int) -> Nearest:
    """Return what is known of ``size`` passages without questions."""
    return Nearest(np.full(size, np.nan), [np.empty(0, np.float32)] * size)


def owners_of(passages: Sequence[Passage]) -> Owners:
    """Return the rank of the passage of each question, in the order of passages."""
    counts = [len(passage.asked) for passage in passages]
    return np.repeat(np.arange(len(passages), dtype=np.int64), counts)


def write_asked(
    directory: Path,
    passages: Sequence[Passage],
    vectors: Vectors,
    encoder: PassageEncoder,
    kept: Path,
    progress: Progress,
    *,
    afresh: bool = False,
) -> None:
    """Encode the questions of passages, learn from them and write both; nothing when there are none.

    The vectors of questions are journaled under ``kept``, apart from those of passages: they are read as questions.
    ``afresh`` forgets those kept.

    Raises:
        OSError: The journal or the files cannot be written.
        EncoderError: The model cannot be loaded.
    """
    texts = [question for passage in passages for question in passage.asked]
    if not texts:
        return
    journal = Journal(kept, _AsQuestions(encoder))
    questions, _ = journal.encode(texts, progress, afresh=afresh)
    journal.keep_only(texts)
    owners = owners_of(passages)
    owned, ranks = np.unique(owners, return_inverse=True)
    adaptation = learn(questions, ranks, vectors[owned])
    np.save(directory / _QUESTIONS, questions.astype(np.float16))
    np.savez(
        directory / _ADAPTATION,
        matrix=adaptation.matrix,
        slope=adaptation.slope,
        intercept=adaptation.intercept,
    )


class _AsQuestions:
    """An encoder that reads what it is given as questions."""

    def __init__(self, encoder: PassageEncoder) -> None:
        self._encoder = encoder
        self.fingerprint = f"{encoder.fingerprint} questions {ASKED_VERSION}"
        self.scale = encoder.scale
        self.relevance = encoder.relevance

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._encoder.encode_queries(texts)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        parts = []
        for start in range(0, len(texts), 64):
            questions = [bare(text) for text in texts[start : start + 64]]
            parts.append(self._encoder.encode_queries(questions))
            if progress:
                progress(min(start + 64, len(texts)), len(texts))
        return np.concatenate(parts)
