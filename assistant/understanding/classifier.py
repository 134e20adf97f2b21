"""A classifier of short texts: a softmax over the vectors of the product's own encoder."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_BALANCE = 0.5  # a class counts by its share to this power, so that the small ones are not drowned
_STRENGTH = 10.0  # inverse of the pull of the weights towards nought


@dataclass(frozen=True)
class Classifier:
    """The weights (c, d) and biases (c,) of each of its ``labels``."""

    labels: tuple[str, ...]
    weights: NDArray[np.float32]
    biases: NDArray[np.float32]

    def probabilities(self, vector: NDArray[np.float32]) -> dict[str, float]:
        """Return the probability of each label for the unit vector of a text."""
        scores = self.weights @ vector + self.biases
        shares = np.exp(scores - scores.max())
        shares /= shares.sum()
        return {label: float(share) for label, share in zip(self.labels, shares, strict=True)}

    def save(self, path: Path) -> None:
        """Write the classifier into a file.

        Raises:
            OSError: It cannot be written.
        """
        np.savez(path, labels=np.array(self.labels), weights=self.weights, biases=self.biases)

    @classmethod
    def load(cls, path: Path) -> Classifier:
        """Return the classifier of a file.

        Raises:
            OSError: It cannot be read.
            ValueError: It is damaged.
        """
        try:
            with np.load(path, allow_pickle=False) as kept:
                labels = tuple(str(label) for label in kept["labels"])
                found = cls(labels, kept["weights"], kept["biases"])
        except (KeyError, EOFError, zipfile.BadZipFile) as error:
            raise ValueError(f"{path} is no classifier ({error})") from error
        if (
            found.weights.ndim != 2
            or found.biases.shape != (len(labels),)
            or len(found.weights) != len(labels)
        ):
            raise ValueError(f"{path} is no classifier: its shapes disagree")
        return found


def learn_classes(examples: Mapping[str, Sequence[str]], vectors: NDArray[np.float32]) -> Classifier:
    """Return the classifier learnt from the texts of each label; ``vectors`` has their unit rows, in order."""
    from sklearn.linear_model import LogisticRegression

    labels = np.array([label for label, texts in examples.items() for _ in texts])
    sizes = {label: len(texts) for label, texts in examples.items()}
    counts = np.array([(len(labels) / sizes[label]) ** _BALANCE for label in labels])
    model = LogisticRegression(C=_STRENGTH, max_iter=3_000)
    model.fit(vectors, labels, sample_weight=counts / counts.mean())
    return Classifier(
        tuple(str(label) for label in model.classes_),
        model.coef_.astype(np.float32),
        model.intercept_.astype(np.float32),
    )
