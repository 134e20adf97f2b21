"""Say which text applies, what a campaign's envelope is, and when a decision is known."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from assistant.answer import Kind, Status
from assistant.composing.draft import Draft, Sentence, reported, reservations
from assistant.composing.french import low, plain_day, say_day, say_month, say_number
from assistant.rules.reading import campagne_label
from assistant.rules.result import Outcome, RuleResult
from assistant.understanding.reading import Reading


def compose_text(result: RuleResult, day: date) -> Draft:
    """Name the instruction that applies on the day the rule was asked for."""
    asked = result.facts["jour"]
    when = "aujourd’hui" if asked == day else f"au {say_day(asked)}"
    text = result.values.get("texte")
    if text is None and result.values.get("reason"):
        head = f"Non déterminé {when} : {result.values['reason']}."
        return Draft(Kind.ABSTENTION, Status.PARTIAL, [reported(result, head)])
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


# Lines of the envelope: how a question names each, and how a sentence says it.
_LINES = (
    ("ars", re.compile(r"\b(?:ars|delegu\w*|regions|regional\w*)\b"), "délégués aux ARS"),
    (
        "national",
        re.compile(r"\b(?:appel|aap|projets?|part|ligne) national\w*|\bnationaux\b"),
        "pour l’appel à projets national",
    ),
    ("reserve", re.compile(r"\breserve\b"), "en réserve"),
    (
        "caisse_des_depots",
        re.compile(r"\b(?:caisse des depots|cdc|frais de gestion)\b"),
        "de frais de gestion de la Caisse des dépôts",
    ),
    ("sons", re.compile(r"\bsons\b"), "pour le SONS (hors ESMS numérique)"),
)


def compose_envelope(results: Sequence[RuleResult], reading: Reading) -> Draft:
    """Give the envelope of a campaign, the line asked for first, and what was revised."""
    known = [result for result in results if result.outcome is Outcome.YES]
    if not known:
        year = campagne_label(str(results[0].facts["campagne"]))
        head = f"Non déterminé : aucune source lue ne donne d’enveloppe ESMS numérique pour {year}."
        return Draft(
            Kind.ABSTENTION,
            Status.NOT_IN_CORPUS,
            [reported(results[0], head), Sentence("Adressez-vous à la CNSA.")],
        )
    sentences = [sentence for result in known for sentence in (*_line(result, reading), *_envelope(result))]
    return Draft(Kind.ANSWER, Status.ANSWERED, sentences)


def _line(result: RuleResult, reading: Reading) -> list[Sentence]:
    """Return the amount of the line a question names, before and after a revision when it changed."""
    before, after = result.values.get("avant"), result.values.get("apres")
    year = campagne_label(str(result.facts["campagne"]))
    asked = next((line for line in _LINES if line[1].search(reading.plain)), None)
    if asked is None or not isinstance(before, dict):
        return []
    name, _, words = asked
    if not isinstance(after, dict):
        return [reported(result, f"En {year} : {_millions(before[name])} {words}.")] if before[name] else []
    if before[name] == after[name]:
        return [reported(result, f"En {year} : {_millions(after[name])} {words}.")] if after[name] else []
    reserve = before.get("reserve")
    if name == "ars" and reserve:  # 63,5 M€ without a reserve are no rise from 56 M€ with one
        text = (
            f"En {year} : {_millions(after[name])} {words} depuis l’instruction de septembre ; auparavant, {_millions(before[name])} "
            f"et une réserve de {_millions(reserve)}."
        )
        return [reported(result, text)]
    return [
        reported(
            result,
            f"En {year} : {_millions(after[name])} {words} depuis l’instruction de septembre, contre {_millions(before[name])} auparavant.",
        )
    ]


def _envelope(result: RuleResult) -> list[Sentence]:
    values, year = result.values, campagne_label(str(result.facts["campagne"]))
    lines = values.get("apres") or values.get("avant")
    if not isinstance(lines, dict):
        return [
            reported(
                result,
                f"Pour la campagne {year}, l’enveloppe ESMS numérique était de {_millions(values['total_meur'])}.",
            )
        ]
    reserve = f", {_millions(lines['reserve'])} de réserve" if lines.get("reserve") else ""
    parts = (
        f"{_millions(lines['ars'])} délégués aux ARS{reserve}, {_millions(lines['national'])} pour l’appel national et "
        f"{_millions(lines['caisse_des_depots'])} de frais de la Caisse des dépôts"
    )
    whole = _millions(lines["toutes_lignes"])
    before, after = values.get("avant"), values.get("apres")
    if isinstance(before, dict) and isinstance(after, dict):
        first = (
            f"Pour la campagne {year}, l’enveloppe ESMS numérique est de {_millions(after['esms_numerique'])} depuis "
            f"l’instruction de septembre, contre {_millions(before['esms_numerique'])} auparavant ; la baisse de "
            f"{_millions(after['sons'])} abonde le SONS, et le total toutes lignes comprises reste de {whole}."
        )
        return [reported(result, first), reported(result, f"Détail : {parts}.")]
    first = f"Pour la campagne {year}, l’enveloppe ESMS numérique était de {_millions(lines['esms_numerique'])} : {parts}."
    return [
        reported(result, first),
        reported(result, f"Avec l’innovation et les ressources en région, le total était de {whole}."),
    ]


def compose_lead_ars(result: RuleResult) -> Draft:
    """Say which ARS leads a multi-regional project, or that no source says it."""
    if result.outcome is Outcome.YES:
        return Draft(
            Kind.ANSWER,
            Status.ANSWERED,
            [reported(result, f"C’est l’{result.values['ars']}."), *reservations([result])],
        )
    head = "Non déterminé : aucune source lue ne dit quelle ARS instruit un projet multirégional."
    return Draft(
        Kind.ABSTENTION,
        Status.NOT_IN_CORPUS,
        [reported(result, head), Sentence("Prenez contact avec chaque ARS concernée avant de déposer.")],
    )


def compose_count(result: RuleResult) -> Draft:
    """Give the number of structures engaged known on the day asked, with its date and reservation."""
    if result.outcome is not Outcome.YES:
        head = "Non déterminé : aucune source lue ne donne de nombre de structures engagées à cette date."
        return Draft(
            Kind.ABSTENTION,
            Status.NOT_IN_CORPUS,
            [reported(result, head), Sentence("Adressez-vous à la CNSA.")],
        )
    number, counted = say_number(int(str(result.values["nombre"]))), _counted(str(result.values["date"]))
    head = f"Le chiffre connu est de {number} structures engagées au niveau national ({counted})."
    return Draft(Kind.ANSWER, Status.ANSWERED, [reported(result, head), *reservations([result])])


def _counted(when: str) -> str:
    if len(when) == 4:
        return when
    return say_month(when) if len(when) == 7 else say_day(date.fromisoformat(when))


def compose_decision(result: RuleResult) -> Draft:
    """Give the delay of notification, which runs from the selection."""
    months = result.values.get("delai_mois")
    if months is None:
        head = "Non déterminé : aucune source lue ne donne le délai de décision de cette campagne."
        return Draft(
            Kind.ABSTENTION,
            Status.NOT_IN_CORPUS,
            [reported(result, head), Sentence("Adressez-vous à l’ARS de votre région.")],
        )
    head = "La décision est notifiée dans le mois qui suit la sélection des projets ; aucune date précise n’est fixée."
    refused = "Les porteurs écartés sont informés du motif."
    return Draft(
        Kind.ANSWER,
        Status.ANSWERED,
        [reported(result, head), reported(result, refused), *reservations([result])],
    )


def compose_changes(result: RuleResult) -> Draft:
    """List what changed between two campaigns, one line a figure."""
    first, second = (campagne_label(str(result.facts[name])) for name in ("depuis", "campagne"))
    if result.outcome is Outcome.UNDETERMINED:
        text = f"Non déterminé : {low(result.steps[0].condition)}."
        return Draft(Kind.ABSTENTION, Status.NOT_IN_CORPUS, [reported(result, text)])
    if result.outcome is Outcome.NO:
        text = f"Entre {first} et {second}, les sources lues ne donnent pas de différence sur ce point."
        return Draft(Kind.ANSWER, Status.ANSWERED, [reported(result, text)])
    head = f"Entre {first} et {second}, voici ce qui change d’après les sources lues :"
    rows = [
        Sentence(f"{plain_day(change.text)}.", change.sources, rules=(result,), bullet=True)
        for change in result.changes
    ]
    return Draft(Kind.ANSWER, Status.ANSWERED, [Sentence(head, rules=(result,)), *rows])
