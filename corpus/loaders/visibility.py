"""Whether a text shows on the page, from what its format says of its colour, background and size."""

from __future__ import annotations

import re
from dataclasses import dataclass

Colour = tuple[int, int, int]

WHITE: Colour = (255, 255, 255)
# Of a shape, an image or a style that is not read: no colour of text is told apart from it.
UNKNOWN: Colour = (-999, -999, -999)
_NAMES = {"white": WHITE, "black": (0, 0, 0)}
_NEAR = 6  # out of 255: no eye sees the text
_MIN_POINTS = 1.0

_HEXADECIMAL = re.compile(r"#?([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")
_CLEAR = re.compile(r"#(?:[0-9a-f]{3}0|[0-9a-f]{6}00)")
_CHANNELS = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\s*(?:[,/]\s*([\d.]+%?)\s*)?\)")


@dataclass(frozen=True)
class Look:
    """How a text is drawn; ``None`` is what its format takes when it says nothing: black, on white, at 10 points."""

    colour: Colour | None = None
    background: Colour | None = None
    points: float | None = None
    is_hidden: bool = False

    @property
    def is_seen(self) -> bool:
        """Whether a reader sees the text."""
        if self.is_hidden or (self.points is not None and self.points <= _MIN_POINTS):
            return False
        if self.colour is None:
            return True
        paper = self.background or WHITE
        return max(abs(one - other) for one, other in zip(self.colour, paper, strict=True)) > _NEAR


def colour(value: str | None) -> Colour | None:
    """Return the colour that a format writes; ``None`` for a name or a notation that is not read.

    Example:
        >>> colour("#FFF"), colour("FFFFFF"), colour("rgb(0, 10, 255)"), colour("auto")
        ((255, 255, 255), (255, 255, 255), (0, 10, 255), None)
    """
    written = (value or "").strip().lower()
    if match := _HEXADECIMAL.fullmatch(written):
        digits = match[1]
        if len(digits) < 6:
            digits = "".join(digit * 2 for digit in digits)
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)
    if match := _CHANNELS.fullmatch(written):
        return int(match[1]), int(match[2]), int(match[3])
    return _NAMES.get(written)


def is_transparent(value: str) -> bool:
    """Whether a colour lets all that is under it show.

    Example:
        >>> is_transparent("rgba(0, 0, 0, 0)"), is_transparent("#ffffff00"), is_transparent("#fff")
        (True, True, False)
    """
    written = value.strip().lower()
    if match := _CHANNELS.fullmatch(written):
        return match[4] is not None and not match[4].strip("0.%")
    return written == "transparent" or bool(_CLEAR.fullmatch(written))
