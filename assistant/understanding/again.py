"""Tell a message that only asks about the answer just given: « pourquoi ? », « tu es sûr ? », « quelle source ? »."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from assistant.understanding.text import clean, fold


class Again(StrEnum):
    """What is asked of the previous answer."""

    WHY = "why"
    SURE = "sure"
    SOURCES = "sources"


_LEAD = r"^\W*(?:(?:et|mais|ah bon|ok|merci|d'accord|oui|non|hein|ah|euh|bonjour)\W+)*"
_ASKS = (
    (
        Again.WHY,
        rf"{_LEAD}(?:pour ?quoi|pk|pkoi|why|(?:pour|a cause de) quelle raison|comment (?:ca|cela)(?: se fait)?|d'ou (?:vient|sort) (?:ca|cela|ce (?:chiffre|montant|seuil)|cette (?:date|regle))|(?:tu peux |peux-tu |pouvez-vous |merci de )?(?:m'|nous )?expliqu\w+(?:-(?:moi|nous))?|sur quelle base|qu'est[- ]ce qui (?:le )?justifie)"
        rf"(?: (?:ca|cela|donc|non|oui|pas|alors|cette (?:reponse|regle|date)|ce (?:chiffre|seuil|montant|verdict)|svp|s'il (?:te|vous) plait))*\W*$",
    ),
    (
        Again.SURE,
        rf"{_LEAD}(?:(?:tu (?:es|en es)|t'es|t'en es|es-tu|en es-tu|vous (?:etes|en etes)|(?:en )?etes-vous|are you) (?:vraiment |bien |absolument |certain et |really )?(?:sure?s?|certaine?s?|serieu\w+)(?: (?:de (?:toi|vous|ca|cela|ta reponse|votre reponse|ce que (?:tu dis|vous dites))|de ton coup|a 100 ?%|et certain))*"
        rf"|(?:c'est|est-ce|est ce|c) (?:vraiment |bien |que c'est )?(?:vrai|sur|certain|exact|fiable|confirme|officiel|sur et certain)|vraiment|c'est sur ca|(?:tu|vous) (?:me |le |nous )?confirm\w+|pouvez-vous (?:me |le |nous )?confirmer|peux-tu (?:me |le )?confirmer|j'ai (?:un|des) doutes?)\W*$",
    ),
    (
        Again.SOURCES,
        rf"{_LEAD}(?:(?:c'est )?(?:quoi|quelles?|ou sont|donne\w*(?:-moi)?|cite\w*|montre\w*(?:-moi)?|tu as|vous avez|as-tu|avez-vous|selon quelles?|d'apres quelles?) (?:est |sont )?(?:la |les |ta |tes |votre |vos |une |des |l'|le )?(?:sources?|references?|preuves?|textes?|liens?)|sources?|references?|d'ou (?:tu tiens|vous tenez|tires-tu|tirez-vous) (?:ca|cela)|qui (?:le |l'a )?dit(?: ca| cela)?|ou (?:est-ce que )?c'est ecrit|c'est ecrit ou)\W*$",
    ),
)
_PATTERNS = tuple((again, re.compile(pattern)) for again, pattern in _ASKS)


def asked_again(turns: Sequence[str]) -> tuple[tuple[str, ...], Again | None]:
    """Return the turns up to the question last answered, and what the message asks of that answer, if it does.

    Example:
        >>> asked_again(["Combien d’ESSMS faut-il ?", "Pourquoi ?"])
        (('Combien d’ESSMS faut-il ?',), <Again.WHY: 'why'>)
    """
    kept = tuple(turns)
    again = None
    while len(kept) > 1 and (found := _asks(kept[-1])):
        again, kept = again or found, kept[:-1]
    return kept, again


def _asks(turn: str) -> Again | None:
    plain = fold(clean(turn)).plain
    return next((again for again, pattern in _PATTERNS if pattern.match(plain)), None)
