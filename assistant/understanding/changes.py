"""Tell what a number changes: who joins, leaves or takes part, what was, what is now, and what corrects."""

from __future__ import annotations

import re

from assistant.understanding.nouns import MANAGER_NOUN, Noun, Quantity
from assistant.understanding.numbers import ALONG, ESSMS_NOUN, Number, joins, leaves

ADVERBS = r"(?: (?:donc|bien|maintenant|aujourd'hui|actuellement|desormais|deja|seulement|finalement|exactement|encore|toujours|juste|tout juste|plus))*"
_PART_OF = re.compile(r" ?(?:des|de (?:nos|ces|mes)|sur|parmi)(?: (?:nos|les|ces))? ?\d")
_JOINED_BEFORE = re.compile(r"(?:\bet|\bplus|\+)(?: \w+)? $")
_MERGED_AFTER = re.compile(rf"{ALONG}{{0,2}}? (?:ont fusionne|fusionn\w+|se sont regroupes)\b")
_MORE_BEFORE = re.compile(
    r"\b(?:ajout\w+|rajout\w+|gagn\w+|accueill\w+|oublie\w*(?: de compter)?|(?:voisine?|partenaire|autre) (?:en )?apporte(?:ra)?|apport\w+(?: \w+)? (?:ses|leurs)(?: propres)?) ?$"
)
# « si on s'associe avec 4 ESSMS », « en s'alliant à une asso de 4 », « un partenaire nous rejoint avec 4 ESSMS »
_ALLIES = (
    r"(?:s'|\bs(?:e|ont) |\bnous |\bm'|\bme )(?:associ(?:e|ent|ons|er|ant|ait|ions|era|erait|erons|erions|eront)|alli(?:e|ent|ons|er|ant|ait|ions|era|erons|eront)"
    r"|rapproch(?:e|ent|ons|er|ant|ait|ions|era|erons)|uni(?:t|r|ssons|ssant|ra|rons)|joi(?:nt|gnons|gnant|ndre)|regroup(?:e|ent|ons|er|ant))(?: (?:tous|donc|aussi|egalement))? (?:avec|a)"
)
_PARTNER_BEFORE = re.compile(
    rf"{_ALLIES}(?: (?:l'|la |le |une? |notre |d'autres? )[^,;:.?!\d]{{1,40}} (?:de|d'|et ses|qui (?:a|gere|apporte|en a)|ayant|avec|gerant|apportant))? $"
    rf"|\b(?:un |une |l'|la |le |notre |mon )(?:autre )?{MANAGER_NOUN}\b[^,;:.?!\d]{{0,40}} (?:nous rejoi\w+|vient|viendrait|entre|arrive|se joint a nous|s'ajoute)(?: \w+)?,? (?:avec|et apporte|et en apporte|apportant)(?: ses)? $"
)
_LOST_BEFORE = re.compile(
    r"\b(?:perdu|perdons|perd|ferme|cede|vendu|retire|retirons|retirer|retirant|enleve|enlevons|enlever|enlevant|otons|otant|quitte)(?: \w+)? ?$"
)
_PAST_BEFORE = re.compile(
    r"\b(?:pens|croy|esper|imagin|prevoy|devi|devait|compti|comptai|voul|vis)\w* (?:(?:d'|en )?(?:etre|avoir|reunir|rassembler|arriver)(?: a)? )?$|\b(?:etions|avions|avais|etait|avait|etaient|gerions|comptions)(?: \w+)? ?$|\ba l'origine,? $"
)
_LATER_BEFORE = re.compile(
    r"\b(?:bientot|prochainement|a terme|l'an prochain|d'ici [^,;.?!\d]{1,20})(?: \w+){0,2} $"
)
_PAST_AFTER = re.compile(
    rf"(?: {ESSMS_NOUN})? (?:l'an(?:nee)? (?:dernier|derniere|passee?)|au (?:depart|debut)|a l'origine|initialement)\b"
)
_LATER_AFTER = re.compile(
    rf"(?: {ESSMS_NOUN})? (?:bientot|prochainement|demain|a terme|plus tard|l'an prochain|l'annee prochaine)\b"
)
_NOW_AFTER = re.compile(
    rf"(?: {ESSMS_NOUN})? (?:aujourd'hui|actuellement|maintenant|pour l'instant|pour le moment|a (?:ce jour|present|l'heure actuelle)|en ce moment|cette annee)\b"
)
_NOW_BEFORE = re.compile(
    r"\b(?:aujourd'hui|actuellement|maintenant|pour l'instant|pour le moment|a ce (?:jour|stade)|a present)(?: ?[:,])? "
    r"(?:(?:c'est|c|on est|on en est a|on en a|nous sommes|nous en sommes a|nous en avons|il y en a) )?$"
)
_DATED_BEFORE = re.compile(
    r"\b(?:en|fin|debut|au \d{1,2}(?:er)? [a-z]+|depuis) 20\d\d(?: ?[:,])? (?:(?:on est|on en a|nous sommes|nous en avons) )?$"
)
# What the project is, against what was said before: « non pardon 16 », « seuls 13 sont partants », « soit 18 ».
_CORRECTED_BEFORE = re.compile(
    r"\b(?:pardon|erratum|correction|rectification|verification|je (?:veux|voulais) dire|me suis trompee?|au temps pour moi|en fait|en realite|finalement|(?:ou )?plutot)"
    r"[ ,:]*(?:(?:c'est|on est|nous sommes|on en a|nous en avons) )?(?:que )?(?:les )?$"
    r"|\bnon(?: non)?,? $"
    r"|\b(?:j'ai|nous avons|on a|apres avoir) (?:tout )?(?:re)?(?:compte|verifie|calcule|pointe)\w*(?: a nouveau)?[ ,:]*(?:(?:c'est|on est|nous sommes|on en a|nous en avons|il y en a) )?(?:en fait |plutot |exactement |que )?$"
)
_REMAIN_BEFORE = re.compile(
    r"\b(?:rest(?:e|ons|ent|era|erons|erait)|gard(?:e|ons)|conserv(?:e|ons))(?: (?:plus|donc|finalement))*(?: que| qu')?(?: (?:les|nos))? ?$"
)
_RESULT_BEFORE = re.compile(
    r"(?:\b(?:donc|soit|(?:ca|cela) (?:nous )?(?:fait|fer\w+|donn\w+)|ce qui (?:nous )?(?:fait|fer\w+|donn\w+|porte a|ramene a|amene a)|(?:pour )?un total(?: de)?|(?:au total|en tout),?(?: (?:ca|cela) (?:nous )?fait)?|font|(?:nous|on) (?:(?:arriv|tomb|mont|descend|pass)\w+ a|ser(?:ait|ions|a|ons)))|=>?|->)"
    rf"[ ,:]*(?:(?:on est|nous sommes|ca fait|un total de|a) )?{ADVERBS.strip()} ?$"
)
_WILLING = r"(?:(?:veu(?:t|lent)|souhait(?:e|ent)|accepte(?:nt)?(?: de)?|vont|va|peu(?:t|vent)|pourrai(?:t|ent)|compte(?:nt)?|desire(?:nt)?|envisage(?:nt)? de) (?:bien |vraiment |encore |y )?(?:participer|s'engager|suivre|candidater|venir|y aller|adherer|rester|se lancer|deposer)\b)"
_TAKES_PART = re.compile(
    rf"(?: (?:{ESSMS_NOUN}|sont|seraient|seront|d'entre (?:eux|elles|nous)|seulement|vraiment|reellement|encore))*"
    rf" (?:{_WILLING}|partante?s?|volontaires?|motivee?s?|interessee?s?(?! par)|candidate?s?|participe\w*|s'engage\w*|(?:nous |vous )?sui(?:t|vent|vr\w+)|(?:partent|partira|partiront|part|viennent|vient) avec nous|restent|confirmee?s?|prete?s?|d'accord|(?:a|ont) (?:deja |bien |tous |toutes )?(?:signe|accepte|confirme|adhere|donne leur accord|dit oui))\b"
    r"(?! (?:par|de|du|un|une|le|la|les|leurs?|son|sa|ses|changer|garder)\b| d'| pour (?!particip|candidat|rejoin|y aller|depos))"
)
_LEFT_TO_DO = re.compile(rf"(?: {ESSMS_NOUN})? a (?:equip|financ|deploy|informatis|raccord|form)er\b")


def left_to_do(plain: str, end: int) -> bool:
    """Whether a number tells what is left to do, not what the project holds: « il en reste 10 à équiper »."""
    return bool(_LEFT_TO_DO.match(plain, end))


def takes_part(plain: str, end: int) -> bool:
    """Whether a number tells how many take part: « 11 participent »."""
    return bool(_TAKES_PART.match(plain, end))


def lost(plain: str, start: int) -> bool:
    """Whether what is counted is told as lost or taken off: « nous avons perdu 3 ESSMS »."""
    return bool(_LOST_BEFORE.search(plain[max(0, start - 30) : start]))


def remains(plain: str, start: int) -> bool:
    """Whether a number tells what is left of the project: « il en reste 13 »."""
    return bool(_REMAIN_BEFORE.search(plain[max(0, start - 40) : start]))


def merged(plain: str, end: int) -> bool:
    """Whether the structures counted merged into one."""
    return bool(_MERGED_AFTER.match(plain, end))


def sign(plain: str, quantity: Quantity) -> int:
    """Return 1 when what is counted joins the project, -1 when it leaves it, else 0."""
    if quantity.noun not in (Noun.ESSMS, Noun.CATEGORY, Noun.NONE):
        return 0
    before = plain[max(0, quantity.start - 20) : quantity.start]
    if " moins " in plain[quantity.start : quantity.end] or _PAST_BEFORE.search(before):
        return 0  # already taken off, or what was there before
    if leaves(plain, quantity.end) or _LOST_BEFORE.search(before):
        return -1
    if joins(plain, quantity.end) or _MORE_BEFORE.search(plain[max(0, quantity.start - 40) : quantity.start]):
        return 1
    return int(joins_with(plain, quantity.start))


def joins_with(plain: str, start: int) -> bool:
    """Whether a number is what a partner brings along: « si on s'associe avec 4 ESSMS »."""
    return bool(_PARTNER_BEFORE.search(plain[max(0, start - 100) : start]))


def elsewhen(plain: str, number: Number) -> bool:
    """Whether a number is what the project was, or will be."""
    before = plain[max(0, number.start - 30) : number.start]
    return bool(
        _PAST_BEFORE.search(before)
        or _PAST_AFTER.match(plain, number.end)
        or _LATER_BEFORE.search(before)
        or _LATER_AFTER.match(plain, number.end)
    )


# « les 12 autres peuvent-ils candidater ? », « présenter les 10 autres »
_OTHERS_BEFORE = re.compile(r"\b(?:les|nos|ces) autres $")
_OTHERS_AFTER = re.compile(r"(?: \w+)? autres\b(?: (?:structures|etablissements|services|essms|esms))?")
_APPLY_AFTER = re.compile(
    r"[ ,]*(?:(?:est-ce qu'ils |elles? |ils? |y )*)(?:peuvent|peuve|pourr\w+|ont(?:-(?:ils|elles))? droit|sont(?:-(?:ils|elles))? (?:eligibles?|financ\w+)|(?:vont |veulent |voudraient |souhaitent )?candidat\w+|suffi\w+|passent|rempliss\w+)\b"
)
_APPLY_BEFORE = re.compile(
    r"\b(?:present\w+|candidat\w+(?: avec| pour)?|depos\w+(?: avec| pour)?|demand\w+ (?:\w+ )?pour|inscri\w+|financ\w+|equip\w+) (?:les|nos|ces) (?:autres )?$"
)


def now(plain: str, quantity: Quantity) -> bool:
    """Whether a number is told of the day of asking: « 13 pour l'instant », « à ce jour : 13 »."""
    before = plain[max(0, quantity.start - 50) : quantity.start]
    return bool(_NOW_AFTER.match(plain, quantity.end) or _NOW_BEFORE.search(before))


def dated(plain: str, start: int) -> bool:
    """Whether a number follows the date it is told of: « au 30 juin 2025, 17 »."""
    return bool(_DATED_BEFORE.search(plain[max(0, start - 50) : start]))


def corrects(plain: str, start: int) -> bool:
    """Whether a number corrects another: « pardon, 14 »."""
    return bool(_CORRECTED_BEFORE.search(plain[max(0, start - 40) : start]))


def sums_up(plain: str, start: int) -> bool:
    """Whether a number is told as the result of the others: « ce qui fait 15 », « donc 18 »."""
    return bool(_RESULT_BEFORE.search(plain[max(0, start - 50) : start]))


def rest_asked_about(plain: str, quantity: Quantity) -> bool:
    """Whether a number is that of the others, which would apply: « les 12 autres peuvent-ils candidater ? »."""
    before, end = plain[max(0, quantity.start - 50) : quantity.start], max(quantity.end, quantity.stop)
    others = _OTHERS_AFTER.match(plain, end)
    if not others and not _OTHERS_BEFORE.search(before):
        return False
    return bool(_APPLY_AFTER.match(plain, others.end() if others else end) or _APPLY_BEFORE.search(before))


def restates(plain: str, quantity: Quantity) -> bool:
    """Whether a number says what the project is instead of what was said before."""
    if quantity.noun not in (Noun.ESSMS, Noun.NONE) and not takes_part(plain, quantity.end):
        return False
    before = plain[max(0, quantity.start - 40) : quantity.start]
    if takes_part(plain, quantity.end):
        return not _JOINED_BEFORE.search(before)
    if elsewhen(plain, quantity.number):
        return False
    if _PART_OF.match(plain, quantity.end) or left_to_do(plain, quantity.end):
        return False
    return bool(
        corrects(plain, quantity.start)
        or sums_up(plain, quantity.start)
        or _REMAIN_BEFORE.search(before)
        or now(plain, quantity)
    )
