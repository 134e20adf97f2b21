"""A scripted server, and models that ask it; what they spend is kept apart from the checkout's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from model_server import ModelServer

from assistant.model.client import LanguageModel
from assistant.model.settings import ModelSettings


@pytest.fixture(autouse=True)
def _apart(monkeypatch, tmp_path):
    monkeypatch.setenv("ASSISTANT_VAR", str(tmp_path / "var"))


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@pytest.fixture
def make(server) -> Callable[..., LanguageModel]:
    """Make a model that asks the server: ``make(kind="ollama", timeout=1.0, ...)``."""

    def make(kind: str = "openai", clock: Any = None, today: Any = None, **settings: Any) -> LanguageModel:
        options = {"base_url": server.root if kind == "ollama" else server.url, "timeout": 5.0, **settings}
        more = {"clock": clock} if clock else {}
        return LanguageModel(ModelSettings(f"{kind}:essai", **options), today=today, **more)

    return make
