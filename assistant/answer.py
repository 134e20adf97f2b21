"""What the assistant returns: an answer, its citations, its rulings, and the kinds of outcome."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from assistant.rules.result import RuleResult


class Kind(StrEnum):
    """The four outcomes of a question, and the one of a broken promise."""

    ANSWER = "answer"
    CLARIFICATION = "clarification"
    ABSTENTION = "abstention"
    REFUSAL = "refusal"
    ERROR = "error"


class Status(StrEnum):
    """Why the outcome is what it is."""

    ANSWERED = "answered"
    PARTIAL = "partial"
    NEEDS_FACTS = "needs_facts"
    NOT_IN_CORPUS = "not_in_corpus"
    OUT_OF_SCOPE = "out_of_scope"
    NOT_ALLOWED = "not_allowed"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"


class Mode(StrEnum):
    """Who made an answer: the rules and statements alone, or a language model that chose and ordered its sentences.

    ``FALLBACK``: a model was asked and nothing of what it wrote was kept, or it did not answer in time.
    """

    RULES = "rules"
    MODEL = "model"
    FALLBACK = "fallback"


@dataclass(frozen=True)
class Usage:
    """What a language model was asked for one question: calls, tokens read and written, euros, ``None`` without prices."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = None


@dataclass(frozen=True)
class Citation:
    """A numbered source and the exact place and words that support a sentence.

    ``date`` is as printed on the source (year, year-month or full day), empty when it shows none.
    """

    number: int
    id: str
    title: str
    publisher: str
    date: str
    url: str
    location: str
    excerpt: str
    grade: int
    grade_label: str


@dataclass(frozen=True)
class Answer:
    """A complete reply. ``text`` is Markdown with ``[n]`` markers that match ``citations``, like ``details``.

    ``details`` is what is shown on demand only, empty when the text says all; ``notice`` says in one line that the
    answer was made in a degraded mode, empty when all is well. ``mode`` is who put it in words, ``model`` the language
    model that was asked, if one was.
    """

    kind: Kind
    status: Status
    text: str
    citations: tuple[Citation, ...] = ()
    rules: tuple[RuleResult, ...] = ()
    suggestions: tuple[str, ...] = ()
    elapsed_ms: int = 0
    details: str = ""
    notice: str = ""
    mode: Mode = Mode.RULES
    model: str = ""
    usage: Usage | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the stable JSON form used by the command line and the API."""
        return {
            "kind": self.kind.value,
            "status": self.status.value,
            "answer": self.text,
            "details": self.details,
            "notice": self.notice,
            "mode": self.mode.value,
            "model": self.model,
            "usage": vars(self.usage) if self.usage else None,
            "citations": [vars(citation) for citation in self.citations],
            "rules": [rule.as_json() for rule in self.rules],
            "suggestions": list(self.suggestions),
            "elapsed_ms": self.elapsed_ms,
        }


@dataclass(frozen=True)
class Partial:
    """An answer that is being made: what is already checked, ``None`` at first, and what is being done, in French."""

    doing: str
    answer: Answer | None = None
