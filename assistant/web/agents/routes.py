"""Put the desk in the application: its pages, its API, its page of Gradio, or why it is not open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from assistant.web.agents.access import CREATE_ACCOUNT, ROOT, login_of
from assistant.web.mounts import GradioMount, count_inputs, mount_gradio
from assistant.web.posted import said
from assistant.web.site import Site, linker

if TYPE_CHECKING:
    import gradio as gr
    from fastapi import FastAPI

    from assistant.web.agents.service import DeskService

# What is answered below /agents, by its first part: the page of Gradio (empty) and what it loads, and our own pages.
OPENED = frozenset(
    (
        "",
        "assets",
        "static",
        "theme.css",
        "connexion",
        "deconnexion",
        "api",
        "demandes",
        "chiffres",
        "chiffres.csv",
    )
)
# Where files are sent, with how many bytes may be sent at once.
UPLOADS = {f"{ROOT}/api/demandes": 100_000_000}
_NOT_HERE = "L’espace agents n’est pas ouvert sur cette installation."


def mount_agents(app: FastAPI, service: DeskService, site: Site, page: gr.Blocks) -> GradioMount:
    """Serve the desk below ``/agents``; ``AgentsGuard`` must stand before it.

    It must be mounted before the chat, which takes every path that nothing else has.
    """
    from assistant.web.agents import access, api, figures_page

    @app.get(ROOT)
    def enter(request: Request) -> Response:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(linker(request)(f"{ROOT}/{query}"), 307)

    app.include_router(access.router(site, service.accounts))
    app.include_router(api.router(service))
    app.include_router(figures_page.router(site, service.database))
    mount_gradio(app, page, ROOT, auth_dependency=login_of)
    return GradioMount(ROOT, "agents", count_inputs(page), opened=OPENED)


def close_agents(app: FastAPI, reason: str, site: Site) -> None:
    """Say at ``/agents`` that there is no desk here, and ``reason``, empty when none was asked for."""

    def refuse(request: Request) -> Response:
        text, status = (reason, 503) if reason else (_NOT_HERE, 404)
        if "text/html" not in request.headers.get("accept", ""):
            return said(text, status)
        return site.page(
            request,
            "agents_closed.html",
            title="Espace agents",
            status=status,
            text=text,
            command="" if reason else CREATE_ACCOUNT,
        )

    app.get(ROOT)(refuse)
    app.get(f"{ROOT}/{{path:path}}")(refuse)


def add_agents(
    app: FastAPI, desk: DeskService | str | None, site: Site, clock: Callable[[], date]
) -> GradioMount | None:
    """Serve the desk, or say why there is none; return its page of Gradio."""
    if desk is None or isinstance(desk, str):
        close_agents(app, desk or "", site)
        return None
    from assistant.web.agents.page import build_desk

    site.has_desk = True
    return mount_agents(app, desk, site, build_desk(desk, clock))
