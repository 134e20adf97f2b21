"""The project page without a script: what it asks, what it rules, what it says of wrong values."""

from __future__ import annotations

import html
import re
from datetime import date
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from fastapi.testclient import TestClient
from lxml import html as lxml_html

from assistant.web.app import create_app
from corpus.parameters import load_parameters
from corpus.sources import load_sources

TODAY = date(2026, 11, 26)
GENERAL = load_parameters()["groupement.seuil_general"].value_for("2025").number()
SPECIAL = load_parameters()["groupement.seuil_corse_outre_mer"].value_for("2025").number()
NO_OTHER_AID = {"autre_aide_europeenne": "non", "deja_finance": "non", "prestation_segur": "non"}
LEGAL = {"categories": "ehpad", "finess_geo": "oui"}


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(create_app(SimpleNamespace(ask=None, search=None), clock=lambda: TODAY))


class Page:
    """A page received, read as a visitor would."""

    def __init__(self, response: Any) -> None:
        self.status = response.status_code
        self.tree = lxml_html.fromstring(response.text)

    def text(self, path: str) -> str:
        return " ".join(" ".join(found.text_content().split()) for found in self.tree.xpath(path))

    @property
    def headline(self) -> str:
        return self.text("//*[contains(@class, 'headline')]")

    @property
    def filing(self) -> str:
        return self.text("//*[contains(@class, 'filing')]")

    @property
    def asked(self) -> list[str]:
        """The parameters of the cards shown, each once."""
        names = self.tree.xpath("//section[contains(@class, 'question')]//*[@name]/@name")
        return list(
            dict.fromkeys(name for name in names if name != "inconnu" and not name.startswith("nombre."))
        )

    def theme(self, title: str) -> str:
        return self.text(f"//*[contains(@class, 'topic')][.//h3[contains(., '{title}')]]")

    def form(self) -> list[tuple[str, str]]:
        """What the browser would send for the page as it is."""
        pairs = []
        for field in self.tree.xpath("//form[@id='projet']//*[@name]"):
            if field.tag == "select":
                chosen = field.xpath("./option[@selected]/@value") or field.xpath("./option/@value")[:1]
                pairs.append((field.get("name"), chosen[0]))
            elif field.get("type") in ("checkbox", "radio"):
                if field.get("checked") is not None:
                    pairs.append((field.get("name"), field.get("value")))
            else:
                pairs.append((field.get("name"), field.get("value") or ""))
        return pairs


@pytest.fixture
def visit(client: TestClient):
    def get(address: str = "", **answers: object) -> Page:
        query = urlencode(answers, doseq=True)
        return Page(client.get(address or f"/projet?{query}"))

    return get


# What is ruled, from the documentation of the rules


def test_one_essms_short_of_the_threshold_is_not_eligible(visit) -> None:
    page = visit(nombre_essms=GENERAL - 1, territoires="bretagne")

    assert page.headline.startswith("✗ Projet non éligible")
    assert "Il manque 1 ESSMS" in page.theme("Nombre d’ESSMS")
    assert "impossible" in page.filing
    assert page.asked == []


def test_the_threshold_itself_is_reached(visit) -> None:
    page = visit(nombre_essms=GENERAL, territoires="bretagne")

    assert page.headline.startswith("? Non déterminé : il manque")
    assert "Atteint" in page.theme("Nombre d’ESSMS")
    assert page.asked == ["categories"]


def test_a_small_project_is_numerous_enough_in_corse(visit) -> None:
    assert "Atteint" in visit(nombre_essms=SPECIAL, territoires="corse").theme("Nombre d’ESSMS")
    assert "Non atteint" in visit(nombre_essms=SPECIAL - 1, territoires="corse").theme("Nombre d’ESSMS")


def test_regions_under_two_thresholds_leave_the_number_open(visit) -> None:
    page = visit(nombre_essms=GENERAL - 5, territoires=["corse", "bretagne"])

    assert page.headline == "? Non déterminé : les sources lues ne permettent pas de trancher."
    assert "Aucune source lue ne dit" in page.theme("Nombre d’ESSMS")
    assert page.asked == []


def test_structures_of_the_health_sector_are_out_of_scope(visit) -> None:
    page = visit(categories="usld")

    assert "Projet non éligible : structure du champ sanitaire" in page.headline
    assert "hors périmètre" in page.theme("Éligibilité")


def test_a_complete_project_is_eligible_and_cannot_be_filed_once_the_calls_are_closed(visit) -> None:
    page = visit(nombre_essms=GENERAL, territoires="bretagne", **LEGAL, **NO_OTHER_AID)

    assert page.headline == "✓ Projet éligible sur ce qui est indiqué."
    assert page.filing == "✗ Dépôt au 26 novembre 2026 : impossible, aucun appel n’est ouvert pour ce projet."
    assert "Régionale" in page.theme("Voie de dépôt")
    assert page.asked == ["choix"]


def test_the_same_project_can_be_filed_while_its_call_is_open(visit) -> None:
    page = visit(nombre_essms=GENERAL, territoires="bretagne", jour="2025-06-02", **LEGAL, **NO_OTHER_AID)

    assert page.filing == "✓ Dépôt au 2 juin 2025 : possible, un appel est ouvert."
    assert "Ce n’est pas la situation d’aujourd’hui, 26 novembre 2026" in page.text("//*[@id='resultat']")


@pytest.mark.parametrize(("day", "eligible"), [("2025-09-15", True), ("2025-09-16", False)])
def test_a_filing_is_in_time_up_to_the_closing(visit, day: str, eligible: bool) -> None:
    closing = load_parameters()["calendrier.cloture_regionale"].value_for("2025").day()
    assert closing == date(2025, 9, 15)

    page = visit(nombre_essms=GENERAL, territoires="bretagne", date_depot=day, **LEGAL, **NO_OTHER_AID)

    assert ("éligible sur ce qui est indiqué" in page.headline) is eligible
    if not eligible:
        assert page.headline == "✗ Projet non recevable : dépôt le 16 septembre 2025 hors délai."


def test_another_european_aid_is_an_obstacle(visit) -> None:
    page = visit(nombre_essms=GENERAL, territoires="bretagne", **LEGAL, autre_aide_europeenne="oui")

    assert "aucun autre financement européen" in page.headline
    assert "Incompatible" in page.theme("Cumul")


def test_a_contradiction_between_sources_is_shown_with_the_ruling(visit) -> None:
    page = visit(nombre_essms=GENERAL, territoires=["bretagne", "normandie"], jour="2025-06-02")

    assert "Contradiction" in page.theme("Calendrier")
    assert "1er juin 2025" in page.theme("Calendrier")  # set aside for 15 July: see the parameter


def test_each_condition_leads_to_a_known_source(visit) -> None:
    page = visit(nombre_essms=GENERAL, territoires="bretagne", **LEGAL, **NO_OTHER_AID, choix="acquisition")

    listed = page.tree.xpath("//section[contains(@class, 'sources')]//li")
    names = [item.xpath(".//a/@href")[0].removeprefix("/sources/") for item in listed]
    assert len(names) == len(set(names))
    for name, item in zip(names, listed, strict=True):
        source = load_sources()[name]
        assert source.publisher in item.text_content()
    for step in page.tree.xpath("//ul[contains(@class, 'steps')]/li"):
        anchors = step.xpath(".//a/@href")
        assert anchors, step.text_content()
        assert all(page.tree.xpath(f"//*[@id='{anchor[1:]}']") for anchor in anchors)


# What is asked, and how one goes on without a script


def test_nothing_answered_says_what_the_page_does(visit) -> None:
    page = visit()

    assert page.status == 200
    assert page.asked == ["nombre_essms", "territoires", "campagne"]
    about = page.text("//*[contains(@class, 'about')]")
    assert "De trois à six réponses" in about
    assert "ne sont pas conservées" in about
    assert page.headline == ""


def test_a_project_is_settled_with_the_button_alone(visit) -> None:
    replies = {
        "nombre_essms": [("nombre_essms", "20")],
        "categories": [("categories", "ehpad"), ("categories", "usld")],
        "finess_geo": [("finess_geo", "oui")],
        "autre_aide_europeenne": [("autre_aide_europeenne", "non")],
        "deja_finance": [("deja_finance", "inconnu")],
        "prestation_segur": [("prestation_segur", "non")],
        "choix": [("choix", "remplacement")],
    }
    page, asked = visit(), []
    for _ in range(12):
        if not page.asked:
            break
        name = page.asked[0]
        asked.append(name)
        if asked.count(name) > 1:
            assert name == "categories"  # asked again for the number of each
            reply = [("nombre.usld", "2")]
        else:
            reply = replies[name]
            if name == "nombre_essms":
                reply = [*reply, ("territoires", "bretagne")]
        kept = [pair for pair in page.form() if pair[0] not in {key for key, _ in reply}]
        page = visit(f"/projet?{urlencode([*kept, *reply])}")
        assert page.status == 200

    assert asked == ["nombre_essms", "categories", "categories", "finess_geo", "autre_aide_europeenne", "deja_finance",
                     "prestation_segur", "choix"]  # fmt: skip
    assert "Non déterminé : il manque les financements déjà reçus" in page.headline
    assert "Déjà financé par ESMS numérique" in page.text("//section[contains(@class, 'remaining')]")
    assert "Nombre compté : 18 ESSMS" in page.theme("Nombre d’ESSMS")


def test_each_answer_can_be_changed_or_erased(visit) -> None:
    page = visit(nombre_essms=20, territoires="corse", **LEGAL, jour="2025-06-02")
    rows = page.tree.xpath("//ul[contains(@class, 'rows')]/li")

    assert [row.xpath(".//*[contains(@class, 'row-label')]")[0].text for row in rows] == [
        "Nombre d’ESSMS", "Régions", "Catégories", "FINESS géographique propre", "Jour de la situation",
    ]  # fmt: skip
    for row, name in zip(
        rows, ["nombre_essms", "territoires", "categories", "finess_geo", "jour"], strict=True
    ):
        assert row.xpath(f".//*[@name='{name}']")
        link = row.xpath("./a/@href")[0]
        assert {key for key, _ in parse_qsl(urlsplit(link).query)} == {
            key for key in ("nombre_essms", "territoires", "categories", "finess_geo", "jour") if key != name
        }
    assert page.tree.xpath("//a[text()='Recommencer']/@href") == ["/projet"]


def test_every_question_has_its_control_once(visit) -> None:
    page = visit(nombre_essms=20, territoires="corse", **LEGAL)

    ids = page.tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    for field in page.tree.xpath("//form[@id='projet']//*[self::input or self::select]"):
        labelled = page.tree.xpath(f"//label[@for='{field.get('id')}']") or field.xpath("ancestor::label")
        assert labelled, field.get("name")


def test_the_question_being_answered_stays_where_it_is(client: TestClient) -> None:
    query = "/projet?nombre_essms=20&territoires=bretagne&categories=ehpad"
    plain, kept = Page(client.get(query)), Page(client.get(query, headers={"X-Question": "carte:categories"}))
    odd = Page(client.get(query, headers={"X-Question": "carte:<script>"}))

    assert (plain.asked, odd.asked) == (["finess_geo", "sans_finess"], ["finess_geo", "sans_finess"])
    assert kept.asked == ["categories", "finess_geo", "sans_finess"]


def test_the_printed_page_repeats_the_facts_and_its_address(visit) -> None:
    page = visit(nombre_essms=20, territoires="corse", utm_source="courriel")

    assert "Nombre d’ESSMS 20 ESSMS" in page.text("//*[contains(@class, 'stated')]//dl")
    assert page.text("//*[contains(@class, 'address')]").endswith("/projet?nombre_essms=20&territoires=corse")
    assert "seules l’ARS ou la CNSA décident" in page.text("//*[contains(@class, 'mention')]")


def test_a_campaign_that_no_source_knows_yet_stays_open(visit) -> None:
    page = visit(nombre_essms=20, territoires="bretagne", date_depot="2030-05-01", **LEGAL, **NO_OTHER_AID)

    assert page.headline == "? Non déterminé : les sources lues ne permettent pas de trancher."
    assert "Aucune source lue ne donne de valeur" in page.theme("Nombre d’ESSMS")


@pytest.mark.parametrize("campagne", ["2021-T1", "2021-T2", "2022", "2023", "2024", "2025"])
@pytest.mark.parametrize("jour", ["2021-01-01", "2021-10-20", "2024-02-20", "2035-12-31"])
def test_every_campaign_and_day_can_be_shown(visit, campagne: str, jour: str) -> None:
    page = visit(
        nombre_essms=60, territoires=["corse", "bretagne"], categories=["chrs", "gem", "usld"], campagne=campagne,
        jour=jour, date_depot=jour, **{"nombre.gem": 2},
    )  # fmt: skip

    assert page.status == 200
    assert page.headline
    assert len(page.tree.xpath("//*[contains(@class, 'topic ') or @class='topic']")) == 8


# Wrong values


@pytest.mark.parametrize(
    "value",
    ["abc", "-3", "99999999999999999999", "<script>alert(1)</script>", "0", '"><img src=x onerror=alert(1)>'],
)
def test_a_wrong_number_is_told_beside_its_field_and_rules_nothing(client, value: str) -> None:
    response = client.get("/projet", params={"nombre_essms": value, "territoires": "corse"})
    page = Page(response)
    field = page.tree.xpath("//*[@id='nombre_essms']")[0]

    assert page.status == 422
    assert field.get("aria-invalid") == "true"
    described = field.get("aria-describedby").split()
    assert "erreur-nombre_essms" in described
    assert all(page.tree.xpath(f"//*[@id='{name}']") for name in described)
    assert page.tree.xpath("//*[@id='erreurs']//a/@href") == ["#nombre_essms"]
    assert page.headline.startswith("? En attente")
    assert not page.tree.xpath("//*[contains(@class, 'topic')]")
    assert page.tree.xpath("//*[@value='corse']/@checked")
    assert "<script>alert" not in response.text
    assert "<img src=x" not in response.text
    assert field.get("value") == value[:40]


@pytest.mark.parametrize(
    ("query", "anchors"),
    [
        ("territoires=atlantide&territoires=corse", ["#territoires"]),
        ("categories=licorne&nombre_essms=20", ["#categories"]),
        ("nombre_essms=15&nombre_essms=16", ["#nombre_essms"]),
        ("nombre_essms=20&categories=usld&nombre.usld=abc", ["#nombre.usld"]),
        ("nombre_essms=20&categories=usld&nombre.usld=21", ["#categories"]),
        ("nombre_essms=20&finess_geo=partie&sans_finess=21", ["#sans_finess"]),
        ("nombre_essms=20&l312_1=%3Cb%3E", ["#l312_1"]),
        ("nombre_essms=20&campagne=1999", ["#campagne"]),
        ("nombre_essms=20&date_depot=2025-02-30", ["#date_depot"]),
        ("nombre_essms=20&jour=1999-01-01", ["#jour"]),
        ("nombre_essms=x&domaine=y", ["#nombre_essms", "#domaine"]),
    ],
)
def test_each_error_leads_to_its_field(visit, query: str, anchors: list[str]) -> None:
    page = visit(f"/projet?{query}")

    assert page.status == 422
    assert page.tree.xpath("//*[@id='erreurs']//a/@href") == anchors
    for anchor in anchors:
        target = page.tree.xpath(f"//*[@id='{anchor[1:]}']")
        assert len(target) == 1
        assert target[0].tag in ("input", "select")
        assert page.tree.xpath(f"//*[@id='erreur-{anchor[1:]}']")
    assert page.headline.startswith("? En attente")


@pytest.mark.parametrize(
    "query",
    [
        "nombre_essms=15&x=" + "a" * 20_000, "%ff%fe=%00", "nombre_essms=15&nombre_essms", "&&&===&&;", "inconnu=zzz",
        "nombre.usld=3", "=", "nombre_essms=%0015", "territoires=" + "&territoires=".join(["corse"] * 200),
    ],
)  # fmt: skip
def test_odd_addresses_are_answered(client, query: str) -> None:
    response = client.get(f"/projet?{query}")

    assert response.status_code == (414 if len(query) > 8_000 else 422 if "%0015" in query else 200)
    assert "Traceback" not in response.text
    assert Page(response).text("//h1") == "Vérifier mon projet"


def test_no_break_spaces_are_where_french_wants_them(visit) -> None:
    page = visit(nombre_essms=20, territoires="bretagne", **LEGAL, utm="x")
    for text in page.tree.xpath("//main//text()[not(ancestor::section[contains(@class, 'sources')])]"):
        assert not re.search(r"\S [:;?!»](?:\s|$)|« ", html.unescape(text)), text


@pytest.mark.parametrize(
    "host", ["evil.example/path", "user@evil.example", "a b", 'x"><script>alert(1)</script>', "x:99999999", "é"]
)
def test_a_false_host_never_reaches_the_address_that_is_printed(client, host):
    response = client.get("/projet?nombre_essms=20", headers={"Host": host.encode()})

    assert response.status_code == 200
    assert not re.search(r"evil|alert\(1\)|99999999", response.text)
    printed = Page(response).text("//p[contains(@class, 'print-only')]")
    assert re.search(r"http://[a-z.]+/projet\?nombre_essms=20$", printed)


def test_the_address_printed_is_that_by_which_the_page_was_reached(client):
    response = client.get("/projet?nombre_essms=20", headers={"Host": "assistant.example.org:8443"})

    printed = Page(response).text("//p[contains(@class, 'print-only')]")
    assert printed.endswith("http://assistant.example.org:8443/projet?nombre_essms=20")
