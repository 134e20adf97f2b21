"""Does the SONS pay an upgrade, must the software be referenced, and who is exempt of usage targets?"""

from __future__ import annotations

from datetime import date

from assistant.rules.deadline import last_campagne
from assistant.rules.facts import Facts, Stated
from assistant.rules.reading import find_value, not_in_force, reservations_of
from assistant.rules.result import Outcome, RuleResult, Step, StepStatus
from corpus.parameters import DatedValue, Parameters


def check_montee_de_version(facts: Facts, day: date, parameters: Parameters) -> RuleResult:
    """Judge whether the SONS pays the upgrade of a software kept.

    Wave 1 paid what was ordered by 28 February 2024 and deployed by 19 December 2024, both days
    included. Wave 2 was only provisional at the end of 2025, so that a later case stays open.
    """
    rule = "sons.montee_de_version"
    ordered = facts.date_commande
    deployed = facts.date_deploiement
    read: dict[str, object] = {
        "date_commande": ordered.value if ordered else None,
        "date_deploiement": deployed.value if deployed else None,
        "jour": day,
    }
    first = date(2024, 1, 1)
    last_order = parameters["sons.commande_vague_1"].value_on(first)
    last_deployment = parameters["sons.deploiement_vague_1"].value_on(first)
    values: dict[str, object] = {
        "derniere_commande": last_order.value,
        "dernier_deploiement": last_deployment.value,
    }
    order_day = date.fromisoformat(str(last_order.value))
    deploy_day = date.fromisoformat(str(last_deployment.value))
    second = parameters["sons.vague_2"].history[0]
    wave_2 = Step(second.reason or "", StepStatus.UNKNOWN, second.sources)
    label = f"Commande au plus tard le {order_day.isoformat()}"
    if ordered is None:
        if day <= order_day:
            step = Step(label, StepStatus.UNKNOWN, last_order.sources)
            return RuleResult(rule, Outcome.UNDETERMINED, (step,), read, ("date_commande",), values=values)
        step = Step(
            f"Vague 1 : commandes closes le {order_day.isoformat()}", StepStatus.NOT_MET, last_order.sources
        )
        return RuleResult(rule, Outcome.UNDETERMINED, (step, wave_2), read, ("date_commande",), values=values)
    if ordered.value > order_day:
        step = Step(label, StepStatus.NOT_MET, last_order.sources, ordered.words)
        late = ordered.value >= (second.valid_from or date.max)
        return RuleResult(
            rule, Outcome.UNDETERMINED if late else Outcome.NO, (step, wave_2), read, values=values
        )
    steps = [Step(label, StepStatus.MET, last_order.sources, ordered.words)]
    target = f"Déploiement achevé au plus tard le {deploy_day.isoformat()}"
    if deployed is None:
        steps.append(Step(target, StepStatus.UNKNOWN, last_deployment.sources))
        return RuleResult(
            rule, Outcome.UNDETERMINED, tuple(steps), read, ("date_deploiement",), values=values
        )
    done = deployed.value <= deploy_day
    steps.append(
        Step(target, StepStatus.MET if done else StepStatus.NOT_MET, last_deployment.sources, deployed.words)
    )
    return RuleResult(rule, Outcome.YES if done else Outcome.NO, tuple(steps), read, values=values)


def _domain(facts: Facts) -> str | None:
    return facts.domaine.value if facts.domaine else None


def check_referencement(facts: Facts, campagne: str, parameters: Parameters) -> RuleResult:
    """Judge whether the software must be referenced: yes, no, or not settled, by domain and campaign.

    For AHI in 2025 the yes means a vendor registered at the referencing desk on the day the convention
    is signed. A project that mixes AHI or PJM with other fields is not settled by the sources.
    """
    rule, domain = "sons.referencement", _domain(facts)
    read: dict[str, object] = {
        "domaine": domain, "campagne": campagne,
        "eligible_sons": facts.eligible_sons.value if facts.eligible_sons else None,
    }  # fmt: skip
    words = facts.domaine.words if facts.domaine else ""
    name = {"AHI": "referencement.exigence_ahi", "PJM": "referencement.exigence_pjm"}.get(
        domain or "", "referencement.exigence"
    )
    entry = find_value(rule, read, parameters[name], campagne)
    if isinstance(entry, RuleResult):
        return entry
    notes = reservations_of(entry)
    if domain is None:
        step = Step("Domaine de la structure", StepStatus.UNKNOWN, entry.sources)
        return RuleResult(rule, Outcome.UNDETERMINED, (step,), read, ("domaine",), notes)
    if facts.projet_mixte and facts.projet_mixte.value:
        step = Step(
            "Projet mêlant AHI ou PJM à d’autres champs : cas non traité",
            StepStatus.UNKNOWN,
            entry.sources,
            facts.projet_mixte.words,
        )
        return RuleResult(rule, Outcome.UNDETERMINED, (step,), read, (), notes)
    if domain == "AHI" and entry.value == 1:
        return _ahi(rule, facts, read, entry)
    required = entry.value == 1
    label = "Logiciel référencé Ségur vague 1" if required else "Aucune obligation de logiciel référencé"
    step = Step(label, StepStatus.MET if required else StepStatus.NOT_MET, entry.sources, words)
    return RuleResult(rule, Outcome.YES if required else Outcome.NO, (step,), read, (), notes)


def _ahi(rule: str, facts: Facts, read: dict[str, object], entry: DatedValue) -> RuleResult:
    label = "Éditeur enregistré au guichet de référencement à la signature de la convention (AHI éligible au SONS)"
    stated = facts.eligible_sons
    if stated is not None and stated.value:
        step = Step(label, StepStatus.MET, entry.sources, stated.words)
        return RuleResult(rule, Outcome.YES, (step,), read, (), reservations_of(entry))
    missing = ("eligible_sons",) if stated is None else ()
    if stated is not None:
        label = "AHI non éligible au SONS : exigence non précisée après l’instruction du 2 septembre 2025"
    step = Step(label, StepStatus.UNKNOWN, entry.sources, stated.words if stated else "")
    return RuleResult(rule, Outcome.UNDETERMINED, (step,), read, missing, reservations_of(entry))


def check_conformite_ahi(
    facts: Facts, campagne: str, parameters: Parameters, gap: Stated[int] | None = None
) -> RuleResult:
    """Judge whether the vendor was registered on or before the day the convention was signed.

    ``gap``: by how many days the registration followed the signature, when the days themselves are not told.

    The duty is that of AHI structures within the SONS: for PJM there is none, and outside the SONS the texts read
    do not say.
    """
    rule = "sons.conformite_ahi"
    signed, registered = facts.date_signature, facts.date_enregistrement
    read: dict[str, object] = {
        "date_signature": signed.value if signed else None,
        "date_enregistrement": registered.value if registered else None,
        "campagne": campagne,
    }
    required = check_referencement(facts, campagne, parameters)
    if _domain(facts) == "PJM" and required.outcome is Outcome.NO:
        step = Step("Aucune obligation de logiciel référencé (PJM)", StepStatus.MET, required.sources)
        return RuleResult(rule, Outcome.YES, (step,), read, (), required.reservations)
    entry = find_value(rule, read, parameters["referencement.exigence_ahi"], campagne)
    if isinstance(entry, RuleResult):
        return entry
    if facts.eligible_sons is not None and not facts.eligible_sons.value and entry.value == 1:
        return RuleResult(rule, Outcome.UNDETERMINED, required.steps, read, (), reservations_of(entry))
    label = "Éditeur enregistré au plus tard le jour de la signature"
    if entry.value == 0:
        step = Step("Aucune obligation de logiciel référencé", StepStatus.MET, entry.sources)
        return RuleResult(rule, Outcome.YES, (step,), read, (), reservations_of(entry))
    if gap is not None and (signed is None or registered is None):
        read |= {"jours_apres_la_signature": gap.value}
        met = gap.value <= 0
        step = Step(label, StepStatus.MET if met else StepStatus.NOT_MET, entry.sources, gap.words)
        return RuleResult(rule, Outcome.YES if met else Outcome.NO, (step,), read)
    if signed is None or registered is None:
        missing = tuple(name for name in ("date_signature", "date_enregistrement") if read[name] is None)
        return RuleResult(
            rule, Outcome.UNDETERMINED, (Step(label, StepStatus.UNKNOWN, entry.sources),), read, missing
        )
    met = registered.value <= signed.value
    step = Step(
        label,
        StepStatus.MET if met else StepStatus.NOT_MET,
        entry.sources,
        f"{registered.words}, {signed.words}",
    )
    return RuleResult(rule, Outcome.YES if met else Outcome.NO, (step,), read)


def check_dispense(facts: Facts, campagne: str, day: date, parameters: Parameters) -> RuleResult:
    """Judge whether the MSSanté and DMP targets are waived: only for AHI outside the SONS, from 2/9/2025.

    The other targets remain. Before that day, and for every other domain, no waiver is known. Its effect
    on earlier campaigns and on conventions signed before is not said.
    """
    rule, domain = "cibles.dispense", _domain(facts)
    stated = facts.eligible_sons
    entry = parameters["cibles.dispense_ahi"].history[0]
    read: dict[str, object] = {
        "domaine": domain, "eligible_sons": stated.value if stated else None, "jour": day, "dispense_depuis": entry.valid_from,
    }  # fmt: skip
    notes = reservations_of(entry)
    label = "Structure AHI non éligible au SONS"
    if campagne > last_campagne(parameters):
        return not_in_force(rule, read, parameters["cibles.dispense_ahi"], campagne)
    if day < (entry.valid_from or day):
        step = Step(f"Dispense ouverte à partir du {entry.valid_from}", StepStatus.NOT_MET, entry.sources)
        return RuleResult(rule, Outcome.NO, (step,), read)
    if domain is None:
        return RuleResult(
            rule,
            Outcome.UNDETERMINED,
            (Step(label, StepStatus.UNKNOWN, entry.sources),),
            read,
            ("domaine",),
            notes,
        )
    if domain != "AHI":
        words = facts.domaine.words if facts.domaine else ""
        return RuleResult(rule, Outcome.NO, (Step(label, StepStatus.NOT_MET, entry.sources, words),), read)
    if stated is None:
        return RuleResult(
            rule,
            Outcome.UNDETERMINED,
            (Step(label, StepStatus.UNKNOWN, entry.sources),),
            read,
            ("eligible_sons",),
            notes,
        )
    signed = facts.date_signature
    earlier = campagne < str((entry.valid_from or day).year) or (
        signed is not None and entry.valid_from is not None and signed.value < entry.valid_from
    )
    if earlier and not stated.value:
        step = Step(
            "Effet sur une convention ou une campagne antérieure : non précisé",
            StepStatus.UNKNOWN,
            entry.sources,
        )
        return RuleResult(rule, Outcome.UNDETERMINED, (step,), read, (), notes)
    status = StepStatus.NOT_MET if stated.value else StepStatus.MET
    step = Step(label, status, entry.sources, stated.words)
    return RuleResult(
        rule,
        Outcome.NO if stated.value else Outcome.YES,
        (step,),
        read,
        (),
        notes if not stated.value else (),
    )
