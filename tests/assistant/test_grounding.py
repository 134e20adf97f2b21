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
