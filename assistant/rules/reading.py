"""Read a dated figure for a rule, or say in the rule's own terms that it has no value."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from assistant.rules.result import Outcome, RuleResult, Step, StepStatus
from corpus.errors import ParameterNotInForceError
from corpus.parameters import DatedValue, Parameter


def campagne_label(campagne: str) -> str:
    """Return « 2025 », or « 2021 (temps 1) » for the two rounds of that year."""
    year, _, temps = campagne.partition("-T")
    return f"{year} (temps {temps})" if temps else year


def not_in_force(rule: str, facts: Mapping[str, object], parameter: Parameter, campagne: str) -> RuleResult:
    """Return the undetermined result of a rule whose figure has no value for the campaign."""
    sources = tuple(dict.fromkeys(source for entry in parameter.history for source in entry.sources))
    condition = (
        f"Aucune source lue ne donne de valeur pour la campagne {campagne_label(campagne)} : "
        f"{parameter.description}"
    )
    step = Step(condition, StepStatus.UNKNOWN, sources)
    return RuleResult(rule, Outcome.UNDETERMINED, (step,), {**facts, "campagne": campagne})


def find_value(
    rule: str, facts: Mapping[str, object], parameter: Parameter, when: str | date
) -> DatedValue | RuleResult:
    """Return the value of a campaign or day, or the undetermined result that says why there is none."""
    try:
        entry = parameter.value_on(when) if isinstance(when, date) else parameter.value_for(when)
    except ParameterNotInForceError:
        return not_in_force(rule, facts, parameter, str(when))
    if entry.value is None:
        reason = entry.reason or parameter.description
        step = Step(reason[:1].upper() + reason[1:], StepStatus.UNKNOWN, entry.sources)
        return RuleResult(rule, Outcome.UNDETERMINED, (step,), dict(facts), values={"reason": reason})
    return entry


def reservations_of(entry: DatedValue) -> tuple[str, ...]:
    """Return the reservation of a value as a tuple, empty when it has none."""
    return (entry.reservation,) if entry.reservation else ()
