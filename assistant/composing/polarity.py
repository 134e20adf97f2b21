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
_INVERTED = re.compile(r"\b(?P<verb>[a-z]+?)(?:-t)?-(?:il|elle|ils|elles|on|ce|nous|je|vous)\b(?P<rest>.*)")
_AUXILIARIES = frozenset(
    ["est", "sont", "peut", "peuvent", "pouvons", "doit", "doivent", "sera", "seront", "serait", "etait"]
)
_NEVER = frozenset(
    ["a", "ont", "faut", "font", "existe", "reste", "suit"]
)  # what follows them is no predicate
_VERBAL = re.compile(r"(?:e|ee|es|ees|er|ir|re|i|ie|is|u|ue|us|ble|bles|te|tes)$")
_SKIPPED = frozenset(
    [
        "etre",
        "bien",
        "aussi",
        "encore",
        "donc",
        "toujours",
        "deja",
        "vraiment",
        "que",
        "de",
        "d",
        "le",
        "la",
        "les",
        "un",
        "une",
        "il",
        "elle",
        "y",
        "en",
        "pas",
    ]
)
_REVERSED = re.compile(r"\b(?:pas|sans|non|jamais|aucun\w*|n'|ne)\b")
_EMPTY = frozenset(
    [
        "sont",
        "elles",
        "peut",
        "doit",
        "quelle",
        "notre",
        "votre",
        "nous",
        "vous",
        "pour",
        "dans",
        "avec",
        "leur",
        "leurs",
        "tout",
        "toute",
        "toute",
        "tous",
        "aussi",
        "bien",
        "meme",
        "encore",
        "deja",
        "etre",
    ]
)
_SHARED_RATE = 0.5
_SUBJECT_RATE = 0.3  # what remains beside the predicate: at least what the question is about
_ACRONYM = re.compile(r"\b[A-Z]{2,}\b")
_COMMON = frozenset(["ESMS", "ESSMS", "DUI"])
_BEFORE_NOUN = re.compile(r"\b(?:la|le|les|une?|des|du|de|cette|toute|aucune|chaque|sa|leur|d'|l') ?$")
_ADVERSE = re.compile(
    r"\b(?:clos\w*|clot|clotur\w*|ferme\w*|exclu\w*|refus\w*|interdi\w*|perimee?s?|arret\w*|supprim\w*|retire\w*|provisoire\w*|seul\w*|autre que|au lieu)\b"
)


def verdict_of(question: str, statement: str) -> str | None:
    """Return « Oui » or « Non » when the statement affirms or denies the question's own predicate.

    ``None`` unless the question is a plain yes-no one, one predicate is in both texts and half of the
    question's words are in the statement: a verdict is never guessed from a general resemblance.
    """
    asked = fold(question).plain
    head = re.split(r"[.;:]", asked)[-1].strip() if asked.count(":") else asked
    if (
        not _YES_NO.match(head)
        or _ASKS_MORE.search(re.sub(r"est[- ]ce (?:que|qu')", "", head))
        or _REVERSED.search(head)
    ):
        return None
    if not acronyms_of(question) <= set(_ACRONYM.findall(statement)):
        return None  # the statement speaks of something else
    predicate = _predicate(head)
    said = re.split(r"(?<=[.;])\s", fold(statement).plain)[0]
    place = re.search(rf"\b{predicate}", said) if predicate else None
    subject = re.sub(rf"\b{predicate}\w*", " ", head)
    if place is None or _coverage(head, said) < _SHARED_RATE or _coverage(subject, said) < _SUBJECT_RATE:
        return None
    if _ADVERSE.search(said) and not _ADVERSE.search(head):
        return None  # « closes » answers neither yes nor no to « peut-on commander ? » by its words alone
    if _BEFORE_NOUN.search(said[: place.start()]):
        return None  # « commander » is not « la commande »
    around = said[max(0, place.start() - 45) : place.start() + 30]
    return "Non" if _NEGATION.search(around) else "Oui"


def acronyms_of(question: str) -> set[str]:
    """Return the acronyms of a question that tell what it is about."""
    return set() if question.isupper() else set(_ACRONYM.findall(question)) - _COMMON


def _predicate(question: str) -> str | None:
    """Return the stem of what the question asks: its inverted verb, or what follows the auxiliary."""
    match = _INVERTED.search(question)
    if match is None:
        return None
    verb = match["verb"]
    if verb in _NEVER:
        return None
    if verb == "fait" and match["rest"].strip().startswith("partie"):
        return "partie"
    if verb in _AUXILIARIES:
        following = [word for word in re.findall(r"[a-z]+", match["rest"]) if word not in _SKIPPED]
        verb = following[0] if following and _VERBAL.search(following[0]) else ""
    return verb[: max(4, len(verb) - 3)] if len(verb) >= 4 else None


def _coverage(question: str, statement: str) -> float:
    words = {word[:6] for word in _WORD.findall(question) if word not in _EMPTY}
    there = {word[:6] for word in _WORD.findall(statement)}
    return len(words & there) / len(words) if words else 0.0
