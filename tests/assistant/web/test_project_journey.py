"""The project page in a real browser: live answers, history, keyboard, paper, accessibility."""

from __future__ import annotations

import contextlib
import io
import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, expect
from pypdf import PdfReader

pytestmark = pytest.mark.browser

AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
COMPLETE = (
    "nombre_essms=20&territoires=bretagne&categories=ehpad&finess_geo=oui&autre_aide_europeenne=non&deja_finance=non"
    "&prestation_segur=non&choix=acquisition"
)
LONG = (
    "nombre_essms=60&territoires=bretagne&territoires=corse&territoires=normandie&categories=ehpad&categories=chrs"
    "&categories=usld&nombre.ehpad=20&nombre.chrs=10&nombre.usld=3&finess_geo=partie&sans_finess=4&autre_aide_europeenne=non"
    "&deja_finance=non&prestation_segur=meme_logiciel&choix=maintien&eligible_sons=non&campagne=2025"
)


@pytest.fixture
def width() -> int:
    return 1280


@pytest.fixture
def open_page(browser, server, width, scheme):
    """Open the page at an address; the test fails on a script error or an outside request."""
    context = browser.new_context(
        locale="fr-FR", color_scheme=scheme, viewport={"width": width, "height": 900}
    )
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    troubles: list[str] = []
    tab = context.new_page()
    tab.on("pageerror", lambda error: troubles.append(f"script error {error}"))
    tab.on(
        "request",
        lambda request: (
            None if request.url.startswith((server.url, "data:")) else troubles.append(request.url)
        ),
    )
    tab.set_default_timeout(10_000)

    def go(query: str = ""):
        tab.goto(f"{server.url}projet?{query}" if query else f"{server.url}projet")
        return tab

    yield go
    context.close()
    assert troubles == []


def headline(tab):
    return tab.locator("#resultat .headline")


def query_of(tab) -> dict[str, list[str]]:
    return parse_qs(urlsplit(tab.url).query)


def fits(tab) -> bool:
    return tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [390, 1280])
def test_a_project_is_followed_to_its_result_without_leaving_the_page(open_page, width):
    tab = open_page()
    tab.evaluate("window.same = true")
    tab.get_by_label("Combien d’ESSMS le projet réunit-il").fill("20")
    expect(headline(tab)).to_contain_text("Non déterminé")
    tab.get_by_label("Bretagne").check()
    expect(tab.locator("#annonce")).to_contain_text("Non déterminé : il manque la catégorie des structures")
    tab.locator("#carte-depart").get_by_role("button", name="Continuer").click()

    expect(tab.locator("#carte-depart")).to_have_count(0)
    tab.get_by_text("Personnes âgées (PA)").click()
    tab.get_by_label("EHPAD", exact=True).check()
    tab.locator("#carte-finess_geo").get_by_label("Oui, chacun le sien").check()
    for name in ("autre_aide_europeenne", "deja_finance", "prestation_segur"):
        tab.locator(f"#carte-{name}").get_by_label("Non", exact=True).check()
    expect(headline(tab)).to_contain_text("Projet éligible sur ce qui est indiqué")
    expect(tab.locator("#resultat .filing")).to_contain_text("possible, un appel est ouvert")  # 2 June 2025
    tab.locator("#carte-choix").get_by_label("Premier logiciel").check()
    tab.locator("#carte-choix").get_by_role("button", name="Continuer").click()
    expect(tab.locator("#carte-fin")).to_contain_text("Aucune autre question")

    assert tab.evaluate("window.same")
    assert urlsplit(tab.url).query == COMPLETE
    assert fits(tab)
    tab.reload()
    expect(headline(tab)).to_contain_text("Projet éligible")


def test_the_back_button_undoes_one_answer_at_a_time(open_page):
    tab = open_page("nombre_essms=20&territoires=bretagne&categories=ehpad")
    tab.locator("#carte-finess_geo").get_by_label("Non, aucun").check()
    expect(headline(tab)).to_contain_text("Projet non éligible")
    tab.locator("#carte-finess_geo").get_by_label("Oui, chacun le sien").check()
    expect(tab.locator("#carte-autre_aide_europeenne")).to_be_visible()
    tab.locator("#carte-autre_aide_europeenne").get_by_label("Oui", exact=True).check()
    expect(headline(tab)).to_contain_text("financement européen")

    tab.go_back()
    expect(headline(tab)).to_contain_text("Non déterminé")
    assert query_of(tab)["finess_geo"] == ["oui"]
    tab.go_back()
    expect(tab.locator("#carte-finess_geo")).to_be_visible()
    assert "finess_geo" not in query_of(tab)
    tab.go_forward()
    expect(tab.locator("#ligne-finess_geo")).to_contain_text("Oui, chacun le sien")


def test_the_keyboard_alone_is_enough(open_page):
    tab = open_page()
    tab.locator("#nombre_essms").focus()
    tab.keyboard.type("20")
    tab.keyboard.press("Enter")
    expect(tab.locator("#ligne-nombre_essms")).to_contain_text("20 ESSMS")
    expect(tab.locator("#carte-categories")).to_be_visible()
    expect(tab.locator("#carte-categories :focus")).to_have_count(1)

    tab.goto(tab.url.split("?")[0] + "?nombre_essms=20&territoires=bretagne&categories=ehpad")
    tab.locator("#finess_geo").focus()
    tab.keyboard.press("Space")
    expect(tab.locator("#carte-autre_aide_europeenne")).to_be_visible()
    expect(tab.locator("#finess_geo")).to_be_focused()  # the focus stays on the answer
    tab.keyboard.press("ArrowDown")
    expect(tab.locator("#finess_geo-partie")).to_be_focused()
    expect(tab.locator("#sans_finess")).to_be_visible()
    tab.keyboard.press("ArrowUp")
    expect(tab.locator("#carte-autre_aide_europeenne")).to_be_visible()
    expect(tab.locator("#finess_geo")).to_be_focused()
    tab.keyboard.press("Enter")
    expect(tab.locator("#autre_aide_europeenne")).to_be_focused()
    expect(tab.locator("#carte-finess_geo")).to_have_count(0)

    tab.locator("#ligne-nombre_essms > summary").focus()
    tab.keyboard.press("Enter")
    expect(tab.locator("#nombre_essms")).to_be_focused()
    tab.keyboard.press("Control+A")
    tab.keyboard.type("14")
    expect(headline(tab)).to_contain_text("Projet non éligible")
    expect(tab.locator("#nombre_essms")).to_be_focused()
    tab.keyboard.press("Enter")
    expect(tab.locator("#ligne-nombre_essms > summary")).to_be_focused()
    tab.keyboard.press("Tab")
    expect(tab.get_by_role("link", name="Effacer la réponse : Nombre d’ESSMS")).to_be_focused()
    tab.keyboard.press("Enter")
    expect(tab.locator("#carte-depart")).to_be_visible()
    assert "nombre_essms" not in query_of(tab)


def test_the_answer_being_given_does_not_move(open_page):
    tab = open_page(
        "nombre_essms=20&territoires=bretagne&categories=ehpad&finess_geo=oui&autre_aide_europeenne=non"
    )
    for name in ("deja_finance", "prestation_segur"):
        field = tab.locator(f"#{name}")
        field.scroll_into_view_if_needed()
        before = field.bounding_box()["y"]
        field.check()
        expect(
            tab.locator(f"#carte-{'prestation_segur' if name == 'deja_finance' else 'choix'}")
        ).to_be_visible()
        assert abs(tab.locator(f"#{name}").bounding_box()["y"] - before) < 2


def test_not_knowing_and_an_answer_exclude_each_other(open_page):
    tab = open_page()
    tab.locator("#nombre_essms").fill("20")
    expect(headline(tab)).to_be_visible()
    tab.locator("#inconnu-nombre_essms").check()
    expect(tab.locator("#nombre_essms")).to_have_value("")
    expect(tab.locator("#resultat")).not_to_contain_text("20 ESSMS")
    tab.locator("#nombre_essms").fill("7")
    expect(headline(tab)).to_contain_text("Projet non éligible")
    assert query_of(tab) == {"nombre_essms": ["7"]}


def test_a_wrong_value_is_told_beside_its_field_and_at_the_top(open_page):
    tab = open_page("territoires=corse")
    tab.locator("#nombre_essms").fill("<script>alert(1)</script>")
    expect(tab.locator("#erreur-nombre_essms")).to_contain_text("n’est pas un nombre entier")
    expect(tab.locator("#nombre_essms")).to_have_attribute("aria-invalid", "true")
    expect(tab.locator("#annonce")).to_contain_text("1 réponse à corriger")
    expect(tab.locator("#nombre_essms")).to_be_focused()
    tab.keyboard.press("Enter")
    expect(tab.locator("#erreurs")).to_be_focused()
    tab.locator("#erreurs a").click()
    expect(tab.locator("#nombre_essms")).to_be_focused()
    tab.locator("#nombre_essms").fill("8")
    expect(tab.locator("#erreurs")).to_have_count(0)
    expect(tab.locator("#resultat")).to_contain_text("Atteint")
    assert query_of(tab) == {"nombre_essms": ["8"], "territoires": ["corse"]}


def test_only_the_last_response_is_shown(open_page):
    tab = open_page()
    held = []
    tab.route(re.compile(r"nombre_essms=7\b"), lambda route: held.append(route))
    tab.locator("#nombre_essms").fill("7")
    expect(tab.locator("#projet")).to_have_attribute("aria-busy", "true")
    tab.wait_for_timeout(100)
    assert len(held) == 1
    tab.locator("#nombre_essms").fill("20")
    expect(headline(tab)).to_contain_text("Non déterminé")
    with contextlib.suppress(Error):  # the browser had already given it up
        held[0].continue_()
    tab.wait_for_timeout(300)

    expect(headline(tab)).to_contain_text("Non déterminé")
    expect(tab.locator("#nombre_essms")).to_have_value("20")
    expect(tab.locator("#panne")).to_be_hidden()


def test_a_server_that_does_not_answer_is_told_and_nothing_typed_is_lost(open_page):
    tab = open_page("nombre_essms=20&territoires=bretagne&categories=ehpad")
    tab.route("**/projet?*finess_geo*", lambda route: route.abort())
    tab.locator("#finess_geo").check()

    expect(tab.locator("#panne")).to_contain_text("Le serveur ne répond pas")
    expect(tab.locator("#finess_geo")).to_be_checked()
    tab.unroute("**/projet?*finess_geo*")
    tab.get_by_role("button", name="Réessayer").click()
    expect(tab.locator("#carte-autre_aide_europeenne")).to_be_visible()
    expect(tab.locator("#panne")).to_be_hidden()


def test_a_slow_server_is_told(open_page):
    tab = open_page("nombre_essms=20&territoires=bretagne&categories=ehpad")
    held = []
    tab.route("**/projet?*finess_geo*", lambda route: held.append(route))
    tab.locator("#finess_geo").check()
    expect(tab.locator("#panne")).to_contain_text("Le serveur tarde à répondre")
    held[0].continue_()
    expect(tab.locator("#carte-autre_aide_europeenne")).to_be_visible()
    expect(tab.locator("#panne")).to_be_hidden()


def test_the_link_copied_holds_the_facts_alone(open_page, server):
    tab = open_page(f"{COMPLETE}&utm_source=courriel")
    tab.get_by_role("button", name="Copier le lien").click()
    expect(tab.locator("#copie")).to_contain_text("Lien copié")

    assert tab.evaluate("navigator.clipboard.readText()") == f"{server.url}projet?{COMPLETE}"
    chat = tab.get_by_role("link", name="Poser une question sur ce projet").get_attribute("href")
    assert unquote(chat).startswith("/#question=Nombre d’ESSMS\u00a0: 20. Région\u00a0: Bretagne. Catégorie")


def test_a_refused_copy_shows_the_link_selected(open_page, server):
    tab = open_page(COMPLETE)
    tab.evaluate(
        """() => {
            navigator.clipboard.writeText = () => Promise.reject(new Error("refused"));
            document.execCommand = () => false;
        }"""
    )
    tab.get_by_role("button", name="Copier le lien").click()
    field = tab.get_by_label("Copiez cette adresse\u00a0:")

    expect(field).to_have_value(f"{server.url}projet?{COMPLETE}")
    expect(field).to_be_focused()
    selected = field.evaluate("field => field.value.slice(field.selectionStart, field.selectionEnd)")
    assert selected == f"{server.url}projet?{COMPLETE}"


def test_starting_again_empties_everything(open_page):
    tab = open_page(COMPLETE)
    tab.get_by_role("link", name="Recommencer").click()
    expect(tab.locator("#carte-depart")).to_be_visible()

    assert urlsplit(tab.url).query == ""
    expect(tab.locator("#nombre_essms")).to_be_focused()
    tab.go_back()
    expect(headline(tab)).to_contain_text("Projet éligible")


def test_what_remains_to_be_told_leads_to_its_control(open_page):
    tab = open_page(COMPLETE.replace("deja_finance=non", "deja_finance=inconnu"))
    tab.locator(".remaining a").click()

    expect(tab.locator("#deja_finance-inconnu")).to_be_focused()


@pytest.mark.parametrize("query", [COMPLETE, LONG])
def test_the_result_is_printed_on_one_page(open_page, query):
    tab = open_page(query)
    said = headline(tab).inner_text().split("\n")[-1].strip()
    document = PdfReader(io.BytesIO(tab.pdf(prefer_css_page_size=True)))
    text = " ".join(document.pages[0].extract_text().split())

    assert len(document.pages) == 1
    box = document.pages[0].mediabox
    assert (round(float(box.width)), round(float(box.height))) == (595, 842)  # A4, in points
    for expected in (said, "Situation jugée au 2 juin 2025", "Faits indiqués", "Bretagne", "Sources", "CNSA",
                     "seules l’ARS ou la CNSA décident", "Réserve"):  # fmt: skip
        assert " ".join(expected.split()) in text, expected
    assert f"/projet?{query}" in text.replace(" ", "")
    for absent in ("Continuer", "Effacer", "Copier le lien"):
        assert absent not in text


def test_without_a_script_the_page_works_and_hides_what_needs_one(browser, server):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    tab = context.new_page()
    tab.goto(f"{server.url}projet")
    tab.locator("#nombre_essms").fill("20")
    tab.get_by_label("Bretagne").check()
    tab.locator("#carte-depart").get_by_role("button", name="Continuer").click()
    tab.get_by_text("Champ sanitaire").first.click()
    tab.get_by_label("USLD (unité de soins de longue durée)", exact=True).check()
    tab.get_by_label("Combien ? USLD (unité de soins de longue durée), facultatif").fill("6")
    tab.locator("#carte-categories").get_by_role("button", name="Continuer").click()

    expect(headline(tab)).to_contain_text("le nombre minimal d’ESSMS n’est pas atteint (14 comptés)")
    for name in ("Imprimer ou enregistrer en PDF", "Copier le lien"):
        expect(tab.get_by_text(name)).to_be_hidden()
    tab.locator("#ligne-categories > summary").click()
    expect(tab.get_by_label("USLD (unité de soins de longue durée)", exact=True)).to_be_visible()
    tab.get_by_role("link", name="Effacer la réponse : Catégories").click()
    expect(headline(tab)).to_contain_text("Non déterminé")
    tab.go_back()
    expect(headline(tab)).to_contain_text("14 comptés")
    assert fits(tab)
    context.close()


@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 390), ("dark", 1280), ("dark", 390), ("light", 1280)]
)
@pytest.mark.parametrize(
    "query",
    [
        COMPLETE,
        "nombre_essms=abc&territoires=zzz&jour=hier",
        "nombre_essms=20&territoires=bretagne&categories=usld",
    ],
    ids=["complete", "wrong", "asking"],
)
def test_the_page_is_accessible(open_page, query, scheme, width):
    tab = open_page(query)
    tab.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    found = Axe().run(tab, options=AXE)

    assert found.response["violations"] == [], found.generate_report()
    assert tab.locator("html").get_attribute("data-theme") == scheme


@pytest.mark.parametrize("query", ["", COMPLETE, LONG, "nombre_essms=abc&territoires=zzz&" + "x" * 60 + "=1"])
def test_the_page_is_never_wider_than_the_screen(open_page, query):
    tab = open_page(query)
    for width in (320, 390, 768, 1280):
        tab.set_viewport_size({"width": width, "height": 800})
        assert fits(tab), width
        tab.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        assert fits(tab), width


@pytest.mark.parametrize("width", [1280])
def test_a_precision_is_given_without_losing_the_question(open_page, width):
    tab = open_page("nombre_essms=20&territoires=bretagne&categories=ehpad&finess_geo=oui")
    tab.get_by_text("Dates et autres précisions").click()
    tab.locator("#date_depot").fill("2025-09-16")
    expect(headline(tab)).to_contain_text("Projet non recevable : dépôt le 16 septembre 2025 hors délai")
    expect(tab.locator("#date_depot")).to_be_visible()
    tab.locator("#jour").fill("2026-11-26")
    expect(tab.locator("#resultat")).to_contain_text("Ce n’est pas la situation d’aujourd’hui, 2 juin 2025")
    tab.get_by_role("link", name="Juger à la date d’aujourd’hui").click()
    expect(tab.locator("#resultat")).to_contain_text("Situation jugée au 2 juin 2025")

    assert query_of(tab)["date_depot"] == ["2025-09-16"]
    assert "jour" not in query_of(tab)


def test_targets_are_large_enough(open_page):
    tab = open_page(COMPLETE)
    small = tab.evaluate(
        """[...document.querySelectorAll('main button, main summary, main .tick, main .erase, main .restart')]
        .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 40).map((one) => one.textContent)"""
    )

    assert small == []
