"""The suite of development questions kept beside the project, graded by the scorer kept with them."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from evals.errors import EvalError
from evals.scoring import Check, Score
from evals.suite import Bench, Measured

QUESTIONS, SCORER = Path("evals/dev.jsonl"), Path("evals/score.py")


def run(bench: Bench, _sets: Sequence[str] = ()) -> Measured:
    """Ask every question and let its scorer grade the reply; nothing is measured when they are absent.

    Raises:
        EvalError: The questions or the scorer cannot be read.
    """
    questions, scorer = bench.beside / QUESTIONS, bench.beside / SCORER
    if not (questions.is_file() and scorer.is_file()):
        note = f"Les questions de développement ({questions}) sont absentes : rien n’est mesuré."
        return Measured([], (note,))
    grade = _load(scorer).grade
    scores = []
    for number, line in enumerate(questions.read_text(encoding="utf-8").splitlines(), 1):
        try:
            item = json.loads(line)
            turns, day = tuple(item["turns"]), date.fromisoformat(item["date"])
        except (ValueError, KeyError, TypeError) as error:
            raise EvalError(f"{questions}, ligne {number} : « turns » et « date » sont attendus.") from error
        asked = bench.subject.ask(turns, day)
        scores.append(
            Score(
                item["id"],
                (graded := grade(item, asked.reply))["passed"],
                tuple(_checks(graded)),
                asked.reply,
                asked.elapsed_ms,
                set="dev",
                type=item["type"],
                theme=item["type"].partition("/")[0],
                turns=turns,
                date=day.isoformat(),
                expected=item["expect"],
            )
        )
    return Measured(scores, sets=("dev",))


def _checks(graded: dict[str, Any]) -> list[Check]:
    """Return what the scorer found wrong, else the kind it accepted."""
    kind = str(graded["kind"])
    return [Check("scorer", "", kind, False, reason) for reason in graded["reasons"]] or [
        Check("scorer", "", kind, True)
    ]


def _load(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location("development_scorer", path)
    if spec is None or spec.loader is None:
        raise EvalError(f"{path} ne peut être chargé : un module Python est attendu.")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (OSError, SyntaxError, ImportError) as error:
        raise EvalError(f"{path} ne peut être chargé ({error}).") from error
    return module
