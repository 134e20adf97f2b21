"""The assistant answers without its vector store or its encoder, and says so in one line."""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from chroma_server import Server
from fastapi.testclient import TestClient

from assistant.answer import Kind
from assistant.chain import open_assistant
from assistant.web.app import create_app
from corpus.paths import var_dir
from index.build import fingerprint_of
from index.endurance import PAUSE
from index.settings import IndexSettings
from index.store import Place, write_store

ROOT = Path(__file__).parents[2]
DAY = date(2025, 6, 2)
TOO_FEW = "Nous sommes 14 ESSMS en Bretagne, est-ce assez ?"
QUESTIONS = (
    TOO_FEW,
    "Qu’est-ce que le DUI ?",
    "Quelle est la date limite de l’appel régional 2025 en Bretagne ?",
    "Quelle part d’un service à domicile mixte est financée ?",
    "Quelle est la recette de la tarte aux pommes ?",
)


class Clock:
    """Time that passes when it is told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class BrokenEngine:
    """Stands for an engine that fails at each question."""

    dimension = 384

    def encode(self, texts):
        raise RuntimeError("session expired")


@pytest.fixture
def clock():
    return Clock()


def said(answer):
    return replace(answer, elapsed_ms=0, notice="")


def share(retriever, var, url):
    """Put a copy of the index that is open on a server, and its files under ``var``: nothing is learnt again."""
    passages = list(retriever.passages.values())
    name = fingerprint_of(passages, retriever.encoder)
    shutil.copytree(var_dir() / "index" / name, var / "index" / name)
    ids = [passage.id for passage in passages]
    write_store(Place.on_server(url, name), ids, retriever._store.vectors(ids))


def test_the_chroma_server_stops_while_serving(tmp_path, clock, assistant):
    server = Server(tmp_path / "chroma")
    try:
        share(assistant._retriever, tmp_path / "var", server.url)
        shared = open_assistant(IndexSettings(var=tmp_path / "var", url=server.url), clock)
        client = TestClient(create_app(shared))
        expected = [assistant.ask([question], DAY) for question in QUESTIONS]
        assert [said(shared.ask([question], DAY)) for question in QUESTIONS] == [*map(said, expected)]
        assert {answer.notice for answer in expected} == {""}
        assert client.get("/health").json() == {"status": "ok"}

        server.stop()
        started = time.monotonic()
        without = [shared.ask([question], DAY) for question in QUESTIONS]
        assert time.monotonic() - started < 5
        assert [*map(said, without)] == [*map(said, expected)]
        (notice,) = {answer.notice for answer in without}
        assert notice.startswith("Mode dégradé\u00a0: la base de vecteurs")
        assert "\n" not in notice
        assert client.get("/health").json() == {"status": "degraded", "notice": notice}

        server.start()
        clock.now += PAUSE
        assert client.get("/health").json() == {"status": "ok"}
        assert shared.ask([TOO_FEW], DAY).notice == ""
    finally:
        server.stop()


def break_engine(broken):
    """Make the engine fail from now on, and return what mends it."""
    encoder = broken._retriever.encoder
    encoder.load()
    engine, encoder._engine = encoder._engine, BrokenEngine()
    broken.ask(["Bonjour"], DAY)  # the words of known questions are counted at the first need
    return lambda: setattr(encoder, "_engine", engine)


@pytest.fixture(scope="module")
def without_meaning():
    broken = open_assistant()
    break_engine(broken)
    return broken


def test_rules_judge_and_words_find_when_the_engine_fails(without_meaning, assistant):
    broken = without_meaning
    started = time.monotonic()
    judged, defined, _, part, foreign = (broken.ask([question], DAY) for question in QUESTIONS)
    assert time.monotonic() - started < 5

    assert judged.kind is Kind.ANSWER
    assert judged.text.startswith("Non")
    assert judged.rules == assistant.ask([TOO_FEW], DAY).rules
    assert "dossier usager informatisé" in defined.text.lower()
    assert part.citations
    assert foreign.kind is Kind.REFUSAL
    (notice,) = {answer.notice for answer in (judged, defined, part, foreign)}
    assert notice.startswith("Mode dégradé\u00a0: la recherche par le sens est indisponible")
    assert "\n" not in notice
    assert judged.as_json()["notice"] == notice
    assert "Mode dégradé" not in judged.text
    assert broken.search("dossier usager informatisé", 3)


@pytest.mark.parametrize(
    "question",
    [
        "Quel temps fera-t-il demain à Rennes ?",
        "Comment cultiver des tomates sur un balcon ?",
        "Écris-moi un poème sur la mer.",
        "Qui a gagné la coupe du monde de football ?",
        "Comment réparer une fuite d’eau ?",
    ],
)
def test_what_is_foreign_is_not_answered_without_meaning(without_meaning, question):
    answer = without_meaning.ask([question], DAY)

    assert answer.kind in (Kind.REFUSAL, Kind.ABSTENTION)
    assert answer.rules == ()


def test_a_near_miss_is_said_not_found_without_meaning(without_meaning):
    answer = without_meaning.ask(["Quel ratio d’encadrement de nuit faut-il dans un EHPAD ?"], DAY)

    assert answer.kind in (Kind.REFUSAL, Kind.ABSTENTION)


def test_a_question_in_english_is_not_taken_for_a_foreign_one_without_meaning(without_meaning):
    judged = without_meaning.ask(["We manage 12 ESSMS in Brittany, may we apply?"], DAY)
    assert judged.text.startswith("Non")
    assert judged.rules

    many = (
        "Could you please tell me how many ESSMS our consortium of charities must gather before submitting?"
    )
    assert without_meaning.ask([many], DAY).kind is not Kind.REFUSAL


def test_the_meaning_comes_back_with_the_engine(clock, assistant):
    broken = open_assistant(clock=clock)
    mend = break_engine(broken)
    assert broken.health().startswith("Mode dégradé")
    mend()
    assert broken.ask([TOO_FEW], DAY).notice  # left alone for a while
    clock.now += PAUSE

    assert [said(broken.ask([question], DAY)) for question in QUESTIONS] == [
        said(assistant.ask([question], DAY)) for question in QUESTIONS
    ]
    assert broken.health() == ""


def run(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "assistant", "ask", "--date", "2025-06-02", *arguments, TOO_FEW],
        cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip


def test_the_command_answers_without_its_model(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"nothing")
    (tmp_path / "model.json").write_text("{}")

    done = run(ASSISTANT_ENCODER=str(tmp_path))

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Non")
    assert done.stdout.splitlines()[-1].startswith("Mode dégradé")
    (line,) = done.stderr.splitlines()
    assert line.startswith("Mode dégradé")
    assert str(tmp_path) in line


def test_the_command_answers_without_its_server(assistant):
    done = run(INDEX_URL="http://127.0.0.1:9")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Non")
    assert done.stdout.splitlines()[-1].startswith("Mode dégradé")
    (line,) = done.stderr.splitlines()
    assert line.startswith("Mode dégradé")
    assert "http://127.0.0.1:9" in line


def test_a_wrong_address_stops_the_command():
    done = run(INDEX_URL="ici")

    assert done.returncode == 2
    assert done.stdout == ""
    assert "INDEX_URL vaut" in done.stderr
