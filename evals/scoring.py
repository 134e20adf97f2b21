"""What a score is: a sample, what is expected of its reply, exact checks that keep what they saw, and counts.

A sample that could not be judged is *unscored*: it is neither passed nor failed, and is not counted in ``n``.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import Field, field_validator

from corpus.records import Record, read_records

SETS = Path(__file__).parent / "sets"
HELD_OUT = frozenset(
    ["held_out", "refusals_held_out", "emails_held_out"]
)  # read by nobody who tunes: shown by their counts alone

Reply = Mapping[str, Any]
Key = TypeVar("Key", bound=Hashable)
Item = TypeVar("Item")


def _is_expression(fragment: str) -> bool:
    return len(fragment) > 2 and fragment.startswith("/") and fragment.endswith("/")


def readable(value: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return fragments, or groups of them, whose regular expressions can be read.

    Raises:
        ValueError: One of the expressions cannot be read.
    """
    for fragment in (item for group in value for item in ([group] if isinstance(group, str) else group)):
        if _is_expression(fragment):
            try:
                re.compile(fragment[1:-1])
            except re.error as error:
                raise ValueError(f"l’expression {fragment} ne se lit pas ({error})") from error
    return value


class Expectation(Record):
    """What a right reply holds: accepted kinds, groups of alternatives, forbidden texts, cited sources.

    A fragment between slashes is a regular expression; the others are plain text. All apply to the
    answer normalised (:func:`normalise`).
    """

    kinds: tuple[Literal["answer", "clarification", "abstention", "refusal"], ...] = Field(min_length=1)
    must: tuple[tuple[str, ...], ...] = ()
    must_not: tuple[str, ...] = ()
    cite: tuple[tuple[str, ...], ...] = ()

    readable_fragments = field_validator("must", "must_not")(readable)


class Sample(Record):
    """One question of a set, with who wrote it and who checked it.

    ``type`` is what kind of reply it calls for; ``difficulty`` 1 plain, 2 ordinary, 3 hard; ``ref`` names the
    facts, rules, contradictions and gaps the expectation rests on.
    """

    id: str = Field(pattern=r"^[a-z0-9-]+-[0-9]+$")
    type: str | None = Field(default=None, pattern=r"^[a-z-]+$")
    difficulty: Literal[1, 2, 3] | None = None
    turns: tuple[str, ...] = Field(min_length=1)
    date: date
    expect: Expectation
    ref: tuple[str, ...] = ()
    written_by: str
    checked_by: str | None

    @property
    def theme(self) -> str:
        """The id before its number."""
        return self.id.rsplit("-", 1)[0]


def load_samples(name: str, folder: Path = SETS) -> list[Sample]:
    """Return the samples of ``evals/sets/<name>.yaml``.

    Raises:
        CorpusFileError: The set is missing or a record is invalid.
    """
    return [sample for _, sample in read_records(folder / f"{name}.yaml", Sample)]


def normalise(text: str) -> str:
    """Return the form of an answer that the expectations apply to.

    Lower case, no accents, straight apostrophes, single spaces, without citation markers or asterisks.

    Example:
        >>> normalise("**Oui** : jusqu’à 2 000 € [1][2]")
        "oui : jusqu'a 2 000 €"
    """
    plain = unicodedata.normalize("NFKD", text.lower())
    plain = "".join(char for char in plain if not unicodedata.combining(char)).replace("’", "'")
    return re.sub(r"\s+", " ", re.sub(r"\[\d+\]|\*", "", plain)).strip()


@dataclass(frozen=True)
class Check:
    """One thing looked for in a reply.

    ``wanted`` is what was looked for, ``found`` the fragment that matched (empty when none did), ``held``
    whether that is right, ``reason`` the French sentence of a check that did not hold.
    """

    name: str
    wanted: str
    found: str
    held: bool
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the evidence of the check."""
        return {"check": self.name, "wanted": self.wanted, "found": self.found, "held": self.held}


def find(fragment: str, text: str) -> str:
    """Return the words of a normalised text that a fragment matches, empty when it matches none.

    A match of no width (a look-ahead) is shown by what follows it.
    """
    if _is_expression(fragment):
        match = re.search(fragment[1:-1], text)
        return (match[0] or text[match.start() :][:40] or "∅") if match else ""
    plain = normalise(fragment)
    return plain if plain in text else ""


def check_kind(kind: str, accepted: Sequence[str]) -> Check:
    """Check that the kind of a reply is one of those accepted."""
    wanted = " | ".join(accepted)
    return Check("kind", wanted, kind, kind in accepted, f"nature {kind} au lieu de {wanted}")


def check_reply(expect: Expectation, reply: Reply) -> list[Check]:
    """Return every check of a reply, with what each saw; citations are asked of an answer only."""
    text, kind = normalise(str(reply.get("answer") or "")), str(reply.get("kind"))
    checks = [check_kind(kind, expect.kinds)]
    for group in expect.must:
        found = next(filter(None, (find(item, text) for item in group)), "")
        wanted = " | ".join(group)
        checks.append(Check("must", wanted, found, bool(found), f"absent : {wanted}"))
    for item in expect.must_not:
        found = find(item, text)
        checks.append(Check("must_not", item, found, not found, f"interdit : « {found} » ({item})"))
    if kind == "answer":
        cited = [str(citation.get("id")) for citation in reply.get("citations") or ()]
        for group in expect.cite:
            found = next((name for name in cited if name in group), "")
            wanted = " | ".join(group)
            checks.append(Check("cite", wanted, found, bool(found), f"non cité : {wanted}"))
    return checks


@dataclass(frozen=True)
class Score:
    """The outcome of one sample with its evidence.

    ``passed`` is ``None`` when it could not be judged (``note`` says why). ``expected`` and ``reply`` are kept
    to be read; ``type`` and ``theme`` are what results are grouped by; ``measures`` are figures of the suite.
    """

    id: str
    passed: bool | None
    checks: tuple[Check, ...] = ()
    reply: Reply = field(default_factory=dict)
    elapsed_ms: float | None = None
    set: str = ""
    type: str = ""
    theme: str = ""
    difficulty: int | None = None
    turns: tuple[str, ...] = ()
    date: str = ""
    expected: Mapping[str, Any] = field(default_factory=dict)
    measures: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""

    @classmethod
    def of(
        cls, sample: Sample, checks: Iterable[Check], reply: Reply, elapsed_ms: float, **more: Any
    ) -> Score:
        """Return the score of a sample: passed when every check held."""
        kept = tuple(checks)
        known = {
            "type": sample.type or "", "theme": sample.theme, "difficulty": sample.difficulty, "turns": sample.turns,
            "date": sample.date.isoformat(), "expected": sample.expect.model_dump(mode="json"),
        }  # fmt: skip
        passed = all(check.held for check in kept)
        place = more.get("set")
        name = f"{place}/{sample.id}" if place else sample.id  # two sets may use the same id
        return cls(name, passed, kept, reply, elapsed_ms, **(known | more))

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it failed, or why it could not be judged; empty when it passed."""
        failed = tuple(check.reason for check in self.checks if not check.held)
        return failed or ((self.note,) if self.note and not self.passed else ())

    @property
    def held_out(self) -> bool:
        """Whether it belongs to a set that is shown by its counts alone."""
        return self.set in HELD_OUT

    def as_row(self) -> dict[str, Any]:
        """Return the JSON form, with the evidence and the whole reply."""
        return {
            "id": self.id, "set": self.set, "type": self.type, "theme": self.theme, "difficulty": self.difficulty,
            "passed": self.passed, "reasons": list(self.reasons),
            "evidence": [check.as_json() for check in self.checks],
            "turns": list(self.turns), "date": self.date, "expected": dict(self.expected), "answer": dict(self.reply),
            "elapsed_ms": self.elapsed_ms, "measures": dict(self.measures), "note": self.note,
        }  # fmt: skip

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Score:
        """Return the score that :meth:`as_row` wrote.

        Raises:
            KeyError: A field is missing.
        """
        reasons = iter(row["reasons"])
        checks = tuple(
            Check(
                item["check"],
                item["wanted"],
                item["found"],
                item["held"],
                "" if item["held"] else next(reasons, ""),
            )
            for item in row["evidence"]
        )
        plain = {
            name: row[name]
            for name in ("set", "type", "theme", "difficulty", "date", "expected", "measures", "note")
        }
        return cls(
            row["id"],
            row["passed"],
            checks,
            row["answer"],
            row["elapsed_ms"],
            turns=tuple(row["turns"]),
            **plain,
        )


def wilson(passed: int, n: int, z: float = 1.959963984540054) -> tuple[float, float]:
    """Return the Wilson 95 % interval of a proportion; (0, 1) when there is nothing to measure.

    Example:
        >>> [round(bound, 3) for bound in wilson(8, 10)]
        [0.49, 0.943]
    """
    if n == 0:
        return 0.0, 1.0
    rate, square = passed / n, z * z
    centre = (rate + square / (2 * n)) / (1 + square / n)
    half = z * math.sqrt(rate * (1 - rate) / n + square / (4 * n * n)) / (1 + square / n)
    return (0.0 if passed == 0 else max(0.0, centre - half)), (
        1.0 if passed == n else min(1.0, centre + half)
    )


@dataclass(frozen=True)
class Tally:
    """How many samples passed of the ``n`` judged, and how many could not be judged.

    ``bounds`` is the interval of samples that are not independent of one another, when Wilson's would not do.
    """

    passed: int
    n: int
    unscored: int = 0
    bounds: tuple[float, float] | None = None

    @classmethod
    def of(cls, scores: Iterable[Score]) -> Tally:
        """Count scores."""
        outcomes = [score.passed for score in scores]
        return cls(outcomes.count(True), len(outcomes) - outcomes.count(None), outcomes.count(None))

    @property
    def rate(self) -> float | None:
        """The share that passed; ``None`` when nothing was judged."""
        return self.passed / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float]:
        """Its 95 % interval: Wilson's, unless another was given."""
        return self.bounds or wilson(self.passed, self.n)


def share(tally: Tally) -> str:
    """Return « 86,3 % [82,0 ; 89,6] », or a dash when nothing was judged."""
    if tally.rate is None:
        return "—"
    low, high = tally.interval
    return f"{100 * tally.rate:.1f} % [{100 * low:.1f} ; {100 * high:.1f}]".replace(".", ",")


def quantile(values: Sequence[float], rate: float) -> float:
    """Return the value at a rank of the sorted values, from 0 (the least) to 1.

    Raises:
        ValueError: There is no value.
    """
    if not values:
        raise ValueError("a quantile of nothing was asked for")
    return sorted(values)[int(rate * (len(values) - 1))]


def grouped(items: Iterable[Item], key: Callable[[Item], Key]) -> dict[Key, list[Item]]:
    """Return items by a key, in order of first appearance."""
    groups: dict[Key, list[Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups
