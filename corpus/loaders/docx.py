"""DOCX: headings, paragraphs, list items and table rows of the body, without deletions and hidden text (python-docx)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from corpus.errors import DocumentError
from corpus.loaders.checks import gather
from corpus.loaders.content import Block, LoadedDocument, clean, finish
from corpus.loaders.grid import MAX_COLUMNS, Cell, Grid, checked_row, span
from corpus.loaders.notices import left_out
from corpus.loaders.visibility import UNKNOWN, Look, colour

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_SPACING = {f"{_W}tab": " ", f"{_W}br": " ", f"{_W}cr": " ", f"{_W}noBreakHyphen": "-"}
_HEADING = re.compile(r"^(?:heading|titre)\s*(\d)$", re.IGNORECASE)
_WRAPPERS = {f"{_W}{name}" for name in ("sdt", "sdtContent", "ins", "customXml", "smartTag", "moveTo")}
_ASIDE = {_FALLBACK, f"{_W}moveFrom", f"{_W}tbl", f"{_W}pPr", f"{_W}rPr"}
_SHAPES = {f"{_W}drawing", f"{_W}pict", f"{_W}object"}  # their fill is not read
_ACTIVE_FIELD = re.compile(r"\s*(DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK|RD)\b", re.IGNORECASE)
_COMMENT = re.compile(rb"<w:comment[ >]")
_OFF = ("0", "false", "off", "none")
_REMOTE = ("attachedTemplate", "image", "oleObject", "frame", "subDocument", "aFChunk", "video", "audio")


def load(path: Path) -> LoadedDocument:
    """Return the body of the document. Inserted text under revision counts, deleted text does not.

    Raises:
        DocumentError: The document is damaged, empty, or too long.
    """
    import docx

    try:
        document = docx.Document(str(path))
        reader = _Reader(document, path.name)
        blocks = gather(reader.read(document.element.body, Look(background=reader.paper)), path.name)
        title = document.core_properties.title or None
        reader.count_around(document)
        notices = left_out(reader.hidden, _comments(document), _active(document))
    except DocumentError:
        raise
    except Exception as error:  # a damaged part may break the library anywhere
        raise DocumentError(
            f"« {path.name} » est endommagé : son contenu DOCX ne se lit pas. "
            "Ouvrez-le et enregistrez-le de nouveau, ou fournissez un PDF."
        ) from error
    title = title or next((block.text for block in blocks if block.level == 1), None)
    return finish(title, blocks, path.name, notices=notices)


class _Styles:
    """The styles of a document by identifier: their name, and what they and those they start from change."""

    def __init__(self, document: Any) -> None:
        self._elements = {
            style.get(f"{_W}styleId"): style for style in document.styles.element.iter(f"{_W}style")
        }
        self._chains: dict[str, list[Any]] = {}

    def name(self, identifier: str) -> str:
        """Return the name that the word processor shows; empty for a style that is not there."""
        element = self._elements.get(identifier)
        return "" if element is None else _value(element.find(f"{_W}name"))

    def chain(self, identifier: str) -> list[Any]:
        """Return the elements of a style and of those it starts from, the first one being the last to apply."""
        if identifier not in self._chains:
            chain: list[Any] = []
            element = self._elements.get(identifier)
            while element is not None and element not in chain:  # a style may start from itself
                chain.append(element)
                element = self._elements.get(_value(element.find(f"{_W}basedOn")))
            self._chains[identifier] = chain
        return self._chains[identifier]


class _Reader:
    """Reads the blocks of one document and counts what it leaves out."""

    def __init__(self, document: Any, name: str) -> None:
        self.hidden = 0
        self._name = name
        self._styles = _Styles(document)
        page = document.element.find(f"{_W}background")
        self.paper = colour(page.get(f"{_W}color")) if page is not None else None

    def read(self, parent: Any, look: Look) -> Iterator[Block]:
        """Yield the blocks of an element, drawn as ``look`` says unless it says otherwise."""
        for child in _children(parent):
            if child.tag == f"{_W}p":
                yield self._paragraph(child, look)
            elif child.tag == f"{_W}tbl":
                yield from self._rows(child, look)

    def count_around(self, document: Any) -> None:
        """Count the paragraphs of the headers and footers, which are not read, that hold hidden text."""
        for part in _parts(document):
            if part.partname.startswith(("/word/header", "/word/footer")) and hasattr(part, "element"):
                for paragraph in part.element.iter(f"{_W}p"):
                    self._text(paragraph, Look(background=self.paper))

    def _rows(self, table: Any, look: Look) -> Iterator[Block]:
        drawn = self._table_look(table, look)
        grid = Grid()
        for line in _children(table, f"{_W}tr"):
            properties = line.find(f"{_W}trPr")
            before = properties.find(f"{_W}gridBefore") if properties is not None else None
            cells = [Cell("", _number(before))] if before is not None else []
            nested = []
            for cell in checked_row(_children(line, f"{_W}tc"), self._name):
                inside = self._cell_look(cell, drawn)
                cells.append(self._cell(cell, inside))
                nested += [(found, inside) for found in _children(cell, f"{_W}tbl")]
            yield grid.add(cells)
            for found, inside in nested:
                yield from self._rows(found, inside)

    def _cell(self, cell: Any, look: Look) -> Cell:
        text = " ".join(filter(None, (self._text(child, look) for child in _children(cell, f"{_W}p"))))
        properties = cell.find(f"{_W}tcPr")
        if properties is None:
            return Cell(text)
        merged = properties.find(f"{_W}vMerge")
        is_continued = merged is not None and merged.get(f"{_W}val", "continue") == "continue"
        columns = properties.find(f"{_W}gridSpan")
        return Cell(text, _number(columns), is_continued=is_continued)

    def _table_look(self, table: Any, look: Look) -> Look:
        """Return how a table is drawn: one whose style colours some cells may write white in any of them."""
        properties = table.find(f"{_W}tblPr")
        if properties is None:
            return look
        for style in self._styles.chain(_value(properties.find(f"{_W}tblStyle"))):
            if any(map(_is_shaded, style.iter(f"{_W}shd"))):
                return replace(look, background=UNKNOWN)
        return _shade(look, properties)

    def _cell_look(self, cell: Any, look: Look) -> Look:
        properties = cell.find(f"{_W}tcPr")
        return look if properties is None else _shade(look, properties)

    def _paragraph(self, element: Any, look: Look) -> Block:
        properties = element.find(f"{_W}pPr")
        name = self._styles.name(_style(properties, "pStyle"))
        text = self._text(element, look)
        if heading := _HEADING.match(name):
            return Block("heading", text, min(6, max(1, int(heading[1]))))
        if name in ("Title", "Titre"):
            return Block("heading", text, 1)
        numbered = properties is not None and properties.find(f"{_W}numPr") is not None
        return Block("list_item" if numbered or name.startswith(("List", "Liste")) else "paragraph", text)

    def _text(self, paragraph: Any, look: Look) -> str:
        parts: list[str] = []
        before = self.hidden
        self._collect(paragraph, self._styled(look, paragraph.find(f"{_W}pPr"), "pStyle"), parts)
        # However many runs it is made of, what is hidden in a paragraph is one passage.
        self.hidden = min(self.hidden, before + 1)
        return clean("".join(parts))

    def _collect(self, element: Any, look: Look, parts: list[str]) -> None:
        for node in element:
            if node.tag in _ASIDE:
                continue
            if node.tag == f"{_W}t":
                self._write(node.text or "", look, parts)
            elif node.tag in _SPACING:
                parts.append(_SPACING[node.tag])
            elif node.tag == f"{_W}r":
                self._collect(node, self._run_look(node, look), parts)
            elif node.tag == f"{_W}p":  # of a text box
                parts.append(" ")
                self._collect(node, self._styled(look, node.find(f"{_W}pPr"), "pStyle"), parts)
            else:
                self._collect(node, replace(look, background=UNKNOWN) if node.tag in _SHAPES else look, parts)

    def _write(self, text: str, look: Look, parts: list[str]) -> None:
        if look.is_seen:
            parts.append(text)
        elif text.strip():
            self.hidden += 1

    def _run_look(self, run: Any, look: Look) -> Look:
        properties = run.find(f"{_W}rPr")
        return look if properties is None else _changed(self._styled(look, properties, "rStyle"), properties)

    def _styled(self, look: Look, properties: Any, kind: str) -> Look:
        """Return how the style of a paragraph or of a run draws it, with those that it starts from."""
        if properties is None:
            return look
        for element in reversed(self._styles.chain(_style(properties, kind))):
            for inner in (element.find(f"{_W}pPr"), element.find(f"{_W}rPr")):
                look = look if inner is None else _changed(look, inner)
        return _shade(look, properties)


def _style(properties: Any, kind: str) -> str:
    return "" if properties is None else _value(properties.find(f"{_W}{kind}"))


def _children(parent: Any, tag: str | None = None) -> Iterator[Any]:
    """Yield the children, and those of what only wraps them: a content control, an insertion."""
    for child in parent:
        if child.tag in _WRAPPERS:
            yield from _children(child, tag)
        elif tag is None or child.tag == tag:
            yield child


def _changed(look: Look, properties: Any) -> Look:
    look = _shade(look, properties)
    if (hidden := properties.find(f"{_W}vanish")) is not None:
        look = replace(look, is_hidden=hidden.get(f"{_W}val", "1").lower() not in _OFF)
    if (size := properties.find(f"{_W}sz")) is not None and (half := _value(size)).isdigit():
        look = replace(look, points=int(half[:6]) / 2)
    if (written := properties.find(f"{_W}color")) is not None:
        look = replace(look, colour=colour(_value(written)))
    return look


def _shade(look: Look, properties: Any) -> Look:
    """Return the look on the background that properties give, if they give one."""
    lit = properties.find(f"{_W}highlight")
    if lit is not None and _value(lit).lower() not in (*_OFF, "white"):
        return replace(look, background=UNKNOWN)
    shading = properties.find(f"{_W}shd")
    return replace(look, background=UNKNOWN) if shading is not None and _is_shaded(shading) else look


def _is_shaded(shading: Any) -> bool:
    pattern = _value(shading)
    fill = shading.get(f"{_W}fill", "auto").lower()
    return pattern not in ("", "clear", "nil") or fill not in ("auto", "ffffff", "")


def _value(element: Any) -> str:
    return "" if element is None else str(element.get(f"{_W}val", ""))


def _number(element: Any) -> int:
    return min(MAX_COLUMNS, span(_value(element)))


def _parts(document: Any) -> list[Any]:
    return [relation.target_part for relation in document.part.rels.values() if not relation.is_external]


def _comments(document: Any) -> int:
    return sum(
        len(_COMMENT.findall(part.blob)) for part in _parts(document) if part.partname == "/word/comments.xml"
    )


def _active(document: Any) -> tuple[str, ...]:
    """Return what could run or be fetched if the document were opened in a word processor."""
    found = []
    parts = list(document.part.package.iter_parts())
    names = [str(part.partname) for part in parts]
    if any(name.endswith(("vbaProject.bin", "vbaData.xml")) for name in names):
        found.append("des macros")
    if any(name.startswith(("/word/embeddings/", "/word/activeX/")) for name in names):
        found.append("des objets incorporés")
    relations = [relation for part in parts for relation in part.rels.values()]
    if any(relation.is_external and relation.reltype.rpartition("/")[2] in _REMOTE for relation in relations):
        found.append("un modèle, des images ou des parties distantes")
    if any(map(_ACTIVE_FIELD.match, _fields(document.element.body))):
        found.append("des champs qui appellent un autre fichier ou programme")
    return tuple(found)


def _fields(body: Any) -> list[str]:
    """Return the codes of the fields; Word may cut one into several runs."""
    codes = [""]
    for node in body.iter(f"{_W}instrText", f"{_W}fldChar", f"{_W}fldSimple"):
        if node.tag == f"{_W}instrText":
            codes[-1] += node.text or ""
        else:
            codes.append(node.get(f"{_W}instr", ""))
    return codes
