"""Find the places a message names: regions, départements (by name or code), towns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

from assistant.understanding.negation import excluded
from assistant.understanding.numbers import ESSMS_NOUN
from assistant.understanding.text import Folded, fold
from corpus.categories import load_categories
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
# Names of towns that are words, or first names, in lower case after a structure: « un service nice ».
_ORDINARY_TOWNS = frozenset(
    [
        "tours",
        "orange",
        "persan",
        "avion",
        "cognac",
        "santes",
        "roques",
        "monts",
        "grans",
        "cluses",
        "betton",
        "condom",
        "gignac",
        "menton",
        "tulle",
        "sedan",
        "sceaux",
        "grasse",
        "muret",
        "loches",
        "passy",
        "goyave",
        "prades",
        "ondres",
        "cernay",
        "luynes",
        "royan",
        "revel",
    ]
)
_PLACE_BEFORE = re.compile(
    r"(?:\b(?:a|au|aux|en|sur|de|du|des|vers|pres de|dans|chez|et|ou|in|from)|d'|l')\s*$"
)
_DEPARTEMENT_BEFORE = re.compile(r"\b(?:departement|dept|dpt|ars)s?(?: (?:de|du|des|d'|de la|de l'))?\s*$")
# « tous dans les landes »: what stands in a place; « dans le lot de matériel » does not.
_LOCATED_BEFORE = re.compile(
    rf"\b(?:{ESSMS_NOUN}|situe\w*|implante\w*|base\w*|tous|toutes)\b(?: (?:sont|est|tous|toutes|situe\w*|implante\w*|repartis?|reparties?|bien))*,? dans (?:l[ae]s? |l')$"
)
# « les 16 esms de la meuse », « 5 sessad dans le var »
_OF_BEFORE = re.compile(
    r" (?:de la|du|des|de l'|dans l[ae]s?|dans l')(?: departement (?:de la|du|des|de l'))? ?$"
)
_COMPLEMENT = re.compile(r" (?:de |du |des |d')|-")  # « dans le nord de la Bretagne »
_NO_CODE_AFTER = rf"(?!\s?(?:rue\b|avenue\b|boulevard\b|bis\b|au \d|[/.,:]\d|h(?:\b|\d|eures?)|[%€]|\d|minim|maxi|{ESSMS_NOUN}\b))"
_CODE = re.compile(
    r"(?:\b(?:departement|dept|dpt)s?(?: du| de| numero| n°)? ?|\b(?:dans|sur|vers|cote) le |\bdu (?=2[ab])|\((?=(?:le )?\w{2,3}\))|\bdepartements? (?:\w+ )?\((?=\w{2,3}(?:,| et|\)))"
    rf"|\b(?:{ESSMS_NOUN}|ehpad|associations?|assos?|gestionnaires?|grappe|groupement)(?: sont| tous| toutes| situes?)* (?:du |le )"
    rf"|^(?:et )?(?:pour |dans )?(?=le \w{{2,3}} ?\?))(?:le )?(?P<any>2[ab]|\d{{2,3}})\b{_NO_CODE_AFTER}"
    r"|(?:\b(?:le|au|du|en|ars|groupement)|\+) (?P<overseas>97[1-8]|98[678]|2[ab])\b"
)
# « les SSIAD du 62 », « l'Adapei du 58 »: a code after those who manage, or after a category.
_CODE_OF = re.compile(
    rf"(?:associations?|assos?|adapei|apei|apf|admr|udaf|mutu\w+|ccas|cias|fondations?|federations?|departementa(?:le|ux)s?) (?:du|dans le|sur le) (?P<code>2[ab]|\d{{2,3}})\b{_NO_CODE_AFTER}"
)
_CODE_AFTER_CATEGORY = re.compile(
    rf" (?:du|dans le|sur le) (?P<code>2[ab]|\d{{2,3}})\b{_NO_CODE_AFTER}(?! (?:{ESSMS_NOUN}|[a-z]+s|au|rue|avenue|boulevard|bd|bis|ter)\b)"
)
# « 67 et 68, 15 ESMS », « 974 - 8 services »: codes alone at the head of a message.
_HEAD = re.compile(
    r"^(?:dpt |departements? )?(?P<codes>(?:2[ab]|\d{2,3})(?: ?(?:et|/|\+|,|-) ?(?:2[ab]|\d{2,3}))*)(?P<link> ?[:,;-] )"
)
_HEAD_CODE = re.compile(r"2[ab]|\d{2,3}")
_HEAD_COUNT = re.compile(
    rf"(?:on |nous |et |avec |a |est |sommes |avons )*(?:\d+|[a-z]+) (?:\w+ )?{ESSMS_NOUN}\b"
)
# « en Martinique, euh non, en Guadeloupe »: the second place corrects the first.
_CORRECTED = re.compile(
    r"[ ,.;:!-]*(?:(?:euh|ah|oups|enfin|pardon|non|plutot|erreur|correction|desolee?|ou plutot|je (?:veux|voulais) dire|en fait)[ ,.;:!-]*)+(?:(?:c'est|en|a|au|aux|dans|sur|la|le|les|l'|region|departement|de|du|d')\b ?)*(?:l')?"
)
# « 12 dans l'Eure, en fait 21 dans l'Oise »: so does the second number.
_COUNTED_AGAIN = re.compile(
    rf" ?[,.;:!-]+ ?(?:(?:euh|ah|oups|pardon|non|erreur|correction|desolee?|je (?:veux|voulais) dire|en fait|en realite|(?:ou )?plutot)[ ,.;:!-]+)+"
    rf"(?:(?:c'est|c'etait|on est|on en a|nous sommes|nous en avons|il y en a) )?(?:bien |plutot )?(?:\d+|[a-z]+) (?:{ESSMS_NOUN} )?(?:en|a|au|aux|dans) ?(?:l[ae]s? |l')?"
)
# Where a person lives or studies is not where the ESSMS are.
_PERSON_BEFORE = re.compile(
    r"\b(?:j'habite|je vis|je reside|nous habitons|domicilie\w*|etudiant\w*|stagiaire|apprenti\w*|en master|en licence|universite|mon fils|ma fille|ma mere|mon pere)\b(?! (?:gere|dirige))[^,;.?!]{0,40}$"
)
# Towns whose name is made of ordinary words: they count with the capital of a proper noun.
_PROPER_TOWNS = {
    "tampon": "la-reunion",
    "port": "la-reunion",
    "possession": "la-reunion",
    "lorrain": "martinique",
}
_ARTICLES = ("le", "la", "au", "du")
# « Le Havre », « Les Ulis » after « de » or « à »: « du Havre », « aux Ulis ».
_CONTRACTED = {"le": ("du", "au"), "les": ("des", "aux")}
_NOT_CONTRACTED = frozenset(["coteau", "lilas", "angles", "arcs"])  # names of houses too
_KNOWN_CONTRACTED = frozenset(["havre", "mans", "creusot", "bourget", "lamentin", "raincy"])
# A town takes no plural article: « la fondation des Trois Rivières » bears the name of something else.
_PLURAL_BEFORE = re.compile(r"\b(?:des|les|aux) $")
_SEAT = re.compile(
    r"\bsiege(?: social)?(?: est| situe| se trouve)? (?:a|de|en|dans l[ea]) ?$"
    r"|\b(?:ger|administr|pilot|dirig|suiv|coordonn)\w* (?:juste |uniquement |seulement |simplement |a distance )?(?:depuis|a partir d[e'])(?: l[ae]| l')? ?$"
)
_POSTCODE = re.compile(r"\b(?:code postal|cp) ?(?P<code>97[1-8]|\d\d)\d{2,3}\b")
# « Saint-Pierre 974 », « RESIDENCE AUTONOMIE 974 »: a code overseas after a place of its own, or a structure.
_OVERSEAS_BARE = re.compile(rf" (?P<code>97[1-6])\b{_NO_CODE_AFTER}(?! \d)")
_SAINT_BEFORE = re.compile(r"\bsainte?[- ][a-z]+$")  # Saint-Denis, Saint-Pierre: of several regions
_MORE_CODES = re.compile(
    r"(?:,| et| ou) (?:dans )?(?:le )?(?P<code>2[ab]|\d{2,3})\b(?! ?(?:h\b|heures|essms|esms|etab|struct|serv|site))"
)
_COUNT_IN_BRACKETS = re.compile(r"[a-z] \(\d\)")
# The name of a street or of an association is not where the ESSMS are.
_NAME_BEFORE = re.compile(
    r"\b(?:rue|avenue|boulevard|bd|place|quai|impasse|allee|chemin|square|cours|bords?|rives?|le long|part et d'autre|vallee|estuaire|bassin)(?: (?:de|du|des|la|le|les))*(?: ?[ld]')? ?$"
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
    proper: bool = False
    contracted: bool = False


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
            for name, form in _town_forms(town, region_of[code]):
                add(name, form)
    return _proper_towns() | table


def _town_forms(town: str, region: str) -> Iterator[tuple[str, _Form]]:
    """Yield the names of a town: its own, with its article contracted, its first words when they are in use alone."""
    yield town, _Form(region, town=True)
    words = _WORD.findall(fold(town).plain)
    if words[1:2] and words[1] not in _NOT_CONTRACTED:
        for article in _CONTRACTED.get(words[0], ()):
            yield " ".join((article, *words[1:])), _Form(region, contracted=True)
    for short in (" ".join(words[:1]), " ".join(words[:2])):
        if short in _SHORT_NAMES:
            yield short, _Form(region, town=True)


def _proper_towns() -> dict[tuple[str, ...], _Form]:
    """Return the towns whose names are ordinary words, with each article: « Le Tampon », « au Tampon »."""
    return {
        (article, town): _Form(region, proper=True)
        for town, region in _PROPER_TOWNS.items()
        for article in _ARTICLES
    }


@lru_cache(maxsize=1)
def _structure_ends() -> re.Pattern[str]:
    """Return what ends with the name of a kind of structure: « foyer de jeunes travailleurs », « les SSIAD »."""
    names = {
        fold(forme).plain for item in load_categories().values() for forme in item.formes if len(forme) > 3
    }
    listed = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.compile(rf"\b(?:{listed}|{ESSMS_NOUN})s? $")


@lru_cache(maxsize=1)
def _short_names() -> re.Pattern[str]:
    """Return what ends with the short acronym of a kind of structure: « 4 IME »."""
    names = {fold(forme).plain for item in load_categories().values() for forme in item.formes}
    return re.compile(rf"\b(?:{'|'.join(sorted(name for name in names if len(name) == 3))}) $")


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
            or _of_structures(folded.plain, start, end)
            or (
                bool(_LOCATED_BEFORE.search(folded.plain[max(0, start - 80) : start]))
                and not _COMPLEMENT.match(folded.plain, end)
            )
        )
    if form.proper:
        name = written.split()[-1]
        return name[:1].isupper() and not name.isupper()
    if form.contracted:
        name = written.split()[1]
        known = folded.plain[start:end].split()[1] in _KNOWN_CONTRACTED
        return known or (name[:1].isupper() and not name.isupper())
    if form.town:
        if _PLURAL_BEFORE.search(before):
            return False
        if folded.plain.startswith("les ", start) and _named_before(folded.plain, start):
            return False  # « l'EHPAD Les Lilas »
        return (
            written[:1].isupper()
            or bool(_PLACE_BEFORE.search(before))
            or written.startswith(("saint-", "sainte-"))
            or _named_bare(folded.plain, start, end)
        )
    return True


_TOWN_ALONE = 5  # letters: a shorter name in lower case may be a word


def _named_bare(plain: str, start: int, end: int) -> bool:
    """Whether a town follows a kind of structure without a preposition: « foyer jeunes travailleurs nantes »."""
    if end - start < _TOWN_ALONE or plain[start:end] in _ORDINARY_TOWNS:
        return False
    return bool(_structure_ends().search(plain[max(0, start - 60) : start]))


def _named_before(plain: str, start: int) -> bool:
    """Whether the words before ``start`` name a kind of structure."""
    before = plain[max(0, start - 60) : start]
    return bool(_structure_ends().search(before) or _short_names().search(before))


def _of_structures(plain: str, start: int, end: int) -> bool:
    """Whether a département in lower case is that of structures: « les 16 esms de la meuse »."""
    of = _OF_BEFORE.search(plain[:start])
    if of is None or _COMPLEMENT.match(plain, end) or re.match(r" ?\d", plain[end : end + 2]):
        return False
    before = plain[max(0, of.start() - 60) : of.start()] + " "
    return _named_before(before, len(before))


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
    found = _uncorrected(found, folded.plain)
    region_of = {
        departement.code.lower(): departement.region for departement in load_territories().departements
    }
    for code, start, end in (*_codes(folded.plain), *_bare_codes(folded.plain, found, region_of)):
        if code in region_of and not _MONTH.match(folded.plain[end:]):
            found.append(Place(region_of[code], folded.words(start, end), start, end))
    stated = (
        place
        for place in found
        if not excluded(folded.plain, place.start, place.end)
        and not _SEAT.search(folded.plain[: place.start][-60:])
        and not _PERSON_BEFORE.search(folded.plain[max(0, place.start - 60) : place.start])
    )
    return sorted(stated, key=lambda place: place.start)


def _bare_codes(
    plain: str, found: Sequence[Place], region_of: dict[str, str]
) -> Iterator[tuple[str, int, int]]:
    """Yield the codes overseas that follow a place of their own, or a structure: « Saint-Pierre 974 »."""
    for place in found:
        match = _OVERSEAS_BARE.match(plain, place.end)
        if match and region_of.get(match["code"]) == place.region:
            yield match["code"], match.start("code"), match.end("code")
    for match in _OVERSEAS_BARE.finditer(plain):
        before = plain[max(0, match.start() - 60) : match.start() + 1]
        if _structure_ends().search(before) or _SAINT_BEFORE.search(before.rstrip()):
            yield match["code"], match.start("code"), match.end("code")


def _uncorrected(found: list[Place], plain: str) -> list[Place]:
    """Leave out a place that the next one corrects."""
    return [
        place
        for place, following in zip_longest(found, found[1:])
        if following is None
        or not (
            _CORRECTED.fullmatch(plain, place.end, following.start)
            or _COUNTED_AGAIN.fullmatch(plain, place.end, following.start)
        )
    ]


def _head_codes(plain: str) -> Iterator[tuple[str, int, int]]:
    """Yield the codes that head a message before a number of ESSMS: « 67 et 68, 15 ESMS »."""
    head = _HEAD.match(plain)
    if head is None or not _HEAD_COUNT.match(plain, head.end()):
        return
    codes = list(_HEAD_CODE.finditer(plain, head.start("codes"), head.end("codes")))
    if len(codes) == 1 and "," in head["link"] and len(codes[0][0]) < len("974"):
        return  # « 12, 15 ESMS »
    for code in codes:
        yield code[0], code.start(), code.end()


def _codes(plain: str) -> Iterator[tuple[str, int, int]]:
    """Yield the département codes of a message: « le 974 », « dans le 35 et le 50 », « code postal 97600 »."""
    yield from _head_codes(plain)
    for match in _CODE_OF.finditer(plain):
        yield match["code"], match.start("code"), match.end("code")
    for match in _CODE_AFTER_CATEGORY.finditer(plain):
        if _structure_ends().search(plain[max(0, match.start() - 60) : match.start() + 1]):
            yield match["code"], match.start("code"), match.end("code")
    for match in _POSTCODE.finditer(plain):
        yield match["code"], match.start("code"), match.end()
    counted = _COUNT_IN_BRACKETS.search(plain)
    for match in _CODE.finditer(plain):
        if (
            counted
            and plain[match.start() : match.start() + 1] == "("
            and _named_before(plain, match.start())
        ):
            continue  # « MECS (4), IME (12) »: numbers of structures
        group = "any" if match["any"] else "overseas"
        yield match[group], match.start(group), match.end(group)
        end = match.end(group)
        while more := _MORE_CODES.match(plain, end):
            yield more["code"], more.start("code"), more.end("code")
            end = more.end("code")
