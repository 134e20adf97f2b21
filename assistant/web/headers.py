"""What the server adds to every response, that of a failure too.

The index pages of Gradio are finished here: their language, the frame of the site, and a nonce on each of their own
scripts, so that no script injected in a page could run.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.web.failures import answer_failure
from assistant.web.mounts import GradioMount, local_path
from assistant.web.site import Site

_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'none'; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors {ancestors}"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
# Gradio would write these into its page as its own address; a proxy gives the address in Host.
_FORWARDED = (b"x-forwarded-host", b"x-gradio-server")
_NEVER_FRAMED = "/agents"
_GRADIO_META = re.compile(r'\s*<meta\s+(?:property|name)="(?:og|twitter):[^>]*/>')


def finish_index(html: str, nonce: str, *, head: str, before: str, after: str) -> str:
    """Return Gradio's index page in French, in the frame of the site, its scripts allowed by ``nonce``.

    ``head`` goes into the head of the page, ``before`` and ``after`` around the application. What the template of
    Gradio says to social networks, and fetches from elsewhere, is left out.
    """
    html = _GRADIO_META.sub("", html)
    html = html.replace("<gradio-app", f"{before}<gradio-app", 1).replace(
        "</gradio-app>", f"</gradio-app>{after}", 1
    )
    html = html.replace('<meta charset="utf-8" />', f'<meta charset="utf-8">{head}', 1)
    return html.replace("<script", f'<script nonce="{nonce}"').replace('lang="en"', 'lang="fr"', 1)


class PageHeaders:
    """An ASGI middleware: security headers everywhere, and the index page of each Gradio page finished.

    It must be the outermost: it answers what broke within it, which Starlette would answer outside of it.
    """

    def __init__(self, app: ASGIApp, site: Site, mounts: Sequence[GradioMount]) -> None:
        self._app = app
        self._site = site
        self._mounts = {mount.index: mount for mount in mounts}
        ancestors = site.settings.frame_ancestors
        self._ancestors = " ".join(ancestors) or "'none'"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        started = False
        head = scope["method"] == "HEAD"  # answered as GET, without the body
        kept = [pair for pair in scope["headers"] if pair[0].lower() not in _FORWARDED]
        scope = {**scope, "headers": kept, "method": "GET" if head else scope["method"]}
        # No other site may show the desk in a frame, whatever the settings allow for the rest.
        ancestors = "'none'" if local_path(scope).startswith(_NEVER_FRAMED) else self._ancestors
        more = _HEADERS | {"X-Frame-Options": "DENY"} if ancestors == "'none'" else _HEADERS

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = _POLICY.format(nonce=nonce, ancestors=ancestors)
                for name, value in more.items():
                    headers.setdefault(name, value)
            elif head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        try:
            await self._answer(scope, receive, send_with_headers, nonce)
        except Exception:
            if not started:
                failure = answer_failure(self._site, Request(scope), 500)
                await failure(scope, receive, send_with_headers)
            raise  # the server logs it

    async def _answer(self, scope: Scope, receive: Receive, send: Send, nonce: str) -> None:
        mount = self._mounts.get(local_path(scope))
        if mount is not None and scope["method"] == "GET":
            await self._send_index(mount, scope, receive, send, nonce)
        else:
            await self._app(scope, receive, send)

    async def _send_index(
        self, mount: GradioMount, scope: Scope, receive: Receive, send: Send, nonce: str
    ) -> None:
        """Hold the index page back until it is whole, then send it finished."""
        plain = [pair for pair in scope["headers"] if pair[0].lower() != b"accept-encoding"]
        request = Request(scope)
        start: Message | None = None
        body = b""

        async def hold(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if message.get("more_body") or start is None:
                return
            is_page = "text/html" in Headers(raw=start["headers"]).get("content-type", "")
            if is_page and start["status"] == 200:
                frame = {
                    place: self._site.render(request, f"{mount.frame}_{place}.html", **mount.context)
                    for place in ("head", "before", "after")
                }
                body = finish_index(body.decode(), nonce, **frame).encode()
                headers = MutableHeaders(scope=start)
                headers["Content-Length"] = str(len(body))
                headers["Cache-Control"] = "no-store"
            await send(start)
            await send({"type": "http.response.body", "body": body})

        await self._app({**scope, "headers": plain}, receive, hold)
