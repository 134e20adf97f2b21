"""When a statement is known to settle a yes-no question, and when nothing is said."""

from __future__ import annotations

from typing import Any

import pytest

from assistant.composing.settling import names_only, settle
from index.passage import Hit, Passage

PLAIN = "Une association peut-elle porter le projet du groupement ?"
PASSAGE = {
    "id": "x#1", "text": "Une association gestionnaire porte le projet du groupement.", "sources": ("ash-2024",),
    "document": "x", "title": "Porteur", "heading": (), "location": "x", "page": None, "kind": "fiche", "annees": (),
    "voies": (), "territoires": (), "nature": "fait",
}  # fmt: skip


def hit(*alike: tuple[str, float], **fields: Any) -> Hit:
    return Hit(Passage.from_fields(**PASSAGE, **fields), 3.0, 0.9, 9.0, "", alike=alike)


def resembling(question: str, likeness: float = 0.9, word: str = "oui") -> Hit:
    """A passage known to settle ``question`` by ``word``, which resembles the user's by ``likeness``."""
    return hit((question, likeness), **{word: (question,)})


@pytest.mark.parametrize(("word", "verdict"), [("oui", "Oui"), ("non", "Non")])
def test_a_known_question_settles_one_like_it(word: str, verdict: str) -> None:
    assert settle(PLAIN, resembling(PLAIN, word=word), 3.0) == verdict


@pytest.mark.parametrize(("score", "likeness"), [(1.4, 0.9), (3.0, 0.54)])
def test_a_weak_score_or_resemblance_settles_nothing(score: float, likeness: float) -> None:
    assert settle(PLAIN, resembling(PLAIN, likeness), score) is None


@pytest.mark.parametrize(("other", "verdict"), [(0.7, "Oui"), (0.85, None)])
def test_the_verdict_must_lead_the_other_by_far(other: float, verdict: str | None) -> None:
    denied = "Une association peut-elle porter deux projets du groupement ?"
    found = hit((PLAIN, 0.9), (denied, other), oui=(PLAIN,), non=(denied,))

    assert settle(PLAIN, found, 3.0) == verdict


@pytest.mark.parametrize(
    "question",
    [
        "Avec 12 salariés, une association peut-elle porter le projet du groupement ?",
        "Une association peut-elle porter le projet du groupement en juillet ?",
        "Une association peut-elle porter le projet du groupement avec le GRADES ?",
        "Est-il interdit à une association de porter le projet du groupement ?",
        "Est-il exclu qu’une association puisse porter le projet du groupement ?",
        "Une association ne peut-elle pas porter le projet du groupement ?",
        "Une association peut-elle seule porter le projet du groupement ?",
        "Quelle association peut-elle porter le projet du groupement ?",
        "Quand une association peut-elle porter le projet du groupement ?",
        "Sommes-nous une association qui peut porter le projet du groupement ?",
        "Une association porteuse du projet du groupement ?",
    ],
)
def test_a_question_that_differs_from_the_known_one_is_not_settled(question: str) -> None:
    assert settle(question, resembling(PLAIN, 0.95), 3.0) is None


def test_a_resemblance_without_shared_words_settles_nothing() -> None:
    known = "Un organisme gestionnaire sans but lucratif a-t-il la faculté de conduire l’opération ?"

    assert settle("Une fondation peut-elle recruter ?", resembling(known, 0.95), 3.0) is None


def test_a_figure_month_or_acronym_of_the_known_question_may_be_repeated() -> None:
    known = "Une association de 12 ESAT peut-elle porter le projet du groupement en juillet ?"

    assert settle(known, resembling(known), 3.0) == "Oui"


@pytest.mark.parametrize(
    ("question", "verdict"),
    [
        ("Une association peut-elle porter le projet du groupement ?", "Oui"),
        ("Une association doit-elle porter le projet du groupement ?", "Non"),
        ("Une association ne doit-elle jamais porter le projet du groupement ?", None),
        ("Une association doit-elle porter le projet du groupement en mars ?", None),
    ],
)
def test_the_word_of_the_passage_tells_what_may_and_what_must_be(question: str, verdict: str | None) -> None:
    found = hit(("Qui porte le projet du groupement ?", 0.8), permis="oui", impose="non")

    assert settle(question, found, 3.0) == verdict


@pytest.mark.parametrize(
    ("question", "there"),
    [
        ("Est-ce 15 ?", True),
        ("Est-ce 8 ?", False),
        ("En septembre ?", True),
        ("En mars ?", False),
        ("Le SONS ?", True),
        ("Le FSE ?", False),
    ],
)
def test_what_a_question_names_must_be_said(question: str, there: bool) -> None:
    assert names_only(question, "Le SONS finance 15 structures en septembre.") is there
