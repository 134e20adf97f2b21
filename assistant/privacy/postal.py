"""Postal addresses and dates of birth, in a text in simple characters (:func:`assistant.privacy.spans.plain`).

An address is a number and a way (« 14 rue des Acacias »), a named way (« rue Victor Hugo »), a place (« lieu-dit … »)
or a box (« BP 12345 », « CS 40123 »), with what completes it, over several lines: building, postal code, town, CEDEX.
A postal code and a town without any of these name a territory of the programme: they stay, as do « 12 places »,
« voie régionale », « BP 2025 » (a budget), amounts and every date but that of somebody's birth.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.privacy.vocabulary import UPPER, fold

_CAPITAL = rf"(?:[{UPPER}][\w'’-]*|(?:[dlDL]['’])[{UPPER}][\w'’-]*)"
_LINKS = r"(?:(?:de la|de|du|des|la|le|les|aux?|et|en|sur|sous|lès|DE LA|DE|DU|DES|LA|LE|LES|SUR|ET)[ ]|(?:de )?[dlDL]['’])"
_MONTHS = r"(?:janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre)"
_DAY_NAMED = rf"(?:du|DU)[ ]\d{{1,2}}(?:er)?[ ](?i:{_MONTHS})(?:[ ](?:18|19)\d\d)?"
_PROPER = rf"(?:{_DAY_NAMED}|{_LINKS}{{0,3}}{_CAPITAL}(?:[ ]{_LINKS}{{0,3}}{_CAPITAL}){{0,5}})"
_COMMON = rf"(?:{_LINKS}{{1,2}}[^\W\d_][\w'’-]+|[^\W\d_][\w'’-]{{3,}})"

_NUMBER = (
    r"(?<![\w.,/€-])(?<!\d )(?:n[°o][ ]?)?(?!(?:19|20)\d\d[ ,])\d{1,4}(?:[ ]?(?:bis|ter|quater|BIS|TER|[A-D]))?"
    r"(?:[ ]?[-/][ ]?\d{1,4}(?:[ ]?(?:bis|ter))?)?[ ]?,?[ ]{1,2}"
)
# After a number these are ways whatever follows; the others are other things too (« 1 place en EHPAD », « 3 voies »).
_WAY = (
    r"(?i:rue|avenue|av\.?|ave\.?|boulevard|bd\.?|bld|blvd|allées?|impasse|imp\.|chemin|chem\.|ch\.|route|rte|quai|"
    r"ruelle|venelle|sentier|sente|faubourg|fbg|esplanade|promenade|rond-point|chaussée|traverse|montée|lotissement|"
    r"lot\.|hameau)"
)
_OTHER_WAY = (
    r"(?i:place|pl\.|square|cours|cour|cité|résidence|villa|clos|domaine|parvis|passage|côte|digue|voie|mail)"
)
# A name with capitals makes an address of these without a number.
_NAMED_WAY = r"(?<![\w-])(?:[Rr]ue|RUE|[Aa]venue|AVENUE|[Bb]oulevard|BOULEVARD|Allée|ALLÉE|ALLEE|[Ii]mpasse|IMPASSE|[Rr]uelle|[Cc]hemin|CHEMIN|[Qq]uai|QUAI)"
_SPOT = r"(?<![\w-])(?i:lieu[- ]dit|zone (?:artisanale|industrielle|d['’]activités?)|Z\.?A\.?C?\.?|Z\.?I\.?|parc d['’]activités?)"
_BOX = r"(?<![^\W\d])(?<!-)(?:B\.?P\.?|C\.?S\.?|TSA)[ ]?(?:n[°o][ ]?)?(?!(?:19|20)\d\d(?!\d))\d{2,5}(?![\d€])(?![ ]?(?:€|euros|%|\d{3}))"
_TOWN = rf"\d{{5}}[ ]{{1,3}}(?!(?i:euros?|eur|€)\b){_CAPITAL}(?:[ ]{_LINKS}?{_CAPITAL}){{0,4}}(?:(?:[ ](?i:cedex)|(?<=[Cc]edex)|(?<=CEDEX))(?:[ ]\d{{1,2}}(?!\d))?)?"
_BREAK = r"[ ]?[,;|-]?[ ]{0,2}(?:\r?\n[> \t]{0,4})?[ ]?-?[ ]{0,2}"
_COMPLEMENT = (
    rf"(?:{_BOX}|(?i:bâtiment|bât\.?|bat\.?|immeuble|appartement|appt?\.?|esc(?:alier)?\.?|étage|porte|entrée)[ ]"
    rf"(?:[A-Z]\b|\d{{1,3}}\b|[{UPPER}][\w'’-]+)|\d{{1,2}}(?:er|e|ème)[ ]étage|{_SPOT}[ ]{_PROPER})"
)
_STREET = (
    rf"(?:{_NUMBER}(?:{_WAY}[ ](?:{_PROPER}|{_COMMON})|{_OTHER_WAY}[ ]{_PROPER})|{_NAMED_WAY}[ ]{_PROPER})"
)
_RESIDENCE = rf"(?:(?i:résidence|immeuble|bâtiment)[ ]{_PROPER}{_BREAK}(?={_NUMBER}))"
_START = rf"(?:{_RESIDENCE}?{_STREET}|{_SPOT}[ ]{_PROPER}|{_BOX})"
_ADDRESS = re.compile(rf"{_START}(?:{_BREAK}(?:{_COMPLEMENT}|{_STREET})){{0,3}}(?:{_BREAK}{_TOWN})?")


def find_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Return where the postal addresses of a text in simple characters are."""
    for match in _ADDRESS.finditer(text):
        if not _is_count(match[0]):
            yield match.span()


_COUNT = re.compile(
    r"\d{1,4} (?i:place|cours|cour|résidence|villa|cité|voie|domaine)s? (?:d['’]|de |du |des |en |à )?(?P<of>[\w-]+)"
)


def _is_count(address: str) -> bool:
    """Say whether « 1 place de SSIAD » counts rather than leads somewhere: an acronym is no name of a way."""
    counted = _COUNT.match(address)
    return bool(counted and len(counted["of"]) > 1 and counted["of"].isupper() and not address.isupper())


_DATE = (
    rf"(?:\d{{1,2}}[ ]?[./-][ ]?\d{{1,2}}[ ]?[./-][ ]?(?:19|20)?\d\d|(?:19|20)\d\d-\d\d-\d\d"
    rf"|\d{{1,2}}(?:er)?[ ](?:{_MONTHS}|janv\.?|févr?\.?|avr\.?|juil\.?|sept\.?|oct\.?|nov\.?|déc\.?|fevrier|aout|decembre)[ ](?:19|20)\d\d)(?!\d)"
)
_BIRTH = re.compile(
    rf"(?:\bn[ée](?:\(e\)|\.e|·e|e)?s?[ ](?:en[ ](?P<year>(?:19|20)\d\d)(?!\d)|(?:le[ ])?(?:\w{{5,8}}[ ])?(?P<day>{_DATE}))"
    rf"|(?:\bdates?[ ]de[ ]naissance|\bD\.?D\.?N\.?|\bnaissance)[ ]?[:=-]?[ ]?(?:le[ ])?(?P<named>{_DATE}))",
    re.IGNORECASE,
)
# What is born without being somebody.
_THINGS = re.compile(
    r"\b(?:program\w+|projets?|associations?|groupements?|fondations?|structures?|etablissements?|services?|dispositifs?|"
    r"organismes?|federations?|gcsms|gcs|unions?|reseaux?|societes?|entreprises?|mutuelles?|plans?|segur|collectifs?|"
    r"outils?|logiciels?|reforme|loi|agences?|cnsa|ars|grades|idees?|poles?|ehpad|ime|ssiad|saad|cooperation)\b"
)
_PEOPLE = re.compile(
    r"\b(?:m\.|mme|mlle|monsieur|madame|residente?|usagere?|patiente?|enfants?|fils|fille|mere|pere|jeune|beneficiaire|"
    r"epouse|mari|personne|bebe|\[x+\])"
)
_SENTENCE_END = re.compile(r"[!?\n]|(?<!\bm)\.(?= )")


def find_births(text: str) -> Iterator[tuple[int, int]]:
    """Return where the dates of birth of people are; a programme or an association born some day is nobody."""
    for match in _BIRTH.finditer(text):
        group = next(name for name in ("year", "day", "named") if match[name])
        if group == "named" or _is_of_somebody(text, match.start()):
            yield match.span(group)


def _is_of_somebody(text: str, place: int) -> bool:
    before = fold(text[max(0, place - 120) : place])
    before = before[max((end.end() for end in _SENTENCE_END.finditer(before)), default=0) :]
    thing = max((found.start() for found in _THINGS.finditer(before)), default=-1)
    person = max((found.start() for found in _PEOPLE.finditer(before)), default=-1)
    return thing < 0 or person > thing
