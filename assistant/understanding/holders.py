"""Tell whose a number is: the rule's, another's, the project's, or a partner's share of it."""

from __future__ import annotations

import re

from assistant.understanding.changes import ADVERBS, remains
from assistant.understanding.nouns import Noun, Quantity, names_essms
from assistant.understanding.numbers import ESSMS_NOUN, Number

LARGEST_PROJECT = 1_500  # beyond, a number of ESSMS is a figure of the programme, not of a project
_THRESHOLD_BEFORE = re.compile(
    r"\b(?:seuil|minimum|minimal|plancher|maximum|plafond|limite|barre|quorum|quota|regle)(?: (?:de|des|est|etait|a|general|ultramarin|national|minimal|fixe|reduit|ramene|abaisse|est de|etait de|est a|serait de))* ?(?:a |de )?(?:\d+ ou (?:a |de )?)?$|\bseuil\b[^.,;?!\d]{0,30}\b(?:de|a|est|etait) $|\b(?:reduit|ramene|abaisse) a $"
)
_CLAIM_BEFORE = re.compile(
    r"\b(?:peut|peuvent|pouvons)(?:-(?:on|ils|nous))? (?:n')?etre(?: que)? $|\bobjectif(?: (?:est|serait|reste))?(?: de| d'atteindre| d'avoir| :)? $|\b(?:(?:il )?(?:en )?(?:faut|fallait|faudrait|faudra)(?:-il)?|exig\w+|requi\w+|necessaires?|impos\w+|demand\w+|manque|(?:arriver|parvenir|monter) a|(?:doi\w+|dev\w+|faut|faudrait|voudr\w+|voul\w+|souhait\w+|aimer\w+|pour|afin de)(?: \w+)? passer a|atteindre)(?: bien| toujours| encore| (?:etre|avoir)| au moins| un minimum de| un groupement de)* ?$"
)
_RULE_S_OWN = re.compile(
    r"\b(?:dans les|% (?:de|des|du)(?: les)?|(?:double|triple|moitie|tiers|quart) (?:de|des|d')) ?$"
)
# « un texte dit 15 », « on applique 8 »: what somebody reports or applies.
_SAYS = r"question|dit|disent|disait|lis|lit|lu|parle(?:nt)?|ecrit|ecrivent|evoque(?:nt)?|mentionne(?:nt)?|appliqu\w+"
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
_MARGIN_AFTER = re.compile(
    r" (?:de trop|de marge|d'ecart|manquants?|(?:de|en) (?:plus|moins) ou (?:(?:de|en) )?(?:plus|moins))\b"
)
_BOUNDED_CASE = re.compile(
    r"(?:^|[,;:.?!] |\b(?:que|si|et|ou) |qu')a $"
)  # « à moins de 20 ESSMS, c'est refusé »
# « notre éditeur équipe 250 ESSMS »: those of others.
_OF_OTHERS_BEFORE = re.compile(
    r"(?:^|[,;:.?!] |\bet |\bque )(?:l'|le |la |notre |votre |cet |ce |cette )(?:editeur|logiciel|prestataire|solution|programme|dispositif|campagne|amorcage|plateforme|region|departement)\b"
    r"[^,;.?!\d]{0,25}\b(?:equip|deploy|compt|financ|couvr|concern|touch|vis|retenai|retenu)\w*(?:(?:-t)?-(?:il|elle))? (?:deja |aussi |plus de |que |seulement )*$"
)
_MINIMUM_AFTER = re.compile(rf"(?: {ESSMS_NOUN})? (?:au )?minimum\b")
_REFERENCE_BEFORE = re.compile(
    r"\b(?:article|annexe|action|mesure|vague|temps|phase|axe|couloir|instruction|n°|no|numero|grade|tarif|pourquoi|dans les|que le|qu'avec les|les|tou(?:s|tes))(?: (?:de|n°))* ?$"
)
_MANAGER_BEFORE = re.compile(
    r"\b(?:gestionnaires?|organismes?)(?: gestionnaires?)? (?:de|ayant|avec|comptant) ?$"
)
_PROJECT = re.compile(
    r"\b(?:nous|on|notre|nos|we|groupement|grappe|projet|total|essms|esms|structures?|etablissements?|sites?|seul)\b"
)
_OWNING = r"(?:sommes|serons|serions|est|sera|serait|etait|etions|avons|aurons|avions|ai|a|aura|avait|(?:en )?suis|compt\w+|ger\w+|reuni\w+|regroup\w+|rassembl\w+|totalis\w+|arriv\w+|pass\w+|mont\w+|tomb\w+|plafonn\w+|tourn\w+|fait|fera|faisons|voila|voici)"
_STATE_BEFORE = re.compile(
    rf"(?:\b(?:nous|on|je|ca|cela|qui|groupement|grappe|projet|equipe)|\bj'|\bqu'on)(?: ?(?:n'|ne |en |y |nous |vous )){{0,2}} ?{_OWNING}{ADVERBS}(?: (?:a|que|qu'a))?(?: (?:de|d'))? ?$"
    r"|\b(?:groupement|grappe|total|collectif|ensemble) (?:de|a) $|\b(?:projet|regroupement) a $|\bnous voi(?:la|ci) (?:a )?$"
    r"|(?:\bplus|\+) $|\ben plus (?:des|de (?:nos|mes|ces)) $"
)
_HOLDER_BEFORE = re.compile(
    r"(?:nous sommes|on est|on sera(?:it)?|nous serons|si on est|si nous sommes|nous en avons|on en a|total(?: de)?|au total|regroup\w+|groupement de|grappe de|projet (?:de|a)|dossier a|avec|a|de|we are|we have|nombre :?|n ?=|c'est|y en a|en fait|plutot|finalement|avons|avions|etions|etaient|gerons|gere|avoir|autre|sont|et|ou|etre|serons|passons a|passe a|que|donc|\+) ?$"
)
_OF_THEM_BEFORE = re.compile(
    r"\b(?:j'|y )?en (?:ai|a|avons|avez|ont|compt\w+|gerons|gere\w*|accueill\w+|suiv\w+|equip\w+) $"
)
_OTHER_THINGS = re.compile(
    r"\b(?:places?|lits?|usagers?|residents?|beneficiaires?|salarie\w*|agents?|etp|dui|dossiers?|logiciels?|licences?|tablettes?|ordinateurs?|postes?|gestionnaires?)\b"
)
# « quinze, ça suffit ? »
_ENOUGH_AFTER = re.compile(r",? (?:(?:ca|cela|c'est|est-ce) )?(?:suffi\w*|assez|passe)\b")
_ITS_SITES = re.compile(
    r"(?: [^.;:?!,\d]{1,30})? (?:a|compte|possede|dispose de|est reparti sur|est implante sur|sur|fonctionne sur) "
)
_SITES_AFTER = re.compile(r" sites?\b")
_SIDE_BY_SIDE = re.compile(r"(?:\bet|,|\bplus|\+) les $")  # « les 16 du Lot et les 4 du Tarn »
_WHOLE_AFTER = re.compile(
    r",? (?:dont|y compris|incluant|en (?:comptant|incluant)|avec (?:l'|la |le |les |notre |nos )|au total|en tout|en cumule|tout compris)\b"
)
_SIZE_LINK = re.compile(r" \w+ (?:de|a) (?:(?:une?|la) )?")
_OWN_BEFORE = re.compile(
    r"\b(?:j'ai|ai|a|as|avons|avez|ont|gere\w*|gerons|sommes|est|compte\w*|comptons|regroup\w+|reuni\w+|apport\w+|exploit\w+|avec|de|que|nos|mes) ?$|qu'$"
)
_ASSERTED = re.compile(
    rf" ?{ESSMS_NOUN}(?: (?!ont|sont|peuvent|seront|etaient|avaient)\w+)?,? (?:dans|en|a|au|aux|sur|chez nous)\b"
)
# « un autre 7 »: brings, or says, as the one before did.
_ANOTHER_BEFORE = re.compile(r"\b(?:un |une |l')autres? $")
# Who brings a share of the structures: « la fondation d'Aubenas 5 et la mutualité 4 », « les six du voisin ».
_HOLDERS = r"(?:autre|voisine?|partenaire|fondation|centre hospitalier|clinique|syndicat|gcsms|mutu\w+|association|asso|gestionnaire|organisme|federation|groupe|ccas|cias|croix-rouge|adapei|apei|apf|admr|udaf|commune|collegue|confrere|consoeur|hopital|departement)s?"
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
_SHARE_OF_US = re.compile(
    rf"{_OPENING}(?:chez )?(?:nous|moi|eux|elles?|lui|l[ae]s? (?:leurs?|sienn?e?s?|notres?))(?: (?:on|nous))?,? $"
)
_SHARE_OF_A_LETTER = re.compile(rf"{_OPENING}(?:l'|la |le )[a-h] $")  # « l'association A 6, la B 5 »
_SHARES_BEFORE = (_SHARE_OF_A_LETTER, _SHARE_BEFORE, _SHARE_OF_ANOTHER, _SHARE_OF_THOSE, _SHARE_OF_US)
_SHARE_AFTER = re.compile(
    rf"(?: (?:chez|a|pour) (?:nous|moi|eux|elle|lui)\b(?!-| \w+[ei]r\b)| (?:(?:du|de la|de notre|de mon|d'une?|des|(?:chez|pour|a) (?:le|la|notre|une?)|au) |(?:de|chez|pour|a) l'){_HOLDERS}\b| d'un cote\b)"
)
_OWN = r"\b(?:mon|ma|notre|une?)"
_AND_OTHERS = r"(?: [a-z']+){0,4}?,? (?:et|plus|avec|a|ainsi que)(?: les| nos)? "
_ONE_OF_OURS = re.compile(
    rf"{_OWN} (?:propre |petite? )?(?:essms|esms|structure|etablissement|service|site){_AND_OTHERS}$"
)
_OTHERS_AFTER = re.compile(r" autres?\b")
_OTHERS = re.compile(r"\bautres?\b")
_RUN = r"\b(?:je|nous) (?:dirig|ger|represent|pilot)\w* (?:seulement |juste |actuellement )?"
_OUR_STRUCTURE = re.compile(
    rf"(?:\b(?:mon|ma|notre) |{_RUN}une? )(?:propre |petite? )?(?:essms|esms|structure|etablissement|site)\b"
)
_OUR_CATEGORY_BEFORE = re.compile(
    rf"(?:\b(?:mon|ma|notre) |{_RUN}(?:une? |l'|le |la ))(?:propre |petite? )?$"
)
_BESIDE_OTHERS = re.compile(_AND_OTHERS)


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
    if not quantity.number.count.exact and _BOUNDED_CASE.search(before):
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
    return bool(_REFERENCE_BEFORE.search(before)) and not remains(plain, start)


def of_any_manager(plain: str, quantity: Quantity) -> bool:
    """Whether a number without bounds describes a kind of manager: « un gestionnaire de plus de 15 ESSMS »."""
    before = plain[max(0, quantity.start - 40) : quantity.start]
    return bool(_MANAGER_BEFORE.search(before)) and not quantity.number.count.exact


def sites_of_one(plain: str, end: int, quantity: Quantity) -> bool:
    """Whether a number counts the sites of the one structure named before: « notre IME a trois sites »."""
    return bool(_ITS_SITES.fullmatch(plain, end, quantity.start) and _SITES_AFTER.match(plain, quantity.end))


def speaks_of_a_project(plain: str) -> bool:
    """Whether a message speaks of a project, so that a number alone may be its number of ESSMS."""
    return bool(_PROJECT.search(plain))


def whole(plain: str, end: int) -> bool:
    """Whether the words after a number make it a whole: « 14 dont… », « 14 en tout »."""
    return bool(_WHOLE_AFTER.match(plain, end))


def held(plain: str, start: int, *, firmly: bool) -> bool:
    """Whether a number without its noun is told of the project; ``firmly`` by a subject and its verb."""
    before = plain[max(0, start - 60) : start]
    if (
        _OF_THEM_BEFORE.search(before)
        and _OTHER_THINGS.search(plain[:start])
        and not names_essms(plain[:start])
    ):
        return False  # « chaque résident a-t-il un DUI ? nous en avons 230 »
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


def some_are_owned(plain: str, number: Number) -> bool:
    """Tell « nous avons quelques ESSMS » from « quelques établissements ont-ils été financés »."""
    before = plain[max(0, number.start - 40) : number.start]
    return bool(_OWN_BEFORE.search(before) or (not before and _ASSERTED.match(plain, number.end)))


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


def beside_others(plain: str, start: int, quantity: Quantity) -> bool:
    """Whether a number counts the others beside what ends at ``start``: « mon EHPAD et 14 autres »."""
    return bool(
        _OTHERS_AFTER.match(plain, quantity.end) and _BESIDE_OTHERS.fullmatch(plain, start, quantity.start)
    )


def counts_others(plain: str, quantity: Quantity) -> bool:
    """Whether a number counts structures other than those named: « 14 autres EHPAD »."""
    return bool(_OTHERS.search(plain, quantity.end, quantity.stop))


def our_own_structure(plain: str, end: int) -> bool:
    """Whether one's own single structure is named before ``end``: « je dirige un établissement », « ma structure »."""
    return bool(_OUR_STRUCTURE.search(plain, 0, end))


def our_own_category(plain: str, start: int) -> bool:
    """Whether the category named at ``start`` is one's own single structure: « mon EHPAD », « je dirige l'EHPAD »."""
    return bool(_OUR_CATEGORY_BEFORE.search(plain[max(0, start - 40) : start]))


def beside_one_of_ours(plain: str, quantity: Quantity) -> bool:
    """Whether a number counts the others beside one's own: « notre établissement et 14 autres »."""
    before = plain[max(0, quantity.start - 60) : quantity.start]
    return bool(_OTHERS_AFTER.match(plain, quantity.end) and _ONE_OF_OURS.search(before))
