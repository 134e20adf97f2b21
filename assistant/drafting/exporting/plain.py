"""Write a letter as plain text."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.drafting.exporting.letter import Block, Listing, Paragraph, References, Run, read, spelled


def as_plain(text: str) -> str:
    """Return the letter without marks of formatting: numbers kept, each address written out.

    Args:
        text: The letter in Markdown.

    Raises:
        InputError: It is too long.
    """
    return plain_of(read(text))


def plain_of(blocks: Sequence[Block]) -> str:
    """Return the plain text of a letter already read."""
    return _write(blocks, "\n\n")


def _write(blocks: Sequence[Block], between: str) -> str:
    return between.join(map(_block, blocks))


def _block(block: Block) -> str:
    if isinstance(block, Paragraph):
        return _text(block.runs)
    if isinstance(block, References):
        return "\n".join(f"{entry.label} {_text(entry.runs)}" for entry in block.entries)
    return "\n".join(_item(_mark(block, place), _write(item, "\n")) for place, item in enumerate(block.items))


def _mark(block: Listing, place: int) -> str:
    return "-" if block.start is None else f"{block.start + place}."


def _item(mark: str, text: str) -> str:
    return f"{mark} {text}".rstrip().replace("\n", "\n" + " " * (len(mark) + 1))


def _text(runs: Sequence[Run]) -> str:
    return "".join(run.text for run in spelled(runs))
