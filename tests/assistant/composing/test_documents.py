"""An added document is quoted by its name; it never speaks for the rules."""

from __future__ import annotations

from datetime import date

from assistant.answer import Kind
from assistant.chain import MAXIMUM_HISTORY, MAXIMUM_LENGTH, _recent
from assistant.composing.compose import Material, compose
from assistant.composing.draft import Draft
from assistant.judging import Judge
from assistant.understanding.reading import read_conversation
from corpus.sources import load_sources
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
    material = Material(reading, JUDGE.judge(reading, TODAY), hits, TODAY, margin=0.02)
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
    assert draft.sentences[0].text.startswith("D’après le document « Note 2026 » : ")
    assert "vérifiez" in draft.sentences[-1].text


def test_a_long_conversation_keeps_its_last_turns() -> None:
    turns = [str(number) * MAXIMUM_LENGTH for number in range(10)]

    kept = _recent(turns)

    assert kept[-1] == turns[-1]
    assert sum(map(len, kept)) <= MAXIMUM_HISTORY
