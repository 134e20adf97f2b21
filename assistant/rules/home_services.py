"""Which part of a mixed home service can be funded?"""

from __future__ import annotations

from assistant.rules.facts import Facts
from assistant.rules.reading import find_value, reservations_of
from assistant.rules.result import Outcome, RuleResult, Step, StepStatus
from corpus.parameters import Parameters


def check_part_financable(facts: Facts, campagne: str, parameters: Parameters) -> RuleResult:
    """Compute the share of a home service that can be funded: essential hours over all hours.

    Comfort hours are never funded; no essential hour means no funding. Unknown or negative hours, or a total
    of zero, leave the share open. The method is the CNSA's of 2023: later years carry a reservation.
    """
    rule, parameter = "eligibilite.part_financable", parameters["financement.prorata_heures"]
    essential = facts.heures_essentielles.value if facts.heures_essentielles else None
    comfort = facts.heures_confort.value if facts.heures_confort else None
    read = {"heures_essentielles": essential, "heures_confort": comfort, "campagne": campagne}
    entry = find_value(rule, read, parameter, campagne)
    if isinstance(entry, RuleResult):
        return entry
    label = "Part finançable : heures essentielles rapportées au total des heures"
    words = ", ".join(stated.words for stated in (facts.heures_essentielles, facts.heures_confort) if stated)
    missing = tuple(name for name, value in read.items() if value is None)
    notes = reservations_of(entry)
    if facts.piece_repartition and not facts.piece_repartition.value:
        notes = (*notes, "Le dossier doit comporter, pour chaque service, la répartition de ses heures.")
    if (
        missing
        or essential is None
        or comfort is None
        or min(essential, comfort) < 0
        or essential + comfort == 0
    ):
        step = Step(label, StepStatus.UNKNOWN, entry.sources, words)
        return RuleResult(rule, Outcome.UNDETERMINED, (step,), read, missing, notes)
    rate = essential / (essential + comfort)
    step = Step(label, StepStatus.MET if rate else StepStatus.NOT_MET, entry.sources, words)
    values = {
        "taux": round(rate, 4),
        "pourcentage": round(100 * rate, 1),
        "total_heures": essential + comfort,
    }
    return RuleResult(rule, Outcome.YES if rate else Outcome.NO, (step,), read, (), notes, values)
