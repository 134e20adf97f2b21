"""What visitors think of the answers: masked, kept a year in ``var/feedback``, counted by the command line.

A file a month, a line an opinion. What could identify a person is masked before anything is written, nothing says
who sent it, and whoever holds the id that was returned may have the line removed.
"""

from __future__ import annotations

import csv
import io
import logging
import os
import re
import secrets
import threading
import unicodedata
from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Annotated, Any, Literal, get_args

from pydantic import Field, ValidationError, field_validator, model_validator

from assistant.answer import Kind
from assistant.composing.french import say_day
from assistant.errors import AssistantError
from assistant.privacy.masking import mask
from corpus.paths import var_dir
from corpus.records import Record

Value = Literal["utile", "inutile"]
# The ids are in the lines already kept: a reason may be added or reworded, its id never changes.
REASONS: dict[str, dict[str, str]] = {
    "utile": {
        "claire": "Claire",
        "complete": "Complète",
        "sources_utiles": "Sources utiles",
    },
    "inutile": {
        "fausse": "Réponse fausse ou périmée",
        "incomplete": "Réponse incomplète",
        "hors_sujet": "Hors sujet",
        "pas_claire": "Pas claire",
        "trop_longue": "Trop longue",
        "sources_insuffisantes": "Sources manquantes ou insuffisantes",
    },
}
MAX_COMMENT, MAX_QUESTION, MAX_ANSWER = 1_000, 5_000, 20_000  # characters
KEPT_MONTHS = 12
MAX_BYTES = 50_000_000  # of all the files together

_log = logging.getLogger(__name__)
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_FORMULA_SIGNS = "=+-@\u2212"
_BLANKS = "\u115f\u1160\u2800\u3164\uffa0"  # Hangul fillers and the blank of Braille
_ID = re.compile(r"[A-Za-z0-9_-]{22}")


class FeedbackError(AssistantError):
    """An opinion cannot be kept or read back; the message, in French, says why."""


class FullError(FeedbackError):
    """What is kept has reached its greatest size."""


class Opinion(Record):
    """What a visitor thinks of an answer given as of ``day``; question and answer only if they chose to send them."""

    value: Value
    reasons: tuple[str, ...] = ()
    comment: Annotated[str, Field(max_length=MAX_COMMENT)] = ""
    question: Annotated[str, Field(max_length=MAX_QUESTION)] = ""
    answer: Annotated[str, Field(max_length=MAX_ANSWER)] = ""
    day: date
    kind: Kind

    @field_validator("day", mode="before")
    @classmethod
    def _is_written_in_full(cls, day: Any) -> Any:
        if isinstance(day, date) or (
            isinstance(day, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", day)
        ):
            return day
        raise ValueError("AAAA-MM-JJ is expected")

    @field_validator("comment", "question", "answer", mode="before")
    @classmethod
    def _is_absent(cls, text: Any) -> Any:
        return "" if text is None else text

    @field_validator("comment", "question", "answer")
    @classmethod
    def _is_plain(cls, text: str) -> str:
        return _CONTROL.sub(" ", text.replace("\r\n", "\n")).strip()

    @model_validator(mode="after")
    def _reasons_are_of_the_value(self) -> Opinion:
        if not set(self.reasons) <= REASONS[self.value].keys() or len(set(self.reasons)) < len(self.reasons):
            raise ValueError("reasons")
        return self

    def masked(self) -> Opinion:
        """Return the same opinion without what could identify a person."""
        texts = {name: mask(getattr(self, name)) for name in ("comment", "question", "answer")}
        return self.model_copy(update=texts)


class Kept(Opinion):
    """An opinion as it is kept: the day it was received, and the id that allows its removal."""

    comment: str = ""  # masking may have made texts longer
    question: str = ""
    answer: str = ""
    id: str
    received: date


def _today() -> date:
    return datetime.now(UTC).date()


class FeedbackStore:
    """The opinions kept in a directory; several threads and processes may share it.

    ``directory`` is ``feedback`` under the directory of built and added things unless given.
    """

    def __init__(self, directory: Path | None = None, clock: Callable[[], date] = _today) -> None:
        self._given = directory
        self._clock = clock
        self._purged: date | None = None
        self._threads = threading.Lock()

    @property
    def directory(self) -> Path:
        """Where the files are; it may not exist yet."""
        return self._given or var_dir() / "feedback"

    def add(self, opinion: Opinion) -> str:
        """Keep an opinion, masked, and return the id with which it can be withdrawn.

        The first of a day has the old ones removed; a failure there is logged and tried again at the next.

        Raises:
            FullError: No room is left.
            FeedbackError: The file cannot be written.
        """
        today = self._clock()
        if self._purged != today:
            try:
                self.purge()
            except FeedbackError as error:
                _log.warning("%s", error)
        kept = Kept(**opinion.masked().model_dump(), id=secrets.token_urlsafe(16), received=today)
        line = (kept.model_dump_json() + "\n").encode()
        try:
            with self._locked():
                if sum(path.stat().st_size for path in self._files()) + len(line) > MAX_BYTES:
                    raise FullError(
                        "Le recueil des avis est plein\u00a0: le vôtre n’a pas été conservé. Prévenez la personne "
                        "qui administre cet assistant."
                    )
                _append(self.directory / f"{today:%Y-%m}.jsonl", line)
        except OSError as error:
            raise FeedbackError("Votre avis n’a pas pu être enregistré. Réessayez plus tard.") from error
        return kept.id

    def withdraw(self, identifier: str) -> bool:
        """Remove the opinion of an id; return whether there was one.

        Raises:
            FeedbackError: The file cannot be written.
        """
        if not _ID.fullmatch(identifier):
            return False
        try:
            if not self.directory.is_dir():
                return False
            with self._locked():
                return any(
                    _rewrite(path, lambda kept: kept is None or kept.id != identifier)
                    for path in reversed(self._files())
                )
        except OSError as error:
            raise FeedbackError("Votre avis n’a pas pu être retiré. Réessayez plus tard.") from error

    def purge(self) -> None:
        """Remove what was received more than ``KEPT_MONTHS`` ago; a line that cannot be read goes with its month.

        Raises:
            FeedbackError: A file cannot be written.
        """
        today = self._clock()
        try:
            if self.directory.is_dir():
                with self._locked():
                    self._remove_before(_months_before(today, KEPT_MONTHS))
        except OSError as error:
            raise FeedbackError(
                f"Les avis de plus de {KEPT_MONTHS} mois ne peuvent être supprimés de {self.directory} "
                f"({error.strerror})."
            ) from error
        self._purged = today

    def _remove_before(self, oldest: date) -> None:
        for path in self._files():
            if path.stem < f"{oldest:%Y-%m}":
                path.unlink()
            elif path.stem == f"{oldest:%Y-%m}":
                _rewrite(path, lambda kept: kept is None or kept.received >= oldest)

    def read(self) -> list[Kept]:
        """Return every opinion, the oldest first; lines that are none are left out.

        Raises:
            FeedbackError: A file cannot be read.
        """
        try:
            lines = [line for path in self._files() for line in path.read_bytes().splitlines()]
        except OSError as error:
            raise FeedbackError(
                f"Les avis de {self.directory} ne peuvent être lus ({error.strerror})."
            ) from error
        return [kept for line in lines if (kept := _parse(line))]

    def _files(self) -> list[Path]:
        return sorted(self.directory.glob("20[0-9][0-9]-[01][0-9].jsonl"))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._threads, (self.directory / ".lock").open("w") as lock:
            _wait_for(lock)
            yield


def _wait_for(lock: IO[str]) -> None:
    """Wait until no other process holds the lock; Windows has none, and one process alone may write there."""
    try:
        import fcntl
    except ImportError:
        return
    fcntl.flock(lock, fcntl.LOCK_EX)


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _append(path: Path, line: bytes) -> None:
    """Write a whole line at the end, on the disk before this returns; what a crash left half-written ends there."""
    with path.open("a+b", buffering=0) as stream:
        size = stream.seek(0, os.SEEK_END)
        if size:
            stream.seek(size - 1)
            if stream.read(1) != b"\n":
                line = b"\n" + line
        stream.write(line)
        os.fsync(stream.fileno())


def _rewrite(path: Path, keep: Callable[[Kept | None], bool]) -> bool:
    """Keep the lines that ``keep`` accepts (``None``: a line that is no opinion); return whether one was removed."""
    lines = path.read_bytes().splitlines(keepends=True)
    kept = [line for line in lines if keep(_parse(line))]
    if len(kept) == len(lines):
        return False
    partial = path.with_suffix(".partial")
    with partial.open("wb") as stream:
        stream.writelines(kept)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(path)
    return True


def _parse(line: bytes) -> Kept | None:
    try:
        return Kept.model_validate_json(line)
    except ValidationError:
        return None


def summarise(opinions: Sequence[Kept]) -> str:
    """Return the counts by value and reason, then the comments, the latest first."""
    if not opinions:
        return "Aucun avis n’a été reçu."
    first, last = (say_day(end(one.received for one in opinions)) for end in (min, max))
    lines = [f"Avis reçus\u00a0: {len(opinions)}, du {first} au {last}."]
    for value in get_args(Value):
        some = [one for one in opinions if one.value == value]
        lines += ["", f"{value.capitalize()}\u00a0: {len(some)}"]
        counts = Counter(reason for one in some for reason in one.reasons)
        lines += [f"  {REASONS[value][reason]}\u00a0: {count}" for reason, count in counts.most_common()]
    said = [one for one in reversed(opinions) if one.comment]
    if said:
        lines += ["", "Commentaires"]
    for one in said:
        reasons = ", ".join(REASONS[one.value][reason].lower() for reason in one.reasons)
        lines += ["", f"  {say_day(one.received)}, {one.value}{f' ({reasons})' if reasons else ''}"]
        lines += [f"    {line}" for line in one.comment.splitlines()]
        if one.question:
            lines.append(f"    Question\u00a0: {' '.join(one.question.split())}")
    return "\n".join(lines)


def as_csv(opinions: Sequence[Kept]) -> str:
    """Return a table for a spreadsheet, its columns parted by semicolons; no cell can pass for a formula."""
    table = io.StringIO()
    writer = csv.writer(table, delimiter=";", lineterminator="\n")
    writer.writerow(["recu", "avis", "motifs", "nature", "jour", "commentaire", "question", "reponse"])
    for one in opinions:
        reasons = ", ".join(REASONS[one.value][reason] for reason in one.reasons)
        texts = (safe_cell(text) for text in (one.comment, one.question, one.answer))
        writer.writerow([one.received, one.value, reasons, one.kind.value, one.day, *texts])
    return table.getvalue()


def safe_cell(text: str) -> str:
    """Return a text without the invisible characters it opens with; behind an apostrophe if a sign of formula follows.

    A spreadsheet leaves out those characters, and may read a full-width sign as the common one.
    """
    start = next((place for place, character in enumerate(text) if not _is_invisible(character)), len(text))
    text = text[start:]
    sign = unicodedata.normalize("NFKC", text[:1])
    return f"'{text}" if sign and sign in _FORMULA_SIGNS else text


def _is_invisible(character: str) -> bool:
    """Say whether nothing is drawn for it: controls, formats, separators, marks alone, blanks of other scripts."""
    return unicodedata.category(character)[0] in "CZM" or character in _BLANKS
