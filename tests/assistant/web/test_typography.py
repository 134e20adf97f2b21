"""No page nor answer lets a line break before a mark that French parts from its word, nor inside quotation marks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from lxml import html as lxml_html

from assistant.rules.facts import Count, Facts, Stated
from assistant.understanding.saying import say_facts
from assistant.web.app import create_app
from assistant.web.chat.render import render_answer
from assistant.web.templating import typeset_html
from corpus.documents import add_document
from corpus.fiches import load_statements
from corpus.sources import load_sources

DAY = date(2026, 11, 26)
LOOSE = re.compile(r"(?<=\S) [:;?!»]|« ")
PROJECT = "/projet?nombre_essms=60&territoires=bretagne&territoires=normandie&categories=ehpad&categories=usld&jour=2025-06-02"
PAGES = (
    "/",
    "/?embed=1",
    "/projet",
    PROJECT,
    "/projet?nombre_essms=aucun&jour=2026-13-45&inventé=1",
    "/calendrier",
    "/calendrier?annee=2025",
    "/calendrier?annee=1999",
    "/sources",
    "/sources?q=groupement",
    "/sources?q=" + quote("seuil : combien ?"),
    "/sources?annee=1999",
    "/sources/inconnue",
    "/glossaire",
    "/glossaire?q=" + quote("DUI !"),
    "/a-propos",
    "/accessibilite",
    *(f"/fiches/{fiche}" for fiche in sorted({statement.fiche for statement in load_statements()})),
    *(f"/sources/{source}" for source in sorted(load_sources())),
)
QUESTIONS = (
    "Combien d’ESSMS faut-il au minimum pour déposer un projet ?",
    "Quelles sont les dates de clôture des appels à projets en 2025 ?",
    "Notre groupement réunit 12 ESSMS en Bretagne et 3 USLD : est-il éligible ?",
    "Qu’est-ce que le DUI ?",
    "Quel montant peut-on obtenir ?",
)
WORDS = "Le projet « pilote » est déposé avant 10:30 : voir https://example.org/a?b=1;c ! Est-ce sûr ? Oui ; sans doute."


@pytest.fixture(scope="module")
def client() -> TestClient:
    assistant = SimpleNamespace(ask=None, search=lambda query, k: [])
    return TestClient(create_app(assistant, clock=lambda: DAY))


@pytest.fixture
def document(tmp_path, monkeypatch):
    """A document added with loose spaces in its words."""
    monkeypatch.setenv("ASSISTANT_VAR", str(tmp_path / "var"))
    path = tmp_path / "note.md"
    path.write_text(
        f"# Note : cadre du projet\n\nUn premier paragraphe, sans rapport.\n\n{WORDS}\n", encoding="utf-8"
    )
    return add_document(
        path, title="Note d’exemple : cadre", publisher="Organisme", issued="2026-03-02", today=DAY
    )


def visible(html: str) -> str:
    """Return the text that is read, that of neighbouring elements side by side."""
    return "".join(_texts(lxml_html.fromstring(html)))


def _texts(element) -> Iterator[str]:
    if isinstance(element.tag, str) and element.tag not in ("script", "style", "code", "pre", "textarea"):
        yield element.text or ""
        for child in element:
            yield from _texts(child)
            yield child.tail or ""


def loose(html: str) -> list[str]:
    text = visible(html)
    return [text[max(found.start() - 40, 0) : found.end() + 20] for found in LOOSE.finditer(text)]


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_a_loose_space(client, path):
    answer = client.get(path)

    assert answer.headers["content-type"].startswith("text/html"), path
    assert len(visible(answer.text)) > 200
    assert loose(answer.text) == []


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_answer_of_the_chat_has_a_loose_space(assistant, question):
    answer = assistant.ask([question], DAY)
    html = render_answer(answer, 1, DAY)

    assert answer.text
    assert loose(html) == []
    for definition in re.findall(r' title="([^"]*)"', html):
        assert not LOOSE.search(unescape(definition))
    for citation in answer.citations:  # the words of the sources, with other spaces
        assert " ".join(citation.excerpt.split()) in " ".join(visible(html).split())
        if citation.url.startswith("https://"):
            assert f'href="{citation.url}"' in unescape(html)


def test_an_excerpt_is_found_and_marked_whatever_its_spaces(client, document):
    for excerpt in (WORDS, WORDS.replace(" :", "\u00a0:").replace("« ", "«\u00a0")):
        page = client.get(f"/documents/{document.id}?extrait={quote(excerpt)}").text

        marked = "".join(re.findall(r'<mark id="extrait">(.*?)</mark>', page, re.S))
        assert " ".join(unescape(marked).split()) == WORDS.rstrip(".")
        assert "\u00a0? Oui\u00a0; sans" in unescape(marked)
        assert "https://example.org/a?b=1;c" in unescape(marked)
        assert "10:30" in marked
        assert loose(page) == []


def test_tags_code_and_what_was_typed_stay_as_they_are(client):
    kept = (
        '<a href="/a : b" title="« x » ?">', "<code>a : b</code>", "<pre>« x »\n: y</pre>", "<script>a ? b : c</script>",
        '<textarea name="q">a : b</textarea>', "<style>a { b : c }</style>",
    )  # fmt: skip
    for html in kept:
        assert typeset_html(html) == html
    assert typeset_html("<b>Clôture</b> : <i>« x »</i>") == "<b>Clôture</b>\u00a0: <i>«\u00a0x\u00a0»</i>"
    page = client.get("/sources?q=" + quote("seuil : combien ?")).text
    assert 'value="seuil : combien ?"' in page


def test_the_question_that_a_project_leads_to_is_sent_as_it_is_read_back(client):
    said = say_facts(Facts(nombre_essms=Stated(Count.exactly(60), "")))
    page = client.get("/projet?nombre_essms=60&jour=2025-06-02").text

    assert quote(said) in page
