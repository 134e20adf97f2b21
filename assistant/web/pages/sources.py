"""What the assistant reads: sources, fiches, added documents and the glossary."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from assistant.web.page import Assistant
from assistant.web.site import Site


def router(site: Site, assistant: Assistant) -> APIRouter:
    """Return the routes."""
    pages = APIRouter()

    @pages.get("/sources")
    def show(request: Request) -> Response:
        return site.page(request, "sources.html", title="Sources")

    return pages
