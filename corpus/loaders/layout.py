"""From the lines of paged text to blocks: running titles removed, headings guessed, paragraphs rebuilt."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from corpus.loaders.content import Block, Kind, row
from corpus.loaders.text import LIST_ITEM

EDGES = (1, -2, 0, -1)  # the two first and two last lines of a page, outermost last
MIN_REPEATS = 3
HEADING_RATIO = 1.15
GAP_RATIO = 1.35
MAX_HEADING_CHARACTERS = 200

_PAGE_NUMBER = re.compile(
    r"^(?:page|p\.)?\s*[-–—]?\s*\d{1,4}\s*(?:(?:/|sur|de)\s*\d{1,4})?\s*[-–—]?$", re.IGNORECASE
)
# A line of a table of contents only repeats a heading. Each run of dots is tried once, however long it is.
_LEADERS = re.compile(r"(?<![.…_])(?<![.…_]\s)(?:[.…_]\s?){5,}+\s*\d*$")
_LEADER_MARKS = frozenset(".…_")
_COMPOUND = re.compile(r"\b\w++-\w++")
_BROKEN = re.compile(r"\b(\w++)-$")
MAX_MENDED_CHARACTERS = 10_000  # beyond, what follows is no word cut at the end of a line


@dataclass(frozen=True)
class Line:
    """A line as printed: ``height`` is its distance from the bottom of the page, ``size`` its type size.

    A row of a table is a line too: ``cells`` holds the lines of each of its cells.
    """

    text: str
    page: int
    height: float
    size: float
    cells: tuple[tuple[str, ...], ...] = ()


def build_blocks(lines: list[Line], outline: list[tuple[str, int, int | None]]) -> list[Block]:
    """Return blocks in reading order; ``outline`` holds (title, level, page) of the bookmarks."""
    body = _body_size(lines)
    marks = {(_fold(title), page): level for title, level, page in outline}
    sizes = sorted({line.size for line in lines if line.size >= body * HEADING_RATIO}, reverse=True)
    compounds = {word.lower() for line in lines if "-" in line.text for word in _COMPOUND.findall(line.text)}
    kept = _without_running_titles(
        [line for line in lines if not _has_leaders(line.text)],
        lambda line: line.size not in sizes and (_fold(line.text), line.page) not in marks,
    )
    pitch = _pitch(kept, body)
    blocks: list[_Open] = []
    previous: Line | None = None
    for line in kept:
        if line.cells:
            blocks.append(
                _Open("table_row", [row([_join_lines(cell, compounds) for cell in line.cells])], 0, line.page)
            )
            previous = None
            continue
        level = marks.get((_fold(line.text), line.page), 0)
        if not level and line.size in sizes and _may_head(line.text):
            level = min(6, sizes.index(line.size) + 1)
        item = LIST_ITEM.match(line.text)
        last = blocks[-1] if blocks else None
        if level and last and last.level == level and previous and _follows(previous, line, line.size * 1.5):
            last.go_on(line.text, compounds)
        elif level:
            blocks.append(_Open("heading", [line.text], level, line.page))
        elif item:
            blocks.append(_Open("list_item", [line.text[item.end() :]], 0, line.page))
        elif last and last.kind != "heading" and previous and _continues(previous, line, pitch):
            last.go_on(line.text, compounds)
        else:
            blocks.append(_Open("paragraph", [line.text], 0, line.page))
        previous = line
    return [Block(block.kind, "".join(block.parts), block.level, block.page) for block in blocks]


@dataclass
class _Open:
    """A block whose lines are still being gathered: a page of a thousand lines may be one paragraph."""

    kind: Kind
    parts: list[str]
    level: int
    page: int

    def go_on(self, following: str, compounds: set[str]) -> None:
        """Add a line, after a space or as the end of a cut word."""
        joined = _join(self.parts[-1], following, compounds)
        if joined is None or len(self.parts[-1]) > MAX_MENDED_CHARACTERS:
            self.parts += [" ", following]
        else:
            self.parts[-1] = joined


def _join_lines(lines: tuple[str, ...], compounds: set[str]) -> str:
    block = _Open("table_row", [lines[0] if lines else ""], 0, 0)
    for line in lines[1:]:
        block.go_on(line, compounds)
    return "".join(block.parts)


def _has_leaders(text: str) -> bool:
    return not _LEADER_MARKS.isdisjoint(text) and bool(_LEADERS.search(text))


def _fold(text: str) -> str:
    return re.sub(r"\W+", " ", text.lower()).strip()


def _may_head(text: str) -> bool:
    return len(text) <= MAX_HEADING_CHARACTERS and any(character.isalpha() for character in text)


def _body_size(lines: list[Line]) -> float:
    weights: Counter[float] = Counter()
    for line in lines:
        weights[line.size] += len(line.text)
    return weights.most_common(1)[0][0]


def _pitch(lines: list[Line], body: float) -> float:
    """Return the usual distance between two lines of body text."""
    gaps = Counter(
        round(above.height - below.height, 1)
        for above, below in pairwise(lines)
        if above.page == below.page and above.size == below.size == body and above.height > below.height
    )
    return gaps.most_common(1)[0][0] if gaps else body * 1.2


def _without_running_titles(lines: list[Line], may_run: Callable[[Line], bool]) -> list[Line]:
    """Drop page numbers, and lines that stand at the same edge of most pages (digits apart)."""
    pages: dict[int, list[int]] = {}
    for index, line in enumerate(lines):
        pages.setdefault(line.page, []).append(index)
    ranks = {
        at[rank]: rank
        for at in pages.values()
        for rank in EDGES
        if -len(at) <= rank < len(at) and may_run(lines[at[rank]]) and not _is_in_table(lines, at[rank])
    }
    seen = Counter((rank, _pattern(lines[index].text)) for index, rank in ranks.items())
    repeats = max(MIN_REPEATS, len(pages) // 2)
    return [
        line
        for index, line in enumerate(lines)
        if index not in ranks
        or not (_PAGE_NUMBER.match(line.text) or seen[ranks[index], _pattern(line.text)] >= repeats)
    ]


def _is_in_table(lines: list[Line], index: int) -> bool:
    """Whether a line is a row among three of its page: the titles of a table may stand on each of its pages."""
    return any(
        len(rows) == 3 and all(row.cells and row.page == lines[index].page for row in rows)
        for rows in (lines[max(start, 0) : start + 3] for start in range(index - 2, index + 1))
    )


def _pattern(text: str) -> str:
    return re.sub(r"\d+", "#", _fold(text))


def _follows(previous: Line, line: Line, gap: float) -> bool:
    return (
        previous.page == line.page
        and previous.size == line.size
        and 0 <= previous.height - line.height <= gap
    )


def _continues(previous: Line, line: Line, pitch: float) -> bool:
    """Whether a line belongs to the paragraph of the one before; a paragraph is cut at the page break.

    A block states one page: were it to run on, the words of the next page would be cited at this one.
    """
    if previous.page != line.page:
        return False
    gap = previous.height - line.height
    return abs(gap) <= pitch * GAP_RATIO and abs(previous.size - line.size) < 1


def _join(text: str, following: str, compounds: set[str]) -> str | None:
    """Return a line and the next as one if a word is cut between them, or ``None``.

    The word is mended unless the compound exists elsewhere.
    """
    broken = _BROKEN.search(text) if text.endswith("-") else None
    if not broken or not following[:1].islower():
        return None
    tail = re.match(r"\w+", following)
    if tail and f"{broken[1]}-{tail[0]}".lower() in compounds:
        return text + following
    return text[:-1] + following
