"""The rules as LangChain tools: the standard checks, the same results, clear refusals."""

from __future__ import annotations

from datetime import date

import pytest
from langchain_tests.unit_tests import ToolsUnitTests

from assistant.judging import Judge
from assistant.rules.deadline import check_ouvert
from assistant.rules.history import with_changes
from assistant.tools import (
    CategoryTool,
    DeadlineTool,
    FilingTool,
    HoursTool,
    OpenTool,
    ProjectTool,
    RuleTool,
    TextTool,
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
    assert len(tools) == 7
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
