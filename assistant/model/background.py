"""The one thread of the process that talks to models: its asyncio loop, made at the first request."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")

_WORKERS = 4  # threads for files and tools, beside the loop's own

_lock = threading.Lock()
_thread: threading.Thread | None = None
_loop: asyncio.AbstractEventLoop | None = None


def submit(coroutine: Coroutine[Any, Any, T]) -> Future[T]:
    """Start a coroutine on the loop; cancelling what is returned cancels it."""
    return asyncio.run_coroutine_threadsafe(coroutine, _running())


def _running() -> asyncio.AbstractEventLoop:
    global _thread, _loop
    with _lock:
        if _loop is None or _thread is None or not _thread.is_alive():  # none yet, or this process was forked
            _loop = asyncio.new_event_loop()
            _loop.set_default_executor(ThreadPoolExecutor(_WORKERS, thread_name_prefix="modele"))
            _thread = threading.Thread(target=_loop.run_forever, name="modele", daemon=True)
            _thread.start()
        return _loop
