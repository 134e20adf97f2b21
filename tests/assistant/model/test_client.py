"""What a session asks for, of each kind of server, and what is counted of it."""

from __future__ import annotations

import socket
import sys
import threading
from contextlib import suppress
from decimal import Decimal

import langsmith.utils
import pytest
from langchain_core.messages import HumanMessage, SystemMessage
from langchain_core.tools import tool
from model_server import Calls, ModelServer, Status, Text
from pydantic import BaseModel, SecretStr

from assistant.errors import SettingError
from assistant.model.client import Failure, LanguageModel, ModelError, Task
from assistant.model.ledger import read_lines
from assistant.model.settings import ModelSettings

KINDS = ("openai", "mistralai", "ollama")
ASKED = [SystemMessage("Tu réponds en français."), HumanMessage("Quel est le délai\u00a0?")]


class Facts(BaseModel):
    """Facts of a message."""

    nombre: int
    region: str = ""


@tool
def doubler(nombre: int) -> dict[str, int]:
    """Double un nombre."""
    return {"double": 2 * nombre}


@tool
def echouer(nombre: int) -> str:
    """Échoue."""
    raise RuntimeError(str(nombre))


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_whole_or_by_pieces(make, server, kind):
    server.default = Text("Trente jours, à compter de l’avis.")
    session = make(kind).session()
    assert session.complete(Task.WRITE, ASKED, max_tokens=40) == "Trente jours, à compter de l’avis."
    pieces = list(session.stream(Task.WRITE, ASKED, max_tokens=40))
    assert len(pieces) > 1
    assert "".join(pieces) == "Trente jours, à compter de l’avis."
    assert [message["content"] for message in server.asked[0]["messages"]] == [
        message.text for message in ASKED
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_pieces_come_before_the_end(make, server, kind):
    server.default = Text(pieces=["un ", "deux"], pause=0.3)
    stream = make(kind).session().stream(Task.WRITE, ASKED, max_tokens=40)
    assert next(stream) == "un "
    assert not server.idle(0.05)
    assert list(stream) == ["deux"]


def test_the_request_is_that_of_any_compatible_server(make, server):
    server.default = Text("Trente jours.")
    list(make().session().stream(Task.WRITE, ASKED, max_tokens=40))
    assert server.requests[0].path == "/v1/chat/completions"
    asked = server.asked[0]
    assert (asked["model"], asked["temperature"], asked["max_tokens"]) == ("essai", 0, 40)
    assert "max_completion_tokens" not in asked


def test_ollama_is_given_the_whole_window(make, server):
    server.default = Text("Trente jours.")
    make("ollama", context=4096).session().complete(Task.WRITE, ASKED, max_tokens=40)
    assert server.asked[0]["options"] == {"temperature": 0, "num_ctx": 4096, "num_predict": 40}
    assert server.asked[0]["think"] is False


@pytest.mark.parametrize("kind", KINDS)
def test_an_object(make, server, kind):
    server.default = Text('{"nombre": 12, "region": "corse"}')
    session = make(kind).session()
    assert session.structured(Task.READ, ASKED, Facts, max_tokens=40) == Facts(nombre=12, region="corse")
    form = server.asked[0].get("response_format") or server.asked[0].get("format")
    assert "nombre" in str(form)


@pytest.mark.parametrize("kind", KINDS)
def test_tools_are_called_with_what_they_answer(make, server, kind):
    server.script(Calls([("doubler", {"nombre": 4})]), Calls([("doubler", {"nombre": 5})]), Text("Voilà."))
    called = make(kind).session().call_tools(Task.JUDGE, ASKED, [doubler], max_calls=4)
    assert [(call.name, call.args, call.result) for call in called] == [
        ("doubler", {"nombre": 4}, {"double": 8}),
        ("doubler", {"nombre": 5}, {"double": 10}),
    ]
    assert "double" in str(server.asked[1]["messages"][-1])


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_that_loops_is_stopped(make, server, kind):
    server.default = Calls([("doubler", {"nombre": 4})])
    session = make(kind).session()
    assert len(session.call_tools(Task.JUDGE, ASKED, [doubler], max_calls=3)) == 3
    assert len(server.requests) == session.usage.calls == 3


def test_many_calls_at_once_are_bounded_too(make, server):
    server.default = Calls([("doubler", {"nombre": number}) for number in range(200)])
    assert len(make().session().call_tools(Task.JUDGE, ASKED, [doubler], max_calls=3)) == 3
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "call",
    [("doubler", {"nombre": "beaucoup"}), ("doubler", "{pas du JSON"), ("doubler", "[]"), ("doubler", {}),
     ("inconnu", {}), ("echouer", {"nombre": 1}), ("", {})],
)  # fmt: skip
def test_a_wrong_call_is_told_to_the_model_and_not_kept(make, server, call):
    server.script(Calls([call]), Calls([("doubler", {"nombre": 1})]), Text("Voilà."))
    called = make().session().call_tools(Task.JUDGE, ASKED, [doubler, echouer], max_calls=4)
    assert [call.result for call in called] in ([{"double": 2}], [])
    if len(server.requests) > 1:
        assert [call.result for call in called] == [{"double": 2}]


def test_calls_made_before_a_failure_are_kept(make, server):
    server.script(Calls([("doubler", {"nombre": 4})]), Status(401))
    called = make().session().call_tools(Task.JUDGE, ASKED, [doubler], max_calls=4)
    assert [call.result for call in called] == [{"double": 8}]


def test_thinking_aloud_is_not_shown(make, server):
    server.default = Text("<think>Voyons… trente\u00a0?</think>\n\nTrente jours.")
    session = make().session()
    assert session.complete(Task.WRITE, ASKED, max_tokens=40) == "Trente jours."
    assert "".join(session.stream(Task.WRITE, ASKED, max_tokens=40)) == "Trente jours."


@pytest.mark.parametrize("way", ["complete", "stream"])
@pytest.mark.parametrize("kind", ["openai", "ollama"])
def test_tokens_are_those_that_the_server_counts(make, server, kind, way):
    server.default = Text("Trente jours.", usage=(17, 5))
    model = make(kind, prices=(Decimal("0.2"), Decimal("0.6")))
    session = model.session("c")
    if way == "complete":
        session.complete(Task.WRITE, ASKED, max_tokens=40)
    else:
        list(session.stream(Task.WRITE, ASKED, max_tokens=40))
    assert (session.usage.calls, session.usage.input_tokens, session.usage.output_tokens) == (1, 17, 5)
    [line] = read_lines()
    assert (line.model, line.spent.tokens) == (f"{kind}:essai", 22)
    assert line.spent.cost == Decimal("0.0000064")  # 17 × 0,2 and 5 × 0,6 euros a million


@pytest.mark.parametrize("told", [None, (0, 0), (-5, -5), (10**12, 10**12), (1.0, 1.0), (True, True)])
def test_tokens_that_cannot_be_are_counted_here(make, server, told):
    server.default = Text("Trente jours à compter de la notification.", usage=told)
    session = make().session()
    session.complete(Task.WRITE, ASKED, max_tokens=40)
    assert 10 < session.usage.input_tokens < 100
    assert 10 < session.usage.output_tokens < 40


@pytest.mark.parametrize("told", [("x", "y"), (1.5, 2.5), ({}, [])])
def test_tokens_that_are_no_numbers_harm_nothing(make, server, told):
    server.default = Text("Trente jours à compter de la notification.", usage=told)
    session = make().session()
    with suppress(ModelError):  # the client of the provider may find the whole answer unreadable
        session.complete(Task.WRITE, ASKED, max_tokens=40)
    assert 10 < session.usage.input_tokens < 100
    assert session.usage.output_tokens < 40


def test_the_cap_of_a_conversation_forbids_a_call(make, server):
    server.default = Text("Trente jours.", usage=(400, 100))
    model = make(conversation_tokens=1000)
    asked = [HumanMessage("a" * 1200)]
    model.session("une").complete(Task.WRITE, asked, max_tokens=500)
    with pytest.raises(ModelError) as raised:
        model.session("une").complete(Task.WRITE, asked, max_tokens=500)
    assert raised.value.failure is Failure.CAPPED
    assert len(server.requests) == 1
    assert model.session("autre").complete(Task.WRITE, asked, max_tokens=500)
    assert model.state() == ""


@pytest.mark.parametrize(
    "cap", [{"day_tokens": 1000}, {"day_cost": Decimal("0.001"), "prices": (Decimal(1), Decimal(1))}]
)
def test_the_cap_of_the_day_forbids_a_call(make, server, cap):
    server.default = Text("Trente jours. " * 40, usage=(900, 101))
    model = make(**cap)
    asked = [HumanMessage("a" * 2000)]
    model.session("une").complete(Task.WRITE, asked, max_tokens=300)
    with pytest.raises(ModelError) as raised:
        list(model.session("autre").stream(Task.WRITE, asked, max_tokens=300))
    assert raised.value.failure is Failure.CAPPED
    assert len(server.requests) == 1
    assert "plafond" in model.state()


def test_a_full_day_does_not_have_the_model_left_alone(make, server):
    server.default = Text("Trente jours.")
    model = make(day_tokens=10)
    for _ in range(4):
        with pytest.raises(ModelError) as raised:
            model.session().complete(Task.WRITE, ASKED, max_tokens=40)
        assert raised.value.failure is Failure.CAPPED


def test_room_is_what_the_window_leaves(make):
    session = make(context=1024).session()
    assert 0 < session.room("a" * 300) <= 1024 - 100
    assert session.room("a" * 4000) == 0


def test_threads_share_a_model(make, server):
    server.default = lambda body: Text(body["messages"][-1]["content"], pause=0.1)
    model, got = make(), {}

    def ask(number):
        got[number] = model.session(str(number)).complete(
            Task.WRITE, [HumanMessage(f"question {number}")], max_tokens=40
        )

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == {number: f"question {number}" for number in range(8)}
    [line] = read_lines()
    assert line.spent.calls == 8


def test_langsmith_stays_off_whatever_the_environment_says(make, server, monkeypatch):
    with ModelServer() as elsewhere:
        for name in ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2"):
            monkeypatch.setenv(name, "true")
        for name in ("LANGSMITH_ENDPOINT", "LANGCHAIN_ENDPOINT"):
            monkeypatch.setenv(name, elsewhere.root)
        monkeypatch.setenv("LANGSMITH_API_KEY", "cle")
        langsmith.utils.get_env_var.cache_clear()
        try:
            assert langsmith.utils.tracing_is_enabled()
            before = threads_of_langsmith()
            server.script(
                Text("Trente jours."),
                Text("Trente jours."),
                Calls([("doubler", {"nombre": 4})]),
                Text("Fin."),
            )
            session = make().session()
            session.complete(Task.WRITE, ASKED, max_tokens=40)
            list(session.stream(Task.WRITE, ASKED, max_tokens=40))
            session.call_tools(Task.JUDGE, ASKED, [doubler], max_calls=2)
            assert threads_of_langsmith() <= before
            assert elsewhere.requests == []
        finally:
            langsmith.utils.get_env_var.cache_clear()


def threads_of_langsmith():
    return {thread.name for thread in threading.enumerate() if "tracing_control" in thread.name}


@pytest.mark.parametrize("kind", KINDS)
def test_addresses_and_proxies_of_the_environment_are_not_used(make, server, monkeypatch, kind):
    with ModelServer() as elsewhere:
        for name in ("OPENAI_BASE_URL", "OPENAI_API_BASE", "MISTRAL_BASE_URL", "OLLAMA_HOST"):
            monkeypatch.setenv(name, elsewhere.url)
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "OPENAI_PROXY"):
            monkeypatch.setenv(name, elsewhere.root)
        server.default = elsewhere.default = Text("Trente jours.")
        make(kind).session().complete(Task.WRITE, ASKED, max_tokens=40)
        assert elsewhere.requests == []
    assert len(server.requests) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_proxy_carries_what_is_encrypted(make, monkeypatch, kind):
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        model = make(kind, base_url="https://llm.example.org/v1", timeout=0.3, key=SecretStr("cle-secrete"))
        with pytest.raises(ModelError):
            model.session().complete(Task.WRITE, ASKED, max_tokens=40)
        proxy.settimeout(5)
        connection, _ = proxy.accept()
        with connection:
            asked = connection.recv(10_000)
    assert asked.startswith(b"CONNECT llm.example.org:443 ")
    assert b"cle-secrete" not in asked


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_key_of_the_settings_is_sent(make, server, monkeypatch, kind):
    for name in ("OPENAI_API_KEY", "MISTRAL_API_KEY"):
        monkeypatch.setenv(name, "cle-de-l-environnement")
    server.default = Text("Trente jours.")
    make(kind).session().complete(Task.WRITE, ASKED, max_tokens=40)
    assert "environnement" not in str(server.requests[0].headers)
    make(kind, key=SecretStr("cle-des-reglages")).session().complete(Task.WRITE, ASKED, max_tokens=40)
    assert server.requests[1].headers["authorization"] == "Bearer cle-des-reglages"


@pytest.mark.parametrize(
    ("kind", "package", "extra"),
    [
        ("openai", "langchain_openai", "openai"),
        ("mistralai", "langchain_mistralai", "mistral"),
        ("ollama", "langchain_ollama", "ollama"),
    ],
)
def test_a_package_that_is_not_installed_is_named_with_its_extra(monkeypatch, kind, package, extra):
    from langchain.chat_models import base

    base._get_chat_model_creator.cache_clear()
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(SettingError, match=rf"{package.replace('_', '-')}.*\[{extra}\]"):
        LanguageModel(ModelSettings(f"{kind}:essai", "http://127.0.0.1:9/v1"))
    base._get_chat_model_creator.cache_clear()


def test_the_key_is_in_no_error_nor_log(make, server, caplog):
    caplog.set_level("DEBUG")
    server.default = Status(401, '{"error": {"message": "Incorrect API key provided: cle-secrete"}}')
    model = make(key=SecretStr("cle-secrete"))
    with pytest.raises(ModelError) as raised:
        model.session().complete(Task.WRITE, ASKED, max_tokens=40)
    assert "cle-secrete" not in f"{raised.value!r} {raised.value.__cause__} {vars(raised.value)}"
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("assistant")]
    assert ours
    assert "cle-secrete" not in str(ours)
