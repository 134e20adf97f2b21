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
_GRACE = 24 * 3600  # seconds during which an older collection may be in use, or an unfinished one be finished
_WRITE = "écrite"
_LOOPBACK = ("127.0.0.1", "localhost")
_CONNECT_TIMEOUT = 5.0  # seconds
_REQUEST_TIMEOUT = 30.0
_PUBLISHING_TRIES = 20
_REOPENING_TRIES = 8

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
        plain = f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port is not None else "")
        right = (
            parts.scheme in ("http", "https") and bool(parts.hostname) and plain == url.rstrip("/").lower()
        )
        right = right and parts.port != 0 and not any(sign.isspace() for sign in url)
    except ValueError:
        right = False
    if not right:
        raise SettingError(
            f"INDEX_URL vaut «\u00a0{url}\u00a0»\u00a0: une adresse comme http://127.0.0.1:8000 est attendue, sans chemin, "
            "mot de passe ni adresse IPv6. Retirez la variable pour garder l’index sur cette machine."
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
        if place.url and _is_of_the_server(error, action):
            raise StoreUnreachableError(
                f"Le serveur Chroma {place.url} ne répond pas comme il faut ({cause}). Démarrez-le (chroma run), "
                "vérifiez l’adresse, ou retirez la variable INDEX_URL pour garder l’index sur cette machine."
            ) from error
        raise StoreError(
            f"La base de vecteurs {place} ne peut être {action} ({cause}). "
            "Reconstruisez l’index\u00a0: python -m index build --force."
        ) from error


def _is_of_the_server(error: BaseException, action: str) -> bool:
    """Whether the server, and not what it was asked, is at fault: whatever keeps from reading but an absent collection."""
    import httpx
    from chromadb.errors import InternalError, NotFoundError

    if action != _WRITE:
        return not isinstance(error, NotFoundError)
    return isinstance(error, (httpx.HTTPError, OSError, InternalError)) or "Could not connect" in str(error)


def _connect(place: Place, patience: float | None = None) -> Client:
    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
    import chromadb
    from chromadb.config import Settings

    settings = Settings(anonymized_telemetry=False)
    if place.url:
        return _connect_to_server(place, settings, patience or _REQUEST_TIMEOUT)
    from chromadb.api.shared_system_client import SharedSystemClient

    try:
        return cast("Client", chromadb.PersistentClient(str(place.directory), settings=settings))
    except BaseException:
        # Chroma keeps the engine that failed to start, and would give it again once the files are mended.
        with suppress(Exception):
            SharedSystemClient._release_system(str(place.directory))
        raise


def _connect_to_server(place: Place, settings: Any, patience: float) -> Client:
    import chromadb
    import httpx

    parts = urlsplit(place.url)
    host, port = cast(str, parts.hostname), parts.port or (443 if parts.scheme == "https" else 8000)
    if host in _LOOPBACK:  # a server of this machine is not behind the proxy of the others
        others = os.environ.get("NO_PROXY", os.environ.get("no_proxy", ""))
        if host not in others.split(","):
            os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(filter(None, (others, host)))
    connecting = min(patience, _CONNECT_TIMEOUT)
    limit = httpx.Timeout(patience, connect=connecting)
    found: list[Any] = []

    def connect() -> None:
        try:
            base = place.url if parts.port else f"{place.url}:{port}"
            httpx.get(f"{base}/api/v2/heartbeat", timeout=limit).raise_for_status()
            found.append(
                chromadb.HttpClient(host=host, port=port, ssl=parts.scheme == "https", settings=settings)
            )
        except BaseException as error:  # said by the thread that waits
            found.append(error)

    # Chroma's client asks its first questions without a limit of time.
    asking = threading.Thread(target=connect, daemon=True)
    asking.start()
    asking.join(patience + connecting)
    if not found:
        raise TimeoutError(f"aucune réponse en {patience + connecting:.0f} s")
    if isinstance(found[0], BaseException):
        raise found[0]
    client = found[0]
    session: Any = getattr(getattr(client, "_server", None), "_session", None)
    if session is not None:
        session.timeout = limit
    return cast("Client", client)


def write_store(place: Place, ids: Sequence[str], vectors: Vectors, *, replace: bool = False) -> None:
    """Write a new collection; it takes its name once it is whole.

    A collection of that name that another process has finished meanwhile, with the same ids, is left in place unless
    ``replace``.

    Raises:
        StoreError: Chroma refuses the place, an id appears twice, or lengths differ.
        StoreUnreachableError: The server does not answer.
    """
    if len(ids) != len(vectors):
        raise StoreError(f"{len(ids)} identifiants pour {len(vectors)} vecteurs\u00a0: il en faut autant.")
    with _translated(place, _WRITE):
        client = _connect(place)
        collection = None
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
            _publish(client, collection, place.collection, ids, replace=replace)
            collection = None
            if place.url:
                _remove_older(client, place.collection)
        finally:
            if collection is not None:
                with suppress(Exception):  # what stopped the writing may keep from tidying up too
                    client.delete_collection(collection.name)
            client.close()


def _publish(client: Client, collection: Collection, name: str, ids: Sequence[str], *, replace: bool) -> None:
    """Give the collection its name, or drop it when another process has given that name to the same content."""
    for attempt in range(_PUBLISHING_TRIES):
        with suppress(Exception):  # there is none of that name, or it is gone already
            existing = client.get_collection(name, embedding_function=None)
            if not replace and _holds(existing, ids):
                client.delete_collection(collection.name)
                return
            client.delete_collection(name)
        try:
            collection.modify(name=name)
        except Exception:
            if attempt == _PUBLISHING_TRIES - 1:
                raise
            time.sleep(0.05 * random.random())
        else:
            return


def _holds(collection: Collection, ids: Sequence[str]) -> bool:
    """Whether a collection has as many vectors as ids, and the first and the last of them."""
    if collection.count() != len(ids):
        return False
    ends = list({ids[0], ids[-1]}) if ids else []
    return not ends or len(collection.get(ids=ends, include=[])["ids"]) == len(ends)


def _remove_older(client: Client, current: str) -> None:
    """Remove the collections of older contents, and those left unfinished, once they are a day old.

    Within a day another version of the product may still be running on one.
    """

    def started(collection: Collection) -> float:
        return float((collection.metadata or {}).get("started", 0.0))

    others = [known for known in client.list_collections() if known.name != current]
    finished = sorted((one for one in others if one.name.startswith(_PREFIX)), key=started, reverse=True)
    unfinished = [one for one in others if one.name.startswith(_BUILDING)]
    for collection in finished[_KEPT - 1 :] + unfinished:
        if time.time() - started(collection) < _GRACE:
            continue
        with suppress(Exception):  # another process may have removed it meanwhile
            client.delete_collection(collection.name)


def _similarities(found: QueryResult) -> list[tuple[str, float]]:
    distances = found["distances"]
    assert distances is not None
    return [(key, 1.0 - float(distance)) for key, distance in zip(found["ids"][0], distances[0], strict=True)]


class Store:
    """An open collection; safe to query from several threads.

    ``patience``: seconds that an answer of a server is waited for, when not the usual 30.

    Raises:
        StoreError: It is absent or damaged.
        StoreUnreachableError: The server does not answer.
    """

    def __init__(self, place: Place, patience: float | None = None) -> None:
        if place.directory and not (place.directory / "chroma.sqlite3").is_file():
            raise StoreError(f"La base de vecteurs {place} est absente. Construisez l’index.")
        self._place = place
        self._lock = threading.Lock()
        with _translated(place, "lue"):
            self._client = _connect(place, patience)
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
        with _translated(self._place, "interrogée"), self._alone():
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

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the embedded database; a server answers several threads at once."""
        if self._place.url:
            yield
        else:
            with self._lock:
                yield

    def _query(self, vector: Vectors, limit: int, among: Sequence[str] | None) -> QueryResult:
        from chromadb.errors import NotFoundError

        for attempt in range(_REOPENING_TRIES):
            try:
                return self._ask(vector, limit, among)
            except NotFoundError:
                if not self._place.url or attempt == _REOPENING_TRIES - 1:
                    raise
                # Another process is replacing the collection by one of the same content.
                time.sleep(0.05 * attempt)
                with suppress(NotFoundError):
                    self._collection = self._client.get_collection(
                        self._place.collection, embedding_function=None
                    )
        raise AssertionError("the loop returns or raises")

    def _ask(self, vector: Vectors, limit: int, among: Sequence[str] | None) -> QueryResult:
        return self._collection.query(
            query_embeddings=np.ascontiguousarray(vector[None, :]),
            n_results=limit,
            include=["distances"],
            ids=None if among is None else list(among),
        )

    def holds(self, ids: Sequence[str]) -> bool:
        """Whether the collection is that of these ids: as many, the first and the last.

        Raises:
            StoreError: Chroma cannot read the collection.
        """
        with _translated(self._place, "lue"), self._alone():
            return _holds(self._collection, ids)

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
    """A collection that changes: texts with their metadata and vectors, in the database of a place.

    Its name begins with ``documents-``, apart from the collections of the index.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._lock = threading.Lock()
        with _translated(place, "ouverte"):
            self._client = _connect(place)
            self._collection = self._client.get_or_create_collection(
                f"documents-{place.collection}",
                embedding_function=None,
                configuration=cast(Any, {"hnsw": HNSW}),
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
        by_id: dict[str, tuple[str, str, dict[str, Any]]] = {}
        with _translated(self._place, "lue"), self._lock:
            for start in range(0, len(ids), _PAGE):  # without an id Chroma would return everything
                page = list(ids[start : start + _PAGE])
                found = self._collection.get(ids=page, include=["documents", "metadatas"])
                for key, text, values in zip(
                    found["ids"], found["documents"] or [], found["metadatas"] or [], strict=True
                ):
                    by_id[key] = (key, text, json.loads(str(values["json"])))
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
