"""Answers made of statements: what is known, what is not and whom to ask, what is only nearest."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from assistant.answer import Kind, Status
from assistant.chain import Assistant
from assistant.composing.draft import Draft
from assistant.composing.material import Material
from assistant.composing.replies import say
from assistant.composing.statements import compose_statements
from assistant.judging import Ruling
from assistant.understanding.reading import read_conversation
from corpus.sources import load_sources
from index.passage import Hit, Passage

TODAY, SOURCES = date(2026, 11, 22), load_sources()
QUESTION = "Le porteur du projet garde-t-il les factures ?"
READY = "Combien de temps le porteur garde-t-il les factures ?"


def composed(
    text: str,
    score: float = 3.0,
    dense: float = 0.91,
    alike: float = 0.9,
    question: str = QUESTION,
    **fields: Any,
) -> Draft:
    passage = Passage.from_fields(
        **{
            "id": "x#1", "text": text, "sources": ("ash-2024",), "document": "x", "title": "Factures", "heading": (),
            "location": "x", "page": None, "kind": "fiche", "annees": (), "voies": (), "territoires": (),
            "nature": "fait",
        }
        | fields
    )  # fmt: skip
    hits = (Hit(passage, score, dense, 9.0, "", alike=((READY, alike),)),)
    return compose_statements(Material(read_conversation([question], TODAY), Ruling(), hits, TODAY), SOURCES)


def texts(draft: Draft) -> list[str]:
    return [sentence.text for sentence in draft.sentences]


UNKNOWN = "La durée de garde des factures du porteur ne figure dans aucune source lue."


def test_what_is_unknown_says_so_with_whom_to_ask_and_a_question_ready() -> None:
    draft = composed(UNKNOWN, nature="inconnu", questions=(READY,))

    assert (draft.kind, draft.status) == (Kind.ABSTENTION, Status.NOT_IN_CORPUS)
    assert texts(draft) == [
        f"Non déterminé\u00a0: l{UNKNOWN[1:]}",
        say("ask_whom"),
        say("ready_question", question=READY),
    ]
    assert draft.sentences[-1].sources == ("ash-2024",)


def test_whom_to_ask_is_not_said_twice() -> None:
    told = f"{UNKNOWN[:-1]} : elle est à demander à l’ARS."

    assert say("ask_whom") not in texts(composed(told, nature="inconnu", questions=(READY,)))


def test_a_question_ready_to_send_holds_no_figure_that_the_statement_has_not() -> None:
    figured = "Le porteur garde-t-il les factures 10 ans ?"

    only = texts(composed(UNKNOWN, nature="inconnu", questions=(figured,)))
    both = texts(composed(UNKNOWN, nature="inconnu", questions=(figured, READY)))

    assert not any(figured in text for text in only)
    assert say("ready_question", question=READY) in both


KNOWN = "Les factures du porteur sont archivées par le service."


def test_a_known_statement_answers_with_its_source() -> None:
    draft = composed(KNOWN)

    assert (draft.kind, draft.status) == (Kind.ANSWER, Status.ANSWERED)
    assert KNOWN in draft.sentences[0].text
    assert draft.sentences[0].sources == ("ash-2024",)


def test_nothing_found_abstains_and_says_whom_to_ask() -> None:
    draft = compose_statements(Material(read_conversation([QUESTION], TODAY), Ruling(), (), TODAY), SOURCES)

    assert draft.kind is Kind.ABSTENTION
    assert texts(draft) == [say("abstention"), say("ask_whom")]


def test_a_statement_of_another_year_is_only_the_nearest() -> None:
    draft = composed(
        "En 2022, les factures sont archivées.",
        question="En 2024, qui archive les factures ?",
        annees=(2022,),
    )

    assert draft.kind is Kind.ABSTENTION
    assert texts(draft)[0] == say("abstention")
    assert texts(draft)[1:3] == [say("nearest"), "En 2022, les factures sont archivées."]
    assert texts(draft)[-1] == say("ask_whom")


def test_a_statement_weakly_found_is_led_by_a_doubt_and_a_weaker_one_is_not_given() -> None:
    seen = {composed(KNOWN, dense=cosine / 1000, alike=0.2).status for cosine in range(700, 930, 2)}
    assert seen >= {Status.PARTIAL, Status.NOT_IN_CORPUS}

    for cosine in range(700, 930, 2):
        draft = composed(KNOWN, dense=cosine / 1000, alike=0.2)
        if draft.status is Status.PARTIAL:
            assert texts(draft)[:2] == [say("unsure_nearest"), KNOWN]
        if draft.status is Status.NOT_IN_CORPUS:
            assert texts(draft) == [say("abstention"), say("clarify"), say("ask_whom")]


def test_a_known_question_alike_removes_the_doubt() -> None:
    for cosine in range(700, 930, 10):
        assert composed(KNOWN, dense=cosine / 1000, alike=0.9).status is not Status.PARTIAL


@pytest.mark.parametrize(
    "question", ["À quelle heure limite déposer le jour de la clôture ?", "À quelle heure ferme le dépôt ?"]
)
def test_the_real_assistant_says_what_no_source_tells(assistant: Assistant, question: str) -> None:
    answer = assistant.ask([question], TODAY)

    assert (answer.kind, answer.status) == (Kind.ABSTENTION, Status.NOT_IN_CORPUS)
    assert answer.text.startswith("Non déterminé")
    assert answer.citations
    assert "ARS" in answer.text
    assert "Question prête à leur envoyer" in answer.text
