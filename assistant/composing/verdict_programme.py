"""Say which text applies, what a campaign's envelope is, and when a decision is known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from assistant.answer import Kind, Status
from assistant.composing.draft import Draft, Sentence, reported, reservations
from assistant.composing.french import say_day, say_number
from assistant.rules.deadline import campagne_label
from assistant.rules.result import Outcome, RuleResult


def compose_text(result: RuleResult, day: date) -> Draft:
    """Name the instruction that applies on the day the rule was asked for."""
    asked = result.facts["jour"]
    when = "aujourd’hui" if asked == day else f"au {say_day(asked)}"
    text = result.values.get("texte")
    if text is None:
        head = f"Non déterminé : les sources lues ne donnent pas d’instruction applicable {when}."
        return Draft(Kind.ABSTENTION, Status.NOT_IN_CORPUS, [reported(result, head)])
    if result.outcome is Outcome.UNDETERMINED:
        head = f"Non déterminé {when} : l’instruction {text} était signée mais pas encore publiée."
        return Draft(Kind.ABSTENTION, Status.PARTIAL, [reported(result, head), *reservations([result])])
    head = f"L’instruction applicable {when} est l’instruction n° {text}."
    return Draft(Kind.ANSWER, Status.ANSWERED, [reported(result, head), *reservations([result])])


def _millions(amount: object) -> str:
    return f"{say_number(float(str(amount)))}\u00a0M€"


def compose_envelope(results: Sequence[RuleResult]) -> Draft:
    """Give the envelope of a campaign, the one in force first when it was revised."""
    known = [result for result in results if result.outcome is Outcome.YES]
    if not known:
        year = campagne_label(str(results[0].facts["campagne"]))
        head = f"Non déterminé : aucune source lue ne donne d’enveloppe ESMS numérique pour {year}."
        return Draft(Kind.ABSTENTION, Status.NOT_IN_CORPUS, [reported(results[0], head), Sentence("Adressez-vous à la CNSA.")])
    sentences = [sentence for result in known for sentence in _envelope(result)]
    return Draft(Kind.ANSWER, Status.ANSWERED, sentences)


def _envelope(result: RuleResult) -> list[Sentence]:
    values, year = result.values, campagne_label(str(result.facts["campagne"]))
    lines = values.get("apres") or values.get("avant")
    if not isinstance(lines, dict):
        return [reported(result, f"Pour la campagne {year}, l’enveloppe ESMS numérique était de {_millions(values['total_meur'])}.")]
    parts = (
        f"{_millions(lines['ars'])} délégués aux ARS, {_millions(lines['national'])} pour l’appel national et "
        f"{_millions(lines['caisse_des_depots'])} de frais de la Caisse des dépôts"
    )
    whole = _millions(lines["toutes_lignes"])
    before, after = values.get("avant"), values.get("apres")
    if isinstance(before, dict) and isinstance(after, dict):
        first = (
            f"Pour la campagne {year}, l’enveloppe ESMS numérique est de {_millions(after['esms_numerique'])} depuis "
            f"l’instruction de septembre, contre {_millions(before['esms_numerique'])} auparavant ; toutes lignes comprises, "
            f"le total reste de {whole}."
        )
        return [reported(result, first), reported(result, f"Détail : {parts}.")]
    first = f"Pour la campagne {year}, l’enveloppe ESMS numérique était de {_millions(lines['esms_numerique'])} : {parts}."
    more = f"Avec l’innovation et les ressources en région, le total était de {whole}."
    return [reported(result, first), reported(result, more)]


def compose_decision(result: RuleResult) -> Draft:
    """Give the delay of notification, which runs from the selection."""
    months = result.values.get("delai_mois")
    if months is None:
        head = "Non déterminé : aucune source lue ne donne le délai de décision de cette campagne."
        return Draft(Kind.ABSTENTION, Status.NOT_IN_CORPUS, [reported(result, head), Sentence("Adressez-vous à l’ARS de votre région.")])
    head = "La décision est notifiée dans le mois qui suit la sélection des projets ; aucune date précise n’est fixée."
    refused = "Les porteurs écartés sont informés du motif."
    return Draft(Kind.ANSWER, Status.ANSWERED, [reported(result, head), reported(result, refused), *reservations([result])])
