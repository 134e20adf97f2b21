"""The errors of the corpus.

CorpusError
├── CorpusFileError            a file of the corpus is missing, unreadable or breaks its contract
├── DocumentError              a document cannot be read, or its name or kind is not accepted
└── ParameterNotInForceError   a figure is asked for a day or a campaign without a value
"""

from __future__ import annotations

from pathlib import Path


class CorpusError(Exception):
    """Root of the errors a reader of the corpus may meet."""


class CorpusFileError(CorpusError):
    """A file written by a person breaks its contract; names the file and, when known, the line."""

    def __init__(self, path: Path, message: str, line: int | None = None) -> None:
        where = str(path) if line is None else f"{path}:{line}"
        super().__init__(f"{where}: {message}")
        self.path = path
        self.line = line


class DocumentError(CorpusError):
    """A document is refused: what is wrong with it, and what to do next."""


class ParameterNotInForceError(CorpusError):
    """A figure has no value for the day or campaign asked: a missing value never passes for zero."""
