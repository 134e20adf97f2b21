"""What the assistant is and is not, how it was measured, what is kept, and how accessible it is."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from assistant.web.page import Assistant
from assistant.web.site import Site


def router(site: Site, assistant: Assistant) -> APIRouter:
    """Return the routes."""
    pages = APIRouter()

    @pages.get("/a-propos")
    def show(request: Request) -> Response:
        return site.page(request, "about.html", title="À propos")

    return pages
