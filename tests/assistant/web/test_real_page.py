"""The whole product in a real browser: real questions, the real corpus, the real index."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture
def server(real_server):
    """Put the page fixture on the real assistant."""
    return real_server


def ask(page, question: str):
    page.get_by_label("Votre question").fill(question)
    page.get_by_label("Votre question").press("Enter")
    return page.locator(".answer:not(.pending)")


def test_a_director_asks_reads_the_verdict_and_opens_a_source(page):
    answers = ask(page, "Nous gérons 14 ESSMS en Normandie, pouvons-nous candidater ?")
    expect(answers).to_have_count(1)
    answer = answers.last

    expect(answer.locator(".text")).to_contain_text("Non, pas seul")
    expect(answer.locator(".text")).to_contain_text("15 ESSMS")
    expect(answer.locator(".text")).to_contain_text("22 novembre 2026")
    answer.locator("a.marker", has_text="[1]").first.click()
    panel = page.locator("#panel")
    expect(panel.locator("blockquote mark").first).to_have_text("15")
    expect(panel).to_contain_text("CNSA")
    link = panel.get_by_role("link", name="Ouvrir la source d’origine")
    assert link.get_attribute("href").startswith("https://www.cnsa.fr/")


def test_a_follow_up_keeps_the_facts_of_the_conversation(page):
    answers = ask(page, "Nous sommes 8 ESSMS, est-ce suffisant ?")
    expect(answers).to_have_count(1)
    expect(answers.last.locator(".text")).to_contain_text("Dans quelle région")

    answers = ask(page, "À La Réunion")
    expect(answers).to_have_count(2)
    expect(answers.last.locator(".text")).to_contain_text("Oui")


def test_every_example_and_suggestion_is_answered_with_sources(page):
    examples = page.locator("#examples button").all_inner_texts()
    assert len(examples) == 5
    for count, question in enumerate(examples, 1):
        answers = ask(page, question)
        expect(answers).to_have_count(count)
        expect(answers.last.locator(".kind")).not_to_contain_text("Hors périmètre")
        expect(answers.last.locator("details.source").first).to_be_attached()


@pytest.mark.parametrize(
    "path",
    [
        "projet",
        "projet?nombre_essms=20&territoires=bretagne&categories=ehpad&categories=saad",
        "projet?nombre_essms=8&territoires=corse&finess_geo=oui&l312_1=oui",
        "calendrier",
        "calendrier.ics",
        "sources",
        "sources?q=seuil de groupement en Corse",
        "sources/ars-mayotte-2025?extrait=15 juillet 2025",
        "fiches/calendrier",
        "glossaire",
        "a-propos",
        "accessibilite",
        "conversation/faits.json",
        "conversation/serveur.json",
        "embed.js",
        "health",
    ],
)
def test_every_page_is_served_over_the_real_assistant(real_server, path):
    reply = httpx.get(real_server.url + path, timeout=30)

    assert reply.status_code == 200
    assert len(reply.content) > 10


def test_a_search_finds_the_statement_and_where_it_stands(page, server):
    page.goto(f"{server.url}sources")
    page.get_by_label("Mots ou question").fill("montée de version payée par le SONS")
    page.keyboard.press("Enter")
    page.locator("main mark").first.wait_for()

    expect(page.get_by_role("main")).to_contain_text("SONS")
    page.get_by_role("main").get_by_role("link").filter(has_text="SONS").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
