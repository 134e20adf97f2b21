"""Run the product's own retrieval over any BEIR-style corpus and write TREC run files.

Documents are cut as added documents are, encoded, counted and fused by the product's code; a document's
score is its best passage's. The search is exact: no approximate store stands between the figures and
the arms. Metrics are computed elsewhere, from the run files.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evals.errors import EvalError
from index.chunking import cut_text
from index.encoder import PassageEncoder, Progress
from index.engines import Vectors
from index.fields import Entry as FieldEntry
from index.fields import FieldedIndex
from index.fusion import Scores, fuse_candidates
from index.journal import Journal
from index.vectors import passage_vectors

DEPTH = 100


@dataclass(frozen=True)
class Entry:
    """A document (``title`` may be empty) or a question (``title`` is)."""

    id: str
    title: str
    text: str


def read_entries(path: Path) -> list[Entry]:
    """Return the entries of a JSONL file, compressed or not.

    Raises:
        EvalError: The file cannot be read, is empty, or a line is not {"_id", "text", ...}; the message
            names file and line.
    """
    opener = gzip.open if path.suffix == ".gz" else open
    entries: dict[str, Entry] = {}
    number = 0
    try:
        with opener(path, "rt", encoding="utf-8") as stream:
            for number, line in enumerate(stream, 1):
                if line.strip():
                    entry = _parse(line, path, number)
                    if entry.id in entries:
                        raise EvalError(f"{path}, ligne {number} : l’identifiant « {entry.id} » est répété.")
                    entries[entry.id] = entry
    except FileNotFoundError as error:
        raise EvalError(f"{path} n’existe pas : un fichier JSONL, compressé ou non, est attendu.") from error
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise EvalError(f"{path} ne peut être lu après la ligne {number} ({error}).") from error
    if not entries:
        raise EvalError(f"{path} est vide : au moins une ligne est attendue.")
    return list(entries.values())


def _parse(line: str, path: Path, number: int) -> Entry:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        cause = getattr(error, "msg", "trop imbriqué ou trop long")
        raise EvalError(f"{path}, ligne {number} : ce n’est pas du JSON ({cause}).") from error
    if not isinstance(data, dict):
        raise EvalError(f"{path}, ligne {number} : un objet avec « _id » et « text » est attendu.")
    title = data.get("title") or ""
    for key, value in (("_id", data.get("_id")), ("text", data.get("text")), ("title", title)):
        if not isinstance(value, str) or (key == "_id" and not value):
            raise EvalError(f"{path}, ligne {number} : « {key} » doit être du texte ({value!r}).")
    if any(char.isspace() or 0xD800 <= ord(char) < 0xE000 for char in data["_id"]):
        raise EvalError(
            f"{path}, ligne {number} : l’identifiant « {data['_id']} » contient une espace ou un signe illisible, "
            "ce que le format des runs TREC n’admet pas."
        )
    return Entry(data["_id"], title, data["text"])


@dataclass(frozen=True)
class Cut:
    """A collection cut into passages: their titles and texts, and the rank of the document each is of."""

    entries: tuple[FieldEntry, ...]
    owner: NDArray[np.intp]

    @classmethod
    def of(cls, documents: Sequence[Entry]) -> Cut:
        """Cut the documents as added documents are."""
        entries, owner = [], []
        for rank, document in enumerate(documents):
            for start, end in cut_text(document.text):
                entries.append(FieldEntry(document.title, document.text[start:end], document.id))
                owner.append(rank)
        return cls(tuple(entries), np.array(owner, np.intp))

    @property
    def texts(self) -> list[str]:
        """What the encoder reads of each passage: the title of its document, then its text."""
        return [f"{entry.title}\n{entry.body}".strip() for entry in self.entries]


Ranking = list[tuple[str, float]]


@dataclass(frozen=True)
class Ranked:
    """The best documents of each arm for a question, among ``passages`` passages."""

    question: str
    documents: dict[str, Ranking]
    passages: int


@dataclass(frozen=True)
class Opened:
    """A collection ready to be searched: its passages, their words and their vectors."""

    cut: Cut
    index: FieldedIndex
    vectors: Vectors

    @classmethod
    def of(
        cls, documents: Sequence[Entry], *, encoder: PassageEncoder, cache: Path, progress: Progress
    ) -> Opened:
        """Cut, count and encode the documents; vectors are kept in ``cache``.

        Raises:
            RetrievalError: The encoder cannot be loaded.
        """
        cut = Cut.of(documents)
        titles = [entry.title for entry in cut.entries]
        vectors, _ = passage_vectors(Journal(cache, encoder), titles, cut.texts, progress)
        return cls(cut, FieldedIndex.of(cut.entries), vectors)


def rank_questions(
    documents: Sequence[Entry],
    questions: Sequence[Entry],
    *,
    encoder: PassageEncoder,
    cache: Path,
    progress: Progress,
) -> Iterator[Ranked]:
    """Yield the rankings of each question by the lexical arm, the dense arm and their fusion.

    Raises:
        RetrievalError: The encoder cannot be loaded.
    """
    opened = Opened.of(documents, encoder=encoder, cache=cache, progress=progress)
    everywhere = np.arange(len(opened.vectors))
    names = [document.id for document in documents]
    for question, vector in zip(questions, encoder.encode_queries([q.text for q in questions]), strict=True):
        words = opened.index.scores(question.text)
        dense = (opened.vectors @ vector).astype(np.float64)
        found, fused = fuse_candidates(dense, words.total)
        matched = np.flatnonzero(words.total > 0)
        arms = {
            "lexical": (matched, words.total[matched]),
            "dense": (everywhere, dense),
            "hybrid": (found, fused),
        }
        best = {
            name: [
                (names[rank], score) for rank, score in best_documents(opened.cut.owner[positions], scores)
            ]
            for name, (positions, scores) in arms.items()
        }
        yield Ranked(question.id, best, len(opened.vectors))


def run_retrieval(
    corpus: Path, queries: Path, out: Path, *, encoder: PassageEncoder, cache: Path, progress: Progress
) -> dict[str, int]:
    """Write ``lexical.run``, ``dense.run`` and ``hybrid.run`` into ``out``; return what was counted.

    Raises:
        EvalError: A line of the corpus or of the questions is invalid, or ``out`` cannot be written.
        RetrievalError: The encoder cannot be loaded.
    """
    documents, questions = read_entries(corpus), read_entries(queries)
    runs: dict[str, dict[str, Ranking]] = {"lexical": {}, "dense": {}, "hybrid": {}}
    passages = 0
    for ranked in rank_questions(documents, questions, encoder=encoder, cache=cache, progress=progress):
        passages = ranked.passages
        for name, ranking in ranked.documents.items():
            runs[name][ranked.question] = ranking
    for name, run in runs.items():
        write_run(out / f"{name}.run", name, run)
    return {"documents": len(documents), "passages": passages, "questions": len(questions)}


def write_run(path: Path, name: str, run: Mapping[str, Ranking]) -> None:
    """Write the rankings of questions in TREC's format.

    Raises:
        EvalError: The file cannot be written.
    """
    lines = (
        f"{question} Q0 {document} {rank} {score:.6f} {name}\n"
        for question, ranking in run.items()
        for rank, (document, score) in enumerate(ranking, 1)
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        raise EvalError(f"Le run ne peut être écrit dans {path} ({error}).") from error


def read_run(path: Path) -> dict[str, Ranking]:
    """Return the rankings of a run that :func:`write_run` wrote.

    Raises:
        EvalError: The file cannot be read or a line is no line of a run.
    """
    run: dict[str, Ranking] = {}
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            question, _, document, _, score, _ = line.split()
            run.setdefault(question, []).append((document, float(score)))
    except (OSError, ValueError) as error:
        raise EvalError(f"Le run {path} ne peut être lu ({error}).") from error
    return run


def best_documents(owners: NDArray[np.intp], scores: Scores) -> Iterator[tuple[int, float]]:
    """Yield (document, score of its best passage), best first, at most :data:`DEPTH`."""
    seen: set[int] = set()
    for position in np.argsort(-scores, kind="stable"):
        document = int(owners[position])
        if document not in seen:
            seen.add(document)
            yield document, float(scores[position])
            if len(seen) == DEPTH:
                return
