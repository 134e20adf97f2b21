"""The server around the page: health, headers, closed paths, a port in use."""

from __future__ import annotations

import socket

import httpx
import pytest

from assistant.errors import ListenError, PortInUseError
from assistant.web.app import bind
from assistant.web.chat.page import follow_ups_to_show


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
        ("GET", "openapi.json"),
    ],
)
def test_what_the_page_does_not_need_is_closed(server, method, path):
    assert httpx.request(method, server.url + path).status_code == 404


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
