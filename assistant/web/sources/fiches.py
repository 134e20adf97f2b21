"""The fiches as they are read: their sections in order, and where each statement is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.documents import plain_words
from corpus.fiches import Statement


@dataclass(frozen=True)
class Section:
    """A heading of a fiche (level 2 or 3) and the statements right under it."""

    heading: str
    level: int
    anchor: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class Fiche:
    """A fiche as it is read: its sections in order."""

    id: str
    title: str
    sections: tuple[Section, ...]

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Every statement, in order."""
        return tuple(statement for section in self.sections for statement in section.statements)

    @property
    def sources(self) -> frozenset[str]:
        """The ids of the sources that its statements cite."""
        return frozenset(source for statement in self.statements for source in statement.sources)


def anchor_of(statement: Statement) -> str:
    """Return the anchor of a statement on the page of its fiche."""
    return statement.id.partition("#")[2]


def statement_path(statement: Statement) -> str:
    """Return where a statement is read."""
    return f"/fiches/{statement.fiche}#{anchor_of(statement)}"


def group_fiches(statements: Sequence[Statement]) -> dict[str, Fiche]:
    """Return the fiches that hold these statements by id, in the order of their titles."""
    grouped: dict[str, list[Statement]] = {}
    for statement in statements:
        grouped.setdefault(statement.fiche, []).append(statement)
    fiches = [Fiche(key, group[0].title, tuple(_sections(group))) for key, group in grouped.items()]
    return {fiche.id: fiche for fiche in sorted(fiches, key=lambda fiche: plain_words(fiche.title))}


def _sections(statements: Sequence[Statement]) -> Iterator[Section]:
    """Yield the sections in order; a heading that only holds others has one too, without statements."""
    under: dict[tuple[str, ...], list[Statement]] = {}
    for statement in statements:
        for depth in range(1, len(statement.heading)):
            under.setdefault(statement.heading[:depth], [])
        under.setdefault(statement.heading, []).append(statement)
    for heading, held in under.items():
        anchor = "section-" + plain_words(" ".join(heading))[:80]
        yield Section(
            heading[-1] if heading else "Généralités", 1 + min(max(len(heading), 1), 2), anchor, tuple(held)
        )
