"""Acronyms and terms of the field, and the identifiers the code keeps in French."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from corpus.errors import CorpusFileError
from corpus.records import Record, read_records

GLOSSARY_FILE = Path(__file__).parent / "glossary.yaml"


class Term(Record):
    """One term: what the acronym stands for and what it means in the programme.

    ``abbreviations`` are the written forms that mean this term; ``identifier`` is its name in code.
    ``expansion_seen`` is false when no source spells the acronym out (general knowledge, or unknown).
    """

    term: str
    abbreviations: tuple[str, ...] = ()
    identifier: str | None = None
    gloss: str
    definition: str
    expansion_seen: bool = True
    sources: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()


@lru_cache(maxsize=4)
def load_glossary(path: Path = GLOSSARY_FILE) -> tuple[Term, ...]:
    """Return every term.

    Raises:
        CorpusFileError: A record is invalid, or an abbreviation names two terms.
    """
    owner: dict[str, str] = {}
    terms = []
    for line, term in read_records(path, Term):
        for form in term.abbreviations:
            if form in owner:
                message = f"l’abréviation « {form} » désigne « {owner[form]} » et « {term.term} »."
                raise CorpusFileError(path, message, line)
            owner[form] = term.term
        terms.append(term)
    return tuple(terms)
