"""A question without the marks between its words; figures, references and words keep theirs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.french import bare


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nous sommes 12, en Corse : est-ce « bon » ?", "Nous sommes 12 en Corse est-ce bon ?"),
        ("Un Ehpad (public) ; combien ?", "Un Ehpad public combien ?"),
        ("Bonjour. Quel seuil… en 2025 !", "Bonjour Quel seuil en 2025 ?"),
        ("Quoi?!", "Quoi ?"),
        ("«Bon»?", "Bon ?"),
        ('le "DUI" “certifié”', "Le DUI certifié ?"),
        ("L’appel qu'il lance", "L'appel qu'il lance ?"),
        ("quel\u00a0seuil\u202f?\n", "Quel seuil ?"),
    ],
)
def test_marks_between_words_go_and_the_question_mark_comes(text, expected):
    assert bare(text) == expected


@pytest.mark.parametrize(
    "kept",
    [
        "1 000,5",
        "76,5",
        "2025/40",
        "L.312-1",
        "12:30",
        "15.09.2025",
        "est-ce",
        "cnsa.fr",
        "R314-1-2",
        "TSSL2519441J",
    ],
)
def test_marks_within_figures_references_and_words_stay(kept):
    assert bare(f"Avec {kept}, oui ?") == f"Avec {kept} oui ?"
    assert bare(f"(Avec {kept})") == f"Avec {kept} ?"
    assert bare(f"Avec « {kept} ».") == f"Avec {kept} ?"


@pytest.mark.parametrize("text", ["", "  \u00a0\n", "?", " ?! …", "« »", "()"])
def test_without_a_word_nothing_is_left(text):
    assert bare(text) == ""


@given(st.lists(st.sampled_from(["seuil", "2025", "76,5", "L.312-1", "l'appel", "12:30"]), min_size=1))
def test_people_s_own_marks_change_nothing(words):
    plain = bare(" ".join(words))

    said = " ".join(words)
    assert plain == f"{said[:1].upper()}{said[1:]} ?"
    for mark in (", ", " ; ", " : ", ". ", " ! ", " ? ", "… ", " « ", " » "):
        assert bare(mark.join(words)) == plain
        assert bare(mark.join(words) + " ?") == plain
    assert bare(plain) == plain
