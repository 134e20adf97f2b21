"""The gate fails on a worse run, names what fails now, and takes a new baseline when told to."""

from types import SimpleNamespace

import pytest

from evals import gate
from evals.cli import main
from evals.errors import EvalError
from evals.gate import BASELINE, accept, judge, read_baseline
from evals.scoring import Score


def scores(**suites):
    return {
        name: [Score(f"a-{rank:02d}", passed) for rank, passed in enumerate(outcomes)]
        for name, outcomes in suites.items()
    }


def test_what_was_accepted_is_read_again(tmp_path):
    path = tmp_path / "baselines" / "fast.json"

    written = accept(scores(answers=[True, False, None]), "corpus-1", path)

    assert read_baseline(path) == written
    assert written.suites["answers"] == gate.Accepted(1, 2, 1, ("a-01",))
    assert written.corpus == "corpus-1"


def test_a_fall_is_refused_and_named(tmp_path):
    baseline = accept(scores(answers=[True, True, False], rules=[True]), "c", tmp_path / "fast.json")

    answers, rules = judge(scores(answers=[False, True, False], rules=[True]), baseline)

    assert not answers.held
    assert answers.newly_failing == ("a-00",)
    assert "RECULE" in answers.lines()[0]
    assert answers.lines()[1].replace("\u00a0", " ") == "  échoue désormais : a-00"
    assert rules.held


def test_as_many_holds_even_when_others_fail_and_it_says_which(tmp_path):
    baseline = accept(scores(answers=[True, False]), "c", tmp_path / "fast.json")

    (answers,) = judge(scores(answers=[False, True]), baseline)

    assert answers.held
    assert answers.newly_failing == ("a-00",)
    assert answers.newly_passing == ("a-01",)


def test_passes_that_join_a_set_do_not_hide_those_that_fall(tmp_path):
    baseline = accept(scores(answers=[True, False]), "c", tmp_path / "fast.json")

    (answers,) = judge(scores(answers=[False, False, True, True]), baseline)

    assert not answers.held


def test_a_sample_that_has_nothing_left_to_judge_is_no_fall(tmp_path):
    baseline = accept(scores(grounding=[True, True, False]), "c", tmp_path / "fast.json")

    (fewer,) = judge(scores(grounding=[True, None, False]), baseline)
    (worse,) = judge(scores(grounding=[None, False, False]), baseline)

    assert fewer.held
    assert not worse.held


@pytest.mark.parametrize(("now", "status"), [([True, True], 0), ([True, False], 1)])
def test_the_command_says_whether_it_holds(now, status, tmp_path, monkeypatch, capsys):
    accept(scores(answers=[True, True]), "c", path := tmp_path / "fast.json")
    monkeypatch.setattr(gate.read_baseline, "__defaults__", (path,))
    monkeypatch.setattr(gate, "measure", lambda _bench: scores(answers=now))
    monkeypatch.setattr("evals.suite.Bench.library", SimpleNamespace(fingerprint="d"))

    assert main(["gate"]) == status
    said = capsys.readouterr().out
    assert ("RECULE" in said) == bool(status)
    assert ("a-01" in said) == bool(status)
    assert "n’est plus celui qui fut accepté (c," in said


def test_a_missing_or_damaged_baseline_says_how_to_write_it(tmp_path):
    with pytest.raises(EvalError, match="gate --accept"):
        read_baseline(tmp_path / "absent.json")
    (tmp_path / "faux.json").write_text('{"suites": []}', encoding="utf-8")
    with pytest.raises(EvalError, match="ne se lit pas"):
        read_baseline(tmp_path / "faux.json")


def test_the_accepted_counts_of_the_project_agree_with_themselves():
    baseline = read_baseline()

    assert BASELINE.is_file()
    assert set(baseline.suites) == {"answers", "refusals", "rules", "grounding", "metamorphic"}
    for one in baseline.suites.values():
        assert one.n - one.passed == len(one.failing)
    assert not any("held_out" in name for one in baseline.suites.values() for name in one.failing)
