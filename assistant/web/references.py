"""The sources that a part of a page cites, numbered in the order in which they are first cited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from corpus.sources import Source


@dataclass(frozen=True)
class Reference:
    """A source under the number that its list gives it; ``anchor`` is that of its line on the page."""

    number: int
    source: Source
    anchor: str


class References:
    """Gives each source its number; ``name`` tells its list from the others of the page."""

    def __init__(self, name: str, sources: Mapping[str, Source]) -> None:
        self.name = name
        self._sources = sources
        self._numbers: dict[str, int] = {}

    def cite(self, ids: Iterable[str]) -> tuple[Reference, ...]:
        """Return the sources of these ids by number; those that are not known are left out."""
        known = [source for source in dict.fromkeys(ids) if source in self._sources]
        for source in known:
            self._numbers.setdefault(source, len(self._numbers) + 1)
        return tuple(self._reference(source) for source in sorted(known, key=self._numbers.__getitem__))

    @property
    def cited(self) -> tuple[Reference, ...]:
        """Every source cited, by number."""
        return self.cite(list(self._numbers))

    def _reference(self, source: str) -> Reference:
        number = self._numbers[source]
        return Reference(number, self._sources[source], f"source-{self.name}-{number}")
