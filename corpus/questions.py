"""Read the questions that each statement answers: people's own words, by which the statement is found.

One file a fiche, ``questions/<fiche>.yaml``. A record names its statement by id and by its first words, so that a
statement moved or rewritten is noticed and its questions read again::

    - id: "calendrier#cloture-1"
      says: "En 2025, l’appel régional se clôt"
      questions:
        - "Jusqu’à quand peut-on déposer un projet régional en 2025 ?"
      oui:
        - "Un dossier régional remis le 10 septembre 2025 est-il dans les temps ?"
      non:
        - "Peut-on déposer en octobre 2025 ?"

``oui`` and ``non`` are questions that the statement settles by that word. ``permis`` is the word that answers whoever
asks whether its subject may be so (may, is admitted, is funded, counts), ``impose`` whether it must: an answer opens
with it. Without the key, no such word is said. They are never shown nor cited. A statement without any is found by its own words alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field

from corpus.errors import CorpusFileError
from corpus.fiches import Statement
from corpus.records import Record, read_records

QUESTIONS_DIR = Path(__file__).parent / "questions"


Verdict = Literal["oui", "non"]


class Asked(Record):
    """A statement, and questions that it answers: openly, by yes, or by no."""

    id: str
    says: str = Field(min_length=10)
    questions: tuple[str, ...] = ()
    oui: tuple[str, ...] = ()
    non: tuple[str, ...] = ()
    permis: Verdict | None = None
    impose: Verdict | None = None


def load_questions(statements: Iterable[Statement], directory: Path = QUESTIONS_DIR) -> Mapping[str, Asked]:
    """Return the questions of each statement by its id; empty when the directory is absent.

    Raises:
        CorpusFileError: A record is invalid, names no statement, or is of a statement that says something else.
    """
    said = {statement.id: statement.text for statement in statements}
    found: dict[str, Asked] = {}
    for path, line, asked in _records(directory):
        if asked.id not in said:
            raise CorpusFileError(path, f"aucun énoncé n’a l’identifiant « {asked.id} ».", line)
        if not said[asked.id].startswith(asked.says):
            message = (
                f"l’énoncé « {asked.id} » ne commence pas par « {asked.says} » : il a changé ou a été déplacé. "
                "Relisez ses questions, puis recopiez ici ses premiers mots."
            )
            raise CorpusFileError(path, message, line)
        if asked.id in found:
            raise CorpusFileError(path, f"l’énoncé « {asked.id} » a deux listes de questions.", line)
        found[asked.id] = asked
    return found


def _records(directory: Path) -> Iterator[tuple[Path, int, Asked]]:
    for path in sorted(directory.glob("*.yaml")):
        for line, asked in read_records(path, Asked):
            yield path, line, asked
