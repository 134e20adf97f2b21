"""The recipe of the training data: what is asked, the passage that answers, one that looks like it and does not."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.engines import Vectors
from index.fusion import fuse_candidates
from index.lexical import LexicalIndex
from index.sentences import split_sentences
from index.training.texts import Document, Question, documents, passages, questions

HELD_OUT = ("service_public_citoyens", "cnil_besoin_aide")  # their questions are never trained on
HELD_OUT_SHARE = 0.3  # of the questions of the other sets, kept to measure
TRAINED_ON = ("code_travail_prequalifie", "piaf_v1_0", "service_public_citoyens", "cnil_besoin_aide")

_NEAREST = 30
_MAY_ANSWER = 2  # the nearest of the others may answer too, without anybody having said so
_COPY = 0.95  # cosine of two passages that say the same
_ANSWERS = 3  # of a question that several documents answer as well
_REFERENCE = re.compile(r"\barticle [A-Z]*\.? ?\d")  # « Code du travail, article R1262-11 » asks nothing
# Forms and online services are asked for by their name; they are a third of the pages of service-public.fr.
_BY_NAME = re.compile(r"(?:Formulaire|Téléservice|Modèle|Simulateur|Module|Service en ligne|Outil)\b")
_SHORT = 250  # characters: a passage of less says too little to be asked about

_OPENINGS = (
    "Bonjour, ",
    "bonjour ",
    "Bonjour, je voudrais savoir ",
    "Bonjour je souhaite savoir ",
    "Madame, Monsieur, ",
)
_ENDINGS = (" Merci", " Merci d’avance pour votre réponse.", " merci", " Cordialement", " Je vous remercie.")

Encode = Callable[[list[str]], Vectors]


@dataclass(frozen=True)
class Engine:
    """How texts become unit vectors while pairs are made: the model as it is before the training."""

    passages: Encode
    queries: Encode


@dataclass(frozen=True)
class Pair:
    """A question, the passage that answers it, and a passage of another document that looks like it.

    ``vector`` is that of the positive passage before the training: two pairs whose positives are alike
    are never in one batch.
    """

    query: str
    positive: str
    negative: str
    group: str  # two pairs of a group are never in one batch: they may answer each other
    source: str  # the set, and for pairs made from its documents how
    vector: Vectors

    @property
    def asked(self) -> bool:
        """Whether somebody asked the question, which then was not made from the documents."""
        return " " not in self.source


@dataclass(frozen=True)
class _Asked:
    """A question before its passages are found; ``positive`` is given when the question is made from it."""

    query: str
    answers: frozenset[str]
    group: str
    source: str
    positive: str | None = None


def is_held_out(name: str, group: str) -> bool:
    """Whether a question serves to measure only; drawn by the name of its group, so for good."""
    return name in HELD_OUT or random.Random(f"{name} {group}").random() < HELD_OUT_SHARE


def group_of(question: Question) -> str:
    """Return what a question is a variant of: the documents that answer it."""
    return " ".join(sorted(question.answers))


class Corpus:
    """The passages of a set, searched as the product does: by words and by the model, fused."""

    def __init__(self, rows: Sequence[Document], engine: Engine) -> None:
        self.rows = rows
        self.passages = [passages(row) for row in rows]
        self._texts = [text for parts in self.passages for text in parts]
        self._owner = np.repeat(np.arange(len(rows)), [len(parts) for parts in self.passages])
        self._lexical = LexicalIndex.of(self._texts)
        self._rank = {row.id: rank for rank, row in enumerate(rows)}
        self._engine = engine
        self._vectors = engine.passages(self._texts)

    def pairs(self, asked: Sequence[_Asked], draw: random.Random) -> Iterator[Pair]:
        """Yield the pairs of questions: the passages that answer, and a near miss of the hybrid search for each."""
        vectors = self._engine.queries([one.query for one in asked])
        for one, vector in zip(asked, vectors, strict=True):
            dense = (self._vectors @ vector).astype(np.float64)
            found, _ = fuse_candidates(dense, self._lexical.scores(one.query))
            known = [self._rank[name] for name in one.answers if name in self._rank]
            right = np.isin(self._owner[found], known)
            for positive in self._positives(one, found[right], known, dense):
                near = self._near_misses(found[~right], positive)
                if near:
                    text = one.positive or self._texts[positive]
                    negative = self._texts[draw.choice(near)]
                    yield Pair(one.query, text, negative, one.group, one.source, self._vectors[positive])

    def _positives(
        self, one: _Asked, found: NDArray[np.intp], known: list[int], dense: NDArray[np.float64]
    ) -> list[int]:
        """Return the best passage of each answer, at most :data:`_ANSWERS`; of one made from a document, its own."""
        best: dict[int, int] = {}
        for rank in found:
            best.setdefault(int(self._owner[rank]), int(rank))
        if not best and known:
            best = {0: int(np.where(np.isin(self._owner, known), dense, -1.0).argmax())}
        return list(best.values())[: 1 if one.positive else _ANSWERS]

    def _near_misses(self, found: NDArray[np.intp], positive: int) -> list[int]:
        near = found[_MAY_ANSWER:_NEAREST]
        return [int(rank) for rank in near if self._vectors[rank] @ self._vectors[positive] < _COPY]


def _labelled(data: Path, name: str) -> Iterator[_Asked]:
    """Yield the development questions of a set that are not held out, with the documents graded best."""
    for question in questions(data, name):
        group = group_of(question)
        if question.answers and not is_held_out(name, group):
            best = max(question.answers.values())
            answers = frozenset(document for document, grade in question.answers.items() if grade == best)
            yield _Asked(question.text, answers, group, name)


def _derived(name: str, rows: Iterable[Document], draw: random.Random) -> Iterator[_Asked]:
    """Yield questions made from the documents alone: a title, a heading, a sentence, and the text it stands over."""
    for row in rows:
        texts = [part.removeprefix(row.title).strip() for part in passages(row)]
        texts = [text for text in texts if len(text) > _SHORT]
        if not texts or _BY_NAME.match(row.title):
            continue
        itself = frozenset({row.id})
        titled = bool(row.title) and not _REFERENCE.search(row.title)
        if titled:
            yield _Asked(row.title, itself, row.id, f"{name} title", draw.choice(texts[:2]))
            sections = list(_sections(row.text))
            if sections:
                heading, text = draw.choice(sections)
                yield _Asked(f"{row.title} {heading}", itself, row.id, f"{name} heading", text)
        text = draw.choice(texts)
        sentences = [sentence for sentence in split_sentences(text) if 40 < len(sentence) < 200]
        if sentences:
            sentence = draw.choice(sentences)
            rest = " ".join(text.replace(sentence, " ").split())
            yield _Asked(sentence, itself, row.id, f"{name} sentence", f"{row.title}\n{rest}")


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """Yield the headings of a text (short lines without a stop) with the long line below."""
    lines = text.split("\n")
    for heading, below in pairwise(lines):
        if 8 < len(heading) < 80 and heading[-1].isalnum() and len(below) > _SHORT / 2:
            yield heading, below


def as_typed(query: str, draw: random.Random) -> str:
    """Return a question as people type it: now and then without capitals, accents or a letter, or with a greeting."""
    if draw.random() < 0.25:
        query = query.lower()
    if draw.random() < 0.2:
        query = draw.choice(_OPENINGS) + query
        if draw.random() < 0.6:
            query += draw.choice(_ENDINGS)
    if draw.random() < 0.15:
        query = unicodedata.normalize("NFKD", query).encode("ascii", "ignore").decode()
    if draw.random() < 0.2 and len(query) > 12:
        at = draw.randrange(1, len(query) - 1)
        swapped = query[: at - 1] + query[at] + query[at - 1] + query[at + 1 :]
        query = draw.choice([query[:at] + query[at + 1 :], swapped])
    if draw.random() < 0.1:
        query = re.sub(r"[?.!]+\s*$", "", query)
    return query


def all_pairs(data: Path, engine: Engine, names: Sequence[str] = TRAINED_ON, seed: int = 7) -> list[Pair]:
    """Return every pair of the recipe over some sets, the same for the same seed and engine."""
    made: list[Pair] = []
    for name in names:
        rows, draw = documents(data, name), random.Random(seed)
        asked = list(_labelled(data, name))
        if name != "piaf_v1_0":  # its paragraphs have no title that tells them apart
            asked += _derived(name, rows, draw)
        made += Corpus(rows, engine).pairs(asked, draw)
    return made
