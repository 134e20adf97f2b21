"""Keep the vectors in a persistent Chroma collection; the only home of chromadb.

Chroma returns cosine distances; this module returns similarities. Passages themselves are kept beside,
as JSONL: the collection holds ids and vectors only.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from index.errors import StoreError

if TYPE_CHECKING:
    from chromadb.api.client import Client

    from index.engines import Vectors

_COLLECTION = "passages"
_PAGE = 2_000


@contextmanager
def _translated(directory: Path, action: str) -> Iterator[None]:
    try:
        yield
    except (KeyboardInterrupt, SystemExit, StoreError):
        raise
    except BaseException as error:  # a damaged file makes Chroma's Rust core panic, which is no Exception
        cause = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise StoreError(
            f"La base de vecteurs {directory} ne peut être {action} ({cause}). "
            "Reconstruisez l’index : python -m index build --force."
        ) from error


def _connect(directory: Path) -> Client:
    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
    import chromadb
    from chromadb.api.shared_system_client import SharedSystemClient
    from chromadb.config import Settings

    settings = Settings(anonymized_telemetry=False)
    try:
        return cast("Client", chromadb.PersistentClient(str(directory), settings=settings))
    except BaseException:
        # Chroma keeps the engine that failed to start, and would give it again once the files are mended.
        with suppress(Exception):
            SharedSystemClient._release_system(str(directory))
        raise


def write_store(directory: Path, ids: Sequence[str], vectors: Vectors) -> None:
    """Write a new collection into ``directory``.

    Raises:
        StoreError: Chroma refuses the directory, an id appears twice, or lengths differ.
    """
    if len(ids) != len(vectors):
        raise StoreError(f"{len(ids)} identifiants pour {len(vectors)} vecteurs : il en faut autant.")
    with _translated(directory, "écrite"):
        client = _connect(directory)
        try:
            collection = client.create_collection(
                _COLLECTION,
                embedding_function=None,
                # A wide search list costs a fraction of a millisecond at this size and makes recall exact.
                configuration={"hnsw": {"space": "cosine", "ef_search": 400, "ef_construction": 200}},
            )
            for start in range(0, len(ids), _PAGE):
                page = slice(start, start + _PAGE)
                collection.add(ids=list(ids[page]), embeddings=np.ascontiguousarray(vectors[page]))
        finally:
            client.close()


class Store:
    """An open collection; safe to query from several threads."""

    def __init__(self, directory: Path) -> None:
        if not (directory / "chroma.sqlite3").is_file():
            raise StoreError(f"La base de vecteurs {directory} est absente. Construisez l’index.")
        self._directory = directory
        self._lock = threading.Lock()
        with _translated(directory, "lue"):
            self._client = _connect(directory)
            self._collection = self._client.get_collection(_COLLECTION, embedding_function=None)
            self.count = self._collection.count()

    def nearest(self, vector: Vectors, limit: int) -> list[tuple[str, float]]:
        """Return the ids of the nearest passages with their cosine, best first.

        Raises:
            StoreError: Chroma cannot read the collection.
        """
        limit = min(limit, self.count)
        if limit == 0:
            return []
        with _translated(self._directory, "interrogée"), self._lock:
            found = self._collection.query(
                query_embeddings=np.ascontiguousarray(vector[None, :]), n_results=limit, include=["distances"]
            )
        distances = found["distances"]
        assert distances is not None
        return [
            (key, 1.0 - float(distance)) for key, distance in zip(found["ids"][0], distances[0], strict=True)
        ]

    def close(self) -> None:
        """Release the files."""
        with self._lock:
            self._client.close()
