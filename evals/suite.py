"""What a suite is: it asks a bench its questions and returns scores, with notes on what could not be measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from evals.scoring import SETS, Sample, Score, Tally, load_samples
from evals.subject import Library, Subject

BESIDE = Path(__file__).parents[2] / "shared"  # data that is kept beside the project, never in it
ANSWER_SETS = ("answers", "second")
EVERY_ANSWER_SET = (*ANSWER_SETS, "held_out")
REFUSAL_SETS = ("refusals", "refusals_held_out")
EMAIL_SETS, EMAIL_HELD_OUT_SETS = ("emails",), ("emails_held_out",)


@dataclass
class Bench:
    """What suites measure with: the system that answers, its library, and where the sets are."""

    subject: Subject = field(default_factory=Subject.product)
    open_library: Callable[[], Library] = Library.open
    folder: Path = SETS
    beside: Path = BESIDE
    jobs: int = 1

    @cached_property
    def library(self) -> Library:
        """The corpus and index of the product, opened once."""
        return self.open_library()

    def samples(self, sets: Sequence[str]) -> Iterator[tuple[str, Sample]]:
        """Yield the samples of some sets with the name of their set.

        Raises:
            CorpusFileError: A set is missing or a record of it is invalid.
        """
        for name in sets:
            for sample in load_samples(name, self.folder):
                yield name, sample


@dataclass(frozen=True)
class Measured:
    """The scores of a suite; ``notes`` are French sentences on what could not be measured."""

    scores: Sequence[Score]
    notes: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Suite:
    """A suite: its title, the sets it reads by default, how its scores are made and what more is said of them.

    ``grouping`` is what the type of a score means in it; ``beyond`` renders what the counts do not tell; ``interval``
    replaces Wilson's where the scores of a suite are not independent of one another. ``totals_only``: what fails is
    not even named.
    """

    title: str
    run: Callable[[Bench, Sequence[str]], Measured]
    sets: tuple[str, ...] = ()
    grouping: str = "type"
    beyond: Callable[[Sequence[Score]], list[str]] = lambda _: []
    interval: Callable[[Sequence[Score]], tuple[float, float]] | None = None
    totals_only: bool = False

    def tally(self, scores: Sequence[Score]) -> Tally:
        """Count the scores of the suite, with the interval that suits them."""
        tally = Tally.of(scores)
        return replace(tally, bounds=self.interval(scores)) if self.interval and tally.n else tally
