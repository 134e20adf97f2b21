"""HTML: the main content of a page, without menus, banners and footers (trafilatura)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from corpus.errors import DocumentError
from corpus.loaders.content import Block, LoadedDocument, clean, finish, row

MAX_ELEMENTS = 30_000


def load(path: Path) -> LoadedDocument:
    """Return the main content of a saved page; nothing is fetched.

    Raises:
        DocumentError: No main content is found, or it is too long.
    """
    import trafilatura

    try:
        tree: Any = trafilatura.load_html(path.read_bytes())
        elements = 0 if tree is None else int(tree.xpath("count(//*)"))
        # The time taken grows with the square of their number: 30 000 take 6 s, 1 500 000 never end.
        if elements > MAX_ELEMENTS:
            raise _too_many(path, elements)
        page: Any = trafilatura.bare_extraction(
            tree, with_metadata=True, include_comments=False, include_tables=True
        )
    except DocumentError:
        raise
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


def _too_many(path: Path, elements: int) -> DocumentError:
    return DocumentError(
        f"« {path.name} » compte {elements} éléments HTML ; la limite est de {MAX_ELEMENTS}. "
        "Découpez la page, ou copiez son texte dans un fichier .txt."
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
