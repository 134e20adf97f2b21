"""OCR of a scanned PDF: pages drawn by ``rasterise``, read by the ``tesseract`` program when it is installed.

The program is optional. What was read is kept under ``var/cache/ocr`` by the digest of the file: adding a document
then indexing it reads it once.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from corpus.errors import DocumentError
from corpus.loaders.content import clean
from corpus.loaders.layout import Line
from corpus.paths import var_dir

MAX_PAGES = 200
PAGE_SECONDS, DOCUMENT_SECONDS = 60, 1_800
LANGUAGE = "fra"
PAGE_BREAK = "\f"
# What tesseract prints has neither size nor place: each line is given the same, in points.
SIZE, PITCH, APART = 10.0, 12.0, 10_000.0

ADVICE = (
    "Installez tesseract avec le français (apt install tesseract-ocr tesseract-ocr-fra), ou passez-le d’abord "
    "dans un logiciel de reconnaissance de caractères (OCR)."
)


def read_scan(path: Path, pages: int) -> list[Line] | None:
    """Return the lines of a scanned PDF, or ``None`` when what reads it is not installed.

    Raises:
        DocumentError: There are too many pages, or one cannot be read in time; says so in French.
    """
    kept = _kept(path)
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return _lines(kept.read_text(encoding="utf-8"))
    tesseract = _tesseract()
    if tesseract is None:
        return None
    if pages > MAX_PAGES:
        raise DocumentError(
            f"« {path.name} » est numérisé et a {pages} pages ; la limite de la reconnaissance de caractères "
            f"est de {MAX_PAGES}. Découpez le document."
        )
    text = PAGE_BREAK.join(_read_pages(tesseract, path, pages))
    _keep(kept, text)
    return _lines(text)


def _read_pages(tesseract: str, path: Path, pages: int) -> Iterator[str]:
    """Yield the text of each page, as long as the whole document keeps within its time."""
    end = time.monotonic() + DOCUMENT_SECONDS
    for number in range(1, pages + 1):
        if time.monotonic() > end:
            raise DocumentError(
                f"« {path.name} » : la reconnaissance de caractères a dépassé {DOCUMENT_SECONDS // 60} min à la page "
                f"{number} sur {pages}. Découpez le document, ou fournissez une version texte."
            )
        yield _read_page(tesseract, path, number)


def _tesseract() -> str | None:
    """Return the program if it has the French data."""
    program = shutil.which("tesseract")
    if program is None:
        return None
    try:
        listed = _run([program, "--list-langs"])
    except (OSError, subprocess.SubprocessError):
        return None
    return program if LANGUAGE in listed.split() else None


def _read_page(tesseract: str, path: Path, number: int) -> str:
    with tempfile.TemporaryDirectory(prefix="ocr-") as directory:
        image = Path(directory) / "page.pgm"
        try:
            _run(
                [
                    sys.executable,
                    "-P",
                    str(Path(__file__).with_name("rasterise.py")),
                    str(path),
                    str(number),
                    str(image),
                ]
            )
            text = _run([tesseract, str(image), "stdout", "-l", LANGUAGE])
        except subprocess.TimeoutExpired as error:
            raise DocumentError(
                f"« {path.name} » : la reconnaissance de caractères de la page {number} a dépassé "
                f"{PAGE_SECONDS} s. Numérisez de nouveau cette page, ou fournissez une version texte."
            ) from error
        except (OSError, subprocess.SubprocessError) as error:
            raise DocumentError(
                f"« {path.name} » : la reconnaissance de caractères de la page {number} a échoué. "
                "Numérisez de nouveau cette page, ou fournissez une version texte."
            ) from error
    return text.replace(PAGE_BREAK, "")


def _run(command: list[str]) -> str:
    done = subprocess.run(
        command, capture_output=True, timeout=PAGE_SECONDS, check=True, stdin=subprocess.DEVNULL
    )
    return done.stdout.decode("utf-8", "replace")


def _lines(text: str) -> list[Line]:
    """Return the lines as if printed at one size, and each paragraph, after an empty line, out of reach."""
    lines = []
    for number, page in enumerate(text.split(PAGE_BREAK), 1):
        paragraph = 0
        for rank, line in enumerate(page.splitlines()):
            if content := clean(line):
                lines.append(Line(content, number, APART * paragraph - PITCH * rank, SIZE))
            else:
                paragraph += 1
    return lines


def _kept(path: Path) -> Path:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return var_dir() / "cache" / "ocr" / f"{digest}.txt"


def _keep(kept: Path, text: str) -> None:
    """Write what was read, through a temporary file; a place that cannot be written costs a second reading."""
    with contextlib.suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=kept.parent, prefix=".ocr-")
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(name).replace(kept)
