"""When a message asks for dates: closing, opening, admissibility, what is open."""

from __future__ import annotations

import re

from assistant.judging.case import Case
from assistant.judging.project import judge_grouping
from assistant.rules.deadline import VOIES, check_echeance, check_ouvert, check_recevabilite, round_of
from assistant.rules.facts import Period
from assistant.rules.result import RuleResult
from assistant.understanding.facts import find_voies
from assistant.understanding.intents import Topic

# Subjects that have dates of their own, which the calendar of the calls does not answer.
_OTHER_CALENDAR = re.compile(
    r"\b(?:sons|vague|prestations?|bons? de commande|deploiement|ms ?sante|guichet|arrete|instructions?|circulaire|convention\w*|"
    r"notifi\w*|decisions?|reponse|cibles?|programme|amorcage|segur|versement|paiement|solde|avance|generalisation|referenc\w*|"
    r"preuves?|duree|dialogue|heure|publi\w*|galis|resultats?)\b"
)
_PROJECT = frozenset({Topic.ELIGIBILITE, Topic.SEUIL, Topic.VOIE, Topic.RECEVABILITE, Topic.OUVERT})
_UNTIL = re.compile(r"\b(?:jusqu'au|avant le|au plus tard le|d'ici le|d'ici au)\b")
_NOTHING_FILED = re.compile(r"\b(?:n'|ne )\w+ (?:pas|rien|jamais|aucun)\b|\bsans (?:avoir|rien)\b")
_STILL = re.compile(
    r"\b(?:encore|toujours|aujourd'?hui|maintenant|actuellement|en ce moment|ce matin|cette semaine|still|now|trop tard|possible de (?:depos|candidat))\b"
)
_OPENED = re.compile(r"\bouv\w+|\blanc\w+|\bdebut\w*")


# « à quelle date est prévu le bilan… », « la date du prochain webinaire »: a date that is something's own.
_DATE_OF = re.compile(
    r"\bdates? (?:\w+ )?(?:de l'|d'|de la |du |des |de (?:la |l')?)(?:[a-z]{3,})"
    r"|\b(?:quelle date|quand) (?:\w+ ){0,2}(?:est|sont|sera|seront|etait|etaient|serait|a|ont|aura|auront|se tien\w+|se deroul\w+|est-ce que)"
    r"(?:-t)?(?:-(?:il|elle|ils|elles|on))? (?:lieu |prevue?s? |fixee?s? |programmee?s? |organisee?s? |attendue?s? )?(?:le |la |l'|les |un |une |son |sa |ce |cette )[a-z]{3,}"
)
_CALLS = re.compile(
    r"\b(?:appels?|aap|ami|depo\w+|depots?|candidat\w*|dossiers?|projets?|campagnes?|clotur\w*|clo[st]\w*|ferm\w+|ouv\w+|lanc\w+|"
    r"esms|echeance\w*|deadline|limites?|butoirs?|fin\w*|terme|voies?|regi\w+|multi\w*|nation\w+|guichets?|demandes?|remise|envo\w+|transm\w+|rend\w*|post\w+)\b"
)


def _about_calls(case: Case) -> bool:
    """Whether the date asked about is one of the calls, and not that of some other event."""
    if _OTHER_CALENDAR.search(case.plain.replace("esms numerique", "")):
        return False
    named = case.own.territoires or case.own.campagne or _CALLS.search(case.plain)
    return bool(named) or not _DATE_OF.search(case.plain)


def judge_filing(case: Case) -> list[RuleResult]:
    """Judge a day of filing, for the track known or for each."""
    stated = case.facts.date_depot
    if stated is None or not case.topics & {Topic.RECEVABILITE, Topic.CLOTURE} or not _about_calls(case):
        return []
    filed = stated.value
    year = str(filed.first.year) if isinstance(filed, Period) and not case.facts.campagne else case.year
    dated = Case(case.reading, year, case.day, case.data)
    if not dated.campagnes:
        day = max(filed.first, case.day) if isinstance(filed, Period) else case.day
        return [check_ouvert(day, case.parameters)]
    named = case.facts.voie.value if case.facts.voie else dated.voie_of_project()
    campagne = dated.campagnes[-1]
    if isinstance(filed, Period):
        campagne = round_of(filed.last, year, case.parameters) or campagne
    return [
        check_recevabilite(stated.value, stated.words, campagne, voie, case.parameters)
        for voie in ([named] if named else list(VOIES))
    ]


def judge_calendar(case: Case) -> list[RuleResult]:
    """Judge what is open today, or give openings and closings."""
    topics = case.topics
    if Topic.OUVERT in topics and case.counted and _STILL.search(case.plain) and _about_calls(case):
        opened = check_ouvert(case.day, case.parameters, case.voie_of_project())
        return [opened, *judge_grouping(case)]
    dates_only = topics & {Topic.CLOTURE, Topic.OUVERTURE} and not topics & _PROJECT
    if (case.counted and not dates_only) or not _about_calls(case):
        return []
    if case.facts.date_citee and topics & {Topic.OUVERT, Topic.OUVERTURE} and _OPENED.search(case.plain):
        return _dates("ouverture", case)
    if (
        case.own.date_citee
        and Topic.RECEVABILITE in topics
        and _UNTIL.search(case.plain)
        and not _NOTHING_FILED.search(case.plain)
    ):
        return _dates("cloture", case)
    beyond = not case.campagnes and case.year > "2021"
    over = (
        case.own.campagne is not None and case.year[:4] < str(case.day.year) and not _STILL.search(case.plain)
    )
    if over and Topic.OUVERT in topics:  # « jusqu’à quand l’appel 2022 est-il resté ouvert ? »
        topics = topics - {Topic.OUVERT}
        topics = (
            topics if topics & {Topic.CLOTURE, Topic.OUVERTURE} else topics | {Topic.OUVERTURE, Topic.CLOTURE}
        )
    if Topic.OUVERT in topics or (beyond and topics & {Topic.CLOTURE, Topic.OUVERTURE}):
        return [check_ouvert(case.day, case.parameters, case.own.voie.value if case.own.voie else None)]
    if case.facts.date_citee and case.facts.voie and not topics - {Topic.ELIGIBILITE}:
        return _dates("cloture", case)
    if topics & {Topic.CLOTURE, Topic.OUVERTURE}:
        which = [("ouverture", Topic.OUVERTURE), ("cloture", Topic.CLOTURE)]
        return [result for name, topic in which if topic in topics for result in _dates(name, case)]
    return []


_LEVEL = re.compile(r"\b(?:niveau|echelon|plan) (national|regional|multiregional)\b")


def _dates(which: str, case: Case) -> list[RuleResult]:
    named = find_voies(_LEVEL.sub(r"voie \1", case.plain))
    if not named and case.reading.follows:
        named = [case.facts.voie.value] if case.facts.voie else find_voies(case.reading.query.lower())
    if not named and (voie := case.voie_of_project()):
        named = [voie]
    return [
        check_echeance(which, campagne, voie, case.parameters, case.day)
        for campagne in case.campagnes or [case.year]
        for voie in named or list(VOIES)
    ]
