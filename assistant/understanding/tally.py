"""Keep what the numbers of a message were found to count."""

from __future__ import annotations

from dataclasses import dataclass, field

from assistant.rules.facts import CategoryMention, Count, Stated
from assistant.understanding.nouns import Quantity
from assistant.understanding.numbers import Number


@dataclass(frozen=True)
class Total:
    """A number of ESSMS told in a message."""

    number: Number
    words: str
    noun: bool
    owned: bool = False  # told of one of the managers
    stop: int = 0  # the end of its noun and place
    region: str = ""


@dataclass
class Tally:
    """What the numbers read so far count."""

    totals: list[Total] = field(default_factory=list)
    refused: list[Total] = field(default_factory=list)
    mentions: list[CategoryMention] = field(default_factory=list)
    counted: list[tuple[CategoryMention, Quantity]] = field(default_factory=list)  # those of a category
    numbered: set[int] = field(default_factory=set)
    regions: Stated[Count] | None = None
    part_end: int = 0
    change: int = 0
    changed: str = ""
    joined: bool = False  # by ESSMS of no category
    with_finess: int | None = None
    without_finess: int = 0
    of_the_rule: bool = False  # the last number was the rule's

    @property
    def named(self) -> bool:
        """Whether a total was told with its noun: a number alone after it must say what it is."""
        return any(total.noun for total in self.totals)

    def sum_of_categories(self) -> int:
        """Return how many structures were told category by category, those within a total left out."""
        return sum(
            mention.nombre.low for mention in self.mentions if mention.nombre and not mention.within_total
        )


@dataclass(frozen=True)
class Counts:
    """What the numbers of a message count."""

    essms: Stated[Count] | None
    variation: Stated[int] | None
    sans_finess: Stated[int] | None
    regions: Stated[Count] | None
    categories: tuple[CategoryMention, ...]


def shift(count: Count, change: int) -> Count:
    """Return a count with ``change`` ESSMS more or fewer, never below zero."""
    high = None if count.high is None else max(0, count.high + change)
    return Count(max(0, count.low + change), high)
