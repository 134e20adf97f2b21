"""Numbers and addresses that identify a person or an account, told from the figures of the programme.

Pure: no file, no network. What is found: e-mail addresses (« nom [at] domaine » too), telephone numbers, social
security numbers (NIR), IBAN and SIRET, on one line or several, with spaces, tabs or signs between the figures. What
is never: amounts, dates, years, the nine digits of a FINESS or SIREN number, postal codes.

What cannot be told from an amount or a list is left as it is:

- any number before a currency (« 0123456789 € »), and one after « + » written by thousands (« + 33 612 345 678 »);
- ten digits by two that hardly grow (« 01 02 03 04 05 »), or that grow between commas, bars, tabs or lines, unless
  they begin as a mobile telephone does; those between commas and spaces, or in a longer list;
- digits written one by one, unless spaces or signs alike, and not tabs, commas or lines, part all ten of them;
- a NIR cut by commas, bars, tabs or lines, if its key is wrong or missing and its name is not just before it;
- « a » and « at » for the sign of an address where no usual domain follows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from assistant.privacy.spans import Kind, blank


def find_identifiers(text: str) -> list[tuple[int, int, Kind]]:
    """Return what is found in a text in simple characters; nothing overlaps.

    A number written against another is found once that one is: by searching again around what was found.
    """
    taken: list[tuple[int, int, Kind]] = []
    for kind, finder in _FINDERS:
        found: list[tuple[int, int]] = []
        covered = bytearray(len(text))
        for start, end in finder(text):
            if not any(covered[start:end]):
                found.append((start, end))
                covered[start:end] = b"\1" * (end - start)
        taken += [(start, end, kind) for start, end in found]
        text = blank(text, found)
    return taken


# What may part the figures of a number; and what says, after it, that it is an amount.
_GAP = r"[\s._·,|/-]{0,3}"
_CURRENCY = re.compile(
    r"(?:[.,]\d{1,2})?\s{0,3}(?:[km]?€|mds?\s?€|euros?\b|(?:[km]|mds?\s?)?eur\b|(?:million|milliard)s?\b)",
    re.IGNORECASE,
)

# The sign of an address as it is typed, or as people write it to hide it from robots; then its dots. « at » and
# « (a) » have other uses: only a usual domain after them, and a letter before, make an address.
_BREAK = r"[^\S\n]{0,2}\n?[^\S\n]{0,2}"
_AT = re.compile(
    rf"{_BREAK}(?:@|&#64;|%40){{1,3}}{_BREAK}"
    r"|\s{0,2}[\[({<]\s?(?:at|arobase|arobas|@)\s?[\])}>]\s{0,2}"
    r"|\s{1,2}(?:arobase|arobas)\s{1,2}|[_-]{1,2}(?:arobase|arobas)[_-]{1,2}"
    r"|(?P<word>\s{1,2}at\s{1,2}|[_-]{1,2}at[_-]{1,2})|(?P<letter>\s{0,2}[\[(]\s?a\s?[\])]\s{0,2})",
    re.IGNORECASE,
)
_DOMAIN = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63}){0,6}\.[^\W\d_]{2,24}(?![^\W\d]|@)")
_DOT = r"(?:\s?\.\s?|\s{0,2}[\[({<]\s?(?:dot|point|\.)\s?[\])}>]\s{0,2}|\s{1,2}(?:dot|point)\s{1,2})"
_HIDDEN_DOMAIN = re.compile(
    rf"[\w-]{{1,63}}(?:{_DOT}[\w-]{{1,63}}){{0,3}}?{_DOT}[^\W\d_]{{2,24}}(?![^\W\d]|@)", re.IGNORECASE
)
_USUAL_END = re.compile(r"(?<![^\W\d_])(?:[a-z]{2}|com|org|net|info|pro|asso|email)\Z", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")
_LOCAL = re.compile(r"[\w.+'’&%-]")
_QUOTED = re.compile(r'"[^"\[\]\n]{1,64}"\Z')


# What all the signs hold, found much faster than they are; then how far around it they may reach.
_AT_CORE = re.compile(r"@|&#64;|%40|arobas|(?<![^\W_])at(?![^\W_])|(?<=[\[(\s])a(?=[\])\s])", re.IGNORECASE)
_REACH = 12


def _signs(text: str) -> Iterator[re.Match[str]]:
    """Return the signs of addresses, in order, as ``_AT.finditer`` would."""
    place = 0
    for core in _AT_CORE.finditer(text):
        while core.end() > place and (
            at := _AT.search(text, max(place, core.start() - _REACH), core.end() + _REACH)
        ):
            yield at
            place = at.end()


def _addresses(text: str) -> Iterator[tuple[int, int]]:
    last = 0  # where the address before ends: no character is read twice, however long the text
    for at in _signs(text):
        domain = _DOMAIN.match(text, at.end()) or (
            None if at["letter"] else _HIDDEN_DOMAIN.match(text, at.end())
        )
        doubtful = at["word"] or at["letter"]
        if not domain or (doubtful and not _USUAL_END.search(domain[0][-6:])):
            continue
        start = _start_of_local(text, last, at.start())
        if start < at.start() and (not doubtful or _LETTER.search(text, start, at.start())):
            last = domain.end()
            yield start, last


def _start_of_local(text: str, last: int, end: int) -> int:
    """Return where what is before the sign of an address begins, not before ``last``."""
    if quoted := _QUOTED.search(text, max(last, end - 66), end):
        return quoted.start()
    start = end
    while start > last and _LOCAL.match(text, start - 1):
        start -= 1
    return start


_IBAN = re.compile(
    rf"(?:(?<![A-Z0-9])|(?<=IBAN)|(?<=RIB))(?:[A-Z]{{2}}|FR\s)\d\d(?:{_GAP}[A-Z0-9]){{11,30}}", re.IGNORECASE
)
_IBAN_FRANCE = re.compile(
    rf"FR\s?\d\d(?:{_GAP}\d){{10}}(?:{_GAP}[A-Z0-9]){{11}}(?:{_GAP}\d){{2}}(?![A-Z0-9])", re.IGNORECASE
)
_GAPS = re.compile(r"[\s._·,|/-]+")
_WORD_END = re.compile(r"[A-Z0-9](?![A-Z0-9])", re.IGNORECASE)


def _ibans(text: str) -> Iterator[tuple[int, int]]:
    """Find IBANs by their check digits; a French one that is mistyped by its shape."""
    from stdnum import iban

    place = 0
    while candidate := _IBAN.search(text, place):
        start, end = candidate.span()
        french = _IBAN_FRANCE.match(text, start)
        stops = (stop for stop in range(end, start + 14, -1) if _WORD_END.match(text, stop - 1))
        found = next(
            (stop for stop in stops if iban.is_valid(_GAPS.sub("", text[start:stop]))),
            french and french.end(),
        )
        if found:
            yield start, found
        place = found or start + 1


_NIR = re.compile(
    rf"(?:(?<![A-Z0-9])|(?<=NIR)|(?<=NSS)|(?<=INS)|(?<=SECU)|(?<=SÉCU))"
    rf"(?P<number>[1-478]{_GAP}\d\d{_GAP}(?P<month>\d\d){_GAP}(?:\d\d|2[AB]){_GAP}\d{{3}}{_GAP}\d{{3}})"
    rf"(?:(?P<named>[\s,;/-]{{0,3}}\(?\s?cl[ée]\s?[:=]?\s?)(?P<key>\d\d)\)?|(?P<gap>{_GAP})(?P<last>\d\d))?"
    r"(?![A-Z0-9])",
    re.IGNORECASE,
)
_LISTS = re.compile(r"[,|\t\r\n]")
_NIR_NAMED = re.compile(
    r"(?:\b(?:NIR|NSS|INS)|s[ée]cu(?:rit[ée] sociale)?)(?: n[°o])?[\s:.]{0,3}\Z", re.IGNORECASE
)


def _social_security_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Find NIRs by their key; mistyped or without it, those of people born in France by sex and month."""
    from stdnum.fr import nir

    for match in _NIR.finditer(text):
        if _CURRENCY.match(text, match.end()):
            continue
        number, key = match["number"], match["key"] or match["last"] or ""
        month = int(match["month"])
        likely = number[0] in "12" and (1 <= month <= 12 or 20 <= month <= 42 or month >= 50)
        if _LISTS.search(number):
            likely = likely and bool(_NIR_NAMED.search(text, max(0, match.start() - 30), match.start()))
        valid = nir.is_valid(_GAPS.sub("", number) + key)
        if valid or likely:
            # Without a right key, two figures after a comma or on another line are something else.
            whole = valid or not (match["gap"] and _LISTS.search(match["gap"]))
            yield match.start(), match.end() if whole else match.end("number")


_SIRET = re.compile(
    r"(?<!\d)(?P<announced>SIRET[^\d\]]{1,20})?(?P<number>\d{3}[ .-]?\d{3}[ .-]?\d{3}[ .-]?\d{5})(?!\d)",
    re.IGNORECASE,
)


def _siret_numbers(text: str) -> Iterator[tuple[int, int]]:
    from stdnum.fr import siret

    for match in _SIRET.finditer(text):
        if _CURRENCY.match(text, match.end()):
            continue
        if match["announced"] or siret.is_valid(re.sub(r"\D", "", match["number"])):
            yield match.span("number")


_NATIONAL = re.compile(rf"(?<!\d)(?<!\d[.,a-z])\(?0{_GAP}[1-9](?:\)?{_GAP}\d){{8}}(?!\d)")
# How many digits between two separators: « 01 09 2025 15 » has those of a date, and is none.
_PAIRS = (2, 2, 2, 2, 2)
_ONE_BY_ONE = (1,) * 10
_GROUPINGS = {
    _PAIRS,
    _ONE_BY_ONE,
    (10,),
    (2, 8),
    (4, 6),
    (4, 2, 2, 2),
    (4, 3, 3),
    (2, 4, 4),
    (2, 2, 2, 4),
    (3, 3, 4),
    (2, 3, 3, 2),
    (2, 2, 3, 3),
    (2, 3, 2, 3),
}
_YEARS = re.compile(r"(?:19|20)\d\d\D+(?:19|20)\d\d\Z")
# What makes a list longer; « 15 ESSMS » on the line before or after does not.
_PAIR_BEFORE = re.compile(r"(?:(?<!\d)\d\d\s?([,|])|(?:\A|\n)\d\d\s?(\n))\s?\Z")
_PAIR_AFTER = re.compile(r"\s?(?:([,|])|(\n))\s?\d\d(?!\d| (?!et\b|ou\b)[^\W\d])")

# Those of France and of its territories with their prefix: « +33 (0)6… », « 0033 6… », « 33 6… ».
_PREFIXED = re.compile(
    rf"(?<![\d+])(?<!\d[.,])\(?(?P<sign>(?:\+|00){_GAP})?(?P<country>33|262|590|594|596)\)?{_GAP}(?P<zero>\(0\)|0)?{_GAP}"
    rf"(?P<rest>[1-9](?:{_GAP}\d){{8}})(?!\d)"
)
_BY_THOUSANDS = re.compile(r"\(?(?:\+\s+)?\d{1,3}(?:[ .]\d{3}){2,}")
_ALONE = {(11,), (2, 9), (2, 1, 2, 2, 2, 2)}  # groupings of those without « + » nor « 00 »
_OPENING = re.compile(r"\+|(?<!\d)(?<!\d[ .])00(?!0)")
_ONE_WIDTH = str.maketrans("\t·_", " .-")


def _telephones(text: str) -> Iterator[tuple[int, int]]:
    """Find French numbers by how they are written, and those of any country that open with their prefix."""
    from phonenumbers import Leniency, PhoneNumberMatcher

    yield from _matches(_PREFIXED, text, _is_prefixed)
    yield from _matches(_NATIONAL, text, _is_national)
    for line_start, line in _lines_with(_OPENING, text):
        for found in PhoneNumberMatcher(line.translate(_ONE_WIDTH), "FR", Leniency.VALID):
            start, end = line_start + found.start, line_start + found.end
            opens = found.raw_string.lstrip("([ ").startswith(("+", "00"))
            amount = _CURRENCY.match(text, end) or _BY_THOUSANDS.fullmatch(found.raw_string)
            if opens and not amount:
                yield start, end


def _lines_with(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, str]]:
    """Return each line that holds a pattern, with where it begins: reading the others for telephones takes long."""
    end = -1
    for match in pattern.finditer(text):
        if match.start() > end:
            start = text.rfind("\n", 0, match.start()) + 1
            end = text.find("\n", match.start())
            end = len(text) if end < 0 else end
            yield start, text[start:end]


def _matches(
    pattern: re.Pattern[str], text: str, accept: Callable[[re.Match[str]], bool]
) -> Iterator[tuple[int, int]]:
    """Return where a pattern is and is accepted; within what is refused, another may begin."""
    place = 0
    while match := pattern.search(text, place):
        accepted = not _CURRENCY.match(text, match.end()) and accept(match)
        if accepted:
            yield match.span()
        place = match.end() if accepted else match.start() + 1


def _is_national(match: re.Match[str]) -> bool:
    """Say whether ten digits are grouped as in a telephone number, and are no list."""
    written = match[0].replace("(", "").replace(")", "")
    groups = re.findall(r"\d+", written)
    gaps = re.findall(r"\D+", written)
    grouping = tuple(len(group) for group in groups)
    if grouping not in _GROUPINGS or _YEARS.search(written):
        return False
    if grouping == _ONE_BY_ONE and (len(set(gaps)) > 1 or _LISTS.search(gaps[0])):
        return False
    if any("," in gap and gap != "," for gap in gaps):
        return False
    if any(_LISTS.search(gap) for gap in gaps) and len({gap.strip() for gap in gaps}) > 1:
        return False
    return len(groups) < len(_PAIRS) or not _is_list(match, [int(group) for group in groups], gaps)


def _is_list(match: re.Match[str], values: list[int], gaps: list[str]) -> bool:
    """Say whether figures that could be a telephone number are rather values in order, or part of a longer list."""
    steps = [after - before for before, after in pairwise(values)]
    if all(0 < step < 10 for step in steps):
        return True
    if not all(_LISTS.search(gap) for gap in gaps):
        return False
    if all(step > 0 for step in steps) and values[0] not in (6, 7):
        return True
    text, (start, end) = match.string, match.span()
    besides = (_PAIR_BEFORE.search(text, max(0, start - 6), start), _PAIR_AFTER.match(text, end))
    return any(beside and all((beside[1] or beside[2]) in gap for gap in gaps) for beside in besides)


def _is_prefixed(match: re.Match[str]) -> bool:
    """Say whether digits after the prefix of a country are a telephone number and no amount."""
    if match["sign"] or match["zero"] == "(0)":
        return not _BY_THOUSANDS.fullmatch(match[0])
    grouping = tuple(len(group) for group in re.findall(r"\d+", match[0]))
    return match["country"] == "33" and grouping in _ALONE and not _LISTS.search(match[0])


_FINDERS: tuple[tuple[Kind, Callable[[str], Iterator[tuple[int, int]]]], ...] = (
    (Kind.E_MAIL, _addresses),
    (Kind.IBAN, _ibans),
    (Kind.NIR, _social_security_numbers),
    (Kind.SIRET, _siret_numbers),
    (Kind.TELEPHONE, _telephones),
)
