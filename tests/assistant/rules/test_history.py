"""What changed between campaigns, as the texts of each year say it."""

from __future__ import annotations

from datetime import date

import pytest
from rule_cases import C, P, T, facts_of

from assistant.rules.deadline import campagnes, check_echeance
from assistant.rules.grouping import check_voie
from assistant.rules.history import check_changements, compare, with_changes
from assistant.rules.result import Outcome
from corpus.sources import load_sources

SOURCES = load_sources()


def test_the_national_call_asks_for_several_regions_since_2023() -> None:
    change = compare(P["voie.pluralite_regions"], "2022", "2023")

    assert change is not None
    assert "1\u00a0région pour 2022, 2\u00a0régions pour 2023" in change.text


def test_the_same_day_of_another_year_is_no_change() -> None:
    assert compare(P["calendrier.cloture_regionale"], "2024", "2025") is None
    assert compare(P["calendrier.cloture_multiregionale"], "2024", "2025") is not None


def test_a_figure_unknown_of_both_campaigns_is_no_change() -> None:
    assert compare(P["financement.forfait_acquisition"], "2023", "2024") is None


def test_a_figure_that_one_campaign_lacks_is_not_compared() -> None:
    assert compare(P["referencement.exigence_ahi"], "2022", "2023") is None


def test_what_was_known_and_is_not_any_more_is_said_unknown() -> None:
    change = compare(P["financement.plafond_materiel"], "2024", "2025")

    assert change is not None
    assert change.text.endswith("10\u00a0000\u00a0€ par ESSMS pour 2024, valeur inconnue pour 2025")


@pytest.mark.parametrize("first", campagnes(P)[:-1])
def test_every_change_between_two_campaigns_is_sourced(first: str) -> None:
    second = campagnes(P)[campagnes(P).index(first) + 1]
    result = check_changements(first, second, P)

    assert result.outcome is Outcome.YES
    assert result.sources
    assert all(set(change.sources) <= set(SOURCES) and change.sources for change in result.changes)


def test_nothing_changed_in_the_threshold_is_said_with_its_sources() -> None:
    result = check_changements("2024", "2025", P, ("groupement.",))

    assert result.outcome is Outcome.NO
    assert result.sources


def test_a_year_without_campaign_cannot_be_compared() -> None:
    assert check_changements("2025", "2026", P).outcome is Outcome.UNDETERMINED


def test_a_ruling_of_a_past_campaign_says_what_changed_since() -> None:
    facts = facts_of({"nombre_essms": 60, "nombre_regions": 1})
    result = with_changes(check_voie(facts, "2022", P, T, C), P)

    assert ("2022", "2025") in {
        (change.first, change.second)
        for change in result.changes
        if change.parameter == "voie.pluralite_regions"
    }
    assert result.as_json()["changes"][0]["sources"]


def test_a_closing_is_compared_on_its_own_track() -> None:
    result = with_changes(check_echeance("cloture", "2025", "multiregionale", P, date(2026, 1, 1)), P)

    assert [change.parameter for change in result.changes] == ["calendrier.cloture_multiregionale"]


def test_a_rule_of_an_unknown_campaign_has_no_change() -> None:
    result = check_echeance("cloture", "2026", "regionale", P, date(2026, 1, 1))

    assert with_changes(result, P) is result
