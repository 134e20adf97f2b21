"""A model that fails several times in a row is left alone for a while, so that nobody waits for it in vain."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from pybreaker import STATE_CLOSED, CircuitBreaker, CircuitBreakerError, CircuitMemoryStorage

from assistant.model.failures import Failure, ModelError

_log = logging.getLogger(__name__)

FAILURES = 3  # in a row
REST = 30.0  # seconds


class Breaker:
    """pybreaker's circuit, for calls that it cannot hold in its own hands: it is asked before, and told after.

    Once the rest is over, one call at a time tries the model again.
    """

    def __init__(self, rest: float = REST, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rest = rest
        self._lock = threading.Lock()
        self._circuit = CircuitBreaker(
            fail_max=FAILURES,
            reset_timeout=0,  # how long it has been open is read on our clock, which never goes back
            state_storage=CircuitMemoryStorage(STATE_CLOSED),
            throw_new_error_on_trip=False,
        )
        self._opened = 0.0
        self._trial = 0.0  # until when another call is trying

    @property
    def resting(self) -> bool:
        """Whether the model is left alone now."""
        with self._lock:
            return self._is_resting()

    def enter(self, seconds: float) -> None:
        """Let a call of so many seconds at most be made.

        Raises:
            ModelError: ``PAUSED``, when the model is left alone.
        """
        with self._lock:
            now = self._clock()
            if self._circuit.current_state != STATE_CLOSED:
                if self._is_resting() or now < self._trial:
                    raise ModelError(Failure.PAUSED)
                self._trial = now + seconds

    def leave(self, failed: bool | None) -> None:
        """Tell how a call ended; ``None``: it says nothing of the model's health."""
        with self._lock:
            self._trial = 0.0
            if failed is None or self._is_resting():
                return
            try:
                self._circuit.call(_fail if failed else _succeed)
            except (ModelError, CircuitBreakerError):
                if self._circuit.current_state != STATE_CLOSED:
                    self._opened = self._clock()
                    _log.warning(
                        "Le modèle de langue est laissé en pause %.0f s après plusieurs échecs.", self._rest
                    )

    def _is_resting(self) -> bool:
        return self._circuit.current_state != STATE_CLOSED and self._clock() < self._opened + self._rest


def _fail() -> None:
    raise ModelError(Failure.SERVER)


def _succeed() -> None:
    return
