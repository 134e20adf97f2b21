"""When a message asks about the programme itself: texts, envelopes, figures, decisions."""

from __future__ import annotations

import re
from datetime import date

from assistant.judging.case import Case
from assistant.rules.coherence import check_annuelle, check_chiffres, check_texte
from assistant.rules.deadline import campagnes, campagnes_of
from assistant.rules.facts import Period
from assistant.rules.history import check_changements
from assistant.rules.procedure import check_decision
from assistant.rules.result import RuleResult
from assistant.understanding.dates import find_month_end
from assistant.understanding.intents import Topic

_NOT_YEARLY = re.compile(
    r"\b(?:repartition|repart\w*|outre-mer|ultramarin\w*|drom|par (?:region|essms|etablissement)|chaque region|ma region|notre region|2021 ?-? ?2025|cumule\w*|"
    r"europ\w*|pnrr|global\w*|depuis le debut|additionn\w*|toutes les campagnes|materiel\w*|equipement\w*|forfaitaire|rallonge|redistribu\w*|innovation|ressources?)\b"
)
_AMOUNT_STATED = re.compile(r"\d ?(?:m€|millions)|\bou \d")


_CHANGED = re.compile(
    r"\b(?:change(?:ments?|e|es|nt)?|a change|ont change|evolu\w+|nouveautes?|de nouveau|de neuf|differences?|differen\w+|modifications?)\b"
)
_NOT_A_RULE = re.compile(
    r"\b(?:logiciels?|editeurs?|dui|solutions?|gestionnaires?|prestataires?|adresses?|mot de passe)\b"
)
_THEMES = {
    Topic.BUDGET: ("enveloppes.",),
    Topic.SEUIL: ("groupement.",),
    Topic.VOIE: ("voie.",),
    Topic.CLOTURE: ("calendrier.",),
    Topic.REFERENCEMENT: ("referencement.",),
    Topic.DISPENSE: ("cibles.",),
    Topic.TEXTE: ("textes.",),
}


def judge_changes(case: Case) -> list[RuleResult]:
    """List what changed between the two campaigns named, or since the one before the campaign named."""
    years = sorted({f"20{short}" for short in _CAMPAIGN_YEAR.findall(case.plain)})
    if not years or not _CHANGED.search(case.plain) or _NOT_A_RULE.search(case.plain):
        return []
    known = campagnes(case.parameters)
    codes = [codes[-1] if (codes := campagnes_of(year, case.parameters)) else year for year in years]
    if len(codes) == 1:
        if codes[0] not in known[1:]:
            return []
        codes = [known[known.index(codes[0]) - 1], codes[0]]
    if re.search(r"\b(?:ahi|pjm)\b", case.plain):
        return [check_changements(codes[0], codes[-1], case.parameters, ("referencement.", "cibles."))]
    themes = tuple(prefix for topic in _THEMES if topic in case.topics for prefix in _THEMES[topic])
    return [check_changements(codes[0], codes[-1], case.parameters, themes)]


_CAMPAIGN_YEAR = re.compile(r"(?<![\d/])20(2\d)(?![\d/])")


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
    day = cited.value if cited else find_month_end(case.plain) or _last_day(case)
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
