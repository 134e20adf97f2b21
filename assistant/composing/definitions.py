"""Answer « c’est quoi X ? » from the glossary, for one term or several, and « X, c’est Y ? »."""

from __future__ import annotations

import re

from assistant.composing.draft import Sentence
from assistant.understanding.terms import DEFINITION_CUE, find_terms
from assistant.understanding.text import fold
from corpus.glossary import Term
from index.chunking import term_passage

_PRECISE = re.compile(
    r"\b(?:combien|quand|comment|pourquoi|qui|date|montant|budget|enveloppe|seuil|condition\w*|regle\w*|obligat\w*|financ\w*|depos\w*|eligib\w*|cible chiffree|objectif)\b"
)
_IDENTITY = re.compile(
    r"\b(?:c'est|est-ce|est-il|est-elle|sont|egale|=|pareil\w*|la meme chose|identique\w*|synonyme\w*)\b"
)
_BETWEEN = re.compile(
    r"\bdifference\w*\b|\bdistingu\w*|\bpareil\w*|\bla meme chose\b|\bidentique\w*|\bsynonyme\w*|\bconfond\w*"
)
_WORD = re.compile(r"[a-z0-9]+")
_FILLERS = frozenset(
    [
        "c",
        "est",
        "quoi",
        "un",
        "une",
        "le",
        "la",
        "les",
        "l",
        "de",
        "du",
        "des",
        "d",
        "et",
        "ou",
        "que",
        "qu",
        "ce",
        "pour",
        "dans",
        "en",
        "esms",
        "numerique",
        "svp",
        "merci",
        "bonjour",
        "slt",
        "le",
        "terme",
        "mot",
        "sigle",
        "acronyme",
        "signifie",
        "veut",
        "dire",
    ]
)


def compose_definitions(question: str) -> list[Sentence]:
    """Return the definitions a question asks for, or nothing when it asks for something else."""
    plain = fold(question).plain
    mentions = find_terms(question)
    terms = list({mention.term.term: mention.term for mention in mentions}.values())
    if len(terms) > 1:
        terms = [term for term in terms if term.term != "programme ESMS numérique"] or terms
    if not terms:
        return []
    rest = plain
    for mention in reversed(mentions):
        rest = rest[: mention.start] + " " + rest[mention.end :]
    left = [word for word in _WORD.findall(rest) if word not in _FILLERS]
    if len(mentions) > 1 and (_BETWEEN.search(plain) or (_IDENTITY.search(plain) and not left)):
        distinct = {mention.term.term for mention in mentions}
        lead = []
        asked = re.search(r"\bquelle|\bdifference|\bc'est quoi|\bqu'est-ce|\bkesako|\bdefini", plain)
        if not asked:
            lead = [
                Sentence(
                    "Oui, les deux désignent la même chose."
                    if len(distinct) == 1
                    else "Non, ce n’est pas la même chose."
                )
            ]
        return lead + [_sentence(term) for term in terms[:3]]
    if DEFINITION_CUE.search(plain) and not _PRECISE.search(rest) and len(left) <= 3:
        chosen = terms[:5]
        first_cue = DEFINITION_CUE.search(plain)
        if first_cue and len(terms) > 1 and not re.search(r",|\bet\b|\bou\b|/", plain):
            after = [m.term for m in mentions if m.start > first_cue.start()]
            chosen = after[:1] or terms[:1]
        return [_sentence(term) for term in chosen]
    if not left and len(mentions) <= 3:
        return [_sentence(term) for term in terms]
    return []


def _sentence(term: Term) -> Sentence:
    return Sentence(term.definition, term.sources, passage=term_passage(term))
