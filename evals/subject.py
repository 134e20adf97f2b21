"""What is measured: the product or a baseline, asked once a question and remembered."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from evals.errors import EvalError
from evals.scoring import Reply

if TYPE_CHECKING:
    from index.passage import Passage
    from index.retriever import Retriever

PRODUCT = "product"
Conversation = tuple[tuple[str, ...], date]
_WORTH = 400  # questions from which opening the system once more (4 s) pays
Ask = Callable[[Sequence[str], date], Reply]


@dataclass(frozen=True)
class Asked:
    """A reply in its JSON form, and the milliseconds it took."""

    reply: Reply
    elapsed_ms: float


@dataclass
class Subject:
    """A system that answers conversations; a question asked twice is answered once.

    ``open_ask`` opens the system at the first question. An exception is a reply of kind ``error``: what the
    system could not answer counts against it.
    """

    name: str
    open_ask: Callable[[], Ask]
    _kept: dict[Conversation, Asked] = field(default_factory=dict)

    @classmethod
    def product(cls) -> Subject:
        """Return the assistant over the current corpus."""
        return cls(PRODUCT, _open_product)

    @classmethod
    def replaying(cls, name: str, replies: Mapping[Conversation, Asked]) -> Subject:
        """Return a system that was asked already, and knows these replies alone."""
        return cls(name, _nothing_more, dict(replies))

    @property
    def remembered(self) -> dict[Conversation, Asked]:
        """The replies given so far."""
        return dict(self._kept)

    @cached_property
    def _ask(self) -> Ask:
        return self.open_ask()

    def ask(self, turns: Sequence[str], day: date) -> Asked:
        """Return the reply to the last of ``turns`` as of ``day``."""
        key = (tuple(turns), day)
        if key not in self._kept:
            self._kept[key] = _timed(self._ask, key)
        return self._kept[key]

    def prefetch(self, conversations: Iterable[Conversation], jobs: int) -> None:
        """Ask many conversations with ``jobs`` processes, each of which opens the system; few are left for later."""
        wanted = [key for key in dict.fromkeys(conversations) if key not in self._kept]
        if jobs < 2 or len(wanted) < _WORTH:
            return
        with (
            _single_threads(),
            ProcessPoolExecutor(jobs, get_context("spawn"), _open_here, (self.open_ask,)) as pool,
        ):
            self._kept |= zip(wanted, pool.map(_ask_here, wanted, chunksize=25), strict=True)


def _timed(ask: Ask, key: Conversation) -> Asked:
    started = time.perf_counter()
    try:
        reply = ask(*key)
    except Exception as error:
        said = f"{type(error).__name__} : {error}"
        reply = {"kind": "error", "status": "failed", "answer": said, "citations": []}
    return Asked(reply, round(1000 * (time.perf_counter() - started), 1))


@contextmanager
def _single_threads() -> Iterator[None]:
    """Let the processes started meanwhile multiply matrices with one thread each.

    Two processes of two threads on two cores wait for each other: an answer then took 63 ms of processor, not 33.
    """
    before = {name: os.environ.get(name) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    os.environ.update(dict.fromkeys(before, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


_here: list[Ask] = []  # the system of a process that prefetches


def _open_here(open_ask: Callable[[], Ask]) -> None:
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})  # the encoder takes a thread a core that it sees when it opens
    try:
        _here.append(open_ask())
    finally:
        os.sched_setaffinity(0, cores)


def _ask_here(key: Conversation) -> Asked:
    return _timed(_here[0], key)


def _nothing_more() -> Ask:
    raise EvalError("Une question sans réponse gardée a été posée à un système qui n’en a plus à donner.")


def _open_product() -> Ask:
    from assistant.chain import open_assistant

    assistant = open_assistant()
    # The first question loads the encoder: nobody's latency.
    assistant.ask(["Qu’est-ce que le programme ESMS numérique ?"], date(2026, 1, 1))

    def ask(turns: Sequence[str], day: date) -> dict[str, Any]:
        answer = assistant.ask(turns, day)
        if answer.notice:  # a degraded answer is not what is measured
            raise EvalError(answer.notice)
        return answer.as_json()

    return ask


@dataclass(frozen=True)
class Library:
    """The corpus and index that the product answers from."""

    retriever: Retriever

    @classmethod
    def open(cls) -> Library:
        """Open the index, built first when the corpus has changed.

        Raises:
            CorpusError: A file of the corpus breaks its contract.
            RetrievalError: The index can be neither opened nor built.
        """
        from index.build import open_index

        return cls(open_index())

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Every passage of the index, in its order."""
        return tuple(self.retriever.passages.values())

    @property
    def fingerprint(self) -> str:
        """The name of the index: it changes with the corpus, the way it is cut, and the encoder."""
        from index.build import fingerprint_of

        return fingerprint_of(self.passages, self.retriever.encoder)

    @property
    def model(self) -> str:
        """The fingerprint of the encoder."""
        return self.retriever.encoder.fingerprint
