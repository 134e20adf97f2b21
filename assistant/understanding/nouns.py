"""Classify the numbers of a message by the noun each one governs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto

from assistant.understanding.categories import Found
from assistant.understanding.numbers import ESSMS_NOUN, Number, joins, leaves
from assistant.understanding.places import Place


class Noun(Enum):
    """What a number is a number of."""

    ESSMS = auto()
    CATEGORY = auto()
    REGION = auto()
    MANAGER = auto()
    OTHER = auto()
    NONE = auto()  # the noun is left out: « nous sommes 14 », « et 6 à Dijon »


@dataclass(frozen=True)
class Quantity:
    """A number with the noun it governs; ``stop`` is the end of its noun phrase."""

    number: Number
    noun: Noun
    stop: int
    found: Found | None = None

    @property
    def start(self) -> int:
        """Return the place of the number in the folded text."""
        return self.number.start

    @property
    def end(self) -> int:
        """Return the end of the number, its noun left out."""
        return self.number.end


_BEFORE_NOUN = (
    r"(?:autres?|petite?s?|gros(?:ses?)?|grande?s?|vraie?s?|seule?s?|nouve(?:aux?|lles?|l)|ancien(?:ne)?s?|beaux|belles?|"
    r"bon(?:ne)?s?|jeunes|different(?:e?)s|divers(?:es)?|principa(?:ux|les)|premier(?:e)?s?|derniere?s|futur(?:e?)s?|memes?|\w+ieme)"
)
_OF_OURS = r"(?:de |d'|des )?(?:(?:nos|ces|mes|leurs|vos|ses|les) |d'entre )?"
_ESSMS_AFTER = re.compile(
    rf" ?{_OF_OURS}(?:{_BEFORE_NOUN} )*(?:{ESSMS_NOUN})\b(?! (?:de confort|socles?|numeriques?|web|internet|officiels|en ligne|informatiques?|de l'(?:etat|ars)\b))"
)
_ESSMS_WITHIN = re.compile(rf"\b{ESSMS_NOUN}\b")  # « 20 ESSMS moins 6 »
_REGIONS_AFTER = re.compile(
    r" ?(?:autres? |different\w* |grandes? |anciennes? |nouvelles? )?(?:regions?|ars)\b"
)
MANAGER_NOUN = (
    r"(?:gestionnaires?|organismes?(?: gestionnaires?)?|associations?|assos?|partenaires?|og|fondations?|"
    r"mutuelles?|federations?|porteurs?|adherents?|gcs(?:ms)?|entites juridiques|ccas|collectivites?|communes?)"
)
_MANAGER_AFTER = re.compile(rf" ?{_OF_OURS}(?:{_BEFORE_NOUN} )*{MANAGER_NOUN}\b")
_MEMBERS = re.compile(r" ?(?:\w+ )?membres$")
# « 12 places d'accueil de jour et 6 d'hébergement », « 120 lits à Brest et 80 à Lorient »: the same noun, left out.
_SAME_NOUN = re.compile(
    r"(?!.*\b(?:nous|on|nos|notre|j'ai|ai|avons|gere\w*|compt\w+|soit|total|mais|avec|pour|plus)\b)[^.;:?!()\d]{0,60}(?:,| et| ou|, puis) "
)
_OTHER_AFTER = re.compile(
    r" ?(?:autres? )?(?:places?|lits?|h\b|heures?|euros?|€|eur\b|k€|m€|md|millions?|milliards?|%|pour ?cents?|"
    r"ans?\b|annees?|jours?|mois|semaines?|personnes?|usagers?|residents?|salaries|professionnels?|etp|projets?|dossiers?|grappes?|departements?|"
    r"logiciels?|dui\b|editeurs?|pages?|questions?|fois|vagues?|rue|avenue|bis|a (?:candidater|deposer|porter|nous associer|vouloir|signer)\b|pas (?:de (?:la|l'|chez)|du|d'ici)|°|/)"
)
_CURRENCY = re.compile(r" ?(?:€|euros?\b|k€|m€|md|millions?|milliards?)")
_LISTED_TO = re.compile(r"(?:,| et| ou|, ou|, et)(?: de| a)? ")
# What may follow a number that stands for ESSMS without the word; another noun means that it counts other things.
_NO_NOUN_AFTER = re.compile(
    r" ?(?:$|[^\w ]|(?:en|dans|a|au|aux|sur|et|ou|dont|de|d'|du|des|la|le|les|mais|pour|par|avec|plus|moins|seulement|chacun\w*|chaque|"
    r"reparti\w*|situe\w*|implante\w*|base\w*|soit|si|qui|que|qu'|sommes|est|sont|sera\w*|seront|donc|environ|maintenant|aujourd'hui|desormais|"
    r"actuellement|finalement|seule?s?|tous|toutes|ensemble|chez|cote|vers|nous|on|c'est|ca|cela|est-ce|peut\w*|pouvons|suffi\w*|atteint\w*|"
    r"membres?|autres?|total|minimum|mini|max\w*|can|in|is|are|and|from|alors|cette|cet|ce|comme|hors|sauf|sans|pas|entre|ne|n'|y|ici|la-bas|"
    r"uniquement|particip\w*|partante?s?|volontaires?|mecs|partout|quand|quoi|quel\w*|bien|oui|non|encore|deja|depuis|apres|avant|ont|declar\w+|recens\w+|existants?|actuels?|initia\w+|prevus?|autorises?|annonces?|inscrit\w*|a l'|ki|nan|x)\b)"
)
_BEFORE_CATEGORY = re.compile(
    rf" ?(?:d'|de |cabinets? |(?:d'entre (?:eux|elles|nous) )?(?:sont (?:en fait |finalement )?(?:des |une? )?|relevent (?:de |d'|du )(?:la |l')?)|"
    rf"(?:{_BEFORE_NOUN}|structures?|services?|etablissements?|sites?|essms|esms) (?:de |d')?(?:type )?)*"
)
_CATEGORY_LABEL = re.compile(r" ?(?::|=|\() ?")
_LABELLED_ENDS = re.compile(r" ?(?:$|[),;.]|et\b(?! \d)|\+|- )")
# A category named by those who work there: « 26 aides à domicile » are people, « 3 services d'aide à domicile » are not.
_WORKERS = re.compile(r"aides a domicile|auxiliaires de vie|mandataires|tuteurs|curateurs|delegues")
# « ESSMS : 14 », « nombre d'établissements = 14 »: the noun stands on the left.
_LABEL_BEFORE = re.compile(r"\b(?P<noun>[a-z]+)(?: (?:du|de notre) (?:groupement|projet))? ?(?::|=) ?$")
_ESSMS_LABEL = re.compile(rf"{ESSMS_NOUN}")
_OTHER_LABEL = re.compile(
    r"(?:lits?|places?|salaries|etp|usagers?|residents?|agents?|budget|montant|gestionnaires?|og|regions?|departements?|capacite)"
)


def govern(plain: str, numbers: list[Number], found: list[Found], places: list[Place]) -> list[Quantity]:
    """Return each number with the noun it governs: the nearest on its right, else a label on its left."""
    starts = {place.start for place in places}
    quantities = [_govern(plain, number, found, starts) for number in numbers]
    return _same_nouns(plain, _members_apart(plain, quantities))


def _members_apart(plain: str, quantities: list[Quantity]) -> list[Quantity]:
    """Read members as those who manage where ESSMS are counted too: « 11 membres et 16 ESMS »."""
    essms = [quantity for quantity in quantities if quantity.noun is Noun.ESSMS]
    members = [one for one in essms if _MEMBERS.fullmatch(plain, one.end, one.stop)]
    if len(members) == len(essms):
        return quantities
    return [replace(one, noun=Noun.MANAGER) if one in members else one for one in quantities]


def _same_nouns(plain: str, quantities: list[Quantity]) -> list[Quantity]:
    """Give a number without its noun that of the one it is joined to, when that one counts no ESSMS."""
    read: list[Quantity] = []
    for quantity in quantities:
        before = read[-1] if read else None
        if (
            before
            and quantity.noun is Noun.NONE
            and before.noun in (Noun.OTHER, Noun.MANAGER)
            and before.stop > before.end
            and _SAME_NOUN.fullmatch(plain, before.stop, quantity.start)
        ):
            quantity = replace(quantity, noun=before.noun)
        read.append(quantity)
    return _same_amounts(plain, read)


def _same_amounts(plain: str, quantities: list[Quantity]) -> list[Quantity]:
    """Give the numbers of a list the currency told with its last one: « 10, 20 ou 30 M€ »."""
    read: list[Quantity] = []
    amount = False  # whether the number just read was made one
    for quantity in reversed(quantities):
        after = read[-1] if read else None
        if (
            after
            and quantity.noun is Noun.NONE
            and after.noun is Noun.OTHER
            and (amount or _CURRENCY.match(plain, after.end))
            and _LISTED_TO.fullmatch(plain, quantity.end, after.start)
        ):
            quantity = replace(quantity, noun=Noun.OTHER)
            amount = True
        else:
            amount = False
        read.append(quantity)
    return read[::-1]


def _govern(plain: str, number: Number, categories: list[Found], places: set[int]) -> Quantity:
    end = number.end
    if after := _REGIONS_AFTER.match(plain, end):
        return Quantity(number, Noun.REGION, after.end())
    less = " moins " in plain[number.start : end]  # « 15 ESSMS moins une USLD » counts ESSMS
    if not less and (found := _category_after(plain, end, categories)):
        return Quantity(number, Noun.CATEGORY, found.end, found)
    if after := _MANAGER_AFTER.match(plain, end):
        return Quantity(number, Noun.MANAGER, after.end())
    if after := _ESSMS_AFTER.match(plain, end):
        return Quantity(number, Noun.ESSMS, after.end())
    if _ESSMS_WITHIN.search(plain, number.start, end):
        return Quantity(number, Noun.ESSMS, end)
    if after := _OTHER_AFTER.match(plain, end):
        return Quantity(number, Noun.OTHER, after.end())
    if labelled := _category_before(plain, number, categories):
        return Quantity(number, Noun.CATEGORY, end, labelled)
    if end + 1 in places:
        return Quantity(number, Noun.NONE, end)  # « les 9 bretons »
    return Quantity(number, _noun_left_out(plain, number), end)


def _category_after(plain: str, end: int, categories: list[Found]) -> Found | None:
    for found in categories:
        if found.start >= end and _BEFORE_CATEGORY.fullmatch(plain, end, found.start):
            return None if names_workers(plain, found) and not plain[end : found.start].strip() else found
    return None


def _category_before(plain: str, number: Number, categories: list[Found]) -> Found | None:
    """Return the category that labels a number on its left: « EHPAD : 10 », « MECS (4) »."""
    if not _LABELLED_ENDS.match(plain, number.end):
        return None
    return next((one for one in categories if _CATEGORY_LABEL.fullmatch(plain, one.end, number.start)), None)


def names_workers(plain: str, found: Found) -> bool:
    """Whether a category is told by those who work there: « 26 aides à domicile »."""
    return bool(_WORKERS.match(plain, found.start))


def _noun_left_out(plain: str, number: Number) -> Noun:
    """Return what a number without a known noun on its right counts."""
    bare = _NO_NOUN_AFTER.match(plain, number.end) or leaves(plain, number.end)
    if not bare and not joins(plain, number.end):
        return Noun.OTHER
    label = _LABEL_BEFORE.search(plain[max(0, number.start - 50) : number.start])
    if label and _ESSMS_LABEL.fullmatch(label["noun"]):
        return Noun.ESSMS
    return Noun.OTHER if label and _OTHER_LABEL.fullmatch(label["noun"]) else Noun.NONE


def names_essms(plain: str) -> bool:
    """Whether a message names ESSMS, establishments or services at all."""
    return bool(_ESSMS_WITHIN.search(plain))


def pairs(quantities: list[Quantity]) -> Iterator[tuple[Quantity, Quantity | None]]:
    """Yield each quantity with the next one."""
    for place, quantity in enumerate(quantities):
        yield quantity, quantities[place + 1] if place + 1 < len(quantities) else None
