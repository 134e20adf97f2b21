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
}


def ask(result: RuleResult) -> list[Sentence]:
    """Return the single question that would best settle the result, if any."""
    return [Sentence(QUESTIONS[result.missing[0]])] if result.missing else []
