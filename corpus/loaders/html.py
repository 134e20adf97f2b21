"""HTML: the main content of a page, without menus, banners and footers (trafilatura)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from corpus.errors import DocumentError
from corpus.loaders.content import Block, LoadedDocument, clean, finish, row


def load(path: Path) -> LoadedDocument:
    """Return the main content of a saved page; nothing is fetched.

    Raises:
        DocumentError: No main content is found, or it is too long.
    """
    import trafilatura

    try:
        page: Any = trafilatura.bare_extraction(
            path.read_bytes(), with_metadata=True, include_comments=False, include_tables=True
        )
    except Exception as error:  # a malformed page may break the library anywhere
        raise _no_content(path) from error
    if page is None or page.body is None:
        raise _no_content(path)
    blocks: list[Block] = []
    for element in page.body:
        _read(element, blocks)
    return finish(page.title, blocks, path.name)


def _no_content(path: Path) -> DocumentError:
    return DocumentError(
        f"« {path.name} » : aucun contenu principal n’a été trouvé dans cette page. "
        "Enregistrez la page complète, ou copiez son texte dans un fichier .txt."
    )


def _text(element: Any) -> str:
    return clean("".join(element.itertext()))


def _read(element: Any, blocks: list[Block]) -> None:
    if element.tag == "head":
        rank = str(element.get("rend") or "h2").lstrip("h")
        blocks.append(Block("heading", _text(element), int(rank) if rank.isdigit() else 2))
    elif element.tag == "list":
        blocks.extend(Block("list_item", _text(item)) for item in element.iter("item"))
    elif element.tag == "table":
        for line in element.iter("row"):
            blocks.append(Block("table_row", row([_text(cell) for cell in line.iter("cell")])))
    elif element.tag in ("div", "quote") and len(element):
        if text := clean(element.text or ""):
            blocks.append(Block("paragraph", text))
        for child in element:
            _read(child, blocks)
            if tail := clean(child.tail or ""):
                blocks.append(Block("paragraph", tail))
    elif element.tag != "graphic":
        blocks.append(Block("paragraph", _text(element)))
