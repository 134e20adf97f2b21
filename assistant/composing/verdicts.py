"""Put a ruling into French: the verdict first, then the decisive figures, then what to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from assistant.composing.draft import Draft, Sentence
from assistant.composing.french import low, plain_day
from assistant.composing.verdict_calendar import compose_admissible, compose_dates, compose_open
from assistant.composing.verdict_eligibility import compose_categories, compose_structure
from assistant.composing.verdict_funding import (
    compose_amounts,
    compose_compatibility,
    compose_hardware,
    compose_referencing,
    compose_registered,
    compose_share,
    compose_stale_amount,
    compose_type,
    compose_upgrade,
    compose_waiver,
)
from assistant.composing.verdict_grouping import compose_grouping
from assistant.composing.verdict_programme import (
    compose_changes,
    compose_count,
    compose_decision,
    compose_envelope,
    compose_lead_ars,
    compose_text,
)
from assistant.judging import Judge, Ruling
from assistant.rules.result import Outcome
from assistant.understanding.reading import Reading

Composer = Callable[[Ruling, Reading, date, Judge], Draft]


def _share(ruling: Ruling, reading: Reading, day: date, judge: Judge) -> Draft:
    method = re.search(r"\bcomment\b|\bcalcul\w*", reading.plain)
    return compose_share(ruling.results[0], how=bool(method))


def _compatibility(ruling: Ruling, reading: Reading, day: date, judge: Judge) -> Draft:
    hindered = re.search(
        r"\b(?:empech\w*|interdi\w*|exclu\w*|bloqu\w*|prive\w*|fait obstacle|incompatib\w*)", reading.plain
    )
    return compose_compatibility(ruling.results[0], hindered=bool(hindered))


def _waiver(ruling: Ruling, reading: Reading, day: date, judge: Judge) -> Draft:
    return compose_waiver(
        ruling.results[0],
        every=bool(re.search(r"\btout\w*\b", reading.plain)),
        must=bool(_MUST.search(reading.plain) and not _WAIVED.search(reading.plain)),
        other=bool(_OTHER_TARGET.search(reading.plain) and not _WAIVED_TARGET.search(reading.plain)),
    )


def _referencing(ruling: Ruling, reading: Reading, day: date, judge: Judge) -> Draft:
    denied = re.search(
        r"\baucune obligation|pas (?:d'|l')obligation|n'\w+ pas oblig\w*|plus oblig", reading.plain
    )
    without = re.search(
        r"\b(?:non|pas|ni) (?:encore )?referenc\w*|\bsans (?:logiciel )?referenc\w*|\bse passer d\w*",
        reading.plain,
    )
    return compose_referencing(ruling.results[0], denied=bool(denied), without=bool(without))


_UPGRADE = re.compile(r"\b(?:mise a (?:niveau|jour)|montee de version|version referencee|nouvelle version)\b")
_COMPARED = re.compile(r"\b(?:plus|moins) (?:de|que)\b|\bsuperieure?s?\b|\binferieure?s?\b|\bau[- ]dela\b")
_MUST = re.compile(r"\b(?:doi\w+|devons|devez|faut|oblig\w*|soumise?s?|tenue?s?|impos\w*|appliqu\w*)\b")
_WAIVED = re.compile(r"\b(?:dispens|exempt|exoner|echapp)\w*")
_OTHER_TARGET = re.compile(r"\b(?:dui actifs?|dossiers? actifs?|projets? personnalises?|ins\b|identite)\b")
_WAIVED_TARGET = re.compile(r"\bms ?sante|\bdmp\b|espace sante")


def _grouping(ruling: Ruling, reading: Reading, day: date, judge: Judge) -> Draft:
    regions = {region.id: region for region in judge.data.territories.regions}
    return compose_grouping(ruling, reading, regions, judge.data.parameters)


_COMPOSERS: dict[str, Composer] = {
    "calendrier.ouvert": lambda ruling, reading, day, judge: compose_open(ruling, reading, day),
    "calendrier.recevabilite": lambda ruling, reading, day, judge: compose_admissible(ruling.results),
    "calendrier.cloture": lambda ruling, reading, day, judge: compose_dates(
        ruling, reading, day, judge.data.parameters
    ),
    "calendrier.ouverture": lambda ruling, reading, day, judge: compose_dates(
        ruling, reading, day, judge.data.parameters
    ),
    "eligibilite.categorie": lambda ruling, reading, day, judge: compose_categories(
        ruling.results, judge.data.categories
    ),
    "eligibilite.structure": lambda ruling, reading, day, judge: compose_structure(ruling.results[0]),
    "eligibilite.part_financable": _share,
    "groupement.seuil": _grouping,
    "groupement.voie": _grouping,
    "groupement.ars_competente": lambda ruling, reading, day, judge: compose_lead_ars(ruling.results[0]),
    "financement.montant": lambda ruling, reading, day, judge: compose_amounts(ruling.results),
    "financement.type": lambda ruling, reading, day, judge: compose_type(
        ruling.results[0], upgrade=bool(_UPGRADE.search(reading.plain))
    ),
    "financement.materiel": lambda ruling, reading, day, judge: compose_hardware(ruling.results[0]),
    "coherence.montant_unitaire": lambda ruling, reading, day, judge: compose_stale_amount(
        ruling.results[0], compared=bool(_COMPARED.search(reading.plain))
    ),
    "cumul.compatibilite": _compatibility,
    "sons.montee_de_version": lambda ruling, reading, day, judge: compose_upgrade(ruling.results[0]),
    "sons.referencement": _referencing,
    "sons.conformite_ahi": lambda ruling, reading, day, judge: compose_registered(ruling.results[0]),
    "cibles.dispense": _waiver,
    "enveloppes.annuelle": lambda ruling, reading, day, judge: compose_envelope(ruling.results, reading),
    "coherence.changements": lambda ruling, reading, day, judge: compose_changes(ruling.results[0]),
    "textes.applicable": lambda ruling, reading, day, judge: compose_text(ruling.results[0], day),
    "depot.decision": lambda ruling, reading, day, judge: compose_decision(ruling.results[0]),
    "deploiement.chiffres": lambda ruling, reading, day, judge: compose_count(ruling.results[0]),
}


def compose_verdict(ruling: Ruling, reading: Reading, day: date, judge: Judge) -> Draft:
    """Return the draft of a ruling that holds at least one result; its first rule decides the form."""
    draft = _COMPOSERS[ruling.results[0].rule](ruling, reading, day, judge)
    return replace(draft, sentences=[*draft.sentences, *_since(ruling)])


# Elsewhere, another year's figure is not worth a sentence unless it is asked for.
_WORTH_SAYING = ("groupement.", "eligibilite.", "sons.referencement")


def _since(ruling: Ruling) -> list[Sentence]:
    """Say, of a past campaign, what has changed since in the figures that the verdict rests on."""
    if ruling.latest:
        return []
    changes = {
        change.text: Sentence(f"À noter : {low(plain_day(change.text))}.", change.sources, rules=(result,))
        for result in ruling.results
        if result.rule.startswith(_WORTH_SAYING) and result.outcome is not Outcome.NO
        for change in result.changes
        if change.first == result.facts.get("campagne")
    }
    return list(changes.values())[:2]
