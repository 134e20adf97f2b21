"""A search goes on when the vector store or the encoder fails, says so, and comes back by itself."""

import logging
import shutil
import threading
import time
from dataclasses import replace

import pytest
from chroma_server import Server
from word_count_encoder import WordCountEncoder

from index.build import build_index, open_index
from index.cli import main
from index.degraded import open_enduring
from index.endurance import PAUSE, Breaker, Loss
from index.errors import EncoderError, SettingError, StoreError, StoreUnreachableError
from index.relevance import Relevance
from index.store import Place, write_store
from index.wanted import Wanted

QUESTION = "date de clôture de l’appel régional"
NOBODY = "http://127.0.0.1:9"


class Clock:
    """Time that passes when it is told to."""

    def __init__(self):
        self.now = 1_000.0

    def __call__(self):
        return self.now


class FailingEncoder(WordCountEncoder):
    """Counts words until its engine breaks."""

    relevance = Relevance(-2.0, 4.0, threshold=0.5)

    def __init__(self):
        super().__init__()
        self.broken = False
        self.calls = 0

    def encode_queries(self, texts):
        self.calls += 1
        if self.broken:
            raise RuntimeError("the engine broke")
        return super().encode_queries(texts)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def failing():
    return FailingEncoder()


@pytest.fixture
def server(tmp_path):
    running = Server(tmp_path / "chroma")
    yield running
    running.stop()


def same(hits, others):
    assert [hit.passage.id for hit in hits] == [hit.passage.id for hit in others]
    assert [hit.score for hit in hits] == pytest.approx([hit.score for hit in others], abs=2e-3)
    assert [hit.dense for hit in hits] == pytest.approx([hit.dense for hit in others], abs=1e-3)


# --- a part that fails


def test_what_failed_is_left_alone_then_tried_again_and_comes_back(clock, caplog):
    breaker = Breaker("la base", clock)
    calls = []

    def call():
        calls.append(clock.now)
        if clock.now < 1_000 + 2 * PAUSE:
            raise StoreError("partie")
        return "réponse"

    assert [breaker.ask(call) for _ in range(3)] == [None, None, None]
    assert breaker.down
    clock.now += PAUSE - 1
    assert breaker.ask(call) is None
    assert len(calls) == 1
    clock.now += 1
    assert breaker.ask(call) is None
    assert len(calls) == 2
    clock.now += PAUSE
    assert [breaker.ask(call) for _ in range(2)] == ["réponse", "réponse"]
    assert not breaker.down
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 2
    assert "sans la base\u00a0: partie" in caplog.messages[0]
    assert "Fin du mode dégradé" in caplog.messages[1]


def test_a_panic_of_an_engine_is_borne_and_a_stop_asked_for_is_not(clock):
    class Panic(BaseException):
        pass

    def panic():
        raise Panic

    def stop():
        raise KeyboardInterrupt

    breaker = Breaker("le modèle", clock)
    with pytest.raises(KeyboardInterrupt):
        breaker.ask(stop)
    assert breaker.ask(panic) is None


def test_while_one_tries_again_the_others_do_not_wait(clock):
    breaker = Breaker("la base", clock)
    breaker.trip()
    clock.now += PAUSE
    trying, answered, found = threading.Event(), threading.Event(), []

    def slow():
        trying.set()
        answered.wait(10)
        return "réponse"

    thread = threading.Thread(target=lambda: found.append(breaker.ask(slow)))
    thread.start()
    assert trying.wait(10)
    assert breaker.ask(slow) is None  # it would wait for ever: nobody sets the event before it returns
    answered.set()
    thread.join()
    assert found == ["réponse"]
    assert not breaker.down


# --- the store


def test_a_server_that_stops_while_serving_is_done_without_and_found_again(server, settings, encoder, clock):
    retriever = open_enduring(replace(settings, url=server.url), encoder, clock=clock)
    before = retriever.search(QUESTION)
    assert retriever.loss is None
    server.stop()

    started = time.monotonic()
    same(retriever.search(QUESTION), before)
    assert time.monotonic() - started < 2
    assert retriever.loss is Loss.STORE
    wanted = Wanted(annees=frozenset({2024}), strict=True)
    assert {hit.passage.annees for hit in retriever.search(QUESTION, wanted=wanted)} == {()}

    server.start()
    same(retriever.search(QUESTION), before)
    assert retriever.loss is Loss.STORE  # left alone for a while
    clock.now += PAUSE
    same(retriever.search(QUESTION), before)
    assert retriever.loss is None


def test_a_server_that_hangs_costs_one_question_two_seconds_and_the_others_nothing(
    server, settings, encoder, clock
):
    retriever = open_enduring(replace(settings, url=server.url), encoder, clock=clock)
    before = retriever.search(QUESTION)
    server.hang()

    started = time.monotonic()
    threads = [threading.Thread(target=retriever.search, args=(QUESTION,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0.5 < time.monotonic() - started < 3
    started = time.monotonic()
    for _ in range(10):
        same(retriever.search(QUESTION), before)
    assert time.monotonic() - started < 0.5

    server.resume()
    clock.now += PAUSE
    assert retriever.check() is None


def test_a_server_that_lost_the_vectors_is_done_without(server, settings, encoder, clock):
    retriever = open_enduring(replace(settings, url=server.url), encoder, clock=clock)
    before = retriever.search(QUESTION)
    server.stop()
    shutil.rmtree(server.data)
    server.start()

    same(retriever.search(QUESTION), before)
    assert retriever.loss is Loss.STORE


def test_a_damaged_directory_is_done_without(settings, encoder, clock, monkeypatch):
    retriever = open_enduring(settings, encoder, clock=clock)
    before = retriever.search(QUESTION)
    collection = retriever._store._collection
    retriever._store._client.delete_collection(collection.name)

    same(retriever.search(QUESTION), before)
    assert retriever.loss is Loss.STORE


def test_without_its_server_at_the_start_the_index_of_this_machine_answers_until_it_is_back(
    server, settings, encoder, clock
):
    shared = replace(settings, url=server.url)
    before = open_index(shared, encoder).search(QUESTION)
    encoder.encoded.clear()
    server.stop()
    said = []

    retriever = open_enduring(shared, encoder, said.append, clock)

    assert retriever.loss is Loss.STORE
    assert len(said) == 1
    assert "Mode dégradé" in said[0]
    assert server.url in said[0]
    assert "\n" not in said[0]
    same(retriever.search(QUESTION), before)
    assert encoder.encoded == []
    server.start()
    clock.now += PAUSE
    same(retriever.search(QUESTION), before)
    assert retriever.loss is None
    retriever.close()


def test_a_server_that_comes_back_with_other_vectors_is_not_believed(server, settings, encoder, clock):
    shared = replace(settings, url=server.url)
    before = open_index(shared, encoder).search(QUESTION)
    server.stop()
    retriever = open_enduring(shared, encoder, lambda _: None, clock)
    server.start()
    vectors = encoder.encode_queries(["un", "deux", "trois"])
    name = build_index(settings, encoder).directory.name
    write_store(Place.on_server(server.url, name), ["un", "deux", "trois"], vectors, replace=True)
    clock.now += PAUSE

    same(retriever.search(QUESTION), before)
    assert retriever.loss is Loss.STORE


# --- the encoder


def test_an_engine_that_breaks_leaves_the_words_and_comes_back(settings, failing, clock):
    retriever = open_enduring(settings, failing, clock=clock)
    before = retriever.search(QUESTION)
    failing.broken = True

    hits = retriever.search("seuil de groupement")

    assert hits[0].passage.text == "Le seuil est de 15 ESSMS pour un groupement."
    assert hits[0].lexical > 0
    assert {(hit.dense, hit.asked) for hit in hits} == {(None, None)}
    assert retriever.vector("seuil de groupement") is None
    assert retriever.loss is Loss.MEANING
    assert retriever.relevance(hits) is None
    assert not retriever.nothing_relevant(hits)
    assert retriever.search("zygomatique") == []
    wanted = Wanted(annees=frozenset({2024}), strict=True)
    assert (2025,) not in {hit.passage.annees for hit in retriever.search(QUESTION, wanted=wanted)}

    calls, failing.broken = failing.calls, False
    assert retriever.vector("autre question") is None
    assert failing.calls == calls
    clock.now += PAUSE
    same(retriever.search(QUESTION), before)
    assert retriever.vector("autre question") is not None
    assert retriever.loss is None


QUESTIONS = """\
- id: "essai#campagne-2025-1"
  says: "L’appel à projets régional se clôt"
  questions: ["Jusqu’à quand candidater ?", "Quelle date limite pour le dossier ?"]
- id: "essai#campagne-2025-2"
  says: "Le seuil est de 15 ESSMS"
  questions: ["Combien de structures faut-il réunir ?", "Quelle taille pour candidater ?"]
"""


def test_without_meaning_a_passage_is_found_by_the_words_of_its_questions(settings, failing, clock):
    path = settings.fiches.parent / "questions" / "essai.yaml"
    path.parent.mkdir()
    path.write_text(QUESTIONS, encoding="utf-8")
    retriever = open_enduring(settings, failing, lambda _: None, clock)
    failing.broken = True

    exact = retriever.search("combien de structures faut-il réunir")[0]
    near = retriever.search("Faut-il réunir des structures ?")[0]

    for hit in (exact, near):
        assert hit.passage.text == "Le seuil est de 15 ESSMS pour un groupement."
        assert hit.lexical is None  # it has none of these words itself
        assert hit.question == "Combien de structures faut-il réunir ?"
    assert exact.likeness == pytest.approx(1)
    assert 0.4 < near.likeness < 1
    wanted = Wanted(annees=frozenset({2024}), strict=True)
    assert {hit.passage.annees for hit in retriever.search("quand candidater", wanted=wanted)} == {()}
    candidating = {hit.passage.id: hit.likeness for hit in retriever.search("quand candidater")}
    # « candidater » is in two questions, « quand » in one: the rarer word tells more.
    assert candidating["essai#campagne-2025-1"] > 2 * candidating["essai#campagne-2025-2"] > 0


def test_an_unknown_word_makes_a_question_less_alike(settings, failing, clock):
    path = settings.fiches.parent / "questions" / "essai.yaml"
    path.parent.mkdir()
    path.write_text(QUESTIONS, encoding="utf-8")
    retriever = open_enduring(settings, failing, lambda _: None, clock)
    failing.broken = True

    plain, other = (
        retriever.search(question)[0].likeness
        for question in ("Quelle taille pour candidater ?", "Quelle taille pour candidater au rugby ?")
    )

    assert other < 0.9 * plain


@pytest.fixture
def damaged_model(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "model.onnx").write_bytes(b"nothing")
    (folder / "model.json").write_text("{}")
    return str(folder)


def test_without_its_model_at_the_start_words_alone_are_searched(settings, damaged_model, clock):
    said = []

    retriever = open_enduring(replace(settings, model=damaged_model), None, said.append, clock)

    assert len(said) == 1
    assert "Mode dégradé" in said[0]
    assert damaged_model in said[0]
    assert retriever.loss is Loss.MEANING
    assert retriever.search("quel seuil")[0].passage.text.startswith("Le seuil est de 15")
    assert retriever.search("dossier usager informatisé")[0].passage.kind == "glossary"
    assert retriever.search("DUI")[0].passage.kind == "glossary"
    clock.now += PAUSE
    assert retriever.check() is Loss.MEANING
    retriever.close()


def test_without_server_nor_index_at_the_start_words_alone_are_searched_and_nothing_is_built(
    settings, encoder, clock
):
    said = []

    retriever = open_enduring(replace(settings, url=NOBODY), encoder, said.append, clock)

    assert [NOBODY in line for line in said if "Mode dégradé" in line] == [True]
    assert retriever.loss is Loss.MEANING
    assert retriever.search("quel seuil")[0].passage.text.startswith("Le seuil est de 15")
    assert encoder.encoded == []
    assert not list(settings.directory.glob("*/manifest.json"))


# --- where failures are not borne


def test_a_wrong_setting_is_refused_at_the_start(settings, encoder):
    with pytest.raises(SettingError, match="INDEX_URL"):
        open_enduring(replace(settings, url="ici"), encoder)


def test_the_index_itself_lets_failures_through(settings, failing):
    retriever = open_index(settings, failing)
    failing.broken = True

    with pytest.raises(RuntimeError, match="the engine broke"):
        retriever.search("seuil")
    failing.broken = False
    assert retriever.search("seuil")
    assert retriever.check() is None


@pytest.mark.parametrize("command", [["build"], ["search", "seuil"], ["stats"]])
def test_the_commands_of_the_index_fail_clearly(settings, encoder, monkeypatch, capsys, command):
    build_index(settings, encoder)
    monkeypatch.setenv("INDEX_URL", NOBODY)
    monkeypatch.setenv("ASSISTANT_VAR", str(settings.var))

    assert main(command) == 2
    errors = capsys.readouterr().err
    assert f"Le serveur Chroma {NOBODY} ne répond pas" in errors


def test_an_open_index_says_that_its_server_is_gone(settings, encoder, server):
    retriever = open_index(replace(settings, url=server.url), encoder)
    server.stop()

    with pytest.raises(StoreUnreachableError):
        retriever.search("seuil")


def test_a_model_that_is_missing_is_said_by_the_index(settings, damaged_model):
    with pytest.raises(EncoderError, match="endommagé"):
        open_index(replace(settings, model=damaged_model))
