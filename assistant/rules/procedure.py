"""Who files, where, who examines, which ARS leads, and when is the decision known?"""

from __future__ import annotations

from assistant.rules.reading import find_value, reservations_of
from assistant.rules.result import Outcome, RuleResult, Step, StepStatus
from corpus.parameters import Parameters


def check_circuit(campagne: str, voie: str | None, parameters: Parameters) -> RuleResult:
    """Find where a file is submitted and who examines it; the examiner depends on the track."""
    rule, read = "depot.circuit", {"campagne": campagne, "voie": voie}
    filing = find_value(rule, read, parameters["depot.teleservice"], campagne)
    if isinstance(filing, RuleResult):
        return filing
    steps = [
        Step(
            f"Dépôt dans {filing.value} par la personne morale gestionnaire ou le porteur",
            StepStatus.MET,
            filing.sources,
        )
    ]
    values: dict[str, object] = {"depot": filing.value}
    tool = parameters["depot.instruction"].value_for(campagne)
    steps.append(Step(f"Instruction dans {tool.value}", StepStatus.MET, tool.sources))
    values["instruction"] = tool.value
    if voie is None:
        steps.append(Step("Voie de dépôt : elle décide de qui instruit", StepStatus.UNKNOWN, filing.sources))
        return RuleResult(rule, Outcome.UNDETERMINED, tuple(steps), read, ("voie",), (), values)
    examiner = "national" if voie == "nationale" else "regional"
    body = parameters[f"depot.instructeur_{examiner}"].value_for(campagne)
    steps.append(Step(f"Instruction par {body.value}", StepStatus.MET, body.sources))
    return RuleResult(rule, Outcome.YES, tuple(steps), read, (), (), values | {"instructeur": body.value})


def check_ars_competente(campagne: str, parameters: Parameters) -> RuleResult:
    """Find the ARS that leads a multi-regional project: known only for the first round of 2021."""
    rule, read = "groupement.ars_competente", {"campagne": campagne}
    entry = find_value(rule, read, parameters["depot.ars_multiregionale"], campagne)
    if isinstance(entry, RuleResult):
        return entry
    return RuleResult(
        rule,
        Outcome.YES,
        (Step(str(entry.value), StepStatus.MET, entry.sources),),
        read,
        values={"ars": entry.value},
    )


def check_decision(campagne: str, parameters: Parameters) -> RuleResult:
    """Give the delay between selection and notification; no source fixes a date, so the date stays open."""
    rule, read = "depot.decision", {"campagne": campagne}
    entry = find_value(rule, read, parameters["depot.delai_notification"], campagne)
    if isinstance(entry, RuleResult):
        return entry
    step = Step(
        f"Notification dans le mois ({entry.value}) qui suit la sélection", StepStatus.MET, entry.sources
    )
    selection = Step("Date de la sélection", StepStatus.UNKNOWN, entry.sources)
    return RuleResult(
        rule,
        Outcome.UNDETERMINED,
        (step, selection),
        read,
        (),
        reservations_of(entry),
        {"delai_mois": entry.value},
    )
