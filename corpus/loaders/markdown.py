"""Markdown: headings, paragraphs, list items and table rows, inline marks removed."""

from __future__ import annotations

import re
from pathlib import Path

from corpus.loaders.content import Block, LoadedDocument, clean, finish, row
from corpus.loaders.html_style import hides
from corpus.loaders.notices import left_out
from corpus.loaders.text import LIST_ITEM, read_text

_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_COMMENT = re.compile(r"<!--(?:(?!<!--).)*?-->", re.DOTALL)
_HEADING = re.compile(r"^(#{1,6})\s+(\S.*)$")
_UNDERLINE = re.compile(r"^\s*(=+|-{2,})\s*$")
_RULE = re.compile(r"^\s*([-*_]\s*){3,}$")
_TABLE_RULE = re.compile(r"^[\s|:-]+$")
# A link named and pointed elsewhere shows nothing where it is defined: « [//]: # (…) » serves as a comment.
_DEFINITION = re.compile(r"^ {0,3}\[[^\[\]]+\]:\s*\S+(?:\s+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?\s*$")
# Nothing between two marks may hold the first one again: each is read once, however many never close.
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\[]*\)")
_MARK = re.compile(r"(\*\*|__|~~|`)(.+?)\1")
_EMPHASIS = re.compile(r"(?<!\w)(?:\*([^\s*](?:[^*]*[^\s*])?)\*|_([^\s_](?:[^_]*[^\s_])?)_)(?!\w)")
_MAX_MARKED = 20_000  # a longer line is no prose
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_VOID = ("img", "br", "hr", "input")
_OPENING = re.compile(r"<([a-zA-Z][a-zA-Z0-9]*)((?:\s[^<>]*)?)>")


def plain(text: str) -> str:
    """Return ``text`` without inline marks.

    Example:
        >>> plain("Voir **la [FAQ](https://exemple.fr)** et `nombre_essms`.")
        'Voir la FAQ et nombre_essms.'
    """
    if len(text) > _MAX_MARKED:
        return clean(text)
    for _ in range(2):  # an image may stand in a link, and emphasis in emphasis
        text = _MARK.sub(r"\2", _LINK.sub(r"\1", text))
    return clean(_EMPHASIS.sub(lambda found: found[1] or found[2], _TAG.sub("", text)))


def load(path: Path) -> LoadedDocument:
    """Return the blocks; the title is the first heading of level 1.

    Raises:
        DocumentError: The file is not text, is empty, or is too long.
    """
    source = read_text(path).replace("\r\n", "\n").replace("\r", "\n")
    source, comments = _COMMENT.subn("", _FRONT_MATTER.sub("", source))
    source, hidden = _without_hidden_tags(source)
    groups: list[tuple[Block, list[str]]] = []
    is_open = False
    for line in source.split("\n"):
        if definition := _DEFINITION.match(line):
            comments += "(" in definition[0] or '"' in definition[0]
            continue
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
    return finish(title, blocks, path.name, notices=left_out(hidden, comments))


def _without_hidden_tags(source: str) -> tuple[str, int]:
    """Return the text without what HTML written in it hides, and how many passages that makes."""
    kept: list[str] = []
    unclosed: set[str] = set()  # looked for once each: a search goes to the end of the text
    hidden = position = 0
    for tag in _OPENING.finditer(source):
        if tag.start() < position or tag[1].lower() in _VOID or not hides(tag[2]):
            continue
        closing = -1 if tag[1] in unclosed else source.find(f"</{tag[1]}>", tag.end())
        if closing < 0:
            unclosed.add(tag[1])
            closing = source.find("\n\n", tag.end())
        kept.append(source[position : tag.start()])
        position = len(source) if closing < 0 else closing
        hidden += 1
    return "".join(kept) + source[position:], hidden


def _read_line(line: str) -> Block | None:
    if not line.strip() or line.lstrip().startswith("```"):
        return None
    if heading := _HEADING.match(line):
        return Block("heading", heading[2].rstrip().rstrip("#"), len(heading[1]))
    if line.lstrip().startswith("|"):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        return None if _TABLE_RULE.match(line) else Block("table_row", row(cells))
    if _RULE.match(line):
        return None
    if item := LIST_ITEM.match(line):
        return Block("list_item", line[item.end() :])
    return Block("paragraph", line.lstrip("> ").strip())
