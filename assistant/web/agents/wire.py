"""What the desk says to scripts, as JSON; instants are in ISO 8601, in UTC."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from assistant.drafting.message import Separated
from assistant.storage.views import (
    AccountView,
    DraftView,
    NoteView,
    Page,
    PointView,
    RequestRow,
    RequestView,
    SendingView,
)
from assistant.web.agents.service import Received


def account_json(account: AccountView | None) -> dict[str, Any] | None:
    """Return a member of staff as colleagues see one."""
    return {"id": account.id, "name": account.display_name} if account else None


def draft_json(draft: DraftView) -> dict[str, Any]:
    """Return the text of a reply, who wrote it and when."""
    return {
        "text": draft.text,
        "version": draft.version,
        "by": account_json(draft.by),
        "at": _instant(draft.at),
    }


def point_json(point: PointView) -> dict[str, Any]:
    """Return a point to check."""
    return {
        "key": point.key,
        "text": point.text,
        "ticked": point.ticked,
        "by": account_json(point.by),
        "at": _instant(point.at),
    }


def note_json(note: NoteView) -> dict[str, Any]:
    """Return an internal note."""
    return {"id": note.id, "text": note.text, "by": account_json(note.by), "at": _instant(note.at)}


def sending_json(sending: SendingView | None) -> dict[str, Any] | None:
    """Return a sending that has begun."""
    if sending is None:
        return None
    return {"by": account_json(sending.by), "at": _instant(sending.at), "uncertain": sending.uncertain}


def page_json(page: Page[RequestRow]) -> dict[str, Any]:
    """Return a page of the inbox, with how many requests have each status."""
    return {
        "rows": [_row_json(row) for row in page.rows],
        "page": page.page,
        "pages": page.pages,
        "total": page.total,
        "totals": {status.value: count for status, count in page.totals.items()},
    }


def _row_json(row: RequestRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "subject": row.subject,
        "sender": row.sender,
        "excerpt": row.excerpt,
        "kind": row.kind,
        "received_at": _instant(row.received_at),
        "sent_at": _instant(row.sent_at),
        "status": row.status.value,
        "risk": row.risk.value,
        "theme": row.theme,
        "assignee": account_json(row.assignee),
        "draft_at": _instant(row.draft_at),
        "sending": sending_json(row.sending),
    }


def request_json(view: RequestView, parts: Separated) -> dict[str, Any]:
    """Return a request whole; ``parts`` are those of its message."""
    return state_json(view) | {
        "message": {
            "subject": view.message.subject,
            "sender": asdict(view.message.sender) if view.message.sender else None,
            "to": [asdict(address) for address in view.message.to],
            "cc": [asdict(address) for address in view.message.cc],
            "sent": _instant(view.message.sent),
            "written": parts.written,
            "signature": parts.signature,
            "disclaimer": parts.disclaimer,
            "history": [part.text for part in parts.history],
            "attachments": [
                {"name": one.name, "media_type": one.media_type, "size": one.size, "problem": one.problem}
                for one in view.message.attachments
            ],
        },
        "reply": view.reply,
        "events": [
            {
                "kind": event.kind,
                "text": event.text,
                "by": account_json(event.by),
                "at": _instant(event.at),
            }
            for event in view.events
        ],
        "notes": [note_json(note) for note in view.notes],
        "revisions": [
            {
                "id": one.id,
                "kind": one.kind.value,
                "version": one.version,
                "text": one.text,
                "by": account_json(one.by),
                "at": _instant(one.at),
            }
            for one in view.revisions
        ],
    }


def state_json(view: RequestView) -> dict[str, Any]:
    """Return where a request stands: what changes as it is handled."""
    return {
        "id": view.id,
        "kind": view.kind,
        "theme": view.theme,
        "received_at": _instant(view.received_at),
        "status": view.status.value,
        "risk": view.risk.value,
        "assignee": account_json(view.assignee),
        "draft": draft_json(view.draft),
        "points": [point_json(point) for point in view.points],
        "points_left": [point.key for point in view.points_left],
        "sending": sending_json(view.sending),
        "answered_at": _instant(view.answered_at),
        "answered_how": view.answered_how,
        "can_undo": view.can_undo,
        "removed_at": _instant(view.removed_at),
    }


def received_json(received: Received, address: str) -> dict[str, Any]:
    """Return what became of a message; ``address`` is that of its request, empty when there is none."""
    request = received.request
    outcome = "probleme" if request is None else "nouvelle" if received.new else "deja_recue"
    return {
        "label": received.label,
        "outcome": outcome,
        "id": request.id if request else None,
        "address": address,
        "problem": received.problem,
    }


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
