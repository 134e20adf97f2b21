"""Find the glossary's terms and acronyms in a message."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from assistant.understanding.text import fold
from corpus.glossary import Term, load_glossary

DEFINITION_CUE = re.compile(
    r"\b(?:c'est quoi|c koi|cest koi|c quoi|quoi (?:un|une|le|la|les)|qu'est[- ]ce qu\w*|qu'entend\w*|definition|definir|defini\w*|"
    r"signifi\w*|veut dire|veulent dire|ca veut dire|kesako|quesako|kezaco|qu'appelle-t-on|acronymes?|sigles?|abreviation\w*|what is|what does|stands? for|que designe\w*|quel est le sens)\b"
)
_WORD = re.compile(r"[a-z0-9]+")
_ORDINARY = frozenset(("cible", "porteur", "porteurs", "territoire", "territoires", "voie", "campagne", "categorie", "region", "ouverture", "cloture", "forfait", "enveloppe", "seuil", "act", "mas", "sad", "mes", "dom", "date", "domaine", "af", "pa", "bo", "va", "og"))  # fmt: skip


@dataclass(frozen=True)
class TermMention:
    """A term found, with its place in the folded text."""

    term: Term
    start: int
    end: int


def _plural_free(words: list[str]) -> tuple[str, ...]:
    return tuple(word[:-1] if len(word) > 3 and word.endswith(("s", "x")) else word for word in words)


@lru_cache(maxsize=1)
def _forms() -> dict[tuple[str, ...], Term]:
    table: dict[tuple[str, ...], Term] = {}
    for term in load_glossary():
        for form in (term.term, *term.abbreviations):
            table.setdefault(_plural_free(_WORD.findall(fold(form).plain)), term)
    return table


def find_terms(text: str) -> list[TermMention]:
    """Return the glossary terms of a text, longest form first, in order; short ordinary words need capitals."""
    folded = fold(text)
    words = list(_WORD.finditer(folded.plain))
    singular = _plural_free([word[0] for word in words])
    found, position, table = [], 0, _forms()
    while position < len(words):
        for size in range(min(9, len(words) - position), 0, -1):
            term = table.get(singular[position : position + size])
            start, end = words[position].start(), words[position + size - 1].end()
            if term and (
                size > 1
                or singular[position] not in _ORDINARY
                or folded.words(start, end).isupper()
                or len(words) <= 3
                or DEFINITION_CUE.search(folded.plain)
            ):
                found.append(TermMention(term, start, end))
                position += size
                break
        else:
            position += 1
    return found
