"""The suite of variants: a question put otherwise gets the same kind, the same verdict and the same figures."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evals.figures import FigureKind, find_figures
from evals.grounding import claims_of
from evals.scoring import Check, Reply, Sample, Score, Tally, grouped, normalise
from evals.suite import Bench, Measured
from evals.variants import Variant, variants_of

_VERDICT = re.compile(r"\W*(oui|non determine|non)\b")
_ANY_ORDER = "ordre"
_RESAMPLES = 2_000
_SEED = 7


@dataclass(frozen=True)
class Essence:
    """What a reader retains of a reply: its kind, its verdict words and its figures."""

    kind: str
    verdict: str
    figures: frozenset[tuple[FigureKind, str]]

    @classmethod
    def of(cls, reply: Reply, *, any_order: bool = False) -> Essence:
        """Read a reply; the verdicts that open its paragraphs count, with ``any_order`` in any order."""
        text = str(reply.get("answer") or "")
        opened = (_VERDICT.match(normalise(line)) for line in text.splitlines())
        verdicts = [match[1] for match in opened if match]
        verdict = ", ".join(sorted(verdicts) if any_order else verdicts)
        stated = (figure for claim in claims_of(text) for figure in find_figures(claim.text))
        return cls(
            str(reply.get("kind")), verdict, frozenset((figure.kind, figure.value) for figure in stated)
        )

    def as_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "kind": self.kind,
            "verdict": self.verdict,
            "figures": sorted(f"{value} ({kind})" for kind, value in self.figures),
        }


def check_same(before: Reply, after: Reply, transformation: str) -> list[Check]:
    """Check that two replies are the same in essence."""
    any_order = transformation == _ANY_ORDER
    one, other = Essence.of(before, any_order=any_order), Essence.of(after, any_order=any_order)
    checks = [
        Check(
            "kind", one.kind, other.kind, one.kind == other.kind, f"nature {one.kind} devenue {other.kind}"
        ),
        Check(
            "verdict",
            one.verdict,
            other.verdict,
            one.verdict == other.verdict,
            f"verdict « {one.verdict} » devenu « {other.verdict} »",
        ),
    ]
    lost, new = _named(one, other), _named(other, one)
    changed = "; ".join(
        filter(None, (lost and f"chiffres perdus : {lost}", new and f"chiffres nouveaux : {new}"))
    )
    checks.append(Check("figures", lost, new, not changed, changed))
    return checks


def _named(one: Essence, other: Essence) -> str:
    return ", ".join(f"{value} ({kind})" for kind, value in sorted(one.figures - other.figures))


def _sampled(sample: Sample, variant: Variant, one_in: int) -> bool:
    return zlib.crc32(f"{sample.id} {variant.transformation} sample".encode()) % one_in == 0


def run(bench: Bench, sets: Sequence[str], one_in: int = 1) -> Measured:
    """Ask every variant of every sample, or a fixed ``one_in`` of them, and compare with the reply to the original.

    Raises:
        CorpusFileError: A set is missing or a record of it is invalid.
    """
    return Measured(list(_run(bench, sets, one_in)), sets=tuple(sets))


def _run(bench: Bench, sets: Sequence[str], one_in: int) -> Iterator[Score]:
    samples = [
        (name, sample, [variant for variant in variants_of(sample) if _sampled(sample, variant, one_in)])
        for name, sample in bench.samples(sets)
    ]
    asked = ((variant.turns, sample.date) for _, sample, variants in samples for variant in variants)
    bench.subject.prefetch(asked, bench.jobs)
    for name, sample, variants in samples:
        for variant in variants:
            before = bench.subject.ask(sample.turns, sample.date)
            after = bench.subject.ask(variant.turns, sample.date)
            checks = tuple(check_same(before.reply, after.reply, variant.transformation))
            passed = all(check.held for check in checks)
            kept = (
                after.reply
                if not passed
                else {key: after.reply.get(key) for key in ("kind", "status", "answer")}
            )
            yield Score(
                f"{name}/{sample.id}~{variant.transformation}",
                passed,
                checks,
                kept,
                after.elapsed_ms,
                set=name,
                type=variant.transformation,
                theme=sample.type or sample.theme,
                difficulty=sample.difficulty,
                turns=variant.turns,
                date=sample.date.isoformat(),
                expected={
                    **Essence.of(before.reply).as_json(),
                    "question": sample.turns[-1],
                    "answer_before": before.reply.get("answer"),
                },
            )


def overall(scores: Sequence[Score]) -> tuple[float, float]:
    """Return the 95 % interval of the share of consistent variants, questions (not variants) drawn again.

    The variants of a question fail together: counted as independent, they would look more certain than they are.
    """
    tallies = [Tally.of(some) for some in grouped(scores, lambda score: score.id.partition("~")[0]).values()]
    if not tallies:
        return 0.0, 1.0
    passed = np.array([tally.passed for tally in tallies])
    total = np.array([tally.n for tally in tallies])
    draws = np.random.default_rng(_SEED).integers(0, len(tallies), (_RESAMPLES, len(tallies)))
    low, high = np.percentile(passed[draws].sum(axis=1) / total[draws].sum(axis=1), (2.5, 97.5))
    return float(low), float(high)


def beyond(scores: Sequence[Score]) -> list[str]:
    """Say how many questions the variants are of, and how often kind and verdict alone stay."""
    n = Tally.of(scores).n
    if not n:
        return []
    questions = len({score.id.partition("~")[0] for score in scores})
    ruled = sum(all(check.held for check in score.checks if check.name != "figures") for score in scores)
    return [
        f"{n} variantes de {questions} questions ; intervalles de la suite par rééchantillonnage des questions",
        f"même nature et même verdict, chiffres mis à part : {100 * ruled / n:.1f} %",
    ]
