"""Read quantities in French (and simple English): digits, words, approximations, ranges."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.rules.facts import Count

_UNITS = {
    "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8, "neuf": 9,
    "dix": 10, "onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15, "seize": 16,
    "vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60,
    "septante": 70, "huitante": 80, "octante": 80, "nonante": 90, "cent": 100, "cents": 100, "mille": 1000,
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "twenty": 20,
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
}  # fmt: skip
_ABOUT = {"demi-douzaine": 6, "demi douzaine": 6, "huitaine": 8, "dizaine": 10, "douzaine": 12, "quinzaine": 15, "vingtaine": 20, "trentaine": 30,
          "quarantaine": 40, "cinquantaine": 50, "soixantaine": 60, "centaine": 100}  # fmt: skip
NUMBER_WORDS = (*_UNITS, *_ABOUT)
ESSMS_NOUN = r"(?:essms|esms|structures?|etablissements?|etabs?|ets|services?|sites?|entites?|membres|facilities|(?:care |nursing )?homes|establishments|etablissm[ae]n|etablisman|strikti)"
_NOT_OF_IT = r"(?! (?:a|au|en|dans|leurs?|son|sa|ses|l'editeur|le logiciel|un logiciel|peu\w+|compt\w+)\b)"
# What a structure does when it joins the project or leaves it.
JOINS = rf"(?:nous (?:a |ont )?rejoi\w+|(?:a |ont )?rejoi\w+|s'(?:y )?ajout\w+|se joi\w+|(?:arrive|arrivent|arrivera|arriveront|s'ajoute|entrent)\b{_NOT_OF_IT}|vien(?:t|nent) (?:d'ouvrir|de nous rejoindre|s'ajouter)|(?:vont|va|veu(?:t|lent)|souhait(?:e|ent)|doi(?:t|vent)|pourrai(?:t|ent)) (?:(?:nous )?rejoindre|s'ajouter|entrer dans))"
LEAVES = rf"(?:s(?:e |'est |e sont )(?:desist|retir|desengag)\w*|s'en (?:va|vont|ira|iront)\b|(?:nous |ont )?(?:quitt\w+|abandonn\w+|renonc\w+)\b{_NOT_OF_IT}|(?:partent|partira|partiront)\b(?! avec)|(?:est|sont) parti\w*|jett\w+ l'eponge|(?:a |ont |vient de |viennent de )?ferm(?:e|es|ee|ees|ent|er|era|eront)\b{_NOT_OF_IT}|(?:vont|va|veu(?:t|lent)|souhait(?:e|ent)|doi(?:t|vent)|risquent de|pourrai(?:t|ent)) (?:nous )?(?:fermer|partir|quitter|sortir|lacher|se retirer|s'en aller|se desister|abandonner|renoncer)\b{_NOT_OF_IT}|(?:nous )?lach(?:e|ent|eront)\b{_NOT_OF_IT}|declin(?:e|ent)\b|refus(?:e|ent|ait|aient|era|eront)\b(?! (?:le|la|les|un|une)\b)|f(?:ait|ont) (?:defection|faux bond)|sort(?:ent|iront) du (?:projet|groupement)|(?:ne )?(?:veu(?:t|lent)|suiv\w+|sui(?:t|vent)|particip\w+|souhait\w+|vien(?:t|nent)|s'engag\w+)(?: \w+)? (?:pas|plus)\b)"
ALONG = r"(?: (?!et\b|quand\b|mais\b|ou\b)\w+)"  # a word between a number and its verb
_JOINS_AFTER = re.compile(rf"{ALONG}{{0,3}}? (?:de plus|en plus|supplementaires?|{JOINS})\b")
_LEAVES_AFTER = re.compile(rf"{ALONG}{{0,3}}? (?:de moins|en moins|{LEAVES})")
_WORD = "|".join(sorted(_UNITS, key=len, reverse=True))
_NUMBER = re.compile(
    rf"(?<![\w,./°^])(?<![^\d\s]-)(?<!\b[jmt]\+)(?P<digits>\d{{1,3}}(?:[ .]\d{{3}})+(?!\d)|\d+)(?:,(?P<decimals>\d+))?(?!\d|\^|e\d)"
    r"|\b(?:une? )?(?:petite |bonne )?(?P<about_digits>\d{1,3}) ?aines?\b"
    rf"|\b(?:une? )?(?:petite |bonne )?(?P<about>{'|'.join(_ABOUT)})s?\b"
    # In lower case once folded, a Roman numeral is told from a word by the noun it counts.
    rf"|\b(?P<roman>(?=[ivxl]{{2}})(?:xl|l?x{{0,3}})(?:ix|iv|v?i{{0,3}}))(?= {ESSMS_NOUN}\b)"
    rf"|\b(?P<some>quelques|une poignee d[e'])(?= ?{ESSMS_NOUN}\b)"
    # « nos 7 ESMS plus autant chez le partenaire »: as many as said before.
    r"|(?:(?:\b(?:et|plus|avec|en (?:a|ont|apportent?)|apportent?)|\+|,) )(?P<again>autant(?: d(?:e |')(?!(?:nous|notre|vous)\b))?|le double|le triple)(?:\b|(?<=[ ']))(?! (?:de |d'|du |des )(?!nous\b|notre\b|vous\b)| plus\b)"
    rf"|\b(?P<words>(?:{_WORD})(?:(?: et |-et-)(?:une?|onze)\b|[ -](?:{_WORD}))*)\b"
)
_RANGE = re.compile(r"(?:entre|de|between)\s+$")
_LESS = re.compile(
    r"(?:(?<!pas )moins de|(?<!pas )moins d'|inferieure? a|en dessous de|under|less than|fewer than)\s*$"
)
_MORE = re.compile(
    r"(?:(?<!pas )plus de|(?<!pas )plus d'|superieure? a|au[- ]dela des?|au[- ]dessus des?|depass\w+(?: (?:les|la barre des))?|exced\w+|more than|over)\s*$"
)
_LEAST = re.compile(r"(?:pas moins d(?:e |')|au moins|au pire|\bmini(?:mum)?|at least)\s*$")
_MOST = re.compile(r"(?:pas plus d(?:e |')|au plus|au mieux|\bmax(?:i(?:mum)?)?|jusqu'a|at most)\s*$")
_NEAR = re.compile(
    r"(?:environ|plus ou moins|a la louche|grosso modo|en gros|aux (?:alentours|environs) d[eu]|a vue de nez|approximativement|quelque|a peu pres|pres de|autour de|presque|quasiment|about|around|~|±)\s*$"
)
_UNSURE = re.compile(
    r"\b(?:pas (?:sure?s?|certaine?s?) (?:d'|de |que )[^.,;?!]{0,25}|peut-etre |sans doute |probablement )$"
)
_NEAR_AFTER = re.compile(
    r"(?: [a-z]+){0,2},? (?:environ|a peu (?:de choses? )?pres|plus ou moins|approximativement|a la louche|grosso modo|a vue de nez)\b(?! \d)"
)
_MORE_AFTER = re.compile(
    rf"(?: [a-z]+){{0,2}} (?:ou|et) (?:plus|davantage)\b| {ESSMS_NOUN} (?:au )?min(?:imum)?\b|(?: {ESSMS_NOUN})? au (?:minimum|bas mot)\b"
)
_MOST_AFTER = re.compile(
    rf"(?: {ESSMS_NOUN})? (?:au (?:maximum|plus)\b(?! (?:tard|vite|tot))|{ESSMS_NOUN} maximum\b|tout au plus\b)"
)
_ONE = re.compile(
    rf" (?:seule?\b|unique|region|autre(?= (?:a|en|dans|sur|de) [a-z])|de (?:plus|moins)|(?:(?:autre|nouve\w+|\w+ieme|{ESSMS_NOUN}) )*(?:{LEAVES}|{JOINS}))"
)
# « dont une USLD » counts one; « il y a aussi une USLD » tells of one, as of any structure.
_PART_OUT = re.compile(r" (?:usld|smr)\b")
_PART_OUT_BEFORE = re.compile(r"(?:\b(?:dont|moins|sans|hors|et|plus|avec)|[,+:(]) ?$")
_MINUS = re.compile(r"(?: (?!ou|et|a|au|dont|soit|mais|que)[a-z]+){0,2},? ?(?P<sign>moins|-) ?")
_MINUS_BEFORE = re.compile(rf"(?: {ESSMS_NOUN})? moins ")
# « 14 ESSMS en Bretagne et un en Normandie »: one more, its noun left out, somewhere else.
_ONE_MORE_BEFORE = re.compile(r"(?:\bet|,|\bplus|\+) $")
# « 7 établissements et un service »
_BESIDE_SOME = re.compile(rf" {ESSMS_NOUN},? (?:et|plus) ")
_ONE_OF_THEM = re.compile(r" (?:essms|esms|structure|etablissement|service)\b(?! [a-z])")
_SOMEWHERE_AFTER = re.compile(r" (?:seule?ment |seule? |autre )?(?:en|a|au|aux|dans|sur|pres de)\b")
_SOMEWHERE = re.compile(r"\b(?:en|a|au|aux|dans|sur|pres de)\b")
_ANOTHER_NOUN = re.compile(r"\bune? (?!(?:en|a|au|aux|dans|sur|seule?|autre|peu)\b)[a-z]+")
_ANOTHER_PLACE = re.compile(r"\bune? (?:en|a|au|aux|dans|sur)\b")  # « 2 appels, un en Bretagne et un en… »
# After a dash, a noun of its own makes the number no part of a subtraction: « 15 ESSMS - 3 gestionnaires ».
_NOTHING_ELSE_AFTER = re.compile(
    rf" ?(?:$|[^\w ]|{ESSMS_NOUN}\b|(?:qui|soit|donc|en|dans|a|au|parti\w*|de moins)\b)"
)
_TIMES = re.compile(r" ?(?:x|\*|×|fois) ?")
_GIVE_OR_TAKE = re.compile(r" ?(?:±|\+/-|\+-|plus ou moins) ?")
_OR_MAYBE = re.compile(
    rf"(?: {ESSMS_NOUN})?(?P<place> (?:en|a|au|aux|dans)(?: l[ae]s?)?(?: l')? ?[a-z][a-z'-]+(?: [a-z'-]+){{0,2}}?)?"
    r"(?:,| ou)? (?:ou )?(?:peut-etre|voire|peut-etre meme|voire meme)(?: (?:bien|plutot))? "
)
# « 13 en Bretagne, peut-être 15 en Normandie » counts two things.
_ELSEWHERE_AFTER = re.compile(r"(?: [a-z]+)? (?:en(?! (?:comptant|incluant|tout))|a|au|aux|dans)\b")
_CHANGING = re.compile(r"\bpass\w+ de $")
# « comment passer de 13 à 15 ? », unlike « nous allons passer de 13 à 15 »: the first number still holds.
_TO_CHANGE = re.compile(r"(?<!\ballons )(?<!\bva )(?<!\bvont )(?<!\bvenons de )(?<!\bvient de )\bpasser de $")
SOME = Count(2, None)  # « quelques » says more than one, and no more
_AGAIN = {"autant": 1, "le double": 2, "le triple": 3}
_LACKING = re.compile(r"\ben manque(?:ra)?(?: plus)?(?: que| qu')? ?$")
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50}
_LONGEST = 9  # digits: beyond, it is an identifier
_ENOUGH = 60  # numbers: beyond, a text is a table and not a question


@dataclass(frozen=True)
class Number:
    """A quantity with its bounds and its place in the folded text; ``value`` is what was written."""

    value: float
    count: Count
    start: int
    end: int


def joins(plain: str, end: int) -> bool:
    """Whether what is counted joins the project: « deux de plus », « trois nous rejoignent »."""
    return bool(_JOINS_AFTER.match(plain, end))


def leaves(plain: str, end: int) -> bool:
    """Whether what is counted leaves the project: « deux de moins », « trois se retirent »."""
    return bool(_LEAVES_AFTER.match(plain, end))


def _from_words(words: str) -> int:
    total = current = 0
    for word in re.split(r"[ -]+", words):
        if word == "et":
            continue
        value = _UNITS[word]
        if value == 1000:
            total, current = total + max(current, 1) * 1000, 0
        elif value == 100:
            current = max(current, 1) * 100
        elif value == 20 and current % 100 == 4:
            current = current - 4 + 80
        else:
            current += value
    return total + current


def _from_roman(numeral: str) -> int:
    values = [_ROMAN[letter] for letter in numeral]
    return sum(
        -value if value < following else value
        for value, following in zip(values, [*values[1:], 0], strict=True)
    )


def _near(value: int) -> Count:
    spread = max(2, math.ceil(value * 0.1))
    return Count(max(0, value - spread), value + spread)


def _bounds(plain: str, start: int, end: int, value: int) -> tuple[Count, int]:
    before = plain[max(0, start - 24) : start]
    for pattern, count in (
        (_LESS, Count(0, max(0, value - 1))),
        (_MORE, Count(value + 1, None)),
        (_LEAST, Count(value, None)),
        (_MOST, Count(0, value)),
        (_NEAR, _near(value)),
    ):
        if found := pattern.search(before):
            return count, start - (len(before) - found.start())
    if _MORE_AFTER.match(plain, end):
        return Count(value, None), start
    if _MOST_AFTER.match(plain, end):
        return Count(0, value), start
    if _UNSURE.search(plain[max(0, start - 48) : start]):
        return _near(value), start
    if _NEAR_AFTER.match(plain, end):
        return _near(value), start
    return Count.exactly(value), start


def find_numbers(plain: str, taken: Sequence[tuple[int, int]] = ()) -> list[Number]:
    """Return every quantity of a folded text, ranges merged into one.

    « une quinzaine », « entre 12 et 16 », « moins de 15 », « 50 ou plus » keep their bounds: an
    approximate number is never read as exact. ``taken`` are the parts of the text that write something else,
    as a day or the code of a département.
    """
    found: list[Number] = []
    for match in _NUMBER.finditer(plain):
        if len(found) == _ENOUGH:
            break
        if any(start < match.end() and match.start() < end for start, end in taken):
            continue
        previous = found[-1] if found else None
        number = _read(match, plain, previous)
        if number is None:
            continue
        if previous and (joined := _combined(previous, number, plain, match.start())):
            found[-1] = joined
        else:
            found.append(number)
    return found


def _read(match: re.Match[str], plain: str, previous: Number | None) -> Number | None:
    """Return the quantity that a match writes, or ``None`` for an article or the end of a reference."""
    start, end = match.span()
    if digits := match["about_digits"]:
        return Number(int(digits), _near(int(digits)), start, end)
    if about := match["about"]:
        return Number(_ABOUT[about], _near(_ABOUT[about]), start, end)
    if match["again"]:
        return _again(previous, match) if previous else None
    if match["some"]:
        return Number(SOME.low, SOME, start, end)
    if match["roman"]:
        value = _from_roman(match["roman"])
    elif words := match["words"]:
        if words in ("un", "une", "one", "six") and not (
            _counts(words, plain, start, end) or (previous and _one_after(previous, plain, start, end))
        ):
            return None
        value = _from_words(words)
    else:
        if plain[start - 1 : start] == "-" and not (previous and previous.end == start - 1):
            return None  # « L312-1 »
        digits = match["digits"].replace(" ", "").replace(".", "")
        if len(digits) > _LONGEST:
            return None
        value = int(digits)
        if match["decimals"]:
            return Number(float(f"{digits}.{match['decimals']}"), Count(value, value + 1), start, end)
    count, start = _bounds(plain, start, end, value)
    return Number(value, count, start, end)


def _again(previous: Number, match: re.Match[str]) -> Number | None:
    """Return as many as the quantity before, twice or three times as many."""
    times = next(times for words, times in _AGAIN.items() if match["again"].startswith(words))
    if not previous.count.exact:
        return None
    value = previous.count.low * times
    end = match.end() - match["again"].endswith(" ")  # « autant de SESSAD »: the noun follows
    return Number(value, Count.exactly(value), match.start("again"), end)


def _combined(previous: Number, number: Number, plain: str, start: int) -> Number | None:
    """Return the one quantity that two numbers write: a range, a result, or the end of « passer de 12 à 16 »."""
    if number.value != int(number.value) or plain.startswith(" de plus", number.end):
        return None
    value = int(number.value)
    if computed := _computed(previous, plain, start, number.end, value):
        return computed
    if not _joined(previous, plain, start, number.end):
        return None
    before = plain[max(0, previous.start - 30) : previous.start]
    if _TO_CHANGE.search(before):
        return Number(previous.value, previous.count, previous.start, number.end)
    if _CHANGING.search(before):
        return number
    opening = _RANGE.search(plain[max(0, previous.start - 12) : previous.start])
    begin = previous.start - len(opening[0]) if opening else previous.start
    low, high = sorted((int(previous.value), value))
    end = number.end
    if (maybe := _OR_MAYBE.fullmatch(plain, previous.end, start)) and maybe["place"]:
        end = (
            previous.end
        )  # « 13 en Bretagne, peut-être 15 »: the place between them is no part of the number
    return Number(value, Count(low, high), begin, end)


def _computed(previous: Number, plain: str, start: int, end: int, value: int) -> Number | None:
    """Return the result of « 20 ESSMS moins 6 », « 3 x 5 », « 15 ± 3 »; ``None`` for two plain numbers."""
    between = plain[previous.end : start]
    if not previous.count.exact:
        return None
    first = previous.count.low
    minus = _MINUS.fullmatch(between)
    if minus and first > value and (minus["sign"] == "moins" or _NOTHING_ELSE_AFTER.match(plain, end)):
        count = Count.exactly(first - value)
    elif _TIMES.fullmatch(between) and first * value < 10**9:
        count = Count.exactly(first * value)
    elif _GIVE_OR_TAKE.fullmatch(between):
        return Number(first, Count(max(0, first - value), first + value), previous.start, end)
    else:
        return None
    return Number(count.low, count, previous.start, end)


def _counts(word: str, plain: str, start: int, end: int) -> bool:
    """« un » and « une » are mostly articles: they count only before a noun this reader is asked about."""
    return (
        word == "six"
        or bool(_ONE.match(plain, end))
        or bool(_PART_OUT.match(plain, end) and _PART_OUT_BEFORE.search(plain[max(0, start - 8) : start]))
        or bool(_LACKING.search(plain[max(0, start - 16) : start]))
    )


def _one_after(previous: Number, plain: str, start: int, end: int) -> bool:
    """Whether « un » counts after another number: « 15 moins un », « 14 ESSMS en Bretagne et un en Normandie »."""
    between = plain[previous.end : start]
    if _MINUS_BEFORE.fullmatch(between) or (
        _BESIDE_SOME.fullmatch(between) and _ONE_OF_THEM.match(plain, end)
    ):
        return True
    return bool(
        _ONE_MORE_BEFORE.search(between)
        and _SOMEWHERE.search(between)
        and _SOMEWHERE_AFTER.match(plain, end)
        and not _ANOTHER_NOUN.search(between)
        and not _ANOTHER_PLACE.search(between)
        and not re.search(r"[.;?!]", between)
    )


def _joined(previous: Number, plain: str, start: int, end: int) -> bool:
    """Whether two numbers are the bounds of a range: « entre 12 et 16 », « 12 à 16 », « 12-16 »."""
    between = plain[previous.end : start]
    if between == " et ":
        return bool(re.search(r"(?:entre|between)\s+$", plain[: previous.start]))
    if maybe := _OR_MAYBE.fullmatch(between):
        return previous.count.exact and not (maybe["place"] and _ELSEWHERE_AFTER.match(plain, end))
    return between in (" a ", "-", " - ", " ou ") and previous.count.exact and "/" not in between


# « un », « une » are articles, and « neuf » is also new.
_FIRST_WORDS = "|".join(sorted(_UNITS.keys() - {"un", "une", "one", "neuf"}, key=len, reverse=True))
_NEXT_WORDS = "|".join(sorted(_UNITS, key=len, reverse=True))
_IN_WORDS = re.compile(
    rf"(?<![\w-])(?:{_FIRST_WORDS}|neuf(?=[ -](?:mille|cent)))(?:(?:[ -]et)?[ -](?:{_NEXT_WORDS}))*(?![\w-])",
    re.IGNORECASE,
)


def in_digits(text: str) -> str:
    """Return the text with its whole numbers in digits: « quarante-huit » and « 48 » are then searched alike.

    Example:
        >>> in_digits("Nos vingt et un services et deux IME")
        'Nos 21 services et 2 IME'
    """
    return _IN_WORDS.sub(lambda match: str(_from_words(match[0].lower())), text)
