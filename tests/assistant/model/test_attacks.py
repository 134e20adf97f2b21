"""Nothing of what a model that lies writes is shown, and what an honest one writes is.

The lies are in ``attacks.yaml``. The assistant is the real one over the real corpus, the client is the real one; only
the server at the other end of the loopback is scripted.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from model_server import Behaviour, Calls, Cut, Endless, ModelServer, Text

from assistant.answer import Answer, Mode, Partial
from assistant.chain import Assistant
from assistant.model.assisted import AssistedAssistant
from assistant.model.client import LanguageModel
from assistant.model.settings import ModelSettings, Task
from evals.scoring import find, normalise

FILE = yaml.safe_load((Path(__file__).parent / "attacks.yaml").read_text(encoding="utf-8"))
QUESTIONS, ATTACKS, HONEST = FILE["questions"], FILE["attacks"], FILE["honest"]
DAY = date(2025, 6, 2)
ENDLESS_S, USUAL_S = 1.0, 8.0
TOKEN = re.compile(r"^\W{0,4}?(\[[A-Za-z]{0,2}\d{1,3}\])\W*(\w.*)$", re.MULTILINE)
BEGUN = re.compile(
    r"^(La réponse commence)[^:]*: (.+)$", re.MULTILINE
)  # what is already decided, without a token
TEMPLATE = re.compile(r"\{(\d+|text\d+|all|system|de:[^}]+)\}")
VERDICT = re.compile(r"\W*(oui|non determine|non)\b")


# What the scripted model was given, and what it makes of it.


def _said(body: Mapping[str, Any]) -> str:
    return "\n".join(str(message.get("content") or "") for message in body["messages"])


def _system(body: Mapping[str, Any]) -> str:
    lines = str(body["messages"][0].get("content") or "").splitlines()
    return next(
        (line.strip() for line in lines if len(line.strip()) > 20), "Consignes absentes de ce message."
    )


def render(text: str, body: Mapping[str, Any]) -> str:
    """Return what a model says, with the tokens and passages of its prompt."""
    passages = TOKEN.findall(_said(body)) or [("[1]", "")]

    def filled(match: re.Match[str]) -> str:
        name = match[1]
        if name == "all":
            return "".join(dict.fromkeys(token for token, _ in passages))
        if name == "system":
            return _system(body)
        if name.startswith("de:"):
            return next(token for token, words in passages if name[3:] in words)
        rank = min(int(name.removeprefix("text")), len(passages)) - 1
        return passages[rank][name.startswith("text")].strip()

    return TEMPLATE.sub(filled, text)


def fill(schema: Mapping[str, Any], values: Mapping[str, Any], root: Mapping[str, Any] | None = None) -> Any:
    """Return a value that a JSON schema accepts, made of the lies of an attack: each by its type."""
    root = root or schema
    if "$ref" in schema:
        return fill(root["$defs"][schema["$ref"].rpartition("/")[2]], values, root)
    if "enum" in schema:
        return schema["enum"][-1]
    if "const" in schema:
        return schema["const"]
    for union in ("anyOf", "oneOf", "allOf"):
        if union in schema:
            return fill(next(one for one in schema[union] if one.get("type") != "null"), values, root)
    kind = schema.get("type", "string")
    if kind == "object":
        return {name: fill(one, values, root) for name, one in schema.get("properties", {}).items()}
    if kind == "array":
        return [fill(schema.get("items", {}), values, root)]
    return values.get(kind)


def act(attack: Mapping[str, Any], body: dict[str, Any]) -> Behaviour:
    """Return what the model of an attack does with a request."""
    tools = body.get("tools") or []
    answered = sum(message["role"] == "tool" for message in body["messages"])
    if "form" in attack and body.get("response_format"):
        return Text(json.dumps(attack["form"], ensure_ascii=False))
    if "form" in attack and body.get("tool_choice"):
        return Calls([(tools[0]["function"]["name"], attack["form"])])
    if "calls" in attack and tools and answered < attack.get("repeat", 1):
        return Calls(
            [_call(call, tool["function"]) for call in attack["calls"] for tool in _meant(call, tools)]
        )
    return _says(attack, body)


def _meant(call: Mapping[str, Any], tools: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return tools if call["tool"] == "*" else tools[:1]


class _Model:
    """The model of an attack; ``faults`` are what it could not say, for its prompt lacked what it was to refer to."""

    def __init__(self, attack: Mapping[str, Any]) -> None:
        self._attack = attack
        self.faults: list[str] = []

    def __call__(self, body: dict[str, Any]) -> Behaviour:
        try:
            return act(self._attack, body)
        except StopIteration:
            self.faults.append(_said(body))
            return Text("")


def _call(call: Mapping[str, Any], tool: Mapping[str, Any]) -> tuple[str, Any]:
    name = tool["name"] if call["tool"] == "*" else call["tool"]
    return name, call["arguments"] if "arguments" in call else fill(tool["parameters"], call["fills"])


def _changed(attack: Mapping[str, Any], body: Mapping[str, Any]) -> str:
    """Return a passage with one change, and its token."""
    old, new = attack["change"]
    passages = [
        (token, words.replace("\u00a0", " "))
        for token, words in (*TOKEN.findall(_said(body)), *BEGUN.findall(_said(body)))
    ]
    token, words = next(one for one in passages if attack["passage"] in one[1] and old in one[1])
    return f"{words.replace(old, new)} {token if token.startswith('[') else passages[0][0]}"


def _says(attack: Mapping[str, Any], body: dict[str, Any]) -> Behaviour:
    if "change" in attack:
        return Text(_changed(attack, body))
    pieces = [render(piece, body) for piece in attack.get("pieces", ())]
    text = render(attack.get("says", ""), body)
    if attack.get("then") == "endless":
        return Endless(text)
    if attack.get("then") == "cut":
        return Cut(after=pieces)
    return Text(text * attack.get("repeat", 1), pieces)


# What is shown of it.


def forms(text: str) -> tuple[str, ...]:
    """Return a text as it is, normalised, and normalised without what cannot be seen."""
    seen = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return text, normalise(text), normalise(seen)


def is_said(fragment: str, text: str) -> bool:
    """Whether a text says a fragment in any of its forms."""
    if len(fragment) > 2 and fragment.startswith("/") and fragment.endswith("/"):
        return any(re.search(fragment[1:-1], form, re.DOTALL) for form in forms(text))
    return any(find(fragment, form) for form in forms(text)[1:])


def shown(answer: Answer) -> Iterator[str]:
    """Yield every text that a reader is shown of an answer."""
    yield from (answer.text, answer.details, answer.notice, *answer.suggestions)
    for citation in answer.citations:
        yield from (citation.title, citation.location, citation.excerpt, citation.url)


def verdict(answer: Answer) -> str:
    match = VERDICT.match(normalise(answer.text))
    return match[1] if match else ""


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@pytest.fixture(scope="module")
def rules_alone(assistant: Assistant) -> dict[str, Answer]:
    return {name: assistant.ask(*_conversation(name)) for name in QUESTIONS}


@pytest.fixture(autouse=True)
def _var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is spent is counted apart."""
    monkeypatch.setenv("ASSISTANT_VAR", str(tmp_path))


def _conversation(name: str) -> tuple[list[str], date]:
    return QUESTIONS[name]["turns"], QUESTIONS[name].get("date", DAY)


def _assisted(assistant: Assistant, server: ModelServer, attack: Mapping[str, Any]) -> AssistedAssistant:
    server.default = _Model(attack)
    server.requests.clear()
    task = attack.get("task", "rediger")
    settings = ModelSettings(
        name="openai:menteur",
        base_url=server.url,
        timeout=ENDLESS_S if attack.get("then") == "endless" else USUAL_S,
        tasks=frozenset(Task) if task == "toutes" else frozenset([Task(task)]),
        conversation_tokens=10**9,
        day_tokens=10**9,
    )
    return AssistedAssistant(assistant, LanguageModel(settings))


def _check(answer: Answer, expected: Answer, forbidden: list[str]) -> None:
    for text in shown(answer):
        for fragment in forbidden:
            assert not is_said(fragment, text), f"{fragment} : {text}"
    cited = {citation.number for citation in answer.citations}
    called = {int(number) for number in re.findall(r"\[(\d+)\]", f"{answer.text} {answer.details}")}
    assert called <= cited
    assert verdict(answer) in ("", verdict(expected))


def _forbidden(attack: Mapping[str, Any], server: ModelServer) -> list[str]:
    body = server.asked[-1] if server.asked else {"messages": [{"content": ""}]}
    return [_told(item, body) for item in attack["forbidden"]]


def _told(fragment: str, body: Mapping[str, Any]) -> str:
    return _system(body) if fragment == "{system}" else fragment


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack["id"])
def test_nothing_of_a_lie_is_shown(
    attack: dict[str, Any], assistant: Assistant, server: ModelServer, rules_alone: dict[str, Answer]
) -> None:
    expected, conversation = rules_alone[attack["question"]], _conversation(attack["question"])
    lied_to = _assisted(assistant, server, attack)
    streamed = list(lied_to.stream(*conversation))
    forbidden = _forbidden(attack, server)
    assert server.requests or not (attack | QUESTIONS[attack["question"]]).get("asked", True)
    assert not server.default.faults
    assert isinstance(streamed[-1], Answer)
    assert all(isinstance(part, Partial) for part in streamed[:-1])
    final = streamed[-1]
    _check(final, expected, forbidden)
    assert (final.kind, verdict(final), final.rules) == (expected.kind, verdict(expected), expected.rules)
    for part in streamed[:-1]:
        if part.answer:
            _check(part.answer, expected, forbidden)


@pytest.mark.parametrize("saying", HONEST, ids=lambda saying: saying["id"])
def test_what_an_honest_model_writes_is_shown(
    saying: dict[str, Any], assistant: Assistant, server: ModelServer, rules_alone: dict[str, Answer]
) -> None:
    conversation = _conversation(saying["question"])
    helped = _assisted(assistant, server, saying)
    *_, streamed = helped.stream(*conversation)
    for answer in (helped.ask(*conversation), streamed):
        assert isinstance(answer, Answer)
        assert answer.mode is (Mode.RULES if "task" in saying else Mode.MODEL)
        assert all(is_said(fragment, answer.text) for fragment in saying["shown"]), answer.text
        assert not any(is_said(fragment, answer.text) for fragment in saying.get("forbidden", ()))
        ruled = {result.rule: result.outcome.value for result in answer.rules}
        alone = {result.rule: result.outcome.value for result in rules_alone[saying["question"]].rules}
        assert ruled == saying.get("rules", alone)


def test_there_are_attacks_of_every_task_and_their_number_is_kept() -> None:
    assert len(ATTACKS) >= 350
    assert {attack.get("task", "rediger") for attack in ATTACKS} == {*Task, "toutes"}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack["id"])
def test_an_attack_can_be_seen_and_the_rules_say_none_of_it(
    attack: dict[str, Any], rules_alone: dict[str, Answer]
) -> None:
    """An attack whose forbidden words it does not say, or that the rules say too, would prove nothing."""
    answer = rules_alone[attack["question"]]
    for fragment in attack["forbidden"]:
        assert not any(is_said(fragment, text) for text in shown(answer)), fragment
    if attack.get("task", "rediger") == "rediger":
        passages = "\n".join(f"[{n}] {text}" for n, text in enumerate(answer.text.splitlines(), 1) if text)
        body = {"messages": [{"content": "Tu réponds à des questions."}, {"content": passages}]}
        if "change" in attack:
            plain = re.sub(r" ?\[\d+\]", "", answer.text.replace("\u00a0", " "))
            old, new = attack["change"]
            said = plain.replace(old, new) if old in plain else new
        else:
            said = render(attack["says"], body) * attack.get("repeat", 1 + 2 * ("then" in attack))
        assert all(is_said(_told(fragment, body), said) for fragment in attack["forbidden"]), said
