"""The mentions and look-alikes of a file, and how well they are found."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from assistant.privacy.masking import find
from assistant.privacy.spans import Kind, Span

_FOLDER = Path(__file__).parent / "assistant" / "privacy"
_KINDS = {"P": Kind.PERSON, "A": Kind.ADDRESS, "B": Kind.BIRTH}
_MARK = re.compile(r"\{([PAB]):([^{}]*)\}")


@dataclass(frozen=True)
class Marked:
    """A text and the spans that its marks say."""

    text: str
    spans: frozenset[Span]

    @classmethod
    def read(cls, line: str) -> Marked:
        line = line.replace("\\n", "\n")
        text, spans, last = "", set(), 0
        for mark in _MARK.finditer(line):
            text += line[last : mark.start()]
            spans.add(Span(len(text), len(text) + len(mark[2]), _KINDS[mark[1]]))
            text += mark[2]
            last = mark.end()
        return cls(text + line[last:], frozenset(spans))

    def found(self) -> frozenset[Span]:
        """Return what is found, but for telephones and the like, which no mark shows."""
        return frozenset(span for span in find(self.text) if span.kind in _KINDS.values())


def load(name: str) -> tuple[list[Marked], list[str]]:
    """Return the mentions and the look-alikes of a file."""
    lines = (_FOLDER / name).read_text(encoding="utf-8").splitlines()
    lines = [line for line in lines if line and (not line.startswith("#") or line.startswith("##"))]
    divide = lines.index("## look-alikes")
    mentions = [Marked.read(line) for line in lines[lines.index("## mentions") + 1 : divide]]
    return mentions, [line.replace("\\n", "\n") for line in lines[divide + 1 :]]


def measure(name: str) -> tuple[float, float, int, int]:
    """Return precision, recall, and how many mentions and look-alikes there are; only exact spans count."""
    mentions, alike = load(name)
    expected = sum(len(one.spans) for one in mentions)
    right = sum(len(one.spans & one.found()) for one in mentions)
    found = sum(len(one.found()) for one in mentions) + sum(len(find(text)) for text in alike)
    return right / found, right / expected, expected, len(alike)
