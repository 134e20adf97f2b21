"""What the server reads of a request: a body of a bounded size, and of Gradio's paths, the few that a page needs.

Gradio copies to its own folder any local path that an input names, and trusts the number of an event:
neither may reach it from outside.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.web.chat.history import well_formed
from assistant.web.mounts import GradioMount, local_path, mount_of
from assistant.web.posted import PostedError, is_json, refuse_elsewhere, said

MAX_BODY_BYTES = 2_000_000

_QUEUE, _DATA = "queue/join", "queue/data"
_SESSION = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MISSHAPEN = "Requête mal formée\u00a0: la page n’envoie rien de tel. Rechargez-la et réessayez."


class TooLargeError(Exception):
    """The body of a request is over the limit, in bytes."""

    def __init__(self, maximum: int) -> None:
        super().__init__(f"Requête trop volumineuse\u00a0: elle dépasse {maximum // 1_000_000}\u00a0Mo.")


class RequestGuard:
    """An ASGI middleware: refuses large bodies, the paths of Gradio that no page needs, and what no page sends to it.

    ``uploads`` gives the paths to which files are sent, with how many bytes of them are read, as they come.
    """

    def __init__(
        self, app: ASGIApp, mounts: Sequence[GradioMount], uploads: Mapping[str, int] | None = None
    ) -> None:
        self._app = app
        self._mounts = mounts
        self._uploads = uploads or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = local_path(scope)
        mount = mount_of(self._mounts, path)
        refused = _refusal(mount, path, scope)
        if refused is not None:
            await refused(scope, receive, send)
            return
        try:
            if path in self._uploads and _has_files(scope):
                await self._app(scope, _counting(scope, receive, self._uploads[path]), send)
                return
            body = await _read(scope, receive)
        except TooLargeError as error:
            refusal = said(str(error), 413)
            refusal.headers["Connection"] = "close"
            await refusal(scope, receive, send)
            return
        if body is None:
            return
        if mount is not None and path == mount.api + _QUEUE and scope["method"] == "POST":
            clean = clean_event(body, mount.events, _owner(scope)) if is_json(Request(scope)) else None
            if clean is None:
                await PlainTextResponse(_MISSHAPEN, status_code=422)(scope, receive, send)
                return
            scope, body = _with_body(scope, clean), clean
        elif mount is not None and path == mount.api + _DATA and (owner := _owner(scope)):
            session = Request(scope).query_params["session_hash"]
            scope = {**scope, "query_string": f"session_hash={owner}{session}".encode()}
        await self._app(scope, _replaying(body, receive), send)


def _refusal(mount: GradioMount | None, path: str, scope: Scope) -> Response | None:
    """Refuse what the script of Gradio never sends: to other paths, from another site, under a session that is none."""
    if mount is None:
        return None
    if mount.is_closed(path):
        return PlainTextResponse("Chemin fermé.", status_code=404)
    if not path.startswith(mount.api):
        return None
    request = Request(scope)
    if request.method == "POST":
        try:
            refuse_elsewhere(request)
        except PostedError as error:
            return said(str(error), error.status)
    elif path == mount.api + _DATA and not _SESSION.fullmatch(request.query_params.get("session_hash", "")):
        return PlainTextResponse(_MISSHAPEN, status_code=422)
    return None


def _owner(scope: Scope) -> str:
    """Return what begins the name of every queue of the account that calls, so that no other reads from it.

    It is empty in the chat, which knows no account.
    """
    account = scope.get("state", {}).get("account")
    return f"{account.id}-" if account is not None else ""


def clean_event(body: bytes, events: Mapping[int, int], owner: str = "") -> bytes | None:
    """Return the event with the fields the page sends and no other, or ``None`` when it is not one.

    ``owner`` begins the name of its queue.
    """
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
        "session_hash": f"{owner}{session}",
        "trigger_id": trigger if type(trigger) is int else None,
    }
    return json.dumps(clean, ensure_ascii=False).encode()


def _has_files(scope: Scope) -> bool:
    """Whether a form with files is sent: it is read as it comes, by who takes the files in."""
    return scope["method"] == "POST" and Headers(scope=scope).get("content-type", "").lower().startswith(
        "multipart/form-data"
    )


def _counting(scope: Scope, receive: Receive, maximum: int) -> Receive:
    """Return a ``receive`` that stops at ``maximum`` bytes.

    Raises:
        TooLargeError: More is announced.
    """
    announced = Headers(scope=scope).get("content-length", "")
    if announced.isdecimal() and int(announced) > maximum:
        raise TooLargeError(maximum)
    read = 0

    async def count() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > maximum:
            raise TooLargeError(maximum)
        return message

    return count


async def _read(scope: Scope, receive: Receive) -> bytes | None:
    """Return the whole body, or ``None`` when the client left before its end."""
    announced = Headers(scope=scope).get("content-length", "")
    if announced.isdecimal() and int(announced) > MAX_BODY_BYTES:
        raise TooLargeError(MAX_BODY_BYTES)
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            raise TooLargeError(MAX_BODY_BYTES)
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
