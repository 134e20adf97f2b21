"""What is asked and written can be kept in a file, without the key, bounded, for its owner alone; off by default."""

from __future__ import annotations

import json
import stat

import pytest
from langchain_core.messages import HumanMessage
from langchain_core.tools import tool
from model_server import Calls, Cut, Hang, Status, Text
from pydantic import SecretStr

from assistant.model.client import ModelError, Task
from assistant.model.tracing import Tracer

ASKED = [HumanMessage("Quel est le délai\u00a0?")]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "trace.jsonl"


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_nothing_is_kept_by_default(make, server, tmp_path):
    server.default = Text("Trente jours.")
    make().session().complete(Task.WRITE, ASKED, max_tokens=40)
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["model-usage.sqlite3"]


@pytest.mark.parametrize("kind", ["openai", "mistralai", "ollama"])
@pytest.mark.parametrize("way", ["complete", "stream"])
def test_a_call_is_a_line(make, server, path, kind, way):
    server.default = Text("Trente jours.", usage=(17, 5))
    session = make(kind, trace=path).session()
    if way == "complete":
        session.complete(Task.WRITE, ASKED, max_tokens=40, prompt="3")
    else:
        list(session.stream(Task.WRITE, ASKED, max_tokens=40, prompt="3"))
    [line] = lines(path)
    assert line.keys() == {
        "time", "task", "prompt", "model", "messages", "output", "input_tokens", "output_tokens", "milliseconds", "failure",
    }  # fmt: skip
    assert (line["task"], line["prompt"], line["model"]) == ("rediger", "3", f"{kind}:essai")
    assert line["messages"] == [{"role": "human", "content": "Quel est le délai\u00a0?"}]
    assert (line["output"], line["failure"]) == ("Trente jours.", "")
    assert line["input_tokens"] > 0
    assert 0 <= line["milliseconds"] < 5000


def test_each_attempt_is_a_line_with_its_failure(make, server, path):
    server.script(Status(500), Text("Trente jours."))
    make(trace=path).session().complete(Task.WRITE, ASKED, max_tokens=40)
    assert [(line["failure"], line["output"]) for line in lines(path)] == [
        ("panne", ""),
        ("", "Trente jours."),
    ]


@pytest.mark.parametrize(
    ("behaviour", "failure"), [(Hang(["Trente "]), "delai"), (Cut(["Trente "]), "coupe")]
)
def test_half_an_answer_is_kept(make, server, path, behaviour, failure):
    server.default = behaviour
    with pytest.raises(ModelError):
        list(make(trace=path, timeout=0.5).session().stream(Task.WRITE, ASKED, max_tokens=40))
    [line] = lines(path)
    assert (line["output"], line["failure"]) == ("Trente ", failure)


def test_calls_of_tools_are_kept(make, server, path):
    @tool
    def doubler(nombre: int) -> int:
        """Double un nombre."""
        return 2 * nombre

    server.script(Calls([("doubler", {"nombre": 4})]), Text("Huit."))
    make(trace=path).session().call_tools(Task.JUDGE, ASKED, [doubler], max_calls=2)
    first, second = lines(path)
    assert first["tool_calls"][0]["args"] == {"nombre": 4}
    assert [message["role"] for message in second["messages"]] == ["human", "ai", "tool"]


@pytest.mark.parametrize("secret", ["cle-secrete", 'cle"\\secrete'])
def test_the_key_is_never_kept(make, server, path, secret):
    server.default = lambda body: Text(f"Votre clé est {secret}.")
    asked = [HumanMessage(f"Ma clé est {secret}.")]
    make(trace=path, key=SecretStr(secret)).session().complete(Task.WRITE, asked, max_tokens=40)
    [line] = lines(path)
    assert line["messages"][0]["content"] == "Ma clé est [clé]."
    assert line["output"] == "Votre clé est [clé]."


def test_the_file_is_for_its_owner(path):
    Tracer(path).write({"task": "lire"})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_file_is_bounded_and_the_one_before_kept(path):
    tracer = Tracer(path, max_bytes=1000)
    for number in range(100):
        tracer.write({"number": number, "text": "a" * 80})
    assert sorted(other.name for other in path.parent.glob("trace*")) == ["trace.jsonl", "trace.jsonl.1"]
    assert path.stat().st_size <= 1000
    assert lines(path)[-1]["number"] == 99
    assert lines(path.with_name("trace.jsonl.1"))[-1]["number"] == lines(path)[0]["number"] - 1


def test_a_file_that_cannot_be_written_is_said_once_and_calls_go_on(make, server, path, caplog):
    server.default = Text("Trente jours.")
    model = make(trace=path)
    path.mkdir()
    for _ in range(2):
        assert model.session().complete(Task.WRITE, ASKED, max_tokens=40) == "Trente jours."
    assert [record.name for record in caplog.records].count("assistant.model.tracing") == 1


def test_half_a_character_is_kept_as_what_was_sent(make, server, path):
    server.default = Text("Trente jours \ud800.")
    make(trace=path).session().complete(Task.WRITE, [HumanMessage("a\udfff")], max_tokens=40)
    assert lines(path)[0]["messages"][0]["content"] == "a?"
