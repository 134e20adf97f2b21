"""What the browser keeps, shares and exports of a conversation, and facts corrected in place."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from chat_page import answered, answers, ask, becomes, fits, last_answer, settled
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

HOSTILE = "12 ESSMS <img src=x onerror=alert(1)> [lien](javascript:alert(1)) # titre"


@pytest.fixture
def width() -> int:
    """What the browser keeps does not depend on the width; the journeys of test_page.py try both."""
    return 1280


def kept(page: Page) -> list[dict]:
    """Return the conversations that the browser keeps."""
    rows = page.evaluate(
        "Object.entries(localStorage).filter(([key]) => key.startsWith('conversation:')).map(([, row]) => row)"
    )
    return [json.loads(row) for row in rows]


def test_a_reload_brings_the_conversation_back_and_it_goes_on(page, server):
    answered(page, "12 ESSMS")
    answered(page, "Et pour Mayotte ?")
    page.reload()

    expect(page.locator(".question")).to_have_text(["12 ESSMS", "Et pour Mayotte ?"])
    expect(answers(page)).to_have_count(2)
    expect(page.locator(".verdicts")).to_have_count(1)
    ask(page, "Suite")
    expect(last_answer(page)).to_contain_text("Tour 3 : Suite")
    assert server.assistant.seen[-1][0] == ("12 ESSMS", "Et pour Mayotte ?", "Suite")


def test_nothing_of_a_conversation_is_kept_elsewhere_than_in_the_browser(page):
    answered(page, "12 ESSMS")

    (row,) = kept(page)
    assert row["exchanges"][0]["question"] == "12 ESSMS"
    assert page.context.cookies() == []


def test_a_reload_in_the_middle_of_an_answer_gives_the_question_back(page, troubles):
    answered(page, "12 ESSMS")
    ask(page, "Une question lente")
    expect(page.locator(".waiting")).to_be_visible()
    page.reload()

    expect(page.get_by_label("Votre question")).to_have_value("Une question lente")
    expect(page.locator("#notice")).to_contain_text("n’avait pas reçu de réponse")
    expect(page.locator(".question")).to_have_text(["12 ESSMS"])
    assert all("abort" in line.lower() or "errored out" in line for line in troubles)  # the stream that was left
    troubles.clear()


def test_what_is_being_typed_survives_a_reload(page):
    page.get_by_label("Votre question").fill("Un brouillon")
    page.reload()

    expect(page.get_by_label("Votre question")).to_have_value("Un brouillon")


def test_leaving_for_another_page_and_coming_back_finds_the_conversation(page):
    answered(page, "12 ESSMS")
    page.get_by_role("navigation").get_by_role("link", name="Calendrier").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Calendrier")
    page.go_back()

    expect(page.locator(".question")).to_have_text(["12 ESSMS"])


def test_several_conversations_are_kept_reopened_and_deleted_with_undo(page):
    answered(page, "12 ESSMS")
    page.get_by_role("button", name="Recommencer").click()
    expect(page.locator("#notice")).to_contain_text("La précédente est gardée")
    expect(page.locator(".question")).to_have_count(0)
    answered(page, "Bonjour")

    page.get_by_role("button", name="Mes conversations (2)").click()
    dialog = page.get_by_role("dialog", name="Mes conversations")
    expect(dialog.get_by_role("listitem")).to_have_count(2)
    dialog.get_by_role("button", name="12 ESSMS", exact=True).click()
    expect(page.locator(".question")).to_have_text(["12 ESSMS"])
    expect(dialog).to_be_hidden()

    page.get_by_role("button", name="Mes conversations (2)").click()
    dialog.get_by_role("button", name="Supprimer « 12 ESSMS »").click()
    expect(dialog.get_by_role("listitem")).to_have_count(1)
    expect(page.locator(".question")).to_have_count(0)
    dialog.get_by_role("button", name="Annuler").click()
    expect(dialog.get_by_role("listitem")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(page.locator(".question")).to_have_text(["12 ESSMS"])
    assert len(kept(page)) == 2


def test_every_conversation_can_be_deleted_at_once(page):
    for question in ("12 ESSMS", "Bonjour"):
        answered(page, question)
        page.get_by_role("button", name="Recommencer").click()
        expect(page.locator(".question")).to_have_count(0)
    page.get_by_role("button", name="Mes conversations (2)").click()
    page.get_by_role("button", name="Tout supprimer").click()

    expect(page.get_by_text("Aucune conversation n’est encore gardée")).to_be_visible()
    assert kept(page) == []


def test_the_oldest_conversations_leave_when_the_browser_is_full(page):
    page.evaluate(
        """() => {
          const row = JSON.stringify({title: "Ancienne", updated: 1, exchanges: [{number: 1, question: "q".repeat(50_000), day: "2025-01-01", answer: null}]});
          localStorage.setItem("conversation:ancienne", row);
          localStorage.setItem("remplissage", "x".repeat(4_000_000));
          for (let size = 2_000_000, count = 0; size > 50; count += 1) {
            try { localStorage.setItem("reste" + count, "x".repeat(size)); } catch { size = Math.floor(size / 2); }
          }
        }"""
    )
    answered(page, "12 ESSMS")

    assert [row["title"] for row in kept(page)] == ["12 ESSMS"]
    page.evaluate("localStorage.setItem('reste', 'x'.repeat(42_000))")
    answered(page, "Encore 12 ESSMS " + "m" * 4_900)
    answered(page, "Encore 12 ESSMS " + "m" * 4_900)
    expect(page.locator("#notice")).to_contain_text("Ce navigateur n’a plus de place")
    expect(answers(page)).to_have_count(3)


def test_a_tampered_conversation_shows_nothing_that_runs(page):
    answered(page, "12 ESSMS")
    page.evaluate(
        """() => {
          const key = Object.keys(localStorage).find((name) => name.startsWith("conversation:"));
          const row = JSON.parse(localStorage[key]);
          row.title = "<img src=x onerror=alert(1)>";
          row.exchanges[0].question = "<img src=x onerror=alert(2)>";
          row.exchanges[0].answer.answer = "Oui <script>alert(3)</script>";
          row.exchanges[0].answer.citations[0].url = "javascript:alert(4)";
          row.exchanges.push({nonsense: true});
          localStorage[key] = JSON.stringify(row);
        }"""
    )
    page.reload()

    expect(page.locator(".question")).to_have_text(["<img src=x onerror=alert(2)>"])
    expect(answers(page)).to_contain_text("Oui <script>alert(3)</script>")
    page.locator("#open-conversations").click()
    expect(page.locator("#conversations-list")).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("#conversation img, #conversation script, #conversations img").count() == 0
    assert page.locator('a[href^="javascript:"]').count() == 0


def test_two_tabs_keep_two_conversations(page, server):
    answered(page, "Premier onglet")
    other = page.context.new_page()
    other.goto(server.url)
    answered(other, "Second onglet")

    expect(page.get_by_role("button", name="Mes conversations (2)")).to_be_visible()
    answered(page, "Suite")
    questions = sorted([exchange["question"] for exchange in row["exchanges"]] for row in kept(page))
    assert questions == [["Premier onglet", "Suite"], ["Second onglet"]]


def test_a_duplicated_tab_takes_a_copy_and_does_not_overwrite(page, server):
    answered(page, "12 ESSMS")
    identifier = page.evaluate("sessionStorage.getItem('conversation')")
    other = page.context.new_page()
    other.add_init_script(f"sessionStorage.getItem('conversation') || sessionStorage.setItem('conversation', {identifier!r})")
    other.goto(server.url)
    expect(other.locator(".question")).to_have_text(["12 ESSMS"])
    becomes(other, f"sessionStorage.getItem('conversation') !== {identifier!r}")
    answered(other, "Dans la copie")
    answered(page, "Dans l’original")

    questions = sorted([exchange["question"] for exchange in row["exchanges"]] for row in kept(page))
    assert questions == [["12 ESSMS", "Dans la copie"], ["12 ESSMS", "Dans l’original"]]


def test_the_chat_works_where_storage_is_refused(browser, server):
    context = browser.new_context(locale="fr-FR")
    context.add_init_script(
        "for (const kind of ['localStorage', 'sessionStorage'])"
        " Object.defineProperty(window, kind, {get() { throw new DOMException('refused', 'SecurityError'); }})"
    )
    tab = context.new_page()
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.goto(server.url)
    ask(tab, "12 ESSMS")

    expect(last_answer(tab)).to_contain_text("Non.")
    tab.get_by_role("button", name="Recommencer").click()
    expect(tab.locator(".question")).to_have_count(0)
    context.close()
    assert errors == []


def test_a_fact_is_corrected_in_place(page, server):
    answered(page, "12 ESSMS")
    page.get_by_role("button", name="Nombre d’ESSMS : 12").click()
    editor = page.get_by_role("dialog", name="Corriger : Nombre d’ESSMS")
    field = editor.get_by_label("Nombre d’ESSMS")
    expect(field).to_be_focused()
    expect(field).to_have_value("12")

    field.fill("-3")
    field.press("Enter")
    expect(editor.get_by_role("alert")).to_have_text(re.compile("Indiquez un nombre entre 0 et"))
    field.fill("18")
    field.press("Enter")

    expect(page.locator(".question").last).to_have_text("Nombre d’ESSMS\u00a0: 18.")
    expect(answers(page)).to_have_count(2)
    expect(page.locator(".question").last).to_be_focused()
    assert server.assistant.seen[-1][0] == ("12 ESSMS", "Nombre d’ESSMS\u00a0: 18.")
    settled(page)
    assert [row["question"] for row in kept(page)[0]["exchanges"]] == ["12 ESSMS", "Nombre d’ESSMS\u00a0: 18."]


def test_a_missing_fact_is_given_by_its_button_and_escape_gives_up(page, server):
    answered(page, "12 ESSMS")
    missing = page.get_by_role("button", name="Préciser : Région")
    missing.click()
    expect(page.locator("#editor input").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#editor")).to_have_count(0)
    expect(missing).to_be_focused()

    missing.press("Enter")
    editor = page.get_by_role("dialog", name="Préciser : Région")
    editor.get_by_role("button", name="Mettre à jour").click()
    expect(editor.get_by_role("alert")).to_have_text("Choisissez une réponse dans la liste.")
    expect(editor.get_by_role("checkbox").first).to_be_focused()
    expect(editor.get_by_role("checkbox").first).to_have_accessible_description("Choisissez une réponse dans la liste.")
    editor.get_by_label("Bretagne").check()
    editor.get_by_label("Corse").check()
    editor.get_by_role("button", name="Mettre à jour").click()

    expect(page.locator(".question").last).to_have_text("Régions\u00a0: Bretagne et Corse.")
    assert server.assistant.seen[-1][0][-1] == "Régions\u00a0: Bretagne et Corse."


def test_only_the_facts_of_the_last_answer_can_be_corrected(page):
    answered(page, "12 ESSMS")
    answered(page, "Toujours 12 ESSMS")

    buttons = page.get_by_role("button", name="Nombre d’ESSMS : 12")
    expect(buttons).to_have_count(2)
    expect(buttons.first).to_be_disabled()
    expect(buttons.last).to_be_enabled()


def test_an_answer_is_copied_with_its_sources(page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    answered(page, "12 ESSMS")
    last_answer(page).get_by_role("button", name="Copier").click()
    expect(last_answer(page).get_by_role("button", name="Copié")).to_be_visible()

    text = page.evaluate("navigator.clipboard.readText()")
    assert "Avec 12 ESSMS, le groupement est sous le seuil [1]." in text
    assert "- [1] ARS d’exemple, 2025-03-01 : « Appel à projets d’exemple 2025 », page 3." in text
    assert "<https://exemple.fr/appel?annee=2025&voie=regionale>" in text


def test_a_conversation_is_exported_in_markdown_in_which_nothing_is_markup(page, tmp_path):
    answered(page, HOSTILE)
    answered(page, "Un document hostile")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Exporter").click()

    assert saved.value.suggested_filename == "conversation-esms-numerique-2025-06-02.md"
    path = tmp_path / "export.md"
    saved.value.save_as(path)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# Conversation avec l’assistant ESMS numérique\n")
    assert "## Question 1, posée le 2 juin 2025" in text
    assert "> 12 ESSMS &lt;img src=x onerror=alert(1)&gt; \\[lien\\](javascript:alert(1)) \\# titre" in text
    assert "<img" not in text
    assert "<script" not in text
    assert "<javascript" not in text
    assert "Il dit **ceci** : &lt;img src=x onerror=alert(1)&gt; [clic]\\(javascript:alert(1)) \\!\\[x]\\(http" in text
    assert "décisions de l’ARS" in text


def test_the_conversation_prints_with_its_sources_open_and_without_its_buttons(page, tmp_path):
    from pypdf import PdfReader

    answered(page, "12 ESSMS")
    path = tmp_path / "conversation.pdf"
    path.write_bytes(page.pdf(format="A4"))
    text = " ".join("".join(sheet.extract_text() for sheet in PdfReader(path).pages).split())

    assert "Avec 12 ESSMS, le groupement est sous le seuil" in text
    assert "Le projet regroupe au moins 15 ESSMS." in text
    assert "https://exemple.fr/appel" in text
    assert "Envoyer" not in text
    assert "Pas utile" not in text
    expect(page.locator("details.sources")).not_to_have_attribute("open", "")


def test_a_link_shares_the_questions_without_personal_data(page, browser, server):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    answered(page, "12 ESSMS, écrivez-moi à directrice@example.org")
    answered(page, "Et\nMayotte ?")
    page.get_by_role("button", name="Partager").click()
    dialog = page.get_by_role("dialog", name="Partager les questions par un lien")
    questions = dialog.get_by_label("Questions du lien")
    expect(questions).not_to_have_value("")
    assert "directrice" not in questions.input_value()
    assert questions.input_value().endswith("\nEt Mayotte ?")
    expect(dialog).to_contain_text("ont été masqués")
    dialog.get_by_role("button", name="Copier le lien").click()
    expect(dialog).to_contain_text("Le lien est copié.")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{server.url}#partage=")

    visitor = browser.new_page()
    requests: list[str] = []
    visitor.on("request", lambda request: requests.append(request.url))
    visitor.goto(link)
    shared = visitor.get_by_role("region", name="Questions partagées avec vous")
    expect(shared).to_contain_text("Elles ont été posées le 2 juin 2025")
    expect(shared.get_by_role("listitem")).to_have_count(2)
    before = len(server.assistant.seen)
    visitor.wait_for_timeout(300)
    assert len(server.assistant.seen) == before  # nothing is asked before the visitor agrees
    shared.get_by_role("button", name="Poser ces questions").click()
    expect(answers(visitor)).to_have_count(2)
    expect(visitor.locator(".question").last).to_have_text("Et Mayotte ?")
    assert not any("partage" in url for url in requests)
    assert "partage" not in visitor.url
    visitor.close()


@pytest.mark.parametrize(
    "payload",
    [
        "%%%",
        "e30",  # {}
        "eyJxIjpbMV19",  # {"q":[1]}
        "bnVsbA",  # null
        "eyJxIjoiYSJ9",  # {"q":"a"}
        "A" * 20_000,
    ],
)
def test_a_damaged_link_is_said_and_nothing_is_asked(browser, server, payload):
    tab = browser.new_page()
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    before = len(server.assistant.seen)
    tab.goto(f"{server.url}#partage={payload}")

    expect(tab.locator("#notice")).to_contain_text("Ce lien de partage est incomplet ou abîmé")
    expect(tab.locator("#shared")).to_be_hidden()
    tab.close()
    assert errors == []
    assert len(server.assistant.seen) == before


@pytest.mark.parametrize("day", [["9999-99-99"], "2025-02-30", 12, None])
def test_a_shared_link_of_a_false_day_shows_its_questions_without_it(page, server, day):
    link = page.evaluate("day => '#partage=' + btoa(JSON.stringify({q: ['Quand ?'], d: day})).replace(/=+$/, '')", day)
    page.goto("about:blank")
    page.goto(server.url + link)

    expect(page.locator("#shared-questions")).to_have_text("Quand ?")
    expect(page.locator("#shared-day")).to_have_text("Les réponses seront celles d’aujourd’hui.")


def test_markup_in_a_shared_link_is_shown_as_text(page, server):
    page.evaluate("location.hash = ''")
    link = page.evaluate(
        "'#partage=' + btoa(JSON.stringify({q: ['<img src=x onerror=alert(1)>'], d: '<b>'})).replace(/=+$/, '')"
    )
    page.goto("about:blank")
    page.goto(server.url + link)

    expect(page.locator("#shared-questions")).to_have_text("<img src=x onerror=alert(1)>")
    assert page.locator("#shared img").count() == 0
    page.get_by_role("button", name="Ignorer").click()
    expect(page.locator("#shared")).to_be_hidden()


def test_an_opinion_is_sent_with_its_reasons_and_withdrawn(page, tmp_path, monkeypatch):
    monkeypatch.setenv("ASSISTANT_VAR", str(tmp_path))
    answered(page, "12 ESSMS")
    last_answer(page).get_by_role("button", name="Pas utile").click()
    dialog = page.get_by_role("dialog", name="Votre avis sur cette réponse")
    dialog.get_by_label("Réponse incomplète").check()
    dialog.get_by_label("Précisions (facultatif)").fill("Il manque la date <script>")
    dialog.get_by_role("button", name="Envoyer l’avis").click()

    expect(page.locator("#notice")).to_contain_text("Merci, votre avis est enregistré.")
    expect(last_answer(page).get_by_role("button", name="Pas utile")).to_have_attribute("aria-pressed", "true")
    (written,) = _opinions(tmp_path)
    assert written["value"] == "inutile"
    assert written["reasons"] == ["incomplete"]
    assert written["comment"] == "Il manque la date <script>"
    assert not written.get("question")
    assert not written.get("answer")

    page.get_by_role("button", name="Retirer mon avis").click()
    expect(page.locator("#notice")).to_contain_text("Votre avis est retiré.")
    assert _opinions(tmp_path) == []


def test_every_reason_offered_is_one_that_the_server_knows(page, tmp_path, monkeypatch):
    monkeypatch.setenv("ASSISTANT_VAR", str(tmp_path))
    answered(page, "12 ESSMS")
    for name in ("Utile", "Pas utile"):
        last_answer(page).get_by_role("button", name=name, exact=True).click()
        dialog = page.get_by_role("dialog", name="Votre avis sur cette réponse")
        for box in dialog.locator("fieldset input:visible").all():
            box.check()
        dialog.get_by_label("Joindre ma question et la réponse").check()
        dialog.get_by_role("button", name="Envoyer l’avis").click()
        expect(dialog).to_be_hidden()

    useful, useless = sorted(_opinions(tmp_path), key=lambda row: len(row["reasons"]))
    assert (len(useful["reasons"]), len(useless["reasons"])) == (3, 6)
    assert useful["question"] == "12 ESSMS"
    assert "sous le seuil" in useful["answer"]


def _opinions(var: Path) -> list[dict]:
    lines = [line for path in (var / "feedback").glob("*.jsonl") for line in path.read_text(encoding="utf-8").splitlines()]
    return [json.loads(line) for line in lines]


def test_an_opinion_that_cannot_be_sent_is_not_lost(page, troubles):
    answered(page, "12 ESSMS")
    page.route("**/avis", lambda route: route.abort())
    last_answer(page).get_by_role("button", name="Pas utile").click()
    dialog = page.get_by_role("dialog", name="Votre avis sur cette réponse")
    dialog.get_by_label("Précisions (facultatif)").fill("À garder")
    dialog.get_by_role("button", name="Envoyer l’avis").click()

    expect(dialog).to_contain_text("L’avis n’a pas pu être envoyé")
    expect(dialog.get_by_label("Précisions (facultatif)")).to_have_value("À garder")
    assert troubles == ["Failed to load resource: net::ERR_FAILED"]
    troubles.clear()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_dialogs_panel_and_editor_fit_the_window(page, width):
    page.set_viewport_size({"width": width, "height": 700})
    answered(page, "12 ESSMS")
    for opener, target in (
        ("#open-conversations", "#conversations"),
        ("#open-share", "#share"),
        (".tool.useless", "#opinion"),
    ):
        page.locator(opener).click()
        box = page.locator(target).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert fits(page)
        page.keyboard.press("Escape")
    page.locator("button.fact").first.click()
    box = page.locator("#editor").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert fits(page)


def test_the_page_of_a_project_hands_its_facts_to_a_new_conversation(page, server):
    answered(page, "12 ESSMS")
    page.goto(f"{server.url}projet?nombre_essms=14&territoires=bretagne")
    page.get_by_role("link", name="Poser une question sur ce projet").click()
    box = page.get_by_label("Votre question")

    expect(box).to_have_value("Nombre d’ESSMS\u00a0: 14. Région\u00a0: Bretagne. Pouvons-nous candidater\u00a0?")
    expect(box).to_be_focused()
    expect(page.locator(".question")).to_have_count(0)
    expect(page.locator("#notice")).to_contain_text("complétez la question")
    assert "question=" not in page.url


@pytest.mark.parametrize("mark", ["%E0%A4%A", "%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E"])
def test_an_odd_text_handed_over_is_only_text(page, server, mark):
    page.goto("about:blank")
    page.goto(f"{server.url}#question={mark}")
    expect(page.locator("#toolbar")).to_be_attached()
    page.wait_for_timeout(300)

    assert page.locator("#contenu img").count() == 0
    assert page.get_by_label("Votre question").input_value() in ("", "<img src=x onerror=alert(1)>")


def test_back_from_a_source_that_was_read_finds_the_conversation(page, troubles):
    answered(page, "12 ESSMS")
    page.locator("a.marker").first.click()
    page.locator("#panel").get_by_role("link", name="Lire l’extrait dans son contexte").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Posez votre question")
    page.go_back()

    expect(page.locator(".question")).to_have_text(["12 ESSMS"])
    expect(page.locator("#panel")).to_be_hidden()
    page.locator("a.marker").first.click()
    expect(page.locator("#panel-title")).to_be_focused()
    assert all("404" in line for line in troubles)  # the source of the scripted answer is not in the corpus
    troubles.clear()
