"""The documents an operator adds: files under ``var/documents``, described by ``documents.jsonl``.

The manifest is written through a temporary file, under a lock: a reader sees the old list or the new one.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import stat
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, field_validator

from corpus.contents import keep_content, kept_content
from corpus.errors import CorpusFileError, DocumentError
from corpus.loaders import LoadedDocument, load
from corpus.loaders.checks import check_file, kind_of
from corpus.paths import documents_dir, var_dir
from corpus.records import Record
from corpus.sources import Grade, Source, label_superseded, load_sources
from corpus.territories import load_territories

MANIFEST = "documents.jsonl"

NO_EARLIER_VERSION = "aucun"  # what to give as the replaced document when the title alone is the same

_FIELDS_FR = {
    "title": "le titre (non vide)",
    "publisher": "l’éditeur (non vide)",
    "issued": "la date de publication (AAAA, AAAA-MM ou AAAA-MM-JJ)",
    "url": "l’adresse (http:// ou https://)",
    "grade": "le degré d’autorité (de 1 à 5)",
    "years": "les campagnes (années de 2019 à 2099)",
    "scope": "la portée (« national » ou l’identifiant d’une région, comme « bretagne »)",
}

Text = Annotated[str, Field(pattern=r"\S")]


class DocumentRecord(Record):
    """A document added by the operator: what it is, who published it, and the digest of its bytes."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    file: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*\.[a-z]+$")]
    title: Text
    publisher: Text
    issued: Annotated[str, Field(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$")]
    url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None
    grade: Grade
    years: tuple[Annotated[int, Field(ge=2019, le=2099)], ...] = ()
    scope: str
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    text_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None  # of what was read in it
    added_on: date
    supersedes: str | None = None
    pages: int | None = None
    read_by_ocr: bool = False
    notices: tuple[str, ...] = ()  # what its reading left out or found hostile, in French

    @field_validator("issued")
    @classmethod
    def _is_a_date(cls, value: str) -> str:
        _day(value)
        return value

    @field_validator("scope")
    @classmethod
    def _is_a_place(cls, value: str) -> str:
        if value != "national" and value not in {region.id for region in load_territories().regions}:
            raise ValueError("expected 'national' or a region id")
        return value


def load_documents(var: Path | None = None) -> tuple[DocumentRecord, ...]:
    """Return the records of the manifest, in order of addition; none when nothing was added.

    Raises:
        CorpusFileError: A line of the manifest is not a valid record, or an id appears twice.
    """
    manifest = documents_dir(var or var_dir()) / MANIFEST
    if not manifest.exists():
        return ()
    records: dict[str, DocumentRecord] = {}
    for number, line in enumerate(manifest.read_text(encoding="utf-8").splitlines(), 1):
        try:
            record = DocumentRecord.model_validate_json(line)
        except ValidationError as error:
            raise CorpusFileError(
                manifest, "cette ligne ne décrit pas un document ; restaurez-la ou supprimez-la.", number
            ) from error
        if record.id in records:
            raise CorpusFileError(
                manifest, f"l’identifiant de document « {record.id} » figure deux fois.", number
            )
        records[record.id] = record
    return tuple(records.values())


def add_document(
    path: Path,
    *,
    title: str,
    publisher: str,
    issued: str,
    today: date,
    url: str | None = None,
    grade: int = 2,
    years: tuple[int, ...] = (),
    scope: str = "national",
    supersedes: str | None = None,
    var: Path | None = None,
) -> DocumentRecord:
    """Copy a document into ``var/documents`` and describe it; return its record.

    A document whose bytes, or whose text, are already there is recognised: its record is returned unchanged,
    and the new description, checked all the same, is ignored (remove the document first to describe it again).
    A document of the same publisher and title, or of the same address, as one already there and not older is
    its new version: unless ``supersedes`` says otherwise (``NO_EARLIER_VERSION``: none), it replaces it.

    Raises:
        DocumentError: The document cannot be read, or its description is not accepted; in French.
    """
    kind_of(path)
    check_file(path)
    directory = documents_dir(var or var_dir())
    given: dict[str, object] = {
        "title": _one_line(title), "publisher": _one_line(publisher), "issued": issued, "url": url,
        "grade": grade, "years": years, "scope": scope, "added_on": today,
        "supersedes": None if supersedes == NO_EARLIER_VERSION else supersedes,
    }  # fmt: skip
    with _locked(directory), tempfile.TemporaryDirectory(dir=directory, prefix=".ajout-") as temporary:
        copy = Path(temporary) / path.name
        shutil.copyfile(path, copy)
        digest = _digest(copy)
        records = load_documents(var)
        identifier = _identifier(
            str(given["publisher"]), str(given["title"]), issued, {record.id for record in records}
        )
        file = identifier + path.suffix.lower()
        record = _describe({**given, "id": identifier, "file": file, "sha256": digest}, records)
        if known := next((other for other in records if other.sha256 == digest), None):
            return known
        content = load(copy)
        text_digest = _text_digest(content)
        if known := next((other for other in records if other.text_sha256 == text_digest), None):
            return known
        read = {name: getattr(content, name) for name in ("pages", "read_by_ocr", "notices")}
        if supersedes is None and (earlier := _earlier_version(record, records)):
            read["supersedes"] = earlier.id
        record = record.model_copy(update={**read, "text_sha256": text_digest})
        keep_content(_content_path(record, var), digest, content)
        copy.replace(directory / record.file)
        _write(directory, (*records, record))
    return record


def _text_digest(content: LoadedDocument) -> str:
    digest = hashlib.sha256()
    for block in content.blocks:
        digest.update(f"{block.kind} {block.text}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _earlier_version(record: DocumentRecord, records: tuple[DocumentRecord, ...]) -> DocumentRecord | None:
    """Return the latest document that the record, not older, is a new version of."""
    replaced = successors(records)
    earlier = [
        other
        for other in records
        if other.id not in replaced
        and (_name(other) == _name(record) or (record.url is not None and other.url == record.url))
        and _day(other.issued) <= _day(record.issued)
    ]
    return max(earlier, key=lambda other: _day(other.issued), default=None)


def _name(record: DocumentRecord) -> tuple[str, str, str]:
    return plain_words(record.publisher), plain_words(record.title), record.scope


def _day(issued: str) -> date:
    return date.fromisoformat((issued + "-01-01")[:10])


def successors(records: tuple[DocumentRecord, ...]) -> dict[str, DocumentRecord]:
    """Return what replaces each document or source that an added document replaces, by its id."""
    return {record.supersedes: record for record in records if record.supersedes}


def years_left(record: DocumentRecord, replaced: dict[str, DocumentRecord]) -> tuple[int, ...]:
    """Return the campaigns that a document still speaks for: those that no later version speaks of.

    A document described without campaigns is taken to speak for the year of its publication.
    """
    left = set(_years(record))
    seen = {record.id}
    while (later := replaced.get(record.id)) and later.id not in seen:
        seen.add(later.id)
        left -= set(_years(later))
        record = later
    return tuple(sorted(left))


def _years(record: DocumentRecord) -> tuple[int, ...]:
    return record.years or (int(record.issued[:4]),)


def remove_document(identifier: str, var: Path | None = None) -> DocumentRecord:
    """Remove a document and its record; return what was removed.

    Raises:
        DocumentError: No document has this id.
    """
    directory = documents_dir(var or var_dir())
    with _locked(directory):
        records = load_documents(var)
        record = next((record for record in records if record.id == identifier), None)
        if record is None:
            raise DocumentError(
                f"Aucun document ajouté ne porte l’identifiant « {identifier} ». "
                "Consultez la liste : python -m corpus list --documents."
            )
        _write(directory, tuple(other for other in records if other.id != identifier))
        (directory / record.file).unlink(missing_ok=True)
        _content_path(record, var).unlink(missing_ok=True)
    return record


def document_path(record: DocumentRecord, var: Path | None = None) -> Path:
    """Return where the file of a record is.

    Raises:
        DocumentError: The file is missing, is not regular, or is no longer the one that was added.
    """
    path = documents_dir(var or var_dir()) / record.file
    remedy = f"Retirez le document (python -m corpus remove {record.id}) puis ajoutez-le de nouveau."
    if not path.exists() or not stat.S_ISREG(path.lstat().st_mode):
        raise DocumentError(f"Le fichier « {record.file} » est absent du dossier des documents. {remedy}")
    if _digest(path) != record.sha256:
        raise DocumentError(f"Le fichier « {record.file} » a changé depuis son ajout. {remedy}")
    return path


def load_content(record: DocumentRecord, var: Path | None = None) -> LoadedDocument:
    """Return the content of an added document.

    Raises:
        DocumentError: The file is missing, changed or unreadable.
    """
    path = document_path(record, var)
    kept = _content_path(record, var)
    content = kept_content(kept, record.sha256)
    if content is None:
        content = load(path)
        with suppress(OSError):  # a disk that is full or read only: it will be read again next time
            keep_content(kept, record.sha256, content)
    return content


def _content_path(record: DocumentRecord, var: Path | None) -> Path:
    return documents_dir(var or var_dir()) / "contents" / f"{record.id}.json"


def document_source(record: DocumentRecord) -> Source:
    """Return the source that passages of the document cite."""
    replaced = f" Remplace « {record.supersedes} »." if record.supersedes else ""
    by_ocr = " Lu par reconnaissance de caractères (OCR) : des mots peuvent être mal lus."
    return Source(
        id=record.id,
        type="document",
        title=record.title,
        publisher=record.publisher,
        issued=record.issued,
        url=record.url,
        grade=record.grade,
        scope=record.scope,
        years=record.years,
        read="whole",
        note=f"Document ajouté le {record.added_on:%d/%m/%Y}.{replaced}{by_ocr * record.read_by_ocr}",
        accessed=record.added_on,
        supersedes=(record.supersedes,) if record.supersedes else (),
    )


def load_all_sources(var: Path | None = None) -> dict[str, Source]:
    """Return the sources that ship and the added documents, by id; the title of a replaced one says so."""
    added = [document_source(record) for record in load_documents(var)]
    return label_superseded([*load_sources().values(), *added])


def _one_line(text: str) -> str:
    return re.sub(r"[ \t\r\n]+", " ", text).strip()


def _is_control(character: str) -> bool:
    """Whether a character would act on a terminal or reorder a line instead of being shown."""
    return unicodedata.category(character) in ("Cc", "Cf", "Cs")


def _visible(value: object) -> str:
    return "".join(rf"\x{ord(mark):02x}" if _is_control(mark) else mark for mark in str(value))


def _describe(data: dict[str, object], records: tuple[DocumentRecord, ...]) -> DocumentRecord:
    for key in ("title", "publisher", "url"):
        if any(map(_is_control, str(data[key]))):
            raise DocumentError(
                f"« {_visible(data[key])} » contient des caractères de commande, refusés pour "
                f"{_FIELDS_FR[key]}. Retirez-les."
            )
    try:
        record = DocumentRecord.model_validate(data)
    except ValidationError as error:
        key = str(error.errors()[0]["loc"][0])
        raise DocumentError(
            f"La valeur « {data[key]} » ne convient pas pour {_FIELDS_FR.get(key, key)}. Corrigez-la."
        ) from error
    known = {*load_sources(), *(other.id for other in records)}
    if record.supersedes is not None and record.supersedes not in known:
        raise DocumentError(
            f"Le document remplacé, « {record.supersedes} », n’existe pas. "
            "Consultez les identifiants : python -m corpus list."
        )
    return record


@lru_cache(maxsize=65_536)
def plain_words(text: str) -> str:
    """Return the words of a text in lower case without accents, joined by hyphens."""
    plain = unicodedata.normalize("NFKD", text.replace("’", " ")).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _identifier(publisher: str, title: str, issued: str, taken: set[str]) -> str:
    words = plain_words(f"{publisher} {title}")[:60].strip("-")
    wanted = f"{words or 'document'}-{re.sub(r'[^0-9]', '', issued)[:4]}".strip("-")
    identifier, number = wanted, 1
    while identifier in taken or identifier in load_sources():
        number += 1
        identifier = f"{wanted}-{number}"
    return identifier


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Whoever holds the lock is alone: these were left by a process that was killed.
        for leftover in directory.glob(".ajout-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        for leftover in directory.glob(".manifest-*"):
            leftover.unlink(missing_ok=True)
        yield


def _write(directory: Path, records: tuple[DocumentRecord, ...]) -> None:
    text = "".join(record.model_dump_json() + "\n" for record in records)
    descriptor, name = tempfile.mkstemp(dir=directory, prefix=".manifest-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(directory / MANIFEST)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
