"""ODT: headings, paragraphs, list items and table rows, tracked deletions left out (odfpy)."""

from __future__ import annotations

import contextlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from corpus.errors import DocumentError
from corpus.loaders.content import Block, LoadedDocument, clean, finish, row


def load(path: Path) -> LoadedDocument:
    """Return the body of the document.

    Raises:
        DocumentError: The document is damaged, empty, or too long.
    """
    from odf import dc
    from odf.opendocument import load as load_odf

    try:
        # odfpy prints a broken part and goes on with what it has read: a truncated text would pass for whole.
        with zipfile.ZipFile(path) as archive:
            ElementTree.fromstring(archive.read("content.xml"))
        with contextlib.redirect_stdout(io.StringIO()):
            document: Any = load_odf(str(path))
        blocks = list(_read(document.text))
        titles = document.meta.getElementsByType(dc.Title)
    except Exception as error:  # a damaged part may break the library anywhere
        raise DocumentError(
            f"« {path.name} » est endommagé : son contenu ODT ne se lit pas. "
            "Ouvrez-le et enregistrez-le de nouveau, ou fournissez un PDF."
        ) from error
    title = _text(titles[0]) if titles else next((block.text for block in blocks if block.level == 1), None)
    return finish(title, blocks, path.name)


def _name(node: Any) -> str:
    return str(node.qname[1]) if getattr(node, "qname", None) else ""


def _text(node: Any) -> str:
    from odf import teletype

    return clean(teletype.extractText(node))


def _read(parent: Any) -> Iterator[Block]:
    for node in parent.childNodes:
        name = _name(node)
        if name == "h":
            yield Block("heading", _text(node), min(6, max(1, int(node.getAttribute("outlinelevel") or 1))))
        elif name == "p":
            yield Block("paragraph", _text(node))
        elif name == "list":
            yield from _items(node)
        elif name == "table":
            yield from _rows(node)
        elif name in ("section", "index-body", "numbered-paragraph"):
            yield from _read(node)


def _items(node: Any) -> Iterator[Block]:
    for item in node.childNodes:
        for child in item.childNodes:
            if _name(child) == "list":
                yield from _items(child)
            else:
                yield Block("list_item", _text(child))


def _rows(table: Any) -> Iterator[Block]:
    for node in table.childNodes:
        if _name(node) == "table-row":
            cells = [cell for cell in node.childNodes if _name(cell) == "table-cell"]
            yield Block("table_row", row([" ".join(map(_text, cell.childNodes)) for cell in cells]))
        elif _name(node) in ("table-header-rows", "table-rows", "table-row-group"):
            yield from _rows(node)
