"""Internet messages as they come: well made, badly declared, damaged, nested, signed, encrypted, sent by machines."""

from __future__ import annotations

import base64
import quopri
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from assistant.drafting.formats import read_message
from assistant.drafting.formats.automatic import ABSENCE, BOUNCE, MASS, RECEIPT
from assistant.drafting.formats.limits import MAXIMUM_ATTACHMENTS, MAXIMUM_READ, SMALLEST_IMAGE
from assistant.drafting.message import Address, Message
from assistant.drafting.separating import separate
from assistant.errors import InputError

TEXT = "Bonjour,\n\nL’établissement est-il éligible ?"
PNG = b"\x89PNG\r\n\x1a\n"


def eml(body: bytes, headers: str = 'Content-Type: text/plain; charset="utf-8"') -> bytes:
    first = "From: Direction <direction@example.org>\nTo: service@example.net\nSubject: Question\nMessage-ID: <1@example.org>\nMIME-Version: 1.0\n"
    return f"{first}{headers}\n\n".encode() + body


def made(text: str = TEXT, **headers: str) -> EmailMessage:
    message = EmailMessage()
    for name, value in {
        "From": "d@example.org",
        "Subject": "Question",
        "Message-ID": "<1@example.org>",
        **headers,
    }.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def alternative(plain: str, page: str) -> Message:
    message = made(plain)
    message.add_alternative(page, subtype="html")
    return read_message(message.as_bytes())


def test_the_headers_are_read() -> None:
    raw = eml(TEXT.encode(), "\n".join([
        "Content-Type: text/plain; charset=utf-8",
        "Cc: =?utf-8?Q?Association=2C_si=C3=A8ge?= <siege@example.org>, b@example.org",
        "Reply-To: reponse@example.org", "Date: Mon, 2 Jun 2025 10:12:00 +0200",
        "References: <a@example.org>\n <b@example.org>", "In-Reply-To: <b@example.org>",
    ]))  # fmt: skip
    message = read_message(raw)
    assert message.text == TEXT
    assert message.sender == Address("Direction", "direction@example.org")
    assert message.to == (Address("", "service@example.net"),)
    assert message.cc == (Address("Association, siège", "siege@example.org"), Address("", "b@example.org"))
    assert message.answer_to == Address("", "reponse@example.org")
    assert message.sent is not None
    assert message.sent.astimezone(UTC) == datetime(2025, 6, 2, 8, 12, tzinfo=UTC)
    assert message.message_id == "<1@example.org>"
    assert message.references == ("<a@example.org>", "<b@example.org>")
    assert message.notices == ()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("=?utf-8?Q?Question_sur_l=E2=80=99aide?=", "Question sur l’aide"),
        ("=?utf-8?Q?l=E2=80?=\n =?utf-8?Q?=99aide?=", "l’aide"),
        ("=?iso-8859-1?B?6WxpZ2liaWxpdOk?=", "éligibilité"),
        ("=?utf-8?Q?Question sur un délai?=", "Question sur un délai"),
        ("=?utf-8?B?w6lsaWdpYmlsaXTDqQ", "éligibilité"),
        ("=?iso-8859-1?Q?d=E9lai?= =?iso-8859-1?Q?_r=E9gional?=", "délai régional"),
        ("=?inconnu?Q?d=C3=A9lai?=", "délai"),
        ("=?utf-8?Q?d=E9lai?=", "délai"),
        ("Ã©ligibilitÃ©", "éligibilité"),
        ("Seuil de 15 = ?", "Seuil de 15 = ?"),
    ],
)
def test_a_subject_is_decoded_however_it_is_encoded(written: str, read: str) -> None:
    raw = eml(b"x").replace(b"Subject: Question", f"Subject: {written}".encode())
    assert read_message(raw).subject == read


def test_a_mark_of_encoding_before_the_headers_hides_none() -> None:
    read = read_message(b"\xef\xbb\xbf" + eml(TEXT.encode()))
    assert (read.text, read.subject) == (TEXT, "Question")


def test_a_subject_in_bare_windows_bytes_is_decoded() -> None:
    raw = eml(b"x").replace(b"Subject: Question", "Subject: Délai d’été".encode("cp1252"))
    assert read_message(raw).subject == "Délai d’été"


@pytest.mark.parametrize(
    ("body", "headers", "is_told"),
    [
        (TEXT.encode("utf-8"), "Content-Type: text/plain; charset=utf-8", False),
        (TEXT.encode("cp1252"), "Content-Type: text/plain; charset=windows-1252", False),
        (TEXT.encode("cp1252"), "Content-Type: text/plain; charset=utf-8", True),
        (TEXT.encode("utf-8"), "Content-Type: text/plain; charset=iso-8859-1", True),
        (TEXT.encode("cp1252"), "Content-Type: text/plain; charset=iso-8859-1", False),
        (TEXT.encode("utf-8"), "Content-Type: text/plain; charset=inconnu", False),
        (TEXT.encode("utf-8"), "Content-Type: text/plain", False),
        (TEXT.encode("cp1252"), "X-Nothing: 1", False),
        (TEXT.encode("utf-8").decode("cp1252").encode("utf-8"), "Content-Type: text/plain; charset=utf-8", True),
        (TEXT.encode("utf-8").decode("cp1252").encode("utf-8").decode("latin-1").encode("utf-8"), "Content-Type: text/plain; charset=utf-8", True),
        (quopri.encodestring(TEXT.encode()), "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable", False),
        (quopri.encodestring(TEXT.encode()), "Content-Type: text/plain; charset=utf-8", True),
        (base64.encodebytes(TEXT.encode()), "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64", False),
        (base64.encodebytes(TEXT.encode()).strip().rstrip(b"="), "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64", False),
        (base64.encodebytes(TEXT.encode() + b"\n" * 60), "Content-Type: text/plain; charset=utf-8", False),
        (TEXT.encode(), "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64", False),
        (TEXT.encode("utf-16"), "Content-Type: text/plain; charset=utf-16\nContent-Transfer-Encoding: 8bit", False),
    ],
)  # fmt: skip
def test_a_body_is_decoded_whatever_it_declares(body: bytes, headers: str, is_told: bool) -> None:
    if "utf-16" in headers:
        body, headers = base64.encodebytes(body), headers.replace("8bit", "base64")
    message = read_message(eml(body, headers))
    assert message.text == TEXT
    assert bool(message.notices) is is_told


def test_what_is_damaged_beyond_repair_is_left_as_it_is() -> None:
    assert read_message(eml(b"Total = 3D, A=B et =E9")).text == "Total = 3D, A=B et =E9"


@pytest.mark.parametrize(
    "plain",
    ["", " \n", "Votre messagerie ne lit pas le HTML.", "This message requires an HTML viewer.", "Bonjour,"],
)
def test_a_plain_part_that_says_nothing_loses(plain: str) -> None:
    page = "<p>Bonjour,</p><p>Le SAAD de l’association est-il éligible à la campagne ?</p>"
    assert (
        alternative(plain, page).text
        == "Bonjour,\n\nLe SAAD de l’association est-il éligible à la campagne ?"
    )


def test_a_plain_part_as_complete_as_the_page_wins() -> None:
    assert alternative("Ligne 1\nLigne 2 ?", "<p>Ligne 1 Ligne 2 ?</p>").text == "Ligne 1\nLigne 2 ?"


def test_a_text_cut_by_flowing_is_put_back() -> None:
    body = b"Quelle est la \ndate limite ?\n\n> une phrase \n> citee\n\n-- \nX"
    message = read_message(eml(body, "Content-Type: text/plain; format=flowed"))
    assert message.text.split("\n")[0] == "Quelle est la date limite ?"
    assert "> une phrase citee" in message.text
    assert separate(message).signature == "--\nX"


def test_attachments_are_read_noted_or_explained() -> None:
    message = made()
    message.add_attachment(
        "Liste d’été".encode("cp1252"), maintype="text", subtype="plain", filename="liste.txt"
    )
    message.add_attachment(
        b"<p>Combien de places ?</p><p>Nous en avons douze.</p>",
        maintype="text",
        subtype="html",
        filename="page.html",
    )
    message.add_attachment(PNG + b"x" * 50, maintype="image", subtype="png", filename="capture.png")
    message.add_attachment(
        b"PK\x03\x04 tableau", maintype="application", subtype="octet-stream", filename="liste.xlsx"
    )
    message.add_attachment(b"", maintype="application", subtype="pdf", filename="vide.pdf")
    message.add_attachment(b"%PDF-1.7 rien", maintype="application", subtype="pdf", filename="faux.pdf")
    read = read_message(message.as_bytes())
    assert read.text == TEXT
    text, page, image, sheet, empty, broken = read.attachments
    assert (text.name, text.text, text.problem) == ("liste.txt", "Liste d’été", "")
    assert "Nous en avons douze." in page.text
    for attachment in (image, sheet, empty, broken):
        assert attachment.text == ""
        assert attachment.problem.endswith(".")
    assert "faux.pdf" in broken.problem
    assert "/tmp" not in broken.problem


def test_only_so_many_attachments_are_read_and_listed() -> None:
    message = made()
    for rank in range(MAXIMUM_ATTACHMENTS + 5):
        message.add_attachment(b"texte", maintype="text", subtype="plain", filename=f"{rank}.txt")
    read = read_message(message.as_bytes())
    assert len(read.attachments) == MAXIMUM_ATTACHMENTS
    assert sum(bool(attachment.text) for attachment in read.attachments) == MAXIMUM_READ
    assert any("5 pièces jointes de plus" in notice for notice in read.notices)


@pytest.mark.parametrize(("size", "listed"), [(SMALLEST_IMAGE - 100, 0), (SMALLEST_IMAGE + 100, 1)])
def test_a_logo_of_the_body_is_no_attachment(size: int, listed: int) -> None:
    message = made("")
    message.set_content("<p>Quel est le seuil ?</p><img src='cid:x'>", subtype="html")
    message.add_related(PNG + b"x" * size, "image", "png", cid="<x>")
    assert len(read_message(message.as_bytes()).attachments) == listed


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "C:\\temp\\a.txt", "a\x00b.txt", "x" * 500 + ".txt", "\u202ecod.exe", ""]
)
def test_the_name_of_an_attachment_leads_nowhere(name: str) -> None:
    message = made()
    message.add_attachment(b"texte", maintype="application", subtype="octet-stream", filename="NOM")
    raw = message.as_bytes().replace(b'"NOM"', f'"{name}"'.encode())
    (attachment,) = read_message(raw).attachments
    assert attachment.name
    assert len(attachment.name) <= 120
    assert not set(attachment.name) & set("/\\\x00\u202e\n")


def test_a_message_forwarded_as_an_attachment_is_the_question() -> None:
    inner = made("Quelle est la date limite ?", Date="Mon, 2 Jun 2025 10:12:00 +0200")
    inner.add_attachment(b"annexe", maintype="text", subtype="plain", filename="annexe.txt")
    outer = made("Pour suite à donner", Subject="TR: Question")
    outer.add_attachment(inner)
    read = read_message(outer.as_bytes())
    assert [attachment.name for attachment in read.attachments] == ["annexe.txt"]
    parted = separate(read)
    assert (parted.written, parted.forwarded) == ("Pour suite à donner", True)
    (quoted,) = parted.history
    assert (quoted.text, quoted.sender, quoted.subject) == (
        "Quelle est la date limite ?", Address("", "d@example.org"), "Question",
    )  # fmt: skip


def test_an_eml_file_attached_is_read_as_a_forward_too() -> None:
    outer = made("Pour suite à donner")
    outer.add_attachment(
        made("Quel est le seuil ?").as_bytes(),
        maintype="application",
        subtype="octet-stream",
        filename="message.eml",
    )
    assert separate(read_message(outer.as_bytes())).history[0].text == "Quel est le seuil ?"


def test_a_signed_message_is_read() -> None:
    raw = eml(
        b"--b\nContent-Type: text/plain; charset=utf-8\n\n" + TEXT.encode() + b"\n--b\nContent-Type: application/pkcs7-signature; name=smime.p7s\nContent-Transfer-Encoding: base64\n\nAAAA\n--b--\n",
        'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; boundary=b',
    )  # fmt: skip
    read = read_message(raw)
    assert (read.text, read.attachments) == (TEXT, ())
    assert any("signé" in notice for notice in read.notices)


def _element(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 0x80 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + content


@pytest.mark.parametrize("is_indefinite", [False, True])
def test_a_message_inside_an_opaque_signature_is_read(is_indefinite: bool) -> None:
    content = b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + TEXT.encode()
    octets = _element(0x24, _element(0x04, content[:30]) + _element(0x04, content[30:]))
    if is_indefinite:
        octets = b"\x24\x80" + _element(0x04, content) + b"\0\0"
    data = _element(0x30, _element(0x06, bytes.fromhex("2a864886f70d010701")) + _element(0xA0, octets))
    signed = _element(0x30, _element(0x02, b"\1") + _element(0x31, b"") + data)
    whole = _element(0x30, _element(0x06, bytes.fromhex("2a864886f70d010702")) + _element(0xA0, signed))
    headers = "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\nContent-Transfer-Encoding: base64"
    assert read_message(eml(base64.encodebytes(whole), headers)).text == TEXT


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ('Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b', b"--b\n\nVersion: 1\n--b--\n"),
        ("Content-Type: application/pkcs7-mime; smime-type=enveloped-data\nContent-Transfer-Encoding: base64", base64.b64encode(b"0" * 50)),
        ("Content-Type: application/x-pkcs7-mime; name=smime.p7m\nContent-Transfer-Encoding: base64", base64.b64encode(b"\x30\x80\x06\x09" * 99)),
        ("Content-Type: text/plain", b"-----BEGIN PGP MESSAGE-----\n\nabcd\n-----END PGP MESSAGE-----"),
    ],
)  # fmt: skip
def test_an_encrypted_message_is_said_to_be(headers: str, body: bytes) -> None:
    with pytest.raises(InputError, match="chiffré"):
        read_message(eml(body, headers))


def test_a_text_signed_by_pgp_is_read_without_its_armour() -> None:
    body = (
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n"
        + TEXT
        + "\n-----BEGIN PGP SIGNATURE-----\nabc\n-----END PGP SIGNATURE-----\n"
    )
    assert read_message(eml(body.encode())).text == TEXT


@pytest.mark.parametrize(
    ("headers", "notice"),
    [
        ("Subject: Réponse automatique : Question", ABSENCE),
        ("Subject: Absence\nAuto-Submitted: auto-replied", ABSENCE),
        ("Subject: Out of Office: x", ABSENCE),
        ("Subject: Undeliverable: Question", BOUNCE),
        ("From: Mail Delivery <MAILER-DAEMON@example.org>\nSubject: x", BOUNCE),
        ("Subject: Lu : Question", RECEIPT),
        ("Subject: Lettre\nList-Unsubscribe: <mailto:x@example.org>", MASS),
        ("Subject: Alerte\nAuto-Submitted: auto-generated", MASS),
    ],
)
def test_what_a_machine_sent_is_told(headers: str, notice: str) -> None:
    raw = f"{headers}\nMessage-ID: <1@example.org>\nX-Other: y\n\nJe suis absent.".encode()
    assert notice in read_message(raw).notices


def test_a_person_who_speaks_of_an_absence_is_no_machine() -> None:
    assert read_message(made(Subject="Question sur l’absence de réponse").as_bytes()).notices == ()


def test_a_report_of_failure_is_told_and_what_it_returns_is_not_taken_for_a_question() -> None:
    body = (
        b"--b\nContent-Type: text/plain\n\nVotre message n'a pas ete remis.\n--b\nContent-Type: message/delivery-status\n\n"
        b"Status: 5.1.1\n--b\nContent-Type: message/rfc822\n\nSubject: Question\n\nQuel est le seuil ?\n--b--\n"
    )
    read = read_message(eml(body, "Content-Type: multipart/report; report-type=delivery-status; boundary=b"))
    assert BOUNCE in read.notices
    assert "seuil" not in read.text


def test_an_outlook_only_file_is_told() -> None:
    message = made()
    message.add_attachment(
        b"\x78\x9f\x3e\x22abc", maintype="application", subtype="ms-tnef", filename="winmail.dat"
    )
    read = read_message(message.as_bytes())
    assert "winmail.dat" in read.attachments[0].problem
    assert any("winmail.dat" in notice for notice in read.notices)


def test_a_message_without_text_says_so_and_an_empty_one_is_refused() -> None:
    assert "aucun texte" in " ".join(read_message(eml(b"")).notices)
    with pytest.raises(InputError, match="vide"):
        read_message(b"X-A: 1\nX-B: 2\nMessage-ID: <1@example.org>\nMIME-Version: 1.0\n\n")
