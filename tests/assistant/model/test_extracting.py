"""What a model reads in a message counts only when the user's own words say it."""

import json
from datetime import date

import pytest
from model_server import Text

from assistant.model.extracting import Extracted, extract
from assistant.rules.facts import Count, Facts, Stated
from assistant.understanding.intents import Topic

DAY = date(2025, 6, 2)
MESSAGE = (
    "Le groupe compte dix-sept établissements, tous près de Rennes ; dépôt prévu le 12 juin 2025. Ça passe ?"
)


def read(server, make, facts=(), topic=None, words="", known=None, message=MESSAGE):
    listed = [{"nom": name, "valeur": value, "citation": quote} for name, value, quote in facts]
    server.script(Text(json.dumps({"faits": listed, "sujet": topic, "mots": words})))
    return extract(message, known or Facts(), DAY, make().session())


def test_facts_are_read_in_the_words_quoted(server, make):
    found = read(
        server,
        make,
        [
            ("nombre_essms", "17", "dix-sept établissements"),
            ("territoires", "bretagne", "tous près de Rennes"),
            ("date_depot", "2025-06-12", "dépôt prévu le 12 juin 2025"),
        ],
        topic="seuil",
        words="Ça passe ?",
    )
    said = found.statements.replace("\u00a0", " ")
    assert "Nombre d’ESSMS : 17." in said
    assert "Bretagne" in said
    assert "12 juin 2025" in said
    assert found.topic is Topic.SEUIL


@pytest.mark.parametrize(
    "fact",
    [
        ("nombre_essms", "17", "vingt établissements"),  # never said
        ("nombre_essms", "17", "le 12 juin 2025"),  # another number
        ("nombre_essms", "12", "12 juin"),  # of something else
        ("nombre_essms", "17", ""),
        ("territoires", "normandie", "Le groupe"),
        ("categories", "ehpad", "établissements"),
        ("voie", "nationale", "Ça passe"),
        ("campagne", "2024", "12 juin 2025 "),
        ("date_depot", "2025-09-01", "dépôt prévu"),
        ("heures_confort", "17", "dix-sept établissements"),
    ],
)
def test_what_the_words_quoted_do_not_say_is_left_out(server, make, fact):
    found = read(server, make, [fact])
    assert fact[1] not in found.statements
    assert found.statements == "" or "2025" in found.statements


def test_the_value_is_that_of_the_words_and_not_of_the_model(server, make):
    found = read(server, make, [("nombre_essms", "99", "dix-sept établissements")])
    assert "17" in found.statements
    assert "99" not in found.statements


def test_a_fact_read_by_the_rules_stands(server, make):
    known = Facts(nombre_essms=Stated(Count.exactly(14), "14"))
    assert read(server, make, [("nombre_essms", "17", "dix-sept établissements")], known=known) == Extracted(
        ""
    )


def test_a_topic_without_words_of_the_user_is_none(server, make):
    assert read(server, make, topic="montant", words="combien d’euros").topic is None


def test_who_is_named_is_not_sent(server, make):
    read(server, make, message="M. Modèle, 06 12 34 56 78 : dix-sept établissements.")
    assert "Modèle" not in str(server.asked[0])
    assert "34 56" not in str(server.asked[0])


def test_a_day_told_of_something_else_is_not_that_of_a_filing(server, make):
    message = "L’appel a-t-il vraiment ouvert le 15 janvier 2025 ?"
    fact = ("date_depot", "2025-01-15", "ouvert le 15 janvier 2025")
    assert read(server, make, [fact], message=message).statements == ""
    known = Facts(date_citee=Stated(date(2025, 1, 15), "le 15 janvier 2025"))
    filed = ("date_depot", "2025-01-15", "dépôt le 15 janvier 2025")
    assert read(server, make, [filed], message="Un dépôt le 15 janvier 2025 ?", known=known).statements == ""


def test_only_what_a_rule_lacks_is_read_when_one_applies(server, make):
    quoted = [{"nom": "nombre_essms", "valeur": "17", "citation": "dix-sept établissements"}]
    server.default = Text(json.dumps({"faits": quoted, "sujet": None, "mots": ""}))
    assert extract(MESSAGE, Facts(), DAY, make().session(), {"territoires"}).statements == ""
    assert "17" in extract(MESSAGE, Facts(), DAY, make().session(), {"nombre_essms"}).statements
