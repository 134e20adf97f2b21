"""What a hit says of the questions that its passage is known to answer."""

import pytest

from index.passage import Hit, Passage


def hit(alike, **fields):
    values = {
        "id": "a",
        "text": "Texte",
        "sources": ("s",),
        "document": "d",
        "title": "",
        "heading": (),
        "location": "",
        "page": None,
        "kind": "fiche",
        "annees": (),
        "voies": (),
        "territoires": (),
        "nature": "fait",
    }
    return Hit(Passage.from_fields(**values | fields), 1.0, 0.9, None, "", 0.9, tuple(alike))


def test_a_passage_is_asked_its_open_questions_then_those_settled():
    passage = hit([], questions=("Combien ?",), oui=("Faut-il ?",), non=("Peut-on ?", "Et ici ?")).passage

    assert passage.asked == ("Combien ?", "Faut-il ?", "Peut-on ?", "Et ici ?")


def test_the_nearest_question_is_the_most_alike_wherever_it_stands():
    found = hit([("Combien ?", 0.4), ("Quel seuil ?", 0.8), ("Faut-il ?", 0.6)])

    assert found.nearest == ("Quel seuil ?", 0.8)
    assert (found.question, found.likeness) == ("Quel seuil ?", 0.8)


def test_a_hit_without_questions_has_no_nearest_one():
    found = hit([])

    assert found.nearest == ("", 0.0)
    assert (found.question, found.likeness) == ("", 0.0)
    assert found.settled() == ("", "", 0.0, 0.0)


@pytest.mark.parametrize(
    ("likeness", "settled"),
    [
        ((0.9, 0.3, 0.7, 0.5), ("oui", "Oui B ?", 0.7, pytest.approx(0.2))),
        ((0.1, 0.6, 0.2, 0.8), ("non", "Non A ?", 0.8, pytest.approx(0.2))),
    ],
)
def test_the_nearest_settled_question_says_the_word_and_its_lead_on_the_other(likeness, settled):
    questions = ("Ouverte ?", "Oui A ?", "Oui B ?", "Non A ?")
    found = hit(
        zip(questions, likeness, strict=True),
        questions=("Ouverte ?",),
        oui=("Oui A ?", "Oui B ?"),
        non=("Non A ?",),
    )

    assert found.settled() == settled


@pytest.mark.parametrize("word", ["oui", "non"])
def test_a_passage_settled_one_way_only_leads_by_the_whole_likeness(word):
    found = hit([("Combien ?", 0.9), ("Faut-il ?", 0.6)], questions=("Combien ?",), **{word: ("Faut-il ?",)})

    assert found.settled() == (word, "Faut-il ?", 0.6, 0.6)


def test_open_questions_settle_nothing():
    found = hit([("Combien ?", 0.9)], questions=("Combien ?",))

    assert found.nearest == ("Combien ?", 0.9)
    assert found.settled() == ("", "", 0.0, 0.0)
