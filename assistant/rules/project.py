"""One consolidated ruling on a project: eligible, numerous enough, which track, in time, funded how, obliged to what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from assistant.rules.cumulation import check_compatibilite
from assistant.rules.deadline import (
    VOIES,
    begun_campagne,
    campagnes_of,
    check_ouvert,
    check_recevabilite,
    last_campagne,
)
from assistant.rules.eligibility import check_categorie, check_structure
from assistant.rules.facts import Facts
from assistant.rules.funding import check_type
from assistant.rules.grouping import check_seuil, check_voie
from assistant.rules.result import Outcome, RuleResult
from assistant.rules.software import check_dispense, check_referencement
from corpus.categories import Categorie
from corpus.parameters import Parameters
from corpus.territories import Territories


@dataclass(frozen=True)
class ProjectRuling:
    """What the rules say of a project on a day, theme by theme, and the one fact most worth asking next.

    ``outcome`` is no as soon as one decisive rule says no, yes when each decisive rule says yes.
    ``question`` is the name of a fact in ``Facts``, or ``None`` when nothing more would change the outcome.
    """

    outcome: Outcome
    eligibilite: tuple[RuleResult, ...]
    groupement: RuleResult
    voie: RuleResult
    fenetre: tuple[RuleResult, ...]
    financement: RuleResult
    obligations: tuple[RuleResult, ...]
    cumul: RuleResult
    question: str | None

    @property
    def results(self) -> tuple[RuleResult, ...]:
        """Every result, the decisive ones first."""
        return (
            *self.eligibilite, self.groupement, self.cumul, self.voie, *self.fenetre, self.financement, *self.obligations,
        )  # fmt: skip


def judge(
    facts: Facts,
    day: date,
    parameters: Parameters,
    territories: Territories,
    categories: dict[str, Categorie],
) -> ProjectRuling:
    """Judge a project as of ``day`` from what is stated; what is not stated stays open, never assumed.

    The campaign is the one stated, else the last known. A project too small, or made only of structures
    outside the programme, is settled: nothing else is asked for.
    """
    campagne = (
        facts.campagne.value
        if facts.campagne
        else (begun_campagne(day, parameters) or last_campagne(parameters))
    )
    campagne = (campagnes_of(campagne, parameters) or [campagne])[-1]
    legal = _legal(facts, campagne, parameters, categories)
    seuil = check_seuil(facts, campagne, parameters, territories, categories)
    voie = check_voie(facts, campagne, parameters, territories, categories)
    window = _window(facts, campagne, voie, day, parameters)
    funding = check_type(facts, campagne, parameters)
    duties = (
        check_referencement(facts, campagne, parameters),
        check_dispense(facts, campagne, day, parameters),
    )
    cumul = check_compatibilite(facts, campagne, parameters)
    decisive = (*legal, seuil, *window) if facts.date_depot else (*legal, seuil)
    outcome = _outcome(decisive, cumul)
    question = None if outcome is Outcome.NO else _question((*legal, seuil, voie, cumul, funding))
    return ProjectRuling(outcome, legal, seuil, voie, window, funding, duties, cumul, question)


def _legal(
    facts: Facts, campagne: str, parameters: Parameters, categories: dict[str, Categorie]
) -> tuple[RuleResult, ...]:
    """Judge the categories named, else the structure; one eligible category is enough for a project."""
    if not facts.categories:
        return (check_structure(facts, campagne, parameters),)
    results = tuple(
        check_categorie(mention, categories[mention.categorie], campagne, parameters)
        for mention in facts.categories
    )
    eligible = tuple(result for result in results if result.outcome is Outcome.YES)
    return eligible or results


def _window(
    facts: Facts, campagne: str, voie: RuleResult, day: date, parameters: Parameters
) -> tuple[RuleResult, ...]:
    """Judge the filing day stated, for the track when it is known; else what is open on ``day``."""
    if facts.date_depot is None:
        return (check_ouvert(day, parameters),)
    known = facts.voie.value if facts.voie else voie.values.get("voie")
    tracks = (str(known),) if known in VOIES else tuple(VOIES)
    filed = facts.date_depot
    return tuple(
        check_recevabilite(filed.value, filed.words, campagne, track, parameters) for track in tracks
    )


def _outcome(decisive: tuple[RuleResult, ...], cumul: RuleResult) -> Outcome:
    outcomes = {result.outcome for result in decisive}
    late = [result.outcome for result in decisive if result.rule == "calendrier.recevabilite"]
    if {Outcome.NO, Outcome.YES} <= set(late):
        outcomes.discard(Outcome.NO)  # in time for one track only: the track is what is missing
        outcomes.add(Outcome.UNDETERMINED)
    if cumul.outcome is Outcome.NO or Outcome.NO in outcomes:
        return Outcome.NO
    return Outcome.UNDETERMINED if Outcome.UNDETERMINED in outcomes else Outcome.YES


def _question(results: tuple[RuleResult, ...]) -> str | None:
    """Return the first missing fact of the first open result: the order of ``results`` is that of decisiveness."""
    return next((result.missing[0] for result in results if result.missing), None)
