"""Find, in the corpus, the words of a source that say best what a sentence reports."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.figures import figures_of
from assistant.understanding.text import fold
from index.passage import Passage

_WORD = re.compile(r"[a-z0-9]{3,}")


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(fold(text).plain)) | frozenset(figures_of(text))


@dataclass
class Excerpts:
    """The passages of the corpus by source, to quote the one that says best what a rule reports."""

    by_source: dict[str, list[tuple[Passage, frozenset[str]]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    @classmethod
    def of(cls, passages: Sequence[Passage]) -> Excerpts:
        """Return the excerpts of the fiches' passages (the glossary quotes nobody)."""
        excerpts = cls()
        for passage in passages:
            words = _words(passage.text)
            for source in passage.sources:
                excerpts.by_source[source].append((passage, words))
        return excerpts

    def best(self, source: str, text: str) -> Passage | None:
        """Return the passage citing ``source`` that shares most with ``text``, figures counting double.

        A passage that says what is not known supports no ruling: it is quoted only for want of another.
        """
        wanted, figures = _words(text), figures_of(text)
        candidates = self.by_source.get(source, [])
        if not candidates:
            return None

        def shared(item: tuple[Passage, frozenset[str]]) -> float:
            same: float = (len(wanted & item[1]) + 2 * len(figures & item[1])) / (len(item[1]) + 8) ** 0.5
            return same * (0.5 if item[0].nature == "inconnu" else 1.0)

        return max(candidates, key=shared)[0]
