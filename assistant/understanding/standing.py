"""Tell whether a number counts the ESSMS of the project, above all when its noun is left out."""

from __future__ import annotations

import re

from assistant.understanding import changes, holders, nouns
from assistant.understanding.message import LIST_LINK, Message
from assistant.understanding.nouns import Noun, Quantity
from assistant.understanding.numbers import SOME
from assistant.understanding.tally import Tally

_BEFORE_NUMBER = re.compile(r" (?:: ?)?")
_PLACE_OPENS = re.compile(
    r"(?:^|[,;:.?!(] ?|\bet |\bplus |\+ ?)(?:(?:en|a|au|aux|dans|pour|sur|la|le|les|l') ?)*$"
)
_PART_ENDS = re.compile(r" ?(?:$|[,;:.?!)+]|et\b|plus\b|soit\b)")
_WITH_DISTRICTS = ("paris", "lyon", "marseille")


def counts_essms(message: Message, quantity: Quantity, tally: Tally, *, bare: bool) -> bool:
    """Whether a number counts the project's ESSMS; ``bare`` when it alone answers a question about them."""
    plain, number = message.plain, quantity.number
    if number.value > holders.LARGEST_PROJECT or holders.of_the_rule(plain, quantity):
        return False
    if holders.of_any_manager(plain, quantity) or any(
        holders.sites_of_one(plain, found.end, quantity) for found in message.found
    ):
        return False
    if number.count == SOME:
        return holders.some_are_owned(plain, number)
    if quantity.noun is Noun.ESSMS:
        return True
    return quantity.noun is Noun.NONE and _stands_alone(message, quantity, tally, bare=bare)


def _stands_alone(message: Message, quantity: Quantity, tally: Tally, *, bare: bool) -> bool:
    """Whether a number whose noun is left out is the project's: « nous sommes 14 », « et 6 à Dijon »."""
    plain = message.plain
    if message.place_after(quantity.end) and holders.side_by_side(plain, quantity.start):
        return True
    if holders.reference(plain, quantity.start) or holders.measures(
        plain, message.before(quantity), quantity
    ):
        return False
    if _goes_on_unread(message, quantity, tally):
        return False
    told = holders.speaks_of_a_project(plain)
    if told and changes.now(plain, quantity):
        return True
    if " moins " in plain[quantity.start : quantity.end]:
        return True  # « 15 moins un »
    if tally.named and changes.dated(plain, quantity.start):
        return True
    if bare or holders.whole(plain, quantity.end) or message.place_after(quantity.end):
        return True
    if holders.is_enough(plain, quantity.number):
        return True
    if nouns.names_essms(plain) and _after_a_place(message, quantity):
        return True
    if _last_word(message, quantity) or changes.takes_part(plain, quantity.end):
        return True
    firmly = tally.named or quantity.number.value == 1  # « un dossier par établissement, ou un seul »
    return told and holders.held(plain, quantity.start, firmly=firmly)


def _goes_on_unread(message: Message, quantity: Quantity, tally: Tally) -> bool:
    """Whether a number ends a list whose others count nothing that is known: « le double : 10 et 5 »."""
    before = message.before(quantity)
    if before is None or before.noun is not Noun.NONE:
        return False
    linked = LIST_LINK.fullmatch(message.plain, before.end, quantity.start)
    return bool(linked) and before.number not in [total.number for total in tally.totals]


def _last_word(message: Message, quantity: Quantity) -> bool:
    """Whether a number ends a message that only names places, or corrects: « à Ajaccio, et 7 », « pardon, 14 »."""
    if len(message.quantities) > 1 or message.found or message.plain[quantity.end :].strip(" .!?"):
        return False
    named = bool(message.places) and message.plain[: quantity.start].endswith((", ", " et "))
    return named or changes.corrects(message.plain, quantity.start)


def is_share(message: Message, quantity: Quantity, tally: Tally) -> bool:
    """Whether a number without its noun is what one of the managers brings to a project."""
    if quantity.noun is not Noun.NONE or quantity.number.value > holders.LARGEST_PROJECT:
        return False
    counted = bool(tally.totals or any(mention.nombre for mention in tally.mentions))
    if counted or nouns.names_essms(message.plain):
        return holders.owned(message.plain, quantity)
    return holders.brought(message.plain, quantity)


def _after_a_place(message: Message, quantity: Quantity) -> bool:
    """Whether a number closes what a place opens: « en Bretagne 12, en Normandie 4 »; not « à Lyon 3 »."""
    return any(
        _BEFORE_NUMBER.fullmatch(message.plain, place.end, quantity.start)
        and _PLACE_OPENS.search(message.plain[: place.start][-20:])
        and _PART_ENDS.match(message.plain, quantity.end)
        and message.plain[place.start : place.end] not in _WITH_DISTRICTS
        for place in message.places
    )
