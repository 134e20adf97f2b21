"""Measure answers: ask every question of a set, check each reply exactly, report with intervals."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, Field

from assistant.answer import Answer
from corpus.records import Record, read_records

SETS = Path(__file__).parent / "sets"


class Expectation(Record):
    """What a right reply holds: accepted kinds, groups of alternatives, forbidden texts, cited sources.

    A fragment between slashes is a regular expression; the others are plain text. All apply to the
    answer normalised: lower case, no accents, straight apostrophes, single spaces.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kinds: tuple[str, ...]
    must: tuple[tuple[str, ...], ...] = ()
    must_not: tuple[str, ...] = ()
    cite: tuple[tuple[str, ...], ...] = ()


class Sample(Record):
    """One question of a set, with who wrote it and who checked it."""

    id: str
    turns: tuple[str, ...] = Field(min_length=1)
    date: date
    expect: Expectation
    ref: tuple[str, ...] = ()
    written_by: str
    checked_by: str | None


@dataclass(frozen=True)
class Score:
    """The outcome of one sample with its evidence: ``reasons`` is empty when it passed."""

    sample: Sample
    answer: Answer
    reasons: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether every check held."""
        return not self.reasons


def load_samples(name: str) -> list[Sample]:
    """Return the samples of ``evals/sets/<name>.yaml``.

    Raises:
        CorpusFileError: The set is missing or a record is invalid.
    """
    return [sample for _, sample in read_records(SETS / f"{name}.yaml", Sample)]


def normalise(text: str) -> str:
    """Return the form of an answer that the expectations apply to."""
    plain = unicodedata.normalize("NFKD", text.lower())
    plain = "".join(char for char in plain if not unicodedata.combining(char)).replace("’", "'")
    return re.sub(r"\s+", " ", re.sub(r"\[\d+\]|\*", "", plain)).strip()


def _holds(fragment: str, text: str) -> bool:
    if len(fragment) > 2 and fragment.startswith("/") and fragment.endswith("/"):
        return re.search(fragment[1:-1], text) is not None
    return normalise(fragment) in text


def grade(sample: Sample, answer: Answer) -> Score:
    """Return the score of one reply; every failed check is a reason."""
    text, expect = normalise(answer.text), sample.expect
    reasons = (
        [] if answer.kind.value in expect.kinds else [f"kind {answer.kind.value} not in {list(expect.kinds)}"]
    )
    reasons += [
        f"missing {list(group)}" for group in expect.must if not any(_holds(item, text) for item in group)
    ]
    reasons += [f"forbidden {item!r}" for item in expect.must_not if _holds(item, text)]
    if answer.kind.value == "answer":
        cited = {citation.id for citation in answer.citations}
        reasons += [f"not cited {list(group)}" for group in expect.cite if not cited & set(group)]
    return Score(sample, answer, tuple(reasons))


def run(samples: Iterable[Sample], ask: Callable[[Sequence[str], date], Answer]) -> list[Score]:
    """Ask every sample and grade its reply."""
    return [grade(sample, ask(sample.turns, sample.date)) for sample in samples]


def wilson(passed: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Return the Wilson 95 % interval of a proportion; (0, 1) when there is nothing to measure."""
    if n == 0:
        return 0.0, 1.0
    rate, square = passed / n, z * z
    centre = (rate + square / (2 * n)) / (1 + square / n)
    half = z * math.sqrt(rate * (1 - rate) / n + square / (4 * n * n)) / (1 + square / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def report(scores: Sequence[Score]) -> str:
    """Return the table by theme (the id before its number) and the failing questions."""
    themes: dict[str, list[Score]] = {}
    for score in scores:
        themes.setdefault(score.sample.id.rsplit("-", 1)[0], []).append(score)
    lines = [f"{'theme':<24}{'n':>5}{'passed':>8}   95 %"]
    for name, rows in [*themes.items(), ("TOTAL", list(scores))]:
        passed = sum(score.passed for score in rows)
        low, high = wilson(passed, len(rows))
        rate = f"{100 * passed / len(rows):.1f}" if rows else "-"
        lines.append(f"{name:<24}{len(rows):>5}{passed:>8}   {rate} % [{100 * low:.1f} ; {100 * high:.1f}]")
    times = sorted(score.answer.elapsed_ms for score in scores)
    if times:
        lines.append(
            f"elapsed: median {times[len(times) // 2]} ms, p95 {times[int(0.95 * (len(times) - 1))]} ms"
        )
    for score in scores:
        if not score.passed:
            lines.append(
                f"  {score.sample.id}: {' / '.join(score.sample.turns)[:90]} -> {'; '.join(score.reasons)}"
            )
    return "\n".join(lines)


def as_row(score: Score) -> dict[str, Any]:
    """Return the JSON form of a score, with its evidence."""
    return {
        "id": score.sample.id,
        "passed": score.passed,
        "reasons": list(score.reasons),
        **score.answer.as_json(),
    }
