"""Build the index and open it: one directory a fingerprint, written aside then renamed.

An index is current when its name is the fingerprint of today's passages, chunking and encoder. Opening
builds it when it is missing or damaged, so that a changed fiche or an added document needs no command.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corpus.progress import ProgressBar
from index.arms import LEXICAL, PASSAGES, VECTORS, Arms, assemble, index_words, open_store, read_arms
from index.asked import ASKED_VERSION, write_asked
from index.chunking import CHUNKING_VERSION
from index.directories import MANIFEST, list_indexes, locked, remove_older, replace_index
from index.encoder import Encoder, PassageEncoder, Progress
from index.endurance import STRICT, Guards
from index.engines import Vectors
from index.errors import BuildError, RetrievalError, SettingError, StoreError, StoreUnreachableError
from index.gathering import Report, gather_passages, write_passages
from index.journal import Journal
from index.passage import Passage
from index.retriever import Retriever
from index.settings import IndexSettings
from index.store import Place, Store, write_store
from index.vectors import TITLE_SHARE, passage_vectors

_LABEL = "Encodage des passages"


@dataclass(frozen=True)
class BuildResult:
    """What a build did: where the index is, and how many vectors were computed or reused."""

    directory: Path
    passages: int
    encoded: int
    reused: int


def report_on_stderr(message: str) -> None:
    """Write one line on stderr."""
    sys.stderr.write(message + "\n")


def fingerprint_of(passages: Sequence[Passage], encoder: PassageEncoder) -> str:
    """Return the name of the index of these passages with this encoder."""
    digest = hashlib.sha256(
        f"{CHUNKING_VERSION}\n{ASKED_VERSION}\n{TITLE_SHARE}\n{encoder.fingerprint}\n".encode()
    )
    for passage in passages:
        digest.update(passage.digest.encode())
    return digest.hexdigest()[:16]


def open_index(
    settings: IndexSettings | None = None,
    encoder: PassageEncoder | None = None,
    report: Report = report_on_stderr,
) -> Retriever:
    """Return a retriever over the current corpus, building its index first when needed.

    Raises:
        CorpusError: The corpus breaks its contract.
        RetrievalError: The model is missing, or the index cannot be built.
    """
    settings = settings or IndexSettings()
    encoder = encoder or Encoder(settings.model)
    return open_over(gather_passages(settings, report), settings, encoder, report)


def open_over(
    passages: Sequence[Passage],
    settings: IndexSettings,
    encoder: PassageEncoder,
    report: Report,
    guards: Guards = STRICT,
) -> Retriever:
    """Return a retriever over some passages, building their index first when needed.

    Raises:
        RetrievalError: The model is missing, or the index cannot be built.
    """
    directory = settings.directory / fingerprint_of(passages, encoder)
    place = settings.place(directory, directory.name)
    try:
        store, arms = _open(directory, place, passages, guards.patience)
    except (SettingError, StoreUnreachableError):
        raise
    except RetrievalError as error:
        report(f"Index à construire dans {directory} : {_why(directory, error)}")
        _build(settings, encoder, passages, progress=ProgressBar(_LABEL), replace=True)
        store, arms = _open(directory, place, passages, guards.patience)
    return assemble(passages, settings, store, encoder, arms, guards)


def _why(directory: Path, error: RetrievalError) -> str:
    if directory.exists():
        return str(error).partition(". ")[0]  # what it advises is being done
    if list_indexes(directory.parent):
        return "le corpus, le découpage ou le modèle a changé"
    return "il n’y en a pas encore"


def build_index(
    settings: IndexSettings | None = None,
    encoder: PassageEncoder | None = None,
    *,
    force: bool = False,
    report: Report = report_on_stderr,
    progress: Progress | None = None,
) -> BuildResult:
    """Build the index of the current corpus; do nothing when it is current, unless ``force`` (encode all again).

    Raises:
        CorpusError: The corpus breaks its contract.
        RetrievalError: The model is missing, or the index cannot be written.
    """
    settings = settings or IndexSettings()
    encoder = encoder or Encoder(settings.model)
    passages = gather_passages(settings, report)
    progress = progress or ProgressBar(_LABEL)
    return _build(settings, encoder, passages, progress=progress, replace=force, afresh=force)


def _build(
    settings: IndexSettings,
    encoder: PassageEncoder,
    passages: Sequence[Passage],
    *,
    progress: Progress,
    replace: bool,
    afresh: bool = False,
) -> BuildResult:
    """Build the index; one that is current is left alone unless ``replace``, vectors are reused unless ``afresh``."""
    _refuse_duplicates(passages)
    directory = settings.directory / fingerprint_of(passages, encoder)
    place = settings.place(directory, directory.name)
    texts, titles = [passage.indexed_text for passage in passages], [passage.path for passage in passages]
    try:
        with locked(settings.directory, report_on_stderr) as waited:
            # Another process may have built it while this one waited.
            if (not replace or waited) and _is_current(directory, place, passages):
                return BuildResult(directory, len(passages), 0, len(passages))
            temporary = Path(tempfile.mkdtemp(prefix=".construction-", dir=settings.directory))
            try:
                ids, encoded = [passage.id for passage in passages], 0
                vectors = None if afresh else _shared_vectors(place, ids)
                journal = Journal(settings.directory / "vectors", encoder)
                if vectors is None:
                    vectors, encoded = passage_vectors(journal, titles, texts, progress, afresh=afresh)
                    written = place if place.url else Place.embedded(temporary)
                    write_store(written, ids, vectors, replace=afresh)
                journal.keep_only([*texts, *titles])
                _write(temporary, passages, vectors, encoder)
                kept = settings.directory / "vectors"
                write_asked(temporary, passages, vectors, encoder, kept, progress, afresh=afresh)
                replace_index(temporary, directory)
            finally:
                shutil.rmtree(temporary, ignore_errors=True)
            remove_older(settings.directory, directory)
    except OSError as error:
        raise BuildError(
            f"L’index ne peut être écrit dans {settings.directory} ({error}). "
            "Vérifiez les droits et la place, ou choisissez un autre dossier par ASSISTANT_VAR."
        ) from error
    return BuildResult(directory, len(passages), encoded, len(passages) - encoded)


def _refuse_duplicates(passages: Sequence[Passage]) -> None:
    seen: set[str] = set()
    for passage in passages:
        if passage.id in seen:
            raise BuildError(
                f"Deux passages portent l’identifiant « {passage.id} » : donnez-leur des titres différents."
            )
        seen.add(passage.id)


def _shared_vectors(place: Place, ids: Sequence[str]) -> Vectors | None:
    """Return the vectors that another process has put on the server already, if it has."""
    if not place.url:
        return None
    try:
        with closing(Store(place)) as store:
            return store.vectors(ids) if store.holds(ids) else None
    except StoreUnreachableError:
        raise
    except StoreError:
        return None


def _write(directory: Path, passages: Sequence[Passage], vectors: Vectors, encoder: PassageEncoder) -> None:
    np.save(directory / VECTORS, vectors.astype(np.float16))
    index_words(passages).save(directory / LEXICAL)
    write_passages(directory / PASSAGES, passages)
    manifest = {"encoder": encoder.fingerprint, "chunking": CHUNKING_VERSION, "passages": len(passages)}
    (directory / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def _open(
    directory: Path, place: Place, passages: Sequence[Passage], patience: float | None = None
) -> tuple[Store, Arms]:
    """Return the store and the arms of an index that holds exactly these passages."""
    arms = read_arms(directory, passages)
    return open_store(place, [passage.id for passage in passages], patience), arms


def _is_current(directory: Path, place: Place, passages: Sequence[Passage]) -> bool:
    try:
        _open(directory, place, passages)[0].close()
    except StoreUnreachableError:
        raise
    except RetrievalError:
        return False
    return True
