"""Add the documents of a folder, described by its ``manifest.yaml``: one record a file.

A record has the fields of ``python -m corpus add``: file, title, publisher, issued and, optional, url, grade,
years, scope and supersedes (the id of a document, or the file of a record above).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import Field

from corpus.documents import DocumentRecord, add_document, load_documents
from corpus.errors import CorpusFileError, DocumentError
from corpus.records import Record, read_records
from corpus.sources import Grade

FOLDER_MANIFEST = "manifest.yaml"
MAX_FILES = 10_000

Status = Literal["added", "replaced", "known", "refused"]


class Entry(Record):
    """What a folder's manifest says of one file; the values are checked as those of a single addition."""

    file: Annotated[str, Field(pattern=r"\S")]
    title: str
    publisher: str
    issued: str
    url: str | None = None
    grade: Grade = 2
    years: tuple[int, ...] = ()
    scope: str = "national"
    supersedes: str | None = None


@dataclass(frozen=True)
class Addition:
    """What became of one file: its record, or the reason of the refusal (French) and the line that asked for it."""

    file: str
    status: Status
    record: DocumentRecord | None = None
    line: int = 0
    reason: str = ""


def read_manifest(folder: Path) -> list[tuple[int, Entry]]:
    """Return the records of the folder's manifest with their lines.

    Raises:
        CorpusFileError: The manifest is missing or breaks its contract, or names a file twice.
    """
    path = folder / FOLDER_MANIFEST
    entries = read_records(path, Entry)
    if len(entries) > MAX_FILES:
        raise CorpusFileError(path, f"plus de {MAX_FILES} documents : ajoutez-les en plusieurs dossiers.")
    seen: set[str] = set()
    for line, entry in entries:
        if entry.file in seen:
            raise CorpusFileError(path, f"le fichier « {entry.file} » est décrit deux fois.", line)
        seen.add(entry.file)
    return entries


def undescribed(folder: Path, entries: list[tuple[int, Entry]]) -> list[str]:
    """Return the files of the folder that its manifest does not describe, hidden ones left out."""
    described = {folder / entry.file for _, entry in entries}
    found = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return sorted(
        str(path.relative_to(folder))
        for path in found
        if path not in described and path != folder / FOLDER_MANIFEST
    )


def add_folder(
    folder: Path, entries: list[tuple[int, Entry]], *, today: date, var: Path | None = None
) -> Iterator[Addition]:
    """Add each file in the order of the manifest; yield what became of it, as soon as it is known.

    A file that is refused stops none of the others.

    Raises:
        CorpusFileError: The list of the documents already added is broken.
    """
    ids: dict[str, str] = {}
    known = {record.id for record in load_documents(var)}
    for line, entry in entries:
        try:
            record = add_document(
                _inside(folder, entry.file),
                title=entry.title,
                publisher=entry.publisher,
                issued=entry.issued,
                url=entry.url,
                grade=entry.grade,
                years=entry.years,
                scope=entry.scope,
                supersedes=ids.get(entry.supersedes or "", entry.supersedes),
                today=today,
                var=var,
            )
        except DocumentError as error:
            yield Addition(entry.file, "refused", line=line, reason=str(error))
            continue
        except OSError as error:
            reason = error.strerror or "erreur d’entrée-sortie"
            yield Addition(
                entry.file, "refused", line=line, reason=f"{reason}. Vérifiez les droits et l’espace disque."
            )
            continue
        ids[entry.file] = record.id
        yield Addition(entry.file, addition_status(record, known), record, line)
        known.add(record.id)


def addition_status(record: DocumentRecord, known: set[str]) -> Status:
    """Return what an addition did, given the ids that were there before it."""
    if record.id in known:
        return "known"
    return "replaced" if record.supersedes else "added"


def _inside(folder: Path, file: str) -> Path:
    """Return the path of a file of the folder; a manifest names nothing outside it, links included."""
    path = folder / file
    outside = PurePosixPath(file).is_absolute() or ".." in PurePosixPath(file).parts or "\0" in file
    if outside or not path.resolve().is_relative_to(folder.resolve()):
        raise DocumentError(
            f"« {file} » désigne un fichier hors du dossier, ce qu’un manifeste n’a pas le droit de faire. "
            "Copiez le document dans le dossier."
        )
    return path
