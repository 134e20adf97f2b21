"""The text of a document (PDF, Word, OpenDocument, HTML), read in a process apart by the corpus' reader."""

from __future__ import annotations

import tempfile
from pathlib import Path

from assistant.drafting.formats.limits import MAXIMUM_TEXT
from corpus.errors import DocumentError
from corpus.loaders import LoadedDocument, load

SUFFIXES = (".pdf", ".docx", ".odt", ".html")


def read_document(raw: bytes, name: str, suffix: str) -> tuple[str, tuple[str, ...]]:
    """Return the text of a document, a block a line, and what to tell of how it was read.

    Args:
        raw: Its bytes.
        name: What it is called, for the messages.
        suffix: The format that its content tells, one of ``SUFFIXES``.

    Raises:
        DocumentError: It is refused or unreadable; says why and what to do, in French.
    """
    with tempfile.TemporaryDirectory(prefix="message-") as folder:
        path = Path(folder) / f"document{suffix}"
        path.write_bytes(raw)
        try:
            document = load(path)
        except DocumentError as error:
            raise DocumentError(str(error).replace(path.name, name).replace(str(path.parent), "")) from error
    return as_text(document)[:MAXIMUM_TEXT], document.notices


def as_text(document: LoadedDocument) -> str:
    """Return blocks as the lines of a message: items marked, titles and paragraphs apart."""
    lines: list[str] = []
    previous = ""
    for block in document.blocks:
        if previous and (block.kind != previous or block.kind == "heading"):
            lines.append("")
        lines.append(f"- {block.text}" if block.kind == "list_item" else block.text)
        previous = block.kind
    return "\n".join(lines)
