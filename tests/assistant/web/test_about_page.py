"""« À propos » and the statement of accessibility: figures from the measures, words of the fiches, honest promises."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from lxml import html
from starlette.testclient import TestClient

from assistant.feedback import KEPT_MONTHS, Opinion
from assistant.settings import SiteSettings
from assistant.web.measures import Measure, Share, load_measures
from assistant.web.pages import about
from assistant.web.site import Site
from corpus.fiches import load_statements
from corpus.parameters import load_parameters
from corpus.sources import load_sources

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
PAGES = ("a-propos", "accessibilite")


def client(settings: SiteSettings | None = None, **options: object) -> TestClient:
    app = FastAPI()
    app.include_router(about.router(Site(lambda: date(2026, 11, 26), settings)))
    return TestClient(app, **options)


def words(element) -> str:
    return " ".join(element.text_content().split())


@pytest.fixture(scope="module")
def page():
    return html.fromstring(client().get("/a-propos").text)


@pytest.fixture(scope="module")
def statement():
    return html.fromstring(client().get("/accessibilite").text)


def french(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")


def said(share: Share) -> str:
    return f"{french(share.percent)} % de {french(share.low)} à {french(share.high)}"


def rows(page, caption: str) -> dict[str, list[str]]:
    (table,) = (one for one in page.iter("table") if words(one.find("caption")).startswith(caption))
    return {words(row[0]): [words(cell) for cell in row[1:]] for row in table.find("tbody")}


def number(value: int) -> str:
    return f"{value:,}".replace(",", " ")


def test_every_measure_is_on_the_page_with_its_number_and_interval(page):
    measures = load_measures()

    shown = rows(page, "Toutes les mesures")
    assert list(shown) == [one.meaning for one in (*measures.suites, *measures.refusals_by_set)]
    for one in (*measures.suites, *measures.refusals_by_set):
        unscored = f" et {one.share.unscored} non jugés" if one.share.unscored else ""
        assert shown[one.meaning] == [number(one.share.n) + unscored, said(one.share)]

    for caption, some in [
        ("Réponses conformes, par jeu", (*measures.answers_by_set, measures.answers)),
        ("Réponses conformes, par nature", measures.answers_by_type),
    ]:
        shown = {name.lower(): cells for name, cells in rows(page, caption).items()}
        assert len(shown) == len(some)
        for one in some:
            assert shown[one.meaning.lower()] == [number(one.share.n), said(one.share), said(one.baseline)]


def test_the_blind_figure_comes_first_with_its_number_and_the_weakest_kinds_are_named(page):
    measures = load_measures()
    (blind,) = (one for one in measures.answers_by_set if one.name == "held_out")
    figures = [words(card) for card in page.xpath("//ul[@class='figures']/li")]

    assert figures[0].startswith(f"{french(blind.share.percent)} % de réponses conformes")
    assert (
        f"{blind.share.passed} sur {blind.share.n}, de {french(blind.share.low)} à {french(blind.share.high)}"
        in figures[0]
    )
    assert f"{measures.median_ms} ms" in figures[-1]
    assert f"{measures.p95_ms} ms" in figures[-1]
    weakest = sorted(measures.answers_by_type, key=lambda one: one.share.percent)[:4]
    text = words(page)
    for one in weakest:
        assert f"{one.meaning} ({french(one.share.percent)} % sur {one.share.n} questions)" in text
    assert f"Mesures du {about.say_day(measures.date)}, version {measures.commit}." in text


def test_what_was_never_judged_is_said_not_measured_and_is_not_among_the_weakest():
    unjudged = Measure(name="a", meaning="a", share=Share(n=0, passed=0))
    judged = Measure(name="b", meaning="b", share=Share(n=2, passed=0, percent=0.0, low=0.0, high=65.8))

    assert about.percent(unjudged.share) == about.percent(None) == "non mesuré"
    assert about.between(unjudged.share) == about.between(None) == ""
    assert about.percent(judged.share) == "0,0\u00a0%"
    assert about.between(judged.share) == "de 0,0 à 65,8"
    assert about.weakest([unjudged, judged]) == [judged]


def test_the_day_the_figures_were_checked_is_that_of_the_parameters(page):
    parameters = load_parameters()
    (day,) = {parameter.last_checked for parameter in parameters.values()}
    assert f"vérifiés le {about.say_day(day)}" in words(page)

    one, another = list(parameters.values())[:2]
    changed = {
        "un": one.model_copy(update={"last_checked": date(2026, 3, 1)}),
        "deux": another.model_copy(update={"last_checked": date(2027, 1, 15)}),
    }
    assert about.say_checked(changed) == "entre le 1er mars 2026 et le 15 janvier 2027"


def test_whom_to_ask_is_said_in_the_words_of_the_fiches_with_their_sources(page):
    known = {statement.id: statement for statement in load_statements()}
    sources = load_sources()
    items = [words(item) for item in page.xpath("//section[@aria-labelledby='contact']//li")]
    ids = (*about.WHOM_TO_ASK, *about.OFFICIAL_PAGES)

    assert len(items) == len(ids)
    for name, item in zip(ids, items, strict=True):
        assert item.startswith(" ".join(known[name].text.split()))
        assert all(sources[one].publisher in item for one in known[name].sources)
    links = page.xpath("//section[@aria-labelledby='contact']//li/a/@href")
    assert links == re.findall(r"https://\S+", " ".join(known[name].text for name in about.OFFICIAL_PAGES))
    assert len(links) == 2


@pytest.mark.parametrize(
    ("name", "phrase"),
    [
        ("acteurs#pilotage-regional-et-appui-aux-porteurs-2", "L’agence régionale de santé (ARS) de la région est l’interlocuteur"),
        ("acteurs#pilotage-regional-et-appui-aux-porteurs-3", "Les GRADeS"),
        ("acteurs#contacts-et-pages-non-disponibles-1", "Aucune adresse électronique ni aucun numéro de téléphone propre au programme"),
        ("depot-et-decision#depot-de-la-demande-6", "https://www.cnsa.fr/"),
        ("depot-et-decision#depot-de-la-demande-7", "https://esante.gouv.fr/"),
    ],
)  # fmt: skip
def test_each_id_still_names_the_statement_that_the_page_wants(name, phrase):
    assert name in (*about.WHOM_TO_ASK, *about.OFFICIAL_PAGES)
    (said,) = about.statements((name,))

    assert phrase in "".join(said.pieces), "the fiche was reordered: the page would say something else"


def test_a_statement_that_is_gone_is_an_error():
    with pytest.raises(KeyError):
        about.statements(("acteurs#pilotage-regional-et-appui-aux-porteurs-99",))


def test_without_a_contact_the_visitor_is_told_whom_to_turn_to():
    for path in PAGES:
        assert "la personne ou au service qui a mis cette page à votre disposition" in words(
            html.fromstring(client().get(f"/{path}").text)
        )


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("assistant@example.org", "mailto:assistant@example.org"),
        ("https://www.example.org/contact?a=1&b=2", "https://www.example.org/contact?a=1&b=2"),
    ],
)
@pytest.mark.parametrize("path", PAGES)
def test_the_contact_of_the_installation_is_a_link(path, contact, link):
    page = html.fromstring(client(SiteSettings(contact=contact)).get(f"/{path}").text)

    assert link in page.xpath("//main//a/@href")
    assert "a mis cette page à votre disposition" not in words(page)


def snippets(response) -> dict[str, str]:
    page = html.fromstring(response.text)
    return {code.get("id"): code.text_content() for code in page.xpath("//pre/code")}


@pytest.mark.parametrize("host", ["assistant.example.org", "127.0.0.1:7860", "[::1]:7860", "EXAMPLE.org"])
def test_the_lines_to_copy_carry_the_address_by_which_the_page_was_reached(host):
    found = snippets(client().get("/a-propos", headers={"Host": host}))

    assert f'src="http://{host}/embed.js"'.lower() in found["snippet-script"].lower()
    assert f'src="http://{host}/?embed=1"'.lower() in found["snippet-frame"].lower()
    assert "title=" in found["snippet-frame"]


def test_a_server_under_a_path_says_so():
    found = snippets(client(root_path="/esms").get("/esms/a-propos"))

    assert 'src="http://testserver/esms/embed.js"' in found["snippet-script"]
    assert 'src="http://testserver/esms/?embed=1"' in found["snippet-frame"]


@pytest.mark.parametrize(
    "host",
    ['x"><script>alert(1)</script>', "a b", "x'onload=alert(1)", "user@evil.example", "evil.example/path", "x:99999999", "é", ""],
)  # fmt: skip
def test_a_false_host_never_reaches_the_lines_to_copy(host):
    response = client().get("/a-propos", headers={"Host": host.encode()})

    assert response.status_code == 200
    assert "<script>alert" not in response.text
    found = snippets(response)
    assert re.search(r'src="http://[a-z.]+/embed.js"', found["snippet-script"])
    assert not re.search("alert|evil|user@", found["snippet-script"] + found["snippet-frame"])


def test_the_administrator_is_told_to_allow_a_site_and_which_are():
    closed = words(html.fromstring(client().get("/a-propos").text))
    assert "Aucun site n’est autorisé pour le moment" in closed

    allowed = SiteSettings(frame_ancestors=("https://intranet.example.org", "'self'"))
    opened = words(html.fromstring(client(allowed).get("/a-propos").text))
    assert "Aucun site n’est autorisé" not in opened
    assert "les sites autorisés sont : https://intranet.example.org, 'self'." in opened


def test_the_setting_told_is_one_that_is_accepted(page, monkeypatch):
    (line,) = page.xpath("//code[@id='snippet-setting']/text()")
    name, _, value = line.partition("=")
    monkeypatch.setenv(name, value)

    assert SiteSettings.from_environment().frame_ancestors == (value,)


def test_what_is_promised_of_opinions_is_what_the_code_does(page):
    text = words(page.xpath("//dl")[0])

    assert f"supprimé au bout de {KEPT_MONTHS} mois" in text
    assert "que si vous cochez la case prévue" in text
    assert "Vous pouvez le retirer" in text
    kept = set(Opinion.model_fields)
    assert kept == {"value", "reasons", "comment", "question", "answer", "day", "kind"}, (
        "say what is new on the page"
    )


def test_it_says_what_it_is_not(page):
    text = words(page)

    for told in (
        "Ni une agence régionale de santé",
        "Ni une décision",
        "Aucun modèle de langue",
        "Il ignore ce qui a été publié depuis",
    ):
        assert told in text
    assert f"{len(load_sources())} sources publiques" in text
    steps = [words(item).split(".")[0] for item in page.xpath("//section[@aria-labelledby='methode']/ol/li")]
    assert steps == ["Comprendre", "Appliquer les règles", "Chercher", "Citer", "Vérifier"]


def test_the_statement_claims_no_audit_and_names_what_was_not_tried(statement):
    text = words(statement)

    for told in (
        "non conforme", "auto-évaluation", "aucun audit de ses critères n’a été mené", "Aucun essai n’a été mené avec un lecteur d’écran",
        "Gradio", "Seul le dialogue demande JavaScript", f"établie le {about.say_day(about.STATED_ON)}", "Défenseur des droits",
    ):  # fmt: skip
        assert told in text
    faults = [
        words(fault) for fault in statement.xpath("//h3[.='Défauts connus']/following-sibling::ul[1]/li")
    ]
    for told in ("sans JavaScript", "peut rester en anglais", "d’un seul tenant", "Les extraits cités"):
        assert len([fault for fault in faults if told in fault]) == 1


@pytest.mark.parametrize("path", PAGES)
def test_headings_are_in_order_and_every_link_inside_the_page_leads_somewhere(path):
    page = html.fromstring(client().get(f"/{path}").text)
    levels = [int(heading.tag[1]) for heading in page.xpath("//h1|//h2|//h3|//h4")]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in page.xpath("//a/@href") if link.startswith("#")} <= set(ids)
    assert page.xpath("//main//@onclick|//main//script|//main//@style") == []


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("query", ["?embed=1", "?embed=%00", "?x=" + "y" * 5000, "?embed=<script>"])
def test_parameters_change_nothing_of_the_text(path, query):
    response = client().get(f"/{path}{query}")

    assert response.status_code == 200
    assert "<script>x" not in response.text
    assert "yyyy" not in response.text


def test_no_page_sets_a_cookie(server):
    for path in ("", *PAGES, "embed.js", "calendrier", "sources", "projet", "health"):
        assert "set-cookie" not in httpx.get(server.url + path).headers


@pytest.fixture
def open_page(browser, server):
    """Open a page of the real server at some width; the test fails on an error or an outside request."""
    contexts, troubles = [], []

    def opened(path: str, width: int = 1280, scheme: str = "light", **options: object):
        context = browser.new_context(
            locale="fr-FR", color_scheme=scheme, viewport={"width": width, "height": 900}, **options
        )
        contexts.append(context)
        tab = context.new_page()
        tab.on("pageerror", lambda error: troubles.append(str(error)))
        tab.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
        tab.on(
            "request",
            lambda request: None if request.url.startswith(server.url) else troubles.append(request.url),
        )
        tab.goto(server.url + path)
        return tab

    yield opened
    for context in contexts:
        assert context.cookies() == []
        context.close()
    assert troubles == []


def reveal(tab) -> None:
    for details in tab.locator("details").all():
        details.evaluate("element => { element.open = true; }")


@pytest.mark.browser
@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_and_the_page_does_not_overflow(open_page, path, scheme, width):
    tab = open_page(path, width, scheme)
    reveal(tab)

    assert Axe().run(tab, options=WCAG).response["violations"] == []
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.browser
@pytest.mark.parametrize("path", PAGES)
def test_a_zoom_of_400_percent_needs_no_sideways_scroll(open_page, path):
    tab = open_page(path, 320)
    reveal(tab)

    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.browser
def test_a_snippet_is_copied_by_the_keyboard(open_page, server):
    tab = open_page("a-propos", permissions=["clipboard-read", "clipboard-write"])
    button = tab.locator("button[data-copy=snippet-script]")
    button.focus()
    tab.keyboard.press("Enter")
    tab.get_by_text("Copié.").wait_for(state="attached")

    assert tab.evaluate("navigator.clipboard.readText()") == tab.locator("#snippet-script").inner_text()
    assert server.url + "embed.js" in tab.locator("#snippet-script").inner_text()
    assert button.evaluate("element => element === document.activeElement")


def refuse_the_clipboard(tab) -> None:
    tab.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); }")


@pytest.mark.browser
def test_without_a_clipboard_the_old_command_copies_and_the_focus_stays(open_page):
    tab = open_page("a-propos", permissions=["clipboard-read"])
    refuse_the_clipboard(tab)
    button = tab.locator("button[data-copy=snippet-script]")
    button.focus()
    tab.keyboard.press("Enter")
    tab.get_by_text("Copié.").wait_for(state="attached")

    assert tab.evaluate("navigator.clipboard.readText()") == tab.locator("#snippet-script").inner_text()
    assert tab.locator("textarea").count() == 0
    assert button.evaluate("element => element === document.activeElement")


@pytest.mark.browser
def test_a_refused_copy_selects_the_snippet(open_page):
    tab = open_page("a-propos")
    refuse_the_clipboard(tab)
    tab.evaluate("() => { document.execCommand = () => false; }")
    tab.locator("button[data-copy=snippet-frame]").click()
    tab.get_by_text("copiez-le au clavier").wait_for(state="attached")

    assert tab.evaluate("getSelection().toString()") == tab.locator("#snippet-frame").inner_text()


@pytest.mark.browser
def test_without_script_everything_is_there_but_the_buttons(open_page):
    tab = open_page("a-propos", 390, java_script_enabled=False)

    assert tab.get_by_role("button", name="Copier").count() == 0
    assert tab.locator("#snippet-script").is_visible()
    assert tab.locator("table").count() == 3


@pytest.mark.browser
def test_figures_keep_the_name_of_their_column_on_a_phone(open_page):
    tab = open_page("a-propos", 390)
    cell = tab.locator("td[data-label='Cet assistant']").first

    assert "Cet assistant" in cell.evaluate("element => getComputedStyle(element, '::before').content")
    assert tab.get_by_role("table").count() == 2, (
        "it is still a table for a screen reader; the third is folded"
    )
    assert tab.get_by_role("rowheader", name="Toutes les questions").count() == 1


@pytest.mark.browser
def test_the_table_of_contents_moves_the_reader_by_keyboard(open_page):
    tab = open_page("a-propos")
    tab.get_by_role("link", name="Ce qui est conservé").focus()
    tab.keyboard.press("Enter")

    assert tab.evaluate("location.hash") == "#donnees"
    assert tab.locator("#donnees").is_visible()
    assert tab.evaluate("document.querySelector('#donnees').getBoundingClientRect().top") < 900
