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
