"""Read the small Markdown of a letter into blocks that every format writes.

Paragraphs, lists, bold, italic, links, ``[n]`` markers and a final list of references are read; everything else is
text and stays as it was typed. A line break is one, as in an e-mail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING, TypeAlias

from assistant.composing.french import NBSP
from assistant.drafting.exporting.cleaning import clean_text
from assistant.errors import InputError

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

MAXIMUM = 40_000  # characters
_MARKER = r"\[\d{1,3}\]"
# The end of a sentence is not part of the address that it closes with.
_ADDRESS = r"https?://[^\s<>\"«»]*[^\s<>\"«».,;:!?'’…()\[\]]"
_PIECES = re.compile(rf"(?P<marker>{_MARKER})|(?P<address>{_ADDRESS})")
_ALLOWED = re.compile(r"https?://|mailto:", re.IGNORECASE)
_INDENT = re.compile(r"^(?:[ \t]*\t[ \t]*| {13,})(?=\S)", re.MULTILINE)
_MARKS = re.compile(r"^([ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+){6})(?=[-*+]|\d)", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """A piece of text written in one way; a line feed is a line break. ``marker``: it is ``[n]`` and points to a reference."""

    text: str
    bold: bool = False
    italic: bool = False
    link: str = ""  # http, https or mailto
    marker: bool = False


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; ``introduces`` what comes next, with which it must stay."""

    runs: tuple[Run, ...]
    introduces: bool = False


@dataclass(frozen=True)
class Listing:
    """A list; ``start`` is its first number, ``None`` for bullets."""

    items: tuple[tuple[Block, ...], ...]
    start: int | None = None


@dataclass(frozen=True)
class Reference:
    """A source of the final list; ``label`` is its numbers, as ``[1][3]``."""

    label: str
    runs: tuple[Run, ...]


@dataclass(frozen=True)
class References:
    """The final list of sources."""

    entries: tuple[Reference, ...]


Block: TypeAlias = Paragraph | Listing | References


def read(text: str) -> tuple[Block, ...]:
    """Return the blocks of a letter.

    Raises:
        InputError: The letter is longer than ``MAXIMUM`` characters.
    """
    if len(text) > MAXIMUM:
        raise InputError(
            f"La lettre compte {len(text)} caractères, pour {MAXIMUM} au plus{NBSP}: raccourcissez-la, ou envoyez-la en "
            "plusieurs fois."
        )
    tokens = _parser().parse(_flattened(clean_text(text).expandtabs(4)))
    return tuple(_with_introductions(_with_references(_blocks(iter(tokens)))))


def spelled(runs: Sequence[Run]) -> Iterator[Run]:
    """Return the runs of a text that is read without clicking: the address of a link follows its words."""
    for run, following in zip_longest(runs, runs[1:]):
        if not run.link or is_address(run):
            yield run
            continue
        yield replace(run, link="")
        if following is None or following.link != run.link:
            target = run.link.removeprefix("mailto:")
            yield from (Run(f"{NBSP}("), Run(target, link=run.link), Run(")"))


def is_address(run: Run) -> bool:
    """Whether the words of a link are its own address."""
    return run.link in (run.text, f"mailto:{run.text}", _parser().normalizeLink(run.text))


def _flattened(text: str) -> str:
    """Return the text without lists nested so deep that nobody means it, which the parser would cut short."""
    return _MARKS.sub(r"\1\\", _INDENT.sub(" " * 12, text))


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("zero", {"html": False, "maxNesting": 100})
    return parser.enable(["list", "emphasis", "link", "autolink", "newline", "escape"])


def _blocks(tokens: Iterator[Token]) -> tuple[Block, ...]:
    """Return the blocks up to the end of the list item, or of the letter."""
    blocks: list[Block] = []
    for token in tokens:
        if token.type == "inline":
            blocks.append(Paragraph(tuple(_merged(_runs(token.children or [])))))
        elif token.type == "bullet_list_open":
            blocks.append(Listing(_items(tokens)))
        elif token.type == "ordered_list_open":
            start = token.attrGet("start")
            blocks.append(Listing(_items(tokens), 1 if start is None else int(start)))
        elif token.type == "list_item_close":
            break
    return tuple(blocks)


def _items(tokens: Iterator[Token]) -> tuple[tuple[Block, ...], ...]:
    items = []
    for token in tokens:
        if token.type != "list_item_open":
            break
        items.append(_blocks(tokens))
    return tuple(items)


def _runs(tokens: Sequence[Token]) -> Iterator[Run]:
    look, refused = Run(""), ""
    for token in tokens:
        if token.type in ("softbreak", "hardbreak"):
            yield replace(look, text="\n")
        elif token.type in ("strong_open", "strong_close"):
            look = replace(look, bold=token.nesting == 1)
        elif token.type in ("em_open", "em_close"):
            look = replace(look, italic=token.nesting == 1)
        elif token.type == "link_open":
            target = str(token.attrGet("href") or "")
            if _ALLOWED.match(target):
                look = replace(look, link=target)
            else:  # shown as typed: neither followed nor lost
                refused = f"]({target})"
                yield replace(look, text="[")
        elif token.type == "link_close":
            if refused:
                yield replace(look, text=refused)
            look, refused = replace(look, link=""), ""
        else:
            yield from _pieces(replace(look, text=token.content))


def _pieces(run: Run) -> Iterator[Run]:
    """Return a text parted at its markers and bare addresses."""
    if run.link:
        yield run
        return
    end = 0
    for match in _PIECES.finditer(run.text):
        yield replace(run, text=run.text[end : match.start()])
        if match["marker"]:
            yield replace(run, text=match[0], marker=True)
        else:
            yield replace(run, text=match[0], link=_parser().normalizeLink(match[0]))
        end = match.end()
    yield replace(run, text=run.text[end:])


def _merged(runs: Iterator[Run]) -> list[Run]:
    """Return the runs without empty ones, those written alike together; no marker opens a line."""
    merged: list[Run] = []
    for run in runs:
        if not run.text:
            continue
        if merged and run.marker and re.search(r"\S $", merged[-1].text):
            merged[-1] = replace(merged[-1], text=f"{merged[-1].text[:-1]}{NBSP}")
        if merged and not run.marker and replace(merged[-1], text=run.text) == run:
            merged[-1] = replace(run, text=merged[-1].text + run.text)
        else:
            merged.append(run)
    return merged


def _with_references(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks with the final list of references told apart: each of its lines opens with its number."""
    entries: list[Reference] = []
    kept = list(blocks)
    while kept and (found := _entries(kept[-1])):
        entries[:0] = found
        kept.pop()
    return [*kept, References(tuple(entries))] if entries else list(blocks)


def _entries(block: Block) -> list[Reference]:
    """Return the references that a block lists, none when it holds anything else."""
    if isinstance(block, Paragraph):
        lines = _lines(block.runs)
    elif isinstance(block, Listing) and all(
        len(item) == 1 and isinstance(item[0], Paragraph) for item in block.items
    ):
        lines = [item[0].runs for item in block.items if isinstance(item[0], Paragraph)]
    else:
        return []
    entries = [_entry(line) for line in lines]
    return [entry for entry in entries if entry] if all(entries) else []


def _entry(line: Sequence[Run]) -> Reference | None:
    numbers = 0
    while numbers < len(line) and line[numbers].marker:
        numbers += 1
    runs = line[numbers:]
    if not numbers or not any(run.text.strip() for run in runs):
        return None
    label = "".join(run.text for run in line[:numbers])
    return Reference(label, (replace(runs[0], text=runs[0].text.lstrip()), *runs[1:]))


def _lines(runs: Sequence[Run]) -> list[tuple[Run, ...]]:
    lines: list[list[Run]] = [[]]
    for run in runs:
        first, *others = run.text.split("\n")
        lines[-1].append(replace(run, text=first))
        lines += [[replace(run, text=other)] for other in others]
    return [tuple(run for run in line if run.text) for line in lines]


def _with_introductions(blocks: Sequence[Block]) -> Iterator[Block]:
    for block, following in zip_longest(blocks, blocks[1:]):
        if isinstance(block, Paragraph) and following is not None:
            titles = all(run.bold or not run.text.strip() for run in block.runs)
            yield replace(block, introduces=titles or not isinstance(following, Paragraph))
        else:
            yield block
