"""The regions of the page of the desk as HTML: every word of a message, a letter or a colleague is escaped here.

The HTML holds no line break, so that the Markdown components that carry it take it for a single block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from assistant.answer import Answer, Kind, Mode
from assistant.answer import Status as AnswerStatus
from assistant.composing.french import say_day
from assistant.drafting.exporting.outgoing import say_address
from assistant.drafting.message import Separated
from assistant.drafting.reply import Length, Risk, Role, Tone
from assistant.storage.learning import NO_THEME
from assistant.storage.themes import LABELS as THEMES
from assistant.storage.themes import label as theme_label
from assistant.storage.views import AccountView, Filter, Order, Page, RequestRow, RequestView, Status
from assistant.web.agents.difference import difference
from assistant.web.chat.history import read_answer
from assistant.web.chat.markdown import render_markdown
from assistant.web.chat.view import anchors, view_of
from assistant.web.model import drafted, written
from assistant.web.templating import templates, typeset_html

RISKS = {
    Risk.GREEN: ("good", "●", "Risque faible", "La réponse peut partir après lecture."),
    Risk.AMBER: ("doubt", "▲", "À vérifier", "Chaque point est à cocher avant de valider."),
    Risk.RED: ("bad", "■", "Risque élevé", "Chaque point est à cocher avant de valider."),
}
ORDERS = {
    Order.RECENT: "Plus récentes d’abord",
    Order.OLDEST: "Plus anciennes d’abord",
    Order.RISK: "Plus risquées d’abord",
}
TONES = {Tone.ADMINISTRATIVE: "Administratif", Tone.PLAIN: "Simple"}
LENGTHS = {Length.FULL: "Complète", Length.SHORT: "Courte"}
STATUS_CLASSES = {
    Status.TO_HANDLE: "handle",
    Status.TO_CHECK: "check",
    Status.READY: "ready",
    Status.SENT: "sent",
}
_PARAGRAPHS = {
    Role.SALUTATION: "Formule d’appel",
    Role.OPENING: "Introduction",
    Role.MISSING: "Informations demandées",
    Role.NEXT_STEPS: "Suite à donner",
    Role.COURTESY: "Formule de politesse",
    Role.SIGNATURE: "Signature",
    Role.SOURCES: "Liste des sources",
}
_PREVIEWED = 120  # characters of a question in a list
_BREAKS = re.compile(r"[ \t]*[\r\n\u2028\u2029\u0085\v\f]+[ \t]*")
_ANSWERED = {
    Kind.ANSWER.value: "répondue",
    Kind.CLARIFICATION.value: "à préciser",
    Kind.ABSTENTION.value: "non documentée",
    Kind.REFUSAL.value: "hors périmètre",
    Kind.ERROR.value: "en échec",
}


def render_inbox(
    page: Page[RequestRow], asked: Filter, account: AccountView, today: date, *, current: int | None = None
) -> str:
    """Render the list of requests with its tabs and filters; ``current`` is the request that is open."""
    kept = _fields(asked)
    tabs = [
        ("", "Toutes", sum(page.totals.values())),
        *((status.value, status.label, page.totals.get(status, 0)) for status in Status),
    ]
    return _render(
        "staff_inbox.html",
        page=page,
        asked=asked,
        narrowed=bool(asked.words or asked.theme or asked.risk or asked.unassigned or asked.assignee),
        refined=bool(
            asked.theme
            or asked.risk
            or asked.unassigned
            or asked.assignee is not None
            or asked.order is not Order.RECENT
        ),
        account=account,
        today=today,
        current=current,
        tabs=[(_link(kept, statut=value), label, count, value) for value, label, count in tabs],
        shown="corbeille" if asked.removed else asked.status.value if asked.status else "",
        bin=_link(kept, statut="corbeille"),
        open=lambda row: _link(kept, demande=str(row.id)),
        turn=lambda number: _link(kept, page=str(number)),
        risks=RISKS,
        themes=[(name, label) for name, label in THEMES.items() if name != NO_THEME],
        orders=ORDERS,
        status_classes=STATUS_CLASSES,
    )


def render_thread(view: RequestView, parts: Separated, pieces: Sequence[tuple[str, bool]]) -> str:
    """Render the message as received; ``pieces`` are its words, and whether a question was found in each."""
    return _render(
        "staff_thread.html",
        view=view,
        message=view.message,
        parts=parts,
        pieces=pieces,
        found=sum(found for _, found in pieces),
        answered=_ANSWERED,
        theme=theme_label(view.theme) if view.theme and view.theme != NO_THEME else "",
    )


def render_reply(
    view: RequestView, people: Sequence[AccountView], account: AccountView, *, can_send: bool
) -> str:
    """Render what stands above the letter: status, assignment, and what changes the letter."""
    return _render(
        "staff_reply.html",
        view=view,
        people=people,
        account=account,
        can_send=can_send,
        statuses=list(Status),
        status_classes=STATUS_CLASSES,
        tones=TONES,
        lengths=LENGTHS,
        paragraphs=list(_regenerable(view)),
        risk=RISKS[view.risk],
        left=sum(not point.ticked for point in view.points),
        frozen=is_frozen(view),
        written=drafted(view.reply.get("mode"), view.reply.get("model")),
    )


def render_preview(text: str, view: RequestView) -> str:
    """Render the letter as it will be read; its markers are buttons that show their source."""
    return _render("staff_preview.html", text=_letter(text, _answer_of(view), "lettre"))


def render_beside(view: RequestView, recipients: Sequence[str], *, can_send: bool) -> str:
    """Render what stands below the letter: how to hand it over, its risk, points, sources, reasoning and history."""
    reading = view_of(_answer_of(view))
    return _render(
        "staff_beside.html",
        view=view,
        recipients=recipients,
        can_send=can_send,
        risk=RISKS[view.risk],
        risks=RISKS,
        reasons=[(RISKS[Risk(item["level"])], item["text"]) for item in view.reply["levels"]],
        ticked=sum(point.ticked for point in view.points),
        reading=reading,
        verdicts=[*reading.verdicts, *reading.reasons],
        frozen=is_frozen(view),
    )


def render_asked(answer: Answer) -> str:
    """Render an answer of the assistant, before it is put in the letter."""
    text = _letter(answer.text, answer, "question")
    # When a model was asked and did not help, the notice says why.
    by = written(answer, modelled=False) if answer.mode is Mode.MODEL else None
    return _render("staff_asked.html", answer=answer, reading=view_of(answer), text=text, written=by)


def render_editing() -> str:
    """Render what stands around the text of the letter: whether it is saved, what was found again, a conflict."""
    return _render("staff_editing.html")


def render_adding() -> str:
    """Render what takes files in."""
    return _render("staff_adding.html")


def render_difference(before: str, after: str) -> str:
    """Render what separates an earlier text from the one there is now, in plain words."""
    return _render("staff_difference.html", changes=difference(before, after))


def is_frozen(view: RequestView) -> bool:
    """Whether nothing of a request may change: sent, being sent, or in the bin."""
    return bool(view.really_sent or view.removed_at or view.sending)


def say_time(at: datetime) -> str:
    """Return « 10 h 12 », where the server is."""
    local = at.astimezone()
    return f"{local.hour}\u00a0h\u00a0{local.minute:02}"


def say_moment(at: datetime) -> str:
    """Return « 27 novembre 2026 à 10 h 12 »."""
    return f"{say_day(at.astimezone().date())} à {say_time(at)}"


def say_size(size: int) -> str:
    """Return the size of a file, in bytes, as it is read."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))}\u00a0ko"
    return f"{size / 1_000_000:.1f}\u00a0Mo".replace(".", ",")


def _brief(at: datetime, today: date) -> str:
    """Return when something happened as a list says it: the hour of today, else the day."""
    day = at.astimezone().date()
    if day == today:
        return say_time(at)
    return f"{day.day:02}/{day.month:02}/{day.year}"


def _fields(asked: Filter) -> dict[str, str]:
    """Return a filter as the address of the page says it."""
    status = "corbeille" if asked.removed else asked.status.value if asked.status else ""
    return {
        "statut": status,
        "qui": "moi" if asked.assignee is not None else "personne" if asked.unassigned else "",
        "risque": asked.risk.value if asked.risk else "",
        "theme": asked.theme,
        "mots": asked.words,
        "ordre": "" if asked.order is Order.RECENT else asked.order.value,
    }


def _link(kept: dict[str, str], **changed: str) -> str:
    return "?" + urlencode({name: value for name, value in (kept | changed).items() if value})


def _regenerable(view: RequestView) -> Iterator[tuple[str, str]]:
    """Return the key and the name of the paragraphs that can be made again."""
    questions = view.reply["questions"]
    for paragraph in view.reply["paragraphs"]:
        key, role = paragraph["key"], Role(paragraph["role"])
        if role is not Role.ANSWER:
            yield key, _PARAGRAPHS[role]
            continue
        kind, _, number = key.rpartition("-")
        place = int(number) - 1 if number.isdecimal() else -1
        words = questions[place]["text"] if kind == "answer" and 0 <= place < len(questions) else ""
        words = " ".join(words.split())
        short = words if len(words) <= _PREVIEWED else f"{words[:_PREVIEWED].rstrip()}…"
        name = f"Réponse {number}" if kind == "answer" else f"Demande {number}"
        yield key, f"{name}\u00a0: {short}" if short else name


def _letter(text: str, answer: Answer, anchor: str) -> Markup:
    places = anchors(answer)

    def marker(number: int) -> str | None:
        if number not in places:
            return None
        return (
            f'<button type="button" class="marker" data-source="{anchor}-source-{places[number]}" '
            f'aria-label="Voir la source {number}">[{number}]</button>'
        )

    return Markup(render_markdown(text, marker))


def _answer_of(view: RequestView) -> Answer:
    """Return the sources and the reasoning of a letter as those of an answer, which the chat knows how to show."""
    reply = view.reply
    return read_answer(
        {
            "answer": reply["draft"],
            "kind": Kind.ANSWER.value,
            "status": AnswerStatus.ANSWERED.value,
            "citations": reply["citations"],
            "rules": reply["rules"],
        }
    )


def _render(template: str, **context: Any) -> str:
    html = (
        templates()
        .get_template(template)
        .render(
            say_time=say_time,
            say_moment=say_moment,
            say_size=say_size,
            say_address=say_address,
            brief=_brief,
            **context,
        )
    )
    return _BREAKS.sub(" ", typeset_html(html)).strip()
