"""Any content is told by itself first; what is no message is refused in words that say what to do."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from outlook_file import BODY, CLASS, HEADERS, HTML, SENDER, SENDER_ADDRESS, SUBJECT, Joined, as_bytes, saved

from assistant.drafting.formats import read_file, read_message
from assistant.drafting.message import Address, Message
from assistant.drafting.separating import separate
from assistant.errors import InputError

QUESTION = "Quel est le seuil d’établissements ?"


def word(*paragraphs: str) -> bytes:
    from docx import Document

    document = Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def open_document(*paragraphs: str) -> bytes:
    from odf.opendocument import OpenDocumentText
    from odf.text import P

    document = OpenDocumentText()
    for paragraph in paragraphs:
        document.text.addElement(P(text=paragraph))
    stream = io.BytesIO()
    document.write(stream)
    return stream.getvalue()


def printed(*paragraphs: str) -> bytes:
    from fpdf import FPDF

    document = FPDF()
    document.add_page()
    document.set_font("helvetica", size=12)
    for paragraph in paragraphs:
        document.cell(text=paragraph, new_x="LMARGIN", new_y="NEXT")
    return bytes(document.output())


@pytest.mark.parametrize("name", ["", "message.txt", "message.eml", "message.docx", "message.pdf"])
@pytest.mark.parametrize("make", [word, open_document, printed])
def test_a_document_is_read_whatever_its_name(make, name: str) -> None:  # type: ignore[no-untyped-def]
    read = read_message(make("Bonjour,", "Quel est le seuil ?"), name)
    assert read.text.split() == ["Bonjour,", "Quel", "est", "le", "seuil", "?"]


def test_a_page_saved_or_pasted_is_read() -> None:
    assert (
        read_message(b"<html><body><p>Bonjour,</p><p>Quel est le seuil ?</p>").text
        == "Bonjour,\n\nQuel est le seuil ?"
    )


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_text_is_read_in_each_encoding(codec: str) -> None:
    assert read_message(QUESTION.encode(codec), "question.txt").text == QUESTION


HEADER = "De : Direction <direction@example.org>\nEnvoyé : lundi 2 juin 2025 10:12\nÀ : a@example.net; b@example.net\nCc : c@example.net\nObjet : Seuil\n"


@pytest.mark.parametrize(
    "header",
    [
        HEADER,
        HEADER.replace(" :", "\u00a0:"),
        HEADER.replace("De :", "*De :*").replace("Objet :", "*Objet :*"),
        f"\n\n{HEADER}",
        "From: Direction <direction@example.org>\nSent: Monday, June 2, 2025 10:12 AM\nTo: a@example.net; b@example.net\nCc: c@example.net\nSubject: Seuil\n",
        "From: Direction <direction@example.org>\nDate: 2 June 2025 10:12\nTo: a@example.net, b@example.net\nCc: c@example.net\nSubject: Seuil\n",
        "Objet : Seuil\nDate : 02/06/2025 10:12\nDe : Direction <direction@example.org>\nPour : a@example.net; b@example.net\nCopie à : c@example.net\n",
    ],
)
def test_the_header_of_a_pasted_message_is_read(header: str) -> None:
    read = read_message(f"{header}\nBonjour,\n\n{QUESTION}".encode())
    assert read == Message(
        text=f"Bonjour,\n\n{QUESTION}",
        subject="Seuil",
        sender=Address("Direction", "direction@example.org"),
        to=(Address("", "a@example.net"), Address("", "b@example.net")),
        cc=(Address("", "c@example.net"),),
        sent=datetime(2025, 6, 2, 10, 12),  # noqa: DTZ001 - the header tells no time zone
    )


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        (f"Objet : Seuil\n\n{QUESTION}", "Seuil"),
        (f"Bonjour,\nObjet : Seuil\n\n{QUESTION}", ""),
        ("Objet : Quel est le seuil ?", ""),
        (f"> De : x@example.org\n> Objet : y\n\n{QUESTION}", ""),
        (f"De : 10 places\nÀ : 20 places\n{QUESTION}", ""),
    ],
)
def test_a_subject_is_taken_only_from_a_header(text: str, subject: str) -> None:
    read = read_message(text.encode())
    assert read.subject == subject
    assert read.sender is None
    assert read.text.endswith(text[-20:])


def outlook(**properties: object) -> bytes:
    return as_bytes(
        saved(
            {CLASS: "IPM.Note", SUBJECT: "Seuil", SENDER: "Direction", SENDER_ADDRESS: "d@example.org"}
            | properties.pop("fields"),
            **properties,
        )  # type: ignore[arg-type, operator]
    )


def test_a_message_saved_by_outlook_is_read() -> None:
    raw = outlook(
        fields={BODY: f"Bonjour,\r\n\r\n{QUESTION}\r\n"},
        sent=datetime(2025, 6, 2, 8, 12, tzinfo=UTC),
        joined=[Joined("liste.txt", "été".encode("cp1252")), Joined("capture.png", b"\x89PNG....")],
    )
    read = read_message(raw, "message.msg")
    assert (read.text, read.subject) == (f"Bonjour,\n\n{QUESTION}", "Seuil")
    assert read.sender == Address("Direction", "d@example.org")
    assert read.sent == datetime(2025, 6, 2, 8, 12, tzinfo=UTC)
    assert [attachment.text for attachment in read.attachments] == ["été", ""]


def test_the_headers_that_outlook_kept_prevail() -> None:
    kept = "From: Siege <s@example.org>\r\nTo: a@example.net\r\nMessage-ID: <1@example.org>\r\nReferences: <0@example.org>\r\n\r\n"
    read = read_message(outlook(fields={BODY: QUESTION, HEADERS: kept}))
    assert read.sender == Address("Siege", "s@example.org")
    assert read.to == (Address("", "a@example.net"),)
    assert (read.message_id, read.references) == ("<1@example.org>", ("<0@example.org>",))


def test_a_page_saved_by_outlook_is_read() -> None:
    assert (
        read_message(outlook(fields={HTML: "<p>Bonjour,</p><p>Délai ?</p>".encode()})).text
        == "Bonjour,\n\nDélai ?"
    )


def test_a_message_attached_in_outlook_is_the_question() -> None:
    inner = saved(
        {
            CLASS: "IPM.Note",
            SUBJECT: "Seuil",
            BODY: QUESTION,
            SENDER: "Direction",
            SENDER_ADDRESS: "d@example.org",
        },
        is_inside=True,
    )
    read = read_message(outlook(fields={BODY: "Pour suite à donner"}, joined=[Joined("Seuil", inner)]))
    parted = separate(read)
    assert (parted.written, parted.forwarded) == ("Pour suite à donner", True)
    assert (parted.history[0].text, parted.history[0].sender) == (
        QUESTION,
        Address("Direction", "d@example.org"),
    )


@pytest.mark.parametrize("kept", [600, 1536, 3000])
def test_a_damaged_outlook_file_is_refused(kept: int) -> None:
    raw = outlook(fields={BODY: QUESTION * 500})
    with pytest.raises(InputError, match="Outlook"):
        read_message(raw[:kept], "message.msg")


def archive(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("raw", "name", "told"),
    [
        (b"", "", "vide"),
        (b" \r\n\x00", "a.txt", "vide"),
        (b"\xef\xbb\xbf", "a.eml", "vide"),
        (b"{\\rtf1 texte}", "a.rtf", "docx"),
        (b"\x78\x9f\x3e\x22" * 9, "winmail.dat", "winmail"),
        (b"\x89PNG\r\n", "a.png", "image"),
        (b"\xff\xd8\xff\xe0", "message.eml", "image"),
        (archive(a=b"x"), "a.zip", "archive"),
        (b"\x1f\x8b\x08", "a.eml.gz", "archive"),
        (b"\x00\x01\x02\x03" * 900, "a.eml", "Formats acceptés"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.doc", "Formats acceptés"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.msg", "Outlook"),
        (b"%PDF-1.7\nrien", "a.pdf", "a.pdf"),
        (b"From x Mon Jun  2 10:12:00 2025\nSubject: a\n\nx\n\nFrom x Mon Jun  2 10:12:00 2025\nSubject: b\n\ny\n", "", "plusieurs"),
        (b"x" * (51 * 1024 * 1024), "a.txt", "50 Mo"),
    ],
)  # fmt: skip
def test_what_is_no_message_is_refused(raw: bytes, name: str, told: str) -> None:
    with pytest.raises(InputError) as refused:
        read_message(raw, name)
    assert told in str(refused.value)
    assert "/tmp" not in str(refused.value)


def test_a_bomb_is_refused() -> None:
    bomb = archive(**{"[Content_Types].xml": b"<x/>", "word/document.xml": b"<" + b" " * 70_000_000 + b"/>"})
    assert len(bomb) < 200_000
    with pytest.raises(InputError, match="se déploierait"):
        read_message(bomb, "bombe.docx")


def test_the_file_of_a_document_left_behind_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    read_message(word("Bonjour"), "a.docx")
    assert list(tmp_path.glob("message-*")) == []


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.eml", tmp_path):
        with pytest.raises(InputError, match="introuvable"):
            read_file(path)
    (tmp_path / "a.txt").write_text(QUESTION, encoding="utf-8")
    assert read_file(tmp_path / "a.txt").text == QUESTION
