"""Find a name or an address in a text, however its accents, capitals, spaces and order are written."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from assistant.storage.searching import searchable

_PARTS = re.compile(r"[^\W_]+")
_BETWEEN = r"[\W_]{1,4}"
_TOKENS = 6  # words of a name
_LONGEST = 200  # characters


@lru_cache(maxsize=1)
def _variants() -> dict[str, str]:
    """Return, for each letter, those that differ by their marks only."""
    variants: dict[str, str] = {}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        letter = chr(code)
        base = unicodedata.normalize("NFKD", letter)[0].lower()
        if base != letter and base.isascii() and base.isalpha():
            variants[base] = variants.get(base, "") + letter
    return variants


def _letters(word: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c)).lower()
    marks = "[\u0300-\u036f\u00ad\u200b-\u200d]*"
    return "".join(f"[{re.escape(c)}{_variants().get(c, '')}]{marks}" for c in plain)


class Person:
    """An e-mail address or a name, looked for in many texts; most are put aside without reading them letter by letter.

    Raises:
        ValueError: It says too little to tell people apart.
    """

    def __init__(self, who: str) -> None:
        pattern = pattern_of(who)
        if pattern is None:
            raise ValueError(who)
        self._pattern = pattern
        known = " ".join(who[:_LONGEST].split())
        words = [known] if "@" in known else _PARTS.findall(known)[:_TOKENS]
        self._sign = searchable(max(words, key=len))

    def is_in(self, text: str) -> bool:
        """Say whether a text holds the person."""
        plain = text.lower() if text.isascii() else searchable(text)
        return self._sign in plain and bool(self._pattern.search(text))

    def is_whole(self, text: str) -> bool:
        """Say whether a text is the person, and nothing else."""
        return bool(self._pattern.fullmatch(text))

    def replace(self, text: str, by: str) -> str:
        """Return a text with something else in place of the person."""
        return self._pattern.sub(by, text) if self.is_in(text) else text


@lru_cache(maxsize=256)
def pattern_of(person: str) -> re.Pattern[str] | None:
    """Return what finds an e-mail address or a name, in either order of its words; ``None`` when it says too little.

    Example:
        >>> bool(pattern_of("Prénom Modèle").search("De\u00a0: MODELE, Prenom"))
        True
    """
    person = " ".join(person[:_LONGEST].split())
    if "@" in person:
        return re.compile(rf"(?<![\w.+-]){re.escape(person)}(?![\w-]|\.\w)", re.IGNORECASE)
    words = _PARTS.findall(person)[:_TOKENS]
    if sum(map(len, words)) < 3:
        return None
    orders = [words, words[1:] + words[:1], words[-1:] + words[:-1]]
    written = dict.fromkeys(_BETWEEN.join(map(_letters, order)) for order in orders)
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(written)})(?![^\W_])", re.IGNORECASE)
