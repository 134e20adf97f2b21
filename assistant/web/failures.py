"""What is answered when there is no page to show: a page of the site to a browser, JSON to a script, in French."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from fastapi import FastAPI
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Match, Mount
from starlette.types import Scope

from assistant.web.mounts import GradioMount, local_path, mount_of
from assistant.web.posted import said
from assistant.web.site import Site

_METHODS = ("DELETE", "GET", "POST", "PUT")
# Title of the page, and what happened with what to do, by status.
_SAID = {
    404: (
        "Page introuvable",
        "Aucune page n’est à cette adresse. Vérifiez qu’elle est complète, ou partez de l’une des pages principales.",
    ),
    405: (
        "Demande non acceptée",
        "Cette adresse existe, mais n’accepte pas ce qui lui est demandé. Revenez à la page d’où vient la demande, "
        "ou partez de l’une des pages principales.",
    ),
    500: (
        "Incident technique",
        "Veuillez nous excuser\u00a0: un incident technique a empêché de répondre. Réessayez dans un instant\u00a0; s’il "
        "se répète, prévenez la personne qui administre cet assistant.",
    ),
}
_REFUSED = (
    "Demande refusée",
    "Ce qui a été envoyé n’est pas ce que cette adresse attend. Partez de l’une des pages principales.",
)

_log = logging.getLogger(__name__)


def answer_failure(
    site: Site, request: Request, status: int, headers: Mapping[str, str] | None = None
) -> Response:
    """Return the page, or ``{"message": sentence}`` to who does not ask for HTML, of a status from 400 up."""
    title, text = _SAID.get(status, _SAID[500] if status >= 500 else _REFUSED)
    if "text/html" in request.headers.get("accept", ""):
        response = _page(site, request, title, text, status)
    else:
        response = said(text, status)
    response.headers.update(headers or {})
    return response


def _page(site: Site, request: Request, title: str, text: str, status: int) -> Response:
    try:
        return site.page(request, "error.html", title=title, text=text, status=status)
    except Exception:  # whatever broke the page may break the frame of this one
        _log.exception("the page of an error cannot be written")
        return PlainTextResponse(text, status)


def install_failures(app: FastAPI, site: Site, mounts: Sequence[GradioMount]) -> None:
    """Have ``app``, and what is mounted in it, answer so; Gradio's own paths keep what its script reads.

    What breaks in ``app`` itself is answered by ``PageHeaders``, around it.
    """
    routes = [route for route in app.routes if not isinstance(route, Mount)]
    mounted = [route.app for route in app.routes if isinstance(route, Mount)]

    async def refuse(request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):  # the fields of the request are not those expected
            return answer_failure(site, request, 422)
        # What is mounted has a root of its own: the routes of the site are found from that of the site.
        root = request.scope.get("app_root_path", request.scope.get("root_path", ""))
        scope = {**request.scope, "root_path": root}
        mount = mount_of(mounts, local_path(scope))
        if mount is not None and local_path(scope).startswith(mount.api):
            return await http_exception_handler(request, error)
        # The mounted chat takes every path, even that of a page asked for by a wrong method.
        allowed = _methods(routes, scope) if error.status_code == 404 else []
        if allowed:
            return answer_failure(site, request, 405, {"Allow": ", ".join(allowed)})
        return answer_failure(site, request, error.status_code, error.headers)

    def break_down(request: Request, error: Exception) -> Response:
        return answer_failure(site, request, 500)

    for each in (app, *mounted):
        if isinstance(each, FastAPI):
            each.add_exception_handler(HTTPException, refuse)
            each.add_exception_handler(RequestValidationError, refuse)
    for each in mounted:
        if isinstance(each, FastAPI):
            each.add_exception_handler(Exception, break_down)


def _methods(routes: Sequence[BaseRoute], scope: Scope) -> list[str]:
    return [
        method
        for method in _METHODS
        if any(route.matches({**scope, "method": method})[0] is Match.FULL for route in routes)
    ]
