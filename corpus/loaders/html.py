"""HTML: the main content of a page, without menus, banners, footers and hidden text (trafilatura)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from corpus.errors import DocumentError
from corpus.loaders.content import Block, LoadedDocument, clean, finish, row
from corpus.loaders.grid import Cell, Grid, span
from corpus.loaders.html_style import count_comments, hide_unseen
from corpus.loaders.notices import left_out

MAX_ELEMENTS = 30_000
# Deeper, the parser drops elements without a word, with the text they hold.
MAX_DEPTH = 250
# Holds the place of an empty cell, which trafilatura would drop.
_EMPTY = "\ue000"
_LAID_OUT = ("h1", "h2", "h3", "h4", "h5", "h6", "main", "article", "form")
_BREAKS = ("p", "div", "br", "li", "ul", "ol", "dt", "dd", "blockquote")


def load(path: Path) -> LoadedDocument:
    """Return the main content of a saved page; nothing is fetched.

    Raises:
        DocumentError: No main content is found, or it is too long.
    """
    import trafilatura

    data = path.read_bytes()
    try:
        tree: Any = trafilatura.load_html(data)
        elements = 0 if tree is None else int(tree.xpath("count(//*)"))
        # The time taken grows with the square of their number: 30 000 take 6 s, 1 500 000 never end.
        if elements > MAX_ELEMENTS:
            raise _too_many(path, elements)
        if tree is not None and _depth(tree) >= MAX_DEPTH:
            raise _too_deep(path)
        hidden = 0 if tree is None else hide_unseen(tree)
        if tree is not None:
            _lay_out_tables(tree, MAX_ELEMENTS - elements)
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
    return finish(page.title, blocks, path.name, notices=left_out(hidden, count_comments(data)))


def _no_content(path: Path) -> DocumentError:
    return DocumentError(
        f"« {path.name} » : aucun contenu principal n’a été trouvé dans cette page. "
        "Enregistrez la page complète, ou copiez son texte dans un fichier .txt."
    )


def _too_many(path: Path, elements: int) -> DocumentError:
    return DocumentError(
        f"« {path.name} » compte {elements} éléments HTML ; la limite est de {MAX_ELEMENTS}. "
        "Découpez la page, ou copiez son texte dans un fichier .txt."
    )


def _too_deep(path: Path) -> DocumentError:
    return DocumentError(
        f"« {path.name} » emboîte ses éléments HTML sur plus de {MAX_DEPTH} niveaux : une partie du texte serait "
        "perdue. Copiez son texte dans un fichier .txt."
    )


def _depth(tree: Any) -> int:
    """Return how many elements are open at once, at the most."""
    deepest, level = 0, [tree]
    while level:
        deepest += 1
        level = [child for node in level for child in node]
    return deepest


def _lay_out_tables(tree: Any, added: int) -> None:
    """Write each row of the tables whole: the texts of merged cells in their columns, and empty cells marked.

    Args:
        tree: The page.
        added: How many elements may be added to it.
    """
    for table in tree.iter("table"):
        if (
            next(table.iter(*_LAID_OUT), None) is not None
            or next(table.iterdescendants("table"), None) is not None
        ):
            continue  # a page cut into columns rather than a table
        grid = Grid(added)
        for line in table.iter("tr"):
            added -= _lay_out(line, grid)


def _lay_out(line: Any, grid: Grid) -> int:
    """Write a row whole; return how many cells that adds."""
    cells = list(line.iterchildren("td", "th"))
    texts = grid.place(
        [Cell(_cell_text(cell), span(cell.get("colspan")), span(cell.get("rowspan"))) for cell in cells]
    )
    while texts and not texts[-1]:
        texts.pop()
    kinds = {cell.tag for cell in cells}
    for cell in cells:
        line.remove(cell)
    for text in texts:
        # A row of headings is one all along.
        added = line.makeelement("th" if kinds == {"th"} else "td", {})
        added.text = text or _EMPTY
        line.append(added)
    return max(0, len(texts) - len(cells))


def _cell_text(cell: Any) -> str:
    parts = []
    for node in cell.iter():
        if node.tag in _BREAKS:
            parts.append(" ")
        if isinstance(node.tag, str) and node.tag not in ("script", "style"):
            parts.append(node.text or "")
        if node is not cell:
            parts.append((" " if node.tag in _BREAKS else "") + (node.tail or ""))
    return clean("".join(parts))


def _text(element: Any) -> str:
    return clean("".join(element.itertext()).replace(_EMPTY, ""))


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
