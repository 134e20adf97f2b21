"""READ FIRST: how a question becomes a cited answer, in five ordered steps.

understand -> judge -> retrieve -> compose -> verify. Each step takes the state of the run and returns it
enriched; nothing else decides the order. No step needs a language model, and none asks the clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Protocol

import numpy as np
from langchain_core.runnables import Runnable, RunnableLambda
from langsmith import tracing_context
from numpy.typing import NDArray

from assistant.answer import Answer, Kind, Status
from assistant.composing.bounds import brings_within, is_foreign, is_outside
from assistant.composing.citing import Line, cite
from assistant.composing.compose import compose, join_drafts
from assistant.composing.draft import LENGTH, Draft, Sentence, shorten
from assistant.composing.english import in_english
from assistant.composing.excerpts import Excerpts
from assistant.composing.explaining import explain
from assistant.composing.material import Material
from assistant.composing.replies import say, worded
from assistant.composing.routing import is_upheld, with_topic
from assistant.composing.selection import Question, select
from assistant.composing.suggestions import suggest
from assistant.grounding import verify
from assistant.judging import Judge, Ruling
from assistant.understanding.again import Again, asked_again
from assistant.understanding.questions import Question as AskedQuestion
from assistant.understanding.reading import (
    Reading,
    questions_left,
    read_asked,
    read_conversation,
    read_questions,
)
from assistant.understanding.senses import Scope, Sense, Senses, load_examples
from assistant.understanding.tidying import Tidier, searched
from corpus.documents import load_all_sources
from corpus.fiches import load_statements
from corpus.glossary import load_glossary
from corpus.paths import var_dir
from corpus.sources import Source
from corpus.territories import load_territories, load_towns
from index.degraded import open_enduring
from index.endurance import Clock, Loss
from index.errors import EncoderError
from index.french import stem
from index.passage import Hit, Passage
from index.settings import IndexSettings

MAXIMUM_LENGTH = 5_000
MAXIMUM_HISTORY = 20_000  # characters of the earlier turns that are read again, the last ones first
MAXIMUM_QUERY = 2_000
MAXIMUM_CONTEXT = 1_500  # characters of what a message states that tell what it is about
CANDIDATES = 100
LEAST_LENGTH = 70  # words, of the answer to one question of several
STEPS = ("understand", "judge", "retrieve", "compose", "verify")


class Search(Protocol):
    """What the chain needs of a retriever."""

    @property
    def passages(self) -> Mapping[str, Passage]:
        """Return every passage by id."""

    def search(self, query: str, k: int = 20) -> list[Hit]:
        """Return the best passages for a query, best first."""

    def vector(self, query: str) -> NDArray[np.float32] | None:
        """Return the unit vector of a query, ``None`` when it cannot be encoded."""

    @property
    def loss(self) -> Loss | None:
        """Return what the searches of now do without."""

    def check(self) -> Loss | None:
        """Try every part of a search, and return what it does without."""


@dataclass(frozen=True)
class Part:
    """One question of the message: most messages have a single one."""

    reading: Reading
    ruling: Ruling = field(default_factory=Ruling)
    hits: tuple[Hit, ...] = ()
    sense: Sense = field(default_factory=Sense)
    outside: bool = False  # of itself about something else than the programme


@dataclass(frozen=True)
class State:
    """What a run knows; each step fills or enriches its fields."""

    turns: tuple[str, ...]
    day: date
    asked: str = ""  # the user's own words, whole
    parts: tuple[Part, ...] = ()
    again: Again | None = None
    outside: bool = False
    drafts: tuple[Draft, ...] = ()  # one a question, before they are joined
    draft: Draft | None = None
    answer: Answer | None = None
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Asked:
    """The answer to one question of a message, how it was read, and its sentences one by one."""

    reading: Reading
    answer: Answer
    lines: tuple[Line, ...]


class Assistant:
    """Answers the last turn of a conversation, with citations and rulings."""

    def __init__(
        self, retriever: Search, senses: Senses | None, sources: Mapping[str, Source], judge: Judge
    ) -> None:
        self._retriever = retriever
        self._senses = senses
        self._sources = sources
        self._rules = judge
        passages = retriever.passages.values()
        territories = load_territories()
        self._tidier = Tidier(
            [passage.text for passage in passages],
            [form for term in load_glossary() for form in term.abbreviations],
            [
                *(name for region in territories.regions for name in (region.name, *region.formes)),
                *(departement.name for departement in territories.departements),
                *(town for town, _ in load_towns()),
            ],
            regions=[region.name for region in territories.regions if not region.common_word],
            typed=[*(question for passage in passages for question in passage.asked), *load_examples()],
        )
        refs = {statement.id: frozenset(statement.refs) for statement in load_statements()}
        self._excerpts = Excerpts.of([p for p in retriever.passages.values() if p.kind != "glossary"], refs)
        self.chain = self._chain()

    def _chain(self) -> Runnable[State, State]:
        steps = [RunnableLambda(getattr(self, f"_{name}"), name=name) for name in STEPS]
        chain: Runnable[State, State] = steps[0]
        for step in steps[1:]:
            chain = chain | step
        return chain

    def ask(self, turns: Sequence[str], day: date) -> Answer:
        """Return the answer to the last of ``turns`` (the user's messages, oldest first) as of ``day``.

        An empty or oversized message gets a reply that says so: nothing is raised for what a user types.
        """
        return answered(self.run(turns, day))

    def run(self, turns: Sequence[str], day: date) -> State:
        """Return what a run of the chain knows at its end: the answer, and what it was made from.

        An empty or oversized message gets the state of a reply that says so.
        """
        started = time.perf_counter()
        problem = _unreadable(turns)
        if problem:
            return State(tuple(turns), day, answer=problem)
        recent = _recent(turns)
        tidied = tuple(self._tidier.tidy(turn) for turn in recent)
        with tracing_context(enabled=False):  # LangSmith hears of no question, whatever the environment says
            state = self.chain.invoke(State(tidied, day, " ".join([*recent, *tidied])))
        answer = answered(state)
        return replace(
            state, answer=replace(answer, elapsed_ms=round(1000 * (time.perf_counter() - started)))
        )

    def reworded(self, state: State, drafts: Sequence[Draft]) -> State:
        """Return a run with other drafts for its questions, joined, checked and cited like its own."""
        before = answered(state)
        done = self._verify(self._join(replace(state, drafts=tuple(drafts))))
        return replace(done, answer=replace(answered(done), elapsed_ms=before.elapsed_ms))

    def reread(self, state: State, readings: Sequence[Reading], rulings: Sequence[Ruling] = ()) -> State:
        """Return a run on the same message read otherwise: judged, unless rulings are given, searched and composed.

        Args:
            state: A run that has ended.
            readings: One a question.
            rulings: One a question, or none.
        """
        parts = tuple(Part(reading, sense=self._sense(reading)) for reading in readings)
        if rulings:
            parts = tuple(
                replace(part, ruling=ruling, hits=before.hits)
                for part, ruling, before in zip(parts, rulings, state.parts, strict=True)
            )
            asked = replace(state, parts=parts, outside=False)
        else:
            asked = self._retrieve(self._judge(replace(state, parts=parts)))
        done = self._verify(self._compose(asked))
        return replace(done, answer=replace(answered(done), elapsed_ms=answered(state).elapsed_ms))

    @property
    def sources(self) -> Mapping[str, Source]:
        """The sources of the corpus, by id."""
        return self._sources

    @property
    def without_model(self) -> Assistant:
        """The assistant that no language model helps: this one."""
        return self

    @property
    def judge(self) -> Judge:
        """What judges a reading."""
        return self._rules

    def ask_each(
        self,
        context: str,
        questions: Sequence[AskedQuestion],
        day: date,
        earlier: str = "",
        rewrite: Callable[[State], State] | None = None,
    ) -> list[Asked]:
        """Return the answer to each question of one message, in order, as of ``day``.

        ``context`` is what the message states, ``earlier`` what was stated before it: both hold for every question.
        Citations are numbered within each answer; ``rewrite`` may put each in other words.
        """
        said = self._tidier.tidy(context)
        tidied = [replace(question, text=self._tidier.tidy(question.text)) for question in questions]
        readings = read_asked(said, tidied, day, self._tidier.tidy(earlier))
        message = " ".join([said[:MAXIMUM_CONTEXT], *(question.text for question in tidied)])
        asked = " ".join([earlier, context, *(question.text for question in questions), message])
        # Orders to an assistant are told by their words, and set apart by who parts a message.
        parts = [Part(reading, sense=_without_orders(self._sense(reading))) for reading in readings]
        parts = [self._search(part) for part in self._judged(parts, day)]
        reading = read_conversation((message,), day)
        whole = self._search(Part(reading, sense=self._sense(reading)))
        outside = _all_outside(whole, parts)
        replies = []
        for part in parts:
            own = _completed(part, whole)
            # What a rule judges in a message on the programme is on it, though a question alone would not tell.
            own = replace(
                own, outside=(outside or own.outside) and (_is_outside(whole) or not own.ruling.results)
            )
            done = self._verify(self._compose(State((message,), day, asked, (own,), outside=own.outside)))
            done = rewrite(done) if rewrite else done
            replies.append(Asked(part.reading, answered(done), done.lines))
        return replies

    def search(self, query: str, k: int) -> list[Hit]:
        """Return at most ``k`` passages for a few words or a question, best first; slips of spelling are put right.

        Raises:
            RetrievalError: The index cannot be read.
        """
        return self._retriever.search(searched(self._tidier.tidy(query[:MAXIMUM_QUERY])), k=k)

    def nearest(self, question: str, texts: Sequence[str]) -> list[int]:
        """Return the ranks of texts, those nearest in meaning to a question first; in order when meaning is lost."""
        asked, vectors = self._retriever.vector(question), [self._retriever.vector(text) for text in texts]
        found = [vector for vector in vectors if vector is not None]
        if asked is None or len(found) < len(texts):
            return list(range(len(texts)))
        return [int(rank) for rank in np.argsort(-(np.stack(found) @ asked), kind="stable")]

    def health(self) -> str:
        """Return the notice of what is missing now, after trying it; empty when all is well."""
        loss = self._retriever.check()
        return _notice(loss if self._senses else Loss.MEANING)

    def _understand(self, state: State) -> State:
        turns, again = asked_again(state.turns)
        readings = read_questions(turns, state.day)
        parts = tuple(Part(reading, sense=self._sense(reading)) for reading in readings)
        return replace(state, turns=turns, again=again, parts=parts)

    def _judge(self, state: State) -> State:
        return replace(state, parts=tuple(_without_repeats(self._judged(_known(state.parts), state.day))))

    def _judged(self, parts: Sequence[Part], day: date) -> list[Part]:
        return [
            replace(part, reading=reading, ruling=self._rules.judge(reading, day))
            for part in parts
            for reading in [with_topic(part.reading, part.sense)]
        ]

    def _retrieve(self, state: State) -> State:
        parts = tuple(self._search(part) for part in _known(state.parts))
        if len(parts) == 1:
            return replace(state, parts=parts, outside=_is_outside(parts[0]))
        reading = read_conversation(state.turns, state.day)
        whole = self._search(Part(reading, sense=self._sense(reading)))
        outside = _all_outside(whole, parts)
        return replace(state, parts=tuple(_completed(part, whole) for part in parts), outside=outside)

    def _search(self, part: Part) -> Part:
        query = _query(part.reading)
        hits = tuple(self._retriever.search(query, k=CANDIDATES))
        part = replace(part, hits=hits)
        if part.ruling.results:
            best = next(iter(select(hits, Question.from_reading(part.reading), self._sources)), None)
            if not is_upheld(part.ruling, part.reading, part.sense, best):
                return replace(part, ruling=Ruling())
        return part

    def _sense(self, reading: Reading) -> Sense:
        vector = self._retriever.vector(_query(reading))
        return Sense() if vector is None or self._senses is None else self._senses.of(vector)

    def _compose(self, state: State) -> State:
        drafts: list[Draft] = []
        parts = []
        for part in _known(state.parts):
            words = self._document_words(part.reading.question)
            message = state.turns[-1]
            outside = state.outside or part.outside
            material = Material(
                part.reading, part.ruling, part.hits, state.day, part.sense, outside, message, words
            )
            draft = compose(material, self._rules, self._sources)
            if part.reading.english:
                draft = in_english(draft, part.ruling.results)
            if state.again:
                draft = explain(state.again, draft, part.ruling, self._sources)
            drafts.append(draft)
            parts.append(replace(part, ruling=Ruling()) if words and _quotes_a_document(draft) else part)
        length = LENGTH if len(drafts) == 1 else max(LEAST_LENGTH, LENGTH // len(drafts))
        short = tuple(shorten(draft, length) for draft in drafts)
        return self._join(replace(state, parts=tuple(parts), drafts=short))

    def _join(self, state: State) -> State:
        drafts = [(part.reading, draft) for part, draft in zip(state.parts, state.drafts, strict=True)]
        return replace(state, draft=join_drafts(drafts, left=questions_left(state.turns[-1])))

    def _document_words(self, question: str) -> frozenset[str]:
        """Return the words of a question that added documents have and the corpus that ships has not."""
        return frozenset(stem(question)) & self._words_of_documents

    @cached_property
    def _words_of_documents(self) -> frozenset[str]:
        added: set[str] = set()
        ships: set[str] = set()
        passages = self._retriever.passages.values()
        if any(passage.kind == "document" for passage in passages):
            for passage in passages:
                (added if passage.kind == "document" else ships).update(stem(passage.indexed_text))
        return frozenset(word for word in added - ships if word.isalpha() and len(word) > 3)

    def _verify(self, state: State) -> State:
        parts, draft = _known(state.parts), state.draft
        if draft is None:
            raise RuntimeError("the step 'compose' comes before 'verify'")
        kept = verify(draft.sentences, self._sources, self._excerpts, state.day, state.asked)
        if draft.kind is Kind.ANSWER and _sourced(draft.sentences) and not _sourced(kept):
            draft, kept = (
                Draft(Kind.ABSTENTION, Status.WITHDRAWN, []),
                [worded("withdrawn"), worded("ask_whom")],
            )
        cited = cite(kept, self._sources, self._excerpts)
        loss = self._retriever.loss if all(part.sense.known for part in parts) else Loss.MEANING
        answer = Answer(
            kind=draft.kind,
            status=draft.status,
            text=cited.text,
            details=cited.details,
            citations=cited.citations,
            rules=tuple(result for part in parts for result in part.ruling.results),
            suggestions=suggest(parts[0].reading, parts[0].ruling, draft.kind),
            notice=_notice(loss),
        )
        return replace(state, answer=answer, lines=cited.lines)


def answered(state: State) -> Answer:
    """Return the answer of a run that has ended.

    Raises:
        RuntimeError: It has not.
    """
    if state.answer is None:
        raise RuntimeError("the chain ended without an answer")
    return state.answer


def _notice(loss: Loss | None) -> str:
    return say(f"without_{loss}") if loss else ""


def _without_orders(sense: Sense) -> Sense:
    if sense.scope is not Scope.ATTACK:
        return sense
    moved = {Scope.PROGRAMME: sense.within + sense.scopes[Scope.ATTACK], Scope.ATTACK: 0.0}
    return replace(sense, scopes={**sense.scopes, **moved})


def _all_outside(whole: Part, parts: Sequence[Part]) -> bool:
    """Whether a message is outside the programme: a question cut from it may lack its subject, the whole tells."""
    within = any(brings_within(part.reading, part.sense, part.hits) for part in parts)
    return _is_outside(whole) and not within


def _is_outside(part: Part) -> bool:
    return not part.reading.elliptic and is_outside(part.reading, part.sense, part.hits)


def _completed(part: Part, whole: Part) -> Part:
    """Return a part with the sense and the hits of the whole message, when it means nothing by itself."""
    if not _is_outside(part):
        return part
    if is_foreign(part.reading, part.sense, part.hits):
        return replace(part, outside=True)
    return replace(part, sense=whole.sense, hits=whole.hits)


def _query(reading: Reading) -> str:
    return " ".join(searched(reading.query[:MAXIMUM_QUERY]).split())


def _known(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    if not parts:
        raise RuntimeError("the step 'understand' comes first")
    return parts


def _without_repeats(parts: Sequence[Part]) -> list[Part]:
    """Leave out a question that the ruling of an earlier one already answers."""
    kept: list[Part] = []
    for part in parts:
        said = [result for earlier in kept for result in earlier.ruling.results]
        if not part.ruling.results or any(result not in said for result in part.ruling.results):
            kept.append(part)
    return kept


def _quotes_a_document(draft: Draft) -> bool:
    """Whether an added document answers: no rule was then reported."""
    first = draft.sentences[0].passage if draft.sentences else None
    return first is not None and first.kind == "document"


def _sourced(sentences: Sequence[Sentence]) -> bool:
    return any(sentence.sources for sentence in sentences)


def _recent(turns: Sequence[str]) -> tuple[str, ...]:
    """Return the last turns, as many as fit: reading a conversation must stay a matter of milliseconds."""
    kept: list[str] = []
    length = 0
    for turn in reversed(turns):
        length += min(len(turn), MAXIMUM_LENGTH)
        if kept and length > MAXIMUM_HISTORY:
            break
        kept.append(turn[:MAXIMUM_LENGTH])
    return tuple(reversed(kept))


def _unreadable(turns: Sequence[str]) -> Answer | None:
    last = turns[-1] if turns else ""
    if not any(char.isalnum() for char in last):
        return Answer(Kind.CLARIFICATION, Status.NEEDS_FACTS, say("empty"))
    if len(last) > MAXIMUM_LENGTH:
        text = say("too_long", length=len(last), maximum=MAXIMUM_LENGTH)
        return Answer(Kind.CLARIFICATION, Status.NEEDS_FACTS, text)
    return None


def open_assistant(settings: IndexSettings | None = None, clock: Clock = time.monotonic) -> Assistant:
    """Open the index (built when missing or stale) and return the assistant over the corpus.

    Without the vector store or the encoder it answers all the same, in a degraded mode that its answers tell;
    ``clock`` (seconds) decides when what failed is tried again.

    Raises:
        CorpusError: A file of the corpus breaks its contract.
        RetrievalError: A setting means nothing, or the index cannot be written.
    """
    retriever = open_enduring(settings or IndexSettings(), clock=clock)
    try:
        senses = Senses.open(retriever.encoder, var_dir() / "cache")
    except EncoderError:
        senses = None
    return Assistant(retriever, senses, load_all_sources(), Judge.from_corpus())
