"""Pages of the added PDFs as images: drawn in a process apart (``loaders.rasterise``), kept under ``var/cache/pages``."""

from __future__ import annotations

import contextlib
import json
import os
import struct
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from corpus.documents import DocumentRecord, document_path
from corpus.errors import DocumentError
from corpus.loaders.rasterise import VIEW_RESOLUTION, Rectangle
from corpus.paths import var_dir

SECONDS = 20  # for one page
AT_ONCE, WAIT_SECONDS = 2, 20  # how many pages are drawn at the same time, and how long another one waits
MAX_KEPT = 2_000  # images: the oldest go first

_SCRIPT = Path(__file__).parent / "loaders" / "rasterise.py"
_turns = threading.BoundedSemaphore(AT_ONCE)


class PageBusyError(DocumentError):
    """Too many pages are being drawn at the same time: trying again is enough."""


@dataclass(frozen=True)
class PageView:
    """The size of the image of a page in pixels, and the rectangles (x, y, width, height) of an excerpt on it."""

    width: int
    height: int
    rectangles: tuple[Rectangle, ...] = ()


def is_viewable(record: DocumentRecord) -> bool:
    """Whether the pages of a document can be drawn."""
    return record.file.endswith(".pdf") and bool(record.pages)


def has_page(record: DocumentRecord, number: int) -> bool:
    """Whether a page of this number, the first being 1, can be drawn."""
    return is_viewable(record) and 1 <= number <= (record.pages or 0)


def page_image(record: DocumentRecord, number: int, var: Path | None = None) -> bytes:
    """Return the PNG image of a page, drawn once.

    Raises:
        PageBusyError: Too many pages are being drawn.
        DocumentError: The file is missing or changed, or the page cannot be drawn in time and memory.
    """
    path = document_path(record, var)
    kept = _kept(record, number, var)
    with contextlib.suppress(OSError):
        return kept.read_bytes()
    with tempfile.TemporaryDirectory(prefix="page-") as directory:
        image = Path(directory) / "page.png"
        _run(record, [str(path), str(number), str(image)], number)
        data = image.read_bytes()
    _keep(kept, data)
    return data


def page_view(record: DocumentRecord, number: int, excerpt: str = "", var: Path | None = None) -> PageView:
    """Return the size of the image of a page, and where an excerpt stands on it: nowhere when it is not found.

    Raises:
        PageBusyError: Too many pages are being drawn.
        DocumentError: The file is missing or changed, or the page cannot be read in time and memory.
    """
    path = document_path(record, var)
    if not excerpt:
        with contextlib.suppress(OSError, struct.error), _kept(record, number, var).open("rb") as image:
            width, height = struct.unpack(">II", image.read(24)[16:])
            return PageView(width, height)
    said = json.loads(_run(record, [str(path), str(number)], number, excerpt))
    width, height = said["size"]
    return PageView(width, height, tuple(tuple(rectangle) for rectangle in said["rectangles"]))


def _run(record: DocumentRecord, arguments: list[str], number: int, given: str = "") -> str:
    if not _turns.acquire(timeout=WAIT_SECONDS):
        raise PageBusyError("Trop de pages sont demandées en même temps. Réessayez dans un instant.")
    try:
        done = subprocess.run(
            [sys.executable, "-P", str(_SCRIPT), *arguments],
            input=given.encode("utf-8", "replace"),
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise DocumentError(
            f"La page {number} de « {record.title} » demande plus de {SECONDS}\u00a0s pour être dessinée. "
            "Lisez son texte, ou ouvrez le document dans un lecteur de PDF."
        ) from error
    except (OSError, subprocess.SubprocessError) as error:
        raise DocumentError(
            f"La page {number} de « {record.title} » ne peut pas être dessinée\u00a0: le fichier est endommagé ou "
            "demande trop de mémoire. Lisez son texte, ou ouvrez le document dans un lecteur de PDF."
        ) from error
    finally:
        _turns.release()
    return done.stdout.decode("utf-8", "replace")


def _kept(record: DocumentRecord, number: int, var: Path | None) -> Path:
    return (var or var_dir()) / "cache" / "pages" / f"{record.sha256}-{number}-{VIEW_RESOLUTION}.png"


def _keep(kept: Path, data: bytes) -> None:
    """Write an image through a temporary file; a place that cannot be written costs a second drawing."""
    with contextlib.suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=kept.parent, prefix=".page-")
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        Path(name).replace(kept)
        images = sorted(kept.parent.glob("*.png"), key=lambda path: path.stat().st_mtime)
        for image in images[:-MAX_KEPT]:
            image.unlink(missing_ok=True)
