"""One numbering of citations for a whole letter: the same source at the same place has one number."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from assistant.answer import Answer, Citation
from assistant.chain import Asked

SECONDARY = 4  # the grade from which a source is neither a text nor the page of a public body
_RUN = re.compile(r"\[\d+\](?:\[\d+\])+")
_MARKER = re.compile(r"\[(\d+)\]")


def number_together(asked: Sequence[Asked]) -> tuple[list[Asked], tuple[Citation, ...]]:
    """Return the answers with their markers numbered over all of them, and every citation once, in order."""
    known: dict[tuple[str, str, str], Citation] = {}
    renumbered = []
    for item in asked:
        numbers: dict[int, int] = {}
        own: dict[int, Citation] = {}
        for citation in item.answer.citations:
            key = (citation.id, citation.location, citation.excerpt)
            kept = known.setdefault(key, replace(citation, number=len(known) + 1))
            numbers[citation.number] = kept.number
            own[kept.number] = kept
        renumbered.append(_renumbered(item, numbers, tuple(own.values())))
    return renumbered, tuple(known.values())


def number_after(known: Sequence[Citation], answer: Answer) -> tuple[str, tuple[Citation, ...]]:
    """Return the text of one more answer numbered after the citations of a letter, and all the citations."""
    citations = {(citation.id, citation.location, citation.excerpt): citation for citation in known}
    numbers = {}
    for citation in answer.citations:
        key = (citation.id, citation.location, citation.excerpt)
        free = max((kept.number for kept in citations.values()), default=0) + 1
        numbers[citation.number] = citations.setdefault(key, replace(citation, number=free)).number
    return _moved(answer.text, numbers), tuple(citations.values())


def markers(text: str) -> list[int]:
    """Return the numbers that the markers of a text point to."""
    return [int(number) for number in _MARKER.findall(text)]


def without_secondary(text: str, grades: Mapping[int, int]) -> str:
    """Return a text in which no run of markers points to a secondary source beside a public body's."""

    def kept(match: re.Match[str]) -> str:
        numbers = markers(match[0])
        official = [number for number in numbers if grades.get(number, SECONDARY) < SECONDARY]
        return "".join(f"[{number}]" for number in official or numbers)

    return _RUN.sub(kept, text)


def _renumbered(asked: Asked, numbers: dict[int, int], citations: tuple[Citation, ...]) -> Asked:
    answer: Answer = replace(
        asked.answer,
        text=_moved(asked.answer.text, numbers),
        details=_moved(asked.answer.details, numbers),
        citations=citations,
    )
    return replace(
        asked,
        answer=answer,
        lines=tuple(replace(line, text=_moved(line.text, numbers)) for line in asked.lines),
    )


def _moved(text: str, numbers: Mapping[int, int]) -> str:
    return _MARKER.sub(lambda match: f"[{numbers.get(int(match[1]), int(match[1]))}]", text)
