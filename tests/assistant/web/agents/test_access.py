"""Who enters the desk: nothing below /agents answers without a live session but the page to sign in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from types import SimpleNamespace

import pytest
from desk_samples import PASSWORD
from lxml import html
from starlette.routing import BaseRoute, Mount
from starlette.testclient import TestClient

from assistant.errors import UnreachableError
from assistant.settings import DeskSettings
from assistant.storage.database import open_database
from assistant.web.agents.access import COOKIE, SIGN_INS_A_MINUTE, back_to
from assistant.web.agents.service import DeskService
from assistant.web.app import create_app, open_desk
from assistant.web.mounts import count_inputs
from assistant.web.requests import clean_event

PAGE = {"Accept": "text/html"}
JSON = {"Content-Type": "application/json"}
# What the script of Gradio calls below the page; the rest of its paths are closed, to those signed in too.
NEEDED = {"/agents/gradio_api/queue/join", "/agents/gradio_api/queue/data", "/agents/gradio_api/cancel", "/agents/gradio_api/reset"}  # fmt: skip


def paths(routes: Sequence[BaseRoute], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every (method, path) of an application and of those mounted in it, parameters filled in."""
    for route in routes:
        included = getattr(route, "original_router", None)  # a router of FastAPI
        if included is not None:
            yield from paths(included.routes, prefix)
        elif isinstance(route, Mount):
            yield from paths(getattr(route.app, "routes", []), prefix + route.path)
            yield from (("GET", f"{prefix}{route.path}/"), ("POST", f"{prefix}{route.path}/"))
        else:
            filled = prefix + getattr(route, "path", "")
            while "{" in filled:
                before, _, rest = filled.partition("{")
                filled = f"{before}1{rest.partition('}')[2]}"
            yield from ((method, filled) for method in sorted(getattr(route, "methods", None) or {"GET"}))


@pytest.fixture(scope="module")
def desk_paths(desk: SimpleNamespace) -> list[tuple[str, str]]:
    below = [(method, path) for method, path in paths(desk.app.routes) if path.startswith("/agents")]
    return sorted({*below, *(("OPTIONS", path) for _, path in below), *(("PUT", path) for _, path in below)})


def test_the_list_of_paths_holds_our_routes_and_those_of_gradio(desk_paths):
    known = {path for _, path in desk_paths}

    assert known >= NEEDED
    assert known >= {"/agents", "/agents/", "/agents/connexion", "/agents/deconnexion", "/agents/chiffres"}
    assert known >= {
        "/agents/api/demandes",
        "/agents/api/demandes/1/brouillon",
        "/agents/demandes/1/reponse.1",
    }
    assert known >= {
        "/agents/gradio_api/upload",
        "/agents/gradio_api/file=1",
        "/agents/config",
        "/agents/assets/1",
    }
    assert len(known) > 60


def assert_refused(response, path: str) -> None:
    assert response.status_code in (401, 403, 303), path
    if response.status_code == 303:
        assert response.headers["location"].startswith("/agents/connexion"), path
    assert "seuil" not in response.text


@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_nothing_answers_without_a_session(nobody, desk_paths, accept):
    for method, path in desk_paths:
        if path == "/agents/connexion":
            continue
        assert_refused(nobody.request(method, path, headers={"Accept": accept}), f"{method} {path}")


@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_nothing_answers_to_a_session_that_ended(desk, client_of, desk_paths, accept):
    accounts = desk.service.accounts
    login = "parti." + ("page" if "html" in accept else "script")
    accounts.create(login, "Compte fermé", PASSWORD)
    disabled, signed_out = client_of(login), client_of("agent.deux")
    token = signed_out.cookies[COOKIE]
    accounts.disable(login)
    assert signed_out.post("/agents/deconnexion").status_code == 303
    for kept in (disabled.cookies[COOKIE], token, "x", "a" * 5000, "'; DROP TABLE accounts; --"):
        client = TestClient(desk.app, follow_redirects=False, headers={"Cookie": f"{COOKIE}={kept}"})
        for method, path in desk_paths if kept == token else desk_paths[::7]:
            if path != "/agents/connexion":
                assert_refused(client.request(method, path, headers={"Accept": accept}), f"{method} {path}")


@pytest.mark.parametrize("hours", [3, 13])
def test_a_session_left_idle_or_too_long_is_over(desk, client_of, hours):
    client = client_of("agent.un")
    assert client.get("/agents/api/demandes").status_code == 200
    try:
        desk.clock.move(hours=hours)
        response = client.get("/agents/api/demandes")
        page = client.get("/agents/", headers=PAGE)
    finally:
        desk.clock.move(hours=-hours)

    assert response.status_code == 401
    assert "session" in response.json()["message"]
    assert page.headers["location"] == "/agents/connexion?retour=/agents/"


def test_no_event_of_the_page_runs_without_a_session(desk, nobody, agent):
    gradio = next(
        route.app for route in desk.app.routes if isinstance(route, Mount) and route.path == "/agents"
    )
    events = count_inputs(gradio.get_blocks())
    assert events
    for number, inputs in events.items():
        event = {"data": [""] * inputs, "fn_index": number, "session_hash": "abc", "trigger_id": None}
        for path in ("queue/join", "run/predict", "call/predict", "api/predict", "component_server"):
            for headers in (JSON, JSON | PAGE):
                response = nobody.post(
                    f"/agents/gradio_api/{path}", content=json.dumps(event), headers=headers
                )
                assert response.status_code == 401
                assert response.json()["message"] == response.json()["detail"]


def test_the_paths_of_gradio_that_the_page_does_not_need_are_closed_to_agents_too(agent, desk_paths):
    ours = (
        "/agents/api/",
        "/agents/demandes/",
        "/agents/chiffres",
        "/agents/connexion",
        "/agents/deconnexion",
    )
    for method, path in desk_paths:
        if path.startswith((*ours, "/agents/assets/", "/agents/static/")) or path in NEEDED:
            continue
        if path in ("/agents", "/agents/", "/agents/theme.css"):
            continue
        assert agent.request(method, path).status_code == 404, f"{method} {path}"


def test_the_page_is_served_in_our_frame_with_nonces_to_who_is_signed_in(agent):
    assert agent.get("/agents").headers["location"] == "/agents/"
    response = agent.get("/agents/")
    nonce = response.headers["content-security-policy"].partition("'nonce-")[2].partition("'")[0]
    scripts = html.fromstring(response.text).findall(".//script")

    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    assert html.fromstring(response.text).get("lang") == "fr"
    assert scripts
    assert {script.get("nonce") for script in scripts} == {nonce}
    assert "chat.js" not in response.text


def test_what_the_page_loads_is_found(agent):
    text = agent.get("/agents/").text
    sources = [
        script.get("src") for script in html.fromstring(text).findall(".//script") if script.get("src")
    ]
    ours = [src for src in sources if src.startswith("./assets/")]

    assert ours
    for src in ours:
        assert agent.get(f"/agents/{src.removeprefix('./')}").status_code == 200
    assert agent.get("/agents/theme.css").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/agents/connexion/../api/demandes",
        "/agents/connexion/%2e%2e/api/demandes",
        "/agents%2Fapi%2Fdemandes",
        "//agents/api/demandes",
        "/agents//api/demandes",
        "/./agents/api/demandes",
        "/agents/connexion/",
        "/agents/connexion;/api",
        "/AGENTS/api/demandes",
        "/agents\\api\\demandes",
    ],
)
def test_no_way_of_writing_a_path_goes_around(nobody, path):
    response = nobody.get(path)

    assert response.status_code in (401, 404)
    assert "rows" not in response.text


def test_only_the_headers_are_given_to_who_asks_for_them(nobody, agent):
    assert nobody.head("/agents/", headers=PAGE).status_code == 303
    assert nobody.head("/agents/api/demandes").status_code == 401
    form = nobody.head("/agents/connexion")
    page = agent.head("/agents/")
    assert (form.status_code, form.content, page.status_code, page.content) == (200, b"", 200, b"")


# Signing in


def test_signing_in_leads_to_what_was_asked_and_out_again(desk, nobody):
    client = TestClient(desk.app, follow_redirects=False)
    sent = client.get("/agents/?demande=12", headers=PAGE).headers["location"]
    form = html.fromstring(client.get(sent).text).forms[0]
    fields = dict(form.fields) | {"identifiant": "Agent.UN ", "mot_de_passe": PASSWORD}
    response = client.post(form.action, data=fields)

    assert (form.method, form.action) == ("POST", "/agents/connexion")
    assert response.status_code == 303
    assert response.headers["location"] == "/agents/?demande=12"
    assert client.get("/agents/connexion?retour=/agents/").headers["location"] == "/agents/"
    left = client.post("/agents/deconnexion")
    assert left.headers["location"] == "/agents/connexion?sortie=1"
    assert "Vous êtes déconnecté" in client.get(left.headers["location"]).text
    assert COOKIE not in client.cookies


@pytest.mark.parametrize(
    ("address", "headers", "secure"),
    [
        ("http://testserver", {}, False),
        ("https://testserver", {}, True),
        ("http://testserver", {"X-Forwarded-Proto": "https"}, True),
        ("http://testserver", {"X-Forwarded-Proto": "HTTPS, http"}, True),
        ("http://testserver", {"X-Forwarded-Proto": "http"}, False),
    ],
)
def test_the_cookie_is_for_this_server_and_no_script(desk, address, headers, secure):
    client = TestClient(desk.app, base_url=address, follow_redirects=False)
    form = {"identifiant": "agent.un", "mot_de_passe": PASSWORD}
    cookie = client.post("/agents/connexion", data=form, headers=headers).headers["set-cookie"]
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}

    assert parts >= {"httponly", "samesite=lax", "path=/agents"}
    assert ("secure" in parts) is secure
    assert len(cookie.split(";")[0]) > 40


def test_each_sign_in_gives_another_session_and_ends_the_one_there_was(desk, client_of):
    client = client_of("agent.deux")
    first = client.cookies[COOKIE]
    client.post("/agents/connexion", data={"identifiant": "agent.deux", "mot_de_passe": PASSWORD})

    assert client.cookies[COOKIE] != first
    assert desk.service.accounts.session(first) is None


@pytest.mark.parametrize(
    ("login", "password", "status", "told"),
    [
        ("agent.un", "autre phrase que celle-là", 401, "Identifiant ou mot de passe incorrect"),
        ("personne", PASSWORD, 401, "Identifiant ou mot de passe incorrect"),
        ("' OR 1=1 --", PASSWORD, 401, "Identifiant ou mot de passe incorrect"),
        ("", PASSWORD, 422, "Indiquez votre identifiant"),
        ("agent.deux", "", 422, "Indiquez votre identifiant"),
        ("agent.deux", "x" * 100_000, 422, "Indiquez votre identifiant"),
        ("<script>alert(1)</script>", "x", 401, "Identifiant ou mot de passe incorrect"),
        ("a\x00b\ufffd", "x", 401, "Identifiant ou mot de passe incorrect"),
    ],
)
def test_a_refusal_says_why_and_keeps_the_login(desk, login, password, status, told):
    client = TestClient(desk.app, follow_redirects=False)
    form = {"identifiant": login, "mot_de_passe": password, "retour": "/agents/chiffres"}
    response = client.post("/agents/connexion", data=form)
    shown = html.fromstring(response.text).forms[0].fields

    assert response.status_code == status
    assert told in html.fromstring(response.text).text_content()
    assert shown["retour"] == "/agents/chiffres"
    assert not shown["mot_de_passe"]
    assert "set-cookie" not in response.headers
    assert "<script>alert" not in response.text


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xfe", "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
        (b"--x\r\nbad", "multipart/form-data; boundary=x"),
        (b"identifiant=a&" * 50, "application/x-www-form-urlencoded"),
        (b"", ""),
    ],
)
def test_a_body_that_no_form_sends_is_refused(nobody, body, kind):
    response = nobody.post("/agents/connexion", content=body, headers={"Content-Type": kind})

    assert response.status_code == 422
    assert "Indiquez votre identifiant" in response.text


def test_too_many_tries_say_how_long_to_wait(desk):
    desk.service.accounts.create("vise", "Compte visé", PASSWORD)
    client = TestClient(desk.app, follow_redirects=False)
    tries = [
        client.post("/agents/connexion", data={"identifiant": "vise", "mot_de_passe": f"essai {n}"})
        for n in range(6)
    ]
    right = client.post("/agents/connexion", data={"identifiant": "vise", "mot_de_passe": PASSWORD})

    assert [one.status_code for one in tries] == [401] * 5 + [429]
    assert right.status_code == 429
    assert "15 minutes" in html.fromstring(right.text).text_content().replace("\u00a0", " ")
    assert 0 < int(right.headers["retry-after"]) <= 900


def test_one_address_cannot_try_every_login(assistant, desk):
    app = create_app(assistant, desk=desk.service)
    client = TestClient(app, follow_redirects=False)
    statuses = [
        client.post("/agents/connexion", data={"identifiant": f"u{n}", "mot_de_passe": "x"}).status_code
        for n in range(SIGN_INS_A_MINUTE[0] + 1)
    ]

    assert statuses == [401] * SIGN_INS_A_MINUTE[0] + [429]


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("/agents/", True),
        ("/agents/?demande=3", True),
        ("/agents/chiffres?du=2026-01-01&au=", True),
        ("/agents/demandes/3/reponse.docx", True),
        ("https://ailleurs.example.org/", False),
        ("//ailleurs.example.org/agents/", False),
        ("/agents//ailleurs.example.org", False),
        ("/agents/../projet", False),
        ("/agents\\..\\x", False),
        ("/agentsx", False),
        ("/agents@ailleurs.example.org", False),
        ("/agents/\r\nSet-Cookie: a=b", False),
        ("javascript:alert(1)", False),
        ("/agents/connexion", False),
        ("/agents/deconnexion", False),
        ("/agents/" + "a" * 600, False),
        ("", False),
    ],
)
def test_one_returns_to_a_page_of_the_desk_only(asked, kept):
    assert back_to(asked) == (asked if kept else "/agents/")


def test_a_long_address_takes_no_time_to_refuse():
    assert back_to("/agents" + "/a" * 200 + "!" * 99) == "/agents/"


# From elsewhere


def test_every_post_from_another_site_is_refused(desk_paths, agent, nobody):
    posts = [path for method, path in desk_paths if method == "POST"]
    assert len(posts) > 15
    for path in posts:
        for headers in (
            {"Origin": "https://ailleurs.example.org"},
            {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": "null"},
        ):
            for client in (agent, nobody):
                response = client.post(path, headers=headers, content=b"{}")
                assert response.status_code == 403, path
                assert "autre site" in response.json()["message"]


# Where there is no desk, or nobody


def test_without_a_desk_the_site_is_the_same_and_says_how_to_open_one(assistant):
    client = TestClient(create_app(assistant), follow_redirects=False)

    page = client.get("/agents/", headers=PAGE)
    assert page.status_code == 404
    assert "python -m assistant accounts add" in html.fromstring(page.text).text_content()
    assert client.get("/agents/api/demandes").json()["message"].startswith("L’espace agents n’est pas ouvert")
    assert "Espace agents" not in client.get("/a-propos").text
    assert client.get("/").status_code == 200


def test_why_the_desk_is_closed_is_said(assistant):
    client = TestClient(create_app(assistant, desk="La base est d’une version plus récente <b>."))
    page = client.get("/agents", headers=PAGE)

    assert page.status_code == 503
    assert "La base est d’une version plus récente &lt;b&gt;." in page.text


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("ASSISTANT_DATABASE_URL", "sqlite:////dev/null/desk.sqlite3"),
        ("ASSISTANT_RETENTION_DAYS", "beaucoup"),
    ],
)
def test_a_desk_that_cannot_be_opened_does_not_keep_the_site_from_being_served(
    assistant, tmp_path, monkeypatch, capsys, setting, value
):
    monkeypatch.setenv("ASSISTANT_DATABASE_URL", f"sqlite:///{tmp_path / 'd.sqlite3'}")
    monkeypatch.setenv(setting, value)
    reason = open_desk(assistant)

    assert isinstance(reason, str)
    assert f"L’espace agents reste fermé. {reason}" in capsys.readouterr().err
    client = TestClient(create_app(assistant, desk=reason))
    assert client.get("/").status_code == 200
    assert client.get("/agents/api/demandes").json()["message"] == reason


def test_the_footer_leads_to_the_desk(nobody):
    links = html.fromstring(nobody.get("/a-propos").text).xpath("//footer//a[text()='Espace agents']/@href")

    assert links == ["/agents/"]


def test_where_nobody_has_an_account_the_page_says_how_to_create_one(assistant, tmp_path, nobody):
    service = DeskService(assistant, open_database(f"sqlite:///{tmp_path / 'd.sqlite3'}"), DeskSettings())
    empty = TestClient(create_app(assistant, desk=service)).get("/agents/connexion")

    assert 'accounts add IDENTIFIANT --name "Prénom NOM"' in html.fromstring(empty.text).text_content()
    assert "accounts add" not in nobody.get("/agents/connexion").text
    service.database.dispose()


def test_a_database_that_is_gone_is_said_and_lets_nobody_in(assistant, tmp_path, monkeypatch):
    service = DeskService(assistant, open_database(f"sqlite:///{tmp_path / 'd.sqlite3'}"), DeskSettings())
    client = TestClient(create_app(assistant, desk=service), follow_redirects=False)

    def broken(*_: object) -> None:
        raise UnreachableError("La base ne répond pas.")

    monkeypatch.setattr(service.accounts, "session", broken)
    response = client.get("/agents/api/demandes", headers={"Cookie": f"{COOKIE}=x"})

    assert response.status_code == 503
    assert response.json()["message"] == "La base ne répond pas."
    service.database.dispose()


def test_the_queue_of_an_account_is_read_by_nobody_else() -> None:
    event = b'{"fn_index": 0, "data": ["x"], "session_hash": "abc", "trigger_id": 1}'
    names = [json.loads(clean_event(event, {0: 1}, owner) or b"{}")["session_hash"] for owner in ("1-", "2-", "")]
    assert names == ["1-abc", "2-abc", "abc"]
