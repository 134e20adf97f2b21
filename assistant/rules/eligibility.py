"""Is a structure, or a category of structures, within the programme's legal scope?"""

from __future__ import annotations

from dataclasses import replace

from assistant.rules.facts import CategoryMention, Facts, Stated
from assistant.rules.reading import not_in_force
from assistant.rules.result import Outcome, RuleResult, Step, StepStatus
from corpus.categories import Categorie
from corpus.errors import ParameterNotInForceError
from corpus.parameters import DatedValue, Parameters

_FIRST_SCOPE = ("PA", "PH", "DOM")  # elderly and disabled people, their home services included
STATUS = {"yes": StepStatus.MET, "no": StepStatus.NOT_MET, "undetermined": StepStatus.UNKNOWN}


def check_categorie(
    mention: CategoryMention | None, categorie: Categorie | None, campagne: str, parameters: Parameters
) -> RuleResult:
    """Judge whether a category of establishment may apply.

    The answer is the law's (article L.312-1 of the CASF), under the other conditions; a category that no
    source settles stays undetermined. In 2021 (first round) the scope was narrower than the article.
    """
    rule, scope = "eligibilite.categorie", parameters["eligibilite.perimetre_l312_1"]
    facts = {"categorie": categorie.id if categorie else None, "campagne": campagne}
    if categorie is None or mention is None:
        sources = scope.history[-1].sources
        step = Step(
            "Catégorie de la structure au sens de l’article L.312-1 du CASF", StepStatus.UNKNOWN, sources
        )
        return RuleResult(rule, Outcome.UNDETERMINED, (step,), facts, ("categorie",))
    try:
        entry = scope.value_for(campagne)
        finess = parameters["eligibilite.condition_finess"].value_for(campagne)
    except ParameterNotInForceError:
        finess = None
        try:
            entry = scope.value_for(campagne)
        except ParameterNotInForceError:
            return not_in_force(rule, dict(facts), scope, campagne)
    alinea = f" ({categorie.alinea})" if categorie.alinea else ""
    conditions = {
        "yes": f"Catégorie visée à l’article L.312-1 du CASF{alinea}",
        "no": "Structure du champ sanitaire, hors de l’article L.312-1 du CASF",
        "undetermined": "Catégorie dont les sources ne disent pas si le programme la finance",
    }
    step = Step(conditions[categorie.outcome], STATUS[categorie.outcome], categorie.sources, mention.words)
    outcome, reservations = Outcome(categorie.outcome), [categorie.note] if categorie.note else []
    steps = [step]
    if entry.value == 0 and outcome is Outcome.YES:
        # The narrower scope named two fields: outside them it is a no, within them the funder decided.
        outcome = Outcome.UNDETERMINED if categorie.domaine in _FIRST_SCOPE else Outcome.NO
        status = StepStatus.UNKNOWN if outcome is Outcome.UNDETERMINED else StepStatus.NOT_MET
        steps.append(Step(f"Périmètre de {campagne} : {entry.reason}", status, entry.sources))
    elif outcome is Outcome.YES:
        steps.append(
            Step(
                "Tous les ESSMS de l’article sont éligibles, quel que soit le financeur",
                StepStatus.MET,
                entry.sources,
            )
        )
        if finess:
            steps.append(
                Step("Numéro FINESS géographique propre à chaque ESSMS", StepStatus.UNKNOWN, finess.sources)
            )
    return RuleResult(rule, outcome, tuple(steps), dict(facts), reservations=tuple(reservations))


def _condition(
    stated: Stated[bool] | None, label: str, required: bool, entry: DatedValue
) -> tuple[Step, Outcome]:
    if stated is None:
        return Step(label, StepStatus.UNKNOWN, entry.sources), Outcome.UNDETERMINED
    met = stated.value is required
    status = StepStatus.MET if met else StepStatus.NOT_MET
    return Step(label, status, entry.sources, stated.words), Outcome.YES if met else Outcome.NO


def _with_category(facts: Facts, categorie: Categorie | None) -> Facts:
    """Complete the facts with what the category says of the law and of the health sector."""
    if categorie is None or categorie.outcome == "undetermined":
        return facts
    covered = Stated(categorie.outcome == "yes", categorie.singulier)
    health = Stated(categorie.outcome == "no", categorie.singulier)
    return replace(facts, l312_1=facts.l312_1 or covered, champ_sanitaire=facts.champ_sanitaire or health)


def check_structure(
    facts: Facts, campagne: str, parameters: Parameters, categorie: Categorie | None = None
) -> RuleResult:
    """Judge one structure on the three legal conditions: social or medico-social, L.312-1, own FINESS.

    One condition not met is enough for a no; a condition not stated leaves the verdict open.
    """
    rule, facts = "eligibilite.structure", _with_category(facts, categorie)
    read = {
        "l312_1": facts.l312_1.value if facts.l312_1 else None,
        "finess_geo": facts.finess_geo.value if facts.finess_geo else None,
        "champ_sanitaire": facts.champ_sanitaire.value if facts.champ_sanitaire else None,
        "campagne": campagne,
    }
    wanted = (
        (
            "champ_sanitaire",
            facts.champ_sanitaire,
            "Structure hors du champ sanitaire",
            False,
            "eligibilite.exclusion_sanitaire",
        ),
        (
            "l312_1",
            facts.l312_1,
            "Structure visée à l’article L.312-1 du CASF",
            True,
            "eligibilite.perimetre_l312_1",
        ),
        (
            "finess_geo",
            facts.finess_geo,
            "Numéro FINESS géographique propre à la structure",
            True,
            "eligibilite.condition_finess",
        ),
    )
    steps, outcomes, missing = [], [], []
    reservations = [categorie.note] if categorie and categorie.note else []
    for name, stated, label, required, parameter in wanted:
        try:
            entry = parameters[parameter].value_for(campagne)
        except ParameterNotInForceError:
            return not_in_force(rule, read, parameters[parameter], campagne)
        if name == "champ_sanitaire" and stated is None and facts.l312_1 is not None and facts.l312_1.value:
            continue  # a structure of the article is not of the health sector: nothing more to ask
        step, outcome = _condition(stated, label, required, entry)
        steps.append(step)
        outcomes.append(outcome)
        if outcome is Outcome.UNDETERMINED:
            missing.append(name)
        if entry.reservation:
            reservations.append(entry.reservation)
    if Outcome.NO in outcomes:
        return RuleResult(rule, Outcome.NO, tuple(steps), read, reservations=tuple(reservations))
    if missing:
        order = [name for name in ("l312_1", "finess_geo", "champ_sanitaire") if name in missing]
        return RuleResult(rule, Outcome.UNDETERMINED, tuple(steps), read, tuple(order), tuple(reservations))
    return RuleResult(rule, Outcome.YES, tuple(steps), read, reservations=tuple(reservations))
