"""What separates two texts of a letter, paragraph by paragraph, said in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from assistant.drafting.editing import blocks_of

MAX_BLOCKS = 400  # beyond, the two texts are shown whole
MAX_WORDS = 1_500  # of a paragraph, beyond which its words are not compared


@dataclass(frozen=True)
class Change:
    """A paragraph that changed: ``label`` says how; ``pieces`` are its words, each kept, added or removed."""

    label: str
    pieces: tuple[tuple[str, str], ...]


def difference(before: str, after: str) -> list[Change]:
    """Return the paragraphs that differ, in order; nothing when the texts are the same."""
    old, new = blocks_of(before), blocks_of(after)
    if len(old) > MAX_BLOCKS or len(new) > MAX_BLOCKS:
        return [] if before == after else [_removed(before), _added(after)]
    changes: list[Change] = []
    for tag, start, end, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        paired = min(end - start, last - first)
        changes += [_changed(old[start + n], new[first + n]) for n in range(paired)]
        changes += [_removed(block) for block in old[start + paired : end]]
        changes += [_added(block) for block in new[first + paired : last]]
    return changes


def _removed(block: str) -> Change:
    return Change("Paragraphe retiré depuis", (("removed", block),))


def _added(block: str) -> Change:
    return Change("Paragraphe ajouté depuis", (("added", block),))


def _changed(before: str, after: str) -> Change:
    return Change("Paragraphe modifié depuis", tuple(_words(before, after)))


def _words(before: str, after: str) -> Iterator[tuple[str, str]]:
    old, new = before.split(" "), after.split(" ")
    if max(len(old), len(new)) > MAX_WORDS:
        yield from (("removed", before), ("added", after))
        return
    for tag, start, end, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "kept", " ".join(old[start:end])
            continue
        if end > start:
            yield "removed", " ".join(old[start:end])
        if last > first:
            yield "added", " ".join(new[first:last])
