"""The rules by name: the question each answers, and the figures it reads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """A rule's id, the question it answers in French, the parameters it reads, and the facts it rests on.

    A parameter may be a prefix; ``refs`` are ids of the table of facts, as the fiches' statements carry them.
    """

    id: str
    question: str
    parameters: tuple[str, ...]
    refs: str


CATALOGUE = (
    Rule("eligibilite.structure", "La structure est-elle éligible ?", ("eligibilite.",), "R-01 F-034 F-035"),
    Rule("eligibilite.categorie", "Cette catégorie de structures est-elle éligible ?",
         ("eligibilite.perimetre_l312_1", "eligibilite.condition_finess"), "R-02 R-01 F-034 F-036"),
    Rule("eligibilite.part_financable", "Quelle part d’un service à domicile est finançable ?", ("financement.prorata_heures",), "R-03 F-037 F-038 F-105"),
    Rule("groupement.seuil", "Le projet réunit-il assez d’ESSMS ?",
         ("groupement.seuil_general", "groupement.seuil_corse_outre_mer", "groupement.gestionnaires_minimum"), "R-04 F-044 F-048"),
    Rule("groupement.voie", "De quel appel à projets le projet relève-t-il ?",
         ("voie.", "groupement.plafond_amorcage", "groupement.seuil_general", "groupement.seuil_corse_outre_mer"), "R-05 F-045 F-046 F-047"),
    Rule("groupement.ars_competente", "Quelle ARS instruit un projet multirégional ?", ("depot.ars_multiregionale",), "R-06"),
    Rule("calendrier.cloture", "Quand l’appel se clôt-il ?", ("calendrier.cloture_",), "R-07 F-056 F-057 F-059 F-060 F-061 F-062 F-063 F-064 F-065 F-066 F-067 F-068 F-069 C-01"),
    Rule("calendrier.ouverture", "Quand l’appel s’ouvre-t-il ?", ("calendrier.ouverture_",), "R-07 F-056 F-057 F-059 F-060 F-061 F-064 F-065 F-066 F-067 C-26"),
    Rule("calendrier.recevabilite", "Le dépôt est-il dans les délais ?", ("calendrier.cloture_", "calendrier.dialogue"), "R-08 R-07 F-070 F-067 F-068 F-064 F-065 F-061 F-062 F-059 F-060"),
    Rule("calendrier.ouvert", "Un appel est-il ouvert ce jour-là ?", ("calendrier.",), "R-09 R-07 F-067 F-068 F-022 N-10"),
    Rule("financement.type", "Que finance l’aide selon le choix du logiciel ?", ("financement.acquisition", "financement.maintien"), "R-10 F-073 F-074 F-075"),
    Rule("financement.materiel", "Une aide au matériel est-elle possible ?",
         ("financement.petit_gestionnaire", "financement.plafond_materiel"), "R-12 F-077 F-078"),
    Rule("financement.montant", "Quels montants peut-on calculer ?",
         ("financement.forfait_", "financement.national_", "groupement.plafond_amorcage"), "R-18 F-079 F-080 F-081 F-082 N-03"),
    Rule("sons.montee_de_version", "Le SONS paie-t-il la montée de version ?", ("sons.",), "R-11 F-122 C-18"),
    Rule("sons.referencement", "Le logiciel doit-il être référencé ?", ("referencement.",), "R-13 F-130 F-131 F-132 F-003"),
    Rule("sons.conformite_ahi", "L’éditeur était-il enregistré à temps (AHI) ?", ("referencement.exigence_ahi",), "R-13 F-131"),
    Rule("cibles.dispense", "La structure est-elle dispensée de cibles d’usage ?", ("cibles.",), "R-14 F-132"),
    Rule("cumul.compatibilite", "L’aide se cumule-t-elle avec une autre ?", ("cumul.",), "R-15 F-116 F-117 F-118 F-119 F-120"),
    Rule("depot.circuit", "Où déposer et qui instruit ?", ("depot.teleservice", "depot.instruct"), "R-16 F-102"),
    Rule("depot.decision", "Quand la décision est-elle connue ?", ("depot.delai_notification",), "R-17 F-072"),
    Rule("enveloppes.annuelle", "Quelle est l’enveloppe de la campagne ?", ("enveloppes.",), "R-19 F-091 F-092 F-093 F-094 F-095 F-096 F-097"),
    Rule("enveloppes.controle", "Le montant annoncé tombe-t-il juste ?", ("enveloppes.",), "R-19"),
    Rule("coherence.annee", "Le montant annoncé est-il d’une autre année ?", ("enveloppes.",), "R-21 R-19"),
    Rule("coherence.changements", "Qu’est-ce qui a changé entre deux campagnes ?",
         ("eligibilite.perimetre_l312_1", "groupement.", "voie.", "calendrier.cloture_", "referencement.", "cibles.",
          "financement.forfait_acquisition", "financement.plafond_materiel", "enveloppes.esms_numerique", "textes."), "R-21"),
    Rule("coherence.montant_unitaire", "Le montant par structure est-il d’une autre campagne ?", ("financement.",), "R-18 F-078 F-079 F-081"),
    Rule("textes.applicable", "Quelle instruction s’applique ce jour-là ?", ("textes.",), "R-20 F-026 F-027 F-028 F-029 F-030"),
    Rule("deploiement.chiffres", "Combien de structures sont engagées ?", ("deploiement.",), "R-22 F-137 F-138 F-139 F-140 F-141 F-142 C-13"),
)  # fmt: skip

QUESTIONS = {rule.id: rule.question for rule in CATALOGUE}
PARAMETERS = {rule.id: rule.parameters for rule in CATALOGUE}
REFS = {rule.id: frozenset(rule.refs.split()) for rule in CATALOGUE}
