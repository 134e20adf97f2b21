"""Two runs side by side: what fails now, what passes now, what changed its kind, and whether chance explains it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from pathlib import Path

from evals.errors import EvalError
from evals.runs import Run, list_runs, read_run
from evals.scoring import Score, Tally, grouped, quantile, share

_NAMES = {"last": -1, "previous": -2}


def find_run(name: str, suite: str) -> Run:
    """Return the run that a name means: a path, ``last`` or ``previous``, or ``SUITE:last``.

    ``answers-quickstart:last`` is the last run of a baseline.

    Raises:
        EvalError: There is no such run.
    """
    of, _, which = name.rpartition(":")
    if which in _NAMES and "/" not in of:
        suite = of or suite
        paths = list_runs(suite)
        place = _NAMES[which]
        if len(paths) < -place:
            raise EvalError(
                f"La suite {suite} a {len(paths)} mesure(s) gardée(s) : python -m evals run {suite} en fait une."
            )
        return read_run(paths[place])
    return read_run(Path(name))


@dataclass(frozen=True)
class Comparison:
    """What moved between two runs, over the samples that both judged."""

    before: Run
    after: Run
    newly_failing: tuple[tuple[Score, Score], ...]
    newly_passing: tuple[tuple[Score, Score], ...]
    changed_kind: tuple[tuple[Score, Score], ...]
    common: tuple[tuple[Score, Score], ...]
    only_before: int
    only_after: int

    @classmethod
    def of(cls, before: Run, after: Run) -> Comparison:
        """Pair the samples of two runs by their ids."""
        old = {score.id: score for score in before.scores if score.passed is not None}
        new = {score.id: score for score in after.scores if score.passed is not None}
        common = tuple((old[name], new[name]) for name in old if name in new)
        return cls(
            before,
            after,
            tuple(pair for pair in common if pair[0].passed and not pair[1].passed),
            tuple(pair for pair in common if pair[1].passed and not pair[0].passed),
            tuple(pair for pair in common if pair[0].reply.get("kind") != pair[1].reply.get("kind")),
            common,
            len(old) - len(common),
            len(new) - len(common),
        )


def mcnemar(lost: int, won: int) -> float:
    """Return the exact two-sided p of McNemar's test: how often chance alone would move so many one way.

    Example:
        >>> mcnemar(1, 9)
        0.021484375
    """
    n = lost + won
    if n == 0:
        return 1.0
    tail = sum(comb(n, k) for k in range(min(lost, won) + 1))
    return min(1.0, 2 * tail / float(2**n))


def render(comparison: Comparison) -> str:
    """Return the comparison as text; of the sets held out, only ids are shown."""
    before, after = comparison.before.header, comparison.after.header
    lines = [
        f"avant : {before.suite} ({before.system}), {before.started}, commit {before.commit[:7]}{' modifié' if before.dirty else ''}, corpus {before.corpus}",
        f"après : {after.suite} ({after.system}), {after.started}, commit {after.commit[:7]}{' modifié' if after.dirty else ''}, corpus {after.corpus}",
        "",
        f"{'type':<34}{'n':>6}   {'avant':<24}après",
    ]
    groups = grouped(comparison.common, lambda pair: pair[1].type)
    for name, pairs in [*sorted(groups.items()), ("TOTAL", list(comparison.common))]:
        old, new = Tally.of(pair[0] for pair in pairs), Tally.of(pair[1] for pair in pairs)
        lines.append(f"{name or '—':<34}{len(pairs):>6}   {share(old):<24}{share(new)}")
    lost, won = len(comparison.newly_failing), len(comparison.newly_passing)
    lines += [
        "",
        f"{lost} échouent désormais, {won} n’échouent plus ; McNemar exact : p = {mcnemar(lost, won):.4f}",
        f"seulement avant : {comparison.only_before}, seulement après : {comparison.only_after}",
        *_latency(comparison),
    ]
    for title, some in (
        ("Échouent désormais", comparison.newly_failing),
        ("N’échouent plus", comparison.newly_passing),
        ("Ont changé de nature", comparison.changed_kind),
    ):
        lines += ["", f"{title} : {len(some)}"] if some else []
        lines += [_line(old, new) for old, new in some]
    return "\n".join(lines)


def _line(old: Score, new: Score) -> str:
    kinds = f"{old.reply.get('kind')} → {new.reply.get('kind')}"
    if new.held_out:
        return f"  {new.id} ({new.type or '—'}) : {kinds}"
    asked = " / ".join(new.turns).replace("\n", " ")
    reasons = " ; ".join(new.reasons or old.reasons)
    return f"  {new.id} ({new.type or '—'}) : {kinds} : {asked[:100]} : {reasons[:200]}"


def _latency(comparison: Comparison) -> list[str]:
    medians = []
    for side in (0, 1):
        times = [pair[side].elapsed_ms for pair in comparison.common]
        known: Sequence[float] = [time for time in times if time is not None]
        if not known:
            return []
        medians.append(quantile(known, 0.5))
    return [f"durée médiane : {medians[0]:.1f} ms → {medians[1]:.1f} ms"]
