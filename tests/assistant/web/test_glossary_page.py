"""The glossary, and the definitions shown on terms wherever they are."""

from __future__ import annotations

import re
from html import unescape

import httpx
import pytest

from assistant.web.terms import entries, link_terms, terms
from corpus.glossary import load_glossary

GLOSSARY = load_glossary()


def linked(text: str, **more) -> list[str]:
    return re.findall(r'<a class="term"[^>]*>([^<]*)</a>', str(link_terms(text, lambda path: path, **more)))


def page(server, query: str = "") -> str:
    return httpx.get(server.url + "glossaire", params={"q": query} if query else {}).text


def names(html: str) -> list[str]:
    return [
        unescape(name) for name in re.findall(r'<article class="definition"[^>]*>\s*<h[23]>(.*?)</h', html)
    ]


# Terms in a text


def test_a_term_leads_to_its_definition_once():
    html = str(link_terms("Un DUI, puis un autre DUI.", lambda path: "/racine" + path))

    (dui,) = [term for term in GLOSSARY if "DUI" in term.abbreviations]
    assert html.count("<a ") == 1
    assert 'href="/racine/glossaire#dui"' in html
    assert unescape(re.search(r'data-definition="([^"]*)"', html)[1]) == dui.definition
    assert html.endswith("puis un autre DUI.")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("l’EHPAD et d’un SSIAD", ["EHPAD", "SSIAD"]),
        # The longest form wins.
        ("le numéro FINESS géographique", ["numéro FINESS géographique"]),
        ("le programme ESMS numérique", ["programme ESMS numérique"]),
        # An acronym in small letters is another word; so is a part of a word.
        ("il a ses mes, les pa et ars", []),
        ("EHPADS, SuperDUI, DUI-x, L.312-1-2", []),
        # A name and its acronym are one term.
        ("l’agence régionale de santé (ARS)", ["agence régionale de santé"]),
        # Several words: whatever their case, number, spaces and apostrophe.
        ("Les organismes\u00a0gestionnaires", ["organismes\u00a0gestionnaires"]),
        ("Voie régionale", ["Voie régionale"]),
        ("dossier de l'usager informatisé", ["dossier de l&#39;usager informatisé"]),
        # Ordinary words of the glossary are left alone.
        ("une campagne, un forfait, une convention", []),
        ("", []),
    ],
)
def test_what_counts_as_a_term(text, expected):
    assert linked(text) == expected


def test_terms_already_seen_are_left():
    seen = {"dui"}
    assert linked("un DUI et une ARS", seen=seen) == ["ARS"]
    assert seen == {"dui", "ars"}


def test_a_text_stays_the_same_and_its_markup_is_escaped():
    text = 'Le <b>DUI</b> & "l’ARS" <script>alert(1)</script>'
    html = str(link_terms(text, lambda path: path))

    assert unescape(re.sub(r"</?a[^>]*>", "", html)) == text
    assert "<script>" not in html
    assert "<b>" not in html


def test_every_acronym_is_a_term():
    forms = {form for form, _, _ in terms()}
    for acronym in (
        "DUI",
        "ESSMS",
        "GRADeS",
        "MSSanté",
        "HOP’EN",
        "SUN-ES",
        "MS1",
        "OG",
        "L.312-1",
        "DUI actif",
    ):
        assert acronym in forms
    assert all(len(form) > 1 for form in forms)
    assert "voie" not in forms


# The page


def test_every_term_is_defined_in_alphabetical_order_with_a_stable_anchor(server):
    html = page(server)

    shown = names(html)
    assert len(shown) == len(GLOSSARY) == len({entry.slug for entry in entries()})
    assert shown.index("AAP") < shown.index("DUI") < shown.index("éligibilité") < shown.index("ESSMS")
    for anchor in ("dui", "essms", "grappe", "l-312-1", "pai-numerique"):
        assert f'<article class="definition" id="{anchor}">' in html
    text = unescape(re.sub(r"<[^>]+>", "", html))
    for term in GLOSSARY:
        assert term.definition in text
        assert all(form in text for form in (term.term, *term.abbreviations))


def test_a_definition_names_its_sources_and_does_not_link_to_itself(server):
    html = page(server)
    dui = re.search(r'<article class="definition" id="dui">.*?</article>', html, re.S)[0]

    (term,) = [term for term in GLOSSARY if "DUI" in term.abbreviations]
    for source in term.sources:
        assert f'href="/sources/{source}"' in dui
    assert 'href="/glossaire#dui"' not in dui


def test_an_acronym_that_no_source_spells_out_says_so(server):
    html = page(server)
    for term in GLOSSARY:
        slug = next(entry.slug for entry in entries() if entry.term is term)
        article = re.search(rf'<article class="definition" id="{slug}">.*?</article>', html, re.S)[0]
        assert ("ne figure dans aucune source lue" in article) is not term.expansion_seen


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("DUI", "DUI"),
        ("dui", "DUI"),
        ("ehp", "EHPAD"),
        ("messagerie sécurisée", "MSSanté"),
        ("MESSAGERIE", "MSSanté"),
        ("gestionnaire", "OG"),
    ],
)
def test_a_term_is_found_by_its_names_whatever_their_case(server, query, expected):
    assert expected in names(page(server, query))[:2]


@pytest.mark.parametrize("query", ["xyzzy", "?!", "<script>alert(1)</script>", "\x00"])
def test_what_is_not_found_is_said(server, query):
    html = page(server, query)

    assert names(html) == []
    assert "Aucun terme pour" in html
    assert "<script>alert" not in html


def test_a_query_too_long_is_refused(server):
    answer = httpx.get(server.url + "glossaire", params={"q": "a" * 301})

    assert answer.status_code == 422
    assert "301 caractères" in answer.text


# Definitions in the browser


@pytest.fixture
def tab(browser, server):
    context = browser.new_context(locale="fr-FR", viewport={"width": 1280, "height": 900})
    tab = context.new_page()
    troubles: list[str] = []
    tab.on("pageerror", lambda error: troubles.append(str(error)))
    tab.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
    tab.set_default_timeout(10_000)
    tab.goto(server.url + "fiches/eligibilite")
    yield tab
    context.close()
    assert troubles == []


def is_inside(tab) -> bool:
    box = tab.get_by_role("tooltip").bounding_box()
    size = tab.evaluate("[document.documentElement.clientWidth, innerHeight]")
    return (
        box["x"] >= 0
        and box["x"] + box["width"] <= size[0]
        and box["y"] >= 0
        and box["y"] + box["height"] <= size[1]
    )


@pytest.mark.browser
def test_the_mouse_shows_a_definition_that_stays_while_it_is_pointed_at(tab):
    term, tip = tab.locator("a.term").first, tab.get_by_role("tooltip")
    term.hover()
    tip.wait_for()

    assert tip.inner_text() == term.get_attribute("data-definition")
    assert term.get_attribute("aria-describedby") == tip.get_attribute("id")
    assert is_inside(tab)
    tip.hover()
    tab.wait_for_timeout(600)
    assert tip.is_visible(), "hoverable"
    tab.mouse.move(5, 5)
    tip.wait_for(state="hidden")
    assert term.get_attribute("aria-describedby") is None


@pytest.mark.browser
def test_the_keyboard_shows_a_definition_and_escape_closes_it(tab):
    first, second = tab.locator("a.term").nth(0), tab.locator("a.term").nth(1)
    tip = tab.get_by_role("tooltip")
    tab.locator(".contents a").last.focus()
    tab.keyboard.press("Tab")
    tip.wait_for()
    assert first.evaluate("term => term === document.activeElement")
    assert first.get_attribute("aria-describedby") == tip.get_attribute("id")
    tab.keyboard.press("Escape")
    tip.wait_for(state="hidden")
    assert first.evaluate("term => term === document.activeElement"), "the focus stays where it was"
    tab.keyboard.press("Tab")
    tip.wait_for()
    assert tip.inner_text() == second.get_attribute("data-definition")
    assert first.get_attribute("aria-describedby") is None
    tab.keyboard.press("Tab")
    tab.keyboard.press("Shift+Tab")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/glossaire#*")


@pytest.mark.browser
def test_escape_closes_what_the_mouse_shows(tab):
    tip = tab.get_by_role("tooltip")
    tab.locator("a.term").first.hover()
    tip.wait_for()
    tab.keyboard.press("Escape")
    tip.wait_for(state="hidden")
    tab.wait_for_timeout(500)
    assert tip.is_hidden()


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_a_definition_stays_within_the_window_wherever_its_term_is(tab, width):
    tab.set_viewport_size({"width": width, "height": 700})
    tip, seen = tab.get_by_role("tooltip"), 0
    for term in tab.locator("a.term").all()[:12]:
        for block in ("start", "end"):
            term.evaluate("(term, block) => term.scrollIntoView({ block })", block)
            term.hover()
            tip.wait_for()
            assert is_inside(tab)
            assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
            seen += 1
            tab.keyboard.press("Escape")
            tab.mouse.move(1, 1)
    assert seen == 24


@pytest.mark.browser
def test_a_term_added_later_is_served_too(tab):
    tab.evaluate(
        """() => document.querySelector("main").insertAdjacentHTML("afterbegin",
        '<p><a class="term" id="tard" href="/glossaire#ars" data-definition="Une agence <b>régionale</b>.">ARS</a></p>')"""
    )
    tab.locator("#tard").hover()
    tab.get_by_role("tooltip").wait_for()
    assert tab.get_by_role("tooltip").inner_text() == "Une agence <b>régionale</b>.", "text, never markup"


@pytest.mark.browser
def test_a_first_tap_shows_the_definition_and_a_second_follows_the_link(browser, server):
    context = browser.new_context(locale="fr-FR", viewport={"width": 390, "height": 800}, has_touch=True)
    tab = context.new_page()
    tab.goto(server.url + "fiches/eligibilite")
    term, tip = tab.locator("a.term").first, tab.get_by_role("tooltip")
    term.tap()
    tip.wait_for()
    assert "/fiches/eligibilite" in tab.url
    link = tip.get_by_role("link", name="Voir le glossaire")
    assert link.get_attribute("href").endswith(term.get_attribute("href"))
    tab.get_by_role("heading", level=1).tap()
    tip.wait_for(state="hidden")
    term.tap()
    tip.wait_for()
    term.tap()
    tab.wait_for_url("**/glossaire#*")
    context.close()


@pytest.mark.browser
def test_without_scripts_a_term_is_a_link(browser, server):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(server.url + "fiches/eligibilite")
    tab.locator("a.term").first.click()
    tab.wait_for_url("**/glossaire#*")
    assert tab.locator("article:target h3").is_visible()
    context.close()


@pytest.mark.browser
def test_an_open_definition_is_accessible(tab):
    from axe_playwright_python.sync_playwright import Axe

    tab.locator("a.term").first.hover()
    tab.get_by_role("tooltip").wait_for()
    for scheme in ("light", "dark"):
        tab.evaluate("theme => document.documentElement.dataset.theme = theme", scheme)
        found = Axe().run(tab, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
        assert found.violations_count == 0, found.generate_report()
