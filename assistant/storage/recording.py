"""Write what outlives a request: its questions and corrections, without who asked or who corrected."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from assistant.storage.learning import NO_THEME, asked, correcting, hiding, theme_of
from assistant.storage.models import Account, AskedQuestion, Correction, Request, Statistic


def theme_of_reply(reply: dict[str, Any], instant: datetime) -> str:
    """Return the theme of the first question of a reply kept as JSON."""
    questions = reply["questions"]
    if not questions:
        return NO_THEME
    return theme_of(questions[0]["asked"] or questions[0]["text"], instant.date())


def record_questions(session: Session, request: Request) -> None:
    """Write the questions of a request again."""
    hide = hiding_people(session, request)
    session.execute(delete(AskedQuestion).where(AskedQuestion.request_id == request.id))
    for position, question in enumerate(asked(request.reply, request.received_at.date(), hide)):
        session.add(
            AskedQuestion(
                request_id=request.id,
                position=position,
                received_at=request.received_at,
                theme=question.theme,
                outcome=question.outcome,
                lacking=question.lacking,
                masked=question.masked,
            )
        )


def record_correction(session: Session, request: Request, figures: Statistic, instant: datetime) -> None:
    """Write how the text validated differs from the draft made, in place of what an earlier validation wrote."""
    found = correcting(
        request.reply["paragraphs"], request.reply["draft"], request.draft, hiding_people(session, request)
    )
    figures.distance, figures.changed = found.distance, found.changed
    kept = session.scalar(select(Correction).where(Correction.request_id == request.id))
    if kept is None:
        kept = Correction(request_id=request.id)
        session.add(kept)
    kept.at, kept.theme = instant, request.theme
    kept.distance, kept.changed, kept.paragraphs = found.distance, found.changed, found.paragraphs


def hiding_people(session: Session, request: Request) -> Callable[[str], str]:
    """Return what masks the numbers and addresses of a text, and the names of those the request knows."""
    message = request.message
    correspondents = [message["sender"], message["reply_to"], *message["to"], *message["cc"]]
    names = [person["name"] for person in correspondents if person]
    return hiding([*names, *session.scalars(select(Account.display_name))])
