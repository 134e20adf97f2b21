"""A letter leaves once, through a server that is the right one; what went wrong says whether it may have left."""

from __future__ import annotations

import base64
import logging
import socket
import ssl
import threading
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from assistant.drafting.exporting import Outgoing
from assistant.drafting.exporting.letter import MAXIMUM
from assistant.drafting.message import Address, Message
from assistant.drafting.sending import Receipt, SendingError, SmtpSettings, send
from assistant.errors import InputError, SettingError

SENDER = Address("Service d’exemple", "service@example.org")
LETTER = Outgoing(
    "Question", "Bonjour,\n\n.une ligne qui commence par un point\n\nFin é [1].", datetime(2025, 6, 3, 9, 0, tzinfo=UTC),
    to=(Address("Direction d’exemple", "direction@example.net"),), sender=SENDER,
)  # fmt: skip
SECRET = "mot-de-passe-3x7"


class Mailbox:
    """What a server received; recipients of ``refused.example`` are refused."""

    def __init__(self) -> None:
        self.envelopes: list = []

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.endswith("refused.example"):
            return "550 5.1.1 Boîte inconnue"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.envelopes.append(envelope)
        return "250 OK"


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(**options):
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield mailbox, SmtpSettings("127.0.0.1", SENDER, controller.port, "none", timeout=5)
    finally:
        controller.stop()


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def certificate(authority, tmp_path, monkeypatch):
    """A context for a server of 127.0.0.1, whose authority this machine trusts."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def signing_in(password=SECRET):
    def check(server, session, envelope, mechanism, data):
        right = data.login == b"service" and data.password == password.encode()
        return AuthResult(success=right, handled=False)

    return {"authenticator": check, "auth_required": True}


def test_a_letter_leaves_as_it_was_written():
    with serving() as (mailbox, settings):
        receipt = send(LETTER, settings)
    assert isinstance(receipt, Receipt)
    assert (receipt.accepted, receipt.refused) == (("direction@example.net",), ())
    (envelope,) = mailbox.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("service@example.org", ["direction@example.net"])
    message = message_from_bytes(envelope.content, policy=default)
    assert message["Message-ID"] == receipt.message_id
    assert message["X-Unsent"] is None
    text = message.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert text == "Bonjour,\n\n.une ligne qui commence par un point\n\nFin é\u00a0[1].\n"


def test_without_a_sender_the_one_of_the_settings_signs():
    with serving() as (mailbox, settings):
        send(replace(LETTER, sender=None), settings)
    assert message_from_bytes(mailbox.envelopes[0].content, policy=default)["From"].addresses[
        0
    ].addr_spec == ("service@example.org")


def test_starttls_encrypts_before_signing_in(certificate):
    with serving(tls_context=certificate, require_starttls=True, **signing_in()) as (mailbox, settings):
        send(LETTER, replace(settings, security="starttls", user="service", password=SECRET))
    assert len(mailbox.envelopes) == 1


def test_tls_from_the_first_byte(certificate):
    with serving(ssl_context=certificate, auth_require_tls=False, **signing_in()) as (mailbox, settings):
        send(LETTER, replace(settings, security="tls", user="service", password=SECRET))
    assert len(mailbox.envelopes) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_nobody_known_is_refused(security, certificate, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    options = {"ssl_context": certificate} if security == "tls" else {"tls_context": certificate}
    with (
        serving(**options) as (mailbox, settings),
        pytest.raises(SendingError, match=r"certificat.*n’est pas reconnu.*n’est pas parti"),
    ):
        send(LETTER, replace(settings, security=security))
    assert mailbox.envelopes == []


def test_a_certificate_of_another_host_is_refused(certificate, authority):
    other = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("smtp.example.org").configure_cert(other)
    with serving(ssl_context=other) as (mailbox, settings), pytest.raises(SendingError, match="certificat"):
        send(LETTER, replace(settings, security="tls"))
    assert mailbox.envelopes == []


def test_a_server_without_starttls_gets_nothing():
    with serving() as (mailbox, settings), pytest.raises(SendingError, match=r"STARTTLS.*n’est pas parti"):
        send(LETTER, replace(settings, security="starttls"))
    assert mailbox.envelopes == []


def test_tls_towards_a_plain_server_is_said():
    with serving() as (_, settings), pytest.raises(SendingError, match=r"chiffrée.*ASSISTANT_SMTP_SECURITY"):
        send(LETTER, replace(settings, security="tls"))


def test_a_wrong_password_is_said_and_shown_nowhere(caplog, capfd):
    wrong = f"{SECRET}-faux"
    with (
        caplog.at_level(logging.DEBUG),
        serving(auth_require_tls=False, **signing_in()) as (mailbox, settings),
        pytest.raises(SendingError, match="nom d’utilisateur ou le mot de passe") as caught,
    ):
        send(LETTER, replace(settings, user="service", password=wrong))
    assert mailbox.envelopes == []
    shown = caplog.text + "".join(capfd.readouterr()) + str(caught.value)
    for secret in (wrong, base64.b64encode(f"\0service\0{wrong}".encode()).decode(), "une ligne qui"):
        assert secret not in shown


def test_a_password_with_accents_is_sent_in_utf_8():
    with serving(auth_require_tls=False, **signing_in("été à Noël")) as (mailbox, settings):
        send(LETTER, replace(settings, user="service", password="été à Noël"))
    assert len(mailbox.envelopes) == 1


def test_a_password_that_the_server_does_not_expect_is_said():
    with serving() as (_, settings), pytest.raises(SendingError, match="n’attend pas de mot de passe"):
        send(LETTER, replace(settings, user="service", password=SECRET))


def test_each_refused_recipient_is_named_and_the_others_are_served():
    letter = replace(LETTER, cc=(Address("", "x@refused.example"), Address("", "copie@example.net")))
    with serving() as (mailbox, settings):
        receipt = send(letter, settings)
    assert receipt.accepted == ("direction@example.net", "copie@example.net")
    ((address, reason),) = [(refusal.address, refusal.reason) for refusal in receipt.refused]
    assert address == "x@refused.example"
    assert "Boîte inconnue" in reason
    assert mailbox.envelopes[0].rcpt_tos == ["direction@example.net", "copie@example.net"]


def test_nothing_leaves_when_nobody_it_is_for_is_accepted():
    letter = replace(
        LETTER,
        to=(Address("", "a@refused.example"), Address("", "b@refused.example")),
        cc=(Address("", "c@example.net"),),
    )
    with serving() as (mailbox, settings), pytest.raises(SendingError) as caught:
        send(letter, settings)
    assert "a@refused.example" in str(caught.value)
    assert "b@refused.example" in str(caught.value)
    assert not caught.value.may_have_left
    assert mailbox.envelopes == []


def test_nobody_to_write_to_is_said_before_any_connection():
    with pytest.raises(SendingError, match="Aucune adresse"):
        send(replace(LETTER, to=(Address("Nom seul", ""),)), SmtpSettings("127.0.0.1", SENDER, 1, "none"))


def test_a_message_larger_than_the_server_takes_is_said_before_it_is_sent():
    long = replace(LETTER, original=Message("mot " * 5000, sender=SENDER))
    with serving(data_size_limit=9000) as (mailbox, settings):
        with pytest.raises(SendingError, match=r"9000.*n’est pas parti"):
            send(long, settings)
        send(long, settings, quoting=False)
    assert len(mailbox.envelopes) == 1


def test_a_letter_too_long_never_reaches_the_server():
    with pytest.raises(InputError, match="caractères"):
        send(replace(LETTER, text="a" * (MAXIMUM + 1)), SmtpSettings("127.0.0.1", SENDER, 1, "none"))


def test_the_longest_letter_leaves_whole():
    text = ("é" * 99 + "\n") * (MAXIMUM // 100)
    with serving() as (mailbox, settings):
        send(replace(LETTER, text=text), settings)
    message = message_from_bytes(mailbox.envelopes[0].content, policy=default)
    assert message.get_body(("plain",)).get_content().count("é") == 99 * (MAXIMUM // 100)


def test_an_accented_mailbox_asks_the_server_for_smtputf8():
    letter = replace(LETTER, to=(Address("", "élu@exemple-été.example"),))
    with serving(enable_SMTPUTF8=True) as (mailbox, settings):
        assert send(letter, settings).accepted == ("élu@xn--exemple-t-i4ab.example",)
    assert mailbox.envelopes[0].smtp_utf8
    with (
        serving(enable_SMTPUTF8=False) as (mailbox, settings),
        pytest.raises(SendingError, match="accentuées"),
    ):
        send(letter, settings)
    assert mailbox.envelopes == []


@pytest.mark.parametrize(
    "end",
    ["\r\nBcc: vol@example.org", "\r\nRCPT TO:<vol@example.org>", "\n.\n", "\r\n.\r\nMAIL FROM:<x@y.z>"],
)
def test_nothing_typed_becomes_a_command_or_a_header(end):
    letter = Outgoing(
        f"Sujet{end}", f"Texte{end}\n.\nsuite", LETTER.now,
        (Address(f"Nom{end}", "direction@example.net"), Address("", f"a@example.net{end}")),
        (Address("", f"b@example.net>{end}"),), SENDER, f"<a@b>{end}",
    )  # fmt: skip
    with serving() as (mailbox, settings):
        send(letter, settings)
    (envelope,) = mailbox.envelopes
    assert envelope.rcpt_tos == ["direction@example.net"]
    message = message_from_bytes(envelope.content, policy=default)
    assert message["Bcc"] is None
    assert message.get_body(("plain",)).get_content().endswith("suite\r\n")


def test_a_server_that_is_down_is_said():
    with pytest.raises(SendingError, match=r"n’est pas joignable.*n’est pas parti") as caught:
        send(LETTER, SmtpSettings("127.0.0.1", SENDER, free_port(), "none", timeout=2))
    assert not caught.value.may_have_left


class Scripted(threading.Thread):
    """A server of one connection that replies what it is told to, then hangs up or keeps silent."""

    def __init__(self, replies: dict[str, bytes | None], after: str = "close") -> None:
        super().__init__(daemon=True)
        self._replies = {"": b"220 ok\r\n", "EHLO": b"250 ok\r\n", "MAIL": b"250 ok\r\n", "RCPT": b"250 ok\r\n",
                         "DATA": b"354 go\r\n", ".": b"250 ok\r\n", "QUIT": b"221 bye\r\n"} | replies  # fmt: skip
        self._after, self.seen = after, list[str]()
        self._released = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])

    def run(self) -> None:
        connection, _ = self._listening.accept()
        with connection, connection.makefile("rb") as lines:
            if self._answer(connection, ""):
                inside = False
                for line in lines:
                    if inside and line != b".\r\n":
                        continue
                    word = "." if inside else line[:4].decode("ascii", "replace").strip().upper()
                    self.seen.append(word)
                    if not self._answer(connection, word):
                        break
                    inside = word == "DATA" and self._replies["DATA"].startswith(b"354")

    def _answer(self, connection: socket.socket, word: str) -> bool:
        reply = self._replies.get(word, b"250 ok\r\n")
        if reply is not None:
            connection.sendall(reply)
            return True
        if self._after == "silent":
            self._released.wait(10)
        return False

    def __enter__(self) -> Scripted:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._released.set()
        self._listening.close()
        self.join(5)

    def settings(self) -> SmtpSettings:
        return SmtpSettings("127.0.0.1", SENDER, self.port, "none", timeout=0.4)


@pytest.mark.parametrize("after", ["close", "silent"])
@pytest.mark.parametrize("word", ["", "EHLO", "MAIL", "RCPT", "DATA"])
def test_lost_before_the_letter_is_handed_over_it_has_not_left(word, after):
    with (
        Scripted({word: None}, after) as server,
        pytest.raises(SendingError, match="n’est pas parti") as caught,
    ):
        send(LETTER, server.settings())
    assert not caught.value.may_have_left
    if after == "silent":
        assert "n’a pas répondu en 0.4 s" in str(caught.value)


@pytest.mark.parametrize("after", ["close", "silent"])
def test_lost_after_the_final_dot_it_may_have_left(after):
    with Scripted({".": None}, after) as server, pytest.raises(SendingError, match="possible") as caught:
        send(LETTER, server.settings())
    assert caught.value.may_have_left
    assert "n’est pas parti" not in str(caught.value)
    assert server.seen.count("DATA") == 1


def test_a_reply_after_the_dot_that_means_nothing_leaves_it_uncertain():
    with Scripted({".": b"hein\r\n"}) as server, pytest.raises(SendingError) as caught:
        send(LETTER, server.settings())
    assert caught.value.may_have_left


@pytest.mark.parametrize(
    ("word", "reply"),
    [
        ("", b"554 pas de service\r\n"),
        ("MAIL", b"550 expediteur refuse\r\n"),
        ("RCPT", b"550 inconnu\r\n"),
        ("RCPT", b"421 a plus tard\r\n"),
        ("DATA", b"451 plus tard\r\n"),
        (".", b"554 refuse comme indesirable\r\n"),
        (".", b"552 trop grand\r\n"),
    ],
)
def test_a_refusal_is_told_in_the_server_s_words_and_nothing_has_left(word, reply):
    with Scripted({word: reply}) as server, pytest.raises(SendingError, match="n’est pas parti") as caught:
        send(LETTER, server.settings())
    assert not caught.value.may_have_left
    if not reply.startswith(b"421"):
        assert reply[4:].decode().strip() in str(caught.value)


def test_a_server_that_hangs_up_once_it_has_taken_the_letter_changes_nothing():
    with Scripted({"QUIT": None}) as server:
        assert send(LETTER, server.settings()).accepted == ("direction@example.net",)


def test_the_words_of_a_server_are_shown_short_and_on_one_line():
    reply = b"550-" + b"a" * 300 + b"\r\n550 \x1b[31m\xff\r\n"
    with Scripted({"MAIL": reply}) as server, pytest.raises(SendingError) as caught:
        send(LETTER, server.settings())
    assert len(str(caught.value)) < 450
    assert str(caught.value).isprintable() or "\u00a0" in str(caught.value)
    assert "\x1b" not in str(caught.value)


@pytest.fixture
def environment(monkeypatch):
    """Set the settings of the server, all others being absent."""
    for name in ("HOST", "PORT", "SECURITY", "USER", "PASSWORD", "PASSWORD_FILE", "FROM"):
        monkeypatch.delenv(f"ASSISTANT_SMTP_{name}", raising=False)
    for name in ("REPLY_FROM", "SIGNATURE", "SIGNATURE_FILE", "RETENTION_DAYS"):
        monkeypatch.delenv(f"ASSISTANT_{name}", raising=False)

    def write(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(
                f"ASSISTANT_{name}" if name == "REPLY_FROM" else f"ASSISTANT_SMTP_{name}", value
            )

    return write


def test_without_a_host_nothing_is_sent(environment):
    environment(USER="x", PASSWORD="y")
    assert SmtpSettings.from_environment() is None


@pytest.mark.parametrize(("security", "port"), [("", 587), ("starttls", 587), ("TLS", 465), ("none", 25)])
def test_the_port_follows_the_security(environment, security, port):
    environment(HOST="smtp.example.org", FROM="Service <service@example.org>", SECURITY=security)
    settings = SmtpSettings.from_environment()
    assert settings == SmtpSettings(
        "smtp.example.org", Address("Service", "service@example.org"), port, security.lower() or "starttls"
    )


def test_the_sender_of_the_desk_sends_when_no_other_is_named(environment):
    environment(HOST="smtp.example.org", REPLY_FROM="Accueil <accueil@example.org>")
    assert SmtpSettings.from_environment().sender == Address("Accueil", "accueil@example.org")


GOOD = {"HOST": "smtp.example.org", "FROM": "service@example.org"}


@pytest.mark.parametrize(
    ("values", "named"),
    [
        (GOOD | {"HOST": "smtp example"}, "ASSISTANT_SMTP_HOST"),
        (GOOD | {"HOST": "http://smtp"}, "ASSISTANT_SMTP_HOST"),
        (GOOD | {"PORT": "0"}, "ASSISTANT_SMTP_PORT"),
        (GOOD | {"PORT": "65536"}, "ASSISTANT_SMTP_PORT"),
        (GOOD | {"PORT": "²5"}, "ASSISTANT_SMTP_PORT"),
        (GOOD | {"SECURITY": "ssl"}, "ASSISTANT_SMTP_SECURITY"),
        (GOOD | {"USER": "x"}, "ASSISTANT_SMTP_PASSWORD"),
        (GOOD | {"PASSWORD": SECRET}, "ASSISTANT_SMTP_USER"),
        (GOOD | {"USER": "x", "PASSWORD": SECRET, "SECURITY": "none"}, "ASSISTANT_SMTP_SECURITY"),
        (GOOD | {"USER": "x", "PASSWORD": SECRET, "PASSWORD_FILE": "/x"}, "ASSISTANT_SMTP_PASSWORD_FILE"),
        (GOOD | {"USER": "x", "PASSWORD_FILE": "/nulle/part"}, "ASSISTANT_SMTP_PASSWORD_FILE"),
        (GOOD | {"FROM": "service"}, "ASSISTANT_SMTP_FROM"),
        (GOOD | {"FROM": "Service <a@b.c>, <d@e.f>"}, "ASSISTANT_SMTP_FROM"),
        ({"HOST": "smtp.example.org"}, "ASSISTANT_SMTP_FROM"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(environment, values, named):
    environment(**values)
    with pytest.raises(SettingError, match=named) as caught:
        SmtpSettings.from_environment()
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "127.3.2.1"])
def test_a_password_may_go_unencrypted_to_this_machine_alone(environment, host):
    environment(**GOOD | {"HOST": host, "USER": "x", "PASSWORD": SECRET, "SECURITY": "none"})
    settings = SmtpSettings.from_environment()
    assert settings.password == SECRET
    assert SECRET not in repr(settings)


@pytest.mark.parametrize("content", [b"", b"\n", b"a\nb", b"x" * 2000, b"\xff\xfe"])
def test_a_password_file_holds_one_password(environment, tmp_path, content):
    path = tmp_path / "secret"
    path.write_bytes(content)
    environment(**GOOD | {"USER": "x", "PASSWORD_FILE": str(path)})
    with pytest.raises(SettingError, match="ASSISTANT_SMTP_PASSWORD_FILE"):
        SmtpSettings.from_environment()
    path.write_text(f"{SECRET}\n")
    assert SmtpSettings.from_environment().password == SECRET
