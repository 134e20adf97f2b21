"""Classify the numbers of a message: the noun each one governs, and what the words around say of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from assistant.understanding.categories import Found
from assistant.understanding.numbers import ESSMS_NOUN, JOINS, LEAVES, Number
from assistant.understanding.places import Place

LARGEST_PROJECT = 1_500  # beyond, a number of ESSMS is a figure of the programme, not of a project


class Noun(Enum):
    """What a number is a number of."""

    ESSMS = auto()
    CATEGORY = auto()
    REGION = auto()
    MANAGER = auto()
    OTHER = auto()
    NONE = auto()  # the noun is left out: « nous sommes 14 », « et 6 à Dijon »


@dataclass(frozen=True)
class Quantity:
    """A number with the noun it governs; ``stop`` is the end of its noun phrase."""

    number: Number
    noun: Noun
    stop: int
    found: Found | None = None

    @property
    def start(self) -> int:
        """Return the place of the number in the folded text."""
        return self.number.start

    @property
    def end(self) -> int:
        """Return the end of the number, its noun left out."""
        return self.number.end


# --- The noun -----------------------------------------------------------------------------------------------
_BEFORE_NOUN = (
    r"(?:autres?|petite?s?|gros(?:ses?)?|grande?s?|vraie?s?|seule?s?|nouve(?:aux?|lles?|l)|ancien(?:ne)?s?|beaux|belles?|"
    r"bon(?:ne)?s?|jeunes|different(?:e?)s|divers(?:es)?|principa(?:ux|les)|premier(?:e)?s?|derniere?s|futur(?:e?)s?|memes?|\w+ieme)"
)
_OF_OURS = r"(?:de |d'|des )?(?:(?:nos|ces|mes|leurs|vos|ses|les) |d'entre )?"
_ESSMS_AFTER = re.compile(
    rf" ?{_OF_OURS}(?:{_BEFORE_NOUN} )*(?:{ESSMS_NOUN})\b(?! (?:de confort|socles?|numeriques?|web|internet|officiels|en ligne|informatiques?|de l'(?:etat|ars)\b))"
)
_ESSMS_WITHIN = re.compile(rf"\b{ESSMS_NOUN}\b")  # « 20 ESSMS moins 6 »
_REGIONS_AFTER = re.compile(
    r" ?(?:autres? |different\w* |grandes? |anciennes? |nouvelles? )?(?:regions?|ars)\b"
)
_MANAGER_NOUN = (
    r"(?:gestionnaires?|organismes?(?: gestionnaires?)?|associations?|assos?|partenaires?|og|fondations?|"
    r"mutuelles?|federations?|porteurs?|adherents?|gcs(?:ms)?|entites juridiques|ccas|collectivites?|communes?)"
)
_MANAGER_AFTER = re.compile(rf" ?(?:{_BEFORE_NOUN} )*{_MANAGER_NOUN}\b")
_OTHER_AFTER = re.compile(
    r" ?(?:autres? )?(?:places?|lits?|h\b|heures?|euros?|€|eur\b|k€|m€|md|millions?|milliards?|%|pour ?cents?|"
    r"ans?\b|annees?|jours?|mois|semaines?|personnes?|usagers?|residents?|salaries|professionnels?|etp|projets?|dossiers?|grappes?|departements?|"
    r"logiciels?|dui\b|editeurs?|pages?|questions?|fois|vagues?|rue|avenue|bis|a (?:candidater|deposer|porter|nous associer|vouloir|signer)\b|pas (?:de (?:la|l'|chez)|du|d'ici)|°|/)"
)
# What may follow a number that stands for ESSMS without the word; another noun means that it counts other things.
_NO_NOUN_AFTER = re.compile(
    r" ?(?:$|[^\w ]|(?:en|dans|a|au|aux|sur|et|ou|dont|de|d'|du|des|la|le|les|mais|pour|par|avec|plus|moins|seulement|chacun\w*|chaque|"
    r"reparti\w*|situe\w*|implante\w*|base\w*|soit|si|qui|que|qu'|sommes|est|sont|donc|environ|maintenant|aujourd'hui|desormais|"
    r"actuellement|finalement|seule?s?|tous|toutes|ensemble|chez|cote|vers|nous|on|c'est|ca|cela|est-ce|peut\w*|pouvons|suffi\w*|atteint\w*|"
    r"membres?|autres?|total|minimum|mini|max\w*|can|in|is|are|and|from|alors|cette|cet|ce|comme|hors|sauf|sans|pas|entre|ne|n'|y|ici|la-bas|"
    r"uniquement|particip\w*|partante?s?|volontaires?|mecs|partout|quand|quoi|quel\w*|bien|oui|non|encore|deja|depuis|apres|avant|ont|declar\w+|recens\w+|existants?|actuels?|initia\w+|prevus?|autorises?|annonces?|inscrit\w*|a l'|ki|nan|x)\b)"
)
_BEFORE_CATEGORY = re.compile(
    rf" ?(?:d'|de |cabinets? |(?:d'entre (?:eux|elles|nous) )?sont (?:en fait |finalement )?(?:des |une? )?|"
    rf"(?:{_BEFORE_NOUN}|structures?|services?|etablissements?|sites?|essms|esms) (?:de |d')?(?:type )?)*"
)
# A category named by those who work there: « 26 aides à domicile » are people, « 3 services d'aide à domicile » are not.
_WORKERS = re.compile(r"aides a domicile|auxiliaires de vie|mandataires|tuteurs|curateurs|delegues")
# « ESSMS : 14 », « nombre d'établissements = 14 »: the noun stands on the left.
_LABEL_BEFORE = re.compile(r"\b(?P<noun>[a-z]+)(?: (?:du|de notre) (?:groupement|projet))? ?(?::|=) ?$")
_ESSMS_LABEL = re.compile(rf"{ESSMS_NOUN}")
_OTHER_LABEL = re.compile(
    r"(?:lits?|places?|salaries|etp|usagers?|residents?|agents?|budget|montant|gestionnaires?|og|regions?|departements?|capacite)"
)


def govern(plain: str, numbers: list[Number], found: list[Found], places: list[Place]) -> list[Quantity]:
    """Return each number with the noun it governs: the nearest on its right, else a label on its left."""
    starts = {place.start for place in places}
    return [_govern(plain, number, found, starts) for number in numbers]


def _govern(plain: str, number: Number, categories: list[Found], places: set[int]) -> Quantity:
    end = number.end
    if after := _REGIONS_AFTER.match(plain, end):
        return Quantity(number, Noun.REGION, after.end())
    less = " moins " in plain[number.start : end]  # « 15 ESSMS moins une USLD » counts ESSMS
    if not less and (found := _category_after(plain, end, categories)):
        return Quantity(number, Noun.CATEGORY, found.end, found)
    if after := _MANAGER_AFTER.match(plain, end):
        return Quantity(number, Noun.MANAGER, after.end())
    if after := _ESSMS_AFTER.match(plain, end):
        return Quantity(number, Noun.ESSMS, after.end())
    if _ESSMS_WITHIN.search(plain, number.start, end):
        return Quantity(number, Noun.ESSMS, end)
    if after := _OTHER_AFTER.match(plain, end):
        return Quantity(number, Noun.OTHER, after.end())
    if end + 1 in places:
        return Quantity(number, Noun.NONE, end)  # « les 9 bretons »
    return Quantity(number, _noun_left_out(plain, number), end)


def _category_after(plain: str, end: int, categories: list[Found]) -> Found | None:
    for found in categories:
        if found.start >= end and _BEFORE_CATEGORY.fullmatch(plain, end, found.start):
            return None if names_workers(plain, found) and not plain[end : found.start].strip() else found
    return None


def names_workers(plain: str, found: Found) -> bool:
    """Whether a category is told by those who work there: « 26 aides à domicile »."""
    return bool(_WORKERS.match(plain, found.start))


def _noun_left_out(plain: str, number: Number) -> Noun:
    """Return what a number without a known noun on its right counts."""
    bare = _NO_NOUN_AFTER.match(plain, number.end) or _LESS_AFTER.match(plain, number.end)
    if not bare and not _MORE_AFTER.match(plain, number.end):
        return Noun.OTHER
    label = _LABEL_BEFORE.search(plain[max(0, number.start - 50) : number.start])
    if label and _ESSMS_LABEL.fullmatch(label["noun"]):
        return Noun.ESSMS
    return Noun.OTHER if label and _OTHER_LABEL.fullmatch(label["noun"]) else Noun.NONE


# --- The rule's numbers, and those of others ----------------------------------------------------------------
_THRESHOLD_BEFORE = re.compile(
    r"\b(?:seuil|minimum|minimal|plancher|maximum|plafond|limite|barre|quorum|quota|regle)(?: (?:de|des|est|etait|a|general|ultramarin|national|minimal|fixe|reduit|ramene|abaisse|est de|etait de|est a|serait de))* ?(?:a |de )?(?:\d+ ou (?:a |de )?)?$|\bseuil\b[^.,;?!\d]{0,30}\b(?:de|a|est|etait) $|\b(?:reduit|ramene|abaisse) a $"
)
_CLAIM_BEFORE = re.compile(
    r"\b(?:(?:il )?(?:en )?(?:faut|fallait|faudrait|faudra)(?:-il)?|exig\w+|requi\w+|necessaires?|impos\w+|demand\w+|manque|(?:arriver|parvenir|monter) a|atteindre)(?: bien| toujours| encore| (?:etre|avoir)| au moins| un minimum de| un groupement de)* ?$"
)
_RULE_S_OWN = re.compile(
    r"\b(?:dans les|% (?:de|des|du)(?: les)?|(?:double|triple|moitie|tiers|quart) (?:de|des|d')) ?$"
)
# « un texte dit 15 », « on applique 8 »: what somebody reports or applies.
_SAYS = r"dit|disent|disait|lis|lit|lu|parle(?:nt)?|ecrit|ecrivent|evoque(?:nt)?|mentionne(?:nt)?|appliqu\w+"
_THEN = r"(?: (?:de|d'un|que|c'est|bien|plutot|toujours|donc|le|les))* ?$"
_SAID_BEFORE = re.compile(rf"\b(?:{_SAYS}){_THEN}")
_REPORTED_BEFORE = re.compile(
    rf"\b(?:{_SAYS}|annonce(?:nt)?|indique(?:nt)?|cite(?:nt)?|retient|retiennent|affiche(?:nt)?|precise(?:nt)?){_THEN}"
)
_CHOICE = re.compile(r" ou ")
_ASKED_OF_THE_RULE = re.compile(r"\bc'est(?: bien| toujours| donc)? $")
_REQUIRED_AFTER = re.compile(
    rf"(?: {ESSMS_NOUN})? (?:requis(?:es)?|exige\w*|necessaires?|demande(?:e?s)\b|obligatoires?|reglementaires?|impose\w*|fatidiques?)\b"
)
_ASKED_AFTER = re.compile(r",? (?:c'est|est-ce|on est d'accord)\b")
_MARGIN_AFTER = re.compile(r" (?:de trop|de marge|d'ecart|manquants?)\b")
# « notre éditeur équipe 250 ESSMS »: those of others.
_OF_OTHERS_BEFORE = re.compile(
    r"(?:^|[,;:.?!] |\bet |\bque )(?:l'|le |la |notre |votre |cet |ce |cette )(?:editeur|logiciel|prestataire|solution|programme|region|departement)\b"
    r"[^,;.?!\d]{0,25}\b(?:equip|deploy|compt|financ|couvr|concern)\w* (?:deja |aussi |plus de )?$"
)
_MINIMUM_AFTER = re.compile(rf"(?: {ESSMS_NOUN})? (?:au )?minimum\b")
_REFERENCE_BEFORE = re.compile(
    r"\b(?:article|annexe|action|mesure|vague|temps|phase|axe|couloir|instruction|n°|no|numero|grade|tarif|pourquoi|dans les|que le|qu'avec les|les|tou(?:s|tes))(?: (?:de|n°))* ?$"
)
_MANAGER_BEFORE = re.compile(
    r"\b(?:gestionnaires?|organismes?)(?: gestionnaires?)? (?:de|ayant|avec|comptant) ?$"
)


def threshold(plain: str, start: int) -> bool:
    """Whether a number is told as the rule's threshold."""
    return bool(_THRESHOLD_BEFORE.search(plain[max(0, start - 40) : start]))


def of_the_rule(plain: str, quantity: Quantity) -> bool:
    """Whether a number is the rule's, or one that a text is said to tell, and not the project's."""
    before = plain[max(0, quantity.start - 40) : quantity.start]
    if _THRESHOLD_BEFORE.search(before) or _CLAIM_BEFORE.search(before) or _RULE_S_OWN.search(before):
        return True
    if _REQUIRED_AFTER.match(plain, quantity.end):
        return True
    least = _MINIMUM_AFTER.match(plain, quantity.end)
    if least and (_ASKED_OF_THE_RULE.search(before) or _ASKED_AFTER.match(plain, least.end())):
        return True
    if _MARGIN_AFTER.match(plain, quantity.stop) or _OF_OTHERS_BEFORE.search(plain[: quantity.start][-60:]):
        return True
    if quantity.noun is not Noun.NONE:
        return bool(_SAID_BEFORE.search(before))
    chosen = _CHOICE.search(plain, quantity.start, quantity.end)  # « on applique 8 ou 15 ? »
    if chosen and not held(plain, quantity.start, firmly=True):
        return True
    return bool(_REPORTED_BEFORE.search(before))


def reference(plain: str, start: int) -> bool:
    """Whether the words before a number make it the name of a thing: « article 5 », « la vague 2 », « les 15 »."""
    before = plain[max(0, start - 40) : start]
    return bool(_REFERENCE_BEFORE.search(before)) and not _REMAIN_BEFORE.search(before)


def of_any_manager(plain: str, quantity: Quantity) -> bool:
    """Whether a number without bounds describes a kind of manager: « un gestionnaire de plus de 15 ESSMS »."""
    before = plain[max(0, quantity.start - 40) : quantity.start]
    return bool(_MANAGER_BEFORE.search(before)) and not quantity.number.count.exact


# --- The project's own number, its noun left out ------------------------------------------------------------
_PROJECT = re.compile(
    r"\b(?:nous|on|notre|nos|we|groupement|grappe|projet|total|essms|esms|structures?|etablissements?|sites?|seul)\b"
)
_ADVERBS = r"(?: (?:donc|bien|maintenant|aujourd'hui|actuellement|desormais|deja|seulement|finalement|exactement|encore|toujours|juste|tout juste|plus))*"
_OWNING = r"(?:sommes|serons|serions|est|sera|serait|etait|etions|avons|aurons|avions|ai|a|aura|avait|(?:en )?suis|compt\w+|ger\w+|reuni\w+|regroup\w+|rassembl\w+|totalis\w+|arriv\w+|pass\w+|mont\w+|tomb\w+|plafonn\w+|tourn\w+|fait|fera|faisons|voila|voici)"
_STATE_BEFORE = re.compile(
    rf"(?:\b(?:nous|on|je|ca|cela|qui|groupement|grappe|projet|equipe)|\bj'|\bqu'on)(?: ?(?:n'|ne |en |y |nous |vous )){{0,2}} ?{_OWNING}{_ADVERBS}(?: (?:a|que|qu'a))?(?: (?:de|d'))? ?$"
    r"|\b(?:groupement|grappe|total|collectif|ensemble) (?:de|a) $|\b(?:projet|regroupement) a $|\bnous voi(?:la|ci) (?:a )?$"
    r"|(?:\bplus|\+) $|\ben plus (?:des|de (?:nos|mes|ces)) $"
)
_HOLDER_BEFORE = re.compile(
    r"(?:nous sommes|on est|on sera(?:it)?|nous serons|si on est|si nous sommes|nous en avons|on en a|total(?: de)?|au total|regroup\w+|groupement de|grappe de|projet (?:de|a)|avec|a|de|we are|we have|nombre :?|n ?=|c'est|y en a|en fait|plutot|finalement|avons|avions|etions|etaient|gerons|gere|avoir|autre|sont|et|ou|etre|serons|passons a|passe a|que|donc|\+) ?$"
)
# « quinze, ça suffit ? »
_ENOUGH_AFTER = re.compile(r",? (?:(?:ca|cela|c'est|est-ce) )?(?:suffi\w*|assez|passe)\b")
_SIDE_BY_SIDE = re.compile(r"(?:\bet|,|\bplus|\+) les $")  # « les 16 du Lot et les 4 du Tarn »
_WHOLE_AFTER = re.compile(
    r",? (?:dont|y compris|incluant|en (?:comptant|incluant)|avec (?:l'|la |le |les |notre |nos )|au total|en tout|en cumule|tout compris)\b"
)


def speaks_of_a_project(plain: str) -> bool:
    """Whether a message speaks of a project, so that a number alone may be its number of ESSMS."""
    return bool(_PROJECT.search(plain))


def names_essms(plain: str) -> bool:
    """Whether a message names ESSMS, establishments or services at all."""
    return bool(_ESSMS_WITHIN.search(plain))


def whole(plain: str, end: int) -> bool:
    """Whether the words after a number make it a whole: « 14 dont… », « 14 en tout »."""
    return bool(_WHOLE_AFTER.match(plain, end))


def held(plain: str, start: int, *, firmly: bool) -> bool:
    """Whether a number without its noun is told of the project; ``firmly`` by a subject and its verb."""
    before = plain[max(0, start - 60) : start]
    return bool((_STATE_BEFORE if firmly else _HOLDER_BEFORE).search(before))


def is_enough(plain: str, number: Number) -> bool:
    """Whether a message opens on a number and asks whether it is enough."""
    return not plain[: number.start].strip() and bool(_ENOUGH_AFTER.match(plain, number.end))


def side_by_side(plain: str, start: int) -> bool:
    """Whether a number stands beside another: « les 16 du Lot et les 4 du Tarn »."""
    return bool(_SIDE_BY_SIDE.search(plain[max(0, start - 10) : start]))


def measures(plain: str, before: Quantity | None, quantity: Quantity) -> bool:
    """Whether a number is the size of what the one before counts: « 2 pôles de 8 »."""
    if before is None or before.noun is not Noun.OTHER:
        return False
    return bool(_SIZE_LINK.fullmatch(plain, before.end, quantity.start))


_SIZE_LINK = re.compile(r" \w+ (?:de|a) (?:(?:une?|la) )?")


_OWN_BEFORE = re.compile(
    r"\b(?:j'ai|ai|a|as|avons|avez|ont|gere\w*|gerons|sommes|est|compte\w*|comptons|regroup\w+|reuni\w+|apport\w+|exploit\w+|avec|de|que|nos|mes) ?$|qu'$"
)
_ASSERTED = re.compile(
    rf" ?{ESSMS_NOUN}(?: (?!ont|sont|peuvent|seront|etaient|avaient)\w+)?,? (?:dans|en|a|au|aux|sur|chez nous)\b"
)


def some_are_owned(plain: str, number: Number) -> bool:
    """Tell « nous avons quelques ESSMS » from « quelques établissements ont-ils été financés »."""
    before = plain[max(0, number.start - 40) : number.start]
    return bool(_OWN_BEFORE.search(before) or (not before and _ASSERTED.match(plain, number.end)))


# --- What the number does to the others ---------------------------------------------------------------------
_PART_BEFORE = re.compile(r"\b(?:dont|parmi (?:eux|elles|lesquels|lesquelles))(?: \w+)? ?$")
_PART_LINK = re.compile(r"(?:,| et) $")
_PART_OF = re.compile(r" ?(?:des|de (?:nos|ces|mes)|sur|parmi)(?: (?:nos|les|ces))? ?\d")
_JOINED_BEFORE = re.compile(r"(?:\bet|\bplus|\+)(?: \w+)? $")
_ALONG = r"(?: (?!et\b|quand\b|mais\b|ou\b)\w+)"
_MERGED_AFTER = re.compile(rf"{_ALONG}{{0,2}}? (?:ont fusionne|fusionn\w+|se sont regroupes)\b")
_MORE_AFTER = re.compile(rf"{_ALONG}{{0,3}}? (?:de plus|en plus|supplementaires?|{JOINS})\b")
_MORE_BEFORE = re.compile(
    r"\b(?:ajout\w+|rajout\w+|gagn\w+|accueill\w+|oublie\w*(?: de compter)?|(?:voisine?|partenaire|autre) (?:en )?apporte(?:ra)?) ?$"
)
# « si on s'associe avec 4 ESSMS », « en s'alliant à une asso de 4 », « un partenaire nous rejoint avec 4 ESSMS »
_ALLIES = (
    r"(?:s'|\bs(?:e|ont) |\bnous |\bm'|\bme )(?:associ(?:e|ent|ons|er|ant|ait|ions|era|erait|erons|erions|eront)|alli(?:e|ent|ons|er|ant|ait|ions|era|erons|eront)"
    r"|rapproch(?:e|ent|ons|er|ant|ait|ions|era|erons)|uni(?:t|r|ssons|ssant|ra|rons)|joi(?:nt|gnons|gnant|ndre)|regroup(?:e|ent|ons|er|ant))(?: (?:tous|donc|aussi|egalement))? (?:avec|a)"
)
_PARTNER_BEFORE = re.compile(
    rf"{_ALLIES}(?: (?:l'|la |le |une? |notre |d'autres? )[^,;:.?!\d]{{1,40}} (?:de|d'|et ses|qui (?:a|gere|apporte|en a)|ayant|avec|gerant|apportant))? $"
    rf"|\b(?:un |une |l'|la |le |notre |mon )(?:autre )?{_MANAGER_NOUN}\b[^,;:.?!\d]{{0,40}} (?:nous rejoi\w+|vient|viendrait|entre|arrive|se joint a nous|s'ajoute)(?: \w+)?,? (?:avec|et apporte|et en apporte|apportant)(?: ses)? $"
)
_LESS_AFTER = re.compile(rf"{_ALONG}{{0,3}}? (?:de moins|en moins|{LEAVES})")
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
# What the project is, against what was said before: « non pardon 16 », « seuls 13 sont partants », « soit 18 ».
_CORRECTED_BEFORE = re.compile(
    r"\b(?:pardon|erratum|correction|rectification|verification|je (?:veux|voulais) dire|me suis trompee?|au temps pour moi|en fait|en realite|finalement|(?:ou )?plutot)"
    r"[ ,:]*(?:(?:c'est|on est|nous sommes|on en a|nous en avons) )?(?:que )?(?:les )?$"
    r"|\bnon(?: non)?,? $"
)
_REMAIN_BEFORE = re.compile(
    r"\b(?:rest(?:e|ons|ent|era|erons|erait)|gard(?:e|ons)|conserv(?:e|ons))(?: (?:plus|donc|finalement))*(?: que| qu')?(?: (?:les|nos))? ?$"
)
_RESULT_BEFORE = re.compile(
    r"(?:\b(?:donc|soit|(?:ca|cela) (?:nous )?(?:fait|donne)|ce qui (?:nous )?(?:fait|donne|porte a|ramene a|amene a)|(?:pour )?un total(?: de)?|(?:au total|en tout),?(?: (?:ca|cela) (?:nous )?fait)?|(?:nous|on) (?:(?:arriv|tomb|mont|descend|pass)\w+ a|ser(?:ait|ions|a|ons)))|=>?|->)"
    rf"[ ,:]*(?:(?:on est|nous sommes|ca fait|un total de|a) )?{_ADVERBS.strip()} ?$"
)
_WILLING = r"(?:(?:veu(?:t|lent)|souhait(?:e|ent)|accepte(?:nt)?(?: de)?|vont|va|peu(?:t|vent)|pourrai(?:t|ent)|compte(?:nt)?|desire(?:nt)?|envisage(?:nt)? de) (?:bien |vraiment |encore |y )?(?:participer|s'engager|suivre|candidater|venir|y aller|adherer|rester|se lancer|deposer)\b)"
_TAKES_PART = re.compile(
    rf"(?: (?:{ESSMS_NOUN}|sont|seraient|seront|d'entre (?:eux|elles|nous)|seulement|vraiment|reellement|encore))*"
    rf" (?:{_WILLING}|partante?s?|volontaires?|motivee?s?|interessee?s?(?! par)|candidate?s?|participe\w*|s'engage\w*|suivent|suivront|restent|confirmee?s?|prete?s?|d'accord)\b"
    r"(?! (?:par|de|du|un|une|le|la|les|changer|garder)\b| d'| pour (?!particip|candidat|rejoin|y aller|depos))"
)
_LEFT_TO_DO = re.compile(rf"(?: {ESSMS_NOUN})? a (?:equip|financ|deploy|informatis|raccord|form)er\b")


def part(plain: str, start: int, part_end: int) -> bool:
    """Whether a number is a part of the whole: « dont 15 en Bretagne et 10 en Normandie »."""
    if _PART_BEFORE.search(plain[max(0, start - 30) : start]):
        return True
    between = plain[part_end:start]
    return part_end > 0 and bool(_PART_LINK.search(between)) and not re.search(r"[.;?!]", between)


def left_to_do(plain: str, end: int) -> bool:
    """Whether a number tells what is left to do, not what the project holds: « il en reste 10 à équiper »."""
    return bool(_LEFT_TO_DO.match(plain, end))


def takes_part(plain: str, end: int) -> bool:
    """Whether a number tells how many take part: « 11 participent »."""
    return bool(_TAKES_PART.match(plain, end))


def out_of(plain: str, start: int) -> bool:
    """Whether a number is the whole out of which another was told: « 17 services éligibles sur 20 »."""
    return bool(_OUT_OF.search(plain[max(0, start - 30) : start]))


def among(plain: str, first: Quantity, second: Quantity) -> bool:
    """Whether the first number is what takes part out of the second: « 12 de nos 20 ESSMS participent »."""
    return bool(_AMONG.fullmatch(plain, first.end, second.start)) and takes_part(plain, second.end)


def fraction(plain: str, quantity: Quantity) -> tuple[int, int] | None:
    """Return the part of a number that the words before it take: « la moitié de nos 20 ESSMS » is (1, 2).

    « la moitié de nos 20 ESSMS est équipée » says something else of it than that it is the project.
    """
    match = _FRACTION_BEFORE.search(plain[max(0, quantity.start - 40) : quantity.start])
    if match is None or not (takes_part(plain, quantity.end) or _CLAUSE_ENDS.match(plain, quantity.stop)):
        return None
    return _FRACTIONS[match["part"]]


_AMONG = re.compile(rf"(?: {ESSMS_NOUN})? (?:de|des|d'entre|parmi|sur)(?: (?:nos|mes|ces|leurs|les))? ")
_FRACTIONS = {
    "la moitie": (1, 2),
    "une moitie": (1, 2),
    "le tiers": (1, 3),
    "un tiers": (1, 3),
    "le quart": (1, 4),
    "un quart": (1, 4),
    "les deux tiers": (2, 3),
    "deux tiers": (2, 3),
    "les trois quarts": (3, 4),
    "trois quarts": (3, 4),
}
_FRACTION_BEFORE = re.compile(
    rf"\b(?P<part>{'|'.join(sorted(_FRACTIONS, key=len, reverse=True))})(?: seulement)? de (?:nos|mes|ces|leurs|ses|vos) $"
)
_CLAUSE_ENDS = re.compile(r"(?: (?:en|a|au|aux|dans)(?: l[ae]s?)? [a-z'-]+)? ?(?:$|[^\w ])")


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
    if _LESS_AFTER.match(plain, quantity.end) or _LOST_BEFORE.search(before):
        return -1
    if _MORE_AFTER.match(plain, quantity.end) or _MORE_BEFORE.search(before):
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


def now(plain: str, end: int) -> bool:
    """Whether a number is told of the day of asking."""
    return bool(_NOW_AFTER.match(plain, end))


def corrects(plain: str, start: int) -> bool:
    """Whether a number corrects another: « pardon, 14 »."""
    return bool(_CORRECTED_BEFORE.search(plain[max(0, start - 40) : start]))


def sums_up(plain: str, start: int) -> bool:
    """Whether a number is told as the result of the others: « ce qui fait 15 », « donc 18 »."""
    return bool(_RESULT_BEFORE.search(plain[max(0, start - 50) : start]))


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
        or now(plain, quantity.end)
    )


# --- Shares -------------------------------------------------------------------------------------------------
# « un autre 7 »: brings, or says, as the one before did.
_ANOTHER_BEFORE = re.compile(r"\b(?:un |une |l')autres? $")
# Who brings a share of the structures: « la fondation d'Aubenas 5 et la mutualité 4 », « les six du voisin ».
_HOLDERS = r"(?:autre|voisine?|partenaire|fondation|mutu\w+|association|asso|gestionnaire|organisme|federation|groupe|ccas|cias|croix-rouge|adapei|apei|apf|admr|udaf|commune|collegue|confrere|hopital|departement)s?"
_OPENING = r"(?:^|[,;:.?!(] |\bet |\bplus |\bmais |\+ ?)"
_SHARE_BEFORE = re.compile(
    rf"{_OPENING}(?:chez )?(?:l'|la |le |les |une? |d'une? |mon |ma |notre |nos |son |leur )"
    rf"(?:{_HOLDERS}|premiere?|seconde?|derniere?|\w+ieme)\b[^;:.?!\d]{{0,40}} $"
)
_SHARE_OF_ANOTHER = re.compile(
    r"\b(?:l'autre|les autres|l[ae] (?:seconde?|derniere?|(?:deux|trois|quatr|cinqu)ieme))\b[^;:.?!\d]{0,40} $"
)
_SHARE_OF_THOSE = re.compile(
    rf"{_OPENING}(?:ceux|celles?|celui) (?:de |du |des |d'|qui )[^;:.?!\d]{{0,40}} $"
)
_SHARE_OF_US = re.compile(rf"{_OPENING}(?:chez )?(?:nous|moi|eux|elles?|lui)(?: (?:on|nous))?,? $")
_SHARES_BEFORE = (_SHARE_BEFORE, _SHARE_OF_ANOTHER, _SHARE_OF_THOSE, _SHARE_OF_US)
_SHARE_AFTER = re.compile(
    rf"(?: (?:chez|a|pour) (?:nous|moi|eux|elle|lui)\b(?!-| \w+[ei]r\b)| (?:(?:du|de la|de notre|de mon|d'une?|des|(?:chez|pour|a) (?:le|la|notre|une?)|au) |(?:de|chez|pour|a) l'){_HOLDERS}\b| d'un cote\b)"
)


def owned(plain: str, quantity: Quantity) -> bool:
    """Whether the words around a number tell who brings it: « la fondation d'Aubenas 5 », « les six du voisin »."""
    before = plain[max(0, quantity.start - 80) : quantity.start]
    return brought(plain, quantity) or any(pattern.search(before) for pattern in _SHARES_BEFORE)


def another(plain: str, start: int) -> bool:
    """Whether a number is told of « un autre », as the one before was."""
    return bool(_ANOTHER_BEFORE.search(plain[max(0, start - 12) : start]))


def brought(plain: str, quantity: Quantity) -> bool:
    """Whether the words after a number tell who brings it: « 6 du voisin », « 8 établissements du CCAS »."""
    return bool(_SHARE_AFTER.match(plain, quantity.stop))


# --- Products -----------------------------------------------------------------------------------------------
_EACH = rf"\b(?:chacune?s?|chaque|par {_MANAGER_NOUN})\b"
_EACH_BETWEEN = re.compile(_EACH)
_EACH_AFTER = re.compile(rf"[^.;?!\d]{{0,25}}?{_EACH}")
_EACH_BEFORE = re.compile(r"\bchacune? (?:de |des |d')(?:nos |ces |mes |les )?$")
_SENTENCE_END = re.compile(r"[.?!;] ")
_MISSING_BEFORE = re.compile(r"\bmanqu\w+(?: encore)? $")
_TARGET = re.compile(
    r"(?: \w+){0,2} pour (?:en |y )?(?:arriver|atteindre|etre|faire|parvenir|aller|obtenir|passer)(?: (?:a|au|le seuil de|les))* ?"
)
_OUT_OF = re.compile(r"(?: \w+)? sur (?:les |nos )?$")
_TAKEN_FROM = re.compile(r"(?: \w+)? (?:sur|de|a|parmi) (?:les |nos |mes |ces |leurs )$|(?: \w+)? sur $")


def shared_out(plain: str, managers: Quantity, each: Quantity) -> bool:
    """Whether every manager brings as many: « 3 gestionnaires de 5 », « cinq assos, avec chacune trois ESSMS »."""
    first, second = sorted((managers, each), key=lambda quantity: quantity.start)
    between = plain[first.stop : second.start]
    if managers.noun is not Noun.MANAGER or each.noun not in (Noun.ESSMS, Noun.NONE, Noun.CATEGORY):
        return False
    if _SENTENCE_END.search(between):
        return False
    if first is each:
        return bool(_EACH_BETWEEN.search(between))
    return bool(
        between in (" de ", " d'")
        or _EACH_BETWEEN.search(between)
        or _EACH_AFTER.match(plain, each.stop)
        or _EACH_BEFORE.search(plain[max(0, managers.start - 20) : managers.start])
    )


def falls_short(plain: str, first: Quantity, second: Quantity) -> bool:
    """Whether the project is the second number less the first: « il en manque 2 pour arriver à 15 »."""
    between = plain[first.end : second.start]
    before = plain[max(0, first.start - 30) : first.start]
    return bool(
        (_MISSING_BEFORE.search(before) and _TARGET.fullmatch(between))
        or (_LOST_BEFORE.search(before) and _TAKEN_FROM.fullmatch(between))
    )


# --- FINESS numbers -----------------------------------------------------------------------------------------
_WITH_FINESS = re.compile(
    r"(?: (?:seule?s?|uniques?|(?:et )?memes?))*(?: numeros?)?(?: de)? finess\b(?! (?:juridiques?|ej)\b)"
)
# « 15 sites sous le même numéro FINESS »: they count as one.
_SHARED_FINESS = re.compile(
    r"\b(?:une? (?:seul )?(?:et )?(?:seul|meme|unique)(?: et meme)?|le (?:seul et )?meme|partag\w+ une?)(?: numero)?(?: de)? finess\b(?! (?:juridique|ej)\b)"
    r"|\b(?:un|le|leur) (?:numero )?(?:de )?finess (?:geo\w* )?(?:unique|commun|partage)\b(?! par)"
)
_OWN_FINESS_BEFORE = re.compile(
    r"\b(?:(?:chacune?s?|chaque|n(?:e |')\w+ (?:pas|plus))\b[^.;?!]*|(?:faut|faudrait|doi(?:t|vent))\b[^.;?!]{0,25})$"
)
_NO_FINESS_AFTER = re.compile(
    r"(?: \w+){0,2}? (?:n'ont pas|n'a pas|sans|n'en ont pas)(?: \w+){0,3}? finess\b|(?: \w+){0,2}? sans finess\b"
)
_NO_FINESS_BEFORE = re.compile(r"\bn'(?:avons|ont|a) pas (?:\w+ ){0,3}finess(?: \w+)? (?:pour|a|sur) $")


def counts_finess(plain: str, end: int) -> bool:
    """Whether a number counts FINESS numbers."""
    return bool(_WITH_FINESS.match(plain, end))


def shared_finess(plain: str) -> re.Match[str] | None:
    """Return where a message says that structures share one FINESS number, each having none of its own."""
    match = _SHARED_FINESS.search(plain)
    if match is None or _OWN_FINESS_BEFORE.search(plain[max(0, match.start() - 60) : match.start()]):
        return None
    return match


_OWN = r"\b(?:mon|ma|notre|une?)"
_AND_OTHERS = r"(?: [a-z']+){0,4}?,? (?:et|plus|avec|a|ainsi que)(?: les| nos)? "
_ONE_OF_OURS = re.compile(
    rf"{_OWN} (?:propre |petite? )?(?:essms|esms|structure|etablissement|service|site){_AND_OTHERS}$"
)
_OTHERS_AFTER = re.compile(r" autres?\b")
_BESIDE_OTHERS = re.compile(_AND_OTHERS)


def beside_others(plain: str, start: int, quantity: Quantity) -> bool:
    """Whether a number counts the others beside what ends at ``start``: « mon EHPAD et 14 autres »."""
    return bool(
        _OTHERS_AFTER.match(plain, quantity.end) and _BESIDE_OTHERS.fullmatch(plain, start, quantity.start)
    )


def beside_one_of_ours(plain: str, quantity: Quantity) -> bool:
    """Whether a number counts the others beside one's own: « notre établissement et 14 autres »."""
    before = plain[max(0, quantity.start - 60) : quantity.start]
    return bool(_OTHERS_AFTER.match(plain, quantity.end) and _ONE_OF_OURS.search(before))


def lacks_finess(plain: str, number: Number) -> bool:
    """Whether a number counts structures without a FINESS number."""
    before = plain[max(0, number.start - 60) : number.start]
    return bool(_NO_FINESS_AFTER.match(plain, number.end) or _NO_FINESS_BEFORE.search(before))


def pairs(quantities: list[Quantity]) -> Iterator[tuple[Quantity, Quantity | None]]:
    """Yield each quantity with the next one."""
    for place, quantity in enumerate(quantities):
        yield quantity, quantities[place + 1] if place + 1 < len(quantities) else None
