"""Many messages: a draft each, a summary, nothing lost when stopped, nothing changed by a second run."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from assistant.drafting.batch import COLUMNS, SUMMARY, Item, Settings, Tally, draft_all, file_stem
from assistant.drafting.message import Address, Message
from assistant.drafting.reply import Options, Paragraph, Reply, Role, Tone
from assistant.errors import InputError

NOW = datetime(2025, 6, 2, 8, tzinfo=UTC)


class Writer:
    """Drafts without the assistant: what a batch does of drafts is what is tested here."""

    def __init__(self) -> None:
        self.drafted: list[tuple[str, date]] = []

    def draft(self, message: Message, day: date, options: Options) -> Reply:
        if "panne" in message.text:
            raise RuntimeError("inattendu")
        self.drafted.append((message.text, day))
        return Reply(
            "Re: objet",
            (Paragraph("opening", Role.OPENING, f"Réponse à : {message.text}"),),
            to=message.answer_to,
        )


@dataclass(frozen=True)
class Given:
    id: str
    text: str
    label: str = "message"

    def read(self) -> Message:
        if "illisible" in self.text:
            raise InputError("Ce message est chiffré.")
        return Message(self.text, subject="=objet", sender=Address("", "a@example.org"))


def run(items: Sequence[Item], target: Path, writer: Writer | None = None, **settings: object) -> Tally:
    given = Settings(**{"day": date(2025, 6, 2), **settings})  # type: ignore[arg-type]
    return draft_all(items, writer or Writer(), target, given, clock=lambda: NOW)  # type: ignore[arg-type]


def table(target: Path) -> list[dict[str, str]]:
    text = (target / SUMMARY).read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def state(target: Path) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in target.iterdir()}


def test_each_message_has_a_draft_its_json_and_a_row(tmp_path: Path) -> None:
    target = tmp_path / "out"
    assert run([Given("un.eml", "Bonjour"), Given("deux.eml", "Bonsoir")], target) == Tally(2, 0, 0)
    rows = table(target)
    assert tuple(rows[0]) == COLUMNS
    assert [row["id"] for row in rows] == ["un.eml", "deux.eml"]
    for row, text in zip(rows, ("Bonjour", "Bonsoir"), strict=True):
        assert f"Réponse à : {text}" in (target / row["brouillon"]).read_text(encoding="utf-8")
        assert (
            json.loads((target / row["brouillon"]).with_suffix(".json").read_text(encoding="utf-8"))[
                "subject"
            ]
            == "Re: objet"
        )
        assert (row["etat"], row["risque"]) == ("rédigé", "vert")


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    items = [Given("un", "Bonjour"), Given("deux", "illisible")]
    run(items, tmp_path)
    before = state(tmp_path)
    writer = Writer()
    assert run(items, tmp_path, writer) == Tally(0, 1, 1)
    assert state(tmp_path) == before
    assert writer.drafted == []


def test_a_message_that_fails_stops_no_other_and_is_tried_again(tmp_path: Path) -> None:
    items = [Given("a", "illisible"), Given("b", "panne"), Given("c", "Bonjour")]
    assert run(items, tmp_path) == Tally(1, 0, 2)
    errors = [row["erreur"] for row in table(tmp_path)]
    assert errors == ["Ce message est chiffré.", "Échec inattendu (RuntimeError).", ""]
    assert run([Given("a", "Bonsoir"), *items[1:]], tmp_path) == Tally(1, 1, 1)


@pytest.mark.parametrize(
    "changed",
    [
        {"day": date(2025, 7, 1)},
        {"options": Options(tone=Tone.PLAIN)},
        {"form": "eml"},
        {"knowledge": "un autre corpus"},
    ],
)
def test_a_draft_is_made_again_when_the_settings_change(tmp_path: Path, changed: dict[str, object]) -> None:
    items = [Given("un", "Bonjour")]
    run(items, tmp_path)
    assert run(items, tmp_path, **changed) == Tally(1, 0, 0)


def test_a_draft_is_made_again_when_its_message_changes_or_its_file_is_gone(tmp_path: Path) -> None:
    run([Given("un", "Bonjour"), Given("deux", "Bonsoir")], tmp_path)
    (tmp_path / table(tmp_path)[1]["brouillon"]).unlink()
    assert run([Given("un", "Autre chose"), Given("deux", "Bonsoir")], tmp_path) == Tally(2, 0, 0)


def test_without_a_date_a_draft_of_an_earlier_day_is_kept(tmp_path: Path) -> None:
    items = [Given("un", "Bonjour")]
    run(items, tmp_path, day=None)
    later = datetime(2026, 1, 5, tzinfo=UTC)
    tally = draft_all(items, Writer(), tmp_path, Settings(), clock=lambda: later)  # type: ignore[arg-type]
    assert tally == Tally(0, 1, 0)
    assert table(tmp_path)[0]["date_de_reponse"] == "2025-06-02"


@pytest.mark.parametrize("form", ["md", "eml", "docx", "odt"])
def test_drafts_are_written_in_each_format(tmp_path: Path, form: str) -> None:
    run([Given("un", "Bonjour")], tmp_path, form=form)
    content = (tmp_path / table(tmp_path)[0]["brouillon"]).read_bytes()
    assert content.startswith({"md": b"# Re", "docx": b"PK", "odt": b"PK"}.get(form, content[:1]))
    assert form != "eml" or b"X-Unsent: 1" in content


@pytest.mark.parametrize(
    "identifier",
    [
        "../../etc/passwd",
        "a/b\\c",
        "CON",
        "nul.eml",
        "x" * 5000,
        "\x00",
        "é.eml",
        "",
        "a\nb",
        "\ud800",
        ".",
        "=1+1",
    ],
)
def test_names_of_files_are_safe_and_apart(tmp_path: Path, identifier: str) -> None:
    stem = file_stem(identifier)
    assert len(stem) < 100
    assert (tmp_path / f"{stem}.md").resolve().parent == tmp_path.resolve()
    assert stem != file_stem(identifier + "x")
    assert file_stem("A.eml") != file_stem("a.eml")
    run([Given(identifier, "Bonjour")], tmp_path)
    assert len(table(tmp_path)) == 1


def test_no_cell_of_the_summary_is_a_formula(tmp_path: Path) -> None:
    run([Given("=cmd|' /C calc'!A0", "Bonjour", "+33")], tmp_path)
    (row,) = table(tmp_path)
    assert all(not value.startswith(("=", "+", "-", "@")) for value in row.values())


def test_what_an_earlier_run_left_damaged_is_made_again(tmp_path: Path) -> None:
    run([Given("un", "Bonjour")], tmp_path)
    record = next(tmp_path.glob("un-*.json"))
    for damaged in (b"", b"{", b"[]", b'{"made_with": 1}', b"\xff", b"[" * 100_000):
        record.write_bytes(damaged)
        assert run([Given("un", "Bonjour")], tmp_path) == Tally(1, 0, 0)


def test_a_target_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "fichier").write_text("x")
    with pytest.raises(InputError, match="n’est pas un dossier"):
        run([Given("un", "Bonjour")], tmp_path / "fichier")


SLOW = """
import sys, time
sys.path.insert(0, {tests!r})
from test_batch import Given, Writer, run
from pathlib import Path
class Slow(Writer):
    def draft(self, *given):
        time.sleep(0.02)
        return super().draft(*given)
run([Given(f"m{{n}}", f"Bonjour {{n}}") for n in range(200)], Path({target!r}), Slow())
"""


def test_a_run_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    code = SLOW.format(tests=str(Path(__file__).parent), target=str(tmp_path / "out"))
    target = tmp_path / "out"
    killed = 0
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", code], env={**os.environ})
        deadline = time.monotonic() + 30
        wanted = killed + 15
        while time.monotonic() < deadline and len(list(target.glob("m*.json"))) < wanted:
            time.sleep(0.01)
        process.kill()
        process.wait()
        killed = len(list(target.glob("m*.json")))
        assert killed >= wanted
        for record in target.glob("m*.json"):
            content = json.loads(record.read_text(encoding="utf-8"))
            assert (target / content["file"]).read_text(encoding="utf-8").endswith("\n")
    items = [Given(f"m{number}", f"Bonjour {number}") for number in range(200)]
    tally = run(items, target)
    assert tally.kept >= killed
    assert tally.drafted + tally.kept == len(table(target)) == 200
