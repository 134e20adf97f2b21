"""The text of a PDF page as it was written: fragments with their places, and why some cannot be seen.

The operators are followed as pypdf follows them (where a line ends, where a space is missing), on its own fonts, but
each string is decoded once, and a fragment ends wherever the pen is moved: the cells of a line come apart. What pypdf
does not tell is followed too: colours, transparency, layers and what is painted under the text.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from corpus.loaders.pdf_fonts import Face, Faces
from corpus.loaders.pdf_limits import MAX_FRAGMENTS_A_PAGE, Budget
from corpus.loaders.pdf_operators import Operand, number, read_operations
from corpus.loaders.pdf_paint import (
    CLEAR,
    IDENTITY,
    MAX_GROUND_CHECKS,
    MIN_FILL,
    MIN_TYPE_SIZE,
    UNDER_TEXT,
    Box,
    Colours,
    Ground,
    Layers,
    Matrix,
    Veil,
    area,
    box_of,
    is_outside,
    multiply,
    numbers_of,
)
from corpus.loaders.tables import Fragment

NEW_LINE = 0.8  # of the smaller type: a baseline further away opens a line
SPACE_IN_ARRAY = 0.95  # of half a space: a wider move inside a string is a space
SCAN_COVER = 0.5  # the part of a page that images cover when the page was scanned
MAX_FORMS_A_PAGE, MAX_FORM_DEPTH = 5_000, 20
MAX_PAGES_NAMED = 10  # by a notice
MAX_WAITING_CHARACTERS = (
    10_000  # no line has so many: they are emitted, not copied at each string that follows
)
EVERYWHERE: Box = (-math.inf, -math.inf, math.inf, math.inf)

_STRING_STARTS = (40, 60)  # "(" and "<"
_UNSEEN_MODES = (3, 7)
_STROKED_MODES, _FILLED_AND_STROKED_MODES = (1, 5), (2, 6)

_Handler = Callable[[list[Operand]], None]


class PageText:
    """What a page shows: its fragments in the order they were written, and what was found about the others."""

    def __init__(self, page: Any, unit: float, checks: list[int]) -> None:
        self.box = _visible_box(page)
        self.unit = unit
        self.ground = Ground(self.box)
        self.forms = 0
        self._checks = checks
        self._fragments: list[Fragment] = []
        self._veils: list[Veil] = []
        self._is_veiled = False

    def add(self, fragment: Fragment, veil: Veil) -> bool:
        """Add a fragment; return whether the page may take more."""
        self._fragments.append(fragment)
        self._veils.append(veil)
        self._is_veiled = self._is_veiled or veil is not Veil.NONE
        return len(self._fragments) < MAX_FRAGMENTS_A_PAGE

    def is_over_paint(self, points: list[tuple[float, float]]) -> bool:
        """Whether white text at these points stands over another colour; unknown once too many were asked."""
        self._checks[0] += self.ground.checks()
        return self._checks[0] > MAX_GROUND_CHECKS or self.ground.is_under(points)

    def sort(self) -> tuple[list[Fragment], int]:
        """Return the fragments that can be seen, and how many passages cannot.

        Text without ink over a scan is what was recognised on it: it is kept.
        """
        if not self._is_veiled:
            return self._fragments, 0
        left, low, right, high = self.box
        is_scan = self.ground.images >= SCAN_COVER * (right - left) * (high - low)
        kept, passages, is_in_passage = [], 0, False
        for fragment, veil in zip(self._fragments, self._veils, strict=True):
            if veil is Veil.NONE or (veil is Veil.MODE and is_scan):
                kept.append(fragment)
                is_in_passage = is_in_passage and not fragment.text.strip()
                continue
            if "\n" in fragment.text:
                kept.append(fragment._replace(text="\n"))
            if fragment.text.strip() and not is_in_passage:
                passages, is_in_passage = passages + 1, True
        return kept, passages


class TextReader:
    """Reads the pages of one document, whose fonts are read once."""

    def __init__(self, reader: Any, budget: Budget) -> None:
        self.budget = budget
        self.faces = Faces(budget)
        self.layers = Layers.of(reader.trailer["/Root"].get_object())
        self.colours = Colours()
        self._ground_checks = [0]

    def read(self, page: Any) -> PageText:
        """Return the text of a page.

        Raises:
            DocumentError: The document is heavier than its limits.
        """
        unit = page.get("/UserUnit", 1)
        text = PageText(page, float(unit) if isinstance(unit, (int, float)) else 1.0, self._ground_checks)
        resources = page.get("/Resources")
        resources = resources.get_object() if resources is not None else None
        if isinstance(resources, dict) and resources:
            _Stream(self, text, resources, IDENTITY).run(self._contents(page))
        return text

    def decode(self, stream: Any) -> bytes:
        """Return the operators of a stream; pypdf itself would keep them in memory."""
        from pypdf.filters import decode_stream_data

        data = decode_stream_data(stream) if "/Filter" in stream else stream.get_data()
        self.budget.spend_bytes(len(data))
        return data

    def _contents(self, page: Any) -> bytes:
        from pypdf.generic import StreamObject

        contents = page.get("/Contents")
        contents = contents.get_object() if contents is not None else None
        parts = contents if isinstance(contents, list) else [contents]
        streams = [part.get_object() for part in parts if part is not None]
        return b"\n".join(self.decode(stream) for stream in streams if isinstance(stream, StreamObject))


def _visible_box(page: Any) -> Box:
    """Return the part of a page that readers show; everywhere when its boxes are broken or do not meet."""
    try:
        sheet, crop = (sorted_box([float(side) for side in box]) for box in (page.mediabox, page.cropbox))
    except Exception:  # boxes that cannot be read hide nothing
        return EVERYWHERE
    box = max(sheet[0], crop[0]), max(sheet[1], crop[1]), min(sheet[2], crop[2]), min(sheet[3], crop[3])
    return box if box[0] < box[2] and box[1] < box[3] else EVERYWHERE


def sorted_box(sides: list[float]) -> Box:
    """Return a box whose corners may be any two that face each other."""
    left, low, right, high = sides
    return min(left, right), min(low, high), max(left, right), max(low, high)


class _Stream:
    """The state of the text while the operators of a page, or of a form it draws, are followed."""

    def __init__(
        self,
        reader: TextReader,
        page: PageText,
        resources: Any,
        matrix: Matrix,
        caller: _Stream | None = None,
    ) -> None:
        self._reader, self._page, self._resources = reader, page, resources
        self._drawn: frozenset[int] = frozenset()  # the forms being drawn
        self._hidden_layers = 0
        self._marks: list[bool] = []
        self._stack: list[tuple[Any, ...]] = []
        # The matrices: of the drawing, of the text, both together, and both where what comes next was compared.
        self._cm, self._tm, self._m, self._compared = matrix, IDENTITY, matrix, matrix
        self._text, self._last = "", ""  # not emitted yet, and the last character that was
        self._starts_at = matrix
        self._is_backwards = False
        self._span: tuple[int, float, float] | None = None
        self._width, self._height = 0.0, 0.0  # of what was shown since the last move
        self._faces: dict[str, Face] = {}  # those it has named
        self._face, self._size = reader.faces.initial, 12.0
        self._half_space, self._previous_space = 500.0, -1.0
        self._spacing, self._leading = 0.0, 0.0
        self._path: list[list[tuple[float, float]]] = []
        # What colours the text: whether it is white, in which space, whether clear, in which mode.
        self._white, self._stroke_white = False, False
        self._space, self._stroke_space = 1, 1
        self._clear, self._stroke_clear = False, False
        self._mode, self._is_flat = 0, False
        self._line_width = 1.0
        if caller:
            self._inherit(caller)
        self._veil = self._text_veil = Veil.NONE
        self._set_veil()

    def _inherit(self, caller: _Stream) -> None:
        """Start a form in the state of what draws it."""
        self._drawn, self._hidden_layers = caller._drawn, caller._hidden_layers
        self._face, self._size = caller._face, caller._size
        self._white, self._stroke_white = caller._white, caller._stroke_white
        self._space, self._stroke_space = caller._space, caller._stroke_space
        self._clear, self._stroke_clear = caller._clear, caller._stroke_clear
        self._mode = caller._mode

    def run(self, data: bytes) -> None:
        """Follow the operators."""
        handlers: dict[bytes, _Handler] = {
            operator: getattr(self, f"_{name}") for operator, name in _OPERATORS.items()
        }
        budget = self._reader.budget
        for operator, operands in read_operations(data):
            budget.operations -= 1
            if budget.operations < 0:
                raise budget.refuse()
            if handler := handlers.get(operator):
                handler(operands)
        self._flush()

    # Text objects and positions

    def _begin_text(self, _operands: list[Operand]) -> None:
        self._flush()
        self._tm, self._m = IDENTITY, self._cm
        self._starts_at = self._m

    def _end_text(self, _operands: list[Operand]) -> None:
        self._flush()

    def _move(self, operands: list[Operand]) -> None:
        self._flush()
        x, y = _pair(operands)
        self._shift(x, y)

    def _move_and_lead(self, operands: list[Operand]) -> None:
        if len(operands) >= 2:
            self._leading = -_pair(operands)[1]
            self._move(operands)

    def _next_line(self, _operands: list[Operand]) -> None:
        self._flush()
        self._shift(0.0, -self._leading)

    def _shift(self, x: float, y: float) -> None:
        a, b, c, d, e, f = self._tm
        self._tm = a, b, c, d, e + x * a + y * c, f + x * b + y * d
        a, b, c, d, e, f = self._m
        self._m = a, b, c, d, e + x * a + y * c, f + x * b + y * d
        self._arrive()

    def _set_text_matrix(self, operands: list[Operand]) -> None:
        self._flush()
        self._tm = _matrix(operands)
        self._m = multiply(self._tm, self._cm)
        self._arrive()

    def _arrive(self) -> None:
        """Compare the new place of the pen with where the text was."""
        advance, self._width = self._width / 1000, 0.0
        was_empty = not self._text
        self._compare(advance)
        if was_empty or not self._text:
            self._starts_at = self._m

    def _compare(self, advance: float) -> None:
        """Open a line if the pen left the last one, or add a space if it went further than the text did."""
        now, before = self._m, self._compared
        self._compared = now
        axis = 5 if abs(now[3]) > 1e-6 else 4
        rise, run = (
            (now[5] - before[5], now[4] - before[4])
            if axis == 5
            else (now[4] - before[4], now[5] - before[5])
        )
        span = self._span if self._span and self._span[0] == axis else None
        at = now[axis]
        distance = max(span[1] - at, at - span[2], 0.0) if span else abs(rise)
        size = abs(self._size)
        limit = NEW_LINE * min(
            self._height * math.hypot(before[2], before[3]), size * math.hypot(now[2], now[3])
        )
        last = self._text[-1:] or self._last
        if distance > limit:
            if last not in ("", "\n"):
                self._text += "\n"
                self._flush()
            self._span = axis, at, at
            return
        space = size * self._half_space
        if self._previous_space >= 0:
            space = min(space, self._previous_space)
        across = (space / 1000 + advance) * math.hypot(before[0], before[1])
        if (abs(rise) > limit or run >= across) and last not in ("", " "):
            self._text += " "
        is_new = last in ("", "\n") or span is None
        self._span = (axis, at, at) if is_new or not span else (axis, min(span[1], at), max(span[2], at))

    # Text state

    def _set_font(self, operands: list[Operand]) -> None:
        if self._text:
            self._previous_space = abs(self._size) * self._half_space
        self._flush()
        self._starts_at = self._m
        name = operands[0] if operands and isinstance(operands[0], str) else ""
        if name not in self._faces:
            self._faces[name] = self._reader.faces.of(self._resources, name)
        self._face = self._faces[name]
        self._half_space = self._face.font.space_width / 2
        if len(operands) > 1 and isinstance(operands[1], float):
            self._size = operands[1]

    def _set_spacing(self, operands: list[Operand]) -> None:
        self._spacing = _first(operands)

    def _set_leading(self, operands: list[Operand]) -> None:
        self._leading = _first(operands)

    def _set_scale(self, operands: list[Operand]) -> None:
        self._is_flat = abs(_first(operands, 100.0)) < 1.0
        self._set_veil()

    def _set_mode(self, operands: list[Operand]) -> None:
        self._mode = int(_first(operands))
        self._set_veil()

    # Text

    def _show(self, operands: list[Operand]) -> None:
        if operands and isinstance(operands[0], bytes):
            self._open_run()
            self._show_string(operands[0])

    def _show_on_next_line(self, operands: list[Operand]) -> None:
        self._shift(0.0, -self._leading)
        self._show(operands)

    def _show_spaced(self, operands: list[Operand]) -> None:
        if len(operands) >= 3:
            self._spacing = operands[1] if isinstance(operands[1], float) else 0.0
            self._show_on_next_line(operands[2:])

    def _show_array(self, operands: list[Operand]) -> None:
        items = operands[0] if operands else None
        if not isinstance(items, list):
            return
        self._open_run()
        gap = self._half_space * SPACE_IN_ARRAY
        show, text, last = self._face.show, self._text, self._text[-1:] or self._last
        width, count = 0.0, 0
        for item in items:
            if item[0] not in _STRING_STARTS:
                offset = number(item)
                if -offset >= gap and last and last not in " \n":
                    text += " "
                    last = " "
                    self._previous_space = -1.0
                width -= offset
                continue
            shown = show(item)
            if shown[3] or self._is_backwards or self._m is not self._compared:
                self._text = text
                self._show_string(item)
                text = self._text
            else:
                text += shown[0]
                width += shown[1]
                count += shown[2]
                self._previous_space = -1.0
            last = text[-1:] or self._last
        self._text = text
        self._advance(width, count)
        self._height = abs(self._size) if count else self._height

    def _show_string(self, written: bytes) -> None:
        self._previous_space = -1.0
        if len(self._text) > MAX_WAITING_CHARACTERS:
            self._flush()
        text, width, count, reads_back = self._face.show(written)
        if reads_back or self._is_backwards:
            self._show_backwards(written)
        else:
            self._text += text
        self._advance(width, count)
        self._height = abs(self._size)
        if self._m is not self._compared:
            was_empty = not self._text
            self._compare(0.0)
            if was_empty or not self._text:
                self._starts_at = self._m

    def _show_backwards(self, written: bytes) -> None:
        """Add text of which some reads from right to left, in the order pypdf finds for it."""
        from pypdf._text_extraction import get_display_str

        def emit(text: str, *_rest: Any) -> None:
            self._emit(text, self._m)

        characters = self._face.characters(written)
        cm, tm = list(self._cm), list(self._tm)
        self._text, self._is_backwards, _ = get_display_str(
            self._text, cm, tm, None, self._face.font, characters, self._size, self._is_backwards, emit
        )

    def _advance(self, width: float, count: int) -> None:
        self._width += width * abs(self._size) + 1000 * self._spacing * count

    def _open_run(self) -> None:
        """Part what can be seen from what cannot."""
        if self._veil is not self._text_veil:
            self._flush()
            self._text_veil = self._veil

    def _flush(self) -> None:
        if self._text:
            text, self._text = self._text, ""
            self._emit(text, self._starts_at)
        self._starts_at = self._m

    def _emit(self, text: str, at: Matrix) -> None:
        if not text:
            return
        self._last = text[-1]
        a, b, c, d, x, y = at
        size = abs(self._size) * math.hypot(c, d)
        bare = text.strip()
        width = self._face.width(bare) * size if bare else 0.0
        veil = self._veil_at(at, width, size) if bare else Veil.NONE
        if veil is Veil.NONE and not math.isfinite(x + y + size + width):
            veil = Veil.OUTSIDE
        if abs(b) > abs(a):
            x, y = (y, -x) if b > 0 else (-y, x)
        if not self._page.add(Fragment(text, x, x + width, y, size), veil):
            raise self._reader.budget.refuse()

    def _veil_at(self, at: Matrix, width: float, size: float) -> Veil:
        """Return why text that starts here cannot be seen, by its colour, its size and its place."""
        veil = self._text_veil
        if veil is Veil.WHITE and self._page.is_over_paint(_points(at, width, size)):
            veil = Veil.NONE
        if veil not in (Veil.NONE, Veil.MODE):
            return veil
        if size * self._page.unit < MIN_TYPE_SIZE and not self._face.is_drawn:
            return Veil.TINY
        left, low, right, high = self._page.box
        is_in = left <= at[4] <= right and low <= at[5] <= high
        return veil if is_in or not is_outside(at, width, size, self._page.box) else Veil.OUTSIDE

    # Graphics state

    def _save(self, _operands: list[Operand]) -> None:
        self._stack.append(
            (
                self._cm, self._face, self._size, self._spacing, self._leading, self._line_width,
                self._white, self._stroke_white, self._space, self._stroke_space,
                self._clear, self._stroke_clear, self._mode, self._is_flat,
            )
        )  # fmt: skip

    def _restore(self, _operands: list[Operand]) -> None:
        if self._stack:
            (
                self._cm, self._face, self._size, self._spacing, self._leading, self._line_width,
                self._white, self._stroke_white, self._space, self._stroke_space,
                self._clear, self._stroke_clear, self._mode, self._is_flat,
            ) = self._stack.pop()  # fmt: skip
            self._m = multiply(self._tm, self._cm)
            self._set_veil()

    def _change_matrix(self, operands: list[Operand]) -> None:
        self._flush()
        self._cm = multiply(_matrix(operands), self._cm)
        self._m = multiply(self._tm, self._cm)
        self._starts_at = self._m

    def _set_state(self, operands: list[Operand]) -> None:
        state = self._resource("/ExtGState", operands)
        if isinstance(state, dict):
            fill, stroke = state.get("/ca"), state.get("/CA")
            if isinstance(fill, (int, float)):
                self._clear = fill <= CLEAR
            if isinstance(stroke, (int, float)):
                self._stroke_clear = stroke <= CLEAR
            self._set_veil()

    def _set_line_width(self, operands: list[Operand]) -> None:
        self._line_width = _first(operands)

    def _set_veil(self) -> None:
        white, clear = self._white, self._clear
        if self._mode in _STROKED_MODES:
            white, clear = self._stroke_white, self._stroke_clear
        elif self._mode in _FILLED_AND_STROKED_MODES:
            white, clear = white and self._stroke_white, clear and self._stroke_clear
        if self._hidden_layers:
            self._veil = Veil.LAYER
        elif self._mode in _UNSEEN_MODES:
            self._veil = Veil.MODE
        elif clear or self._is_flat:
            self._veil = Veil.CLEAR
        else:
            self._veil = Veil.WHITE if white else Veil.NONE

    # Colours

    def _fill_lights(self, operands: list[Operand]) -> None:
        self._space = len(operands)
        self._white = Colours.is_white(numbers_of(operands), self._space)
        self._set_veil()

    def _stroke_lights(self, operands: list[Operand]) -> None:
        self._stroke_space = len(operands)
        self._stroke_white = Colours.is_white(numbers_of(operands), self._stroke_space)
        self._set_veil()

    def _fill_space(self, operands: list[Operand]) -> None:
        self._space, self._white = self._reader.colours.space(operands, self._resources), False
        self._set_veil()

    def _stroke_space_is(self, operands: list[Operand]) -> None:
        self._stroke_space = self._reader.colours.space(operands, self._resources)
        self._stroke_white = False
        self._set_veil()

    def _fill_tints(self, operands: list[Operand]) -> None:
        self._white = Colours.is_white(numbers_of(operands), self._space)
        self._set_veil()

    def _stroke_tints(self, operands: list[Operand]) -> None:
        self._stroke_white = Colours.is_white(numbers_of(operands), self._stroke_space)
        self._set_veil()

    # Paths and what they paint

    def _add_rectangle(self, operands: list[Operand]) -> None:
        if len(operands) >= 4:
            x, y, width, height = numbers_of(operands[:4]) or (0.0, 0.0, 0.0, 0.0)
            self._path.append([(x, y), (x + width, y), (x, y + height), (x + width, y + height)])

    def _start_path(self, operands: list[Operand]) -> None:
        self._path.append([_pair(operands)])

    def _go_on(self, operands: list[Operand]) -> None:
        if self._path:
            values = numbers_of(operands)
            self._path[-1].extend(zip(values[::2], values[1::2], strict=False))

    def _fill(self, _operands: list[Operand]) -> None:
        if not (self._white or self._clear or self._hidden_layers):
            for points in self._path:
                self._page.ground.fill(box_of(points, self._cm))
        self._path.clear()

    def _stroke(self, _operands: list[Operand]) -> None:
        """Note lines as thick as a band of colour: some producers draw the ground of a title so."""
        width = self._line_width * math.sqrt(area(self._cm))
        if width >= MIN_FILL and not (self._stroke_white or self._stroke_clear or self._hidden_layers):
            for points in self._path:
                left, low, right, high = box_of(points, self._cm)
                half = width / 2
                self._page.ground.fill((left - half, low - half, right + half, high + half))
        self._path.clear()

    def _end_path(self, _operands: list[Operand]) -> None:
        self._path.clear()

    def _shade(self, _operands: list[Operand]) -> None:
        self._page.ground.shade()

    # Layers, images and forms

    def _begin_mark(self, operands: list[Operand]) -> None:
        is_off = False
        if self._reader.layers.off and len(operands) > 1 and operands[0] == "/OC":
            is_off = self._reader.layers.hides(self._resource("/Properties", operands[1:], raw=True))
        self._marks.append(is_off)
        self._hide_layers(is_off)

    def _end_mark(self, _operands: list[Operand]) -> None:
        if self._marks:
            self._hide_layers(-self._marks.pop())

    def _hide_layers(self, change: int) -> None:
        if change:
            self._hidden_layers += change
            self._set_veil()

    def _draw_inline_image(self, _operands: list[Operand]) -> None:
        if not self._hidden_layers:
            self._page.ground.draw_image(self._cm)

    def _draw(self, operands: list[Operand]) -> None:
        self._flush()
        if self._last not in ("", "\n"):
            self._emit("\n", self._starts_at)
        drawn = self._resource("/XObject", operands)
        if not isinstance(drawn, dict):
            return
        is_off = "/OC" in drawn and self._reader.layers.hides(drawn.raw_get("/OC"))  # type: ignore[attr-defined]
        self._hide_layers(is_off)
        if drawn.get("/Subtype") == "/Image":
            self._draw_inline_image([])
        else:
            self._draw_form(drawn)
        self._hide_layers(-is_off)
        self._starts_at = self._m

    def _draw_form(self, form: Any) -> None:
        """Follow the operators of a form, unless it draws itself or too many are drawn."""
        if (
            id(form) in self._drawn
            or len(self._drawn) >= MAX_FORM_DEPTH
            or self._page.forms >= MAX_FORMS_A_PAGE
        ):
            return
        self._page.forms += 1
        resources = form.get("/Resources")
        resources = resources.get_object() if resources is not None else None
        matrix = form.get("/Matrix")
        placed = (
            _matrix(list(map(float, matrix))) if isinstance(matrix, list) and len(matrix) == 6 else IDENTITY
        )
        stream = _Stream(
            self._reader,
            self._page,
            resources if isinstance(resources, dict) else self._resources,
            multiply(placed, self._cm),
            self,
        )
        stream._drawn = self._drawn | {id(form)}
        stream.run(self._reader.decode(form))
        self._last = stream._last or self._last

    def _resource(self, kind: str, operands: list[Operand], *, raw: bool = False) -> object:
        """Return what the page calls by a name, or the reference to it; ``None`` if there is none."""
        name = operands[0] if operands else None
        try:
            known = self._resources[kind].get_object()
            return known.raw_get(name) if raw else known[name].get_object()
        except (KeyError, TypeError, AttributeError):
            return None


_OPERATORS = {
    b"BT": "begin_text", b"ET": "end_text", b"Td": "move", b"TD": "move_and_lead", b"T*": "next_line",
    b"Tm": "set_text_matrix", b"Tf": "set_font", b"Tc": "set_spacing", b"TL": "set_leading", b"Tz": "set_scale",
    b"Tr": "set_mode", b"Tj": "show", b"TJ": "show_array", b"'": "show_on_next_line", b'"': "show_spaced",
    b"q": "save", b"Q": "restore", b"cm": "change_matrix", b"gs": "set_state", b"w": "set_line_width",
    b"g": "fill_lights", b"rg": "fill_lights", b"k": "fill_lights",
    b"G": "stroke_lights", b"RG": "stroke_lights", b"K": "stroke_lights",
    b"cs": "fill_space", b"CS": "stroke_space_is", b"sc": "fill_tints", b"scn": "fill_tints",
    b"SC": "stroke_tints", b"SCN": "stroke_tints",
    b"re": "add_rectangle", b"m": "start_path", b"l": "go_on", b"c": "go_on", b"v": "go_on", b"y": "go_on",
    b"f": "fill", b"F": "fill", b"f*": "fill", b"B": "fill", b"B*": "fill", b"b": "fill", b"b*": "fill",
    b"S": "stroke", b"s": "stroke", b"n": "end_path", b"sh": "shade",
    b"BMC": "begin_mark", b"BDC": "begin_mark", b"EMC": "end_mark", b"BI": "draw_inline_image", b"Do": "draw",
}  # fmt: skip


def _first(operands: list[Operand], default: float = 0.0) -> float:
    return operands[0] if operands and isinstance(operands[0], float) else default


def _pair(operands: list[Operand]) -> tuple[float, float]:
    first, second = [*operands[:2], 0.0, 0.0][:2]
    return (first if isinstance(first, float) else 0.0), (second if isinstance(second, float) else 0.0)


def _matrix(operands: list[Any]) -> Matrix:
    """Return the matrix that six numbers make; another list of operands moves nothing."""
    values = numbers_of(operands[:6])
    if len(values) != 6:
        return IDENTITY
    a, b, c, d, e, f = values
    return a, b, c, d, e, f


def _points(at: Matrix, width: float, size: float) -> list[tuple[float, float]]:
    """Return where the ground of a text is looked for: near its start and in its middle, above its baseline."""
    a, b, c, d, x, y = at
    across, upward = math.hypot(a, b) or 1.0, math.hypot(c, d) or 1.0
    x, y = x + UNDER_TEXT * size * c / upward, y + UNDER_TEXT * size * d / upward
    return [
        (x + along * a / across, y + along * b / across)
        for along in (min(UNDER_TEXT * size, width / 2), width / 2)
    ]


def passages(counts: dict[int, int]) -> Iterator[str]:
    """Yield the notice on what was left out because nobody sees it, by page.

    Example:
        >>> list(passages({2: 2, 5: 1}))
        ['3 passages de texte invisible (blanc sur blanc, hors de la page…) ont été écartés, p. 2 et 5.']
    """
    total = sum(counts.values())
    if not total:
        return
    pages = [str(page) for page in sorted(counts)]
    kept = pages if len(pages) <= MAX_PAGES_NAMED else [*pages[:MAX_PAGES_NAMED], "suivantes"]
    where = f"{', '.join(kept[:-1])} et {kept[-1]}" if len(kept) > 1 else kept[0]
    what = (
        "1 passage de texte invisible (blanc sur blanc, hors de la page…) a été écarté"
        if total == 1
        else f"{total} passages de texte invisible (blanc sur blanc, hors de la page…) ont été écartés"
    )
    yield f"{what}, p. {where}."
