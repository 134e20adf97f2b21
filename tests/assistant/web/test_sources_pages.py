"""The pages on sources and fiches: what is listed, found and said is what the corpus holds."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import quote

import httpx
import pytest

from assistant.web.figures import value_words
from assistant.web.sources.fiches import anchor_of
from assistant.web.sources.library import Library, Shelf
from assistant.web.sources.words import say_scope, say_years
from corpus.fiches import Nature, load_statements
from corpus.parameters import load_parameters
from corpus.sources import GRADE_LABELS, load_sources

STATEMENTS = load_statements()
SOURCES = load_sources()


@pytest.fixture
def get(server, tmp_path, monkeypatch):
    """Ask the server for a path, with no added document."""
    monkeypatch.setenv("ASSISTANT_VAR", str(tmp_path / "var"))
    return lambda path: httpx.get(server.url.rstrip("/") + path)


def words(html: str) -> str:
    """Return what is read of a page, its spaces made ordinary."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())


# The list


def test_every_source_and_every_fiche_is_listed_with_a_link(get):
    page = get("/sources").text

    for source in SOURCES.values():
        assert f'href="/sources/{source.id}"' in page, source.id
    for fiche in {statement.fiche for statement in STATEMENTS}:
        assert f'href="/fiches/{fiche}"' in page, fiche
    said = words(page).lower()
    for grade, label in GRADE_LABELS.items():
        count = sum(source.grade == grade for source in SOURCES.values())
        assert f"{label.lower()} {count} sources" in said


def test_every_page_that_is_listed_opens(get):
    for path in sorted(set(re.findall(r'href="(/(?:sources|fiches)/[^"]+)"', get("/sources").text))):
        assert get(path).status_code == 200, path


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("type=source&grade=1", lambda one: one.grade == 1),
        ("type=source&editeur=CNSA", lambda one: one.publisher == "CNSA"),
        (
            "type=source&annee=2023&grade=4",
            lambda one: one.grade == 4 and (one.years or (int((one.issued or "0")[:4]),)).count(2023),
        ),
        ("type=document", lambda one: False),
    ],
)
def test_filters_keep_what_they_say(get, query, kept):
    page = get(f"/sources?{query}").text

    shown = set(re.findall(r'class="entry">\s*<a href="/sources/([^"]+)"', page))
    assert shown == {key for key, source in SOURCES.items() if kept(source)}
    assert 'href="/fiches/' not in page


def test_a_search_marks_the_words_and_leads_to_the_very_statement(get):
    statement = next(one for one in STATEMENTS if "FINESS géographique" in one.text)
    page = get("/sources?q=" + quote("FINESS géographique")).text

    assert f'href="/fiches/{statement.fiche}#{anchor_of(statement)}"' in page
    assert "<mark>FINESS</mark> <mark>géographique</mark>" in page
    assert f'id="{anchor_of(statement)}"' in get(f"/fiches/{statement.fiche}").text
    count = int(re.search(r"<strong>(\d+) passages", page)[1])
    assert page.count('<li class="card">') == count


def test_the_real_search_answers_words_and_questions_and_finds_nothing_for_noise(real_server):
    def find(query):
        return httpx.get(real_server.url + "sources", params={"q": query}).text

    seuil = load_parameters()["groupement.seuil_general"].value_for("2025").value
    assert f"au moins {seuil}" in words(find("Combien d’ESSMS faut-il pour déposer ?"))
    assert "/fiches/groupement-et-voies#" in find("seuil de groupement")
    assert 'href="/glossaire#dui"' in find("DUI")
    assert "Aucun résultat pour « xyzzy qwerty »" in words(find("xyzzy qwerty"))
    assert "Aucun résultat pour « recette de cuisine »" in words(find("recette de cuisine"))
    # A source is found by its title even when no passage speaks of it.
    assert 'href="/sources/ars-mayotte-2025"' in find("ARS Mayotte")


def test_when_the_index_fails_words_are_compared_and_it_is_said(get):
    # The scripted assistant breaks on « panne ».
    page = get("/sources?q=" + quote("panne porteur groupement")).text

    assert "Le moteur de recherche est indisponible" in page
    assert "<mark>porteur</mark>" in page
    assert 'href="/glossaire#' in page
    assert "indisponible" not in get("/sources?q=porteur").text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("q=" + "a" * 301, "compte 301 caractères ; la limite est de 300"),
        ("grade=9", "« 9 » n’est pas une valeur du filtre « Autorité »"),
        ("grade=%00", "n’est pas une valeur du filtre « Autorité »"),
        ("annee=1999", "« 1999 » n’est pas une valeur du filtre « Année »"),
        ("annee=²", "n’est pas une valeur du filtre « Année »"),
        ("type=<script>alert(1)</script>", "n’est pas une valeur du filtre « Nature »"),
        ("editeur=Nul ne sait", "« Nul ne sait » n’est pas une valeur du filtre « Éditeur »"),
    ],
)
def test_a_value_that_is_not_expected_is_refused_in_french(get, query, said):
    answer = get(f"/sources?{query}")

    assert answer.status_code == 422
    assert said in words(answer.text)
    assert "<script>alert" not in answer.text
    assert 'class="entry"' not in answer.text, "nothing is searched with a filter that is not understood"


@pytest.mark.parametrize(
    "query", ["?!", "de la", "<script>alert(1)</script>", "' OR 1=1 --", "\x00", "é" * 300, "{{7*7}}"]
)
def test_any_words_are_searched_as_text(get, query):
    answer = get("/sources?q=" + quote(query))

    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "49" not in re.findall(r'value="([^"]*)"', answer.text)


def test_blank_words_show_the_whole_list(get):
    assert get("/sources?q=%20%20").text.count('class="entry"') == get("/sources").text.count('class="entry"')


# One source


def test_a_source_says_what_it_is_and_what_is_taken_from_it(get):
    source = SOURCES["ars-mayotte-2025"]
    page = get("/sources/ars-mayotte-2025").text
    said = words(page)

    for text in (source.title, source.publisher, "22 novembre 2026", "Mayotte", "Lue en entier"):
        assert text in said
    assert "page d’une agence ou institution publique (rang 2 sur 5)" in said.lower()
    assert f'href="{source.url}" target="_blank" rel="noopener noreferrer external"' in page
    assert "(nouvel onglet)" in page
    citing = [one for one in STATEMENTS if source.id in one.sources]
    assert f"{len(citing)} énoncés" in said
    for statement in citing:
        assert f'href="/fiches/{statement.fiche}#{anchor_of(statement)}"' in page, statement.id


def test_every_value_that_cites_a_source_is_on_its_page(get):
    for identifier in ("ars-mayotte-2025", "geroscopie-2024", "airmes-2021-1"):
        said = words(get(f"/sources/{identifier}").text).lower()
        for parameter in load_parameters().values():
            for entry in parameter.history:
                if identifier in entry.sources:
                    assert parameter.description.split(" (")[0].lower() in said, parameter.id
                    assert words(value_words(parameter, entry)).lower() in said, parameter.id


def test_no_code_of_the_parameter_files_is_shown(get):
    for identifier in SOURCES:
        said = words(get(f"/sources/{identifier}").text)
        assert not re.search(r"[(;] ?[01] : ", said), identifier
        assert "counted_on" not in said


def test_a_disagreement_is_told_on_both_sides(get):
    # parameters/calendrier/cloture_multiregionale.yaml: SOS EHPAD says the 1st of June, ARS Mayotte the 15th of July.
    losing, winning = words(get("/sources/sos-ehpad-2025").text), words(get("/sources/ars-mayotte-2025").text)

    assert "Valeur écartée Cette source donne 1er juin 2025 ; l’assistant retient 15 juillet 2025." in losing
    assert "Valeur retenue Cette source donne 15 juillet 2025 ; une autre donne 1er juin 2025" in winning
    for said in (losing, winning):
        assert "Le 1er juin est la date de la campagne 2024" in said
    # Nothing is retained for the opening of 2025.
    assert "15 janvier 2025 ; l’assistant la tient pour inconnue" in losing


def test_a_text_that_others_amend_and_one_that_was_not_read(get):
    # sources.yaml: 2024/15 amends 2023/13 and is amended by 2025/40.
    page = get("/sources/instruction-2024-15").text
    said = words(page)

    assert "Modifiée par" in said
    assert 'href="/sources/instruction-2025-40"' in page
    assert 'href="/sources/instruction-2023-13"' in page
    assert "Non lue" in said
    assert "Aucune adresse connue" in said
    assert "Sans date" in words(get("/sources/ans-vague-2-sanitaire").text)


def test_an_excerpt_is_marked_among_the_statements(get):
    statement = next(one for one in STATEMENTS if "ars-mayotte-2025" in one.sources and len(one.text) > 220)
    page = get("/sources/ars-mayotte-2025?extrait=" + quote(statement.text[:200])).text

    assert page.count('<mark id="extrait">') == 1
    marked = page.partition('<mark id="extrait">')[2].partition("</mark>")[0]
    assert statement.text.startswith(unescape(marked))
    assert len(unescape(marked)) > 190
    assert 'href="#extrait"' in page


@pytest.mark.parametrize(
    "excerpt", ["une phrase que nul n’a écrite", "<script>alert(1)</script> et la suite", "x" * 9_000]
)
def test_an_excerpt_that_is_not_there_is_said_and_bounded(get, excerpt):
    answer = get("/sources/ars-mayotte-2025?extrait=" + quote(excerpt))

    assert answer.status_code == 200
    assert "n’a pas été retrouvé mot pour mot" in answer.text
    assert "<script>alert" not in answer.text
    assert "x" * 500 not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/sources/inconnue",
        "/sources/..%2F..%2Fetc%2Fpasswd",
        "/sources/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "/sources/" + "a" * 3_000,
        "/sources/ARS-MAYOTTE-2025",
        "/fiches/inconnue",
        "/fiches/..%2Fsources.yaml",
        "/fiches/eligibilite.md",
        "/fiches/eligibilite%00",
    ],
)
def test_an_address_that_leads_nowhere_says_so(get, path):
    answer = get(path)

    assert answer.status_code == 404
    assert "introuvable" in answer.text
    assert "Voir les sources" in answer.text
    assert "<script>alert" not in answer.text


# A fiche


def test_a_fiche_shows_each_statement_with_its_anchor_nature_scope_and_sources(get):
    for fiche in sorted({statement.fiche for statement in STATEMENTS}):
        held = [one for one in STATEMENTS if one.fiche == fiche]
        page = get(f"/fiches/{fiche}").text
        shown = {
            item[0]: item[1]
            for item in re.findall(
                r'<li class="statement" id="([^"]+)">(.*?)(?=<li class="statement"|</main>)', page, re.S
            )
        }
        assert list(shown) == [anchor_of(one) for one in held]
        for statement in held:
            said = words(shown[anchor_of(statement)])
            assert " ".join(statement.text.split()) in said
            assert all(words in said for words in say_scope(statement.scope)), statement.id
            assert ("Non documenté" in said) >= (statement.nature is Nature.INCONNU)
            assert ("Sources en désaccord" in said) >= (statement.nature is Nature.CONTRADICTION)
            for source in statement.sources:
                assert f'href="/sources/{source}"' in shown[anchor_of(statement)]
        for heading in {one.heading for one in held}:
            assert heading[-1] in unescape(page)


def test_a_long_fiche_has_contents_that_lead_to_its_sections(get):
    page = get("/fiches/eligibilite").text
    contents = re.search(r'<nav class="contents.*?</nav>', page, re.S)[0]

    anchors = re.findall(r'href="#([^"]+)"', contents)
    assert len(anchors) == len(set(anchors)) > 5
    for anchor in anchors:
        assert page.count(f' id="{anchor}"') == 1
    assert 'href="/">Poser une question</a>' in page


def test_ids_are_unique_on_every_page(get):
    for path in [
        "/sources",
        *(f"/fiches/{one}" for one in {s.fiche for s in STATEMENTS}),
        "/sources/ars-mayotte-2025",
        "/glossaire",
    ]:
        ids = re.findall(r'\sid="([^"]+)"', get(path).text)
        assert len(ids) == len(set(ids)), path


def test_fiches_alone_lead_to_their_list(server):
    answer = httpx.get(server.url + "fiches")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sources?type=fiche")


# Words


def test_years_and_scopes_in_words():
    assert say_years((2022, 2023, 2024, 2025)) == "2022 à 2025"
    assert say_years((2022, 2024)) == "2022 et 2024"
    scoped = next(one for one in STATEMENTS if one.scope.territoires == ("bretagne",))
    assert "Bretagne" in say_scope(scoped.scope)


def test_the_library_stays_in_use_when_the_catalogue_breaks(tmp_path, monkeypatch):
    monkeypatch.setenv("ASSISTANT_VAR", str(tmp_path))
    shelf = Shelf()
    before = shelf.library()
    assert shelf.library() is before, "built once"
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "documents.jsonl").write_text("{broken")
    assert shelf.library() is before
    assert isinstance(before, Library)


# In a browser


@pytest.fixture
def tab(browser, server):
    """A tab that fails the test on a script error, a refusal of the policy or a request outside."""
    context = browser.new_context(locale="fr-FR", viewport={"width": 1280, "height": 900})
    tab = context.new_page()
    troubles: list[str] = []
    tab.on("pageerror", lambda error: troubles.append(str(error)))
    tab.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
    tab.on(
        "request", lambda one: None if one.url.startswith((server.url, "data:")) else troubles.append(one.url)
    )
    tab.set_default_timeout(10_000)
    yield tab
    context.close()
    assert troubles == []


PAGES = [
    "sources",
    "sources?q=groupement&annee=2025",
    "sources?q=xyzzy",
    "sources/sos-ehpad-2025",
    "sources/instruction-2024-15?extrait=une%20phrase%20absente%20du%20texte",
    "fiches/eligibilite",
    "glossaire",
    "glossaire?q=ehp",
]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.mark.browser
@pytest.mark.parametrize("path", PAGES)
def test_pages_are_accessible_and_fit_every_width(tab, server, path):
    from axe_playwright_python.sync_playwright import Axe

    tab.goto(server.url + path)
    for scheme in ("light", "dark"):
        tab.evaluate("theme => document.documentElement.dataset.theme = theme", scheme)
        found = Axe().run(tab, options={"runOnly": WCAG, "resultTypes": ["violations"]})
        assert found.violations_count == 0, found.generate_report()
    for width in (320, 390, 1280):
        tab.set_viewport_size({"width": width, "height": 800})
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), width


@pytest.mark.browser
def test_an_address_with_an_excerpt_opens_at_it(tab, server):
    statement = [one for one in STATEMENTS if "ars-mayotte-2025" in one.sources][-1]
    tab.goto(server.url + "sources/ars-mayotte-2025?extrait=" + quote(statement.text[:200]))

    tab.wait_for_function("scrollY > 0")
    box = tab.locator("#extrait").bounding_box()
    assert 0 <= box["y"] < 900


@pytest.mark.browser
def test_the_search_works_with_the_keyboard_and_without_scripts(browser, server):
    context = browser.new_context(java_script_enabled=False, locale="fr-FR")
    tab = context.new_page()
    tab.goto(server.url + "sources")
    tab.get_by_label("Mots ou question").fill("groupement")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/sources?q=groupement**")
    assert tab.get_by_role("heading", level=1).inner_text() == "Sources\u00a0: «\u00a0groupement\u00a0»"
    tab.get_by_text("Filtrer par nature").click()
    tab.get_by_label("Nature").select_option("fiche")
    tab.get_by_role("button", name="Rechercher").click()
    tab.wait_for_url("**type=fiche**")
    assert tab.get_by_label("Nature").input_value() == "fiche"
    assert tab.get_by_role("heading", name="Passages").is_visible()
    first = tab.locator(".results h3 a").first
    address = first.get_attribute("href")
    first.click()
    tab.wait_for_url("**" + address)
    assert tab.locator(address[address.index("#") :]).is_visible()
    context.close()
