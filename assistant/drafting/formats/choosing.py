"""Which of the plain and the HTML forms of a body says what the sender wrote."""

from __future__ import annotations

import re

_PLACEHOLDER = re.compile(
    r"(?:messagerie|client|logiciel|programme|navigateur|e-?mail|mail client|reader|viewer|message)\b.{0,80}\b(?:html|mime)\b|\b(?:html|mime)\b.{0,80}\b(?:messagerie|client|logiciel|format|support|compatible|capable|enable|view|affich)|this is a multi-?part message|ce message est (?:au|en|en format) (?:format )?(?:html|mime)",
    re.IGNORECASE,
)  # fmt: skip
_TAG = re.compile(r"</?(?:p|div|br|span|table|td|html|body|font|b|strong)\b[^>]{0,200}>", re.IGNORECASE)
_WORD = re.compile(r"\w{2,}")
_SHORT = 400  # characters: what only says that the message is elsewhere is no longer
_MUCH_LESS = 0.5  # of the words of the HTML form
_COUNTED = 200_000  # characters


def prefers_plain(plain: str, page: str) -> bool:
    """Whether the plain form is the one to read: it is there, is no placeholder, and leaves little out.

    Example:
        >>> prefers_plain("Votre messagerie ne lit pas le HTML.", "Quel est le seuil ?")
        False
        >>> prefers_plain("Quel est le seuil ?", "Quel est le seuil ?")
        True
    """
    if not plain.strip():
        return False
    if not page.strip():
        return True
    bare = plain.strip()
    if len(bare) <= _SHORT and _PLACEHOLDER.search(bare):
        return False
    if len(_TAG.findall(bare[:20_000])) >= 4:
        return False
    words, others = len(_WORD.findall(plain[:_COUNTED])), len(_WORD.findall(page[:_COUNTED]))
    return words >= _MUCH_LESS * others
