"""The address of the project page read into facts, and the questions put one after the other."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from urllib.parse import urlencode

import pytest
from rule_cases import C, P, T, facts_of

from assistant.rules.cumulation import check_compatibilite
from assistant.rules.deadline import campagnes, check_recevabilite
from assistant.rules.eligibility import check_categorie, check_structure
from assistant.rules.facts import Facts, Period, Stated
from assistant.rules.funding import check_type
from assistant.rules.grouping import check_seuil, check_voie
from assistant.rules.project import ProjectRuling, judge
from assistant.rules.result import Outcome
from assistant.rules.software import check_dispense, check_referencement
from assistant.understanding.saying import LABELS, PLURALS, editors, say_category
from assistant.web.project import form
from assistant.web.project.form import (
    BY_CATEGORY,
    Situation,
    asked_as,
    left_open,
    next_question,
    open_facts,
    question_of,
    read_query,
    write_query,
)
from assistant.web.project.questions import MIXED, ORDER, Control, FormData, build_questions

DAY = date(2026, 11, 26)
DATA = FormData(P, T, C)
QUESTIONS = build_questions(DATA)
GENERAL = P["groupement.seuil_general"].value_for("2025").number()
SPECIAL = P["groupement.seuil_corse_outre_mer"].value_for("2025").number()
NATIONAL = P["voie.seuil_national"].value_for("2025").number()


def read(**answers: object) -> Situation:
    """Read the address that gives some answers; a list is a parameter given several times."""
    return read_query(urlencode(answers, doseq=True), QUESTIONS)


def facts(situation: Situation) -> Facts:
    return form.facts_of(situation, DATA, QUESTIONS)


def ruling_of(situation: Situation, day: date = DAY) -> ProjectRuling:
    return judge(facts(situation), situation.day(day), P, T, C)


def asked(situation: Situation) -> str | None:
    return next_question(ruling_of(situation), situation, DATA)


# Every fact that a rule may ask for


def facts_that_rules_ask_for() -> set[str]:
    """Collect what the rules of a project ask for, over combinations of what is stated and not."""
    options = {
        "nombre_essms": (None, GENERAL - 5, NATIONAL + 10, {"min": GENERAL - 5, "max": NATIONAL + 10}),
        "territoires": ((), ("bretagne",), ("corse",), ("corse", "bretagne")),
        "nombre_regions": (None, 1, {"min": 2}),
        "categories": ((), ({"id": "ehpad"},), ({"id": "chrs", "nombre": 20},), ({"id": "usld", "dans_le_total": True},)),
        "l312_1": (None, True),
        "domaine": (None, "AHI"),
        "date_depot": (None, "2025-06-01", {"du": "2025-06-01", "au": "2025-12-31"}),
    }  # fmt: skip
    found: set[str] = set()
    for campagne in ("2025", campagnes(P)[0]):
        for values in itertools.product(*options.values()):
            stated = {name: value for name, value in zip(options, values, strict=True) if value}
            project = judge(facts_of({**stated, "campagne": campagne}), DAY, P, T, C)
            found |= {name for result in project.results for name in result.missing}
    return found


def facts_that_rules_may_ask_for_alone() -> set[str]:
    """Collect what each rule of a project asks for when it is told nothing, not even the track or the category."""
    nothing, filed = Facts(), Period(date(2025, 6, 1), date(2025, 12, 31))
    results = [
        check_structure(nothing, "2025", P),
        check_categorie(None, None, "2025", P),
        check_seuil(nothing, "2025", P, T, C),
        check_voie(nothing, "2025", P, T, C),
        check_recevabilite(filed, "", "2025", None, P),
        check_recevabilite(filed, "", "2025", "regionale", P),
        check_recevabilite(None, "", "2025", "regionale", P),
        check_compatibilite(nothing, "2025", P),
        check_type(nothing, "2025", P),
        check_referencement(nothing, "2025", P),
        check_referencement(Facts(domaine=Stated("AHI", "")), "2025", P),
        check_dispense(nothing, "2025", DAY, P),
        check_dispense(Facts(domaine=Stated("AHI", "")), "2025", DAY, P),
    ]
    return {name for result in results for name in result.missing}


def test_every_fact_that_a_rule_asks_for_has_a_question() -> None:
    wanted = facts_that_rules_ask_for() | facts_that_rules_may_ask_for_alone()

    assert {"nombre_essms", "territoires", "l312_1", "voie", "date_depot", "eligible_sons"} <= wanted
    for fact in wanted:
        names = asked_as(fact, Situation(), DATA)
        assert names, fact
        assert set(names) <= QUESTIONS.keys(), fact


def test_every_question_has_words_and_a_place() -> None:
    assert set(ORDER) | {"sans_finess"} == QUESTIONS.keys()
    for question in QUESTIONS.values():
        assert question.text.endswith("\u00a0?"), question.name
        assert question.help.endswith("."), question.name
        assert question.label, question.name
        assert question.lacking, question.name
        closed = question.control in (Control.NUMBER, Control.DATE)
        assert bool(question.choices) is not closed, question.name


def test_places_categories_and_campaigns_are_those_of_the_corpus() -> None:
    assert {c.value: c.label for c in QUESTIONS["territoires"].choices} == {r.id: r.name for r in T.regions}
    assert {choice.value for choice in QUESTIONS["categories"].choices} == set(C)
    assert {choice.value for choice in QUESTIONS["campagne"].choices} == set(campagnes(P))


def test_the_form_says_facts_and_choices_as_the_chat_does() -> None:
    for name in ("domaine", "choix", "deja_finance", "prestation_segur"):
        said = dict(editors()[name].choices)
        shown = {choice.value: choice.label for choice in QUESTIONS[name].choices if choice.value in said}
        assert {value: label.casefold() for value, label in shown.items()} == {
            value: label.casefold() for value, label in said.items()
        }, name
    for name in QUESTIONS.keys() & LABELS.keys():
        assert QUESTIONS[name].label in (LABELS[name], PLURALS.get(name)), name
    for choice in QUESTIONS["categories"].choices:
        assert choice.label.casefold().startswith(say_category(choice.value).casefold())


# Walks: the questions end, and none is put twice

ANSWERS: dict[str, tuple[dict[str, object], ...]] = {
    "nombre_essms": tuple({"nombre_essms": n} for n in (SPECIAL - 1, GENERAL - 5, GENERAL, NATIONAL, NATIONAL + 10)),
    "territoires": tuple(
        {"territoires": list(places)}
        for places in (("bretagne",), ("corse",), ("corse", "bretagne"), ("saint-martin",), ("mayotte", "la-reunion"))
    ),
    "categories": tuple(
        {"categories": list(names)}
        for names in (("ehpad",), ("chrs",), ("usld",), ("gem",), ("ehpad", "usld"), ("chrs", "ehpad"), ("gem", "usld"))
    ),
    "nombre_regions": ({"nombre_regions": "une"}, {"nombre_regions": "plusieurs"}),
    BY_CATEGORY: (),
    "sans_finess": ({"sans_finess": 1}, {"sans_finess": 5}),
}  # fmt: skip


def answers_to(name: str, state: dict[str, object]) -> Iterator[dict[str, object]]:
    """Give the ways of answering a question, « Je ne sais pas » included."""
    unknown = [*state.get("inconnu", []), name]  # type: ignore[misc]
    if name == BY_CATEGORY:
        named = state["categories"]
        yield {f"nombre.{categorie}": 2 for categorie in named}  # type: ignore[attr-defined]
        yield {"inconnu": unknown}
    elif name in ANSWERS:
        yield from ANSWERS[name]
        yield {"inconnu": unknown}
    else:
        yield from ({name: choice.value} for choice in QUESTIONS[name].choices)
        yield {name: "inconnu"}


def step(state: dict[str, object], path: list[str]) -> str | None:
    """Return the next question, checking what must hold on every path."""
    situation = read(**state)
    assert not situation.errors, state
    ruling = ruling_of(situation)
    name = next_question(ruling, situation, DATA)
    assert name not in path, (path, name)
    if name is None:
        waiting = [fact for fact in open_facts(ruling) if asked_as(fact, situation, DATA)]
        unknown = left_open(ruling, situation, DATA)
        assert not waiting or unknown or set(waiting) <= {"territoires", "nombre_essms"}, state
    return name


def test_no_path_asks_the_same_thing_twice() -> None:
    """Follow every path through the group and the structures, one answer in two beyond."""
    ends = 0
    stack: list[tuple[dict[str, object], list[str]]] = [({}, [])]
    while stack:
        state, path = stack.pop()
        name = step(state, path)
        if name is None:
            ends += 1
            continue
        ways = list(answers_to(name, state))
        if len(path) >= 2 and name != BY_CATEGORY:
            ways = [ways[-2], ways[-1]]
        stack += [({**state, **way}, [*path, name]) for way in ways]
    assert ends > 200


def test_no_random_path_asks_the_same_thing_twice() -> None:
    dice = random.Random(20251126)
    for _ in range(300):
        state: dict[str, object] = {}
        path: list[str] = []
        if dice.random() < 0.3:
            state["campagne"] = dice.choice(campagnes(P))
        if dice.random() < 0.3:
            state["date_depot"] = dice.choice(["2021-03-01", "2023-06-20", "2025-07-20", "2026-01-01"])
        while name := step(state, path):
            state |= dice.choice(list(answers_to(name, state)))
            path.append(name)
        assert len(path) <= len(QUESTIONS)


def test_the_first_question_is_the_one_of_the_ruling() -> None:
    """As long as nothing is skipped, the order is the rules' own."""
    dice = random.Random(7)
    for _ in range(150):
        state: dict[str, object] = {}
        path: list[str] = []
        while name := step(state, path):
            situation = read(**state)
            ruling = ruling_of(situation)
            assert open_facts(ruling)[0] == ruling.question
            ways = [
                way
                for way in asked_as(str(ruling.question), situation, DATA)
                if not situation.is_settled(way)
            ]
            assert not ways or name == ways[0]
            state |= dice.choice(list(answers_to(name, state))[:-1])
            path.append(name)


@pytest.mark.parametrize(
    ("state", "question"),
    [
        ({}, "nombre_essms"),
        ({"inconnu": ["nombre_essms"]}, "territoires"),
        ({"nombre_essms": GENERAL - 5}, "territoires"),
        ({"nombre_essms": GENERAL, "territoires": "bretagne"}, "categories"),
        ({"nombre_essms": GENERAL, "territoires": "bretagne", "inconnu": ["categories"]}, "l312_1"),
        ({"nombre_essms": GENERAL, "territoires": "bretagne", "inconnu": ["categories"], "l312_1": "inconnu"}, "finess_geo"),
        ({"nombre_essms": GENERAL, "territoires": "bretagne", "categories": "ehpad"}, "finess_geo"),
        ({"nombre_essms": GENERAL + 5, "territoires": "bretagne", "categories": ["ehpad", "usld"]}, BY_CATEGORY),
        ({"nombre_essms": GENERAL + 5, "territoires": "bretagne", "categories": "ehpad", "finess_geo": "partie"}, "sans_finess"),
        ({"nombre_essms": GENERAL - 1, "territoires": "bretagne"}, None),
        ({"inconnu": ["nombre_essms", "territoires"], "categories": "ehpad", "finess_geo": "oui"}, BY_CATEGORY),
    ],
)  # fmt: skip
def test_the_question_that_follows(state: dict[str, object], question: str | None) -> None:
    assert asked(read(**state)) == question


def test_what_is_not_known_is_said_to_stay_open() -> None:
    state = {"inconnu": ["nombre_essms", "territoires"]}
    while (name := asked(read(**state))) is not None:  # type: ignore[arg-type]
        state |= list(answers_to(name, state))[-1]  # type: ignore[operator]
    situation = read(**state)  # type: ignore[arg-type]

    assert left_open(ruling_of(situation), situation, DATA)[:2] == ["nombre_essms", "territoires"]


# Facts


def test_a_count_of_each_category_is_part_of_the_total() -> None:
    situation = read(
        nombre_essms=GENERAL + 1, territoires="bretagne", categories="usld", **{"nombre.usld": 2}
    )

    assert (
        ruling_of(situation).groupement.outcome is Outcome.NO
    )  # one below the threshold once the USLD are taken off


def test_essms_without_a_number_of_their_own_are_taken_off() -> None:
    base = {
        "nombre_essms": GENERAL + 2,
        "territoires": "bretagne",
        "categories": "ehpad",
        "finess_geo": "partie",
    }

    assert ruling_of(read(**base, sans_finess=2)).groupement.outcome is Outcome.YES
    assert ruling_of(read(**base, sans_finess=3)).groupement.outcome is Outcome.NO
    assert facts(read(**base)).finess_geo is None


def test_categories_of_several_fields_tell_the_field() -> None:
    both = facts(read(categories=["chrs", "ehpad"]))

    assert both.domaine is not None
    assert both.projet_mixte is not None
    assert (both.domaine.value, both.projet_mixte.value) == ("AHI", True)
    assert facts(read(categories=["ehpad", "ime"])).projet_mixte is None


@pytest.mark.parametrize("single", ["PA", "PH", "DOM", "PDE", "PDS"])
def test_several_fields_without_rules_of_their_own_are_judged_as_each_of_them(single: str) -> None:
    several, one = facts(read(domaine=MIXED)), facts(read(domaine=single))
    judged = [
        (check_referencement(found, "2025", P).outcome, check_dispense(found, "2025", DAY, P).outcome)
        for found in (several, one)
    ]

    assert judged[0] == judged[1]


def test_the_facts_keep_the_words_of_the_corpus() -> None:
    stated = facts(read(territoires="la-reunion", nombre_essms=20, choix="maintien"))

    assert [place.words for place in stated.territoires] == ["La Réunion"]
    assert stated.nombre_essms is not None
    assert stated.nombre_essms.words == "20 ESSMS"


# Addresses


def test_an_address_written_is_read_the_same() -> None:
    situation = read(
        nombre_essms=20, territoires=["corse", "bretagne"], categories=["usld", "ehpad"], finess_geo="partie",
        sans_finess=1, jour="2025-06-01", inconnu=["domaine", BY_CATEGORY], l312_1="inconnu", **{"nombre.ehpad": 3},
    )  # fmt: skip
    written = write_query(situation)

    assert replace(read_query(written, QUESTIONS), notes=()) == replace(situation, notes=())
    assert write_query(read_query(written, QUESTIONS)) == written


@pytest.mark.parametrize("name", ["nombre_essms", "categories", "finess_geo", "territoires", "l312_1"])
def test_an_answer_erased_leaves_the_others(name: str) -> None:
    situation = read(
        nombre_essms=20, territoires="corse", categories="usld", finess_geo="partie", sans_finess=1, l312_1="inconnu",
        **{"nombre.usld": 3},
    )  # fmt: skip
    left = read_query(write_query(situation, (name,)), QUESTIONS)

    assert not left.is_settled(name)
    assert {n for n in left.values if question_of(n) != name} == {
        n for n in situation.values if question_of(n) != name
    }
    assert not left.notes


@pytest.mark.parametrize(
    "value",
    ["abc", "-3", "0", "99999999999999999999", "15,5", "15.0", "1e3", "<script>alert(1)</script>", "٣", "quinze", "10000"],
)  # fmt: skip
def test_a_number_that_is_not_one_states_nothing(value: str) -> None:
    situation = read(nombre_essms=value, territoires="corse")

    assert "nombre_essms" in situation.errors
    assert facts(situation).nombre_essms is None
    assert situation.values["territoires"] == ("corse",)


@pytest.mark.parametrize(
    ("value", "number"), [(" 15 ", 15), ("015", 15), ("1 200", 1200), ("1\u202f200", 1200)]
)
def test_a_number_is_read_as_people_write_it(value: str, number: int) -> None:
    assert read(nombre_essms=value).values["nombre_essms"] == (str(number),)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("territoires", "atlantide"), ("categories", "licorne"), ("campagne", "1999"), ("campagne", "2021"),
        ("l312_1", "peut-etre"), ("choix", "rien"), ("domaine", "XYZ"), ("voie", "lactee"),
        ("date_depot", "2025-02-30"), ("date_depot", "01/06/2025"), ("date_depot", "1999-01-01"),
        ("date_depot", "2036-01-01"), ("jour", "2020-12-31"), ("jour", "hier"), ("sans_finess", "-1"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_told_and_states_nothing(name: str, value: str) -> None:
    situation = read(**{"nombre_essms": 20, "finess_geo": "partie", name: value})

    assert value in situation.errors[name] or name in ("date_depot", "jour")
    assert name not in situation.values
    assert situation.value("nombre_essms") == "20"


@pytest.mark.parametrize("day", ["2021-01-01", "2035-12-31"])
def test_the_bounds_of_the_day_are_accepted(day: str) -> None:
    assert read(jour=day).day(DAY).isoformat() == day


def test_two_values_of_one_answer_are_told() -> None:
    assert "15" in read(nombre_essms=[15, 16]).errors["nombre_essms"]
    assert read(nombre_essms=[15, 15]).value("nombre_essms") == "15"
    assert read(territoires=["corse", "corse"]).values["territoires"] == ("corse",)


def test_answers_that_contradict_each_other_are_told() -> None:
    assert "categories" in read(nombre_essms=3, categories="ehpad", **{"nombre.ehpad": 4}).errors
    assert "sans_finess" in read(nombre_essms=3, finess_geo="partie", sans_finess=4).errors
    assert "nombre_regions" in read(territoires=["corse", "bretagne"], nombre_regions="une").errors


def test_what_the_page_does_not_know_is_told_without_being_wrong() -> None:
    situation = read(nombre_esms=15, inconnu="zzz", **{"nombre.usld": 3, "nombre.licorne": 1})

    assert not situation.errors
    assert facts(situation) == Facts()
    told = " ".join(situation.notes)
    for name in ("nombre_esms", "zzz", "USLD", "nombre.licorne"):
        assert name in told


def test_an_endless_address_is_not_read() -> None:
    situation = read_query("nombre_essms=15&x=" + "a" * 9_000, QUESTIONS)

    assert situation.empty
    assert "trop longue" in situation.notes[0]


def test_all_that_can_be_ticked_and_counted_fits_in_an_address() -> None:
    everything = read(
        territoires=[region.id for region in T.regions], categories=list(C), **{f"nombre.{name}": 123 for name in C}
    )  # fmt: skip
    again = read_query(write_query(everything), QUESTIONS)

    assert (len(again.values["territoires"]), len(again.counts)) == (len(T.regions), len(C))
