"""The suite of answers: every question of the answer sets, its reply checked against what is expected."""

from __future__ import annotations

from collections.abc import Sequence

from evals.scoring import Score, check_reply
from evals.suite import Bench, Measured


def run(bench: Bench, sets: Sequence[str]) -> Measured:
    """Ask every sample of the sets and grade its reply.

    Raises:
        CorpusFileError: A set is missing or a record of it is invalid.
    """
    scores = []
    for name, sample in bench.samples(sets):
        asked = bench.subject.ask(sample.turns, sample.date)
        checks = check_reply(sample.expect, asked.reply)
        scores.append(Score.of(sample, checks, asked.reply, asked.elapsed_ms, set=name))
    return Measured(scores, sets=tuple(sets))
