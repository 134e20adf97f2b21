"""What an index is made of once it is built: its files, its store, and the retriever made of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.documents import load_all_sources
from corpus.glossary import load_glossary
from index.asked import AskedQuestions
from index.encoder import PassageEncoder
from index.endurance import STRICT, Guards
from index.errors import StoreError
from index.fields import Entry, FieldedIndex
from index.gathering import read_passages
from index.lexical import Expansions
from index.passage import Passage
from index.retriever import Retriever, VectorStore
from index.settings import IndexSettings
from index.store import Place, Store
from index.wanted import Grades

PASSAGES = "passages.jsonl"
LEXICAL = "lexical"
VECTORS = "vectors.npy"


class Arms(NamedTuple):
    """What the files of an index hold: words, vectors (n, d) read as they are used, questions when there are any."""

    lexical: FieldedIndex
    vectors: NDArray[np.float16]
    asked: AskedQuestions | None = None


def index_words(passages: Sequence[Passage]) -> FieldedIndex:
    """Return the lexical arm of some passages, counted now."""
    return FieldedIndex.of([Entry(passage.path, passage.text, passage.document) for passage in passages])


def read_arms(directory: Path, passages: Sequence[Passage]) -> Arms:
    """Return what the files of an index of exactly these passages hold.

    Raises:
        StoreError: A file is absent or damaged, or they are of other passages.
    """
    try:
        digests = [passage.digest for passage in read_passages(directory / PASSAGES)]
        lexical = FieldedIndex.load(directory / LEXICAL)
        vectors: NDArray[np.float16] = np.load(directory / VECTORS, mmap_mode="r")
        whole = vectors.ndim == 2 and vectors.dtype == np.float16 and len(vectors) == len(passages)
        asked = AskedQuestions.load(directory, passages, vectors) if whole else None
    except Exception as error:  # a damaged file makes numpy, json or bm25s fail anywhere
        raise StoreError(f"l’index est absent ou endommagé ({error}).") from error
    expected = [passage.digest for passage in passages]
    if digests != expected or lexical.size != len(passages) or not whole:
        raise StoreError("l’index ne contient pas les passages attendus.")
    return Arms(lexical, vectors, asked)


def open_store(place: Place, ids: Sequence[str], patience: float | None = None) -> Store:
    """Return the store of a place, which holds exactly these ids.

    Raises:
        StoreError: It is absent or damaged, or holds others.
        StoreUnreachableError: The server does not answer.
    """
    store = Store(place, patience)
    if not store.holds(ids):
        count = store.count
        store.close()
        raise StoreError(f"la base contient {count} vecteurs, qui ne sont pas ceux des {len(ids)} passages.")
    return store


def assemble(
    passages: Sequence[Passage],
    settings: IndexSettings,
    store: VectorStore,
    encoder: PassageEncoder,
    arms: Arms,
    guards: Guards = STRICT,
) -> Retriever:
    """Return the retriever made of these arms."""
    arms.lexical.expansions = Expansions(load_glossary(settings.glossary))
    return Retriever(
        passages,
        store,
        encoder,
        arms.lexical,
        arms.vectors,
        asked=arms.asked,
        grades=Grades({key: source.grade for key, source in load_all_sources(settings.var).items()}),
        dense_weight=settings.dense_weight,
        candidates=settings.candidates,
        guards=guards,
    )
