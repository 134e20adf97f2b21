"""One numbering of the citations of a letter."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.answer import Answer, Citation, Kind, Status
from assistant.chain import Asked
from assistant.composing.citing import Line
from assistant.drafting.numbering import markers, number_after, number_together, without_secondary
from assistant.understanding.reading import read_message


def citation(number: int, source: str, place: str = "page 1", grade: int = 2) -> Citation:
    return Citation(number, source, source, "Éditeur", "2025", "", place, "extrait", grade, "page")


def asked(text: str, *citations: Citation) -> Asked:
    reading = read_message("Quel est le seuil ?", None, date(2025, 6, 2))
    answer = Answer(Kind.ANSWER, Status.ANSWERED, text, citations)
    return Asked(reading, answer, (Line(text, sourced=True),))


def test_the_same_place_of_a_source_has_one_number_over_all_answers() -> None:
    first = asked("Un. [1] Deux. [2]", citation(1, "a"), citation(2, "b"))
    second = asked("Trois. [1][2]", citation(1, "b"), citation(2, "a", "page 9"))
    (one, two), everything = number_together([first, second])
    assert one.answer.text == "Un. [1] Deux. [2]"
    assert two.answer.text == "Trois. [2][3]"
    assert two.lines[0].text == "Trois. [2][3]"
    assert [(item.number, item.id, item.location) for item in everything] == [
        (1, "a", "page 1"),
        (2, "b", "page 1"),
        (3, "a", "page 9"),
    ]
    assert [item.number for item in two.answer.citations] == [2, 3]


def test_an_answer_added_is_numbered_after_those_of_the_letter() -> None:
    letter = (citation(1, "a"), citation(4, "b"))
    text, everything = number_after(letter, asked("Trois. [1][2]", citation(1, "b"), citation(2, "c")).answer)
    assert text == "Trois. [4][5]"
    assert [item.number for item in everything] == [1, 4, 5]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Phrase. [1][2][3]", "Phrase. [1][3]"),
        ("Phrase. [2]", "Phrase. [2]"),
        ("Phrase. [2][4]", "Phrase. [2][4]"),
        ("Un. [2][1] Deux. [4]", "Un. [1] Deux. [4]"),
        ("Inconnu. [9][1]", "Inconnu. [1]"),
    ],
)
def test_a_secondary_source_is_left_out_beside_a_public_body_only(text: str, expected: str) -> None:
    assert without_secondary(text, {1: 2, 2: 4, 3: 1, 4: 5}) == expected


def test_markers_are_read_in_order() -> None:
    assert markers("Un [3][1], puis [2024] et [x].") == [3, 1, 2024]
