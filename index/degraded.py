"""Open the index so that questions are answered whatever fails.

:func:`index.build.open_index` lets failures through, for whoever measures or repairs; the assistant opens here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from index.arms import Arms, assemble, index_words, open_store, read_arms
from index.build import fingerprint_of, open_over, report_on_stderr
from index.encoder import Encoder, PassageEncoder, Progress
from index.endurance import PATIENCE, Breaker, Clock, Guards
from index.engines import Vectors
from index.errors import EncoderError, RetrievalError, StoreError, StoreUnreachableError
from index.gathering import Report, gather_passages
from index.passage import Passage
from index.retriever import Retriever
from index.scale import CosineScale
from index.settings import IndexSettings
from index.store import Store

_FROM_FILES = "Mode dégradé\u00a0: l’index de cette machine est lu sans le serveur."
_BY_WORDS = "Mode dégradé jusqu’au prochain démarrage\u00a0: la recherche se fait par les mots seuls."


def open_enduring(
    settings: IndexSettings | None = None,
    encoder: PassageEncoder | None = None,
    report: Report = report_on_stderr,
    clock: Clock = time.monotonic,
) -> Retriever:
    """Return a retriever over the current corpus that goes on when its store or its encoder fails.

    When one fails already, ``report`` is told: without the server, the index kept on this machine is read until the
    server answers; without the model, or without an index here, words alone are searched until it is opened again.

    Raises:
        CorpusError: The corpus breaks its contract.
        RetrievalError: A setting means nothing, or the index cannot be written.
    """
    settings = settings or IndexSettings()
    passages = gather_passages(settings, report)
    encoding, reading = Breaker("le modèle d’encodage", clock), Breaker("la base de vecteurs", clock)
    guards = Guards(encoding, reading, PATIENCE)
    try:
        encoder = encoder or Encoder(settings.model)
        try:
            return open_over(passages, settings, encoder, report, guards)
        except StoreUnreachableError as error:
            retriever = _from_files(passages, settings, encoder, guards, error)
            reading.trip()
            report(f"{_FROM_FILES} {error}")
            return retriever
    except (EncoderError, StoreUnreachableError) as error:
        encoding.trip()
        report(f"{_BY_WORDS} {error}")
        return _by_words(passages, settings, guards, error)


def _from_files(
    passages: Sequence[Passage],
    settings: IndexSettings,
    encoder: PassageEncoder,
    guards: Guards,
    failure: StoreUnreachableError,
) -> Retriever:
    """Return a retriever over the files of the index; the failure goes on when there are none."""
    directory = settings.directory / fingerprint_of(passages, encoder)
    try:
        arms = read_arms(directory, passages)
    except StoreError:
        raise failure from None
    place, ids = settings.place(directory, directory.name), [passage.id for passage in passages]
    store = _LateStore(lambda: open_store(place, ids, guards.patience))
    return assemble(passages, settings, store, encoder, arms, guards)


def _by_words(
    passages: Sequence[Passage], settings: IndexSettings, guards: Guards, failure: RetrievalError
) -> Retriever:
    def refuse() -> Store:
        raise failure

    arms = Arms(index_words(passages), np.empty((len(passages), 0), np.float16))
    return assemble(passages, settings, _LateStore(refuse), _NoEncoder(failure), arms, guards)


class _LateStore:
    """A store that is opened when it is first asked."""

    def __init__(self, opening: Callable[[], Store]) -> None:
        self._opening = opening
        self._store: Store | None = None

    def nearest(
        self, vector: Vectors, limit: int, among: Sequence[str] | None = None
    ) -> list[tuple[str, float]]:
        if self._store is None:
            self._store = self._opening()
        return self._store.nearest(vector, limit, among)

    def close(self) -> None:
        if self._store is not None:
            self._store.close()


class _NoEncoder:
    """Stands for a model that could not be opened: it says why when it is asked."""

    fingerprint = "aucun"
    scale = CosineScale()
    relevance = None

    def __init__(self, failure: RetrievalError) -> None:
        self._failure = failure

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        raise EncoderError(str(self._failure))

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        raise EncoderError(str(self._failure))
