"""The chat page: its components, and what a question does to them.

The conversation lives in the page itself (in a hidden field), so the server keeps nothing between two
questions and two tabs cannot mix. Texts are the only inputs: Gradio would copy to its own folder any local
path that a client writes in the messages of a ``Chatbot``.
"""

from __future__ import annotations

import json
import logging
import math
import os
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from assistant.answer import Answer
from assistant.understanding.saying import say_fact
from assistant.web.chat.history import Exchange, questions, read_answer, read_history, write_history
from assistant.web.chat.markdown import growing
from assistant.web.chat.render import (
    render_answer,
    render_failure,
    render_partial,
    render_question,
    render_sentences,
    render_waiting,
)
from assistant.web.model import Modelled
from assistant.web.site import NAME
from index.passage import Hit

if TYPE_CHECKING:
    import gradio as gr

EXAMPLES = (
    "Combien d’ESSMS faut-il au minimum pour déposer un projet ?",
    "Quelles sont les dates de clôture des appels à projets ?",
    "Quelle part d’un service à domicile mixte est financée ?",
    "Qu’est-ce que le DUI ?",
    "Quel montant peut-on obtenir ?",
)
MODEL_HINT = (
    '<p class="hint">Un modèle de langue aide à répondre<span class="wide">\u00a0; chaque phrase est vérifiée dans '
    "les sources</span>. "
    '<a href="a-propos#modele">En savoir plus<span class="visually-hidden"> sur ce modèle</span></a></p>'
)
MAX_CHARACTERS = 100_000
MAX_SUGGESTIONS = 4
SECONDS_BETWEEN_SENTENCES = 0.03
MAX_FRAMES = 6  # an answer is whole at once, however long it is, and each frame holds the whole conversation
# Seconds between what is shown of an answer that a model writes, frame after frame: with the first and the last,
# twelve at most, spread over the time that a model may take.
PACE = (*[0.0] * 5, 1.0, 2.0, 3.0, 4.0)
CONCURRENT = 4
# An answer that waits for a model takes a thread and no processor: the others are left to the pages and the desk
# (forty in all).
CONCURRENT_MODELLED = 16
MAX_QUEUED = 64

_log = logging.getLogger(__name__)

Messages = list[dict[str, Any]]


class Assistant(Protocol):
    """Whoever answers the last of a conversation's turns, as of a day."""

    def ask(self, turns: Sequence[str], day: date) -> Answer:
        """Answer the last of ``turns``, oldest first."""

    def search(self, query: str, k: int) -> Sequence[Hit]:
        """Return at most ``k`` passages for a query, best first."""

    def health(self) -> str:
        """Return what is missing now, in one line; empty when all is well."""


def follow_ups_to_show(suggestions: Sequence[str], asked: Sequence[str]) -> list[str]:
    """Return the suggestions that were not asked already, once each."""
    known = {_gist(question) for question in asked}
    kept = []
    for text in suggestions:
        if _gist(text) not in known:
            known.add(_gist(text))
            kept.append(text)
    return kept[:MAX_SUGGESTIONS]


def _gist(question: str) -> str:
    """Return what makes two questions one: neither case, spaces, kind of apostrophe nor final mark."""
    return " ".join(question.replace("’", "'").casefold().rstrip("?!. \u00a0\u202f").split())


class Conversation:
    """What the page shows after each event, as the list of values Gradio expects.

    The outputs are always: messages, history, text box, examples, then the suggestions.
    """

    def __init__(
        self,
        assistant: Assistant,
        clock: Callable[[], date],
        *,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._assistant = assistant
        self._modelled = isinstance(assistant, Modelled)
        self._clock = clock
        self._timer = timer

    def reset(self) -> list[Any]:
        """Empty the conversation and bring the examples back."""
        return self._outputs([], history=[], question="", examples=True, suggestions=())

    def restore(self, stored: object) -> list[Any]:
        """Show a conversation that the browser kept."""
        past = read_history(stored)
        answered = [exchange for exchange in past if exchange.answer]
        suggestions = answered[-1].answer.suggestions if answered and answered[-1].answer else ()
        return self._outputs(
            self._messages(past),
            history=past,
            examples=not past,
            suggestions=follow_ups_to_show(suggestions, questions(past)),
        )

    def amend(self, amendment: object, stored: object, session: str = "") -> Iterator[list[Any]]:
        """Answer the last question again with a fact stated or corrected: ``{"fact": name, "value": value}``.

        The fact becomes a turn in plain French: the words of the user are the only state of a conversation.
        """
        try:
            given = json.loads(amendment) if isinstance(amendment, str) else {}
            said = say_fact(given["fact"], given["value"])
        except (ValueError, KeyError, TypeError, RecursionError):
            _log.warning("A correction that the page cannot send was left out.")
            yield self._outputs(None)
            return
        yield from self.ask(said, stored, session)

    def ask(self, question: object, stored: object, session: str = "") -> Iterator[list[Any]]:
        """Show the question at once, then its answer sentence by sentence, then its rulings and sources.

        ``session`` names the page that asks: what a model costs is counted by it. Closing the iterator stops the model.
        """
        question = question[: MAX_CHARACTERS + 1].strip() if isinstance(question, str) else ""
        if not question:
            yield self._outputs(None)
            return
        past = read_history(stored)
        shown = [*self._messages(past), {"role": "user", "content": render_question(question)}]
        yield self._outputs([*shown, _said(render_waiting())], question="", examples=False, suggestions=())
        day = self._clock()
        number = past[-1].number + 1 if past else 1
        turns = [*questions(past), question]
        try:
            made = yield from self._follow(turns, day, session, number, shown)
            answer = _as_kept(made or self._assistant.ask(turns, day))
            sentences = [] if made else _few(growing(answer.text))
            frames = [render_sentences(text, answer, number, day) for text in sentences]
            final = self._rendered(Exchange(number, question, day, answer))
        except Exception:
            _log.exception("The assistant failed to answer a question.")
            history = [*past, Exchange(number, question, day, None)]
            yield self._outputs([*shown, _said(render_failure(number))], history=history, question=question)
            return
        for frame in frames:
            yield self._outputs([*shown, _said(frame)])
            time.sleep(SECONDS_BETWEEN_SENTENCES)
        yield self._outputs(
            [*shown, _said(final)],
            history=[*past, Exchange(number, question, day, answer)],
            suggestions=follow_ups_to_show(answer.suggestions, turns),
        )

    def _follow(
        self, turns: Sequence[str], day: date, session: str, number: int, shown: Messages
    ) -> Generator[list[Any], None, Answer | None]:
        """Show an answer as a model writes it, and return it; ``None``, nothing shown, when no model helps.

        Raises:
            ValueError: The assistant told no answer.
        """
        if not isinstance(self._assistant, Modelled):
            return None
        pace, due, last = iter(PACE), self._timer(), ""
        stream = self._assistant.stream(turns, day, session)
        try:
            for piece in stream:
                if isinstance(piece, Answer):
                    return piece
                frame = render_partial(piece, number, day)
                if frame == last or self._timer() < due:
                    continue
                yield self._outputs([*shown, _said(frame)])
                last, due = frame, self._timer() + next(pace, math.inf)
        finally:
            if isinstance(stream, Generator):
                stream.close()
        raise ValueError("the assistant told no answer")

    def _messages(self, exchanges: Sequence[Exchange]) -> Messages:
        """Return the messages of past exchanges, as the conversation shows them."""
        return [
            message
            for exchange in exchanges
            for message in (
                {"role": "user", "content": render_question(exchange.question)},
                _said(self._rendered(exchange)),
            )
        ]

    def _rendered(self, exchange: Exchange) -> str:
        if exchange.answer is None:
            return render_failure(exchange.number)
        return render_answer(exchange.answer, exchange.number, exchange.day, modelled=self._modelled)

    def _outputs(
        self,
        messages: Messages | None,
        *,
        history: Sequence[Exchange] | None = None,
        question: str | None = None,
        examples: bool | None = None,
        suggestions: Sequence[str] | None = None,
    ) -> list[Any]:
        """Return every output; what is ``None`` stays as it is on the page."""
        import gradio as gr

        buttons = [gr.skip() for _ in range(MAX_SUGGESTIONS)]
        if suggestions is not None:
            texts = [*suggestions, *[""] * MAX_SUGGESTIONS][:MAX_SUGGESTIONS]
            buttons = [gr.update(value=text, visible=bool(text)) for text in texts]
        return [
            gr.skip() if messages is None else messages,
            gr.skip() if history is None else write_history(history),
            gr.skip() if question is None else question,
            gr.skip() if examples is None else gr.update(visible=examples),
            *buttons,
        ]


def _as_kept(answer: Answer) -> Answer:
    """Return an answer as it is shown once kept; what it cost is no affair of the page."""
    return read_answer(replace(answer, usage=None).as_json())


def _few(texts: Iterable[str]) -> list[str]:
    """Return at most ``MAX_FRAMES`` of the texts, evenly."""
    every = list(texts)
    return every[:: -(-len(every) // MAX_FRAMES)]


def _said(html: str) -> dict[str, Any]:
    return {"role": "assistant", "content": html}


def build_page(assistant: Assistant, clock: Callable[[], date]) -> gr.Blocks:
    """Return the page. Nothing in it calls home: no analytics, no external font, no public API.

    The fields and buttons that are hidden are how the scripts of the page speak to the server: they hold the
    conversation, bring one back, and correct a fact.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    import gradio as gr

    conversation = Conversation(assistant, clock)
    modelled = isinstance(assistant, Modelled)

    # Gradio tells the request by its annotation, read where its name is known.
    def ask(question: str, stored: str, request: Any) -> Iterator[list[Any]]:
        yield from conversation.ask(question, stored, request.session_hash)

    def amend(amendment: str, stored: str, request: Any) -> Iterator[list[Any]]:
        yield from conversation.amend(amendment, stored, request.session_hash)

    ask.__annotations__["request"] = amend.__annotations__["request"] = gr.Request
    page: gr.Blocks = gr.Blocks(title=NAME, analytics_enabled=False, fill_width=True)
    with page:
        chat = gr.Chatbot(
            elem_id="conversation",
            label="Conversation",
            show_label=False,
            container=False,
            height=None,
            layout="panel",
            autoscroll=False,
            buttons=[],
            feedback_options=None,
            latex_delimiters=[],
            sanitize_html=True,
            allow_file_downloads=False,
            group_consecutive_messages=False,
        )
        with gr.Column(elem_id="examples") as examples:
            gr.Markdown("## Exemples de questions", elem_classes="section")
            starters = [gr.Button(text, elem_classes="proposal") for text in EXAMPLES]
        with gr.Column(elem_id="suggestions"):
            follow_ups = [
                gr.Button("", visible=False, elem_classes="proposal") for _ in range(MAX_SUGGESTIONS)
            ]
        history = gr.Textbox("[]", visible="hidden", elem_id="history", label="Conversation gardée")
        amendment = gr.Textbox("", visible="hidden", elem_id="amendment", label="Correction")
        amending = gr.Button("Corriger", visible="hidden", elem_id="amend")
        restoring = gr.Button("Rouvrir", visible="hidden", elem_id="restore")
        with gr.Column(elem_id="composer"):
            box = gr.Textbox(
                label="Votre question",
                placeholder="Par exemple : nous sommes 12 ESSMS en Bretagne, pouvons-nous déposer ?",
                lines=1,
                max_lines=8,
                max_length=MAX_CHARACTERS,
                elem_id="question",
            )
            with gr.Row(elem_id="actions"):
                send = gr.Button("Envoyer", variant="primary", elem_id="send")
                restart = gr.Button("Recommencer", variant="secondary", elem_id="restart")
            if modelled:
                gr.Markdown(
                    MODEL_HINT, elem_id="model-hint", latex_delimiters=[], container=False, buttons=[]
                )

        outputs = [chat, history, box, examples, *follow_ups]
        quiet: dict[str, Any] = {"outputs": outputs, "api_visibility": "private", "show_progress": "hidden"}
        # One question at a time is the page's own affair (chat.js): Gradio's "once" would wait for ever for an
        # answer that a stopped server never ended.
        limit = CONCURRENT_MODELLED if modelled else CONCURRENT
        answering = quiet | {"concurrency_limit": limit, "concurrency_id": "ask", "trigger_mode": "multiple"}
        asking: list[Any] = [
            trigger(ask, inputs=[asked, history], **answering)
            for trigger, asked in [(box.submit, box), (send.click, box)]
            + [(button.click, button) for button in (*starters, *follow_ups)]
        ]
        asking.append(amending.click(amend, inputs=[amendment, history], **answering))
        restoring.click(conversation.restore, inputs=[history], **quiet)
        restart.click(conversation.reset, **quiet, cancels=asking, queue=True)
    page.queue(default_concurrency_limit=CONCURRENT, max_size=MAX_QUEUED)
    return page
