"""The exported e-mail opens in a mail program: its thread, its parts, and nothing that a value could add."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import default
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.drafting.exporting import Outgoing, as_eml
from assistant.drafting.exporting.heading import MAXIMUM_RECIPIENTS, deliverable
from assistant.drafting.message import Address, Message
from assistant.errors import InputError

NOW = datetime(2025, 6, 3, 9, 0, tzinfo=timezone(timedelta(hours=2)))
SERVICE = Address("Service ESMS numérique", "esms@example.org")
ASKED = Message(
    "Bonjour,\n\nEst-ce assez ?\n> plus ancien\n",
    subject="RE : Question",
    sender=Address("Direction de l’EHPAD d’exemple", "direction@example.net"),
    sent=datetime(2025, 6, 2, 8, 12, tzinfo=UTC),
    message_id="<b@example.net>",
    references=("<a@example.net>",),
)
LETTER = Outgoing("RE : Question", "Bonjour,\n\nOui [1].", NOW, sender=SERVICE, original=ASKED)


def opened(outgoing: Outgoing, **options):
    return message_from_bytes(as_eml(outgoing, **options), policy=default)


def part(message, kind: str) -> str:
    return message.get_body((kind,)).get_content().replace("\r\n", "\n")


def test_a_draft_is_ready_to_be_sent_in_its_thread():
    message = opened(replace(LETTER, cc=(Address("", "copie@example.org"),)))
    assert message["X-Unsent"] == "1"
    assert message["From"].addresses[0].display_name == "Service ESMS numérique"
    assert message["To"].addresses[0].addr_spec == "direction@example.net"
    assert message["Cc"].addresses[0].addr_spec == "copie@example.org"
    assert message["Subject"] == "Re: Question"
    assert message["In-Reply-To"] == "<b@example.net>"
    assert message["References"].split() == ["<a@example.net>", "<b@example.net>"]
    assert message["Date"].datetime == NOW
    assert message["Message-ID"].endswith("@example.org>")
    assert message["MIME-Version"] == "1.0"
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert {part.get_content_charset() for part in message.iter_parts()} == {"utf-8"}
    assert not message.defects


def test_two_exports_have_two_identifiers():
    assert opened(LETTER)["Message-ID"] != opened(LETTER)["Message-ID"]


def test_reply_to_comes_before_the_sender_and_whom_is_chosen_before_both():
    asked = replace(ASKED, reply_to=Address("", "reponse@example.net"))
    assert opened(replace(LETTER, original=asked))["To"] == "reponse@example.net"
    assert (
        opened(replace(LETTER, original=asked, to=(Address("", "autre@example.net"),)))["To"]
        == "autre@example.net"
    )


def test_without_sender_nothing_signs():
    message = opened(replace(LETTER, sender=None))
    assert message["From"] is None
    assert message["Message-ID"] is None


def test_the_original_is_quoted_the_french_way():
    message = opened(LETTER)
    lead = "Le 2 juin 2025 à 10:12, Direction de l’EHPAD d’exemple <direction@example.net> a écrit\u00a0:"
    text = part(message, "plain")
    assert text.endswith(f"{lead}\n> Bonjour,\n>\n> Est-ce assez ?\n>> plus ancien\n")
    html = part(message, "html")
    assert '<blockquote type="cite"' in html
    assert "Bonjour,<br><br>Est-ce assez ?<br>&gt; plus ancien</blockquote>" in html
    assert 'lang="fr"' in html


def test_the_original_is_left_out_when_asked():
    message = opened(LETTER, quoting=False)
    assert part(message, "plain") == "Bonjour,\n\nOui\u00a0[1].\n"
    assert "blockquote" not in part(message, "html")
    assert message["In-Reply-To"] == "<b@example.net>"


@pytest.mark.parametrize(
    ("asked", "lead"),
    [
        (replace(ASKED, sent=None), "Direction de l’EHPAD d’exemple <direction@example.net> a écrit\u00a0:"),
        (replace(ASKED, sender=None), "Message du 2 juin 2025 à 10:12\u00a0:"),
        (Message("Bonjour"), "Message d’origine\u00a0:"),
    ],
)
def test_what_is_not_known_of_the_original_is_not_said(asked, lead):
    assert f"\n{lead}\n" in part(opened(replace(LETTER, original=asked)), "plain")


def test_a_long_original_is_cut_and_says_so():
    text = part(opened(replace(LETTER, original=replace(ASKED, text="a b " * 100_000))), "plain")
    assert text.endswith("> […]\n")
    assert len(text) < 25_000


def test_html_of_the_original_does_not_run():
    html = part(opened(replace(LETTER, original=replace(ASKED, text="<script>alert(1)</script>"))), "html")
    assert "&lt;script&gt;" in html
    assert "<script" not in html


def test_the_thread_is_bounded_first_and_latest_kept_in_order():
    known = tuple(f"<{number}@example.net>" for number in range(100))
    kept = opened(replace(LETTER, references=known))["References"].split()
    assert len(kept) == 20
    assert kept[0] == "<0@example.net>"
    assert kept[-3:] == ["<98@example.net>", "<99@example.net>", "<b@example.net>"]


def test_a_long_identifier_is_never_encoded():
    identifier = f"<{'x' * 200}@example.net>"
    raw = as_eml(replace(LETTER, in_reply_to=identifier))
    assert f"In-Reply-To: {identifier}\r\n".encode() in raw
    assert identifier in opened(replace(LETTER, in_reply_to=identifier))["References"]


@pytest.mark.parametrize(
    "identifier", ["x", "<a b@c>", "<a@b>\r\nBcc: x@example.org", "<é@example.org>", "<>"]
)
def test_what_is_no_identifier_is_left_out(identifier):
    message = opened(replace(LETTER, original=None, in_reply_to=identifier, references=(identifier,)))
    assert message["In-Reply-To"] is None
    assert message["References"] is None


INJECTION = "\r\nBcc: vol@example.org\r\n\r\ncorps"


@pytest.mark.parametrize("end", [INJECTION, INJECTION.replace("\r", ""), INJECTION.replace("\n", ""), "\u2028Bcc: x@y.z",
                                 "\x0bBcc: x@y.z", "\x85Bcc: x@y.z", "\x00\r\n Bcc: x@y.z"])  # fmt: skip
def test_no_value_can_add_a_header(end):
    hostile = Address(f"Nom{end}", f"a@example.org{end}")
    named = Address(f"Nom{end}", "b@example.org")
    outgoing = Outgoing(
        f"Sujet{end}", "x", NOW, (hostile, named), (hostile, named), named, f"<a@b>{end}", (f"<a@b>{end}",),
        replace(ASKED, message_id=f"<a@b>{end}", sender=named, text=f"a{end}"),
    )  # fmt: skip
    message = opened(outgoing)
    assert message["Bcc"] is None
    assert set(message.keys()) == {
        "X-Unsent", "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Content-Language",
    }  # fmt: skip
    assert [address.addr_spec for address in message["To"].addresses] == ["b@example.org"]


@given(st.text(max_size=300), st.text(max_size=200))
def test_any_subject_and_name_give_the_same_headers_in_short_lines(subject, name):
    raw = as_eml(Outgoing(subject, "x", NOW, (Address(name, "a@example.org"),), sender=SERVICE))
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii").split("\r\n")
    assert all(len(line) <= 260 for line in head)
    message = message_from_bytes(raw, policy=default)
    assert set(message.keys()) == {
        "X-Unsent", "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Content-Language",
    }  # fmt: skip
    assert [address.addr_spec for address in message["To"].addresses] == ["a@example.org"]


@pytest.mark.parametrize(
    "name",
    [
        "Exemple, Prénom (ARS)",
        'A "B" C',
        "Nom <autre@example.net>",
        "=?utf-8?q?x?=",
        "é" * 110,
        "Nom\\",
        "a;b:c@d",
    ],
)
def test_a_display_name_is_kept_whole(name):
    raw = as_eml(replace(LETTER, to=(Address(name, "a@example.org"),)))
    (address,) = message_from_bytes(raw, policy=default)["To"].addresses
    assert address.addr_spec == "a@example.org"
    # The parser of 3.11 puts spaces between the words of a long name; the older one reads them as it should.
    read, _ = parseaddr(" ".join(message_from_bytes(raw)["To"].split()))
    assert str(make_header(decode_header(read))) == name


def test_lines_are_short_and_seven_bits():
    raw = as_eml(replace(LETTER, text="é" * 5000 + " " + "x" * 5000, subject="Été " * 60))
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_international_hosts_are_in_ascii_and_names_of_mailboxes_in_utf_8():
    to = (Address("", "accueil@exemple-été.example"), Address("", "élu@example.org"))
    raw = as_eml(replace(LETTER, to=to))
    assert "To: accueil@xn--exemple-t-i4ab.example,\r\n élu@example.org\r\n".encode() in raw
    assert as_eml(replace(LETTER, to=to[:1])).isascii()


@pytest.mark.parametrize(
    "address",
    ["", "a", "@b.c", "a@", "a@b@", "a b@c.d", "a@b..c", "a..b@c.d", ".a@b.c", "a@-b.c", "a@b.c>", '"a"@b.c', "a@b c",
     "a@" + "b" * 300, "x" * 65 + "@b.c", "a,b@c.d", "a@\ud800.c", "a@[1.2.3.4]"],
)  # fmt: skip
def test_what_is_no_address_gets_nothing(address):
    assert deliverable(Address("Nom", address)) == ""


def test_each_recipient_is_written_once():
    to = (Address("", "a@example.org"), Address("", "A@example.org"), Address("Nom seul", ""))
    message = opened(replace(LETTER, to=to, cc=(Address("", "a@EXAMPLE.org"), Address("", "c@example.org"))))
    assert message["To"] == "a@example.org"
    assert message["Cc"] == "c@example.org"


def test_too_many_recipients_are_refused():
    many = tuple(Address("", f"a{number}@example.org") for number in range(MAXIMUM_RECIPIENTS + 1))
    with pytest.raises(InputError, match="101 destinataires"):
        as_eml(replace(LETTER, to=many))
