"""What a client that is not the page may send: nothing it sends names a file, fills the memory or breaks."""

from __future__ import annotations

import json
import logging
import socket
import uuid
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from assistant.answer import Answer, Kind, Status
from assistant.web.chat.page import build_page
from assistant.web.requests import MAX_BODY_BYTES, RequestGuard

ASK = 1
FILE = {"path": "", "meta": {"_type": "gradio.FileData"}}


def join(server, data: object, **changes: object) -> httpx.Response:
    event = {"data": data, "fn_index": ASK, "session_hash": uuid.uuid4().hex, "trigger_id": None, **changes}
    body, headers = json.dumps(event), {"Content-Type": "application/json"}
    return httpx.post(server.url + "gradio_api/queue/join", content=body, headers=headers, timeout=10)


def outcome(server, question: object, stored: object) -> tuple[bool, str]:
    """Ask as the page does; return whether it ended well, and everything the stream said."""
    session = uuid.uuid4().hex
    assert join(server, [question, stored], session_hash=session).status_code == 200
    lines: list[str] = []
    address = f"{server.url}gradio_api/queue/data?session_hash={session}"
    with httpx.stream("GET", address, timeout=20) as stream:
        for line in stream.iter_lines():
            lines.append(line)
            if "process_completed" in line:
                break
    return json.loads(lines[-1].removeprefix("data: "))["success"], "\n".join(lines)


def test_a_question_and_a_history_are_all_that_is_asked_for(server):
    success, said = outcome(server, "Bonjour", "[]")

    assert success
    assert "Tour 1 : Bonjour" in said


def test_no_event_takes_a_component_that_moves_files(server):
    page = build_page(server.assistant, lambda: date(2025, 6, 2))
    kinds = {type(block).__name__ for event in page.fns.values() for block in event.inputs}

    assert kinds == {"Textbox", "Button"}


@pytest.mark.parametrize(
    "wrap",
    [
        lambda file: [file, "[]"],
        lambda file: ["Bonjour", file],
        lambda file: ["Bonjour", [file]],
        lambda file: ["Bonjour", "[]", [{"role": "user", "content": {"type": "file", "file": file}}]],
    ],
)
@pytest.mark.parametrize("event", [ASK, ASK + 2])
def test_a_file_of_the_server_is_never_copied(server, tmp_path, wrap, event):
    from gradio.utils import get_upload_folder

    secret = tmp_path / f"{uuid.uuid4().hex}.txt"
    secret.write_text("secret", encoding="utf-8")
    response = join(server, wrap(FILE | {"path": str(secret)}), fn_index=event)
    assert join(server, ["Bonjour", "[]"]).status_code == 200
    outcome(server, "Bonjour", "[]")

    assert list(Path(get_upload_folder()).rglob(secret.name)) == []
    assert response.status_code == 422
    assert "Requête mal formée" in response.text
    assert "content-security-policy" in response.headers


@pytest.mark.parametrize(
    "stored", ["[" * 100_000, '{"a": 1}', "[[[]]]", '[{"question": [], "answer": 1}]', None]
)
def test_a_misshapen_history_is_an_empty_one(server, stored):
    success, said = outcome(server, "Bonjour", stored)

    assert success
    assert "Tour 1 : Bonjour" in said


HALF = [
    {
        "question": "\ud800",
        "day": "2025-06-02",
        "answer": Answer(Kind.ANSWER, Status.ANSWERED, "\udfff").as_json(),
    }
]


def test_half_a_character_does_not_break_the_stream(server):
    success, said = outcome(server, "Bonjour \ud800", json.dumps(HALF))

    assert success
    assert "Tour 2 : Bonjour ?" in said


@pytest.mark.parametrize("question", [12, {"a": 1}, ["Bonjour"], True])
def test_a_question_that_is_not_a_text_is_refused(server, question):
    assert join(server, [question, "[]"]).status_code == 422


@pytest.mark.parametrize(
    "changes",
    [
        {"fn_index": 99},
        {"fn_index": -1},
        {"fn_index": "1"},
        {"fn_index": None},
        {"fn_index": True},
        {"session_hash": None},
        {"session_hash": "../" * 9},
        {"session_hash": ""},
    ],
)
def test_an_event_the_page_does_not_have_is_refused_without_a_traceback(server, changes, caplog):
    log = logging.getLogger("uvicorn.error")
    log.addHandler(caplog.handler)
    response = join(server, ["Bonjour", "[]"], **changes)
    log.removeHandler(caplog.handler)

    assert response.status_code == 422
    assert caplog.records == []


@pytest.mark.parametrize("data", [None, {}, [], ["Bonjour"], ["Bonjour", "[]", "[]"]])
def test_an_event_without_its_two_texts_is_refused(server, data):
    assert join(server, data).status_code == 422


@pytest.mark.parametrize("body", [b"", b"nope", b"[" * 100_000, b"[]", b"\xff"])
def test_a_body_that_is_not_an_event_is_refused(server, body):
    headers = {"Content-Type": "application/json"}
    reply = httpx.post(server.url + "gradio_api/queue/join", content=body, headers=headers)

    assert reply.status_code == 422


def answer_to(server, head: str, body: bytes = b"") -> str:
    """Send these bytes as they are; return the answer, which must come before the announced end."""
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as wire:
        wire.sendall(f"{head}\r\nHost: {address.netloc}\r\n\r\n".encode() + body)
        received = b""
        while b"Mo." not in received:
            part = wire.recv(65_536)
            if not part:
                break
            received += part
    return received.decode()


@pytest.mark.parametrize("path", ["gradio_api/queue/join", "gradio_api/cancel", "health", "nulle-part"])
def test_a_large_body_is_refused_before_it_is_sent(server, path):
    answer = answer_to(server, f"POST /{path} HTTP/1.1\r\nContent-Length: 200000000")

    assert answer.startswith("HTTP/1.1 413")
    assert "Requête trop volumineuse\u00a0: elle dépasse 2\u00a0Mo." in answer
    assert "content-security-policy" in answer.lower()


def test_a_large_body_of_unknown_length_is_refused_on_its_way(server):
    chunk = b"%x\r\n" % MAX_BODY_BYTES + b" " * MAX_BODY_BYTES + b"\r\n2\r\n  \r\n"
    answer = answer_to(server, "POST /gradio_api/queue/join HTTP/1.1\r\nTransfer-Encoding: chunked", chunk)

    assert answer.startswith("HTTP/1.1 413")


def test_a_client_that_leaves_before_the_end_reaches_nothing():
    async def app(*_: object) -> None:
        raise AssertionError("the application was reached")

    async def receive() -> dict[str, object]:
        return {"type": "http.disconnect"}

    async def send(_: object) -> None:
        raise AssertionError("nobody is there to be answered")

    scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    with pytest.raises(StopIteration):
        RequestGuard(app, {})(scope, receive, send).send(None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 422),
        ({"Content-Type": "application/json", "Origin": "http://ailleurs.example.org"}, 403),
        ({"Content-Type": "application/json", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"}, 200),
    ],
)
def test_another_site_cannot_ask_through_a_visitor(server, headers, status):
    event = {"data": ["Bonjour", "[]"], "fn_index": ASK, "session_hash": uuid.uuid4().hex, "trigger_id": None}
    reply = httpx.post(server.url + "gradio_api/queue/join", content=json.dumps(event), headers=headers)

    assert reply.status_code == status


@pytest.mark.parametrize("session", ["", "x'\"", "a" * 65, "../.."])
def test_a_session_that_is_none_is_refused(server, session):
    reply = httpx.get(server.url + "gradio_api/queue/data", params={"session_hash": session})

    assert reply.status_code == 422
