"""The page of the desk, driven in a browser over the real service, a real database and the real assistant."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from axe_playwright_python.sync_playwright import Axe
from chat_page import becomes, fits
from playwright.sync_api import Browser, Page, expect

from assistant.drafting.message import Address
from assistant.drafting.sending import SmtpSettings
from assistant.settings import DeskSettings
from assistant.storage.database import open_database
from assistant.storage.views import AccountView, Status
from assistant.web.agents.access import COOKIE
from assistant.web.agents.service import DeskService
from assistant.web.app import create_app

pytestmark = pytest.mark.browser

DAY = date(2026, 11, 26)
PASSWORD = "une phrase de passe"
THREE_QUESTIONS = """De : Direction de l’EHPAD d’exemple <direction@example.org>
Objet : Projet de 12 établissements

Bonjour,

Nous sommes 12 ESSMS en Bretagne. Pouvons-nous déposer un projet cette année ?
Quel montant peut-on obtenir par structure ?

Cordialement,
La direction
"""
PLAIN = """De : Responsable informatique <si@example.org>
Objet : {subject}

Bonjour, qu’est-ce que le DUI ? Merci.
"""
HOSTILE = """De : "<img src=x onerror=alert(1)>" <x@example.org>
Objet : <script>alert(2)</script> ${{alert(3)}} {{{{7*7}}}}

<img src=x onerror=alert(4)> Bonjour, qu’est-ce que le DUI <svg onload=alert(5)> ?
[clic](javascript:alert(6)) ![x](http://exemple.fr/x.png)

</div></article><script>alert(7)</script>
"""


class Server:
    """The site with its desk, on a port that it keeps when it is stopped and started again."""

    def __init__(self, assistant: Any, service: DeskService) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/agents/"
        self._assistant = assistant
        self.service = service
        self.start()

    def start(self) -> None:
        import uvicorn

        listener = socket.create_server(("127.0.0.1", self.port))
        app = create_app(self._assistant, clock=lambda: DAY, desk=self.service)
        self._runner = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
        self._thread = threading.Thread(target=self._runner.run, kwargs={"sockets": [listener]}, daemon=True)
        self._thread.start()
        limit = time.monotonic() + 30
        while not self._runner.started:
            assert time.monotonic() < limit, "the server did not start"
            time.sleep(0.05)

    def stop(self) -> None:
        self._runner.should_exit = True
        self._thread.join(timeout=10)
        assert not self._thread.is_alive()


@pytest.fixture(scope="module")
def people() -> dict[str, AccountView]:
    return {}


@pytest.fixture(scope="module")
def running(
    assistant: Any, people: dict[str, AccountView], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('desk') / 'desk.sqlite3'}")
    service = DeskService(assistant, database, DeskSettings(signature="Le service"))
    for login, name in (("agent.un", "Agent un"), ("agent.deux", "Agent deux")):
        people[login] = service.accounts.create(login, name, PASSWORD)
    server = Server(assistant, service)
    yield server
    server.stop()
    database.dispose()


@pytest.fixture
def enter(browser: Browser, running: Server, troubles: list[str]) -> Iterator[Callable[..., Page]]:
    """How to open the desk as somebody; fails on a dialog, an error of a script, or a request outside."""
    contexts = []

    def make(login: str = "agent.un", width: int = 1280, scheme: str = "light", path: str = "") -> Page:
        context = browser.new_context(
            locale="fr-FR", color_scheme=scheme, viewport={"width": width, "height": 900}
        )
        contexts.append(context)
        token = running.service.accounts.sign_in(login, PASSWORD, "127.0.0.1")
        context.add_cookies([{"name": COOKIE, "value": token, "url": running.url}])
        tab = context.new_page()
        tab.on("dialog", lambda dialog: (troubles.append(f"dialog {dialog.message}"), dialog.dismiss()))
        tab.on("pageerror", lambda error: troubles.append(f"script error {error}"))
        tab.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
        home = running.url.removesuffix("agents/")
        tab.on(
            "request",
            lambda request: (
                None if request.url.startswith((home, "data:", "blob:")) else troubles.append(request.url)
            ),
        )
        tab.set_default_timeout(10_000)
        tab.goto(running.url + path)
        becomes(tab, "document.querySelector('#region-inbox .bin') !== null")
        return tab

    yield make
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def request_id(running: Server, people: dict[str, AccountView], request: pytest.FixtureRequest) -> int:
    """A request of the test's own, whose draft is sure."""
    return _paste(running, people, PLAIN.format(subject=f"Le DUI ({request.node.name})"))


@pytest.fixture
def doubtful_id(running: Server, people: dict[str, AccountView], request: pytest.FixtureRequest) -> int:
    """A request of the test's own, whose draft has points to check."""
    number = _paste(running, people, THREE_QUESTIONS + f"\n({request.node.name})")
    assert running.service.desk.get(number).points_left
    return number


def _paste(running: Server, people: dict[str, AccountView], text: str) -> int:
    received = running.service.paste(text, people["agent.un"])
    assert received.new, received.problem
    assert received.request is not None
    return received.request.id


def letter(page: Page):
    return page.get_by_label("Texte de la réponse")


def opened(page: Page) -> None:
    becomes(page, "document.body.classList.contains('with-request')")
    becomes(page, "document.querySelector('#draft textarea').value.length > 20")


def saved(page: Page) -> None:
    expect(page.locator("#save-state")).to_contain_text("Enregistré à")


def test_from_a_pasted_message_to_a_file_to_send(enter, running):
    page = enter()
    page.get_by_role("button", name="Nouvelle demande").click()
    page.get_by_label("Message à coller").fill(THREE_QUESTIONS)
    page.get_by_role("button", name="Préparer une réponse").click()
    opened(page)
    number = int(page.evaluate("new URLSearchParams(location.search).get('demande')"))
    expect(page.locator("#region-thread mark").first).to_be_visible()
    expect(page.get_by_role("heading", name="Projet de 12 établissements")).to_be_visible()
    assert letter(page).input_value() == running.service.desk.get(number).draft.text

    letter(page).fill(letter(page).input_value().replace("Cordialement", "") + "\n\nPost-scriptum.")
    expect(page.locator("#save-state")).to_have_text("Non enregistré")
    saved(page)
    assert running.service.desk.get(number).draft.text.endswith("Post-scriptum.")

    page.get_by_role("button", name="Prêt", exact=True).click()
    expect(page.locator("#notice")).to_contain_text("à cocher avant de valider")
    assert running.service.desk.get(number).status is Status.TO_HANDLE
    for place in range(len(running.service.desk.get(number).points)):
        page.locator(".point").nth(place).check()
        becomes(page, f"document.querySelectorAll('.point:checked').length === {place + 1}")
    page.get_by_role("button", name="Prêt", exact=True).click()
    expect(page.locator("#notice")).to_contain_text("« Prêt »".replace(" ", "\u00a0"))
    assert running.service.desk.get(number).status is Status.READY
    page.get_by_role("button", name="Annuler le dernier changement de statut").click()
    expect(page.locator("#status-a_traiter")).to_have_attribute("aria-pressed", "true")

    for form in ("eml", "docx", "odt"):
        with page.expect_download() as download:
            page.locator(f"#export-{form}").click()
        assert download.value.suggested_filename.endswith(f".{form}")


def test_the_text_typed_by_two_people_is_lost_for_neither(enter, running, request_id):
    one, two = (enter(login, path=f"?demande={request_id}") for login in ("agent.un", "agent.deux"))
    for page in (one, two):
        opened(page)
    letter(one).fill("Texte du premier.")
    saved(one)
    letter(two).fill("Texte du second.")
    expect(two.get_by_role("heading", name="Deux personnes ont modifié cette réponse")).to_be_visible()
    assert two.get_by_label("Votre texte").input_value() == "Texte du second."
    assert two.get_by_label("Texte de Agent un").input_value() == "Texte du premier."
    view = running.service.desk.get(request_id)
    assert view.draft.text == "Texte du premier."
    assert "Texte du second." in [revision.text for revision in view.revisions]
    two.get_by_role("button", name="Garder le mien").click()
    saved(two)
    view = running.service.desk.get(request_id)
    assert view.draft.text == "Texte du second."
    assert "Texte du premier." in [revision.text for revision in view.revisions]


class Mailbox:
    """What a mail server received."""

    def __init__(self) -> None:
        self.recipients: list[list[str]] = []

    async def handle_DATA(self, server, session, envelope):
        self.recipients.append(envelope.rcpt_tos)
        return "250 OK"


@pytest.fixture
def mailbox(running: Server) -> Iterator[Mailbox]:
    """A mail server on the loopback, through which the desk sends while the test lasts."""
    received = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(received, hostname="127.0.0.1", port=port)
    controller.start()
    running.service.smtp = SmtpSettings(
        "127.0.0.1", Address("Le service", "service@example.org"), port, "none", timeout=5
    )
    yield received
    running.service.smtp = None
    controller.stop()


def test_a_letter_is_sent_once_its_recipients_are_confirmed(enter, running, mailbox, request_id):
    page = enter(path=f"?demande={request_id}")
    opened(page)
    page.get_by_role("button", name="Envoyer…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("listitem")).to_have_text(["Responsable informatique <si@example.org>"])
    dialog.get_by_role("button", name="Annuler").click()
    assert mailbox.recipients == []
    page.get_by_role("button", name="Envoyer…").click()
    dialog.get_by_role("button", name="Envoyer").click()
    expect(page.locator("#region-reply")).to_contain_text("elle ne peut plus être modifiée")
    assert mailbox.recipients == [["si@example.org"]]
    assert letter(page).get_attribute("readonly") is not None
    assert running.service.desk.get(request_id).really_sent


def test_who_else_is_there_is_said(enter, running, people, request_id):
    running.service.desk.present(request_id, people["agent.deux"].id)
    page = enter(path=f"?demande={request_id}")
    expect(page.locator("#presence")).to_have_text("Agent deux est aussi sur cette demande.")


def test_a_text_typed_while_the_server_is_down_is_found_again(enter, running, request_id, troubles):
    page = enter(path=f"?demande={request_id}")
    opened(page)
    running.stop()
    try:
        letter(page).fill("Texte tapé pendant la panne.")
        expect(page.locator("#save-state")).to_contain_text("le serveur ne répond pas", timeout=15_000)
    finally:
        running.start()
    tab = page.context.new_page()
    page.close()  # as in a crash: nothing is asked, nothing is said to the server
    assert any("ERR_CONNECTION_REFUSED" in line for line in troubles)
    troubles.clear()
    page = tab
    page.goto(f"{running.url}?demande={request_id}")
    opened(page)
    expect(page.get_by_role("heading", name="Un texte non enregistré a été retrouvé")).to_be_visible()
    page.get_by_role("button", name="Reprendre ce texte").click()
    saved(page)
    assert running.service.desk.get(request_id).draft.text == "Texte tapé pendant la panne."


def test_a_text_typed_while_the_server_is_down_is_saved_once_it_is_back(enter, running, request_id, troubles):
    page = enter(path=f"?demande={request_id}")
    opened(page)
    running.stop()
    try:
        letter(page).fill("Texte tapé pendant la panne.")
        expect(page.locator("#save-state")).to_contain_text("le serveur ne répond pas", timeout=15_000)
    finally:
        running.start()
    expect(page.locator("#save-state")).to_contain_text("Enregistré à", timeout=15_000)
    assert running.service.desk.get(request_id).draft.text == "Texte tapé pendant la panne."
    assert page.evaluate("localStorage.length") == 0
    troubles.clear()


def test_a_session_that_ended_is_said_and_the_text_kept(enter, running, request_id, people, troubles):
    page = enter(path=f"?demande={request_id}")
    opened(page)
    running.service.accounts.sign_out_everywhere(people["agent.un"].id)
    letter(page).fill("Texte après la session.")
    expect(page.locator("#save-state")).to_contain_text("votre session est terminée")
    assert "Texte après la session." in page.evaluate("JSON.stringify(localStorage)")
    assert all("401" in line for line in troubles), troubles
    troubles.clear()


def test_nothing_of_a_message_or_a_letter_runs(enter, running, people):
    number = _paste(running, people, HOSTILE.format())
    running.service.desk.note(number, "<img src=x onerror=alert(8)>", people["agent.un"].id)
    page = enter(path=f"?demande={number}")
    opened(page)
    letter(page).fill(
        "<img src=x onerror=alert(9)> **gras** [clic](javascript:alert(1)) </div><script>alert(1)</script>"
    )
    saved(page)
    page.get_by_role("button", name="Aperçu").click()
    expect(page.locator("#region-preview")).to_contain_text("<img src=x onerror=alert(9)>")
    assert page.locator("#contenu :is(img, svg[onload], script:not([nonce]))").count() == 0
    assert page.locator("#contenu a[href^=javascript]").count() == 0
    expect(page.locator("#region-thread")).to_contain_text("<script>alert(7)</script>")


def test_searching_filtering_and_going_back(enter, running, people, request_id):
    page = enter()
    page.get_by_role("searchbox").fill("test_searching")
    expect(page.locator(".request")).to_have_count(1)
    assert page.evaluate("document.activeElement.id") == "filter-mots"
    page.locator(".request").click()
    opened(page)
    expect(page.locator(".request")).to_have_attribute("aria-current", "true")
    page.go_back()
    becomes(page, "!document.body.classList.contains('with-request')")
    expect(page.locator(".request")).to_have_count(1)
    page.go_forward()
    opened(page)
    page.get_by_role("searchbox").fill("mot que personne n’écrit")
    expect(page.locator("#region-inbox")).to_contain_text("Aucune demande ne correspond")
    page.get_by_text("Filtrer et trier").click()
    page.get_by_role("searchbox").fill("test_searching")
    page.get_by_label("Suivies par", exact=True).select_option("moi")
    expect(page.locator(".request")).to_have_count(0)
    page.locator("#assignee").select_option(label="Agent un (moi)")
    expect(page.locator(".request")).to_have_count(1)


def test_a_request_deleted_can_be_taken_back(enter, running, request_id):
    page = enter(path=f"?demande={request_id}")
    opened(page)
    page.get_by_role("button", name="Supprimer la demande").click()
    expect(page.locator("#notice")).to_contain_text("corbeille")
    assert running.service.desk.get(request_id).removed_at is not None
    page.get_by_role("button", name="Annuler").click()
    opened(page)
    assert running.service.desk.get(request_id).removed_at is None


def test_the_letter_is_made_again_only_with_leave_and_comes_back_from_the_history(enter, running, request_id):
    page = enter(path=f"?demande={request_id}")
    opened(page)
    letter(page).fill("Mon texte à moi.")
    saved(page)
    page.get_by_label("Longueur").select_option("court")
    page.get_by_role("button", name="Annuler").click()
    assert letter(page).input_value() == "Mon texte à moi."
    page.get_by_label("Longueur").select_option("court")
    page.get_by_role("button", name="Refaire la lettre").last.click()
    expect(letter(page)).not_to_have_value("Mon texte à moi.")
    assert running.service.desk.get(request_id).reply["options"]["length"] == "court"
    page.get_by_text("Historique", exact=True).click()
    page.locator(".compare").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("Mon texte à moi.")
    page.keyboard.press("Escape")
    page.locator(".restore").first.click()
    expect(letter(page)).to_have_value("Mon texte à moi.")


def test_questions_are_corrected_and_an_answer_is_inserted(enter, running, request_id):
    page = enter(path=f"?demande={request_id}")
    opened(page)
    page.get_by_text("Questions trouvées (1)").click()
    page.get_by_role("button", name="Ajouter une question").click()
    page.get_by_label("Question 2", exact=True).fill("Combien d’ESSMS faut-il au minimum ?")
    page.locator("#redraft").click()
    expect(page.get_by_text("Questions trouvées (2)")).to_be_visible()
    assert "Combien d’ESSMS" in letter(page).input_value()
    page.locator("#panel-ask > summary").click()
    page.get_by_label("Votre question").fill("Qui peut être chef de projet ?")
    page.get_by_role("button", name="Demander", exact=True).click()
    expect(page.get_by_role("heading", name="Réponse de l’assistant")).to_be_focused()
    before = letter(page).input_value()
    page.get_by_role("button", name="Insérer dans la lettre").click()
    expect(page.locator("#notice")).to_contain_text("est insérée dans la lettre")
    assert len(letter(page).input_value()) > len(before)
    assert letter(page).input_value() == running.service.desk.get(request_id).draft.text
    page.locator("#panel-paragraph > summary").click()
    page.get_by_role("button", name="Refaire ce paragraphe").click()
    expect(page.locator("#notice")).to_contain_text("Le paragraphe a été refait")


def test_files_are_received_one_by_one_each_with_what_became_of_it(enter, tmp_path, troubles):
    good = tmp_path / "message.eml"
    good.write_bytes(b"From: a@example.org\nSubject: Fichier\n\nBonjour, qu'est-ce que le DUI ? Merci.\n")
    bad = tmp_path / "vide.docx"
    bad.write_bytes(b"")
    page = enter()
    page.get_by_role("button", name="Nouvelle demande").click()
    page.locator("#files").set_input_files([good, bad, good])
    lines = page.locator("#uploads li")
    expect(lines).to_have_count(3)
    expect(lines.nth(0)).to_contain_text("ajoutée")
    expect(lines.nth(1).locator(".problem")).not_to_be_empty()
    expect(lines.nth(2)).to_contain_text("déjà reçue")
    assert all("422" in line for line in troubles), troubles  # the browser notes the refusal of the empty one
    troubles.clear()
    lines.nth(0).get_by_role("link").click()
    opened(page)
    expect(page.get_by_role("heading", name="Fichier")).to_be_visible()


def test_the_letter_is_copied_with_its_layout(enter, running, request_id):
    page = enter(path=f"?demande={request_id}")
    opened(page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copier avec mise en forme").click()
    expect(page.locator("#notice")).to_contain_text("est copiée")
    html, plain = page.evaluate(
        """async () => {
            const [item] = await navigator.clipboard.read();
            return Promise.all(["text/html", "text/plain"].map(async (type) => (await item.getType(type)).text()));
        }"""
    )
    assert "<p" in html
    assert plain.startswith("Madame, Monsieur,")


def test_a_marker_leads_to_its_source(enter, running, request_id):
    page = enter(path=f"?demande={request_id}")
    opened(page)
    page.get_by_role("button", name="Aperçu").click()
    page.get_by_role("button", name="Voir la source 1").first.click()
    assert page.evaluate("document.activeElement.closest('details').id") == "lettre-source-1"
    assert page.evaluate("document.activeElement.closest('details').open")


def test_the_desk_is_driven_by_the_keyboard_alone(enter, running, doubtful_id):
    page = enter(path=f"?demande={doubtful_id}")
    opened(page)

    def reach(selector: str) -> None:
        for _ in range(80):
            if page.evaluate(f"document.activeElement.matches({selector!r})"):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"{selector} is not reached")

    reach("#panel-ask > summary")
    page.keyboard.press("Enter")
    reach("#ask-question")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('#panel-ask > summary')")
    assert not page.evaluate("document.getElementById('panel-ask').open")
    reach("#draft textarea")
    page.keyboard.type("Ajout. ")
    saved(page)
    assert page.evaluate("document.activeElement.matches('#draft textarea')")
    assert "Ajout. " in running.service.desk.get(doubtful_id).draft.text
    reach(".point")
    page.keyboard.press("Space")
    becomes(page, "document.querySelectorAll('.point:checked').length === 1")
    assert page.evaluate("document.activeElement.id") == "point-1"


def test_a_note_stays_typed_while_the_page_changes(enter, running, doubtful_id):
    page = enter(path=f"?demande={doubtful_id}")
    opened(page)
    page.get_by_text("Notes internes").click()
    page.get_by_label("Nouvelle note").fill("À voir avec l’équipe")
    page.locator(".point").first.check()
    becomes(page, "document.querySelectorAll('.point:checked').length === 1")
    expect(page.get_by_label("Nouvelle note")).to_have_value("À voir avec l’équipe")
    page.get_by_role("button", name="Ajouter la note").click()
    expect(page.locator(".notes")).to_contain_text("À voir avec l’équipe")
    expect(page.get_by_label("Nouvelle note")).to_have_value("")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_stands_in_the_way_of_anybody(enter, running, doubtful_id, width, scheme):
    page = enter(width=width, scheme=scheme, path=f"?demande={doubtful_id}")
    opened(page)
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    views = ["Demandes", "Message", "Réponse"] if width == 390 else [""]
    for view in views:
        if view:
            page.locator("#views").get_by_role("button", name=view).click()
        assert fits(page), view
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
        assert found.violations_count == 0, found.generate_report()
