"""A scripted language model: a real HTTP server on the loopback, speaking OpenAI's protocol and Ollama's.

    with ModelServer() as server:
        server.script(Text("Bonjour."), Status(500), Hang())
        ... ask server.url ...
        assert server.asked[0]["messages"]

Each request takes the next behaviour of the script, then ``server.default``. A behaviour answers as the request asks,
at once or as a stream. A behaviour may also be a function of the request's body that returns one.
"""

from __future__ import annotations

import json
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TICK = 0.01  # seconds between two looks at whether the client has left


@dataclass(frozen=True)
class Text:
    """The model writes ``text``, in ``pieces`` if given, ``pause`` seconds before each.

    ``usage`` are the tokens told, ``None`` for none; ``finish`` is why it ended, "" when it does not say.
    """

    text: str = ""
    pieces: Sequence[str] = ()
    pause: float = 0.0
    usage: tuple[Any, Any] | None = (20, 10)
    finish: str = "stop"

    @property
    def parts(self) -> Sequence[str]:
        """The pieces of the stream."""
        return self.pieces or [self.text[at : at + 8] for at in range(0, len(self.text), 8)]


@dataclass(frozen=True)
class Calls:
    """The model calls tools: pairs of a name and its arguments, as a dictionary or as raw text."""

    calls: Sequence[tuple[str, dict[str, Any] | str]]
    usage: tuple[Any, Any] | None = (20, 10)


@dataclass(frozen=True)
class Status:
    """An HTTP status with its body and headers."""

    code: int
    body: str = '{"error": {"message": "erreur", "type": "x", "code": null}}'
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Raw:
    """Bytes as they are, under a type of content; ``None``: the one that the request expects."""

    body: bytes
    content_type: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Hang:
    """Nothing, until the client leaves; ``after`` pieces of a stream if given."""

    after: Sequence[str] = ()


@dataclass(frozen=True)
class Cut:
    """The connection is cut, after pieces of a stream if given; ``politely``: as if the answer were over."""

    after: Sequence[str] = ()
    politely: bool = False


@dataclass(frozen=True)
class Drip:
    """A good answer, one byte every ``pause`` seconds."""

    text: str = "Bonjour."
    pause: float = 0.05


@dataclass(frozen=True)
class Endless:
    """A stream, or a body, that never ends."""

    piece: str = "encore "


Behaviour = Text | Calls | Status | Raw | Hang | Cut | Drip | Endless
Scripted = Behaviour | Callable[[dict[str, Any]], Behaviour]


@dataclass(frozen=True)
class Request:
    """What the server received."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class ModelServer:
    """The server; ``requests`` are those received, ``left`` counts clients that went away before the end."""

    def __init__(self) -> None:
        self.default: Scripted | None = None
        self.requests: list[Request] = []
        self.left = 0
        self.stopping = threading.Event()
        self._script: deque[Scripted] = deque()
        self._lock = threading.Lock()
        self._busy = 0
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    def __enter__(self) -> ModelServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """The port listened to."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """What goes into ``ASSISTANT_MODEL_BASE_URL`` for OpenAI's protocol, and Mistral's."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def root(self) -> str:
        """The same for Ollama's protocol."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def asked(self) -> list[dict[str, Any]]:
        """The bodies received."""
        return [request.body for request in self.requests]

    def script(self, *behaviours: Scripted) -> None:
        """Add behaviours, one a request."""
        self._script.extend(behaviours)

    def next(self, body: dict[str, Any]) -> Behaviour:
        """Return what is done with a request."""
        with self._lock:
            behaviour = self._script.popleft() if self._script else self.default
        if behaviour is None:
            return Status(599, '{"error": {"message": "the script is over"}}')
        return behaviour(body) if callable(behaviour) else behaviour

    def idle(self, seconds: float = 1.0) -> bool:
        """Wait until no request is being answered; tell whether that came in time."""
        end = time.monotonic() + seconds
        while self._busy and time.monotonic() < end:
            time.sleep(TICK)
        return not self._busy

    def stop(self) -> None:
        """Stop listening, and let the requests being answered go."""
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def begin(self, request: Request) -> None:
        """Note a request."""
        with self._lock:
            self.requests.append(request)
            self._busy += 1

    def end(self, left: bool) -> None:
        """Note that a request was answered, or that its client ``left``."""
        with self._lock:
            self._busy -= 1
            self.left += left


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        return  # a client that resets its connection is what some tests are about


class _GoneError(Exception):
    """The client went away, or the server stops."""


def _handler(server: ModelServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 0

        def log_message(self, *_: object) -> None:
            return

        def do_GET(self) -> None:
            server.begin(Request(self.path, _lower(self.headers), {}))
            _plain(self, 404, b"{}", "application/json", {})
            server.end(False)

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = json.loads(raw)
            server.begin(Request(self.path, _lower(self.headers), body))
            left = False
            try:
                _Reply(self, server, body).give(server.next(body))
            except (_GoneError, OSError):
                left = not server.stopping.is_set()
                self.close_connection = True
            finally:
                server.end(left)

    return Handler


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _plain(handler: Any, status: int, body: bytes, kind: str, headers: dict[str, str]) -> None:
    handler.send_response(status)
    for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


class _Reply:
    """The answer to one request, in the protocol and the way it asks for."""

    def __init__(self, handler: Any, server: ModelServer, body: dict[str, Any]) -> None:
        self._handler = handler
        self._server = server
        self._body = body
        self._ollama = handler.path.endswith("/api/chat")
        self._streams = bool(body.get("stream"))

    def give(self, behaviour: Behaviour) -> None:
        match behaviour:
            case Text() | Calls() if self._streams:
                self._open()
                self._events(self._pieces(behaviour), behaviour.pause if isinstance(behaviour, Text) else 0)
                if not self._ollama:
                    self._write(b"data: [DONE]\n\n")
                self._close()
            case Text() | Calls():
                self._wait(behaviour.pause if isinstance(behaviour, Text) else 0)
                self._whole(json.dumps(self._message(behaviour)).encode())
            case Status(code, text, headers):
                _plain(self._handler, code, text.encode(), "application/json", headers)
            case Raw(raw, kind, headers):
                _plain(self._handler, 200, raw, kind or self._kind, headers)
            case Hang(after):
                self._start(after)
                self._wait(None)
            case Cut(after, politely):
                self._start(after)
                if politely and after:
                    self._close()
                self._handler.close_connection = True
                with suppress(OSError):
                    self._handler.connection.shutdown(socket.SHUT_RDWR)
            case Drip(text, pause):
                self._drip(text, pause)
            case Endless(piece):
                self._endless(piece)

    @property
    def _kind(self) -> str:
        if not self._streams:
            return "application/json"
        return "application/x-ndjson" if self._ollama else "text/event-stream"

    def _whole(self, body: bytes) -> None:
        _plain(self._handler, 200, body, self._kind, {})

    def _open(self) -> None:
        self._handler.send_response(200)
        self._handler.send_header("Content-Type", self._kind)
        self._handler.send_header("Transfer-Encoding", "chunked")
        self._handler.end_headers()

    def _close(self) -> None:
        self._handler.wfile.write(b"0\r\n\r\n")

    def _write(self, data: bytes) -> None:
        self._handler.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def _start(self, pieces: Sequence[str]) -> None:
        if pieces:
            self._open()
            self._events((self._piece(piece) for piece in pieces), 0)

    def _events(self, events: Iterator[dict[str, Any]], pause: float) -> None:
        for event in events:
            self._wait(pause)
            self._write(self._encoded(event))

    def _encoded(self, event: dict[str, Any]) -> bytes:
        line = json.dumps(event)
        return (line + "\n" if self._ollama else f"data: {line}\n\n").encode()

    def _drip(self, text: str, pause: float) -> None:
        answer = Text(text)
        if self._streams:
            self._open()
            data = b"".join(self._encoded(event) for event in self._pieces(answer))
        else:
            data = json.dumps(self._message(answer)).encode()
            self._handler.send_response(200)
            self._handler.send_header("Content-Type", self._kind)
            self._handler.send_header("Content-Length", str(len(data)))
            self._handler.end_headers()
        for byte in data:
            self._wait(pause)
            one = bytes([byte])
            if self._streams:
                self._write(one)
            else:
                self._handler.wfile.write(one)
        if self._streams:
            self._close()

    def _endless(self, piece: str) -> None:
        self._open()
        if not self._streams:
            self._write(b'{"choices": [{"message": {"role": "assistant", "content": "')
        while True:
            self._wait(0)
            self._write(self._encoded(self._piece(piece)) if self._streams else piece.encode() * 500)

    def _wait(self, seconds: float | None) -> None:
        """Wait so long, ``None`` for ever, but no longer than the client stays."""
        end = None if seconds is None else time.monotonic() + seconds
        while True:
            if self._server.stopping.is_set() or self._client_left():
                raise _GoneError
            if end is not None and time.monotonic() >= end:
                return
            time.sleep(TICK if end is None else min(TICK, max(0.0, end - time.monotonic())))

    def _client_left(self) -> bool:
        connection = self._handler.connection
        readable, _, _ = select.select([connection], [], [], 0)
        return bool(readable) and connection.recv(1, socket.MSG_PEEK) == b""

    # The two protocols

    def _pieces(self, behaviour: Text | Calls) -> Iterator[dict[str, Any]]:
        if isinstance(behaviour, Calls):
            yield self._chunk({"role": "assistant", "content": "", "tool_calls": self._tool_calls(behaviour)})
            yield self._last("tool_calls", behaviour.usage)
        else:
            for piece in behaviour.parts:
                yield self._piece(piece)
            yield self._last(behaviour.finish, behaviour.usage)
        if behaviour.usage and not self._ollama and self._body.get("stream_options", {}).get("include_usage"):
            yield {**self._envelope("chat.completion.chunk"), "choices": [], "usage": _usage(behaviour.usage)}

    def _piece(self, text: str) -> dict[str, Any]:
        return self._chunk({"role": "assistant", "content": text})

    def _chunk(self, delta: dict[str, Any], finish: str = "") -> dict[str, Any]:
        if self._ollama:
            return {**self._envelope(""), "message": {**delta}, "done": False}
        choice = {"index": 0, "delta": delta, "finish_reason": finish or None}
        return {**self._envelope("chat.completion.chunk"), "choices": [choice]}

    def _last(self, finish: str, usage: tuple[Any, Any] | None) -> dict[str, Any]:
        if not self._ollama:
            return self._chunk({}, finish)
        counts = {"prompt_eval_count": usage[0], "eval_count": usage[1]} if usage else {}
        empty = {"role": "assistant", "content": ""}
        done = {"done": True, "done_reason": finish} if finish else {"done": False}
        return {**self._envelope(""), "message": empty, **done, **counts}

    def _message(self, behaviour: Text | Calls) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": ""}
        finish = "tool_calls"
        if isinstance(behaviour, Calls):
            message["tool_calls"] = self._tool_calls(behaviour)
        else:
            message["content"] = behaviour.text or "".join(behaviour.pieces)
            finish = behaviour.finish
        if self._ollama:
            return {**self._last(finish, behaviour.usage), "message": message}
        choice = {"index": 0, "message": message, "finish_reason": finish or None}
        usage = {"usage": _usage(behaviour.usage)} if behaviour.usage else {}
        return {**self._envelope("chat.completion"), "choices": [choice], **usage}

    def _tool_calls(self, behaviour: Calls) -> list[dict[str, Any]]:
        calls = []
        for number, (name, args) in enumerate(behaviour.calls):
            if self._ollama:
                calls.append({"function": {"name": name, "arguments": args}})
                continue
            text = args if isinstance(args, str) else json.dumps(args)
            function = {"name": name, "arguments": text}
            calls.append(
                {"index": number, "id": f"appel{number:04d}", "type": "function", "function": function}
            )
        return calls

    def _envelope(self, kind: str) -> dict[str, Any]:
        if self._ollama:
            return {"model": self._body.get("model", ""), "created_at": "2000-01-01T00:00:00Z"}
        return {"id": "reponse-1", "object": kind, "created": 0, "model": self._body.get("model", "")}


def _usage(counts: tuple[Any, Any]) -> dict[str, Any]:
    read, written = counts
    total = read + written if isinstance(read, int) and isinstance(written, int) else 0
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": total}
