"""The chat when things go badly: impatient visitors, a slow or broken network, a server that restarts, long texts."""

from __future__ import annotations

import time

import pytest
from chat_page import answered, answers, ask, becomes, fits, last_answer
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_enter_pressed_twice_asks_once(page, server):
    before = len(server.assistant.seen)
    box = page.get_by_label("Votre question")
    box.fill("Une question lente")
    box.press("Enter")
    box.press("Enter")
    page.get_by_role("button", name="Envoyer").click()

    expect(answers(page)).to_have_count(1)
    page.wait_for_timeout(1500)
    expect(page.locator(".question")).to_have_count(1)
    assert len(server.assistant.seen) == before + 1


def test_a_second_question_waits_for_the_first_answer_and_is_not_lost(page, server):
    ask(page, "Une question lente")
    expect(page.locator(".waiting")).to_be_visible()
    box = page.get_by_label("Votre question")
    box.fill("La suivante")
    box.press("Enter")

    expect(page.locator("#notice")).to_contain_text("Une réponse est en cours")
    expect(box).to_have_value("La suivante")
    expect(answers(page)).to_have_count(1)
    expect(page.locator("#notice")).to_be_empty()
    box.press("Enter")
    expect(last_answer(page)).to_contain_text("Tour 2 : La suivante")


def test_a_slow_network_is_said_and_the_answer_arrives(page):
    page.route("**/queue/join*", lambda route: (time.sleep(1.5), route.continue_()))
    ask(page, "12 ESSMS")

    expect(page.locator("#notice")).to_contain_text("Envoi de la question…")
    expect(last_answer(page)).to_contain_text("Non.")
    expect(page.locator("#notice")).to_be_empty()


def test_a_server_that_restarts_answers_the_next_question(browser, restartable):
    tab = browser.new_page()
    tab.goto(restartable.url)
    tab.get_by_label("Votre question").wait_for()
    answered(tab, "12 ESSMS")
    restartable.restart()
    answer = answered(tab, "Toujours là ?")

    expect(answer).to_contain_text("Tour 2 : Toujours là ?")
    expect(tab.locator(".question")).to_have_count(2)
    tab.close()


def test_a_server_that_stops_in_the_middle_gives_the_question_back(browser, restartable):
    tab = browser.new_page()
    tab.goto(restartable.url)
    tab.get_by_label("Votre question").wait_for()
    answered(tab, "12 ESSMS")
    ask(tab, "Une question très lente")
    expect(tab.locator(".waiting")).to_be_visible()
    restartable.stop()

    expect(tab.locator("#notice")).to_contain_text("Le serveur ne répond pas", timeout=15_000)
    expect(tab.get_by_label("Votre question")).to_have_value("Une question très lente")
    expect(tab.locator(".waiting")).to_contain_text("Réponse interrompue")
    restartable.start()
    tab.get_by_label("Votre question").press("Enter")
    expect(last_answer(tab)).to_contain_text("Tour 2 : Une question très lente", timeout=15_000)
    tab.close()


def test_a_degraded_mode_is_said_in_one_line(page):
    answer = answered(page, "Recherche dégradée")

    expect(answer.locator(".degraded")).to_have_text("Mode dégradé d’exemple.")


@pytest.mark.parametrize("width", [390, 1280])
def test_very_long_answers_and_questions_stay_within_the_window(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    answer = answered(page, "Déroulez " + "m" * 4_000)

    expect(answer).to_contain_text("Phrase numéro 300.")
    assert fits(page)
    expect(page.get_by_role("button", name="Envoyer")).to_be_visible()
    assert page.locator(".question").bounding_box()["height"] < 500


def test_nothing_moves_under_the_eye_while_an_answer_arrives(page):
    answered(page, "12 ESSMS")
    page.evaluate(
        """() => {
          window.shifts = 0;
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
          }).observe({ type: "layout-shift", buffered: false });
        }"""
    )
    answered(page, "Déroulez")
    page.wait_for_timeout(500)

    assert page.evaluate("window.shifts") < 0.1  # « good » by the web vitals


def test_the_first_view_is_light_and_soon_usable(browser, server):
    context = browser.new_context(viewport={"width": 390, "height": 844})
    tab = context.new_page()
    session = context.new_cdp_session(tab)
    session.send("Network.enable")
    received: list[float] = []
    session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    started = time.monotonic()
    tab.goto(server.url)
    tab.get_by_label("Votre question").wait_for()
    usable = time.monotonic() - started
    tab.wait_for_load_state("networkidle")
    paint = tab.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    moved = tab.evaluate(
        """new Promise((resolve) => {
          let total = 0;
          new PerformanceObserver((list) => { for (const entry of list.getEntries()) total += entry.value; })
            .observe({ type: "layout-shift", buffered: true });
          setTimeout(() => resolve(total), 200);
        })"""
    )
    context.close()

    assert sum(received) < 2_500_000
    assert usable < 3
    assert paint < 2_000
    assert moved < 0.1


def test_the_page_in_a_frame_is_compact(page, server):
    page.goto(f"{server.url}?embed=1")
    page.get_by_label("Votre question").wait_for()

    expect(page.get_by_role("navigation")).to_have_count(0)
    expect(page.get_by_role("contentinfo")).to_have_count(0)
    expect(page.get_by_role("link", name="Ouvrir en grand (nouvel onglet)")).to_be_visible()
    answered(page, "12 ESSMS")
    expect(last_answer(page)).to_contain_text("Non.")


def test_the_theme_chosen_is_kept_and_followed_by_gradio(page):
    page.get_by_role("button", name="Thème sombre").click()
    becomes(page, "document.body.classList.contains('dark')")
    page.reload()
    page.get_by_label("Votre question").wait_for()

    becomes(page, "document.body.classList.contains('dark')")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.get_by_role("button", name="Thème sombre").click()
    becomes(page, "!document.body.classList.contains('dark')")


def test_the_whole_journey_works_with_the_keyboard_alone(page):
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "TEXTAREA":
            break
    expect(page.get_by_label("Votre question")).to_be_focused()
    page.keyboard.type("12 ESSMS")
    page.keyboard.press("Enter")
    expect(answers(page)).to_have_count(1)
    becomes(page, "!sessionStorage.getItem('asked')")
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.classList.contains('marker')"):
            break
    page.keyboard.press("Enter")
    expect(page.locator("#panel-title")).to_be_focused()
    page.keyboard.press("Escape")
    becomes(page, "document.activeElement.classList.contains('marker')")


def test_at_400_percent_everything_is_there_in_one_column(page):
    page.set_viewport_size({"width": 320, "height": 256})  # 1280 by 1024 at 400 %
    answered(page, "12 ESSMS")

    assert fits(page)
    assert page.evaluate("getComputedStyle(document.getElementById('composer')).position") == "static"
    expect(page.get_by_role("button", name="Envoyer")).to_be_enabled()
