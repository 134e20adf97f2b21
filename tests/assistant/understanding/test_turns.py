"""What a later message changes of the facts of a conversation."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.rules.facts import Facts
from assistant.understanding.reading import read_conversation

TODAY = date(2026, 11, 22)


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
