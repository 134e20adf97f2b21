"""What the scripts of the page send as JSON: read within bounds, from this site only, refused in French."""

from __future__ import annotations

import json
import re
import threading
import time
from collections import deque
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

MAX_BYTES = 64_000

_JSON = re.compile(r"application/json\s*(;.*)?", re.IGNORECASE)


class PostedError(Exception):
    """What was sent is refused: ``status`` of the response, and a French sentence that says why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Allowance:
    """At most ``each`` requests of a sender and ``total`` of all in any ``seconds``, for the whole process."""

    def __init__(
        self, each: int, total: int, seconds: float = 60, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._each, self._total, self._seconds, self._clock = each, total, seconds, clock
        self._taken: deque[tuple[float, str]] = deque()  # never more than ``total``
        self._lock = threading.Lock()

    def take(self, sender: str) -> None:
        """Count one more request of a sender; one that is refused does not count.

        Raises:
            PostedError: It is one too many.
        """
        with self._lock:
            now = self._clock()
            while self._taken and now - self._taken[0][0] >= self._seconds:
                self._taken.popleft()
            of_sender = sum(name == sender for _, name in self._taken)
            if of_sender >= self._each or len(self._taken) >= self._total:
                raise PostedError(
                    429, "Trop de demandes ont été reçues en peu de temps. Réessayez dans une minute."
                )
            self._taken.append((now, sender))


def sender(request: Request) -> str:
    """Return the address of the client, by which requests are counted; it is kept nowhere."""
    return request.client.host if request.client else ""


async def answer_posted(
    request: Request, handle: Callable[[object, str], Response], maximum: int = MAX_BYTES
) -> Response:
    """Return what ``handle`` makes of the JSON sent, or the refusal as ``{"message": sentence}``.

    ``handle`` is given the JSON, of ``maximum`` bytes at most, and the address of the sender, in a thread of its own;
    it may raise ``PostedError``.
    """
    try:
        refuse_elsewhere(request)
        data = await _read_json(request, maximum)
        return await run_in_threadpool(handle, data, sender(request))
    except PostedError as error:
        return said(str(error), error.status)


def said(message: str, status: int = 200, **more: object) -> Response:
    """Return a French sentence for the page to show."""
    return JSONResponse({"message": message, **more}, status, headers={"Cache-Control": "no-store"})


def refuse_elsewhere(request: Request) -> None:
    """Refuse what another site makes a browser send.

    The browser says which site in ``Sec-Fetch-Site``; to a server without TLS, or an older one, only in ``Origin``.

    Raises:
        PostedError: The request comes from another site.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        here = site in ("same-origin", "none")
    else:
        here = origin is None or urlsplit(origin).netloc == request.headers.get("host")
    if not here:
        raise PostedError(
            403, "Cette demande vient d’un autre site\u00a0: seules les pages de celui-ci sont acceptées."
        )


def is_json(request: Request) -> bool:
    """Whether a request says that it is JSON: a form of another site cannot say so."""
    return _JSON.fullmatch(request.headers.get("content-type", "")) is not None


async def _read_json(request: Request, maximum: int) -> object:
    if not is_json(request):
        raise PostedError(400, "La demande doit être en JSON (Content-Type\u00a0: application/json).")
    body = await request.body()
    if len(body) > maximum:
        raise PostedError(
            413, f"La demande est trop volumineuse\u00a0: elle dépasse {maximum // 1000}\u00a0ko."
        )
    try:
        data: object = json.loads(body)
    except (ValueError, RecursionError):
        raise PostedError(
            400, "La demande n’est pas du JSON lisible. Rechargez la page et réessayez."
        ) from None
    return data
