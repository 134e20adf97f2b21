"""Places: regions of today and before 2016, départements, towns, and overseas territories."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal

from corpus.errors import CorpusFileError
from corpus.records import Record, read_record

TERRITORIES_FILE = Path(__file__).parent / "territories.yaml"
TOWNS_FILE = Path(__file__).parent / "towns.tsv"

Zone = Literal["metropole", "corse", "outre-mer", "indetermine"]


class Region(Record):
    """A region with its ARS, or an overseas territory whose status in the programme is not settled.

    ``zone`` decides the grouping threshold; ``formes`` are other written names, accents kept.
    ``locatif`` is the phrase of place, such as « en Bretagne ».
    """

    id: str
    name: str
    locatif: str
    zone: Zone
    ars: str | None = None
    grades: str | None = None
    formes: tuple[str, ...] = ()


class Departement(Record):
    """A département: its code is text (« 01 », « 2A », « 974 »), its region an id."""

    code: str
    name: str
    region: str
    formes: tuple[str, ...] = ()


class Territories(Record):
    """Every place the assistant recognises, towns apart (they are a table of their own)."""

    regions: tuple[Region, ...]
    departements: tuple[Departement, ...]


@lru_cache(maxsize=4)
def load_territories(path: Path = TERRITORIES_FILE) -> Territories:
    """Return regions and départements.

    Raises:
        CorpusFileError: The file is invalid, an id appears twice, or a region is unknown.
    """
    territories = read_record(path, Territories)
    ids = [region.id for region in territories.regions]
    if len(set(ids)) < len(ids):
        raise CorpusFileError(path, "a region id appears twice.")
    for departement in territories.departements:
        if departement.region not in ids:
            message = f"département {departement.code}: unknown region {departement.region!r}."
            raise CorpusFileError(path, message)
    return territories


@lru_cache(maxsize=4)
def load_towns(path: Path = TOWNS_FILE) -> tuple[tuple[str, str], ...]:
    """Return (town, département code) for each town of 5 000 inhabitants or more.

    Raises:
        CorpusFileError: A line is not two columns separated by a tab.
    """
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        parts = line.split("\t")
        if len(parts) != 2:
            raise CorpusFileError(path, f"expected 'town<TAB>code', found {line!r}.", number)
        rows.append((parts[0], parts[1]))
    return tuple(rows)
