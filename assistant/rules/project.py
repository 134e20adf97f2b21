"""One consolidated ruling on a project: eligible, numerous enough, which track, in time, funded how, obliged to what."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
from assistant.rules.facts import Facts, Period, Stated
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

    ``outcome`` is no as soon as one decisive rule says no, yes when each decisive rule says yes: it speaks of the
    project, and of the filing day when one is stated. ``depot`` says whether it may be submitted on ``day``: it
    is never yes when the calls are closed. ``supposee``: the campaign judged was not stated. ``question`` is the
    name of a fact in ``Facts``, or ``None`` when nothing more would settle the project.
    """

    campagne: str
    supposee: bool
    outcome: Outcome
    depot: Outcome
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

    The campaign is the one stated, else that of the filing day, else the last one begun. A project too small, or
    made only of structures outside the programme, is settled: nothing else is asked for.
    """
    campagne = _campagne(facts, day, parameters)
    facts = _with_domain(facts, categories)
    legal = _legal(facts, campagne, parameters, categories)
    seuil = check_seuil(facts, campagne, parameters, territories, categories)
    voie = check_voie(facts, campagne, parameters, territories, categories)
    tracks = _tracks(facts, voie)
    window = _window(facts, campagne, tracks, day, parameters)
    funding = check_type(facts, campagne, parameters)
    duties = (
        check_referencement(facts, campagne, parameters),
        check_dispense(facts, campagne, day, parameters),
    )
    cumul = check_compatibilite(facts, campagne, parameters)
    filed = _all(window) if facts.date_depot else Outcome.YES
    outcome = _combined([*(result.outcome for result in (*legal, seuil, cumul)), filed])
    today = window if facts.date_depot is None else _open_on(facts, campagne, tracks, day, parameters)
    question = _question(outcome, (seuil, *legal), (voie, *window, cumul, funding, *duties))
    return ProjectRuling(
        campagne,
        facts.campagne is None,
        outcome,
        _combined([outcome, _all(today)]),
        legal,
        seuil,
        voie,
        window,
        funding,
        duties,
        cumul,
        question,
    )


def _campagne(facts: Facts, day: date, parameters: Parameters) -> str:
    """Return the campaign to judge by; a year with two rounds means the second, open to all ESSMS."""
    if facts.campagne:
        stated = facts.campagne.value
    elif facts.date_depot and isinstance(facts.date_depot.value, Period):
        stated = str(facts.date_depot.value.first.year)
    else:
        stated = begun_campagne(day, parameters) or last_campagne(parameters)
    return (campagnes_of(stated, parameters) or [stated])[-1]


def _with_domain(facts: Facts, categories: dict[str, Categorie]) -> Facts:
    """Complete the facts with the field that all the categories named belong to."""
    fields = {categories[mention.categorie].domaine for mention in facts.categories}
    if facts.domaine or len(fields) != 1 or None in fields:
        return facts
    return replace(facts, domaine=Stated(str(fields.pop()), facts.categories[0].words))


def _legal(
    facts: Facts, campagne: str, parameters: Parameters, categories: dict[str, Categorie]
) -> tuple[RuleResult, ...]:
    """Judge the eligible categories named, else the other structures of the project, else those named.

    Structures outside the programme are left out of the project; it is not eligible only when all are.
    """
    eligible = tuple(
        check_structure(facts, campagne, parameters, categories[mention.categorie])
        for mention in facts.categories
        if categories[mention.categorie].outcome == "yes"
    )
    if eligible:
        return eligible
    if not facts.categories or _holds_others(facts):
        return (check_structure(facts, campagne, parameters),)
    return tuple(
        check_categorie(mention, categories[mention.categorie], campagne, parameters)
        for mention in facts.categories
    )


def _holds_others(facts: Facts) -> bool:
    """Whether the number of ESSMS stated goes beyond the structures named."""
    if facts.nombre_essms is None:
        return False
    named = sum(m.nombre.low for m in facts.categories if m.nombre and m.within_total)
    high = facts.nombre_essms.value.high
    return high is None or high > named


def _tracks(facts: Facts, voie: RuleResult) -> tuple[str, ...]:
    """Return the tracks that the facts leave possible; the facts prevail over a track stated against them."""
    known = voie.values.get("voie") or (facts.voie.value if facts.voie else None)
    return (str(known),) if known in VOIES else tuple(VOIES)


def _window(
    facts: Facts, campagne: str, tracks: tuple[str, ...], day: date, parameters: Parameters
) -> tuple[RuleResult, ...]:
    """Judge the filing day stated, for each track possible; else what is open on ``day``."""
    if facts.date_depot is None:
        return _open_on(facts, campagne, tracks, day, parameters)
    filed = facts.date_depot
    return tuple(
        check_recevabilite(filed.value, filed.words, campagne, track, parameters) for track in tracks
    )


def _open_on(
    facts: Facts, campagne: str, tracks: tuple[str, ...], day: date, parameters: Parameters
) -> tuple[RuleResult, ...]:
    track = tracks[0] if len(tracks) == 1 else None
    return (check_ouvert(day, parameters, track, campagne if facts.campagne else None),)


def _combined(outcomes: list[Outcome]) -> Outcome:
    """Return no as soon as one says no, yes when all say yes."""
    if Outcome.NO in outcomes:
        return Outcome.NO
    return Outcome.UNDETERMINED if Outcome.UNDETERMINED in outcomes else Outcome.YES


def _all(results: tuple[RuleResult, ...]) -> Outcome:
    """Return the outcome shared by every track; a project in time for some tracks only stays open."""
    outcomes = {result.outcome for result in results}
    return outcomes.pop() if len(outcomes) == 1 else Outcome.UNDETERMINED


def _question(
    outcome: Outcome, decisive: tuple[RuleResult, ...], others: tuple[RuleResult, ...]
) -> str | None:
    """Return the first missing fact, the order of the results being that of decisiveness.

    A decisive rule that no fact could settle ends the questions: the answer is to be had elsewhere.
    """
    open_ones = [result for result in decisive if result.outcome is Outcome.UNDETERMINED]
    if outcome is Outcome.NO or any(not result.missing for result in open_ones):
        return None
    return next((result.missing[0] for result in (*open_ones, *others) if result.missing), None)
