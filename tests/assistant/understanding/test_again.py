"""Which messages only ask about the answer just given, and which ask something else."""

from __future__ import annotations

import pytest

from assistant.understanding.again import Again, asked_again

QUESTION = "Combien d’ESSMS faut-il réunir ?"


@pytest.mark.parametrize(
    ("message", "again"),
    [
        ("Pourquoi ?", Again.WHY),
        ("et pourquoi ça ?", Again.WHY),
        ("Peux-tu m’expliquer ?", Again.WHY),
        ("D’où vient ce chiffre ?", Again.WHY),
        ("Tu es sûr ?", Again.SURE),
        ("Ah bon, vous en êtes certain ?", Again.SURE),
        ("C’est vrai ?", Again.SURE),
        ("Are you sure?", Again.SURE),
        ("Quelles sources ?", Again.SOURCES),
        ("Où est-ce que c’est écrit ?", Again.SOURCES),
    ],
)
def test_a_message_about_the_answer_gives_back_the_question(message: str, again: Again) -> None:
    assert asked_again([QUESTION, message]) == ((QUESTION,), again)


@pytest.mark.parametrize(
    "message",
    [
        "Pourquoi faut-il 15 ESSMS ?",
        "Tu es sûr que 14 suffisent ?",
        "Quelles sources citer dans le dossier ?",
        "C’est vrai en Corse ?",
        "Et en Martinique ?",
    ],
)
def test_a_message_with_a_subject_of_its_own_is_a_question(message: str) -> None:
    assert asked_again([QUESTION, message]) == ((QUESTION, message), None)


def test_a_first_message_has_no_answer_to_ask_about() -> None:
    assert asked_again(["Pourquoi ?"]) == (("Pourquoi ?",), None)


def test_asked_twice_the_last_one_counts() -> None:
    assert asked_again([QUESTION, "Pourquoi ?", "Tu es sûr ?"]) == ((QUESTION,), Again.SURE)


def test_only_the_question_last_answered_is_asked_about() -> None:
    turns = ["Qui pilote ?", "Pourquoi ?", QUESTION, "Quelle source ?"]

    assert asked_again(turns) == (("Qui pilote ?", "Pourquoi ?", QUESTION), Again.SOURCES)
