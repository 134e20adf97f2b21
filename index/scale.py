"""The scale of cosines: thresholds are written in that of multilingual-e5-small, whatever model runs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CosineScale:
    """A line from the cosines of a model to those that multilingual-e5-small would give."""

    slope: float = 1.0
    intercept: float = 0.0

    def __call__(self, cosine: float) -> float:
        """Return a cosine on the common scale.

        Example:
            >>> CosineScale(0.5, 0.5)(0.8)
            0.9
        """
        return self.slope * cosine + self.intercept
