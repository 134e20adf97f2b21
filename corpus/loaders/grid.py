"""Tables of the formats that say which cells are merged: each row is made to read alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from corpus.errors import DocumentError
from corpus.loaders.content import Block, row

T = TypeVar("T")

# A merged cell announces how far it reaches, and nothing else bounds it.
MAX_COLUMNS = 1_000
MAX_ROWS = 10_000
MAX_CELLS = 200_000  # of a table; the next ones cover one column and one row each


@dataclass(frozen=True)
class Cell:
    """The text of a cell, how many columns and rows it covers, and whether it goes on from the row above."""

    text: str
    columns: int = 1
    rows: int = 1
    is_continued: bool = False


class Grid:
    """Rows of a table, in order: a text that covers several rows is repeated in each, in its column.

    A text that covers several columns is written in the first one, and the next cells keep their place.

    Example:
        >>> grid = Grid()
        >>> grid.add([Cell("Corse", rows=2), Cell("8 ESSMS", columns=2), Cell("A")]).text
        'Corse | 8 ESSMS |  | A'
        >>> grid.add([Cell("2025"), Cell("2026"), Cell("B")]).text
        'Corse | 2025 | 2026 | B'
    """

    def __init__(self, cells: int = MAX_CELLS) -> None:
        self._left = cells
        self._above: list[str] = []
        self._reaching: dict[int, tuple[int, str]] = {}  # by column: how many more rows, and the text

    def add(self, cells: list[Cell]) -> Block:
        """Return the next row as a block."""
        return Block("table_row", row(self.place(cells)))

    def place(self, cells: list[Cell]) -> list[str]:
        """Return the texts of the next row, one a column."""
        texts: list[str] = []
        for cell in cells:
            self._fill(texts)
            column = len(texts)
            text = self._text_above(column) if cell.is_continued else cell.text
            width = _bounded(cell.columns, MAX_COLUMNS - column) if self._left > 0 else 1
            texts += [text] + [""] * (width - 1)
            if cell.rows > 1 and self._left > 0:
                reach = _bounded(cell.rows, MAX_ROWS) - 1
                # Counted from this row's end, where every reach loses a row.
                self._reaching |= {column + rank: (reach + 1, text * (rank == 0)) for rank in range(width)}
        self._fill(texts)
        self._above = texts
        self._left -= len(texts)
        self._reaching = {
            column: (left - 1, text) for column, (left, text) in self._reaching.items() if left > 1
        }
        return texts

    def _fill(self, texts: list[str]) -> None:
        while len(texts) in self._reaching and len(texts) < MAX_COLUMNS and self._left > 0:
            texts.append(self._reaching[len(texts)][1])

    def _text_above(self, column: int) -> str:
        return self._above[column] if column < len(self._above) else ""


def checked_row(cells: Iterable[T], name: str) -> list[T]:
    """Return the cells of a row, unless they are more than any table has.

    Raises:
        DocumentError: They are.
    """
    row = list(cells)
    if len(row) > MAX_COLUMNS:
        raise DocumentError(
            f"« {name} » a un tableau de {len(row)} colonnes ; la limite est de {MAX_COLUMNS}. "
            "Retirez ce tableau, ou découpez-le."
        )
    return row


def span(value: str | None) -> int:
    """Return a number of rows or columns as a document writes it; 1 when it writes none that makes sense.

    Example:
        >>> span("3"), span("beaucoup"), span(None), span("9" * 5000) > 10**6
        (3, 1, 1, True)
    """
    written = (value or "").strip()
    # Python refuses to read a number of more than 4 300 digits.
    return max(1, int(written[:12])) if written.isascii() and written.isdigit() else 1


def _bounded(value: int, most: int) -> int:
    return max(1, min(value, most))
