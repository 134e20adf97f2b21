"""Who said it: the sources that fiches, parameters and answers cite."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from corpus.errors import CorpusFileError
from corpus.records import Record, read_records

SOURCES_FILE = Path(__file__).parent / "sources.yaml"

Grade = Annotated[int, Field(ge=1, le=5)]

# The types of CSL 1.0.2 that such sources have.
CslType = Literal[
    "article", "article-journal", "article-magazine", "article-newspaper", "book", "broadcast", "chapter",
    "document", "interview", "legal_case", "legislation", "manuscript", "pamphlet", "paper-conference",
    "periodical", "post", "post-weblog", "regulation", "report", "software", "speech", "standard", "webpage",
]  # fmt: skip

GRADE_LABELS = {
    1: "texte officiel",
    2: "page d’une agence ou institution publique",
    3: "GRADeS ou collectif régional",
    4: "presse spécialisée ou fédération",
    5: "site commercial",
}


class Source(Record):
    """A published text or page. ``issued`` is a date as printed: year, year-month or full day.

    ``accessed`` is the day its content was taken over into the corpus; ``supersedes`` names what it replaces
    whole, ``amended_by`` what completes or changes it while it stays in force. ``download`` is where
    ``python -m corpus fetch`` finds the page or file itself, at its public body's.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    code: str | None = None
    type: CslType
    title: str
    publisher: str
    issued: Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")] | None
    accessed: date
    url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None
    grade: Grade
    scope: str
    years: tuple[int, ...] = ()
    read: Literal["whole", "beginning", "notice"]
    note: str | None = None
    supersedes: tuple[str, ...] = ()
    amended_by: tuple[str, ...] = ()
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


def label_superseded(sources: Iterable[Source]) -> dict[str, Source]:
    """Return sources by id; the title of one that another supersedes says so."""
    named = {source.id: source for source in sources}
    for replaced in {older for source in named.values() for older in source.supersedes} & named.keys():
        title = f"{named[replaced].title} (version remplacée)"
        named[replaced] = named[replaced].model_copy(update={"title": title})
    return named
