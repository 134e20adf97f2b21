"""The rules as LangChain tools: typed arguments, French descriptions, the same result as the rules give."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from langchain_core.tools import BaseTool, ToolException
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from assistant.judging import Judge
from assistant.rules.coherence import check_texte
from assistant.rules.deadline import check_echeance, check_ouvert, check_recevabilite, last_campagne
from assistant.rules.eligibility import check_categorie
from assistant.rules.facts import CategoryMention, Count, Facts, Period, Stated
from assistant.rules.history import with_changes
from assistant.rules.home_services import check_part_financable
from assistant.rules.project import judge
from assistant.rules.result import RuleResult

Voie = Literal["regionale", "multiregionale", "nationale"]
Campagne = Annotated[
    str, Field(pattern=r"^20\d\d(-T[12])?$", description="Campagne, par exemple 2025 ou 2021-T2.")
]
Jour = Annotated[date, Field(description="Jour, au format AAAA-MM-JJ.")]


class _Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ProjectArguments(_Arguments):
    """What is known of a project; leave out what is not."""

    jour: Jour
    nombre_essms: int | None = Field(None, ge=0, le=5000, description="Nombre d’ESSMS du projet.")
    territoires: list[str] = Field(
        default_factory=list, description="Régions, par exemple normandie ou la-reunion."
    )
    categories: list[str] = Field(
        default_factory=list, description="Catégories, par exemple ehpad, ime, usld."
    )
    campagne: Campagne | None = None
    date_depot: date | None = Field(None, description="Jour de dépôt, s’il est connu.")
    finess_geo: bool | None = Field(None, description="Chaque ESSMS a-t-il son numéro FINESS géographique ?")


class CategoryArguments(_Arguments):
    """A category of structures."""

    categorie: str = Field(description="Catégorie, par exemple ehpad, mecs, csapa ou usld.")
    campagne: Campagne | None = None


class DeadlineArguments(_Arguments):
    """A call, by campaign and track."""

    voie: Voie = Field(description="Voie de dépôt.")
    jour: Jour
    campagne: Campagne | None = None


class FilingArguments(_Arguments):
    """A filing, by day, track and campaign."""

    voie: Voie = Field(description="Voie de dépôt.")
    date_depot: Jour
    campagne: Campagne | None = None


class DayArguments(_Arguments):
    """A day."""

    jour: Jour


class HoursArguments(_Arguments):
    """The yearly hours of a mixed home service."""

    heures_essentielles: float = Field(ge=0, description="Heures consacrées aux activités essentielles.")
    heures_confort: float = Field(ge=0, description="Heures de confort.")
    campagne: Campagne | None = None


class RuleTool(BaseTool):
    """A rule that a chat model may call; wrong arguments give a French sentence, never a traceback."""

    handle_tool_error: Any = True
    handle_validation_error: Any = (
        "Arguments non valides : vérifiez les noms, les types et le format des dates."
    )
    _judge: Judge = PrivateAttr()

    def __init__(self, judge_: Judge, **options: Any) -> None:
        super().__init__(**options)
        self._judge = judge_

    def _as_json(self, result: RuleResult) -> dict[str, Any]:
        return with_changes(result, self._judge.data.parameters).as_json()

    def _campagne(self, stated: str | None) -> str:
        return stated or last_campagne(self._judge.data.parameters)


class ProjectTool(RuleTool):
    """The consolidated ruling on a project."""

    name: str = "juger_projet"
    description: str = (
        "Juge un projet ESMS numérique à une date : éligibilité, seuil de groupement, voie, délai, financement, "
        "obligations, et la question la plus utile à poser ensuite."
    )
    args_schema: type[BaseModel] = ProjectArguments

    def _run(self, **values: Any) -> dict[str, Any]:
        asked = ProjectArguments(**values)
        data = self._judge.data
        regions = {region.id for region in data.territories.regions}
        _refuse_unknown(asked.territoires, regions, "territoire")
        _refuse_unknown(asked.categories, set(data.categories), "catégorie")

        def stated(value: Any) -> Any:
            return None if value is None else Stated(value, str(value))

        facts = Facts(
            campagne=stated(asked.campagne),
            nombre_essms=stated(None if asked.nombre_essms is None else Count.exactly(asked.nombre_essms)),
            territoires=tuple(Stated(name, name) for name in asked.territoires),
            categories=tuple(CategoryMention(name, None, False, name) for name in asked.categories),
            date_depot=stated(Period.day(asked.date_depot) if asked.date_depot else None),
            finess_geo=stated(asked.finess_geo),
        )
        ruling = judge(facts, asked.jour, data.parameters, data.territories, data.categories)
        return {
            "campagne": ruling.campagne,
            "campagne_supposee": ruling.supposee,
            "outcome": ruling.outcome.value,
            "depot": ruling.depot.value,
            "question": ruling.question,
            "rules": [self._as_json(result) for result in ruling.results],
        }


class CategoryTool(RuleTool):
    """The legal eligibility of a category."""

    name: str = "juger_categorie"
    description: str = "Dit si une catégorie de structures peut candidater à ESMS numérique."
    args_schema: type[BaseModel] = CategoryArguments

    def _run(self, categorie: str, campagne: str | None = None) -> dict[str, Any]:
        categories = self._judge.data.categories
        _refuse_unknown([categorie], set(categories), "catégorie")
        mention = CategoryMention(categorie, None, False, categorie)
        parameters = self._judge.data.parameters
        return self._as_json(
            check_categorie(mention, categories[categorie], self._campagne(campagne), parameters)
        )


class DeadlineTool(RuleTool):
    """The closing date of a call."""

    name: str = "date_limite"
    description: str = (
        "Donne la date limite de dépôt d’une voie et d’une campagne, ou dit qu’elle est inconnue."
    )
    args_schema: type[BaseModel] = DeadlineArguments

    def _run(self, voie: str, jour: date, campagne: str | None = None) -> dict[str, Any]:
        parameters = self._judge.data.parameters
        return self._as_json(check_echeance("cloture", self._campagne(campagne), voie, parameters, jour))


class FilingTool(RuleTool):
    """Whether a filing is in time."""

    name: str = "recevabilite"
    description: str = "Dit si un dépôt à une date donnée est dans les délais."
    args_schema: type[BaseModel] = FilingArguments

    def _run(self, voie: str, date_depot: date, campagne: str | None = None) -> dict[str, Any]:
        year = campagne or str(date_depot.year)
        parameters = self._judge.data.parameters
        filed = Period.day(date_depot)
        return self._as_json(check_recevabilite(filed, str(filed), year, voie, parameters))


class OpenTool(RuleTool):
    """Whether a call is open on a day."""

    name: str = "appel_ouvert"
    description: str = "Dit si un appel à projets ESMS numérique est ouvert à une date, d’après les sources."
    args_schema: type[BaseModel] = DayArguments

    def _run(self, jour: date) -> dict[str, Any]:
        return self._as_json(check_ouvert(jour, self._judge.data.parameters))


class TextTool(RuleTool):
    """The instruction that applies on a day."""

    name: str = "texte_applicable"
    description: str = "Donne l’instruction applicable à une date."
    args_schema: type[BaseModel] = DayArguments

    def _run(self, jour: date) -> dict[str, Any]:
        return self._as_json(check_texte(jour, self._judge.data.parameters))


class HoursTool(RuleTool):
    """The share of a home service that can be funded."""

    name: str = "part_financable"
    description: str = "Calcule la part finançable d’un service à domicile à partir de ses heures."
    args_schema: type[BaseModel] = HoursArguments

    def _run(
        self, heures_essentielles: float, heures_confort: float, campagne: str | None = None
    ) -> dict[str, Any]:
        facts = Facts(
            heures_essentielles=Stated(heures_essentielles, str(heures_essentielles)),
            heures_confort=Stated(heures_confort, str(heures_confort)),
        )
        return self._as_json(
            check_part_financable(facts, self._campagne(campagne), self._judge.data.parameters)
        )


TOOLS: tuple[type[RuleTool], ...] = (
    ProjectTool, CategoryTool, DeadlineTool, FilingTool, OpenTool, TextTool, HoursTool,
)  # fmt: skip


def rule_tools(judge_: Judge | None = None) -> list[RuleTool]:
    """Return every rule as a tool, over the corpus that ships with the product unless a judge is given."""
    shared = judge_ or Judge.from_corpus()
    return [tool(shared) for tool in TOOLS]


def _refuse_unknown(names: list[str], known: set[str], noun: str) -> None:
    for name in names:
        if name not in known:
            examples = ", ".join(sorted(known)[:6])
            raise ToolException(f"{noun} inconnue : « {name} ». Valeurs admises, par exemple : {examples}…")
