"""The suite of rules: facts to outcome, on both sides of every threshold and day (tests/assistant/rules/cases)."""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from evals.errors import EvalError
from evals.scoring import Check, Score
from evals.suite import Bench, Measured

CASES = Path(__file__).parents[1] / "tests" / "rule_cases.py"


def run(_bench: Bench, _sets: Sequence[str] = (), path: Path = CASES) -> Measured:
    """Apply the rule of every case to its facts, without a question being read.

    Raises:
        EvalError: The cases are not there: they belong to the repository, not to the installed package.
    """
    if not path.is_file():
        raise EvalError(f"{path} est absent : cette mesure se lance depuis une copie du dépôt.")
    cases = _load(path)
    return Measured([_score(case, cases.judge) for case in cases.CASES])


def _load(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location("rule_cases", path)
    if spec is None or spec.loader is None:
        raise EvalError(f"{path} ne peut être chargé.")
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault("rule_cases", module)
    spec.loader.exec_module(module)
    return module


def _score(case: Mapping[str, Any], judge: Any) -> Score:
    rule, expected = str(case["rule"]), case["expect"]
    started = time.perf_counter()
    result = judge(case)
    elapsed = round(1000 * (time.perf_counter() - started), 2)
    checks = [_same("outcome", str(expected["outcome"]), result.outcome.value)]
    if "missing" in expected:
        wanted = list(expected["missing"])
        found = list(result.missing[: len(wanted)] if wanted else result.missing)
        checks.append(_same("missing", ", ".join(wanted), ", ".join(found)))
    for name, value in (expected.get("values") or {}).items():
        checks.append(_same(name, _text(value), _text(result.values.get(name))))
    checks.append(
        Check(
            "sources", "une source au moins", ", ".join(result.sources), bool(result.sources), "aucune source"
        )
    )
    return Score(
        f"{rule} : {case['name']}",
        all(check.held for check in checks),
        tuple(checks),
        {"kind": result.outcome.value, "answer": result.outcome.value, "rules": [result.as_json()]},
        elapsed,
        set="cases",
        type=rule,
        theme=rule.partition(".")[0],
        turns=(str(case["name"]),),
        date=str(case.get("jour", "")),
        expected=dict(expected),
    )


def _same(name: str, wanted: str, found: str) -> Check:
    return Check(name, wanted, found, wanted == found, f"{name} : {found or '∅'} au lieu de {wanted or '∅'}")


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
