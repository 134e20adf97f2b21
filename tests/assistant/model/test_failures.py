"""Whatever a server does, a session raises the right failure, in time, and leaves nothing open."""

from __future__ import annotations

import asyncio
import gzip
import importlib
import json
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from langchain_core.messages import HumanMessage
from model_server import Calls, Cut, Drip, Endless, Hang, ModelServer, Raw, Status, Text
from pydantic import BaseModel

from assistant.model import background, client
from assistant.model.client import Failure, ModelError, Task
from assistant.model.failures import SENTENCES

KINDS = ("openai", "mistralai", "ollama")
ASKED = [HumanMessage("Quel est le délai ?")]
DEADLINE = 0.5  # seconds, where the server lets it pass
LONG = 8.0  # where it does not
LATE = 1.5  # seconds: beside other tests; two are promised
GOOD = json.dumps({"choices": [{"index": 0, "message": {"role": "assistant", "content": "Oui."}}]}).encode()
NOTHING = json.dumps({"choices": []}).encode()


class Facts(BaseModel):
    """Facts of a message."""

    nombre: int


def ask(session, way):
    if way == "complete":
        return session.complete(Task.WRITE, ASKED, max_tokens=40)
    if way == "stream":
        return "".join(session.stream(Task.WRITE, ASKED, max_tokens=40))
    if way == "structured":
        return session.structured(Task.READ, ASKED, Facts, max_tokens=40)
    from assistant.tools import rule_tools

    return session.call_tools(Task.JUDGE, ASKED, rule_tools()[3:5], max_calls=2)


def failure_of(session, way):
    """Return the failure of a request, that came in time."""
    began, given = time.monotonic(), session.remaining
    with pytest.raises(ModelError) as raised:
        ask(session, way)
    assert time.monotonic() - began < given + LATE
    assert str(raised.value) == SENTENCES[raised.value.failure]
    return raised.value.failure


def pieces_then_failure(session):
    got = ""
    try:
        for piece in session.stream(Task.WRITE, ASKED, max_tokens=40):
            got += piece
    except ModelError as error:
        return got, error.failure
    return got, None


@pytest.fixture(scope="module", autouse=True)
def _warm():
    """Load the packages once: no deadline is meant for that."""
    for package in ("langchain.agents", "langchain_mistralai", "langchain_ollama", "langchain_openai"):
        importlib.import_module(package)


@pytest.fixture
def hurried(make, monkeypatch):
    """Make a model tried again soon, whose deadline is short if it is what is expected; its breaker is out of the way."""
    monkeypatch.setattr(client, "_FIRST_WAIT", 0.02)

    def hurried(kind="openai", expected=None, **settings):
        timeout = DEADLINE if expected is Failure.TIMEOUT else LONG
        model = make(kind, timeout=timeout, context=30_000, **settings)
        model.breaker.leave = lambda failed: None
        return model

    return hurried


CASES = [
    (Status(500), Failure.SERVER),
    (Status(503), Failure.SERVER),
    (Status(429), Failure.BUSY),
    (Status(401), Failure.REFUSED),
    (Status(403), Failure.REFUSED),
    (Hang(), Failure.TIMEOUT),
    (Drip(), Failure.TIMEOUT),
    (Cut(), Failure.UNREACHABLE),
    (Raw(b"\xff\x00\x01 rien"), Failure.GARBAGE),
    (Raw(b"<html></html>", "text/html"), Failure.GARBAGE),
    (Raw(b"x" * 5_000_000), Failure.GARBAGE),
    (Raw(GOOD + b" " * 5_000_000), Failure.GARBAGE),
    (Raw(gzip.compress(b"x" * 1000), headers={"Content-Encoding": "gzip"}), Failure.GARBAGE),
]


@pytest.mark.parametrize("way", ["complete", "stream", "structured", "tools"])
@pytest.mark.parametrize(("behaviour", "expected"), CASES, ids=lambda value: str(value)[:24])
def test_each_failure_has_its_name_in_time(hurried, server, behaviour, expected, way):
    server.default = behaviour
    assert failure_of(hurried(expected=expected).session(), way) is expected
    assert server.idle()


@pytest.mark.parametrize("kind", ["mistralai", "ollama"])
@pytest.mark.parametrize("way", ["complete", "stream"])
@pytest.mark.parametrize(("behaviour", "expected"), CASES[1::2], ids=lambda value: str(value)[:24])
def test_each_provider_fails_alike(hurried, server, kind, behaviour, expected, way):
    server.default = behaviour
    assert failure_of(hurried(kind, expected).session(), way) is expected
    assert server.idle()


@pytest.mark.parametrize("kind", KINDS)
def test_a_dead_server_is_unreachable(hurried, server, kind):
    model = hurried(kind)
    server.stop()
    assert failure_of(model.session(), "complete") is Failure.UNREACHABLE
    assert failure_of(model.session(), "stream") is Failure.UNREACHABLE


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        (Hang(["Le délai ", "est"]), Failure.TIMEOUT),
        (Cut(["Le délai ", "est"]), Failure.CUT),
        (Cut(["Le délai ", "est"], politely=True), Failure.CUT),
        (Text("Le délai est", finish=""), Failure.CUT),
    ],
    ids=["hang", "cut", "cut politely", "no end told"],
)
def test_half_a_stream_gives_its_pieces_then_fails(hurried, server, kind, behaviour, expected):
    server.script(behaviour)
    began = time.monotonic()
    got, failure = pieces_then_failure(hurried(kind, expected).session())
    assert failure is expected
    assert got == "Le délai est"
    assert time.monotonic() - began < DEADLINE + LATE
    assert len(server.requests) == 1  # what was shown is not asked again
    assert server.idle()


def test_an_error_told_in_the_middle_of_a_stream_is_not_asked_again(hurried, server):
    piece = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "essai"}
    piece["choices"] = [
        {"index": 0, "delta": {"role": "assistant", "content": "Trente"}, "finish_reason": None}
    ]
    events = b"".join(
        b"data: %s\n\n" % json.dumps(event).encode() for event in (piece, {"error": {"message": "panne"}})
    )
    server.default = Raw(events)
    assert pieces_then_failure(hurried().session()) == ("Trente", Failure.SERVER)
    assert len(server.requests) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_an_endless_stream_is_ended(hurried, server, kind):
    server.script(Endless())
    got, failure = pieces_then_failure(hurried(kind).session())
    assert failure is Failure.GARBAGE
    assert 0 < len(got) <= 20 * 40
    assert server.idle()
    assert server.left == 1


@pytest.mark.parametrize("kind", KINDS)
def test_an_endless_body_is_ended(hurried, server, kind):
    server.default = Endless()
    assert failure_of(hurried(kind).session(), "complete") in (Failure.GARBAGE, Failure.TIMEOUT)
    assert server.idle()


@pytest.mark.parametrize("way", ["complete", "stream"])
def test_lines_without_end_do_not_hold_the_loop(hurried, server, way):
    server.default = Raw(b"data: x\n" * 200_000)
    assert failure_of(hurried().session(), way) is Failure.GARBAGE
    server.default = Text("Trente jours.")
    assert ask(hurried().session(), way) == "Trente jours."


@pytest.mark.parametrize(
    "body",
    [b"{}", b"[]", b'"x"', b"null", NOTHING, b'{"choices": null}', b"{" * 100_000, b"", b"[" * 100_000],
)
def test_json_of_another_shape_is_garbage(hurried, server, body):
    server.default = Raw(body)
    assert failure_of(hurried().session(), "complete") is Failure.GARBAGE


@pytest.mark.parametrize("way", ["complete", "stream"])
@pytest.mark.parametrize("text", ["", "   ", "<think>je réfléchis</think>", "<think>sans fin"])
def test_saying_nothing_is_garbage(hurried, server, way, text):
    server.default = Text(text)
    assert failure_of(hurried().session(), way) is Failure.GARBAGE


def test_an_answer_much_longer_than_asked_is_garbage(hurried, server):
    server.default = Text("a" * 2000)
    assert failure_of(hurried().session(), "complete") is Failure.GARBAGE


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", ["complete", "stream"])
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirection_is_not_followed(hurried, server, kind, way, status):
    from pydantic import SecretStr

    with ModelServer() as elsewhere:
        elsewhere.default = Text("Donnez-moi la clé.")
        server.default = Status(status, headers={"Location": f"{elsewhere.url}/chat/completions"})
        assert failure_of(hurried(kind, key=SecretStr("cle-secrete")).session(), way) is Failure.REFUSED
        assert elsewhere.requests == []
    assert server.requests[0].headers["authorization"] == "Bearer cle-secrete"


# Retries


@pytest.mark.parametrize("way", ["complete", "stream"])
@pytest.mark.parametrize(
    "failing", [Status(500), Status(429), Cut(), Status(429, headers={"Retry-After": "0"})]
)
def test_what_may_pass_is_asked_again(make, server, way, failing):
    server.script(failing, failing, Text("Trente jours."))
    session = make().session()
    assert ask(session, way) == "Trente jours."
    assert len(server.requests) == 3
    assert session.usage.calls == 1  # those that gave nothing cost nothing


@pytest.mark.parametrize("failing", [Status(401), Raw(b"rien"), Status(404)])
def test_what_will_not_pass_is_not_asked_again(hurried, server, failing):
    server.default = failing
    failure_of(hurried().session(), "complete")
    assert len(server.requests) == 1


def test_the_wait_that_a_server_asks_for_is_kept(make, server):
    server.script(Status(429, headers={"Retry-After": "1"}), Text("Trente jours."))
    began = time.monotonic()
    assert ask(make().session(), "complete") == "Trente jours."
    assert time.monotonic() - began >= 1


@pytest.mark.parametrize(
    "wait",
    ["30", "99999999", format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)],
    ids=["s", "long", "date"],
)
def test_a_wait_beyond_the_deadline_gives_up_at_once(make, server, wait):
    server.default = Status(429, headers={"Retry-After": wait})
    began = time.monotonic()
    assert_failure(make().session(), Failure.BUSY)
    assert time.monotonic() - began < 1
    assert len(server.requests) == 1


@pytest.mark.parametrize("wait", ["bientôt", "-5", "1e9", "", "1" * 400])
def test_a_wait_that_means_nothing_is_not_kept(make, server, wait):
    server.script(
        Status(429, headers={"Retry-After": wait.encode("utf-8").decode("latin-1")}), Text("Trente jours.")
    )
    assert ask(make().session(), "complete") == "Trente jours."


def assert_failure(session, expected, way="complete"):
    with pytest.raises(ModelError) as raised:
        ask(session, way)
    assert raised.value.failure is expected


# The deadline is of the whole question


def test_the_deadline_is_of_all_the_calls_of_a_question(make, server):
    server.default = Text("Trente jours.", pause=0.4)
    session = make(timeout=0.8).session()
    began = time.monotonic()
    assert ask(session, "complete") == "Trente jours."
    assert 0 < session.remaining < 0.4
    assert_failure(session, Failure.TIMEOUT)
    assert session.remaining == 0
    assert_failure(session, Failure.TIMEOUT, "stream")
    assert time.monotonic() - began < 0.8 + LATE


def test_a_loop_that_is_held_does_not_hold_the_question(hurried, server):
    server.default = Text("Trente jours.")
    session = hurried(expected=Failure.TIMEOUT).session()

    async def hold():
        time.sleep(1.2)  # what a bug of a library would do

    held = background.submit(hold())
    assert failure_of(session, "complete") is Failure.TIMEOUT
    held.result()


# Nothing is left


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_that_is_closed_stops_its_request(make, server, kind):
    server.script(Endless("a"))
    stream = make(kind).session().stream(Task.WRITE, ASKED, max_tokens=4000)
    assert next(stream)
    stream.close()
    assert server.idle()
    assert server.left == 1


def test_no_thread_nor_task_is_left(hurried, server):
    server.default = Text("Trente jours.")
    ask(hurried().session(), "complete")
    threads = threading.active_count()
    server.default = Hang(["Le "])
    for way in ("complete", "stream"):
        failure_of(hurried(expected=Failure.TIMEOUT).session(), way)
    assert server.idle()

    async def tasks():
        return [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]

    end = time.monotonic() + 1
    while background.submit(tasks()).result() and time.monotonic() < end:
        time.sleep(0.02)
    assert background.submit(tasks()).result() == []
    assert threading.active_count() <= threads + 4  # the loop's own workers at most


# A server that does less


@pytest.mark.parametrize(
    "refusal",
    [
        Status(400),
        Status(422),
        Status(501),
        Status(500, '{"error": {"message": "tools param requires --jinja flag"}}'),
    ],
)
def test_an_object_is_asked_in_words_of_a_server_without_forms_nor_tools(make, server, refusal):
    def less(body):
        return refusal if "response_format" in body or "tools" in body else Text('Voici : {"nombre": 3}.')

    server.default = less
    model = make()
    for _ in range(2):
        assert model.session().structured(Task.READ, ASKED, Facts, max_tokens=40) == Facts(nombre=3)
    forms = [
        "form" if "response_format" in body else "tool" if "tools" in body else "words"
        for body in server.asked
    ]
    assert forms == ["form", "tool", "words", "words"]  # what works is remembered
    assert '"nombre"' in server.asked[-1]["messages"][-1]["content"]


@pytest.mark.parametrize("kind", KINDS)
def test_an_object_is_asked_by_a_tool(make, server, kind):
    def less(body):
        return (
            Status(400)
            if "response_format" in body or body.get("format")
            else Calls([("Facts", {"nombre": 4})])
        )

    server.default = less
    assert make(kind).session().structured(Task.READ, ASKED, Facts, max_tokens=40) == Facts(nombre=4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "text",
    ["pas du JSON", '{"nombre": "beaucoup"}', '{"nombre": 1', "{" * 5000, '{"autre": 1}', "[1]", "9" * 700],
)
def test_an_object_that_is_none_is_garbage(make, server, kind, text):
    server.default = Text(text)
    with pytest.raises(ModelError) as raised:
        make(kind).session().structured(Task.READ, ASKED, Facts, max_tokens=400)
    assert raised.value.failure is Failure.GARBAGE


@pytest.mark.parametrize(
    "text",
    [
        '```json\n{"nombre": 5}\n```',
        '<think>{"nombre": 1}</think>{"nombre": 5}',
        'a {b} {"nombre": 5} {"nombre": 6}',
    ],
)
def test_an_object_is_found_in_what_surrounds_it(make, server, text):
    server.default = Text(text)
    assert make().session().structured(Task.READ, ASKED, Facts, max_tokens=40) == Facts(nombre=5)


def test_a_wrong_key_is_not_taken_for_a_missing_form(make, server):
    server.default = Status(401)
    assert_failure(make().session(), Failure.REFUSED, "structured")
    assert len(server.requests) == 1


def test_tools_that_a_server_refuses_are_not_asked_again(make, server):
    server.default = Status(400)
    model = make(context=30_000)
    for _ in range(2):
        assert_failure(model.session(), Failure.UNSUPPORTED, "tools")
    assert len(server.requests) == 1


def test_a_server_that_cannot_tell_its_tokens_streams_all_the_same(make, server):
    server.default = lambda body: Status(400) if "stream_options" in body else Text("Trente jours.")
    model = make()
    for _ in range(2):
        assert ask(model.session(), "stream") == "Trente jours."
    assert ["stream_options" in body for body in server.asked] == [True, False, False]


@pytest.mark.parametrize(
    "message",
    ["This model's maximum context length is 4096 tokens", "the request exceeds the available context size"],
)
def test_a_server_may_find_the_messages_too_long(hurried, server, message):
    server.default = Status(400, json.dumps({"error": {"message": message, "code": 400}}))
    assert failure_of(hurried().session(), "complete") is Failure.TOO_LONG


def test_messages_longer_than_the_window_are_not_sent(make, server):
    session = make(context=1024).session()
    with pytest.raises(ModelError) as raised:
        session.complete(Task.WRITE, [HumanMessage("a" * 3_000)], max_tokens=100)
    assert raised.value.failure is Failure.TOO_LONG
    assert server.requests == []


# The breaker


def test_a_model_that_fails_is_left_alone_then_tried_again(make, server):
    now = [0.0]
    model = make(clock=lambda: now[0])
    server.default = Status(401)
    for _ in range(3):
        assert model.state() == ""
        assert_failure(model.session(), Failure.REFUSED)
    assert "en pause" in model.state()
    assert_failure(model.session(), Failure.PAUSED)
    assert_failure(model.session(), Failure.PAUSED, "stream")
    assert len(server.requests) == 3
    now[0] = 31
    assert_failure(model.session(), Failure.REFUSED)  # tried once, and left alone again
    assert_failure(model.session(), Failure.PAUSED)
    now[0] = 62
    server.default = Text("Trente jours.")
    assert ask(model.session(), "complete") == "Trente jours."
    server.default = Status(401)
    assert_failure(model.session(), Failure.REFUSED)
    assert model.state() == ""


def test_one_call_at_a_time_tries_again(make, server):
    now = [0.0]
    model = make(clock=lambda: now[0])
    for _ in range(3):
        model.breaker.leave(True)
    now[0] = 31
    server.script(Text("Trente jours.", pause=0.3))
    first = threading.Thread(target=ask, args=(model.session(), "complete"))
    first.start()
    while not server.requests:
        time.sleep(0.01)
    assert_failure(model.session(), Failure.PAUSED)
    first.join()
    server.default = Text("Trente jours.")
    assert ask(model.session(), "complete") == "Trente jours."


def test_visitors_cannot_have_the_model_left_alone(make, server):
    server.default = Text("Trente jours.")
    model = make(context=2048)
    for _ in range(4):
        with pytest.raises(ModelError):
            model.session().complete(Task.WRITE, [HumanMessage("é" * 9000)], max_tokens=40)
    session = model.session()
    assert session.complete(Task.WRITE, [HumanMessage("un \ud800 demi-caractère \udfff")], max_tokens=40)
    assert server.asked[0]["messages"][0]["content"] == "un ? demi-caractère ?"
