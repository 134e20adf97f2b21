"""PDF: lines with their page, size and height (pypdf); ``layout`` makes blocks of them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

from corpus.errors import DocumentError
from corpus.loaders.content import LoadedDocument, check_length, clean, finish
from corpus.loaders.layout import Line, build_blocks
from corpus.loaders.ocr import ADVICE, read_scan
from corpus.loaders.pdf_actions import active_content
from corpus.loaders.pdf_limits import (
    MAX_MARKS,
    MAX_PAGES,
    PYPDF_LIMITS,
    Budget,
    too_heavy,
)
from corpus.loaders.pdf_text import SCAN_COVER, TextReader, passages
from corpus.loaders.tables import Fragment, find_tables

MIN_LETTERS_A_PAGE = 10
MAX_AFTER_END = 65_536  # bytes: servers and mail add some lines after the end of a file


@dataclass
class _Read:
    """The lines of a document, how many passages of each page nobody can see, and whether a page is a scan."""

    lines: list[Line] = field(default_factory=list)
    hidden: dict[int, int] = field(default_factory=dict)
    has_scans: bool = False


def load(path: Path) -> LoadedDocument:
    """Return the text of every page, with page numbers from 1; a scanned document is read by OCR if it can.

    Raises:
        DocumentError: The file is encrypted, scanned and cannot be read by OCR, damaged, or beyond the limits.
    """
    import pypdf
    from pypdf.errors import LimitReachedError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what matters is raised, in French
    try:
        with pypdf.apply_configuration(**PYPDF_LIMITS), path.open("rb") as stream:
            _check_file(stream, path.name)
            return _load(pypdf.PdfReader(stream, strict=False), path)
    except DocumentError:
        raise
    except (LimitReachedError, MemoryError) as error:
        raise too_heavy(path.name) from error
    except Exception as error:  # a damaged file may break the library anywhere, deep recursion included
        raise DocumentError(
            f"« {path.name} » est endommagé : ce PDF ne se lit pas. "
            "Téléchargez-le de nouveau, ou réenregistrez-le depuis un lecteur de PDF."
        ) from error


def _check_file(stream: BinaryIO, name: str) -> None:
    """Refuse a file without an end, which pypdf would look for line by line, or of too many objects.

    When its table of objects is broken, pypdf reads each of them to mend it.

    Raises:
        DocumentError: It has more objects than a document needs.
        EOFError: The end is not where it is in any file that a viewer opens.
    """
    data = stream.read()
    stream.seek(0)
    tail = data[-MAX_AFTER_END:]
    if b"%%EOF" not in tail and not tail.rstrip().endswith((b"%", b"%E", b"%EO")):
        raise EOFError
    if any(data.count(mark) > limit for mark, limit in MAX_MARKS.items()):
        raise too_heavy(name)


def _load(reader: Any, path: Path) -> LoadedDocument:
    _check_access(reader, path)
    pages = _count_pages(reader, path)
    read = _read_lines(reader, Budget(path.name, pages), path.name)
    outline = _bookmarks(reader)
    title = str(reader.metadata.title or "") if reader.metadata else ""
    notices = (*passages(read.hidden), *active_content(reader))
    letters = sum(sum(map(str.isalpha, line.text)) for line in read.lines)
    if read.lines and (letters >= MIN_LETTERS_A_PAGE * pages or (letters and not read.has_scans)):
        return finish(title, build_blocks(read.lines, outline), path.name, pages, notices)
    recognised = read_scan(path, pages)
    if recognised is None:
        raise DocumentError(
            f"« {path.name} » semble numérisé, dessiné ou vide : {letters} lettres lues sur {pages} page(s). {ADVICE}"
        )
    blocks = build_blocks(recognised, outline) if recognised else []
    return replace(finish(title, blocks, path.name, pages, notices), read_by_ocr=True)


def _count_pages(reader: Any, path: Path) -> int:
    """Return how many pages there are, before any is read.

    Raises:
        DocumentError: There are too many.
    """
    from pypdf.errors import LimitReachedError

    try:
        pages = len(reader.pages)
    except LimitReachedError as error:
        raise DocumentError(
            f"« {path.name} » a plus de {MAX_PAGES} pages, la limite, ou un arbre de pages qui n’en finit pas. "
            "Découpez le document."
        ) from error
    if pages > MAX_PAGES:
        raise DocumentError(
            f"« {path.name} » a {pages} pages ; la limite est de 2 000. Découpez le document."
        )
    return pages


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


def _read_lines(reader: Any, budget: Budget, name: str) -> _Read:
    """Return the lines of every page, what was left out of them, and whether a page is mostly an image."""
    read = _Read()
    text_reader = TextReader(reader, budget)
    pages = len(reader.pages)
    total = 0
    for number, page in enumerate(reader.pages, 1):
        text = text_reader.read(page)
        fragments, hidden = text.sort()
        if hidden:
            read.hidden[number] = hidden
        total += sum(len(fragment.text) for fragment in fragments)
        check_length(total, name)
        read.lines.extend(_assemble(fragments, number, pages))
        area = abs(float(page.mediabox.width) * float(page.mediabox.height))
        read.has_scans = read.has_scans or text.ground.largest_image >= SCAN_COVER * area
    return read


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
