"""Read the facts a message states about a project, and merge them over the turns of a conversation."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from datetime import date

from assistant.rules.facts import CategoryMention, Count, Facts, Stated
from assistant.understanding.aids import read_aids
from assistant.understanding.categories import Found, find_categories
from assistant.understanding.dates import Day, find_days, find_temps, find_years
from assistant.understanding.numbers import Number, find_numbers
from assistant.understanding.places import Place, find_places
from assistant.understanding.text import Folded

_NOUN = r"(?:essms|esms|ess?ms|structures?|etablissements?|etabs?|ets|services?|sites?|entites?|membres|facilities|homes|establishments|sites)"
_ESSMS_AFTER = re.compile(
    rf" ?(?:d'|de )?(?:autres? |petits? |gros |vrais? )?(?:{_NOUN})\b(?! (?:de confort|socle|numeriques?))"
)
_REGIONS_AFTER = re.compile(r" ?(?:autres? |different\w* |grandes? )?(?:regions?|ars)\b")
_OTHER_AFTER = re.compile(
    r" ?(?:autres? )?(?:places?|lits?|gestionnaires?|organismes?|associations?|og\b|h\b|heures?|euros?|€|eur\b|k€|m€|md|millions?|milliards?|%|pour ?cents?|"
    r"ans?\b|annees?|jours?|mois|semaines?|personnes?|usagers?|residents?|salaries|professionnels?|etp|projets?|dossiers?|grappes?|departements?|"
    r"logiciels?|dui\b|editeurs?|pages?|questions?|fois|vagues?|rue|avenue|bis|°|/)"
)
_SHARE = re.compile(
    r"(?:seuil|minimum|minimal|maximum|plafond|limite|fixe|barre|article|annexe|action|mesure|vague|temps|phase|axe|couloir|instruction|n°|no|numero|gr|grade|tarif|pourquoi|dans les|que le|qu'avec les|les)(?: (?:de|est|etait|a|n°|general|national|minimal|est de|etait de|est a|serait de))* ?$"
)
_CLAIM = re.compile(
    r"(?:\b(?:il )?(?:en )?faut|exig\w+|requi\w+|necessaires?|impos\w+|demand\w+)(?: bien| toujours| encore| (?:etre|avoir)| au moins| un minimum de| un groupement de)* ?$"
)
LARGEST_PROJECT = 1_500  # beyond, a number of ESSMS is a figure of the programme, not of a project
_MANAGER = re.compile(r"\b(?:gestionnaires?|organismes?)(?: gestionnaires?)? (?:de|ayant|avec|comptant) ?$")
_HOLDER = re.compile(
    r"(?:nous sommes|on est|on sera(?:it)?|nous serons|si on est|si nous sommes|nous en avons|on en a|total(?: de)?|au total|regroup\w+|groupement de|grappe de|projet (?:de|a)|avec|a|de|we are|we have|nombre :?|n ?=|c'est|y en a|en fait|plutot|finalement|avons|gerons|gere|avoir|sont|et|ou|etre|serons|passons a|passe a|plus que|\+) ?$"
)
_WITHIN = re.compile(
    r"(?:\bdont\b|parmi (?:eux|elles|lesquels)|y compris|incluant|en comptant|en incluant|comprenant|sont(?: en fait)?(?: des| une?)?)"
)
_OUT = re.compile(r"(?:\bsans\b|hors|a part|en plus d|ainsi que|excepte)")
_CAMPAIGN_WORDS = re.compile(
    r"(?:campagne|aap|appels?|en|instruction|annee|pour|de|du|generalisation|national|regional\w*|cloture|date limite|budget|enveloppe)\b[^.?!]{0,14}$"
)
_VOIES = (
    (
        "multiregionale",
        re.compile(r"\b(?:multi|inter|pluri)[ -]?regi\w+|\bmulti[ -]?region|\bplusieurs regions\b"),
    ),
    ("nationale", re.compile(r"\bnational(?:e|es|aux)?\b(?! (?:de la|du numerique|de sante|d'appui))")),
    (
        "regionale",
        re.compile(
            r"(?<!multi)(?<!multi-)(?<!multi )(?<!inter)(?<!inter-)\bregion(?:al|ale|aux|ales)\b|\b(?:dans )?une (?:seule|meme) region\b"
        ),
    ),
)
_FILING = re.compile(
    r"parven\w*|arriv\w*|admissib\w*|depos\w*|depot\w*|envoy\w*|transmi\w*|transmet\w*|soumi\w*|remis\w*|candidat\w*|recevab\w*|trop tard|hors delai|dans les (?:delais|temps)|a temps|submit\w*|accepte\w*|valable"
)
_HOURS = re.compile(
    r"(?P<n>\d[\d ]*(?:,\d+)?|zero|aucune) ?(?:h\b|heures?)(?: d[e'])? ?(?:\w+ ){0,4}?(?P<kind>essentiel\w*|confort|eligibles?|menage|jardinage)"
)


@dataclass(frozen=True)
class Spans:
    """What was found in a message, before deciding what it means."""

    numbers: list[Number]
    places: list[Place]
    categories: list[Found]
    days: list[Day]


def _overlaps(start: int, end: int, items: list[Day] | list[Place]) -> bool:
    return any(start < item.end and item.start < end for item in items)


def _is_year(number: Number) -> bool:
    return number.count.exact and 2010 <= number.value <= 2039


def find_voies(plain: str) -> list[str]:
    """Return the tracks a message names, in a fixed order."""
    return [voie for voie, pattern in _VOIES if pattern.search(plain)]


def _category_after(number: Number, spans: Spans, plain: str) -> Found | None:
    for found in spans.categories:
        between = plain[number.end : found.start]
        if found.start >= number.end and re.fullmatch(
            r" ?(?:d'|de |(?:d'entre (?:eux|elles|nous) )?sont (?:en fait |finalement )?(?:des |une? )?|(?:autres?|petits?|structures?|services?|etablissements?|sites?|essms|esms) (?:de |d')?(?:type )?)*",
            between,
        ):
            return found
    return None


def _counts_essms(number: Number, spans: Spans, folded: Folded, *, bare: bool) -> bool:
    plain = folded.plain
    if number.value > LARGEST_PROJECT or _MANAGER.search(plain[max(0, number.start - 40) : number.start]):
        return False
    if _CLAIM.search(plain[max(0, number.start - 30) : number.start]):
        return False
    if _ESSMS_AFTER.match(plain, number.end):
        return not _SHARE.search(plain[max(0, number.start - 40) : number.start]) or bool(
            re.search(r"\b(?:avec|avons|gerons|sommes) (?:les )?$", plain[: number.start])
        )
    if _REGIONS_AFTER.match(plain, number.end) or _OTHER_AFTER.match(plain, number.end):
        return False
    before = plain[max(0, number.start - 40) : number.start]
    if _SHARE.search(before):
        return False
    if re.match(r",? (?:dont|y compris|incluant)\b", plain[number.end :]):
        return True
    if _place_after(number, spans, plain):
        return True
    if bare:
        return True
    return bool(_HOLDER.search(before)) and bool(
        re.search(
            r"\b(?:nous|on|notre|nos|we|groupement|grappe|projet|total|essms|esms|structures?|etablissements?|sites?|seul)\b",
            plain,
        )
    )


def _listed(number: Number, spans: Spans, plain: str) -> bool:
    """Whether a number opens or goes on a list whose last one carries the noun: « 5, 6 et 4 ESSMS »."""
    following = next((other for other in spans.numbers if other.start >= number.end), None)
    if following is None or not re.fullmatch(r" ?, ?| et | puis | \+ ?", plain[number.end : following.start]):
        return False
    return bool(_ESSMS_AFTER.match(plain, following.end)) or _listed(following, spans, plain)


def _place_after(number: Number, spans: Spans, plain: str) -> Place | None:
    for place in spans.places:
        between = plain[number.end : place.start]
        if place.start >= number.end and re.fullmatch(
            r"(?: (?:\w+ )?)?(?:,? ?(?:a|au|aux|en|dans|sur|dans le|dans la|dans les|in|de|d'|la|le|les|du|des) ?)*(?:l')?",
            between,
        ):
            return place
    return None


def _hours(plain: str) -> tuple[Stated[float] | None, Stated[float] | None]:
    essential = comfort = None
    for match in _HOURS.finditer(plain):
        written = match["n"].replace(" ", "").replace(",", ".")
        value = Stated(0.0 if written.isalpha() else float(written), match[0].strip())
        if match["kind"].startswith(("essent", "eligib")):
            essential = value
        else:
            comfort = value
    return essential, comfort


def _stated_bool(plain: str, yes: str, no: str) -> Stated[bool] | None:
    if match := re.search(no, plain):
        return Stated(False, match[0])
    if match := re.search(yes, plain):
        return Stated(True, match[0])
    return None


def read_facts(folded: Folded, today: date, *, bare_number: bool = False) -> Facts:
    """Return the facts one message states, each with the words it came from.

    ``bare_number`` says that a number alone answers the previous question about the number of ESSMS.
    """
    plain = folded.plain
    days = find_days(plain, today, 2025)
    spans = Spans([], find_places(folded), find_categories(folded), days)
    numbers = [
        n
        for n in find_numbers(plain)
        if not _overlaps(n.start, n.end, days) and not _overlaps(n.start, n.end, spans.places)
    ]
    spans.numbers.extend(n for n in numbers if not _is_year(n))
    totals, mentions, regions = [], [], None
    numbered: set[int] = set()
    for number in spans.numbers:
        words = folded.words(number.start, min(len(plain), number.end))
        if _REGIONS_AFTER.match(plain, number.end):
            regions = Stated(
                number.count, folded.words(number.start, _REGIONS_AFTER.match(plain, number.end).end())
            )  # type: ignore[union-attr]
            continue
        found = _category_after(number, spans, plain)
        if found and not _SHARE.search(plain[max(0, number.start - 20) : number.start]):
            before = plain[: number.start]
            within = bool(
                _WITHIN.search(before[-40:]) or _WITHIN.search(plain[number.end : found.start])
            ) and not _OUT.search(before[-16:])
            mentions.append(
                CategoryMention(found.categorie, number.count, within, folded.words(number.start, found.end))
            )
            numbered.add(found.start)
        elif _counts_essms(number, spans, folded, bare=bare_number and len(spans.numbers) == 1) or _listed(
            number, spans, plain
        ):
            noun = _ESSMS_AFTER.match(plain, number.end)
            place = _place_after(number, spans, plain)
            end = place.end if place else noun.end() if noun else number.end
            totals.append((number, folded.words(number.start, end) or words, bool(noun)))
    mentions.extend(
        CategoryMention(found.categorie, None, False, folded.words(found.start, found.end))
        for found in spans.categories
        if found.start not in numbered
    )
    essential, comfort = _hours(plain)
    return Facts(
        campagne=_campagne(plain, days),
        voie=_voie(plain),
        nombre_essms=_total(totals, plain),
        nombre_regions=regions,
        territoires=_territoires(spans.places),
        categories=tuple(mentions),
        date_depot=_date_depot(folded, days),
        date_citee=_date_citee(folded, days),
        finess_geo=_stated_bool(
            plain,
            r"\b(?:numero|n°)? ?finess (?:geographique )?(?:propre|individuel|a chacun)|(?:a|ont|avons|possede\w*|dispose\w*) (?:chacune? )?(?:son|leur|un|notre) (?:propre )?(?:numero )?finess",
            r"(?:pas (?:de |d')|sans |aucun )(?:propre )?(?:numero )?(?:de )?finess|n'(?:a|ont|avons) pas (?:de |son |leur )(?:propre )?(?:numero )?(?:de )?finess",
        ),
        l312_1=_stated_bool(
            plain,
            r"(?:releve\w*|vise\w*|au titre|relevant) (?:bien )?(?:de l'|a l'|de l|a l|par l')?(?:article )?l ?\.? ?312",
            r"hors (?:de l'|article |l'article )*l?\.? ?312|(?:ne releve\w* pas|n'est pas vise\w*|pas vise\w*) (?:de |par |a )?(?:l'|l)?(?:article )?l?\.? ?312",
        ),
        heures_essentielles=essential,
        heures_confort=comfort,
        **read_aids(folded, days),
    )


def _total(totals: list[tuple[Number, str, bool]], plain: str) -> Stated[Count] | None:
    """Return the number of ESSMS: the parts added up ("6 en Corse + 4 à Marseille"), or the one stated."""
    if not totals:
        return None
    if len(totals) == 1:
        return Stated(totals[0][0].count, totals[0][1])
    first, second = totals[0][0], totals[1][0]
    between = plain[first.end : second.start]
    if (
        re.search(r"\btotal|\bsoit\b|=|en tout|au total|\bfait\b", between)
        and len(totals) == 2
        and not totals[0][2]
    ):
        return Stated(second.count, totals[1][1])
    parts = totals
    if (
        re.search(r"\btotal|\bsoit\b|=|en tout|ca fait|avec", plain[totals[-2][0].end : totals[-1][0].start])
        and len(totals) > 1
    ):
        parts = totals[:-1]
    low = sum(number.count.low for number, _, _ in parts)
    high = (
        sum(number.count.high or 0 for number, _, _ in parts)
        if all(n.count.high is not None for n, _, _ in parts)
        else None
    )
    return Stated(Count(low, high), " + ".join(words for _, words, _ in parts))


def _territoires(places: list[Place]) -> tuple[Stated[str], ...]:
    by_region: dict[str, Stated[str]] = {}
    for place in places:
        by_region.setdefault(place.region, Stated(place.region, place.words))
    return tuple(by_region.values())


def _campagne(plain: str, days: list[Day]) -> Stated[str] | None:
    years = find_years(plain, days)
    temps = find_temps(plain)
    year = years[-1][0] if years else None
    if temps and year in (None, 2021):
        return Stated(f"2021-T{temps}", f"temps {temps}")
    if year is not None:
        return Stated(str(year), str(year))
    dated = [day for day in days if day.year_stated and not day.relative]
    return Stated(str(dated[-1].day.year), str(dated[-1].day.year)) if dated else None


def _voie(plain: str) -> Stated[str] | None:
    found = find_voies(plain)
    return Stated(found[0], found[0]) if len(found) == 1 else None


def _date_depot(folded: Folded, days: list[Day]) -> Stated[date] | None:
    chosen = [day for day in days if not day.relative] or days
    if not chosen or not _FILING.search(folded.plain):
        return None
    return Stated(chosen[-1].day, folded.words(chosen[-1].start, chosen[-1].end))


def _date_citee(folded: Folded, days: list[Day]) -> Stated[date] | None:
    """Return a day named without any filing: the user quotes a date to have it confirmed."""
    chosen = [day for day in days if not day.relative]
    if not chosen or _FILING.search(folded.plain):
        return None
    return Stated(chosen[-1].day, folded.words(chosen[-1].start, chosen[-1].end))


_REPLACED = tuple(
    item.name for item in fields(Facts) if item.name not in ("territoires", "nombre_regions", "categories")
)


def merge_facts(before: Facts, now: Facts) -> Facts:
    """Return the facts of a conversation: what is said now replaces what was said before.

    New places replace the old ones together with the number of regions; a correction that only names
    categories ("en fait 4 sont des USLD") completes the total already stated.
    """
    changes: dict[str, object] = {}
    for name in _REPLACED:
        if getattr(now, name) is not None:
            changes[name] = getattr(now, name)
    if now.territoires or now.nombre_regions:
        changes["territoires"] = now.territoires
        changes["nombre_regions"] = now.nombre_regions
    if now.nombre_essms or now.territoires:
        changes.setdefault("voie", now.voie)
    if now.categories:
        numbered = any(mention.nombre for mention in now.categories)
        complete = numbered and now.nombre_essms is None and before.nombre_essms is not None
        if complete:
            inside = tuple(replace(m, within_total=True) if m.nombre else m for m in now.categories)
            changes["categories"] = (*before.categories, *inside)
        else:
            changes["categories"] = now.categories
    elif now.nombre_essms:
        changes["categories"] = ()
    return replace(before, **changes)  # type: ignore[arg-type]
