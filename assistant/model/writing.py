"""Have a model write the answer to one question from numbered texts, and keep of it what those texts say.

A sentence of the model that says one of the texts again brings that text, whole and as it stands: the model chooses,
puts in order and links; not a word of what it writes is shown. The sentence that gives a verdict is never moved, and
what the model leaves out of the rules' answer stays after the rest: it cannot hide a statement.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from assistant.answer import Kind
from assistant.composing.draft import LENGTH, Draft, Sentence, shorten
from assistant.composing.french import cap
from assistant.composing.selection import Question, select
from assistant.faithful import Doubt, says_nothing, shared
from assistant.grounding import Offered, contradicts, written_from
from assistant.model.client import Failure, ModelError
from assistant.model.prompts import load_prompt
from assistant.model.sentences import Cutter, Written
from assistant.model.settings import Task
from assistant.privacy.pseudonyms import conceal
from assistant.understanding.reading import Reading
from corpus.sources import Source
from index.passage import Hit

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

MAXIMUM_TOKENS = 400
_EXTRAS = 3  # statements found that the answer does not use
_MOST = 8  # sentences kept
_MOST_WITHDRAWN = 12  # beyond, it no longer writes an answer
# Words that link a sentence to the one before it and say nothing else.
_LINK = re.compile(r"^(?:par ailleurs|en outre|de plus|enfin),? ", re.IGNORECASE)
_SMALL_OPENING = re.compile(
    r"^(?!La Réunion)(?:L[ea’]|Les|Une?|Des|Du|Aux?|En|Dans|Pour|Chaque|Ce(?:t|tte|s)?|Aucune?|Il|Elle|Ils|Elles)\b"
)
_VERDICT = re.compile(r"(?:Oui|Non)\b")
_ADDRESS = re.compile(r"://|\bwww\.|\S@\S")
_MOST_ASKED = 600  # characters of the question that are given


@dataclass
class Writing:
    """The answer to one question while a model writes it."""

    draft: Draft
    offered: tuple[Offered, ...]
    head: Sentence | None  # what opens the answer, in our words
    kept: list[tuple[Offered, str]] = field(default_factory=list)
    doubts: Counter[str] = field(default_factory=Counter)
    contradicted: bool = False
    _cutter: Cutter = field(default_factory=Cutter)

    @property
    def over(self) -> bool:
        """Whether nothing more is expected of the model: it contradicts the verdict, repeats itself or wanders."""
        return self.contradicted or len(self.kept) >= _MOST or self.doubts.total() >= _MOST_WITHDRAWN

    def feed(self, piece: str) -> bool:
        """Take in a piece of what the model writes; return whether a sentence was kept."""
        return self._take(self._cutter.feed(piece))

    def end(self) -> bool:
        """Take in what remains; return whether a sentence was kept."""
        return self._take(self._cutter.end())

    def _take(self, sentences: Sequence[Written]) -> bool:
        before = len(self.kept)
        for written in sentences:
            if not self.over:
                self._weigh(written)
        return len(self.kept) > before

    def _weigh(self, written: Written) -> None:
        if says_nothing(written.text):
            return
        if self.head is not None and shared(written.text, self.head.text) == 1.0:
            self.doubts["repeated"] += 1
            return
        cited = [one for one in self.offered if one.number in written.cited]
        # A number that leads elsewhere, or to nothing, counts for nothing: what says the sentence is looked for.
        found = written_from(written.text, [*cited, *(one for one in self.offered if one not in cited)])
        if isinstance(found, Doubt):
            self.doubts[found.value] += 1
            self.contradicted = self.head is not None and contradicts(written.text, self.head.text)
            return
        if any(one is found for one, _ in self.kept):
            self.doubts["repeated"] += 1
        else:
            # What is shown is the text itself, whole: a clause left out or a small word changed is put right.
            self.kept.append((found, _linked(written.text, found.sentence.text)))

    def so_far(self) -> Draft:
        """Return what may already be shown: what opens the answer, and the sentences kept."""
        opening = [] if self.head is None else [self.head]
        kept = [*self._written(beside=False), *self._written(beside=True)]
        return replace(self.draft, sentences=[*opening, *kept])

    def finished(self) -> Draft:
        """Return the whole answer: what opens it, what the model wrote, what it left out of ours, whom to ask."""
        first = next((place for place, one in enumerate(self.draft.sentences) if one.sources), 0)
        before, after = self.draft.sentences[:first], self.draft.sentences[first:]
        chosen = [offered.sentence for offered, _ in self.kept]
        left = [one for one in after if one is not self.head and not any(one is other for other in chosen)]
        opening = [] if self.head is None else [self.head]
        # What exceeds the length of an answer is folded from its end: statements of ours come before those beside.
        ours = [*self._written(beside=False), *(one for one in left if one.sources)]
        last = [*self._written(beside=True), *(one for one in left if not one.sources)]
        return shorten(replace(self.draft, sentences=[*before, *opening, *ours, *last]), LENGTH)

    def _written(self, *, beside: bool) -> list[Sentence]:
        """Return the sentences kept: those of our answer, or those ``beside`` it."""
        return [
            replace(one.sentence, text=text)
            for one, text in self.kept
            if beside is not any(one.sentence is ours for ours in self.draft.sentences)
        ]


def _linked(written: str, text: str) -> str:
    """Return a text with the link word that a model put before it, where its own first word may lose its capital."""
    link = _LINK.match(written)
    if link is None or not _SMALL_OPENING.match(text):
        return text
    return f"{cap(link[0].strip(' ,').lower())}, {text[:1].lower()}{text[1:]}"


def writing(
    draft: Draft, reading: Reading, hits: Sequence[Hit], sources: Mapping[str, Source]
) -> Writing | None:
    """Return the writing of an answer, not begun; ``None`` when there is nothing in it to be put otherwise.

    A list keeps its form, and so does what cites nothing.
    """
    sentences = draft.sentences
    sourced = [one for one in sentences if one.sources]
    if draft.kind is not Kind.ANSWER or not sourced or any(one.bullet for one in sentences):
        return None
    first = sourced[0]
    head = first if first.rules or _VERDICT.match(first.text) else None
    ours = [one for one in sourced if one is not head and not one.detail]
    # Beside a ruling, other statements are beside the question.
    more = [] if any(one.rules for one in sourced) else _statements_beside(sourced, reading, hits, sources)
    listed = [one for one in [*ours, *more] if not _ADDRESS.search(one.text)]
    offered = tuple(Offered(number, one.text, one) for number, one in enumerate(listed, 1))
    return Writing(draft, offered, head) if offered else None


def _statements_beside(
    used: Sequence[Sentence], reading: Reading, hits: Sequence[Hit], sources: Mapping[str, Source]
) -> list[Sentence]:
    """Return the statements found that the answer does not use, the best first."""
    known = {one.passage.id for one in used if one.passage}
    found = (item.hit.passage for item in select(hits, Question.from_reading(reading), sources))
    others = [passage for passage in found if passage.id not in known and passage.kind == "fiche"]
    return [Sentence(passage.text, passage.sources, passage=passage) for passage in others[:_EXTRAS]]


def messages_for(begun: Writing, question: str, room: Callable[..., int]) -> list[BaseMessage]:
    """Return the messages that ask a model to write; the texts that its window has no ``room`` for are left out.

    What identifies people in the question is replaced by tags, which lead nowhere: no answer needs them.

    Raises:
        ModelError: The window has no room for a single text.
    """
    from langchain_core.messages import HumanMessage, SystemMessage

    asked, _ = conceal(question[:_MOST_ASKED])
    lines = [f"Question : {asked}"]
    if begun.head is not None:
        lines.append(f"La réponse commence déjà par : {begun.head.text}\nÉcris la suite, sans la répéter.")
    lines.append("Éléments :")
    prompt = load_prompt(Task.WRITE).text
    texts: list[str] = []
    for one in begun.offered:
        text = f"[{one.number}] {one.text}"
        if room(prompt, *lines, *texts, text) < MAXIMUM_TOKENS:
            break
        texts.append(text)
    if not texts:
        raise ModelError(Failure.TOO_LONG)
    return [SystemMessage(prompt), HumanMessage("\n\n".join([*lines, *texts]))]
