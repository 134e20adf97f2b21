"""Run the product's own retrieval over any BEIR-style corpus and write TREC run files.

Documents are cut as added documents are, encoded, counted and fused by the product's code; a document's
score is its best passage's. The search is exact: no approximate store stands between the figures and
the arms. Metrics are computed elsewhere, from the run files.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evals.errors import EvalError
from index.chunking import cut_text
from index.encoder import PassageEncoder, Progress
from index.fusion import Scores, fuse_candidates
from index.journal import Journal
from index.lexical import LexicalIndex

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
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise EvalError(f"{path} ne peut être lu après la ligne {number} ({error}).") from error
    if not entries:
        raise EvalError(f"{path} est vide : au moins une ligne est attendue.")
    return list(entries.values())


def _parse(line: str, path: Path, number: int) -> Entry:
    try:
        data = json.loads(line)
    except json.JSONDecodeError as error:
        raise EvalError(f"{path}, ligne {number} : ce n’est pas du JSON ({error.msg}).") from error
    if not isinstance(data, dict):
        raise EvalError(f"{path}, ligne {number} : un objet avec « _id » et « text » est attendu.")
    title = data.get("title") or ""
    for key, value in (("_id", data.get("_id")), ("text", data.get("text")), ("title", title)):
        if not isinstance(value, str) or (key == "_id" and not value):
            raise EvalError(f"{path}, ligne {number} : « {key} » doit être du texte ({value!r}).")
    if any(char.isspace() for char in data["_id"]):
        raise EvalError(
            f"{path}, ligne {number} : l’identifiant « {data['_id']} » contient une espace, "
            "ce que le format des runs TREC n’admet pas."
        )
    return Entry(data["_id"], title, data["text"])


def cut_document(document: Entry) -> list[str]:
    """Return the passages of a document, each under its title as in the index."""
    parts = [document.text[start:end] for start, end in cut_text(document.text)]
    return [f"{document.title}\n{part}".strip() for part in parts]


def run_retrieval(
    corpus: Path, queries: Path, out: Path, *, encoder: PassageEncoder, cache: Path, progress: Progress
) -> dict[str, int]:
    """Write ``lexical.run``, ``dense.run`` and ``hybrid.run`` into ``out``; return what was counted.

    Raises:
        EvalError: A line of the corpus or of the questions is invalid, or ``out`` cannot be written.
        RetrievalError: The encoder cannot be loaded.
    """
    documents, questions = read_entries(corpus), read_entries(queries)
    pieces = [cut_document(document) for document in documents]
    texts = [text for document in pieces for text in document]
    owner = np.repeat(np.arange(len(documents)), [len(document) for document in pieces])
    lexical_index = LexicalIndex.of(texts)
    vectors, _ = Journal(cache, encoder).encode(texts, progress)
    asked = encoder.encode_queries([question.text for question in questions])
    runs: dict[str, list[str]] = {"lexical": [], "dense": [], "hybrid": []}
    for question, vector in zip(questions, asked, strict=True):
        lexical = lexical_index.scores(question.text)
        dense = (vectors @ vector).astype(np.float64)
        found, fused = fuse_candidates(dense, lexical)
        everywhere = np.arange(len(texts))
        matched = np.flatnonzero(lexical > 0)
        for name, positions, scores in (
            ("lexical", matched, lexical[matched]),
            ("dense", everywhere, dense),
            ("hybrid", found, fused),
        ):
            for rank, (document, score) in enumerate(_best_documents(owner[positions], scores), 1):
                runs[name].append(f"{question.id} Q0 {documents[document].id} {rank} {score:.6f} {name}")
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, lines in runs.items():
            (out / f"{name}.run").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    except OSError as error:
        raise EvalError(f"Les runs ne peuvent être écrits dans {out} ({error}).") from error
    return {"documents": len(documents), "passages": len(texts), "questions": len(questions)}


def _best_documents(owners: NDArray[np.intp], scores: Scores) -> Iterator[tuple[int, float]]:
    """Yield (document, score of its best passage), best first, at most :data:`DEPTH`."""
    seen: set[int] = set()
    for position in np.argsort(-scores, kind="stable"):
        document = int(owners[position])
        if document not in seen:
            seen.add(document)
            yield document, float(scores[position])
            if len(seen) == DEPTH:
                return
