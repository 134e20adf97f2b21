"""The suites of retrieval on a small collection: figures checked by hand, and what is missing said."""

import gzip
import json
import math

import numpy as np
import pytest

from evals import benchmark, relevance, scale
from evals.benchmark import Collection, average, compare, measure, read_collection, report
from evals.cli import main
from evals.errors import EvalError
from evals.relevance import Asked, cross_validate, fit, judge
from index.relevance import Relevance

SUBJECTS = ["congés payés", "permis de conduire", "carte grise", "bulletin de paie", "droit d’accès", "bail"]


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "essai"
    folder.mkdir()
    with gzip.open(folder / "corpus.jsonl.gz", "wt", encoding="utf-8") as stream:
        for rank, subject in enumerate(SUBJECTS):
            text = f"Cette page dit tout de ce sujet : {subject}."
            stream.write(json.dumps({"_id": f"d{rank}", "title": f"Guide {subject}", "text": text}) + "\n")
    rows = [json.dumps({"_id": f"q{rank}", "text": subject}) for rank, subject in enumerate(SUBJECTS)]
    (folder / "queries.dev.jsonl").write_text("\n".join(rows), encoding="utf-8")
    lines = ["query-id\tcorpus-id\tscore", *(f"q{rank}\td{rank}\t2" for rank in range(5)), "q5\td5\t0"]
    (folder / "qrels.dev.tsv").write_text("\n".join(lines), encoding="utf-8")
    intents = ["query-id\tintent", *(f"q{rank}\t{'a' if rank < 4 else 'b'}" for rank in range(6))]
    (folder / "intents.dev.tsv").write_text("\n".join(intents), encoding="utf-8")
    return tmp_path


def test_a_collection_keeps_the_questions_that_have_an_answer_and_their_intents(data):
    asked = read_collection(Collection("essai", "hit@5", 0.5, by_intent=True), data)

    assert [question.id for question in asked.questions] == ["q0", "q1", "q2", "q3", "q4"]
    assert asked.answers["q1"] == {"d1": 2}
    assert asked.groups == {"q0": "a", "q1": "a", "q2": "a", "q3": "a", "q4": "b"}
    assert len(asked.documents) == 6


def test_metrics_are_those_computed_by_hand(data):
    asked = read_collection(Collection("essai", "hit@5", 0.5), data)
    run = {
        "q0": [("d0", 2.0), ("d1", 1.0)],
        "q1": [("d0", 3.0), ("d1", 2.0)],
        "q2": [(f"x{rank}", 9.0 - rank) for rank in range(6)] + [("d2", 1.0)],
    }

    found = measure(run, asked)

    assert found["nDCG@10"] == pytest.approx({"q0": 1, "q1": 1 / math.log2(3), "q2": 1 / 3, "q3": 0, "q4": 0})
    assert found["hit@5"] == {"q0": 1, "q1": 1, "q2": 0, "q3": 0, "q4": 0}
    assert found["hit@10"] == {"q0": 1, "q1": 1, "q2": 1, "q3": 0, "q4": 0}


def test_an_average_is_over_groups_and_its_interval_holds_it():
    figure = average({"q0": 1.0, "q1": 0.0, "q2": 1.0}, {"q0": "a", "q1": "a", "q2": "b"})

    assert figure.mean == pytest.approx(0.75)
    assert figure.n == 2
    assert 0.5 <= figure.low <= figure.mean <= figure.high <= 1
    same = average(dict.fromkeys("abcd", 0.5), {name: name for name in "abcd"})
    assert (same.low, same.high) == (0.5, 0.5)


def test_systems_are_compared_and_their_runs_written(data, word_count, tmp_path, monkeypatch):
    collection = Collection("essai", "hit@5", 0.5)
    monkeypatch.setattr(benchmark, "COLLECTIONS", (collection,))
    asked = read_collection(collection, data)
    options = {"encoder": word_count, "cache": tmp_path / "cache", "progress": lambda *_: None}

    found = compare(
        collection, asked, ["bm25", "lexical", "dense", "hybrid"], runs=tmp_path / "runs", **options
    )
    text = report({"essai": found}, {"essai": asked.groups}, "mots", np.datetime64("2026-01-02").item())

    assert set(found["hybrid"]["hit@5"].values()) == {1.0}
    assert (tmp_path / "runs" / "bm25" / "essai.run").read_text().startswith("q0 Q0 d0 1 ")
    assert compare(collection, asked, ["bm25"], runs=tmp_path / "runs", **options) == found
    (tmp_path / "runs" / "bm25" / "essai.run").write_text("q0 Q0\n")
    with pytest.raises(EvalError, match=r"essai\.run ne peut être lu"):
        compare(collection, asked, ["dense"], runs=tmp_path / "runs", **options)
    assert "| ce projet, les deux | 1.000 [1.000 ; 1.000] | **1.000** [1.000 ; 1.000] |" in text
    assert len(list(benchmark.as_rows({"essai": found}))) == 4 * 5


def test_an_absent_collection_is_said(tmp_path, capsys, monkeypatch):
    with pytest.raises(EvalError, match="à côté du projet"):
        read_collection(Collection("absent", "hit@5", 0.5), tmp_path)
    monkeypatch.setattr(benchmark, "DATA", tmp_path)
    monkeypatch.setattr(benchmark.read_collection, "__defaults__", (tmp_path,))
    assert main(["run", "benchmark", "--sets", "piaf_v1_0"]) == 2
    assert "est absent" in capsys.readouterr().err


@pytest.mark.parametrize(("option", "what"), [("--sets", "jeu"), ("--systems", "système")])
def test_a_name_that_is_none_is_refused_with_those_that_are(option, what, capsys):
    assert main(["run", "benchmark", option, "inconnu"]) == 2
    assert f"Le {what} « inconnu » est inconnu" in capsys.readouterr().err.replace("\u00a0", " ")


def rows(count=200, seed=1):
    draw = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        found = bool(draw.random() < 0.5)
        made.append(Asked(draw.normal(0.7 if found else 0.5, 0.05), "own", found))
    return made


def test_the_model_of_relevance_separates_and_keeps_its_precision():
    model = fit(rows())

    assert model.cosine > 0
    assert model.probability(0.8) > 0.95
    assert model.probability(0.4) < 0.05
    judged = judge("essai", model, rows(seed=2))
    assert judged.precision > 0.85
    assert judged.recall > 0.85
    assert [one.name for one in cross_validate({"a": rows(seed=3), "b": rows(seed=4)})] == ["a", "b"]


def test_a_decision_is_counted_as_it_should():
    asked = [Asked(0.9, "own", True), Asked(0.1, "own", True), Asked(0.1, "other", False)]

    judged = judge("essai", Relevance(-5.0, 10.0, 0.5), asked)

    assert (judged.precision, judged.recall, judged.kept, judged.n) == (0.5, 1.0, 0.5, 3)


def test_a_question_is_asked_of_what_answers_and_of_what_cannot(data, word_count, tmp_path, monkeypatch):
    (data / "autre").mkdir()
    for path in (data / "essai").iterdir():
        (data / "autre" / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(
        relevance, "COLLECTIONS", (Collection("essai", "hit@5", 0.5), Collection("autre", "hit@5", 0.5))
    )
    monkeypatch.setattr(relevance, "read_collection", lambda collection: read_collection(collection, data))

    asked = relevance.ask_everything(word_count, tmp_path / "cache", lambda *_: None)

    assert {name: len(some) for name, some in asked.items()} == {"essai": 15, "autre": 15}
    assert all(row.found == (row.case == "own") for row in asked["essai"])
    nearest = {
        case: max(row.cosine for row in asked["essai"] if row.case == case) for case in ("own", "without")
    }
    assert nearest["own"] > nearest["without"]


def test_a_size_is_measured_with_the_real_parts(tmp_path):
    (row,) = scale.run([300])

    assert row.passages == 300
    assert row.recall_10 == row.recall_100 == 1
    assert row.query_ms > row.words_ms > 0
    scale.draw_curves([row], tmp_path / "curves.svg")
    assert (tmp_path / "curves.svg").read_text(encoding="utf-8").startswith("<?xml")
    assert "| 300 |" in scale.report([row], "essai", "2026-01-02")


def test_a_size_that_cannot_be_measured_says_why():
    with pytest.raises(EvalError, match="-5 passages a échoué"):
        scale.run([-5])
