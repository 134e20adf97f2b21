"""Messages and replies for the tests of the desk, and a clock that only moves when told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from assistant.answer import Answer, Kind, Status
from assistant.drafting.message import Address, Message
from assistant.drafting.reply import Answered, Paragraph, Point, Question, Reply, Risk, Role

PASSWORD = "quatre chevaux gris"


@dataclass
class Clock:
    """A clock that only moves when told."""

    instant: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.instant

    def move(self, **span: float) -> None:
        self.instant += timedelta(**span)


SENDER = Address("Direction de l’EHPAD d’exemple", "direction@ehpad.example.org")


def message(text: str = "Bonjour,\n\nQuel est le nombre minimal d’ESSMS ?", **fields: Any) -> Message:
    return Message(**({"text": text, "subject": "Question sur le seuil", "sender": SENDER} | fields))


@dataclass
class Drafting:
    """What a reply is made of, in the words of a test."""

    risk: Risk = Risk.GREEN
    answers: tuple[str, ...] = ("Le projet réunit le nombre d’ESSMS demandé.",)
    questions: tuple[tuple[str, Kind, Status], ...] = (
        ("Quel est le nombre minimal d’ESSMS ?", Kind.ANSWER, Status.ANSWERED),
    )
    points: tuple[Point, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)


def reply(**fields: Any) -> Reply:
    made = Drafting(**fields)
    paragraphs = [
        Paragraph("salutation", Role.SALUTATION, "Madame, Monsieur,"),
        *(Paragraph(f"answer-{n}", Role.ANSWER, text) for n, text in enumerate(made.answers, 1)),
        Paragraph("courtesy", Role.COURTESY, "Je vous prie d’agréer mes salutations distinguées."),
    ]
    return Reply(
        subject="Re: Question sur le seuil",
        paragraphs=tuple(paragraphs),
        questions=tuple(
            Answered(Question(words, words), Answer(kind, status, "…"))
            for words, kind, status in made.questions
        ),
        risk=made.risk,
        points=made.points,
        **made.extra,
    )


AMBER: dict[str, Any] = {
    "risk": Risk.AMBER,
    "points": (Point("source", "Vérifier la source secondaire."), Point("annee", "Vérifier l’année.")),
}
