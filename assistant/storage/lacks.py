"""Report what the corpus lacks: the questions that had no answer, by theme, those that ask the same together."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from assistant.composing.french import say_day
from assistant.feedback import safe_cell
from assistant.storage.database import Database
from assistant.storage.models import AskedQuestion
from assistant.storage.periods import day_of, within
from assistant.storage.themes import label
from assistant.understanding.text import fold

_ALIKE = 90  # out of 100, by the words two questions share
_SHORT = 3  # words; fewer are found whole in too many questions
_EXAMPLES = 3
MAX_QUESTIONS = 20_000  # the latest ones are read


@dataclass(frozen=True)
class Lack:
    """Questions that ask the same; ``examples`` are other ways it was put, masked."""

    theme: str
    question: str
    count: int
    first: date
    last: date
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """What the corpus lacks over a period; ``themes`` has the most asked first."""

    since: date | None
    until: date | None
    questions: int
    lacks: tuple[Lack, ...]

    @property
    def themes(self) -> dict[str, tuple[Lack, ...]]:
        """The questions of each theme, the most asked first."""
        groups: dict[str, list[Lack]] = defaultdict(list)
        for lack in self.lacks:
            groups[lack.theme].append(lack)
        order = sorted(groups, key=lambda theme: (-sum(one.count for one in groups[theme]), label(theme)))
        return {theme: tuple(groups[theme]) for theme in order}


def lacking(database: Database, since: date | None = None, until: date | None = None) -> Report:
    """Return the questions without an answer received in a period, both days in it.

    Raises:
        StorageError: The database cannot be read.
    """
    with database.reading() as session:
        rows = session.execute(
            select(AskedQuestion.theme, AskedQuestion.masked, AskedQuestion.received_at)
            .where(AskedQuestion.lacking, *within(AskedQuestion.received_at, since, until))
            .order_by(AskedQuestion.received_at.desc(), AskedQuestion.id.desc())
            .limit(MAX_QUESTIONS)
        ).all()
    by_theme: dict[str, list[tuple[str, date]]] = defaultdict(list)
    for theme, masked, received in reversed(rows):
        by_theme[theme].append((" ".join(masked.split()), day_of(received)))
    lacks = [lack for theme, asked in by_theme.items() for lack in _grouped(theme, asked)]
    lacks.sort(key=lambda lack: (-lack.count, lack.first, lack.question))
    return Report(since, until, len(rows), tuple(lacks))


def _grouped(theme: str, asked: Sequence[tuple[str, date]]) -> list[Lack]:
    """Put each question with the first one it resembles."""
    from rapidfuzz import process
    from rapidfuzz.fuzz import token_set_ratio

    groups: list[list[tuple[str, date]]] = []
    firsts: list[str] = []
    known: dict[str, int] = {}
    for question, day in asked:
        plain = fold(question).plain
        place = known.get(plain)
        if place is None and len(plain.split()) >= _SHORT:
            near = process.extractOne(plain, firsts, scorer=token_set_ratio, score_cutoff=_ALIKE)
            place = near[2] if near and len(near[0].split()) >= _SHORT else None
        if place is None:
            place = len(groups)
            groups.append([])
            firsts.append(plain)
        known[plain] = place
        groups[place].append((question, day))
    return [_lack(theme, group) for group in groups]


def _lack(theme: str, group: list[tuple[str, date]]) -> Lack:
    words = list(dict.fromkeys(question for question, _ in group))
    days = [day for _, day in group]
    return Lack(theme, words[0], len(group), min(days), max(days), tuple(words[1 : 1 + _EXAMPLES]))


def as_markdown(report: Report) -> str:
    """Return the report as a text to read."""
    lines = ["# Ce qui manque au corpus", "", f"{_period(report)}{_number(report.questions)} sans réponse."]
    for theme, lacks in report.themes.items():
        lines += ["", f"## {label(theme)} ({sum(lack.count for lack in lacks)})", ""]
        for lack in lacks:
            lines.append(f"- «\u00a0{lack.question or 'Question effacée'}\u00a0»\u00a0: {_times(lack)}")
            lines += [f"  - aussi\u00a0: «\u00a0{example}\u00a0»" for example in lack.examples]
    return "\n".join(lines)


def _period(report: Report) -> str:
    since = f"Depuis le {say_day(report.since)}" if report.since else ""
    until = f"jusqu’au {say_day(report.until)}" if report.until else ""
    said = " ".join(part for part in (since, until) if part)
    return f"{said[:1].upper()}{said[1:]}. " if said else ""


def _number(questions: int) -> str:
    return f"{questions or 'Aucune'} question{'s' if questions > 1 else ''}"


def _times(lack: Lack) -> str:
    if lack.count == 1:
        return f"le {say_day(lack.first)}"
    if lack.first == lack.last:
        return f"{lack.count} fois, le {say_day(lack.first)}"
    return f"{lack.count} fois, du {say_day(lack.first)} au {say_day(lack.last)}"


def as_csv(report: Report) -> str:
    """Return a table for a spreadsheet, its columns parted by semicolons; no cell can pass for a formula."""
    table = io.StringIO()
    writer = csv.writer(table, delimiter=";", lineterminator="\n")
    writer.writerow(["theme", "question", "nombre", "premiere", "derniere", "autres_formulations"])
    for lack in report.lacks:
        others = safe_cell(" | ".join(lack.examples))
        writer.writerow(
            [label(lack.theme), safe_cell(lack.question), lack.count, lack.first, lack.last, others]
        )
    return table.getvalue()
