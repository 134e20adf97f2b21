"""Tags hide everything that identifies people, come back exactly, and survive what a language model does to them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from privacy_mentions import load

from assistant.privacy.masking import find, mask
from assistant.privacy.pseudonyms import Mapping, conceal, restore

KNOWN = ("Claire Modelin <claire.modelin@example.org>",)
TEXTS = [marked.text for marked in load("mentions.txt")[0]]


def test_each_kind_has_its_tags_numbered_in_order():
    text = "Mme Modelin, 06 39 98 12 34 (a@example.org) et M. Exemplin (b@example.org), née le 12/03/1941, 5 rue des Lilas."

    concealed, _ = conceal(text)

    assert concealed == (
        "Mme [personne 1], [numéro de téléphone 1] ([adresse électronique 1]) et M. [personne 2] "
        "([adresse électronique 2]), née le [date de naissance 1], [adresse postale 1]."
    )


def test_the_same_person_has_the_same_tag_however_written():
    text = "Mme Modelin, Claire Modelin, C. Modelin et MODELIN Claire ; M. Exemplin ; Paul Modelin."

    concealed, mapping = conceal(text)

    assert concealed == (
        "Mme [personne 1], [personne 1], [personne 1] et [personne 1] ; M. [personne 2] ; [personne 3]."
    )
    assert restore(concealed, mapping).text == text


def test_the_same_number_or_address_has_the_same_tag():
    concealed, _ = conceal("06 39 98 12 34, 06.39.98.12.34, A@example.org, a@example.org, 07 39 98 12 34")

    assert concealed == (
        "[numéro de téléphone 1], [numéro de téléphone 1], [adresse électronique 1], [adresse électronique 1], "
        "[numéro de téléphone 2]"
    )


def test_a_correspondent_written_in_parts_is_one_person():
    concealed, _ = conceal("Modelin est là. Il répond à claire modelin.", KNOWN)

    assert concealed == "[personne 1] est là. Il répond à [personne 1]."


def test_a_letter_about_the_text_gives_the_fullest_writing():
    concealed, mapping = conceal("Mme Modelin écrit. Cordialement,\nClaire Modelin")
    assert "Modelin" not in concealed

    assert restore("Bonjour [personne 1],", mapping).text == "Bonjour Claire Modelin,"


@pytest.mark.parametrize(
    "written",
    ["[Personne 1]", "[PERSONNE 1]", "[ personne  1 ]", "[personne\u00a01]", "[personnes 1]", "[personne_1]", "[personne-1]",
     "[personne1]", "[personne n° 1]", "\\[personne 1\\]", "[personne 01]", "[personne\n1]"],
)  # fmt: skip
def test_a_tag_written_again_is_still_read(written):
    _, mapping = conceal("M. Exemplin écrit.")

    assert restore(f"À {written}.", mapping).text == "À Exemplin."


@pytest.mark.parametrize(
    "written", ["[adresse electronique 1]", "[Adresses électroniques 1]", "[ADRESSE ÉLECTRONIQUE 1]"]
)
def test_a_tag_of_several_words_is_still_read(written):
    _, mapping = conceal("a@example.org")

    assert restore(f"À {written}.", mapping).text == "À a@example.org."


def test_what_a_model_added_around_a_tag_stays():
    _, mapping = conceal("M. Exemplin écrit.")

    assert restore("**[personne 1]**, [personne 1]s, d’[personne 1]", mapping).text == (
        "**Exemplin**, Exemplins, d’Exemplin"
    )


def test_a_tag_that_stands_for_nothing_is_left_and_said():
    _, mapping = conceal("M. Exemplin écrit.")
    restored = restore("[personne 1], [personne 2], [IBAN 1], [personne 2], [note 1], [1]", mapping)

    assert restored.text == "Exemplin, [personne 2], [IBAN 1], [personne 2], [note 1], [1]"
    assert restored.unknown == ("[personne 2]", "[IBAN 1]")


def test_a_tag_that_the_text_held_stands_for_itself():
    text = "[personne 1] et [Personne  2] signent avec M. Exemplin, écrit [personne 1]."
    concealed, mapping = conceal(text)

    assert concealed == "[personne 1] et [Personne  2] signent avec M. [personne 3], écrit [personne 1]."
    assert restore(concealed, mapping).text == text
    assert restore("À [personne 1] et [personne 3]", mapping).text == "À [personne 1] et Exemplin"


def test_another_text_of_the_request_has_the_same_tags():
    first, mapping = conceal("Mme Claire Modelin, a@example.org")
    second, both = conceal("Mme Modelin, M. Exemplin, a@example.org, b@example.org", mapping=mapping)

    assert second == "Mme [personne 1], M. [personne 2], [adresse électronique 1], [adresse électronique 2]"
    assert restore(first, both).text == "Mme Claire Modelin, a@example.org"
    assert restore(second, both).text == "Mme Modelin, M. Exemplin, a@example.org, b@example.org"


def test_a_text_cannot_have_a_name_of_another_by_writing_its_tag():
    _, mapping = conceal("Mme Modelin")
    text = "Donnez-moi [personne 1], dit M. Exemplin."
    concealed, both = conceal(text, mapping=mapping)

    assert concealed == "Donnez-moi [mention 1], dit M. [personne 2]."
    assert restore("Voici [mention 1].", both).text == "Voici [personne 1]."
    assert restore(concealed, both).text == text


def test_a_mapping_shows_nothing_in_a_log():
    _, mapping = conceal("Mme Modelin, a@example.org")

    assert "Modelin" not in repr(mapping)
    assert "example" not in repr(mapping)


def test_nothing_known_is_restored_from_nothing():
    assert restore("", Mapping()).text == ""
    assert restore("[personne 1]", Mapping()).unknown == ("[personne 1]",)


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text[:40])
def test_each_mention_is_hidden_and_comes_back(text):
    concealed, mapping = conceal(text)

    assert find(concealed) == []
    assert restore(concealed, mapping).text == text


PIECES = st.sampled_from(
    ["Mme ", "M. ", "Claire", "Modelin", "MODELIN", "Exemplin", "Paul", "Jean-", "C.", "de ", "et ", " ", "\n", ", ", ". ", "-",
     "’", "d’", "Bonjour ", "Cordialement,\n", "résidente ", "mon fils ", "Nom : ", "De : ", "a écrit", "<", ">", "[", "]", "\\",
     "[personne 1]", "[Personne 2]", "[personne ", "1]", "[mention 1]", "[nom masqué]", "[adresse électronique 1]", "[IBAN 3]",
     "a@example.org", "A@EXAMPLE.org", "06 39 98 12 34", "0639981234", "269054958815780", "12 rue des Lilas", "35000 Rennes",
     "BP 12345", "né le ", "12/03/1941", "EHPAD ", "Rennes", "Directrice", "é", "\u0301", "\u00ad", "\u200b", "İ", "ß", "ﬁ", "💡",
     "\ud800", "1", " 2", "«", "»", "(", ")", "personne", "X", "la ", "Le ", "\t", "rue Victor Hugo"]
)  # fmt: skip
TEXT = st.lists(PIECES, max_size=25).map("".join)


@given(TEXT, st.sampled_from([(), KNOWN]))
def test_what_is_concealed_is_restored_exactly(text, known):
    concealed, mapping = conceal(text, known)

    assert restore(concealed, mapping).text == text
    assert restore(concealed, mapping).unknown == ()


@given(TEXT, st.sampled_from([(), KNOWN]))
def test_concealing_twice_changes_nothing(text, known):
    concealed, _ = conceal(text, known)

    assert conceal(concealed, known)[0] == concealed


@given(TEXT)
def test_masking_twice_changes_nothing(text):
    assert mask(mask(text)) == mask(text)


@given(TEXT, TEXT)
def test_two_texts_of_a_request_are_restored_exactly(one, other):
    first, mapping = conceal(one)
    second, both = conceal(other, mapping=mapping)

    assert restore(first, mapping).text == one
    assert restore(second, both).text == other


@given(st.text(max_size=200), st.text(max_size=50))
def test_any_text_is_restored_exactly(text, known):
    concealed, mapping = conceal(text, [known])

    assert restore(concealed, mapping).text == text


@pytest.mark.parametrize("piece", ["M. Aa{} Bb, ", "[personne {}] ", "x{}@example.org ", "Claire Modelin{} "])
def test_many_people_are_concealed_in_good_time(piece):
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = (letters[i % 26] + letters[i // 26 % 26] + letters[i // 676] for i in range(3_000))
    text = "".join(piece.format(word if "personne" not in piece else rank) for rank, word in enumerate(words))
    start = time.process_time()

    concealed, mapping = conceal(text)
    restored = restore(concealed, mapping)

    assert restored.text == text
    assert time.process_time() - start < 3
