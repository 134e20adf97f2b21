"""The chat page in a real browser, over the real server."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from chat_page import ask, last_answer
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
EXAMPLE = "Qu’est-ce que le DUI ?"


def test_the_page_is_french_and_says_what_it_is(page):
    assert page.locator("html").get_attribute("lang") == "fr"
    assert page.title() == "Assistant ESMS numérique"
    expect(page.get_by_role("heading", level=1)).to_have_text("Posez votre question")
    expect(page.get_by_text("ne rend pas de décision")).to_be_visible()
    expect(page.get_by_label("Où en est le programme")).to_contain_text("Au 2 juin 2025")
    expect(page.get_by_text("Built with Gradio")).to_be_hidden()
    expect(page.get_by_role("navigation").get_by_role("link", name="Converser")).to_have_attribute(
        "aria-current", "page"
    )


def test_a_question_typed_then_enter_is_answered(page):
    ask(page, "Nous sommes 12 ESSMS")

    expect(page.locator(".question")).to_have_text("Nous sommes 12 ESSMS")
    expect(last_answer(page)).to_contain_text("Avec 12 ESSMS, le groupement est sous le seuil [1].")
    expect(last_answer(page).locator(".kind")).to_contain_text("Réponse")
    expect(last_answer(page).locator(".text strong")).to_have_text("Non.")
    expect(page.get_by_label("Votre question")).to_have_value("")
    expect(page.locator("#examples")).to_be_hidden()


def test_the_send_button_sends(page):
    page.get_by_label("Votre question").fill("Bonjour")
    page.get_by_role("button", name="Envoyer").click()

    expect(last_answer(page)).to_contain_text("Tour 1 : Bonjour")
    expect(last_answer(page).locator(".kind")).to_contain_text("Non documenté")


def test_a_marker_opens_the_panel_of_its_source_and_escape_gives_the_focus_back(page):
    ask(page, "12 ESSMS")
    panel = page.get_by_role("complementary", name="Source [1]")
    expect(panel).to_be_hidden()

    marker = last_answer(page).get_by_role("link", name="Source 1\u00a0: Appel à projets d’exemple 2025").first
    marker.click()

    expect(panel.get_by_role("heading", name="Source [1]")).to_be_focused()
    expect(panel.locator("blockquote")).to_contain_text("Le projet regroupe au moins 15 ESSMS.")
    expect(panel).to_contain_text("Appel à projets d’exemple 2025")
    expect(panel).to_contain_text("1er mars 2025")
    expect(panel).to_contain_text("page d’une agence ou institution publique")
    link = panel.get_by_role("link", name="Ouvrir la source d’origine (nouvel onglet)")
    assert link.get_attribute("href") == "https://exemple.fr/appel?annee=2025&voie=regionale"
    assert link.get_attribute("target") == "_blank"
    assert "noopener" in link.get_attribute("rel")
    reading = panel.get_by_role("link", name="Lire l’extrait dans son contexte")
    assert reading.get_attribute("target") is None
    assert reading.get_attribute("href").startswith("sources/exemple-appel-2025?extrait=Le+projet+regroupe")

    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(marker).to_be_focused()


def test_the_panel_goes_from_one_source_to_the_next_and_back_closes_it(page):
    ask(page, "12 ESSMS")
    last_answer(page).locator("a.marker", has_text="[1]").first.click()
    panel = page.locator("#panel")
    expect(panel.get_by_role("button", name="Source précédente")).to_be_disabled()
    panel.get_by_role("button", name="Source suivante").click()

    expect(panel.get_by_role("heading", name="Source [2]")).to_be_focused()
    expect(panel).to_contain_text("Ministère d’exemple")
    expect(panel.get_by_role("link", name="Ouvrir la source")).to_have_count(0)
    expect(panel.get_by_role("button", name="Source suivante")).to_be_disabled()
    page.go_back()
    expect(panel).to_be_hidden()
    expect(page.locator(".question")).to_have_count(1)


def test_a_marker_works_with_the_keyboard_in_the_second_answer_too(page):
    ask(page, "12 ESSMS")
    expect(page.locator(".answer:not(.pending)")).to_have_count(1)
    ask(page, "Toujours 12 ESSMS")
    expect(page.locator(".answer:not(.pending) details.source")).to_have_count(4)

    last_answer(page).locator("a.marker", has_text="[2]").first.press("Enter")

    expect(page.locator("#panel")).to_contain_text("Instruction d’exemple")
    page.locator("#panel").get_by_role("button", name="Fermer").press("Enter")
    expect(page.locator("#panel")).to_be_hidden()
    expect(last_answer(page).locator("a.marker", has_text="[2]").first).to_be_focused()


def test_the_card_names_each_condition_and_its_status(page):
    ask(page, "12 ESSMS")
    card = last_answer(page).locator(".verdicts")

    expect(card.locator(".verdict-title")).to_have_text(re.compile("✗\\s+Non\\s+Le projet réunit-il assez d’ESSMS"))
    steps = card.locator(".step")
    expect(steps).to_have_count(3)
    expect(steps.nth(0)).to_contain_text("non remplie")
    expect(steps.nth(1)).to_contain_text(re.compile(r"✓\s*remplie"))
    expect(steps.nth(2)).to_contain_text("inconnue")
    expect(steps.nth(0).locator("a.marker", has_text="[1]")).to_be_visible()
    expect(steps.nth(2)).to_contain_text("Autre source : exemple-non-cite")


def test_an_example_is_a_question(page):
    page.get_by_role("button", name=EXAMPLE).click()

    expect(page.locator(".question")).to_have_text(EXAMPLE)
    expect(last_answer(page)).to_contain_text("Tour 1")
    expect(page.get_by_role("button", name=EXAMPLE)).to_be_hidden()


def test_a_follow_up_continues_the_conversation(page, server):
    ask(page, "12 ESSMS")
    page.get_by_role("button", name="Et outre-mer ?").click()

    expect(last_answer(page)).to_contain_text("Tour 2 : Et outre-mer ?")
    assert server.assistant.seen[-1][0] == ("12 ESSMS", "Et outre-mer ?")
    expect(page.get_by_role("button", name="Et outre-mer ?")).to_be_hidden()


def test_a_question_already_asked_is_not_proposed_again(page):
    ask(page, "et outre-mer")
    expect(last_answer(page)).to_contain_text("Tour 1")
    ask(page, "12 ESSMS")

    expect(page.get_by_role("button", name="Quelle est la date de clôture ?")).to_be_visible()
    expect(page.get_by_role("button", name="Et outre-mer ?")).to_be_hidden()


def test_reset_empties_the_conversation(page):
    ask(page, "12 ESSMS")
    expect(page.get_by_role("button", name="Et outre-mer ?")).to_be_visible()
    page.get_by_role("button", name="Recommencer").click()

    expect(page.locator(".question, .answer")).to_have_count(0)
    expect(page.get_by_role("button", name=EXAMPLE)).to_be_visible()
    expect(page.get_by_role("button", name="Et outre-mer ?")).to_be_hidden()
    ask(page, "Bonjour")
    expect(last_answer(page)).to_contain_text("Tour 1 : Bonjour")


def test_a_slow_answer_shows_a_status_and_reset_gives_it_up(page):
    ask(page, "Une question lente")
    expect(page.locator(".waiting")).to_have_text("Recherche dans les sources…")
    expect(page.get_by_role("log")).to_have_attribute("aria-busy", "true")
    page.get_by_role("button", name="Recommencer").click()

    expect(page.locator(".question, .answer")).to_have_count(0)
    page.wait_for_timeout(1500)
    expect(page.locator(".question, .answer")).to_have_count(0)
    expect(page.get_by_role("button", name=EXAMPLE)).to_be_visible()


def test_markup_is_shown_literally_and_never_runs(page):
    hostile = (
        "12 ESSMS <script>alert(1)</script> <img src=x onerror=alert(1)> **gras** [lien](javascript:alert(1))"
    )
    ask(page, hostile)
    last_answer(page).locator("a.marker").first.click()

    expect(page.locator(".question")).to_have_text(hostile)
    expect(page.locator("#panel blockquote")).to_contain_text("<script>alert(1)</script><img src=x")
    literal = "#conversation script, #conversation img, #panel script, #panel img, .question strong, .question a"
    assert page.locator(literal).count() == 0


def test_an_injected_script_is_refused_by_the_policy(browser, server):
    tab = browser.new_page()
    refused: list[str] = []
    tab.on("console", lambda line: refused.append(line.text))
    tab.on("dialog", lambda dialog: pytest.fail("a script ran"))
    tab.goto(server.url)
    tab.get_by_label("Votre question").wait_for()
    tab.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=alert(1)>')")
    tab.wait_for_timeout(300)
    tab.close()

    assert any("Content Security Policy" in line for line in refused)


def test_a_failure_is_explained_and_the_next_question_works(page):
    ask(page, "12 ESSMS")
    expect(last_answer(page)).to_contain_text("Non.")
    ask(page, "Une panne")

    expect(last_answer(page)).to_contain_text("Désolé, un incident technique")
    expect(page.get_by_label("Votre question")).to_have_value("Une panne")
    ask(page, "Encore là ?")
    expect(last_answer(page)).to_contain_text("Tour 2 : Encore là ?")
    expect(page.locator(".question")).to_have_count(3)
    expect(page.get_by_text("Désolé, un incident technique")).to_have_count(1)


def test_a_server_out_of_reach_is_said_in_french(browser, server):
    tab = browser.new_page()
    tab.goto(server.url)
    tab.get_by_label("Votre question").wait_for()
    tab.wait_for_load_state("networkidle")
    tab.route("**/gradio_api/**", lambda route: route.abort())
    ask(tab, "Bonjour")

    expect(tab.locator("#notice")).to_contain_text("Le serveur ne répond pas pour le moment.")
    expect(tab.get_by_test_id("toast-body")).to_be_hidden()
    expect(tab.get_by_label("Votre question")).to_have_value("Bonjour")
    tab.close()


def test_a_blank_question_sends_nothing(page, server):
    before = len(server.assistant.seen)
    ask(page, "   ")
    page.wait_for_timeout(500)

    assert len(server.assistant.seen) == before
    expect(page.locator(".question")).to_have_count(0)


def test_several_lines_are_kept(page):
    box = page.get_by_label("Votre question")
    box.fill("Première ligne")
    box.press("Shift+Enter")
    box.press_sequentially("Seconde ligne")
    box.press("Enter")

    expect(page.locator(".question")).to_have_count(1)
    assert page.locator(".question").inner_text() == "Première ligne\nSeconde ligne"


def test_a_question_as_long_as_may_be_is_answered(page):
    ask(page, "mot " * 1_250)

    expect(last_answer(page)).to_contain_text("Tour 1 : mot mot")


@pytest.mark.parametrize("text", ["mot " * 20_000, "ligne\n" * 1_000])
def test_a_longer_one_is_kept_and_said_to_be_too_long(page, server, text):
    before = len(server.assistant.seen)
    page.get_by_label("Votre question").fill(text)
    page.get_by_role("button", name="Envoyer").click()

    expect(page.locator("#notice")).to_contain_text("l’assistant en lit 5\u202f000 au plus")
    assert len(page.get_by_label("Votre question").input_value()) == len(text)
    assert len(server.assistant.seen) == before


def test_the_conversation_is_announced(page):
    ask(page, "12 ESSMS")
    expect(last_answer(page)).to_contain_text("Non.")

    log = page.get_by_role("log")
    expect(log).to_have_attribute("aria-live", "off")  # the status below says it once, without its buttons
    expect(page.locator("#announcement[role=status]")).to_have_text(
        re.compile(r"Réponse au 2 juin 2025\. Non\. Avec 12 ESSMS, le groupement est sous le seuil \. ?Le texte le fixe")
    )
    expect(log).to_have_attribute("aria-label", "Conversation")
    expect(log).to_have_attribute("aria-busy", "false")
    expect(log.get_by_role("group", name="Vous")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_overflows_sideways(page, width, scheme):
    page.set_viewport_size({"width": width, "height": 844})
    ask(page, "12 ESSMS " + "m" * 300)
    last_answer(page).locator("details.sources > summary").click()
    last_answer(page).locator("a.marker").first.click()

    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    dark = page.evaluate("document.body.classList.contains('dark')")
    assert dark == (scheme == "dark")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_is_legible(page, scheme):
    expect(page.get_by_role("button", name=EXAMPLE)).to_be_visible()
    assert page.evaluate(CONTRAST) == []
    ask(page, "12 ESSMS")
    last_answer(page).locator("details.sources > summary").click()
    ask(page, "Autre chose")
    expect(last_answer(page)).to_contain_text("Tour 2")

    page.mouse.move(0, 0)
    page.wait_for_timeout(300)
    assert page.evaluate(CONTRAST) == []
    expect(page.locator("#conversation [data-testid=status-tracker]")).to_be_hidden()


def test_two_tabs_do_not_mix(page, browser, server):
    ask(page, "Premier onglet")
    expect(last_answer(page)).to_contain_text("Tour 1")
    other = page.context.new_page()
    other.goto(server.url)
    ask(other, "Second onglet")

    expect(last_answer(other)).to_contain_text("Tour 1 : Second onglet")
    ask(page, "Suite")
    expect(last_answer(page)).to_contain_text("Tour 2 : Suite")
    assert server.assistant.seen[-1][0] == ("Premier onglet", "Suite")
    expect(other.locator(".question")).to_have_count(1)
