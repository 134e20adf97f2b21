"""What changed from one campaign to another: the figures whose value is not the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from assistant.rules.catalogue import PARAMETERS
from assistant.rules.deadline import campagnes, last_campagne
from assistant.rules.reading import campagne_label, not_in_force
from assistant.rules.result import Change, Outcome, RuleResult, Step, StepStatus
from corpus.errors import ParameterNotInForceError
from corpus.parameters import Contradiction, DatedValue, Parameter, Parameters

# What a reader of two campaigns wants compared, in this order.
COMPARED = (
    "eligibilite.perimetre_l312_1", "groupement.seuil_general", "groupement.seuil_corse_outre_mer",
    "voie.seuil_national", "voie.pluralite_regions",
    "calendrier.cloture_regionale", "calendrier.cloture_multiregionale", "calendrier.cloture_nationale",
    "referencement.exigence", "referencement.exigence_ahi", "referencement.exigence_pjm", "cibles.dispense_ahi",
    "financement.forfait_acquisition", "financement.plafond_materiel", "enveloppes.esms_numerique", "textes.applicable",
)  # fmt: skip
_PLAIN_UNITS = frozenset({"date", "instruction", "organisme", "règle", "service"})


def _value(parameter: Parameter, campagne: str) -> DatedValue | None:
    """Return the value of a campaign, or that of the last day of its year for a figure kept by days."""
    try:
        if parameter.history[0].campagnes:
            return parameter.value_for(campagne)
        return parameter.value_on(date(int(campagne[:4]), 12, 31))
    except ParameterNotInForceError:
        first = parameter.history[0]
        if parameter.unit == "condition" and first.valid_from and campagne[:4] < str(first.valid_from.year):
            return first.model_copy(update={"value": 0})  # a rule dated to the day did not hold before it
        return None


def said(parameter: Parameter, entry: DatedValue | Contradiction) -> str:
    """Return a value in French, its unit included: « 76,5 M€ », « oui », « 2025-09-15 »."""
    if entry.value is None:
        return "valeur inconnue"
    if parameter.unit == "condition":
        return "oui" if entry.value else "non"
    if parameter.unit in _PLAIN_UNITS:
        return str(entry.value)
    unit = parameter.unit.removesuffix("s") if entry.value == 1 else parameter.unit
    number = f"{entry.value:,}".replace(",", "\u00a0").replace(".", ",")
    return f"{number}\u00a0{unit}"


def _same(parameter: Parameter, first: DatedValue, second: DatedValue) -> bool:
    """Whether two values are the same; two days of the year are, whatever the year."""
    values = first.value, second.value
    if parameter.unit == "date" and isinstance(values[0], str) and isinstance(values[1], str):
        return values[0][5:] == values[1][5:]
    return values[0] == values[1]


def compare(parameter: Parameter, first: str, second: str) -> Change | None:
    """Return how a figure changed between two campaigns; ``None`` when it did not, or is not known of both."""
    before, after = _value(parameter, first), _value(parameter, second)
    if before is None or after is None or _same(parameter, before, after):
        return None
    text = (
        f"{parameter.description.split(' (')[0]} : {said(parameter, before)} pour {campagne_label(first)}, "
        f"{said(parameter, after)} pour {campagne_label(second)}"
    )
    return Change(parameter.id, first, second, text, tuple(dict.fromkeys((*before.sources, *after.sources))))


def with_changes(result: RuleResult, parameters: Parameters) -> RuleResult:
    """Return a result with what changed in its figures since the campaign before, and up to the last one."""
    campagne = result.facts.get("campagne")
    known = campagnes(parameters)
    if campagne not in known or result.rule == "coherence.changements":
        return result
    around = {(known[known.index(campagne) - 1], campagne)} if campagne != known[0] else set()
    around |= {(campagne, last_campagne(parameters))} if campagne != known[-1] else set()
    voie = result.facts.get("voie")
    changes = [
        change
        for name, parameter in parameters.items()
        if name.startswith(PARAMETERS[result.rule]) and (voie is None or not _of_another(name, str(voie)))
        for first, second in sorted(around)
        if (change := compare(parameter, first, second))
    ]
    return replace(result, changes=tuple(changes))


def _of_another(name: str, voie: str) -> bool:
    """Whether a figure of the calendar is that of another track."""
    return name.startswith(("calendrier.cloture_", "calendrier.ouverture_")) and not name.endswith(f"_{voie}")


def check_changements(
    first: str, second: str, parameters: Parameters, themes: tuple[str, ...] = ()
) -> RuleResult:
    """List what changed between two campaigns, of every theme or of those named (prefixes of figures)."""
    rule, read = "coherence.changements", {"campagne": second, "depuis": first}
    for code in (first, second):
        if code not in campagnes(parameters):
            return not_in_force(rule, read, parameters["calendrier.cloture_regionale"], code)
    names = [name for name in COMPARED if not themes or name.startswith(themes)]
    changes = tuple(change for name in names if (change := compare(parameters[name], first, second)))
    steps = tuple(Step(change.text, StepStatus.MET, change.sources) for change in changes)
    if not steps:
        compared = [entry for name in names if (entry := _value(parameters[name], second))]
        sources = tuple(dict.fromkeys(source for entry in compared for source in entry.sources))
        steps = (Step("Aucune différence connue entre les deux campagnes", StepStatus.NOT_MET, sources),)
    return RuleResult(rule, Outcome.YES if changes else Outcome.NO, steps, dict(read), changes=changes)
