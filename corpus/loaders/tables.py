"""Find the tables of a page in the order its text was written: rows, and the columns that they share.

What writes a PDF (Word, LibreOffice, LaTeX, a browser) writes a table row by row and, in a row, cell by cell;
pages of two columns are written column by column. The order therefore tells them apart, and alignment does
the rest: nothing here needs the lines drawn around cells.
"""

from __future__ import annotations

import re
from bisect import bisect, bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, takewhile
from statistics import median
from typing import NamedTuple

GAP = 0.7  # blank between two cells, in type sizes; words of a justified line are rarely so far apart
SAME_LINE = 0.35  # how far two baselines of one line may be, in type sizes
RAISED = 0.6  # the same, for a mark in small type above or below the line
PITCH = 2.5  # the largest distance between two lines of one cell, in type sizes
MARK_GAP = 4.0  # blank between the mark of a list item and its text, in type sizes
ALIGNED = 0.4  # how far from one another aligned edges may be, in type sizes
MAX_CELL_LINES = 15
MAX_MARK_PIECES = 16  # the mark of a list item has a dozen characters, each of which may stand apart
MAX_COLUMNS = 40
PROSE_FILL, PROSE_CHARACTERS = 0.75, 25
MIN_CONTENTS = 4

_MARKER = re.compile(r"^(?:\W|o|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)°]|\d{1,2}(?:\.\d{1,2})+\.?)$")
_LEADERS = re.compile(r"(?:[.…_]\s?){5,}")
_NUMBER = re.compile(r"^\d{1,4}$")


class Fragment(NamedTuple):
    """A run of text as written: where it starts and ends on its baseline, ``y``, and its type size."""

    text: str
    x: float
    end: float
    y: float
    size: float


@dataclass(frozen=True)
class Table:
    """Rows of cells, each a tuple of lines, that stand for the fragments ``first`` to ``last`` excluded."""

    first: int
    last: int
    rows: tuple[TableRow, ...]


@dataclass(frozen=True)
class TableRow:
    """The cells of a row, as many as the table has columns; an empty cell has no lines."""

    cells: tuple[tuple[str, ...], ...]
    y: float
    size: float


class _Span:
    """Fragments of one line with no wide blank between them."""

    def __init__(self, piece: Fragment, first: int, last: int) -> None:
        self.pieces = [piece]
        self.first, self.last = first, last
        _, self.x, self.end, self.y, self.size = piece

    def add(self, piece: Fragment) -> None:
        """Add the fragment that follows."""
        self.pieces.append(piece)
        self.end = max(self.end, piece.end)

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces).strip()

    def aligned_with(self, other: _Span) -> bool:
        """Whether both could be lines of one cell: left, right or centred."""
        near = ALIGNED * max(self.size, other.size)
        return (
            abs(self.x - other.x) <= near
            or abs(self.end - other.end) <= near
            or abs(self.x + self.end - other.x - other.end) <= 2 * near
        )


@dataclass
class _Row:
    """Cells as lines of spans, from left to right; columns are not known yet."""

    stacks: list[list[_Span]] = field(default_factory=list)
    edge: float = 0.0  # where the cell before the last ends

    @property
    def spans(self) -> list[_Span]:
        return [span for stack in self.stacks for span in stack]

    @property
    def top(self) -> float:
        return max(span.y for span in self.spans)

    @property
    def bottom(self) -> float:
        return min(span.y for span in self.spans)

    @property
    def size(self) -> float:
        return self.stacks[0][0].size


@dataclass
class _Column:
    start: float
    end: float


_FilledRow = tuple[_Row, list[list[_Span]]]


def find_tables(fragments: Sequence[Fragment], pages: int) -> list[Table]:
    """Return the tables of one page, in order; ``pages`` is how many the document has.

    A table is at least two rows in a row that share at least two aligned columns. Lists, tables of contents,
    justified text and columns of prose are left to be read as text.
    """
    found = []
    for region in _regions(_rows(_spans(fragments))):
        columns = _columns(region)
        if not columns:
            continue
        rows = _merge_wrapped(region, columns)
        if _is_table(rows, columns, pages):
            spans = [span for row in region for span in row.spans]
            lines = tuple(TableRow(tuple(map(_cell, cells)), row.top, row.size) for row, cells in rows)
            found.append(Table(min(s.first for s in spans), max(s.last for s in spans) + 1, lines))
    return found


def _spans(fragments: Sequence[Fragment]) -> Iterator[_Span]:
    span: _Span | None = None
    opens_line = True
    for index, piece in enumerate(fragments):
        if not piece.text.strip():
            continue
        if span and _continues(span, piece, opens_line):
            span.add(piece)
            span.last = index
            continue
        if span:
            opens_line = not _is_beside(span, piece)
            yield span
        span = _Span(piece, index, index)
    if span:
        yield span


def _is_beside(span: _Span, piece: Fragment) -> bool:
    return _on_one_line(span, piece) and piece.x >= span.x


def _on_one_line(span: _Span, piece: Fragment) -> bool:
    small, large = sorted((span.size, piece.size))
    return abs(piece.y - span.y) <= (RAISED if small < 0.8 * large else SAME_LINE) * large


def _continues(span: _Span, piece: Fragment, opens_line: bool) -> bool:
    """Whether a fragment goes on the same text; the mark of a list item goes with its text."""
    size = max(span.size, piece.size)
    is_mark = opens_line and len(span.pieces) <= MAX_MARK_PIECES and bool(_MARKER.match(span.text))
    return _is_beside(span, piece) and -size <= piece.x - span.end < (MARK_GAP if is_mark else GAP) * size


def _rows(spans: Iterator[_Span]) -> list[_Row]:
    rows: list[_Row] = []
    for span in spans:
        if rows and _goes_under(rows[-1], span):
            rows[-1].stacks[-1].append(span)
        elif rows and (cell := _cell_beside(rows[-1], span, rows[-2].bottom if len(rows) > 1 else None)):
            above = rows[-1].stacks[-1][: -len(cell)]
            if above:
                rows[-1:] = [_Row([above]), _Row([cell])]
            rows[-1].edge = max(line.end for line in rows[-1].stacks[-1])
            rows[-1].stacks.append([span])
        else:
            rows.append(_Row([[span]]))
    return [part for row in rows for part in _without_text_above(row)]


def _goes_under(row: _Row, span: _Span) -> bool:
    last = row.stacks[-1][-1]
    if len(row.stacks) > 1 and span.x < row.edge:
        return False
    gap = last.y - span.y
    return SAME_LINE * span.size < gap <= PITCH * max(last.size, span.size) and last.aligned_with(span)


def _cell_beside(row: _Row, span: _Span, ceiling: float | None) -> list[_Span]:
    """Return the lines of the last cell of the row if the span opens the next one, to its right.

    In a first cell, lines that run further than where the next one starts are text above the table.
    """
    if len(row.stacks) >= MAX_COLUMNS:
        return []
    last = row.stacks[-1]
    edge = span.x + ALIGNED * span.size
    kept = list(reversed(list(takewhile(lambda line: line.end <= edge, reversed(last)))))
    height = MAX_CELL_LINES * PITCH * span.size
    if not kept or (len(kept) < len(last) and len(row.stacks) > 1):
        return []
    if span.y < row.bottom - SAME_LINE * span.size or span.y > row.top + height / 2:
        return []
    return kept if ceiling is None or span.y < ceiling else []


def _without_text_above(row: _Row) -> Iterator[_Row]:
    """Part the lines above a table from its first cell, under which they seem to be stacked.

    The first cell starts at the line from which it is top-aligned or centred against the others.
    """
    if len(row.stacks) == 1:
        yield row
        return
    lines, others = row.stacks[0], [span for stack in row.stacks[1:] for span in stack]
    top, bottom = max(span.y for span in others), min(span.y for span in others)
    near = SAME_LINE * row.size
    start = next(
        (
            index
            for index, line in enumerate(lines)
            if abs(line.y - top) <= near
            or abs(line.y + lines[-1].y - top - bottom) <= 2 * near
            or (top > line.y and lines[-1].y > bottom)
        ),
        len(lines) - 1,
    )
    if start:
        yield _Row([lines[:start]])
    yield _Row([lines[start:], *row.stacks[1:]])


def _regions(rows: list[_Row]) -> Iterator[list[_Row]]:
    """Yield the runs of rows of several cells, with the rows of a single cell that stand inside them."""
    region: list[_Row] = []
    for number, row in enumerate(rows):
        if region and not _is_near(region[-1], row):
            yield from _closed(region)
            region = []
        alone = len(row.stacks) == 1
        if alone and not (region and _is_alone_in_a_column(row, region[-1], rows[number + 1 : number + 2])):
            yield from _closed(region)
            region = []
        else:
            region.append(row)
    yield from _closed(region)


def _closed(region: list[_Row]) -> Iterator[list[_Row]]:
    while region and len(region[-1].stacks) == 1:
        region.pop()
    if len(region) > 1:
        yield region


def _is_near(above: _Row, row: _Row) -> bool:
    return -SAME_LINE * row.size < above.bottom - row.top <= 4 * max(above.size, row.size)


def _is_alone_in_a_column(row: _Row, above: _Row, following: list[_Row]) -> bool:
    """Whether a row of one line, between two rows of several cells, keeps within their first column."""
    lines = row.stacks[0]
    if not following or len(following[0].stacks) < 2 or len(lines) > 1:
        return False
    return all(
        abs(other.stacks[0][0].x - lines[0].x) <= ALIGNED * row.size and lines[0].end < other.stacks[1][0].x
        for other in (above, following[0])
        if len(other.stacks) > 1
    )


def _columns(region: list[_Row]) -> list[_Column]:
    """Return the columns, from left to right, drawn from the fullest rows first; none when they are too many."""
    columns: list[_Column] = []
    for row in sorted(region, key=lambda row: -len(row.stacks)):
        if len(columns) > MAX_COLUMNS:
            return []
        for stack in row.stacks:
            start, end = min(span.x for span in stack), max(span.end for span in stack)
            over = [column for column in columns if column.start < end and start < column.end]
            if not over:
                columns.append(_Column(start, end))
            elif len(over) == 1:
                over[0].start, over[0].end = min(over[0].start, start), max(over[0].end, end)
    columns.sort(key=lambda column: column.start)
    return _join_exclusive(columns, region) if columns else []


def _join_exclusive(columns: list[_Column], region: list[_Row]) -> list[_Column]:
    """Join neighbours where no row has two cells: a title centred over text, or set apart from figures."""
    starts = [column.start for column in columns]
    opened = [{_at(stack[0].x, stack[0].size, starts) for stack in row.stacks} for row in region]
    groups = [[0]]
    for number in range(1, len(columns)):
        if any(number in numbers and numbers.intersection(groups[-1]) for numbers in opened):
            groups.append([number])
        else:
            groups[-1].append(number)
    return [_Column(columns[group[0]].start, columns[group[-1]].end) for group in groups]


def _at(x: float, size: float, starts: list[float]) -> int:
    """Return the number of the column where a text that starts at ``x`` stands."""
    return max(bisect(starts, x + ALIGNED * size) - 1, 0)


def _fill(row: _Row, columns: list[_Column]) -> list[list[_Span]]:
    """Return what each column holds; a cell wider than its column is kept whole in the first."""
    cells: list[list[_Span]] = [[] for _ in columns]
    starts = [column.start for column in columns]
    for span in row.spans:
        for piece in span.pieces:
            at = _at(piece.x, piece.size, starts)
            last = cells[at][-1] if cells[at] else None
            if last and _on_one_line(last, piece):
                last.add(piece)
            else:
                cells[at].append(_Span(piece, span.first, span.last))
    return cells


def _merge_wrapped(region: list[_Row], columns: list[_Column]) -> list[_FilledRow]:
    """Return the rows with what each column holds, the lines that continue the cells of one joined to it.

    When the table was written line by line, such a line can be told: it is nearer to the line above than rows are
    to one another, and has fewer cells.
    """
    gaps = [above.bottom - row.top for above, row in pairwise(region)]
    usual = median(gaps)
    merged = [(region[0], _fill(region[0], columns))]
    for gap, row in zip(gaps, region[1:], strict=True):
        above, filled = merged[-1], _fill(row, columns)
        fewer = sum(map(bool, filled)) < sum(map(bool, above[1]))
        if fewer and gap <= 1.3 * row.size and gap <= 0.85 * usual:
            whole = _Row([*above[0].stacks, *row.stacks])
            merged[-1] = whole, _fill(whole, columns)
        else:
            merged.append((row, filled))
    return merged


def _cell(lines: list[_Span]) -> tuple[str, ...]:
    return tuple(span.text for span in sorted(lines, key=lambda span: -span.y))


def _is_table(rows: list[_FilledRow], columns: list[_Column], pages: int) -> bool:
    cells = [filled for _, filled in rows]
    shared = [number for number in range(len(columns)) if sum(bool(row[number]) for row in cells) > 1]
    if len(shared) < 2 or sum(sum(map(bool, row)) > 1 for row in cells) < 2:
        return False
    if any(_LEADERS.search(span.text) for row, _ in rows for span in row.spans):
        return False
    if not all(_is_aligned([row[number] for row in cells if row[number]]) for number in shared):
        return False
    return _is_parted(cells, columns) and not _is_prose(cells, columns) and not _is_contents(cells, pages)


def _is_aligned(cells: list[list[_Span]]) -> bool:
    """Whether most cells of a column share their left edge, right edge or middle.

    Two thirds must, or half of four and more: titles are centred over figures, sub-items are indented.
    """
    near = ALIGNED * median(cell[0].size for cell in cells)
    edges = [(min(span.x for span in cell), max(span.end for span in cell)) for cell in cells]
    for places in ([x for x, _ in edges], [end for _, end in edges], [(x + end) / 2 for x, end in edges]):
        places.sort()
        most = max(bisect(places, place + near) - bisect_left(places, place - near) for place in places)
        if most >= 2 and most >= len(places) * (2 / 3 if len(places) < 4 else 1 / 2):
            return True
    return False


def _is_parted(cells: list[list[list[_Span]]], columns: list[_Column]) -> bool:
    """Whether the blank between columns runs through, but for a quarter of the rows (cells that span some)."""
    through = sum(
        all(
            span.end <= following.start + ALIGNED * span.size
            for cell, following in zip(row, columns[1:], strict=False)
            for span in cell
        )
        for row in cells
    )
    return 4 * through >= 3 * len(cells)


def _is_prose(cells: list[list[list[_Span]]], columns: list[_Column]) -> bool:
    """Whether the rows are lines of sentences, as on a page of several columns written line by line."""
    if any(len(cell) > MAX_CELL_LINES for row in cells for cell in row):
        return True
    if all(row[0] and row[0][0].text[:1].islower() for row in cells[1:]):
        return True
    if len(cells) < 3:
        return False
    for number, column in enumerate(columns):
        lines = [row[number][0] for row in cells if len(row[number]) == 1]
        if len(lines) < 2 * len(cells) / 3 or median(len(line.text) for line in lines) < PROSE_CHARACTERS:
            return False
        if median(line.end - line.x for line in lines) < PROSE_FILL * (column.end - column.start):
            return False
    return True


def _is_contents(cells: list[list[list[_Span]]], pages: int) -> bool:
    """Whether the last column holds page numbers only, in order: a table of contents without leaders."""
    lasts = [row[-1] for row in cells if row[-1]]
    texts = [cell[0].text for cell in lasts]
    if len(texts) < MIN_CONTENTS or not all(map(_NUMBER.match, texts)):
        return False
    numbers = [int(text) for text in texts]
    return numbers == sorted(numbers) and numbers[-1] <= pages
