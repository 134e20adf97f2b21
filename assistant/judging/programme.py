"""When a message asks about the programme itself: texts, envelopes, figures, decisions."""

from __future__ import annotations

import re
from datetime import date

from assistant.judging.case import Case
from assistant.rules.coherence import check_annuelle, check_chiffres, check_texte
from assistant.rules.facts import Period
from assistant.rules.procedure import check_decision
from assistant.rules.result import RuleResult
from assistant.understanding.dates import find_month_end
from assistant.understanding.intents import Topic

_NOT_YEARLY = re.compile(
    r"\b(?:repartition|repart\w*|outre-mer|ultramarin\w*|drom|par (?:region|essms|etablissement)|chaque region|ma region|notre region|2021 ?-? ?2025|cumule\w*|"
    r"europ\w*|pnrr|global\w*|depuis le debut|additionn\w*|toutes les campagnes|materiel\w*|equipement\w*|forfaitaire|rallonge|redistribu\w*|innovation|ressources?)\b"
)
_AMOUNT_STATED = re.compile(r"\d ?(?:m€|millions)|\bou \d")


def _last_day(case: Case) -> date:
    """Return the last day of the year the message names, or the day of the question if it comes first."""
    if case.facts.campagne is None:
        return case.day
    return min(case.day, date(int(case.year[:4]), 12, 31))


def judge_count(case: Case) -> list[RuleResult]:
    """Give the number of structures engaged at the moment asked for."""
    local = case.own.territoires or case.own.categories or case.own.nombre_essms or "T" in case.year
    if Topic.CHIFFRES not in case.topics or local:
        return []
    return [check_chiffres(find_month_end(case.plain) or _last_day(case), case.parameters)]


def judge_decision(case: Case) -> list[RuleResult]:
    """Give the delay of notification."""
    if Topic.DECISION not in case.topics or Topic.RECEVABILITE in case.topics:
        return []
    return [check_decision(case.campagne, case.parameters)]


def judge_text(case: Case) -> list[RuleResult]:
    """Find the text of the day cited, of the campaign named (its last day), or of today."""
    if Topic.TEXTE not in case.topics:
        return []
    cited, filed = case.facts.date_citee, case.facts.date_depot
    day = cited.value if cited else _last_day(case)
    if not cited and filed and isinstance(filed.value, Period):
        day = filed.value.last
    return [check_texte(day, case.parameters)]


def judge_envelope(case: Case) -> list[RuleResult]:
    """Give a year's envelope, unless the message asks for a split, a place or a comparison."""
    if Topic.BUDGET not in case.topics or case.own.territoires:
        return []
    if _NOT_YEARLY.search(case.reading.query.lower()) or _AMOUNT_STATED.search(case.plain):
        return []
    return [check_annuelle(campagne, case.day, case.parameters) for campagne in case.campagnes]
