"""Runs that are kept: one JSON Lines file a run, a header and then a row a sample, under ``var/runs/<suite>``."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from corpus.paths import var_dir
from evals.errors import EvalError
from evals.scoring import Score
from evals.subject import PRODUCT

Made = TypeVar("Made")
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Header:
    """What a run measured and with what.

    ``corpus`` is the fingerprint of the index, ``model`` that of its encoder; ``dirty`` whether files differed
    from ``commit``; ``seconds`` what the run took; ``notes`` what could not be measured.
    """

    suite: str
    system: str
    sets: tuple[str, ...]
    started: str
    seconds: float
    commit: str
    dirty: bool
    corpus: str
    model: str
    python: str
    cores: int
    n: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Run:
    """A run and where it is kept."""

    header: Header
    scores: tuple[Score, ...]
    path: Path | None = None


def make_header(
    suite: str,
    *,
    system: str = PRODUCT,
    sets: Sequence[str] = (),
    started: datetime,
    corpus: str,
    model: str,
    n: int,
    notes: Sequence[str] = (),
) -> Header:
    """Return the header of a run that ends now; ``started`` is aware of its zone."""
    commit, dirty = current_commit()
    now = datetime.now(UTC)
    return Header(
        suite=suite,
        system=system,
        sets=tuple(sets),
        started=started.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        seconds=round((now - started).total_seconds(), 1),
        commit=commit,
        dirty=dirty,
        corpus=corpus,
        model=model,
        python=platform.python_version(),
        cores=os.cpu_count() or 1,
        n=n,
        notes=tuple(notes),
    )


def current_commit() -> tuple[str, bool]:
    """Return the commit checked out and whether files differ from it; ("", False) outside a repository."""
    found = []
    for arguments in (["rev-parse", "HEAD"], ["status", "--porcelain", "--untracked-files=no"]):
        try:
            done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            return "", False
        found.append(done.stdout.strip())
    return found[0], bool(found[1])


def runs_dir(suite: str, system: str = PRODUCT) -> Path:
    """Return where the runs of a suite are kept; those of a baseline have a directory of their own."""
    return var_dir() / "runs" / (suite if system == PRODUCT else f"{suite}-{system}")


def write_run(run: Run, path: Path | None = None) -> Path:
    """Write a run, by default under its own name, and return where.

    Raises:
        EvalError: The file cannot be written.
    """
    header = run.header
    if path is None:
        stamp = re.sub(r"[-:.]", "", header.started)
        path = runs_dir(header.suite, header.system) / f"{stamp}-{header.commit[:7] or 'sans-depot'}.jsonl"
    rows = [asdict(header), *(score.as_row() for score in run.scores)]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.partial")
        partial.write_text(
            "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8"
        )
        partial.replace(path)
    except OSError as error:
        raise EvalError(f"La mesure ne peut être écrite dans {path} ({error.strerror}).") from error
    return path


def read_run(path: Path) -> Run:
    """Return a run that :func:`write_run` wrote.

    Raises:
        EvalError: The file cannot be read or is no run; the message names it and its line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines() or [""]
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "ce n’est pas de l’UTF-8"
        raise EvalError(f"{path} ne peut être lu ({why}) : une mesure gardée est attendue.") from error
    header = _parse(path, 1, lines[0], _header)
    scores = [_parse(path, number, line, Score.from_row) for number, line in enumerate(lines[1:], 2)]
    return Run(header, tuple(scores), path)


def _parse(path: Path, number: int, line: str, make: Callable[[Mapping[str, Any]], Made]) -> Made:
    try:
        return make(json.loads(line))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise EvalError(f"{path}, ligne {number} : ce n’est pas une mesure gardée.") from error


def _header(row: Mapping[str, Any]) -> Header:
    known = {field.name for field in fields(Header)}
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in row.items()
    }
    return Header(**{key: value for key, value in values.items() if key in known})


def list_runs(suite: str, system: str = PRODUCT) -> list[Path]:
    """Return the runs kept of a suite, the oldest first."""
    return sorted(runs_dir(suite, system).glob("*.jsonl"))


def last_run(suite: str, system: str = PRODUCT) -> Run | None:
    """Return the last run of a suite; ``None`` when it never ran."""
    paths = list_runs(suite, system)
    return read_run(paths[-1]) if paths else None
