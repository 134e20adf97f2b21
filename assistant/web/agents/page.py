"""The page of the desk: its components, and the one event by which its script asks the server for something.

The regions are Markdown components that hold finished HTML, every word of it escaped by the templates; their script
(``agents.js``) reads what is typed and clicked, and sends commands through a hidden field. The texts that people
type are the only inputs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from assistant.storage.desk import MAX_DRAFT
from assistant.web.agents.access import account_of_event
from assistant.web.agents.commands import Commands, Shown
from assistant.web.agents.render import render_adding, render_editing
from assistant.web.agents.service import DeskService
from assistant.web.chat.history import well_formed

if TYPE_CHECKING:
    import gradio as gr

REGIONS = ("inbox", "thread", "reply", "preview", "beside", "answer")
MAX_PASTED = 400_000  # characters


def build_desk(service: DeskService, day: Callable[[], date]) -> gr.Blocks:
    """Return the page of the desk, for today's ``day``; nothing in it calls home."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    import gradio as gr

    commands = Commands(service, day)

    # Gradio tells the request by its annotation, read where its name is known.
    def run(command: str, request: Any) -> list[Any]:
        return outputs_of(commands.run(command, lambda: account_of_event(request)), gr.skip)

    run.__annotations__["request"] = gr.Request
    page: gr.Blocks = gr.Blocks(title="Espace agents", analytics_enabled=False, fill_width=True)
    with page:
        regions = _layout(gr)
        command = gr.Textbox("", visible="hidden", elem_id="command", label="Commande")
        result = gr.Textbox("", visible="hidden", elem_id="result", label="Résultat")
        button = gr.Button("Exécuter", visible="hidden", elem_id="run")
        button.click(
            run,
            inputs=[command],
            outputs=[*regions, result],
            api_visibility="private",
            show_progress="hidden",
            concurrency_limit=8,
            concurrency_id="desk",
            trigger_mode="multiple",
        )
    page.queue(default_concurrency_limit=8, max_size=256)
    return page


def outputs_of(shown: Shown, skip: Callable[[], Any]) -> list[Any]:
    """Return the outputs of the event: the regions, then the result; what does not change stays as it is."""
    regions = [getattr(shown, name) for name in REGIONS]
    return [
        *(skip() if region is None else region for region in regions),
        well_formed(json.dumps(shown.result, ensure_ascii=False)),
    ]


def _layout(gr: Any) -> list[Any]:
    """Lay the three columns out and return the regions, in their order."""

    def region(name: str, value: str = "") -> Any:
        return gr.Markdown(
            value,
            elem_id=f"region-{name}",
            show_label=False,
            sanitize_html=False,  # the templates escape every word, and no script of the page may run but ours
            latex_delimiters=[],
            container=False,
            buttons=[],
        )

    with gr.Row(elem_id="desk"):
        with gr.Column(elem_id="column-inbox", min_width=0):
            with gr.Column(elem_id="adding", min_width=0):
                gr.Textbox(
                    label="Message à coller",
                    placeholder="Le message reçu, avec ou sans ses en-têtes (De, Objet, Date).",
                    lines=6,
                    max_lines=14,
                    max_length=MAX_PASTED,
                    elem_id="pasted",
                )
                region("adding", render_adding())
            inbox = region("inbox")
        with gr.Column(elem_id="column-thread", min_width=0):
            thread = region("thread")
        with gr.Column(elem_id="column-reply", min_width=0):
            reply = region("reply")
            answer = region("answer")
            region("editing", render_editing())
            gr.Textbox(
                label="Texte de la réponse",
                lines=16,
                max_lines=40,
                max_length=MAX_DRAFT,
                elem_id="draft",
            )
            preview = region("preview")
            beside = region("beside")
    return [inbox, thread, reply, preview, beside, answer]
