"""Number the citations of an answer and locate each in the words that support it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.answer import Citation
from assistant.composing.draft import Sentence
from assistant.composing.excerpts import Excerpts
from assistant.figures import figures_of
from assistant.rules.catalogue import REFS
from corpus.sources import Source
from index.passage import Passage

MAXIMUM_PER_SENTENCE = 4
_ITEM = re.compile(r"- ")
_APART = re.compile(r"- |\*")  # list items, titles of parts, the sentence in English


@dataclass(frozen=True)
class Line:
    """A sentence as it is cited: ``text`` with its markers, and what :class:`Sentence` says of it.

    ``sourced``: it cites something.
    """

    text: str
    bullet: bool = False
    detail: bool = False
    key: str = ""
    sourced: bool = False


@dataclass(frozen=True)
class Cited:
    """The text of an answer and its details, with their markers, and the citations they point to.

    ``lines`` are their sentences one by one, the details last.
    """

    text: str
    details: str
    citations: tuple[Citation, ...]
    lines: tuple[Line, ...]


def cite(sentences: Sequence[Sentence], sources: Mapping[str, Source], excerpts: Excerpts) -> Cited:
    """Return the Markdown of the sentences with ``[n]`` markers, and the numbered citations.

    One number a source and passage: the same source quoted at two places has two numbers. A sentence that
    reports a rule points to what the answer already quotes of its source, when that says its figures.
    """
    numbers: dict[tuple[str, str], Citation] = {}
    quoted: dict[str, list[Passage]] = defaultdict(list)
    lines: list[Line] = []
    # Numbers grow as the eye meets them: the details come last.
    for sentence in sorted(sentences, key=lambda sentence: sentence.detail):
        markers = []
        wanted = frozenset(ref for rule in sentence.rules for ref in REFS.get(rule.rule, ()))
        for source_id in _ranked(sentence, sources, excerpts, wanted):
            passage = (
                sentence.passage
                or _again(quoted[source_id], sentence)
                or excerpts.best(source_id, sentence.text, wanted)
            )
            key = (source_id, passage.id if passage else "")
            if key not in numbers:
                numbers[key] = _citation(len(numbers) + 1, sources[source_id], passage, sentence)
                if passage:
                    quoted[source_id].append(passage)
            markers.append(f"[{numbers[key].number}]")
        text = sentence.text + (f" {''.join(markers)}" if markers else "")
        lines.append(Line(text, sentence.bullet, sentence.detail, sentence.key, bool(markers)))
    shown = join_lines([line for line in lines if not line.detail])
    details = join_lines([line for line in lines if line.detail])
    return Cited(shown, details, tuple(numbers.values()), tuple(lines))


def _ranked(
    sentence: Sentence, sources: Mapping[str, Source], excerpts: Excerpts, wanted: frozenset[str]
) -> list[str]:
    """Return the sources to cite, the most authoritative first: those whose own words say the sentence.

    When none does (a ruling that adds up several facts), the first ones stand.
    """
    ranked = sorted(sentence.sources, key=lambda name: sources[name].grade)
    if sentence.passage is not None:
        return ranked[:MAXIMUM_PER_SENTENCE]
    said = [name for name in ranked if excerpts.supports(name, sentence.text, wanted)]
    return (said or ranked)[:MAXIMUM_PER_SENTENCE]


def _again(quoted: Sequence[Passage], sentence: Sentence) -> Passage | None:
    """Return a passage already quoted that says the sentence's figures as well."""
    figures = figures_of(sentence.text)
    return next(
        (passage for passage in quoted if len(figures & figures_of(passage.text)) * 2 >= len(figures)), None
    )


def _citation(number: int, source: Source, passage: Passage | None, sentence: Sentence) -> Citation:
    return Citation(
        number=number,
        id=source.id,
        title=source.title,
        publisher=source.publisher,
        date=source.issued or "",
        url=source.url or "",
        location=passage.location if passage else "Règle datée du programme",
        excerpt=passage.text if passage else sentence.text,
        grade=source.grade,
        grade_label=source.grade_label,
    )


def join_lines(lines: Sequence[Line]) -> str:
    """Join lines: list items keep together, the first sentence stands alone, the others make paragraphs."""
    blocks: list[str] = []
    for line in (f"- {line.text}" if line.bullet else line.text for line in lines):
        last = blocks[-1] if blocks else ""
        if _ITEM.match(line):
            same, gap = bool(_ITEM.match(last)), "\n"
        else:
            same, gap = len(blocks) > 1 and not _APART.match(line) and not _APART.match(last), " "
        if same:
            blocks[-1] += f"{gap}{line}"
        else:
            blocks.append(line)
    return "\n\n".join(blocks)
