"""Add up what the numbers of a message count: ESSMS, structures of a category, regions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise, zip_longest

from assistant.rules.facts import CategoryMention, Count, Stated
from assistant.understanding import roles
from assistant.understanding.categories import Found
from assistant.understanding.negation import denied, opposite, replaced
from assistant.understanding.numbers import SOME, Number
from assistant.understanding.places import Place
from assistant.understanding.roles import Noun, Quantity
from assistant.understanding.text import Folded

_WITHIN = re.compile(
    r"\bmoins (?:les|nos|ses|ces)\b|\bdont\b|parmi (?:eux|elles|lesquels)|y compris|incluant|en comptant|en incluant|comprenant|sont(?: en fait)?(?: des| une?)?"
)
_OUT = re.compile(r"\bsans\b|hors|a part|en plus d|ainsi que|excepte")
_BEFORE_PLACE = re.compile(
    r"(?: (?:(?:tous|toutes|repartis?|reparties?|situes?|situees?|implantes?|implantees?|bases?|basees?|seulement|uniquement|autres?|sont|membres) ?)*)?(?:,? ?(?:a|au|aux|en|dans|sur|dans le|dans la|dans les|in|de|d'|la|le|les|du|des) ?)*(?:l')?"
)
_BEFORE_NUMBER = re.compile(r" (?:: ?)?")
_PLACE_OPENS = re.compile(
    r"(?:^|[,;:.?!(] ?|\bet |\bplus |\+ ?)(?:(?:en|a|au|aux|dans|pour|sur|la|le|les|l') ?)*$"
)
_PART_ENDS = re.compile(r" ?(?:$|[,;:.?!)+]|et\b|plus\b|soit\b)")
_WITH_DISTRICTS = ("paris", "lyon", "marseille")
_LIST_LINK = re.compile(
    r" ?, ?| et | puis | \+ ?| et (?:non|pas)(?: pas)? |, (?:pas|non) | au lieu (?:de |d')"
)
_TOTAL = re.compile(r"\btotal|\bsoit\b|=|en tout|ca fait|\bfait\b")
_SENTENCE_END = re.compile(r"[.?!;] ")
_OR = re.compile(r"\bou(?: alors| bien)?(?: une?(?: seule?| autre)?(?: \w+)? de)? $")
_ALSO = re.compile(
    r"\b(?:aussi|egalement|par ailleurs|en outre|s'y ajoutent|s'ajoutent)\b[^.;?!]*$|[.?!;] et (?:en|a|au|aux|dans|chez) [^.;?!]*$"
)
_COMES_WITH = re.compile(r",?(?: \w+){0,3} (?:avec|pour|gerant|ayant|totalisant|reunissant|representant) ")
# « financé par le département seul » is not a project alone.
_ON_ITS_OWN = re.compile(
    r"(?<!\bdepartement )(?<!\bdepartemental )(?<!\betat )(?<!\bars )(?<!\bun )(?<!\bune )\b(?:tou(?:t|te) )?(?:seule?|alone)\b(?! (?:regi|dossier|projet|fois|logiciel|dui))"
)
_PLURAL_BEFORE = (" les", " des", " nos", " ces")
_SINGLE_BEFORE = re.compile(r"(?:^|, |\bet |\bavec |\bplus )une? $")
_ONE_OR_MORE_REGIONS = re.compile(r"\bune? ou (?:deux|plusieurs) regions?")
_ONE_REGION = re.compile(r"\b(?:une (?:seule|meme|unique)|la meme|single) region\b")
_SEVERAL_REGIONS = re.compile(r"\b(?:plusieurs|differentes|diverses|several) regions\b")


@dataclass(frozen=True)
class Counts:
    """What the numbers of a message count."""

    essms: Stated[Count] | None
    variation: Stated[int] | None
    sans_finess: Stated[int] | None
    regions: Stated[Count] | None
    categories: tuple[CategoryMention, ...]


@dataclass(frozen=True)
class _Total:
    number: Number
    words: str
    noun: bool
    owned: bool = False  # told of one of the managers


@dataclass
class _Tally:
    """What the numbers read so far count."""

    totals: list[_Total] = field(default_factory=list)
    refused: list[_Total] = field(default_factory=list)
    mentions: list[CategoryMention] = field(default_factory=list)
    numbered: set[int] = field(default_factory=set)
    regions: Stated[Count] | None = None
    part_end: int = 0
    change: int = 0
    changed: str = ""
    with_finess: int | None = None
    without_finess: int = 0
    of_the_rule: bool = False  # the last number was the rule's

    @property
    def named(self) -> bool:
        """Whether a total was told with its noun: a number alone after it must say what it is."""
        return any(total.noun for total in self.totals)

    def sum_of_categories(self) -> int:
        """Return how many structures were told category by category, those within a total left out."""
        return sum(
            mention.nombre.low for mention in self.mentions if mention.nombre and not mention.within_total
        )


class Counter:
    """Reads the counts of one message from what was found in it."""

    def __init__(
        self, folded: Folded, numbers: list[Number], places: list[Place], found: list[Found]
    ) -> None:
        self._folded, self._plain = folded, folded.plain
        self._places, self._found = places, found
        self._quantities = roles.govern(folded.plain, numbers, found, places)

    def read(self, *, bare: bool) -> Counts:
        """Return the counts; ``bare`` when a number alone answers a question about the number of ESSMS."""
        tally = _Tally()
        taken: Quantity | None = None
        for quantity, following in roles.pairs(self._quantities):
            if quantity is taken or replaced(self._plain, quantity.start):
                continue
            if following and self._combine(quantity, following, tally):
                taken = following
            elif self._restates(quantity, tally):
                self._restart(quantity, tally)
            elif not self._aside(quantity, tally, bare=bare):
                self._count(quantity, tally, bare=bare and len(self._quantities) == 1)
        tally.mentions += self._unnumbered(tally)
        return self._conclude(tally)

    # --- One number after the other -------------------------------------------------------------------------
    def _combine(self, first: Quantity, second: Quantity, tally: _Tally) -> bool:
        """Count what adds up over two numbers: « 3 gestionnaires de 5 », « il en manque 2 pour arriver à 15 »."""
        if not (first.number.count.exact and second.number.count.exact):
            return False
        one, other = first.number.count.low, second.number.count.low
        managers, each = (second, first) if second.noun is Noun.MANAGER else (first, second)
        if roles.shared_out(self._plain, managers, each) and not self._listed(second):
            value = one * other
        elif roles.falls_short(self._plain, first, second):
            value, each = max(0, other - one), second
        else:
            return False
        number = Number(value, Count.exactly(value), first.start, second.end)
        if each.found:
            words = self._folded.words(first.start, max(first.stop, second.stop))
            tally.mentions.append(CategoryMention(each.found.categorie, number.count, False, words))
            tally.numbered.add(each.found.start)
        elif value not in [
            total.number.value for total in tally.totals
        ]:  # « 15 ESSMS : 3 gestionnaires de 5 »
            tally.totals.append(_Total(number, self._folded.words(first.start, second.end), True))
        return True

    def _restates(self, quantity: Quantity, tally: _Tally) -> bool:
        """Whether a number says what the project is instead of what was said before."""
        counted = bool(tally.totals) or any(mention.nombre for mention in tally.mentions)
        if not counted or quantity.found or roles.threshold(self._plain, quantity.start):
            return False
        return roles.restates(self._plain, quantity)

    def _restart(self, quantity: Quantity, tally: _Tally) -> None:
        """Count a project again: what was counted before is no longer its number."""
        numbered = [mention for mention in tally.mentions if mention.nombre]
        beside = tally.sum_of_categories()
        if roles.sums_up(self._plain, quantity.start) and numbered:
            before = sum(total.number.count.low for total in tally.totals)
            if quantity.number.count.low == before + beside and before:
                return  # « 12 ESSMS, 2 USLD, 1 SMR, soit 15 » counts the structures named beside too
        elif not tally.totals and len(numbered) == 1:
            place = tally.mentions.index(numbered[0])
            tally.mentions[place] = replace(numbered[0], nombre=quantity.number.count)
            return
        tally.totals = [self._total(quantity)]
        tally.change, tally.changed = 0, ""

    def _aside(self, quantity: Quantity, tally: _Tally, *, bare: bool) -> bool:
        """Note a number that is denied, a part, a count of FINESS numbers or a change; say whether it is one."""
        plain, number = self._plain, quantity.number
        if denied(plain, quantity.start):
            if self._counts_essms(quantity, tally, bare=bare) and (count := opposite(number.count)):
                words = self._total(quantity).words
                tally.refused.append(_Total(replace(number, count=count), words, False))
        elif not quantity.found and roles.part(plain, quantity.start, tally.part_end):
            tally.part_end = quantity.end
        elif tally.totals and quantity.noun is Noun.NONE and roles.out_of(plain, quantity.start):
            pass  # « 17 services éligibles sur 20 »: the project is of 17
        elif tally.totals and roles.left_to_do(plain, quantity.end):
            pass  # « 25 ESSMS, il en reste 10 à équiper »: the project is of 25
        elif roles.counts_finess(plain, quantity.end):
            tally.with_finess = int(number.value)
        elif roles.lacks_finess(plain, number):
            tally.without_finess = int(number.value)
        elif roles.merged(plain, quantity.end) and tally.totals and number.count.exact:
            self._change(quantity, 1 - number.count.low, tally)  # merged structures make one
        elif (sign := roles.sign(plain, quantity)) and (
            tally.totals or tally.mentions or len(self._quantities) == 1
        ):
            self._join(quantity, sign, tally)
        else:
            return False
        return True

    def _change(self, quantity: Quantity, change: int, tally: _Tally) -> None:
        tally.change += change
        tally.changed = self._folded.words(quantity.start, quantity.end)

    def _join(self, quantity: Quantity, sign: int, tally: _Tally) -> None:
        """Note structures that join the project, or leave it."""
        self._change(quantity, sign * int(quantity.number.value), tally)
        if quantity.found and sign > 0 and not tally.totals and not tally.mentions:
            tally.mentions.append(self._mention(quantity, quantity.found))  # « j'ai oublié 5 SESSAD »
        tally.numbered.update(found.start for found in self._found if 0 <= found.start - quantity.end <= 3)

    def _count(self, quantity: Quantity, tally: _Tally, *, bare: bool) -> None:
        """Note what a number counts: regions, structures of a category, ESSMS, or nothing of these."""
        totals, mentions = tally.totals, tally.mentions
        parallel = tally.of_the_rule and roles.another(self._plain, quantity.start)
        tally.of_the_rule = parallel or roles.of_the_rule(self._plain, quantity)
        if quantity.noun is Noun.REGION:
            if not self._plain[: quantity.start].endswith("une ou "):
                words = self._folded.words(quantity.start, quantity.stop)
                tally.regions = Stated(quantity.number.count, words)
        elif quantity.found:
            if not roles.threshold(self._plain, quantity.start):
                mentions.append(self._mention(quantity, quantity.found))
                tally.numbered.add(quantity.found.start)
        elif not tally.of_the_rule and (
            self._counts_essms(quantity, tally, bare=bare)
            or self._listed(quantity)
            or self._share(quantity, totals)
        ):
            totals.append(self._total(quantity))
            if mentions and not totals[-1].noun and self._place(quantity.end) and len(totals) == 1:
                # « 30 EHPAD en Bretagne et 25 en Occitanie »: the second number counts the same category.
                last = mentions[-1]
                mentions.append(
                    CategoryMention(last.categorie, quantity.number.count, False, totals.pop().words)
                )

    # --- What one number counts -----------------------------------------------------------------------------
    def _counts_essms(self, quantity: Quantity, tally: _Tally, *, bare: bool) -> bool:
        plain, number = self._plain, quantity.number
        if number.value > roles.LARGEST_PROJECT or roles.of_the_rule(plain, quantity):
            return False
        if roles.of_any_manager(plain, quantity):
            return False
        if number.count == SOME:
            return roles.some_are_owned(plain, number)
        if quantity.noun is Noun.ESSMS:
            return True
        return quantity.noun is Noun.NONE and self._stands_alone(quantity, tally, bare=bare)

    def _stands_alone(self, quantity: Quantity, tally: _Tally, *, bare: bool) -> bool:
        """Whether a number whose noun is left out is the project's: « nous sommes 14 », « et 6 à Dijon »."""
        plain = self._plain
        if self._place(quantity.end) and roles.side_by_side(plain, quantity.start):
            return True
        if roles.reference(plain, quantity.start) or roles.measures(plain, self._before(quantity), quantity):
            return False
        told = roles.speaks_of_a_project(plain)
        if told and roles.now(plain, quantity.end):
            return True
        if bare or roles.whole(plain, quantity.end) or self._place(quantity.end):
            return True
        if roles.is_enough(plain, quantity.number):
            return True
        if roles.names_essms(plain) and self._after_a_place(quantity):
            return True
        if self._last_word(quantity) or roles.takes_part(plain, quantity.end):
            return True
        firmly = tally.named or quantity.number.value == 1  # « un dossier par établissement, ou un seul »
        return told and roles.held(plain, quantity.start, firmly=firmly)

    def _before(self, quantity: Quantity) -> Quantity | None:
        """Return the quantity told just before another."""
        place = self._quantities.index(quantity)
        return self._quantities[place - 1] if place else None

    def _last_word(self, quantity: Quantity) -> bool:
        """Whether a number ends a message that only names places, or corrects: « à Ajaccio, et 7 », « pardon, 14 »."""
        if len(self._quantities) > 1 or self._found or self._plain[quantity.end :].strip(" .!?"):
            return False
        named = bool(self._places) and self._plain[: quantity.start].endswith((", ", " et "))
        return named or roles.corrects(self._plain, quantity.start)

    def _share(self, quantity: Quantity, totals: Sequence[_Total]) -> bool:
        """Whether a number without its noun is what one of the managers brings to a project."""
        if quantity.noun is not Noun.NONE or quantity.number.value > roles.LARGEST_PROJECT:
            return False
        if totals or roles.names_essms(self._plain):
            return roles.owned(self._plain, quantity)
        return roles.brought(self._plain, quantity)

    def _listed(self, quantity: Quantity) -> bool:
        """Whether a number opens or goes on a list whose last one carries the noun: « 5, 6 et 4 ESSMS »."""
        if quantity.number.value > roles.LARGEST_PROJECT or quantity.noun is not Noun.NONE:
            return False
        following = next((other for other in self._quantities if other.start >= quantity.end), None)
        if following is None or not _LIST_LINK.fullmatch(self._plain, quantity.end, following.start):
            return False
        return following.noun is Noun.ESSMS or self._listed(following)

    def _place(self, end: int) -> Place | None:
        """Return the place named right after ``end``, if any."""
        for place in self._places:
            if place.start >= end and _BEFORE_PLACE.fullmatch(self._plain, end, place.start):
                return place
        return None

    def _after_a_place(self, quantity: Quantity) -> bool:
        """Whether a number closes what a place opens: « en Bretagne 12, en Normandie 4 »; not « à Lyon 3 »."""
        return any(
            _BEFORE_NUMBER.fullmatch(self._plain, place.end, quantity.start)
            and _PLACE_OPENS.search(self._plain[: place.start][-20:])
            and _PART_ENDS.match(self._plain, quantity.end)
            and self._plain[place.start : place.end] not in _WITH_DISTRICTS
            for place in self._places
        )

    def _total(self, quantity: Quantity) -> _Total:
        place = self._place(quantity.stop)
        end = place.end if place else quantity.stop
        noun = quantity.noun is Noun.ESSMS and quantity.stop > quantity.end
        owned = roles.owned(self._plain, quantity)
        return _Total(quantity.number, self._folded.words(quantity.start, end), noun, owned)

    def _mention(self, quantity: Quantity, found: Found) -> CategoryMention:
        before, between = self._plain[: quantity.start], self._plain[quantity.end : found.start]
        within = bool(_WITHIN.search(before[-40:]) or _WITHIN.search(between)) and not _OUT.search(
            before[-16:]
        )
        words = self._folded.words(quantity.start, found.end)
        return CategoryMention(found.categorie, quantity.number.count, within, words)

    # --- All together ---------------------------------------------------------------------------------------
    def _unnumbered(self, tally: _Tally) -> list[CategoryMention]:
        known = {mention.categorie for mention in tally.mentions}
        return [
            CategoryMention(
                found.categorie,
                self._single(found, tally.mentions),
                False,
                self._folded.words(found.start, found.end),
            )
            for found in self._found
            if found.start not in tally.numbered
            and not (found.categorie in known and roles.names_workers(self._plain, found))
        ]

    def _conclude(self, tally: _Tally) -> Counts:
        """Return the counts of the whole message from what its numbers were found to count."""
        totals, mentions = tally.totals, tally.mentions
        alone = self._alone(totals, mentions)
        if not totals and not any(mention.nombre for mention in mentions):
            totals = tally.refused
        totals = self._without_managers(self._present(totals))
        totals = self._without_grand_total(totals, tally.sum_of_categories())
        essms = self._sum(totals) or alone
        variation = Stated(tally.change, tally.changed) if tally.change else None
        if essms and variation:
            essms = Stated(shift(essms.value, variation.value), f"{essms.words}, {variation.words}")
            variation = None
        missing = tally.without_finess
        if tally.with_finess is not None and essms and essms.value.exact:
            missing = max(0, essms.value.low - tally.with_finess)
        sans_finess = Stated(missing, "FINESS") if missing else None
        regions = tally.regions or self._regions_in_words()
        return Counts(essms, variation, sans_finess, regions, tuple(mentions))

    def _present(self, totals: list[_Total]) -> list[_Total]:
        """Leave out what the project was or will be when the message says what it is: « nous étions 14, nous sommes 16 »."""
        return [total for total in totals if not roles.elsewhen(self._plain, total.number)] or totals

    def _without_managers(self, totals: list[_Total]) -> list[_Total]:
        """Leave out who comes with what: « nous sommes 3, avec 16 établissements »."""
        return [
            total
            for total, following in zip_longest(totals, totals[1:])
            if following is None
            or total.noun
            or not following.noun
            or not _COMES_WITH.fullmatch(self._plain, total.number.end, following.number.start)
        ]

    def _single(self, found: Found, mentions: list[CategoryMention]) -> Count | None:
        """Count « un FAM » as one in an enumeration of numbers: « un FAM, un SAMSAH et 14 SESSAD »."""
        listed = _SINGLE_BEFORE.search(self._plain[max(0, found.start - 12) : found.start])
        return Count.exactly(1) if listed and any(mention.nombre for mention in mentions) else None

    def _alone(self, totals: list[_Total], mentions: list[CategoryMention]) -> Stated[Count] | None:
        """Read « un EHPAD seul », « notre IME peut-il candidater seul » as a project of one ESSMS."""
        if totals or len(mentions) != 1 or mentions[0].nombre is not None:
            return None
        match = _ON_ITS_OWN.search(self._plain)
        plural = not self._found or self._plain[: self._found[0].start].rstrip().endswith(_PLURAL_BEFORE)
        if match is None or plural:
            return None
        return Stated(Count.exactly(1), f"{mentions[0].words} {match[0]}")

    def _regions_in_words(self) -> Stated[Count] | None:
        """Read « une seule région », « la même région », « plusieurs régions »; not « une ou plusieurs »."""
        if _ONE_OR_MORE_REGIONS.search(self._plain):
            return None
        for pattern, count in ((_ONE_REGION, Count.exactly(1)), (_SEVERAL_REGIONS, Count(2, None))):
            if match := pattern.search(self._plain):
                return Stated(count, self._folded.words(match.start(), match.end()))
        return None

    def _without_grand_total(self, totals: list[_Total], beside: int) -> list[_Total]:
        """Drop a total that counts the structures named beside the ESSMS too: « 12 ESSMS, 2 USLD, 1 SMR. Total 15 »."""
        if len(totals) < 2 or not beside:
            return totals
        last, others = totals[-1], totals[:-1]
        whole = beside + sum(total.number.count.low for total in others)
        return others if last.number.count.exact and last.number.count.low == whole else totals

    def _sum(self, totals: list[_Total]) -> Stated[Count] | None:
        """Return the number of ESSMS: the total stated, else the parts added up.

        A number equal to the sum of the others is the total of them; numbers of different sentences are
        not parts of one project: the last one is the user's last word.
        """
        if not totals:
            return None
        if whole := self._total_of_the_others(totals):
            return Stated(whole.number.count, whole.words)
        for first, second in pairwise(totals):
            between = self._plain[first.number.end : second.number.start]
            if _OR.search(between):
                return None  # two projects to choose from: neither is the one to judge
            if _SENTENCE_END.search(between) and not _ALSO.search(between) and not second.owned:
                return self._sum(totals[totals.index(second) :])
        values = [total.number.count for total in totals]
        bounded = all(value.high is not None for value in values)
        high = sum(value.high or 0 for value in values) if bounded else None
        return Stated(
            Count(sum(value.low for value in values), high), " + ".join(total.words for total in totals)
        )

    def _total_of_the_others(self, totals: list[_Total]) -> _Total | None:
        """Return the number that is the sum of the others, or that is told to be: « 25 ESSMS (10 et 15) »."""
        values = [total.number.count for total in totals]
        if len(totals) < 2 or not all(value.exact for value in values):
            return None
        others = [total for total in totals if not total.owned]
        whole = sum(value.low for value in values)
        listed = {quantity.number for quantity in self._quantities if self._listed(quantity)}
        if len(totals) > 2 and not all(total.number in listed for total in totals[:-1]):
            for total in others:
                if 2 * total.number.count.low == whole:
                    return total
        between = self._plain[totals[-2].number.end : totals[-1].number.start]
        return totals[-1] if totals[-1] in others and _TOTAL.search(between) else None


def shift(count: Count, change: int) -> Count:
    """Return a count with ``change`` ESSMS more or fewer, never below zero."""
    high = None if count.high is None else max(0, count.high + change)
    return Count(max(0, count.low + change), high)
