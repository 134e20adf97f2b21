"""What a reader can see of a page: the colours in use, what is painted under the text, the layers that are off."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from corpus.loaders.pdf_operators import Operand

WHITE = 0.95  # of a full light: paler text cannot be read on white paper
CLEAR = 0.05  # of a full ink: lighter text cannot be read at all
MIN_TYPE_SIZE = 1.0  # point
MIN_FILL = 3.0  # points: a thinner rectangle is a rule, no ground for text
MAX_FILLS = 2_000  # on a page: beyond, its ground is taken to be anything
MAX_GROUND_CHECKS = 5_000_000  # rectangles looked at, over the whole document
UNDER_TEXT = 0.3  # of a type size: how far above its baseline a text is looked for on its ground

Matrix = tuple[float, float, float, float, float, float]
Box = tuple[float, float, float, float]

_SPACES = {
    "/DeviceGray": 1, "/G": 1, "/CalGray": 1, "/DeviceRGB": 3, "/RGB": 3, "/CalRGB": 3, "/DeviceCMYK": 4,
    "/CMYK": 4, "/Separation": -1, "/DeviceN": -1,
}  # fmt: skip

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


class Veil(IntEnum):
    """Why a text cannot be seen; ``MODE`` is legitimate over a scan, whose text it is."""

    NONE = 0
    MODE = 1
    WHITE = 2
    CLEAR = 3
    LAYER = 4
    TINY = 5
    OUTSIDE = 6


def multiply(first: Matrix, second: Matrix) -> Matrix:
    """Return the matrix that applies the first, then the second."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def area(matrix: Matrix) -> float:
    """Return the area of what the matrix makes of the unit square, where images are drawn."""
    return abs(matrix[0] * matrix[3] - matrix[1] * matrix[2])


def box_of(points: list[tuple[float, float]], matrix: Matrix) -> Box:
    """Return the box around points once moved."""
    a, b, c, d, e, f = matrix
    across = [x * a + y * c + e for x, y in points]
    upward = [x * b + y * d + f for x, y in points]
    return min(across), min(upward), max(across), max(upward)


def numbers_of(operands: list[Operand]) -> list[float]:
    """Return the operands that are numbers."""
    return [operand for operand in operands if isinstance(operand, float)]


class Colours:
    """Whether colours are white, by the space they are in."""

    def space(self, operands: list[Operand], resources: Any) -> int:
        """Return how many lights or inks a space has, -1 for tints of an ink, 0 when white cannot be told."""
        name = operands[-1] if operands else None
        known = _SPACES.get(name, 0) if isinstance(name, str) else 0
        if known or not isinstance(name, str):
            return known
        try:
            array = resources["/ColorSpace"][name].get_object()
            kind = array[0].get_object() if isinstance(array, list) else array
            if kind == "/ICCBased":
                return {1: 1, 3: 3, 4: 4}.get(array[1].get_object()["/N"], 0)
            return _SPACES.get(kind, 0)
        except (KeyError, TypeError, AttributeError, IndexError):
            return 0

    @staticmethod
    def is_white(lights: list[float], space: int) -> bool:
        """Whether a colour is white or nearly."""
        if not lights or not space:
            return False
        if space in (1, 3):
            return len(lights) == space and min(lights) >= WHITE
        return max(lights) <= 1 - WHITE


class Ground:
    """What is painted on a page in another colour than white: text in white can be seen over it."""

    def __init__(self, page: Box) -> None:
        self._page = page
        self._fills: list[Box] = []
        self._is_anything = False
        self.images = 0.0
        self.largest_image = 0.0

    def fill(self, box: Box) -> None:
        """Note a surface that is not white."""
        if len(self._fills) >= MAX_FILLS:
            self._is_anything = True
        elif min(box[2] - box[0], box[3] - box[1]) >= MIN_FILL:
            self._fills.append(box)

    def shade(self) -> None:
        """Note a shading: it fills the path that clips it, which is not followed."""
        self._is_anything = True

    def draw_image(self, matrix: Matrix) -> None:
        """Note an image."""
        self.images += area(matrix)
        self.largest_image = max(self.largest_image, area(matrix))
        self.fill(box_of([(0, 0), (1, 0), (0, 1), (1, 1)], matrix))

    def checks(self) -> int:
        """Return how many surfaces a check looks at."""
        return 0 if self._is_anything else len(self._fills)

    def is_under(self, points: list[tuple[float, float]]) -> bool:
        """Whether one of the points of a text stands over something that is not white."""
        return self._is_anything or any(
            left <= x <= right and low <= y <= high
            for left, low, right, high in self._fills
            for x, y in points
        )


@dataclass(frozen=True)
class Layers:
    """The optional contents that are off when the document is opened."""

    off: frozenset[tuple[int, int]]

    @classmethod
    def of(cls, catalog: Any) -> Layers:
        """Read them from the catalog of the document; what is broken hides nothing."""
        try:
            properties = catalog["/OCProperties"]
            default = properties["/D"]
            off = list(default.get("/OFF", []))
            if default.get("/BaseState") == "/OFF":
                on = {_key(reference) for reference in default.get("/ON", [])}
                off += [reference for reference in properties["/OCGs"] if _key(reference) not in on]
            return cls(frozenset(_key(reference) for reference in off))
        except (KeyError, TypeError, AttributeError):
            return cls(frozenset())

    def hides(self, reference: Any) -> bool:
        """Whether a group of optional content, or a set of groups, is off."""
        if not self.off or reference is None:
            return False
        try:
            if _key(reference) in self.off:
                return True
            group = reference.get_object()
            if group.get("/Type") != "/OCMD" or "/OCGs" not in group:
                return False
            groups = group.raw_get("/OCGs")
            resolved = groups.get_object()
            states = [
                _key(item) in self.off for item in (resolved if isinstance(resolved, list) else [groups])
            ]
            policy = group.get("/P", "/AnyOn")
        except (KeyError, TypeError, AttributeError):
            return False
        hidden = {"/AllOn": any(states), "/AnyOff": not any(states), "/AllOff": not all(states)}
        return bool(states) and hidden.get(policy, all(states))


def _key(reference: Any) -> tuple[int, int]:
    return reference.idnum, reference.generation


def is_outside(matrix: Matrix, width: float, size: float, page: Box) -> bool:
    """Whether a text, from where its matrix puts it, runs wholly out of the page."""
    a, b = matrix[0], matrix[1]
    scale = math.hypot(a, b) or 1.0
    x, y = matrix[4], matrix[5]
    end_x, end_y = x + width * a / scale, y + width * b / scale
    return (
        max(x, end_x) + size < page[0]
        or max(y, end_y) + size < page[1]
        or min(x, end_x) - size > page[2]
        or min(y, end_y) - size > page[3]
    )
