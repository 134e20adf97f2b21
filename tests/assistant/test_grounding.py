"""What withdraws a sentence: a figure, a date or an address that its support does not hold."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.composing.draft import Sentence
from assistant.composing.excerpts import Excerpts
from assistant.figures import figures_of
from assistant.grounding import supported, verify
from assistant.rules.result import Outcome, RuleResult, Step, StepStatus
from corpus.sources import load_sources
from index.passage import Passage

SOURCES = load_sources()
DAY = date(2026, 11, 22)
PASSAGE = Passage.from_fields(
    id="x#1", text="En 2024, l’aide est plafonnée à 10 000 € par ESSMS, jusqu’au 15 septembre 2024.", sources=("ash-2024",),
    document="x", title="X", heading=(), location="X", page=None, kind="fiche", annees=(2024,), voies=(), territoires=(),
    nature="fait",
)  # fmt: skip
QUOTED = Excerpts.of([PASSAGE])
RULE = RuleResult(
    "groupement.seuil",
    Outcome.NO,
    (Step("Au moins 15 ESSMS", StepStatus.NOT_MET, ("cnsa-aide-2022",)),),
    {"nombre_essms": 14},
)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("L’aide est plafonnée à 10 000 €.", True),
        ("L’aide est plafonnée à 10\u202f000 €.", True),
        ("L’aide est plafonnée à 12 000 €.", False),
        ("L’aide est plafonnée à 10 000,50 €.", False),
        ("La clôture est le 15 septembre 2024.", True),
        ("La clôture est le 15 septembre.", True),
        ("La clôture est le 15 septembre 2025.", False),
        ("La clôture est le 16 septembre 2024.", False),
        ("Voir https://example.org/aide", False),
        ("Écrire à aide@example.org", False),
        ("L’aide existe.", True),
    ],
)
def test_a_sentence_keeps_only_the_figures_of_its_passage(text: str, kept: bool) -> None:
    assert supported(Sentence(text, ("ash-2024",), passage=PASSAGE), SOURCES, QUOTED, DAY) is kept


def test_a_ruling_may_repeat_its_own_figures_the_day_and_the_question_but_no_other() -> None:
    def said(text: str, asked: str = "") -> bool:
        return supported(Sentence(text, RULE.sources, rules=(RULE,)), SOURCES, QUOTED, DAY, asked)

    assert said("Avec 14 ESSMS, le seuil de 15 n’est pas atteint au 22 novembre 2026.")
    assert not said("Il en manque 3.")
    assert said("Le 31 décembre n’est pas la clôture.", "est-ce le 31 décembre ?")
    assert not said("Le 31 décembre n’est pas la clôture.")


def test_a_passage_is_not_stretched_by_the_question() -> None:
    sentence = Sentence("L’aide est de 99 €.", ("ash-2024",), passage=PASSAGE)

    assert not supported(sentence, SOURCES, QUOTED, DAY, "L’aide est-elle de 99 € ?")


def test_an_unknown_source_withdraws_the_sentence() -> None:
    sentences = [Sentence("Texte.", ("nulle-part",)), Sentence("Texte.", ("ash-2024",))]

    assert verify(sentences, SOURCES, QUOTED, DAY) == [sentences[1]]


def test_neighbouring_figures_do_not_merge() -> None:
    assert figures_of("49 | 2000 | 1000") == {"49", "2000", "1000"}
    assert figures_of("au 1er juin 2025") == {"2025", "06-01", "2025-06-01"}


ARTICLE = Passage.from_fields(**PASSAGE.as_json() | {
    "id": "x#2", "digest": "", "sources": ("cnsa-aide-2022",),
    "text": "L’instruction n° 2025/40 vise les structures de l’article L. 312-1 ; le texte a 14 pages.",
})  # fmt: skip
REFERRING = Excerpts.of([ARTICLE])


@pytest.mark.parametrize(
    ("reference", "kept"),
    [
        ("l’instruction 2025/40", True),
        ("l’instruction 2025/41", False),
        ("l’instruction 2024/40", False),
        ("l’article L.312-1", True),
        ("l’article L 312-1", True),
        ("l’article L.312-14", False),
        ("l’article D.312-1", False),
        ("l’article L.314-1", False),
    ],
)
def test_a_reference_must_be_in_the_support_whole(reference: str, kept: bool) -> None:
    text = f"Les structures relèvent de {reference}."

    assert supported(Sentence(text, ("cnsa-aide-2022",), passage=ARTICLE), SOURCES, REFERRING, DAY) is kept
    assert supported(Sentence(text, ("cnsa-aide-2022",)), SOURCES, REFERRING, DAY) is kept


def test_the_parts_of_a_reference_apart_do_not_make_it() -> None:
    apart = Excerpts.of([
        Passage.from_fields(**ARTICLE.as_json() | {"digest": "", "text": "En 2025, 40 structures signent 312 et 1."})
    ])  # fmt: skip
    sentence = Sentence("L’instruction 2025/40 vise 40 structures.", ("cnsa-aide-2022",))

    assert not supported(sentence, SOURCES, apart, DAY)


def test_a_sourced_sentence_about_something_else_is_withdrawn_though_its_figures_are_there() -> None:
    same = Sentence("L’aide reste plafonnée à 10 000 € par établissement.", ("ash-2024",))
    other = Sentence("Les piscines municipales coûtent 10 000 € chaque trimestre.", ("ash-2024",))

    assert supported(same, SOURCES, QUOTED, DAY)
    assert not supported(other, SOURCES, QUOTED, DAY)
    assert supported(Sentence(other.text), SOURCES, QUOTED, DAY, "10 000 €")  # it cites nothing
