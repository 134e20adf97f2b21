"""A score says what was looked for, what was found, and is honest about what it could not judge."""

import pytest
from scripted import Script, bench, citation, reply, sample

from corpus.errors import CorpusFileError
from evals import answers
from evals.scoring import (
    Check,
    Expectation,
    Sample,
    Score,
    Tally,
    check_reply,
    grouped,
    load_samples,
    normalise,
    wilson,
)


@pytest.mark.parametrize(
    ("passed", "n", "low", "high"),
    [
        (0, 0, 0.0, 1.0),
        (0, 10, 0.0, 0.2775),
        (8, 10, 0.4902, 0.9433),
        (10, 10, 0.7225, 1.0),
        (270, 313, 0.8201, 0.8964),
    ],
)
def test_the_interval_is_wilson_s(passed, n, low, high):
    assert wilson(passed, n) == pytest.approx((low, high), abs=1e-4)


def test_what_could_not_be_judged_is_not_counted_in_n():
    tally = Tally.of([Score("a", True), Score("b", False), Score("c", None)])

    assert (tally.passed, tally.n, tally.unscored) == (1, 2, 1)
    assert tally.rate == 0.5
    assert Tally.of([Score("c", None)]).rate is None


def checks(expect, given):
    return {check.name: check for check in check_reply(Expectation(**expect), given)}


def test_a_check_keeps_the_fragment_that_matched():
    given = reply("**Oui** : jusqu’au 15 septembre\u00a02025 [1].", citations=[citation(1, "…")])
    expect = {
        "kinds": ["answer"],
        "must": [["20 septembre", "/15 sept\\w+/"]],
        "must_not": ["87 M€"],
        "cite": [["cnsa-faq-2023", "ars-mayotte-2025"]],
    }

    found = checks(expect, given)

    assert found["must"].found == "15 septembre"
    assert found["cite"].found == "ars-mayotte-2025"
    assert all(check.held for check in found.values())


def test_each_failed_check_says_why_in_french():
    given = reply("Non : 87 M€.", kind="abstention")
    expect = {"kinds": ["answer"], "must": [["/^oui/"]], "must_not": ["87 m€"], "cite": [["a"]]}

    found = checks(expect, given)

    assert found["kind"].reason == "nature abstention au lieu de answer"
    assert found["must"].reason.replace("\u00a0", " ") == "absent : /^oui/"
    assert "87 m€" in found["must_not"].reason
    assert found["must_not"].found == "87 m€"
    assert "cite" not in found, "only an answer has to cite"


def test_normalising_leaves_what_a_reader_reads():
    assert normalise("L’**ÉLIGIBILITÉ**\u202f: 2\u00a0000 € [1][12]") == "l'eligibilite : 2 000 €"


def test_a_set_is_graded_with_its_types_and_ids_of_two_sets_stay_apart(tmp_path):
    ask = Script({"Une question ?": reply("Oui.")})
    one = sample("fait-01", ["Une question ?"], type="fait", difficulty=2)
    measured = answers.run(bench(tmp_path, ask, answers=[one], second=[one]), ("answers", "second"))

    assert [score.id for score in measured.scores] == ["answers/fait-01", "second/fait-01"]
    assert measured.scores[0].type == "fait"
    assert measured.scores[0].theme == "fait"
    assert measured.scores[0].difficulty == 2
    assert ask.asked == ["Une question ?"], "a question asked twice is answered once"


def test_a_system_that_breaks_fails_its_sample_and_no_other(tmp_path):
    ask = Script({"Casse ?": ValueError("cassé"), "Marche ?": reply("Oui.")})
    both = [sample("a-01", ["Casse ?"]), sample("a-02", ["Marche ?"])]

    broken, works = answers.run(bench(tmp_path, ask, answers=both), ("answers",)).scores

    assert broken.passed is False
    assert broken.reply["kind"] == "error"
    assert works.passed is True


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"expect": {"kinds": ["réponse"]}}, "kinds"),
        ({"expect": {"kinds": ["answer"], "must": [["/(/"]]}}, "ne se lit pas"),
        ({"difficulty": 4}, "difficulty"),
        ({"turns": []}, "turns"),
        ({"inconnue": 1}, "inconnue"),
    ],
)
def test_a_broken_sample_is_refused_with_its_name(tmp_path, change, message):
    import yaml

    (tmp_path / "faux.yaml").write_text(yaml.safe_dump([sample("a-01", ["?"]) | change]), encoding="utf-8")

    with pytest.raises(CorpusFileError, match=message):
        load_samples("faux", tmp_path)


def test_every_set_of_the_project_is_read():
    for name in ("answers", "second", "held_out", "refusals", "refusals_held_out"):
        samples = load_samples(name)
        assert samples
        assert len({one.id for one in samples}) == len(samples), f"an id of {name} is repeated"
        assert all(isinstance(one, Sample) for one in samples)


def test_a_score_survives_being_written():
    score = Score(
        "a-01", False, (Check("must", "x", "", False, "absent : x"), Check("kind", "answer", "answer", True)),
        {"kind": "answer"}, 12.5, set="answers", type="fait", turns=("?",), date="2026-11-26",
    )  # fmt: skip

    assert Score.from_row(score.as_row()) == score


def test_grouping_keeps_the_order_of_first_appearance():
    assert list(grouped(["b1", "a1", "b2"], lambda text: text[0])) == ["b", "a"]
