"""Runs are kept whole, found again, and compared."""

from datetime import UTC, datetime

import pytest

from evals.cli import main
from evals.compare import Comparison, find_run, mcnemar, render
from evals.errors import EvalError
from evals.runs import Run, last_run, list_runs, make_header, read_run, write_run
from evals.scoring import Check, Score


def run_of(outcomes, suite="answers", system="product", **more):
    """Return a run: ``{"a-01": True}``; a pair gives the kind of the reply too."""
    scores = []
    for name, outcome in outcomes.items():
        passed, kind = outcome if isinstance(outcome, tuple) else (outcome, "answer")
        checks = (Check("must", "x", "", False, "absent : x"),) if passed is False else ()
        scores.append(
            Score(f"answers/{name}", passed, checks, {"kind": kind, "answer": "Oui."}, 20.0, set="answers",
                  type="fait", theme="seuil", turns=("Combien ?",), date="2026-11-26")
        )  # fmt: skip
    header = make_header(
        suite,
        system=system,
        sets=["answers"],
        started=datetime.now(UTC),
        corpus="c1",
        model="m1",
        n=len(scores),
        **more,
    )
    return Run(header, tuple(scores))


def test_a_run_is_read_as_it_was_written(var):
    run = run_of({"a-01": True, "a-02": False, "a-03": None}, notes=["Rien."])

    path = write_run(run)

    assert path.parent == var / "runs" / "answers"
    assert read_run(path) == Run(run.header, run.scores, path)
    assert len(path.read_text(encoding="utf-8").splitlines()) == 4
    assert path.stem.endswith(run.header.commit[:7] or "sans-depot")
    assert run.header.n == 3
    assert run.header.cores >= 1


def test_the_last_run_is_the_last_started_and_baselines_are_kept_apart(var):
    first, second = write_run(run_of({"a-01": True})), write_run(run_of({"a-01": False}))
    write_run(run_of({"a-01": True}, system="quickstart"))

    assert list_runs("answers") == [first, second]
    assert last_run("answers").path == second
    assert last_run("answers", "quickstart").header.system == "quickstart"
    assert last_run("rules") is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"suite": "answers"}', "pas du JSON"])
def test_a_file_that_is_no_run_is_named_with_its_line(tmp_path, text):
    path = tmp_path / "run.jsonl"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(EvalError, match=r"run\.jsonl, ligne 1"):
        read_run(path)
    with pytest.raises(EvalError, match="ne peut être lu"):
        read_run(tmp_path / "absent.jsonl")


def test_a_damaged_row_is_named(var):
    path = write_run(run_of({"a-01": True}))
    path.write_text(path.read_text(encoding="utf-8") + '{"id": "a-02"}\n', encoding="utf-8")

    with pytest.raises(EvalError, match="ligne 3"):
        read_run(path)


def test_what_moved_is_told_apart():
    before = run_of({"a-01": True, "a-02": False, "a-03": (False, "refusal"), "a-04": True, "a-05": None})
    after = run_of({"a-01": False, "a-02": True, "a-03": (False, "answer"), "a-04": True, "a-06": True})

    comparison = Comparison.of(before, after)
    text = render(comparison).replace("\u00a0", " ")

    assert [new.id for _, new in comparison.newly_failing] == ["answers/a-01"]
    assert [new.id for _, new in comparison.newly_passing] == ["answers/a-02"]
    assert [new.id for _, new in comparison.changed_kind] == ["answers/a-03"]
    assert (comparison.only_before, comparison.only_after) == (0, 1)
    assert "1 échouent désormais, 1 n’échouent plus" in text
    assert "p = 1.0000" in text
    assert "refusal → answer" in text
    assert "durée médiane : 20.0 ms → 20.0 ms" in text


@pytest.mark.parametrize(
    ("lost", "won", "p"),
    [(0, 0, 1.0), (5, 5, 1.0), (0, 5, 0.0625), (1, 9, 0.021484375), (0, 10, 0.001953125)],
)
def test_mcnemar_is_exact(lost, won, p):
    assert mcnemar(lost, won) == mcnemar(won, lost) == pytest.approx(p)


def test_runs_are_named_by_path_by_suite_or_by_rank(var, capsys):
    first, second = write_run(run_of({"a-01": True})), write_run(run_of({"a-01": False}))
    write_run(run_of({"a-01": True}, system="quickstart"))

    assert find_run(str(first), "answers").path == first
    assert find_run("last", "answers").path == second
    assert find_run("previous", "answers").path == first
    assert find_run("answers:last", "rules").path == second
    assert find_run("answers-quickstart:last", "answers").header.system == "quickstart"
    assert main(["compare"]) == 0
    assert "answers/a-01" in capsys.readouterr().out
    assert main(["compare", "rules:previous", "rules:last"]) == 2
    assert "rules a 0 mesure" in capsys.readouterr().err


def test_questions_held_out_are_compared_and_not_shown():
    import dataclasses

    def held(run):
        return Run(run.header, tuple(dataclasses.replace(score, set="held_out") for score in run.scores))

    text = render(Comparison.of(held(run_of({"a-01": True})), held(run_of({"a-01": False}))))

    assert "answers/a-01" in text
    assert "Combien" not in text
