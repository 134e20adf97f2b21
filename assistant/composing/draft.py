"""The sentences of an answer before numbering: each carries the sources that say it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.answer import Kind, Status
from assistant.rules.result import RuleResult
from index.passage import Passage


@dataclass(frozen=True)
class Sentence:
    """A sentence and its support: sources by id, and the passage it repeats or the rules it reports.

    A sentence without sources says nothing about the programme (a greeting, whom to ask); ``key`` then names it in
    ``messages.yaml``, for those who say it otherwise. One that is ``detail`` is shown on demand only.
    """

    text: str
    sources: tuple[str, ...] = ()
    passage: Passage | None = None
    rules: tuple[RuleResult, ...] = ()
    bullet: bool = False
    detail: bool = False
    key: str = ""


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


LENGTH = 120  # words of an answer; what exceeds them is one click away
_LEEWAY = 1.1  # a sentence or two of the last words are not worth a click
_VERDICT = re.compile(r"(?:Oui|Non)\b")
_LEAST = 2  # sentences that are always shown


def shorten(draft: Draft, length: int = LENGTH) -> Draft:
    """Return the draft with what exceeds ``length`` words turned into details, from its end.

    The first two sentences stay, those that open with a verdict, and those that cite nothing: what is asked for, and whom to ask.
    """
    sentences = list(draft.sentences)
    total = sum(_words(sentence) for sentence in sentences)
    excess = total - length if total > _LEEWAY * length else 0
    for place in range(len(sentences) - 1, _LEAST - 1, -1):
        if excess > 0 and sentences[place].sources and not _VERDICT.match(sentences[place].text):
            excess -= _words(sentences[place])
            sentences[place] = replace(sentences[place], detail=True)
    return replace(draft, sentences=sentences)


def _words(sentence: Sentence) -> int:
    return 0 if sentence.detail else len(sentence.text.split())
