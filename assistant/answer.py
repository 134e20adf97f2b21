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
    answer was made in a degraded mode, empty when all is well.
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

    def as_json(self) -> dict[str, Any]:
        """Return the stable JSON form used by the command line and the API."""
        return {
            "kind": self.kind.value,
            "status": self.status.value,
            "answer": self.text,
            "details": self.details,
            "notice": self.notice,
            "citations": [vars(citation) for citation in self.citations],
            "rules": [rule.as_json() for rule in self.rules],
            "suggestions": list(self.suggestions),
            "elapsed_ms": self.elapsed_ms,
        }
