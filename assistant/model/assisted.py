"""READ FIRST: how a language model helps, and what becomes of the answer when it does not.

The rules answer first, in milliseconds. When they have no answer, the model may read the message again: put a follow-up
as a question, find a fact in the user's words, point at a rule. It then puts the answer in words, sentence by sentence,
each checked as it comes. Whatever fails, or does not hold, leaves the answer of the rules as it was.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from assistant.answer import Answer, Kind, Mode, Partial, Status
from assistant.chain import Asked, Assistant, State, answered, open_assistant
from assistant.composing.draft import Draft
from assistant.composing.french import typeset
from assistant.composing.replies import say, worded
from assistant.model.client import Failure, LanguageModel, ModelError, Session
from assistant.model.extracting import extract
from assistant.model.judging import call_rules
from assistant.model.prompts import load_prompt
from assistant.model.rephrasing import rephrase
from assistant.model.settings import ModelSettings, Task
from assistant.model.writing import MAXIMUM_TOKENS, Writing, messages_for, writing

if TYPE_CHECKING:
    from assistant.understanding.questions import Question as AskedQuestion
    from index.passage import Hit

_log = logging.getLogger(__name__)

_WITHDRAWN = "withdrawn"  # nothing of what the model wrote was kept
# A model that cannot do one thing may do another.
_OF_ONE_TASK = frozenset([Failure.UNSUPPORTED, Failure.GARBAGE, Failure.TOO_LONG])
_WHY = {
    Failure.TIMEOUT: "model_late",
    Failure.CAPPED: "model_capped",
    Failure.REFUSED: "model_refused",
    _WITHDRAWN: "model_withdrawn",
}
_READING, _WRITING = "model_reading", "model_writing"


class AssistedAssistant:
    """An assistant that a language model helps; safe to share between threads."""

    def __init__(self, assistant: Assistant, model: LanguageModel) -> None:
        self._assistant = assistant
        self._model = model
        self._tasks = model.settings.tasks

    @property
    def without_model(self) -> Assistant:
        """The same assistant, which nobody waits for."""
        return self._assistant

    @property
    def model_label(self) -> str:
        """The name of the model, as the pages show it."""
        return self._model.label

    @property
    def model_settings(self) -> ModelSettings:
        """What the installation has set about the model."""
        return self._model.settings

    def model_state(self) -> str:
        """Return why the model is not asked now, in one French line; empty when it is."""
        return self._model.state()

    def health(self) -> str:
        """Return what the rules' answers do without; empty when all is well. The model is no part of it."""
        return self._assistant.health()

    def search(self, query: str, k: int) -> list[Hit]:
        """Return at most ``k`` passages for a few words or a question, best first."""
        return self._assistant.search(query, k)

    def ask(self, turns: Sequence[str], day: date, conversation: str = "") -> Answer:
        """Return the answer to the last of ``turns``; ``conversation`` tells whose caps count."""
        *_, answer = self.stream(turns, day, conversation)
        if not isinstance(answer, Answer):
            raise RuntimeError("an answer never ended")
        return answer

    def stream(self, turns: Sequence[str], day: date, conversation: str = "") -> Iterator[Partial | Answer]:
        """Yield what is checked of the answer as it comes, then the whole answer, once."""
        started = time.perf_counter()
        state = self._assistant.run(turns, day)
        answer = answered(state)
        if _helpable(state):
            if reason := self._model.closed():
                answer = _fallback(answer, reason)
            else:
                session = self._model.session(conversation)
                answer = yield from self._helped(state, session)
                if session.usage.calls or answer.mode is not Mode.RULES:
                    answer = replace(answer, model=self._model.label, usage=session.usage)
        yield replace(answer, elapsed_ms=round(1000 * (time.perf_counter() - started)))

    def ask_each(
        self, context: str, questions: Sequence[AskedQuestion], day: date, earlier: str = ""
    ) -> list[Asked]:
        """Return the answer to each question of one message, put in words by the model while its time lasts."""
        if Task.WRITE not in self._tasks:
            return self._assistant.ask_each(context, questions, day, earlier)
        session = self._model.session()
        failed = self._model.closed()

        def rewrite(state: State) -> State:
            nonlocal failed
            if not _answers(state):
                return state
            try:
                if failed is None:
                    return _last(self._written(state, session))
            except ModelError as error:
                failed = error.failure
            return _with_answer(state, _fallback(answered(state), failed))

        asked = self._assistant.ask_each(context, questions, day, earlier, rewrite)
        label = self._model.label
        return [
            replace(one, answer=replace(one.answer, model=label)) if one.answer.mode is Mode.MODEL else one
            for one in asked
        ]

    def _helped(self, state: State, session: Session) -> Generator[Partial, None, Answer]:
        """Yield what is checked, and return the answer."""
        first = answered(state)
        try:
            if not _answers(state):
                yield Partial(say(_READING))
                state = self._reread(state, session)
            if not _answers(state) or Task.WRITE not in self._tasks:
                return answered(state)
            written = yield from self._written(state, session)
            return answered(written)
        except ModelError as error:
            _log.info("Réponse sans le modèle\u00a0: %s", error.failure.value)
            return _fallback(first, error.failure)

    def _reread(self, state: State, session: Session) -> State:
        """Return a run that answers where the first one could not, or the first one."""
        for attempt in (self._rephrased, self._extracted, self._judged):
            found = None
            try:
                found = attempt(state, session)
            except ModelError as error:
                if error.failure not in _OF_ONE_TASK:
                    raise
            if found is not None and _answers(found):
                return found
        return state

    def _rephrased(self, state: State, session: Session) -> State | None:
        if Task.REPHRASE not in self._tasks or len(state.turns) < 2:
            return None
        question = rephrase(state.turns, state.day, session)
        if question is None:
            return None
        found = self._assistant.run([*state.turns[:-1], question], state.day)
        return (
            self._assistant.reworded(found, _understood(found.drafts, question)) if _answers(found) else None
        )

    def _extracted(self, state: State, session: Session) -> State | None:
        if Task.READ not in self._tasks or not _within(state) or len(state.parts) != 1:
            return None
        reading, ruling = state.parts[0].reading, state.parts[0].ruling
        missing = {name for result in ruling.results for name in result.missing}
        read = extract(state.turns[-1], reading.facts, state.day, session, missing)
        if read.statements:
            turns = [*state.turns[:-1], f"{state.turns[-1]}\n{read.statements}"]
            return self._assistant.run(turns, state.day)
        if read.topic is not None and not reading.topics and not ruling.results:
            return self._assistant.reread(state, [replace(reading, topics=frozenset([read.topic]))])
        return None

    def _judged(self, state: State, session: Session) -> State | None:
        if Task.JUDGE not in self._tasks or not _within(state) or len(state.parts) != 1:
            return None
        (part,) = state.parts
        if part.ruling.results:
            return None
        ruling = call_rules(
            state.turns[-1], part.reading, state.day, self._assistant.judge, self._assistant.nearest, session
        )
        return self._assistant.reread(state, [part.reading], [ruling]) if ruling else None

    def _written(self, state: State, session: Session) -> Generator[Partial, None, State]:
        """Yield the answer as the model writes it, question by question, and return the run it ends in."""
        drafts: list[Draft] = list(state.drafts)
        asked = kept = 0
        for place, part in enumerate(state.parts):
            begun = writing(state.drafts[place], part.reading, part.hits, self._assistant.sources)
            if begun is None:
                continue
            asked += 1

            def shown(draft: Draft, place: int = place) -> Answer:
                later = [replace(one, sentences=[]) for one in drafts[place + 1 :]]
                return answered(self._assistant.reworded(state, [*drafts[:place], draft, *later]))

            for _ in self._pieces(begun, part.reading.question, session):
                yield Partial(say(_WRITING), shown(begun.so_far()) if begun.head or begun.kept else None)
            if begun.kept and not begun.contradicted:
                kept += len(begun.kept)
                drafts[place] = begun.finished()
        if kept:
            done = self._assistant.reworded(state, drafts)
            return _with_answer(done, replace(answered(done), mode=Mode.MODEL))
        if asked:
            return _with_answer(state, _fallback(answered(state), _WITHDRAWN))
        return state

    def _pieces(self, begun: Writing, question: str, session: Session) -> Iterator[None]:
        """Have the model write; yield at the start and each time that a sentence was kept."""
        yield None
        prompt = load_prompt(Task.WRITE)
        messages = messages_for(begun, question, session.room)
        stream = session.stream(Task.WRITE, messages, max_tokens=MAXIMUM_TOKENS, prompt=prompt.version)
        try:
            for piece in stream:
                if begun.feed(piece):
                    yield None
                if begun.over:
                    return
        finally:
            stream.close()
        if begun.end():
            yield None


def open_best() -> Assistant | AssistedAssistant:
    """Open the assistant, with the language model that the environment names, if it names one.

    Raises:
        SettingError: A setting of the model means nothing, or the package of its provider is missing.
        CorpusError: A file of the corpus breaks its contract.
        RetrievalError: A setting of the index means nothing, or it cannot be written.
    """
    settings = ModelSettings.from_environment()
    model = LanguageModel(settings) if settings else None
    assistant = open_assistant()
    return AssistedAssistant(assistant, model) if model else assistant


def _helpable(state: State) -> bool:
    """Whether a model may help: never with what is refused, nor with what is no question."""
    answer = answered(state)
    if not state.parts or answer.status is Status.NOT_ALLOWED:
        return False
    if answer.kind is Kind.ANSWER:
        return any(one.sources for draft in state.drafts for one in draft.sentences)
    return not _is_known_unknown(state) and (_within(state) or len(state.turns) > 1)


def _is_known_unknown(state: State) -> bool:
    """Whether the rules know that the sources do not say: a model that reads otherwise would only be wrong."""
    opening = next((one for draft in state.drafts for one in draft.sentences), None)
    told = opening is not None and bool(opening.sources or opening.rules)
    return answered(state).kind is Kind.ABSTENTION and told


def _within(state: State) -> bool:
    return answered(state).status is not Status.OUT_OF_SCOPE


def _answers(state: State) -> bool:
    """Whether a run answers, and not only with what is nearest."""
    answer = answered(state)
    unsure = any(one.key == "unsure_nearest" for draft in state.drafts for one in draft.sentences)
    return answer.kind is Kind.ANSWER and bool(answer.citations) and not unsure


def _with_answer(state: State, answer: Answer) -> State:
    return replace(state, answer=answer)


def _fallback(answer: Answer, reason: str | None) -> Answer:
    """Return the answer of the rules, which says in one line why the model did not help."""
    note = say(_WHY.get(reason or "", "model_away"))
    return replace(answer, mode=Mode.FALLBACK, notice=f"{answer.notice} {note}".strip())


def _understood(drafts: Sequence[Draft], question: str) -> list[Draft]:
    """Return drafts that end with how the question was understood, so that it can be put right."""
    *others, last = drafts
    return [
        *others,
        replace(
            last,
            sentences=[
                *last.sentences,
                worded("model_understood", question=typeset(question.replace("'", "’"))),
            ],
        ),
    ]


def _last(steps: Generator[Partial, None, State]) -> State:
    """Run the steps of a generator to their end, and return what it returns."""
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            state: State = stop.value
            return state
