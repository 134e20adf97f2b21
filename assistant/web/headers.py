"""What the server adds to every response, and the few paths of Gradio that the page needs.

The index page of Gradio is finished here: its language, its title, our style sheet and script, and a
nonce on each of its own scripts, so that no script injected in the page could run.
"""

from __future__ import annotations

import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TITLE = "Assistant ESMS numérique"

_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'none'; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_GRADIO_API = "/gradio_api/"
_GRADIO_OPEN = ("queue/join", "queue/data", "cancel", "reset")
_HEAD = (
    '<title>{title}</title><meta name="description" content="Un assistant en français sur le programme '
    'ESMS numérique : réponses sourcées et datées."><link rel="stylesheet" href="page/style.css">'
    '<script nonce="{nonce}" src="page/script.js" defer></script>'
)
_NOSCRIPT = "<noscript><p>Cette page a besoin de JavaScript pour dialoguer avec l’assistant.</p></noscript>"


def finish_index(html: str, nonce: str) -> str:
    """Return Gradio's index page in French, with our assets, its scripts allowed by ``nonce``."""
    html = html.replace("<script", f'<script nonce="{nonce}"').replace('lang="en"', 'lang="fr"', 1)
    head = '<meta charset="utf-8">' + _HEAD.format(title=TITLE, nonce=nonce)
    html = html.replace('<meta charset="utf-8" />', head, 1)
    return html.replace("</body>", f"{_NOSCRIPT}</body>", 1)


def _is_closed(path: str) -> bool:
    return path.startswith(_GRADIO_API) and path.removeprefix(_GRADIO_API) not in _GRADIO_OPEN


class PageHeaders:
    """An ASGI middleware: security headers everywhere, the finished index page at ``/``."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = _POLICY.format(nonce=nonce)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        if _is_closed(scope["path"]):
            await PlainTextResponse("Chemin fermé.", status_code=404)(scope, receive, send_with_headers)
        elif scope["path"] == "/" and scope["method"] == "GET":
            await self._send_index(scope, receive, send_with_headers, nonce)
        else:
            await self._app(scope, receive, send_with_headers)

    async def _send_index(self, scope: Scope, receive: Receive, send: Send, nonce: str) -> None:
        """Hold the index page back until it is whole, then send it finished."""
        plain = [pair for pair in scope["headers"] if pair[0].lower() != b"accept-encoding"]
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
            if "text/html" in Headers(raw=start["headers"]).get("content-type", ""):
                body = finish_index(body.decode(), nonce).encode()
                headers = MutableHeaders(scope=start)
                headers["Content-Length"] = str(len(body))
                headers["Cache-Control"] = "no-store"
            await send(start)
            await send({"type": "http.response.body", "body": body})

        await self._app({**scope, "headers": plain}, receive, hold)
