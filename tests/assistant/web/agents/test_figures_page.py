"""The figures of the manager: of the service and never of a person, for the manager only, legible by everybody."""

from __future__ import annotations

import csv
import io
import socket
import threading
import time

import pytest
from desk_samples import AMBER, PASSWORD, message, reply
from lxml import html

from assistant.answer import Kind, Status
from assistant.storage.views import Status as Stage

PAGE = "/agents/chiffres"
LACKING = ("Mon établissement d’exemple est-il retenu en 2031 ?", Kind.ABSTENTION, Status.NOT_IN_CORPUS)


@pytest.fixture(scope="module")
def filled(desk, chief):
    """Three requests: one green and sent unchanged, one amber, one whose question has no answer."""

    def add(text: str, **drafting: object) -> int:
        view, _ = desk.service.desk.add(
            message(text), text.encode(), reply(**drafting), by=None, kind="courriel"
        )
        return view.id

    by = desk.people["agent.un"].id
    sent = add("Première demande")
    desk.service.desk.open(sent, by)
    desk.clock.move(minutes=30)
    desk.service.desk.set_status(sent, Stage.SENT, by=by)
    add("Deuxième demande", **AMBER)
    add("Troisième demande, écrite par Mme Dupont-Modèle", questions=(LACKING,))
    return desk


def table(page, caption: str) -> dict[str, str]:
    """The rows of the table that has this caption: name to value."""
    found = page.xpath(f"//table[caption='{caption}']")[0]
    return {
        row.findtext("th"): "".join(row.find("td").itertext()).replace("\u00a0", " ")
        for row in found.findall("tbody/tr")
    }


def read(client, query: str = ""):
    response = client.get(f"{PAGE}{query}")
    return response, html.fromstring(response.text)


@pytest.mark.usefixtures("filled")
def test_the_counts_are_those_of_the_requests(chief):
    response, page = read(chief, "?du=2026-03-01&au=2026-03-31")

    assert response.status_code == 200
    assert table(page, "Demandes")["Reçues"] == "3"
    assert table(page, "Demandes par risque") == {"Vert": "2", "Orange": "1", "Rouge": "0"}
    assert table(page, "Demandes par statut")["Envoyé"] == "1"
    assert table(page, "Envois")["Envoyées sans modification"] == "1"
    delays = table(page, "Délais")
    assert delays["De l’ouverture à la validation (médiane, minutes)"] == "30"
    week = page.xpath("//table[contains(@class, 'weeks')]/tbody/tr")
    assert len(week) == 1
    assert week[0].findtext("th").replace("\u00a0", " ") == "2 mars 2026"
    assert [cell.text for cell in week[0].findall("td[@class='number']")] == ["3", "1"]
    assert "établissement d’exemple est-il retenu" in page.text_content()


@pytest.mark.usefixtures("filled")
def test_no_figure_is_about_a_person(chief, desk):
    response, page = read(chief, "?du=&au=")
    text = " ".join(page.xpath("//main")[0].text_content().split()).replace("Responsable d’exemple", "", 1)

    assert "Dupont" not in response.text
    for person in desk.people.values():
        assert person.login not in response.text
        assert person.display_name not in text
    for name in ("chiffres.csv", "chiffres/manques.csv"):
        file = chief.get(f"/agents/{name}?du=&au=").text
        assert not any(one.display_name in file or one.login in file for one in desk.people.values())


@pytest.mark.usefixtures("filled")
def test_a_period_without_requests_says_so(chief):
    response, page = read(chief, "?du=2020-01-01&au=2020-12-31")

    assert response.status_code == 200
    assert "Aucune demande n’a été reçue sur cette période" in page.text_content()
    assert table(page, "Demandes")["Reçues"] == "0"
    assert table(page, "Délais")["De l’ouverture à la validation (médiane, minutes)"] == "aucune donnée"


def test_without_a_period_the_last_months_are_shown(chief):
    _, page = read(chief)
    fields = dict(page.xpath("//form[@method='get']")[0].fields)

    assert fields == {"du": "2025-12-03", "au": "2026-03-02"}


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("?du=hier", "ne se lit pas"),
        ("?du=2026-02-30", "ne se lit pas"),
        ("?au=2026-03-02x", "ne se lit pas"),
        ("?du=20260302", "ne se lit pas"),
        ("?du=2026-03-02&au=2026-03-01", "précède la fin"),
        ("?du='%20OR%201=1", "ne se lit pas"),
        ("?du=<script>alert(1)</script>", "ne se lit pas"),
        ("?au=" + "9" * 5000, "ne se lit pas"),
    ],
)
@pytest.mark.parametrize("path", ["", ".csv", "/manques.csv"])
def test_a_period_that_means_nothing_is_said(chief, query, told, path):
    response = chief.get(f"{PAGE}{path}{query}")

    assert response.status_code == 422
    assert told in html.fromstring(response.text).xpath("//*[@role='alert']")[0].text_content()
    assert "<script>alert" not in response.text


@pytest.mark.parametrize("query", ["?du=0001-01-01&au=9999-12-31", "?du=9999-12-31", "?au=0001-01-01"])
def test_the_ends_of_time_are_a_period(chief, query):
    assert read(chief, query)[0].status_code == 200


@pytest.mark.usefixtures("filled")
def test_both_files_open_in_a_spreadsheet(chief):
    figures = chief.get(f"{PAGE}.csv?du=2026-03-01&au=2026-03-31")
    lacks = chief.get(f"{PAGE}/manques.csv?du=2026-03-01&au=2026-03-31")
    rows = list(csv.reader(io.StringIO(figures.content.decode("utf-8-sig")), delimiter=";"))
    lines = list(csv.reader(io.StringIO(lacks.content.decode("utf-8-sig")), delimiter=";"))

    assert figures.headers["content-disposition"] == 'attachment; filename="chiffres.csv"'
    assert ["Demandes", "Reçues", "3"] in rows
    assert lines[0][:3] == ["theme", "question", "nombre"]
    assert len(lines) == 2
    assert lines[1][2] == "1"


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}.csv", f"{PAGE}/manques.csv"])
def test_an_agent_is_told_the_figures_are_for_the_manager(agent, path):
    response = agent.get(path)
    page = html.fromstring(response.text)

    assert response.status_code == 403
    assert page.findtext(".//h1") == "Accès réservé aux responsables"
    assert not page.xpath("//table")
    assert page.xpath("//nav[@aria-label='Espace agents']//a/text()") == ["Demandes"]


# In a browser


@pytest.fixture(scope="module")
def address(filled):
    """The desk served on the loopback."""
    import uvicorn

    listener = socket.create_server(("127.0.0.1", 0))
    runner = uvicorn.Server(uvicorn.Config(filled.app, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=runner.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    limit = time.monotonic() + 30
    while not runner.started:
        assert time.monotonic() < limit
        time.sleep(0.05)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    runner.should_exit = True
    thread.join(timeout=10)


@pytest.fixture
def tab(browser, width, scheme):
    context = browser.new_context(
        locale="fr-FR", color_scheme=scheme, viewport={"width": width, "height": 900}
    )
    yield context.new_page()
    context.close()


def assert_accessible(tab) -> None:
    from axe_playwright_python.sync_playwright import Axe

    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    found = Axe().run(tab, options={"runOnly": tags}).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_signing_in_with_the_keyboard_leads_to_legible_figures(tab, address):
    tab.goto(f"{address}{PAGE}?du=2026-03-01&au=2026-03-31")
    assert_accessible(tab)
    tab.keyboard.type("chef")
    tab.keyboard.press("Tab")
    tab.keyboard.type("autre phrase que la bonne")
    tab.keyboard.press("Enter")
    tab.get_by_role("alert").wait_for()
    assert_accessible(tab)
    assert tab.evaluate("document.activeElement.id") == "mot_de_passe"
    tab.keyboard.type(PASSWORD)
    tab.keyboard.press("Enter")
    tab.get_by_role("heading", name="Chiffres de l’espace agents").wait_for()
    assert tab.url.endswith("?du=2026-03-01&au=2026-03-31")
    assert_accessible(tab)
    tab.get_by_role("button", name="Se déconnecter").click()
    tab.get_by_text("Vous êtes déconnecté").wait_for()
    tab.go_back()
    assert "Demandes par risque" not in tab.content()


@pytest.mark.browser
def test_signing_in_needs_no_script(browser, address):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800})
    tab = context.new_page()
    tab.goto(f"{address}{PAGE}")
    tab.get_by_label("Identifiant").fill("chef")
    tab.get_by_label("Mot de passe").fill(PASSWORD)
    tab.get_by_role("button", name="Se connecter").click()
    shown = tab.get_by_role("heading", level=1).inner_text()
    context.close()

    assert shown == "Chiffres de l’espace agents"
