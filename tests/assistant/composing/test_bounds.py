"""Whether a message is within the field, and whether the rule that its words called for stands."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.composing.bounds import brings_within, evidence_of, is_foreign, is_outside, misuse_of
from assistant.composing.routing import is_upheld, with_topic
from assistant.composing.selection import Scored
from assistant.judging import Judge, Ruling
from assistant.understanding.intents import Speech, Topic
from assistant.understanding.reading import Reading, read_conversation
from assistant.understanding.senses import Scope, Sense
from index.passage import Hit, Passage

JUDGE, TODAY = Judge.from_corpus(), date(2026, 11, 22)
PASSAGE = Passage.from_fields(
    id="x#1", text="Texte.", sources=("ash-2024",), document="x", title="X", heading=(), location="x", page=None,
    kind="fiche", annees=(), voies=(), territoires=(), nature="fait",
)  # fmt: skip


def hit(likeness: float = 0.7, cosine: float = 0.88) -> Hit:
    return Hit(PASSAGE, 1.0, cosine, 1.0, "", alike=(("Une question connue ?", likeness),))


def read(question: str) -> Reading:
    return read_conversation([question], TODAY)


def meaning(scope: Scope, share: float) -> Sense:
    if scope is Scope.PROGRAMME:
        return Sense({Scope.PROGRAMME: share, Scope.OUTSIDE: 1 - share})
    return Sense({scope: share, Scope.PROGRAMME: 1 - share})


@pytest.mark.parametrize(
    ("scope", "speech"),
    [
        (Scope.ATTACK, Speech.INJECTION),
        (Scope.FRAUD, Speech.FRAUD),
        (Scope.VENDOR, Speech.VENDOR),
        (Scope.PREDICTION, Speech.PREDICTION),
        (Scope.PERSONAL, Speech.PERSONAL),
        (Scope.WRITING, Speech.LONG_WRITING),
        (Scope.TALK, Speech.ABOUT),
    ],
)
def test_a_misuse_is_told_when_its_meaning_leaves_little_doubt(scope: Scope, speech: Speech) -> None:
    assert misuse_of(meaning(scope, 0.95), []) is speech
    assert misuse_of(meaning(scope, 0.4), []) is None


@pytest.mark.parametrize("scope", [Scope.PROGRAMME, Scope.OUTSIDE])
def test_what_is_or_is_not_on_the_programme_is_no_misuse(scope: Scope) -> None:
    assert misuse_of(meaning(scope, 0.99), []) is None


def test_a_known_question_is_no_misuse_but_for_fraud() -> None:
    known = [hit(0.95)]

    assert misuse_of(meaning(Scope.VENDOR, 0.95), known) is None
    assert misuse_of(meaning(Scope.FRAUD, 0.95), known) is Speech.FRAUD


def test_what_looks_like_nothing_known_is_outside_unless_its_words_are_the_programme_s() -> None:
    far, sense = [hit(0.4, 0.84)], meaning(Scope.OUTSIDE, 0.7)

    assert is_outside(read("Quelle est la recette des crêpes ?"), sense, far)
    assert is_foreign(read("Quelle est la recette des crêpes ?"), meaning(Scope.OUTSIDE, 0.99), far)
    assert not is_outside(read("Que paie le volet SONS ?"), meaning(Scope.PROGRAMME, 0.9), [hit()])


def test_a_question_near_a_known_one_is_within_and_brings_its_message_within() -> None:
    question, sense = read("Qui signe ?"), meaning(Scope.PROGRAMME, 0.9)

    assert brings_within(question, sense, [hit(0.9, 0.92)])
    assert not is_outside(question, sense, [hit(0.9, 0.92)])
    assert not is_foreign(question, sense, [hit(0.1, 0.7)])


def test_evidence_grows_with_meaning_likeness_and_words() -> None:
    plain, sense = read("Qui signe ?"), meaning(Scope.PROGRAMME, 0.5)
    middle = evidence_of(plain, sense, [hit()])

    assert evidence_of(plain, meaning(Scope.PROGRAMME, 0.9), [hit()]) > middle
    assert evidence_of(plain, sense, [hit(0.8)]) > middle > evidence_of(plain, sense, [])
    assert evidence_of(plain, sense, [hit(0.7, 0.9)]) > middle
    weights = [
        evidence_of(read(text), sense, [hit()])
        for text in (
            "Qui signe ?",
            "Qui signe en Bretagne ?",
            "Qui signe pour 16 sites ?",
            "Qui signe le SONS ?",
        )
    ]
    assert weights == sorted(weights)
    assert weights[0] < weights[-1]


@pytest.mark.parametrize(
    ("question", "added"),
    [("Avec 16 structures, quel guichet nous concerne ?", False), ("16 structures, et après ?", True)],
)
def test_a_likely_topic_joins_when_a_fact_supports_it_and_no_word_told_one(
    question: str, added: bool
) -> None:
    reading, sense = read(question), Sense(topics={"seuil": 0.9})
    assert reading.own.nombre_essms

    assert (Topic.SEUIL in with_topic(reading, sense).topics) is added


def test_a_topic_that_no_fact_supports_or_that_is_unlikely_does_not_join() -> None:
    bare, counted = read("et après ?"), read("16 structures, et après ?")

    assert with_topic(bare, Sense(topics={"seuil": 0.9})) is bare
    assert with_topic(counted, Sense(topics={"seuil": 0.2})) is counted


def ruled(question: str) -> tuple[Ruling, Reading]:
    reading = read(question)
    ruling = JUDGE.judge(reading, TODAY)
    assert ruling.results
    return ruling, reading


COUNTED = "Avec 14 ESSMS en Bretagne, le seuil est-il atteint ?"


@pytest.mark.parametrize(
    ("topics", "likeness", "score", "upheld"),
    [
        ({"seuil": 0.9}, 0.7, 5.0, True),  # the meaning agrees
        ({"seuil": 0.01, "materiel": 0.9}, 0.7, 1.0, False),  # it does not, and a known question is alike
        ({"seuil": 0.01, "materiel": 0.9}, 0.3, 5.0, False),  # it does not, and a statement answers
        ({"seuil": 0.01, "materiel": 0.9}, 0.3, 1.0, True),  # it does not, but nothing answers instead
    ],
)
def test_a_rule_gives_way_to_a_statement_when_the_meaning_is_another(
    topics: dict[str, float], likeness: float, score: float, upheld: bool
) -> None:
    ruling, reading = ruled("Avec 14 ESSMS en Bretagne, sommes-nous éligibles ?")

    assert is_upheld(ruling, reading, Sense(topics=topics), Scored(hit(likeness), score, ())) is upheld


@pytest.mark.parametrize(("likeness", "upheld"), [(0.95, False), (0.7, True)])
def test_a_doubtful_rule_gives_way_to_the_very_question_known(likeness: float, upheld: bool) -> None:
    ruling, reading = ruled("Avec 14 ESSMS en Bretagne, sommes-nous éligibles ?")
    doubtful = Sense(topics={"seuil": 0.4, "materiel": 0.6})

    assert is_upheld(ruling, reading, doubtful, Scored(hit(likeness), 1.0, ())) is upheld


def test_a_rule_that_both_the_words_and_the_facts_call_is_not_questioned() -> None:
    ruling, reading = ruled(COUNTED)

    assert is_upheld(ruling, reading, Sense(topics={"materiel": 1.0}), Scored(hit(0.95), 9.0, ()))


@pytest.mark.parametrize(
    ("question", "upheld"),
    [
        ("Notre candidature déposée en juin 2025 est-elle recevable en décembre 2025 ?", True),
        ("Peut-on en décembre 2025 rectifier une candidature déposée en juin 2025 ?", False),
        ("Je rectifie : quelle est la date limite régionale 2024 ?", True),
    ],
)
def test_a_file_put_right_is_not_judged_as_one_handed_in(question: str, upheld: bool) -> None:
    ruling, reading = ruled(question)
    assert ruling.results[0].rule.startswith("calendrier.")

    assert (
        is_upheld(ruling, reading, Sense(topics={"recevabilite": 0.9}), Scored(hit(0.3), 1.0, ())) is upheld
    )


def test_a_rule_stands_when_there_is_nothing_to_weigh_it_against() -> None:
    ruling, reading = ruled(COUNTED)
    against = Sense(topics={"materiel": 1.0})

    assert is_upheld(ruling, reading, against, None)
    assert is_upheld(ruling, reading, Sense(), Scored(hit(0.95), 9.0, ()))


def test_rules_on_a_structure_or_on_aid_are_not_questioned() -> None:
    ruling, reading = ruled("Un SMR peut-il candidater ?")

    assert ruling.results[0].rule.startswith("eligibilite.")
    assert is_upheld(ruling, reading, Sense(topics={"materiel": 1.0}), Scored(hit(0.95), 9.0, ()))
