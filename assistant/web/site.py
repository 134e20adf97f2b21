"""What every page shares: its frame (header, banner, footer), its templates and its assets.

The chat is a Gradio page; the others are HTML written on the server, so that they can be read, printed and shared
without waiting for a script. Both wear the same frame.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from assistant.settings import SiteSettings
from assistant.web.banner import programme_on
from assistant.web.model import ModelCard
from assistant.web.sources.library import Shelf
from assistant.web.templating import templates, typeset_html
from corpus.parameters import Parameters, load_parameters
from corpus.sources import Source, label_superseded, load_sources

NAME = "Assistant ESMS numérique"
NAVIGATION = (
    ("/", "Converser"),
    ("/projet", "Vérifier mon projet"),
    ("/calendrier", "Calendrier"),
    ("/sources", "Sources"),
    ("/a-propos", "À propos"),
)

_HERE = Path(__file__).parent
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?|\[[0-9a-fA-F:.]+\](:[0-9]{1,5})?")
_NEUTRAL_HOST = "assistant.example.org"
_YEAR = 31_536_000  # seconds


@dataclass(frozen=True)
class Asset:
    """A file the pages load, and what names this version of it."""

    content: bytes
    media_type: str
    version: str


class Site:
    """Renders pages; safe to share between threads."""

    def __init__(
        self,
        clock: Callable[[], date],
        settings: SiteSettings | None = None,
        model: ModelCard | None = None,
    ) -> None:
        self.clock = clock
        self.settings = settings or SiteSettings()
        self.model = model  # the language model that helps to answer, if one does
        self.has_desk = False  # whether the footer leads to the desk of the staff

    @cached_property
    def parameters(self) -> Parameters:
        """The dated figures of the corpus."""
        return load_parameters()

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """The published sources by id; the title of one that another replaces says so."""
        return label_superseded(load_sources().values())

    @cached_property
    def shelf(self) -> Shelf:
        """The sources, documents and fiches."""
        return Shelf()

    @cached_property
    def assets(self) -> Mapping[str, Asset]:
        """The files of ``static/`` by name."""
        assets = {}
        for path in sorted((_HERE / "static").iterdir()):
            content = path.read_bytes()
            version = hashlib.sha256(content).hexdigest()[:10]
            assets[path.name] = Asset(content, _TYPES[path.suffix], version)
        return assets

    def page(
        self, request: Request, template: str, *, title: str, status: int = 200, **context: Any
    ) -> Response:
        """Return a page; ``title`` is its first heading and opens the title of the window."""
        html = self.render(request, template, title=title, **context)
        return HTMLResponse(html, status, headers={"Cache-Control": "no-cache"})

    def render(self, request: Request, template: str, **context: Any) -> str:
        """Return the HTML of a template, in which ``link`` and ``asset`` make addresses and ``day`` is today.

        ``here`` may be given: the entry of the navigation that the page belongs to, its own path by default.
        """
        root = _root(request)
        day = self.clock()
        context.setdefault("here", "/" + request.url.path.removeprefix(root).strip("/").split("/")[0])
        html = templates().get_template(template).render(
            name=NAME,
            navigation=NAVIGATION,
            day=day,
            banner=programme_on(day, self.parameters),
            embed=is_embedded(request),
            settings=self.settings,
            has_desk=self.has_desk,
            model=self.model,
            link=linker(request),
            asset=lambda name: f"{root}/page/{name}?v={self.assets[name].version}",
            **context,
        )
        return typeset_html(html)

    def asset(self, request: Request, name: str) -> Response:
        """Return a file of ``static/``, kept by the browser when its address names this version."""
        asset = self.assets.get(name)
        if asset is None:
            return Response(status_code=404)
        tag = f'"{asset.version}"'
        same = request.query_params.get("v") == asset.version
        headers = {"Cache-Control": f"public, max-age={_YEAR}, immutable" if same else "no-cache", "ETag": tag}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(asset.content, media_type=asset.media_type, headers=headers)


def linker(request: Request) -> Callable[[str], str]:
    """Return what makes the address of a path of the site, wherever the site is mounted."""
    root = _root(request)
    return lambda path: root + path


def origin(request: Request) -> str:
    """Return the scheme and host by which the site was reached; a host that cannot be one is replaced."""
    host = request.url.netloc
    return f"{request.url.scheme}://{host if _HOST.fullmatch(host) else _NEUTRAL_HOST}"


def _root(request: Request) -> str:
    """Return where the site is mounted; what is mounted in the site has a root of its own."""
    scope = request.scope
    return str(scope.get("app_root_path", scope.get("root_path", ""))).rstrip("/")


def is_embedded(request: Request) -> bool:
    """Whether the page is shown in a frame of another site (``?embed=1``): compact, without the header."""
    return request.query_params.get("embed") == "1"
