"""Which text applies on a day, and does a figure or a date belong to another year?"""

from __future__ import annotations

from datetime import date

from assistant.rules.deadline import CAMPAGNES, VOIES
from assistant.rules.reading import find_value, reservations_of
from assistant.rules.result import Outcome, RuleResult, Step, StepStatus
from corpus.parameters import Parameters

PUBLISHED = date(2025, 9, 5)


def check_texte(day: date, parameters: Parameters) -> RuleResult:
    """Find the instruction that applies on a day; between signature and publication it is not settled."""
    rule, read = "textes.applicable", {"jour": day}
    entry = find_value(rule, read, parameters["textes.applicable"], day)
    if isinstance(entry, RuleResult):
        return entry
    values = {"texte": entry.value}
    step = Step(f"Instruction {entry.value}", StepStatus.MET, entry.sources)
    if entry.valid_from and entry.reservation and "publication" in entry.reservation and entry.valid_from <= day < PUBLISHED:
        unsettled = Step("Texte signé mais pas encore publié", StepStatus.UNKNOWN, entry.sources)
        return RuleResult(rule, Outcome.UNDETERMINED, (unsettled,), read, (), reservations_of(entry), values)
    notes = reservations_of(entry) if day < PUBLISHED else ()
    return RuleResult(rule, Outcome.YES, (step,), read, (), notes, values)


def check_enveloppe(amount: float, campagne: str, parameters: Parameters) -> RuleResult:
    """Check an amount in M€ said to be the year's envelope; name the year it belongs to when it is not."""
    rule, read = "enveloppes.controle", {"montant_meur": amount, "campagne": campagne}
    parameter = parameters["enveloppes.esms_numerique"]
    entry = find_value(rule, read, parameter, campagne)
    if isinstance(entry, RuleResult):
        return entry
    values: dict[str, object] = {"total_meur": entry.value}
    if amount == entry.value:
        step = Step(f"Enveloppe {campagne} : {entry.value} M€", StepStatus.MET, entry.sources)
        return RuleResult(rule, Outcome.YES, (step,), read, (), reservations_of(entry), values)
    other = next((item for item in parameter.contradictions_for(campagne) if item.value == amount), None)
    elsewhere = [code for item in parameter.history if item.value == amount for code in item.campagnes]
    if elsewhere:
        values["annee"] = int(elsewhere[0][:4])
    why = other.why if other else f"L’enveloppe {campagne} est de {entry.value} M€"
    step = Step(why, StepStatus.NOT_MET, (*entry.sources, *(other.sources if other else ())))
    return RuleResult(rule, Outcome.NO, (step,), read, (), reservations_of(entry), values)


def check_annee(day: date, campagne: str, parameters: Parameters) -> RuleResult:
    """Tell whether a closing date quoted for a campaign is really another year's (same day, other year)."""
    rule, read = "coherence.annee", {"date_citee": day, "campagne": campagne}
    sources: list[str] = []
    for code in (campagne, *(other for other in reversed(CAMPAGNES) if other != campagne)):
        for voie in VOIES:
            parameter = parameters[f"calendrier.cloture_{voie}"]
            for entry in parameter.history:
                known = entry.day()
                if code not in entry.campagnes or known is None:
                    continue
                sources += entry.sources
                if (known.month, known.day) == (day.month, day.day):
                    same = code == campagne
                    status = StepStatus.MET if same else StepStatus.NOT_MET
                    step = Step(f"Clôture {voie} {code} : {known.isoformat()}", status, entry.sources)
                    outcome = Outcome.YES if same else Outcome.NO
                    return RuleResult(rule, outcome, (step,), read, values={"annee": int(code[:4]), "voie": voie})
    step = Step("Cette date ne correspond à aucune clôture connue", StepStatus.UNKNOWN, tuple(dict.fromkeys(sources)))
    return RuleResult(rule, Outcome.UNDETERMINED, (step,), read)
