"""Variants of a message that must not change its answer: other spellings, registers, frames and typography.

Each transformation is deterministic: what it draws is drawn from the id of the sample.
"""

from __future__ import annotations

import random
import re
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from evals.number_words import NUMBER_WORDS
from evals.scoring import Sample
from evals.wording import numbers_in_digits, numbers_in_words, other_order, paraphrases

Transform = Callable[[str, random.Random], str | None]
_APART = frozenset(["langue", "langues"])  # not French: rewriting French frames would mix two languages
_MISSPELT = frozenset(["fautes"])  # misspelt already


@dataclass(frozen=True)
class Variant:
    """The last turn of a sample written otherwise, by the transformation named."""

    transformation: str
    turns: tuple[str, ...]


_WORD = re.compile(r"(?<![\w@./-])[^\W\d_]{6,}(?![\w@/-]|\.\w)")
_IS_NUMBER = re.compile(rf"(?:{NUMBER_WORDS}|\w+aines?)$", re.IGNORECASE)


def misspell(text: str, draw: random.Random) -> str | None:
    """Swap, double or drop a letter of at most one word in six, of six letters or more."""
    words = [
        match for match in _WORD.finditer(text)
        if not match[0].isupper() and not re.search(r".[A-Z]", match[0]) and not _IS_NUMBER.match(match[0])
    ]  # fmt: skip
    count = min(len(words), len(text.split()) // 6)
    if not count:
        return None
    for match in sorted(draw.sample(words, count), key=lambda match: -match.start()):
        text = text[: match.start()] + _slip(match[0], draw) + text[match.end() :]
    return text


def _slip(word: str, draw: random.Random) -> str:
    place = draw.randrange(1, len(word) - 1)  # a first letter is seldom missed
    how = draw.choice(("swap", "double", "drop"))
    if how == "swap" and word[place] != word[place + 1]:
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    if how == "double":
        return word[: place + 1] + word[place:]
    return word[:place] + word[place + 1 :]


def without_accents(text: str, _draw: random.Random) -> str:
    """Drop the accents, as on a foreign keyboard."""
    text = text.replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae")
    plain = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(char for char in plain if not unicodedata.combining(char)))


def in_capitals(text: str, _draw: random.Random) -> str:
    """Write everything in capitals."""
    return text.upper()


_SHORT = {
    "pour": "pr", "dans": "ds", "que": "ke", "quand": "qd", "toujours": "tjs", "beaucoup": "bcp", "avec": "avc",
    "vous": "vs", "nous": "ns", "s'il vous plaît": "svp", "s’il vous plaît": "svp", "s'il te plaît": "stp",
}  # fmt: skip
_SHORTENED = re.compile(
    rf"(?<![\w'’-])(?:{'|'.join(sorted(map(re.escape, _SHORT), key=len, reverse=True))})(?![\w'’-])",
    re.IGNORECASE,
)


def as_text_message(text: str, _draw: random.Random) -> str:
    """Write as on a telephone: lower case, function words cut short, no punctuation but beside figures."""
    text = _SHORTENED.sub(lambda match: _SHORT[match[0].lower()], text).lower()
    # Between figures punctuation is part of them, or keeps them apart.
    text = re.sub(r"(?<!\d)(?<!\d\s)[\s]*[,;:!?.…«»\"“”()]+(?=\s|$|[«»\"“”()])(?!\s*\d)", " ", text)
    text = re.sub(r"\((?!\d)|(?<!\d)(?<!\d\s)\(|\)", " ", text)
    text = re.sub(r"[«»\"“”]|(?<=\d)\s*[?!]+\s*$", " ", text)
    return re.sub(r"\s+", " ", text).strip()


_BEFORE = (
    "Bonjour, je me permets de vous solliciter.",
    "Bonjour et merci de nous lire.",
    "Bonsoir, j’aurais besoin d’un renseignement.",
    "Bonjour, excusez-moi de vous déranger.",
)
_AFTER = (
    "Merci d’avance pour votre réponse.",
    "Je vous remercie par avance de votre aide.",
    "Merci beaucoup !",
    "Excellente journée à vous.",
)
_GREETINGS = ("Madame, Monsieur,", "Bonjour,", "Bonjour Madame,", "Chers collègues,")
_SIGNATURES = (
    "Bien cordialement,\nSophie Bernard",
    "Cordialement,\nM. Lefèvre",
    "Bien à vous,\nClaire Dumas\nAssistante de direction",
    "Sincères salutations,\nJ. Morel",
)


def politely(text: str, draw: random.Random) -> str:
    """Put a polite sentence before and after."""
    return f"{draw.choice(_BEFORE)} {text} {draw.choice(_AFTER)}"


def as_letter(text: str, draw: random.Random) -> str:
    """Put a greeting and a signature around."""
    return f"{draw.choice(_GREETINGS)}\n\n{text}\n\n{draw.choice(_SIGNATURES)}"


def figures_otherwise(text: str, _draw: random.Random) -> str:
    """Write counts in words, or in digits those that are in words."""
    changed = numbers_in_words(text)
    return changed if changed != text else numbers_in_digits(text)


def otherwise_ordered(text: str, _draw: random.Random) -> str | None:
    """Move the first sentence to the end."""
    return other_order(text)


def paraphrase(text: str, _draw: random.Random) -> str | None:
    """Change the first frame of question that can be."""
    return next(paraphrases(text), None)


def typographically(text: str, _draw: random.Random) -> str:
    """Swap straight and curly apostrophes, ordinary and no-break spaces, and quotation marks."""
    swapped = text.translate({ord("'"): "’", ord("’"): "'"})
    if "\u00a0" in text or "\u202f" in text:
        swapped = swapped.replace("\u00a0", " ").replace("\u202f", " ")
    else:
        swapped = re.sub(r" (?=[?!:;»%€])|(?<=«) ", "\u00a0", swapped)
    if "«" in swapped:
        return re.sub(r"«\s*|\s*»", '"', swapped)
    return re.sub(r'"([^"]*)"', "«\u00a0\\1\u00a0»", swapped)


TRANSFORMATIONS: dict[str, Transform] = {
    "fautes": misspell,
    "sans accents": without_accents,
    "capitales": in_capitals,
    "texto": as_text_message,
    "politesse": politely,
    "courrier": as_letter,
    "nombres": figures_otherwise,
    "ordre": otherwise_ordered,
    "tournure": paraphrase,
    "typographie": typographically,
}
_IN_FRENCH = frozenset(["texto", "politesse", "courrier", "nombres", "ordre", "tournure"])


def variants_of(sample: Sample) -> Iterator[Variant]:
    """Yield the variants of a sample, its last turn alone transformed; those that change nothing are left out."""
    *before, last = sample.turns
    kinds = {sample.type or "", sample.theme}
    for name, transform in TRANSFORMATIONS.items():
        if (kinds & _APART and name in _IN_FRENCH) or (kinds & _MISSPELT and name in ("fautes", "texto")):
            continue
        draw = random.Random(zlib.crc32(f"{sample.id} {name}".encode()))
        changed = transform(last, draw)
        if changed is not None and changed.strip() != last.strip():
            yield Variant(name, (*before, changed))
