"""Every boundary case of the rules, written by hand from the programme's texts (see cases/README.md)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from rule_cases import CASES, judge

from assistant.rules.catalogue import QUESTIONS


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['rule']} {case['name']}")
def test_the_rule_gives_the_verdict_of_the_texts(case: dict[str, Any]) -> None:
    result = judge(case)
    expected = case["expect"]

    assert result.outcome.value == expected["outcome"]
    if "missing" in expected:
        wanted = expected["missing"]
        assert list(result.missing[: len(wanted)] if wanted else result.missing) == wanted
    for name, value in (expected.get("values") or {}).items():
        found = result.values.get(name)
        assert (found.isoformat() if isinstance(found, date) else found) == value, name
    assert result.sources, "every outcome cites at least one source"
    assert result.rule in QUESTIONS, "every rule has its question in the catalogue"


def test_every_rule_of_the_catalogue_has_cases() -> None:
    # The envelope of a year and the amounts per structure have theirs in test_edges.py.
    assert {case["rule"] for case in CASES} == set(QUESTIONS) - {
        "enveloppes.annuelle",
        "coherence.montant_unitaire",
    }
