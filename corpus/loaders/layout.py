"""From the lines of paged text to blocks: running titles removed, headings guessed, paragraphs rebuilt."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, reduce
from itertools import pairwise

from corpus.loaders.content import Block, row
from corpus.loaders.text import LIST_ITEM

EDGES = (1, -2, 0, -1)  # the two first and two last lines of a page, outermost last
MIN_REPEATS = 3
HEADING_RATIO = 1.15
GAP_RATIO = 1.35
MAX_HEADING_CHARACTERS = 200

_PAGE_NUMBER = re.compile(
    r"^(?:page|p\.)?\s*[-–—]?\s*\d{1,4}\s*(?:(?:/|sur|de)\s*\d{1,4})?\s*[-–—]?$", re.IGNORECASE
)
_LEADERS = re.compile(r"(?:[.…_]\s?){5,}\s*\d*$")  # a line of a table of contents only repeats a heading
_BROKEN = re.compile(r"(\w+)-$")


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
    compounds = {word.lower() for line in lines for word in re.findall(r"\w+-\w+", line.text)}
    kept = _without_running_titles(
        [line for line in lines if not _LEADERS.search(line.text)],
        lambda line: line.size not in sizes and (_fold(line.text), line.page) not in marks,
    )
    pitch = _pitch(kept, body)
    blocks: list[Block] = []
    previous: Line | None = None
    for line in kept:
        if line.cells:
            cells = [reduce(partial(_join, compounds=compounds), cell or ("",)) for cell in line.cells]
            blocks.append(Block("table_row", row(cells), 0, line.page))
            previous = None
            continue
        level = marks.get((_fold(line.text), line.page), 0)
        if not level and line.size in sizes and _may_head(line.text):
            level = min(6, sizes.index(line.size) + 1)
        item = LIST_ITEM.match(line.text)
        last = blocks[-1] if blocks else None
        if level and last and last.level == level and previous and _follows(previous, line, line.size * 1.5):
            blocks[-1] = Block("heading", _join(last.text, line.text, compounds), level, last.page)
        elif level:
            blocks.append(Block("heading", line.text, level, line.page))
        elif item:
            blocks.append(Block("list_item", line.text[item.end() :], 0, line.page))
        elif last and last.kind != "heading" and previous and _continues(previous, line, pitch):
            blocks[-1] = Block(last.kind, _join(last.text, line.text, compounds), 0, last.page)
        else:
            blocks.append(Block("paragraph", line.text, 0, line.page))
        previous = line
    return blocks


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


def _join(text: str, following: str, compounds: set[str]) -> str:
    """Join two lines; a word cut at the end of a line is mended unless the compound exists elsewhere."""
    broken = _BROKEN.search(text)
    if not broken or not following[:1].islower():
        return f"{text} {following}"
    tail = re.match(r"\w+", following)
    if tail and f"{broken[1]}-{tail[0]}".lower() in compounds:
        return text + following
    return text[:-1] + following
