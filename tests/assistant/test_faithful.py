"""A sentence stands only when its text says it, whatever a model changes in it."""

import re
from itertools import pairwise

import pytest

from assistant.faithful import Doubt, doubt_of, says_nothing, shared
from corpus.fiches import load_statements

TEXT = "Le seuil est de 15 structures en métropole et de 8 structures outre-mer, sauf pour les projets nationaux."
RULE = (
    "Les foyers relèvent de l’article L.312-1 du CASF et peuvent candidater, à condition que chacun ait un numéro. "
    "Les cabinets ne sont pas éligibles."
)


@pytest.mark.parametrize(
    ("text", "support"),
    [
        (TEXT, TEXT),
        (f"En effet, {TEXT[0].lower()}{TEXT[1:]}", TEXT),
        (TEXT.replace("Le seuil", "Ce seuil"), TEXT),
        ("Les cabinets ne sont pas éligibles.", RULE),
        ("Ainsi, un cabinet n’est pas éligible.", "Un cabinet n’est pas éligible."),
        ("Le montant est de 2000 €.", "Le montant est de 2\u00a0000 €."),
        ("L’ARS instruit les dossiers.", "L’agence régionale de santé (ARS) instruit les dossiers."),
        ("Les agences régionales de santé instruisent.", "Les ARS instruisent."),
        ("Il relève de l'article L. 312-1.", "Il relève de l’article L.312-1."),
        ("L’appel est clos.", "L’appel est clos, comme l’indique la page de l’agence."),
    ],
)
def test_what_a_text_says_again_stands(text, support):
    assert doubt_of(text, support) is None


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("Le seuil est de 12 structures en métropole.", Doubt.FIGURE),
        ("Le seuil est de 8 structures en métropole et de 15 structures outre-mer.", Doubt.WORDS),
        ("Le seuil est de 15 structures outre-mer.", Doubt.WORDS),
        ("Le seuil est de 15 structures.", Doubt.WORDS),
        ("Le seuil est de quinze structures en métropole.", Doubt.WORDS),
        (TEXT.replace(", sauf pour les projets nationaux", ""), Doubt.WORDS),
        (TEXT.replace("sauf", "même"), Doubt.WORDS),
        (TEXT.replace("est de 15", "était de 15"), Doubt.WORDS),
        (TEXT.replace("est de 15", "est d’au moins 15"), Doubt.WORDS),
        (f"{TEXT[:-1]}, selon exemple.org.", Doubt.LINK),
        (f"{TEXT} Voir https://exemple.org", Doubt.LINK),
        (f"{TEXT} Écrire à aide@exemple.org", Doubt.LETTERS),
        (f"<b>{TEXT}</b>", Doubt.LETTERS),
        (TEXT.replace("15", "1\u200b5"), Doubt.LETTERS),
        (TEXT.replace("15", "１５"), Doubt.LETTERS),
        (TEXT.replace("métropole", "métr\u043epole"), Doubt.LETTERS),
        (f"{TEXT[:-1]} {'et encore ' * 60}.", Doubt.LENGTH),
        ("", Doubt.WORDS),
        ("Ainsi donc.", Doubt.WORDS),
    ],
)
def test_what_a_text_does_not_say_is_withdrawn(text, doubt):
    assert doubt_of(text, TEXT) is doubt


@pytest.mark.parametrize(
    "text",
    [
        "Les foyers peuvent candidater.",
        "Les foyers relèvent de l’article L.312-1 du CASF et peuvent candidater.",
        "Les cabinets sont éligibles.",
        "Les foyers ne sont pas éligibles.",
        "Les foyers relèvent de l’article L.312-1 du CASF et pourront candidater, à condition que chacun ait un numéro.",
    ],
)
def test_a_condition_a_negation_or_a_tense_is_not_lost(text):
    assert doubt_of(text, RULE) is Doubt.WORDS


STATEMENTS = sorted({statement.text for statement in load_statements()})
NUMBER = re.compile(r"(?<![\d.,/-])\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)|(?<![\w.,/-])\d+(?![\w.,/-])")


def test_every_statement_of_the_corpus_says_what_it_says_unless_it_gives_an_address():
    doubted = [text for text in STATEMENTS if doubt_of(text, text) not in (None, Doubt.LENGTH)]
    assert [text for text in doubted if "https://" not in text] == []


def _accepted(change):
    """Return the changed statements that stand, and how many were changed."""
    changed = [(text, other) for text in STATEMENTS if (other := change(text)) not in (None, text)]
    return [other for text, other in changed if doubt_of(other, text) is None], len(changed)


def _swap_numbers(text):
    numbers = list(NUMBER.finditer(text))
    pairs = [(one, other) for one, other in pairwise(numbers) if one[0] != other[0]]
    if not pairs:
        return None
    one, other = pairs[0]
    return text[: one.start()] + other[0] + text[one.end() : other.start()] + one[0] + text[other.end() :]


def _without_negation(text):
    return re.sub(r"\b(?:ne |n’)(\S+) (?:pas|plus|jamais)\b", r"\1", text, count=1)


def _with_negation(text):
    return re.sub(r"\b(est|sont|peut|peuvent|doit|doivent)\b", r"ne \1 pas", text, count=1)


def _without_condition(text):
    return re.sub(r",? (?:à condition|sauf|hors|sous réserve|si|s’il|s’ils)\b[^.]*", "", text, count=1)


def _may_for_must(text):
    return re.sub(
        r"\b(?:doit|doivent)\b", lambda match: {"doit": "peut", "doivent": "peuvent"}[match[0]], text, count=1
    )


def _other_place(text):
    return re.sub(
        r"\b(?:Bretagne|Mayotte|Guadeloupe|Normandie|Corse|Grand Est|Île-de-France)\b",
        "Occitanie",
        text,
        count=1,
    )


def _after_for_before(text):
    return re.sub(r"\bavant\b", "après", text, count=1)


@pytest.mark.parametrize(
    ("change", "least"),
    [
        (_swap_numbers, 100),
        (_without_negation, 50),
        (_with_negation, 200),
        (_without_condition, 20),
        (_may_for_must, 20),
        (_other_place, 20),
        (_after_for_before, 5),
    ],
)
def test_no_statement_stands_once_its_sense_has_changed(change, least):
    accepted, changed = _accepted(change)
    assert changed >= least, changed
    assert accepted == []


def test_no_statement_stands_in_the_place_of_another():
    confused = [
        (one, other)
        for place, one in enumerate(STATEMENTS)
        for other in STATEMENTS[place + 1 : place + 40]
        if doubt_of(one, other) is None
    ]
    assert confused == []


def test_link_words_alone_say_nothing():
    assert says_nothing("Voici la réponse à votre question :")
    assert not says_nothing("Vous êtes éligible.")


def test_what_is_said_again_is_a_share_of_the_weighty_words():
    assert shared(TEXT, TEXT) == 1.0
    assert 0.2 < shared("Le seuil est de 15 structures.", TEXT) < 0.6
    assert shared("Rien de cela.", TEXT) == 0.0


def test_hostile_sentences_are_weighed_in_bounded_time():
    import time

    started = time.process_time()
    doubt_of("seuil " * 80, "seuil " * 400)
    doubt_of("1 " * 80, "1 " * 400)
    assert time.process_time() - started < 2
