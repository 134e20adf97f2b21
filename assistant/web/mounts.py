"""The pages that Gradio serves: where each is, the frame it wears, what its script may call and send."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.types import Scope

if TYPE_CHECKING:
    import gradio as gr
    from fastapi import FastAPI

GRADIO_API = "/gradio_api/"  # below a page: the paths that the script of Gradio calls

_OPEN = ("queue/join", "queue/data", "cancel", "reset")
# Paths of Gradio's own that no page ever asks for.
_CLOSED = frozenset(
    ("config", "monitoring", "login", "logout", "token", "user", "app_id", "dev", "startup-events", "robots.txt", "upload")
)  # fmt: skip


@dataclass(frozen=True)
class GradioMount:
    """A page of Gradio, at ``path`` (empty for the root of the site) in the frame of the templates ``frame``_*.html.

    ``events`` gives, for each event, how many inputs it takes. ``opened``, when it is given, are the only paths below
    this one that are answered, by their first part: the others are closed. ``context`` goes to the templates.
    """

    path: str
    frame: str
    events: Mapping[int, int]
    opened: frozenset[str] | None = None
    context: Mapping[str, Any] = field(default_factory=dict)

    @property
    def index(self) -> str:
        """The path of the page itself."""
        return f"{self.path}/"

    @property
    def api(self) -> str:
        """What the paths that its script calls begin with."""
        return f"{self.path}{GRADIO_API}"

    def is_closed(self, path: str) -> bool:
        """Whether nobody may call a path of this page."""
        if path.startswith(self.api):
            return path.removeprefix(self.api) not in _OPEN
        first = path.removeprefix(self.path).strip("/").split("/")[0]
        return first in _CLOSED if self.opened is None else first not in self.opened


def mount_of(mounts: Iterable[GradioMount], path: str) -> GradioMount | None:
    """Return the page that a path is below, the deepest of them."""
    above = [mount for mount in mounts if path.startswith(mount.index)]
    return max(above, key=lambda mount: len(mount.path), default=None)


def local_path(scope: Scope) -> str:
    """Return the path of a request within the site, wherever the site is mounted, as the routes see it."""
    root, path = str(scope.get("root_path", "")), str(scope["path"])
    return path[len(root) :] if root and path.startswith(f"{root}/") else path


def count_inputs(page: gr.Blocks) -> dict[int, int]:
    """Return how many inputs each event of a page takes."""
    return {number: len(event.inputs) for number, event in page.fns.items() if event.fn}


def mount_gradio(app: FastAPI, page: gr.Blocks, path: str, **options: Any) -> FastAPI:
    """Serve a page at a path of ``app`` with our theme, without Gradio's footer and history of runs.

    ``options`` go to ``gradio.mount_gradio_app``.
    """
    import gradio as gr

    theme = gr.themes.Base(
        font=["system-ui", "-apple-system", "Segoe UI", "Roboto", "DejaVu Sans", "sans-serif"],
        font_mono=["ui-monospace", "Consolas", "DejaVu Sans Mono", "monospace"],
        radius_size=gr.themes.sizes.radius_sm,
    )
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        page,
        path=path,
        theme=theme,
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
        **options,
    )
    return mounted
