"""A question put again keeps the words, figures and facts of the conversation."""

from datetime import date

import pytest
from model_server import Text

from assistant.model.rephrasing import faithful_to, rephrase

DAY = date(2025, 6, 2)
TURNS = ["Nous sommes 14 ESSMS en Bretagne. Quelle est la date limite de dépôt ?", "Et le seuil ?"]


@pytest.mark.parametrize(
    "question",
    ["Quel est le seuil pour 14 ESSMS en Bretagne ?", "Quel est le seuil ?", "Le seuil est-il de 14 ESSMS ?"],
)
def test_the_words_of_the_conversation_may_be_put_together(question):
    assert faithful_to(question, TURNS, DAY)


@pytest.mark.parametrize(
    "question",
    [
        "Quel est le seuil pour 18 ESSMS en Bretagne ?",
        "Quel est le seuil pour 14 ESSMS en Normandie ?",
        "Quel est le seuil pour 14 EHPAD en Bretagne ?",
        "Quel est le seuil de la voie nationale ?",
        "Quel est le seuil en 2023 ?",
        "Pourquoi le seuil n’est pas de 14 ESSMS ?",
        "Le seuil est de 14 ESSMS.",
        "Quelle recette de tarte aux pommes préparer dimanche prochain ?",
        "",
        "seuil " * 100 + "?",
    ],
)
def test_what_changes_the_question_is_refused(question):
    assert not faithful_to(question, TURNS, DAY)


def test_the_model_puts_a_follow_up_as_a_question(server, make):
    server.script(Text('{"question": "Quel est le seuil pour 14 ESSMS en Bretagne ?"}'))
    assert rephrase(TURNS, DAY, make().session()) == "Quel est le seuil pour 14 ESSMS en Bretagne ?"


def test_the_model_sees_no_one_named_in_the_conversation(server, make):
    turns = ["Je suis Mme Exemple, 14 ESSMS, service@example.org.", "Et le seuil pour Mme Exemple ?"]
    server.script(Text('{"question": "Quel est le seuil pour Mme [personne 1] ?"}'))
    assert rephrase(turns, DAY, make().session()) == "Quel est le seuil pour Mme Exemple ?"
    sent = str(server.asked[0])
    assert "Exemple" not in sent
    assert "example.org" not in sent


def test_a_small_window_gets_the_last_turns(server, make):
    turns = [f"Tour {number}. {'Nous avons une question sur le dépôt. ' * 20}" for number in range(20)]
    server.script(Text('{"question": "Quel dépôt ?"}'))
    model = make(context=2_048)
    rephrase([*turns, "Et le dépôt ?"], DAY, model.session())
    sent = server.asked[0]["messages"][-1]["content"]
    assert "Et le dépôt ?" in sent
    assert "Tour 19." in sent
    assert "Tour 2." not in sent
