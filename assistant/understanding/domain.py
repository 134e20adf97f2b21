"""Tell whether a question is about the programme at all, by the examples it is nearest to."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from index.encoder import PassageEncoder

_FILE = Path(__file__).parent / "domain.yaml"
_NEAREST = 3
# Deviation of the examples' own margins by multilingual-e5-small, in which the thresholds of refusals are written.
_USUAL_DEVIATION = 0.0239


class Domain:
    """Examples within and outside the field, as unit vectors of the product's own encoder."""

    def __init__(self, within: NDArray[np.float32], outside: NDArray[np.float32]) -> None:
        self._within, self._outside = within, outside
        self._unit = _USUAL_DEVIATION / max(_deviation(within, outside), 1e-6)

    @classmethod
    def open(cls, encoder: PassageEncoder, cache: Path, path: Path = _FILE) -> Domain:
        """Return the examples, encoded once a model and a list: the vectors are kept under ``cache``."""
        text = path.read_text(encoding="utf-8")
        examples = yaml.safe_load(text)
        within, outside = list(examples["within"]), list(examples["outside"])
        key = hashlib.sha256(f"{encoder.fingerprint}\n{text}".encode()).hexdigest()[:16]
        kept = cache / f"domain-{key}.npy"
        vectors = _read(kept, len(within) + len(outside))
        if vectors is None:
            vectors = encoder.encode_queries([*within, *outside])
            _keep(kept, vectors)
        return cls(vectors[: len(within)], vectors[len(within) :])

    def margin(self, vector: NDArray[np.float32]) -> float:
        """Return how much nearer a question is to the field than to the rest.

        Each side counts by its three nearest examples, so that one odd resemblance does not decide. The margin is a
        difference of cosines as multilingual-e5-small would spread them, whatever encoder runs.
        """
        return self._unit * (_near(self._within @ vector) - _near(self._outside @ vector))


def _read(kept: Path, rows: int) -> NDArray[np.float32] | None:
    """Return the vectors kept, or ``None`` when there are none or the file is damaged."""
    try:
        vectors: NDArray[np.float32] = np.load(kept, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return vectors if vectors.ndim == 2 and len(vectors) == rows else None


def _keep(kept: Path, vectors: NDArray[np.float32]) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    partial = kept.with_name(f"{kept.name}.{os.getpid()}.partial")
    with partial.open("wb") as file:
        np.save(file, vectors)
    partial.replace(kept)


def _near(similarities: NDArray[np.float32]) -> float:
    return float(np.sort(similarities)[-_NEAREST:].mean())


def _deviation(within: NDArray[np.float32], outside: NDArray[np.float32]) -> float:
    """Return the deviation of the margins of the examples, each compared with the others."""
    margins = []
    for own, other, sign in ((within, outside, 1), (outside, within, -1)):
        alike = own @ own.T
        np.fill_diagonal(alike, -1)
        margins += [sign * (_near(near) - _near(far)) for near, far in zip(alike, own @ other.T, strict=True)]
    return float(np.std(margins))
