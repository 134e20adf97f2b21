"""``python -m assistant usage``."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest

from assistant.cli import main
from assistant.model.ledger import Ledger, ledger_file
from assistant.model.settings import ModelSettings


def spend(name, day, read, written, prices=None):
    one = Ledger(ModelSettings(name, prices=prices), today=lambda: day)
    one.settle(one.reserve("c", read, written), read, written)


def test_nothing_yet(capsys):
    assert main(["usage"]) == 0
    assert capsys.readouterr().out == "Aucun modèle de langue n’a encore été appelé.\n"


def test_days_and_models(capsys):
    spend("ollama:qwen3", date(2000, 3, 1), 1500, 200)
    spend("openai:albert", date(2000, 3, 2), 1000, 100, (Decimal("0.2"), Decimal("0.6")))
    assert main(["usage"]) == 0
    head, last, first = capsys.readouterr().out.splitlines()
    assert head.split("  ")[0] == "jour"
    assert last.replace("\u202f", "_").split() == [
        "2000-03-02",
        "openai:albert",
        "1",
        "1_000",
        "100",
        "0,000260",
        "€",
    ]
    assert first.split()[-1] == "—"


def test_csv(capsys):
    spend("openai:albert", date(2000, 3, 2), 1000, 100, (Decimal("0.2"), Decimal("0.6")))
    assert main(["usage", "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out), delimiter=";"))
    assert rows == [
        {"jour": "2000-03-02", "modele": "openai:albert", "appels": "1", "tokens_lus": "1000", "tokens_ecrits": "100", "cout_euros": "0,000260"}
    ]  # fmt: skip


@pytest.mark.parametrize("option", [[], ["--csv"]])
def test_a_damaged_file_is_said_in_french(capsys, option):
    ledger_file().parent.mkdir(parents=True)
    ledger_file().write_bytes(b"rien " * 500)
    assert main(["usage", *option]) == 2
    assert "Le décompte du modèle ne peut être lu" in capsys.readouterr().err
