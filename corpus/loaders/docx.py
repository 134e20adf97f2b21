"""DOCX: headings, paragraphs, list items and table rows of the body, deletions left out (python-docx)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus.errors import DocumentError
from corpus.loaders.content import Block, LoadedDocument, clean, finish, row

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_SPACING = {f"{_W}tab": " ", f"{_W}br": " ", f"{_W}cr": " ", f"{_W}noBreakHyphen": "-"}
_HEADING = re.compile(r"^(?:heading|titre)\s*(\d)$", re.IGNORECASE)


def load(path: Path) -> LoadedDocument:
    """Return the body of the document. Inserted text under revision counts, deleted text does not.

    Raises:
        DocumentError: The document is damaged, empty, or too long.
    """
    import docx

    try:
        document = docx.Document(str(path))
        styles = {style.style_id: style.name or "" for style in document.styles}
        blocks = list(_read(document.element.body, styles))
        title = document.core_properties.title or None
    except Exception as error:  # a damaged part may break the library anywhere
        raise DocumentError(
            f"« {path.name} » est endommagé : son contenu DOCX ne se lit pas. "
            "Ouvrez-le et enregistrez-le de nouveau, ou fournissez un PDF."
        ) from error
    title = title or next((block.text for block in blocks if block.level == 1), None)
    return finish(title, blocks, path.name)


def _read(parent: Any, styles: dict[str, str]) -> Iterator[Block]:
    for child in parent:
        if child.tag == f"{_W}p":
            yield _paragraph(child, styles)
        elif child.tag == f"{_W}tbl":
            for line in child.iter(f"{_W}tr"):
                yield Block("table_row", row([_text(cell) for cell in line.iterchildren(f"{_W}tc")]))
        elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins"):
            yield from _read(child, styles)


def _paragraph(element: Any, styles: dict[str, str]) -> Block:
    properties = element.find(f"{_W}pPr")
    style = properties.find(f"{_W}pStyle") if properties is not None else None
    name = styles.get(style.get(f"{_W}val"), "") if style is not None else ""
    text = _text(element)
    if heading := _HEADING.match(name):
        return Block("heading", text, min(6, int(heading[1])))
    if name in ("Title", "Titre"):
        return Block("heading", text, 1)
    numbered = properties is not None and properties.find(f"{_W}numPr") is not None
    return Block("list_item" if numbered or name.startswith(("List", "Liste")) else "paragraph", text)


def _text(element: Any) -> str:
    parts = []
    for node in element.iter():
        if any(parent.tag == _FALLBACK for parent in node.iterancestors()):
            continue
        if node.tag == f"{_W}t":
            parts.append(node.text or "")
        elif node.tag in _SPACING:
            parts.append(_SPACING[node.tag])
        elif node.tag == f"{_W}p":
            parts.append(" ")
    return clean("".join(parts))
