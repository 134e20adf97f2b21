"""Find, in the corpus, the words of a source that say best what a sentence reports."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assistant.figures import figures_of
from assistant.understanding.text import fold
from index.passage import Passage

_WORD = re.compile(r"[a-z0-9]{3,}")


_WHOLE = 0.3  # share of a sentence's words that an excerpt must hold to stand for it


@dataclass
class Excerpts:
    """The passages of the corpus by source, with the facts they carry, to quote what a rule reports."""

    by_source: dict[str, list[_Entry]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, passages: Sequence[Passage], refs: Mapping[str, frozenset[str]] | None = None) -> Excerpts:
        """Return the excerpts of passages; ``refs`` gives the facts of each passage by its id."""
        excerpts = cls()
        for passage in passages:
            entry = _Entry(passage, _words(passage.text), (refs or {}).get(passage.id, frozenset()))
            for source in passage.sources:
                excerpts.by_source[source].append(entry)
        return excerpts

    def best(self, source: str, text: str, wanted: frozenset[str] = frozenset()) -> Passage | None:
        """Return the passage citing ``source`` that says best what ``text`` reports.

        A passage that carries one of the facts ``wanted`` comes first; then what is shared counts, figures
        double. A passage that says what is not known supports no ruling: it is quoted only for want of another.
        """
        words, figures = _words(text), figures_of(text)
        entries = self.by_source.get(source, [])
        if not entries:
            return None

        def shared(entry: _Entry) -> float:
            same: float = (len(words & entry.words) + 2 * len(figures & entry.words)) / (
                len(entry.words) + 8
            ) ** 0.5
            if entry.passage.nature == "inconnu":
                same *= 0.5
            return same + (10.0 if wanted & entry.refs else 0.0)

        return max(entries, key=shared).passage

    def supports(self, source: str, text: str, wanted: frozenset[str]) -> bool:
        """Whether the source has a passage about the facts wanted, or sharing enough words with the text."""
        words = _words(text)
        for entry in self.by_source.get(source, []):
            if wanted & entry.refs or len(words & entry.words) >= _WHOLE * max(1, len(words)):
                return True
        return False


@dataclass(frozen=True)
class _Entry:
    passage: Passage
    words: frozenset[str]
    refs: frozenset[str]


def _words(text: str) -> frozenset[str]:
    stems = (
        word[:-1] if len(word) > 4 and word[-1] in "sx" else word for word in _WORD.findall(fold(text).plain)
    )
    return frozenset(stems) | frozenset(figures_of(text))
