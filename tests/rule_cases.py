"""Read the boundary cases of the rules (assistant/rules/cases) and apply the rule each one names."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import yaml

from assistant.rules.coherence import check_chiffres, check_enveloppe, check_montant_annee, check_texte
from assistant.rules.cumulation import check_compatibilite
from assistant.rules.deadline import check_echeance, check_ouvert, check_recevabilite
from assistant.rules.eligibility import check_categorie, check_structure
from assistant.rules.facts import CategoryMention, Count, Facts, Filing, FromClosing, Period, Stated
from assistant.rules.funding import check_materiel, check_montant, check_type
from assistant.rules.grouping import check_seuil, check_voie
from assistant.rules.history import check_changements
from assistant.rules.home_services import check_part_financable
from assistant.rules.procedure import check_ars_competente, check_circuit, check_decision
from assistant.rules.result import RuleResult
from assistant.rules.software import (
    check_conformite_ahi,
    check_dispense,
    check_montee_de_version,
    check_referencement,
)
from corpus.categories import load_categories
from corpus.parameters import load_parameters
from corpus.territories import load_territories

P, T, C = load_parameters(), load_territories(), load_categories()
CASES = [
    case
    for path in sorted((Path(__file__).parent / "assistant/rules/cases").glob("*.yaml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]
DAYS = {"date_commande", "date_deploiement", "date_signature", "date_enregistrement"}


def stated(value: Any) -> Stated[Any]:
    return Stated(value, str(value))


def count(value: Any) -> Count:
    return Count(value["min"], value.get("max")) if isinstance(value, dict) else Count.exactly(value)


def filing(value: Any) -> Filing:
    if isinstance(value, dict) and "cloture" in value:
        return FromClosing(value["cloture"])
    if isinstance(value, dict):
        return Period(date.fromisoformat(value["du"]), date.fromisoformat(value["au"]))
    return Period.day(date.fromisoformat(value))


def facts_of(data: dict[str, Any]) -> Facts:
    fields: dict[str, Any] = {}
    for name, value in data.items():
        if name in ("nombre_essms", "nombre_regions", "essms_du_gestionnaire"):
            fields[name] = stated(count(value))
        elif name == "territoires":
            fields[name] = tuple(stated(region) for region in value)
        elif name == "categories":
            fields[name] = tuple(
                CategoryMention(
                    item["id"],
                    count(item["nombre"]) if "nombre" in item else None,
                    item.get("dans_le_total", False),
                    item["id"],
                )
                for item in value
            )
        elif name == "date_depot":
            fields[name] = stated(filing(value))
        elif name in DAYS:
            fields[name] = stated(date.fromisoformat(value))
        elif name not in ("categorie", "affirmation"):
            fields[name] = stated(value)
    return Facts(**fields)


def judge(case: dict[str, Any]) -> RuleResult:
    data, rule, campagne = case.get("facts") or {}, case["rule"], str(case.get("campagne", "2025"))
    facts, day = facts_of(data), date.fromisoformat(str(case.get("jour", "2026-11-22")))
    voie = data.get("voie")
    number = Stated(count(data["nombre_essms"]), "") if "nombre_essms" in data else None
    said = data.get("affirmation") or {}
    mention = CategoryMention(data["categorie"], None, False, "") if "categorie" in data else None
    calls = {
        "eligibilite.structure": lambda: check_structure(
            facts, campagne, P, C.get(data.get("categorie", ""))
        ),
        "eligibilite.categorie": lambda: check_categorie(
            mention, C.get(data.get("categorie", "")), campagne, P
        ),
        "eligibilite.part_financable": lambda: check_part_financable(facts, campagne, P),
        "groupement.seuil": lambda: check_seuil(facts, campagne, P, T, C),
        "groupement.voie": lambda: check_voie(facts, campagne, P, T, C),
        "groupement.ars_competente": lambda: check_ars_competente(campagne, P),
        "calendrier.cloture": lambda: check_echeance("cloture", campagne, voie, P, day),
        "calendrier.ouverture": lambda: check_echeance("ouverture", campagne, voie, P, day),
        "calendrier.recevabilite": lambda: check_recevabilite(
            facts.date_depot.value if facts.date_depot else None, "", campagne, voie, P
        ),
        "calendrier.ouvert": lambda: check_ouvert(day, P, voie),
        "financement.type": lambda: check_type(facts, campagne, P),
        "financement.materiel": lambda: check_materiel(facts, campagne, P),
        "financement.montant": lambda: check_montant(facts, campagne, voie, number, P),
        "sons.montee_de_version": lambda: check_montee_de_version(facts, day, P),
        "sons.referencement": lambda: check_referencement(facts, campagne, P),
        "sons.conformite_ahi": lambda: check_conformite_ahi(facts, campagne, P),
        "cibles.dispense": lambda: check_dispense(facts, campagne, day, P),
        "cumul.compatibilite": lambda: check_compatibilite(facts, campagne, P),
        "depot.circuit": lambda: check_circuit(campagne, voie, P),
        "depot.decision": lambda: check_decision(campagne, P),
        "enveloppes.controle": lambda: check_enveloppe(
            said.get("montant_meur"), int(said.get("annee", campagne)), day, P
        ),
        "textes.applicable": lambda: check_texte(day, P),
        "deploiement.chiffres": lambda: check_chiffres(day, P),
        "coherence.changements": lambda: check_changements(said["depuis"], campagne, P),
        "coherence.annee": lambda: check_montant_annee(
            said.get("montant_meur"), int(said.get("annee", campagne)), P
        ),
    }
    return calls[rule]()
