"""What a later message changes of the facts of a conversation."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.judging import Judge
from assistant.rules.facts import Facts
from assistant.rules.result import Outcome
from assistant.understanding.reading import read_conversation, read_questions

TODAY = date(2026, 11, 22)
JUDGE = Judge.from_corpus()


def _read(*turns: str) -> Facts:
    return read_conversation(turns, TODAY).facts


@pytest.mark.parametrize(
    ("turns", "number", "regions"),
    [
        (("18 ESSMS en Normandie", "pas en Normandie, en Guadeloupe, et 9"), 9, ["guadeloupe"]),
        (("13 ESSMS à Lens, assez ?", "un quatorzième nous rejoint"), 14, ["hauts-de-france"]),
        (("Entre 12 et 15 ESSMS à Lens", "vérification faite, pardon : 13"), 13, ["hauts-de-france"]),
        (
            (
                "9 ESMS en Bretagne et 6 en Normandie",
                "les normands nous quittent, il ne reste que les 9 bretons",
            ),
            9,
            ["bretagne"],
        ),
        (("18 ESSMS en Normandie", "et pour 2024 ?"), 18, ["normandie"]),
    ],
)
def test_a_later_message_says_the_number_again(
    turns: tuple[str, ...], number: int, regions: list[str]
) -> None:
    facts = _read(*turns)

    assert facts.nombre_essms is not None
    assert facts.nombre_essms.value.low == facts.nombre_essms.value.high == number
    assert [place.value for place in facts.territoires] == regions


def test_structures_forgotten_are_added_to_those_said_before() -> None:
    facts = _read("4 IME et 3 ITEP à Metz", "j'ai oublié 2 CMPP")

    assert [(mention.categorie, mention.nombre and mention.nombre.low) for mention in facts.categories] == [
        ("ime", 4),
        ("itep", 3),
        ("cmpp", 2),
    ]


def test_another_structure_asked_about_replaces_the_first() -> None:
    facts = _read("Un IME est-il éligible ?", "et un GEM ?")

    assert [mention.categorie for mention in facts.categories] == ["gem"]


@pytest.mark.parametrize(
    ("turns", "query"),
    [
        (("Quelle était l’enveloppe en 2025 ?", "et pour 2024 ?"), "Quelle était l’enveloppe en 2024 ?"),
        (
            ("Combien d’ESSMS faut-il en Guyane ?", "et en Martinique ?"),
            "Combien d’ESSMS faut-il en Martinique ?",
        ),
        (
            ("Quelle est la date limite de l’appel régional 2025 ?", "et le national ?"),
            "Quelle est la date limite de l’appel national 2025 ?",
        ),
    ],
)
def test_a_follow_up_takes_the_place_of_the_year_place_or_track(turns: tuple[str, ...], query: str) -> None:
    reading = read_conversation(turns, TODAY)

    assert reading.follows
    assert reading.query == query


def test_a_follow_up_with_nothing_to_replace_is_added_to_the_question() -> None:
    for question, follow in (
        ("Combien d’ESSMS faut-il ?", "et en Martinique ?"),
        ("Quelle est l’enveloppe du programme ?", "et pour 2024 ?"),
    ):
        assert read_conversation((question, follow), TODAY).query == f"{question} {follow}"


def test_a_follow_up_keeps_the_subject_and_states_its_own_scope() -> None:
    first = read_conversation(("Quelle était l’enveloppe en 2025 ?",), TODAY)
    then = read_conversation(("Quelle était l’enveloppe en 2025 ?", "et pour 2024 ?"), TODAY)

    assert then.topics == first.topics != frozenset()
    assert then.facts.campagne is not None
    assert then.facts.campagne.value == "2024"


def test_the_place_of_a_follow_up_replaces_the_one_before() -> None:
    facts = _read("Combien d’ESSMS faut-il en Guyane ?", "et en Martinique ?")

    assert [place.value for place in facts.territoires] == ["martinique"]


def test_now_leaves_the_campaign_asked_about_before() -> None:
    assert _read("Un appel était-il ouvert en 2023 ?").campagne is not None
    assert _read("Un appel était-il ouvert en 2023 ?", "et maintenant ?").campagne is None


def _rule(*turns: str) -> tuple[str, Outcome]:
    """Return the first rule that the last turn calls, with its outcome."""
    result = JUDGE.judge(read_questions(turns, TODAY)[0], TODAY).results[0]
    return result.rule, result.outcome


ENOUGH = "Notre groupement compte 12 ESSMS en Normandie, est-ce suffisant pour la campagne 2024 ?"
FILED = "Nous avons transmis notre candidature le 20 août 2025 : arrive-t-elle à temps ?"


@pytest.mark.parametrize(
    ("turns", "rule", "outcome"),
    [
        ((ENOUGH,), "groupement.seuil", Outcome.NO),
        ((ENOUGH, "Région : Martinique."), "groupement.seuil", Outcome.YES),
        ((ENOUGH, "pardon, nous sommes à Ajaccio et Bastia"), "groupement.seuil", Outcome.YES),
        ((ENOUGH, "Correction : régions Normandie et Corse"), "groupement.seuil", Outcome.UNDETERMINED),
        ((ENOUGH, "en fait 17 établissements"), "groupement.seuil", Outcome.YES),
        ((ENOUGH, "je voulais dire 17"), "groupement.seuil", Outcome.YES),
        ((ENOUGH, "17", "ah non, 13"), "groupement.seuil", Outcome.NO),
        ((ENOUGH, "Correction : campagne 2022"), "groupement.seuil", Outcome.NO),
        ((FILED,), "calendrier.recevabilite", Outcome.YES),  # by the regional call, the first of three
        ((FILED, "appel multirégional"), "calendrier.recevabilite", Outcome.NO),
        ((FILED, "Voie : multirégionale.", "plutôt le 3 juillet"), "calendrier.recevabilite", Outcome.YES),
        (
            ("Le SAMSAH que nous gérons est-il éligible ?", "FINESS géographique : non"),
            "eligibilite.structure",
            Outcome.NO,
        ),
        (
            (
                "Le SAMSAH que nous gérons est-il éligible ?",
                "Chaque ESSMS a son propre numéro FINESS géographique : oui.",
            ),
            "eligibilite.structure",
            Outcome.YES,
        ),
        (
            ("Le SAMSAH que nous gérons est-il éligible ?", "pardon, c’est une USLD"),
            "eligibilite.categorie",
            Outcome.NO,
        ),
    ],
)
def test_a_turn_that_only_states_facts_has_the_question_judged_again(
    turns: tuple[str, ...], rule: str, outcome: Outcome
) -> None:
    assert _rule(*turns) == (rule, outcome)


def test_a_campaign_corrected_is_the_one_judged() -> None:
    reading = read_questions((ENOUGH, "Correction : campagne 2023"), TODAY)[0]
    ruling = JUDGE.judge(reading, TODAY)

    assert ruling.campagne == "2023"
    assert ruling.results[0].facts["nombre_essms"] == 12
    assert reading.query == ENOUGH.replace("2024", "2023")


def test_every_question_of_the_message_is_asked_again() -> None:
    question = "Nous avons 20 services en Alsace. Quelle voie, et quelle est la date limite en 2025 ?"
    first = read_questions((question, "Régions : Grand Est et Normandie."), TODAY)

    assert len(first) == 2
    assert [JUDGE.judge(one, TODAY).results[0].rule for one in first] == [
        "groupement.voie",
        "calendrier.cloture",
    ]
    assert JUDGE.judge(first[0], TODAY).results[0].values["voie"] == "multiregionale"
    assert JUDGE.judge(first[1], TODAY).results[0].facts["voie"] == "multiregionale"


@pytest.mark.parametrize("idle", ["merci", "Bonjour", "Pourquoi ?", "je ne sais pas"])
def test_the_question_is_asked_again_over_what_asks_nothing(idle: str) -> None:
    assert _rule(ENOUGH, idle, "Région : Guadeloupe.") == ("groupement.seuil", Outcome.YES)


@pytest.mark.parametrize(
    ("said", "number", "regions"),
    [
        ("aussi en Corse", 12, ["normandie", "corse"]),
        ("et aussi 5 ESSMS en Corse", 17, ["normandie", "corse"]),
        ("un partenaire apporte 40", 52, ["normandie"]),
        ("40 de plus avec un partenaire", 52, ["normandie"]),
        ("notre partenaire en apporte 4", 16, ["normandie"]),
        ("une mutuelle apporterait 6 services", 18, ["normandie"]),
        ("deux de moins", 10, ["normandie"]),
        ("en Corse", 12, ["corse"]),
        ("c'est plutôt 5 ESSMS en Corse", 5, ["corse"]),
    ],
)
def test_what_is_told_as_more_is_added_and_the_rest_replaces(
    said: str, number: int, regions: list[str]
) -> None:
    reading = read_conversation((ENOUGH, said), TODAY)

    assert reading.statement is not None
    assert reading.facts.nombre_essms is not None
    assert reading.facts.nombre_essms.value.low == reading.facts.nombre_essms.value.high == number
    assert [place.value for place in reading.facts.territoires] == regions


@pytest.mark.parametrize(
    "said",
    [
        "et en Corse ?",
        "quelle enveloppe en 2024",
        "date limite 2023",
        "qui contacter en Bretagne",
        "nous ne sommes pas en Normandie",
        "si nous étions en Corse",
        "Corse ou Normandie",
        "Le logiciel est-il financé en 2024",
        "merci",
    ],
)
def test_a_message_that_asks_or_doubts_is_no_statement(said: str) -> None:
    assert read_conversation((ENOUGH, said), TODAY).statement is None


def test_a_project_told_after_a_definition_is_a_matter_of_its_own() -> None:
    told = "Nous gérons 11 ESSMS dans l’Aisne."

    assert read_conversation(("C’est quoi, la MSSanté ?", told), TODAY).query == told


def test_new_regions_take_away_the_track_that_they_deny() -> None:
    question = "22 ESSMS en Aveyron, en régional : est-ce recevable ?"

    assert _read(question).voie is not None
    assert _read(question, "Régions : Occitanie et Corse.").voie is None
    assert _read(question, "Région : Corse.").voie is not None


def test_a_new_category_takes_away_the_domain_of_the_old_one() -> None:
    question = "Le logiciel de notre CHRS doit-il être référencé ?"
    domaine = _read(question, "Catégorie : MECS.").domaine

    assert domaine is not None
    assert domaine.value == "PDE"
    assert _read(question, "Catégories : MECS et EHPAD.").domaine is None


def test_many_statements_leave_the_question_as_short_as_it_was() -> None:
    told = [f"Régions : Corse et {('Bretagne', 'Normandie')[place % 2]}." for place in range(100)]
    reading = read_questions((ENOUGH, *told), TODAY)[0]

    assert len(reading.query) < 2 * len(ENOUGH)
    assert [place.value for place in reading.facts.territoires] == ["corse", "normandie"]


def test_a_day_only_quoted_is_left_with_its_own_question() -> None:
    first = "Quelle est la clôture régionale de 2024 ? Un collègue parle du 3 mai."
    assert _read(first).date_citee is not None

    for follow_up in ("Et pour un projet multirégional ?", "Et en 2023 ?"):
        assert _read(first, follow_up).date_citee is None


@pytest.mark.parametrize("before", ["Combien d’ESSMS sont déployés aujourd’hui ?", "Qu’est-ce que le SONS ?"])
def test_a_project_stated_whole_is_judged_by_itself(before: str) -> None:
    told = read_conversation([before, "9 ESSMS en Normandie, pouvons-nous candidater ?"], TODAY)

    assert not told.follows
    (ruling,) = (one for one in JUDGE.judge(told, TODAY).results if one.rule == "groupement.seuil")
    assert ruling.outcome is Outcome.NO


@pytest.mark.parametrize(("level", "track"), [("national", "nationale"), ("régional", "regionale")])
def test_a_level_named_after_a_closing_is_a_track(level: str, track: str) -> None:
    asked = read_conversation(
        ["Quelle est la clôture des projets multirégionaux de 2024 ?", f"Et au niveau {level} ?"], TODAY
    )

    assert [one.facts["voie"] for one in JUDGE.judge(asked, TODAY).results] == [track]
