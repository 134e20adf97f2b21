"""What kind of aid, which hardware aid, and which amounts can be computed?"""

from __future__ import annotations

from assistant.rules.facts import Count, Facts, Stated
from assistant.rules.reading import find_value, reservations_of
from assistant.rules.result import Outcome, RuleResult, Step, StepStatus
from corpus.parameters import Parameters

_HARDWARE_REGIONS = ("grand-est", "la-reunion")
_ACQUISITION = ("acquisition", "remplacement")


def check_type(facts: Facts, campagne: str, parameters: Parameters) -> RuleResult:
    """Find what is funded: purchase, uses and hardware for a new software; uses and hardware for one kept.

    Replacing a software or changing vendor counts as a purchase. Different choices within one project
    are not settled by any current source.
    """
    rule, choice = "financement.type", facts.choix.value if facts.choix else None
    read: dict[str, object] = {"choix": choice, "campagne": campagne}
    words = facts.choix.words if facts.choix else ""
    kept = choice == "maintien"
    parameter = parameters["financement.maintien" if kept else "financement.acquisition"]
    entry = find_value(rule, read, parameter, campagne)
    if isinstance(entry, RuleResult):
        return entry
    if choice is None:
        step = Step(
            "Première acquisition, remplacement ou logiciel conservé", StepStatus.UNKNOWN, entry.sources
        )
        return RuleResult(rule, Outcome.UNDETERMINED, (step,), read, ("choix",))
    if choice == "mixte":
        step = Step(
            "Choix différents au sein d’un même groupement : règle actuelle non vue",
            StepStatus.UNKNOWN,
            entry.sources,
            words,
        )
        return RuleResult(rule, Outcome.UNDETERMINED, (step,), read)
    label = (
        "Logiciel conservé et mis en conformité"
        if kept
        else "Acquisition d’un logiciel (remplacement et changement d’éditeur compris)"
    )
    step = Step(label, StepStatus.MET, entry.sources, words)
    values: dict[str, object] = {"acquisition": choice in _ACQUISITION, "usages": True, "materiel": True}
    return RuleResult(rule, Outcome.YES, (step,), read, (), reservations_of(entry), values)


def check_materiel(facts: Facts, campagne: str, parameters: Parameters) -> RuleResult:
    """Judge whether hardware aid is within reach: it goes to managers of fewer than 15 ESSMS.

    The criterion comes from two regions, and is open elsewhere; from 15 on the aid is not refused by any
    text, only not assured.
    """
    rule, stated = "financement.materiel", facts.essms_du_gestionnaire
    read: dict[str, object] = {
        "essms_du_gestionnaire": str(stated.value) if stated else None,
        "campagne": campagne,
    }
    entry = find_value(rule, read, parameters["financement.petit_gestionnaire"], campagne)
    if isinstance(entry, RuleResult):
        return entry
    values: dict[str, object] = {"seuil": entry.number()}
    notes = list(reservations_of(entry))
    cap = find_value(rule, read, parameters["financement.plafond_materiel"], campagne)
    sources = entry.sources
    if isinstance(cap, RuleResult):
        reason = cap.values.get("reason")
        notes += [f"{str(reason)[:1].upper()}{str(reason)[1:]}."] if reason else []
    else:
        values["plafond_eur"] = cap.number()
        sources = (*sources, *cap.sources)
    label = f"Gestionnaire de moins de {entry.number()} ESSMS"
    if stated is None:
        step = Step(label, StepStatus.UNKNOWN, sources)
        return RuleResult(
            rule, Outcome.UNDETERMINED, (step,), read, ("essms_du_gestionnaire",), tuple(notes), values
        )
    small = stated.value.high is not None and stated.value.high < entry.number()
    regions = {place.value for place in facts.territoires}
    if (small and not regions <= {*_HARDWARE_REGIONS}) or (small and not regions):
        step = Step(
            "Critère lu pour le Grand Est et La Réunion seulement", StepStatus.UNKNOWN, sources, stated.words
        )
        missing = () if regions else ("territoires",)
        return RuleResult(rule, Outcome.UNDETERMINED, (step,), read, missing, tuple(notes), values)
    if small:
        step = Step(label, StepStatus.MET, sources, stated.words)
        return RuleResult(rule, Outcome.YES, (step,), read, (), tuple(notes), values)
    status = StepStatus.NOT_MET if stated.value.low >= entry.number() else StepStatus.UNKNOWN
    step = Step(label, status, sources, stated.words)
    missing = ("essms_du_gestionnaire",) if status is StepStatus.UNKNOWN else ()
    return RuleResult(rule, Outcome.UNDETERMINED, (step,), read, missing, tuple(notes), values)


def check_montant(
    facts: Facts, campagne: str, voie: str | None, number: Stated[Count] | None, parameters: Parameters
) -> RuleResult:
    """Compute the amounts that the sources allow: the flat rates of 2021, and the national scale of 2022.

    Any other campaign is undetermined: the amounts of 2021 and 2022 never carry over. In 2022 the first
    49 ESSMS were paid at a regional rate that no source gives, so that the total stays open.
    """
    rule = "financement.montant"
    read: dict[str, object] = {
        "nombre_essms": str(number.value) if number else None,
        "voie": voie,
        "campagne": campagne,
        "choix": facts.choix.value if facts.choix else None,
    }
    choice = facts.choix.value if facts.choix else None
    if campagne == "2022" and voie == "nationale" and choice not in ("maintien", "mixte"):
        return _national(rule, facts, read, number, parameters)
    if choice in (None, "mixte") and campagne in ("2021-T1", "2021-T2"):
        return _flat_rates(rule, read, campagne, parameters)
    conformity = choice == "maintien"
    name = "financement.forfait_conformite" if conformity else "financement.forfait_acquisition"
    entry = find_value(rule, read, parameters[name], campagne)
    if isinstance(entry, RuleResult):
        return entry
    values: dict[str, object] = {"forfait_par_essms_eur": entry.number()}
    label = f"Forfait {'de mise en conformité' if conformity else 'd’acquisition'} par ESMS"
    cap = (
        parameters["groupement.plafond_amorcage"].value_for(campagne).number()
        if campagne == "2021-T1"
        else None
    )
    if cap is None:  # how many ESSMS were paid for is not known: the rate stands, not the total
        open_step = Step(f"{label} ; nombre d’ESSMS financés non connu", StepStatus.UNKNOWN, entry.sources)
        return RuleResult(rule, Outcome.UNDETERMINED, (open_step,), read, (), reservations_of(entry), values)
    capped = number is not None and number.value.low >= cap
    if number is None or not (number.value.exact or capped):
        step = Step(label, StepStatus.UNKNOWN, entry.sources)
        return RuleResult(
            rule, Outcome.UNDETERMINED, (step,), read, ("nombre_essms",), reservations_of(entry), values
        )
    values["plafond_essms"] = cap
    values["forfait_eur"] = entry.number() * min(number.value.low, cap)
    step = Step(label, StepStatus.MET, entry.sources, number.words)
    return RuleResult(rule, Outcome.YES, (step,), read, (), reservations_of(entry), values)


def _flat_rates(rule: str, read: dict[str, object], campagne: str, parameters: Parameters) -> RuleResult:
    """Return both flat rates of 2021 when it is not said, or not for all, whether the software was bought or kept."""
    bought = parameters["financement.forfait_acquisition"].value_for(campagne)
    kept = parameters["financement.forfait_conformite"].value_for(campagne)
    values = {"forfait_par_essms_eur": bought.number(), "conformite_par_essms_eur": kept.number()}
    step = Step("Acquisition ou mise en conformité", StepStatus.UNKNOWN, (*bought.sources, *kept.sources))
    missing = () if read["choix"] else ("choix",)
    return RuleResult(rule, Outcome.UNDETERMINED, (step,), read, missing, reservations_of(bought), values)


def _national(
    rule: str, facts: Facts, read: dict[str, object], number: Stated[Count] | None, parameters: Parameters
) -> RuleResult:
    first, owner, vendor, bonus = (
        parameters[f"financement.national_{name}"].value_for("2022")
        for name in ("rang", "maitrise_ouvrage", "editeur", "editeur_reference")
    )
    values: dict[str, object] = {
        "rang": first.number(), "avant_rang": first.number() - 1, "part_moa_par_essms_eur": owner.number(),
        "editeur_par_essms_eur": vendor.number(), "editeur_reference_par_essms_eur": bonus.number(),
    }  # fmt: skip
    label = f"Barème de l’appel national 2022 à partir du {first.number()}e ESSMS"
    if number is None or not number.value.exact:
        step = Step(label, StepStatus.UNKNOWN, owner.sources)
        return RuleResult(rule, Outcome.UNDETERMINED, (step,), read, ("nombre_essms",), values=values)
    beyond = max(0, number.value.low - first.number() + 1)
    referenced = facts.editeur_reference is not None and facts.editeur_reference.value
    values |= {
        "au_dela": beyond,
        "part_moa_eur": owner.number() * beyond,
        "editeur_max_eur": (vendor.number() + (bonus.number() if referenced else 0)) * beyond,
        "moitie_eur": owner.number() * beyond // 2,
    }
    if facts.editeur_reference is None:
        values["editeur_reference_eur"] = bonus.number() * beyond
    open_step = Step(
        f"Les {first.number() - 1} premiers ESSMS relèvent du tarif régional, que les sources ne donnent pas",
        StepStatus.UNKNOWN, owner.sources,
    )  # fmt: skip
    step = Step(label, StepStatus.MET if beyond else StepStatus.NOT_MET, owner.sources, number.words)
    missing = () if facts.choix else ("choix",)
    return RuleResult(rule, Outcome.UNDETERMINED, (step, open_step), read, missing, values=values)
