"""The directories of the indexes: listed, locked, put in place and removed.

An index appears whole under its final name or not at all; what a crash leaves begins with a dot.
"""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

MANIFEST = "manifest.json"


def list_indexes(root: Path) -> list[Path]:
    """Return the index directories, the most recent first."""
    found = [path.parent for path in root.glob(f"[!.]*/{MANIFEST}")]
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)


def replace_index(temporary: Path, directory: Path) -> None:
    """Put the finished index in place; a damaged one of the same name gives way."""
    temporary.chmod(0o755)
    if directory.exists():
        discarded = Path(tempfile.mkdtemp(prefix=".ancien-", dir=directory.parent))
        directory.rename(discarded / directory.name)
        temporary.rename(directory)
        shutil.rmtree(discarded, ignore_errors=True)
    else:
        temporary.rename(directory)


def remove_older(root: Path, current: Path) -> None:
    """Keep the current index and the one before it (a running server may still read it)."""
    for directory in [path for path in list_indexes(root) if path != current][1:]:
        shutil.rmtree(directory, ignore_errors=True)
    for pattern in (".construction-*", ".ancien-*"):
        for leftover in root.glob(pattern):
            shutil.rmtree(leftover, ignore_errors=True)


@contextmanager
def locked(root: Path, report: Callable[[str], None]) -> Iterator[bool]:
    """Hold the lock of the indexes; yield whether another process had to be waited for."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / ".lock").open("w") as lock:
        waited = False
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waited = True
            report("Un autre processus construit l’index : attente de sa fin.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield waited
