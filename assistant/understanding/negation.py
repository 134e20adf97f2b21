"""Tell what a message denies from what it states: « nous n’avons pas 15 ESSMS », « hors Corse », « et non 14 »."""

from __future__ import annotations

import re

from assistant.rules.facts import Count
from assistant.understanding.numbers import LEAVES

_DENIED = re.compile(
    r"\bn(?:e |')(?:\w+ ){1,2}(?:nous |on )?(?:pas|plus|jamais)(?: encore| tout a fait| toujours| actuellement)?(?: de| d'| a| les)? ?$"
)
_BOUND = re.compile(r"(?:(?:plus|moins) (?:de|d')|au (?:moins|plus)) ?$")
_INSTEAD = re.compile(
    r"\b(?:au lieu (?:de |d')|plutot que |(?:et |mais )(?:non|pas)(?: pas)? |\bpas (?:que|seulement) |, (?:pas|non) |^(?:pas|non) )(?:de |les )?$"
)
_LINK = r"(?: (?:en|a|au|aux|dans|de|du|des|la|le|les|sur|region|departement|territoire))*(?: ?[ld]')?"
_EXCLUDED = re.compile(
    rf"\b(?:pas|hors|sauf|excepte|hormis|ni|sans|jamais|non|autres? que|en dehors|a l'exception|quitt\w+|abandonn\w+|sort\w* de|n(?:e |')[^.,;:?!]{{0,25}}\bplus){_LINK} ?$"
    r"|\baucune?\b[^.,;:?!]{0,50}$"
)
# « les Normands se retirent », « la Normandie nous quitte »
_SUBJECT_BEFORE = re.compile(r"(?:^|[,;:.?!] |\b(?:non|et|si|que|mais) |qu')(?:les? |la |l')$")
_LEAVES_AFTER = re.compile(rf" {LEAVES}")


# « pas de CSAPA chez nous », « ni FAM ni MAS », « je ne parle pas des EHPAD »; « pourquoi pas un GEM ? » proposes one.
_ABSENT = re.compile(
    r"(?<!\bpourquoi )(?<!\bou )(?<!-ce )(?<!-il )(?<!-on )(?<!-elle )(?<!-ils )(?<!-elles )\bpas (?:non plus )?(?:de |d'|une? )$"
    r"|\bn(?:e |')(?:\w+ ){1,2}aucune? $|\bni (?:de |d'|une? )?$|\bet non(?: pas)? (?:de |des |d'|une? )?$"
    r"|\bn(?:e |')(?:en )?(?:parl|s'agi)\w+ (?:pas|plus) (?:ici )?(?:de la |de l'|des |du |de |d')$"
)


def denied(plain: str, start: int) -> bool:
    """Return whether the quantity at ``start`` is the object of a negated verb."""
    return bool(_DENIED.search(_BOUND.sub("", plain[max(0, start - 48) : start])))


def replaced(plain: str, start: int) -> bool:
    """Return whether the quantity at ``start`` is the one that another corrects: « 14 au lieu de 15 »."""
    return bool(_INSTEAD.search(plain[max(0, start - 24) : start]))


def absent(plain: str, start: int) -> bool:
    """Return whether the kind of structure named at ``start`` is one that the message does not speak of."""
    return bool(_ABSENT.search(plain[max(0, start - 40) : start]))


def excluded(plain: str, start: int, end: int) -> bool:
    """Return whether the place from ``start`` to ``end`` is one where the project is not, or is no longer."""
    before = plain[max(0, start - 70) : start]
    return bool(_EXCLUDED.search(before)) or bool(
        _SUBJECT_BEFORE.search(before) and _LEAVES_AFTER.match(plain, end)
    )


def opposite(count: Count) -> Count | None:
    """Return what is left when a count is denied: not 15 is fewer than 15, not more than 14 is 14 at most.

    A range denied leaves nothing that can be counted on.
    """
    if count.exact or count.high is None:
        return Count(0, max(0, count.low - 1))
    return Count(count.high + 1, None) if count.low == 0 else None
