"""The web application: the chat page at ``/``, its assets, and ``GET /health``."""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import ListenError, PortInUseError
from assistant.web.headers import PageHeaders
from assistant.web.page import Assistant, build_page, mount_page
from assistant.web.requests import RequestGuard

if TYPE_CHECKING:
    from fastapi import APIRouter, FastAPI

WARM_UP = "Combien d’ESSMS faut-il ?"

_ASSETS = {"style.css": "text/css", "script.js": "text/javascript"}


def create_app(
    assistant: Assistant, *, clock: Callable[[], date] = date.today, routers: Sequence[APIRouter] = ()
) -> FastAPI:
    """Return the application. ``routers`` are served beside the page, which takes every other path."""
    from fastapi import FastAPI, Response

    app = FastAPI(title="Assistant ESMS numérique", docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/page/{name}")
    def asset(name: str) -> Response:
        if name not in _ASSETS:
            return Response(status_code=404)
        content = (Path(__file__).parent / name).read_bytes()
        return Response(content, media_type=_ASSETS[name], headers={"Cache-Control": "no-cache"})

    for router in routers:
        app.include_router(router)
    page = build_page(assistant, clock)
    events = {number: len(event.inputs) for number, event in page.fns.items()}
    app.add_middleware(RequestGuard, events=events)
    app.add_middleware(PageHeaders)
    return mount_page(app, page)


def bind(host: str, port: int) -> socket.socket:
    """Return a socket bound to ``host`` and ``port``, before anything slow is loaded.

    Raises:
        PortInUseError: Another program listens there.
        ListenError: The address is unknown, or the port is reserved to the administrator.
    """
    if not 0 <= port <= 65535:
        raise _refusal(host, port, "ce port n’existe pas")
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortInUseError(host, port) from error
        raise _refusal(host, port, error.strerror or str(error)) from error


def _refusal(host: str, port: int, reason: str) -> ListenError:
    return ListenError(
        f"Impossible d’écouter sur {host}, port {port}\u00a0: {reason}. "
        "Vérifiez l’adresse et choisissez un port entre 1024 et 65535."
    )


def serve(open_assistant: Callable[[], Assistant], host: str, port: int) -> None:
    """Serve the page until interrupted, its address printed once it can answer at full speed.

    The port is taken before the assistant is opened: a port in use is said at once.

    Raises:
        ListenError: The address cannot be listened on; ``PortInUseError`` when the port is taken.
    """
    import uvicorn

    with bind(host, port) as listener:
        assistant = open_assistant()
        assistant.ask([WARM_UP], datetime.now().astimezone().date())
        config = uvicorn.Config(create_app(assistant), log_level="warning", server_header=False)
        sys.stderr.write(f"Page ouverte : http://{host}:{port} (Ctrl+C pour arrêter)\n")
        uvicorn.Server(config).run(sockets=[listener])
