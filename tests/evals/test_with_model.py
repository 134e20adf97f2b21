"""The same questions without and with a model: what is gained and lost, what is wrong, and what an interruption keeps."""

import json
from types import SimpleNamespace

import pytest
import scripted
from scripted import Script, citation, reply, sample

from evals.cli import main
from evals.errors import EvalError
from evals.with_model import Kept, compare, find_wrong, render_both, spread

TEXT = "Il faut 15 ESSMS."
NOTE = "Le modèle n’a pas répondu à temps."


def written(answer, mode="model", notice="", **more):
    usage = {"calls": 1, "input_tokens": 100, "output_tokens": 20, "cost": 0.001}
    return reply(answer, mode=mode, notice=notice, model="essai", usage=usage, **more)


class Assisted:
    """An assistant with a model: replies by the last turn; may be interrupted, and may be paused."""

    def __init__(self, replies, stop_at=None, states=()):
        self.replies, self.stop_at, self.states = replies, stop_at, list(states)
        self.asked, self.conversations = [], []

    def ask(self, turns, day, conversation=""):
        if self.stop_at is not None and len(self.asked) == self.stop_at:
            raise KeyboardInterrupt
        self.asked.append(turns[-1])
        self.conversations.append(conversation)
        return SimpleNamespace(as_json=lambda: self.replies[turns[-1]])

    def model_state(self):
        return self.states.pop(0) if self.states else ""


QUESTIONS = [f"question {n}" for n in range(1, 7)]


def open_bench(tmp_path, answers):
    tmp_path.joinpath("sets").mkdir(exist_ok=True)
    samples = [
        sample(f"seuil-{n}", [question], {"must": [["15"]]}) for n, question in enumerate(QUESTIONS, 1)
    ]
    script = Script({question: reply(answers.get(question, TEXT)) for question in QUESTIONS})
    return scripted.bench(tmp_path / "sets", script, texts=[TEXT], answers=samples), script


def run(tmp_path, assisted, answers=None, **options):
    bench, _ = open_bench(tmp_path, answers or {})
    kept = Kept.at("answers", "openai:essai", tmp_path / "run.jsonl")
    return compare(bench, "answers", "openai:essai", lambda: assisted, kept, sets=("answers",), **options)


def every(answer, **more):
    return {question: written(answer, **more) for question in QUESTIONS}


def test_gains_losses_modes_and_costs_are_reported(tmp_path):
    replies = every(TEXT, citations=[citation(1, TEXT)]) | {
        "question 2": written("Je ne sais pas."),
        "question 3": written(TEXT, mode="fallback", notice=NOTE),
        "question 4": reply(TEXT, mode="rules"),
    }
    both = run(tmp_path, Assisted(replies), {"question 1": "Je ne sais pas."})
    assert [score.passed for score in both.without.scores] == [False, True, True, True, True, True]
    assert [score.passed for score in both.having.scores] == [True, False, True, True, True, True]
    text = render_both(both)
    assert "gagnée : answers/seuil-1" in text
    assert "perdue : answers/seuil-2" in text
    assert f"1  {NOTE}" in text
    assert "modèle                    4 / 6" in text
    assert "règles seules             1 / 6" in text
    assert "5 appels, 500 jetons lus, 100 écrits, 0,0050 €" in text


def test_a_question_of_its_own_is_a_conversation_of_its_own(tmp_path):
    assisted = Assisted(every(TEXT))
    run(tmp_path, assisted)
    assert len(set(assisted.conversations)) == len(QUESTIONS)


def test_a_limit_takes_questions_evenly_spaced_and_scores_no_other(tmp_path):
    assisted = Assisted(every(TEXT))
    both = run(tmp_path, assisted, limit=3)
    assert assisted.asked == ["question 2", "question 4", "question 6"]
    assert [score.id for score in both.having.scores] == [score.id for score in both.without.scores]
    assert len(both.having.scores) == 3
    assert "3 questions sur 6" in " ".join(both.having.header.notes)


@pytest.mark.parametrize(("limit", "n"), [(None, 6), (1, 1), (5, 5), (6, 6), (60, 6)])
def test_the_spread_has_as_many_as_asked_and_none_twice(limit, n):
    chosen = spread(list("abcdef"), limit)
    assert len(chosen) == n
    assert sorted(set(chosen)) == list(chosen)


def test_a_limit_below_one_is_refused():
    with pytest.raises(EvalError, match="--limit 0"):
        spread(list("abc"), 0)


def test_an_interrupted_run_keeps_its_replies_and_resumes(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, Assisted(every(TEXT), stop_at=4))
    kept = tmp_path / "run.jsonl.replies"
    assert len(kept.read_text(encoding="utf-8").splitlines()) == 1 + 4
    with kept.open("a", encoding="utf-8") as file:
        file.write('{"turns": ["question 5"], "da')  # killed in the middle of a line
    again = Assisted(every(TEXT))
    both = run(tmp_path, again, resume=True)
    assert again.asked == ["question 5", "question 6"]
    assert [score.passed for score in both.having.scores] == [True] * 6


def test_an_interrupted_run_is_never_overwritten(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, Assisted(every(TEXT), stop_at=2))
    before = (tmp_path / "run.jsonl.replies").read_bytes()
    with pytest.raises(EvalError, match="2 réponses"):
        run(tmp_path, Assisted(every(TEXT)))
    assert (tmp_path / "run.jsonl.replies").read_bytes() == before


def test_two_runs_never_write_in_one_file(tmp_path):
    kept = Kept.at("answers", "openai:essai", tmp_path / "run.jsonl")
    with kept.open("corpus-1", resume=False), pytest.raises(EvalError, match="en cours"):
        run(tmp_path, Assisted(every(TEXT)), resume=True)


def test_replies_of_another_measure_are_not_resumed(tmp_path):
    path = tmp_path / "run.jsonl.replies"
    path.write_text(json.dumps({"suite": "dev", "model": "autre", "corpus": "x"}) + "\n", encoding="utf-8")
    with pytest.raises(EvalError, match="autre mesure"):
        run(tmp_path, Assisted(every(TEXT)), resume=True)


def test_a_model_left_alone_is_waited_for(tmp_path, monkeypatch):
    waits = []
    monkeypatch.setattr("evals.with_model.time.sleep", waits.append)
    assisted = Assisted(every(TEXT), states=["En pause.", "En pause."])
    run(tmp_path, assisted)
    assert len(waits) == 2
    assert len(assisted.asked) == 6


def test_a_model_that_does_not_come_back_ends_the_run_and_loses_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("evals.with_model._PAUSED_S", -1)
    with pytest.raises(EvalError, match="Plafond atteint"):
        run(tmp_path, Assisted(every(TEXT), states=["", "", "Plafond atteint."]))
    assert len((tmp_path / "run.jsonl.replies").read_text(encoding="utf-8").splitlines()) == 1 + 2


def judged(answer, before=TEXT, failed_before=False, **more):
    """Return what is found wrong in one reply of a model."""
    from datetime import date

    from evals.scoring import Score

    old = Score("un", not failed_before, reply=reply(before), turns=("question",), date=date(2025, 6, 2).isoformat())
    new = Score("un", True, reply=written(answer, **more), turns=("question",), date="2025-06-02")
    return find_wrong([old], [new], frozenset([TEXT]))


def test_a_verdict_that_differs_is_wrong():
    wrong = judged("Non : il faut 15 ESSMS.", "Oui : il faut 15 ESSMS.", rules=[{"values": {"seuil": 15}}])
    assert len(wrong["verdicts"]) == 1
    assert not wrong["figures"]


def test_a_date_an_amount_and_a_number_without_support_are_wrong():
    wrong = judged("Il faut 15 ESSMS avant le 3 mai 2025, pour 900 €. [1]", citations=[citation(1, TEXT)])
    assert (len(wrong["figures"]), len(wrong["dates"]), len(wrong["amounts"])) == (2, 1, 1)


def test_only_what_differs_from_the_rules_alone_is_looked_at():
    assert not any(judged("Non : 16.", "Non : 16.", mode="fallback").values())


@pytest.mark.parametrize("mode", ["rules", "fallback", "model"])
def test_a_verdict_that_a_new_reading_changed_is_wrong_too(mode):
    assert judged("Non : 16.", "Oui : 15.", mode=mode)["verdicts"]


def test_a_question_that_the_model_alone_answers_rightly_is_no_wrong_verdict():
    assert not judged("Oui : il faut 15 ESSMS.", "Non déterminé : quelle région ?", failed_before=True)["verdicts"]


def test_a_set_held_out_is_named_by_its_ids_alone(tmp_path):
    bench, _ = open_bench(tmp_path, {})
    (tmp_path / "sets" / "answers.yaml").rename(tmp_path / "sets" / "held_out.yaml")
    kept = Kept.at("answers", "x", tmp_path / "run.jsonl")
    assisted = Assisted(every("Il en faut 900."))
    both = compare(bench, "answers", "x", lambda: assisted, kept, sets=("held_out",))
    text = render_both(both)
    assert "held_out/seuil-1" in text
    assert "900" not in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "rules", "--model", "local"], "--model ne vaut que pour"),
        (["run", "answers", "--resume"], "qu’avec --model"),
        (["run", "answers", "--limit", "3"], "qu’avec --model"),
    ],
)
def test_what_makes_no_sense_is_said(arguments, said, capsys):
    assert main(arguments) == 2
    assert said in capsys.readouterr().err
