"""Turn French text into the stems that the lexical arm counts."""

from __future__ import annotations

import re
import threading
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from Stemmer import Stemmer

_WORDS = """
    a ai au aux avec c ca car ce ceci cela celle celles celui ces cet cette ceux ci comme d dans de des
    donc dont du elle elles en est et etait etaient ete etre eu eux fait il ils j je l la le les leur leurs
    lui m ma mais me mes moi mon n ne ni nos notre nous on ont or ou par pas pour qu que quel quelle
    quelles quels qui quoi s sa sans se ses si soit son sont sous sur t ta te tes toi ton
    tu un une vers vos votre vous y
"""
STOP_WORDS = frozenset(_WORDS.split())

_ELISION = re.compile(r"\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)['’](?=\w)")
# Digits grouped by three with a blank are one number: « 2 000 », « 410 000 ».
_GROUPED = re.compile(r"(?<![\d.,/-])(\d{1,3})(?:[ \u00a0\u202f](\d{3}))+(?![\d])")
_TOKEN = re.compile(
    r"\b[lrd]\.? ?\d{1,4}(?:-\d+)+"  # L.312-1, L 312-1, R314-1-2
    r"|\d+(?:[.,/]\d+)+"  # 76,5  2025/40  15/09/2025
    r"|[a-z0-9]+"  # and TSSL2519441J
)
_ARTICLE = re.compile(r"^([lrd])\.? ?(?=\d)")
_FOLDED = {"œ": "oe", "æ": "ae", "’": "'"}
_CURLY = re.compile("[œæ’]")
_ACCENTS = re.compile("[\u0300-\u036f]+")

_local = threading.local()


def _stemmer() -> Stemmer:
    # One a thread: a Snowball stemmer keeps state.
    if not hasattr(_local, "stemmer"):
        import Stemmer

        _local.stemmer = Stemmer.Stemmer("french")
    stemmer: Stemmer = _local.stemmer
    return stemmer


def fold(text: str) -> str:
    """Return ``text`` in lower case without accents, ligatures or curly apostrophes."""
    plain = _CURLY.sub(lambda sign: _FOLDED[sign[0]], text.lower())
    return plain if plain.isascii() else _ACCENTS.sub("", unicodedata.normalize("NFKD", plain))


def tokenize(text: str) -> list[str]:
    """Return the words of ``text``: folded, elisions and stop words removed, references kept whole.

    Example:
        >>> tokenize("L’article L. 312-1 : 2 000 € et 76,5 % qu’il verse")
        ['article', 'l312-1', '2000', '76,5', 'verse']
    """
    grouped = _GROUPED.sub(lambda match: re.sub(r"\D", "", match[0]), text)
    plain = _ELISION.sub("", fold(grouped))
    tokens = (
        _ARTICLE.sub(r"\1", match[0]) if "-" in match[0] else match[0] for match in _TOKEN.finditer(plain)
    )
    return [token for token in tokens if token not in STOP_WORDS]


def stem(text: str) -> list[str]:
    """Return the stems of :func:`tokenize`'s words; references and numbers are kept as they are."""
    stemmer = _stemmer()
    return [stemmer.stemWord(word) if word.isalpha() else word for word in tokenize(text)]


_ENCLOSING = re.compile('[«»“”"()\\[\\]]')
_BETWEEN = re.compile(r"[,;:.?!…]+(?=\s|$)")


def bare(text: str) -> str:
    """Return a question with a capital and its own mark, without those between words: people type them or not.

    Marks within figures, references and words stay.

    Example:
        >>> bare("Nous sommes 12, en Corse : est-ce « bon » ?")
        'Nous sommes 12 en Corse est-ce bon ?'
    """
    text = text.replace("’", "'")
    words = " ".join(_BETWEEN.sub(" ", _ENCLOSING.sub(" ", text)).split())
    return f"{words[:1].upper()}{words[1:]} ?" if words else ""
