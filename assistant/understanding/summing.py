"""Conclude what a message counts from what each of its numbers was found to count."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise, zip_longest

from assistant.rules.facts import CategoryMention, Count, Stated
from assistant.understanding import changes, finess, holders, nouns
from assistant.understanding.categories import Found
from assistant.understanding.message import Message
from assistant.understanding.nouns import Noun, Quantity
from assistant.understanding.tally import Counts, Tally, Total, shift
from corpus.categories import load_categories

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
_TOTAL = re.compile(r"\btotal|\bsoit\b|=|en tout|ca fait|\bfait\b")
_SENTENCE_END = re.compile(r"[.?!;] ")
_TOLD_AS_ONE = re.compile(r"\d|(?:une? )?(?:seule?|unique)\b", re.IGNORECASE)
_IN_YEAR = re.compile(r"(?<!\d)(20[123]\d)\b")
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


class Summary:
    """Adds up the counts of one message."""

    def __init__(self, message: Message) -> None:
        self._message, self._folded, self._plain = message, message.folded, message.plain
        self._places, self._found, self._quantities = message.places, message.found, message.quantities

    def _unnumbered(self, tally: Tally) -> list[CategoryMention]:
        """Return the structures named without a number; « dont une maternité » tells one."""
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
                nouns.names_workers(self._plain, found)
                and (found.categorie in known or self._counts_people(found))
            )
            for within in [self._one_within(found, tally)]
        ]

    def _counts_people(self, found: Found) -> bool:
        """Whether a number counts those who work in a structure: « 6 aides à domicile »."""
        return any(quantity.end + 1 == found.start for quantity in self._quantities)

    def _one_within(self, found: Found, tally: Tally) -> bool:
        """Whether a structure is one of those counted in the total: « 15 structures dont une maternité »."""
        if not tally.totals and not any(mention.nombre for mention in tally.mentions):
            return False
        if load_categories()[found.categorie].outcome == "yes":
            return False  # it changes nothing: « un EHPAD » only names it
        return bool(_ONE_WITHIN.search(self._plain[max(0, found.start - 110) : found.start]))

    def conclude(self, tally: Tally) -> Counts:
        """Return the counts of the whole message from what its numbers were found to count."""
        tally.mentions += self._unnumbered(tally)
        if not tally.totals and not tally.change and all(map(_only_named, tally.mentions)):
            # « un EHPAD de 110 lits, une USLD et un SSIAD »: articles, where no number is told
            tally.mentions = [replace(mention, nombre=None) for mention in tally.mentions]
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
        missing = (
            tally.without_finess or int(finess.one_lacks(self._plain)) or self._sharing_finess(essms, tally)
        )
        if tally.with_finess is not None and essms and essms.value.exact:
            missing = max(0, essms.value.low - tally.with_finess)
        sans_finess = Stated(missing, "FINESS") if missing else None
        regions = tally.regions or self._regions_in_words() or self._elsewhere_than_corse()
        return Counts(essms, variation, sans_finess, regions, tuple(mentions))

    def _without_breakdown(self, tally: Tally) -> list[CategoryMention]:
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
        own = self._message.place_after(quantity.stop)
        others = {
            self._message.region_after(other.stop) for share, other in counted[place + 1 :] if share in shares
        }
        return own is None or others == {own.region}

    def _beside(self, totals: list[Total], mentions: list[CategoryMention]) -> Stated[int] | None:
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

    def _sharing_finess(self, essms: Stated[Count] | None, tally: Tally) -> int:
        """Return how many structures share the FINESS number of another one: 14 of 15 « sous le même FINESS »."""
        match = finess.shared_finess(self._plain)
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

    def _told_by_category(self, tally: Tally, mentions: list[CategoryMention]) -> Stated[Count] | None:
        """Return the number told category by category that others join: « 8 EHPAD, et nous nous associons à 7 ESSMS »."""
        numbered = [mention for mention in mentions if mention.nombre and not mention.within_total]
        if not numbered or not tally.joined:
            return None
        mentions[:] = [
            replace(mention, within_total=True) if mention in numbered else mention for mention in mentions
        ]
        low = sum(mention.nombre.low for mention in numbered if mention.nombre)
        return Stated(Count.exactly(low), ", ".join(mention.words for mention in numbered))

    def _explains(self, tally: Tally, totals: list[Total]) -> bool:
        """Whether what left tells why the number is no longer what it was: « pas 15 mais 13, deux ayant fermé »."""
        if len(totals) != 1 or tally.change >= 0:
            return False
        now = totals[0].number.value
        return any(total.number.value + tally.change == now for total in tally.refused)

    def _present(self, totals: list[Total]) -> list[Total]:
        """Leave out what the project was or will be when the message says what it is: « nous étions 14, nous sommes 16 »."""
        years = [self._year(total, before) for total, before in zip(totals, (None, *totals), strict=False)]
        if len({year for year in years if year}) > 1:  # « en 2021 nous étions 14, en 2025 22 »
            return [
                total
                for total, year in zip(totals, years, strict=True)
                if year in (None, max(filter(None, years)))
            ]
        return [total for total in totals if not changes.elsewhen(self._plain, total.number)] or totals

    def _year(self, total: Total, before: Total | None) -> int | None:
        """Return the year that opens what is told of a total: « en 2021, nous étions 14 »."""
        opened = _IN_YEAR.findall(self._plain, before.number.end if before else 0, total.number.start)
        return int(opened[-1]) if opened else None

    def _without_managers(self, totals: list[Total]) -> list[Total]:
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
        others = any(holders.beside_others(self._plain, found.end, quantity) for quantity in self._quantities)
        listed = (
            _SINGLE_BEFORE.search(before)
            or (others and _OURS_BEFORE.search(before))
            or (_OUR_OWN_BEFORE.search(before) and self._beside_ours(found))
            or any(
                quantity.found
                and self._message.our_own(quantity)
                and self._message.is_our_own(found, quantity)
                for quantity in self._quantities
            )
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

    def _alone(self, totals: list[Total], mentions: list[CategoryMention]) -> Stated[Count] | None:
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

    def _without_grand_total(self, totals: list[Total], beside: int) -> list[Total]:
        """Drop a total that counts the structures named beside the ESSMS too: « 12 ESSMS, 2 USLD, 1 SMR. Total 15 »."""
        if len(totals) < 2 or not beside:
            return totals
        last, others = totals[-1], totals[:-1]
        whole = beside + sum(total.number.count.low for total in others)
        return others if last.number.count.exact and last.number.count.low == whole else totals

    def _sum(self, totals: list[Total]) -> Stated[Count] | None:
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
        if len(values) == 2 and (both := _between(*values)):
            return Stated(both, " + ".join(total.words for total in totals))
        bounded = all(value.high is not None for value in values)
        high = sum(value.high or 0 for value in values) if bounded else None
        return Stated(
            Count(sum(value.low for value in values), high), " + ".join(total.words for total in totals)
        )

    def _total_of_the_others(self, totals: list[Total]) -> Total | None:
        """Return the number that is the sum of the others, or that is told to be: « 25 ESSMS (10 et 15) »."""
        values = [total.number.count for total in totals]
        if len(totals) < 2 or not all(value.exact for value in values):
            return None
        others = [total for total in totals if not total.owned]
        whole = sum(value.low for value in values)
        listed = {quantity.number for quantity in self._quantities if self._message.listed(quantity)}
        if len(totals) > 2 and not all(total.number in listed for total in totals[:-1]):
            for total in others:
                if 2 * total.number.count.low == whole and not self._of_another_region(total, totals):
                    return total
        between = self._plain[totals[-2].number.end : totals[-1].number.start]
        return totals[-1] if totals[-1] in others and _TOTAL.search(between) else None

    def _of_another_region(self, total: Total, totals: list[Total]) -> bool:
        """Whether a number told first is of one region and the others of others: it is no total of them."""
        place = totals.index(total)
        others = {other.region for other in totals if other is not total}
        if not total.region or place or others == {total.region}:
            return False
        return not _BREAKDOWN.fullmatch(self._plain, total.number.end, totals[1].number.start)


def _only_named(mention: CategoryMention) -> bool:
    """Whether a structure is named without a number: « un EHPAD »; « 1 EHPAD » and « un seul EHPAD » tell one."""
    return mention.nombre is None or (
        mention.nombre == Count.exactly(1) and not _TOLD_AS_ONE.match(mention.words)
    )


def _between(one: Count, other: Count) -> Count | None:
    """Return the range of a least and a most: « 16 au plus, 13 au moins »."""
    most, least = (one, other) if other.high is None else (other, one)
    if least.high is not None or most.high is None or most.low or not 0 < least.low <= most.high:
        return None
    return Count(least.low, most.high)
