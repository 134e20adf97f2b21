"""What was asked of a model and what it wrote, one line of JSON a call, in a file; off unless a file is named.

The messages are taken by a LangChain callback, as the model's package receives them. A line holds what visitors
wrote: the file is for its owner alone, and for the time of an inquiry.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import BaseMessage
from pydantic import SecretStr

from assistant.composing.french import NBSP

_log = logging.getLogger(__name__)

MAX_BYTES = 20_000_000  # of a file; the one before is kept beside it
_TEXT = 200_000  # characters of one text


class Tracer:
    """Writes the calls into a file; when it cannot, says so once in the log and no call fails for it."""

    def __init__(self, path: Path, key: SecretStr | None = None, max_bytes: int = MAX_BYTES) -> None:
        self._path = path
        self._secret = key.get_secret_value() if key else ""
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._silent = False

    def write(self, line: dict[str, Any]) -> None:
        """Add a line, without the key wherever it stands."""
        text = json.dumps(line, ensure_ascii=False, default=str)
        if self._secret:
            for written in {self._secret, json.dumps(self._secret, ensure_ascii=False)[1:-1]}:
                text = text.replace(written, "[clé]")
        try:
            with self._lock:
                self._append((text + "\n").encode("utf-8", "backslashreplace"))
            self._silent = False
        except OSError as error:
            if not self._silent:
                _log.warning(
                    "La trace du modèle ne peut être écrite dans %s (%s)%s: elle reprendra quand ce sera possible.",
                    self._path,
                    error.strerror,
                    NBSP,
                )
            self._silent = True

    def _append(self, line: bytes) -> None:
        try:
            if self._path.stat().st_size + len(line) > self._max_bytes:
                self._path.replace(self._path.with_name(self._path.name + ".1"))
        except FileNotFoundError:
            pass
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)


class CallTrace(BaseCallbackHandler):
    """One call, traced: LangChain tells what is sent, ``close`` what came of it."""

    raise_error = False

    def __init__(
        self, tracer: Tracer, task: str, prompt: str, model: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._tracer = tracer
        self._clock = clock
        self._began = clock()
        self._line: dict[str, Any] = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "task": task,
            "prompt": prompt,
            "model": model,
            "messages": [],
        }

    def on_chat_model_start(
        self, serialized: dict[str, Any], messages: list[list[BaseMessage]], **kwargs: Any
    ) -> None:
        """Keep what is sent; the parameters of the request are left out, they may hold a key."""
        self._line["messages"] = [_message(message) for message in messages[0]]

    def close(self, output: str, read: int, written: int, failure: str = "", calls: Any = ()) -> None:
        """Write the line: what the model wrote, tokens, milliseconds, and why it failed if it did."""
        self._tracer.write(
            {
                **self._line,
                "output": output[:_TEXT],
                **({"tool_calls": calls} if calls else {}),
                "input_tokens": read,
                "output_tokens": written,
                "milliseconds": round(1000 * (self._clock() - self._began)),
                "failure": failure,
            }
        )


def _message(message: BaseMessage) -> dict[str, Any]:
    calls = getattr(message, "tool_calls", None)
    return {
        "role": message.type,
        "content": message.text[:_TEXT],
        **({"tool_calls": calls} if calls else {}),
    }
