"""A form of the decisive facts, asked in order, and the ruling on the project."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from assistant.web.page import Assistant
from assistant.web.site import Site


def router(site: Site, assistant: Assistant) -> APIRouter:
    """Return the routes."""
    pages = APIRouter()

    @pages.get("/projet")
    def show(request: Request) -> Response:
        return site.page(request, "project.html", title="Vérifier mon projet")

    return pages
