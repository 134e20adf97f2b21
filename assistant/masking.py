"""What identifies a person or an account in a text: found, and replaced by what it was.

Pure: no file, no network. What is masked: e-mail addresses (« nom [at] domaine » too), telephone numbers, social
security numbers (NIR), IBAN and SIRET. What is never: amounts, dates, years, the nine digits of a FINESS or SIREN
number, postal codes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What may be found, in the order in which it wins over what overlaps it."""

    E_MAIL = "adresse électronique"
    IBAN = "IBAN"
    NIR = "numéro de sécurité sociale"
    SIRET = "numéro SIRET"
    TELEPHONE = "numéro de téléphone"


_MASKS = {
    Kind.E_MAIL: "[adresse électronique masquée]",
    Kind.IBAN: "[IBAN masqué]",
    Kind.NIR: "[numéro de sécurité sociale masqué]",
    Kind.SIRET: "[numéro SIRET masqué]",
    Kind.TELEPHONE: "[numéro de téléphone masqué]",
}


_ROUNDS = 3  # a number written against another is found once that one is


@dataclass(frozen=True)
class Span:
    """Where something was found: ``text[start:end]``."""

    start: int
    end: int
    kind: Kind


def mask(text: str) -> str:
    """Return the text with what :func:`find` finds replaced by its name in brackets.

    Example:
        >>> mask("Écrivez à prenom.nom@example.org ou au 01 99 00 12 34.")
        'Écrivez à [adresse électronique masquée] ou au [numéro de téléphone masqué].'
    """
    parts, last = [], 0
    for span in find(text):
        parts += [text[last : span.start], _MASKS[span.kind]]
        last = span.end
    return "".join([*parts, text[last:]])


def find(text: str) -> list[Span]:
    """Return what identifies somebody, in the order of the text; no two spans overlap."""
    plain, places = _plain(text)
    taken: list[tuple[int, int, Kind]] = []
    for _ in range(_ROUNDS):
        before = len(taken)
        for kind, finder in _FINDERS:
            found: list[tuple[int, int]] = []
            for start, end in finder(plain):
                if all(end <= other or start >= stop for other, stop in found):
                    found.append((start, end))
            taken += [(start, end, kind) for start, end in found]
            plain = _blank(plain, found)
        if len(taken) == before:
            break
    return sorted(
        (Span(places[start], places[end - 1] + 1, kind) for start, end, kind in taken),
        key=lambda span: span.start,
    )


def _blank(text: str, spans: list[tuple[int, int]]) -> str:
    """Return the text with empty lines for spans: what was written against one of them stands alone."""
    parts, last = [], 0
    for start, end in sorted(spans):
        parts += [text[last:start], "\n" * (end - start)]
        last = end
    return "".join([*parts, text[last:]])


def _plain(text: str) -> tuple[str, list[int]]:
    """Return the text in simple characters, and where each came from.

    Full-width signs, digits of other scripts, kinds of spaces and dashes are written one way; what has no width
    (a soft hyphen, a joiner), with which a number can be cut invisibly, is left out.
    """
    characters, places = [], []
    for place, character in enumerate(text):
        if character.isascii():
            simple = character
        else:
            category = unicodedata.category(character)
            if category in ("Cf", "Mn"):
                continue
            if category == "Nd":
                simple = str(unicodedata.digit(character))
            elif category == "Zs":
                simple = " "
            elif category == "Pd":
                simple = "-"
            else:
                wide = unicodedata.normalize("NFKC", character)
                simple = wide if len(wide) == 1 else character
        characters.append(simple)
        places.append(place)
    return "".join(characters), places


# The sign of an address as it is typed, or as people write it to hide it from robots; then its dots.
_AT = re.compile(
    r" {0,2}(?:@|&#64;|%40) {0,2}|\s{0,2}[\[({<]\s?(?:at|arobase|arobas|@)\s?[\])}>]\s{0,2}"
    r"|\s{1,2}(?:at|arobase|arobas)\s{1,2}",
    re.IGNORECASE,
)
_DOMAIN = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63}){0,6}\.[^\W\d_]{2,24}(?![^\W\d]|@)")
_DOT = r"(?:\s?\.\s?|\s{0,2}[\[({<]\s?(?:dot|point|\.)\s?[\])}>]\s{0,2}|\s{1,2}(?:dot|point)\s{1,2})"
_HIDDEN_DOMAIN = re.compile(
    rf"[\w-]{{1,63}}(?:{_DOT}[\w-]{{1,63}}){{0,3}}?{_DOT}[^\W\d_]{{2,24}}(?![^\W\d]|@)", re.IGNORECASE
)
_LOCAL = re.compile(r"[\w.+'’&%-]")


def _addresses(text: str) -> Iterator[tuple[int, int]]:
    last = 0  # where the address before ends: no character is read twice, however long the text
    for at in _AT.finditer(text):
        domain = _DOMAIN.match(text, at.end()) or _HIDDEN_DOMAIN.match(text, at.end())
        if not domain:
            continue
        start = at.start()
        while start > last and _LOCAL.match(text, start - 1):
            start -= 1
        if start < at.start():
            last = domain.end()
            yield start, last


_IBAN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d\d(?:[ .-]?[A-Z0-9]){11,30}", re.IGNORECASE)
_IBAN_FRANCE = re.compile(
    r"FR\d\d(?:[ .-]?\d){10}(?:[ .-]?[A-Z0-9]){11}(?:[ .-]?\d){2}(?![A-Z0-9])", re.IGNORECASE
)
_WORD_END = re.compile(r"[A-Z0-9](?![A-Z0-9])", re.IGNORECASE)


def _ibans(text: str) -> Iterator[tuple[int, int]]:
    """Find IBANs by their check digits; a French one that is mistyped by its shape."""
    from stdnum import iban

    place = 0
    while candidate := _IBAN.search(text, place):
        start, end = candidate.span()
        french = _IBAN_FRANCE.match(text, start)
        stops = (stop for stop in range(end, start + 14, -1) if _WORD_END.match(text, stop - 1))
        found = next((stop for stop in stops if iban.is_valid(text[start:stop])), french and french.end())
        if found:
            yield start, found
        place = found or start + 1


_NIR = re.compile(
    r"(?<![A-Z0-9])[1-478][ .-]?\d\d[ .-]?(?P<month>\d\d)[ .-]?(?:\d\d|2[AB])[ .-]?\d{3}[ .-]?\d{3}"
    r"(?:[ ./-]{0,3}\d\d)?(?![A-Z0-9])",
    re.IGNORECASE,
)


def _social_security_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Find NIRs by their key; mistyped or without it, those of people born in France by sex and month."""
    from stdnum.fr import nir

    for match in _NIR.finditer(text):
        month = int(match["month"])
        plausible = match[0][0] in "12" and (1 <= month <= 12 or 20 <= month <= 42 or month >= 50)
        if plausible or nir.is_valid(re.sub(r"[ ./-]", "", match[0])):
            yield match.span()


_SIRET = re.compile(
    r"(?<!\d)(?P<announced>SIRET\D{1,20})?(?P<number>\d{3}[ .-]?\d{3}[ .-]?\d{3}[ .-]?\d{5})(?!\d)",
    re.IGNORECASE,
)


def _siret_numbers(text: str) -> Iterator[tuple[int, int]]:
    from stdnum.fr import siret

    for match in _SIRET.finditer(text):
        if match["announced"] or siret.is_valid(re.sub(r"\D", "", match["number"])):
            yield match.span("number")


_NATIONAL = re.compile(r"(?<!\d)(?<!\d[.,a-z])0[1-9](?:[ ./-]{0,2}\d){8}(?!\d)")
# How many digits between two separators: « 01 09 2025 15 » has those of a date, and is none.
_GROUPINGS = {
    (10,),
    (2, 2, 2, 2, 2),
    (2, 8),
    (4, 6),
    (4, 2, 2, 2),
    (4, 3, 3),
    (2, 4, 4),
    (2, 2, 2, 4),
    (3, 3, 4),
}


def _telephones(text: str) -> Iterator[tuple[int, int]]:
    """Find French numbers by how they are written, and those of any country that open with their prefix."""
    from phonenumbers import Leniency, PhoneNumberMatcher

    for match in _NATIONAL.finditer(text):
        if tuple(len(group) for group in re.findall(r"\d+", match[0])) in _GROUPINGS:
            yield match.span()
    for found in PhoneNumberMatcher(text, "FR", Leniency.POSSIBLE):
        if found.raw_string.lstrip("([ ").startswith(("+", "00")):
            yield found.start, found.end


_FINDERS: tuple[tuple[Kind, Callable[[str], Iterator[tuple[int, int]]]], ...] = (
    (Kind.E_MAIL, _addresses),
    (Kind.IBAN, _ibans),
    (Kind.NIR, _social_security_numbers),
    (Kind.SIRET, _siret_numbers),
    (Kind.TELEPHONE, _telephones),
)
