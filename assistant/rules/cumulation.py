"""May ESMS numérique be added to another aid already received?"""

from __future__ import annotations

from collections.abc import Collection

from assistant.rules.facts import Facts
from assistant.rules.reading import find_value, reservations_of
from assistant.rules.result import Outcome, RuleResult, Step, StepStatus
from corpus.parameters import Parameters

# (fact, value that matters, parameter, condition, whether the value is compatible)
_CASES: tuple[tuple[str, object, str, str, bool], ...] = (
    ("autre_aide_europeenne", True, "cumul.aide_europeenne", "Aucun autre financement européen sur l’opération", False),
    ("deja_finance", "meme_logiciel", "cumul.meme_logiciel", "Pas de second financement pour le même logiciel", False),
    ("deja_finance", "autre_logiciel", "cumul.deux_logiciels", "Pas de financement pour deux logiciels de DUI différents", False),
    ("prestation_segur", "autre_logiciel", "cumul.prestation_autre_logiciel",
     "Pas de Prestation Ségur commandée pour un autre logiciel", False),
    ("prestation_segur", "meme_logiciel", "cumul.prestation_meme_logiciel",
     "Prestation Ségur et ESMS numérique sur le même logiciel", True),
)  # fmt: skip
AIDS = ("autre_aide_europeenne", "deja_finance", "prestation_segur")


def check_compatibilite(
    facts: Facts, campagne: str, parameters: Parameters, asked: Collection[str] = AIDS
) -> RuleResult:
    """Judge whether other aid stands in the way, ESSMS by ESSMS.

    One obstacle is enough for a no. Without obstacle, the answer is yes when each kind of aid ``asked`` about
    has been stated. An ESSMS attached to a national entity follows a rule that could not be read.
    """
    rule = "cumul.compatibilite"
    stated = {name: getattr(facts, name) for name in (*AIDS, "entite_nationale")}
    read: dict[str, object] = {name: fact.value if fact else None for name, fact in stated.items()} | {
        "campagne": campagne
    }
    rule_entry = find_value(rule, read, parameters["cumul.aide_europeenne"], campagne)
    if isinstance(rule_entry, RuleResult):
        return rule_entry
    steps: list[Step] = []
    notes: list[str] = []
    obstacle = False
    for name, value, parameter, label, compatible in _CASES:
        fact = stated[name]
        if fact is None or fact.value != value:
            continue
        entry = parameters[parameter].value_for(campagne)
        steps.append(
            Step(label, StepStatus.MET if compatible else StepStatus.NOT_MET, entry.sources, fact.words)
        )
        notes += reservations_of(entry)
        obstacle = obstacle or not compatible
    if obstacle:
        return RuleResult(rule, Outcome.NO, tuple(steps), read, (), tuple(notes))
    if stated["entite_nationale"] and stated["entite_nationale"].value:
        entity = parameters["cumul.entite_nationale"].value_for(campagne)
        step = Step(str(entity.reason), StepStatus.UNKNOWN, entity.sources)
        return RuleResult(
            rule, Outcome.UNDETERMINED, (*steps, step), read, (), tuple(notes), {"reason": entity.reason}
        )
    missing = tuple(name for name in AIDS if name in asked and stated[name] is None)
    if missing:
        step = Step("Autres aides déjà perçues ou demandées", StepStatus.UNKNOWN, rule_entry.sources)
        return RuleResult(rule, Outcome.UNDETERMINED, (*steps, step), read, missing, tuple(notes))
    if not steps:
        steps.append(Step("Aucun financement incompatible déclaré", StepStatus.MET, rule_entry.sources))
    return RuleResult(rule, Outcome.YES, tuple(steps), read, (), tuple(notes))
