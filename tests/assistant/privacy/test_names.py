"""Names, addresses and dates of birth are found by form and context; what looks like them is left."""

from __future__ import annotations

import time

import pytest
from privacy_mentions import load, measure

from assistant.privacy.masking import find, mask
from assistant.privacy.people import MAXIMUM_KNOWN, Person, read_known
from assistant.privacy.spans import Kind

MENTIONS, ALIKE = load("mentions.txt")
NAME = "[nom masqué]"


@pytest.mark.parametrize("marked", MENTIONS, ids=lambda marked: marked.text[:40])
def test_what_names_somebody_is_found_exactly(marked):
    assert marked.found() == marked.spans


@pytest.mark.parametrize("text", ALIKE, ids=lambda text: text[:40])
def test_what_looks_like_a_name_is_left(text):
    assert find(text) == []


def test_there_are_enough_of_both():
    assert sum(len(marked.spans) for marked in MENTIONS) >= 120
    assert len(ALIKE) >= 150


def test_names_nothing_was_tuned_on_are_found():
    precision, recall, mentions, alike = measure("mentions_held_out.txt")

    assert mentions >= 60
    assert alike >= 60
    assert precision >= 0.95
    assert recall >= 0.95


@pytest.mark.parametrize(
    "written",
    ["Claire Dupontel", "DUPONTEL Claire", "Dupontel, Claire", "claire dupontel", "C. Dupontel", "C Dupontel",
     "Dupontel C.", "CLAIRE DUPONTEL", "Cláire Düpontel", "claire.dupontel", "Claire-Dupontel", "dupontel"],
)  # fmt: skip
@pytest.mark.parametrize(
    "known",
    ["Claire Dupontel <x@example.org>", "DUPONTEL, Claire (ARS-BRETAGNE/DOS)", "claire.dupontel@example.org"],
)
def test_a_correspondent_is_found_in_any_writing(written, known):
    text = f"pour le projet : {written}, du service"
    expected = NAME + "." if written.endswith(".") and not written.startswith("C") else NAME

    assert (
        mask(text, [known]).replace(f"{NAME}.", NAME)
        == f"pour le projet : {expected.rstrip('.')}, du service"
    )


@pytest.mark.parametrize(
    "known",
    ["Direction EHPAD d’exemple", "ARS Bretagne", "Programme ESMS numérique", "contact@example.org", "", "@", "<>",
     "direction.generale@example.org", "Service des usages <service.usages@example.org>", "Rennes", "x" * 10_000],
)  # fmt: skip
def test_a_service_or_a_place_is_nobody(known):
    text = "La direction de l’EHPAD d’exemple, à Rennes, écrit au service des usages du programme ESMS numérique."

    assert find(text, [known]) == []


def test_correspondents_are_read_whatever_their_number():
    people = read_known(
        f"Claire Dupont{'abcdefghij'[i % 10]}{'klmnopqrst'[i // 10 % 10]}el" for i in range(5_000)
    )

    assert len(people) <= MAXIMUM_KNOWN


def test_a_name_found_once_is_found_where_nothing_tells_it():
    text = "Mme Dupontel est partie. Le dossier est resté chez Dupontel."

    assert mask(text) == f"Mme {NAME} est partie. Le dossier est resté chez {NAME}."


def test_a_word_of_a_name_is_left_where_it_is_an_ordinary_word_or_a_town():
    text = (
        "Claire Paris écrit. Claire, la réponse ? À Paris, l’EHPAD Claire Fontaine attend une réponse claire."
    )

    found = [text[span.start : span.end] for span in find(text, ["Claire Paris"])]

    assert found[0] == "Claire Paris"
    assert "Paris" not in found[1:]
    assert "claire" not in found


def test_two_people_side_by_side_are_two():
    spans = find("Claire Modelin et Paul Exemplin signent.")

    assert [span.kind for span in spans] == [Kind.PERSON, Kind.PERSON]


def test_an_amount_a_date_or_a_year_beside_a_name_is_left():
    text = "Mme Modelin demande 35 000 euros, 35000 € ou 12 345,67 € avant le 15/09/2025, campagne 2025, FINESS 350012345."

    assert mask(text) == text.replace("Modelin", NAME)


def test_an_address_over_lines_is_one():
    text = "EHPAD Les Tilleuls\n12 bis, rue des Lilas\nBâtiment B\nBP 40123\n35064 RENNES CEDEX 7\nTél."
    expected = text[text.index("12") : text.index("\nTél")]

    assert [text[span.start : span.end] for span in find(text)] == [expected]


def test_a_postal_code_and_a_town_alone_still_name_a_territory():
    text = "Nos EHPAD sont à Rennes (35000), 29000 Quimper et dans le 56."

    assert mask(text) == text


def test_invisible_characters_hide_no_name():
    text = "Mme Dupon\u00adtel et Claire\u00a0Exem\u200bplin"

    assert mask(text) == f"Mme {NAME} et {NAME}"


@pytest.mark.parametrize(
    ("name", "other", "included"),
    [
        ("Claire Modèle", "Modèle", True),
        ("Claire Modèle", "C. MODELE", True),
        ("Claire Modèle", "Paul Modèle", False),
        ("Claire Modèle", "C.", False),
        ("Modèle", "Claire Modèle", False),
    ],
)
def test_a_person_answers_to_part_of_their_name(name, other, included):
    assert Person.of(name).includes(Person.of(other)) is included


@pytest.mark.parametrize(
    "piece",
    ["A", "A ", "A. ", "Aa ", "AA ", "Claire ", "Claire de ", "Mme ", "Mme Aa ", "MM. Aa et ", "Aa-", "Aa'", "Bonjour ",
     "cordialement\n", "cordialement, ", "De : ", "De : Aa Bb ; ", "nom : ", "mon fils ", "Aa Bb <", "a écrit ", "12 rue ",
     "rue de la ", "rue Aa, ", "12 rue Aa\n", "35000 Aa ", "BP 12345 ", "né le ", "né le 12/03/1941 ", "résidence Aa ",
     "1 place de ", "EHPAD Aa Bb ", "« ", "d’", "d’A", "(Aa", "[", "]", "[nom masqué]", "[personne 1]", "\n", " - ", "je suis ",
     "Claire Modelin ", "M. Modelin, ", "N’", "van der ", "\t", ",", "Claire Modelin\nDirectrice\n", "lieu-dit ", "cedex "],
)  # fmt: skip
def test_no_text_of_the_greatest_length_takes_long(piece):
    text = (piece * 20_000)[:20_000]
    start = time.process_time()

    find(text, ["Claire Modelin"])

    assert time.process_time() - start < 1.0


def test_an_ordinary_message_is_read_at_once():
    lines = [marked.text for marked in MENTIONS[::7]] + [text for text in ALIKE for _ in range(2)]
    text = ("\n".join(lines) * 3)[:10_000]
    find(text)

    def once() -> float:
        start = time.process_time()
        find(text)
        return time.process_time() - start

    assert min(once() for _ in range(5)) < 0.1
    large = (text * 100)[:1_000_000]
    start = time.process_time()
    find(large)
    assert time.process_time() - start < 8
