"""``python -m assistant reply``: one message on the terminal, many into a folder."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import pytest

from assistant.chain import Assistant
from assistant.cli import main

QUESTION = "De : Direction <direction@example.org>\nEnvoyé : lundi 2 juin 2025 10:12\nÀ : service@example.net\nObjet : Seuil\n\nBonjour,\n\nQuel est le nombre minimal d’ESSMS en 2025 ?\n\nCordialement,\nLa directrice\n"
DAY = ("--date", "2025-06-02")


@pytest.fixture(autouse=True)
def _opened(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.chain.open_assistant", lambda: assistant)


def reply(*arguments: object) -> int:
    return main(["reply", *map(str, arguments)])


def state(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}


def summary(folder: Path) -> list[dict[str, str]]:
    text = (folder / "sommaire.csv").read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


@pytest.fixture
def message(tmp_path: Path) -> Path:
    path = tmp_path / "question.txt"
    path.write_text(QUESTION, encoding="utf-8")
    return path


def test_one_message_gives_its_json(message: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert reply("--json", *DAY, message) == 0
    said = json.loads(capsys.readouterr().out)
    assert {
        "subject",
        "draft",
        "questions",
        "facts",
        "risk",
        "reasons",
        "points_to_check",
        "citations",
        "rules",
    } <= set(said)
    assert said["to"] == "Direction <direction@example.org>"
    (question,) = said["questions"]
    assert {"text", "kind", "answer"} <= set(question)
    assert "Quel est le nombre minimal" in question["text"]
    assert "15 ESSMS" in said["draft"].replace("\u00a0", " ")


def test_one_message_gives_its_letter_with_what_stands_beside_it(
    message: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reply(*DAY, message) == 0
    said = capsys.readouterr().out
    for part in ("À : Direction <direction@example.org>", "Objet : RE", "Madame la Directrice", "Risque :"):
        assert part.casefold() in said.casefold()


def test_the_standard_input_is_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(QUESTION.encode("cp1252"))))
    assert reply("--json", *DAY, "-") == 0
    assert json.loads(capsys.readouterr().out)["subject"].endswith("Seuil")


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.txt", b""), ("a.png", b"\x89PNG"), ("a.eml", b"Subject: x\nContent-Type: multipart/encrypted; boundary=b\n\n--b--\n"), ("a.csv", b"x;y\n1;2\n"), ("absent", None)],
)  # fmt: skip
def test_what_cannot_be_read_is_said_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert reply(tmp_path / name) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.replace("\u00a0", " ").startswith("Erreur : ")
    assert "Traceback" not in said.err


def test_a_folder_is_drafted_whole_then_left_as_it_is(
    tmp_path: Path, message: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "lot.v1"
    folder.mkdir()
    message.rename(folder / "a.txt")
    (folder / "b.png").write_bytes(b"\x89PNG")
    (folder / "c.csv").write_text(
        "de;objet;corps\nx@example.org;=1+1;Qu’est-ce que le DUI ?\n;;\ny@example.org;Vide;\n",
        encoding="cp1252",
    )
    assert reply(*DAY, folder) == 0
    target = tmp_path / "lot.v1-reponses"
    rows = summary(target)
    assert [row["etat"] for row in rows] == ["rédigé", "en erreur", "rédigé", "en erreur"]
    assert "image" in rows[1]["erreur"]
    assert all((target / row["brouillon"]).is_file() for row in rows if row["brouillon"])
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    before = state(target)
    assert reply(*DAY, folder) == 0
    assert state(target) == before
    assert "2 déjà prêtes" in capsys.readouterr().err


def test_drafts_written_inside_the_folder_are_not_taken_for_messages(message: Path) -> None:
    target = message.parent / "brouillons"
    for _ in range(2):
        assert reply(*DAY, message.parent, "--out", target) == 0
        assert [row["id"] for row in summary(target)] == ["question.txt"]


def test_the_current_folder_is_drafted_beside_itself(message: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = message.parent / "courrier"
    folder.mkdir()
    message.rename(folder / "a.txt")
    monkeypatch.chdir(folder)
    assert reply(*DAY, ".") == 0
    assert len(summary(folder.parent / "courrier-reponses")) == 1


@pytest.mark.parametrize("name", ["boite.mbox", "Boite", "boite.eml"])
def test_a_mailbox_is_told_by_its_content(tmp_path: Path, name: str) -> None:
    one = "From a@example.org Mon Jun  2 10:12:00 2025\nFrom: a@example.org\nSubject: x\n\nQu’est-ce que le DUI ?\n\n"
    (tmp_path / name).write_text(2 * one, encoding="utf-8")
    assert reply(*DAY, tmp_path / name, "--out", tmp_path / "out") == 0
    assert [row["id"] for row in summary(tmp_path / "out")] == [f"{name}#0001", f"{name}#0002"]


def test_json_is_for_one_message_and_an_empty_folder_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reply("--json", tmp_path) == 2
    assert reply(tmp_path) == 2
    assert "ne contient aucun courriel" in capsys.readouterr().err
