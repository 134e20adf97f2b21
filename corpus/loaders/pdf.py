"""PDF: lines with their page, size and height (pypdf); ``layout`` makes blocks of them."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from corpus.errors import DocumentError
from corpus.loaders.content import LoadedDocument, check_length, clean, finish
from corpus.loaders.layout import Line, build_blocks
from corpus.loaders.ocr import ADVICE, read_scan
from corpus.loaders.tables import Fragment, find_tables

MAX_PAGES = 2_000
MIN_LETTERS_A_PAGE = 10
SCAN_COVER = 0.5  # the part of a page that one image covers when the page was scanned
ORDINARY_WIDTH = 0.5  # of a character, in type sizes

_MOVES = (b"Td", b"TD", b"Tm", b"T*")
_DRAWS_IMAGE = (b"Do", b"INLINE IMAGE")
_SAME_MATRIX = ([1, 0, 0, 1, 0, 0], b"cm")


def load(path: Path) -> LoadedDocument:
    """Return the text of every page, with page numbers from 1; a scanned document is read by OCR if it can.

    Raises:
        DocumentError: The file is encrypted, scanned and cannot be read by OCR, damaged, or beyond the limits.
    """
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what matters is raised, in French
    try:
        reader = pypdf.PdfReader(path, strict=False)
        _check_access(reader, path)
        pages = len(reader.pages)
        if pages > MAX_PAGES:
            raise DocumentError(
                f"« {path.name} » a {pages} pages ; la limite est de 2 000. Découpez le document."
            )
        lines, has_scans = _read_lines(reader, path)
        outline = _bookmarks(reader)
        title = str(reader.metadata.title or "") if reader.metadata else ""
    except DocumentError:
        raise
    except Exception as error:  # a damaged file may break the library anywhere, deep recursion included
        raise DocumentError(
            f"« {path.name} » est endommagé : ce PDF ne se lit pas. "
            "Téléchargez-le de nouveau, ou réenregistrez-le depuis un lecteur de PDF."
        ) from error
    letters = sum(character.isalpha() for line in lines for character in line.text)
    if lines and (letters >= MIN_LETTERS_A_PAGE * pages or (letters and not has_scans)):
        return finish(title, build_blocks(lines, outline), path.name, pages)
    recognised = read_scan(path, pages)
    if recognised is None:
        raise DocumentError(
            f"« {path.name} » semble numérisé, dessiné ou vide : {letters} lettres lues sur {pages} page(s). {ADVICE}"
        )
    blocks = build_blocks(recognised, outline) if recognised else []
    return replace(finish(title, blocks, path.name, pages), read_by_ocr=True)


def _check_access(reader: Any, path: Path) -> None:
    from pypdf.errors import DependencyError

    if not reader.is_encrypted:
        return
    try:
        opened = bool(reader.decrypt(""))
    except (DependencyError, NotImplementedError):
        opened = False
    if not opened:
        raise DocumentError(
            f"« {path.name} » est chiffré par un mot de passe. Enregistrez-en une copie sans protection."
        )


def _bookmarks(reader: Any) -> list[tuple[str, int, int | None]]:
    try:
        return list(_read_outline(reader, reader.outline, 1))
    except (
        Exception
    ):  # broken bookmarks are no reason to refuse a readable text: type sizes give the headings
        return []


def _read_outline(reader: Any, entries: list[Any], level: int) -> Iterator[tuple[str, int, int | None]]:
    for entry in entries:
        if isinstance(entry, list):
            yield from _read_outline(reader, entry, level + 1)
        else:
            number = reader.get_destination_page_number(entry)
            page = None if number is None or number < 0 else number + 1
            yield clean(str(entry.title or "")), min(level, 6), page


def _read_lines(reader: Any, path: Path) -> tuple[list[Line], bool]:
    """Return the lines of every page, and whether a page is mostly an image."""
    lines: list[Line] = []
    total = 0
    has_scans = False
    widths = _Widths()
    for number, page in enumerate(reader.pages, 1):
        fragments: list[Fragment] = []
        covered: list[float] = []

        def collect(
            text: str, cm: list[float], tm: list[float], font: Any, size: float, found: Any = fragments
        ) -> None:
            x, y, scale = _place(cm, tm)
            found.append(Fragment(text, x, x + widths.of(text.strip(), font) * size * scale, y, size * scale))

        def notice(operator: bytes, _operands: Any, cm: list[float], _tm: Any, found: Any = covered) -> None:
            if operator in _DRAWS_IMAGE:
                found.append(abs(cm[0] * cm[3] - cm[1] * cm[2]))

        _part_at_moves(page)
        page.extract_text(visitor_text=collect, visitor_operand_before=notice)
        page.pop("/Contents", None)  # read: the parsed pages of a long document would fill the memory
        total += sum(len(fragment.text) for fragment in fragments)
        check_length(total, path.name)
        lines.extend(_assemble(fragments, number, len(reader.pages)))
        area = abs(float(page.mediabox.width) * float(page.mediabox.height))
        has_scans = has_scans or max(covered, default=0) >= SCAN_COVER * area
    return lines, has_scans


def _part_at_moves(page: Any) -> None:
    """Have pypdf give the text of each cell apart: it ends a fragment where the matrix changes.

    A change to itself is written before each move of the pen; without it, the cells of a line that one text
    object writes would come as one fragment, without their places.
    """
    from pypdf.generic import ContentStream, NameObject, StreamObject

    written = page.get("/Contents", None)
    written = written.get_object() if written is not None else None
    if not isinstance(written, (list, StreamObject)):
        return
    content = ContentStream(written, page.pdf, "bytes")
    operations = []
    for operation in content.operations:
        if operation[1] in _MOVES:
            operations.append(_SAME_MATRIX)
        operations.append(operation)
    content.operations = operations
    page[NameObject("/Contents")] = content


def _place(cm: list[float], tm: list[float]) -> tuple[float, float, float]:
    """Return how far along the text reads, how high its line is, and the scale; text may be turned."""
    across = (tm[0] * cm[0] + tm[1] * cm[2], tm[0] * cm[1] + tm[1] * cm[3])
    upward = (tm[2] * cm[0] + tm[3] * cm[2], tm[2] * cm[1] + tm[3] * cm[3])
    x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
    y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
    if abs(across[1]) > abs(across[0]):
        x, y = (y, -x) if across[1] > 0 else (-y, x)
    return x, y, math.hypot(*upward)


class _Widths:
    """How wide a text is in a font, in type sizes; a font that cannot be read is taken to be ordinary."""

    def __init__(self) -> None:
        self._fonts: dict[int, tuple[Any, Any, dict[str, str]]] = {}

    def of(self, text: str, resource: Any) -> float:
        if id(resource) not in self._fonts:
            self._fonts[id(resource)] = (resource, *self._read(resource))
        _, font, codes = self._fonts[id(resource)]
        if font is None:
            return ORDINARY_WIDTH * len(text)
        width: float = font.get_text_width("".join(codes.get(character, character) for character in text))
        return width / 1000

    def _read(self, resource: Any) -> tuple[Any, dict[str, str]]:
        try:
            from pypdf.generic._font import Font  # private: without it, widths are ordinary

            font = Font.from_font_resource(resource)
        except Exception:  # widths only help to find columns: no reason to refuse a readable text
            return None, {}
        return font, {str(text): str(code) for code, text in font.character_map.items()}


def _assemble(fragments: list[Fragment], page: int, pages: int) -> Iterator[Line]:
    """Yield the lines of a page, those of its tables as rows."""
    start = 0
    for table in find_tables(fragments, pages):
        yield from _assemble_text(fragments[start : table.first], page)
        for row in table.rows:
            cells = tuple(tuple(map(clean, cell)) for cell in row.cells)
            text = " ".join(line for cell in cells for line in cell)
            yield Line(text, page, row.y, round(row.size, 1), cells)
        start = table.last
    yield from _assemble_text(fragments[start:], page)


def _assemble_text(fragments: list[Fragment], page: int) -> Iterator[Line]:
    text, height, sizes = "", 0.0, dict[float, int]()
    for fragment in [*fragments, Fragment("\n", 0, 0, 0, 0)]:
        for position, part in enumerate(fragment.text.split("\n")):
            if position:
                if content := clean(text):
                    yield Line(content, page, height, max(sizes, key=lambda key: sizes[key]))
                text, sizes = "", {}
            if part.strip():
                height = fragment.y if not text.strip() else height
                rounded = round(fragment.size, 1)
                sizes[rounded] = sizes.get(rounded, 0) + len(part)
            text += part
