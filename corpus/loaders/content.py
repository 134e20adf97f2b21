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
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    r"\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    r"\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_STACKED = re.compile(r"[^\w\s]{100,}")
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
    composed = unicodedata.normalize("NFC", _STACKED.sub(_unstacked, text.translate(_LIGATURES)))
    return _SPACES.sub(" ", _INVISIBLE.sub("", composed)).strip()


def _unstacked(run: re.Match[str]) -> str:
    """Drop the accents of a pile of hundreds: composing them takes the square of their number."""
    return "".join(sign for sign in run[0] if not unicodedata.combining(sign))


def row(cells: list[str]) -> str:
    """Return a table row as one line; an empty cell keeps its place, so that the next ones keep theirs.

    Example:
        >>> row(["Nationale", "", "inconnue", ""])
        'Nationale |  | inconnue'
    """
    filled = len(cells)
    while filled and not cells[filled - 1]:
        filled -= 1
    return CELL_SEPARATOR.join(cells[:filled]).strip()


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
