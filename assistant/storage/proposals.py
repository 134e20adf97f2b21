"""Turn a validated answer into a proposed fiche: a file for whoever keeps the corpus to read, that nothing else reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from assistant.errors import StorageError
from assistant.storage.clock import now
from assistant.storage.database import Database
from assistant.storage.errors import DeskError, InBin, UnknownRequest
from assistant.storage.learning import blocks_of
from assistant.storage.models import Event, Request
from assistant.storage.periods import day_of
from assistant.storage.recording import hiding_people
from assistant.storage.views import Status
from assistant.understanding.text import fold
from corpus.paths import var_dir

_HEADER = """\
# PROPOSITION DE FICHE, à relire avant tout usage : l’assistant ne lit pas ce fichier.
# Tirée d’une réponse validée le {day} (demande n° {number}), données personnelles masquées.
# Vérifier chaque énoncé dans sa source, compléter annee, voie, territoire et ref, ôter ce qui ne vaut que
# pour cet expéditeur, donner à l’id et au fichier le nom de la fiche, puis soumettre la modification du corpus.
"""
_MARKER = re.compile(r"\s*\[(\d+(?:\s*[,;]\s*\d+)*)\]")
_QUESTION_LINE = re.compile(r"\*\*\d+\. .*\*\*")
_ITEM = re.compile(r"(?m)^\s*(?:[-*+]|\d+[.)])\s+")
_KEY = re.compile(r"answer-(\d+)")
NO_SOURCE = "source-a-completer"
_SLUG_WORDS = 6
_TITLE = 120


def propose(
    database: Database,
    request_id: int,
    paragraph_key: str,
    by: int | None,
    *,
    directory: Path | None = None,
    clock: Callable[[], datetime] = now,
) -> Path:
    """Write the answer of a validated reply as a fiche to be reviewed, and return the file.

    It goes under ``propositions`` in the directory of built and added things unless ``directory`` is given.

    Raises:
        DeskError: The reply is not validated, or it has no such answer.
        UnknownRequest: No request has this id.
        StorageError: The file cannot be written, or the database not be read.
    """
    instant = clock()
    with database.writing() as session:
        request = session.get(Request, request_id) if 0 < request_id < 2**31 else None
        if request is None:
            raise UnknownRequest(request_id)
        if request.removed_at is not None:
            raise InBin
        if not Status(request.status).validated:
            raise DeskError(
                "Seule une réponse validée peut devenir une proposition de fiche\u00a0: validez-la d’abord."
            )
        hide = hiding_people(session, request)
        question = _question(request.reply, paragraph_key)
        blocks = blocks_of(request.reply["paragraphs"], request.draft, paragraph_key)
        statements = _statements(blocks, request.reply["citations"], hide)
        if question is None or not statements:
            raise DeskError(
                "Cette réponse ne figure plus dans le brouillon\u00a0: choisissez un autre paragraphe."
            )
        title = " ".join(hide(question).split())[:_TITLE]
        path = _written(
            directory or var_dir() / "propositions",
            day_of(instant),
            request_id,
            request.theme,
            title,
            statements,
        )
        session.add(Event(request_id=request_id, kind="propose", detail=path.name, by=by, at=instant))
    return path


def _question(reply: dict[str, Any], key: str) -> str | None:
    """Return the question that a paragraph of the letter answers."""
    number = _KEY.fullmatch(key)
    if not number or not 1 <= int(number[1]) <= len(reply["questions"]):
        return None
    question = reply["questions"][int(number[1]) - 1]
    return str(question["asked"] or question["text"])


def _statements(
    blocks: Sequence[str], citations: Sequence[dict[str, Any]], hide: Callable[[str], str]
) -> list[str]:
    """Return the lines of the fiche: a statement for each paragraph or item, its sources at its end."""
    ids = {citation["number"]: citation["id"] for citation in citations}
    lines = []
    for block in blocks:
        if _QUESTION_LINE.fullmatch(block):
            continue
        for item in _ITEM.split(block):
            numbers = [
                int(number) for marker in _MARKER.findall(item) for number in re.findall(r"\d+", marker)
            ]
            sources = list(dict.fromkeys(ids[number] for number in numbers if number in ids)) or [NO_SOURCE]
            # Braces and heading signs would read as attributes and titles of the fiche.
            text = " ".join(hide(_MARKER.sub("", item)).translate(str.maketrans("{}[]", "()()")).split())
            if text:
                lines.append(f"- {text} [{'; '.join(f'@{source}' for source in sources)}]")
    return lines


def _written(
    directory: Path, day: date, number: int, theme: str, title: str, statements: Sequence[str]
) -> Path:
    try:
        return _write(directory, day, number, theme, title, statements)
    except OSError as error:
        raise StorageError(
            f"La proposition ne peut être écrite dans {directory} ({error.strerror})\u00a0: vérifiez les droits et la place "
            "de ce dossier."
        ) from error


def _write(
    directory: Path, day: date, number: int, theme: str, title: str, statements: Sequence[str]
) -> Path:
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    words = re.findall(r"[a-z0-9]+", fold(title).plain)[:_SLUG_WORDS]
    name = f"{day.isoformat()}-{'-'.join(words)[:60] or 'reponse'}"
    for attempt in count(1):
        path = directory / f"{name}{'' if attempt == 1 else f'-{attempt}'}.md"
        front = yaml.safe_dump(
            {"id": path.stem, "title": title, "theme": theme},
            allow_unicode=True,
            sort_keys=False,
            width=1_000,
        )
        header = _HEADER.format(day=day.isoformat(), number=number)
        body = "\n".join(statements)
        try:
            with path.open("x", encoding="utf-8") as stream:
                stream.write(f"---\n{header}{front}---\n\n# {title}\n\n{body}\n")
        except FileExistsError:
            continue
        return path
    raise AssertionError("unreachable")
