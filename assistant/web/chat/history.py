"""The conversation as the page keeps it, in a hidden field, between two questions.

Whoever holds the page may change that field: it is read as a stranger's text, and nothing leaves it but questions
and answers of the right shape, which are escaped when they are shown.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from assistant.answer import Answer

if TYPE_CHECKING:
    from pydantic import TypeAdapter

MAX_TURNS = 50
MAX_BYTES = 400_000  # fifty ordinary exchanges; each frame of an answer carries it

_LARGEST_NUMBER = 1_000_000


@dataclass(frozen=True)
class Exchange:
    """A question, the day it was asked and its answer; ``None`` when the assistant broke.

    ``number`` tells the anchors of an exchange from those of the others.
    """

    number: int
    question: str
    day: date
    answer: Answer | None

    def as_json(self) -> dict[str, Any]:
        """Return the form in which the page keeps it."""
        return {
            "number": self.number,
            "question": self.question,
            "day": self.day.isoformat(),
            "answer": self.answer and self.answer.as_json(),
        }


def well_formed(text: str) -> str:
    """Return ``text`` with half characters (lone surrogates) replaced: they cannot be sent back."""
    return text.encode("utf-8", "replace").decode("utf-8")


def read_history(stored: object) -> list[Exchange]:
    """Return the exchanges kept by the page, oldest first; what is not an exchange is left out."""
    try:
        rows = json.loads(stored) if isinstance(stored, str) else []
        if isinstance(stored, str) and "\\ud" in stored.lower():  # halves of characters, alone or in pairs
            rows = json.loads(well_formed(json.dumps(rows, ensure_ascii=False)))
    except (ValueError, RecursionError):
        return []
    if not isinstance(rows, list):
        return []
    exchanges = [_read(position, row) for position, row in enumerate(rows[-MAX_TURNS:], 1)]
    return [exchange for exchange in exchanges if exchange is not None]


def _read(position: int, row: object) -> Exchange | None:
    if not isinstance(row, dict) or not isinstance(row.get("question"), str):
        return None
    number, answer = row.get("number"), row.get("answer")
    try:
        day = date.fromisoformat(str(row.get("day")))
        return Exchange(
            number=number if type(number) is int and 0 < number < _LARGEST_NUMBER else position,
            question=row["question"],
            day=day,
            answer=None if answer is None else read_answer(answer),
        )
    except (TypeError, ValueError, RecursionError):
        return None


def read_answer(data: object) -> Answer:
    """Return the answer whose JSON form is ``data``.

    Raises:
        ValueError: It is not the JSON form of an answer.
    """
    if not isinstance(data, dict):
        raise ValueError("not an answer")
    answer: Answer = _answers().validate_python({**data, "text": data.get("answer")})
    return answer


@lru_cache(maxsize=1)
def _answers() -> TypeAdapter[Answer]:
    from pydantic import TypeAdapter

    return TypeAdapter(Answer)


def write_history(exchanges: Sequence[Exchange]) -> str:
    """Return the text of the hidden field, without the oldest exchanges when it would be too large."""
    rows = [exchange.as_json() for exchange in exchanges[-MAX_TURNS:]]
    while rows:
        text = well_formed(json.dumps(rows, ensure_ascii=False))
        if len(json.dumps(text, ensure_ascii=False).encode()) <= MAX_BYTES:
            return text
        rows.pop(0)
    return "[]"


def questions(exchanges: Sequence[Exchange]) -> list[str]:
    """Return the questions that were answered, oldest first."""
    return [exchange.question for exchange in exchanges if exchange.answer is not None]
