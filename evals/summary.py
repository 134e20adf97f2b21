"""What the terminal shows of a run: counts by type with intervals, what the suite adds, and what failed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from evals.runs import Run
from evals.scoring import Score, Tally, grouped, quantile, share
from evals.suites import SUITES

_WIDTH = 110


def _table(name: str, tallies: Iterable[tuple[str, Tally]]) -> Iterator[str]:
    yield f"{name:<34}{'n':>6}{'justes':>8}   taux [95 %]"
    for label, tally in tallies:
        unscored = f"  (sans note : {tally.unscored})" if tally.unscored else ""
        yield f"{label or '—':<34}{tally.n:>6}{tally.passed:>8}   {share(tally)}{unscored}"


def render(run: Run) -> str:
    """Return the text of a run; of the sets held out, only counts and ids are shown."""
    header, scores = run.header, run.scores
    suite = SUITES[header.suite]
    lines = [*header.notes]
    if scores:
        types = grouped(scores, lambda score: score.type)
        lines += _table(suite.grouping, ((name, Tally.of(some)) for name, some in sorted(types.items())))
        sets = grouped(scores, lambda score: score.set)
        if suite.grouping != "jeu" and len(sets) > 1:
            lines += ["", *_table("jeu", ((name, suite.tally(some)) for name, some in sets.items()))]
        lines += ["", *_table("suite", [(header.suite, suite.tally(scores))])]
        lines += ["", *suite.beyond(scores)]
    times = [score.elapsed_ms for score in scores if score.elapsed_ms is not None]
    if times:
        median, high = quantile(times, 0.5), quantile(times, 0.95)
        lines.append(f"durée d’une réponse : médiane {median:.0f} ms, 95e centile {high:.0f} ms")
    failed = [score for score in scores if score.passed is False]
    lines += ["", f"Échecs : {len(failed)}"] if failed else []
    lines += [_line(score) for score in failed if not suite.totals_only]
    return "\n".join(lines)


def _line(score: Score) -> str:
    if score.held_out:
        return f"  {score.id}"
    asked = " / ".join(score.turns).replace("\n", " ")
    return f"  {score.id} : {asked[:_WIDTH]} → {' ; '.join(score.reasons)[: 3 * _WIDTH]}"
