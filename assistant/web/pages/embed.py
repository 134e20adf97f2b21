"""The script with which another site shows the chat in a frame."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from assistant.web.site import Site

SCRIPT = "/embed.js"


def router(site: Site) -> APIRouter:
    """Return the route; any site may load the script, the frame opens only on those that the settings allow."""
    pages = APIRouter()

    @pages.get(SCRIPT)
    def script(request: Request) -> Response:
        response = site.asset(request, "embed.js")
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    return pages
