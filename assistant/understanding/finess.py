"""Tell which numbers of a message count FINESS numbers, or structures without one of their own."""

from __future__ import annotations

import re

from assistant.understanding.numbers import Number

_WITH_FINESS = re.compile(
    r"(?: (?:seule?s?|uniques?|(?:et )?memes?))*(?: numeros?)?(?: de)? finess\b(?! (?:juridiques?|ej)\b)"
)
_HAVING_FINESS = re.compile(
    r"(?: d'entre (?:eux|elles))?(?: seulement)? (?:en )?(?:ont|possedent|disposent)(?: (?!pas|plus)[a-z']+){0,3}? ?finess\b(?! (?:juridiques?|ej)\b)"
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
    return bool(_WITH_FINESS.match(plain, end) or _HAVING_FINESS.match(plain, end))


def shared_finess(plain: str) -> re.Match[str] | None:
    """Return where a message says that structures share one FINESS number, each having none of its own."""
    match = _SHARED_FINESS.search(plain)
    if match is None or _OWN_FINESS_BEFORE.search(plain[max(0, match.start() - 60) : match.start()]):
        return None
    return match


def lacks_finess(plain: str, number: Number) -> bool:
    """Whether a number counts structures without a FINESS number."""
    before = plain[max(0, number.start - 60) : number.start]
    return bool(_NO_FINESS_AFTER.match(plain, number.end) or _NO_FINESS_BEFORE.search(before))


_ONE_LACKS = re.compile(
    r"\b(?:l'un|l'une|un|une|un seul|une seule)(?: d'(?:eux|elles|entre (?:eux|elles|nous))| des (?:essms|etablissements|structures|services))? "
    r"(?:n'a pas|n'en a pas|ne dispose pas|n'a aucun|est sans)(?: encore)? (?:d[eu]?'?|son|sa|le|un)? ?(?:propre )?(?:numero )?(?:d[eu] |d')?(?:finess)"
)


def one_lacks(plain: str) -> bool:
    """Whether one structure of those told has no FINESS number: « l’un d’eux n’a pas de FINESS »."""
    return bool(_ONE_LACKS.search(plain))
