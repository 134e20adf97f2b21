"""What is said of an answer when its reason, its certainty or its sources are asked."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.answer import Kind, Status
from assistant.chain import Assistant
from assistant.composing.draft import Draft, Sentence
from assistant.composing.explaining import explain
from assistant.composing.replies import say
from assistant.judging import Ruling
from assistant.rules.result import Outcome, RuleResult, Step, StepStatus
from assistant.understanding.again import Again
from corpus.sources import load_sources

TODAY, SOURCES = date(2026, 11, 22), load_sources()
OFFICIAL = min(SOURCES.values(), key=lambda source: source.grade)
SECONDARY = max(SOURCES.values(), key=lambda source: source.grade)
STEPS = (
    Step("Dépôt au plus tard le 2025-09-15", StepStatus.MET, (OFFICIAL.id,)),
    Step("au moins 15 ESSMS", StepStatus.NOT_MET, (OFFICIAL.id,)),
    Step("Région connue", StepStatus.UNKNOWN, (OFFICIAL.id,)),
)
RULING = Ruling((RuleResult("groupement.seuil", Outcome.NO, STEPS),), "2025")


def answered(*sources: str) -> Draft:
    return Draft(Kind.ANSWER, Status.ANSWERED, [Sentence("Non.", sources), Sentence("Suite.", sources)])


def explained(again: Again, draft: Draft, ruling: Ruling | None = None) -> list[str]:
    return [sentence.text for sentence in explain(again, draft, ruling or Ruling(), SOURCES).sentences]


def test_the_reason_of_a_verdict_is_each_condition_with_what_was_found() -> None:
    draft = explain(Again.WHY, answered(OFFICIAL.id), RULING, SOURCES)
    head, lead, *steps = draft.sentences

    assert (head.text, lead.text) == ("Non.", say("again_conditions"))
    assert [step.text for step in steps] == [
        "Dépôt au plus tard le 15 septembre 2025\u00a0: oui.",
        "Au moins 15 ESSMS\u00a0: non.",
        "Région connue\u00a0: inconnu.",
    ]
    assert all(step.bullet and step.sources == (OFFICIAL.id,) and step.rules for step in steps)


def test_without_a_rule_the_reason_is_what_the_sources_say() -> None:
    assert explained(Again.WHY, answered(OFFICIAL.id)) == [say("again_statement"), "Non.", "Suite."]


def test_an_answer_of_a_text_is_maintained_with_its_publisher() -> None:
    head, standing, rest = explained(Again.SURE, answered(OFFICIAL.id))

    assert (head, rest) == ("Non.", "Suite.")
    assert standing.startswith("Je maintiens")
    assert OFFICIAL.publisher in standing


def test_an_answer_of_a_secondary_source_only_is_to_be_confirmed() -> None:
    standing = explained(Again.SURE, answered(SECONDARY.id))[1]

    assert SECONDARY.grade >= 4
    assert "pas tout à fait sûr" in standing
    assert SECONDARY.publisher in standing
    assert "ARS" in standing


def test_the_best_source_of_several_tells_the_certainty() -> None:
    standing = explained(Again.SURE, answered(SECONDARY.id, OFFICIAL.id))[1]

    assert standing.startswith("Je maintiens")
    assert standing.index(OFFICIAL.publisher) < standing.index(SECONDARY.publisher)


def test_the_sources_asked_for_are_named_each_once() -> None:
    standing = explained(Again.SOURCES, answered(OFFICIAL.id, OFFICIAL.id, SECONDARY.id))[1]

    assert standing.count(OFFICIAL.publisher) == 1
    assert SECONDARY.publisher in standing


@pytest.mark.parametrize("again", list(Again))
def test_an_answer_that_cites_nothing_says_so(again: Again) -> None:
    assert explained(again, answered()) == [say("again_nothing"), "Non.", "Suite."]


@pytest.mark.parametrize("again", list(Again))
def test_a_refusal_is_not_explained_by_sources(again: Again) -> None:
    refusal = Draft(Kind.REFUSAL, Status.NOT_ALLOWED, [Sentence("Refus.", (OFFICIAL.id,))])
    draft = explain(again, refusal, Ruling(), SOURCES)

    assert draft.kind is Kind.REFUSAL
    assert draft.sentences[0].text == say("again_nothing")


@pytest.mark.parametrize("message", ["Pourquoi ?", "Tu es sûr ?", "Quelles sources ?"])
def test_asked_again_the_real_assistant_keeps_its_verdict_and_cites(
    assistant: Assistant, message: str
) -> None:
    question = "Nous sommes 14 ESSMS dans le Calvados, pouvons-nous candidater ?"
    first, then = assistant.ask([question], TODAY), assistant.ask([question, message], TODAY)

    assert then.text != first.text
    assert then.text.startswith("Non")
    assert [rule.outcome for rule in then.rules] == [Outcome.NO]
    assert then.citations
