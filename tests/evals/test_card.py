"""The card and the page show the same figures, gathered once from the runs that are kept."""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import UTC, datetime

import pytest

from assistant.web.measures import MEASURES, load_measures
from corpus.errors import CorpusFileError
from evals import card, measures
from evals.cli import main
from evals.errors import EvalError
from evals.runs import Run, make_header, write_run
from evals.scoring import Score

NUMBER = r"(\d+(?:\.\d+)?)"
RESULT = re.compile(rf"(\d+) \({NUMBER} %, {NUMBER} to {NUMBER}\)")


def told(cell: str) -> tuple | None:
    """Return (passed, percent, low, high) as a cell of the card says them."""
    if cell == "not measured":
        return None
    passed, *others = RESULT.fullmatch(cell).groups()
    return int(passed), *map(float, others)


def rows(text: str, title: str) -> dict[str, list[str]]:
    """Return the rows of the table whose head opens with a title, by their first cell."""
    table = re.search(rf"^\| {title} \|.*\n\|[-|]+\n((?:\|.*\n)+)", text, re.MULTILINE)[1]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    return {first.strip("`"): others for first, *others in cells}


def figures(share: dict | None) -> tuple | None:
    if share is None or share["percent"] is None:
        return None
    return share["passed"], share["percent"], share["low"], share["high"]


def assert_agree(text: str, data: dict) -> None:
    assert f"Measured on {data['date']}, commit `{data['commit']}`" in text
    assert (" with local changes" in text) is data["local_changes"]
    assert f"index `{data['index']}`" in text
    assert f"encoder `{data['encoder']}`, Python {data['python']}, {data['cores']} cores" in text
    assert f"median {data['median_ms']} ms, 95th percentile {data['p95_ms']} ms" in text

    assert rows(text, "set \\| questions") == {
        one["name"]: [
            str(one["questions"]), one["written_by"], str(one["checked"]),
            "counts alone" if one["held_out"] else "yes",
        ]
        for one in data["sets"]
    }  # fmt: skip

    suites = rows(text, "suite")
    assert list(suites) == [one["name"] for one in data["suites"]]
    for one in data["suites"]:
        _, n, result, unscored = suites[one["name"]]
        assert (int(n), told(result), int(unscored)) == (
            one["share"]["n"], figures(one["share"]), one["share"]["unscored"],
        )  # fmt: skip

    answers = rows(text, "type")
    expected = {
        **{one["name"]: one for one in data["answers_by_type"]},
        **{f"set `{one['name']}": one for one in data["answers_by_set"]},
        data["answers"]["name"]: data["answers"],
    }
    assert list(answers) == list(expected)
    for name, (n, ours, theirs) in answers.items():
        one = expected[name]
        assert int(n) == one["share"]["n"] + one["share"]["unscored"]
        assert told(ours) == figures(one["share"])
        assert told(theirs) == figures(one["baseline"])

    if data["refusals_by_set"]:
        refusals = rows(text, "set \\| n")
        assert {name: (int(n), told(result)) for name, (n, result) in refusals.items()} == {
            one["name"]: (one["share"]["n"], figures(one["share"])) for one in data["refusals_by_set"]
        }


def kept(suite: str, outcomes: dict[str, list[bool | None]], **header) -> Run:
    """Keep a run of which each set has some outcomes."""
    scores = tuple(
        Score(
            f"{name}/cas-{number}",
            passed,
            set=name,
            type="date" if number % 2 else "fait",
            elapsed_ms=10.0 * number,
        )
        for name, all_passed in outcomes.items()
        for number, passed in enumerate(all_passed, 1)
    )
    made = make_header(suite, started=datetime.now(UTC), corpus="corpus-1", model="model-1", n=len(scores))
    run = Run(dataclasses.replace(made, **header), scores)
    write_run(run)
    return run


@pytest.fixture
def places(tmp_path, var, monkeypatch):
    """A card with its marks, and where the measures go."""
    page = tmp_path / "card.md"
    page.write_text(f"# Card\n\n{card.BEGIN}\n{card.END}\n", encoding="utf-8")
    write_card, write_measures = card.write_card, measures.write_measures
    monkeypatch.setattr(card, "write_card", lambda found: write_card(found, page))
    monkeypatch.setattr(
        measures, "write_measures", lambda found: write_measures(found, tmp_path / "measures.json")
    )
    return page, tmp_path / "measures.json"


def test_the_card_and_the_measures_committed_agree_figure_by_figure():
    assert_agree(card.CARD.read_text(encoding="utf-8"), json.loads(MEASURES.read_text(encoding="utf-8")))


def test_one_command_writes_both_and_they_agree(places, capsys):
    page, data = places
    kept(
        "answers",
        {"answers": [True, True, False, None], "held_out": [True, False, False]},
        commit="abc1234def",
        dirty=True,
    )
    kept("answers", {"answers": [False, True, False, False]}, system="quickstart")
    kept("refusals", {"refusals": [True, True], "refusals_held_out": [True, False]})
    kept("grounding", {"answers": [None, None]})

    assert main(["card"]) == 0

    assert capsys.readouterr().out.split() == [str(page), str(data)]
    found = json.loads(data.read_text(encoding="utf-8"))
    assert_agree(page.read_text(encoding="utf-8"), found)
    assert found["commit"] == "abc1234"
    by_set = {one["name"]: one for one in found["answers_by_set"]}
    assert by_set["answers"]["share"] == {
        "n": 3, "passed": 2, "unscored": 1, "percent": 66.7, "low": 20.8, "high": 93.9,
    }  # fmt: skip
    assert by_set["held_out"]["held_out"] is True
    assert by_set["held_out"]["share"]["percent"] == 33.3
    assert by_set["held_out"]["baseline"]["n"] == 0, "the quick start was not asked these"
    assert [one["share"]["percent"] for one in found["refusals_by_set"]] == [100.0, 50.0]
    grounding = next(one for one in found["suites"] if one["name"] == "grounding")
    assert (grounding["share"]["n"], grounding["share"]["percent"], grounding["share"]["unscored"]) == (
        0,
        None,
        2,
    )
    assert (found["median_ms"], found["p95_ms"]) == (20, 30)


def test_held_out_questions_are_counted_and_never_named(places):
    page, data = places
    kept("answers", {"held_out": [False, False]})

    assert main(["card"]) == 0

    for path in places:
        assert "held_out/cas" not in path.read_text(encoding="utf-8")
    assert "2 fail, 2 of them in held-out sets" in page.read_text(encoding="utf-8")
    assert json.loads(data.read_text(encoding="utf-8"))["refusals_by_set"] == []


def test_nothing_is_written_before_the_answers_were_measured(places, capsys):
    page, data = places

    assert main(["card"]) == 2

    assert "make evals" in capsys.readouterr().err
    assert not data.exists()
    assert "Measured" not in page.read_text(encoding="utf-8")


def test_measures_that_cannot_be_written_are_said(tmp_path):
    with pytest.raises(EvalError, match="ne peut être écrit"):
        measures.write_measures(load_measures(), tmp_path)


@pytest.mark.parametrize("content", [None, "", "{}", '{"date": "hier"}', "[]"])
def test_measures_that_cannot_be_read_say_how_to_write_them(content, tmp_path):
    path = tmp_path / "measures.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")

    with pytest.raises(CorpusFileError, match="python -m evals card"):
        load_measures(path)


def test_every_measure_has_a_french_meaning():
    known = load_measures()
    all_of_them = (
        *known.suites,
        *known.answers_by_type,
        *known.answers_by_set,
        *known.refusals_by_set,
        *known.sets,
    )

    assert len(all_of_them) > 20
    assert [one.name for one in all_of_them if one.meaning == one.name] == []
