"""Search: both arms propose, fusion decides; every hit says how its score was made."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from index.asked import AskedQuestions, Nearest, no_questions
from index.diversity import distinct
from index.encoder import PassageEncoder
from index.endurance import STRICT, Guards, Loss
from index.errors import QueryError
from index.fields import FieldedIndex
from index.fusion import CANDIDATES, DENSE_WEIGHT, Scores, best_candidates, fuse_candidates
from index.passage import Hit, Passage
from index.relevance import best_cosine
from index.wanted import Grades, Wanted
from index.worded import WordedQuestions

if TYPE_CHECKING:
    from langchain_core.retrievers import BaseRetriever

# Up to this many passages Chroma is asked for every similarity (3.4 ms for 710): fusion is then exact.
_EXACT_LIMIT = 3_000
_KEPT_QUERIES = 32

# Weight of the meaning once it was adapted to the corpus: on questions left out, .7 to .8 are best.
ADAPTED_WEIGHT = 0.75

_PROBE = "Combien d’ESSMS faut-il ?"


class VectorStore(Protocol):
    """What a search needs of a store."""

    def nearest(
        self, vector: NDArray[np.float32], limit: int, among: Sequence[str] | None = None
    ) -> list[tuple[str, float]]:
        """Return the ids of the nearest passages with their cosine, best first; only of ``among`` when given."""

    def close(self) -> None:
        """Release what it holds."""


class Retriever:
    """Finds passages for a question; safe to use from several threads."""

    def __init__(
        self,
        passages: Sequence[Passage],
        store: VectorStore,
        encoder: PassageEncoder,
        lexical: FieldedIndex,
        vectors: NDArray[np.float16],
        *,
        asked: AskedQuestions | None = None,
        grades: Grades | None = None,
        dense_weight: float = DENSE_WEIGHT,
        candidates: int = CANDIDATES,
        guards: Guards = STRICT,
    ) -> None:
        self._order = tuple(passages)
        self._rank = {passage.id: rank for rank, passage in enumerate(self._order)}
        self._store = store
        self._encoder = encoder
        self._dense_weight = dense_weight if asked is None else max(dense_weight, ADAPTED_WEIGHT)
        self._candidates = candidates
        self._lexical = lexical
        self._vectors = vectors
        self._asked = asked
        self._grades = grades or Grades()
        self._scale = encoder.scale
        self._guards = guards
        self._vectors_of: dict[str, NDArray[np.float32]] = {}
        self.passages = MappingProxyType({passage.id: passage for passage in self._order})

    @property
    def encoder(self) -> PassageEncoder:
        """The encoder the passages were encoded with."""
        return self._encoder

    @property
    def loss(self) -> Loss | None:
        """What the searches of now do without; ``None`` when nothing is missing."""
        if self._guards.encoder.down:
            return Loss.MEANING
        return Loss.STORE if self._guards.store.down else None

    def check(self) -> Loss | None:
        """Ask the encoder and the store something, and return what is missing."""
        vector = self._encoded(_PROBE)
        if vector is not None:
            self._guards.store.ask(lambda: self._store.nearest(vector, 1))
        return self.loss

    def vector(self, query: str) -> NDArray[np.float32] | None:
        """Return the unit vector of a question, ``None`` when the failing of the encoder is borne.

        The last ones are kept, since a run asks for them several times.
        """
        vector = self._vectors_of.get(query)
        if vector is None:
            vector = self._encoded(query)
            if vector is None:
                return None
            if len(self._vectors_of) >= _KEPT_QUERIES:
                self._vectors_of = {}
            self._vectors_of[query] = vector
        return vector

    def _encoded(self, query: str) -> NDArray[np.float32] | None:
        return self._guards.encoder.ask(lambda: self._encoder.encode_queries([query])[0])

    def search(
        self, query: str, k: int = 20, wanted: Wanted | None = None, per_document: int | None = None
    ) -> list[Hit]:
        """Return at most ``k`` hits, best first, none twice the same text; none for a question without a word.

        ``wanted`` says what may be found and what is preferred; ``per_document`` how many hits of one document.
        Where failures are borne, the vectors of this machine stand in for the store, and words for the meaning.

        Raises:
            QueryError: ``k`` or ``per_document`` is not positive.
            StoreError: The vectors cannot be read.
            EncoderError: The model cannot be loaded.
        """
        for what, number in (("résultats", k), ("passages par document", per_document)):
            if number is not None and number < 1:
                raise QueryError(f"Le nombre de {what} demandé est {number} : il doit être d’au moins 1.")
        query = " ".join(query.encode("utf-8", "replace").decode("utf-8").split())
        if not query or not self._order:
            return []
        allowed = self._allowed(wanted)
        words = self._lexical.scores(query)
        lexical = words.total if allowed is None else np.where(allowed, words.total, 0.0)
        candidates = max(k, self._candidates)
        near, dense, asked = self._arms(query, lexical, allowed, candidates)
        positions, fused = fuse_candidates(
            near,
            lexical,
            candidates=candidates,
            dense_weight=self._dense_weight,
        )
        if wanted is not None:
            fused = fused + [self._preference(wanted, rank) for rank in positions]
            order = np.argsort(-fused, kind="stable")
            positions, fused = positions[order], fused[order]
        scale = self._scale
        hits = (
            _hit(
                self._order[rank],
                float(score),
                scale(float(dense[rank])),
                float(words.own[rank]),
                scale(float(asked.cosines[rank])),
                asked.likeness[rank],
            )
            for rank, score in zip(positions, fused, strict=True)
        )
        return distinct(hits, k, per_document)

    def relevance(self, hits: Sequence[Hit]) -> float | None:
        """Return the probability that one of the hits answers; ``None`` when the encoder was not measured, or failed."""
        model = self._encoder.relevance
        unknown = bool(hits) and all(hit.dense is None for hit in hits)
        return None if model is None or unknown else model.probability(best_cosine(hits))

    def nothing_relevant(self, hits: Sequence[Hit]) -> bool:
        """Whether the hits are too far from the question for one of them to answer it."""
        model, probability = self._encoder.relevance, self.relevance(hits)
        return model is not None and probability is not None and probability < model.threshold

    def _arms(
        self, query: str, lexical: Scores, allowed: NDArray[np.bool_] | None, candidates: int
    ) -> tuple[Scores, Scores, Nearest]:
        """Return how near each passage is, its cosine, and its questions; words alone tell them without a vector."""
        vector = self.vector(query)
        if vector is None:
            asked = self._worded.nearest(query)
            near = np.array([own.max(initial=0.0) for own in asked.likeness])
            accepted = near > 0 if allowed is None else allowed & (near > 0)
            return np.where(accepted, near, np.nan), asked.cosines, asked
        asked = self._nearest_asked(vector, allowed)
        dense = self._similarities(vector, lexical, asked.cosines, allowed, candidates)
        return np.where(np.isnan(asked.cosines), dense, asked.cosines), dense, asked

    @cached_property
    def _worded(self) -> WordedQuestions:
        return WordedQuestions(self._order)

    def _similarities(
        self,
        vector: NDArray[np.float32],
        lexical: Scores,
        asked: Scores,
        allowed: NDArray[np.bool_] | None,
        candidates: int,
    ) -> Scores:
        """Return the cosine of the nearest passages and of those that words or questions propose; NaN for the others.

        Without those of the words' candidates, a passage that only the words find would count as the farthest of
        all: on 31 000 passages, one question in ten then lost its answer among the first five.
        """
        dense = np.full(len(self._order), np.nan)
        ids = None if allowed is None else [self._order[rank].id for rank in np.flatnonzero(allowed)]
        if ids == []:
            return dense
        limit = len(self._order) if len(self._order) <= _EXACT_LIMIT else candidates
        found = self._guards.store.ask(lambda: self._store.nearest(vector, limit, ids))
        if found is None:
            ranks = np.arange(len(self._order)) if allowed is None else np.flatnonzero(allowed)
            dense[ranks] = self._vectors[ranks].astype(np.float32) @ vector
            return dense
        for key, similarity in found:
            if key in self._rank:
                dense[self._rank[key]] = similarity
        proposed = np.union1d(best_candidates(lexical, candidates), best_candidates(asked, candidates))
        missing = proposed[np.isnan(dense[proposed])]
        dense[missing] = self._vectors[missing].astype(np.float32) @ vector
        return dense

    def _nearest_asked(self, vector: NDArray[np.float32], allowed: NDArray[np.bool_] | None) -> Nearest:
        if self._asked is None:
            return no_questions(len(self._order))
        found = self._asked.nearest(vector)
        return found if allowed is None else found._replace(cosines=np.where(allowed, found.cosines, np.nan))

    def _allowed(self, wanted: Wanted | None) -> NDArray[np.bool_] | None:
        if wanted is None or not wanted.excludes:
            return None
        grades = self._grades
        return np.array([wanted.accepts(passage, grades.best(passage.sources)) for passage in self._order])

    def _preference(self, wanted: Wanted, rank: int) -> float:
        passage = self._order[rank]
        return wanted.preference(passage, self._grades.best(passage.sources))

    def close(self) -> None:
        """Release the files of the store."""
        self._store.close()

    def as_langchain(self, k: int = 8, wanted: Wanted | None = None) -> BaseRetriever:
        """Return a LangChain retriever over this one."""
        from index.langchain_adapter import LangChainRetriever

        return LangChainRetriever(source=self, k=k, wanted=wanted)


def _hit(
    passage: Passage,
    score: float,
    dense: float,
    lexical: float,
    asked: float,
    alike: NDArray[np.float32],
) -> Hit:
    sense = None if np.isnan(dense) else dense
    words = lexical if lexical > 0 else None
    parts = [] if sense is None else [f"sens {sense:.2f}".replace(".", ",")]
    parts += ["aucun mot commun"] if words is None else [f"mots {words:.1f}".replace(".", ",")]
    likeness = tuple(zip(passage.asked, alike.tolist(), strict=True)) if alike.size else ()
    if np.isnan(asked):
        return Hit(passage, score, sense, words, " · ".join(parts), alike=likeness)
    parts.append(f"questions {asked:.2f}".replace(".", ","))
    return Hit(passage, score, sense, words, " · ".join(parts), asked, likeness)
