"""Hold what was found in one message: its numbers with their nouns, its places and its categories."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.understanding import holders
from assistant.understanding.categories import Found
from assistant.understanding.nouns import Noun, Quantity
from assistant.understanding.places import Place
from assistant.understanding.text import Folded
from corpus.categories import load_categories

_BEFORE_PLACE = re.compile(
    r"(?: (?:(?:tous|toutes|repartis?|reparties?|situes?|situees?|implantes?|implantees?|bases?|basees?|seulement|uniquement|autres?|sont|membres) ?)*)?(?:,? ?(?:a|au|aux|en|dans|sur|chez|cote|vers|du cote d[eu]|pres d[eu]|autour d[eu]|dans le|dans la|dans les|in|de|d'|la|le|les|du|des) ?)*(?:l')?"
)
LIST_LINK = re.compile(
    r" ?, ?| et | puis | \+ ?| et (?:non|pas)(?: pas)? |, (?:pas|non) | au lieu (?:de |d')"
)


@dataclass(frozen=True)
class Message:
    """A folded text with the numbers, places and categories found in it, in order."""

    folded: Folded
    quantities: list[Quantity]
    places: list[Place]
    found: list[Found]

    @property
    def plain(self) -> str:
        """Return the folded text."""
        return self.folded.plain

    def place_after(self, end: int) -> Place | None:
        """Return the place named right after ``end``, if any."""
        for place in self.places:
            if place.start >= end and _BEFORE_PLACE.fullmatch(self.plain, end, place.start):
                return place
        return None

    def region_after(self, end: int) -> str:
        """Return the region of the place named right after ``end``, empty when there is none."""
        place = self.place_after(end)
        return place.region if place else ""

    def listed(self, quantity: Quantity) -> bool:
        """Whether a number opens or goes on a list whose last one carries the noun: « 5, 6 et 4 ESSMS »."""
        if quantity.number.value > holders.LARGEST_PROJECT or quantity.noun is not Noun.NONE:
            return False
        following = next((other for other in self.quantities if other.start >= quantity.end), None)
        if following is None or not LIST_LINK.fullmatch(self.plain, quantity.end, following.start):
            return False
        return following.noun is Noun.ESSMS or self.listed(following)

    def before(self, quantity: Quantity) -> Quantity | None:
        """Return the quantity told just before another."""
        place = self.quantities.index(quantity)
        return self.quantities[place - 1] if place else None

    def our_own(self, quantity: Quantity) -> bool:
        """Whether a number counts others beside one's own structure: « mon EHPAD », then « 14 autres structures »."""
        if not holders.counts_others(self.plain, quantity):
            return False
        if quantity.found is None and holders.our_own_structure(self.plain, quantity.start):
            return True
        return any(self.is_our_own(found, quantity) for found in self.found)

    def is_our_own(self, found: Found, quantity: Quantity) -> bool:
        """Whether a category named before a number of others is one's own, and counts with them."""
        if found.end > quantity.start or not holders.our_own_category(self.plain, found.start):
            return False
        if quantity.found is None:
            return load_categories()[found.categorie].outcome == "yes"
        return found.categorie == quantity.found.categorie
