"""What the desk promises of its drafts, held on every e-mail of ours that the product's makers may read."""

from __future__ import annotations

import pytest

from evals.emails import run
from evals.scoring import Score
from evals.suite import Bench


@pytest.fixture(scope="module")
def scores() -> list[Score]:
    return list(run(Bench(), ("emails",)).scores)


def failed(scores: list[Score], name: str) -> list[str]:
    return [
        f"{score.id} : {check.found}"
        for score in scores
        for check in score.checks
        if check.name == name and not check.held
    ]


def test_every_question_is_found_in_at_least_95_of_a_hundred_e_mails(scores: list[Score]) -> None:
    asking = [
        [check.held for check in score.checks if check.name == "question"]
        for score in scores
        if any(check.name == "question" for check in score.checks)
    ]
    assert len(asking) >= 60
    assert sum(all(found) for found in asking) >= 0.95 * len(asking)


def test_no_verdict_is_contrary_and_no_figure_date_or_amount_is_invented(scores: list[Score]) -> None:
    assert [score.id for score in scores if score.measures["wrong_verdicts"]] == []
    assert failed(scores, "figure") == []


def test_nothing_is_promised_on_behalf_of_the_administration(scores: list[Score]) -> None:
    assert failed(scores, "promise") == []


def test_each_e_mail_gives_a_draft_in_under_a_second_when_the_machine_is_idle(scores: list[Score]) -> None:
    assert failed(scores, "error") == []
    median = sorted(score.elapsed_ms for score in scores)[len(scores) // 2]
    assert median < 1000
