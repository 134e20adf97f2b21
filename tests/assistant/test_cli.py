"""The command line's contract, run as a user runs it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "assistant", *arguments],
        cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip


# The command line around an assistant that answers at once, or never for the question « attends »;
# in ASCII, as the locale « C » reads it.
QUICK = """
import signal, sys, time
import assistant.chain
from assistant.answer import Answer, Kind, Status

ANSWER = "R\\u00e9ponse \\u00e0 \\u00ab {} \\u00bb : 2\\u202f000 \\u20ac."

class Quick:
    def ask(self, turns, day):
        time.sleep(60 if turns[-1] == "attends" else 0)
        return Answer(Kind.ANSWER, Status.ANSWERED, ANSWER.format(turns[-1]))

assistant.chain.open_assistant = Quick
# A shell that starts the tests in the background makes them ignore Ctrl-C: the command is tried without that.
signal.signal(signal.SIGINT, signal.default_int_handler)
from assistant.cli import main
sys.exit(main(sys.argv[1:]))
"""


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def start(*arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", QUICK, *arguments],
        cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def quick(*arguments: str, **environment: str) -> tuple[int, str, str]:
    process = start(*arguments, **environment)
    output, errors = process.communicate(timeout=60)
    return process.returncode, output.decode(), plain(errors.decode())


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    path.write_text('{"id": 1, "turns": ["Bonjour"]}\n', encoding="utf-8")
    return path


def test_ask_in_json_follows_the_contract() -> None:
    done = run(
        "ask", "--json", "--date", "2026-11-22", "Nous avons 14 ESSMS en Normandie, est-ce recevable ?"
    )

    assert done.returncode == 0, done.stderr
    row = json.loads(done.stdout)
    assert set(row) == {
        "id",
        "kind",
        "status",
        "answer",
        "details",
        "notice", "mode", "model", "usage",
        "citations",
        "rules",
        "suggestions",
        "elapsed_ms",
    }
    assert (row["kind"], row["status"]) == ("answer", "answered")
    assert row["answer"].startswith("Non")
    rule = next(item for item in row["rules"] if item["rule"] == "groupement.seuil")
    assert rule["outcome"] == "no"
    assert rule["facts"]["nombre_essms"] == 14
    assert rule["missing"] == []
    assert rule["steps"][0]["status"] == "not_met"
    assert rule["steps"][0]["sources"]
    citation = row["citations"][0]
    assert {"number", "id", "title", "publisher", "date", "url", "location", "excerpt"} <= set(citation)


def test_batch_answers_good_lines_and_names_the_bad_ones(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    lines = [
        json.dumps({"id": "a", "turns": ["C’est quoi le SONS ?"], "date": "2026-11-22"}, ensure_ascii=False),
        "{not json",
        json.dumps({"id": "c", "turns": []}),
        json.dumps({"id": "d", "turns": ["Bonjour"], "date": "demain"}),
        json.dumps(["e"]),
        "",
        json.dumps(
            {"id": "f", "turns": ["40 ESSMS dans 3 régions, quelle voie ?", "et avec 60 ?"]},
            ensure_ascii=False,
        ),
    ]
    source.write_bytes("\n".join(lines).encode() + b"\n\xff\xfe broken\n")

    done = run("batch", str(source), str(target))

    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert [row["kind"] for row in rows] == ["answer", "error", "error", "error", "error", "answer", "error"]
    assert [row["id"] for row in rows] == ["a", None, "c", "d", None, "f", None]
    assert "Ligne 2" in rows[1]["message"]
    assert "national" in rows[5]["answer"]
    assert not list(tmp_path.glob("*.partial"))


def test_errors_are_one_french_sentence_and_exit_2(tmp_path: Path) -> None:
    for arguments, words in (
        (("ask",), "QUESTION"),
        (("ask", "--date", "2025-13-40", "x"), "2025-13-40"),
        (("ask", "--inconnu", "x"), "--inconnu"),
        (("batch", str(tmp_path / "rien.jsonl"), str(tmp_path / "o")), "rien.jsonl"),
        (("serve", "--port", "99999"), "99999"),
        (("serve", "--port", "abc"), "abc"),
        (("serve", "--port", "²"), "« ² » n’est pas un port"),
        (("ask", "--date", "20250101", "x"), "« 20250101 » n’est pas une date"),
        (("ask", "--date", "2025-W01-1", "x"), "« 2025-W01-1 » n’est pas une date"),
        (("danse",), "danse"),
        ((), "COMMANDE"),
    ):
        done = run(*arguments)
        assert done.returncode == 2, arguments
        assert words in plain(done.stderr)
        assert "Traceback" not in done.stderr


def test_batch_refuses_to_overwrite_its_input(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text('{"id": 1, "turns": ["Bonjour"]}\n', encoding="utf-8")

    done = run("batch", str(source), str(source))

    assert done.returncode == 2
    assert source.read_text(encoding="utf-8") == '{"id": 1, "turns": ["Bonjour"]}\n'


def test_serve_says_at_once_that_the_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", "--port", str(port))

    assert done.returncode == 2
    assert f"Le port {port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_batch_writes_any_id_as_valid_json_or_refuses_the_line(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(
        '{"id": "\\ud800", "turns": ["a\\udfff"]}\n{"id": NaN, "turns": ["b"]}\n{"id": 1e999, "turns": ["c"]}\n'
        '{"id": -Infinity, "turns": ["d"]}\n{"id": 1.5, "turns": ["e"]}\n'
        '{"id": 7, "turns": ["g"], "date": "20250101"}\n',
        encoding="utf-8",
    )

    status, _, errors = quick("batch", str(source), str(target))

    assert status == 0, errors

    def refuse(constant: str) -> None:
        pytest.fail(f"{constant} is no JSON")

    lines = target.read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line, parse_constant=refuse) for line in lines]
    assert [row["id"] for row in rows] == ["\ud800", None, None, None, 1.5, 7]
    assert [row["kind"] for row in rows] == ["answer", "error", "error", "error", "answer", "error"]


def test_batch_refuses_an_output_that_is_no_ordinary_file(tmp_path: Path, source: Path) -> None:
    # A terminal of our own stands for the devices: a regression must not replace /dev/null of the machine.
    master, terminal = os.openpty()
    os.mkfifo(tmp_path / "tube")
    (tmp_path / "dossier").mkdir()
    (tmp_path / "lien").symlink_to(os.ttyname(terminal))
    before = sorted(tmp_path.iterdir())

    for target in (
        os.ttyname(terminal),
        *(str(tmp_path / name) for name in ("tube", "dossier", "lien")),
    ):
        status, output, errors = quick("batch", str(source), target)
        assert (status, output) == (2, ""), target
        assert "n’est pas un fichier ordinaire" in errors

    assert sorted(tmp_path.iterdir()) == before
    assert Path(os.ttyname(terminal)).is_char_device()
    os.close(master)
    os.close(terminal)


def test_batch_refuses_the_file_that_the_shell_writes_its_output_to(tmp_path: Path, source: Path) -> None:
    log = tmp_path / "journal"
    for target in ("/proc/self/fd/1", str(tmp_path / "lien")):
        (tmp_path / "lien").unlink(missing_ok=True)
        (tmp_path / "lien").symlink_to("/proc/self/fd/1")
        with log.open("wb") as stream:
            done = subprocess.run(
                [sys.executable, "-c", QUICK, "batch", str(source), target],
                cwd=ROOT, stdout=stream, stderr=subprocess.PIPE, timeout=60, check=False,
            )  # fmt: skip
            assert done.returncode == 2, target
            assert os.fstat(stream.fileno()).st_nlink == 1
        assert log.read_bytes() == b""


def test_batch_writes_through_a_link_to_a_file(tmp_path: Path, source: Path) -> None:
    (tmp_path / "ailleurs").mkdir()
    real, link = tmp_path / "ailleurs" / "réel.jsonl", tmp_path / "lien.jsonl"
    real.write_text("ancien", encoding="utf-8")
    link.symlink_to(real)

    status, _, errors = quick("batch", str(source), str(link))

    assert status == 0, errors
    assert link.is_symlink()
    assert json.loads(real.read_text(encoding="utf-8"))["id"] == 1


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_batch_says_where_its_answers_are(tmp_path: Path, sent: signal.Signals) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"id": 1, "turns": ["a"]}\n{"id": 2, "turns": ["attends"]}\n', encoding="utf-8")
    partial = tmp_path / "out.jsonl.partial"
    process = start("batch", str(source), str(target))
    try:
        until = time.monotonic() + 60
        while not (partial.exists() and partial.read_bytes().endswith(b"\n")):
            assert time.monotonic() < until
            time.sleep(0.05)
        process.send_signal(sent)
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()

    assert process.returncode == 2
    assert f"Interrompu : 1 réponses déjà écrites sont dans {partial}." in plain(errors.decode())
    assert json.loads(partial.read_text(encoding="utf-8"))["id"] == 1
    assert not target.exists()


@pytest.mark.parametrize(
    "locale",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    ],
)
def test_ask_speaks_french_whatever_the_locale(locale: dict[str, str]) -> None:
    status, output, errors = quick("ask", "Où déposer ?", **locale)

    assert status == 0, errors
    assert output == "Réponse à « Où déposer ? » : 2\u202f000 €.\n"


def test_an_encoding_without_a_character_shows_its_code() -> None:
    process = start("ask", "Œuvre", PYTHONIOENCODING="latin-1", PYTHONUTF8="0")
    output, errors = process.communicate(timeout=60)

    assert process.returncode == 0, errors
    assert "Réponse à « \\u0152uvre »" in output.decode("latin-1")


def test_a_blank_question_gets_its_reply_and_exit_2() -> None:
    for question in ("", "   "):
        done = run("ask", question)
        assert done.returncode == 2
        assert done.stdout.strip()
        assert done.stderr == ""
