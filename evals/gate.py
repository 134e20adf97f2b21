"""The gate: a fast part of the measures, beside what was accepted last.

What is accepted is a file of the repository (``baselines/fast.json``): counts and the ids that fail, by suite. It
depends on nothing kept beside the project.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from evals import answers, grounding, metamorphic, rules
from evals.errors import EvalError
from evals.runs import current_commit
from evals.scoring import Score, Tally
from evals.suite import ANSWER_SETS, Bench

BASELINE = Path(__file__).parent / "baselines" / "fast.json"
ONE_IN = 4  # variants asked


@dataclass(frozen=True)
class Accepted:
    """What a suite was accepted with: its counts, and the ids that failed.

    ``unscored`` had nothing to judge, as a refusal that states no figure has nothing to ground.
    """

    passed: int
    n: int
    unscored: int = 0
    failing: tuple[str, ...] = ()

    @classmethod
    def of(cls, scores: Sequence[Score]) -> Accepted:
        """Count scores."""
        tally = Tally.of(scores)
        failing = sorted(score.id for score in scores if score.passed is False)
        return cls(tally.passed, tally.n, tally.unscored, tuple(failing))


@dataclass(frozen=True)
class Baseline:
    """The counts accepted by suite, with the commit and the corpus they were measured on."""

    commit: str
    corpus: str
    suites: Mapping[str, Accepted] = field(default_factory=dict)


def measure(bench: Bench) -> dict[str, list[Score]]:
    """Return the scores of the fast part by suite.

    Raises:
        CorpusFileError: A set is missing or a record of it is invalid.
        EvalError: The cases of the rules are missing.
    """
    return {
        "answers": list(answers.run(bench, ANSWER_SETS).scores),
        "refusals": list(answers.run(bench, ("refusals",)).scores),
        "rules": list(rules.run(bench).scores),
        "grounding": list(grounding.run(bench, (*ANSWER_SETS, "refusals")).scores),
        "metamorphic": list(metamorphic.run(bench, ANSWER_SETS, ONE_IN).scores),
    }


def read_baseline(path: Path = BASELINE) -> Baseline:
    """Return what was accepted.

    Raises:
        EvalError: The file is missing or is not one that :func:`accept` wrote.
    """
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        suites = {
            name: Accepted(int(one["passed"]), int(one["n"]), int(one["unscored"]), tuple(one["failing"]))
            for name, one in data["suites"].items()
        }
        return Baseline(str(data["commit"]), str(data["corpus"]), suites)
    except FileNotFoundError as error:
        raise EvalError(f"{path} est absent : python -m evals gate --accept l’écrit.") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise EvalError(f"{path} ne se lit pas : python -m evals gate --accept le récrit.") from error


def accept(scores: Mapping[str, Sequence[Score]], corpus: str, path: Path = BASELINE) -> Baseline:
    """Write what is accepted from now on.

    Raises:
        EvalError: The file cannot be written.
    """
    commit, _ = current_commit()
    baseline = Baseline(commit, corpus, {name: Accepted.of(some) for name, some in scores.items()})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(baseline), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise EvalError(f"{path} ne peut être écrit ({error.strerror}).") from error
    return baseline


@dataclass(frozen=True)
class Judgement:
    """How a suite stands beside what was accepted."""

    suite: str
    accepted: Accepted
    found: Accepted

    @property
    def held(self) -> bool:
        """Whether as many passed or had nothing to judge (declining is no fall of grounding), and no more fail."""
        accepted, found = self.accepted, self.found
        as_many = found.passed + found.unscored >= accepted.passed + accepted.unscored
        return as_many and len(found.failing) <= len(accepted.failing)

    @property
    def newly_failing(self) -> tuple[str, ...]:
        """The ids that fail and were not accepted as failing."""
        return tuple(sorted(set(self.found.failing) - set(self.accepted.failing)))

    @property
    def newly_passing(self) -> tuple[str, ...]:
        """The ids accepted as failing that fail no more."""
        return tuple(sorted(set(self.accepted.failing) - set(self.found.failing)))

    def lines(self) -> list[str]:
        """Return what is said of it, in French."""
        verdict = "tient" if self.held else "RECULE"
        lines = [
            f"{self.suite:<14}{verdict:<8}{self.found.passed} / {self.found.n} (accepté : {self.accepted.passed} / {self.accepted.n})"
        ]
        lines += [f"  échoue désormais : {name}" for name in self.newly_failing]
        if self.newly_passing:
            lines.append(f"  n’échouent plus : {len(self.newly_passing)}")
        return lines


def judge(scores: Mapping[str, Sequence[Score]], baseline: Baseline) -> list[Judgement]:
    """Return how each suite stands; one that was never accepted is compared with nothing passed."""
    return [
        Judgement(name, baseline.suites.get(name, Accepted(0, 0)), Accepted.of(some))
        for name, some in scores.items()
    ]
