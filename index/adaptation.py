"""Learn, from the questions that statements answer, how to turn a user's question towards its answer.

A question is multiplied by one matrix before it is compared with the passages that have questions of their own; the
vectors of passages do not change. The matrix is learnt when the index is built: softmax over those passages, held near
the identity. On questions left out (4 folds), the right statement comes first for .52 of them instead of .40 by
meaning alone, .58 instead of .50 with the words.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
Ranks = NDArray[np.int64]

_EPOCHS = 30
_BATCH = 256
_RATE = 2e-3
_SCALE = 30.0  # sharpness of the softmax over cosines
_HOLD = 3e-3  # pull towards the identity
_SEED = 7


@dataclass(frozen=True)
class Adaptation:
    """The matrix that turns a question, and the line that puts its cosines on the scale of the plain ones."""

    matrix: Matrix
    slope: float = 1.0
    intercept: float = 0.0

    def turn(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the unit vector of a question, or of several in rows, turned towards its answer."""
        turned: NDArray[np.float32] = vector @ self.matrix
        turned /= np.linalg.norm(turned, axis=-1, keepdims=True)
        return turned

    def cosines(self, vector: NDArray[np.float32], passages: Matrix) -> NDArray[np.float64]:
        """Return the cosines of a question with passages (unit rows), on the scale of the plain ones."""
        return self.slope * (passages @ self.turn(vector)).astype(np.float64) + self.intercept


def learn(questions: Matrix, answers: Ranks, passages: Matrix) -> Adaptation:
    """Return the adaptation learnt from ``questions`` (m, d) whose answers are rows of ``passages`` (n, d).

    Unit vectors in; ``answers`` (m,) are the ranks of the right passages. The same input gives the same matrix.
    """
    generator = np.random.default_rng(_SEED)
    questions, passages = questions.astype(np.float32), passages.astype(np.float32)
    identity = np.eye(questions.shape[1], dtype=np.float32)
    matrix = identity.copy()
    mean, square, step = np.zeros_like(matrix), np.zeros_like(matrix), 0
    for _ in range(_EPOCHS):
        order = generator.permutation(len(questions))
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            slope = _gradient(matrix, questions[batch], answers[batch], passages)
            slope += 2 * _HOLD * (matrix - identity)
            step += 1
            mean = 0.9 * mean + 0.1 * slope
            square = 0.999 * square + 0.001 * slope**2
            matrix -= (
                _RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
            ).astype(np.float32)
    return _on_scale(matrix, questions, passages)


def _gradient(matrix: Matrix, questions: Matrix, answers: Ranks, passages: Matrix) -> Matrix:
    """Return the gradient of the cross-entropy of the right passages with respect to the matrix."""
    moved = questions @ matrix
    length = np.linalg.norm(moved, axis=1, keepdims=True)
    turned = moved / length
    scores = _SCALE * turned @ passages.T
    scores -= scores.max(axis=1, keepdims=True)
    share = np.exp(scores)
    share /= share.sum(axis=1, keepdims=True)
    share[np.arange(len(answers)), answers] -= 1
    pull = (_SCALE / len(answers)) * share @ passages
    pull -= turned * (turned * pull).sum(axis=1, keepdims=True)
    gradient: Matrix = questions.T @ (pull / length)
    return gradient


def _on_scale(matrix: Matrix, questions: Matrix, passages: Matrix) -> Adaptation:
    """Return the adaptation whose cosines have, over the best passage of each question and over all, the plain means."""
    adaptation = Adaptation(matrix)
    plain, turned = questions @ passages.T, adaptation.turn(questions) @ passages.T
    best, best_turned = plain.max(axis=1).mean(), turned.max(axis=1).mean()
    slope = float((best - plain.mean()) / max(best_turned - turned.mean(), 1e-6))
    return Adaptation(matrix, slope, float(best - slope * best_turned))
