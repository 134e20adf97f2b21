"""Categories of establishment, and whether article L.312-1 of the CASF covers them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from corpus.errors import CorpusFileError
from corpus.records import Record, read_records

CATEGORIES_FILE = Path(__file__).parent / "categories.yaml"

Domaine = Literal["PA", "PH", "DOM", "PDE", "PDS", "AHI", "PJM"]


class Categorie(Record):
    """A kind of establishment. ``formes`` are its written names, folded (no accents, lower case).

    ``outcome`` « no » means outside the article (health sector); ``note`` is a reservation to show.
    """

    id: str
    singulier: str
    pluriel: str
    formes: Annotated[tuple[str, ...], Field(min_length=1)]
    alinea: str | None
    outcome: Literal["yes", "no", "undetermined"]
    domaine: Domaine | None
    sources: Annotated[tuple[str, ...], Field(min_length=1)]
    note: str | None


@lru_cache(maxsize=4)
def load_categories(path: Path = CATEGORIES_FILE) -> dict[str, Categorie]:
    """Return every category by id.

    Raises:
        CorpusFileError: A record is invalid, or a written form names two categories.
    """
    categories: dict[str, Categorie] = {}
    owner: dict[str, str] = {}
    for line, categorie in read_records(path, Categorie):
        for forme in categorie.formes:
            if forme in owner:
                message = f"la forme « {forme} » désigne « {owner[forme]} » et « {categorie.id} »."
                raise CorpusFileError(path, message, line)
            owner[forme] = categorie.id
        categories[categorie.id] = categorie
    return categories
