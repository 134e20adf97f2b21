"""The .docx and .odt open again with everything in them: text, styles, numbers, links, language, and nobody's name."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser
from io import BytesIO
from xml.etree import ElementTree

import docx
import pytest
from docx.shared import Cm
from hypothesis import given, settings
from hypothesis import strategies as st
from odfdo import Document as Odf

from assistant.drafting.exporting import Outgoing, as_docx, as_eml, as_html, as_odt, as_plain
from assistant.drafting.message import Address
from corpus.loaders.docx import load as load_docx
from corpus.loaders.odt import load as load_odt

NOW = datetime(2025, 6, 3, 9, 0, tzinfo=timezone(timedelta(hours=2)))
TEXT = """Madame la Directrice,

**1. « Une question ? »**

Réponse\u00a0: oui [1]. *Nuance*, voir [la page](https://example.org/a?b=1&c=2) :

- premier ;
- second ;
  - dessous ;

3. trois ;
4. quatre.

Puis :

1. un.

Service
Agence

Sources citées :

- [1] Éditeur, « Titre » — <https://example.org/source>"""
LETTER = Outgoing(
    "RE: Seuil <&> « x »",
    TEXT,
    NOW,
    to=(Address("Direction d’exemple", "direction@example.net"),),
    cc=(Address("", "copie@example.net"),),
    sender=Address("Prénom NOM", "prenom.nom@example.org"),
)  # fmt: skip
HEAD = [
    "Le 3 juin 2025",
    "À\u00a0: Direction d’exemple <direction@example.net>",
    "Copie\u00a0: copie@example.net",
    "Objet\u00a0: Seuil <&> « x »",
]


def word(outgoing: Outgoing):
    return docx.Document(BytesIO(as_docx(outgoing)))


def test_word_opens_with_real_styles_and_lists():
    document = word(LETTER)
    written = [(paragraph.style.name, paragraph.text) for paragraph in document.paragraphs]
    assert [text for _, text in written[:4]] == HEAD
    assert written[3][0] == "Heading 1"
    assert ("List Bullet", "premier ;") in written
    assert ("List Bullet 2", "dessous ;") in written
    assert ("List Number", "trois ;") in written
    assert ("Normal", "Service\nAgence") in written
    assert written[-1] == ("Références", "[1] Éditeur, « Titre » — https://example.org/source")


def test_word_numbers_each_list_from_its_own_start():
    numbered = [paragraph for paragraph in word(LETTER).paragraphs if paragraph.style.name == "List Number"]
    numbering = word(LETTER).part.numbering_part.element
    ids = [paragraph._p.pPr.numPr.numId.val for paragraph in numbered]
    assert ids[0] == ids[1] != ids[2]
    starts = [
        numbering.num_having_numId(number).lvlOverride_lst[0].startOverride.val for number in (ids[0], ids[2])
    ]
    assert starts == [3, 1]


def test_word_raises_markers_and_keeps_links_and_no_break_spaces():
    answer = next(paragraph for paragraph in word(LETTER).paragraphs if "Réponse" in paragraph.text)
    assert [run.text for run in answer.runs if run.font.superscript] == ["[1]"]
    assert [run.text for run in answer.runs if run.italic] == ["Nuance"]
    assert answer.hyperlinks[0].address == "https://example.org/a?b=1&c=2"
    assert answer.text.startswith("Réponse\u00a0: oui\u00a0[1]")
    question = next(paragraph for paragraph in word(LETTER).paragraphs if "question" in paragraph.text)
    assert question.runs[0].bold
    assert question.paragraph_format.keep_with_next


def test_word_is_in_french_on_a4_and_names_nobody():
    document = word(LETTER)
    page = document.sections[0]
    assert abs(page.page_width - Cm(21)) < Cm(0.01) > abs(page.page_height - Cm(29.7))
    properties = document.core_properties
    assert properties.title == "Re: Seuil <&> « x »"
    assert properties.language == "fr-FR"
    assert properties.created == datetime(2025, 6, 3, 7, 0, tzinfo=UTC)
    assert (properties.author, properties.last_modified_by, properties.comments) == ("", "", "")
    with zipfile.ZipFile(BytesIO(as_docx(LETTER))) as archive:
        assert b'<w:lang w:val="fr-FR"' in archive.read("word/styles.xml")
        parts = b"".join(archive.read(name) for name in archive.namelist())
    assert b"python-docx" not in parts
    assert "Prénom NOM".encode() not in parts


def test_the_readers_of_documents_read_both(tmp_path):
    for name, content, load in (("l.docx", as_docx(LETTER), load_docx), ("l.odt", as_odt(LETTER), load_odt)):
        path = tmp_path / name
        path.write_bytes(content)
        document = load(path)
        read = " ".join(" ".join(block.text for block in document.blocks).split())
        for words in ("Madame la Directrice,", "premier ;", "dessous ;", "quatre.", "« Titre »", "Objet"):
            assert words in read, (name, words)


def test_odt_is_packed_as_office_programs_expect():
    with zipfile.ZipFile(BytesIO(as_odt(LETTER))) as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert archive.read("mimetype") == b"application/vnd.oasis.opendocument.text"
        assert not first.extra
        namespace = "{urn:oasis:names:tc:opendocument:xmlns:manifest:1.0}"
        entries = {
            entry.get(f"{namespace}full-path"): entry.get(f"{namespace}media-type")
            for entry in ElementTree.fromstring(archive.read("META-INF/manifest.xml"))
        }
        assert entries.pop("/") == "application/vnd.oasis.opendocument.text"
        assert set(entries) == set(archive.namelist()) - {"mimetype", "META-INF/manifest.xml"}
        assert len(archive.namelist()) == len(set(archive.namelist()))
        for name in archive.namelist():
            if name.endswith((".xml", ".rdf")):
                ElementTree.fromstring(archive.read(name))


def test_odt_styles_exist_and_say_french():
    document = Odf(BytesIO(as_odt(LETTER)))
    assert document.get_language() == "fr-FR"
    assert document.meta.title == "Re: Seuil <&> « x »"
    assert document.meta.language == "fr-FR"
    assert document.meta.creator is None
    assert document.meta.initial_creator is None
    with zipfile.ZipFile(BytesIO(as_odt(LETTER))) as archive:
        content, styles = archive.read("content.xml").decode(), archive.read("styles.xml").decode()
        assert "Prénom NOM" not in content + styles + archive.read("meta.xml").decode()
    for used in set(re.findall(r'text:style-name="([^"]+)"', content)):
        assert f'style:name="{used}"' in styles, used
    assert 'text:start-value="3"' in content
    assert 'xlink:href="https://example.org/a?b=1&amp;c=2"' in content
    assert 'fo:page-width="21cm"' in styles
    assert 'fo:page-height="29.7cm"' in styles
    assert ">[1]</text:span>" in content


def test_a_letter_without_recipient_or_subject_has_only_its_date_and_a_heading():
    bare = replace(LETTER, to=(), cc=(), subject="", text="x")
    assert [paragraph.text for paragraph in word(bare).paragraphs] == [
        "Le 3 juin 2025", "Objet\u00a0: votre message", "x",
    ]  # fmt: skip


@pytest.mark.parametrize("write", [as_docx, as_odt])
def test_hostile_headers_break_no_document(write):
    hostile = Address("<w:p/>\x00\ud800]]>", "a@b.c")
    content = write(
        replace(LETTER, subject="</w:t>\x00\x0b\ud800&<" * 99, to=(hostile,), text="]]>\x00<text:p/>" * 9)
    )
    with zipfile.ZipFile(BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.endswith(".xml"):
                ElementTree.fromstring(archive.read(name))


class _Words(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.feed(html)
        self.close()

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "p":
            self.parts.append(" ")


def _normal(text: str) -> list[str]:
    return text.split()


_LETTERS = st.characters(blacklist_categories=("Cc", "Cs"), blacklist_characters="*_[]<>\\\ufffe\uffff")
_PARAGRAPHS = st.lists(st.text(_LETTERS, max_size=60).map(lambda text: f"É{text}"), min_size=1, max_size=5)


@settings(max_examples=40, deadline=None)
@given(_PARAGRAPHS)
def test_any_text_survives_in_every_format(paragraphs):
    text = "\n\n".join(paragraphs)
    wanted = _normal(text)
    outgoing = replace(LETTER, text=text)
    assert _normal(as_plain(text)) == wanted
    assert _normal("".join(_Words(as_html(text)).parts)) == wanted
    written = [paragraph.text for paragraph in word(outgoing).paragraphs][len(HEAD) :]
    assert _normal("\n".join(written)) == wanted
    body = Odf(BytesIO(as_odt(outgoing))).body
    odt = [str(paragraph) for paragraph in body.paragraphs][len(HEAD) - 1 :]
    assert _normal("\n".join(odt)) == wanted
    message = message_from_bytes(as_eml(outgoing), policy=default)
    assert _normal(message.get_body(("plain",)).get_content()) == wanted
    html = message.get_body(("html",)).get_content()
    assert _normal("".join(_Words(html.partition("<body>")[2]).parts)) == wanted
