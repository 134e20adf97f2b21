"""The chat in a real browser, when a language model helps the assistant."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from chat_page import answered, answers, ask, becomes, fits, last_answer
from modelled_assistant import HOSTILE, LABEL, NOTICE, READING, SENTENCES, WRITING
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
WITHOUT = "Composé sans modèle de langue"
MODEL_LINE = f"Phrases choisies et ordonnées par un modèle de langue ({LABEL}), toutes tirées des sources et des règles"
LISTEN = """window.heard = []; new MutationObserver(() => {
  const said = document.getElementById("announcement").textContent;
  if (said && said !== window.heard.at(-1)) window.heard.push(said);
}).observe(document.getElementById("announcement"), { childList: true, characterData: true, subtree: true })"""


@pytest.fixture
def server(modelled_server):
    """The tab of these tests is on the page that a model helps."""
    return modelled_server


@pytest.fixture
def width() -> int:
    return 390


def held(page, question: str = "12 ESSMS, patience"):
    """Ask, and return the answer of which a first sentence is shown; it goes on when ``go`` is set."""
    ask(page, question)
    arriving = page.locator(".answer.pending")
    expect(arriving.locator(".text")).to_have_text(SENTENCES[0])
    return arriving


def text_below_head(answer) -> float:
    return answer.locator(".text").bounding_box()["y"] - answer.bounding_box()["y"]


def settled(page) -> None:
    expect(page.locator(".answer.pending")).to_have_count(0)
    becomes(page, "!sessionStorage.getItem('asked')")


def test_the_box_says_that_a_model_helps(page):
    hint = page.locator("#model-hint")

    expect(hint).to_contain_text("Un modèle de langue aide à répondre")
    expect(page.get_by_label("Votre question")).to_have_attribute("aria-describedby", "model-hint")
    link = hint.get_by_role("link", name="En savoir plus sur ce modèle")
    expect(link).not_to_have_attribute("target", "_blank")
    link.click()
    expect(page.get_by_role("heading", name="Le modèle de langue")).to_be_visible()


def test_an_answer_comes_by_checked_sentences_and_is_said_once(page, server):
    page.evaluate(LISTEN)
    arriving = held(page)

    expect(arriving.locator(".verdict-title")).to_contain_text("Non")
    expect(arriving.locator(".doing")).to_have_text(WRITING)
    expect(page.get_by_role("log")).to_have_attribute("aria-busy", "true")
    expect(arriving.locator(".tools, .written")).to_have_count(0)
    before = text_below_head(arriving)
    server.assistant.go.set()
    settled(page)

    expect(last_answer(page).locator(".text")).to_have_text(" ".join(SENTENCES))
    assert abs(text_below_head(last_answer(page)) - before) < 4  # pixels: nothing moved above it by a line
    expect(last_answer(page).locator(".by-whom")).to_have_text(MODEL_LINE)
    heard = page.evaluate("window.heard")
    assert heard[0] == "Question envoyée."
    assert heard[-2] == WRITING
    assert set(heard[1:-2]) <= {READING}  # the first status may be replaced before it is heard
    assert len(heard) == len(set(heard))
    assert [SENTENCES[0].split(" [")[0] in said for said in heard] == [False] * (len(heard) - 1) + [True]


def test_what_is_unfolded_or_focused_stays_so_as_the_answer_goes_on(page, server):
    arriving = held(page)
    arriving.locator("details.sources > summary").press("Enter")
    marker = arriving.locator(".text a.marker", has_text="[1]")
    marker.press("Enter")
    expect(page.locator("#panel blockquote")).to_contain_text("au moins 15 ESSMS")
    page.keyboard.press("Escape")
    expect(marker).to_be_focused()
    server.assistant.go.set()
    settled(page)

    expect(last_answer(page).locator(".text a.marker").first).to_be_focused()
    expect(last_answer(page).locator("details.sources")).to_have_attribute("open", "")


def test_who_scrolls_in_an_arriving_answer_is_not_brought_back(page, server):
    page.set_viewport_size({"width": 390, "height": 700})
    answered(page, "12 ESSMS")
    held(page)
    page.mouse.move(100, 100)
    page.mouse.wheel(0, -10_000)
    becomes(page, "scrollY === 0")
    server.assistant.go.set()
    settled(page)

    assert page.evaluate("scrollY") == 0


def test_starting_again_stops_the_model_and_the_next_question_is_answered(page, server):
    held(page)
    page.get_by_role("button", name="Recommencer").click()
    expect(page.locator(".question, .answer")).to_have_count(0)
    server.assistant.go.set()

    assert server.assistant.closed.wait(5)
    expect(answered(page, "12 ESSMS").locator(".by-whom")).to_have_text(MODEL_LINE)
    expect(page.locator(".question")).to_have_count(1)


def test_closing_the_tab_stops_the_model(page, server):
    other = page.context.new_page()
    other.goto(server.url)
    held(other)
    other.close()
    page.wait_for_timeout(500)  # the server learns it
    server.assistant.go.set()

    assert server.assistant.closed.wait(5)


def test_two_tabs_are_counted_apart_and_do_not_mix(page, server):
    other = page.context.new_page()
    other.goto(server.url)
    held(page, "Premier, patience")
    answered(other, "Second")
    other.close()
    server.assistant.go.set()
    settled(page)

    (first, one), (second, another) = server.assistant.seen[-2:]
    assert (first, second) == (("Premier, patience",), ("Second",))
    assert one != another
    assert min(len(one), len(another)) >= 8
    expect(page.locator(".question")).to_have_text("Premier, patience")


def test_each_answer_says_who_wrote_it_in_the_file_the_copy_and_on_paper(page, tmp_path):
    for question, said in (("12 ESSMS", MODEL_LINE), ("repli", NOTICE), ("Selon les règles", WITHOUT)):
        expect(answered(page, question).locator(".by-whom")).to_have_text(said)
    expect(page.locator(".degraded")).to_have_count(0)
    with page.expect_download() as download:
        page.get_by_role("button", name="Exporter").click()
    path = tmp_path / "conversation.md"
    download.value.save_as(path)
    text = Path(path).read_text(encoding="utf-8").replace("\u00a0", " ")
    lines = [MODEL_LINE, NOTICE.replace("\u00a0", " "), WITHOUT]

    assert [text.count(f"\n\n{one}\n") for one in lines] == [1, 1, 1]
    page.emulate_media(media="print")
    expect(page.locator(".by-whom").first).to_be_visible()
    expect(page.locator("#model-hint")).to_be_hidden()


def test_hostile_names_and_notices_are_words(page):
    answered(page, "hostile")
    answered(page, "hostile repli")

    expect(answers(page).first.locator(".by-whom")).to_contain_text("(<img src=x onerror=alert(1)>")
    expect(answers(page).last.locator(".by-whom")).to_have_text(HOSTILE)
    assert page.locator("#conversation :is(img, script), .by-whom :is(a, strong)").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_while_an_answer_comes_nor_after(page, server, width):
    for question in ("12 ESSMS", "repli", "Selon les règles"):
        answered(page, question)
    found = violations(page)
    held(page)
    found += violations(page)
    server.assistant.go.set()
    settled(page)
    page.set_viewport_size({"width": 320, "height": 800})

    assert fits(page)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{server.url}a-propos#modele")
    found += violations(page)
    assert fits(page)
    assert found == []


def violations(page) -> list[str]:
    page.mouse.move(0, 0)
    page.wait_for_timeout(250)
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {[node['html'][:150] for node in one['nodes']]}" for one in found]
