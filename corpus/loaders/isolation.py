"""Reading documents in a process apart: one that hangs, devours memory or crashes is refused, nothing else falls.

One process serves many documents, one at a time; it is started when the first is read, replaced when it had to
be stopped or has served long enough, and ends with the process that started it, however that one ends.
"""

from __future__ import annotations

import atexit
import contextlib
import io
import os
import pickle
import selectors
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, is_dataclass
from pathlib import Path
from typing import Any

from corpus.errors import DocumentError
from corpus.loaders import content, ocr
from corpus.loaders.content import LoadedDocument

LENGTH = struct.Struct(">Q")  # of a message, written before it
MEGABYTE = 1024 * 1024
# A reply holds at most 5 million characters, of 4 bytes at most, in blocks of some 60 bytes each.
MAX_REPLY = 64 * MEGABYTE
OUTCOMES = {"read", "refused", "memory", "depth", "failed"}  # that the process tells by itself
ENDING_SECONDS = 5  # between the closing of its pipe and its end


@dataclass(frozen=True)
class Limits:
    """What the reading of one document may take, and how many documents a process reads.

    ``memory`` is address space, in bytes: the largest XML accepted (60 MB) takes 715 MB, 635 of them resident; an
    ordinary document, 160 and 60. ``seconds`` and ``seconds_per_megabyte`` bound the processor time
    of the reading, and with the time that OCR may wait for its programs, its whole duration.
    """

    memory: int = 1024 * MEGABYTE
    seconds: float = 60
    seconds_per_megabyte: float = 6
    documents: int = 200


class IsolatedReader:
    """Reads documents through ``reader``, a ``module:function`` called in another process.

    It may be shared by threads, which then wait for each other, and survives a fork: the child starts its own.
    """

    def __init__(self, reader: str, limits: Limits | None = None) -> None:
        self._reader = reader
        self._limits = limits or Limits()
        self._lock = threading.Lock()
        self._process: _Process | None = None

    def read(self, path: Path) -> LoadedDocument:
        """Return the content of a document.

        Raises:
            DocumentError: The document is refused, or its reading was stopped; reason and next step.
        """
        size = path.stat().st_size / MEGABYTE
        seconds = self._limits.seconds + self._limits.seconds_per_megabyte * size
        with self._lock:
            process = self._ready(path)
            try:
                outcome, value, is_fit = process.ask(path, seconds, seconds + _ocr_seconds(path))
            except _StoppedError as stopped:
                self._stop()
                raise _refusal(path, stopped.outcome, stopped.value, self._limits.memory, seconds) from None
            except BaseException:  # an interruption: an answer that nobody awaits would pass for the next one
                self._stop()
                raise
            if not is_fit or process.served >= self._limits.documents:
                self._stop()
        if outcome != "read":
            raise _refusal(path, outcome, value, self._limits.memory, seconds)
        document: LoadedDocument = value
        return document

    def close(self) -> None:
        """Stop the process, if there is one; the next document starts another."""
        with self._lock:
            self._stop()

    def _ready(self, path: Path) -> _Process:
        if self._process is not None and not self._process.is_alive():
            self._stop()
        if self._process is None:
            try:
                self._process = _Process(self._reader, self._limits.memory)
            except OSError as error:
                raise DocumentError(
                    f"« {path.name} » n’a pas pu être lu : le programme de lecture ne démarre pas "
                    f"({error.strerror}). Libérez de la mémoire ou de la place sur le disque, puis recommencez."
                ) from error
        return self._process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.stop()


class _StoppedError(Exception):
    """The process had to be stopped, or stopped by itself."""

    def __init__(self, outcome: str, value: Any = None) -> None:
        super().__init__(outcome)
        self.outcome = outcome
        self.value = value


class _Process:
    """A process that reads, its temporary directory, and how many documents it was given."""

    def __init__(self, reader: str, memory: int) -> None:
        self.served = 0
        self._owner = os.getpid()
        self._temporary = tempfile.mkdtemp(prefix="lecture-")
        # It finds the same modules as this process, wherever they come from; -P: and none beside the document.
        path = os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)
        try:
            self._popen = subprocess.Popen(
                [sys.executable, "-P", "-m", "corpus.loaders.worker", reader, str(memory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": path, "TMPDIR": self._temporary},
                start_new_session=True,  # a group of its own, to be stopped with the programs it starts
            )
        except BaseException:
            shutil.rmtree(self._temporary, ignore_errors=True)
            raise
        atexit.register(self.stop)

    def is_alive(self) -> bool:
        """Whether it can be asked: it runs, and was not started by a process that forked into this one."""
        return self._owner == os.getpid() and self._exit_code() is None

    def _exit_code(self) -> int | None:
        """Return how it ended, as ``Popen`` would; its number is not given back, so that its group is still its own."""
        ended = os.waitid(os.P_PID, self._popen.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended is None:
            return None
        return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status

    def ask(self, path: Path, processor_seconds: float, seconds: float) -> tuple[str, Any, bool]:
        """Return the outcome, its value, and whether the process is fit for another document.

        Raises:
            _StoppedError: It took too long, ended without an answer, or answered nonsense.
        """
        self.served += 1
        request = pickle.dumps(
            {
                "path": str(path.absolute()),
                "seconds": processor_seconds,
                "environment": {**os.environ, "TMPDIR": self._temporary},
                "directory": _current_directory(),
            }
        )
        assert self._popen.stdin is not None
        deadline = time.monotonic() + seconds
        try:
            self._popen.stdin.write(LENGTH.pack(len(request)) + request)
            self._popen.stdin.flush()
            (length,) = LENGTH.unpack(self._receive(LENGTH.size, deadline))
            if length > MAX_REPLY:
                raise _StoppedError("memory")
            return _unpickle(self._receive(length, deadline))
        except (OSError, EOFError):
            raise self._death() from None
        except pickle.UnpicklingError as error:
            raise _StoppedError("failed", type(error).__name__) from None

    def _receive(self, size: int, deadline: float) -> bytes:
        assert self._popen.stdout is not None
        received = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(self._popen.stdout, selectors.EVENT_READ)
            while len(received) < size:
                if not selector.select(max(0, deadline - time.monotonic())):
                    raise _StoppedError("time")
                part = os.read(self._popen.stdout.fileno(), min(MEGABYTE, size - len(received)))
                if not part:
                    raise EOFError
                received += part
        return bytes(received)

    def _death(self) -> _StoppedError:
        deadline = time.monotonic() + ENDING_SECONDS
        while (code := self._exit_code()) is None and time.monotonic() < deadline:
            time.sleep(0.01)
        if code == -signal.SIGPROF:
            return _StoppedError("time")
        if code == -signal.SIGKILL:  # not by this process: the system does so when its memory runs out
            return _StoppedError("memory")
        return _StoppedError("crash", code)

    def stop(self) -> None:
        """End the process and what it started, and remove its temporary directory."""
        atexit.unregister(self.stop)
        if self._owner == os.getpid():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._popen.pid, signal.SIGKILL)
            self._popen.wait()
            shutil.rmtree(self._temporary, ignore_errors=True)
        for pipe in (self._popen.stdin, self._popen.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


class _Unpickler(pickle.Unpickler):
    """Makes nothing but the records of ``content``: a process that a document has taken over must not call here."""

    def find_class(self, module: str, name: str) -> Any:
        """Return a record of ``content``.

        Raises:
            pickle.UnpicklingError: It is anything else.
        """
        found = getattr(content, name, None) if module == content.__name__ else None
        if not (isinstance(found, type) and is_dataclass(found)):
            raise pickle.UnpicklingError(f"{module}.{name}")
        return found


def _unpickle(reply: bytes) -> tuple[str, Any, bool]:
    """Return the outcome, its value, and whether the process is fit for another document.

    Raises:
        pickle.UnpicklingError: The reply is anything else.
    """
    try:
        outcome, value, is_fit = _Unpickler(io.BytesIO(reply)).load()
    except Exception as error:  # broken bytes may break the reading anywhere
        raise pickle.UnpicklingError(type(error).__name__) from error
    if outcome not in OUTCOMES or (outcome == "read") != isinstance(value, LoadedDocument):
        raise pickle.UnpicklingError(str(outcome))
    return outcome, value, bool(is_fit)


def _current_directory() -> str:
    try:
        return str(Path.cwd())
    except OSError:  # it was removed
        return os.sep


def _ocr_seconds(path: Path) -> float:
    """Return how long OCR may wait for its programs by the limits it sets itself, its last page begun in time."""
    if path.suffix.lower() != ".pdf" or shutil.which("tesseract") is None:
        return 0
    return ocr.DOCUMENT_SECONDS + 2 * ocr.PAGE_SECONDS


def _refusal(path: Path, outcome: str, value: Any, memory: int, seconds: float) -> DocumentError:
    if outcome == "refused":
        return DocumentError(str(value))
    split = "Découpez le document, ou fournissez-en une version texte (.txt)."
    save = "Ouvrez-le et enregistrez-le de nouveau, ou fournissez-en une version texte (.txt)."
    reasons = {
        "time": f"sa lecture durait plus de {seconds:.0f} s et a été arrêtée. {split}",
        "memory": f"sa lecture demandait plus de {memory // MEGABYTE} Mo de mémoire et a été arrêtée. {split}",
        "depth": f"ses éléments sont emboîtés trop profondément pour être lus. {save}",
        "crash": f"sa lecture s’est interrompue brutalement (code {value}). {save}",
        "failed": f"sa lecture a échoué de façon imprévue ({value}). {save}",
    }
    return DocumentError(f"« {path.name} » : {reasons[outcome]}")
