"""What the server reads of a request: a body of a bounded size, and for Gradio's queue, texts only.

Gradio copies to its own folder any local path that an input names, and trusts the number of an event:
neither may reach it from outside.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.web.chat.history import well_formed
from assistant.web.posted import PostedError, is_json, refuse_elsewhere, said

GRADIO_API = "/gradio_api/"  # the paths that the script of Gradio calls
MAX_BODY_BYTES = 2_000_000

_QUEUE, _DATA = f"{GRADIO_API}queue/join", f"{GRADIO_API}queue/data"
_SESSION = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TOO_LARGE = "Requête trop volumineuse\u00a0: elle dépasse 2\u00a0Mo."
_MISSHAPEN = "Requête mal formée\u00a0: la page n’envoie rien de tel. Rechargez-la et réessayez."


class TooLargeError(Exception):
    """The body of a request is over the limit."""


class RequestGuard:
    """An ASGI middleware: refuses large bodies, and what the page never sends to Gradio's queue.

    ``events`` gives, for each event of the page, how many inputs it takes.
    """

    def __init__(self, app: ASGIApp, events: Mapping[int, int]) -> None:
        self._app = app
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refused = _refusal(scope)
        if refused is not None:
            await refused(scope, receive, send)
            return
        try:
            body = await _read(scope, receive)
        except TooLargeError:
            refusal = PlainTextResponse(_TOO_LARGE, status_code=413, headers={"Connection": "close"})
            await refusal(scope, receive, send)
            return
        if body is None:
            return
        if scope["path"] == _QUEUE and scope["method"] == "POST":
            clean = clean_event(body, self._events) if is_json(Request(scope)) else None
            if clean is None:
                await PlainTextResponse(_MISSHAPEN, status_code=422)(scope, receive, send)
                return
            scope, body = _with_body(scope, clean), clean
        await self._app(scope, _replaying(body, receive), send)


def _refusal(scope: Scope) -> Response | None:
    """Refuse what the script of Gradio never sends: from another site, under a session that is none."""
    if not scope["path"].startswith(GRADIO_API):
        return None
    request = Request(scope)
    if request.method == "POST":
        try:
            refuse_elsewhere(request)
        except PostedError as error:
            return said(str(error), error.status)
    elif scope["path"] == _DATA and not _SESSION.fullmatch(request.query_params.get("session_hash", "")):
        return PlainTextResponse(_MISSHAPEN, status_code=422)
    return None


def clean_event(body: bytes, events: Mapping[int, int]) -> bytes | None:
    """Return the event with the fields the page sends and no other, or ``None`` when it is not one."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(event, dict):
        return None
    index, data, session = event.get("fn_index"), event.get("data"), event.get("session_hash")
    trigger = event.get("trigger_id")
    if type(index) is not int or index not in events:
        return None
    if not isinstance(session, str) or not _SESSION.fullmatch(session):
        return None
    if not isinstance(data, list) or len(data) != events[index]:
        return None
    if not all(item is None or isinstance(item, str) for item in data):
        return None
    clean: dict[str, Any] = {
        "data": [item and well_formed(item) for item in data],
        "fn_index": index,
        "session_hash": session,
        "trigger_id": trigger if type(trigger) is int else None,
    }
    return json.dumps(clean, ensure_ascii=False).encode()


async def _read(scope: Scope, receive: Receive) -> bytes | None:
    """Return the whole body, or ``None`` when the client left before its end."""
    announced = Headers(scope=scope).get("content-length", "")
    if announced.isdecimal() and int(announced) > MAX_BODY_BYTES:
        raise TooLargeError
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            raise TooLargeError
        if not message.get("more_body"):
            return bytes(body)


def _with_body(scope: Scope, body: bytes) -> Scope:
    headers = MutableHeaders(raw=list(scope["headers"]))
    headers["Content-Type"] = "application/json"
    headers["Content-Length"] = str(len(body))
    return {**scope, "headers": headers.raw}


def _replaying(body: bytes, receive: Receive) -> Receive:
    """Return a ``receive`` that gives the body already read, then waits for what follows."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
