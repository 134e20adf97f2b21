"""Draft replies to many messages: a file each, a summary of all; a run that was stopped goes on where it was.

A message has two files: its draft, then ``ID.json``, whose presence says that both are whole. Nothing is kept
elsewhere, so that a second run finds what the first one did and writes nothing again.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from assistant.answer import Kind
from assistant.composing.french import say_day
from assistant.drafting.message import Message
from assistant.drafting.reply import Options, Reply
from assistant.errors import AssistantError, InputError
from assistant.feedback import safe_cell

if TYPE_CHECKING:
    from assistant.drafting.drafter import Drafter

FORMATS = ("md", "eml", "docx", "odt")
SUMMARY = "sommaire.csv"
COLUMNS = (
    "id", "message", "expediteur", "objet", "date_de_reponse", "questions", "sans_reponse", "risque", "raisons",
    "points_a_verifier", "brouillon", "duree_ms", "etat", "erreur",
)  # fmt: skip
_STEM = 60  # characters of an identifier that the name of its files keeps
_RISKS = {"green": "vert", "amber": "orange", "red": "rouge"}


class Item(Protocol):
    """A message of a batch: ``id`` is stable from one run to the next, ``label`` names it to a person."""

    @property
    def id(self) -> str:
        """What tells it from the others, whatever comes before or after it."""

    @property
    def label(self) -> str:
        """Where it comes from, as a person would say."""

    def read(self) -> Message:
        """Return the message.

        Raises:
            InputError: It cannot be read; the others can.
        """


@dataclass(frozen=True)
class Settings:
    """How a batch drafts: as of ``day`` (of each run when ``None``), with which options, in which format.

    ``knowledge`` tells the product and the corpus that draft from any other ones.
    """

    day: date | None = None
    options: Options = field(default_factory=Options)
    form: str = "md"
    knowledge: str = ""


@dataclass(frozen=True)
class Tally:
    """What a run did: how many messages it drafted, found already drafted, and failed on."""

    drafted: int = 0
    kept: int = 0
    failed: int = 0


def draft_all(
    items: Sequence[Item],
    drafter: Drafter,
    target: Path,
    settings: Settings,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Tally:
    """Draft a reply to each message into ``target``, and a summary; one that fails stops no other.

    A draft is made again when its message, the settings, the product or the corpus changed; without ``day``, the one of an earlier day is kept.

    Raises:
        InputError: ``target`` is no folder.
        OSError: It cannot be written; what was drafted before stays and is found by the next run.
    """
    if target.exists() and not target.is_dir():
        raise InputError(
            f"{target} n’est pas un dossier : indiquez où écrire les brouillons avec --out DOSSIER."
        )
    target.mkdir(parents=True, exist_ok=True)
    rows, drafted, kept, failed = [], 0, 0, 0
    for done, item in enumerate(items, 1):
        try:
            row, again = _draft_one(item, drafter, target, settings, clock)
            drafted, kept = drafted + again, kept + (not again)
        except OSError:
            raise
        except Exception as error:
            failed += 1
            row = _failed(item, error)
        rows.append(row)
        progress(done, len(items))
    _write(target / SUMMARY, _table(rows))
    return Tally(drafted, kept, failed)


def _draft_one(
    item: Item, drafter: Drafter, target: Path, settings: Settings, clock: Callable[[], datetime]
) -> tuple[dict[str, Any], bool]:
    """Return the row of a message, and whether it was drafted now."""
    message = item.read()
    stem = file_stem(item.id)
    made_with = _made_with(message, settings)
    record = target / f"{stem}.json"
    known = _read_record(record)
    if known and known["made_with"] == made_with and (target / known["file"]).is_file():
        return known["row"], False
    now = clock()
    day = settings.day or now.astimezone().date()
    reply = drafter.draft(message, day, settings.options)
    name = f"{stem}.{settings.form}"
    row = _row(item, message, reply, day, name)
    _write(target / name, as_file(reply, message, settings.form, now))
    content = {"made_with": made_with, "file": name, "row": row, **reply.as_json()}
    _write(
        record, (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "backslashreplace")
    )
    return row, True


def as_file(reply: Reply, message: Message, form: str, now: datetime) -> bytes:
    """Return a draft as the content of a file of one of ``FORMATS``."""
    if form == "md":
        return f"# {reply.subject}\n\n{reply.text}\n".encode("utf-8", "backslashreplace")
    from assistant.drafting.exporting import Outgoing, as_docx, as_eml, as_odt

    outgoing = Outgoing(
        subject=reply.subject,
        text=reply.text,
        now=now,
        to=(reply.to,) if reply.to else (),
        cc=reply.cc,
        in_reply_to=reply.in_reply_to,
        references=reply.references,
        original=message,
    )
    return {"eml": as_eml, "docx": as_docx, "odt": as_odt}[form](outgoing)


def file_stem(identifier: str) -> str:
    """Return a name of file, without its extension, that any system accepts and that no other identifier has.

    Example:
        >>> file_stem("../Été 2025/Question ?.eml")
        'ete-2025-question-eml-0ba44f4a'
    """
    plain = unicodedata.normalize("NFKD", identifier).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_STEM].strip("-") or "message"
    return f"{slug}-{hashlib.sha256(identifier.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def _made_with(message: Message, settings: Settings) -> dict[str, str]:
    """Return what a draft depends on: another of these, and it is made again."""
    digest = hashlib.sha256(repr(message).encode("utf-8", "surrogatepass")).hexdigest()
    options = settings.options
    return {
        "message": digest,
        "date": settings.day.isoformat() if settings.day else "",
        "format": settings.form,
        "tone": options.tone.value,
        "length": options.length.value,
        "signature": options.signature,
        "knowledge": settings.knowledge,
    }


def knowledge() -> str:
    """Return a digest of the version of the product and of what its corpus says."""
    import corpus

    digest = hashlib.sha256(version("assistant-esms-numerique").encode())
    folder = Path(corpus.__file__).parent
    for path in sorted(path for path in folder.rglob("*") if path.suffix in (".md", ".yaml", ".tsv")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _read_record(path: Path) -> dict[str, Any] | None:
    """Return what an earlier run wrote, ``None`` when it is missing or is not ours."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    shape = {"made_with": dict, "file": str, "row": dict}
    if not isinstance(content, dict) or not all(
        isinstance(content.get(key), kind) for key, kind in shape.items()
    ):
        return None
    return content if Path(content["file"]).name == content["file"] else None


def _row(item: Item, message: Message, reply: Reply, day: date, name: str) -> dict[str, Any]:
    silent = (Kind.ABSTENTION, Kind.CLARIFICATION)
    return {
        "id": item.id,
        "message": item.label,
        "expediteur": str(message.answer_to or ""),
        "objet": message.subject,
        "date_de_reponse": day.isoformat(),
        "questions": len(reply.questions),
        "sans_reponse": sum(answered.kind in silent for answered in reply.questions),
        "risque": _RISKS[reply.risk.value],
        "raisons": " | ".join(reason.text for reason in reply.reasons),
        "points_a_verifier": " | ".join(point.text for point in reply.points),
        "brouillon": name,
        "duree_ms": reply.elapsed_ms,
        "etat": "rédigé",
        "erreur": "",
    }


def _failed(item: Item, error: Exception) -> dict[str, Any]:
    told = str(error) if isinstance(error, AssistantError) else f"Échec inattendu ({type(error).__name__})."
    return dict.fromkeys(COLUMNS, "") | {
        "id": item.id,
        "message": item.label,
        "etat": "en erreur",
        "erreur": told,
    }


def _table(rows: Iterable[dict[str, Any]]) -> bytes:
    """Return the summary as a spreadsheet opens it: semicolons, UTF-8 with its mark, no cell taken for a formula."""
    table = io.StringIO()
    writer = csv.writer(table, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([safe_cell(str(row.get(column, ""))) for column in COLUMNS])
    return ("\ufeff" + table.getvalue()).encode("utf-8", "backslashreplace")


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; one that holds this already is left as it is."""
    try:
        if path.read_bytes() == content:
            return
    except FileNotFoundError:
        pass
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def say_reply(reply: Reply, day: date) -> str:
    """Return a draft with what stands beside it, as the command line shows it."""
    beside = [f"Risque : {_RISKS[reply.risk.value]} (au {say_day(day)})"]
    beside += [f"  - {reason.text}" for reason in reply.reasons]
    if reply.points:
        beside += ["À vérifier :", *(f"  [ ] {point.text}" for point in reply.points)]
    beside += [f"Lecture : {notice}" for notice in reply.notices]
    to = f"À : {reply.to}\n" if reply.to else ""
    return f"{to}Objet : {reply.subject}\n\n{reply.text}\n\n----\n" + "\n".join(beside)
