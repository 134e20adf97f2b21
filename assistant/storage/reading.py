"""From rows to what the desk shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.drafting.reply import Risk
from assistant.storage.accounts import view as account_view
from assistant.storage.models import Account, Event, Note, Request, Revision, Tick
from assistant.storage.serial import message_from_json
from assistant.storage.views import (
    AccountView,
    DraftView,
    EventView,
    NoteView,
    PointView,
    RequestRow,
    RequestView,
    RevisionKind,
    RevisionView,
    SendingView,
    Status,
)

UNCERTAIN_AFTER = timedelta(minutes=5)  # no server takes as long to accept a message
SMTP = "smtp"

People = Callable[[int | None], AccountView | None]


def people(session: Session) -> People:
    """Return what gives the account of an id; there are as many as colleagues, all read at once."""
    known = {account.id: account_view(account) for account in session.scalars(select(Account))}
    return lambda account_id: known.get(account_id) if account_id is not None else None


def points_of(session: Session, request: Request) -> tuple[PointView, ...]:
    """Return the points to check, ticked when somebody ticked them in these very words."""
    who = people(session)
    ticks = {tick.key: tick for tick in session.scalars(select(Tick).where(Tick.request_id == request.id))}
    points = []
    for point in request.reply["points"]:
        tick = ticks.get(point["key"])
        if tick and tick.text == point["text"]:
            points.append(PointView(point["key"], point["text"], True, who(tick.by), tick.at))
        else:
            points.append(PointView(point["key"], point["text"]))
    return tuple(points)


def draft_of(request: Request, who: People) -> DraftView:
    """Return the draft of a request."""
    return DraftView(request.draft, request.draft_version, who(request.draft_by), request.draft_at)


def sending_of(request: Any, who: People, instant: datetime) -> SendingView | None:
    """Return the sending under way, if any."""
    if request.sending_at is None:
        return None
    return SendingView(
        who(request.sending_by), request.sending_at, instant - request.sending_at > UNCERTAIN_AFTER
    )


ROW = (
    Request.id, Request.subject, Request.sender_name, Request.sender_address, Request.excerpt, Request.kind,
    Request.received_at, Request.sent_at, Request.status, Request.risk, Request.theme, Request.assignee_id,
    Request.draft_at, Request.sending_by, Request.sending_at, Request.removed_at,
)  # fmt: skip


def row_of(row: Any, who: People, instant: datetime) -> RequestRow:
    """Return a line of the inbox from the columns of ``ROW``."""
    return RequestRow(
        id=row.id,
        subject=row.subject,
        sender=row.sender_name or row.sender_address,
        excerpt=row.excerpt,
        kind=row.kind,
        received_at=row.received_at,
        sent_at=row.sent_at,
        status=Status(row.status),
        risk=Risk(row.risk),
        theme=row.theme,
        assignee=who(row.assignee_id),
        draft_at=row.draft_at,
        sending=sending_of(row, who, instant),
        removed_at=row.removed_at,
    )


def request_of(session: Session, request: Request, instant: datetime) -> RequestView:
    """Return a request whole."""
    who = people(session)

    def rows(table: Any) -> Any:
        return session.scalars(select(table).where(table.request_id == request.id).order_by(table.id))

    return RequestView(
        id=request.id,
        kind=request.kind,
        message=message_from_json(request.message),
        reply=request.reply,
        draft=draft_of(request, who),
        status=Status(request.status),
        risk=Risk(request.risk),
        theme=request.theme,
        received_at=request.received_at,
        added_by=who(request.added_by),
        assignee=who(request.assignee_id),
        points=points_of(session, request),
        events=tuple(event_of(event, who) for event in rows(Event)),
        notes=tuple(note_of(note, who) for note in rows(Note)),
        revisions=tuple(revision_of(revision, who) for revision in rows(Revision)),
        sending=sending_of(request, who, instant),
        answered_at=request.answered_at,
        answered_how=request.answered_how or "",
        really_sent=request.answered_how == SMTP,
        can_undo=request.status_before is not None and request.answered_how != SMTP,
        removed_at=request.removed_at,
    )


def revision_of(revision: Revision, who: People) -> RevisionView:
    """Return a revision."""
    return RevisionView(
        revision.id,
        RevisionKind(revision.kind),
        revision.version,
        revision.text,
        who(revision.by),
        revision.at,
    )


def note_of(note: Note, who: People) -> NoteView:
    """Return a note."""
    return NoteView(note.id, note.text, who(note.by), note.at)


_SAID = {
    "recu": "Demande reçue",
    "ouvert": "Première lecture",
    "statut": "Statut\u00a0: {}",
    "annule": "Changement de statut annulé\u00a0: {}",
    "attribue": "Attribuée à {}",
    "libere": "N’est plus attribuée",
    "coche": "Point vérifié\u00a0: {}",
    "decoche": "Point à vérifier de nouveau\u00a0: {}",
    "refait": "Brouillon refait",
    "ecarte": "Un texte a été écarté, le brouillon ayant changé entre-temps",
    "envoi": "Envoi lancé",
    "echec": "Envoi non abouti",
    "envoye": "Réponse envoyée",
    "declare": "Réponse déclarée envoyée ({})",
    "corbeille": "Mise à la corbeille",
    "repris": "Reprise de la corbeille",
    "propose": "Proposition de fiche écrite\u00a0: {}",
}


def event_of(event: Event, who: People) -> EventView:
    """Return an event, said in French; the one to whom a request was given is named by the account as it is now."""
    detail = event.detail
    if event.kind == "attribue":
        account = who(int(detail))
        detail = account.display_name if account else "un compte inconnu"
    elif event.kind in ("statut", "annule"):
        detail = Status(detail).label
    return EventView(event.kind, _SAID[event.kind].format(detail), who(event.by), event.at)
