"""The web application: the chat at ``/``, the pages around it, the desk at ``/agents``, and ``GET /health``."""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

from starlette.requests import Request
from starlette.responses import Response

from assistant.errors import ListenError, PortInUseError, SettingError, StorageError
from assistant.feedback import FeedbackError, FeedbackStore
from assistant.settings import SiteSettings
from assistant.web.agents.access import AgentsGuard
from assistant.web.agents.routes import UPLOADS, add_agents
from assistant.web.chat.page import Assistant, build_page
from assistant.web.failures import install_failures
from assistant.web.headers import PageHeaders
from assistant.web.model import Modelled, card_of
from assistant.web.mounts import GradioMount, count_inputs, mount_gradio
from assistant.web.pages import about, calendar, conversation, embed, feedback, glossary, project, sources
from assistant.web.pages.feedback import OPINION_FORM
from assistant.web.requests import RequestGuard
from assistant.web.site import Site

if TYPE_CHECKING:
    from fastapi import FastAPI

    from assistant.web.agents.service import Assistant as DeskAssistant
    from assistant.web.agents.service import DeskService

    class WholeAssistant(Assistant, DeskAssistant, Protocol):
        """Whoever answers the chat and drafts the replies of the desk."""


WARM_UP = "Combien d’ESSMS faut-il ?"


def create_app(
    assistant: Assistant,
    *,
    clock: Callable[[], date] = date.today,
    settings: SiteSettings | None = None,
    desk: DeskService | str | None = None,
) -> FastAPI:
    """Return the application; the chat takes every path that no other page has.

    ``desk`` is the desk of the staff, or why it is not open; ``None`` when none was asked for.
    """
    from fastapi import FastAPI

    app = FastAPI(title="Assistant ESMS numérique", docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/health")
    def health() -> dict[str, str]:
        notice = assistant.health()
        told = {"status": "degraded", "notice": notice} if notice else {"status": "ok"}
        # An answer is whole without the model: its state changes nothing to that of the service.
        return told | ({"model": assistant.model_state() or "ok"} if isinstance(assistant, Modelled) else {})

    site = Site(clock, settings, card_of(assistant))

    @app.get("/page/{name}")
    def asset(request: Request, name: str) -> Response:
        return site.asset(request, name)

    for pages in (conversation, project, calendar, glossary, about):
        app.include_router(pages.router(site))
    app.include_router(sources.router(site, assistant.search))
    app.include_router(feedback.router())
    app.include_router(embed.router(site))
    mounts = []
    if desk_mount := add_agents(app, desk, site, clock):
        mounts.append(desk_mount)
    page = build_page(assistant, clock)
    mounts.append(GradioMount("", "chat", count_inputs(page), context=OPINION_FORM))
    app.add_middleware(RequestGuard, mounts=mounts, uploads=UPLOADS)
    if desk is not None and not isinstance(desk, str):
        app.add_middleware(AgentsGuard, accounts=desk.accounts)
    app.add_middleware(PageHeaders, site=site, mounts=mounts)  # the last added is the outermost
    mounted = mount_gradio(app, page, "/")
    install_failures(mounted, site, mounts)
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


def open_desk(assistant: DeskAssistant) -> DeskService | str:
    """Return the desk of the staff, or why it cannot be opened, which is said too: the page is served without it."""
    from assistant.web.agents.service import DeskService

    try:
        return DeskService.open(assistant)
    except (SettingError, StorageError) as error:
        sys.stderr.write(f"L’espace agents reste fermé. {error}\n")
        return str(error)


def warm_up(assistant: Assistant) -> None:
    """Have the first question not wait for what is loaded once; no language model is asked."""
    if isinstance(assistant, Modelled):
        assistant.search(WARM_UP, 1)
    else:
        assistant.ask([WARM_UP], datetime.now().astimezone().date())


def serve(open_assistant: Callable[[], WholeAssistant], host: str, port: int) -> None:
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
        warm_up(assistant)
        config = uvicorn.Config(
            create_app(assistant, settings=settings, desk=open_desk(assistant)),
            log_level="warning",
            server_header=False,
        )
        sys.stderr.write(f"Page ouverte : http://{host}:{port} (Ctrl+C pour arrêter)\n")
        uvicorn.Server(config).run(sockets=[listener])
