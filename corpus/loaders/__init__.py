"""Read a document of any accepted format into blocks; one module a format, each library in its own."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from corpus.loaders.checks import check_content, check_file, kind_of
from corpus.loaders.content import Block, LoadedDocument

__all__ = ["Block", "LoadedDocument", "load"]


def load(path: Path) -> LoadedDocument:
    """Return the content of a document, once its nature, size and real format are checked.

    Raises:
        DocumentError: The document is refused or unreadable; says why and what to do next, in French.
    """
    kind = kind_of(path)
    check_file(path)
    check_content(path, kind)
    document: LoadedDocument = import_module(f"corpus.loaders.{kind}").load(path)
    return document
