"""Plain text: paragraphs separated by empty lines, and list items."""

from __future__ import annotations

import re
from pathlib import Path

from corpus.errors import DocumentError
from corpus.loaders.content import Block, LoadedDocument, check_length, clean, finish

# Word writes its bullets in the private characters of the Symbol and Wingdings fonts.
LIST_ITEM = re.compile(r"^\s*(?:[-*+•‣▪●◦–—\uf020-\uf0ff]|\(?\d{1,3}[.)])\s+(?=\S)")


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
        return text
    raise DocumentError(
        f"« {path.name} » n’est pas un texte lisible (encodage inconnu). Enregistrez-le en UTF-8."
    )


def load(path: Path) -> LoadedDocument:
    """Return paragraphs and list items; plain text has neither title nor headings.

    Raises:
        DocumentError: The file is not text, is empty, or is too long.
    """
    blocks: list[Block] = []
    for group in re.split(r"\n\s*\n", read_text(path).replace("\r\n", "\n").replace("\r", "\n")):
        for line in _logical_lines(group):
            item = LIST_ITEM.match(line)
            text = clean(line[item.end() :] if item else line)
            blocks.append(Block("list_item" if item else "paragraph", text))
    return finish(None, blocks, path.name)


def _logical_lines(group: str) -> list[str]:
    lines: list[list[str]] = []
    for line in group.split("\n"):
        if lines and not LIST_ITEM.match(line):
            lines[-1].append(line.strip())
        else:
            lines.append([line])
    return [" ".join(parts) for parts in lines]
