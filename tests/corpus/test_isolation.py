"""The process that reads documents: what happens when one hangs, devours memory or brings it down."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from corpus.errors import DocumentError
from corpus.loaders import Block, LoadedDocument
from corpus.loaders.isolation import MEGABYTE, IsolatedReader, Limits

# What the process is told to read documents with: it does as the text of the document says.
HOSTILE = """
import ctypes, os, subprocess, sys, time
from corpus.errors import DocumentError
from corpus.loaders.content import Block, LoadedDocument

served = 0
kept = []

def read(path):
    global served
    served += 1
    order = path.read_text()
    if order == "sleep":
        time.sleep(600)
    if order == "spin":
        while True:
            pass
    if order == "sleep with a child":
        subprocess.run(["sleep", "600"])
    if order == "memory":
        [bytearray(10**8) for _ in range(1000)].sort()
    if order == "memory, hidden":
        try:
            bytearray(10**11)
        except MemoryError as error:
            raise DocumentError("endommagé") from error
    if order == "leak":
        kept.append(b"x" * (300 * 2**20))
    if order == "segfault":
        ctypes.string_at(0)
    if order == "exit":
        os._exit(3)
    if order == "depth":
        (lambda again: again(again))(lambda again: again(again))
    if order == "refuse":
        raise DocumentError(f"« {path.name} » est refusé. Voilà quoi faire.")
    if order == "break":
        raise KeyError("imprévu")
    if order == "quit":
        sys.exit(1)
    if order == "print":
        print("bruit " * 10000)
        os.write(1, b"bruit")
        sys.stdin.read()
        os.system("echo bruit")
    if order == "foreign":
        return subprocess.Popen
    if order == "nothing":
        return None
    if order == "huge":
        return LoadedDocument(None, (Block("paragraph", "x" * (65 * 2**20)),))
    return LoadedDocument(None, (Block("paragraph", f"{os.getpid()} {served} {order}"),), notices=("vu",))
"""


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Return what reads a document whose text is an order, under the limits given first."""
    (tmp_path / "hostile_reader.py").write_text(HOSTILE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    readers = []

    def read(order: str, **limits) -> LoadedDocument:
        if limits or not readers:
            readers.append(IsolatedReader("hostile_reader:read", Limits(**{"seconds": 20, **limits})))
        path = tmp_path / "document.txt"
        path.write_text(order, encoding="utf-8")
        return readers[-1].read(path)

    yield read
    for reader in readers:
        reader.close()


def process_of(document: LoadedDocument) -> int:
    return int(document.blocks[0].text.split()[0])


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z" if Path("/proc").exists() else True


def wait_for(end, seconds=5.0) -> bool:
    deadline = time.monotonic() + seconds
    while not end() and time.monotonic() < deadline:
        time.sleep(0.02)
    return end()


def test_one_process_reads_many_documents_and_is_replaced_after_some(read):
    pids = [process_of(read("bien", documents=3))] + [process_of(read("bien")) for _ in range(6)]

    assert len(set(pids)) == 3
    assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [3, 3, 1]
    assert os.getpid() not in pids
    assert not is_running(pids[0])


def test_a_document_comes_back_whole(read):
    document = read("bien é 😀")

    assert document == LoadedDocument(None, (Block("paragraph", document.blocks[0].text),), notices=("vu",))
    assert document.blocks[0].text.endswith("bien é 😀")


@pytest.mark.parametrize(
    ("order", "limits", "reason"),
    [
        ("sleep", {"seconds": 1}, r"durait plus de 1 s.*Découpez"),
        ("spin", {"seconds": 1}, r"durait plus de 1 s.*Découpez"),
        ("sleep with a child", {"seconds": 1}, r"durait plus de 1 s"),
        ("memory", {"memory": 400 * MEGABYTE}, r"plus de 400 Mo de mémoire.*Découpez"),
        ("memory, hidden", {}, r"plus de 1024 Mo de mémoire"),
        ("segfault", {}, r"interrompue brutalement \(code -11\).*enregistrez-le"),
        ("exit", {}, r"interrompue brutalement \(code 3\)"),
        ("depth", {}, r"emboîtés trop profondément"),
        ("break", {}, r"imprévue \(KeyError\)"),
        ("quit", {}, r"imprévue \(SystemExit\)"),
        ("foreign", {}, r"imprévue \(UnpicklingError\)"),
        ("nothing", {}, r"imprévue \(UnpicklingError\)"),
        ("huge", {}, r"Mo de mémoire"),
    ],
)
def test_what_goes_wrong_is_refused_and_the_next_document_is_read(read, order, limits, reason):
    start = time.monotonic()

    with pytest.raises(DocumentError, match=f"« document.txt » : .*{reason}"):
        read(order, **limits)
    assert read("bien").blocks
    assert time.monotonic() - start < 10


def test_a_refusal_comes_back_as_it_is_and_costs_no_process(read):
    first = process_of(read("bien"))
    with pytest.raises(DocumentError, match=r"^« document.txt » est refusé. Voilà quoi faire.$"):
        read("refuse")

    assert process_of(read("bien")) == first


def test_what_a_library_prints_or_asks_for_does_not_break_the_messages(read, capfd):
    assert read("print").blocks
    assert read("bien").blocks
    assert capfd.readouterr() == ("", "")


def test_a_process_that_keeps_memory_is_replaced(read):
    first = process_of(read("leak"))

    assert process_of(read("bien")) != first


def test_a_process_found_dead_is_replaced_without_a_refusal(read):
    first = process_of(read("bien"))
    os.kill(first, signal.SIGKILL)
    time.sleep(0.2)

    assert process_of(read("bien")) != first


def test_threads_share_the_process_and_get_each_their_document(tmp_path, read):
    read("bien")
    found: dict[int, str] = {}
    paths = [tmp_path / f"{rank}.md" for rank in range(20)]
    reader = IsolatedReader("hostile_reader:read")

    def ask(rank: int) -> None:
        paths[rank].write_text(f"document-{rank}", encoding="utf-8")
        found[rank] = reader.read(paths[rank]).blocks[0].text

    threads = [threading.Thread(target=ask, args=(rank,)) for rank in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    reader.close()

    assert all(found[rank].endswith(f" document-{rank}") for rank in range(20))
    assert len({text.split()[0] for text in found.values()}) == 1


def test_a_forked_process_starts_its_own(read):
    first = process_of(read("bien"))
    child = os.fork()
    if child == 0:
        os._exit(0 if process_of(read("bien")) != first else 1)

    assert os.waitpid(child, 0)[1] == 0
    assert process_of(read("bien")) == first


def test_an_interruption_leaves_no_answer_for_the_next_document(tmp_path, read):
    first = process_of(read("bien"))
    # A shell starts its background jobs deaf to Ctrl-C, and the tests may be one.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            read("sleep")
    finally:
        signal.signal(signal.SIGINT, before)

    assert process_of(read("bien")) != first


def test_the_environment_and_directory_of_the_moment_are_those_of_the_reading(tmp_path, monkeypatch):
    (tmp_path / "telling_reader.py").write_text(
        "import os\nfrom corpus.loaders.content import Block, LoadedDocument\n"
        "def read(path):\n    return LoadedDocument(os.environ.get('ASSISTANT_VAR'), (Block('paragraph', os.getcwd()),))\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    reader = IsolatedReader("telling_reader:read")
    (tmp_path / "a.txt").write_text("x")
    reader.read(tmp_path / "a.txt")
    monkeypatch.setenv("ASSISTANT_VAR", "ailleurs")
    monkeypatch.chdir(tmp_path)
    document = reader.read(Path("a.txt"))
    reader.close()

    assert (document.title, document.blocks[0].text) == ("ailleurs", str(tmp_path))


PARENT = """
import sys
from pathlib import Path
from corpus.loaders.isolation import IsolatedReader
reader = IsolatedReader("hostile_reader:read")
print(reader.read(Path(sys.argv[1])).blocks[0].text.split()[0], flush=True)
if sys.argv[2] == "busy":
    Path(sys.argv[1]).write_text("sleep with a child")
    reader.read(Path(sys.argv[1]))
elif sys.argv[2] == "idle":
    sys.stdin.read()
"""


@pytest.mark.parametrize("state", ["ended", "idle", "busy"])
def test_nothing_is_left_of_a_parent_that_ends_or_is_killed(tmp_path, state):
    (tmp_path / "hostile_reader.py").write_text(HOSTILE, encoding="utf-8")
    (tmp_path / "tmp").mkdir()
    document = tmp_path / "document.txt"
    document.write_text("bien")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(tmp_path), *filter(None, sys.path)]),
        "TMPDIR": str(tmp_path / "tmp"),
    }
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(document), state],
        env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as parent:  # fmt: skip
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        if state == "ended":
            parent.wait(10)
        else:
            assert is_running(worker)
            time.sleep(0.5)
            parent.kill()

    assert wait_for(lambda: not is_running(worker))
    assert wait_for(lambda: not list((tmp_path / "tmp").iterdir()))


def test_a_thousand_documents_cost_no_thousand_starts(tmp_path, read):
    read("bien")
    start = time.perf_counter()
    for _ in range(300):
        read("bien")

    assert (time.perf_counter() - start) / 300 < 0.01


def test_nothing_is_started_by_an_import_or_a_refusal_of_the_name():
    code = (
        "import subprocess; from pathlib import Path; subprocess.Popen = None\n"
        "from corpus.errors import DocumentError; from corpus.loaders import load\n"
        "try:\n    load(Path('absent.pdf'))\nexcept DocumentError as error:\n    print('refusé')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "refusé\n"
