"""The sentences of an answer before numbering: each carries the sources that say it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answer import Kind, Status
from assistant.rules.result import RuleResult
from index.passage import Passage


@dataclass(frozen=True)
class Sentence:
    """A sentence and its support: sources by id, and the passage it repeats or the rules it reports.

    A sentence without sources says nothing about the programme (a greeting, whom to ask).
    """

    text: str
    sources: tuple[str, ...] = ()
    passage: Passage | None = None
    rules: tuple[RuleResult, ...] = ()
    bullet: bool = False


@dataclass(frozen=True)
class Draft:
    """A composed answer, not yet checked."""

    kind: Kind
    status: Status
    sentences: Sequence[Sentence]


def reported(result: RuleResult, text: str, *, bullet: bool = False) -> Sentence:
    """Return a sentence that reports one rule, with the rule's sources."""
    return Sentence(text, result.sources, rules=(result,), bullet=bullet)


def reservations(results: Sequence[RuleResult]) -> list[Sentence]:
    """Return the reservations of some rules, each once."""
    said: dict[str, Sentence] = {}
    for result in results:
        for text in result.reservations:
            said.setdefault(text, reported(result, text))
    return list(said.values())
