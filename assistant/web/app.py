"""The web application: the chat at ``/``, the pages around it, their assets, and ``GET /health``."""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from assistant.errors import ListenError, PortInUseError
from assistant.feedback import FeedbackError, FeedbackStore
from assistant.settings import SiteSettings
from assistant.web.chat.page import Assistant, build_page, mount_page
from assistant.web.failures import install_failures
from assistant.web.headers import PageHeaders
from assistant.web.pages import about, calendar, conversation, embed, feedback, glossary, project, sources
from assistant.web.requests import RequestGuard
from assistant.web.site import Site

if TYPE_CHECKING:
    from fastapi import FastAPI

WARM_UP = "Combien d’ESSMS faut-il ?"


def create_app(
    assistant: Assistant,
    *,
    clock: Callable[[], date] = date.today,
    settings: SiteSettings | None = None,
) -> FastAPI:
    """Return the application; the chat takes every path that no other page has."""
    from fastapi import FastAPI

    app = FastAPI(title="Assistant ESMS numérique", docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/health")
    def health() -> dict[str, str]:
        notice = assistant.health()
        return {"status": "degraded", "notice": notice} if notice else {"status": "ok"}

    site = Site(clock, settings)

    @app.get("/page/{name}")
    def asset(request: Request, name: str) -> Response:
        return site.asset(request, name)

    for pages in (conversation, project, calendar, glossary, about):
        app.include_router(pages.router(site))
    app.include_router(sources.router(site, assistant.search))
    app.include_router(feedback.router())
    app.include_router(embed.router(site))
    page = build_page(assistant, clock)
    events = {number: len(event.inputs) for number, event in page.fns.items() if event.fn}
    app.add_middleware(RequestGuard, events=events)
    app.add_middleware(PageHeaders, site=site)  # the last added is the outermost
    mounted = mount_page(app, page)
    install_failures(mounted, site)
    return mounted


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


def forget_old_opinions() -> None:
    """Delete the opinions kept long enough; a failure is said, and does not keep the page from being served."""
    try:
        FeedbackStore().purge()
    except FeedbackError as error:
        sys.stderr.write(f"{error}\n")


def serve(open_assistant: Callable[[], Assistant], host: str, port: int) -> None:
    """Serve the page until interrupted, its address printed once it can answer at full speed.

    The port is taken before the assistant is opened: a port in use is said at once.

    Raises:
        ListenError: The address cannot be listened on; ``PortInUseError`` when the port is taken.
    """
    import uvicorn

    with bind(host, port) as listener:
        settings = SiteSettings.from_environment()
        forget_old_opinions()
        assistant = open_assistant()
        assistant.ask([WARM_UP], datetime.now().astimezone().date())
        config = uvicorn.Config(
            create_app(assistant, settings=settings), log_level="warning", server_header=False
        )
        sys.stderr.write(f"Page ouverte : http://{host}:{port} (Ctrl+C pour arrêter)\n")
        uvicorn.Server(config).run(sockets=[listener])
