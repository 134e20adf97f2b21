"""The errors of the index; their messages are French sentences that the command line prints as they are.

RetrievalError
├── EncoderError   the embedding model is missing, damaged or refuses a text
├── StoreError     the vector store cannot be written or read
│   └── StoreUnreachableError  the Chroma server does not answer
├── BuildError     the index cannot be built: another build holds the lock, a directory is not writable
├── SettingError   a setting has a value that means nothing
└── QueryError     a search is asked with a value it does not accept
"""

from __future__ import annotations


class RetrievalError(Exception):
    """Root of the errors of the index."""


class EncoderError(RetrievalError):
    """The embedding model is missing, damaged or refuses a text."""


class StoreError(RetrievalError):
    """The vector store cannot be written or read."""


class StoreUnreachableError(StoreError):
    """The Chroma server does not answer: nothing is wrong with the index, which must not be built again."""


class SettingError(RetrievalError):
    """A setting has a value that means nothing."""


class BuildError(RetrievalError):
    """The index cannot be built: another build holds the lock, or a directory is not writable."""


class QueryError(RetrievalError):
    """A search is asked with a value it does not accept."""
