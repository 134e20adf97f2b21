"""Change one part of a letter that a person has edited: find a paragraph again, put one in, follow its numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_MARKER = re.compile(r"\[(\d+)\]")
_HEADING = re.compile(r"^\*\*\d+\. « ")
_ALIKE = 55.0  # per cent of likeness under which a block is another one


def blocks_of(text: str) -> list[str]:
    """Return the blocks of a letter, parted by blank lines."""
    return [block for block in re.split(r"\n[ \t]*\n", text.strip()) if block.strip()]


def replace_paragraph(text: str, before: str, after: str) -> str | None:
    """Return the letter with a paragraph (of one or several blocks) made anew, ``None`` when it is no longer there.

    One that was edited is told by its heading, else by its likeness.
    """
    blocks = blocks_of(text)
    place = _place_of(blocks, blocks_of(before))
    if place is None:
        return None
    start, end = place
    return "\n\n".join([*blocks[:start], after.strip(), *blocks[end:]])


def insert_paragraph(text: str, paragraph: str, follows: Sequence[str]) -> str:
    """Return the letter with one more paragraph, before the first of ``follows`` that it still holds, else at its end."""
    blocks = blocks_of(text)
    for following in follows:
        place = _place_of(blocks, blocks_of(following))
        if place is not None:
            return "\n\n".join([*blocks[: place[0]], paragraph.strip(), *blocks[place[0] :]])
    return "\n\n".join([*blocks, paragraph.strip()])


def renumber(text: str, before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]) -> str:
    """Return the letter whose markers followed the citations ``before`` and now follow those ``after``.

    A citation is the same when its source, place and words are; one that is no longer there keeps its number.
    """
    now = {_key(citation): citation["number"] for citation in after}
    moved = {citation["number"]: now[_key(citation)] for citation in before if _key(citation) in now}
    return _MARKER.sub(lambda match: f"[{moved.get(int(match[1]), int(match[1]))}]", text)


def _key(citation: Mapping[str, Any]) -> tuple[str, str, str]:
    return citation["id"], citation["location"], citation["excerpt"]


def _place_of(blocks: Sequence[str], wanted: Sequence[str]) -> tuple[int, int] | None:
    """Return where the blocks of a paragraph are, as they were or edited."""
    if not wanted:
        return None
    count = len(wanted)
    for start in range(len(blocks) - count + 1):
        if list(blocks[start : start + count]) == list(wanted):
            return start, start + count
    if _HEADING.match(wanted[0]) and wanted[0] in blocks:
        start = blocks.index(wanted[0])
        end = start + 1
        while end < len(blocks) and end - start < count and not _HEADING.match(blocks[end]):
            end += 1
        return start, end
    return _likest(blocks, "\n\n".join(wanted), count)


def _likest(blocks: Sequence[str], wanted: str, count: int) -> tuple[int, int] | None:
    from rapidfuzz import fuzz

    sized = [
        (fuzz.ratio("\n\n".join(blocks[start : start + size]), wanted), start, start + size)
        for size in {max(1, count - 1), count, count + 1}
        for start in range(max(0, len(blocks) - size + 1))
    ]
    best = max(sized, default=(0.0, 0, 0))
    return (best[1], best[2]) if best[0] >= _ALIKE else None
