"""The consolidated ruling: what settles a project, what leaves it open, and the next question."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from rule_cases import C, P, T, facts_of

from assistant.rules.project import ProjectRuling, judge
from assistant.rules.result import Outcome

IN_TIME = date(2025, 6, 1)
NO_OTHER_AID = {"autre_aide_europeenne": False, "deja_finance": "non", "prestation_segur": "non"}
EHPAD = {"id": "ehpad", "nombre": 20}
LEGAL = {"l312_1": True, "finess_geo": True}


def ruling(day: date = IN_TIME, **facts: Any) -> ProjectRuling:
    return judge(facts_of(facts), day, P, T, C)


COMPLETE = {"nombre_essms": 20, "territoires": ["normandie"], **LEGAL, **NO_OTHER_AID}


def test_a_complete_project_is_settled_while_the_calls_are_open() -> None:
    found = ruling(**COMPLETE)

    assert (found.outcome, found.depot) == (Outcome.YES, Outcome.YES)
    assert found.voie.values["voie"] == "regionale"


def test_a_complete_project_cannot_be_submitted_once_the_calls_are_closed() -> None:
    found = ruling(date(2026, 11, 22), **COMPLETE)

    assert (found.outcome, found.depot) == (Outcome.YES, Outcome.NO)


@pytest.mark.parametrize("name", ["l312_1", "finess_geo"])
def test_a_condition_stated_against_a_named_category_still_counts(name: str) -> None:
    assert ruling(**{**COMPLETE, "categories": [EHPAD], name: False}).outcome is Outcome.NO


def test_a_category_does_not_say_that_its_structures_have_a_finess_number() -> None:
    facts = {"categories": [EHPAD], "territoires": ["normandie"], **NO_OTHER_AID}

    found = ruling(**facts)

    assert (found.outcome, found.question) == (Outcome.UNDETERMINED, "finess_geo")


@pytest.mark.parametrize(
    ("total", "usld", "outcome"),
    [(20, 2, Outcome.YES), (17, 2, Outcome.YES), (16, 2, Outcome.NO), (15, 15, Outcome.NO)],
)
def test_structures_outside_the_programme_are_left_out_of_the_project(
    total: int, usld: int, outcome: Outcome
) -> None:
    out = {"id": "usld", "nombre": usld, "dans_le_total": True}

    assert ruling(**{**COMPLETE, "nombre_essms": total, "categories": [out]}).outcome is outcome


def test_a_doubtful_category_asks_for_nothing_that_would_not_settle_it() -> None:
    doubtful = {"id": "gem", "nombre": 6, "dans_le_total": True}

    found = ruling(**{**COMPLETE, "categories": [doubtful]})

    assert (found.outcome, found.question) == (Outcome.UNDETERMINED, None)


def test_doubtful_structures_do_not_matter_when_the_others_are_enough() -> None:
    doubtful = {"id": "gem", "nombre": 2, "dans_le_total": True}

    assert ruling(**{**COMPLETE, "categories": [doubtful]}).outcome is Outcome.YES


@pytest.mark.parametrize(
    ("facts", "question"),
    [
        ({}, "nombre_essms"),
        ({"territoires": ["normandie"]}, "nombre_essms"),
        ({"nombre_essms": 10}, "territoires"),
        ({"nombre_essms": 14, "territoires": ["normandie"]}, None),
        ({"nombre_essms": 7}, None),
        ({"categories": [{"id": "usld", "nombre": 20}]}, None),
        ({"nombre_essms": 10, "territoires": ["corse", "bretagne"]}, None),
        ({"nombre_essms": 20, "territoires": ["normandie"]}, "l312_1"),
        ({"nombre_essms": 20, "territoires": ["normandie"], "l312_1": True}, "finess_geo"),
        ({"nombre_essms": 20, **LEGAL}, "nombre_regions"),
        ({"nombre_essms": 20, "territoires": ["normandie"], **LEGAL}, "autre_aide_europeenne"),
        (COMPLETE, "choix"),
        ({**COMPLETE, "choix": "maintien"}, "domaine"),
        ({**COMPLETE, "choix": "maintien", "domaine": "AHI"}, "eligible_sons"),
        ({**COMPLETE, "choix": "maintien", "domaine": "PA"}, None),
    ],
)
def test_the_next_question_is_the_most_decisive_one(facts: dict[str, Any], question: str | None) -> None:
    assert ruling(**facts).question == question


def test_the_field_is_told_by_the_categories_when_they_share_it() -> None:
    chrs = {"id": "chrs", "nombre": 20}
    found = ruling(
        categories=[chrs], territoires=["normandie"], finess_geo=True, choix="maintien", **NO_OTHER_AID
    )

    assert found.question == "eligible_sons"


def test_a_structure_of_a_national_entity_stays_open() -> None:
    assert ruling(**COMPLETE, entite_nationale=True).outcome is Outcome.UNDETERMINED


def test_the_window_is_that_of_the_track_and_of_the_campaign_stated() -> None:
    several = {**COMPLETE, "nombre_regions": 2, "territoires": ["normandie", "bretagne"]}

    assert (
        ruling(date(2025, 8, 1), **several).depot is Outcome.NO
    )  # closed on 15 July, the regional call still open
    assert ruling(**COMPLETE, campagne="2023").depot is Outcome.NO
    assert ruling(**COMPLETE, campagne="2026").depot is Outcome.UNDETERMINED


def test_a_filing_is_judged_for_the_campaign_of_its_year() -> None:
    found = ruling(date(2026, 11, 22), **COMPLETE, date_depot="2023-06-10")

    assert (found.campagne, found.supposee, found.outcome) == ("2023", True, Outcome.YES)


def test_a_filing_late_for_the_dated_calls_stays_open_while_the_national_one_is_possible() -> None:
    facts = {"nombre_essms": 60, **LEGAL, **NO_OTHER_AID, "date_depot": "2025-09-16"}

    found = ruling(date(2025, 9, 16), **facts)

    assert (found.outcome, found.question) == (Outcome.UNDETERMINED, "nombre_regions")
