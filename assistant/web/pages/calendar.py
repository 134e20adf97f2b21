"""The calls by campaign and track, as a timeline, a table and a file for a diary."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from assistant.web.page import Assistant
from assistant.web.site import Site


def router(site: Site, assistant: Assistant) -> APIRouter:
    """Return the routes."""
    pages = APIRouter()

    @pages.get("/calendrier")
    def show(request: Request) -> Response:
        return site.page(request, "calendar.html", title="Calendrier")

    return pages
