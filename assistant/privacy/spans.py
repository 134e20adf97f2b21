"""What may be found in a text and where; and the text in simple characters, in which it is looked for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from assistant.privacy.vocabulary import fold


class Kind(StrEnum):
    """What may be found, in the order in which it wins over what overlaps it."""

    E_MAIL = "adresse électronique"
    IBAN = "IBAN"
    NIR = "numéro de sécurité sociale"
    SIRET = "numéro SIRET"
    TELEPHONE = "numéro de téléphone"
    ADDRESS = "adresse postale"
    BIRTH = "date de naissance"
    PERSON = "nom"


@dataclass(frozen=True)
class Span:
    """Where something was found: ``text[start:end]``."""

    start: int
    end: int
    kind: Kind


_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")


def plain(text: str) -> tuple[str, list[int] | range]:
    """Return the text in simple characters, and where each came from.

    Full-width signs, digits of other scripts, kinds of spaces and dashes are written one way; what has no width
    (a soft hyphen, a joiner), with which a number can be cut invisibly, is left out.
    """
    pieces: list[str] = []
    left_out: set[int] = set()  # places in the text
    last = 0
    for run in _NOT_ASCII.finditer(text):
        simple = [_simple(character) for character in run[0]]
        pieces += [text[last : run.start()], *simple]
        left_out.update(run.start() + rank for rank, character in enumerate(simple) if not character)
        last = run.end()
    pieces.append(text[last:])
    if not left_out:
        return "".join(pieces), range(len(text))
    return "".join(pieces), [place for place in range(len(text)) if place not in left_out]


@lru_cache(maxsize=4096)
def _simple(character: str) -> str:
    """Return what a character is written as: one character, or none for what has no width."""
    category = unicodedata.category(character)
    if category in ("Cf", "Mn"):
        return ""
    if category == "Nd":
        return str(unicodedata.digit(character))
    if category == "Zs":
        return " "
    if category == "Pd":
        return "-"
    wide = unicodedata.normalize("NFKC", character)
    return wide if len(wide) == 1 else character


def blank(text: str, spans: Iterable[tuple[int, int]], character: str = "\n") -> str:
    """Return the text with ``character`` for all that spans cover, as long as it was."""
    parts, last = [], 0
    for start, end in sorted(spans):
        parts += [text[last:start], character * (end - start)]
        last = end
    return "".join([*parts, text[last:]])


def lines_around(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the lines that hold spans with two before and two after, in order, without overlap."""
    windows: list[tuple[int, int]] = []
    line_end = -1
    for start, end in sorted(spans):
        if end <= line_end:  # on the line of the one before
            continue
        for rank in range(3):
            start = max(0, text.rfind("\n", 0, start))
            end = text.find("\n", end + min(rank, 1)) if end < len(text) else len(text)
            end = len(text) if end < 0 else end
            line_end = line_end if rank else end
        if windows and start <= windows[-1][1]:
            windows[-1] = windows[-1][0], max(end, windows[-1][1])
        else:
            windows.append((start, end))
    return windows


# What this package writes in the place of something, in a folded text: « [nom masqué] », « [personne 1] ». A tag is
# read however a language model wrote it again: case, spaces, plural, « n° », brackets behind a Markdown backslash.
LABELS = {kind: "personne" if kind is Kind.PERSON else kind.value for kind in Kind}
SET_ASIDE = "mention"  # stands for brackets of the text that would be read as a tag of something else
_NAMES = "|".join(
    r"[\s_-]{0,3}".join(rf"{word}s?" for word in fold(label).split())
    for label in (*LABELS.values(), SET_ASIDE)
)
TAG = re.compile(
    rf"(?P<escaped>\\)?\[\s{{0,3}}(?P<label>{_NAMES})[\s_-]{{0,3}}(?:n°[ ]?)?(?P<number>[0-9]{{1,6}})\s{{0,3}}(?(escaped)\\)\]"
)
MASKS = {
    kind: f"[{kind.value} masqu{'ée' if kind in (Kind.E_MAIL, Kind.ADDRESS, Kind.BIRTH) else 'é'}]"
    for kind in Kind
}
MASK = re.compile("|".join(re.escape(fold(mask)) for mask in MASKS.values()))
