"""Who said it: the sources that fiches, parameters and answers cite."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from corpus.errors import CorpusFileError
from corpus.records import Record, read_records

SOURCES_FILE = Path(__file__).parent / "sources.yaml"

Grade = Annotated[int, Field(ge=1, le=5)]

GRADE_LABELS = {
    1: "texte officiel",
    2: "page d’une agence ou institution publique",
    3: "GRADeS ou collectif régional",
    4: "presse spécialisée ou fédération",
    5: "site commercial",
}


class Source(Record):
    """A published text or page. ``issued`` is a date as printed: year, year-month or full day.

    ``download`` is where ``python -m corpus fetch`` finds the page or file itself, at its public body's.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    code: str | None = None
    type: str
    title: str
    publisher: str
    issued: Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")] | None
    url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None
    grade: Grade
    scope: str
    years: tuple[int, ...] = ()
    read: Literal["whole", "beginning", "notice"]
    note: str | None = None
    download: Annotated[str, Field(pattern=r"^https://[^\s/@]+(/\S*)?$")] | None = None

    @property
    def grade_label(self) -> str:
        """The authority of the source in plain French."""
        return GRADE_LABELS[self.grade]


@lru_cache(maxsize=4)
def load_sources(path: Path = SOURCES_FILE) -> dict[str, Source]:
    """Return every source by id.

    Raises:
        CorpusFileError: A record is invalid or an id appears twice.
    """
    sources: dict[str, Source] = {}
    for line, source in read_records(path, Source):
        if source.id in sources:
            raise CorpusFileError(path, f"l’identifiant de source « {source.id} » figure deux fois.", line)
        sources[source.id] = source
    return sources
