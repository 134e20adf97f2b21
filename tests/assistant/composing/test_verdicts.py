"""Every ruling can be said in French, opens with its verdict, and survives the check of its figures."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import rule_cases

from assistant.answer import Kind
from assistant.composing.excerpts import Excerpts
from assistant.composing.verdicts import compose_verdict
from assistant.grounding import supported
from assistant.judging import Judge, Ruling
from assistant.rules.result import Outcome
from assistant.understanding.reading import read_conversation
from corpus.fiches import load_statements
from corpus.sources import load_sources
from index.chunking import statement_passage

STATEMENTS = load_statements()
QUOTED = Excerpts.of(
    [statement_passage(statement) for statement in STATEMENTS],
    {statement.id: frozenset(statement.refs) for statement in STATEMENTS},
)
JUDGE, SOURCES, TODAY = Judge.from_corpus(), load_sources(), date(2026, 11, 22)
SAID = (
    "eligibilite.", "groupement.", "calendrier.", "cumul.", "sons.montee", "sons.referencement", "cibles.",
    "textes.", "coherence.changements", "depot.decision", "deploiement.", "financement.montant", "financement.materiel",
)  # fmt: skip
CASES = [
    case
    for case in rule_cases.CASES
    if case["rule"].startswith(SAID)
    # a rule is only asked once the message names its subject
    and not (case["rule"] == "eligibilite.categorie" and "categorie" not in (case.get("facts") or {}))
    and not (
        case["rule"].startswith("calendrier.")
        and case["rule"] != "calendrier.ouvert"
        and "voie" not in (case.get("facts") or {})
    )
    and not (case["rule"] == "calendrier.recevabilite" and "date_depot" not in (case.get("facts") or {}))
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['rule']} {case['name']}")
def test_no_sentence_of_a_verdict_is_withdrawn(case: dict[str, Any]) -> None:
    result = rule_cases.judge(case)
    reading = read_conversation(["Sommes-nous concernés ?"], TODAY)
    day = date.fromisoformat(str(case.get("jour", "2026-11-22")))
    draft = compose_verdict(Ruling((result,), str(case.get("campagne", "2025"))), reading, day, JUDGE)

    assert draft.sentences
    for sentence in draft.sentences:
        assert supported(sentence, SOURCES, QUOTED, day), sentence.text
    opening = draft.sentences[0].text
    if result.outcome is Outcome.NO:
        assert not opening.startswith("Oui")
    if result.outcome is Outcome.YES:
        assert not opening.startswith("Non")
    if result.outcome is Outcome.UNDETERMINED and draft.kind is Kind.ANSWER:
        assert not opening.startswith("Non :")
