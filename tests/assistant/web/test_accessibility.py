"""axe-core on every screen, in every state of the chat, in both themes and at both widths."""

from __future__ import annotations

from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe
from chat_page import answered, answers, fits
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


def violations(page: Page) -> list[str]:
    """Return what axe finds against WCAG A and AA, with the elements concerned."""
    page.mouse.move(0, 0)
    page.wait_for_timeout(250)
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {[node['html'][:150] for node in one['nodes']]}" for one in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_against_the_chat_in_any_state(page, width):
    page.set_viewport_size({"width": width, "height": 844})
    expect(page.get_by_role("button", name="Qu’est-ce que le DUI ?")).to_be_visible()
    states = {"empty": violations(page)}
    answered(page, "12 ESSMS du DUI")
    answered(page, "Autre chose")
    answered(page, "Encore 12 ESSMS")
    for details in page.locator("#conversation details").all():
        details.evaluate("element => { element.open = true; }")
    states["answers"] = violations(page)
    page.locator("a.marker").first.click()
    expect(page.locator("#panel-title")).to_be_focused()
    states["panel"] = violations(page)
    page.keyboard.press("Escape")
    page.locator("button.fact:enabled").first.click()
    expect(page.locator("#editor")).to_be_visible()
    states["editor"] = violations(page)
    page.keyboard.press("Escape")
    for opener, dialog in (
        ("#open-conversations", "#conversations"),
        ("#open-share", "#share"),
        (".tool.useless >> nth=-1", "#opinion"),
    ):
        page.locator(opener).click()
        expect(page.locator(dialog)).to_be_visible()
        states[dialog] = violations(page)
        page.keyboard.press("Escape")

    assert {state: found for state, found in states.items() if found} == {}
    assert fits(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_against_trouble_and_the_frame(page, server, troubles):
    answered(page, "Une panne")
    answered(page, "Recherche dégradée")
    found = violations(page)
    page.goto(f"{server.url}?embed=1")
    expect(answers(page)).to_have_count(2)  # the conversation of this tab comes back in the frame too
    answered(page, "12 ESSMS")
    found += violations(page)
    page.route("**/gradio_api/**", lambda route: route.abort())
    page.get_by_label("Votre question").fill("Bonjour")
    page.get_by_label("Votre question").press("Enter")
    expect(page.locator("#notice")).to_contain_text("Le serveur ne répond pas")
    found += violations(page)
    troubles.clear()  # the requests that were cut

    assert found == []


PAGES = (
    "projet",
    "projet?nombre_essms=20&territoires=bretagne&categories=ehpad&categories=saad&finess_geo=oui",
    "projet?nombre_essms=abc",
    "calendrier",
    "calendrier?annee=2030",
    "sources",
    "sources?q=seuil",
    "sources/ars-mayotte-2025?extrait=septembre",
    "fiches/non-cumul",
    "glossaire",
    "a-propos",
    "accessibilite",
    "nulle-part",
)


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_against_any_page_with_everything_unfolded(browser, server, path):
    found = {}
    for width in (390, 1280):
        for scheme in ("light", "dark"):
            context = browser.new_context(
                locale="fr-FR", color_scheme=scheme, viewport={"width": width, "height": 844}
            )
            tab = context.new_page()
            tab.goto(server.url + path)
            tab.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
            if broken := violations(tab):
                found[width, scheme] = broken
            assert fits(tab), (width, scheme)
            context.close()

    assert found == {}


def test_landmarks_headings_and_language_are_marked(page):
    answered(page, "12 ESSMS")

    assert page.locator("html").get_attribute("lang") == "fr"
    expect(page.get_by_role("banner")).to_have_count(1)
    expect(page.get_by_role("main")).to_have_count(1)
    expect(page.get_by_role("contentinfo")).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    levels = page.evaluate(
        "[...document.querySelectorAll('h1, h2, h3, h4')].filter((one) => one.checkVisibility()).map((one) => +one.tagName[1])"
    )
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_motion_is_reduced_for_those_who_ask(browser, server):
    context = browser.new_context(reduced_motion="reduce")
    tab = context.new_page()
    tab.goto(server.url)
    tab.get_by_label("Votre question").wait_for()
    moving = tab.evaluate(
        """[...document.querySelectorAll("body *")].filter((one) => {
          const style = getComputedStyle(one);
          return style.animationName !== "none" || parseFloat(style.transitionDuration) > 0;
        }).map((one) => one.className).slice(0, 5)"""
    )
    context.close()

    assert moving == []
