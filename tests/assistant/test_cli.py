"""The command line's contract, run as a user runs it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "assistant", *arguments],
        cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip


def test_ask_in_json_follows_the_contract() -> None:
    done = run(
        "ask", "--json", "--date", "2026-11-22", "Nous avons 14 ESSMS en Normandie, est-ce recevable ?"
    )

    assert done.returncode == 0, done.stderr
    row = json.loads(done.stdout)
    assert set(row) == {"id", "kind", "status", "answer", "citations", "rules", "suggestions", "elapsed_ms"}
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
        (("danse",), "danse"),
        ((), "COMMANDE"),
    ):
        done = run(*arguments)
        assert done.returncode == 2, arguments
        assert words in done.stderr
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
