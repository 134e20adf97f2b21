"""How the status of a condition and the outcome of a rule are shown: a mark, so that colour never says it alone, and a word."""

from __future__ import annotations

from assistant.rules.result import Outcome, StepStatus

STEP_ICONS = {StepStatus.MET: "✓", StepStatus.NOT_MET: "✗", StepStatus.UNKNOWN: "?"}
STEP_LABELS = {
    StepStatus.MET: "remplie",
    StepStatus.NOT_MET: "non remplie",
    StepStatus.UNKNOWN: "inconnue",
}
OUTCOME_ICONS = {Outcome.YES: "✓", Outcome.NO: "✗", Outcome.UNDETERMINED: "?"}
OUTCOME_LABELS = {Outcome.YES: "Oui", Outcome.NO: "Non", Outcome.UNDETERMINED: "Non déterminé"}
