"""What is shown at once, what is one click away, and what is said in English."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.answer import Kind, Status
from assistant.chain import Assistant
from assistant.composing.citing import cite
from assistant.composing.draft import Draft, Sentence, shorten
from assistant.composing.english import in_english
from assistant.composing.excerpts import Excerpts
from assistant.rules.result import Outcome, RuleResult, Step, StepStatus
from corpus.sources import load_sources

TODAY = date(2026, 11, 22)
SOURCED = ("ash-2024",)


def said(opening: str, words: int = 20, sources: tuple[str, ...] = SOURCED) -> Sentence:
    return Sentence(" ".join([opening, *["mot"] * (words - 1)]), sources)


def shortened(*sentences: Sentence, length: int = 50) -> list[bool]:
    draft = shorten(Draft(Kind.ANSWER, Status.ANSWERED, sentences), length)
    assert [sentence.text for sentence in draft.sentences] == [sentence.text for sentence in sentences]
    return [sentence.detail for sentence in draft.sentences]


def test_what_exceeds_the_length_becomes_details_from_the_end() -> None:
    assert shortened(said("A"), said("B"), said("C"), said("D")) == [False, False, True, True]
    assert shortened(said("A", 10), said("B", 10), said("C"), said("D")) == [False, False, False, True]


def test_a_text_that_hardly_exceeds_the_length_stays_whole() -> None:
    assert shortened(said("A"), said("B"), said("C", 15)) == [False] * 3
    assert shortened(said("A"), said("B"), said("C", 16)) == [False, False, True]


def test_the_first_two_sentences_are_shown_however_long() -> None:
    assert shortened(said("A", 300), said("B", 300), said("C")) == [False, False, True]


def test_verdicts_and_whom_to_ask_stay() -> None:
    whom = said("Adressez-vous", sources=())

    assert shortened(said("A"), said("B"), said("Non :"), said("Oui,"), said("E"), whom) == [
        False, False, False, False, True, False,
    ]  # fmt: skip
    assert shortened(said("A"), said("B"), said("Nonobstant"))[2]


def test_details_are_cited_after_what_is_shown() -> None:
    sentences = [
        Sentence("Un.", ("ash-2024",)),
        Sentence("Deux.", ("cnsa-aide-2022",), detail=True),
        Sentence("Trois.", ("ars-mayotte-2025",)),
    ]
    cited = cite(sentences, load_sources(), Excerpts())

    assert [citation.id for citation in cited.citations] == ["ash-2024", "ars-mayotte-2025", "cnsa-aide-2022"]
    assert "Deux. [3]" in cited.details
    assert "Deux" not in cited.text
    assert "[3]" not in cited.text


def result(
    rule: str, outcome: Outcome, facts: dict[str, object] | None = None, **values: object
) -> RuleResult:
    step = Step("condition", StepStatus.MET, SOURCED)
    return RuleResult(rule, outcome, (step,), facts or {}, values=values)


SIZES = {"seuil": 15, "seuil_general": 15, "seuil_special": 8}


@pytest.mark.parametrize(
    ("ruled", "opening"),
    [
        (result("groupement.seuil", Outcome.YES, nombre=16, **SIZES), "yes, 16"),
        (result("groupement.seuil", Outcome.NO, nombre=14, **SIZES), "no, 14"),
        (result("groupement.seuil", Outcome.UNDETERMINED, nombre=10, **SIZES), "not determined"),
        (result("groupement.seuil", Outcome.UNDETERMINED, **SIZES), "a project needs at least 15"),
        (result("groupement.voie", Outcome.YES, voie="multiregionale"), "your project belongs to the multi"),
        (result("calendrier.ouvert", Outcome.YES), "yes"),
        (result("calendrier.ouvert", Outcome.NO), "no call"),
        (result("calendrier.recevabilite", Outcome.YES), "yes"),
        (result("calendrier.recevabilite", Outcome.NO), "no"),
        (
            result("calendrier.cloture", Outcome.YES, {"voie": "regionale"}, date=date(2025, 9, 15)),
            "the closing date of the regional call is 2025-09-15",
        ),
        (result("eligibilite.categorie", Outcome.YES), "yes"),
        (result("eligibilite.structure", Outcome.NO), "no"),
        (result("cumul.compatibilite", Outcome.YES), "yes"),
        (result("cumul.compatibilite", Outcome.NO), "no"),
    ],
)
def test_what_a_rule_decides_is_said_in_english_after_the_first_sentence(
    ruled: RuleResult, opening: str
) -> None:
    draft = in_english(Draft(Kind.ANSWER, Status.ANSWERED, [said("A"), said("B")]), (ruled,))

    assert [sentence.text[0] for sentence in draft.sentences] == ["A", "*", "B"]
    assert draft.sentences[1].text.startswith(f"*In English:* {opening}")
    assert draft.sentences[1].rules == (ruled,)


@pytest.mark.parametrize(
    "results",
    [
        (),
        (result("textes.applicable", Outcome.YES),),
        (result("calendrier.ouvert", Outcome.UNDETERMINED),),
        (result("calendrier.recevabilite", Outcome.UNDETERMINED),),
        (result("eligibilite.categorie", Outcome.UNDETERMINED),),
        (result("cumul.compatibilite", Outcome.UNDETERMINED),),
        (result("groupement.voie", Outcome.UNDETERMINED),),
        (result("groupement.seuil", Outcome.UNDETERMINED),),
    ],
)
def test_what_is_not_decided_is_not_said_in_english(results: tuple[RuleResult, ...]) -> None:
    draft = Draft(Kind.ANSWER, Status.ANSWERED, [said("A")])

    assert in_english(draft, results) == draft


@pytest.mark.parametrize(
    ("question", "verdict"),
    [
        ("We are 14 facilities in Brittany, can we apply?", "*In English:* no, 14"),
        ("We are 16 facilities in Brittany, can we apply?", "*In English:* yes, 16"),
    ],
)
def test_a_question_in_english_gets_its_verdict_in_english(
    assistant: Assistant, question: str, verdict: str
) -> None:
    assert verdict in assistant.ask([question], TODAY).text


def test_a_question_in_french_gets_no_english(assistant: Assistant) -> None:
    answer = assistant.ask(["Nous sommes 14 ESSMS en Bretagne, pouvons-nous candidater ?"], TODAY)

    assert "In English" not in answer.text + answer.details
