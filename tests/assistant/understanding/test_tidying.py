"""What tidying changes of a message, and above all what it leaves: a question loses no word of its own."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.understanding.senses import load_examples
from assistant.understanding.tidying import Tidier, searched, without_courtesy
from corpus.fiches import load_statements
from corpus.glossary import load_glossary
from corpus.territories import load_territories

TIDIER = Tidier(
    [*(statement.text for statement in load_statements()), *load_examples()],
    [form for term in load_glossary() for form in term.abbreviations],
    [region.name for region in load_territories().regions],
)
GREETINGS = ("", "Bonjour, ", "Bonjour Madame, ", "Bonsoir à tous,\n", "Madame, Monsieur,\n\n", "hello ")
QUESTIONS = (
    "Relevons-nous du L.312-1 ?",
    "La structure relève de l'article L. 312-1. Elle a 3 sites. Est-elle éligible ?",
    "Nous avons 16 ESSMS. 2 sont des USLD. Est-ce assez ?",
    "Le dossier a été déposé le 15 septembre 2025. Est-il recevable ?",
    "L'instruction n° DNS/CNSA/2025/40 s'applique-t-elle ?",
)
CLOSINGS = (
    "",
    " Merci d'avance.",
    " Merci beaucoup, bonne journée.",
    "\nCordialement,\nMarie Martin",
    "\nDans l'attente de votre réponse.\nBien à vous",
)


@pytest.mark.parametrize("greeting", GREETINGS)
@pytest.mark.parametrize("closing", CLOSINGS)
@pytest.mark.parametrize("question", QUESTIONS)
def test_courtesy_goes_and_the_question_stays_whole(greeting: str, question: str, closing: str) -> None:
    assert without_courtesy(f"{greeting}{question}{closing}") == question


@pytest.mark.parametrize(
    "text", ["Bonjour", "Merci", "Bonjour, merci beaucoup, bonne journée.", "svp", "Cordialement"]
)
def test_a_message_of_courtesy_only_is_kept(text: str) -> None:
    assert without_courtesy(text) == text
    assert TIDIER.tidy(text) == text


@pytest.mark.parametrize(
    "said",
    [
        "Merci de préciser le seuil du projet.",
        "Je me permets de déposer un dossier de 14 structures.",
        "Merci pour l'aide reçue en 2024.",
    ],
)
def test_a_courtesy_that_says_more_is_kept(said: str) -> None:
    assert without_courtesy(f"Bonjour, {said} Est-ce assez ?") == f"{said} Est-ce assez ?"


def test_what_follows_a_farewell_is_kept_when_it_asks() -> None:
    assert "14 ESSMS" in without_courtesy("Le SONS est-il clos ?\nCordialement.\nEt avec 14 ESSMS ?")


def test_capitals_become_small_letters_but_for_acronyms_and_places() -> None:
    assert TIDIER.tidy("QUELLE EST LA DATE POUR UN DUI EN BRETAGNE ?") == (
        "quelle est la date pour un DUI en Bretagne ?"
    )


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("quels etablissements sont eligibles ?", "quels établissements sont éligibles ?"),
        ("Quel est le finacement prévu ?", "Quel est le financement prévu ?"),
        ("Mon établissment est-il concerné ?", "Mon établissement est-il concerné ?"),
        ("Avons-nous droit en Bretagn ?", "Avons-nous droit en Bretagne ?"),
        ("quand deposer notre doss ?", "quand déposer notre dossier ?"),
        ("ki pr candidater avc vs ?", "qui pour candidater avec vous ?"),
        ("nous sommes douze en bretagne", "nous sommes douze en Bretagne"),
        ("Quel est l’avis de l’ARS ?", "Quel est l'avis de l'ARS ?"),
        ("À quelle date ferme l’appel ?", "Quand ferme l'appel ?"),
        ("Est-ce que je peux candidater ?", "Puis-je candidater ?"),
    ],
)
def test_a_question_is_written_as_a_careful_person_would(typed: str, meant: str) -> None:
    assert TIDIER.tidy(typed) == meant


@pytest.mark.parametrize(
    "text",
    [
        "Wie viele Einrichtungen muss ein Projekt umfassen?",
        "Our facility is located nearby, may we apply for funding?",
        "¿Cuántos establecimientos necesita nuestro proyecto?",
    ],
)
def test_a_text_in_another_language_is_left_alone(text: str) -> None:
    assert TIDIER.tidy(text) == text


@pytest.mark.parametrize("name", ["M. Dupond", "la Fondation Léopold Bellan", "Netvie", "un FAM", "MSSanté"])
def test_an_unknown_name_or_acronym_is_not_mended(name: str) -> None:
    assert TIDIER.tidy(f"Le projet vient de {name} cette année") == f"Le projet vient de {name} cette année"


def test_figures_and_references_survive_tidying() -> None:
    text = TIDIER.tidy("BONJOUR, LE L.312-1 ET L'INSTRUCTION 2025/40 DU 1ER JUIN VALENT-ILS POUR 16 ESSMS ?")

    for figure in ("312-1", "2025/40", "1er", "16 ESSMS"):
        assert figure in text


def test_what_is_tidied_stays_so() -> None:
    for question in QUESTIONS:
        once = TIDIER.tidy(question)
        assert TIDIER.tidy(once) == once


def test_numbers_are_searched_for_in_digits_without_marks() -> None:
    assert searched("Faut-il quinze ESSMS ?").split() == searched("Faut-il 15 ESSMS").split()


@settings(deadline=None, max_examples=150)
@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(st.sampled_from([*GREETINGS, *CLOSINGS, "svp ", "a", "1", ". ", "?"]), max_size=6).map(
            "".join
        ),
    ).filter(lambda text: any(char.isalpha() for char in text))
)
def test_a_text_with_a_letter_is_never_tidied_into_nothing(text: str) -> None:
    assert any(char.isalnum() for char in TIDIER.tidy(text))
