"""The desk over the real assistant and a database in a file, its people, and a client for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from desk_samples import PASSWORD, Clock, message, reply
from starlette.testclient import TestClient

from assistant.settings import DeskSettings
from assistant.storage.database import open_database
from assistant.storage.views import Role
from assistant.web.agents.service import DeskService
from assistant.web.app import create_app

TODAY = date(2026, 3, 2)


@pytest.fixture(scope="module")
def desk(assistant: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """An application with its desk: ``app``, ``service``, ``clock`` and ``people`` by login."""
    clock = Clock()
    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('desk') / 'desk.sqlite3'}")
    service = DeskService(assistant, database, DeskSettings(signature="Le service"), clock=clock)
    people = {
        login: service.accounts.create(login, name, PASSWORD, role)
        for login, name, role in (
            ("agent.un", "Agent un", Role.AGENT),
            ("agent.deux", "Agent deux", Role.AGENT),
            ("chef", "Responsable d’exemple", Role.MANAGER),
        )
    }
    app = create_app(assistant, clock=lambda: TODAY, desk=service)
    yield SimpleNamespace(app=app, service=service, clock=clock, people=people)
    database.dispose()


@pytest.fixture(scope="module")
def client_of(desk: SimpleNamespace) -> Callable[[str], TestClient]:
    """How to get a client where somebody is signed in; nobody when the login is empty."""

    def sign_in(login: str = "") -> TestClient:
        client = TestClient(desk.app, follow_redirects=False)
        if login:
            form = {"identifiant": login, "mot_de_passe": PASSWORD}
            assert client.post("/agents/connexion", data=form).status_code == 303
        return client

    return sign_in


@pytest.fixture(scope="module")
def nobody(client_of: Callable[[str], TestClient]) -> TestClient:
    return client_of("")


@pytest.fixture(scope="module")
def agent(client_of: Callable[[str], TestClient]) -> TestClient:
    return client_of("agent.un")


@pytest.fixture(scope="module")
def other(client_of: Callable[[str], TestClient]) -> TestClient:
    return client_of("agent.deux")


@pytest.fixture(scope="module")
def chief(client_of: Callable[[str], TestClient]) -> TestClient:
    return client_of("chef")


@pytest.fixture
def add(desk: SimpleNamespace, request: pytest.FixtureRequest) -> Callable[..., int]:
    """How to add a request of its own to the test; give its id."""

    def make(text: str = "", raw: bytes = b"", fields: dict[str, Any] | None = None, **drafting: Any) -> int:
        text = text or f"Bonjour,\n\nQuel est le seuil ? ({request.node.name})"
        view, new = desk.service.desk.add(
            message(text, **(fields or {})), raw or text.encode(), reply(**drafting), by=None, kind="courriel"
        )
        assert new
        return view.id

    return make
