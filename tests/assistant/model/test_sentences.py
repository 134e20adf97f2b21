"""What a model writes is cut in sentences as it comes, whatever the pieces."""

import pytest

from assistant.model.sentences import Cutter, Written

TEXT = (
    "Le seuil est de 15 ESSMS [1]. Il relève de l’art. L. 312-1 du CASF. [2][3] Aucun appel n’est ouvert.[4]\n\n"
    "Montant : 2 000,50 € [99].\n- Les dossiers (art. 3) vont à l’ARS [1, 2]\nEst-ce clos ? Oui"
)
SENTENCES = [
    Written("Le seuil est de 15 ESSMS.", (1,)),
    Written("Il relève de l’art. L. 312-1 du CASF.", (2, 3)),
    Written("Aucun appel n’est ouvert.", (4,)),
    Written("Montant : 2 000,50 €.", (99,)),
    Written("Les dossiers (art. 3) vont à l’ARS", (1, 2)),
    Written("Est-ce clos ?", ()),
    Written("Oui", ()),
]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_the_pieces_of_a_stream_change_nothing(size):
    cutter = Cutter()
    found = [one for at in range(0, len(TEXT), size) for one in cutter.feed(TEXT[at : at + size])]
    assert [*found, *cutter.end()] == SENTENCES


def test_a_sentence_is_given_only_once_something_follows_it():
    cutter = Cutter()
    assert cutter.feed("Le seuil est de 15") == []
    assert cutter.feed(" ESSMS. [") == []
    assert cutter.feed("1] La") == [Written("Le seuil est de 15 ESSMS.", (1,))]


def test_numbers_may_open_the_sentences():
    cutter = Cutter()
    found = [*cutter.feed("[1] Le dossier est déposé en 2024.\n\n[2] L’agence l’instruit."), *cutter.end()]
    assert [one.text for one in found] == ["Le dossier est déposé en 2024.", "L’agence l’instruit."]


@pytest.mark.parametrize("text", ["", "\n\n", "[1]", "...", "[1][2]\n[3]"])
def test_what_holds_no_word_is_no_sentence(text):
    cutter = Cutter()
    assert [*cutter.feed(text), *cutter.end()] == []


def test_a_text_without_end_is_cut_all_the_same():
    cutter = Cutter()
    found = [one for _ in range(30) for one in cutter.feed("mot " * 100)]
    assert found
    assert all(len(one.text) < 3_000 for one in found)
