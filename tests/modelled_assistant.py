"""An assistant that a language model helps, scripted: it tells an answer piece by piece, and what becomes of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from assistant.answer import Answer, Mode, Partial, Usage

LABEL = "exemple-instruct"
READING, WRITING = "Lecture de la question…", "Rédaction de la réponse…"
SENTENCES = (
    "Avec 12 ESSMS, le groupement est sous le seuil [1].",
    "Le texte le fixe [2].",
    "Vous pouvez vous regrouper [1].",
)
NOTICE = "Le modèle de langue n’a pas répondu à temps\u00a0: réponse composée sans lui."
HOSTILE = '<img src=x onerror=alert(1)> **gras** [clic](javascript:alert(1)) "</p><script>alert(2)</script>'


class ModelledAssistant:
    """Answers as ``plain`` does, told piece by piece: the words of a question say what happens to its answer.

    « patience »: nothing comes after the first sentence until ``go`` is set. « règles »: no model is asked. « repli »:
    it is of no help. « panne », « rien »: the assistant breaks, or tells no answer.
    """

    model_label = LABEL

    def __init__(self, plain, verdict: Answer) -> None:
        self._plain = plain
        self._verdict = verdict
        self.state = ""
        self.go = threading.Event()
        self.closed = threading.Event()  # before the answer was told
        self.seen: list[tuple[tuple[str, ...], str]] = []  # turns, conversation

    def ask(self, turns: Sequence[str], day: date, conversation: str = "") -> Answer:
        return self._plain.ask(turns, day)

    def search(self, query: str, k: int):
        return self._plain.search(query, k)

    def health(self) -> str:
        return self._plain.health()

    def model_state(self) -> str:
        return self.state

    def stream(self, turns: Sequence[str], day: date, conversation: str = "") -> Iterator[Partial | Answer]:
        self.seen.append((tuple(turns), conversation))
        question = turns[-1]
        self.go.clear()
        self.closed.clear()
        try:
            yield from self._pieces(question)
        except GeneratorExit:
            self.closed.set()
            raise
        yield self._whole(turns, day)

    def _pieces(self, question: str) -> Iterator[Partial]:
        yield Partial(READING)
        if "panne" in question:
            raise RuntimeError("scripted failure")
        if "règles" in question:
            return
        doing = HOSTILE if "hostile" in question else WRITING
        yield Partial(doing, self._written("", 0))
        for count in range(1, len(SENTENCES) + 1):
            yield Partial(doing, self._written(" ".join(SENTENCES[:count]), count))
            if count == 1 and "patience" in question:
                assert self.go.wait(20), "nobody let it go on"

    def _whole(self, turns: Sequence[str], day: date) -> Answer:
        question = turns[-1]
        hostile = "hostile" in question
        if "règles" in question:
            return self._plain.ask(turns, day)
        if "repli" in question:
            notice = HOSTILE if hostile else NOTICE
            return replace(self._verdict, mode=Mode.FALLBACK, model=LABEL, notice=notice)
        whole = self._written(" ".join(SENTENCES), 2)
        return replace(whole, model=HOSTILE if hostile else LABEL, usage=Usage(2, 900, 80, 0.01))

    def _written(self, text: str, cited: int) -> Answer:
        citations = self._verdict.citations[:cited]
        return replace(self._verdict, text=text, citations=citations, mode=Mode.MODEL, model=LABEL)
