"""Whatever is thrown at the reader gives a message or a sentence, in time, and never anything else."""

from __future__ import annotations

import random
import time
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from outlook_file import BODY, CLASS, SUBJECT, as_bytes, saved

from assistant.drafting.formats import read_message
from assistant.drafting.formats.limits import MAXIMUM_PARTS, MAXIMUM_TEXT
from assistant.drafting.message import Message
from assistant.drafting.separating import separate
from assistant.errors import InputError

HEAD = b"From: a@example.org\nSubject: x\nMessage-ID: <1@example.org>\nMIME-Version: 1.0\n"


def read(raw: bytes, name: str = "message.eml") -> Message | None:
    """Return the message, ``None`` when it is refused in words."""
    try:
        message = read_message(raw, name)
    except InputError:
        return None
    assert "\x00" not in message.text + message.subject
    message.text.encode()
    message.subject.encode()
    separate(message)
    return message


def nested(depth: int) -> bytes:
    raw = HEAD + b'Content-Type: multipart/mixed; boundary="b0"\n\n'
    for level in range(depth):
        raw += f'--b{level}\nContent-Type: multipart/mixed; boundary="b{level + 1}"\n\n'.encode()
    return raw + f"--b{depth}\n\nfond\n--b{depth}--\n".encode()


@pytest.mark.parametrize("depth", [200, 3000])
def test_parts_inside_parts_are_refused(depth: int) -> None:
    with pytest.raises(InputError, match="trop de parties"):
        read_message(nested(depth))


def test_parts_inside_parts_are_read_up_to_a_depth() -> None:
    assert read_message(nested(10)).text == "fond"


def test_too_many_parts_are_refused() -> None:
    raw = (
        HEAD
        + b"Content-Type: multipart/mixed; boundary=b\n\n"
        + b"--b\n\nx\n" * (MAXIMUM_PARTS + 1)
        + b"--b--\n"
    )
    with pytest.raises(InputError, match="trop de parties"):
        read_message(raw)


def test_messages_inside_messages_are_read_up_to_a_depth() -> None:
    inner = b"Subject: fond\n\nfond\n"
    for level in range(30):
        inner = f"Subject: {level}\nContent-Type: message/rfc822\n\n".encode() + inner
    message = read(HEAD + b"Content-Type: message/rfc822\n\n" + inner)
    assert message is None or len(message.text) < 10_000


def test_a_long_body_is_cut_and_told() -> None:
    message = read_message(HEAD + b"\n" + b"une phrase.\n" * 200_000)
    assert len(message.text) <= MAXIMUM_TEXT
    assert any("début" in notice for notice in message.notices)


def test_a_large_attachment_is_noted_and_not_read() -> None:
    message = EmailMessage()
    message["Subject"] = "x"
    message["Message-ID"] = "<1@example.org>"
    message.set_content("Bonjour")
    message.add_attachment(b"x" * 16 * 1024 * 1024, maintype="text", subtype="plain", filename="gros.txt")
    (attachment,) = read_message(message.as_bytes()).attachments
    assert attachment.text == ""
    assert "Mo" in attachment.problem


def test_a_header_cannot_inject_another() -> None:
    raw = b"From: a@example.org\nSubject: =?utf-8?Q?x=0D=0ABcc:_v@example.org?=\nTo: =?utf-8?Q?b=0ACc:_c@example.org?= <b@example.org>\nMessage-ID: <1@example.org>\nMIME-Version: 1.0\n\nx"
    message = read_message(raw)
    said = [message.subject, *(str(address) for address in (*message.to, *message.cc))]
    assert not any(set(text) & set("\r\n") for text in said)
    assert message.cc == ()


def test_invisible_and_deceiving_characters_are_removed_and_told() -> None:
    message = read_message(
        HEAD
        + "Content-Type: text/plain; charset=utf-8\n\nseuil\u200b \u202e51\u202c ?\x00\x07\U000e0041".encode()
    )
    assert message.text == "seuil 51 ?"
    assert any("invisibles" in notice for notice in message.notices)


def test_lone_surrogates_are_removed() -> None:
    assert read_message(HEAD + b"Content-Type: text/plain; charset=utf-7\n\n+2AA- fin").text.endswith("fin")
    assert read_message(b"seuil \xed\xa0\x80 ?").text


SLOW = {
    "one header": b"Subject: " + b"a" * 5_000_000 + b"\n\nx",
    "many headers": b"X-A: 1\n" * 200_000 + b"\nx",
    "brackets": b"From: " + b"(" * 100_000 + b"\nMessage-ID: <1>\n\nx",
    "addresses": b"To: " + b"a@b," * 200_000 + b"\nMessage-ID: <1>\n\nx",
    "encoded words": b"Subject: " + b"=?utf-8?Q?a?= " * 100_000 + b"\nMessage-ID: <1>\n\nx",
    "broken words": b"Subject: " + b"=?utf-8?Q?" * 100_000 + b"\nMessage-ID: <1>\n\nx",
    "parameters": b"Content-Type: text/plain" + b"; a*0*=x" * 50_000 + b"\nMessage-ID: <1>\n\nx",
    "references": b"References: " + b"<a@b> " * 200_000 + b"\nMessage-ID: <1>\n\nx",
    "date": b"Date: " + b"1 " * 200_000 + b"\nMessage-ID: <1>\n\nx",
    "base64": b"a" * 3_000_000 + b"!",
    "quoted": HEAD + b"\n" + b"=C3=A9" * 150_000,
    "mojibake": HEAD + b"\n" + "Ã©".encode() * 200_000,
    "tags": b"<p>" + b"<" * 500_000,
    "styles": b"<style>" + b"a{" * 200_000 + b"</style><p>x",
    "binary": bytes(range(256)) * 10_000,
}


@pytest.mark.parametrize("name", SLOW)
def test_nothing_takes_long(name: str) -> None:
    started = time.process_time()
    read(SLOW[name])
    assert (
        time.process_time() - started < 6
    )  # two seconds on an idle machine; what is quadratic takes minutes


SAMPLE = HEAD + (
    b"Date: Mon, 2 Jun 2025 10:12:00 +0200\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative; boundary=c\n\n"
    b"--c\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nQuel d=C3=A9lai ?\n--c\nContent-Type: text/html\n\n<p>Quel d&eacute;lai ?</p>\n--c--\n"
    b"--b\nContent-Type: text/plain; name=a.txt\nContent-Disposition: attachment; filename*=utf-8''%C3%A9t%C3%A9.txt\nContent-Transfer-Encoding: base64\n\nYWJj\n"
    b"--b\nContent-Type: message/rfc822\n\nSubject: y\nFrom: c@example.org\n\nz\n--b--\n"
)


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_message_is_read_or_refused(seed: int) -> None:
    chance = random.Random(seed)
    raw = bytearray(SAMPLE)
    for _ in range(chance.randrange(1, 12)):
        place = chance.randrange(len(raw))
        match chance.randrange(4):
            case 0:
                raw[place] = chance.randrange(256)
            case 1:
                del raw[place : place + chance.randrange(30)]
            case 2:
                raw[place:place] = raw[chance.randrange(len(raw)) :][: chance.randrange(80)]
            case _:
                raw[place:place] = bytes(chance.choice(b'=?"<>()@;:\r\n\x00\xff') for _ in range(5))
    read(bytes(raw))


OUTLOOK = as_bytes(saved({CLASS: "IPM.Note", SUBJECT: "Seuil", BODY: "Quel est le seuil ?"}))


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_outlook_file_is_read_or_refused(seed: int) -> None:
    chance = random.Random(seed)
    raw = bytearray(OUTLOOK)
    for _ in range(chance.randrange(1, 20)):
        raw[chance.randrange(8, len(raw))] = chance.choice([0, 1, 0xFF, chance.randrange(256)])
    read(bytes(raw), "message.msg")


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    read(raw)
    read(HEAD + raw)


@settings(max_examples=150, deadline=None)
@given(
    st.text(alphabet=st.sampled_from("aDeÀ:> <@.\n?-_*=écritLe 02/06/2025\u00a0\ud800\u202e"), max_size=300)
)
def test_any_text_is_parted_without_losing_its_letters(text: str) -> None:
    parted = separate(Message(text))
    assert len(parted.written) <= len(text) + text.count("\n")
