"""A model may call a rule with what the user said, and with nothing else."""

from datetime import date

import pytest
from model_server import Calls, Text

from assistant.judging import Judge
from assistant.model.judging import call_rules, said_by_user
from assistant.rules.result import Outcome
from assistant.understanding.reading import read_conversation

DAY = date(2025, 6, 2)
QUESTION = "Nous voulons déposer le 12 juin 2025 par la voie régionale, avec 18 ESSMS en Bretagne."
JUDGE = Judge.from_corpus()
READING = read_conversation((QUESTION,), DAY)


def in_order(question, texts):
    wanted = ("dépôt à une date donnée", "date limite", "catégorie de structures")
    return sorted(range(len(texts)), key=lambda rank: not any(words in texts[rank] for words in wanted))


def call(make, question=QUESTION, reading=READING):
    return call_rules(question, reading, DAY, JUDGE, in_order, make().session())


def test_the_verdict_is_that_of_the_rule(server, make):
    server.script(
        Calls([("recevabilite", {"voie": "regionale", "date_depot": "2025-06-12"})]), Text("Non, jamais.")
    )
    ruling = call(make)
    assert ruling is not None
    assert [(result.rule, result.outcome) for result in ruling.results] == [
        ("calendrier.recevabilite", Outcome.YES)
    ]
    assert ruling.campagne == "2025"


@pytest.mark.parametrize(
    "calls",
    [
        [("recevabilite", {"voie": "regionale", "date_depot": "2025-09-12"})],
        [("recevabilite", {"voie": "nationale", "date_depot": "2025-06-12"})],
        [("recevabilite", {"voie": "regionale", "date_depot": "2025-06-12", "campagne": "2022"})],
        [("juger_categorie", {"categorie": "ehpad"})],
        [("date_limite", {"voie": "regionale", "jour": "2024-01-01"})],
        [("inconnu", {"voie": "regionale"})],
        [("recevabilite", "{pas du JSON")],
        [("recevabilite", {"voie": 12, "date_depot": []})],
        [],
    ],
)
def test_what_the_user_did_not_say_is_not_judged(server, make, calls):
    server.script(Calls(calls) if calls else Text("Aucun outil."), Text("Voilà."), Text("Voilà."))
    assert call(make) is None


def test_figures_places_and_choices_are_the_users():
    def said(**args):
        return said_by_user(args, QUESTION, READING.facts, DAY, "2025")

    assert said(jour="2025-06-02", nombre_essms=18, territoires=["bretagne"], campagne=None)
    assert not said(nombre_essms=15)
    assert not said(territoires=["bretagne", "corse"])
    assert not said(jour="2025-06-03")
    assert not said(finess_geo=True)
    assert not said(choix="acquisition")
