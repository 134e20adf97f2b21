"""The settings of a model are read, or refused by name with what to write; the key is never shown."""

from __future__ import annotations

import os
from decimal import Decimal

import pytest

from assistant.errors import SettingError
from assistant.model.settings import ModelSettings, Task


@pytest.fixture(autouse=True)
def _bare(monkeypatch):
    for name in [name for name in os.environ if name.startswith("ASSISTANT_MODEL")]:
        monkeypatch.delenv(name)
    for name in ("OPENAI_API_KEY", "MISTRAL_API_KEY", "OLLAMA_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def given(monkeypatch):
    """Set ``ASSISTANT_MODEL`` and others (their names without it), and read the settings."""

    def given(model: str = "ollama:qwen3", **others: str) -> ModelSettings:
        monkeypatch.setenv("ASSISTANT_MODEL", model)
        for name, value in others.items():
            monkeypatch.setenv(name if name.endswith("_API_KEY") else f"ASSISTANT_MODEL_{name}", value)
        settings = ModelSettings.from_environment()
        assert settings is not None
        return settings

    return given


@pytest.mark.parametrize("value", [None, "", "  "])
def test_no_model_by_default(monkeypatch, value):
    if value is not None:
        monkeypatch.setenv("ASSISTANT_MODEL", value)
    monkeypatch.setenv("ASSISTANT_MODEL_TIMEOUT", "jamais")
    assert ModelSettings.from_environment() is None


def test_defaults(given):
    settings = given()
    assert settings.label == "qwen3"
    assert settings.address == "http://127.0.0.1:11434"
    assert (settings.timeout, settings.context, settings.tasks) == (20.0, 8192, frozenset(Task))
    assert settings.prices is settings.day_cost is settings.conversation_cost is settings.trace is None


def test_everything_can_be_set(given, tmp_path):
    settings = given(
        "openai:Qwen/Qwen2.5-7B-Instruct",
        BASE_URL="http://127.0.0.1:8080/v1/",
        TIMEOUT="7,5",
        CONTEXT="4096",
        TASKS="rediger, LIRE",
        CONVERSATION_TOKENS="20000",
        DAY_TOKENS="100000",
        PRICES="0,20 0.60",
        CONVERSATION_COST="0,05",
        DAY_COST="3",
        TRACE=str(tmp_path / "trace.jsonl"),
    )
    assert settings == ModelSettings(
        "openai:Qwen/Qwen2.5-7B-Instruct",
        "http://127.0.0.1:8080/v1",
        7.5,
        4096,
        frozenset({Task.WRITE, Task.READ}),
        20_000,
        100_000,
        (Decimal("0.20"), Decimal("0.60")),
        Decimal("0.05"),
        Decimal(3),
        tmp_path / "trace.jsonl",
    )


@pytest.mark.parametrize(
    "model",
    [
        "qwen3",
        "anthropic:claude",
        "openai:",
        "openai: x",
        "openai:a b",
        "openai:a\nb",
        "openai:é",
        "openai:" + "a" * 300,
    ],
)
def test_a_name_that_means_nothing_is_refused(given, model):
    with pytest.raises(SettingError, match=r"ASSISTANT_MODEL vaut.*openai, mistralai, ollama"):
        given(model)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TIMEOUT", "0"), ("TIMEOUT", "301"), ("TIMEOUT", "vingt"), ("TIMEOUT", "nan"), ("TIMEOUT", "1e1"),
        ("CONTEXT", "1000"), ("CONTEXT", "8 192"), ("CONTEXT", "-1"), ("CONTEXT", "９９９９"),
        ("TASKS", "penser"), ("CONVERSATION_TOKENS", "0"), ("DAY_TOKENS", "1e9"),
        ("PRICES", "0,20"), ("PRICES", "a b"), ("PRICES", "-1 2"), ("PRICES", "1 2 3"),
        ("TRACE", "/"), ("TRACE", "/nulle/part/trace"),
    ],
)  # fmt: skip
def test_a_value_that_means_nothing_is_refused_by_name(given, name, value):
    with pytest.raises(SettingError, match=f"ASSISTANT_MODEL_{name} vaut « .* »\u00a0: écrivez"):
        given(**{name: value})


@pytest.mark.parametrize("value", ["0", "-2", "beaucoup"])
def test_a_cost_that_means_nothing_is_refused(given, value):
    with pytest.raises(SettingError, match="ASSISTANT_MODEL_DAY_COST vaut"):
        given(PRICES="1 1", DAY_COST=value)


def test_a_cost_needs_prices(given):
    with pytest.raises(SettingError, match=r"ASSISTANT_MODEL_DAY_COST.*ASSISTANT_MODEL_PRICES"):
        given(DAY_COST="2")


@pytest.mark.parametrize(
    "address",
    ["ftp://example.org", "example.org", "http://", "http:///v1", "http://h:99999", "http://[::1", "http://h/?a=b",
     "http://h/#a", "http://h/v1 x", "http://h\n/v1", "http://hé/v1"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(given, address):
    with pytest.raises(SettingError, match="ASSISTANT_MODEL_BASE_URL"):
        given(BASE_URL=address)


def test_credentials_in_the_address_are_refused_and_not_repeated(given):
    with pytest.raises(SettingError, match="ASSISTANT_MODEL_KEY") as refused:
        given(BASE_URL="https://moi:motdepasse@example.org/v1")
    assert "motdepasse" not in str(refused.value)


@pytest.mark.parametrize(
    ("model", "key"), [("openai:x", "OPENAI_API_KEY"), ("mistralai:x", "MISTRAL_API_KEY")]
)
def test_a_public_service_wants_its_key(given, model, key):
    with pytest.raises(SettingError, match=key):
        given(model)
    assert given(model, **{key: "cle-secrete"}).key.get_secret_value() == "cle-secrete"


def test_the_key_of_the_assistant_comes_first(given):
    settings = given("openai:x", OPENAI_API_KEY="une", KEY="autre")
    assert settings.key.get_secret_value() == "autre"


def test_the_key_is_not_shown(given):
    settings = given("openai:x", KEY="cle-secrete")
    assert "cle-secrete" not in f"{settings!r} {settings} {vars(settings)}"


@pytest.mark.parametrize("key", ["cle secrete", "cle\nsecrete", "clé-secrete"])
def test_a_key_that_no_header_can_hold_is_refused_and_not_repeated(given, key):
    with pytest.raises(SettingError, match="ASSISTANT_MODEL_KEY contient") as refused:
        given(KEY=key)
    assert "secrete" not in str(refused.value)


@pytest.mark.parametrize(
    "host", ["llm.example.org", "8.8.8.8", "[2001:4860:4860::8888]", "127.0.0.1.example.org"]
)
def test_a_key_is_not_sent_in_clear_to_a_public_host(given, host):
    with pytest.raises(SettingError, match="enverrait la clé en clair"):
        given("openai:x", BASE_URL=f"http://{host}/v1", KEY="cle")
    assert given("openai:x", BASE_URL=f"https://{host}/v1").key


@pytest.mark.parametrize(
    "host", ["localhost", "ollama", "127.0.0.1", "10.2.3.4", "192.168.1.2", "[::1]", "[fd00::1]", "gpu.lan"]
)
def test_a_key_may_stay_inside(given, host):
    assert given("openai:x", BASE_URL=f"http://{host}:8000/v1", KEY="cle").in_clear


def test_no_key_is_needed_by_a_server_of_one_s_own(given):
    assert given("openai:x", BASE_URL="http://llm.example.org/v1").key is None


def test_tasks_may_be_written_with_their_accents_and_none_is_refused(monkeypatch):
    monkeypatch.setenv("ASSISTANT_MODEL", "openai:exemple")
    monkeypatch.setenv("ASSISTANT_MODEL_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("ASSISTANT_MODEL_TASKS", "Rédiger, lire")
    assert ModelSettings.from_environment().tasks == {Task.WRITE, Task.READ}
    monkeypatch.setenv("ASSISTANT_MODEL_TASKS", ", ;")
    with pytest.raises(SettingError, match="ASSISTANT_MODEL_TASKS"):
        ModelSettings.from_environment()


@pytest.mark.parametrize("secret", ["http://h/v1?k=sk-secret", "http://h/v1?jeton=secret"])
def test_a_secret_in_an_address_is_not_repeated(monkeypatch, secret):
    monkeypatch.setenv("ASSISTANT_MODEL", "openai:exemple")
    monkeypatch.setenv("ASSISTANT_MODEL_BASE_URL", secret)
    with pytest.raises(SettingError) as raised:
        ModelSettings.from_environment()
    assert "secret" not in str(raised.value)
