"""A fact said is the fact read back: that one, with that value, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import date, timedelta
from itertools import pairwise, product
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.chain import Assistant
from assistant.composing.questions import QUESTIONS
from assistant.judging import Judge
from assistant.rules.deadline import VOIES, campagnes
from assistant.rules.facts import CategoryMention, Count, Facts, FromClosing, Period, Stated
from assistant.understanding.facts import read_facts
from assistant.understanding.reading import read_conversation, read_questions
from assistant.understanding.saying import (
    ALIASES,
    LABELS,
    Control,
    domaines,
    editors,
    say_category,
    say_category_whole,
    say_fact,
    say_value,
)
from assistant.understanding.spelling import mend
from assistant.understanding.text import clean, fold
from corpus.categories import Domaine, load_categories
from corpus.glossary import load_glossary
from corpus.parameters import load_parameters
from corpus.territories import load_territories

TODAY = date(2026, 11, 22)
REGIONS = tuple(region.id for region in load_territories().regions)
CATEGORIES = tuple(load_categories())
DATES = tuple(name for name in LABELS if name.startswith("date_"))
COUNTED = ("nombre_essms", "essms_du_gestionnaire", "nombre_regions")
HOURS = ("heures_essentielles", "heures_confort")


def _mention(name: str, number: Count | None = None, *, within: bool = False) -> CategoryMention:
    return CategoryMention(name, number, within, "")


def _counts() -> Iterator[tuple[str, object]]:
    for number in (*range(1, 61), 75, 99, 100, 101, 150, 200, 250, 333, 499, 500):
        yield "nombre_essms", Count.exactly(number)
        yield "essms_du_gestionnaire", Count.exactly(number)
        yield "sans_finess", number
    for number in range(1, len(REGIONS) + 1):
        yield "nombre_regions", Count.exactly(number)
    for name, count in product(COUNTED, (Count(2, None), Count(12, 16), Count(0, 14), Count(50, None))):
        yield name, count
    for name, hours in product(HOURS, (0.0, 1.0, 12.5, 999.0, 2500.0, 10_000.0, 123_456.75)):
        yield name, hours


def _places_and_categories() -> Iterator[tuple[str, object]]:
    for region in REGIONS:
        yield "territoires", (region,)
    for two in pairwise((*REGIONS, REGIONS[0])):
        yield "territoires", two
    yield "territoires", REGIONS
    numbers = (None, Count.exactly(1), Count.exactly(2), Count(2, 5), Count(3, None))
    for name, number, within in product(CATEGORIES, numbers, (False, True)):
        yield "categories", (_mention(name, number, within=within),)
    for one, other in pairwise((*CATEGORIES, CATEGORIES[0])):
        yield "categories", (_mention(one), _mention(other, Count.exactly(4)))


def _others() -> Iterator[tuple[str, object]]:
    for code in (*campagnes(load_parameters()), "2021", "2026", "2031"):
        yield "campagne", code
    days = [date(2021, 1, 1), date(2024, 2, 29), date(2025, 9, 15), date(2025, 12, 31), date(2027, 8, 1)]
    for name, day in product(DATES, days):
        yield name, Period.day(day) if name == "date_depot" else day
    yield "date_depot", Period(date(2025, 9, 21), date(2025, 9, 30))
    yield "date_depot", Period(date(2025, 12, 21), date(2026, 1, 3))
    for shift in (-30, -1, 0, 1, 2, 15):
        yield "date_depot", FromClosing(shift)
    for name, editor in editors().items():
        if editor.control is Control.YES_NO:
            yield from ((name, True), (name, False))
        elif editor.control is Control.CHOICE and name != "campagne":
            yield from ((name, value) for value, _ in editor.choices)


CASES = (*_counts(), *_places_and_categories(), *_others())


def _value(name: str, facts: Facts) -> object:
    """Return a fact as it was given to be said, its words left out."""
    found = getattr(facts, name)
    if name == "territoires":
        return tuple(place.value for place in found)
    if name == "categories":
        return tuple(_mention(one.categorie, one.nombre, within=one.within_total) for one in found)
    return found.value if found else None


def _stated(facts: Facts) -> list[str]:
    return [item.name for item in fields(facts) if getattr(facts, item.name)]


def _read(text: str) -> Facts:
    return read_facts(mend(fold(clean(text))), TODAY)


def test_every_fact_of_a_project_has_a_label_and_an_editor() -> None:
    told_by_others = {"variation"}  # a change of the number, said by the number

    assert set(LABELS) == {item.name for item in fields(Facts)} - told_by_others == set(editors())
    assert set(QUESTIONS) <= set(LABELS)  # whatever an answer asks for can be said
    assert {name for name, _ in CASES} == set(LABELS)
    assert all(editor.choices for editor in editors().values() if editor.control is Control.CHOICE)
    assert dict(editors()["territoires"].choices).keys() == set(REGIONS)


def test_domains_have_the_words_of_the_glossary() -> None:
    terms = {form: term.term for term in load_glossary() for form in term.abbreviations}

    assert domaines().keys() == set(get_args(Domaine)) == {"PA", "PH", "DOM", "PDE", "PDS", "AHI", "PJM"}
    assert all(name == f"{terms[acronym]} ({acronym})" for acronym, name in domaines().items())


def test_a_category_is_named_without_articles() -> None:
    assert say_category("usld") == "USLD"
    assert say_category_whole("usld") == "USLD (unité de soins de longue durée)"
    (hospital,) = [name for name, item in load_categories().items() if item.singulier.startswith("un hôpital")]
    assert say_category(hospital) == "hôpital ou clinique"


@pytest.mark.parametrize("form", ["said", "labelled", "corrected"])
def test_a_fact_said_is_read_back_and_no_other(form: str) -> None:
    for name, value in CASES:
        text = say_fact(name, value)
        if form == "labelled":
            text = f"{LABELS[name]} : {say_value(name, value)}"
        elif form == "corrected":
            text = f"Correction : {text}"
        facts = _read(text)

        assert _stated(facts) == [name], text
        assert _value(name, facts) == value, text


@given(
    st.integers(1, 500),
    st.lists(st.sampled_from(REGIONS), min_size=1, unique=True).map(tuple),
    st.sampled_from([*campagnes(load_parameters())]),
    st.sampled_from([*VOIES]),
    st.dates(date(2021, 1, 1), date(2030, 12, 31)),
    st.randoms(use_true_random=False),
)
@settings(deadline=None, max_examples=60)
def test_several_facts_said_together_are_each_read_back(
    number: int, regions: tuple[str, ...], campagne: str, voie: str, day: date, random: Any
) -> None:
    told: list[tuple[str, object]] = [
        ("nombre_essms", Count.exactly(number)),
        ("territoires", regions),
        ("campagne", campagne),
        ("voie", voie),
        ("date_depot", Period.day(day)),
        ("finess_geo", bool(number % 2)),
    ]
    random.shuffle(told)
    text = " ".join(say_fact(name, value) for name, value in told)
    facts = _read(text)

    assert set(_stated(facts)) == {name for name, _ in told}
    assert {name: _value(name, facts) for name, _ in told} == dict(told)


@given(st.dates(date(2021, 1, 1), date(2029, 12, 31)), st.integers(0, 400))
@settings(deadline=None, max_examples=60)
def test_the_days_of_a_filing_are_read_back(first: date, length: int) -> None:
    filed = Period(first, first + timedelta(days=length))

    assert _value("date_depot", _read(say_fact("date_depot", filed))) == filed


# A question of the theme, and the facts that a new value of one may change beside it.
QUESTIONS_BEFORE = (
    "Nous sommes 14 ESSMS de Lorraine, pouvons-nous candidater en 2024 ?",
    "Un dossier régional remis le 11 septembre 2025 arrive-t-il à temps ?",
    "Notre service est-il éligible ?",
)
ENTAILED = {"territoires": {"voie"}}


@pytest.mark.parametrize("question", QUESTIONS_BEFORE)
def test_after_a_question_the_fact_said_is_the_only_one_that_changes(question: str) -> None:
    before = read_conversation([question], TODAY)
    for name, value in CASES[:: 3 if before.facts.nombre_essms else 7]:
        said = say_fact(name, value)
        reading = read_conversation([question, said], TODAY)

        assert reading.follows, said
        assert reading.statement is not None, said
        assert (reading.topics, reading.intents) == (before.topics, before.intents)
        assert _value(name, reading.facts) == value, said
        changed = {
            item.name
            for item in fields(Facts)
            if getattr(reading.facts, item.name) != getattr(before.facts, item.name)
        }
        assert changed <= {name} | ENTAILED.get(name, set()), said


def test_the_facts_of_the_results_of_rules_are_said_as_they_stand() -> None:
    judge, read = Judge.from_corpus(), 0
    for turns in (
        ["Nous sommes 18 ESSMS en Bretagne et en Corse, quelle voie en 2023 ?"],
        ["Entre 12 et 16 ESSMS à La Réunion, est-ce suffisant ?"],
        ["Dossier national déposé le 12 juin 2023, est-il recevable ?"],
        ["Un envoi multirégional de fin septembre 2025 arrive-t-il trop tard ?"],
        ["Dossier régional déposé deux jours après la clôture, recevable ?"],
        ["Les résidences autonomie sont-elles éligibles ?"],
        ["Quelle part d’un SAAD de 1 200,5 heures essentielles et 300 heures de confort est financée ?"],
        ["Notre CHRS est-il dispensé des cibles ? Il n’est pas éligible au SONS."],
    ):
        reading = read_questions(turns, TODAY)[-1]
        for result in judge.judge(reading, TODAY).results:
            for name, value in result.as_json()["facts"].items():
                if value not in (None, []) and ALIASES.get(name, name) in LABELS:
                    name = ALIASES.get(name, name)
                    facts = _read(say_fact(name, value))
                    assert _stated(facts) == [name], (turns, name, value)
                    assert say_value(name, getattr(facts, name)) == say_value(name, value)
                    read += 1

    assert read > 20


@pytest.mark.parametrize(
    ("name", "value", "label", "said"),
    [
        ("nombre_essms", 18, "Nombre d’ESSMS", "18"),
        ("nombre_essms", "entre 12 et 16", "Nombre d’ESSMS", "entre 12 et 16"),
        ("territoires", ["bretagne"], "Région", "Bretagne"),
        ("territoires", ["bretagne", "normandie"], "Régions", "Bretagne et Normandie"),
        ("campagne", "2021-T1", "Campagne", "2021 (temps 1)"),
        ("voie", "multiregionale", "Voie", "multirégionale"),
        ("date_depot", "2025-09-15", "Date de dépôt", "15 septembre 2025"),
        ("date_depot", "clôture +2 j", "Date de dépôt", "2 jours après la clôture"),
        ("finess_geo", True, "Chaque ESSMS a son propre numéro FINESS géographique", "oui"),
        ("categorie", "foyer-enfance", "Catégorie", "foyer de l’enfance"),
        ("categories", ["ehpad", "ime"], "Catégories", "EHPAD et IME"),
        ("heures_confort", 2500.0, "Heures de confort", "2 500"),
        ("date_signature", "2025-10-01", "Date de signature de la convention", "1er octobre 2025"),
    ],
)
def test_a_fact_is_said_in_plain_french(name: str, value: object, label: str, said: str) -> None:
    assert say_value(name, value).replace("\u00a0", " ") == said
    assert say_fact(name, value).replace("\u00a0", " ") == f"{label} : {said}."


def test_a_value_may_come_with_its_words() -> None:
    places = (Stated("corse", "Ajaccio"), Stated("mayotte", "976"))

    assert say_value("nombre_essms", Stated(Count.exactly(9), "9 services")) == "9"
    assert say_value("territoires", places) == "Corse et Mayotte"


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("variation", 2, KeyError),
        ("voie", "departementale", KeyError),
        ("territoires", ["atlantide"], KeyError),
        ("categories", ["hotel"], KeyError),
        ("finess_geo", "oui", TypeError),
        ("nombre_essms", True, TypeError),
        ("heures_confort", "beaucoup", TypeError),
        ("date_signature", 2025, TypeError),
    ],
)
def test_what_is_no_value_of_a_fact_is_not_said(name: str, value: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        say_fact(name, value)


@pytest.mark.parametrize(
    "text",
    [
        "Région : aucune idée.",
        "Région : Bretagne ou Normandie.",
        "Nombre d’ESSMS : 12 ou 40 000.",
        "Voie : régionale ou nationale ?",
        "Campagne : la prochaine.",
        "Date de dépôt : 31 juin 2025.",
        "Chaque ESSMS a son propre numéro FINESS géographique : je crois.",
        "Catégories : EHPAD et hôtels.",
    ],
)
def test_a_label_with_no_value_of_its_fact_states_nothing_by_itself(text: str) -> None:
    question = "Nous sommes 14 ESSMS en Corse, pouvons-nous candidater en 2025 ?"

    assert read_conversation([question, text], TODAY).statement is None


def test_what_is_said_reaches_the_rules_through_the_whole_chain(assistant: Assistant) -> None:
    """The message is tidied before it is read."""
    question = "Nous sommes 14 ESSMS, pouvons-nous candidater ?"
    for region, outcome in (("bretagne", "no"), ("la-reunion", "yes"), ("centre-val-de-loire", "no")):
        answer = assistant.ask([question, say_fact("territoires", [region])], TODAY)

        assert answer.rules[0].rule == "groupement.seuil"
        assert answer.rules[0].outcome.value == outcome
        assert answer.rules[0].facts["territoires"] == [region]
        assert answer.rules[0].facts["nombre_essms"] == 14
