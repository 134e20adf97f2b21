"""Answer with the statements found: those that answer, what is not known and whom to ask, or that nothing was found."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from assistant.answer import Kind, Status
from assistant.composing.bounds import names_acronym
from assistant.composing.draft import Draft, Sentence
from assistant.composing.french import low
from assistant.composing.material import Material, in_document
from assistant.composing.polarity import verdict_of
from assistant.composing.replies import say, worded
from assistant.composing.selection import Question, Scored, select
from assistant.composing.settling import names_only, settle
from assistant.figures import figures_of
from assistant.understanding.reading import Reading
from corpus.sources import Source
from index.passage import Hit, Passage

CONFIDENT = 0.15  # a statement that scores less is not an answer
_SURE, _ALIKE = (
    0.9,
    0.6,
)  # one that scores less, with no known question like the user's, is only what is nearest

# A statement of what was once said, and has been replaced, settles nothing today.
_OVER = re.compile(r"\b(?:remplac\w+|annonçai\w*|a été relevée?|n’est plus|caduc\w*)\b")
_TELLS_WHOM = re.compile(r"\b(?:demand|interrog|voir|confirm|peu(?:t|vent) (?:le |l’|les |indiquer|dire|en))")


def compose_statements(material: Material, sources: Mapping[str, Source]) -> Draft:
    """Return the draft made of the statements found."""
    reading = material.reading
    documented = in_document(material)
    chosen = select(material.hits, Question.from_reading(reading), sources)
    if not chosen:
        return _silent(material.hits)
    best = chosen[0]
    leans = reading.elliptic or documented
    if best.score < CONFIDENT and not leans and not names_acronym(reading):
        sentences = [worded("abstention"), worded("clarify"), worded("ask_whom")]
        return Draft(Kind.ABSTENTION, Status.NOT_IN_CORPUS, sentences)
    sentences = _with_verdict(reading, chosen, material.day, sources)
    if best.hit.passage.nature == "inconnu":
        head, *rest = sentences
        head = replace(head, text=_opened("Non déterminé", head.text))
        return Draft(Kind.ABSTENTION, Status.NOT_IN_CORPUS, [head, *rest, *_whom_to_ask(best.hit, sentences)])
    if best.score < _SURE and best.hit.likeness < _ALIKE and not leans:
        if best.hit.dense is None:  # found by words alone, such a statement answers two questions out of five
            return _silent([item.hit for item in chosen])
        return Draft(Kind.ANSWER, Status.PARTIAL, [worded("unsure_nearest"), *sentences])
    return Draft(Kind.ANSWER, Status.ANSWERED, sentences)


def quoted(passage: Passage, sources: Mapping[str, Source]) -> Sentence:
    """Return a passage as a sentence; an added document is named, so that it does not speak for the rules."""
    text = passage.text
    if passage.kind == "document":
        text = f"D’après le document « {sources[passage.sources[0]].title} » : {text}"
    return Sentence(text, passage.sources, passage=passage)


def _with_verdict(
    reading: Reading, chosen: Sequence[Scored], day: date, sources: Mapping[str, Source]
) -> list[Sentence]:
    """Return the statements chosen; one that settles a yes-no question comes first and opens with its verdict."""
    sentences = [quoted(item.hit.passage, sources) for item in chosen]
    if any(item.hit.passage.kind == "document" for item in chosen):
        sentences.append(worded("not_judged"))
    for place, item in enumerate(chosen):
        passage = item.hit.passage
        verdict = None
        if place == 0 and not _OVER.search(passage.text):
            verdict = settle(reading.question, item.hit, item.score)
        if (
            verdict is None
            and passage.nature == "fait"
            and not _OVER.search(passage.text)
            and _current(item, reading, day)
            and names_only(reading.question, f"{passage.path} {passage.text}")
        ):
            verdict = verdict_of(reading.question, passage.text)
        if verdict:
            first = sentences.pop(place)
            return [replace(first, text=_opened(verdict, first.text)), *sentences]
    return sentences


def _opened(verdict: str, text: str) -> str:
    """Return a statement that opens with its verdict: « Non : l’USLD est exclue. »."""
    plain = text[1:2].islower() or text[1:2] in "’'"
    return f"{verdict} : {low(text)}" if plain else f"{verdict}. {text}"


def _current(item: Scored, reading: Reading, day: date) -> bool:
    """Whether a statement may settle the question: not one of past years when none was asked about."""
    years = item.hit.passage.annees
    return not years or reading.facts.campagne is not None or max(years) >= day.year - 1


def _whom_to_ask(hit: Hit, said: Sequence[Sentence]) -> list[Sentence]:
    """Return whom to ask about what is not known, unless it was said, and a question ready to be sent."""
    more = []
    if not any(_TELLS_WHOM.search(sentence.text) for sentence in said):
        more.append(worded("ask_whom"))
    passage = hit.passage
    there = figures_of(passage.text)
    ready = next((question for question in passage.questions if figures_of(question) <= there), None)
    if ready:
        text = say("ready_question", question=ready)
        more.append(Sentence(text, passage.sources, passage=passage, key="ready_question"))
    return more


def _silent(hits: Sequence[Hit]) -> Draft:
    """Say that nothing answers for the year, place or track asked, with the nearest thing known."""
    sentences = [worded("abstention")]
    nearest = next(
        (hit for hit in hits if hit.passage.kind == "fiche" and hit.passage.nature == "fait"), None
    )
    if nearest is not None:
        sentences += [
            worded("nearest"),
            Sentence(nearest.passage.text, nearest.passage.sources, passage=nearest.passage),
        ]
    return Draft(Kind.ABSTENTION, Status.NOT_IN_CORPUS, [*sentences, worded("ask_whom")])
