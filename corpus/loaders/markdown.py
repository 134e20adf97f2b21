"""Markdown: headings, paragraphs, list items and table rows, inline marks removed."""

from __future__ import annotations

import re
from pathlib import Path

from corpus.loaders.content import Block, LoadedDocument, clean, finish, row
from corpus.loaders.text import LIST_ITEM, read_text

_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_COMMENT = re.compile(r"<!--(?:(?!<!--).)*?-->", re.DOTALL)
_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
_UNDERLINE = re.compile(r"^\s*(=+|-{2,})\s*$")
_RULE = re.compile(r"^\s*([-*_]\s*){3,}$")
_TABLE_RULE = re.compile(r"^[\s|:-]+$")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARK = re.compile(r"(\*\*|__|~~|`)(.+?)\1")
_EMPHASIS = re.compile(r"(?<!\w)([*_])(\S(?:.*?\S)?)\1(?!\w)")
_MAX_MARKED = 20_000  # a longer line is no prose, and its marks would take quadratic time to match
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")


def plain(text: str) -> str:
    """Return ``text`` without inline marks.

    Example:
        >>> plain("Voir **la [FAQ](https://exemple.fr)** et `nombre_essms`.")
        'Voir la FAQ et nombre_essms.'
    """
    if len(text) > _MAX_MARKED:
        return clean(text)
    text = _LINK.sub(r"\1", text)
    for _ in range(2):
        text = _MARK.sub(r"\2", text)
    return clean(_EMPHASIS.sub(r"\2", _TAG.sub("", text)))


def load(path: Path) -> LoadedDocument:
    """Return the blocks; the title is the first heading of level 1.

    Raises:
        DocumentError: The file is not text, is empty, or is too long.
    """
    source = read_text(path).replace("\r\n", "\n").replace("\r", "\n")
    groups: list[tuple[Block, list[str]]] = []
    is_open = False
    for line in _COMMENT.sub("", _FRONT_MATTER.sub("", source)).split("\n"):
        underline = _UNDERLINE.match(line)
        if is_open and underline and groups[-1][0].kind == "paragraph":
            groups[-1] = (Block("heading", "", 1 if underline[1][0] == "=" else 2), groups[-1][1])
            is_open = False
            continue
        block = _read_line(line)
        if block and block.kind == "paragraph" and is_open:
            groups[-1][1].append(block.text)
        elif block:
            groups.append((block, [block.text]))
        is_open = block is not None and groups[-1][0].kind in ("paragraph", "list_item")
    blocks = [Block(first.kind, plain(" ".join(parts)), first.level) for first, parts in groups]
    title = next((block.text for block in blocks if block.level == 1), None)
    return finish(title, blocks, path.name)


def _read_line(line: str) -> Block | None:
    if not line.strip() or line.lstrip().startswith("```"):
        return None
    if heading := _HEADING.match(line):
        return Block("heading", heading[2], len(heading[1]))
    if line.lstrip().startswith("|"):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        return None if _TABLE_RULE.match(line) else Block("table_row", row(cells))
    if _RULE.match(line):
        return None
    if item := LIST_ITEM.match(line):
        return Block("list_item", line[item.end() :])
    return Block("paragraph", line.lstrip("> ").strip())
