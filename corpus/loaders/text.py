"""Plain text: paragraphs, list items, and the titles of pages copied as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from corpus.errors import DocumentError
from corpus.loaders.checks import check_blocks
from corpus.loaders.content import Block, LoadedDocument, check_length, clean, finish

# Word writes its bullets in the private characters of the Symbol and Wingdings fonts.
LIST_ITEM = re.compile(r"^\s*(?:[-*+•‣▪●◦–—\uf020-\uf0ff]|\(?\d{1,3}[.)])\s+(?=\S)")

MARGIN = 120  # characters: the lines of a text cut at a margin are no longer
TITLE = 100


def read_text(path: Path) -> str:
    """Return the text of a file in UTF-8, UTF-16 with its mark, or the Windows encoding.

    Raises:
        DocumentError: The bytes are no text in any of them, or there are too many.
    """
    data = path.read_bytes()
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for codec in ("utf-16",) if marked else ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        check_length(len(text), path.name)
        check_blocks(text.count("\n\n"), path.name)
        return text
    raise DocumentError(
        f"« {path.name} » n’est pas un texte lisible (encodage inconnu). Enregistrez-le en UTF-8."
    )


def load(path: Path) -> LoadedDocument:
    """Return paragraphs, list items, and the titles that a page copied as text has kept on lines of their own.

    Raises:
        DocumentError: The file is not text, is empty, or is too long.
    """
    text = read_text(path).replace("\r\n", "\n").replace("\r", "\n")
    blocks: list[Block] = []
    for group in re.split(r"\n\s*\n", text):
        lines = group.split("\n")
        blocks.extend(_wrapped(lines) if _is_wrapped(lines) else _unwrapped(lines))
    return finish(None, blocks, path.name)


def _is_wrapped(lines: list[str]) -> bool:
    """Whether the lines are those of one text cut at a margin, and not a paragraph or a title each.

    A cut falls within a sentence more often than at its end: most of the lines that follow begin in lower case.
    """
    following = [line.strip() for line in lines[1:] if not LIST_ITEM.match(line)]
    lower = sum(line[:1].islower() for line in following)
    return max(map(len, lines)) <= MARGIN and 2 * lower >= len(following)


def _wrapped(lines: list[str]) -> Iterator[Block]:
    """Yield one paragraph, or the items of a list with the lines that continue them."""
    joined: list[list[str]] = []
    for line in lines:
        if joined and not LIST_ITEM.match(line):
            joined[-1].append(line.strip())
        else:
            joined.append([line])
    for parts in joined:
        yield _block(" ".join(parts))


def _unwrapped(lines: list[str]) -> Iterator[Block]:
    """Yield a block a line; a short line without an end, before a longer one, is the title of what follows."""
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        block = _block(line)
        titled = len(block.text) <= TITLE < len(following) and not block.text.endswith(tuple(".,;:!?…"))
        yield Block("heading", block.text, 2) if titled and block.kind == "paragraph" else block


def _block(line: str) -> Block:
    item = LIST_ITEM.match(line)
    return Block("list_item" if item else "paragraph", clean(line[item.end() :] if item else line))
