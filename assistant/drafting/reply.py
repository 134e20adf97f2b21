"""A draft reply: its paragraphs, what stands beside it, and whether it may be sent after a mere reading."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from assistant.answer import Answer, Citation, Kind, Mode
from assistant.drafting.message import Address
from assistant.rules.result import RuleResult


class Role(StrEnum):
    """What a paragraph does in the letter, in the order of the letter."""

    SALUTATION = "salutation"
    OPENING = "opening"
    ANSWER = "answer"
    MISSING = "missing"
    NEXT_STEPS = "next_steps"
    COURTESY = "courtesy"
    SIGNATURE = "signature"
    SOURCES = "sources"


class Tone(StrEnum):
    """How the letter speaks."""

    ADMINISTRATIVE = "administratif"
    PLAIN = "simple"


class Length(StrEnum):
    """How much each answer says."""

    SHORT = "court"
    FULL = "complet"


class Risk(StrEnum):
    """What sending the draft asks for: a reading (green), or each point ticked (amber, red)."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True)
class Paragraph:
    """A paragraph in Markdown with ``[n]`` markers; ``key`` names it (« answer-2 ») from one draft to the next."""

    key: str
    role: Role
    text: str


@dataclass(frozen=True)
class Question:
    """A question found in the message: the sender's ``words``, and ``asked``, made to stand alone.

    ``implicit``: the sender did not put it as a question.
    """

    words: str
    asked: str
    implicit: bool = False


@dataclass(frozen=True)
class Answered:
    """A question and its answer, whose citation numbers are those of the whole reply."""

    question: Question
    answer: Answer
    theme: str = ""  # an ``Intent``, empty when none is told

    @property
    def kind(self) -> Kind:
        """The outcome of the question."""
        return self.answer.kind


@dataclass(frozen=True)
class Reason:
    """Why a draft is not green, in one French sentence; ``level`` is what it makes of the draft."""

    level: Risk
    text: str


@dataclass(frozen=True)
class Point:
    """Something a human must check before sending, to be ticked; ``key`` names it from one draft to the next."""

    key: str
    text: str


@dataclass(frozen=True)
class Options:
    """What whoever drafts may choose; ``signature`` is the block of the settings, on several lines."""

    tone: Tone = Tone.ADMINISTRATIVE
    length: Length = Length.FULL
    signature: str = ""


@dataclass(frozen=True)
class Reply:
    """A draft reply and all that stands beside it."""

    subject: str
    paragraphs: tuple[Paragraph, ...]
    questions: tuple[Answered, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    risk: Risk = Risk.GREEN
    reasons: tuple[Reason, ...] = ()
    points: tuple[Point, ...] = ()
    citations: tuple[Citation, ...] = ()
    rules: tuple[RuleResult, ...] = ()
    to: Address | None = None
    cc: tuple[Address, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    mode: Mode = Mode.RULES
    model: str = ""
    options: Options = Options()
    elapsed_ms: int = 0

    @property
    def text(self) -> str:
        """The letter whole, in Markdown."""
        return "\n\n".join(paragraph.text for paragraph in self.paragraphs)

    def as_json(self) -> dict[str, Any]:
        """Return the stable JSON form of ``python -m assistant reply --json``."""
        return {
            "subject": self.subject,
            "draft": self.text,
            "questions": [
                {
                    "text": answered.question.words,
                    "kind": answered.kind.value,
                    "answer": answered.answer.text,
                    "asked": answered.question.asked,
                    "implicit": answered.question.implicit,
                    "theme": answered.theme,
                }
                for answered in self.questions
            ],
            "facts": self.facts,
            "risk": self.risk.value,
            "reasons": [reason.text for reason in self.reasons],
            "points_to_check": [point.text for point in self.points],
            "citations": [vars(citation) for citation in self.citations],
            "rules": [rule.as_json() for rule in self.rules],
            "to": str(self.to) if self.to else "",
            "cc": [str(address) for address in self.cc],
            "in_reply_to": self.in_reply_to,
            "references": list(self.references),
            "notices": list(self.notices),
            "mode": self.mode.value,
            "model": self.model,
            "paragraphs": [
                {"key": paragraph.key, "role": paragraph.role.value, "text": paragraph.text}
                for paragraph in self.paragraphs
            ],
            "elapsed_ms": self.elapsed_ms,
        }
