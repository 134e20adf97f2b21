"""The recipe of the training data: what is asked, the passage that answers, one that looks like it and does not."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.lexical import LexicalIndex
from index.sentences import split_sentences
from index.training.texts import Document, Question, documents, passages, questions

HELD_OUT = ("service_public_citoyens", "cnil_besoin_aide")  # their questions are never trained on
HELD_OUT_SHARE = 0.3  # of the questions of the other sets, kept to measure
_NEAREST = 30
_REFERENCE = re.compile(r"\barticle [A-Z]*\.? ?\d")  # « Code du travail, article R1262-11 » asks nothing


@dataclass(frozen=True)
class Pair:
    """A question, the passage that answers it, and a passage of another document that shares its words."""

    query: str
    positive: str
    negative: str
    group: str  # two pairs of a group are never in one batch: they may answer each other
    source: str  # the set, and for pairs made from its documents how

    @property
    def asked(self) -> bool:
        """Whether somebody asked the question, which then was not made from the documents."""
        return " " not in self.source


def is_held_out(name: str, group: str) -> bool:
    """Whether a question serves to measure only; drawn by the name of its group, so for good."""
    return name in HELD_OUT or random.Random(f"{name} {group}").random() < HELD_OUT_SHARE


def group_of(question: Question) -> str:
    """Return what a question is a variant of: the documents that answer it."""
    return " ".join(sorted(question.answers))


class Corpus:
    """The passages of a set, searched by words."""

    def __init__(self, rows: Sequence[Document]) -> None:
        self.rows = rows
        self.passages = [passages(row) for row in rows]
        self._texts = [text for parts in self.passages for text in parts]
        self._owner = np.repeat(np.arange(len(rows)), [len(parts) for parts in self.passages])
        self._lexical = LexicalIndex.of(self._texts)
        self._rank = {row.id: rank for rank, row in enumerate(rows)}

    def pair(
        self, query: str, answers: set[str], group: str, source: str, draw: random.Random
    ) -> Pair | None:
        """Return a pair for a question: the passage of its answer nearest by words, and a near miss."""
        known = [self._rank[name] for name in answers if name in self._rank]
        if not known:
            return None
        scores = self._lexical.scores(query)
        right = np.isin(self._owner, known)
        positive = int(np.where(right, scores, -1.0).argmax())
        # The nearest of the others may answer too, without anybody having said so.
        near = [rank for rank in np.argsort(-scores)[: _NEAREST + int(right.sum())] if not right[rank]][2:]
        if not near:
            return None
        negative = int(draw.choice(near))
        return Pair(query, self._texts[positive], self._texts[negative], group, source)


def labelled(data: Path, name: str, corpus: Corpus, seed: int) -> Iterator[Pair]:
    """Yield the pairs of the development questions of a set that are not held out."""
    draw = random.Random(seed)
    for question in questions(data, name):
        group = group_of(question)
        if question.answers and not is_held_out(name, group):
            best = max(question.answers.values())
            answers = {document for document, grade in question.answers.items() if grade == best}
            if pair := corpus.pair(question.text, answers, group, name, draw):
                yield pair


def derived(name: str, corpus: Corpus, seed: int) -> Iterator[Pair]:
    """Yield pairs made from the documents alone: a title and its text, a sentence and what is around it."""
    draw = random.Random(seed)
    for row, parts in zip(corpus.rows, corpus.passages, strict=True):
        texts = [part.removeprefix(row.title).strip() for part in parts]
        texts = [text for text in texts if len(text) > 200]
        if not texts:
            continue
        text = texts[draw.randrange(len(texts))]
        if row.title and not _REFERENCE.search(row.title) and draw.random() < 0.7:
            made = corpus.pair(row.title, {row.id}, row.id, f"{name} title", draw)
            if made:
                yield Pair(row.title, text, made.negative.split("\n", 1)[-1], row.id, made.source)
            continue
        sentences = [sentence for sentence in split_sentences(text) if 40 < len(sentence) < 200]
        if sentences:
            sentence = sentences[draw.randrange(len(sentences))]
            rest = " ".join(text.replace(sentence, " ").split())
            if made := corpus.pair(sentence, {row.id}, row.id, f"{name} sentence", draw):
                yield Pair(sentence, f"{row.title}\n{rest}", made.negative, row.id, made.source)


def as_typed(query: str, draw: random.Random) -> str:
    """Return a question as people type it: now and then without capitals, accents or a letter."""
    if draw.random() < 0.25:
        query = query.lower()
    if draw.random() < 0.15:
        query = unicodedata.normalize("NFKD", query).encode("ascii", "ignore").decode()
    if draw.random() < 0.2 and len(query) > 12:
        at = draw.randrange(1, len(query) - 1)
        swapped = query[: at - 1] + query[at] + query[at - 1] + query[at + 1 :]
        query = draw.choice([query[:at] + query[at + 1 :], swapped])
    if draw.random() < 0.1:
        query = re.sub(r"[?.!]+\s*$", "", query)
    return query


def all_pairs(data: Path, seed: int = 7) -> list[Pair]:
    """Return every pair of the recipe, the same for the same seed."""
    made: list[Pair] = []
    for name in ("code_travail_prequalifie", "piaf_v1_0", "service_public_citoyens", "cnil_besoin_aide"):
        corpus = Corpus(documents(data, name))
        made += labelled(data, name, corpus, seed)
        if name != "piaf_v1_0":
            made += derived(name, corpus, seed)
    return made
