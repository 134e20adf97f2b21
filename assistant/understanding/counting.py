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
from corpus.categories import load_categories

_WITHIN = re.compile(
    r"\bmoins (?:les|nos|ses|ces)\b|\bdont\b|parmi (?:eux|elles|lesquels)|y compris|incluant|en comptant|en incluant|comprenant|sont(?: en fait)?(?: des| une?)?"
)
_OUT = re.compile(r"\bsans\b|hors|a part|en plus d|ainsi que|excepte")
# « dont une maternité », « y compris un cabinet »: one of those counted in the total.
_ONE_WITHIN = re.compile(
    r"(?:\bdont|\by compris|\bincluant|\ben (?:comptant|incluant)|\bcomprenant|\bparmi (?:eux|elles|lesquel(?:le)?s))"
    r"(?P<others>(?: (?:aussi|notamment|egalement))?(?: [^.;:?!]{1,60}(?:,| et| plus))?) (?:une? (?:est|serait) )?une?(?: cabinets?| (?:service|etablissement|structure)(?: de| d')?)? ?$"
)
# « 14 ESSMS, plus un IME », « 14 ESSMS et 2 IME »: beside the total.
_BESIDE = re.compile(r",? (?:(?:et )?(?:aussi|en plus|plus)|et|\+|ainsi que|auxquels s'ajoutent?) ")
_BESIDE_ONE = re.compile(_BESIDE.pattern + r"une? ")
_BREAKDOWN = re.compile(
    r"[^.;?!\d()]{0,30}(?:[:(]|\brepartie?s|\bsoit)(?: (?:dont|en|entre|comme suit :?|ainsi :?))* ?"
)
_CONTINENT = re.compile(r"\bsur le continent\b")
_SHARING = re.compile(
    r" (?:(?:se )?partag\w+|ont|sont|d'entre)?(?: ?[a-z]+){0,2} ?"
)  # « dont 3 partagent le même »
_NOT_OF_OURS_BEFORE = re.compile(
    r"\b(?:que|comme|qu'|seuil|faut|faudrait|minimum|regles?|contrairement|pas|aucun\w*|ni|alors que)\b[^,.;?!]{0,40}$"
)
_BEFORE_PLACE = re.compile(
    r"(?: (?:(?:tous|toutes|repartis?|reparties?|situes?|situees?|implantes?|implantees?|bases?|basees?|seulement|uniquement|autres?|sont|membres) ?)*)?(?:,? ?(?:a|au|aux|en|dans|sur|chez|cote|vers|du cote d[eu]|pres d[eu]|autour d[eu]|dans le|dans la|dans les|in|de|d'|la|le|les|du|des) ?)*(?:l')?"
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
    r"(?<!\bdepartement )(?<!\bdepartemental )(?<!\betat )(?<!\bars )(?<!\bun )(?<!\bune )\b(?:tou(?:t|te)s? )?(?:seule?s?|alone)\b(?! (?:\d|les? |la |ceux|celles|regi|dossier|projet|fois|logiciel|dui))"
)
_PLURAL_BEFORE = (" les", " des", " nos", " ces")
_SINGLE_BEFORE = re.compile(
    r"(?:^|, |\bet |\bavec |\bplus )une? (?:(?:service|etablissement|structure|dispositif) (?:de |d')?)?$"
)
_OURS_BEFORE = re.compile(r"\b(?:une?|mon|ma|notre|l'|la|le) ?$")
# « notre LHSS et nos deux CSAPA », « nos 3 SESSAD et notre CMPP »: one's own in an enumeration of numbers.
_OUR_OWN_BEFORE = re.compile(r"\b(?:mon|ma|notre) $")
_OUR_OTHERS_AFTER = re.compile(r"(?: et|,) (?:nos|mes) $")
_OUR_OTHERS_BEFORE = re.compile(r"(?: et|,)(?: de)? (?:mon|ma|notre) $")
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
    stop: int = 0  # the end of its noun and place
    region: str = ""


@dataclass
class _Tally:
    """What the numbers read so far count."""

    totals: list[_Total] = field(default_factory=list)
    refused: list[_Total] = field(default_factory=list)
    mentions: list[CategoryMention] = field(default_factory=list)
    counted: list[tuple[CategoryMention, Quantity]] = field(default_factory=list)  # those of a category
    numbered: set[int] = field(default_factory=set)
    regions: Stated[Count] | None = None
    part_end: int = 0
    change: int = 0
    changed: str = ""
    joined: bool = False  # by ESSMS of no category
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
            quantity = self._in_part(quantity)
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
        elif roles.among(self._plain, first, second):
            value, each = one, second
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
        if roles.out_of(self._plain, quantity.start):
            return False  # « 12 ESSMS sur 20 participent »
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
            if number.value != 1:  # a single one is shared
                tally.with_finess = int(number.value)
        elif roles.lacks_finess(plain, number):
            tally.without_finess = int(number.value)
        elif roles.merged(plain, quantity.end) and tally.totals and number.count.exact:
            self._change(quantity, 1 - number.count.low, tally)  # merged structures make one
        elif (sign := self._sign(quantity, tally)) and (
            tally.totals or tally.mentions or len(self._quantities) == 1
        ):
            self._join(quantity, sign, tally)
        else:
            return False
        return True

    def _sign(self, quantity: Quantity, tally: _Tally) -> int:
        """Return 1 when a number joins those of the project, -1 when it leaves them, 0 when it is told by itself."""
        if self._others(quantity):
            return 0
        sign = roles.sign(self._plain, quantity)
        if sign > 0 and quantity.found:
            beside = not tally.totals and any(mention.nombre for mention in tally.mentions)
            out = tally.totals and load_categories()[quantity.found.categorie].outcome == "no"
            if beside or out:
                return 0  # « 4 IME, et 3 ITEP nous rejoignent »
        return sign

    def _change(self, quantity: Quantity, change: int, tally: _Tally) -> None:
        tally.change += change
        tally.changed = self._folded.words(quantity.start, quantity.end)

    def _join(self, quantity: Quantity, sign: int, tally: _Tally) -> None:
        """Note structures that join the project, or leave it."""
        self._change(quantity, sign * int(quantity.number.value), tally)
        tally.joined = tally.joined or not quantity.found
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
                tally.counted.append((mentions[-1], quantity))
                tally.numbered.add(quantity.found.start)
        elif (others := self._others(quantity)) and not totals:
            mentions.append(self._mention(quantity, others))
        elif not tally.of_the_rule and (
            self._counts_essms(quantity, tally, bare=bare)
            or self._listed(quantity)
            or self._share(quantity, totals)
        ):
            totals.append(self._total(quantity))
            if mentions and not totals[-1].noun and self._place(quantity.end) and len(totals) == 1:
                # « 30 EHPAD en Bretagne et 25 en Occitanie »: the second number counts the same category.
                last = mentions[-1]
                mention = CategoryMention(last.categorie, quantity.number.count, False, totals.pop().words)
                mentions.append(mention)
                tally.counted.append((mention, quantity))
            elif roles.beside_one_of_ours(self._plain, quantity):
                total = totals.pop()
                number = replace(total.number, count=shift(total.number.count, 1))
                totals.append(replace(total, number=number))

    def _in_part(self, quantity: Quantity) -> Quantity:
        """Return a quantity as the part of it that is meant: « la moitié de nos 20 ESSMS »."""
        part = roles.fraction(self._plain, quantity)
        if part is None or not quantity.number.count.exact:
            return quantity
        value, rest = divmod(quantity.number.count.low * part[0], part[1])
        count = Count(value, value + 1) if rest else Count.exactly(value)
        return replace(quantity, number=replace(quantity.number, value=value, count=count))

    def _others(self, quantity: Quantity) -> Found | None:
        """Return the category that « autres » stands for: « mon EHPAD et 14 autres »."""
        if quantity.noun is not Noun.NONE:
            return None
        for found in self._found:
            if roles.beside_others(self._plain, found.end, quantity):
                return found
        return None

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
        if " moins " in plain[quantity.start : quantity.end]:
            return True  # « 15 moins un »
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
        words, region = self._folded.words(quantity.start, end), place.region if place else ""
        return _Total(quantity.number, words, noun, owned, end, region)

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
                Count.exactly(1) if within else self._single(found, tally.mentions),
                within,
                self._folded.words(found.start, found.end),
            )
            for found in self._found
            if found.start not in tally.numbered
            and not (
                roles.names_workers(self._plain, found)
                and (found.categorie in known or self._counts_people(found))
            )
            for within in [self._one_within(found, tally)]
        ]

    def _counts_people(self, found: Found) -> bool:
        """Whether a number counts those who work in a structure: « 6 aides à domicile »."""
        return any(quantity.end + 1 == found.start for quantity in self._quantities)

    def _one_within(self, found: Found, tally: _Tally) -> bool:
        """Whether a structure is one of those counted in the total: « 15 structures dont une maternité »."""
        if not tally.totals and not any(mention.nombre for mention in tally.mentions):
            return False
        if load_categories()[found.categorie].outcome == "yes":
            return False  # it changes nothing: « un EHPAD » only names it
        return bool(_ONE_WITHIN.search(self._plain[max(0, found.start - 110) : found.start]))

    def _conclude(self, tally: _Tally) -> Counts:
        """Return the counts of the whole message from what its numbers were found to count."""
        totals, mentions = tally.totals, self._without_breakdown(tally)
        alone = self._alone(totals, mentions)
        if not totals and not any(mention.nombre for mention in mentions):
            totals = tally.refused
        totals = self._without_managers(self._present(totals))
        totals = self._without_grand_total(totals, tally.sum_of_categories())
        essms = self._sum(totals) or alone
        if essms and (beside := self._beside(totals, mentions)):
            essms = Stated(shift(essms.value, beside.value), f"{essms.words} + {beside.words}")
        change = 0 if self._explains(tally, totals) else tally.change
        variation = Stated(change, tally.changed) if change else None
        if variation and not essms and (told := self._told_by_category(tally, mentions)):
            essms = told
        if essms and variation:
            essms = Stated(shift(essms.value, variation.value), f"{essms.words}, {variation.words}")
            variation = None
        missing = tally.without_finess or self._sharing_finess(essms, tally)
        if tally.with_finess is not None and essms and essms.value.exact:
            missing = max(0, essms.value.low - tally.with_finess)
        sans_finess = Stated(missing, "FINESS") if missing else None
        regions = tally.regions or self._regions_in_words() or self._elsewhere_than_corse()
        return Counts(essms, variation, sans_finess, regions, tuple(mentions))

    def _without_breakdown(self, tally: _Tally) -> list[CategoryMention]:
        """Leave out the shares of a category already counted: « 8 EHPAD : 6 en Corse et 2 en PACA »."""
        counted = tally.counted
        for place, (whole, quantity) in enumerate(counted[:-1]):
            shares = [share for share, _ in counted[place + 1 :] if share.categorie == whole.categorie]
            following = counted[place + 1][1]
            opened = _BREAKDOWN.fullmatch(self._plain, quantity.stop, following.start)
            if (shares and counted[place + 1][0] in shares and opened) or self._adds_up(
                place, shares, counted
            ):
                return [mention for mention in tally.mentions if mention not in shares]
        return tally.mentions

    def _adds_up(
        self, place: int, shares: list[CategoryMention], counted: list[tuple[CategoryMention, Quantity]]
    ) -> bool:
        """Whether the shares make the whole told before them, which is told of no other region than theirs."""
        whole, quantity = counted[place]
        low = sum(share.nombre.low for share in shares if share.nombre)
        if len(shares) < 2 or whole.nombre is None or low != whole.nombre.low:
            return False
        own = self._place(quantity.stop)
        others = {self._region(other.stop) for share, other in counted[place + 1 :] if share in shares}
        return own is None or others == {own.region}

    def _region(self, end: int) -> str:
        """Return the region of the place named right after ``end``, empty when there is none."""
        place = self._place(end)
        return place.region if place else ""

    def _beside(self, totals: list[_Total], mentions: list[CategoryMention]) -> Stated[int] | None:
        """Return how many eligible structures are told beside the total: « 14 ESSMS, plus un IME »."""
        if len(totals) != 1 or not totals[0].noun:
            return None
        for found in self._found:
            counted = next((one for one in self._quantities if one.found is found), None)
            start = counted.start if counted else found.start
            link = (_BESIDE if counted else _BESIDE_ONE).fullmatch(self._plain, totals[0].stop, start)
            if link is None or load_categories()[found.categorie].outcome != "yes":
                continue
            number = counted.number.count if counted else Count.exactly(1)
            place = next((n for n, m in enumerate(mentions) if m.categorie == found.categorie), None)
            if place is None or not number.exact:
                continue
            words = self._folded.words(start, found.end)
            mentions[place] = CategoryMention(found.categorie, number, True, words)
            return Stated(number.low, words)
        return None

    def _sharing_finess(self, essms: Stated[Count] | None, tally: _Tally) -> int:
        """Return how many structures share the FINESS number of another one: 14 of 15 « sous le même FINESS »."""
        match = roles.shared_finess(self._plain)
        if match is None:
            return 0
        whole = essms.value.low if essms else tally.sum_of_categories()
        told = [
            quantity.number.count
            for quantity in self._quantities
            if quantity.end <= match.start()
            and (
                quantity.noun in (Noun.ESSMS, Noun.CATEGORY, Noun.NONE)
                or _SHARING.fullmatch(self._plain, quantity.end, match.start())
            )
            and quantity.number.count.exact
            and 1 < quantity.number.count.low <= whole
        ]
        return told[-1].low - 1 if told else 0

    def _elsewhere_than_corse(self) -> Stated[Count] | None:
        """Read « sur le continent » beside Corse, which names no region, as several regions."""
        if {place.region for place in self._places} != {"corse"}:
            return None
        match = _CONTINENT.search(self._plain)
        if match is None or _NOT_OF_OURS_BEFORE.search(self._plain[: match.start()][-60:]):
            return None
        return Stated(Count(2, None), self._folded.words(match.start(), match.end()))

    def _told_by_category(self, tally: _Tally, mentions: list[CategoryMention]) -> Stated[Count] | None:
        """Return the number told category by category that others join: « 8 EHPAD, et nous nous associons à 7 ESSMS »."""
        numbered = [mention for mention in mentions if mention.nombre and not mention.within_total]
        if not numbered or not tally.joined:
            return None
        mentions[:] = [
            replace(mention, within_total=True) if mention in numbered else mention for mention in mentions
        ]
        low = sum(mention.nombre.low for mention in numbered if mention.nombre)
        return Stated(Count.exactly(low), ", ".join(mention.words for mention in numbered))

    def _explains(self, tally: _Tally, totals: list[_Total]) -> bool:
        """Whether what left tells why the number is no longer what it was: « pas 15 mais 13, deux ayant fermé »."""
        if len(totals) != 1 or tally.change >= 0:
            return False
        now = totals[0].number.value
        return any(total.number.value + tally.change == now for total in tally.refused)

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
        """Count « un FAM » as one in an enumeration of numbers: « un FAM, un SAMSAH et 14 SESSAD », « mon IME et 14 autres »."""
        before = self._plain[max(0, found.start - 40) : found.start]
        others = any(roles.beside_others(self._plain, found.end, quantity) for quantity in self._quantities)
        listed = (
            _SINGLE_BEFORE.search(before)
            or (others and _OURS_BEFORE.search(before))
            or (_OUR_OWN_BEFORE.search(before) and self._beside_ours(found))
        )
        return Count.exactly(1) if listed and any(mention.nombre for mention in mentions) else None

    def _beside_ours(self, found: Found) -> bool:
        """Whether one's own structure stands beside others that are counted: « notre LHSS et nos deux CSAPA »."""
        return any(
            _OUR_OTHERS_AFTER.fullmatch(self._plain, found.end, quantity.start)
            or _OUR_OTHERS_BEFORE.fullmatch(self._plain, quantity.stop, found.start)
            for quantity in self._quantities
            if quantity.found
        )

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
                if 2 * total.number.count.low == whole and not self._of_another_region(total, totals):
                    return total
        between = self._plain[totals[-2].number.end : totals[-1].number.start]
        return totals[-1] if totals[-1] in others and _TOTAL.search(between) else None

    def _of_another_region(self, total: _Total, totals: list[_Total]) -> bool:
        """Whether a number told first is of one region and the others of others: it is no total of them."""
        place = totals.index(total)
        others = {other.region for other in totals if other is not total}
        if not total.region or place or others == {total.region}:
            return False
        return not _BREAKDOWN.fullmatch(self._plain, total.number.end, totals[1].number.start)


def shift(count: Count, change: int) -> Count:
    """Return a count with ``change`` ESSMS more or fewer, never below zero."""
    high = None if count.high is None else max(0, count.high + change)
    return Count(max(0, count.low + change), high)
