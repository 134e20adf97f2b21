"""The rules by name: the question each answers, and the figures it reads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """A rule's id, the question it answers in French, and the parameters it reads (a prefix ends with a dot)."""

    id: str
    question: str
    parameters: tuple[str, ...]


CATALOGUE = (
    Rule("eligibilite.structure", "La structure est-elle éligible ?", ("eligibilite.",)),
    Rule("eligibilite.categorie", "Cette catégorie de structures est-elle éligible ?",
         ("eligibilite.perimetre_l312_1", "eligibilite.condition_finess")),
    Rule("eligibilite.part_financable", "Quelle part d’un service à domicile est finançable ?", ("financement.prorata_heures",)),
    Rule("groupement.seuil", "Le projet réunit-il assez d’ESSMS ?",
         ("groupement.seuil_general", "groupement.seuil_corse_outre_mer")),
    Rule("groupement.voie", "De quel appel à projets le projet relève-t-il ?",
         ("voie.", "groupement.plafond_amorcage", "groupement.seuil_general", "groupement.seuil_corse_outre_mer")),
    Rule("groupement.ars_competente", "Quelle ARS instruit un projet multirégional ?", ("depot.ars_multiregionale",)),
    Rule("calendrier.cloture", "Quand l’appel se clôt-il ?", ("calendrier.cloture_",)),
    Rule("calendrier.ouverture", "Quand l’appel s’ouvre-t-il ?", ("calendrier.ouverture_",)),
    Rule("calendrier.recevabilite", "Le dépôt est-il dans les délais ?", ("calendrier.cloture_", "calendrier.dialogue")),
    Rule("calendrier.ouvert", "Un appel est-il ouvert ce jour-là ?", ("calendrier.",)),
    Rule("financement.type", "Que finance l’aide selon le choix du logiciel ?", ("financement.acquisition", "financement.maintien")),
    Rule("financement.materiel", "Une aide au matériel est-elle possible ?",
         ("financement.petit_gestionnaire", "financement.plafond_materiel")),
    Rule("financement.montant", "Quels montants peut-on calculer ?",
         ("financement.forfait_", "financement.national_", "groupement.plafond_amorcage")),
    Rule("sons.montee_de_version", "Le SONS paie-t-il la montée de version ?", ("sons.",)),
    Rule("sons.referencement", "Le logiciel doit-il être référencé ?", ("referencement.",)),
    Rule("sons.conformite_ahi", "L’éditeur était-il enregistré à temps (AHI) ?", ("referencement.exigence_ahi",)),
    Rule("cibles.dispense", "La structure est-elle dispensée de cibles d’usage ?", ("cibles.",)),
    Rule("cumul.compatibilite", "L’aide se cumule-t-elle avec une autre ?", ("cumul.",)),
    Rule("depot.circuit", "Où déposer et qui instruit ?", ("depot.teleservice", "depot.instruct")),
    Rule("depot.decision", "Quand la décision est-elle connue ?", ("depot.delai_notification",)),
    Rule("enveloppes.annuelle", "Quelle est l’enveloppe de la campagne ?", ("enveloppes.",)),
    Rule("enveloppes.controle", "Le montant annoncé tombe-t-il juste ?", ("enveloppes.",)),
    Rule("coherence.annee", "Le montant annoncé est-il d’une autre année ?", ("enveloppes.",)),
    Rule("coherence.montant_unitaire", "Le montant par structure est-il d’une autre campagne ?", ("financement.",)),
    Rule("textes.applicable", "Quelle instruction s’applique ce jour-là ?", ("textes.",)),
    Rule("deploiement.chiffres", "Combien de structures sont engagées ?", ("deploiement.",)),
)  # fmt: skip

QUESTIONS = {rule.id: rule.question for rule in CATALOGUE}
