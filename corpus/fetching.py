"""Download the official documents that ``sources.yaml`` marks, and add them through ``add_document``.

What was received of an interrupted file stays under ``var/downloads`` with what tells its version; the next
try asks for the rest of that version only, and starts from zero when the server has another.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple

import httpx
from pydantic import TypeAdapter, ValidationError

from corpus.addresses import UnfinishedError, Web, shown
from corpus.documents import DocumentRecord, add_document, load_content, load_documents
from corpus.errors import DocumentError
from corpus.loaders import load
from corpus.loaders.checks import EXTENSIONS, MAX_BYTES, check_content, check_file
from corpus.paths import var_dir
from corpus.records import Record
from corpus.sources import Source, load_sources

MEGABYTE = 1024 * 1024

_SUFFIXES = {
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/xhtml+xml": ".html",
    "text/html": ".html",
    "text/markdown": ".md",
    "text/plain": ".txt",
}
_UNTYPED = ("", "application/octet-stream", "binary/octet-stream")


class Outcome(NamedTuple):
    """What became of one source: ``text`` is a French sentence, or two when it is refused."""

    source: str
    status: Literal["added", "unchanged", "replaced", "refused"]
    text: str


class Version(Record):
    """What a server says to tell one version of a file from another."""

    url: str
    type: str = ""
    etag: str | None = None
    last_modified: str | None = None

    @property
    def strong(self) -> str | None:
        """What ``If-Range`` may carry: bytes of the same strong validator can be put end to end."""
        return self.last_modified if self.etag is None or self.etag.startswith("W/") else self.etag


class Fetched(Record):
    """What was last fetched of a source, and the document it is."""

    version: Version
    sha256: str
    document: str


class Received(NamedTuple):
    """A whole file: what the server said of it, and the address it came from at last."""

    version: Version
    final_url: str


class _Partial:
    """A file on its way: its bytes and, beside them, the version they are of."""

    def __init__(self, directory: Path, source: Source) -> None:
        self.path = directory / f"{source.id}.partial"
        self._beside = directory / f"{source.id}.partial.json"
        self._url = str(source.download)

    @property
    def version(self) -> Version | None:
        """The version of the bytes received, when the rest of it can be asked for."""
        try:
            version = Version.model_validate_json(self._beside.read_bytes())
            return (
                version if version.url == self._url and version.strong and self.path.stat().st_size else None
            )
        except (OSError, ValidationError):
            return None

    def headers(self) -> dict[str, str]:
        """Return what asks for the rest of the file; nothing when it must be asked whole."""
        version = self.version
        if version is None or version.strong is None:
            return {}
        return {"Range": f"bytes={self.path.stat().st_size}-", "If-Range": version.strong}

    def discard(self) -> None:
        """Forget what was received."""
        self.path.unlink(missing_ok=True)
        self._beside.unlink(missing_ok=True)

    def receive(self, response: httpx.Response, version: Version, start: int, max_bytes: int) -> None:
        """Write the body from byte ``start`` on; discard everything if it outgrows the limit."""
        size = start
        with self.path.open("ab" if start else "wb") as stream:
            if not start:
                self._beside.write_text(version.model_dump_json(), encoding="utf-8")
            for chunk in response.iter_raw():
                size += len(chunk)
                if size > max_bytes:
                    self.discard()
                    raise _too_large(max_bytes)
                stream.write(chunk)


def _too_large(max_bytes: int, size: int | None = None) -> DocumentError:
    told = f"pèse {size / MEGABYTE:.1f} Mo".replace(".", ",") if size else "est trop lourd"
    return DocumentError(
        f"Le fichier {told} ; la limite est de {max_bytes / MEGABYTE:g} Mo (--max-size). "
        "Téléchargez-le vous-même et réduisez-le, puis : python -m corpus add."
    )


def _download(
    web: Web, source: Source, directory: Path, known: Fetched | None, max_bytes: int
) -> Received | None:
    """Bring the file of a source into its partial file; ``None`` when the server says it has not changed."""
    partial = _Partial(directory, source)
    deadline = time.monotonic() + web.timing.whole

    def attempt() -> Received | None:
        resuming = partial.headers()
        headers = resuming or _conditions(known)
        with web.get(str(source.download), headers, deadline) as response:
            if response.status_code == 304 and known is not None and not resuming:
                return None
            start = _start(response, partial if resuming else None)
            version = _version(response, source, partial.version if start else None)
            suffix_of(str(source.download), version.type)
            _check_announced(response, start, max_bytes)
            partial.receive(response, version, start, max_bytes)
            return Received(version, str(response.url))

    try:
        return web.persevere(attempt)
    except UnfinishedError:
        if partial.version is None:
            partial.discard()
        raise


def _conditions(known: Fetched | None) -> dict[str, str]:
    given = {}
    if known is not None and known.version.etag:
        given["If-None-Match"] = known.version.etag
    if known is not None and known.version.last_modified:
        given["If-Modified-Since"] = known.version.last_modified
    return given


def _start(response: httpx.Response, partial: _Partial | None) -> int:
    """Return the byte at which a response begins: 0, or the end of what was received before."""
    status = response.status_code
    if status == 200:
        return 0
    if partial is None or status not in (206, 416):
        raise DocumentError(
            f"« {response.url.host} » répond {status} au lieu du document. Cherchez sa nouvelle adresse, "
            "ou relancez plus tard."
        )
    size = partial.path.stat().st_size
    told = re.match(r"bytes ([0-9]{1,15})-", response.headers.get("content-range", ""))
    version, etag = partial.version, response.headers.get("etag")
    same = version is not None and etag in (None, version.etag)
    if status == 206 and told is not None and int(told[1]) == size and same:
        return size
    partial.discard()
    raise UnfinishedError(
        f"« {response.url.host} » n’a pas repris l’envoi où il s’était arrêté. Relancez la commande.", 0
    )


def _version(response: httpx.Response, source: Source, before: Version | None) -> Version:
    if before is not None:
        return before

    def told(name: str) -> str | None:
        value = response.headers.get(name, "")
        return value if 0 < len(value) <= 500 and value.isascii() and value.isprintable() else None

    kind = shown(response.headers.get("content-type", "").partition(";")[0].strip().lower())
    return Version(
        url=str(source.download), type=kind, etag=told("etag"), last_modified=told("last-modified")
    )


def _check_announced(response: httpx.Response, start: int, max_bytes: int) -> None:
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("", "identity"):
        raise DocumentError(
            f"« {response.url.host} » envoie le fichier compressé (« {shown(coding)} »), ce qui n’a pas été "
            "demandé. Téléchargez le document vous-même, puis : python -m corpus add."
        )
    length = response.headers.get("content-length", "")
    if length.isdecimal() and start + int(length) > max_bytes:
        raise _too_large(max_bytes, start + int(length))


def suffix_of(url: str, announced: str) -> str:
    """Return the suffix of the file that a server announces at a URL.

    Raises:
        DocumentError: The corpus does not read this type, or the URL names another.

    Example:
        >>> suffix_of("https://exemple.fr/appel", "text/html")
        '.html'
    """
    named = PurePosixPath(httpx.URL(url).path).suffix.lower()
    told = named if announced in _UNTYPED else _SUFFIXES.get(announced)
    if told not in EXTENSIONS:
        raise DocumentError(
            f"Le serveur annonce le type « {announced or 'aucun'} », que le corpus ne lit pas. "
            f"Formats acceptés : {', '.join(EXTENSIONS)}."
        )
    if named in EXTENSIONS and EXTENSIONS[named] != EXTENSIONS[told]:
        raise DocumentError(
            f"L’adresse finit par « {named} » mais le serveur annonce le type « {announced} ». "
            "Cherchez la nouvelle adresse du document."
        )
    return told


class _State:
    """What was last fetched of each source: a memory that may be lost, at the price of downloading again."""

    _kind = TypeAdapter(dict[str, Fetched])

    def __init__(self, directory: Path) -> None:
        self._path = directory / "state.json"
        try:
            self._fetched = self._kind.validate_json(self._path.read_bytes())
        except (OSError, ValidationError):
            self._fetched = {}

    def of(self, source: Source, records: Sequence[DocumentRecord]) -> tuple[Fetched, DocumentRecord] | None:
        """Return what is known of a source and its document, if that document is still in the corpus."""
        known = self._fetched.get(source.id)
        if known is None or known.version.url != source.download:
            return None
        record = next((record for record in records if record.id == known.document), None)
        return None if record is None else (known, record)

    def keep(self, source: Source, fetched: Fetched) -> None:
        """Remember what was fetched; whoever reads meanwhile sees the old file or the new one."""
        self._fetched[source.id] = fetched
        descriptor, name = tempfile.mkstemp(dir=self._path.parent, prefix=".state-")
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(self._kind.dump_json(self._fetched, indent=1))
        Path(name).replace(self._path)


def choose(identifiers: Sequence[str]) -> list[Source]:
    """Return the sources to download: those named, else all that are marked.

    Raises:
        DocumentError: A name is not that of a source, or its source is not marked.
    """
    marked = {source.id: source for source in load_sources().values() if source.download}
    for identifier in identifiers:
        if identifier not in marked:
            what = "n’est pas téléchargeable" if identifier in load_sources() else "n’est pas une source"
            raise DocumentError(
                f"« {shown(identifier)} » {what}. Consultez la liste : python -m corpus fetch --list."
            )
    return [marked[identifier] for identifier in dict.fromkeys(identifiers)] or list(marked.values())


def fetch(
    sources: Sequence[Source],
    *,
    today: date,
    max_bytes: int = MAX_BYTES,
    var: Path | None = None,
    web: Web | None = None,
) -> Iterator[Outcome]:
    """Download each source and add it to the corpus; yield what became of it, as soon as it is known.

    Raises:
        CorpusError: Another download is under way, or the manifest of the documents is broken.
    """
    directory = (var or var_dir()) / "downloads"
    with _alone(directory):
        load_documents(var)
        state, web = _State(directory), web or Web()
        for source in sources:
            try:
                yield _fetch_one(source, web, state, directory, today=today, max_bytes=max_bytes, var=var)
            except DocumentError as error:
                yield Outcome(source.id, "refused", str(error))
            except OSError as error:
                reason = error.strerror or "erreur d’entrée-sortie"
                yield Outcome(source.id, "refused", f"{reason}. Vérifiez les droits et l’espace disque.")


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DocumentError(
                f"Un autre téléchargement est en cours dans « {directory} ». Attendez qu’il finisse."
            ) from error
        for leftover in directory.glob(".state-*"):
            leftover.unlink(missing_ok=True)
        yield


def _fetch_one(
    source: Source, web: Web, state: _State, directory: Path, *, today: date, max_bytes: int, var: Path | None
) -> Outcome:
    records = load_documents(var)
    known, before = state.of(source, records) or (None, None)
    received = _download(web, source, directory, known, max_bytes)
    if received is None and known is not None:
        return Outcome(source.id, "unchanged", f"document {known.document}, sha256 {known.sha256}")
    assert received is not None
    partial = _Partial(directory, source)
    path = directory / (source.id + suffix_of(str(source.download), received.version.type))
    partial.path.replace(path)
    partial.discard()
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        record = _unchanged(path, digest, known, before, var) or _add(path, source, before, today, var)
        size = path.stat().st_size
    finally:
        path.unlink(missing_ok=True)
    state.keep(source, Fetched(version=received.version, sha256=digest, document=record.id))
    text = f"document {record.id}, {size} octets, sha256 {digest}"
    if received.final_url != source.download:
        text += f", reçu de {shown(received.final_url)}"
    if record in records:
        return Outcome(source.id, "unchanged", text)
    if before is None:
        return Outcome(source.id, "added", text)
    return Outcome(source.id, "replaced", f"{text}, remplace {before.id}")


def _unchanged(
    path: Path, digest: str, known: Fetched | None, before: DocumentRecord | None, var: Path | None
) -> DocumentRecord | None:
    """Return the document of the last time if the file is the same, or a page that reads the same.

    A page often carries a token or a date that changes at each visit, and that nobody reads.
    """
    if known is None or before is None:
        return None
    if digest in (known.sha256, before.sha256):
        return before
    if {path.suffix, Path(before.file).suffix} != {".html"}:
        return None
    with suppress(DocumentError):
        if load(path).blocks == load_content(before, var).blocks:
            return before
    return None


def _add(
    path: Path, source: Source, before: DocumentRecord | None, today: date, var: Path | None
) -> DocumentRecord:
    check_file(path)
    try:
        check_content(path, EXTENSIONS[path.suffix])
    except DocumentError as error:
        raise DocumentError(f"Le contenu reçu n’est pas celui que le serveur annonce. {error}") from error
    # A page that shows no date is told by the day it was read, and says so.
    undated = "" if source.issued else f" (sans date de publication ; lu le {today:%d/%m/%Y})"
    return add_document(
        path,
        title=source.title + undated,
        publisher=source.publisher,
        issued=source.issued or today.isoformat(),
        today=today,
        url=source.url,
        grade=source.grade,
        years=source.years,
        scope=source.scope,
        supersedes=before.id if before else None,
        var=var,
    )
