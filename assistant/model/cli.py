"""``python -m assistant usage``: what the language model has cost, day by day."""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from assistant.composing.french import NBSP
from assistant.model.ledger import Line, read_lines

_COLUMNS = ("jour", "modele", "appels", "tokens_lus", "tokens_ecrits", "cout_euros")
_MICRO = Decimal("0.000001")


def add_commands(commands: Any) -> None:
    """Add ``usage`` to the commands of the assistant."""
    usage = commands.add_parser("usage", help="lire ce que le modèle de langue a consommé, jour par jour")
    usage.add_argument(
        "--csv", action="store_true", help="écrire un tableau CSV (séparateur : point-virgule)"
    )
    usage.set_defaults(run=_usage)


def _usage(options: argparse.Namespace) -> int:
    lines = read_lines()
    print(as_csv(lines) if options.csv else summarise(lines), end="" if options.csv else "\n")
    return 0


def as_csv(lines: Iterable[Line]) -> str:
    """Return one row a day and model, under the names of the columns; amounts with a decimal comma."""
    written = io.StringIO()
    table = csv.writer(written, delimiter=";", lineterminator="\n")
    table.writerow(_COLUMNS)
    for line in lines:
        spent = line.spent
        table.writerow(
            (
                line.day.isoformat(),
                line.model,
                spent.calls,
                spent.input_tokens,
                spent.output_tokens,
                _euros(spent.cost),
            )
        )
    return written.getvalue()


def summarise(lines: list[Line]) -> str:
    """Return a table to be read, the last day first."""
    if not lines:
        return "Aucun modèle de langue n’a encore été appelé."
    rows = [("jour", "modèle", "appels", "tokens lus", "tokens écrits", "coût")]
    rows += [
        (
            line.day.isoformat(),
            line.model,
            _grouped(line.spent.calls),
            _grouped(line.spent.input_tokens),
            _grouped(line.spent.output_tokens),
            f"{_euros(line.spent.cost)}{NBSP}€" if line.spent.cost else "—",
        )
        for line in lines
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")


def _euros(cost: Decimal) -> str:
    return f"{cost.quantize(_MICRO):f}".replace(".", ",")
