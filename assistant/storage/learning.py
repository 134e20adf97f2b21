"""What is learnt from a request without keeping who wrote it: its themes, what had no answer, what staff corrected."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from assistant.answer import Kind, Status
from assistant.privacy.masking import mask
from assistant.rules.result import Outcome
from assistant.storage.naming import pattern_of

NO_THEME = "autre"
_HIDDEN = "[nom masqué]"
_MAX_QUESTION, _MAX_PARAGRAPH = 2_000, 5_000  # characters
_BLANK_LINE = re.compile(r"\n\s*\n")


def theme_of(question: str, day: date) -> str:
    """Return the label of what a question is about (:class:`assistant.understanding.intents.Intent`), or « autre »."""
    from assistant.understanding.reading import read_message

    intents = read_message(question, None, day).intents
    return intents[0].value if intents else NO_THEME


@dataclass(frozen=True)
class Asked:
    """A question as statistics keep it; ``masked`` is empty unless the corpus lacks its answer."""

    theme: str
    outcome: str
    lacking: bool
    masked: str


def asked(reply: dict[str, Any], day: date, hide: Callable[[str], str]) -> list[Asked]:
    """Return the questions of a reply kept as JSON; ``hide`` masks what identifies somebody."""
    return [
        Asked(
            theme=theme_of(question["asked"] or question["text"], day),
            outcome=question.get("status") or question["kind"],
            lacking=bool(question.get("lacking")),
            masked=hide((question["asked"] or question["text"])[:_MAX_QUESTION])
            if question.get("lacking")
            else "",
        )
        for question in reply["questions"]
    ]


def is_lacking(kind: Kind, status: Status, rules: Iterable[Any]) -> bool:
    """Say whether an answer shows a gap of the corpus: nothing found, or a rule that no fact would settle."""
    if kind is Kind.ABSTENTION or status in (Status.NOT_IN_CORPUS, Status.WITHDRAWN):
        return True
    return any(rule.outcome is Outcome.UNDETERMINED and not rule.missing for rule in rules)


def hiding(names: Iterable[str]) -> Callable[[str], str]:
    """Return what masks addresses, numbers, and the names of those who wrote, received or handled a message."""
    patterns = [pattern for name in names if _is_name(name) and (pattern := pattern_of(name))]

    def hide(text: str) -> str:
        text = mask(text)  # first: an address may be made of a name
        for pattern in patterns:
            text = pattern.sub(_HIDDEN, text)
        return text

    return hide


def _is_name(name: str) -> bool:
    """Say whether a name can be hidden everywhere: « ARS » or « EHPAD » alone are words of the programme."""
    return len(name.split()) > 1 or (len(name) > 3 and not name.isupper())


@dataclass(frozen=True)
class Correcting:
    """How a validated text differs from the draft made.

    ``distance`` counts the words inserted, deleted or replaced; ``changed`` is that out of the longer text, from 0 to
    1; ``paragraphs`` are {key, kind, before, after}, « kind » being kept, changed, removed or added; the words of those
    kept are not repeated.
    """

    distance: int
    changed: float
    paragraphs: list[dict[str, str]]


def correcting(
    generated: Sequence[dict[str, str]], before: str, after: str, hide: Callable[[str], str]
) -> Correcting:
    """Compare a text with the draft it comes from; ``generated`` are the paragraphs, {key, role, text}, of the draft."""
    from rapidfuzz.distance import Levenshtein

    old, new = before.split(), after.split()
    distance = Levenshtein.distance(old, new)
    longer = max(len(old), len(new))
    return Correcting(
        distance, distance / longer if longer else 0.0, _paragraphs(generated, _blocks(after), hide)
    )


def _blocks(text: str) -> list[str]:
    return [stripped for block in _BLANK_LINE.split(text) if (stripped := block.strip())]


def _paragraphs(
    generated: Sequence[dict[str, str]], after: list[str], hide: Callable[[str], str]
) -> list[dict[str, str]]:
    return [
        {
            "key": one.key,
            "kind": one.kind,
            "before": "" if one.kind == "kept" else hide(one.before[:_MAX_PARAGRAPH]),
            "after": "" if one.kind == "kept" else hide(one.after[:_MAX_PARAGRAPH]),
        }
        for one in _aligned(generated, after)
    ]


@dataclass(frozen=True)
class _Aligned:
    key: str
    kind: str
    before: str
    after: str


def _aligned(generated: Sequence[dict[str, str]], after: list[str]) -> Iterator[_Aligned]:
    """Put each block of the draft made beside what it has become, in order; ``key`` is empty for what was added."""
    keys, before = [], []
    for paragraph in generated:
        for block in _blocks(paragraph["text"]):
            keys.append(paragraph["key"])
            before.append(block)
    codes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for code, first, last, start, end in codes:
        for key, old, new in zip_longest(
            keys[first:last], before[first:last], after[start:end], fillvalue=""
        ):
            kind = "kept" if code == "equal" else "changed" if old and new else "removed" if old else "added"
            yield _Aligned(key, kind, old, new)


def blocks_of(generated: Sequence[dict[str, str]], after: str, key: str) -> list[str]:
    """Return what a paragraph of the draft made has become in a text, block by block."""
    return [one.after for one in _aligned(generated, _blocks(after)) if one.key == key and one.after]


def is_small(before: str, after: str) -> bool:
    """Say whether a change is of a few words, among many: two saves of it in a row make one revision."""
    from rapidfuzz.distance import Levenshtein

    old, new = before.split(), after.split()
    few = min(_FEW_WORDS, max(len(old), len(new)) // _AMONG)
    return Levenshtein.distance(old, new, score_cutoff=few) <= few


_FEW_WORDS, _AMONG = 20, 4
