"""Read a document of any accepted format into blocks; one module a format, each library in its own."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from corpus.loaders.checks import check_content, check_file, gather, kind_of
from corpus.loaders.content import Block, LoadedDocument
from corpus.loaders.instructions import without_instructions
from corpus.loaders.isolation import IsolatedReader
from corpus.loaders.noise import PAGES, without_page_noise

__all__ = ["Block", "LoadedDocument", "load", "read_document"]

_reader = IsolatedReader(f"{__name__}:read_document")


def load(path: Path) -> LoadedDocument:
    """Return the content of a document, read in a process apart: whatever it holds, this one goes on.

    Raises:
        DocumentError: The document is refused, unreadable, or takes too much time or memory; says why and
            what to do next, in French.
    """
    kind_of(path)
    check_file(path)
    return _reader.read(path)


def read_document(path: Path) -> LoadedDocument:
    """Return the content of a document, once its nature, size and real format are checked, in this process.

    Raises:
        DocumentError: The document is refused or unreadable; says why and what to do next, in French.
    """
    kind = kind_of(path)
    check_file(path)
    check_content(path, kind)
    document: LoadedDocument = import_module(f"corpus.loaders.{kind}").load(path)
    gather(document.blocks, path.name)
    if kind in PAGES:
        document = without_page_noise(document)
    return without_instructions(document)
