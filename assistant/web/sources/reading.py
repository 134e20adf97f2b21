"""The text of an added document as it is read on its page: one page or part at a time, an excerpt marked in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from markupsafe import Markup

from assistant.web.sources.marking import mark_span, quoted
from corpus.loaders import Block, LoadedDocument
from corpus.loaders.content import CELL_SEPARATOR
from corpus.loaders.rasterise import letters_of

PART_LENGTH = 12_000  # characters after which a heading opens a new part
MAX_PART_LENGTH = 20_000  # characters after which any block does

Render = Callable[[str], Markup]


@dataclass(frozen=True)
class Part:
    """A page of a PDF, or a part of a document without pages; ``title`` is its first heading, or empty."""

    number: int
    title: str
    blocks: tuple[Block, ...]

    @cached_property
    def text(self) -> str:
        """The text, one block a line."""
        return "\n".join(block.text for block in self.blocks)


@dataclass(frozen=True)
class Group:
    """Blocks shown together: a heading (``level`` 3 or 4), a paragraph, a list, or the rows of a table."""

    kind: str
    level: int
    items: tuple[Markup, ...]
    rows: tuple[tuple[Markup, ...], ...]


def parts_of(content: LoadedDocument) -> tuple[Part, ...]:
    """Return the pages of a document, those without text included, or its parts when it has none."""
    if content.pages:
        pages: dict[int | None, list[Block]] = {}
        for block in content.blocks:
            pages.setdefault(block.page, []).append(block)
        return tuple(_part(number, pages.get(number, [])) for number in range(1, content.pages + 1))
    return tuple(_part(number, blocks) for number, blocks in enumerate(_cut(content.blocks), 1))


def part_with(parts: Iterable[Part], excerpt: str) -> int | None:
    """Return the number of the part that holds an excerpt, or failing that its beginning; ``None`` when none does."""
    wanted = letters_of(excerpt)
    held = {part.number: part for part in parts}
    for number, part in held.items():
        if wanted and wanted in letters_of(part.text) and quoted(part.text, excerpt):
            return number
    return next((number for number, part in held.items() if quoted(part.text, excerpt)), None)


def groups_of(part: Part, excerpt: str, render: Render) -> tuple[tuple[Group, ...], bool]:
    """Return what is shown of a part, an excerpt marked in it, and whether the excerpt was found.

    ``render`` turns a plain text into HTML; the first words marked have the anchor ``extrait``.
    """
    span = quoted(part.text, excerpt)
    marker = _Marker(span, render)
    base = min((block.level for block in part.blocks if block.kind == "heading"), default=1)
    groups: list[Group] = []
    opened = False  # whether a heading of level 3 was met: one of level 4 needs it
    for kind, blocks in groupby(part.blocks, key=lambda block: block.kind):
        held = list(blocks)
        if kind == "table_row":
            groups.append(Group("table", 0, (), tuple(marker.cells(block.text) for block in held)))
        elif kind == "list_item":
            groups.append(Group("list", 0, tuple(marker.text(block.text) for block in held), ()))
        else:
            for block in held:
                level = 4 if opened and block.level > base else 3
                opened = opened or kind == "heading"
                groups.append(Group(kind, level, (marker.text(block.text),), ()))
    return tuple(groups), span is not None


class _Marker:
    """Renders texts that follow each other in a part, marking what of them the span holds."""

    def __init__(self, span: tuple[int, int] | None, render: Render) -> None:
        self._span = span
        self._render = render
        self._offset = 0
        self._anchor = "extrait"

    def text(self, text: str, apart: int = 1) -> Markup:
        """Return the next text as HTML; ``apart`` is how many characters come before the one after it."""
        start, self._offset = self._offset, self._offset + len(text) + apart
        if self._span is None:
            return self._render(text)
        first, last = max(self._span[0] - start, 0), min(self._span[1] - start, len(text))
        if first >= last:
            return self._render(text)
        anchor, self._anchor = self._anchor, ""
        return mark_span(text, (first, last), self._render, anchor)

    def cells(self, row: str) -> tuple[Markup, ...]:
        """Return the cells of a row of a table as HTML."""
        cells = row.split(CELL_SEPARATOR)
        return tuple(
            self.text(cell, 1 if rank == len(cells) else len(CELL_SEPARATOR))
            for rank, cell in enumerate(cells, 1)
        )


def _part(number: int, blocks: Iterable[Block]) -> Part:
    held = tuple(blocks)
    return Part(number, next((block.text for block in held if block.kind == "heading"), ""), held)


def _cut(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    part: list[Block] = []
    length = 0
    for block in blocks:
        limit = PART_LENGTH if block.kind == "heading" else MAX_PART_LENGTH
        if part and length + len(block.text) > limit:
            yield part
            part, length = [], 0
        part.append(block)
        length += len(block.text)
    if part:
        yield part
