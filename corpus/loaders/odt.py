"""ODT: headings, paragraphs, list items and table rows, without deletions, comments and hidden text."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

from corpus.errors import DocumentError
from corpus.loaders.checks import gather
from corpus.loaders.content import Block, LoadedDocument, clean, finish
from corpus.loaders.grid import MAX_COLUMNS, Cell, Grid, checked_row, span
from corpus.loaders.notices import left_out
from corpus.loaders.visibility import Look, colour

_NS = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_TEXT, _TABLE, _OFFICE, _STYLE, _DRAW = (
    _NS % name for name in ("text", "table", "office", "style", "drawing")
)
_FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_TITLE = "{http://purl.org/dc/elements/1.1/}title"

_SPACES = {f"{_TEXT}s", f"{_TEXT}tab", f"{_TEXT}line-break"}
_BLOCKS = {f"{_TEXT}p", f"{_TEXT}h", f"{_TEXT}note-body", f"{_TABLE}table-cell"}
_ASIDE = {
    f"{_OFFICE}annotation", f"{_TEXT}tracked-changes", f"{_TEXT}note-citation", f"{_TEXT}script",
    f"{_NS % 'svg-compatible'}title", f"{_NS % 'svg-compatible'}desc",
}  # fmt: skip
_GROUPS = {
    f"{_TEXT}section", f"{_TEXT}index-body", f"{_TEXT}numbered-paragraph",
    f"{_DRAW}frame", f"{_DRAW}text-box", f"{_DRAW}g",
}  # fmt: skip
_ROW_GROUPS = {f"{_TABLE}table-header-rows", f"{_TABLE}table-rows", f"{_TABLE}table-row-group"}
_UNITS = {"pt": 1.0, "in": 72.0, "cm": 28.35, "mm": 2.835, "px": 0.75}


def load(path: Path) -> LoadedDocument:
    """Return the body of the document.

    Raises:
        DocumentError: The document is damaged, empty, or too long.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            content = fromstring(archive.read("content.xml"))
            others = [fromstring(archive.read(name)) for name in ("styles.xml", "meta.xml") if name in names]
        reader = _Reader(_styles([*others, content]), path.name)
        body = content.find(f"{_OFFICE}body/{_OFFICE}text")
        blocks = gather(reader.read(body if body is not None else Element("none"), Look()), path.name)
        title = next((clean(found.text or "") for part in others for found in part.iter(_TITLE)), "")
        comments = sum(1 for _ in content.iter(f"{_OFFICE}annotation"))
        notices = left_out(reader.hidden, comments, _active(content, names))
    except DocumentError:
        raise
    except Exception as error:  # a damaged part may break the reading anywhere
        raise DocumentError(
            f"« {path.name} » est endommagé : son contenu ODT ne se lit pas. "
            "Ouvrez-le et enregistrez-le de nouveau, ou fournissez un PDF."
        ) from error
    title = title or next((block.text for block in blocks if block.level == 1), "")
    return finish(title, blocks, path.name, notices=notices)


@dataclass(frozen=True)
class _Styled:
    """What a style changes, and the style that it starts from."""

    parent: str | None
    changes: dict[str, object] = field(default_factory=dict)


def _styles(parts: list[Element]) -> dict[tuple[str, str], _Styled]:
    """Return the styles by family and name."""
    styles = {}
    for part in parts:
        for style in part.iter(f"{_STYLE}style"):
            family, name = style.get(f"{_STYLE}family", ""), style.get(f"{_STYLE}name", "")
            changes: dict[str, object] = {}
            for properties in style:
                changes |= _changes(properties)
            styles[family, name] = _Styled(style.get(f"{_STYLE}parent-style-name"), changes)
    return styles


def _changes(properties: Element) -> dict[str, object]:
    changes: dict[str, object] = {}
    if display := properties.get(f"{_TEXT}display"):
        changes["is_hidden"] = display == "none"
    if (background := properties.get(f"{_FO}background-color")) and background != "transparent":
        changes["background"] = colour(background)
    if written := properties.get(f"{_FO}color"):
        changes["colour"] = colour(written)
    if (points := _points(properties.get(f"{_FO}font-size"))) is not None:
        changes["points"] = points
    return changes


def _points(size: str | None) -> float | None:
    """Return a size in points; ``None`` for a percentage, which never makes a text vanish alone."""
    try:
        return float(size[:-2]) * _UNITS[size[-2:]] if size else None
    except (ValueError, KeyError):
        return None


class _Reader:
    """Reads the blocks of one document and counts what it leaves out."""

    def __init__(self, styles: dict[tuple[str, str], _Styled], name: str) -> None:
        self.hidden = 0
        self._name = name
        self._styles = styles

    def read(self, parent: Element, look: Look) -> Iterator[Block]:
        """Yield the blocks of an element, drawn as ``look`` says unless it says otherwise."""
        for node in parent:
            if node.tag == f"{_TEXT}h":
                rank = node.get(f"{_TEXT}outline-level", "1")
                yield Block("heading", self._text(node, look), min(6, max(1, span(rank))))
            elif node.tag == f"{_TEXT}p":
                yield Block("paragraph", self._text(node, look))
            elif node.tag == f"{_TEXT}list":
                yield from self._items(node, look)
            elif node.tag == f"{_TABLE}table":
                yield from self._rows(node, self._look(node, "table", look), Grid())
            elif node.tag in _GROUPS and not self._is_left_out(node):
                yield from self.read(node, look)

    def _items(self, node: Element, look: Look) -> Iterator[Block]:
        for item in node:
            for child in item:
                if child.tag == f"{_TEXT}list":
                    yield from self._items(child, look)
                else:
                    yield Block("list_item", self._text(child, look))

    def _rows(self, table: Element, look: Look, grid: Grid) -> Iterator[Block]:
        for node in table:
            if node.tag in _ROW_GROUPS:
                yield from self._rows(node, look, grid)
            elif node.tag == f"{_TABLE}table-row":
                drawn = self._look(node, "table-row", look)
                row = checked_row(node, self._name)
                yield grid.add([cell for child in row for cell in self._cells(child, drawn)])
                for child in node:
                    for nested in child.iterfind(f"{_TABLE}table"):
                        yield from self._rows(nested, self._look(child, "table-cell", drawn), Grid())

    def _cells(self, node: Element, look: Look) -> list[Cell]:
        """Return a cell, as often as it is repeated; those that a merged one covers are the grid's to fill."""
        if node.tag != f"{_TABLE}table-cell":
            return []
        drawn = self._look(node, "table-cell", look)
        parts = [self._text(child, drawn) for child in node if child.tag != f"{_TABLE}table"]
        text = " ".join(filter(None, parts))
        columns = span(node.get(f"{_TABLE}number-columns-spanned"))
        rows = span(node.get(f"{_TABLE}number-rows-spanned"))
        repeated = min(MAX_COLUMNS, span(node.get(f"{_TABLE}number-columns-repeated")))
        if not text:
            return [Cell("", columns * repeated, rows)]
        return [Cell(text, columns, rows)] * repeated

    def _look(self, node: Element, family: str, look: Look) -> Look:
        """Return how a node is drawn, by its style and those it starts from."""
        prefix = _TEXT if family in ("paragraph", "text") else _TABLE
        name, chain = node.get(f"{prefix}style-name"), list[dict[str, object]]()
        while name is not None and len(chain) < 50:  # a style may start from itself
            style = self._styles.get((family, name))
            if style is None:
                break
            chain.append(style.changes)
            name = style.parent
        for changes in reversed(chain):
            look = replace(look, **changes)  # type: ignore[arg-type]
        return look

    def _text(self, node: Element, look: Look) -> str:
        parts: list[str] = []
        before = self.hidden
        if not self._is_left_out(node):
            is_hidden = any(
                found.get(f"{_TEXT}is-hidden") == "true" for found in node.iter(f"{_TEXT}hidden-paragraph")
            )
            self._collect(node, replace(look, is_hidden=True) if is_hidden else look, parts)
        # However many spans and marks it is made of, what is hidden in a paragraph is one passage.
        self.hidden = min(self.hidden, before + 1)
        return clean("".join(parts))

    def _collect(self, node: Element, look: Look, parts: list[str]) -> None:
        if node.tag in _ASIDE or self._is_left_out(node):
            return
        family = {f"{_TEXT}p": "paragraph", f"{_TEXT}h": "paragraph", f"{_TEXT}span": "text"}.get(node.tag)
        look = self._look(node, family, look) if family else look
        if node.tag in _SPACES or node.tag in _BLOCKS:
            parts.append(" ")
        self._write(node.text, look, parts)
        for child in node:
            self._collect(child, look, parts)
            self._write(child.tail, look, parts)

    def _write(self, text: str | None, look: Look, parts: list[str]) -> None:
        if text and look.is_seen:
            parts.append(text)
        elif text and text.strip():
            self.hidden += 1

    def _is_left_out(self, node: Element) -> bool:
        """Whether a section or a field is hidden; counts it when it is."""
        written = node.get(f"{_TEXT}is-hidden")
        if node.tag == f"{_TEXT}hidden-text":
            is_hidden = written != "false"
        else:
            is_hidden = node.tag == f"{_TEXT}section" and (
                node.get(f"{_TEXT}display") == "none" or written == "true"
            )
        self.hidden += is_hidden
        return is_hidden


def _active(content: Element, names: set[str]) -> tuple[str, ...]:
    """Return what could run or be fetched if the document were opened."""
    tags = {node.tag for node in content.iter()}
    is_remote = any(
        "://" in node.get(_HREF, "") for node in content.iter() if node.tag not in (f"{_TEXT}a", f"{_DRAW}a")
    )
    has_macros = any(name.startswith(("Basic/", "Scripts/")) for name in names)
    told = {
        "des macros": has_macros or any(tag.endswith("}event-listener") for tag in tags),
        "des objets incorporés": any(name.startswith("Object") for name in names),
        "des images ou des parties distantes": is_remote,
        "des liens DDE": any("dde-" in tag for tag in tags),
    }
    return tuple(what for what, is_there in told.items() if is_there)
