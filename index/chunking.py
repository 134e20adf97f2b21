"""Cut the corpus into passages: a statement, a glossary term or a piece of an added document each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.documents import DocumentRecord
from corpus.fiches import Statement
from corpus.glossary import Term
from corpus.loaders import LoadedDocument
from corpus.questions import Asked
from index.french import fold
from index.passage import Passage
from index.sentences import sentence_spans, strip_span

CHUNKING_VERSION = 4

LIMIT = 1_000


Span = tuple[int, int]


@dataclass(frozen=True)
class Piece:
    """Consecutive text of one section and one page, at most :data:`LIMIT` characters.

    ``span`` is where it stands in the text of its page (see ``LoadedDocument.page_texts``).
    """

    text: str
    heading: tuple[str, ...]
    page: int | None
    span: Span


def statement_passage(statement: Statement, asked: Asked | None = None) -> Passage:
    """Return the passage of a statement: its text alone is cited, title, headings and questions are indexed too."""
    return Passage.from_fields(
        id=statement.id,
        text=statement.text,
        sources=statement.sources,
        document=statement.fiche,
        title=statement.title,
        heading=statement.heading,
        location=statement.location,
        page=None,
        kind="fiche",
        annees=statement.scope.annees,
        voies=statement.scope.voies,
        territoires=statement.scope.territoires,
        nature=statement.nature.value,
        questions=asked.questions if asked else (),
        oui=asked.oui if asked else (),
        non=asked.non if asked else (),
        permis=(asked.permis or "") if asked else "",
        impose=(asked.impose or "") if asked else "",
    )


def term_passage(term: Term) -> Passage:
    """Return the passage of a glossary term: its definition, found by any of its written forms."""
    forms = ", ".join(form for form in term.abbreviations if form != term.term)
    slug = re.sub(r"[^a-z0-9]+", "-", fold(term.term)).strip("-")
    return Passage.from_fields(
        id=f"glossaire#{slug}",
        text=term.definition,
        sources=term.sources,
        document="glossaire",
        title="Glossaire",
        heading=(f"{term.term} ({forms})" if forms else term.term,),
        location="Glossaire",
        page=None,
        kind="glossary",
        annees=(),
        voies=(),
        territoires=(),
        nature="definition",
    )


def document_passages(record: DocumentRecord, content: LoadedDocument) -> list[Passage]:
    """Return the passages of an added document, along its headings."""
    return [
        Passage.from_fields(
            id=f"{record.id}#{rank}",
            text=piece.text,
            sources=(record.id,),
            document=record.id,
            title=record.title,
            heading=piece.heading,
            location=_location(piece),
            page=piece.page,
            kind="document",
            annees=record.years,
            voies=(),
            territoires=() if record.scope == "national" else (record.scope,),
            nature="fait",
            span=piece.span,
        )
        for rank, piece in enumerate(cut_document(content), 1)
    ]


def _location(piece: Piece) -> str:
    page = f"p. {piece.page}" if piece.page is not None else ""
    section = f"section « {' › '.join(piece.heading)} »" if piece.heading else ""
    return ", ".join(filter(None, (page, section))) or "document entier"


def cut_document(content: LoadedDocument, limit: int = LIMIT) -> Iterator[Piece]:
    """Yield pieces of at most ``limit`` characters; a heading or a new page always opens a new piece.

    A piece never runs over a page break, so the page it states is the one where its words are, and its text
    is what stands there, to the character. A heading followed by no text (an empty section, a cover) is not
    lost: it stays in the path of what follows below.
    """
    texts = content.page_texts()
    offsets = dict.fromkeys(texts, 0)
    path: list[tuple[int, str]] = []
    opened: Piece | None = None
    for block in content.blocks:
        offset = offsets[block.page]
        offsets[block.page] += len(block.text) + 1
        if block.kind == "heading":
            if opened:
                yield opened
            opened = None
            path = [*(entry for entry in path if entry[0] < block.level), (block.level, block.text)]
            continue
        for start, end in cut_text(block.text, limit):
            span = (offset + start, offset + end)
            if opened and (block.page != opened.page or span[1] - opened.span[0] > limit):
                yield opened
                opened = None
            if opened:
                span = (opened.span[0], span[1])
            heading = tuple(text for _, text in path)
            opened = Piece(texts[block.page][slice(*span)], heading, block.page, span)
    if opened:
        yield opened


def cut_text(text: str, limit: int = LIMIT) -> Iterator[Span]:
    """Yield the spans of ``text``: the whole when it is short enough, else groups of whole sentences.

    A sentence longer than the limit (a table flattened by its format) is cut between words.
    """
    if len(text) <= limit:
        yield 0, len(text)
        return
    group: Span | None = None
    for sentence in sentence_spans(text):
        for part in _cut_words(text, sentence, limit):
            if group and part[1] - group[0] > limit:
                yield group
                group = None
            group = (group[0], part[1]) if group else part
    if group:
        yield group


def _cut_words(text: str, span: Span, limit: int) -> Iterator[Span]:
    start, end = span
    while end - start > limit:
        at = text.rfind(" ", start + 1, start + limit + 1)
        at = at if at > 0 else start + limit
        if part := strip_span(text, start, at):
            yield part
        start = at
    if part := strip_span(text, start, end):
        yield part
