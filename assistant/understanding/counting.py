"""Count what the numbers of a message tell, one after the other: ESSMS, structures of a category, regions."""

from __future__ import annotations

import re
from dataclasses import replace

from assistant.rules.facts import CategoryMention, Count, Stated
from assistant.understanding import changes, finess, holders, nouns, parts
from assistant.understanding.categories import Found
from assistant.understanding.message import Message
from assistant.understanding.negation import denied, opposite, replaced
from assistant.understanding.nouns import Noun, Quantity
from assistant.understanding.numbers import ESSMS_NOUN, Number
from assistant.understanding.places import Place
from assistant.understanding.standing import counts_essms, is_share
from assistant.understanding.summing import Summary
from assistant.understanding.tally import Counts, Tally, Total, shift
from assistant.understanding.text import Folded
from corpus.categories import load_categories

_WITHIN = re.compile(
    r"\bmoins (?:les|nos|ses|ces)\b|\bdont\b|parmi (?:eux|elles|lesquels)|y compris|incluant|en comptant|en incluant|comprenant|sont(?: en fait)?(?: des| une?)?"
)
# « notre groupement de 17 ESSMS comprend 4 USLD »: a verb tells a part only of a total told before it.
_HOLDS = re.compile(
    rf"\d {ESSMS_NOUN}[^.:;?!\d]{{0,30}}\b(?:comprend|comprennent|inclu(?:t|ent)|compte(?:nt)?)(?: \w+)? $"
)
_OUT = re.compile(r"\bsans\b|hors|a part|en plus d|ainsi que|excepte")
_TOTAL_BEFORE = re.compile(r"\btotal(?: de| :)? ?\Z")


class Counter:
    """Reads the counts of one message from what was found in it."""

    def __init__(
        self, folded: Folded, numbers: list[Number], places: list[Place], found: list[Found]
    ) -> None:
        self._folded, self._plain, self._found = folded, folded.plain, found
        self._quantities = nouns.govern(folded.plain, numbers, found, places)
        self._message = Message(folded, self._quantities, places, found)

    def read(self, *, bare: bool) -> Counts:
        """Return the counts; ``bare`` when a number alone answers a question about the number of ESSMS."""
        tally = Tally()
        taken: Quantity | None = None
        for quantity, following in nouns.pairs(self._quantities):
            if quantity is taken or replaced(self._plain, quantity.start):
                continue
            whole, quantity = quantity, self._in_part(quantity)
            if following and self._combine(quantity, following, tally):
                taken = following
            elif self._restates(quantity, tally):
                self._restart(quantity, tally)
            elif quantity is not whole or not self._aside(quantity, tally, bare=bare):
                self._count(quantity, tally, bare=bare and len(self._quantities) == 1)
        return Summary(self._message).conclude(tally)

    def _combine(self, first: Quantity, second: Quantity, tally: Tally) -> bool:
        """Count what adds up over two numbers: « 3 gestionnaires de 5 », « il en manque 2 pour arriver à 15 »."""
        if not (first.number.count.exact and second.number.count.exact):
            return False
        one, other = first.number.count.low, second.number.count.low
        managers, each = (second, first) if second.noun is Noun.MANAGER else (first, second)
        if parts.shared_out(self._plain, managers, each) and not self._message.listed(second):
            value = one * other
        elif parts.falls_short(self._plain, first, second):
            value, each = abs(other - one), second
        elif parts.leaves_from(self._plain, first, second) and one <= other:
            value, each = other - one, second
        elif parts.one_out_of(self._plain, first, second):
            part = parts.part_meant(self._plain, second, (1, max(1, one))) or (1, 1)
            value, each = other * part[0] // part[1], second
        elif parts.among(self._plain, first, second):
            value, each = one, second
        else:  # « 8 sur 10 des ESSMS bretons »: how many they are is not told
            return parts.proportion(self._plain, first, second)
        number = Number(value, Count.exactly(value), first.start, second.end)
        shared = each is not first and managers.noun is Noun.MANAGER
        if shared and parts.leave_together(self._plain, each.end):
            self._change(replace(each, number=number), -value, tally)
        elif each.found:
            words = self._folded.words(first.start, max(first.stop, second.stop))
            tally.mentions.append(CategoryMention(each.found.categorie, number.count, False, words))
            tally.numbered.add(each.found.start)
        elif parts.besides(self._plain, managers) or value not in [
            total.number.value for total in tally.totals
        ]:  # « 15 ESSMS : 3 gestionnaires de 5 »
            tally.totals.append(Total(number, self._folded.words(first.start, second.end), True))
        return True

    def _restates(self, quantity: Quantity, tally: Tally) -> bool:
        """Whether a number says what the project is instead of what was said before."""
        counted = bool(tally.totals) or any(mention.nombre for mention in tally.mentions)
        if not counted or quantity.found or holders.threshold(self._plain, quantity.start):
            return False
        if parts.out_of(self._plain, quantity.start) and not parts.whole_before(self._plain, quantity.start):
            return False  # « 12 ESSMS sur 20 participent »
        if self._is_the_rest(quantity, tally):
            return True
        last = tally.totals[-1].number.start if tally.totals else 0
        if changes.takes_part(self._plain, quantity.end) and parts.whole_before(self._plain, last):
            return True  # « sur 25 structures, 10 n'ont pas répondu et 15 ont signé »
        return changes.restates(self._plain, quantity)

    def _is_the_rest(self, quantity: Quantity, tally: Tally) -> bool:
        """Whether a number is that of the others, which would apply, once another one told is taken off the total."""
        if not changes.rest_asked_about(self._plain, quantity):
            return False
        values = [other.number.value for other in self._quantities if other.end < quantity.start]
        totals = [total.number.value for total in tally.totals]
        return any(quantity.number.value + value in totals for value in values)

    def _restart(self, quantity: Quantity, tally: Tally) -> None:
        """Count a project again: what was counted before is no longer its number."""
        if self._is_the_rest(quantity, tally):  # « 20 ESSMS dont 5 USLD, les 15 autres suffisent-ils ? »
            tally.mentions = [mention for mention in tally.mentions if not mention.nombre]
        numbered = [mention for mention in tally.mentions if mention.nombre]
        beside = tally.sum_of_categories()
        if changes.sums_up(self._plain, quantity.start) and numbered:
            before = sum(total.number.count.low for total in tally.totals)
            if quantity.number.count.low == before + beside and before:
                return  # « 12 ESSMS, 2 USLD, 1 SMR, soit 15 » counts the structures named beside too
        elif not tally.totals and len(numbered) == 1:
            place = tally.mentions.index(numbered[0])
            tally.mentions[place] = replace(numbered[0], nombre=quantity.number.count)
            return
        tally.totals = [self._total(quantity)]
        tally.change, tally.changed = 0, ""

    def _aside(self, quantity: Quantity, tally: Tally, *, bare: bool) -> bool:
        """Note a number that is denied, a part, a count of FINESS numbers or a change; say whether it is one."""
        plain, number = self._plain, quantity.number
        if denied(plain, quantity.start):
            if counts_essms(self._message, quantity, tally, bare=bare) and (count := opposite(number.count)):
                words = self._total(quantity).words
                tally.refused.append(Total(replace(number, count=count), words, False))
        elif not quantity.found and parts.part(plain, quantity.start, tally.part_end):
            tally.part_end = quantity.end
            if tally.totals and number.count.exact and parts.part_leaves(plain, quantity):
                self._change(quantity, -number.count.low, tally)  # « 21 ESSMS, dont 5 refusent »
        elif tally.totals and quantity.noun is Noun.NONE and parts.out_of(plain, quantity.start):
            pass  # « 17 services éligibles sur 20 »: the project is of 17
        elif tally.totals and changes.left_to_do(plain, quantity.end):
            pass  # « 25 ESSMS, il en reste 10 à équiper »: the project is of 25
        elif finess.counts_finess(plain, quantity.end):
            if number.value != 1:  # a single one is shared
                tally.with_finess = int(number.value)
        elif finess.lacks_finess(plain, number):
            tally.without_finess = int(number.value)
        elif tally.totals and number.count.exact and self._alters(quantity, tally):
            pass
        elif (sign := self._sign(quantity, tally)) and (
            tally.totals or tally.mentions or len(self._quantities) == 1
        ):
            self._join(quantity, sign, tally)
        else:
            return False
        return True

    def _alters(self, quantity: Quantity, tally: Tally) -> bool:
        """Alter the total by structures that merged, or by what it would be without one of them."""
        number = quantity.number
        if parts.without_it(self._plain, quantity.end):
            last = tally.totals[-1]
            low, high = sorted((number.count.low, last.number.count.low))
            tally.totals[-1] = replace(last, number=replace(last.number, count=Count(low, high)))
        elif parts.uncertain(self._plain, quantity.end) and quantity.noun in (Noun.NONE, Noun.OTHER):
            last = tally.totals[-1]
            told = last.number.count
            most = None if told.high is None else told.high + number.count.low
            tally.totals[-1] = replace(last, number=replace(last.number, count=Count(told.low, most)))
        elif changes.merged(self._plain, quantity.end):
            self._change(quantity, 1 - number.count.low, tally)  # merged structures make one
        else:
            return False
        return True

    def _sign(self, quantity: Quantity, tally: Tally) -> int:
        """Return 1 when a number joins those of the project, -1 when it leaves them, 0 when it is told by itself."""
        if self._others(quantity) or (not tally.totals and self._message.our_own(quantity)):
            return 0  # those beside one's own are counted with it
        sign = changes.sign(self._plain, quantity)
        if sign > 0 and quantity.found:
            beside = not tally.totals and any(mention.nombre for mention in tally.mentions)
            out = tally.totals and load_categories()[quantity.found.categorie].outcome == "no"
            if beside or out:
                return 0  # « 4 IME, et 3 ITEP nous rejoignent »
        return sign

    def _change(self, quantity: Quantity, change: int, tally: Tally) -> None:
        tally.change += change
        tally.changed = self._folded.words(quantity.start, quantity.end)

    def _join(self, quantity: Quantity, sign: int, tally: Tally) -> None:
        """Note structures that join the project, or leave it."""
        self._change(quantity, sign * int(quantity.number.value), tally)
        tally.joined = tally.joined or not quantity.found
        if quantity.found and sign > 0 and not tally.totals and not tally.mentions:
            tally.mentions.append(self._mention(quantity, quantity.found))  # « j'ai oublié 5 SESSAD »
        tally.numbered.update(found.start for found in self._found if 0 <= found.start - quantity.end <= 3)

    def _count(self, quantity: Quantity, tally: Tally, *, bare: bool) -> None:
        """Note what a number counts: regions, structures of a category, ESSMS, or nothing of these."""
        totals, mentions = tally.totals, tally.mentions
        parallel = tally.of_the_rule and holders.another(self._plain, quantity.start)
        tally.of_the_rule = parallel or holders.of_the_rule(self._plain, quantity)
        if quantity.noun is Noun.REGION:
            if not self._plain[: quantity.start].endswith("une ou "):
                words = self._folded.words(quantity.start, quantity.stop)
                tally.regions = Stated(quantity.number.count, words)
        elif quantity.found:
            if not holders.threshold(self._plain, quantity.start):
                mentions.append(self._mention(quantity, quantity.found))
                tally.counted.append((mentions[-1], quantity))
                tally.numbered.add(quantity.found.start)
        elif (others := self._others(quantity)) and not totals:
            mentions.append(self._mention(quantity, others))
        elif not tally.of_the_rule and (
            counts_essms(self._message, quantity, tally, bare=bare)
            or self._message.listed(quantity)
            or is_share(self._message, quantity, tally)
        ):
            totals.append(self._total(quantity))
            if len(totals) == 1 and self._of_the_same_category(quantity, tally):
                # « 30 EHPAD en Bretagne et 25 en Occitanie »: the second number counts the same category.
                last = mentions[-1]
                mention = CategoryMention(last.categorie, quantity.number.count, False, totals.pop().words)
                mentions.append(mention)
                tally.counted.append((mention, quantity))
            elif holders.beside_one_of_ours(self._plain, quantity) or (
                len(totals) == 1 and not mentions and self._message.our_own(quantity)
            ):
                total = totals.pop()
                number = replace(total.number, count=shift(total.number.count, 1))
                totals.append(replace(total, number=number))

    def _of_the_same_category(self, quantity: Quantity, tally: Tally) -> bool:
        """Whether a number goes on counting the category told before it."""
        if (
            not tally.mentions
            or tally.totals[-1].noun
            or _TOTAL_BEFORE.search(self._plain, 0, quantity.start)
        ):
            return False
        shared = tally.totals[-1].owned and tally.mentions[-1].nombre and not nouns.names_essms(self._plain)
        return bool(self._message.place_after(quantity.end) or shared)

    def _in_part(self, quantity: Quantity) -> Quantity:
        """Return a quantity as the part of it that is meant: « la moitié de nos 20 ESSMS »."""
        part = parts.fraction(self._plain, quantity)
        if quantity.number.count.exact and parts.one_of_them_leaves(self._plain, quantity):
            part = quantity.number.count.low - 1, quantity.number.count.low
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
            if holders.beside_others(self._plain, found.end, quantity):
                return found
        return None

    def _total(self, quantity: Quantity) -> Total:
        place = self._message.place_after(quantity.stop)
        end = place.end if place else quantity.stop
        noun = quantity.noun is Noun.ESSMS and quantity.stop > quantity.end
        owned = holders.owned(self._plain, quantity)
        words, region = self._folded.words(quantity.start, end), place.region if place else ""
        return Total(quantity.number, words, noun, owned, end, region)

    def _mention(self, quantity: Quantity, found: Found) -> CategoryMention:
        before, between = self._plain[: quantity.start], self._plain[quantity.end : found.start]
        within = bool(
            _WITHIN.search(before[-40:]) or _WITHIN.search(between) or _HOLDS.search(before[-90:])
        ) and not _OUT.search(before[-16:])
        words = self._folded.words(quantity.start, found.end)
        return CategoryMention(found.categorie, quantity.number.count, within, words)
