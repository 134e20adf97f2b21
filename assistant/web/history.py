"""The conversation as the page keeps it, in a hidden field, between two questions.

Whoever holds the page may change that field: it is read as a stranger's text, and nothing but strings
leaves it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

MAX_TURNS = 50
MAX_BYTES = 1_000_000

_LARGEST_NUMBER = 1_000_000


@dataclass(frozen=True)
class Exchange:
    """A question and the HTML shown for it; ``number`` tells its anchors from those of the others."""

    number: int
    question: str
    answer: str
    failed: bool = False


def well_formed(text: str) -> str:
    """Return ``text`` with half characters (lone surrogates) replaced: they cannot be sent back."""
    return text.encode("utf-8", "replace").decode("utf-8")


def read_history(stored: object) -> list[Exchange]:
    """Return the exchanges kept by the page, oldest first; what is not an exchange is left out."""
    try:
        rows = json.loads(stored) if isinstance(stored, str) else []
    except (ValueError, RecursionError):
        return []
    if not isinstance(rows, list):
        return []
    exchanges = [_read(position, row) for position, row in enumerate(rows[-MAX_TURNS:], 1)]
    return [exchange for exchange in exchanges if exchange is not None]


def _read(position: int, row: object) -> Exchange | None:
    if not isinstance(row, dict):
        return None
    question, answer, number = row.get("question"), row.get("answer"), row.get("number")
    if not isinstance(question, str) or not isinstance(answer, str):
        return None
    return Exchange(
        number=number if type(number) is int and 0 < number < _LARGEST_NUMBER else position,
        question=well_formed(question),
        answer=well_formed(answer),
        failed=row.get("failed") is True,
    )


def write_history(exchanges: Sequence[Exchange]) -> str:
    """Return the text of the hidden field, without the oldest exchanges when it would be too large."""
    rows = [asdict(exchange) for exchange in exchanges[-MAX_TURNS:]]
    while rows:
        text = json.dumps(rows, ensure_ascii=False)
        if len(json.dumps(text, ensure_ascii=False).encode()) <= MAX_BYTES:
            return text
        rows.pop(0)
    return "[]"


def questions(exchanges: Sequence[Exchange]) -> list[str]:
    """Return the questions that were answered, oldest first."""
    return [exchange.question for exchange in exchanges if not exchange.failed]
