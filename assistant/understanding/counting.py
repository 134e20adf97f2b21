"""Decide what each number of a message counts: ESSMS, structures of a category, regions, or something else."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import pairwise

from assistant.rules.facts import CategoryMention, Count, Stated
from assistant.understanding.categories import Found
from assistant.understanding.negation import denied, opposite, replaced
from assistant.understanding.numbers import ESSMS_NOUN, JOINS, LEAVES, Number
from assistant.understanding.places import Place
from assistant.understanding.text import Folded

LARGEST_PROJECT = 1_500  # beyond, a number of ESSMS is a figure of the programme, not of a project

_ESSMS_AFTER = re.compile(
    rf" ?(?:d'|de )?(?:autres? |petits? |gros |vrais? |seule?s? )?(?:{ESSMS_NOUN})\b(?! (?:de confort|socles?|numeriques?))"
)
_ESSMS_WITHIN = re.compile(rf"\b{ESSMS_NOUN}\b")  # « 20 ESSMS moins 6 »
_REGIONS_AFTER = re.compile(r" ?(?:autres? |different\w* |grandes? )?(?:regions?|ars)\b")
_OTHER_AFTER = re.compile(
    r" ?(?:autres? )?(?:places?|lits?|gestionnaires?|organismes?|associations?|og\b|h\b|heures?|euros?|€|eur\b|k€|m€|md|millions?|milliards?|%|pour ?cents?|"
    r"ans?\b|annees?|jours?|mois|semaines?|personnes?|usagers?|residents?|salaries|professionnels?|etp|projets?|dossiers?|grappes?|departements?|"
    r"logiciels?|dui\b|editeurs?|pages?|questions?|fois|vagues?|rue|avenue|bis|°|/)"
)
# Before a number, these say that it is the rule's and not the project's.
_THRESHOLD_BEFORE = re.compile(
    r"\b(?:seuil|minimum|minimal|plancher|maximum|plafond|limite|barre|quorum)(?: (?:de|est|etait|a|general|ultramarin|national|minimal|fixe|reduit|ramene|abaisse|est de|etait de|est a|serait de))* ?(?:a |de )?(?:\d+ ou (?:a |de )?)?$|\bseuil\b[^.,;?!\d]{0,30}\b(?:de|a|est|etait) $|\b(?:reduit|ramene|abaisse) a $"
)
_REFERENCE_BEFORE = re.compile(
    r"\b(?:article|annexe|action|mesure|vague|temps|phase|axe|couloir|instruction|n°|no|numero|grade|tarif|pourquoi|dans les|que le|qu'avec les|les|tou(?:s|tes))(?: (?:de|n°))* ?$"
)
_CLAIM = re.compile(
    r"\b(?:(?:il )?(?:en )?faut|exig\w+|requi\w+|necessaires?|impos\w+|demand\w+|manque|(?:arriver|parvenir|monter) a|atteindre)(?: bien| toujours| encore| (?:etre|avoir)| au moins| un minimum de| un groupement de)* ?$"
)
_MANAGER = re.compile(r"\b(?:gestionnaires?|organismes?)(?: gestionnaires?)? (?:de|ayant|avec|comptant) ?$")
_HOLDER = re.compile(
    r"(?:nous sommes|on est|on sera(?:it)?|nous serons|si on est|si nous sommes|nous en avons|on en a|total(?: de)?|au total|regroup\w+|groupement de|grappe de|projet (?:de|a)|avec|a|de|we are|we have|nombre :?|n ?=|c'est|y en a|en fait|plutot|finalement|avons|avions|etions|etaient|gerons|gere|avoir|autre|sont|et|ou|etre|serons|passons a|passe a|que|donc|\+) ?$"
)
# « nous avons quelques ESSMS »; « quelques établissements ont-ils été financés » is no project.
_OWN_BEFORE = re.compile(
    r"\b(?:j'ai|ai|a|as|avons|avez|ont|gere\w*|gerons|sommes|est|compte\w*|comptons|regroup\w+|reuni\w+|apport\w+|exploit\w+|avec|de|que|nos|mes) ?$|qu'$"
)
_PROJECT = re.compile(
    r"\b(?:nous|on|notre|nos|we|groupement|grappe|projet|total|essms|esms|structures?|etablissements?|sites?|seul)\b"
)
_WITHIN = re.compile(
    r"\bmoins (?:les|nos|ses|ces)\b|\bdont\b|parmi (?:eux|elles|lesquels)|y compris|incluant|en comptant|en incluant|comprenant|sont(?: en fait)?(?: des| une?)?"
)
_OUT = re.compile(r"\bsans\b|hors|a part|en plus d|ainsi que|excepte")
_BEFORE_CATEGORY = re.compile(
    r" ?(?:d'|de |(?:d'entre (?:eux|elles|nous) )?sont (?:en fait |finalement )?(?:des |une? )?|(?:autres?|petits?|structures?|services?|etablissements?|sites?|essms|esms) (?:de |d')?(?:type )?)*"
)
# What may follow a number that stands for ESSMS without the word; another noun means that it counts other things.
_NO_NOUN = re.compile(
    r" ?(?:$|[^\w ]|(?:en|dans|a|au|aux|sur|et|ou|dont|de|d'|du|des|la|le|les|mais|pour|par|avec|plus|moins|seulement|chacun\w*|chaque|"
    r"reparti\w*|situe\w*|implante\w*|base\w*|soit|si|qui|que|qu'|sommes|est|sont|donc|environ|maintenant|aujourd'hui|desormais|"
    r"actuellement|finalement|seule?s?|tous|toutes|ensemble|chez|cote|vers|nous|on|c'est|ca|cela|est-ce|peut\w*|pouvons|suffi\w*|atteint\w*|"
    r"membres?|autres?|total|minimum|mini|max\w*|can|in|is|are|and|from|alors|cette|cet|ce|comme|hors|sauf|sans|pas|entre|ne|n'|y|ici|la-bas|"
    r"uniquement|particip\w*|partante?s?|volontaires?|mecs|dans|partout|quand|quoi|quel\w*|bien|oui|non|encore|deja|depuis|apres|avant|ont|a l'|ki|nan|x)\b)"
)
_BEFORE_PLACE = re.compile(
    r"(?: (?:(?:tous|toutes|repartis?|reparties?|situes?|situees?|implantes?|implantees?|bases?|basees?|seulement|uniquement|autres?|sont|membres) ?)*)?(?:,? ?(?:a|au|aux|en|dans|sur|dans le|dans la|dans les|in|de|d'|la|le|les|du|des) ?)*(?:l')?"
)
_TOTAL = re.compile(r"\btotal|\bsoit\b|=|en tout|ca fait|\bfait\b|\bavec\b")
_SENTENCE_END = re.compile(r"[.?!;] ")


_MANAGERS = (
    r" ?(?:gestionnaires?|organismes?(?: gestionnaires?)?|associations?|assos?|partenaires?|og|fondations?)"
)
_OF_EACH = re.compile(
    rf"{_MANAGERS}(?: (?:de|d') ?|(?: (?:avec|ayant|gerant|ont|comptant|qui ont))? chacune?s?(?: (?:de|d'|ont))? ?)"
)
_TOGETHER = re.compile(rf"{_MANAGERS}(?: \w+)? ")
_EACH_AFTER = re.compile(r"(?: \w+){1,2} (?:chacune?s?|par (?:gestionnaire|organisme|association))\b")
_MISSING = re.compile(r"\bmanqu\w+(?: encore)? $")
_TARGET = re.compile(
    r"(?: \w+){0,2} pour (?:en |y )?(?:arriver|atteindre|etre|faire|parvenir|aller|obtenir|passer)(?: (?:a|au|le seuil de|les))* ?"
)
_LOST = re.compile(r"\b(?:perdu|perdons|perd|ferme|cede|vendu|retire|enleve|quitte)(?: \w+)? ?$")
_OUT_OF = re.compile(r"(?: \w+)? sur (?:les |nos )?$")
_PAST = re.compile(r"\b(?:etions|avions|avais|etait|avait|etaient|gerions|comptions)(?: \w+)? ?$")
_PART = re.compile(r"\b(?:dont|parmi (?:eux|elles|lesquels|lesquelles))(?: \w+)? ?$")
_PART_LINK = re.compile(r"(?:,| et) $")
_RULE_S_OWN = re.compile(
    r"\b(?:dans les|% (?:de|des|du)(?: les)?|(?:double|triple|moitie|tiers|quart) (?:de|des|d')) ?$"
)
_JOINED_BEFORE = re.compile(r"(?:\bet|\bplus|\+)(?: \w+)? $")
_PART_OF = re.compile(r" ?(?:des|de (?:nos|ces|mes)|sur|parmi)(?: (?:nos|les|ces))? ?\d")
_OR = re.compile(r"\bou(?: alors| bien)? $")
_MERGED_AFTER = re.compile(r"(?: \w+){0,2}? (?:ont fusionne|fusionn\w+|se sont regroupes)\b")
_MORE_AFTER = re.compile(rf"(?: \w+){{0,3}}? (?:de plus|en plus|supplementaires?|{JOINS})\b")
_MORE_BEFORE = re.compile(
    r"\b(?:ajout\w+|rajout\w+|gagn\w+|accueill\w+|oublie\w*(?: de compter)?|(?:voisine?|partenaire|autre) (?:en )?apporte(?:ra)?) ?$"
)
_LESS_AFTER = re.compile(rf"(?: \w+){{0,3}}? (?:de moins|en moins|{LEAVES})")
# What the project is, against what it was, might be or will be: « non pardon 16 », « seuls 13 sont partants ».
_CORRECTED_BEFORE = re.compile(
    r"\b(?:pardon|erratum|correction|rectification|verification|je (?:veux|voulais) dire|me suis trompee?|au temps pour moi|en fait|en realite|finalement|(?:ou )?plutot)"
    r"[ ,:]*(?:(?:c'est|on est|nous sommes|on en a|nous en avons) )?(?:que )?(?:les )?$"
    r"|\bnon(?: non)?,? $"
)
_REMAIN_BEFORE = re.compile(
    r"\b(?:rest(?:e|ons|ent|era|erons|erait)|gard(?:e|ons)|conserv(?:e|ons))(?: (?:plus|donc|finalement))*(?: que| qu')?(?: (?:les|nos))? ?$"
)
_TAKES_PART = re.compile(
    rf"(?: (?:{ESSMS_NOUN}|sont|seraient|seront|d'entre (?:eux|elles|nous)|seulement|vraiment|reellement|encore))*"
    r" (?:partante?s?|volontaires?|motivee?s?|interessee?s?(?! par)|candidate?s?|participe\w*|s'engage\w*|suivent|suivront|restent|confirmee?s?|prete?s?|d'accord)\b"
    r"(?! (?:par|de|du|un|une|le|la|les|changer|garder)\b| d'| pour (?!particip|candidat|rejoin|y aller|depos))"
)
_LEFT_TO_DO = re.compile(rf"(?: {ESSMS_NOUN})? a (?:equip|financ|deploy|informatis|raccord|form)er\b")
_NOW_AFTER = re.compile(
    rf"(?: {ESSMS_NOUN})? (?:aujourd'hui|actuellement|maintenant|pour l'instant|pour le moment|a (?:ce jour|present|l'heure actuelle)|en ce moment)\b"
)
_LATER_BEFORE = re.compile(
    r"\b(?:bientot|prochainement|a terme|l'an prochain|d'ici [^,;.?!\d]{1,20})(?: \w+){0,2} $"
)
_LATER_AFTER = re.compile(
    rf"(?: {ESSMS_NOUN})? (?:bientot|prochainement|demain|a terme|plus tard|l'an prochain|l'annee prochaine)\b"
)
# Who brings a share of the structures: « la fondation d'Aubenas 5 et la mutualité 4 », « les six du voisin ».
_HOLDERS = r"(?:autre|voisine?|partenaire|fondation|mutu\w+|association|asso|gestionnaire|organisme|federation|groupe|ccas|cias|croix-rouge|adapei|apei|admr|commune|collegue|confrere)s?"
_SHARE_BEFORE = re.compile(
    rf"(?:^|[,;:.?!(] |\bet |\bplus |\bmais )(?:chez )?(?:l'|la |le |les |une? |mon |ma |notre |son |leur )"
    rf"(?:{_HOLDERS}|premiere?|seconde?|derniere?|\w+ieme)\b[^,;:.?!\d]{{0,40}} $"
)
_SHARE_AFTER = re.compile(
    rf"(?: chez (?:nous|moi|eux|elle|lui\b)| (?:(?:du|de la|de notre|de mon|d'une?|des|chez (?:le|la|notre|une?)) |de l'|chez l'){_HOLDERS}\b| d'un cote\b)"
)
# « financé par le département seul » is not a project alone.
_ON_ITS_OWN = re.compile(
    r"(?<!\bdepartement )(?<!\bdepartemental )(?<!\betat )(?<!\bars )(?<!\bun )(?<!\bune )\b(?:tou(?:t|te) )?(?:seule?|alone)\b(?! (?:regi|dossier|projet|fois|logiciel|dui))"
)
_WITH_FINESS = re.compile(r"(?: numeros?)?(?: de)? finess\b")
_NO_FINESS_AFTER = re.compile(
    r"(?: \w+){0,2}? (?:n'ont pas|n'a pas|sans|n'en ont pas)(?: \w+){0,3}? finess\b|(?: \w+){0,2}? sans finess\b"
)
_NO_FINESS_BEFORE = re.compile(r"\bn'(?:avons|ont|a) pas (?:\w+ ){0,3}finess(?: \w+)? (?:pour|a|sur) $")


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


class Counter:
    """Reads the counts of one message from what was found in it."""

    def __init__(
        self, folded: Folded, numbers: list[Number], places: list[Place], found: list[Found]
    ) -> None:
        self._folded, self._plain = folded, folded.plain
        self._numbers, self._places, self._found = numbers, places, found

    def read(self, *, bare: bool) -> Counts:
        """Return the counts; ``bare`` when a number alone answers a question about the number of ESSMS."""
        tally = _Tally()
        position = 0
        while position < len(self._numbers):
            number = self._numbers[position]
            position += 1
            following = self._numbers[position] if position < len(self._numbers) else None
            if replaced(self._plain, number.start):
                continue
            if following and (product := self._product(number, following)):
                if product.number.count not in [total.number.count for total in tally.totals]:
                    tally.totals.append(product)  # « 15 ESSMS : 3 gestionnaires de 5 » says fifteen twice
                position += 1
            elif self._restates(number, tally):
                self._restart(number, tally)
            elif not self._aside(number, tally, bare=bare):
                self._count(number, tally, bare=bare and len(self._numbers) == 1)
        tally.mentions += self._unnumbered(tally)
        return self._conclude(tally)

    def _restates(self, number: Number, tally: _Tally) -> bool:
        """Whether a number says what the project is instead of what was said before."""
        counted = bool(tally.totals) or any(mention.nombre for mention in tally.mentions)
        before = self._plain[max(0, number.start - 40) : number.start]
        if not counted or self._category(number) or _THRESHOLD_BEFORE.search(before):
            return False
        if _TAKES_PART.match(self._plain, number.end):
            return not _JOINED_BEFORE.search(before)
        if not _ESSMS_AFTER.match(self._plain, number.end) and not _NO_NOUN.match(self._plain, number.end):
            return False
        if _PART_OF.match(self._plain, number.end) or _LEFT_TO_DO.match(self._plain, number.end):
            return False
        return bool(
            _CORRECTED_BEFORE.search(before)
            or _REMAIN_BEFORE.search(before)
            or _NOW_AFTER.match(self._plain, number.end)
        )

    def _restart(self, number: Number, tally: _Tally) -> None:
        """Count a project again: what was counted before is no longer its number."""
        numbered = [mention for mention in tally.mentions if mention.nombre]
        if not tally.totals and len(numbered) == 1:
            place = tally.mentions.index(numbered[0])
            tally.mentions[place] = replace(numbered[0], nombre=number.count)
            return
        tally.totals = [self._total(number)]
        tally.change, tally.changed = 0, ""

    def _aside(self, number: Number, tally: _Tally, *, bare: bool) -> bool:
        """Note a number that is denied, a part, a count of FINESS numbers or a change; say whether it is one."""
        plain = self._plain
        if denied(plain, number.start):
            if self._counts_essms(number, bare=bare) and (count := opposite(number.count)):
                words = self._total(number).words
                tally.refused.append(_Total(replace(number, count=count), words, False))
        elif self._part(number, tally.part_end) and not self._category(number):
            tally.part_end = number.end
        elif tally.totals and _LEFT_TO_DO.match(plain, number.end):
            pass  # « 25 ESSMS, il en reste 10 à équiper »: the project is of 25
        elif _WITH_FINESS.match(plain, number.end):
            tally.with_finess = int(number.value)
        elif _NO_FINESS_AFTER.match(plain, number.end) or _NO_FINESS_BEFORE.search(
            plain[: number.start][-60:]
        ):
            tally.without_finess = int(number.value)
        elif _MERGED_AFTER.match(plain, number.end) and tally.totals and number.count.exact:
            tally.change -= number.count.low - 1  # merged structures make one
            tally.changed = self._folded.words(number.start, number.end)
        elif (sign := self._sign(number)) and (tally.totals or tally.mentions or len(self._numbers) == 1):
            tally.change += sign * int(number.value)
            tally.changed = self._folded.words(number.start, number.end)
            found = self._category(number)
            if found and sign > 0 and not tally.totals and not tally.mentions:
                tally.mentions.append(self._mention(number, found))  # « j'ai oublié 5 SESSAD »
            tally.numbered.update(found.start for found in self._found if 0 <= found.start - number.end <= 3)
        else:
            return False
        return True

    def _count(self, number: Number, tally: _Tally, *, bare: bool) -> None:
        """Note what a number counts: regions, structures of a category, ESSMS, or nothing of these."""
        totals, mentions = tally.totals, tally.mentions
        if after := _REGIONS_AFTER.match(self._plain, number.end):
            if not self._plain[: number.start].endswith("une ou "):
                tally.regions = Stated(number.count, self._folded.words(number.start, after.end()))
        elif found := self._category(number):
            mentions.append(self._mention(number, found))
            tally.numbered.add(found.start)
        elif self._counts_essms(number, bare=bare) or self._listed(number) or self._share(number, totals):
            totals.append(self._total(number))
            if mentions and not totals[-1].noun and self._place(number.end) and len(totals) == 1:
                # « 30 EHPAD en Bretagne et 25 en Occitanie »: the second number counts the same category.
                last = mentions[-1]
                mentions.append(CategoryMention(last.categorie, number.count, False, totals.pop().words))

    def _unnumbered(self, tally: _Tally) -> list[CategoryMention]:
        return [
            CategoryMention(
                found.categorie,
                self._single(found, tally.mentions),
                False,
                self._folded.words(found.start, found.end),
            )
            for found in self._found
            if found.start not in tally.numbered
        ]

    def _conclude(self, tally: _Tally) -> Counts:
        """Return the counts of the whole message from what its numbers were found to count."""
        totals, mentions = tally.totals, tally.mentions
        alone = self._alone(totals, mentions)
        beside = sum(
            mention.nombre.low for mention in mentions if mention.nombre and not mention.within_total
        )
        if not totals and not any(mention.nombre for mention in mentions):
            totals = tally.refused
        essms = self._sum(self._without_grand_total(self._present(totals), beside)) or alone
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

    def _part(self, number: Number, part_end: int) -> bool:
        """Whether a number is a part of the whole: « dont 15 en Bretagne et 10 en Normandie »."""
        before = self._plain[max(0, number.start - 30) : number.start]
        if _PART.search(before):
            return True
        between = self._plain[part_end : number.start]
        return part_end > 0 and bool(_PART_LINK.search(between)) and not re.search(r"[.;?!]", between)

    def _sign(self, number: Number) -> int:
        """Return 1 when the number joins the project, -1 when it leaves it, else 0."""
        before = self._plain[max(0, number.start - 20) : number.start]
        if " moins " in self._plain[number.start : number.end]:
            return 0  # already taken off
        if _PAST.search(before):
            return 0
        if _LESS_AFTER.match(self._plain, number.end) or _LOST.search(before):
            return -1
        return 1 if _MORE_AFTER.match(self._plain, number.end) or _MORE_BEFORE.search(before) else 0

    def _product(self, number: Number, following: Number) -> _Total | None:
        """Read what adds up over two numbers: « 3 gestionnaires de 5 », « il en manque 2 pour arriver à 15 »."""
        between = self._plain[number.end : following.start]
        before = self._plain[max(0, number.start - 30) : number.start]
        if not (number.count.exact and following.count.exact):
            return None
        first, second = number.count.low, following.count.low
        each = _OF_EACH.fullmatch(between) or (
            _TOGETHER.fullmatch(between) and _EACH_AFTER.match(self._plain, following.end)
        )
        if each and not self._listed(following):
            value = first * second
        elif (_MISSING.search(before) and _TARGET.fullmatch(between)) or (
            _LOST.search(before) and _OUT_OF.fullmatch(between)
        ):
            value = max(0, second - first)
        else:
            return None
        words = self._folded.words(number.start, following.end)
        return _Total(Number(value, Count.exactly(value), number.start, following.end), words, True)

    def _present(self, totals: list[_Total]) -> list[_Total]:
        """Leave out what the project was or will be when the message says what it is: « nous étions 14, nous sommes 16 »."""
        return [total for total in totals if not self._elsewhen(total.number)] or totals

    def _elsewhen(self, number: Number) -> bool:
        before = self._plain[max(0, number.start - 30) : number.start]
        return bool(
            _PAST.search(before)
            or _LATER_BEFORE.search(before)
            or _LATER_AFTER.match(self._plain, number.end)
        )

    def _single(self, found: Found, mentions: list[CategoryMention]) -> Count | None:
        """Count « un FAM » as one in an enumeration of numbers: « un FAM, un SAMSAH et 14 SESSAD »."""
        before = self._plain[max(0, found.start - 12) : found.start]
        listed = re.search(r"(?:^|, |\bet |\bavec |\bplus )une? $", before)
        return Count.exactly(1) if listed and any(mention.nombre for mention in mentions) else None

    def _alone(self, totals: list[_Total], mentions: list[CategoryMention]) -> Stated[Count] | None:
        """Read « un EHPAD seul », « notre IME peut-il candidater seul » as a project of one ESSMS."""
        if totals or len(mentions) != 1 or mentions[0].nombre is not None:
            return None
        match = _ON_ITS_OWN.search(self._plain)
        plural = (
            self._plain[: self._found[0].start].rstrip().endswith((" les", " des", " nos", " ces"))
            if self._found
            else True
        )
        return (
            None if match is None or plural else Stated(Count.exactly(1), f"{mentions[0].words} {match[0]}")
        )

    def _regions_in_words(self) -> Stated[Count] | None:
        """Read « une seule région », « la même région », « plusieurs régions »; not « une ou plusieurs »."""
        if re.search(r"\bune? ou (?:deux|plusieurs) regions?", self._plain):
            return None
        if match := re.search(r"\b(?:une (?:seule|meme|unique)|la meme|single) region\b", self._plain):
            return Stated(Count.exactly(1), self._folded.words(match.start(), match.end()))
        if match := re.search(r"\b(?:plusieurs|differentes|diverses|several) regions\b", self._plain):
            return Stated(Count(2, None), self._folded.words(match.start(), match.end()))
        return None

    def _category(self, number: Number) -> Found | None:
        if _THRESHOLD_BEFORE.search(self._plain[max(0, number.start - 40) : number.start]):
            return None
        for found in self._found:
            if found.start >= number.end and _BEFORE_CATEGORY.fullmatch(
                self._plain[number.end : found.start]
            ):
                return found
        return None

    def _mention(self, number: Number, found: Found) -> CategoryMention:
        before, between = self._plain[: number.start], self._plain[number.end : found.start]
        within = bool(_WITHIN.search(before[-40:]) or _WITHIN.search(between)) and not _OUT.search(
            before[-16:]
        )
        words = self._folded.words(number.start, found.end)
        return CategoryMention(found.categorie, number.count, within, words)

    def _counts_essms(self, number: Number, *, bare: bool) -> bool:
        before = self._plain[max(0, number.start - 40) : number.start]
        if number.value > LARGEST_PROJECT or _CLAIM.search(before) or _THRESHOLD_BEFORE.search(before):
            return False
        if _RULE_S_OWN.search(before):
            return False
        if _MANAGER.search(before) and not number.count.exact:
            return False
        if self._plain[number.start : number.end] == "quelques" and not _OWN_BEFORE.search(before):
            return False
        if _ESSMS_AFTER.match(self._plain, number.end) or _ESSMS_WITHIN.search(
            self._plain, number.start, number.end
        ):
            return True
        other = _REGIONS_AFTER.match(self._plain, number.end) or _OTHER_AFTER.match(self._plain, number.end)
        if other or (_REFERENCE_BEFORE.search(before) and not _REMAIN_BEFORE.search(before)):
            return False
        if _NOW_AFTER.match(self._plain, number.end) and _PROJECT.search(self._plain):
            return True
        if re.match(r",? (?:dont|y compris|incluant|au total|en tout)\b", self._plain[number.end :]):
            return True
        if self._place(number.end) or bare or self._last_word(number):
            return True
        if not _NO_NOUN.match(self._plain, number.end):
            return False
        return bool(_HOLDER.search(before)) and bool(_PROJECT.search(self._plain))

    def _last_word(self, number: Number) -> bool:
        """Whether a number ends a message that only names places, or corrects: « à Ajaccio, et 7 », « pardon, 14 »."""
        if len(self._numbers) > 1 or self._found or self._plain[number.end :].strip(" .!?"):
            return False
        before = self._plain[: number.start]
        return bool(_CORRECTED_BEFORE.search(before)) or (
            bool(self._places) and before.endswith((", ", " et "))
        )

    def _share(self, number: Number, totals: list[_Total]) -> bool:
        """Whether a number without its noun is what one of the managers brings to a project."""
        if not _NO_NOUN.match(self._plain, number.end) or number.value > LARGEST_PROJECT:
            return False
        return self._owned(number) if totals else bool(_SHARE_AFTER.match(self._plain, number.end))

    def _owned(self, number: Number) -> bool:
        """Whether the words around a number tell who brings it: « la fondation d'Aubenas 5 », « les six du voisin »."""
        return bool(
            _SHARE_AFTER.match(self._plain, number.end)
            or _SHARE_BEFORE.search(self._plain[max(0, number.start - 70) : number.start])
        )

    def _listed(self, number: Number) -> bool:
        """Whether a number opens or goes on a list whose last one carries the noun: « 5, 6 et 4 ESSMS »."""
        if number.value > LARGEST_PROJECT:
            return False
        following = next((other for other in self._numbers if other.start >= number.end), None)
        if following is None:
            return False
        if not re.fullmatch(r" ?, ?| et | puis | \+ ?", self._plain[number.end : following.start]):
            return False
        return bool(_ESSMS_AFTER.match(self._plain, following.end)) or self._listed(following)

    def _place(self, end: int) -> Place | None:
        """Return the place named right after ``end``, if any."""
        for place in self._places:
            if place.start >= end and _BEFORE_PLACE.fullmatch(self._plain[end : place.start]):
                return place
        return None

    def _total(self, number: Number) -> _Total:
        noun = _ESSMS_AFTER.match(self._plain, number.end)
        place = self._place(noun.end() if noun else number.end)
        end = place.end if place else noun.end() if noun else number.end
        return _Total(number, self._folded.words(number.start, end), bool(noun))

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
        values = [total.number.count for total in totals]
        exact = all(value.exact for value in values)
        listed = all(self._listed(total.number) for total in totals[:-1])
        for total in totals if exact and len(totals) > 2 and not listed else ():
            if not self._owned(total.number) and 2 * total.number.count.low == sum(
                value.low for value in values
            ):
                return Stated(total.number.count, total.words)
        for first, second in pairwise(totals):
            between = self._plain[first.number.end : second.number.start]
            if _OR.search(between):
                return None  # two projects to choose from: neither is the one to judge
            if _SENTENCE_END.search(between) and not self._owned(second.number):
                return self._sum(totals[totals.index(second) :])
        if (
            len(totals) > 1
            and not self._owned(totals[-1].number)
            and _TOTAL.search(self._plain[totals[-2].number.end : totals[-1].number.start])
        ):
            if len(totals) == 2 and not totals[0].noun:
                return Stated(totals[1].number.count, totals[1].words)
            totals = totals[:-1]
            values = values[:-1]
        bounded = all(value.high is not None for value in values)
        high = sum(value.high or 0 for value in values) if bounded else None
        return Stated(
            Count(sum(value.low for value in values), high), " + ".join(total.words for total in totals)
        )


def shift(count: Count, change: int) -> Count:
    """Return a count with ``change`` ESSMS more or fewer, never below zero."""
    high = None if count.high is None else max(0, count.high + change)
    return Count(max(0, count.low + change), high)
