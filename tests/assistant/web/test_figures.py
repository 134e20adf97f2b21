"""A figure, and what another source gives instead, are said in the same words wherever they are shown."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from types import SimpleNamespace

import pytest
from fastapi.testclient import TestClient

from assistant.web.app import create_app
from assistant.web.calendar.dates import tell_dispute
from assistant.web.calendar.file import find_days, write_diary
from assistant.web.figures import discarded, publishers, subject, value_words
from assistant.web.references import References
from corpus.parameters import Contradiction, load_parameters
from corpus.sources import load_sources

PARAMETERS, SOURCES = load_parameters(), load_sources()
DISPUTED = [(parameter, other) for parameter in PARAMETERS.values() for other in parameter.contradictions]
REGIONS = PARAMETERS["voie.pluralite_regions"]


@pytest.fixture(scope="module")
def client() -> TestClient:
    assistant = SimpleNamespace(ask=None, search=lambda query, k: [])
    return TestClient(create_app(assistant, clock=lambda: date(2026, 11, 26)))


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())


def test_a_value_has_its_unit_and_a_subject_no_code() -> None:
    # parameters/voie/pluralite_regions.yaml: the pages of 2022 asked for one region only.
    assert value_words(REGIONS, REGIONS.contradictions[0]).replace("\u00a0", " ") == "1 région"
    assert subject(PARAMETERS["referencement.exigence"]) == (
        "Le logiciel doit être référencé Ségur vague 1 (domaines PA, PH, domicile, PDE, PDS)"
    )
    assert subject(PARAMETERS["cumul.meme_logiciel"]).endswith("pour le même logiciel")


@pytest.mark.parametrize(("parameter", "other"), DISPUTED, ids=lambda one: getattr(one, "id", ""))
def test_a_value_set_aside_is_said_alike_on_the_pages_of_its_sources(client, parameter, other) -> None:
    given = discarded(parameter, other)

    assert given.sources == other.sources
    for source in given.sources:
        page = words(client.get(f"/sources/{source}").text)
        assert words(given.subject) in page
        assert f"Cette source donne {words(given.value)} ;" in page
        assert words(given.why) in page


def test_the_project_page_says_it_with_its_unit_too(client) -> None:
    query = "nombre_essms=60&territoires=bretagne&categories=ehpad&campagne=2025&jour=2025-06-02"
    page = words(client.get(f"/projet?{query}").text)

    given = discarded(REGIONS, REGIONS.contradictions[0])
    assert f"{given.subject} : valeur non retenue, 1 région. {words(given.why)}" in page
    assert not re.search(r"[(;] ?[01] : ", page)


def test_the_diary_names_who_gives_a_date_that_is_set_aside() -> None:
    days = find_days(["2025"], ["multiregionale"], PARAMETERS, ["cloture"])
    diary = write_diary(days, "Essai", date(2025, 5, 1), PARAMETERS, SOURCES).decode().replace("\r\n ", "")

    (other,) = PARAMETERS["calendrier.cloture_multiregionale"].contradictions_for("2025")
    assert f"Date écartée\u00a0: 1er juin 2025 ({SOURCES[other.sources[0]].publisher})." in diary


@pytest.mark.parametrize(
    ("value", "sources", "said"),
    [
        ("2025-06-01", ("sos-ehpad-2025",), "la situe le 1er juin 2025"),
        ("2025-06", ("sos-ehpad-2025",), "la situe en juin 2025"),
        ("2025-06", ("sos-ehpad-2025", "ars-mayotte-2025"), "la situent en juin 2025"),
    ],
)
def test_a_date_set_aside_agrees_with_those_who_give_it(value, sources, said) -> None:
    other = Contradiction(campagnes=("2025",), value=value, sources=sources, why="coquille")
    told = tell_dispute(
        PARAMETERS["calendrier.cloture_regionale"], other, References("essai", SOURCES), "Clôture"
    )

    assert f"{told.verb} {told.dated.phrase}" == said
    assert all(SOURCES[source].publisher in told.givers for source in sources)
    assert told.why == "Coquille."


def test_a_publisher_of_two_sources_is_named_once() -> None:
    ars = [SOURCES["ars-mayotte-2025"]] * 2
    assert publishers(ars) == (ars[0].publisher,)


def test_sources_are_numbered_as_they_are_cited_and_unknown_ones_left_out() -> None:
    references = References("essai", SOURCES)
    first = references.cite(["sos-ehpad-2025", "inconnue"])
    second = references.cite(["ars-mayotte-2025", "sos-ehpad-2025", "sos-ehpad-2025"])

    assert [(one.number, one.source.id) for one in first] == [(1, "sos-ehpad-2025")]
    assert [(one.number, one.source.id) for one in second] == [(1, "sos-ehpad-2025"), (2, "ars-mayotte-2025")]
    assert references.cited == second
    assert second[1].anchor == "source-essai-2"
