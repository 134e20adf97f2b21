"""Tell what two numbers make together: a part of a whole, a fraction, a product, what is missing."""

from __future__ import annotations

import re

from assistant.understanding.changes import lost, takes_part
from assistant.understanding.nouns import MANAGER_NOUN, Noun, Quantity
from assistant.understanding.numbers import ESSMS_NOUN, LEAVES, leaves

_PART_BEFORE = re.compile(
    r"\b(?:dont|parmi (?:eux|elles|lesquels|lesquelles)|sauf|hormis|excepte|a l'exception (?:de|d'))(?: \w+)? ?$"
)
_CLOSES = re.compile(r"(?: \w+){0,3}? (?:ferm\w+)\b")
_PART_LINK = re.compile(r"(?:,| et) $")
_UNCERTAIN = re.compile(
    rf"(?: {ESSMS_NOUN})? (?:autres? )?(?:incertaine?s?|hesitante?s?|potentiel(?:le)?s?|possibles?|a confirmer|en attente|en discussion|en suspens)\b"
)
_WITHOUT_IT = re.compile(
    rf"(?: {ESSMS_NOUN})? (?:sans (?:lui|elle|eux|elles|celui-ci|celle-ci|cela|ca)|sinon)\b"
)
_AMONG = re.compile(rf"(?: {ESSMS_NOUN})? (?:de|des|d'entre|parmi|sur)(?: (?:nos|mes|ces|leurs|les))? ")
# « seuls 13 sont partants sur 31 ESSMS »; « sur 31 ESSMS, 13 sont partants »
_OF_A_WHOLE = re.compile(r"[^.;:?!\d]{0,30}? (?:sur|parmi)(?: (?:les|nos|mes|ces|leurs))? ")
_SHARE_OF_ALL = re.compile(rf" (?:des|de (?:nos|vos|leurs|ces)) {ESSMS_NOUN}\b")
_ONE_OUT_OF_BEFORE = re.compile(rf"\bune?(?: {ESSMS_NOUN})? sur $")
_WHOLE_BEFORE = re.compile(
    r"(?:^|[,;:.?!(] |\b(?:mais|et|que|car|or) )(?:sur|parmi) (?:(?:les|nos|mes|ces|leurs|un total de) )?$"
)
_FRACTIONS = {
    "1/2": (1, 2),
    "1/3": (1, 3),
    "2/3": (2, 3),
    "3/4": (3, 4),
    "la moitie": (1, 2),
    "une moitie": (1, 2),
    "le tiers": (1, 3),
    "un tiers": (1, 3),
    "le quart": (1, 4),
    "un quart": (1, 4),
    "les deux tiers": (2, 3),
    "deux tiers": (2, 3),
    "les trois quarts": (3, 4),
    "trois quarts": (3, 4),
}
_ONE_OF_BEFORE = re.compile(r"\b(?:l'une?|une?) (?:de|d'entre|parmi) (?:nos|mes|ces|les|ses|leurs) $")
_FRACTION_BEFORE = re.compile(
    rf"\b(?:les? )?(?P<part>{'|'.join(sorted(_FRACTIONS, key=len, reverse=True))})(?: seulement)? de (?:nos|mes|ces|leurs|ses|vos) $"
)
_CLAUSE_ENDS = re.compile(r"(?: (?:en|a|au|aux|dans)(?: l[ae]s?)? [a-z'-]+)? ?(?:$|[^\w ])")
_EACH = rf"\b(?:chacune?s?|chaque|par {MANAGER_NOUN})\b"
_EACH_BETWEEN = re.compile(_EACH)
_EACH_SUBJECT = re.compile(rf"\bchaque {MANAGER_NOUN}\b[^.;:?!\d]{{0,30}} $")
_EACH_AFTER = re.compile(rf"[^.;?!\d]{{0,25}}?{_EACH}")
_EACH_BEFORE = re.compile(r"\bchacune? (?:de |des |d')(?:nos |ces |mes |les )?$")
_LEAVE_TOGETHER = re.compile(rf"(?: {ESSMS_NOUN})?(?: chacune?s?)?,? {LEAVES}")
_BESIDES_BEFORE = re.compile(r"\b(?:ses|mes|leurs|d'autres|et|plus)(?: autres)? $")
_SENTENCE_END = re.compile(r"[.?!;] ")
_MISSING_BEFORE = re.compile(
    r"\bmanqu\w+(?: encore)? $|\b(?:faut|faudrait|faudra)(?:[- ](?:il|nous))*(?: (?:encore|donc|trouver|ajouter))+ $"
)
_TARGET = re.compile(
    r"(?: \w+){0,2} pour (?:en |y )?(?:arriver|atteindre|etre|faire|parvenir|aller|obtenir|passer)(?: (?:a|au|le seuil de|les))* ?"
)
_TARGET_BEFORE = re.compile(
    r"\bpour (?:en |y )?(?:arriver a|atteindre|etre|faire|parvenir a|passer a|monter a)(?: (?:les|le seuil de))? $"
)
_MISSING_BETWEEN = re.compile(
    rf"(?: {ESSMS_NOUN})?,? (?:(?:il|nous|on|me|en|y) |m'|m'en |nous en )*(?:manque\w*|faut|faudrait|faudra)(?: (?:\w+ ){{0,2}}| )"
)
_OUT_OF = re.compile(r"(?: \w+)? sur (?:les |nos )?$")
_TAKEN_FROM = re.compile(r"(?: \w+)? (?:sur|de|a|parmi) (?:les |nos |mes |ces |leurs )$|(?: \w+)? sur $")


def part(plain: str, start: int, part_end: int) -> bool:
    """Whether a number is a part of the whole: « dont 15 en Bretagne et 10 en Normandie »."""
    if _PART_BEFORE.search(plain[max(0, start - 30) : start]):
        return True
    between = plain[part_end:start]
    return part_end > 0 and bool(_PART_LINK.search(between)) and not re.search(r"[.;?!]", between)


def part_leaves(plain: str, quantity: Quantity) -> bool:
    """Whether a part leaves the project: « dont 5 refusent »; what closes one day is still there."""
    return bool(leaves(plain, quantity.end)) and not _CLOSES.match(plain, quantity.end)


def out_of(plain: str, start: int) -> bool:
    """Whether a number is the whole out of which another was told: « 17 services éligibles sur 20 »."""
    return bool(_OUT_OF.search(plain[max(0, start - 30) : start]))


def leaves_from(plain: str, first: Quantity, second: Quantity) -> bool:
    """Whether the first number leaves the second: « trois de nos 17 services se retirent »."""
    return bool(_AMONG.fullmatch(plain, first.end, second.start) and leaves(plain, second.end))


def proportion(plain: str, first: Quantity, second: Quantity) -> bool:
    """Whether two numbers only make a proportion: « 8 sur 10 des ESSMS bretons »."""
    return plain[first.end : second.start] == " sur " and bool(_SHARE_OF_ALL.match(plain, second.end))


def whole_before(plain: str, start: int) -> bool:
    """Whether a number opens as the whole of what follows: « sur 25 structures, 15 ont signé »."""
    return bool(_WHOLE_BEFORE.search(plain[max(0, start - 40) : start]))


def among(plain: str, first: Quantity, second: Quantity) -> bool:
    """Whether the first number is what takes part out of the second: « 12 de nos 20 ESSMS participent »."""
    if takes_part(plain, first.end) and _OF_A_WHOLE.fullmatch(plain, first.end, second.start):
        return True
    return bool(_AMONG.fullmatch(plain, first.end, second.start)) and takes_part(plain, second.end)


def fraction(plain: str, quantity: Quantity) -> tuple[int, int] | None:
    """Return the part of a number that the words before it take: « la moitié de nos 20 ESSMS » is (1, 2).

    « la moitié de nos 20 ESSMS est équipée » says something else of it than that it is the project.
    """
    match = _FRACTION_BEFORE.search(plain[max(0, quantity.start - 40) : quantity.start])
    return part_meant(plain, quantity, _FRACTIONS[match["part"]]) if match else None


def one_of_them_leaves(plain: str, quantity: Quantity) -> bool:
    """Whether one of those counted leaves: « si l'un de nos 15 ESSMS se retire »."""
    return leaves(plain, quantity.end) and bool(
        _ONE_OF_BEFORE.search(plain[max(0, quantity.start - 30) : quantity.start])
    )


def part_meant(plain: str, quantity: Quantity, part: tuple[int, int]) -> tuple[int, int] | None:
    """Return the part of a number that is the project, by what the words after it say of that part."""
    if leaves(plain, quantity.end):
        return part[1] - part[0], part[1]  # « la moitié de nos 30 établissements refuse »: the others stay
    return part if takes_part(plain, quantity.end) or _CLAUSE_ENDS.match(plain, quantity.stop) else None


def one_out_of(plain: str, first: Quantity, second: Quantity) -> bool:
    """Whether a share of the second number is told: « un établissement sur trois de nos 18 »."""
    return bool(
        _ONE_OUT_OF_BEFORE.search(plain[max(0, first.start - 30) : first.start])
        and _AMONG.fullmatch(plain, first.end, second.start)
    )


def uncertain(plain: str, end: int) -> bool:
    """Whether what is counted may or may not join: « 13 sûrs, 2 incertains »."""
    return bool(_UNCERTAIN.match(plain, end))


def without_it(plain: str, end: int) -> bool:
    """Whether a number tells the project without what was just named: « 15 avec le GEM, 14 sans lui »."""
    return bool(_WITHOUT_IT.match(plain, end))


def shared_out(plain: str, managers: Quantity, each: Quantity) -> bool:
    """Whether every manager brings as many: « 3 gestionnaires de 5 », « cinq assos, avec chacune trois ESSMS »."""
    first, second = sorted((managers, each), key=lambda quantity: quantity.start)
    between = plain[first.stop : second.start]
    if managers.noun is not Noun.MANAGER or each.noun not in (Noun.ESSMS, Noun.NONE, Noun.CATEGORY):
        return False
    if _SENTENCE_END.search(between):
        return False
    if first is each:
        before = plain[max(0, each.start - 60) : each.start]
        return bool(_EACH_BETWEEN.search(between) or _EACH_SUBJECT.search(before))
    return bool(
        between in (" de ", " d'")
        or _EACH_BETWEEN.search(between)
        or _EACH_AFTER.match(plain, each.stop)
        or _EACH_BEFORE.search(plain[max(0, managers.start - 20) : managers.start])
    )


def leave_together(plain: str, end: int) -> bool:
    """Whether those who bring as many each leave the project: « qui ont 3 ESSMS chacun, se retirent »."""
    return bool(_LEAVE_TOGETHER.match(plain, end))


def besides(plain: str, managers: Quantity) -> bool:
    """Whether managers are told as others than the one who speaks: « ses deux partenaires »."""
    return bool(_BESIDES_BEFORE.search(plain[max(0, managers.start - 20) : managers.start]))


def falls_short(plain: str, first: Quantity, second: Quantity) -> bool:
    """Whether the project is the second number less the first: « il en manque 2 pour arriver à 15 »."""
    between = plain[first.end : second.start]
    before = plain[max(0, first.start - 30) : first.start]
    if _TARGET_BEFORE.search(before) and _MISSING_BETWEEN.fullmatch(between):
        return second.noun is not Noun.MANAGER  # « pour être 15, il en faut 6 de plus »
    return bool(
        (first.noun is not Noun.MANAGER and _MISSING_BEFORE.search(before) and _TARGET.fullmatch(between))
        or (lost(plain, first.start) and _TAKEN_FROM.fullmatch(between))
    )
