"""Keep the vectors in a Chroma collection, of this machine or of a server; the only home of chromadb.

Chroma returns cosine distances; this module returns similarities. Passages themselves are kept beside,
as JSONL: the collection holds ids and vectors only.
"""

from __future__ import annotations

import json
import os
import random
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import numpy as np

from index.errors import SettingError, StoreError, StoreUnreachableError

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection
    from chromadb.api.types import QueryResult

    from index.engines import Vectors

_EMBEDDED = "passages"
_PREFIX = "passages-"
_BUILDING = "construction-"
_PAGE = 2_000
_KEPT = 2  # collections of a server: the current one, and the one before for the processes still open on it
_ABANDONED = 24 * 3600  # seconds after which a collection that was being built will never be finished
_CONNECT_TIMEOUT = 5.0  # seconds
_REQUEST_TIMEOUT = 30.0
_PUBLISHING_TRIES = 20

# A wide search list costs a fraction of a millisecond at 10 000 passages and makes recall exact there.
HNSW = {"space": "cosine", "ef_search": 400, "ef_construction": 200}


@dataclass(frozen=True)
class Place:
    """Where a collection is: in a directory of this machine, or on the Chroma server at ``url``."""

    directory: Path | None
    url: str = ""
    collection: str = _EMBEDDED

    @classmethod
    def embedded(cls, directory: Path) -> Place:
        """Return the place of the vectors of an index kept in ``directory``."""
        return cls(directory)

    @classmethod
    def on_server(cls, url: str, fingerprint: str) -> Place:
        """Return the place, on a server, of the vectors of the index of this fingerprint."""
        return cls(None, url, f"{_PREFIX}{fingerprint}")

    def __str__(self) -> str:
        return str(self.directory) if self.directory else f"{self.collection} de {self.url}"


def check_url(url: str) -> str:
    """Return the address of a Chroma server, checked.

    Raises:
        SettingError: It is not ``http://host[:port]`` or ``https://host[:port]``.
    """
    try:
        parts = urlsplit(url)
        has_server = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        right = has_server and parts.path in ("", "/") and not parts.query and not parts.username
    except ValueError:
        right = False
    if not right:
        raise SettingError(
            f"INDEX_URL vaut « {url} » : une adresse comme http://127.0.0.1:8000 est attendue. "
            "Retirez la variable pour garder l’index sur cette machine."
        )
    return url.rstrip("/")


@contextmanager
def _translated(place: Place, action: str) -> Iterator[None]:
    try:
        yield
    except (KeyboardInterrupt, SystemExit, StoreError):
        raise
    except BaseException as error:  # a damaged file makes Chroma's Rust core panic, which is no Exception
        cause = (str(error).strip() or type(error).__name__).splitlines()[0]
        if place.url and _is_of_the_network(error):
            raise _unreachable(place, cause) from error
        raise StoreError(
            f"La base de vecteurs {place} ne peut être {action} ({cause}). "
            "Reconstruisez l’index : python -m index build --force."
        ) from error


def _is_of_the_network(error: BaseException) -> bool:
    import httpx

    return isinstance(error, (httpx.HTTPError, OSError)) or "Could not connect" in str(error)


def _unreachable(place: Place, cause: str) -> StoreUnreachableError:
    return StoreUnreachableError(
        f"Le serveur Chroma {place.url} ne répond pas ({cause}). Démarrez-le (chroma run), "
        "ou retirez la variable INDEX_URL pour garder l’index sur cette machine."
    )


def _connect(place: Place) -> Client:
    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
    import chromadb
    from chromadb.config import Settings

    settings = Settings(anonymized_telemetry=False)
    if place.url:
        return _connect_to_server(place, settings)
    from chromadb.api.shared_system_client import SharedSystemClient

    try:
        return cast("Client", chromadb.PersistentClient(str(place.directory), settings=settings))
    except BaseException:
        # Chroma keeps the engine that failed to start, and would give it again once the files are mended.
        with suppress(Exception):
            SharedSystemClient._release_system(str(place.directory))
        raise


def _connect_to_server(place: Place, settings: Any) -> Client:
    import chromadb
    import httpx

    parts = urlsplit(place.url)
    host, port = cast(str, parts.hostname), parts.port or (443 if parts.scheme == "https" else 8000)
    limit = httpx.Timeout(_REQUEST_TIMEOUT, connect=_CONNECT_TIMEOUT)
    # Chroma's client waits for ever: a silent server is found out before, and its session is given a limit.
    base = place.url if parts.port else f"{place.url}:{port}"
    httpx.get(f"{base}/api/v2/heartbeat", timeout=limit).raise_for_status()
    client = chromadb.HttpClient(host=host, port=port, ssl=parts.scheme == "https", settings=settings)
    session: Any = getattr(getattr(client, "_server", None), "_session", None)
    if session is not None:
        session.timeout = limit
    return cast("Client", client)


def write_store(place: Place, ids: Sequence[str], vectors: Vectors) -> None:
    """Write a new collection; it takes its name once it is whole, in place of another of that name.

    Raises:
        StoreError: Chroma refuses the place, an id appears twice, or lengths differ.
        StoreUnreachableError: The server does not answer.
    """
    if len(ids) != len(vectors):
        raise StoreError(f"{len(ids)} identifiants pour {len(vectors)} vecteurs : il en faut autant.")
    with _translated(place, "écrite"):
        client = _connect(place)
        try:
            collection = client.create_collection(
                f"{_BUILDING}{uuid.uuid4().hex}",
                embedding_function=None,
                configuration=cast(Any, {"hnsw": HNSW}),
                metadata={"started": time.time()},
            )
            for start in range(0, len(ids), _PAGE):
                page = slice(start, start + _PAGE)
                collection.add(ids=list(ids[page]), embeddings=np.ascontiguousarray(vectors[page]))
            _publish(client, collection, place.collection)
            if place.url:
                _remove_older(client, place.collection)
        finally:
            client.close()


def _publish(client: Client, collection: Collection, name: str) -> None:
    """Give the collection its name; another process may be giving the same name to the same content meanwhile."""
    for attempt in range(_PUBLISHING_TRIES):
        with suppress(Exception):  # it may be gone already
            client.delete_collection(name)
        try:
            collection.modify(name=name)
        except Exception:
            if attempt == _PUBLISHING_TRIES - 1:
                raise
            time.sleep(0.05 * random.random())
        else:
            return


def _remove_older(client: Client, current: str) -> None:
    """Remove the collections of older contents, and those that another process left unfinished."""

    def started(collection: Collection) -> float:
        return float((collection.metadata or {}).get("started", 0.0))

    others = [known for known in client.list_collections() if known.name != current]
    finished = sorted((one for one in others if one.name.startswith(_PREFIX)), key=started, reverse=True)
    abandoned = [
        one for one in others if one.name.startswith(_BUILDING) and time.time() - started(one) > _ABANDONED
    ]
    for collection in finished[_KEPT - 1 :] + abandoned:
        with suppress(Exception):  # another process may have removed it meanwhile
            client.delete_collection(collection.name)


def _similarities(found: QueryResult) -> list[tuple[str, float]]:
    distances = found["distances"]
    assert distances is not None
    return [(key, 1.0 - float(distance)) for key, distance in zip(found["ids"][0], distances[0], strict=True)]


class Store:
    """An open collection; safe to query from several threads.

    Raises:
        StoreError: It is absent or damaged.
        StoreUnreachableError: The server does not answer.
    """

    def __init__(self, place: Place) -> None:
        if place.directory and not (place.directory / "chroma.sqlite3").is_file():
            raise StoreError(f"La base de vecteurs {place} est absente. Construisez l’index.")
        self._place = place
        self._lock = threading.Lock()
        with _translated(place, "lue"):
            self._client = _connect(place)
            self._collection = self._client.get_collection(place.collection, embedding_function=None)
            self.count = self._collection.count()

    def nearest(
        self, vector: Vectors, limit: int, among: Sequence[str] | None = None
    ) -> list[tuple[str, float]]:
        """Return the ids of the nearest passages with their cosine, best first; only of ``among`` when given.

        Raises:
            StoreError: Chroma cannot read the collection.
            StoreUnreachableError: The server does not answer.
        """
        limit = min(limit, self.count if among is None else len(among))
        if limit == 0:
            return []
        with _translated(self._place, "interrogée"), self._lock:
            try:
                found = self._query(vector, limit, among)
            except Exception:
                if not self._place.url:
                    raise
                # Another process has replaced the collection by one of the same content.
                self._collection = self._client.get_collection(
                    self._place.collection, embedding_function=None
                )
                found = self._query(vector, limit, among)
        return _similarities(found)

    def _query(self, vector: Vectors, limit: int, among: Sequence[str] | None) -> QueryResult:
        return self._collection.query(
            query_embeddings=np.ascontiguousarray(vector[None, :]),
            n_results=limit,
            include=["distances"],
            ids=None if among is None else list(among),
        )

    def vectors(self, ids: Sequence[str]) -> Vectors:
        """Return the vectors of passages, in the order of ``ids``.

        Raises:
            StoreError: Chroma cannot read the collection, or an id is not in it.
            StoreUnreachableError: The server does not answer.
        """
        found: dict[str, Vectors] = {}
        with _translated(self._place, "lue"), self._lock:
            for start in range(0, len(ids), _PAGE):
                page = self._collection.get(ids=list(ids[start : start + _PAGE]), include=["embeddings"])
                found |= dict(zip(page["ids"], np.asarray(page["embeddings"], np.float32), strict=True))
        missing = [key for key in ids if key not in found]
        if missing:
            raise StoreError(f"La base de vecteurs {self._place} n’a pas le passage « {missing[0]} ».")
        return np.stack([found[key] for key in ids])

    def close(self) -> None:
        """Release the files or the connection."""
        with self._lock:
            self._client.close()


class DocumentCollection:
    """A collection that changes: texts with their metadata and vectors, in the database of a place."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._lock = threading.Lock()
        with _translated(place, "ouverte"):
            self._client = _connect(place)
            self._collection = self._client.get_or_create_collection(
                place.collection, embedding_function=None, configuration=cast(Any, {"hnsw": HNSW})
            )

    def put(
        self, ids: Sequence[str], texts: Sequence[str], metadata: Sequence[dict[str, Any]], vectors: Vectors
    ) -> None:
        """Add texts, or replace those of the same ids.

        Raises:
            StoreError: Chroma refuses them.
        """
        with _translated(self._place, "écrite"), self._lock:
            for start in range(0, len(ids), _PAGE):
                page = slice(start, start + _PAGE)
                self._collection.upsert(
                    ids=list(ids[page]),
                    documents=list(texts[page]),
                    # Chroma keeps scalars only: whatever the metadata hold is kept as JSON.
                    metadatas=[{"json": json.dumps(values)} for values in metadata[page]],
                    embeddings=np.ascontiguousarray(vectors[page]),
                )

    def remove(self, ids: Sequence[str]) -> None:
        """Remove texts; an id that is not there is none."""
        with _translated(self._place, "écrite"), self._lock:
            if ids:
                self._collection.delete(ids=list(ids))

    def get(self, ids: Sequence[str]) -> list[tuple[str, str, dict[str, Any]]]:
        """Return (id, text, metadata) of the ids that are there, in their order."""
        if not ids:  # Chroma would return everything
            return []
        with _translated(self._place, "lue"), self._lock:
            found = self._collection.get(ids=list(ids), include=["documents", "metadatas"])
        rows = zip(found["ids"], found["documents"] or [], found["metadatas"] or [], strict=True)
        by_id = {key: (key, text, json.loads(str(values["json"]))) for key, text, values in rows}
        return [by_id[key] for key in dict.fromkeys(ids) if key in by_id]

    def nearest(self, vector: Vectors, limit: int) -> list[tuple[str, float]]:
        """Return the ids nearest to a vector with their cosine, best first."""
        with _translated(self._place, "interrogée"), self._lock:
            limit = min(limit, self._collection.count())
            if limit == 0:
                return []
            found = self._collection.query(
                query_embeddings=np.ascontiguousarray(vector[None, :]), n_results=limit, include=["distances"]
            )
        return _similarities(found)

    def close(self) -> None:
        """Release the files or the connection."""
        with self._lock:
            self._client.close()
