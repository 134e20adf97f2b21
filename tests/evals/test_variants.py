"""A variant says the same thing otherwise, and the suite tells which differences matter."""

import random

import pytest
from scripted import Script, bench, reply, sample

from evals import metamorphic
from evals.metamorphic import Essence, check_same
from evals.scoring import Sample, load_samples
from evals.variants import (
    TRANSFORMATIONS,
    as_text_message,
    in_capitals,
    misspell,
    typographically,
    variants_of,
    without_accents,
)
from evals.wording import numbers_in_digits, numbers_in_words, other_order, paraphrases

DRAW = random.Random(0)


def test_a_misspelling_touches_one_long_word_in_six_at_most():
    text = "Combien d’établissements faut-il réunir en Guadeloupe pour déposer une candidature régionale en 2025 ?"
    for seed in range(30):
        changed = misspell(text, random.Random(seed))
        before, after = text.split(), changed.split()
        assert len(before) == len(after)
        moved = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
        assert 1 <= len(moved) <= len(before) // 6
        assert all(len(old) >= 6 and old[:1] == new[:1] for old, new in moved)


@pytest.mark.parametrize(
    "text",
    [
        "Et la Bretagne ?",
        "SSIAD SAMSAH ESSMS FINESS 123456 L.312-1 quatorze quinzaine et puis un peu de tout",
    ],
)
def test_numbers_acronyms_and_short_messages_are_not_misspelt(text):
    assert misspell(text, DRAW) is None


def test_spelling_variants():
    assert without_accents("Où déposer, à Nîmes ? Un œil", DRAW) == "Ou deposer, a Nimes ? Un oeil"
    assert in_capitals("à Nîmes", DRAW) == "À NÎMES"
    assert typographically("L'aide, c'est « oui » ?", DRAW) == 'L’aide, c’est "oui"\u00a0?'
    assert typographically("L’aide\u00a0?", DRAW) == "L'aide ?"


def test_a_text_message_keeps_figures_and_what_keeps_them_apart():
    text = "Bonjour, pour la grappe : nous sommes 12, 3 de plus arrivent le 15/09/2025 (article L.312-1) ?"

    assert (
        as_text_message(text, DRAW)
        == "bonjour pr la grappe ns sommes 12, 3 de plus arrivent le 15/09/2025 article l.312-1"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nous sommes 15 ESSMS", "Nous sommes quinze ESSMS"),
        ("4 à La Réunion et 4 à Mayotte", "quatre à La Réunion et quatre à Mayotte"),
        ("le 15 septembre 2025, article 12, vague 2, n° 40, 2025/40, L.312-1, 15 %, 1 000 €, 9h30", None),
        ("de 56 à 63,5 M€, et 75, 85 ou 100 millions", None),
    ],
)
def test_counts_are_put_in_words_and_nothing_else(text, expected):
    assert numbers_in_words(text) == (expected or text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nous sommes quatre-vingt-onze ESSMS", "Nous sommes 91 ESSMS"),
        ("deux SSIAD et six EHPAD", "2 SSIAD et 6 EHPAD"),
        ("un logiciel neuf, cent pour cent, le quinze septembre, une quinzaine, le deuxième", None),
    ],
)
def test_counts_are_put_in_digits_and_nothing_else(text, expected):
    assert numbers_in_digits(text) == (expected or text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Peut-on acheter des tablettes ?", "Est-il possible d’acheter des tablettes ?"),
        ("Est-il possible de cumuler ?", "Peut-on cumuler ?"),
        ("Faut-il signer ?", "Est-il nécessaire de signer ?"),
        ("Quelle est la date limite ?", "Pouvez-vous me donner la date limite ?"),
        ("Combien d'ESSMS faut-il ?", "Quel nombre d'ESSMS faut-il ?"),
        ("Sommes-nous éligibles ?", "Est-ce que nous sommes éligibles ?"),
        ("Quand ferme l'appel ?", "À quelle date ferme l'appel ?"),
    ],
)
def test_a_frame_is_changed_for_another_of_the_same_meaning(text, expected):
    assert next(paraphrases(text)) == expected


@pytest.mark.parametrize(
    "text",
    ["Qu'est-ce que l'agence attend de nous ?", "Combien de temps faut-il ?", "Dites-le quand ce sera fait."],
)
def test_a_frame_that_would_mean_something_else_is_left_alone(text):
    assert list(paraphrases(text)) == []


def test_sentences_change_places_when_neither_leans_on_the_other():
    assert (
        other_order("Nous sommes 15 à Reims. Le seuil est-il atteint ?")
        == "Le seuil est-il atteint ? Nous sommes 15 à Reims."
    )
    for text in (
        "Nous sommes 15.",
        "Nous sommes 15. Et à Mayotte ?",
        "Un service ferme. Peut-il être compté ?",
        "Bonjour. Quelle date ?",
        "Une commande est signée. Qui la paierait ? Qui le prenait en charge ?",
    ):
        assert other_order(text) is None


def test_variants_are_the_same_from_one_run_to_the_next_and_touch_the_last_turn_alone():
    samples = load_samples("second")[:40]
    once, again = ([list(variants_of(one)) for one in samples] for _ in range(2))

    assert once == again
    assert all(once)
    for one, variants in zip(samples, once, strict=True):
        assert all(variant.turns[:-1] == one.turns[:-1] for variant in variants)
        assert all(variant.turns[-1] != one.turns[-1] for variant in variants)
        assert {variant.transformation for variant in variants} <= set(TRANSFORMATIONS)


def test_a_message_in_another_language_is_not_given_french_frames():
    english = Sample.model_validate(
        sample("langues-01", ["What is the deadline, please, for 15 homes?"], type="langue")
    )

    assert {variant.transformation for variant in variants_of(english)} <= {
        "fautes",
        "sans accents",
        "capitales",
        "typographie",
    }


def test_what_must_not_change_is_the_kind_the_verdict_and_the_figures():
    before = reply("Oui : il faut 15 ESSMS. [1]")

    def reasons(after, transformation="capitales"):
        return [check.reason for check in check_same(before, after, transformation) if not check.held]

    assert reasons(reply("**Oui**, quinze ESSMS suffisent. [2][3]")) == []
    assert "nature answer devenue abstention" in reasons(reply("Oui : 15.", kind="abstention"))
    assert any("verdict" in reason for reason in reasons(reply("Non : il faut 15 ESSMS.")))
    assert any("perdus" in reason and "nouveaux" in reason for reason in reasons(reply("Oui : 8.")))


def test_verdicts_may_come_in_another_order_when_the_questions_do():
    before, after = reply("Oui : 15.\n\nNon : 8."), reply("Non : 8.\n\nOui : 15.")

    assert all(check.held for check in check_same(before, after, "ordre"))
    assert not all(check.held for check in check_same(before, after, "capitales"))
    assert Essence.of(before).verdict == "oui, non"


def test_an_inconsistency_keeps_both_replies_and_the_interval_is_over_questions(tmp_path):
    question = "Combien d’établissements faut-il réunir en Guadeloupe ?"
    ask = Script({question: reply("Il faut 8 ESSMS.")}, otherwise=reply("Il faut 8 ESSMS."))
    ask.replies[question.upper()] = reply("Il faut 15 ESSMS.")

    scores = metamorphic.run(
        bench(tmp_path, ask, answers=[sample("seuil-01", [question])]), ("answers",)
    ).scores
    (wrong,) = [score for score in scores if not score.passed]

    assert wrong.id == "answers/seuil-01~capitales"
    assert wrong.type == "capitales"
    assert wrong.expected["answer_before"] == "Il faut 8 ESSMS."
    assert wrong.reply["answer"] == "Il faut 15 ESSMS."
    assert metamorphic.overall(scores) == (pytest.approx(1 - 1 / len(scores)),) * 2


def test_a_part_of_the_variants_is_always_the_same_part(tmp_path):
    samples = [
        sample(f"seuil-{rank:02d}", [f"Combien d’établissements en Guadeloupe, cas {rank} ?"])
        for rank in range(20)
    ]
    whole, part, again = (
        {
            score.id
            for score in metamorphic.run(
                bench(tmp_path, Script(), answers=samples), ("answers",), one_in
            ).scores
        }
        for one_in in (1, 4, 4)
    )

    assert part == again
    assert part < whole
    assert 0.1 < len(part) / len(whole) < 0.4
