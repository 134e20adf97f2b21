"""Does a project hold enough ESSMS, and which kind of call does it belong to?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.rules.facts import CategoryMention, Count, Facts
from assistant.rules.reading import not_in_force
from assistant.rules.result import Outcome, RuleResult, Step, StepStatus
from corpus.categories import Categorie
from corpus.errors import ParameterNotInForceError
from corpus.parameters import Parameters
from corpus.territories import Territories

SPECIAL = ("corse", "outre-mer")


@dataclass(frozen=True)
class Effectif:
    """The number of ESSMS that count, and what was left out of the number stated."""

    nombre: Count | None
    words: str = ""
    exclus: int = 0
    incertains: int = 0


def count_essms(facts: Facts, categories: dict[str, Categorie]) -> Effectif:
    """Return how many eligible ESSMS the project holds.

    Structures outside the article, or without a FINESS number of their own, are subtracted when they were
    counted in the total ("15 dont 2 USLD"); those whose status is undetermined turn the number into a range,
    and a category named without a number leaves it open. Without a total, the numbers of each eligible
    category are added up.
    """
    without_finess = facts.sans_finess.value if facts.sans_finess else 0
    if facts.nombre_essms is None:
        return _added_up(facts, categories, without_finess)
    stated = facts.nombre_essms.value
    inside = [mention for mention in facts.categories if mention.within_total]
    out = without_finess + _least(inside, categories, "no")
    doubt = _least(inside, categories, "undetermined")
    low, high = stated.low - out - doubt, stated.high
    if any(m.nombre is None and categories[m.categorie].outcome != "yes" for m in inside):
        low = 0  # « dont des USLD »: how many is not said
    high = None if high is None else max(0, high - out)
    return Effectif(Count(max(0, low), high), facts.nombre_essms.words, out, doubt)


def _added_up(facts: Facts, categories: dict[str, Categorie], without_finess: int) -> Effectif:
    """Return the count of a project told category by category."""
    counted = [mention for mention in facts.categories if categories[mention.categorie].outcome != "no"]
    numbered = [mention.nombre for mention in counted if mention.nombre]
    if not numbered:
        return Effectif(None)
    doubtful = _least(counted, categories, "undetermined")
    bounded = len(numbered) == len(counted) and all(count.high is not None for count in numbered)
    low = max(0, _least(counted, categories, "yes") - without_finess)
    high = max(0, sum(count.high or 0 for count in numbered) - without_finess) if bounded else None
    words = ", ".join(mention.words for mention in facts.categories if mention.nombre)
    return Effectif(Count(low, high), words, without_finess, incertains=doubtful)


def _least(mentions: Sequence[CategoryMention], categories: dict[str, Categorie], outcome: str) -> int:
    """Return the least number of structures that some mentions count, of the categories of one outcome."""
    return sum(m.nombre.low for m in mentions if m.nombre and categories[m.categorie].outcome == outcome)


def _zones(facts: Facts, territories: Territories) -> set[str]:
    zone_of = {region.id: region.zone for region in territories.regions}
    return {zone_of[stated.value] for stated in facts.territoires}


def check_seuil(
    facts: Facts,
    campagne: str,
    parameters: Parameters,
    territories: Territories,
    categories: dict[str, Categorie],
) -> RuleResult:
    """Judge whether the project reaches the minimum number of ESSMS.

    15 everywhere, 8 when every ESSMS is in Corse or overseas. A project that mixes both is settled only
    below 8 or from 15; a territory that the texts do not define likewise. It counts ESSMS, not managers.
    """
    rule = "groupement.seuil"
    effectif = count_essms(facts, categories)
    zones = _zones(facts, territories)
    notes: tuple[str, ...] = ()
    if (
        managers := parameters["groupement.gestionnaires_minimum"].history[0]
    ).reservation and campagne in managers.campagnes:
        notes = (managers.reservation,)
    read: dict[str, object] = {
        "nombre_essms": None
        if effectif.nombre is None
        else (effectif.nombre.low if effectif.nombre.exact else str(effectif.nombre)),
        "territoires": [stated.value for stated in facts.territoires],
        "campagne": campagne,
    }
    general, special = parameters["groupement.seuil_general"], parameters["groupement.seuil_corse_outre_mer"]
    try:
        high_entry = general.value_for(campagne)
    except ParameterNotInForceError:
        return not_in_force(rule, read, general, campagne)
    try:
        low_entry = special.value_for(campagne)
    except ParameterNotInForceError:
        low_entry = high_entry
    elsewhere = _unnamed_regions(facts)
    only_special = bool(zones) and zones <= set(SPECIAL) and not elsewhere
    only_general = zones == {"metropole"} and not elsewhere
    if only_special and low_entry is high_entry:
        return not_in_force(rule, read, special, campagne)
    floor = (low_entry if not only_general else high_entry).number()
    ceiling = (high_entry if not only_special else low_entry).number()
    sources = tuple(
        dict.fromkeys(
            (low_entry if only_special else high_entry).sources
            + (() if only_general or only_special else low_entry.sources)
        )
    )
    values: dict[str, object] = {
        "seuil": ceiling,
        "seuil_general": high_entry.number(),
        "seuil_special": low_entry.number(),
        "seuil_unique": floor == ceiling,
    }
    place = " ou ".join(dict.fromkeys(stated.words for stated in facts.territoires))
    label = (
        f"Au moins {ceiling} ESSMS"
        if floor == ceiling
        else f"Au moins {high_entry.number()} ESSMS ({low_entry.number()} si tous sont en Corse ou outre-mer)"
    )
    if effectif.nombre is None:
        step = Step(label, StepStatus.UNKNOWN, sources)
        missing = ("nombre_essms",) if zones else ("nombre_essms", "territoires")
        return RuleResult(rule, Outcome.UNDETERMINED, (step,), read, missing, notes, values)
    number = effectif.nombre
    values |= _left_out(facts, effectif, categories)
    values["nombre"] = str(number)
    if number.low >= ceiling and "indetermine" not in zones:
        step = Step(label, StepStatus.MET, sources, effectif.words)
        return RuleResult(rule, Outcome.YES, (step,), read, (), notes, values)
    if number.high is not None and number.high < floor:
        step = Step(label, StepStatus.NOT_MET, sources, effectif.words)
        if number.exact:
            values["manque"] = ceiling - number.low if floor == ceiling else floor - number.low
        return RuleResult(rule, Outcome.NO, (step,), read, values=values)
    if number.exact and number.low < high_entry.number():
        values["manque_general"] = high_entry.number() - number.low
    step = Step(label, StepStatus.UNKNOWN, sources, effectif.words)
    settled = effectif.incertains and facts.nombre_essms and facts.nombre_essms.value.exact
    within = number.high is not None and floor <= number.low and number.high < ceiling
    if settled or "indetermine" in zones or (within and zones and not elsewhere):
        asked: tuple[str, ...] = ()
    else:
        asked = _missing(number, set() if elsewhere else zones, floor == ceiling)
    notes = (*_mixed_reservation(zones, place, floor, ceiling), *notes)
    return RuleResult(rule, Outcome.UNDETERMINED, (step,), read, asked, notes, values)


def _unnamed_regions(facts: Facts) -> bool:
    """Whether the project spreads over more regions than those it names."""
    named = len({stated.value for stated in facts.territoires})
    return bool(named) and facts.nombre_regions is not None and facts.nombre_regions.value.low > named


def _left_out(facts: Facts, effectif: Effectif, categories: dict[str, Categorie]) -> dict[str, object]:
    """Return what was not counted, for the answer to say it."""
    aside = [
        m.words for m in facts.categories if not m.within_total and categories[m.categorie].outcome == "no"
    ]
    values = {
        "exclus": effectif.exclus,
        "incertains": effectif.incertains,
        "sans_finess": facts.sans_finess.value if facts.sans_finess else 0,
        "ecartes": aside,
    }
    return {name: value for name, value in values.items() if value}


def _missing(number: Count, zones: set[str], one_threshold: bool) -> tuple[str, ...]:
    if one_threshold:
        return ("nombre_essms",)
    if not zones:
        return ("territoires",) if number.exact else ("territoires", "nombre_essms")
    return () if number.exact else ("nombre_essms",)


def _mixed_reservation(zones: set[str], place: str, floor: int, ceiling: int) -> tuple[str, ...]:
    if "indetermine" in zones:
        return (
            f"Les sources ne disent pas quels « territoires ultramarins » bénéficient du seuil de {floor} : "
            f"aucune ne nomme celui-ci ({place}).",
        )
    if "metropole" in zones and zones & set(SPECIAL):
        return (
            f"Aucune source lue ne dit si le seuil de {floor} ou celui de {ceiling} vaut pour un projet qui réunit "
            "la Corse ou l’outre-mer et une autre région.",
        )
    return ()


def _regions(facts: Facts) -> Count | None:
    """Return the number of regions: the one stated, unless more are named."""
    named = len({stated.value for stated in facts.territoires})
    stated = facts.nombre_regions.value if facts.nombre_regions else None
    if stated and (stated.high is None or stated.high >= named):
        return stated
    return Count.exactly(named) if named else None


def check_voie(
    facts: Facts,
    campagne: str,
    parameters: Parameters,
    territories: Territories,
    categories: dict[str, Categorie],
) -> RuleResult:
    """Find the call a project belongs to: regional, multi-regional or national.

    From 2023 on the national call needs both 50 ESSMS and several regions; in 2022 and in the second
    round of 2021, 50 ESSMS were enough; the first round of 2021 was regional only.
    """
    rule = "groupement.voie"
    seuil = check_seuil(facts, campagne, parameters, territories, categories)
    number, regions = count_essms(facts, categories).nombre, _regions(facts)
    read = dict(seuil.facts) | {"nombre_regions": str(regions) if regions else None}
    if campagne == "2021-T1" and seuil.outcome is not Outcome.NO:
        entry = parameters["groupement.plafond_amorcage"].value_for(campagne)
        step = Step("Temps 1 de 2021 : appels régionaux seulement", StepStatus.MET, entry.sources)
        return RuleResult(
            rule, Outcome.YES, (step,), read, values={"voie": "regionale", "plafond": entry.number()}
        )
    if seuil.outcome is Outcome.NO:
        return RuleResult(rule, Outcome.NO, seuil.steps, read, values=dict(seuil.values))
    try:
        national = parameters["voie.seuil_national"].value_for(campagne)
        plural = parameters["voie.pluralite_regions"].value_for(campagne)
    except ParameterNotInForceError:
        return not_in_force(rule, read, parameters["voie.seuil_national"], campagne)
    limit, needed = national.number(), plural.number()
    large = (
        None
        if number is None
        else True
        if number.low >= limit
        else False
        if number.high is not None and number.high < limit
        else None
    )
    several = (
        None
        if regions is None
        else True
        if regions.low >= 2
        else False
        if regions.high is not None and regions.high < 2
        else None
    )
    enough_regions = True if needed == 1 else several
    status = {True: StepStatus.MET, False: StepStatus.NOT_MET, None: StepStatus.UNKNOWN}
    steps = [
        Step(
            f"{limit} ESSMS ou plus",
            status[large],
            national.sources,
            facts.nombre_essms.words if facts.nombre_essms else "",
        )
    ]
    where = ", ".join(dict.fromkeys(stated.words for stated in facts.territoires))
    steps.append(
        Step(
            "Plusieurs régions",
            status[several],
            plural.sources,
            facts.nombre_regions.words if facts.nombre_regions else where,
        )
    )
    voie, missing = _decide(large, several, enough_regions, needed)
    reservations = [national.reservation] if national.reservation and voie != "regionale" else []
    if voie is not None and seuil.outcome is Outcome.UNDETERMINED:
        # Under the threshold there is no track at all: the track is as open as the threshold.
        trace, notes = (*seuil.steps, *steps), (*seuil.reservations, *reservations)
        open_values = dict(seuil.values) | {"seuil_national": limit, "voie_possible": voie}
        return RuleResult(rule, Outcome.UNDETERMINED, trace, read, seuil.missing, notes, open_values)
    if voie is None:
        first = seuil.missing if seuil.outcome is Outcome.UNDETERMINED and number is not None else ()
        return RuleResult(
            rule,
            Outcome.UNDETERMINED,
            tuple(steps),
            read,
            tuple(dict.fromkeys((*first, *missing))),
            tuple(reservations),
            dict(seuil.values) | {"seuil_national": limit},
        )
    if voie == "regionale" and large:
        reservations.insert(
            0,
            (
                f"Les sources ne traitent pas expressément un projet de {limit} ESSMS ou plus dans une seule région : "
                "la voie régionale est une lecture littérale, à faire confirmer par l’ARS."
            ),
        )
    values: dict[str, object] = dict(seuil.values) | {"voie": voie, "seuil_national": limit}
    if number is not None and number.low >= limit and enough_regions:
        values.pop("seuil", None)
    return RuleResult(
        rule,
        Outcome.YES,
        (*seuil.steps, *steps),
        read,
        (),
        tuple((*seuil.reservations, *reservations)),
        values,
    )


def _decide(
    large: bool | None, several: bool | None, enough_regions: bool | None, needed: int
) -> tuple[str | None, tuple[str, ...]]:
    """Return the track, or what is missing to settle it, the most decisive first."""
    if large and enough_regions:
        return "nationale", ()
    if several is False and (large is False or needed > 1):
        return "regionale", ()
    if several and large is False:
        return "multiregionale", ()
    missing = []
    if several is None:
        missing.append("nombre_regions")
    if large is None:
        missing.append("nombre_essms")
    return None, tuple(missing)
