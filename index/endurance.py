"""Go on when a part fails: it is left alone for a while, then tried again, and comes back by itself.

A search has two such parts, the encoder and the vector store. Where answers must never change unnoticed (command
line of the index, evaluations) their errors reach the caller: :data:`STRICT`. The assistant goes on without them
(see ``degraded.py``).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

PAUSE = 30.0  # seconds during which a part that failed is left alone
PATIENCE = 1.0  # seconds that an answer of the store is waited for; it is asked twice at most

Clock = Callable[[], float]
Result = TypeVar("Result")

_log = logging.getLogger(__name__)


class Loss(StrEnum):
    """What a search does without: the store (its vectors are then read here), or the meaning of texts."""

    STORE = "store"
    MEANING = "meaning"


class Guard(Protocol):
    """What stands between a search and a part of it that may fail."""

    @property
    def down(self) -> bool:
        """Whether the part is left alone."""

    def ask(self, call: Callable[[], Result]) -> Result | None:
        """Return what ``call`` returns; ``None`` when the part fails or is left alone."""


class Strict:
    """Lets the errors of a part through."""

    down = False

    def ask(self, call: Callable[[], Result]) -> Result:
        """Return what ``call`` returns."""
        return call()


class Breaker:
    """Bears the failures of a part, which is tried again once ``pause`` seconds have passed.

    One caller tries; the others go on without meanwhile. A failure is logged once, and so is the return.
    """

    def __init__(self, name: str, clock: Clock = time.monotonic, pause: float = PAUSE) -> None:
        self._name = name
        self._clock = clock
        self._pause = pause
        self._again: float | None = None  # when the part may be tried again; None while it answers
        self._lock = threading.Lock()

    @property
    def down(self) -> bool:
        """Whether the part is left alone."""
        return self._again is not None

    def ask(self, call: Callable[[], Result]) -> Result | None:
        """Return what ``call`` returns; ``None`` when the part fails or is left alone."""
        if not self._may_try():
            return None
        try:
            found = call()
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # an engine written in Rust panics, which is no Exception
            if self.trip():
                _log.warning("Mode dégradé, sans %s\u00a0: %s", self._name, error or type(error).__name__)
            return None
        if self._mend():
            _log.warning("Fin du mode dégradé\u00a0: %s répond de nouveau.", self._name)
        return found

    def trip(self) -> bool:
        """Leave the part alone from now on; return whether it was not already."""
        with self._lock:
            first = self._again is None
            self._again = self._clock() + self._pause
            return first

    def _may_try(self) -> bool:
        with self._lock:
            if self._again is None:
                return True
            if self._clock() < self._again:
                return False
            self._again = self._clock() + self._pause
            return True

    def _mend(self) -> bool:
        with self._lock:
            was_down, self._again = self._again is not None, None
            return was_down


@dataclass(frozen=True)
class Guards:
    """How the failures of the encoder and of the store are borne; ``patience`` in seconds, ``None`` for the usual."""

    encoder: Guard
    store: Guard
    patience: float | None = None


STRICT = Guards(Strict(), Strict())
