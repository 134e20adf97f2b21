"""What a composition starts from: the message read, judged and searched for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from assistant.judging import Ruling
from assistant.understanding.reading import Reading
from assistant.understanding.senses import Sense
from index.passage import Hit

RELATED_COSINE = 0.862  # a passage this near to a question is about the same thing


@dataclass(frozen=True)
class Material:
    """What a composition starts from."""

    reading: Reading
    ruling: Ruling
    hits: Sequence[Hit]
    day: date
    sense: Sense = field(default_factory=Sense)
    outside: bool = False  # whether the whole message is about something else than the programme
    message: str = ""
    document_words: frozenset[str] = frozenset()  # stems of the question that only added documents have


def in_document(material: Material) -> bool:
    """Whether an added document is what the words of the question find first, and is near its meaning."""
    best = max(material.hits, key=lambda hit: hit.lexical or 0.0, default=None)
    return best is not None and best.passage.kind == "document" and (best.dense or 0.0) >= RELATED_COSINE
