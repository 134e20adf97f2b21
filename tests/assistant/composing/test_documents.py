"""An added document is quoted by its name; it never speaks for the rules."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.answer import Kind
from assistant.chain import MAXIMUM_HISTORY, MAXIMUM_LENGTH, _recent
from assistant.composing.compose import compose
from assistant.composing.draft import Draft
from assistant.composing.material import Material
from assistant.composing.selection import Question, select
from assistant.judging import Judge
from assistant.understanding.reading import read_conversation
from corpus.sources import load_sources
from index.french import stem
from index.passage import Hit, Passage

JUDGE, TODAY = Judge.from_corpus(), date(2026, 11, 22)
SOURCES = load_sources()
SOURCE = SOURCES["ars-mayotte-2025"].model_copy(update={"id": "note-2026", "title": "Note 2026"})
PASSAGE = Passage.from_fields(
    id="note-2026:1",
    text="Le seuil de groupement est de 2 ESSMS en Bretagne. La subvention Brocéliande est de 33 700 € en 2026.",
    sources=("note-2026",),
    document="note-2026",
    title="Note 2026",
    heading=(),
    location="p. 2",
    page=2,
    kind="document",
    annees=(2026,),
    voies=(),
    territoires=(),
    nature="fait",
)


def drafted(question: str) -> Draft:
    reading = read_conversation([question], TODAY)
    hits = (Hit(PASSAGE, score=3.0, dense=0.91, lexical=12.0, why=""),)
    material = Material(reading, JUDGE.judge(reading, TODAY), hits, TODAY)
    return compose(material, JUDGE, {**SOURCES, "note-2026": SOURCE})


def test_a_document_never_overrules_a_rule() -> None:
    for question in (
        "Combien d'ESSMS en Bretagne ?",
        "Quel est le seuil de groupement en Bretagne ?",
        "Nous sommes 3 ESSMS en Bretagne, est-ce assez ?",
    ):
        text = " ".join(sentence.text for sentence in drafted(question).sentences)

        assert "15 ESSMS" in text, question
        assert "2 ESSMS" not in text, question


def test_a_document_is_quoted_by_name_and_said_not_to_be_judged() -> None:
    draft = drafted("Parlez-moi de la subvention Brocéliande")

    assert draft.kind is Kind.ANSWER
    assert draft.sentences[0].text.startswith("D’après le document «\u00a0Note 2026\u00a0»\u00a0: ")
    assert "vérifiez" in draft.sentences[-1].text


def test_a_long_conversation_keeps_its_last_turns() -> None:
    turns = [str(number) * MAXIMUM_LENGTH for number in range(10)]

    kept = _recent(turns)

    assert kept[-1] == turns[-1]
    assert sum(map(len, kept)) <= MAXIMUM_HISTORY


def kept(passage: Passage, question: str, issued: str = "2024-03-01") -> bool:
    """Whether the passage may answer the question."""
    reading = read_conversation([question], TODAY)
    hits = (Hit(passage, score=3.0, dense=0.91, lexical=12.0, why=""),)
    source = SOURCE.model_copy(update={"issued": issued})
    return bool(select(hits, Question.from_reading(reading), {"note-2026": source}))


def aged(*years: int, text: str = "Le forfait d’appui est de 12 400 euros.") -> Passage:
    return Passage.from_fields(
        **PASSAGE.as_json() | {"annees": years, "text": text, "title": "Note", "digest": ""}
    )


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Quel était le forfait d’appui en 2024 ?", True),
        ("Quel est le forfait d’appui en 2025 ?", False),
        ("Quel est le forfait d’appui ?", True),
    ],
)
def test_a_document_of_a_campaign_answers_for_no_other(question: str, expected: bool) -> None:
    assert kept(aged(2024), question) is expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Quel était le forfait d’appui en 2024 ?", True),
        ("Quel est le forfait d’appui en 2025 ?", False),
        ("Quel est le forfait d’appui ?", False),
    ],
)
def test_a_replaced_document_answers_only_for_a_campaign_asked_about_and_left_to_it(
    question: str, expected: bool
) -> None:
    assert kept(aged(2024, 2025).superseded("note-2027", (2024,)), question) is expected
    assert not kept(aged(2024, 2025).superseded("note-2027", ()), question)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Quel était le forfait d’appui en 2024 ?", True),
        ("Quel était le forfait d’appui en 2023 ?", True),
        ("Quel est le forfait d’appui en 2025 ?", False),
        ("Quel est le forfait d’appui ?", True),
    ],
)
def test_a_document_without_campaign_answers_for_its_year_and_those_it_names(
    question: str, expected: bool
) -> None:
    undated = aged(text="Le forfait d’appui de 2023 est de 12 400 euros.")

    assert kept(undated, question) is expected


WEBINAR = Passage.from_fields(
    **PASSAGE.as_json()
    | {"annees": (), "text": "Le webinaire a lieu le 12 février 2027.", "title": "Webinaire", "digest": ""}
)


def asked(question: str, words: frozenset[str], passage: Passage = WEBINAR) -> Draft:
    reading = read_conversation([question], TODAY)
    hits = (Hit(passage, score=3.0, dense=0.91, lexical=12.0, why=""),)
    material = Material(
        reading, JUDGE.judge(reading, TODAY), hits, TODAY, message=question, document_words=words
    )
    return compose(material, JUDGE, {**SOURCES, "note-2026": SOURCE})


@pytest.mark.parametrize(
    "question",
    ["Quelle est la date limite du webinaire ?", "Quel est le référent du webinaire ?", "Le webinaire ?"],
)
def test_a_question_in_the_words_of_a_document_is_answered_by_it(question: str) -> None:
    words = frozenset(stem("webinaire"))

    assert "12 février 2027" in asked(question, words).sentences[0].text
    assert "12 février 2027" not in asked("Quelle est la date limite ?", frozenset()).sentences[0].text


def test_a_project_stated_in_such_words_is_judged_all_the_same() -> None:
    draft = asked("Avec 14 ESSMS en Bretagne vus au webinaire, est-ce assez ?", frozenset(stem("webinaire")))

    assert draft.sentences[0].text.startswith("Non")


def test_a_word_of_another_document_does_not_bring_this_one() -> None:
    assert (
        "12 février"
        not in asked("Quelle est la date limite de l’atelier ?", frozenset(stem("atelier"))).sentences[0].text
    )
