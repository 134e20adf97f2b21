"""A new call for projects is a change in the corpus alone."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from assistant.judging import Judge
from assistant.judging.case import Data
from assistant.rules.deadline import check_ouvert, last_campagne
from assistant.rules.result import Outcome
from assistant.understanding.reading import read_conversation
from corpus.categories import load_categories
from corpus.parameters import PARAMETERS_DIR, Parameters, load_parameters
from corpus.territories import load_territories

DAY = date(2026, 5, 1)
ENTRY = """  - campagnes: ["2026"]
    value: {value}
    sources: [ars-mayotte-2025]
    confidence: haute
"""


@pytest.fixture
def with_2026(tmp_path: Path) -> Parameters:
    """A copy of the parameters with a campaign 2026: thresholds of 20 and 10, closing on 30 June 2026."""
    folder = tmp_path / "parameters"
    shutil.copytree(PARAMETERS_DIR, folder)
    for name, value in {
        "calendrier/cloture_regionale": '"2026-06-30"',
        "calendrier/ouverture_regionale": '"2026-03-01"',
        "groupement/seuil_general": "20",
        "groupement/seuil_corse_outre_mer": "10",
        "voie/seuil_national": "60",
        "voie/pluralite_regions": "2",
    }.items():
        path = folder / f"{name}.yaml"
        text = path.read_text(encoding="utf-8")
        path.write_text(
            re.sub(r"history:\n", "history:\n" + ENTRY.format(value=value), text), encoding="utf-8"
        )
    return load_parameters(folder)


def test_the_new_campaign_is_the_one_assumed_and_its_figures_apply(with_2026: Parameters) -> None:
    judge = Judge(Data(with_2026, load_territories(), load_categories()))

    ruling = judge.judge(read_conversation(["Nous sommes 15 ESSMS en Normandie, recevable ?"], DAY), DAY)

    assert last_campagne(with_2026) == "2026"
    assert ruling.results[0].outcome is Outcome.NO
    assert ruling.results[0].values["seuil"] == 20


def test_past_campaigns_still_answer_for_themselves(with_2026: Parameters) -> None:
    judge = Judge(Data(with_2026, load_territories(), load_categories()))

    ruling = judge.judge(read_conversation(["15 ESSMS en Normandie en 2024, recevable ?"], DAY), DAY)

    assert ruling.results[0].outcome is Outcome.YES


def test_the_new_call_is_open_between_its_days(with_2026: Parameters) -> None:
    outcomes = [
        check_ouvert(date(2026, month, day), with_2026).outcome
        for month, day in ((2, 28), (3, 1), (6, 30), (7, 1))
    ]

    assert outcomes == [Outcome.NO, Outcome.YES, Outcome.YES, Outcome.NO]
