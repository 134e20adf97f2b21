"""What a search demands and what it prefers: years, tracks, places, authority, validity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from index.errors import QueryError
from index.passage import Passage, PassageKind

# In units of the fused score, whose candidates have a deviation of about one.
EXACT_SCOPE = 0.5  # the passage names the year, the track or the place that is preferred
AUTHORITY_STEP = 0.1  # a grade better or worse than the middle one (3)
REPLACED = -0.5  # the passage is of a document that a later version replaces

LEAST_GRADE, MIDDLE_GRADE = 5, 3


@dataclass(frozen=True)
class Wanted:
    """Limits of a search.

    A passage that states no year, track or place speaks of all of them, and passes. Years, tracks and places
    exclude the passages that speak of others only when ``strict``; otherwise they prefer those that name them.
    ``grade`` is the least authority accepted (1 official text to 5 commercial site); ``valid`` leaves out what a
    later version replaces, but for the years that were left to it.

    Raises:
        QueryError: ``grade`` is not between 1 and 5.
    """

    annees: frozenset[int] = frozenset()
    voies: frozenset[str] = frozenset()
    territoires: frozenset[str] = frozenset()
    kinds: frozenset[PassageKind] = frozenset()
    grade: int = LEAST_GRADE
    valid: bool = False
    strict: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.grade <= LEAST_GRADE:
            raise QueryError(
                f"Le degré d’autorité demandé est {self.grade} : un entier de 1 à {LEAST_GRADE} est attendu."
            )

    @property
    def excludes(self) -> bool:
        """Whether some passages may be left out."""
        scoped = self.strict and (self.annees or self.voies or self.territoires)
        return bool(scoped or self.kinds or self.grade < LEAST_GRADE or self.valid)

    def accepts(self, passage: Passage, grade: int) -> bool:
        """Whether a passage, whose best source has this grade, may be found."""
        if self.kinds and passage.kind not in self.kinds:
            return False
        if grade > self.grade:
            return False
        left = self.annees & frozenset(passage.annees)
        if passage.superseded_by and not left and (self.valid or (self.strict and self.annees)):
            return False  # what is replaced speaks for the years left to it, and for none when none is
        return not self.strict or all(
            not wanted or not stated or wanted & stated for wanted, stated in self._scopes(passage)
        )

    def preference(self, passage: Passage, grade: int) -> float:
        """Return what is added to the fused score of a passage."""
        exact = sum(bool(wanted & stated) for wanted, stated in self._scopes(passage))
        replaced = bool(passage.superseded_by) and not self.annees & frozenset(passage.annees)
        return EXACT_SCOPE * exact + AUTHORITY_STEP * (MIDDLE_GRADE - grade) + (REPLACED if replaced else 0.0)

    def _scopes(self, passage: Passage) -> tuple[tuple[frozenset[object], frozenset[object]], ...]:
        return (
            (frozenset(self.annees), frozenset(passage.annees)),
            (frozenset(self.voies), frozenset(passage.voies)),
            (frozenset(self.territoires), frozenset(passage.territoires)),
        )


@dataclass(frozen=True)
class Grades:
    """The authority of sources by id; a source that is not known has the middle grade."""

    of_source: Mapping[str, int] = field(default_factory=dict)

    def best(self, sources: Iterable[str]) -> int:
        """Return the best grade of the sources of a passage."""
        return min((self.of_source.get(source, MIDDLE_GRADE) for source in sources), default=MIDDLE_GRADE)
