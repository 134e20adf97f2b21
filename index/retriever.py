"""Search: both arms propose, fusion decides; every hit says how its score was made."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.encoder import PassageEncoder
from index.errors import QueryError
from index.fields import FieldedIndex
from index.fusion import CANDIDATES, DENSE_WEIGHT, fuse_candidates
from index.passage import Hit, Passage
from index.store import Store

if TYPE_CHECKING:
    from langchain_core.retrievers import BaseRetriever

# Up to this many passages Chroma is asked for every similarity (3.4 ms for 710): fusion is then exact.
_EXACT_LIMIT = 3_000


class Retriever:
    """Finds passages for a question; safe to use from several threads."""

    def __init__(
        self,
        passages: Sequence[Passage],
        store: Store,
        encoder: PassageEncoder,
        lexical: FieldedIndex,
        *,
        dense_weight: float = DENSE_WEIGHT,
        candidates: int = CANDIDATES,
    ) -> None:
        self._order = tuple(passages)
        self._rank = {passage.id: rank for rank, passage in enumerate(self._order)}
        self._store = store
        self._encoder = encoder
        self._dense_weight = dense_weight
        self._candidates = candidates
        self._lexical = lexical
        self._last: tuple[str, NDArray[np.float32]] = ("", np.empty(0, np.float32))
        self.passages = MappingProxyType({passage.id: passage for passage in self._order})

    @property
    def encoder(self) -> PassageEncoder:
        """The encoder the passages were encoded with."""
        return self._encoder

    def vector(self, query: str) -> NDArray[np.float32]:
        """Return the unit vector of a question; the last one is kept, since a run asks for it twice."""
        key, vector = self._last
        if key != query:
            vector = self._encoder.encode_queries([query])[0]
            self._last = (query, vector)
        return vector

    def search(self, query: str, k: int = 20) -> list[Hit]:
        """Return at most ``k`` hits, best first; none for a question without a word.

        Raises:
            QueryError: ``k`` is not positive.
        """
        if k < 1:
            raise QueryError(f"Le nombre de résultats demandé est {k} : il doit être d’au moins 1.")
        query = " ".join(query.split())
        if not query or not self._order:
            return []
        dense = np.full(len(self._order), np.nan)
        limit = len(self._order) if len(self._order) <= _EXACT_LIMIT else self._candidates
        for key, similarity in self._store.nearest(self.vector(query), limit):
            dense[self._rank[key]] = similarity
        words = self._lexical.scores(query)
        positions, fused = fuse_candidates(
            dense, words.total, candidates=max(k, self._candidates), dense_weight=self._dense_weight
        )
        return [
            _hit(self._order[rank], float(score), float(dense[rank]), float(words.own[rank]))
            for rank, score in zip(positions[:k], fused[:k], strict=True)
        ]

    def close(self) -> None:
        """Release the files of the store."""
        self._store.close()

    def as_langchain(self, k: int = 8) -> BaseRetriever:
        """Return a LangChain retriever over this one."""
        from index.langchain_adapter import LangChainRetriever

        return LangChainRetriever(source=self, k=k)


def _hit(passage: Passage, score: float, dense: float, lexical: float) -> Hit:
    sense = None if np.isnan(dense) else dense
    words = lexical if lexical > 0 else None
    parts = [] if sense is None else [f"sens {sense:.2f}".replace(".", ",")]
    parts += ["aucun mot commun"] if words is None else [f"mots {words:.1f}".replace(".", ",")]
    return Hit(passage, score, sense, words, " · ".join(parts))
