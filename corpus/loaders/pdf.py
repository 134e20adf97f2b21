"""PDF: lines with their page, size and height (pypdf); ``layout`` makes blocks of them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus.errors import DocumentError
from corpus.loaders.content import LoadedDocument, check_length, clean, finish
from corpus.loaders.layout import Line, build_blocks

MAX_PAGES = 2_000
MIN_LETTERS_A_PAGE = 10


def load(path: Path) -> LoadedDocument:
    """Return the text of every page, with page numbers from 1.

    Raises:
        DocumentError: The file is encrypted, scanned, damaged, or beyond the limits.
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
        lines = _read_lines(reader, path)
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
    if letters < MIN_LETTERS_A_PAGE * pages or not lines:
        raise DocumentError(
            f"« {path.name} » semble numérisé : {letters} lettres lues sur {pages} page(s). "
            "Passez-le d’abord dans un logiciel de reconnaissance de caractères (OCR)."
        )
    return finish(title, build_blocks(lines, outline), path.name, pages)


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


def _read_lines(reader: Any, path: Path) -> list[Line]:
    lines: list[Line] = []
    total = 0
    for number, page in enumerate(reader.pages, 1):
        fragments: list[tuple[str, float, float]] = []

        def collect(
            text: str, cm: list[float], tm: list[float], _font: Any, size: float, found: Any = fragments
        ) -> None:
            scale = abs(tm[3] or tm[1]) * abs(cm[3] or cm[1])
            found.append((text, tm[4] * cm[1] + tm[5] * cm[3] + cm[5], size * scale))

        page.extract_text(visitor_text=collect)
        total += sum(len(text) for text, _, _ in fragments)
        check_length(total, path.name)
        lines.extend(_assemble(fragments, number))
    return lines


def _assemble(fragments: list[tuple[str, float, float]], page: int) -> Iterator[Line]:
    text, height, sizes = "", 0.0, dict[float, int]()
    for fragment, y, size in [*fragments, ("\n", 0.0, 0.0)]:
        for position, part in enumerate(fragment.split("\n")):
            if position:
                if content := clean(text):
                    yield Line(content, page, height, max(sizes, key=lambda key: sizes[key]))
                text, sizes = "", {}
            if part.strip():
                height = y if not text.strip() else height
                rounded = round(size, 1)
                sizes[rounded] = sizes.get(rounded, 0) + len(part)
            text += part
