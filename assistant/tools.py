"""The rules as LangChain tools: typed arguments, French descriptions, the same result as the rules give."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from langchain_core.tools import BaseTool, ToolException
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from assistant.judging import Judge
from assistant.rules.coherence import (
    check_annuelle,
    check_chiffres,
    check_enveloppe,
    check_montant_annee,
    check_montant_unitaire,
    check_texte,
)
from assistant.rules.cumulation import check_compatibilite
from assistant.rules.deadline import check_echeance, check_ouvert, check_recevabilite, last_campagne
from assistant.rules.eligibility import check_categorie
from assistant.rules.facts import CategoryMention, Count, Facts, Period, Stated
from assistant.rules.funding import check_materiel, check_montant, check_type
from assistant.rules.history import check_changements, with_changes
from assistant.rules.home_services import check_part_financable
from assistant.rules.procedure import check_ars_competente, check_circuit, check_decision
from assistant.rules.project import judge
from assistant.rules.result import RuleResult
from assistant.rules.software import (
    check_conformite_ahi,
    check_dispense,
    check_montee_de_version,
    check_referencement,
)

Voie = Literal["regionale", "multiregionale", "nationale"]
Campagne = Annotated[
    str, Field(pattern=r"^20\d\d(-T[12])?$", description="Campagne, par exemple 2025 ou 2021-T2.")
]
Choix = Literal["acquisition", "remplacement", "maintien", "mixte"]
Domaine = Literal["PA", "PH", "DOM", "PDE", "PDS", "AHI", "PJM"]
Deja = Literal["non", "meme_logiciel", "autre_logiciel"]
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


class CampaignArguments(_Arguments):
    """A campaign; the last known one when it is left out."""

    campagne: Campagne | None = None


class ChangesArguments(_Arguments):
    """Two campaigns to compare."""

    depuis: Campagne
    campagne: Campagne


class CircuitArguments(_Arguments):
    """A campaign and, when it is known, a track."""

    voie: Voie | None = Field(None, description="Voie de dépôt, si elle est connue.")
    campagne: Campagne | None = None


class FundingArguments(_Arguments):
    """The choice of software of a project."""

    choix: Choix | None = Field(None, description="Choix du logiciel, s’il est connu.")
    campagne: Campagne | None = None


class AmountArguments(FundingArguments):
    """What an amount depends on."""

    voie: Voie | None = Field(None, description="Voie de dépôt, si elle est connue.")
    nombre_essms: int | None = Field(None, ge=0, le=5000, description="Nombre d’ESSMS du projet.")


class HardwareArguments(_Arguments):
    """The size and place of a manager."""

    essms_du_gestionnaire: int | None = Field(
        None, ge=0, le=5000, description="Nombre d’ESSMS du gestionnaire."
    )
    territoires: list[str] = Field(default_factory=list, description="Régions, par exemple grand-est.")
    campagne: Campagne | None = None


class UpgradeArguments(_Arguments):
    """The days of a Prestation Ségur."""

    jour: Jour
    date_commande: date | None = Field(None, description="Jour du bon de commande, s’il est connu.")
    date_deploiement: date | None = Field(None, description="Jour du déploiement achevé, s’il est connu.")


class DomainArguments(_Arguments):
    """The field of a structure, and whether the SONS covers it."""

    domaine: Domaine | None = Field(None, description="Domaine de la structure.")
    eligible_sons: bool | None = Field(None, description="La structure est-elle éligible au SONS ?")
    projet_mixte: bool | None = Field(None, description="Le projet mêle-t-il AHI ou PJM à d’autres champs ?")
    campagne: Campagne | None = None


class WaiverArguments(DomainArguments):
    """The same, on a day."""

    jour: Jour


class OtherAidArguments(_Arguments):
    """The other aid of an ESSMS; leave out what is not known."""

    autre_aide_europeenne: bool | None = Field(
        None, description="Autre financement européen sur l’opération ?"
    )
    deja_finance: Deja | None = Field(None, description="ESMS numérique déjà perçu, pour quel logiciel.")
    prestation_segur: Deja | None = Field(None, description="Prestation Ségur commandée, pour quel logiciel.")
    campagne: Campagne | None = None


class YearlyArguments(_Arguments):
    """A campaign, seen from a day."""

    jour: Jour
    campagne: Campagne | None = None


class TotalArguments(_Arguments):
    """An amount said of a year."""

    montant_meur: float = Field(ge=0, le=100_000, description="Montant, en millions d’euros.")
    annee: int = Field(ge=2000, le=2100, description="Année dont on dit ce montant.")


class TotalOnDayArguments(TotalArguments):
    """The same, seen from a day."""

    jour: Jour


class UnitAmountArguments(_Arguments):
    """An amount per structure said of a campaign."""

    montant_eur: float = Field(ge=0, le=10_000_000, description="Montant par structure, en euros.")
    campagne: Campagne | None = None


class RegistrationArguments(_Arguments):
    """The days of an AHI vendor's registration and of the convention."""

    date_signature: date | None = Field(None, description="Jour de signature de la convention.")
    date_enregistrement: date | None = Field(None, description="Jour d’enregistrement au guichet.")
    domaine: Domaine | None = Field(None, description="Domaine de la structure.")
    eligible_sons: bool | None = Field(None, description="La structure est-elle éligible au SONS ?")
    campagne: Campagne | None = None


class RuleTool(BaseTool):
    """A rule that a chat model may call; wrong arguments give a French sentence, never a traceback."""

    handle_tool_error: Any = True
    handle_validation_error: Any = (
        "Arguments non valides : vérifiez les noms, les types et le format des dates."
    )
    _judge: Judge = PrivateAttr()
    _results: list[RuleResult] = PrivateAttr(default_factory=list)

    def __init__(self, judge_: Judge, **options: Any) -> None:
        super().__init__(**options)
        self._judge = judge_

    @property
    def judge(self) -> Judge:
        """What the rule reads."""
        return self._judge

    @property
    def results(self) -> tuple[RuleResult, ...]:
        """What the rule has said since the tool was made, in order."""
        return tuple(self._results)

    def _as_json(self, result: RuleResult) -> dict[str, Any]:
        whole = with_changes(result, self._judge.data.parameters)
        self._results.append(whole)
        return whole.as_json()

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

        facts = Facts(
            campagne=_stated(asked.campagne),
            nombre_essms=_stated(None if asked.nombre_essms is None else Count.exactly(asked.nombre_essms)),
            territoires=tuple(Stated(name, name) for name in asked.territoires),
            categories=tuple(CategoryMention(name, None, False, name) for name in asked.categories),
            date_depot=_stated(Period.day(asked.date_depot) if asked.date_depot else None),
            finess_geo=_stated(asked.finess_geo),
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


class ChangesTool(RuleTool):
    """What changed between two campaigns."""

    name: str = "changements"
    description: str = "Dit ce qui a changé entre deux campagnes ESMS numérique."
    args_schema: type[BaseModel] = ChangesArguments

    def _run(self, depuis: str, campagne: str) -> dict[str, Any]:
        return self._as_json(check_changements(depuis, campagne, self._judge.data.parameters))


class CircuitTool(RuleTool):
    """Where to submit, and who examines."""

    name: str = "circuit_de_depot"
    description: str = "Dit où déposer un dossier, dans quel outil il est instruit et par qui."
    args_schema: type[BaseModel] = CircuitArguments

    def _run(self, voie: str | None = None, campagne: str | None = None) -> dict[str, Any]:
        return self._as_json(check_circuit(self._campagne(campagne), voie, self._judge.data.parameters))


class LeadTool(RuleTool):
    """Which ARS leads a multi-regional project."""

    name: str = "ars_competente"
    description: str = "Dit quelle ARS instruit un projet multirégional, ou que les sources ne le disent pas."
    args_schema: type[BaseModel] = CampaignArguments

    def _run(self, campagne: str | None = None) -> dict[str, Any]:
        return self._as_json(check_ars_competente(self._campagne(campagne), self._judge.data.parameters))


class DecisionTool(RuleTool):
    """When the decision is known."""

    name: str = "delai_de_decision"
    description: str = "Donne le délai de notification après la sélection."
    args_schema: type[BaseModel] = CampaignArguments

    def _run(self, campagne: str | None = None) -> dict[str, Any]:
        return self._as_json(check_decision(self._campagne(campagne), self._judge.data.parameters))


class FundingTool(RuleTool):
    """What is funded."""

    name: str = "type_de_financement"
    description: str = "Dit ce que l’aide finance selon le choix du logiciel."
    args_schema: type[BaseModel] = FundingArguments

    def _run(self, choix: str | None = None, campagne: str | None = None) -> dict[str, Any]:
        facts = Facts(choix=_stated(choix))
        return self._as_json(check_type(facts, self._campagne(campagne), self._judge.data.parameters))


class AmountTool(RuleTool):
    """The amounts that can be computed."""

    name: str = "montants"
    description: str = "Calcule les montants que les sources permettent (2021 et appel national 2022), ou dit qu’ils sont inconnus."
    args_schema: type[BaseModel] = AmountArguments

    def _run(
        self,
        choix: str | None = None,
        voie: str | None = None,
        nombre_essms: int | None = None,
        campagne: str | None = None,
    ) -> dict[str, Any]:
        number = None if nombre_essms is None else Count.exactly(nombre_essms)
        facts, parameters = Facts(choix=_stated(choix)), self._judge.data.parameters
        result = check_montant(facts, self._campagne(campagne), voie, _stated(number), parameters)
        return self._as_json(result)


class HardwareTool(RuleTool):
    """Whether hardware aid is within reach."""

    name: str = "aide_au_materiel"
    description: str = "Dit si un gestionnaire peut demander une aide au matériel, et son plafond connu."
    args_schema: type[BaseModel] = HardwareArguments

    def _run(
        self,
        essms_du_gestionnaire: int | None = None,
        territoires: list[str] | None = None,
        campagne: str | None = None,
    ) -> dict[str, Any]:
        places = territoires or []
        _refuse_unknown(places, {region.id for region in self._judge.data.territories.regions}, "territoire")
        size = None if essms_du_gestionnaire is None else Count.exactly(essms_du_gestionnaire)
        facts = Facts(
            essms_du_gestionnaire=_stated(size), territoires=tuple(Stated(name, name) for name in places)
        )
        return self._as_json(check_materiel(facts, self._campagne(campagne), self._judge.data.parameters))


class UpgradeTool(RuleTool):
    """Whether the SONS pays an upgrade."""

    name: str = "montee_de_version"
    description: str = (
        "Dit si le SONS prend en charge la montée de version, selon les jours de commande et de déploiement."
    )
    args_schema: type[BaseModel] = UpgradeArguments

    def _run(
        self, jour: date, date_commande: date | None = None, date_deploiement: date | None = None
    ) -> dict[str, Any]:
        facts = Facts(date_commande=_stated(date_commande), date_deploiement=_stated(date_deploiement))
        return self._as_json(check_montee_de_version(facts, jour, self._judge.data.parameters))


class ReferencingTool(RuleTool):
    """Whether the software must be referenced."""

    name: str = "referencement"
    description: str = "Dit si le logiciel doit être référencé Ségur, selon le domaine et la campagne."
    args_schema: type[BaseModel] = DomainArguments

    def _run(self, campagne: str | None = None, **values: Any) -> dict[str, Any]:
        facts = Facts(**{name: _stated(value) for name, value in values.items()})
        return self._as_json(
            check_referencement(facts, self._campagne(campagne), self._judge.data.parameters)
        )


class WaiverTool(RuleTool):
    """Whether usage targets are waived."""

    name: str = "dispense_de_cibles"
    description: str = "Dit si une structure est dispensée des cibles d’usage MSSanté et DMP."
    args_schema: type[BaseModel] = WaiverArguments

    def _run(self, jour: date, campagne: str | None = None, **values: Any) -> dict[str, Any]:
        facts = Facts(**{name: _stated(value) for name, value in values.items()})
        return self._as_json(
            check_dispense(facts, self._campagne(campagne), jour, self._judge.data.parameters)
        )


class OtherAidTool(RuleTool):
    """Whether other aid stands in the way."""

    name: str = "cumul"
    description: str = "Dit si ESMS numérique se cumule avec les autres aides d’un ESSMS."
    args_schema: type[BaseModel] = OtherAidArguments

    def _run(self, campagne: str | None = None, **values: Any) -> dict[str, Any]:
        facts = Facts(**{name: _stated(value) for name, value in values.items()})
        return self._as_json(
            check_compatibilite(facts, self._campagne(campagne), self._judge.data.parameters)
        )


class EnvelopeTool(RuleTool):
    """The envelope of a campaign."""

    name: str = "enveloppe"
    description: str = "Donne l’enveloppe d’une campagne et le détail de ses lignes connu à une date."
    args_schema: type[BaseModel] = YearlyArguments

    def _run(self, jour: date, campagne: str | None = None) -> dict[str, Any]:
        return self._as_json(check_annuelle(self._campagne(campagne), jour, self._judge.data.parameters))


class CountTool(RuleTool):
    """How many structures are engaged."""

    name: str = "structures_engagees"
    description: str = "Donne le nombre de structures engagées connu à une date, avec sa date de comptage."
    args_schema: type[BaseModel] = DayArguments

    def _run(self, jour: date) -> dict[str, Any]:
        return self._as_json(check_chiffres(jour, self._judge.data.parameters))


class TotalTool(RuleTool):
    """Whether an announced envelope adds up."""

    name: str = "controle_enveloppe"
    description: str = "Contrôle un montant annoncé pour une année contre le détail de ses lignes."
    args_schema: type[BaseModel] = TotalOnDayArguments

    def _run(self, montant_meur: float, annee: int, jour: date) -> dict[str, Any]:
        return self._as_json(check_enveloppe(montant_meur, annee, jour, self._judge.data.parameters))


class YearTool(RuleTool):
    """Whether an amount is that of another year."""

    name: str = "annee_du_montant"
    description: str = "Dit si un montant annoncé pour une année est en fait celui d’une autre."
    args_schema: type[BaseModel] = TotalArguments

    def _run(self, montant_meur: float, annee: int) -> dict[str, Any]:
        return self._as_json(check_montant_annee(montant_meur, annee, self._judge.data.parameters))


class UnitAmountTool(RuleTool):
    """Whether an amount per structure is that of another campaign."""

    name: str = "montant_par_structure"
    description: str = "Dit de quelle campagne est un montant par structure."
    args_schema: type[BaseModel] = UnitAmountArguments

    def _run(self, montant_eur: float, campagne: str | None = None) -> dict[str, Any]:
        parameters = self._judge.data.parameters
        return self._as_json(check_montant_unitaire(montant_eur, self._campagne(campagne), parameters))


class RegistrationTool(RuleTool):
    """Whether an AHI vendor was registered in time."""

    name: str = "enregistrement_ahi"
    description: str = (
        "Dit si l’éditeur d’un projet AHI était enregistré à temps au guichet de référencement."
    )
    args_schema: type[BaseModel] = RegistrationArguments

    def _run(self, campagne: str | None = None, **values: Any) -> dict[str, Any]:
        facts = Facts(**{name: _stated(value) for name, value in values.items()})
        return self._as_json(
            check_conformite_ahi(facts, self._campagne(campagne), self._judge.data.parameters)
        )


TOOLS: tuple[type[RuleTool], ...] = (
    ProjectTool, CategoryTool, DeadlineTool, FilingTool, OpenTool, TextTool, HoursTool, ChangesTool, CircuitTool,
    LeadTool, DecisionTool, FundingTool, AmountTool, HardwareTool, UpgradeTool, ReferencingTool, WaiverTool,
    OtherAidTool, EnvelopeTool, CountTool, TotalTool, YearTool, UnitAmountTool, RegistrationTool,
)  # fmt: skip


def _stated(value: Any) -> Any:
    """Return an argument as a fact; what is left out is not stated."""
    return None if value is None else Stated(value, str(value))


def rule_tools(judge_: Judge | None = None) -> list[RuleTool]:
    """Return every rule as a tool, over the corpus that ships with the product unless a judge is given."""
    shared = judge_ or Judge.from_corpus()
    return [tool(shared) for tool in TOOLS]


def _refuse_unknown(names: list[str], known: set[str], noun: str) -> None:
    for name in names:
        if name not in known:
            examples = ", ".join(sorted(known)[:6])
            raise ToolException(f"{noun} inconnue : « {name} ». Valeurs admises, par exemple : {examples}…")
