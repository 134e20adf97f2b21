"""Cut the corpus into passages: a statement, a glossary term or a piece of an added document each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from corpus.documents import DocumentRecord
from corpus.fiches import Statement
from corpus.glossary import Term
from corpus.loaders import LoadedDocument
from corpus.loaders.content import Block
from index.french import fold
from index.passage import Passage
from index.sentences import split_sentences

CHUNKING_VERSION = 2

LIMIT = 1_000


@dataclass(frozen=True)
class Piece:
    """Consecutive text of one section and one page, at most :data:`LIMIT` characters."""

    text: str
    heading: tuple[str, ...]
    page: int | None


def statement_passage(statement: Statement) -> Passage:
    """Return the passage of a statement: its text alone is cited, title and headings are indexed too."""
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
    passages = []
    for rank, piece in enumerate(cut_blocks(content.blocks), 1):
        section = f"section « {' › '.join(piece.heading)} »" if piece.heading else ""
        page = f"p. {piece.page}" if piece.page is not None else ""
        passages.append(
            Passage.from_fields(
                id=f"{record.id}#{rank}",
                text=piece.text,
                sources=(record.id,),
                document=record.id,
                title=record.title,
                heading=piece.heading,
                location=page or section or "document entier",
                page=piece.page,
                kind="document",
                annees=record.years,
                voies=(),
                territoires=() if record.scope == "national" else (record.scope,),
                nature="fait",
            )
        )
    return passages


def cut_blocks(blocks: Iterable[Block], limit: int = LIMIT) -> Iterator[Piece]:
    """Yield pieces of at most ``limit`` characters; a heading or a new page always opens a new piece.

    A piece never runs over a page break, so the page it states is the one where its words are. A heading
    followed by no text (an empty section, a cover) is not lost: it stays in the path of what follows below.
    """
    path: list[tuple[int, str]] = []
    texts: list[str] = []
    page: int | None = None
    for block in blocks:
        if block.kind == "heading":
            if texts:
                yield Piece("\n".join(texts), tuple(text for _, text in path), page)
                texts = []
            path = [*(entry for entry in path if entry[0] < block.level), (block.level, block.text)]
            continue
        for part in cut_text(block.text, limit):
            full = sum(map(len, texts)) + len(texts) + len(part) > limit
            if texts and (full or block.page != page):
                yield Piece("\n".join(texts), tuple(text for _, text in path), page)
                texts = []
            if not texts:
                page = block.page
            texts.append(part)
    if texts:
        yield Piece("\n".join(texts), tuple(text for _, text in path), page)


def cut_text(text: str, limit: int = LIMIT) -> Iterator[str]:
    """Yield ``text`` whole when it is short enough, else in groups of whole sentences.

    A sentence longer than the limit (a table flattened by its format) is cut between words.
    """
    if len(text) <= limit:
        yield text
        return
    group = ""
    for sentence in split_sentences(text):
        for part in _cut_words(sentence, limit):
            if group and len(group) + 1 + len(part) > limit:
                yield group
                group = ""
            group = f"{group} {part}" if group else part
    if group:
        yield group


def _cut_words(sentence: str, limit: int) -> Iterator[str]:
    while len(sentence) > limit:
        at = sentence.rfind(" ", 1, limit + 1)
        at = at if at > 0 else limit
        yield sentence[:at].rstrip()
        sentence = sentence[at:].lstrip()
    if sentence:
        yield sentence
