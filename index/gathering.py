"""Gather every passage of the corpus: fiches, glossary, then the documents added by the operator."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from corpus.contents import loaders_fingerprint
from corpus.documents import DocumentRecord, load_content, load_documents, successors, years_left
from corpus.errors import DocumentError
from corpus.fiches import load_statements
from corpus.glossary import load_glossary
from corpus.progress import ProgressBar
from corpus.questions import QUESTIONS_DIR, load_questions
from index.chunking import CHUNKING_VERSION, document_passages, statement_passage, term_passage
from index.passage import Passage, digest_of, passage_from_json
from index.settings import IndexSettings

Report = Callable[[str], None]


def gather_passages(settings: IndexSettings, report: Report) -> list[Passage]:
    """Return every passage; a document that cannot be read is reported and left out.

    The passages of a document are kept under the digest of its record: a PDF is parsed once, not at each
    start. Those of a replaced document say so.

    Raises:
        CorpusError: A fiche, the glossary or the manifest of documents breaks its contract.
    """
    statements = load_statements(settings.fiches)
    asked = load_questions(statements, settings.fiches.parent / QUESTIONS_DIR.name)
    passages = [statement_passage(statement, asked.get(statement.id)) for statement in statements]
    passages += [term_passage(term) for term in load_glossary(settings.glossary)]
    records = load_documents(settings.var)
    replaced = successors(records)
    for record, found in zip(records, _read_documents(records, settings, report), strict=True):
        if later := replaced.get(record.id):
            left = years_left(record, replaced)
            found = [passage.superseded(later.id, left) for passage in found]
        passages += found
    return passages


def _read_documents(
    records: Sequence[DocumentRecord], settings: IndexSettings, report: Report
) -> list[list[Passage]]:
    """Return the passages of each document, none when it cannot be read; forget those of the documents removed."""
    directory = settings.directory / "documents"
    kept = {record.id: directory / f"{record.id}-{_key(record)}.jsonl" for record in records}
    for path in set(directory.glob("*.jsonl")) - set(kept.values()):
        path.unlink(missing_ok=True)
    progress = ProgressBar("Lecture des documents")
    total = sum(not path.exists() for path in kept.values())
    read = 0
    documents = []
    for record in records:
        try:
            passages = list(read_passages(kept[record.id]))
        except (OSError, ValueError):
            passages = _read_document(record, settings, report)
            if passages:
                directory.mkdir(parents=True, exist_ok=True)
                write_passages(kept[record.id], passages)
            read += 1
            progress(min(read, total), total)
        documents.append(passages)
    return documents


def _key(record: DocumentRecord) -> str:
    read_by = {"loaders": loaders_fingerprint(), "chunking": CHUNKING_VERSION}
    return digest_of({**read_by, "record": record.model_dump_json()})[:16]


def _read_document(record: DocumentRecord, settings: IndexSettings, report: Report) -> list[Passage]:
    try:
        return document_passages(record, load_content(record, settings.var))
    except DocumentError as error:
        report(f"Document laissé de côté\u00a0: {error}")
        return []


def read_passages(path: Path) -> Iterator[Passage]:
    """Yield the passages of a JSONL file.

    Raises:
        OSError: The file cannot be read.
        ValueError: A line is not a passage, or a digest does not match.
    """
    with path.open(encoding="utf-8") as stream:
        for line in stream:
            yield passage_from_json(json.loads(line))


def write_passages(path: Path, passages: Iterable[Passage]) -> None:
    """Write passages as JSONL, through a temporary file: a reader never meets half of it."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as stream:
        for passage in passages:
            stream.write(json.dumps(passage.as_json(), ensure_ascii=False) + "\n")
    Path(stream.name).chmod(0o644)
    Path(stream.name).replace(path)
