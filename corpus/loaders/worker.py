"""The process that reads documents for ``isolation``: one at a time, until whoever started it is gone.

python -P -m corpus.loaders.worker READER MEMORY, where READER is ``module:function`` and MEMORY the bytes of
address space that it may take. It is started by ``isolation`` only, and talks to it through its standard
input and output: lengths on eight bytes, each followed by a pickle.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import resource
import shutil
import signal
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from corpus.errors import DocumentError
from corpus.loaders.isolation import LENGTH

# What a good document leaves behind; beyond it, the next one would be refused for memory that it did not take.
KEPT_MEMORY = 256 * 1024 * 1024


def main(reader: str, memory: int) -> None:
    """Read what is asked until the pipe closes, then end with whatever was started meanwhile."""
    requests, replies = _private_pipes()
    _limit(memory)
    waiting: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests, waiting), daemon=True).start()
    module, _, name = reader.partition(":")
    read: Callable[[Path], Any] | None = None
    while True:
        request = waiting.get()
        _settle(request)
        # Processor time, not time: what a scan waits for is bounded page by page, in ``ocr``.
        signal.setitimer(signal.ITIMER_PROF, request["seconds"])
        read = read or getattr(import_module(module), name)
        reply = _answer(read, Path(request["path"]))
        signal.setitimer(signal.ITIMER_PROF, 0)
        replies.write(LENGTH.pack(len(reply)) + reply)
        replies.flush()


def _private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep the pipes for the messages alone: what a library prints or asks for goes nowhere."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.close(nowhere)
    return requests, replies


def _limit(memory: int) -> None:
    for name, value in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):  # a system that cannot, or that already asks for less
            resource.setrlimit(name, (value, value))


def _listen(requests: BinaryIO, waiting: queue.SimpleQueue[dict[str, Any]]) -> None:
    """Pass the requests on; once nobody can send any, end at once, even in the middle of a document."""
    while header := requests.read(LENGTH.size):
        waiting.put(pickle.loads(requests.read(LENGTH.unpack(header)[0])))
    if own := os.environ.get("TMPDIR"):
        shutil.rmtree(own, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)  # with the OCR programs it may be running: it leads its own group


def _settle(request: dict[str, Any]) -> None:
    """Take the environment and the current directory of whoever asks: they may have changed since the start."""
    if os.environ != request["environment"]:
        os.environ.clear()
        os.environ.update(request["environment"])
    with contextlib.suppress(OSError):
        os.chdir(request["directory"])


def _answer(read: Callable[[Path], Any], path: Path) -> bytes:
    """Return the outcome, what it is about, and whether this process is fit for another document."""
    try:
        outcome: tuple[str, Any] = ("read", read(path))
    except DocumentError as error:
        outcome = (_lack(error), None) if _lack(error) else ("refused", str(error))
    except MemoryError:
        outcome = ("memory", None)
    except RecursionError:
        outcome = ("depth", None)
    except BaseException as error:
        outcome = ("failed", type(error).__name__)
    is_fit = outcome[0] in ("read", "refused") and _memory() < KEPT_MEMORY
    return pickle.dumps((*outcome, is_fit), protocol=5)


def _lack(error: BaseException | None) -> str:
    """Return what a refusal (« endommagé ») only translates: a lack of memory or of depth; else nothing."""
    while error is not None:
        if isinstance(error, MemoryError):
            return "memory"
        if isinstance(error, RecursionError):
            return "depth"
        error = error.__cause__ or error.__context__
    return ""


def _memory() -> int:
    """Return the memory held now, or where the system does not tell, the most ever held."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except (OSError, ValueError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
