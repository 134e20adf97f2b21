"""What a loader returns, whatever the format: a title and blocks in reading order."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from corpus.errors import DocumentError

Kind = Literal["heading", "paragraph", "list_item", "table_row"]

MAX_CHARACTERS = 5_000_000

CELL_SEPARATOR = " | "

_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
_INVISIBLE = re.compile(r"[\u00ad\u200b\u2060\ufeff\x00-\x08\x0e-\x1f\x7f]")
_SPACES = re.compile(r"[ \t\r\n\f\v\u2000-\u200a\u3000]+")


@dataclass(frozen=True)
class Block:
    """A paragraph, heading, list item or table row; ``level`` is 0 unless it is a heading (1 to 6)."""

    kind: Kind
    text: str
    level: int = 0
    page: int | None = None


@dataclass(frozen=True)
class LoadedDocument:
    """The readable content of a document; ``pages`` is ``None`` when the format has no pages.

    ``notices`` are French sentences on what was left out or looks hostile (hidden text, macros).
    """

    title: str | None
    blocks: tuple[Block, ...]
    pages: int | None = None
    read_by_ocr: bool = False
    notices: tuple[str, ...] = ()

    def page_texts(self) -> dict[int | None, str]:
        """Return the text of each page, one block a line; under ``None`` when the format has no pages.

        This is the text that the character spans of passages count in.
        """
        lines: dict[int | None, list[str]] = {}
        for block in self.blocks:
            lines.setdefault(block.page, []).append(block.text)
        return {page: "\n".join(texts) for page, texts in lines.items()}


def clean(text: str) -> str:
    r"""Return ``text`` on one line: ligatures undone, accents composed, invisible characters removed.

    No-break spaces stay: they are French typography, not layout.

    Example:
        >>> clean(" e\u0301quipe \n ofﬁciel\u00ad ")
        'équipe officiel'
    """
    composed = unicodedata.normalize("NFC", text.translate(_LIGATURES))
    return _SPACES.sub(" ", _INVISIBLE.sub("", composed)).strip()


def row(cells: list[str]) -> str:
    """Return a table row as one line; an empty cell keeps its place, so that the next ones keep theirs.

    Example:
        >>> row(["Nationale", "", "inconnue", ""])
        'Nationale |  | inconnue'
    """
    while cells and not cells[-1]:
        cells = cells[:-1]
    return CELL_SEPARATOR.join(cells).strip()


def finish(
    title: str | None,
    blocks: list[Block],
    name: str,
    pages: int | None = None,
    notices: tuple[str, ...] = (),
) -> LoadedDocument:
    """Return the document once empty blocks are dropped.

    Raises:
        DocumentError: No text is left, or there is more than the corpus accepts.
    """
    kept = tuple(block for block in blocks if block.text)
    if not kept:
        raise DocumentError(
            f"« {name} » ne contient aucun texte lisible. Vérifiez-le, ou fournissez une version texte."
        )
    check_length(sum(len(block.text) for block in kept), name)
    return LoadedDocument(clean(title or "") or None, kept, pages, notices=notices)


def check_length(characters: int, name: str) -> None:
    """Refuse a text longer than the corpus accepts.

    Raises:
        DocumentError: There are more than ``MAX_CHARACTERS``.
    """
    if characters > MAX_CHARACTERS:
        raise DocumentError(
            f"« {name} » contient plus de 5 millions de caractères, la limite acceptée. "
            "Découpez le document et ajoutez ses parties une à une."
        )
