"""When a message asks about a project or a structure: number, track, legal scope."""

from __future__ import annotations

import re

from assistant.judging.case import Case, has_number
from assistant.rules.eligibility import check_categorie, check_structure
from assistant.rules.procedure import check_ars_competente
from assistant.rules.result import Outcome, RuleResult
from assistant.understanding.intents import Topic
from assistant.understanding.terms import find_terms
from assistant.understanding.text import fold

_FIRST_PERSON = re.compile(r"\b(?:nous|on|notre|nos|je|mon|ma|mes|j'|we|our|i)\b|puis-je|-nous\b")
_PROJECT = re.compile(
    r"\b(?:candidat\w*|depos\w*|eligib\w*|recevab\w*|particip\w*|postul\w*|benefici\w*|apply)\b"
)
_WHICH_ARS = re.compile(
    r"\b(?:quelle|laquelle|a quelle|quelles)\b.{0,12}\bars\b|\bars (?:competente|pilote|chef de file|referente|instructrice)"
)
# Words that make a number a figure of the programme, a past result or a matter of money.
_FIGURES = re.compile(
    r"\b(?:montant\w*|budget\w*|enveloppe\w*|forfait\w*|euros?|millions?|milliards?|combien (?:ca |on |par |touche|coute|perc|rec|pour|d'argent|vers|de (?:projets?|dossiers?|grappes?|structures? (?:engag|equip|financ)|region|gestionnaires?|fonds|credits?|m€))|"
    r"coute\w*|subventions?|credits?|paye\w*|rembours\w*|taux|part d(?:es|'|e)|proportion|pourcentage|repartition|cumul\w*|combien .{0,40}(?:engage|finance|retenu|equip|depos|deploy)\w*)|€"
)
_NOT_A_PROJECT = re.compile(
    r"\d+ (?:a|-) ?\d+,? ou (?:de )?\d+ (?:a|-) ?\d+|\bretenus?\b|\bmaitrise d'ouvrage|\bamoa\b|\b(?:en|a l') ?instruction\b|\bconfirmez|\bediteurs?|\bgrappes? (?:du|de) (?:temps|20)|\bcoup de pouce|\bfaut(?:-il)? (?:\w+ )?(?:creer|constituer|signer)\b|\bconvention (?:simple )?suffi|\btypologie|\bpetits? (?:gestionnaires?|organismes?)|\b(?:gros|moyens?) gestionnaires?"
)
_REASON = re.compile(r"\bpourquoi\b|\bwhy\b")
_GROUPING = frozenset({Topic.ELIGIBILITE, Topic.SEUIL, Topic.VOIE})
# « nos 15 places suffisent-elles ? »: places are not what is counted.
_PLACES = re.compile(
    r"\b(?:places|lits)\b.{0,40}\b(?:suffi\w*|assez)|\b(?:suffi\w*|assez)\b.{0,40}\b(?:places|lits)\b"
)
# « peut-elle rejoindre les 20 autres ? »: the number is that of the others.
_AMONG_OTHERS = re.compile(
    r"\b(?:parmi|au sein d\w*|dans|rejoindre|integrer) (?:les|nos|ces|des|un groupement de) \d+\b"
)
_PROJECT_ASKED = re.compile(
    r"\b(?:sommes|suis|pouvons|pourr(?:ons|ions|ai)|puis-je|peut-on|on (?:peut|est|pourra\w*)|can we|are we|may we|projet|groupement|dossier|candidature)\b"
)
_REPORTED = (
    "dit", "dire", "lu", "vu", "semble", "parait", "pense", "pensons", "crois", "croyons", "croyais", "affirme", "assure",
    "annonce", "indique", "exact", "vrai", "faux", "sur", "confirmer", "confirmez", "savoir", "note", "entendu", "compris",
    "suppose", "supposons",
)  # fmt: skip
# « acceptez-vous un dossier hors délai ? » is no matter of number.
_LATE = re.compile(r"\b(?:hors delais?|en retard|retardataires?)\b")
_EXCLUSIVE = re.compile(
    r"\breserve\w*\b|\bn(?:e |')(?:[\w-]+ ){1,4}qu(?:e|')|(?<!finances )(?<!financee )(?<!financees )(?<!finance )(?<!geres )(?<!gere )(?<!autorises )\b(?:uniquement|exclusivement|seulement|que pour)\b|"
    # « on dit que les SAAD… » reports; « vous aidez que les EHPAD » excludes.
    + "".join(rf"(?<!\b{verb} )" for verb in _REPORTED)
    + r"\bque les\b"
)
_HELD = re.compile(
    r"\b(?:hopital|hopitaux|clinique|centre hospitalier)\b.{0,30}\b(?:ger\w+|porte\w*|pour son|pour ses|a un|a une|possede)\b|\b(?:de l'|d'un |du |a un |a l'|au )(?:hopital|clinique|centre hospitalier)"
)
_AWARDED_ALREADY = re.compile(
    r"\blaureat\w*|\bdeja (?:ete )?(?:finance|aide|beneficie|dote|subventionne)\w*|\b(?:ont|avons|a) deja (?:eu|recu|obtenu|touche|beneficie)"
)
_LARGER_CALL = re.compile(r"\b(?:national|multi-?regional)\w*\b")
_ENOUGH = re.compile(r"^(?:.*[ :])?(?:est[- ]ce|c'est|sommes[- ]nous|on est) assez\b")
_SHORT = 9  # words of four letters or more


def judge_lead_ars(case: Case) -> list[RuleResult]:
    """Find which ARS leads a project on several regions."""
    several = case.facts.nombre_regions or case.facts.voie or len(case.facts.territoires) > 1
    if several and _WHICH_ARS.search(case.plain):
        return [check_ars_competente(case.campagne, case.parameters)]
    return []


def about_figures(case: Case) -> bool:
    """Whether the message is about figures of the programme, which no rule on projects answers."""
    asked = case.topics & {Topic.SEUIL, Topic.VOIE} or re.search(r"recevab|eligib", case.plain)
    return bool(_FIGURES.search(case.plain)) and not asked


def judge_grouping(case: Case) -> list[RuleResult]:
    """Judge number and track from the number of ESSMS stated."""
    facts, topics = case.facts, case.topics
    recalled = case.own.territoires or case.reading.elliptic or topics
    moved = case.reading.elliptic and (case.own.territoires or case.own.variation)
    if (
        not has_number(facts)
        or not (case.counted or recalled)
        or not (topics & _GROUPING or case.counted or moved)
    ):
        return []
    if _AWARDED_ALREADY.search(case.plain) and not re.search(r"\bdont \d", case.plain):
        return []  # who counts then is a matter of each ESSMS
    late = _LATE.search(case.plain) and not topics & {Topic.SEUIL, Topic.VOIE}
    if late or _about_categories(case):
        return []
    if _REASON.search(case.plain) or _NOT_A_PROJECT.search(case.plain) or _already_awarded(case):
        return []
    seuil, voie = case.data.seuil(facts, case.campagne), case.data.voie(facts, case.campagne)
    if Topic.VOIE in topics and voie.outcome is not Outcome.NO:
        return [voie, seuil]
    located = facts.nombre_regions is not None or facts.territoires
    return [seuil, voie] if voie.outcome is Outcome.YES and located else [seuil]


def _about_categories(case: Case) -> bool:
    """Whether the question is whether some structures may take part, and not whether the project told before may."""
    if (
        not case.own.categories
        or Topic.ELIGIBILITE not in case.topics
        or case.topics & {Topic.SEUIL, Topic.VOIE}
    ):
        return False
    alone = not case.counted and not _PROJECT_ASKED.search(case.plain)
    return alone or bool(_AMONG_OTHERS.search(case.plain))


def _already_awarded(case: Case) -> bool:
    """Whether the question is about ESSMS already funded: a matter of cumulation, not of number."""
    return Topic.CUMUL in case.topics and bool(
        re.search(
            r"\b(?:finance|laureat|aide|subvention)\w*\b.{0,40}\b(?:en 20\d\d|deja)|\bdeja (?:ete )?(?:finance|laureat|aide)",
            case.plain,
        )
    )


def judge_structure(case: Case) -> list[RuleResult]:
    """Judge one structure from what is said of article L.312-1 and of its FINESS number."""
    if Topic.ELIGIBILITE not in case.topics or not (case.own.l312_1 or case.own.finess_geo):
        return []
    names = {mention.categorie for mention in case.own.categories}
    categorie = case.data.categories[names.pop()] if len(names) == 1 else None
    return [check_structure(case.facts, case.campagne, case.parameters, categorie)]


def judge_categories(case: Case) -> list[RuleResult]:
    """Judge the categories named; the doubtful or excluded ones alone when there are any."""
    named = case.own.categories or (case.facts.categories if case.reading.elliptic else ())
    others = case.topics & {Topic.DISPENSE, Topic.REFERENCEMENT, Topic.CUMUL}
    if not named or Topic.ELIGIBILITE not in case.topics or others or "confort" in case.plain:
        return []
    if _unknown_acronym(case) or _PLACES.search(case.plain):
        return []
    if _EXCLUSIVE.search(case.plain):
        return []  # « réservé aux EHPAD ? » asks about the others
    unique = {mention.categorie: mention for mention in named}
    if len(unique) > 1 and "hopital" in unique and _HELD.search(case.plain):
        del unique["hopital"]  # the EHPAD of a hospital is what is asked about
    results = [
        check_categorie(mention, case.data.categories[name], case.campagne, case.parameters)
        for name, mention in unique.items()
    ]
    if _listed([mention.words for mention in unique.values()], case.reading.question):
        return results
    return [result for result in results if result.outcome is not Outcome.YES] or results


def _listed(words: list[str], question: str) -> bool:
    """Whether the categories are asked about side by side: « un EHPAD et une USLD », not « une USLD d’EHPAD »."""
    text = fold(question).plain
    links = [
        rf"{re.escape(fold(one).plain)}\w*(?:,| et| ou|/| \+)+ ?(?:(?:un|une|le|la|les|des|nos|notre|mon|ma) |l')?"
        for one in words[:-1]
    ]
    return len(words) > 1 and bool(re.search("".join([*links, re.escape(fold(words[-1]).plain)]), text))


# Who manages or pays, and what is not asked about.
_MANAGERS = frozenset(
    ["CCAS", "CIAS", "GCSMS", "GCS", "ARS", "CNSA", "DNS", "FINESS", "AAP", "ESMS", "ESSMS", "DUI"]
)


def _unknown_acronym(case: Case) -> bool:
    """Whether the message names something else in capitals: « le PASA de notre EHPAD » is not about the EHPAD."""
    text = case.reading.question
    if text.isupper():
        return False
    known = {
        word for mention in find_terms(text) for form in mention.term.abbreviations for word in form.split()
    }
    known |= {word.upper() for mention in case.own.categories for word in mention.words.split()}
    known |= _MANAGERS
    known |= {word for place in case.own.territoires for word in place.words.split()}
    return any(
        word not in known and word.rstrip("Ss") not in known for word in re.findall(r"\b[A-Z]{3,}\b", text)
    )


def judge_threshold(case: Case) -> list[RuleResult]:
    """Give the threshold, or the track, to whoever asks without a number."""
    topics, facts = case.topics, case.facts
    if Topic.SEUIL in topics and _LARGER_CALL.search(case.plain) and not has_number(facts):
        return [case.data.voie(facts, case.campagne)]  # « à partir de combien passe-t-on en national ? »
    elsewhere = case.reading.elliptic and case.own.territoires and Topic.ELIGIBILITE in topics
    if Topic.SEUIL in topics or elsewhere or _PLACES.search(case.plain):
        return [case.data.seuil(facts, case.campagne)]
    mine = _FIRST_PERSON.search(case.plain)
    if Topic.VOIE in topics and (facts.nombre_regions or len(facts.territoires) > 1 or mine):
        return [case.data.voie(facts, case.campagne)]
    if Topic.ELIGIBILITE in topics and _ENOUGH.search(case.plain) and not case.own.categories:
        return [case.data.seuil(facts, case.campagne)]
    short = len(re.findall(r"[a-z]{4,}", case.plain)) <= _SHORT
    if Topic.ELIGIBILITE in topics and mine and _PROJECT.search(case.plain) and short:
        return [case.data.seuil(facts, case.campagne)]
    return []
