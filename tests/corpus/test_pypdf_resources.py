"""The PDFs that pypdf is tested with, odd and broken ones: each is added, or refused for a reason that is right.

They come from pypdf's source distribution, which ``make pdf-samples`` downloads (``make test`` does it first).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pypdf
import pytest

ROOT = Path(__file__).resolve().parents[2]
ARCHIVE = ROOT / "var" / "pdf-samples" / f"pypdf-{pypdf.__version__}.tar.gz"
SECONDS = 20
KIBIBYTES = 1024 * 1024
ADD = ["-m", "corpus", "add", "--title", "Essai", "--publisher", "pypdf", "--issued", "2026"]

# Each of these asks for a password that is not empty.
ENCRYPTED = {
    "crazyones-encrypted-256.pdf",
    "encrypted-file.pdf",
    "libreoffice-writer-password.pdf",
    "r2-user-password.pdf",
    "r3-user-password.pdf",
    "r4-aes-user-password.pdf",
    "r4-user-password.pdf",
    "r6-both-passwords.pdf",
    "r6-cleartext-metadata.pdf",
}
# Seen with other readers: images or drawings alone, blank pages, pages numbered and nothing else.
NO_TEXT = {
    "box.pdf",
    "encrypted_doc_no_id.pdf",
    "git.pdf",
    "imagemagick-ASCII85Decode.pdf",
    "imagemagick-CCITTFaxDecode.pdf",
    "imagemagick-images.pdf",
    "imagemagick-lzw.pdf",
    "issue-3850-1bit-indexed-flate.pdf",
    "two-different-pages.pdf",
}
ADDED, REFUSED = 54, {"est chiffré": 9, "semble numérisé": 9}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    if not ARCHIVE.is_file():
        pytest.fail(f"{ARCHIVE.relative_to(ROOT)} is missing: run make pdf-samples (PyPI must be reachable).")
    directory = tmp_path_factory.mktemp("pypdf")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(directory, filter="data")
    paths = sorted(directory.glob("*/resources/**/*.pdf"))
    with ThreadPoolExecutor(2) as pool:
        done = pool.map(lambda pair: add(pair[1], directory / f"var-{pair[0]}"), enumerate(paths))
        return {path.name: outcome for path, outcome in zip(paths, done, strict=True)}


def add(path: Path, var: Path) -> str:
    """Return what the command says in at most 20 s and 1 GiB; a scan finds no tesseract on its path."""
    environment = {**os.environ, "ASSISTANT_VAR": str(var), "PYTHONUTF8": "1", "PATH": str(var)}
    limited = [
        "/bin/bash",
        "-c",
        f'ulimit -v {KIBIBYTES}; exec "$@"',
        "bash",
        sys.executable,
        *ADD,
        str(path),
    ]
    try:
        done = subprocess.run(
            limited, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return f"more than {SECONDS} s"
    return (done.stdout + done.stderr).replace("\u00a0", " ").strip() or f"status {done.returncode}"


def refusal(said: str) -> str:
    found = re.fullmatch(r"Erreur : « .+? » (est chiffré|semble numérisé|est endommagé)\b.+\.\)?", said)
    return found[1] if found else said


def test_each_is_added_or_refused_in_french(outcomes):
    counts = Counter("added" if said.startswith("Ajouté : ") else refusal(said) for said in outcomes.values())

    assert counts == {"added": ADDED, **REFUSED}


def test_each_refusal_is_right(outcomes):
    refused = {name: refusal(said) for name, said in outcomes.items() if not said.startswith("Ajouté : ")}

    assert {name for name, reason in refused.items() if reason == "est chiffré"} == ENCRYPTED
    assert {name for name, reason in refused.items() if reason == "semble numérisé"} == NO_TEXT
