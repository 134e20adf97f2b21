"""When a message asks about money, software or other aid."""

from __future__ import annotations

import re
from dataclasses import replace

from assistant.judging.case import Case, has_number
from assistant.rules.coherence import check_montant_unitaire
from assistant.rules.cumulation import AIDS, check_compatibilite
from assistant.rules.facts import Stated
from assistant.rules.funding import check_materiel, check_montant, check_type
from assistant.rules.grouping import count_essms
from assistant.rules.home_services import check_part_financable
from assistant.rules.result import Outcome, RuleResult
from assistant.rules.software import (
    check_conformite_ahi,
    check_dispense,
    check_montee_de_version,
    check_referencement,
)
from assistant.understanding.intents import Topic
from assistant.understanding.text import fold

_SHARE_ASKED = re.compile(r"\b(?:part|quote-?part|proportion|prorata|taux|pourcentage|fraction)\b")
_HOME = re.compile(r"\b(?:saad|ssiad|spasad|sad|domicile)\b")
_OTHER_MONEY = re.compile(
    r"\b(?:enveloppe\w*|budget\w*|regions?|delegue\w*|national (?:total|global)|m€|millions?|milliards?|credits?|cdc|caisse des depots|segur|ars|total|materiel\w*|equipement\w*|amoa|acompte|solde|avance)\b"
)
_MUST = re.compile(r"\b(?:doit|doivent|devons|faut|oblig\w*|exig\w*|tenue?s?|necessaire\w*|impos\w*)\b")
_EUROS = re.compile(r"(?<![\d,])(\d{1,3}(?: \d{3})+|\d{4,6}) ?(?:€|eur(?:os?)?\b)")
_WHAT_IS_FUNDED = re.compile(
    r"\bque (?:finance|paie|paye|couvre|prend en charge)(?:-t-(?:il|elle|on))? (?:le programme|esms numerique|l'aide|la subvention)\b|\bqu'est[- ]ce (?:que|qui) (?:\w+ ){0,4}(?:finance|paye?|couvre|prend en charge)\w*(?: (?:par )?(?:le programme|esms numerique|l'aide))? ?\?"
)
_PAYS = re.compile(
    r"\b(?:programme|esms numerique|aide|subvention)\b.{0,30}\b(?:paie|paye|finance|prend|rembourse)\w*(?:-t-)?"
)
_REGISTERED = re.compile(r"\b(?:enregistr|inscri|declar|candidat)\w*\b")
_SIGNING = r".{0,40}\b(?:signature|signe\w*|convention)\b"
_GAPS = (
    (
        1,
        re.compile(
            rf"\b(?:lendemain|surlendemain|(?:jours?|semaines?|mois) apres|apres (?:la|notre|votre)){_SIGNING}"
        ),
    ),
    (-1, re.compile(rf"\b(?:la veille|(?:jours?|semaines?|mois) avant|avant (?:la|notre|votre)){_SIGNING}")),
    (0, re.compile(rf"\b(?:le jour meme|le meme jour|le jour){_SIGNING}")),
)
_EQUIPPED = re.compile(r"\bdeja (?:\w+ )?(?:dui|logiciels?)\b|\bdeja equipe\w*")
_AID = re.compile(r"\b(?:aides?|financ\w*|subvention\w*|droit)\b")
_TARGETS = re.compile(r"\bcibles?\b|ms ?sante|\bdmp\b|espace sante|usages?\b")


def judge_share(case: Case) -> list[RuleResult]:
    """Compute the share of a home service that can be funded."""
    hours = case.own.heures_essentielles or case.own.heures_confort
    if hours or (_SHARE_ASKED.search(case.plain) and _HOME.search(case.plain)):
        return [check_part_financable(case.facts, case.campagne, case.parameters)]
    return []


def judge_cumulation(case: Case) -> list[RuleResult]:
    """Judge whether another aid stands in the way; silent when nothing stated settles it."""
    own = case.own
    if Topic.CUMUL not in case.topics or not (
        own.deja_finance or own.prestation_segur or own.autre_aide_europeenne
    ):
        return []
    # The year stated beside a past award is the award's: the new request is judged for the last campaign.
    campagne = (
        case.data.parameters["cumul.deux_logiciels"].history[-1].campagnes[-1]
        if own.deja_finance
        else case.campagne
    )
    # A Prestation Ségur alone is judged by itself; anything else asks for the whole of the other aid.
    asked = [name for name in AIDS if getattr(own, name)] if own.prestation_segur else AIDS
    result = check_compatibilite(case.facts, campagne, case.parameters, asked)
    return [result] if result.outcome is not Outcome.UNDETERMINED or result.values else []


def judge_software(case: Case) -> list[RuleResult]:
    """Judge an upgrade by its order date, a waiver of targets, or the referencing of AHI and PJM."""
    if Topic.SONS in case.topics and case.own.date_commande:
        return [check_montee_de_version(case.facts, case.day, case.parameters)]
    domain = case.own.domaine or (case.facts.domaine if case.reading.elliptic else None)
    if domain is None:
        return []
    facts = replace(case.facts, domaine=domain)
    if Topic.DISPENSE in case.topics and _TARGETS.search(fold(case.reading.query).plain):
        return [check_dispense(facts, case.campagne, case.day, case.parameters)]
    gap = _gap(case.plain)
    if domain.value == "AHI" and gap is not None and _REGISTERED.search(case.plain):
        return [check_conformite_ahi(facts, case.campagne, case.parameters, gap)]
    if Topic.REFERENCEMENT in case.topics and (domain.value in ("AHI", "PJM") or _MUST.search(case.plain)):
        return [check_referencement(facts, case.campagne, case.parameters)]
    return []


def _gap(plain: str) -> Stated[int] | None:
    """Return by how many days something followed a signature: « le lendemain de la signature »."""
    for days, pattern in _GAPS:
        if match := pattern.search(plain):
            return Stated(days, match[0])
    return None


def judge_type(case: Case) -> list[RuleResult]:
    """Say what is funded: from the choice of software stated, or in general; an ESSMS already equipped has both."""
    if Topic.MONTANT in case.topics or case.own.deja_finance:
        return []
    upgrade = case.own.choix is not None and case.own.choix.value == "maintien" and _PAYS.search(case.plain)
    if Topic.SONS in case.topics and not upgrade:
        return []
    stated = (
        (Topic.TYPE in case.topics or upgrade)
        and case.own.choix is not None
        and Topic.CUMUL not in case.topics
    )
    general = _WHAT_IS_FUNDED.search(case.plain)
    equipped = _EQUIPPED.search(case.plain) and _AID.search(case.plain)
    if not (stated or general or equipped):
        return []
    return [check_type(case.facts, case.campagne, case.parameters)]


def judge_hardware(case: Case) -> list[RuleResult]:
    """Judge whether a manager of the size stated may ask for hardware aid; a size never stated settles nothing."""
    if (
        Topic.MATERIEL not in case.topics
        or case.topics & {Topic.SEUIL, Topic.VOIE}
        or not has_number(case.facts)
    ):
        return []
    effectif = count_essms(case.facts, case.data.categories)
    if effectif.nombre is None:
        return []
    facts = replace(case.facts, essms_du_gestionnaire=Stated(effectif.nombre, effectif.words))
    return [check_materiel(facts, case.campagne, case.parameters)]


def judge_stale_amount(case: Case) -> list[RuleResult]:
    """Recognise an amount per structure that belongs to another campaign than the one asked about."""
    stated = [float(amount.replace(" ", "")) for amount in _EUROS.findall(case.plain)]
    results = [check_montant_unitaire(amount, case.campagne, case.parameters) for amount in stated]
    return [result for result in results if result.outcome is Outcome.NO][:1]


def judge_amount(case: Case) -> list[RuleResult]:
    """Give the amount for one structure or project, by campaign."""
    if Topic.MONTANT not in case.topics or Topic.MATERIEL in case.topics or _OTHER_MONEY.search(case.plain):
        return []
    voie = case.facts.voie.value if case.facts.voie else case.voie_of_project()
    effectif = count_essms(case.facts, case.data.categories)
    number = Stated(effectif.nombre, effectif.words) if effectif.nombre else None
    return [check_montant(case.facts, campagne, voie, number, case.parameters) for campagne in case.campagnes]
