"""Gather every passage of the corpus: fiches, glossary, then the documents added by the operator."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from corpus.documents import DocumentRecord, load_content, load_documents
from corpus.errors import DocumentError
from corpus.fiches import load_statements
from corpus.glossary import load_glossary
from index.chunking import CHUNKING_VERSION, document_passages, statement_passage, term_passage
from index.passage import Passage, digest_of, passage_from_json
from index.settings import IndexSettings

Report = Callable[[str], None]


def gather_passages(settings: IndexSettings, report: Report) -> list[Passage]:
    """Return every passage; a document that cannot be read is reported and left out.

    The passages of a document are kept under the digest of its record: a PDF is parsed once, not at each
    start.

    Raises:
        CorpusError: A fiche, the glossary or the manifest of documents breaks its contract.
    """
    passages = [statement_passage(statement) for statement in load_statements(settings.fiches)]
    passages += [term_passage(term) for term in load_glossary(settings.glossary)]
    for record in load_documents(settings.var):
        try:
            passages += _document(record, settings)
        except DocumentError as error:
            report(f"Document laissé de côté : {error}")
    return passages


def _document(record: DocumentRecord, settings: IndexSettings) -> list[Passage]:
    key = digest_of({"version": CHUNKING_VERSION, "record": record.model_dump_json()})[:16]
    kept = settings.directory / "documents" / f"{record.id}-{key}.jsonl"
    try:
        return read_passages(kept)
    except (OSError, ValueError):
        passages = document_passages(record, load_content(record, settings.var))
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_passages(kept, passages)
        return passages


def read_passages(path: Path) -> list[Passage]:
    """Return the passages of a JSONL file.

    Raises:
        OSError: The file cannot be read.
        ValueError: A line is not a passage, or a digest does not match.
    """
    with path.open(encoding="utf-8") as stream:
        return [passage_from_json(json.loads(line)) for line in stream]


def write_passages(path: Path, passages: Iterable[Passage]) -> None:
    """Write passages as JSONL, through a temporary file: a reader never meets half of it."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as stream:
        for passage in passages:
            stream.write(json.dumps(passage.as_json(), ensure_ascii=False) + "\n")
    Path(stream.name).replace(path)
