"""Turn questions and answers into the HTML of the conversation.

Every word of a user or of a document is escaped here; the page then sanitises the result once more. The HTML holds
no line break, so that the Markdown pass of the conversation takes it for a single block and leaves it alone.
"""

from __future__ import annotations

import re
from datetime import date

from markupsafe import Markup

from assistant.answer import Answer, Mode, Partial
from assistant.web.chat.markdown import escape_line, render_markdown
from assistant.web.chat.view import anchors, view_of
from assistant.web.model import written
from assistant.web.templating import templates, typeset_html
from assistant.web.terms import link_terms

_BREAKS = re.compile(r"\s*[\n\r\u2028\u2029\u0085\v\f]\s*")


def render_question(text: str) -> str:
    """Render the user's words literally: no Markdown, no HTML."""
    return f'<div class="question">{escape_line(text.strip())}</div>'


def render_waiting() -> str:
    """Render the status shown until the first sentence."""
    return '<div class="answer pending"><p class="waiting">Recherche dans les sources…</p></div>'


def render_partial(partial: Partial, turn: int, day: date) -> str:
    """Render what is already checked of an answer, and what is being done."""
    if partial.answer is None:
        doing = escape_line(partial.doing)
        return f'<div class="answer pending"><p class="waiting doing">{doing}</p></div>'
    return _render(partial.answer, turn, day, partial.answer.text, growing=True, doing=partial.doing)


def render_sentences(text: str, answer: Answer, turn: int, day: date) -> str:
    """Render the first sentences of an answer that is being displayed."""
    return _render(answer, turn, day, text, growing=True)


def render_answer(answer: Answer, turn: int, day: date, *, modelled: bool = False) -> str:
    """Render a whole answer: kind, text, rulings and facts, numbered sources, and who wrote it.

    ``turn`` keeps the anchors of two answers of one conversation apart. ``modelled``: a language model helps the
    assistant, and an answer made without it says so.
    """
    return _render(answer, turn, day, answer.text, growing=False, modelled=modelled)


def render_failure(turn: int) -> str:
    """Render the apology shown when the assistant broke."""
    return _one_line(templates().get_template("failure.html").render(anchor=f"reponse-{turn}"))


def _render(
    answer: Answer,
    turn: int,
    day: date,
    text: str,
    *,
    growing: bool,
    doing: str | None = None,
    modelled: bool = False,
) -> str:
    anchor = f"reponse-{turn}"
    places = anchors(answer)

    def marker(number: int) -> str | None:
        if number not in places:
            return None
        return f'<a class="marker" href="#{anchor}-source-{places[number]}">[{number}]</a>'

    seen: set[str] = set()

    def words(plain: str) -> str:
        # Gradio's sanitizer drops data- attributes: chat.js takes the definition from the title.
        return str(link_terms(plain, lambda path: path.lstrip("/"), seen, attribute="title"))

    html = templates().get_template("answer.html").render(
        answer=answer,
        view=view_of(answer),
        anchor=anchor,
        day=day,
        growing=growing,
        doing=doing,
        # What a model writes comes below the rulings, known first: a text that grows moves nothing above it.
        streamed=doing is not None,
        rulings_first=doing is not None or answer.mode is not Mode.RULES,
        mode=answer.mode.value,
        written=written(answer, modelled=modelled),
        text=Markup(render_markdown(text, marker, words)),
        details=Markup(render_markdown(answer.details, marker, words)),
    )
    return _one_line(typeset_html(html))


def _one_line(html: str) -> str:
    return _BREAKS.sub(" ", html).strip()
