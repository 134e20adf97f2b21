"""The question to ask for each fact that a ruling still needs."""

from __future__ import annotations

from assistant.composing.draft import Sentence
from assistant.rules.result import RuleResult

QUESTIONS = {
    "nombre_essms": "Combien d’ESSMS (établissements ou services ayant chacun leur numéro FINESS) votre projet réunit-il ?",
    "territoires": "Dans quelle région se trouvent ces ESSMS ?",
    "nombre_regions": "Vos ESSMS sont-ils tous dans la même région, ou dans combien de régions ?",
    "l312_1": "De quelle catégorie est la structure (EHPAD, IME, MECS, service à domicile…) ?",
    "finess_geo": "La structure a-t-elle son propre numéro FINESS géographique ?",
    "champ_sanitaire": "La structure relève-t-elle du champ sanitaire (USLD, HAD, SMR…) ?",
    "heures_essentielles": "Combien d’heures le service consacre-t-il aux activités essentielles à la vie ?",
    "heures_confort": "Combien d’heures le service consacre-t-il aux prestations de confort ?",
    "choix": "S’agit-il d’un premier logiciel, d’un remplacement, ou gardez-vous votre logiciel actuel ?",
    "date_commande": "À quelle date la Prestation Ségur a-t-elle été commandée ?",
    "date_deploiement": "À quelle date le déploiement a-t-il été achevé ?",
    "domaine": "De quel domaine s’agit-il (personnes âgées, handicap, domicile, enfance, AHI, PJM…) ?",
    "eligible_sons": "La structure est-elle éligible au SONS ?",
    "essms_du_gestionnaire": "Combien d’ESSMS le gestionnaire compte-t-il ?",
    "deja_finance": "Cet ESSMS a-t-il déjà été financé par ESMS numérique, et pour quel logiciel ?",
    "prestation_segur": "Une Prestation Ségur (SONS) a-t-elle été commandée, et pour quel logiciel ?",
    "autre_aide_europeenne": "L’opération reçoit-elle un autre financement européen (FEDER, FSE…) ?",
}


def ask(result: RuleResult) -> list[Sentence]:
    """Return the single question that would best settle the result, if any."""
    return [Sentence(QUESTIONS[result.missing[0]], key="ask")] if result.missing else []
