"""Find the places a message names: regions, départements (by name or code), towns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from assistant.understanding.negation import excluded
from assistant.understanding.numbers import ESSMS_NOUN
from assistant.understanding.text import Folded, fold
from corpus.territories import load_territories, load_towns

_WORD = re.compile(r"[a-z0-9]+")
_LONGEST = 6
_ORDINARY = (
    "aura",
    "ara",
    "ges",
    "cor",
    "ma",
    "na",
    "re",
)  # acronyms of regions that are ordinary words in lower case
# The first words of longer names, in use alone: those of a town whose homonyms in other regions are all less
# than a third as populous (as in ``corpus/build_towns.py``), and that are no ordinary words.
_SHORT_NAMES = frozenset(
    [
        "amberieu",
        "ancenis",
        "andernos",
        "argeles",
        "bagneres",
        "bagnols",
        "bauge",
        "beaupreau",
        "brive",
        "bruay",
        "cagnes",
        "caluire",
        "cambo",
        "carentan",
        "cavalaire",
        "charenton",
        "chemille",
        "cherbourg",
        "conflans",
        "crepy",
        "digne",
        "divonne",
        "dombasle",
        "enghien",
        "evian",
        "herblay",
        "herouville",
        "issy",
        "ivry",
        "juvisy",
        "lagny",
        "luxeuil",
        "machecoul",
        "mandelieu",
        "mantes",
        "montceau",
        "morcenx",
        "oloron",
        "onet",
        "palavas",
        "paray",
        "parentis",
        "pernes",
        "ramonville",
        "rillieux",
        "romilly",
        "sanary",
        "sarlat",
        "segre",
        "sotteville",
        "tassin",
        "thonon",
        "tournon",
        "vaison",
        "vandoeuvre",
        "vaulx",
        "villenave",
    ]
) | {"chateau gontier"}
_PLACE_BEFORE = re.compile(
    r"(?:\b(?:a|au|aux|en|sur|de|du|des|vers|pres de|dans|chez|et|ou|in|from)|d'|l')\s*$"
)
_DEPARTEMENT_BEFORE = re.compile(r"\b(?:departement|dept|dpt|ars)s?(?: (?:de|du|des|d'|de la|de l'))?\s*$")
# « tous dans les landes »: what stands in a place; « dans le lot de matériel » does not.
_LOCATED_BEFORE = re.compile(
    rf"\b(?:{ESSMS_NOUN}|situe\w*|implante\w*|base\w*|tous|toutes)\b(?: (?:sont|est|tous|toutes|situe\w*|implante\w*|repartis?|reparties?|bien))*,? dans (?:l[ae]s? |l')$"
)
_COMPLEMENT = re.compile(r" (?:de |du |des |d')|-")  # « dans le nord de la Bretagne »
_NO_CODE_AFTER = rf"(?!\s?(?:[/.,:]\d|h(?:\b|\d|eures?)|[%€]|\d|minim|maxi|{ESSMS_NOUN}\b))"
_CODE = re.compile(
    r"(?:\b(?:departement|dept|dpt)(?: du| de| numero| n°)? ?|\b(?:dans|sur|vers|cote) le |\bdu (?=2[ab])|\((?=(?:le )?\w{2,3}\))"
    rf"|\b(?:{ESSMS_NOUN}|ehpad|associations?|assos?|gestionnaires?|grappe|groupement)(?: sont| tous| toutes| situes?)* (?:du |le )"
    rf"|^(?:et )?(?:pour |dans )?(?=le \w{{2,3}} ?\?))(?:le )?(?P<any>2[ab]|\d{{2,3}})\b{_NO_CODE_AFTER}"
    r"|(?:\b(?:le|au|du|en|ars|groupement)|\+) (?P<overseas>97[1-8]|98[678]|2[ab])\b"
)
_SEAT = re.compile(r"\bsiege(?: social)?(?: est| situe| se trouve)? (?:a|de|en|dans l[ea]) ?$")
_POSTCODE = re.compile(r"\b(?:code postal|cp) ?(?P<code>97[1-8]|\d\d)\d{2,3}\b")
_MORE_CODES = re.compile(
    r"(?:,| et| ou) (?:dans )?(?:le )?(?P<code>2[ab]|\d{2,3})\b(?! ?(?:h\b|heures|essms|esms|etab|struct|serv|site))"
)
# The name of a street or of an association is not where the ESSMS are.
_NAME_BEFORE = re.compile(
    r"\b(?:rue|avenue|boulevard|bd|place|quai|impasse|allee|chemin|square|cours)(?: (?:de|du|des|la|le|les))*(?: ?[ld]')? ?$"
    r"|\b(?:association|asso|fondation|mutuelle|residence) $"
)
_MEETING_BEFORE = re.compile(
    r"\b(?:issue|lors|suite|apres|avant|pendant|cours|jour|une|cette|notre|nos|votre|prochaine|derniere|compte[- ]rendu|en|par)"
    r"(?: (?:a|de|du))*(?: la)? ?$"
)
_MEETING_AFTER = re.compile(
    r" (?:annuelle|mensuelle|hebdomadaire|hier|publique|generale|prevue|organisee|teams|zoom|avec|qui|de|du|des)\b| d'"
)
_MONTH = re.compile(r" ?(?:janv|fev|mars|avr|mai\b|juin|juil|aout|sept|oct|nov|dec)")


@dataclass(frozen=True)
class Place:
    """A place found in a message: its region, the user's words and where they stand in the folded text."""

    region: str
    words: str
    start: int
    end: int


@dataclass(frozen=True)
class _Form:
    region: str
    town: bool = False
    capitals: bool = False
    common: bool = False


@lru_cache(maxsize=1)
def _forms() -> dict[tuple[str, ...], _Form]:
    table: dict[tuple[str, ...], _Form] = {}
    territories = load_territories()
    region_of = {departement.code: departement.region for departement in territories.departements}

    def add(text: str, form: _Form) -> None:
        key = tuple(_WORD.findall(fold(text).plain))
        if key and key not in table:
            table[key] = form

    for region in territories.regions:
        for text in (region.name, *region.formes):
            add(text, _Form(region.id, capitals=text.isupper() and len(text) <= 4))
    for departement in territories.departements:
        for text in (departement.name, *departement.formes):
            add(text, _Form(departement.region, common=departement.common_word))
    for town, code in load_towns():
        if code in region_of:
            add(town, _Form(region_of[code], town=True))
            words = _WORD.findall(fold(town).plain)
            for short in (" ".join(words[:1]), " ".join(words[:2])):
                if short in _SHORT_NAMES:
                    add(short, _Form(region_of[code], town=True))
    return table


def _accepted(form: _Form, folded: Folded, start: int, end: int) -> bool:
    written = folded.words(start, end)
    before = folded.plain[max(0, start - 24) : start]
    if _NAME_BEFORE.search(before) or _is_meeting(folded, start, end):
        return False
    if form.capitals:
        ordinary = folded.plain[start:end] in _ORDINARY
        return written.isupper() or not ordinary or bool(_DEPARTEMENT_BEFORE.search(before))
    if form.common:
        return (
            (written[:1].isupper() and start > 0)
            or bool(_DEPARTEMENT_BEFORE.search(before))
            or (
                bool(_LOCATED_BEFORE.search(folded.plain[max(0, start - 80) : start]))
                and not _COMPLEMENT.match(folded.plain, end)
            )
        )
    if form.town:
        return written[:1].isupper() or bool(_PLACE_BEFORE.search(before))
    return True


def _is_meeting(folded: Folded, start: int, end: int) -> bool:
    """Whether « la réunion » is a meeting and not the island."""
    written = folded.words(start, end)
    if not folded.plain[start:end].endswith("reunion") or any(char.isupper() for char in written[-7:]):
        return False
    before = folded.plain[max(0, start - 24) : start]
    alone = not before.endswith(" la ") and "la " not in folded.plain[start:end]
    return bool(alone or _MEETING_BEFORE.search(before) or _MEETING_AFTER.match(folded.plain, end))


def find_places(folded: Folded) -> list[Place]:
    """Return the places of a message, longest name first, in the order of the text.

    A town counts only with its capital or after a preposition of place, an acronym only in capitals; a place
    where the project is said not to be is left out.
    """
    words = list(_WORD.finditer(folded.plain))
    found: list[Place] = []
    table = _forms()
    position = 0
    while position < len(words):
        for size in range(min(_LONGEST, len(words) - position), 0, -1):
            span = words[position : position + size]
            form = table.get(tuple(word[0] for word in span))
            start, end = span[0].start(), span[-1].end()
            if form and _accepted(form, folded, start, end):
                found.append(Place(form.region, folded.words(start, end), start, end))
                position += size
                break
        else:
            position += 1
    region_of = {
        departement.code.lower(): departement.region for departement in load_territories().departements
    }
    for code, start, end in _codes(folded.plain):
        if code in region_of and not _MONTH.match(folded.plain[end:]):
            found.append(Place(region_of[code], folded.words(start, end), start, end))
    stated = (
        place
        for place in found
        if not excluded(folded.plain, place.start, place.end)
        and not _SEAT.search(folded.plain[: place.start][-60:])
    )
    return sorted(stated, key=lambda place: place.start)


def _codes(plain: str) -> Iterator[tuple[str, int, int]]:
    """Yield the département codes of a message: « le 974 », « dans le 35 et le 50 », « code postal 97600 »."""
    for match in _POSTCODE.finditer(plain):
        yield match["code"], match.start("code"), match.end()
    for match in _CODE.finditer(plain):
        group = "any" if match["any"] else "overseas"
        yield match[group], match.start(group), match.end(group)
        end = match.end(group)
        while more := _MORE_CODES.match(plain, end):
            yield more["code"], more.start("code"), more.end("code")
            end = more.end("code")
