"""Open with « Oui » or « Non » when a statement settles, word for word, what a question asks."""

from __future__ import annotations

import re

from assistant.understanding.text import fold

_YES_NO = re.compile(
    r"^(?:est[- ]ce (?:que|qu')|[\w' ,]*?\b\w+(?:-t)?-(?:il|elle|ils|elles|on|ce|nous|je|vous)\b|(?:peut|doit|faut|puis|pouvons|devons|sont|est|avons)[- ])"
)
_ASKS_MORE = re.compile(r"\b(?:quel\w*|combien|quand|comment|pourquoi|ou\b|qui|que|quoi|lequel|laquelle)\b")
_WORD = re.compile(r"[a-z]{4,}")
_NEGATION = re.compile(r"\b(?:ne|n')\s?[^.;:]{0,40}?\b(?:pas|plus|aucun\w*|jamais|ni)\b|\baucun\w*\b")
# Predicates that can be aligned between question and statement, by stem; the others are left without verdict.
_PREDICATES = (
    "financ", "obligat", "exig", "suffi", "cumul", "compatib", "referenc", "eligib", "exclu", "admis", "dispens", "rembours",
    "inclu", "compri", "particip", "candidat", "benefici", "concern", "conform", "limit", "impos", "plafonn", "partie", "recevab",
    "doubl", "reserv", "verse", "compt",
)  # fmt: skip
_REVERSED = re.compile(r"\b(?:pas|sans|non|jamais|aucun\w*|n'|ne)\b")
_SHARED_RATE = 0.5


def verdict_of(question: str, statement: str) -> str | None:
    """Return « Oui » or « Non » when the statement affirms or denies the question's own predicate.

    ``None`` unless the question is a plain yes-no one, one predicate is in both texts and half of the
    question's words are in the statement: a verdict is never guessed from a general resemblance.
    """
    asked = fold(question).plain
    head = re.split(r"[.;:]", asked)[-1].strip() if asked.count(":") else asked
    if not _YES_NO.match(head) or _ASKS_MORE.search(re.sub(r"est[- ]ce (?:que|qu')", "", head)) or _REVERSED.search(head):
        return None
    said = re.split(r"(?<=[.;])\s", fold(statement).plain)[0]
    shared = [stem for stem in _PREDICATES if re.search(rf"\b{stem}", head) and re.search(rf"\b{stem}", said)]
    if len(shared) != 1 or _coverage(head, said) < _SHARED_RATE:
        return None
    place = re.search(rf"\b{shared[0]}", said)
    start = place.start() if place else 0
    around = said[max(0, start - 45) : start + 30]
    return "Non" if _NEGATION.search(around) else "Oui"


def _coverage(question: str, statement: str) -> float:
    words = {word[:6] for word in _WORD.findall(question)} - {"sont", "elles", "peut", "doit", "quelle", "notre", "votre"}
    if not words:
        return 0.0
    there = {word[:6] for word in _WORD.findall(statement)}
    return len(words & there) / len(words)
