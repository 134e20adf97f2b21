"""Campaigns and days that the texts do not cover, and the few branches that no boundary case reaches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from assistant.rules.coherence import (
    check_annuelle,
    check_chiffres,
    check_montant_annee,
    check_montant_unitaire,
)
from assistant.rules.cumulation import check_compatibilite
from assistant.rules.deadline import round_of
from assistant.rules.eligibility import check_categorie
from assistant.rules.facts import CategoryMention, Count, Facts, Stated
from assistant.rules.funding import check_materiel, check_montant, check_type
from assistant.rules.grouping import check_seuil
from assistant.rules.home_services import check_part_financable
from assistant.rules.procedure import check_ars_competente, check_circuit, check_decision
from assistant.rules.result import Outcome, RuleResult
from assistant.rules.software import (
    check_conformite_ahi,
    check_dispense,
    check_montee_de_version,
    check_referencement,
)
from corpus.categories import load_categories
from corpus.parameters import load_parameters
from corpus.territories import load_territories

TODAY = date(2026, 11, 22)
P, T, C = load_parameters(), load_territories(), load_categories()


def stated(value: Any) -> Stated[Any]:
    return Stated(value, str(value))


@pytest.mark.parametrize(
    "check",
    [
        lambda: check_part_financable(Facts(), "2019", P),
        lambda: check_categorie(CategoryMention("ime", None, False, "IME"), C["ime"], "2019", P),
        lambda: check_type(Facts(), "2019", P),
        lambda: check_materiel(Facts(), "2019", P),
        lambda: check_montant(Facts(), "2019", None, None, P),
        lambda: check_compatibilite(Facts(), "2019", P),
        lambda: check_referencement(Facts(), "2019", P),
        lambda: check_conformite_ahi(Facts(), "2019", P),
        lambda: check_circuit("2019", None, P),
        lambda: check_ars_competente("2022", P),
        lambda: check_decision("2024", P),
        lambda: check_annuelle("2019", TODAY, P),
        lambda: check_chiffres(date(2020, 1, 1), P),
        lambda: check_seuil(Facts(territoires=(stated("corse"),)), "2021-T2", P, T, C),
    ],
)
def test_a_campaign_without_a_figure_is_undetermined_with_its_sources(
    check: Callable[[], RuleResult],
) -> None:
    result = check()

    assert result.outcome is Outcome.UNDETERMINED
    assert result.sources


def test_the_lead_ars_was_known_in_the_first_round_of_2021() -> None:
    assert check_ars_competente("2021-T1", P).outcome is Outcome.YES


def test_the_vendor_of_an_ahi_project_was_free_in_2023() -> None:
    assert check_conformite_ahi(Facts(), "2023", P).outcome is Outcome.YES


def test_before_the_last_order_day_the_upgrade_waits_for_the_order() -> None:
    result = check_montee_de_version(Facts(), date(2024, 2, 1), P)

    assert (result.outcome, result.missing) == (Outcome.UNDETERMINED, ("date_commande",))


def test_the_second_round_of_2021_has_a_rate_and_no_total() -> None:
    facts = Facts(choix=stated("acquisition"))

    result = check_montant(facts, "2021-T2", "regionale", stated(Count.exactly(40)), P)

    assert result.outcome is Outcome.UNDETERMINED
    assert result.values == {"forfait_par_essms_eur": 25_000}
    assert result.missing == ()


def test_an_amount_of_no_year_is_undetermined() -> None:
    assert check_montant_annee(12.0, 2025, P).outcome is Outcome.UNDETERMINED


@pytest.mark.parametrize(
    ("campagne", "total", "lines"),
    [("2022", 100, ()), ("2024", 87, ("avant",)), ("2025", 76.5, ("avant", "apres"))],
)
def test_the_envelope_of_a_year_gives_its_lines_when_they_are_known(
    campagne: str, total: float, lines: tuple[str, ...]
) -> None:
    values = check_annuelle(campagne, TODAY, P).values

    assert values["total_meur"] == total
    assert {name for name in ("avant", "apres") if name in values} == set(lines)


def test_the_lines_of_2025_add_up_to_the_same_total_before_and_after() -> None:
    values = check_annuelle("2025", TODAY, P).values

    assert values["avant"]["esms_numerique"] == 83
    assert values["apres"]["esms_numerique"] == 76.5
    assert values["avant"]["toutes_lignes"] == values["apres"]["toutes_lignes"] == 86


@pytest.mark.parametrize(
    ("amount", "campagne", "outcome", "of"),
    [
        (25_000, "2021-T1", Outcome.YES, "2021-T1"),
        (25_000, "2025", Outcome.NO, "2021-T1"),
        (10_000, "2024", Outcome.YES, "2024"),
        (2_000, "2025", Outcome.NO, "2022"),
        (31_000, "2025", Outcome.UNDETERMINED, None),
    ],
)
def test_an_amount_per_structure_is_traced_to_its_campaign(
    amount: float, campagne: str, outcome: Outcome, of: str | None
) -> None:
    result = check_montant_unitaire(amount, campagne, P)

    assert result.outcome is outcome
    assert result.values.get("campagne_du_montant") == of


def test_a_revision_is_not_told_before_its_day() -> None:
    assert "apres" not in check_annuelle("2025", date(2025, 9, 1), P).values
    assert "apres" in check_annuelle("2025", date(2025, 9, 2), P).values


@pytest.mark.parametrize(
    ("day", "total"), [(date(2025, 6, 1), 83.0), (date(2025, 9, 1), 83.0), (date(2025, 9, 2), 76.5)]
)
def test_the_envelope_is_that_of_the_day_of_asking(day: date, total: float) -> None:
    assert check_annuelle("2025", day, P).values["total_meur"] == total


def test_an_amount_of_two_years_is_traced_to_the_last_one() -> None:
    assert check_montant_unitaire(10_000, "2025", P).values["campagne_du_montant"] == "2024"


@pytest.mark.parametrize(
    ("categorie", "outcome"), [("chrs", "no"), ("mecs", "no"), ("ehpad", "undetermined")]
)
def test_the_first_round_of_2021_was_for_elderly_and_disabled_people_only(
    categorie: str, outcome: str
) -> None:
    mention = CategoryMention(categorie, None, False, categorie)

    assert check_categorie(mention, C[categorie], "2021-T1", P).outcome.value == outcome


def test_negative_hours_give_no_share() -> None:
    facts = Facts(heures_essentielles=stated(-5.0), heures_confort=stated(10.0))

    assert check_part_financable(facts, "2025", P).outcome is Outcome.UNDETERMINED


@pytest.mark.parametrize(
    ("domaine", "eligible", "outcome"),
    [("PJM", None, "yes"), ("AHI", False, "undetermined"), ("AHI", True, "no")],
)
def test_the_desk_s_registration_is_asked_of_ahi_within_the_sons_only(
    domaine: str, eligible: bool | None, outcome: str
) -> None:
    facts = Facts(
        domaine=stated(domaine),
        eligible_sons=None if eligible is None else stated(eligible),
        date_signature=stated(date(2025, 10, 1)),
        date_enregistrement=stated(date(2025, 10, 2)),
    )

    assert check_conformite_ahi(facts, "2025", P).outcome.value == outcome


def test_a_project_of_several_fields_is_not_settled() -> None:
    facts = Facts(domaine=stated("PA"), projet_mixte=stated(True))

    assert check_referencement(facts, "2025", P).outcome is Outcome.UNDETERMINED


def test_no_waiver_is_known_for_a_campaign_after_the_last_one() -> None:
    facts = Facts(domaine=stated("AHI"), eligible_sons=stated(False))

    assert check_dispense(facts, "2026", date(2026, 11, 22), P).outcome is Outcome.UNDETERMINED


@pytest.mark.parametrize("choix", ["maintien", "mixte"])
def test_the_national_scale_of_2022_was_for_purchases_only(choix: str) -> None:
    facts = Facts(choix=stated(choix))

    result = check_montant(facts, "2022", "nationale", stated(Count.exactly(60)), P)

    assert result.outcome is Outcome.UNDETERMINED
    assert "part_moa_eur" not in result.values


AHI_IN_SONS = {"domaine": stated("AHI"), "eligible_sons": stated(True)}


@pytest.mark.parametrize(
    ("gap", "outcome"),
    [(-400, Outcome.YES), (-1, Outcome.YES), (0, Outcome.YES), (1, Outcome.NO), (400, Outcome.NO)],
)
def test_the_days_between_signature_and_registration_are_enough(gap: int, outcome: Outcome) -> None:
    result = check_conformite_ahi(Facts(**AHI_IN_SONS), "2025", P, Stated(gap, "selon le message"))

    assert (result.outcome, result.missing) == (outcome, ())
    assert result.facts["jours_apres_la_signature"] == gap
    assert result.steps[0].words == "selon le message"
    assert result.sources


def test_one_day_alone_does_not_outdo_the_gap() -> None:
    facts = Facts(**AHI_IN_SONS, date_signature=stated(date(2025, 10, 1)))

    assert check_conformite_ahi(facts, "2025", P, stated(1)).outcome is Outcome.NO
    assert check_conformite_ahi(facts, "2025", P, stated(0)).outcome is Outcome.YES


def test_two_days_stated_outdo_the_gap() -> None:
    facts = Facts(
        **AHI_IN_SONS,
        date_signature=stated(date(2025, 10, 1)),
        date_enregistrement=stated(date(2025, 10, 1)),
    )

    assert check_conformite_ahi(facts, "2025", P, stated(5)).outcome is Outcome.YES


@pytest.mark.parametrize(
    ("facts", "campagne", "outcome"),
    [
        ({}, "2023", Outcome.YES),  # no duty in 2023
        ({"domaine": stated("PJM")}, "2025", Outcome.YES),  # nor for PJM
        ({"domaine": stated("AHI"), "eligible_sons": stated(False)}, "2025", Outcome.UNDETERMINED),
    ],
)
def test_a_gap_breaks_no_duty_that_is_not_there(
    facts: dict[str, Any], campagne: str, outcome: Outcome
) -> None:
    assert check_conformite_ahi(Facts(**facts), campagne, P, stated(30)).outcome is outcome


@pytest.mark.parametrize(
    ("day", "year", "campagne"),
    [
        (date(2021, 3, 1), "2021", "2021-T1"),
        (date(2021, 12, 1), "2021", "2021-T2"),
        (date(2019, 1, 1), "2021", "2021-T1"),  # none begun: the first
        (date(2025, 6, 1), "2025", "2025"),
        (date(2025, 6, 1), "2019", None),
    ],
)
def test_a_day_falls_in_the_last_round_begun_of_its_year(day: date, year: str, campagne: str | None) -> None:
    assert round_of(day, year, P) == campagne


def test_the_json_of_a_ruling_holds_nested_values_and_plain_days() -> None:
    result = RuleResult(
        "calendrier.cloture",
        Outcome.YES,
        facts={"jours": (date(2025, 9, 15), 1)},
        values={"lignes": {2025: [76.5, None]}},
        steps=(),
    )

    assert result.as_json()["facts"] == {"jours": ["2025-09-15", 1]}
    assert result.as_json()["values"] == {"lignes": {"2025": [76.5, None]}}


def test_the_envelope_of_a_year_is_not_told_before_its_first_instruction() -> None:
    result = check_annuelle("2025", date(2024, 1, 1), P)

    assert result.outcome is Outcome.UNDETERMINED
    assert "total_meur" not in result.values
    assert "2025" in result.values["reason"]
    assert result.sources
