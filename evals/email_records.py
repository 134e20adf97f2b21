"""The sets of e-mails: files as they were sent, and what is expected of the draft reply to each."""

from __future__ import annotations

import dataclasses
import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from assistant.rules.facts import Facts
from corpus.errors import CorpusFileError
from corpus.records import Record, read_records
from evals.scoring import SETS, readable

EXPECTATIONS = "expectations.yaml"
Kind = Literal["answer", "clarification", "abstention", "refusal"]
Verdict = Literal["oui", "non", "indetermine"]
Group = tuple[str, ...]
_FACTS = frozenset(item.name for item in dataclasses.fields(Facts))


class ExpectedQuestion(Record):
    """A question that the message asks, and what its answer must hold."""

    what: str
    cues: tuple[Group, ...] = Field(min_length=1)
    implicit: bool = False
    optional: bool = False
    kinds: tuple[Kind, ...] = ("answer",)
    verdict: tuple[Verdict, ...] = ()
    must: tuple[Group, ...] = ()
    forbidden: Group = ()

    readable_fragments = field_validator("cues", "must", "forbidden")(readable)


class Email(Record):
    """A message and what is expected of its draft; ``entry`` is its rank in a file of several."""

    id: str = Field(pattern=r"^[a-z0-9-]+-[0-9]+$")
    file: str = Field(pattern=r"^[\w.-]+$")
    entry: int | None = Field(default=None, ge=1)
    type: str = Field(pattern=r"^[a-z-]+$")
    day: datetime.date
    questions: tuple[ExpectedQuestion, ...] = ()
    facts: dict[str, Any] = Field(default_factory=dict)
    free_facts: Group = ()
    points: tuple[Group, ...] = ()
    risk: tuple[Literal["green", "amber", "red"], ...] = Field(min_length=1)
    salutation: Group = ()
    not_questions: Group = ()
    asked_for: tuple[Group, ...] = ()
    forbidden: Group = ()

    readable_fragments = field_validator("points", "not_questions", "asked_for", "forbidden")(readable)

    @field_validator("facts", "free_facts")
    @classmethod
    def _known(cls, value: Any) -> Any:
        for name in value:
            if name not in _FACTS:
                raise ValueError(f"le fait « {name} » n’existe pas")
        return value


def load_emails(name: str, folder: Path = SETS) -> list[Email]:
    """Return the records of a set of e-mails.

    Raises:
        CorpusFileError: The expectations are missing or invalid, or the file of an e-mail is absent.
    """
    path = folder / name / EXPECTATIONS
    emails = []
    for line, email in read_records(path, Email):
        if not (path.parent / email.file).is_file():
            raise CorpusFileError(path, f"enregistrement « {email.id} » : {email.file} est absent.", line)
        emails.append(email)
    return emails
