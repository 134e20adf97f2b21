"""Put a ruling into French: the verdict first, then the decisive figures, then what to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from assistant.composing.draft import Draft
from assistant.composing.verdict_calendar import compose_admissible, compose_dates, compose_open
from assistant.composing.verdict_eligibility import compose_categories, compose_structure
from assistant.composing.verdict_funding import (
    compose_amounts,
    compose_compatibility,
    compose_referencing,
    compose_share,
    compose_upgrade,
    compose_waiver,
)
from assistant.composing.verdict_grouping import compose_grouping
from assistant.composing.verdict_programme import (
    compose_count,
    compose_decision,
    compose_envelope,
    compose_lead_ars,
    compose_text,
)
from assistant.judging import Judge, Ruling
from assistant.rules.result import RuleResult
from assistant.understanding.reading import Reading

_SINGLE: dict[str, Callable[[RuleResult], Draft]] = {
    "cumul.compatibilite": compose_compatibility,
    "sons.montee_de_version": compose_upgrade,
    "groupement.ars_competente": compose_lead_ars,
    "deploiement.chiffres": compose_count,
    "depot.decision": compose_decision,
}


def compose_verdict(ruling: Ruling, reading: Reading, day: date, judge: Judge) -> Draft:
    """Return the draft of a ruling that holds at least one result; its first rule decides the form."""
    first = ruling.results[0]
    if first.rule == "calendrier.ouvert":
        return compose_open(first, reading, day)
    if first.rule == "calendrier.recevabilite":
        return compose_admissible(ruling.results)
    if first.rule.startswith("calendrier."):
        return compose_dates(ruling, reading, day)
    if first.rule == "eligibilite.categorie":
        return compose_categories(ruling.results, judge.categories)
    if first.rule == "eligibilite.structure":
        return compose_structure(first)
    if first.rule == "financement.montant":
        return compose_amounts(ruling.results)
    if first.rule == "enveloppes.annuelle":
        return compose_envelope(ruling.results, reading)
    if first.rule == "textes.applicable":
        return compose_text(first, day)
    if first.rule == "eligibilite.part_financable":
        return compose_share(first, how=bool(re.search(r"\bcomment\b|\bcalcul\w*", reading.plain)))
    if first.rule == "cibles.dispense":
        return compose_waiver(first, every=bool(re.search(r"\btout\w*\b", reading.plain)))
    if first.rule == "sons.referencement":
        return compose_referencing(
            first,
            denied=bool(
                re.search(
                    r"\baucune obligation|pas (?:d'|l')obligation|n'\w+ pas oblig\w*|plus oblig",
                    reading.plain,
                )
            ),
        )
    if first.rule in _SINGLE:
        return _SINGLE[first.rule](first)
    return compose_grouping(ruling, reading, {region.id: region for region in judge.territories.regions})
