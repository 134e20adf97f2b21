"""What the encoder is made from: the development sets kept beside the project, and the project's own fiches."""

from __future__ import annotations

import csv
import gzip
import importlib.metadata
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus.fiches import load_statements
from corpus.glossary import load_glossary
from index.chunking import cut_text

SETS = ("service_public_citoyens", "code_travail_prequalifie", "cnil_besoin_aide", "piaf_v1_0")


@dataclass(frozen=True)
class Document:
    """A document of a public corpus."""

    id: str
    title: str
    text: str


@dataclass(frozen=True)
class Question:
    """A question of the development part, with the grade of each document that answers it."""

    id: str
    text: str
    answers: dict[str, int]


def documents(data: Path, name: str) -> list[Document]:
    """Return the documents of a set."""
    with gzip.open(data / name / "corpus.jsonl.gz", "rt", encoding="utf-8") as stream:
        rows = (json.loads(line) for line in stream)
        return [Document(str(row["_id"]), row.get("title") or "", row["text"]) for row in rows]


def questions(data: Path, name: str) -> list[Question]:
    """Return the development questions of a set; held-out ones are not in these files."""
    answers: dict[str, dict[str, int]] = {}
    with (data / name / "qrels.dev.tsv").open(encoding="utf-8") as stream:
        for row in csv.reader(stream, delimiter="\t"):
            if row and row[0] not in ("query-id", "query_id"):
                query, document, grade = (
                    (row[0], row[1], row[2]) if len(row) == 3 else (row[0], row[2], row[3])
                )
                if int(grade) > 0:
                    answers.setdefault(query, {})[document] = int(grade)
    with (data / name / "queries.dev.jsonl").open(encoding="utf-8") as stream:
        rows = [json.loads(line) for line in stream]
    return [Question(str(row["_id"]), row["text"], answers.get(str(row["_id"]), {})) for row in rows]


def passages(document: Document) -> list[str]:
    """Return the passages of a document as the product indexes them: cut, each under the title."""
    parts = [document.text[start:end] for start, end in cut_text(document.text)]
    return [f"{document.title}\n{part}".strip() for part in parts]


def french_texts(data: Path) -> Iterator[str]:
    """Yield French texts: the public corpora, their development questions, and the product's own knowledge."""
    yield "query: passage: "  # what every text given to the model begins with
    for name in SETS:
        for document in documents(data, name):
            yield f"{document.title}\n{document.text}"
        for question in questions(data, name):
            yield question.text
    for statement in load_statements():
        yield statement.text
    for term in load_glossary():
        yield f"{term.term} {' '.join(term.abbreviations)} {term.definition}"


def english_texts() -> Iterator[str]:
    """Yield English prose: the descriptions of the Python packages installed here."""
    for distribution in importlib.metadata.distributions():
        yield distribution.read_text("METADATA") or ""
