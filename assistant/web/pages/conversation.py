"""What the scripts of the chat ask the server for, beside the conversation itself."""

from __future__ import annotations

import secrets

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from assistant.understanding.saying import LABELS, editors
from assistant.web.site import Site


def router(site: Site) -> APIRouter:
    """Return the routes."""
    pages = APIRouter()
    instance = secrets.token_hex(8)

    @pages.get("/conversation/serveur.json")
    def server() -> JSONResponse:
        """Name this run of the server: a page that waits for an answer learns that the run it asked has ended."""
        return JSONResponse({"instance": instance}, headers={"Cache-Control": "no-store"})

    @pages.get("/conversation/faits.json")
    def facts() -> JSONResponse:
        """Return, for each fact that can be corrected, its label and the control that edits it."""
        rows = {
            name: {
                "label": LABELS[name],
                "control": editor.control.value,
                "choices": editor.choices,
                "low": editor.low,
                "high": editor.high,
                "whole": editor.whole,
            }
            for name, editor in editors().items()
        }
        return JSONResponse(rows, headers={"Cache-Control": "no-cache"})

    return pages
