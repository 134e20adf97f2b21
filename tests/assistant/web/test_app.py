"""The server around the page: health, headers, closed paths, a port in use."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
from datetime import date

import httpx
import pytest
from lxml import html
from starlette.responses import StreamingResponse
from starlette.routing import Mount
from starlette.testclient import TestClient

from assistant.errors import ListenError, PortInUseError
from assistant.web.app import bind, create_app
from assistant.web.chat.page import follow_ups_to_show
from assistant.web.site import NAVIGATION, Site

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_health(server):
    assert httpx.get(server.url + "health").json() == {"status": "ok"}


def test_health_tells_a_degraded_mode_and_is_no_failure(server, monkeypatch):
    monkeypatch.setattr(server.assistant, "notice", "Mode dégradé : essai.")

    response = httpx.get(server.url + "health")

    assert response.status_code == 200
    assert response.json() == {"status": "degraded", "notice": "Mode dégradé : essai."}


@pytest.mark.parametrize("path", ["", "health", "page/style.css", "config", "gradio_api/info", "nulle-part"])
def test_every_response_is_protected(server, path):
    headers = httpx.get(server.url + path).headers

    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe-eval" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_every_script_of_the_index_carries_the_nonce_of_its_own_response(server):
    first, second = httpx.get(server.url), httpx.get(server.url)

    assert first.text.count("<script") == first.text.count('<script nonce="')
    assert first.headers["content-security-policy"] != second.headers["content-security-policy"]
    assert '<html\n\tlang="fr"' in first.text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "gradio_api/info"),
        ("GET", "gradio_api/openapi.json"),
        ("GET", "gradio_api/runs"),
        ("GET", "gradio_api/proxy=https://exemple.fr"),
        ("POST", "gradio_api/upload"),
        ("POST", "gradio_api/queue/join/"),
        ("GET", "gradio_api/file=/etc/hostname"),
        ("POST", "upload"),
        ("POST", "queue/join"),
        ("POST", "gradio_api/process_recording"),
        ("POST", "gradio_api/call/ask"),
        ("GET", "page/app.py"),
        ("GET", "docs"),
        ("GET", "config"),
        ("GET", "config/"),
        ("GET", "monitoring/summary"),
        ("GET", "login"),
        ("POST", "logout"),
        ("GET", "openapi.json"),
    ],
)
def test_what_the_page_does_not_need_is_closed(server, method, path):
    assert httpx.request(method, server.url + path).status_code == 404


def assert_protected(response) -> None:
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["x-frame-options"] == "DENY"
    assert response.headers["referrer-policy"] == "no-referrer"


def assert_french_page(response, title: str) -> None:
    page = html.fromstring(response.text)
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert page.get("lang") == "fr"
    assert [heading.text for heading in page.iter("h1")] == [title]
    assert page.xpath("//main//li/a/@href") == [path for path, _ in NAVIGATION]
    assert_protected(response)


@pytest.mark.parametrize(
    "path",
    [
        "nulle-part", "projet/", "calendrier/x/y", "assets/rien.js", "static/rien.css", "a%00b",
        "%3Cscript%3Ealert(1)%3C/script%3E", "nulle-part?embed=%00", "x" * 5000,
    ],
)  # fmt: skip
def test_an_unknown_path_is_a_french_page_for_a_browser_and_json_for_a_script(server, path):
    shown = httpx.get(server.url + path, headers=BROWSER)
    told = httpx.get(server.url + path)

    assert (shown.status_code, told.status_code) == (404, 404)
    assert_french_page(shown, "Page introuvable")
    assert "alert(1)" not in shown.text
    assert list(told.json()) == ["message"]
    assert told.json()["message"].startswith("Aucune page n’est à cette adresse")
    assert_protected(told)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "projet", "GET"),
        ("PUT", "sources", "GET"),
        ("DELETE", "health", "GET"),
        ("GET", "avis", "POST"),
        ("GET", "avis/AAAAAAAAAAAAAAAAAAAAAA", "DELETE"),
        ("PATCH", "masquer", "POST"),
        ("POST", "", "GET"),
    ],
)
def test_a_method_that_a_path_does_not_take_is_said(server, method, path, allowed):
    shown = httpx.request(method, server.url + path, headers=BROWSER)
    told = httpx.request(method, server.url + path)

    assert (shown.status_code, told.status_code) == (405, 405)
    assert allowed in shown.headers["allow"].split(", ")
    assert shown.headers["allow"] == told.headers["allow"]
    assert_french_page(shown, "Demande non acceptée")
    assert "n’accepte pas" in told.json()["message"]
    assert_protected(told)


def test_what_the_script_of_gradio_reads_is_left_to_it(server):
    response = httpx.get(server.url + "gradio_api/queue/join", headers=BROWSER)

    assert response.status_code == 405
    assert response.json() == {"detail": "Method Not Allowed"}


@pytest.fixture
def failing(server):
    """The application, in which a route breaks before it answers and another in the middle of its answer."""
    app = create_app(server.assistant, clock=lambda: date(2025, 6, 2))

    def fail() -> None:
        raise RuntimeError("/var/secret")

    def stop() -> None:
        def pieces():
            yield "début"
            raise RuntimeError("/var/secret")

        return StreamingResponse(pieces())

    app.get("/health/panne")(fail)
    app.get("/health/arret")(stop)
    app.router.routes.sort(
        key=lambda route: isinstance(route, Mount)
    )  # the chat, which takes every path, is last
    return app


def test_what_breaks_is_an_apology_in_french_with_the_same_protection(failing):
    client = TestClient(failing, raise_server_exceptions=False)
    shown, told = client.get("/health/panne", headers=BROWSER), client.get("/health/panne")

    assert (shown.status_code, told.status_code) == (500, 500)
    assert_french_page(shown, "Incident technique")
    assert told.json()["message"].startswith("Veuillez nous excuser")
    assert_protected(told)
    assert "secret" not in shown.text + told.text


def test_what_breaks_is_still_known_to_the_server(failing):
    with pytest.raises(RuntimeError, match="secret"):
        TestClient(failing).get("/health/panne")


def test_an_answer_already_begun_is_not_begun_again(failing):
    response = TestClient(failing, raise_server_exceptions=False).get("/health/arret", headers=BROWSER)

    assert response.status_code == 200
    assert response.text == "début"
    assert_protected(response)


@pytest.mark.parametrize("path", ["/", "/theme.css"])
def test_what_breaks_in_the_chat_is_said_as_well(failing, monkeypatch, path):
    chat = next(route.app for route in failing.routes if isinstance(route, Mount))
    for route in chat.routes:
        if getattr(route, "path", None) == path and "GET" in route.methods:
            monkeypatch.setattr(route, "handle", broken)

    response = TestClient(failing, raise_server_exceptions=False).get(path, headers=BROWSER)

    assert response.status_code == 500
    assert_french_page(response, "Incident technique")


async def broken(*_: object) -> None:
    raise RuntimeError("/var/secret")


@pytest.mark.parametrize("path", ["/", "/projet", "/nulle-part"])
def test_a_frame_that_cannot_be_written_is_said_in_words(failing, monkeypatch, caplog, path):
    def fail(*_: object, **__: object) -> str:
        raise RuntimeError("/var/secret")

    monkeypatch.setattr(Site, "render", fail)
    with caplog.at_level(logging.ERROR):
        response = TestClient(failing, raise_server_exceptions=False).get(path, headers=BROWSER)

    assert response.status_code == (404 if path == "/nulle-part" else 500)
    assert response.headers["content-type"].startswith("text/plain")
    assert "secret" not in response.text
    assert "secret" in caplog.text
    assert_protected(response)


def test_what_only_some_requests_need_is_not_loaded_with_the_application():
    script = (
        "import sys, assistant.web.app\n"
        "print([name for name in ('phonenumbers', 'stdnum', 'icalendar') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


def test_a_port_in_use_is_said_with_what_to_do():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortInUseError, match=f"Le port {port} de 127.0.0.1 est déjà utilisé"):
            bind("127.0.0.1", port)


@pytest.mark.parametrize(("host", "port"), [("192.0.2.1", 8000), ("127.0.0.1", 99_999)])
def test_an_address_that_cannot_be_listened_on_is_said(host, port):
    with pytest.raises(ListenError, match="Impossible d’écouter"):
        bind(host, port)


def test_suggestions_leave_out_what_was_asked_and_repetitions():
    suggestions = ["Qu’est-ce que le DUI ?", "Où déposer\u00a0?", "OÙ DÉPOSER ?", "Quand ?"]

    assert follow_ups_to_show(suggestions, ["qu'est-ce  que le DUI"]) == ["Où déposer\u00a0?", "Quand ?"]
    assert follow_ups_to_show([str(number) for number in range(9)], ["0"]) == ["1", "2", "3", "4"]


@pytest.mark.parametrize("path", ["", "projet", "calendrier", "sources", "a-propos", "health", "page/style.css"])
def test_a_monitor_may_ask_for_the_headers_alone(server, path):
    head, whole = httpx.head(server.url + path), httpx.get(server.url + path)

    assert head.status_code == whole.status_code == 200
    assert head.content == b""
    assert head.headers["content-type"] == whole.headers["content-type"]


@pytest.mark.parametrize("name", ["X-Forwarded-Host", "X-Gradio-Server"])
def test_an_address_told_by_a_visitor_is_not_written_in_the_page(server, name):
    text = httpx.get(server.url, headers={name: "https://ailleurs.example.org"}).text

    assert "ailleurs" not in text
