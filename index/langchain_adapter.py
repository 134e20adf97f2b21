"""The LangChain faces of the index; imported only when asked for."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from langchain_core.vectorstores import VectorStore

from index.store import DocumentCollection, Place


class LangChainRetriever(BaseRetriever):
    """Returns the hits of a :class:`index.retriever.Retriever` as documents with their metadata."""

    source: Any
    k: int = 8
    wanted: Any = None

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, k: int | None = None
    ) -> list[Document]:
        documents = []
        for hit in self.source.search(query, k or self.k, self.wanted):
            metadata = hit.passage.as_json()
            text = metadata.pop("text")
            scores = {"score": hit.score, "dense": hit.dense, "lexical": hit.lexical, "why": hit.why}
            documents.append(Document(id=hit.passage.id, page_content=text, metadata=metadata | scores))
        return documents


class LangChainStore(VectorStore):
    """Texts of the caller's own in the same database as the index, for chains that add and remove documents.

    Args:
        embeddings: What encodes the texts, such as :class:`index.encoder.Encoder`.
        place: The directory or the server, and the name of the collection, created when missing.
    """

    def __init__(self, embeddings: Embeddings, place: Place) -> None:
        self._embeddings = embeddings
        self._collection = DocumentCollection(place)

    @property
    def embeddings(self) -> Embeddings:
        """What encodes the texts."""
        return self._embeddings

    def add_texts(
        self,
        texts: Iterable[str],
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **_kwargs: Any,
    ) -> list[str]:
        """Add texts, or replace those of the same ids; return the ids.

        Raises:
            ValueError: There are not as many metadata or ids as texts.
            StoreError: The database refuses them.
        """
        contents = list(texts)
        values = [given or {} for given in metadatas] if metadatas is not None else [{} for _ in contents]
        keys = [key or str(uuid.uuid4()) for key in (ids if ids is not None else [""] * len(contents))]
        if not len(contents) == len(values) == len(keys):
            raise ValueError(f"{len(contents)} texts, {len(values)} metadata and {len(keys)} ids")
        if contents:
            vectors = np.array(self._embeddings.embed_documents(contents), np.float32)
            self._collection.put(keys, contents, values, vectors)
        return keys

    def delete(self, ids: list[str] | None = None, **_kwargs: Any) -> bool:
        """Remove texts; an id that is not there is none."""
        self._collection.remove(ids or [])
        return True

    def get_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        """Return the documents of the ids that are there, in their order."""
        return [
            Document(id=key, page_content=text, metadata=values)
            for key, text, values in self._collection.get(ids)
        ]

    def similarity_search(self, query: str, k: int = 4, **kwargs: Any) -> list[Document]:
        """Return the ``k`` nearest documents, best first."""
        return [document for document, _ in self.similarity_search_with_score(query, k, **kwargs)]

    def similarity_search_with_score(
        self, query: str, k: int = 4, **kwargs: Any
    ) -> list[tuple[Document, float]]:
        """Return the ``k`` nearest documents with their cosine, best first.

        Raises:
            ValueError: A filter or another option is given; none is known.
        """
        if kwargs:
            raise ValueError(f"unknown options: {', '.join(kwargs)}")
        vector = np.array(self._embeddings.embed_query(query), np.float32)
        found = dict(self._collection.nearest(vector, k))
        return [(document, found[str(document.id)]) for document in self.get_by_ids(list(found))]

    def _select_relevance_score_fn(self) -> Callable[[float], float]:
        return lambda cosine: (1 + cosine) / 2

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **kwargs: Any,
    ) -> LangChainStore:
        """Return a store with these texts; ``place`` is required."""
        store = cls(embedding, kwargs["place"])
        store.add_texts(texts, metadatas, ids=ids)
        return store

    def close(self) -> None:
        """Release the database."""
        self._collection.close()
