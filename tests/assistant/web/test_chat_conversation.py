"""What the chat shows after each event, over a scripted assistant: with a language model, and without."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from itertools import count, islice

import pytest
from lxml import html
from modelled_assistant import LABEL, NOTICE, READING, SENTENCES, WRITING, ModelledAssistant

from assistant.answer import Answer, Kind, Mode, Partial, Status
from assistant.web.chat.history import Exchange, write_history
from assistant.web.chat.page import Conversation
from assistant.web.chat.render import render_answer

DAY = date(2025, 6, 2)
MODEL_LINE = f"Phrases choisies et ordonnées par un modèle de langue ({LABEL}), toutes tirées des sources et des règles"
WITHOUT = "Composé sans modèle de langue"
FRAMES = 12  # at most, for one answer


class Told:
    """An assistant whose stream is given."""

    model_label = LABEL

    def __init__(self, pieces) -> None:
        self.pieces = pieces
        self.closed = False

    def ask(self, turns, day):
        raise AssertionError("an answer that is told is not asked for again")

    def search(self, query, k):
        return []

    def health(self) -> str:
        return ""

    def model_state(self) -> str:
        return ""

    def stream(self, turns, day, conversation=""):
        try:
            yield from self.pieces
        finally:
            self.closed = True


@pytest.fixture
def plain(server):
    return server.assistant


@pytest.fixture
def verdict(plain) -> Answer:
    return plain.ask(["12 ESSMS"], DAY)


@pytest.fixture
def modelled(plain, verdict) -> ModelledAssistant:
    return ModelledAssistant(plain, verdict)


def talk(assistant, **options) -> Conversation:
    return Conversation(assistant, lambda: DAY, **options)


def shown(outputs):
    """Return the last message of a frame, as HTML is read."""
    return html.fromstring(outputs[0][-1]["content"])


def words(element) -> str:
    return " ".join(element.text_content().split())


def line(outputs) -> list[str]:
    """Return the words that say who wrote the last answer."""
    return [words(one) for one in shown(outputs).xpath("//p[@class='written']/span[@class='by-whom']")]


def kept(outputs) -> list[dict]:
    return json.loads(outputs[1])


def test_without_a_model_an_answer_grows_and_nothing_says_who_wrote_it(plain, verdict):
    frames = list(talk(plain).ask("12 ESSMS", "[]", "clé"))

    assert words(shown(frames[0])) == "Recherche dans les sources…"
    assert all("pending" in shown(frame).get("class").split() for frame in frames[:-1])
    assert not any(shown(frame).xpath("//*[contains(@class, 'doing')]") for frame in frames)
    assert line(frames[-1]) == []
    assert frames[-1][0][-1]["content"] == render_answer(verdict, 1, DAY)


def test_what_is_being_done_then_the_ruling_then_the_sentences_are_shown_as_they_come(modelled):
    frames = [shown(frame) for frame in talk(modelled).ask("12 ESSMS", "[]", "clé")]
    waiting, reading, ruled, *growing, whole = frames
    text = "//div[@class='text']"

    assert words(waiting) == "Recherche dans les sources…"
    assert words(reading) == READING
    assert "Non" in words(ruled.xpath("//*[@class='verdicts']")[0])
    assert ruled.xpath(text) == []
    assert [words(one.xpath(text)[0]) for one in growing] == [" ".join(SENTENCES[:n]) for n in (1, 2, 3)]
    assert [len(one.xpath("//details[@class='source']")) for one in growing] == [1, 2, 2]
    for one in growing:
        places = {f"#{place}" for place in one.xpath("//details[@class='source']/@id")}
        assert set(one.xpath(f"{text}//a[@class='marker']/@href")) <= places
        assert words(one.xpath("//p[contains(@class, 'doing')]")[0]) == WRITING
        assert one.xpath("//*[@class='tools']") == []
    # What is above the text stays where it is.
    for one in (*growing, whole):
        assert one.xpath("//*[@class='verdicts']/following-sibling::div[@class='text']")
    assert words(whole.xpath(text)[0]) == " ".join(SENTENCES)
    assert whole.xpath("//p[contains(@class, 'doing')]") == []


def test_the_model_is_counted_by_the_page_that_asks_and_its_cost_stays_on_the_server(modelled):
    *_, last = talk(modelled).ask("12 ESSMS", "[]", "page-1")
    conversation = talk(modelled)
    *_, again = conversation.amend('{"fact": "nombre_essms", "value": 20}', last[1], "page-1")

    assert [key for _, key in modelled.seen] == ["page-1", "page-1"]
    assert modelled.seen[1][0][0] == "12 ESSMS"
    assert len(modelled.seen[1][0]) == 2
    assert [row["answer"]["mode"] for row in kept(again)] == ["model", "model"]
    assert [row["answer"]["usage"] for row in kept(again)] == [None, None]


@pytest.mark.parametrize("seconds", [0.01, 0.5, 5.0])
def test_the_frames_of_an_answer_are_few_whatever_is_told(verdict, seconds):
    told = [Partial(WRITING, replace(verdict, text=f"Phrase {number}.")) for number in range(300)]
    clock = count(0.0, seconds)
    frames = list(talk(Told([*told, verdict]), timer=lambda: next(clock)).ask("Q", "[]"))

    assert 8 <= len(frames) <= FRAMES
    assert [words(shown(frame).xpath("//div[@class='text']")[0]) for frame in frames[1:7]] == [
        f"Phrase {number}." for number in range(6)
    ]
    assert "Non." in words(shown(frames[-1]))


def test_what_is_told_again_is_not_shown_again(verdict):
    frames = list(talk(Told([Partial(READING), Partial(READING), Partial(READING), verdict])).ask("Q", "[]"))

    assert len(frames) == 3


def test_who_leaves_closes_the_stream_and_so_the_request_to_the_model(modelled):
    asking = talk(modelled).ask("12 ESSMS", "[]")
    list(islice(asking, 3))
    assert not modelled.closed.is_set()
    asking.close()

    assert modelled.closed.is_set()


def test_a_stream_is_closed_when_its_answer_came(verdict):
    told = Told(iter([Partial(READING), verdict, Partial("Trop tard")]))
    *_, last = talk(told).ask("Q", "[]")

    assert told.closed
    assert "Trop tard" not in last[0][-1]["content"]


def test_an_assistant_that_breaks_while_it_tells_or_tells_nothing_is_an_apology(modelled):
    pieces = Told([Partial(READING)])
    for assistant, question in ((modelled, "Une panne"), (pieces, "Q")):
        *_, last = talk(assistant).ask(question, "[]")

        assert "incident technique" in last[0][-1]["content"]
        assert last[2] == question
        assert kept(last)[0]["answer"] is None


@pytest.mark.parametrize(
    ("question", "said"), [("12 ESSMS", MODEL_LINE), ("règles", WITHOUT), ("repli", NOTICE)]
)
def test_an_answer_says_who_wrote_it_and_still_does_when_it_is_reopened(modelled, question, said):
    *_, last = talk(modelled).ask(question, "[]")
    reopened = talk(modelled).restore(last[1])

    assert line(last) == line(reopened) == [" ".join(said.split())]
    assert last[0][-1]["content"].count(NOTICE) == (said == NOTICE)  # once, and not as a degraded mode


def test_a_degraded_mode_is_still_said_apart(plain, verdict, modelled):
    notice = "Mode dégradé d’exemple."
    for mode in (Mode.RULES, Mode.MODEL):
        answer = replace(verdict, mode=mode, model=LABEL, notice=notice)
        outputs = talk(modelled).restore(write_history([Exchange(1, "Q", DAY, answer)]))
        assert words(shown(outputs).xpath("//p[@class='degraded']")[0]) == notice
        assert line(outputs) == [MODEL_LINE if mode is Mode.MODEL else WITHOUT]


def test_an_answer_that_a_model_wrote_says_so_even_where_there_is_none_any_more(plain, verdict):
    rows = [
        Exchange(1, "Q", DAY, replace(verdict, mode=Mode.MODEL, model=LABEL)),
        Exchange(2, "Q", DAY, Answer(Kind.ANSWER, Status.ANSWERED, "Oui.")),
    ]
    messages = talk(plain).restore(write_history(rows))[0]

    assert MODEL_LINE in " ".join(messages[1]["content"].replace("\u00a0", " ").split())
    assert "by-whom" not in messages[3]["content"]


def test_a_hostile_name_status_or_notice_is_words_in_one_line(modelled):
    for question in ("hostile", "hostile repli"):
        for frame in talk(modelled).ask(question, "[]"):
            content = frame[0][-1]["content"]
            assert "<img" not in content
            assert "<script>" not in content
            assert "\n" not in content
        assert "&lt;img src=x" in content
    long = replace(modelled._verdict, mode=Mode.MODEL, model="m\u2028" + "n" * 5000)
    assert len(line([[{"content": render_answer(long, 1, DAY)}]])[0]) < 250
