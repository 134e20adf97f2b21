"""The rules as LangChain tools: the standard checks, the same results, clear refusals."""

from __future__ import annotations

from datetime import date

import pytest
from langchain_tests.unit_tests import ToolsUnitTests

from assistant.judging import Judge
from assistant.rules.deadline import check_ouvert
from assistant.rules.history import with_changes
from assistant.tools import (
    TOOLS,
    AmountTool,
    CategoryTool,
    ChangesTool,
    CircuitTool,
    CountTool,
    DeadlineTool,
    DecisionTool,
    EnvelopeTool,
    FilingTool,
    FundingTool,
    HardwareTool,
    HoursTool,
    LeadTool,
    OpenTool,
    OtherAidTool,
    ProjectTool,
    ReferencingTool,
    RegistrationTool,
    RuleTool,
    TextTool,
    TotalTool,
    UnitAmountTool,
    UpgradeTool,
    WaiverTool,
    YearTool,
    rule_tools,
)

JUDGE = Judge.from_corpus()


class ToolStandard(ToolsUnitTests):
    """LangChain's own checks, for each tool."""

    kind: type[RuleTool]
    example: dict

    @property
    def tool_constructor(self):
        return self.kind

    @property
    def tool_constructor_params(self):
        return {"judge_": JUDGE}

    @property
    def tool_invoke_params_example(self):
        return self.example


class TestProjectTool(ToolStandard):
    kind, example = ProjectTool, {"jour": "2026-11-22", "nombre_essms": 14, "territoires": ["normandie"]}


class TestCategoryTool(ToolStandard):
    kind, example = CategoryTool, {"categorie": "usld"}


class TestDeadlineTool(ToolStandard):
    kind, example = DeadlineTool, {"voie": "regionale", "jour": "2026-11-22", "campagne": "2025"}


class TestFilingTool(ToolStandard):
    kind, example = FilingTool, {"voie": "regionale", "date_depot": "2025-09-15"}


class TestOpenTool(ToolStandard):
    kind, example = OpenTool, {"jour": "2026-11-22"}


class TestTextTool(ToolStandard):
    kind, example = TextTool, {"jour": "2025-06-01"}


class TestHoursTool(ToolStandard):
    kind, example = HoursTool, {"heures_essentielles": 6000, "heures_confort": 2000}


class TestChangesTool(ToolStandard):
    kind, example = ChangesTool, {"depuis": "2024", "campagne": "2025"}


class TestCircuitTool(ToolStandard):
    kind, example = CircuitTool, {"voie": "nationale"}


class TestLeadTool(ToolStandard):
    kind, example = LeadTool, {"campagne": "2025"}


class TestDecisionTool(ToolStandard):
    kind, example = DecisionTool, {"campagne": "2025"}


class TestFundingTool(ToolStandard):
    kind, example = FundingTool, {"choix": "maintien"}


class TestAmountTool(ToolStandard):
    kind, example = AmountTool, {"campagne": "2021-T1", "choix": "acquisition", "nombre_essms": 35}


class TestHardwareTool(ToolStandard):
    kind, example = (
        HardwareTool,
        {"essms_du_gestionnaire": 14, "territoires": ["grand-est"], "campagne": "2024"},
    )


class TestUpgradeTool(ToolStandard):
    kind, example = UpgradeTool, {"jour": "2026-11-22", "date_commande": "2024-02-28"}


class TestReferencingTool(ToolStandard):
    kind, example = ReferencingTool, {"domaine": "PJM", "campagne": "2025"}


class TestWaiverTool(ToolStandard):
    kind, example = WaiverTool, {"jour": "2026-11-22", "domaine": "AHI", "eligible_sons": False}


class TestOtherAidTool(ToolStandard):
    kind, example = OtherAidTool, {"autre_aide_europeenne": True}


class TestEnvelopeTool(ToolStandard):
    kind, example = EnvelopeTool, {"jour": "2025-06-01", "campagne": "2025"}


class TestCountTool(ToolStandard):
    kind, example = CountTool, {"jour": "2026-11-22"}


class TestTotalTool(ToolStandard):
    kind, example = TotalTool, {"montant_meur": 87.0, "annee": 2025, "jour": "2025-10-01"}


class TestYearTool(ToolStandard):
    kind, example = YearTool, {"montant_meur": 87.0, "annee": 2025}


class TestUnitAmountTool(ToolStandard):
    kind, example = UnitAmountTool, {"montant_eur": 25000.0, "campagne": "2025"}


class TestRegistrationTool(ToolStandard):
    kind, example = (
        RegistrationTool,
        {"date_signature": "2025-10-01", "date_enregistrement": "2025-10-02", "domaine": "AHI"},
    )


del ToolStandard


@pytest.fixture(scope="module")
def tools() -> dict[str, RuleTool]:
    return {tool.name: tool for tool in rule_tools(JUDGE)}


def test_a_tool_gives_the_result_of_its_rule(tools: dict[str, RuleTool]) -> None:
    found = tools["appel_ouvert"].invoke({"jour": "2026-11-22"})

    parameters = JUDGE.data.parameters
    assert found == with_changes(check_ouvert(date(2026, 11, 22), parameters), parameters).as_json()
    assert (
        tools["part_financable"].invoke({"heures_essentielles": 6000, "heures_confort": 2000})["values"][
            "taux"
        ]
        == 0.75
    )
    project = tools["juger_projet"].invoke({"jour": "2025-06-01", "nombre_essms": 10, "finess_geo": True})
    assert (project["outcome"], project["depot"], project["question"]) == (
        "undetermined",
        "undetermined",
        "territoires",
    )
    assert (project["campagne"], project["campagne_supposee"]) == ("2025", True)


def test_every_tool_is_described_in_french_with_typed_arguments(tools: dict[str, RuleTool]) -> None:
    assert len(tools) == len(TOOLS) == 24
    for tool in tools.values():
        assert len(tool.description) > 30
        assert tool.args


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("juger_categorie", {"categorie": "chateau"}, "chateau"),
        ("juger_projet", {"jour": "2025-06-01", "territoires": ["atlantide"]}, "atlantide"),
        ("juger_projet", {"jour": "demain"}, "Arguments non valides"),
        ("juger_projet", {"jour": "2025-06-01", "nombre_essms": -3}, "Arguments non valides"),
        ("juger_projet", {"jour": "2025-06-01", "inconnu": 1}, "Arguments non valides"),
        ("date_limite", {"voie": "maritime", "jour": "2025-06-01"}, "Arguments non valides"),
        ("recevabilite", {"voie": "regionale"}, "Arguments non valides"),
    ],
)
def test_bad_arguments_get_a_clear_message(
    tools: dict[str, RuleTool], name: str, arguments: dict, words: str
) -> None:
    assert words in str(tools[name].invoke(arguments))


@pytest.mark.parametrize(
    ("name", "arguments", "rule", "outcome"),
    [
        ("changements", {"depuis": "2022", "campagne": "2023"}, "coherence.changements", "yes"),
        ("circuit_de_depot", {"voie": "nationale"}, "depot.circuit", "yes"),
        ("ars_competente", {"campagne": "2025"}, "groupement.ars_competente", "undetermined"),
        ("delai_de_decision", {"campagne": "2025"}, "depot.decision", "undetermined"),
        ("type_de_financement", {}, "financement.type", "undetermined"),
        (
            "montants",
            {"campagne": "2021-T1", "choix": "acquisition", "nombre_essms": 35},
            "financement.montant",
            "yes",
        ),
        (
            "aide_au_materiel",
            {"essms_du_gestionnaire": 14, "territoires": ["grand-est"], "campagne": "2024"},
            "financement.materiel",
            "yes",
        ),
        (
            "montee_de_version",
            {"jour": "2026-11-22", "date_commande": "2024-02-28", "date_deploiement": "2024-12-20"},
            "sons.montee_de_version",
            "no",
        ),
        ("referencement", {"domaine": "PJM", "campagne": "2025"}, "sons.referencement", "no"),
        (
            "dispense_de_cibles",
            {"jour": "2026-11-22", "domaine": "AHI", "eligible_sons": False},
            "cibles.dispense",
            "yes",
        ),
        ("cumul", {"autre_aide_europeenne": True}, "cumul.compatibilite", "no"),
        ("enveloppe", {"jour": "2025-06-01", "campagne": "2025"}, "enveloppes.annuelle", "yes"),
        (
            "controle_enveloppe",
            {"montant_meur": 87.0, "annee": 2025, "jour": "2025-10-01"},
            "enveloppes.controle",
            "no",
        ),
        ("annee_du_montant", {"montant_meur": 87.0, "annee": 2025}, "coherence.annee", "no"),
        (
            "montant_par_structure",
            {"montant_eur": 10000.0, "campagne": "2025"},
            "coherence.montant_unitaire",
            "no",
        ),
        (
            "enregistrement_ahi",
            {"date_signature": "2025-10-01", "date_enregistrement": "2025-10-02", "domaine": "AHI"},
            "sons.conformite_ahi",
            "no",
        ),
        ("structures_engagees", {"jour": "2026-11-22"}, "deploiement.chiffres", "yes"),
    ],
)
def test_each_rule_can_be_asked_for_by_name(
    tools: dict[str, RuleTool], name: str, arguments: dict, rule: str, outcome: str
) -> None:
    found = tools[name].invoke(arguments)

    assert (found["rule"], found["outcome"]) == (rule, outcome)
