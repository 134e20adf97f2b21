"""Places: regions of today and before 2016, départements, towns, and overseas territories."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from corpus.errors import CorpusFileError
from corpus.records import Record, read_record

TERRITORIES_FILE = Path(__file__).parent / "territories.yaml"
TOWNS_FILE = Path(__file__).parent / "towns.tsv"

Zone = Literal["metropole", "corse", "outre-mer", "indetermine"]


class Region(Record):
    """A region with its ARS, or an overseas territory whose status in the programme is not settled.

    ``zone`` decides the grouping threshold; ``formes`` are other written names, accents kept (one in
    capitals counts in capitals only: « il y aura » is not AURA). ``locatif`` is the phrase of place,
    such as « en Bretagne ». ``common_word``: the name without its capital is an ordinary word.
    """

    id: str
    name: str
    locatif: str
    zone: Zone
    ars: str | None = None
    grades: str | None = None
    common_word: bool = False
    formes: tuple[str, ...] = ()


class Departement(Record):
    """A département, or an overseas collectivity with a code of its own; ``region`` is an id.

    ``common_word``: the name is also an ordinary word (« lot », « cher »), so it counts only with its
    capital, in its ``locatif``, after « département », or by its code.
    """

    code: Annotated[str, Field(pattern=r"^(\d{2}|2[AB]|9[78]\d)$")]
    name: str
    region: str
    locatif: str
    common_word: bool = False
    formes: tuple[str, ...] = ()


class Territories(Record):
    """Every place the assistant recognises, towns apart (they are a table of their own)."""

    regions: tuple[Region, ...]
    departements: tuple[Departement, ...]


@lru_cache(maxsize=4)
def load_territories(path: Path = TERRITORIES_FILE) -> Territories:
    """Return regions and départements.

    Raises:
        CorpusFileError: The file is invalid, an id or code appears twice, or a region is unknown.
    """
    territories = read_record(path, Territories)
    ids = [region.id for region in territories.regions]
    codes = [departement.code for departement in territories.departements]
    for key in (*ids, *codes):
        if ids.count(key) + codes.count(key) > 1:
            raise CorpusFileError(path, f"« {key} » figure deux fois.")
    for departement in territories.departements:
        if departement.region not in ids:
            message = f"département {departement.code} : région inconnue « {departement.region} »."
            raise CorpusFileError(path, message)
    return territories


@lru_cache(maxsize=4)
def load_towns(path: Path = TOWNS_FILE) -> tuple[tuple[str, str], ...]:
    """Return (town, département code) for each town of 5 000 inhabitants or more.

    A name that two regions share, or that is an ordinary word, is not listed: see ``build_towns``.

    Raises:
        CorpusFileError: The file cannot be read, or a line is not two columns separated by a tab.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusFileError(path, "ce fichier ne se lit pas comme un texte en UTF-8.") from error
    rows = []
    for number, line in enumerate(lines, 1):
        if not line or line.startswith("#"):
            continue
        parts = line.split("\t")
        if len(parts) != 2:
            raise CorpusFileError(path, f"« commune<TABULATION>code » est attendu, lu : « {line} ».", number)
        rows.append((parts[0], parts[1]))
    return tuple(rows)
