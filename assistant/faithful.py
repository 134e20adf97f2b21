"""Whether a sentence that a language model wrote says what one text says, word for word but for small words.

A paraphrase cannot be checked by a program: « quinze en outre-mer, huit en métropole » holds the same words and figures
as the contrary. So a sentence stands only when it follows its text in order: whole clauses may be left out, articles
and link words changed, an acronym put for what it stands for; every other word, figure, negation and condition must be there, and none may be passed over.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, StrEnum, auto
from functools import lru_cache
from pathlib import Path

import yaml

from assistant.figures import figures_of
from corpus.glossary import load_glossary
from index.french import fold, stem

_FILE = Path(__file__).parent / "faithful.yaml"
MOST_WORDS = 90  # of a sentence: beyond, it is no sentence
_LETTERS = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿŒœÆæŸ0-9\s’'«»“”\"().,;:!?…€%°/–—+-]*")
_GROUPED = re.compile(r"(?<![\d.,/-])\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)")
_LINK = re.compile(r"://|\bwww\b|\w\.(?=[A-Za-z]{2,}\b)", re.IGNORECASE)
_REFERENCE = re.compile(r"\b[LRD]\.(?: |\u00a0)?\d", re.IGNORECASE)
_WORD = re.compile(
    r"[LRDlrd]\.?[ \u00a0]?\d{1,4}(?:-\d+)+"  # L. 312-1
    r"|\d+(?:[.,/-]\d+)*(?:er|e|ème|eme)?\b"
    r"|[A-Za-zÀ-ÖØ-öø-ÿŒœÆæŸ]+(?:[’'](?=[A-Za-zÀ-ÖØ-öø-ÿŒœ]))?"
    r"|[€%°]"
)
_ENDS = re.compile(r"[.!?…\n]")
_PAUSE = re.compile(r"[,;:()–—«»\n.!?…]|- ")
# Elisions; « s’ » may be « se » or « si »: what follows it is weighed by itself.
_WHOLE = {
    "jusqu": "jusque",
    "lorsqu": "lorsque",
    "puisqu": "puisque",
    "quoiqu": "quoique",
    "qu": "que",
    "s": "se",
}
_QUOTES = re.compile(r"[«»“”\"]")


class Doubt(StrEnum):
    """Why a sentence is withdrawn."""

    LETTERS = "letters"  # a sign that no answer needs: markup, an invisible or foreign letter
    LINK = "link"
    LENGTH = "length"
    FIGURE = "figure"  # absent from what is cited
    WORDS = "words"  # not what the text says


class _Kind(Enum):
    SMALL = auto()  # comes and goes: articles, pronouns, link words
    EXACT = auto()  # changes the sense when it comes or goes: negations, prepositions, verbs of duty
    HEAVY = auto()  # any other word
    FIGURE = auto()


@dataclass(frozen=True)
class _Token:
    form: str  # what is compared
    kind: _Kind
    binding: bool = False  # passing over it, even in a whole clause, changes what the rest says
    pause: bool = False  # a mark stands before it
    sentence: int = 0
    quoted: bool = False  # between quotation marks: said by another


def doubt_of(text: str, support: str) -> Doubt | None:
    """Return why a sentence is not what ``support`` says; ``None`` when it is.

    Example:
        >>> doubt_of("Le seuil est de 8 ESSMS.", "Le seuil est de 15 ESSMS.")
        <Doubt.FIGURE: 'figure'>
        >>> doubt_of("Ainsi, le seuil est de 15 ESSMS.", "Le seuil est de 15 ESSMS.")
    """
    text = unicodedata.normalize("NFC", text)
    if not _LETTERS.fullmatch(text):
        return Doubt.LETTERS
    if _LINK.search(_REFERENCE.sub(" ", text)):
        return Doubt.LINK
    if len(text.split()) > MOST_WORDS:
        return Doubt.LENGTH
    if not figures_of(text) <= figures_of(support):
        return Doubt.FIGURE
    asks = "?" in text and "?" not in support
    return Doubt.WORDS if asks or not _follows(_tokens(text), _tokens(support)) else None


def says_nothing(text: str) -> bool:
    """Whether a sentence holds link words alone: « Voici ce qu’il en est : »."""
    return bool(_LETTERS.fullmatch(text)) and all(token.kind is _Kind.SMALL for token in _tokens(text))


def shared(text: str, support: str) -> float:
    """Return the share, from 0 to 1, of the weighty words of a support that a text says again."""
    wanted = [token.form for token in _tokens(support) if token.kind is not _Kind.SMALL]
    there = {token.form for token in _tokens(text)}
    return sum(form in there for form in wanted) / len(wanted) if wanted else 1.0


def _follows(said: Sequence[_Token], text: Sequence[_Token]) -> bool:
    """Whether weighty words come in the order of the text, with nothing passed over but whole clauses."""
    wanted = [token for token in said if token.kind is not _Kind.SMALL]
    if not wanted:
        return False
    reached = {
        place for place, token in enumerate(text) if _same(wanted[0], token) and _may_start(text, place)
    }
    for token in wanted[1:]:
        reached = {
            place
            for place, other in enumerate(text)
            if _same(token, other) and any(_may_pass(text, last, place) for last in reached if last < place)
        }
        if not reached:
            return False
    return any(_may_end(text, place) for place in reached)


def _same(one: _Token, other: _Token) -> bool:
    return one.form == other.form and one.kind is other.kind and one.quoted is other.quoted


def _may_start(text: Sequence[_Token], place: int) -> bool:
    passed = [token for token in text[:place] if token.sentence == text[place].sentence]
    return _light(passed) or (text[place].pause and not any(token.binding for token in passed))


def _may_end(text: Sequence[_Token], place: int) -> bool:
    passed = [token for token in text[place + 1 :] if token.sentence == text[place].sentence]
    return _light(passed) or (passed[0].pause and not any(token.binding for token in passed))


def _may_pass(text: Sequence[_Token], start: int, end: int) -> bool:
    passed = text[start + 1 : end]
    if _light(passed):
        return True
    around = (text[start].sentence, text[end].sentence)
    bounded = passed[0].pause and _first_weighty(text, end).pause
    return bounded and not any(one.binding for one in passed if one.sentence in around)


def _first_weighty(text: Sequence[_Token], place: int) -> _Token:
    """Return the token that opens the clause of a place: its small words come before it."""
    while place > 0 and not text[place].pause and text[place - 1].kind is _Kind.SMALL:
        place -= 1
    return text[place]


def _light(passed: Sequence[_Token]) -> bool:
    return all(token.kind is _Kind.SMALL for token in passed)


@lru_cache(maxsize=2048)
def _tokens(text: str) -> tuple[_Token, ...]:
    words = _words()
    text = _phrases().sub(" ", _GROUPED.sub(lambda match: re.sub(r"\D", "", match[0]), text))
    text = _TOLD_TWICE.sub(r"\1", _expansions().sub(_acronym, text))
    kept: list[_Token] = []
    sentence, last, quoted = 0, 0, False
    for match in _WORD.finditer(text):
        between = text[last : match.start()]
        opens = last == 0 or bool(_PAUSE.search(between))
        sentence += bool(_ENDS.search(between)) and bool(kept)
        quoted ^= len(_QUOTES.findall(between)) % 2 == 1
        new = not kept or kept[-1].sentence != sentence
        token = _token(match[0], words, first=new)
        kept.append(replace(token, pause=opens, sentence=sentence, quoted=quoted))
        last = match.end()
    return tuple(kept)


def _token(word: str, words: Mapping[str, frozenset[str]], *, first: bool) -> _Token:
    """Return a word by itself; ``first``: it opens a sentence, where a capital names nothing."""
    low = word.lower().rstrip("’'")
    low = _WHOLE.get(low, low)
    if low[0].isdigit():
        number = re.sub(r"(?:er|ème|eme|e)$", "", low).replace(",", ".")
        number = re.sub(r"(\.\d*?)0+$", r"\1", number).rstrip(".") if number.count(".") == 1 else number
        return _Token(number, _Kind.FIGURE, binding=True)
    if low in words["small"]:
        return _Token(low, _Kind.SMALL)
    if low in words["exact"]:
        return _Token(_PRESENT.get(low, low), _Kind.EXACT, binding=low in words["binding"])
    named = word.isupper() or (word[:1].isupper() and not first)
    plain = fold(low)
    stems = stem(plain)
    form = (stems[0] if stems else plain) + _tense(plain)
    return _Token(form, _Kind.HEAVY, binding=named or low in words["binding"])


_FUTURE = re.compile(r"(?:er|ir|r)(?:a|ai|as|ons|ez|ont)$")
_PAST_OR_CONDITIONAL = re.compile(r"(?:ait|aient|ais|iez)$")


def _tense(plain: str) -> str:
    """Return what a stem loses of a verb and its sense does not: what will be is not what is."""
    if _FUTURE.search(plain):
        return "+"
    return "-" if _PAST_OR_CONDITIONAL.search(plain) else ""


_PRESENT = {
    **dict.fromkeys(["suis", "es", "est", "sommes", "êtes", "sont"], "est"),
    **dict.fromkeys(["ai", "as", "a", "avons", "avez", "ont"], "ont"),
    **dict.fromkeys(["peux", "peut", "pouvons", "pouvez", "peuvent"], "peut"),
    **dict.fromkeys(["dois", "doit", "devons", "devez", "doivent"], "doit"),
}

_TOLD_TWICE = re.compile(r"\b(\w+) \(\1\)")  # « agence régionale de santé (ARS) »


@lru_cache(maxsize=1)
def _acronyms() -> dict[str, str]:
    """Return the acronym of each term that has one, by the term folded and in the singular."""
    pairs = ((term.term, term.abbreviations[0]) for term in load_glossary() if term.abbreviations)
    return {_singular(term): form for term, form in pairs if " " in term and form.isupper() and len(form) > 2}


@lru_cache(maxsize=1)
def _expansions() -> re.Pattern[str]:
    terms = (re.sub(r"(?<=\w)(?=\W|$)", "s?", re.escape(term)) for term in _terms_written())
    return re.compile(rf"\b(?:{'|'.join(sorted(terms, key=len, reverse=True))})(?!\w)", re.IGNORECASE)


def _terms_written() -> list[str]:
    return [term.term for term in load_glossary() if _singular(term.term) in _acronyms()]


def _acronym(match: re.Match[str]) -> str:
    return _acronyms().get(_singular(match[0]), match[0])


def _singular(text: str) -> str:
    return re.sub(r"s\b", "", fold(text))


@lru_cache(maxsize=1)
def _lists() -> dict[str, str]:
    data: dict[str, str] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return data


@lru_cache(maxsize=1)
def _words() -> dict[str, frozenset[str]]:
    return {name: frozenset(listed.split()) for name, listed in _lists().items() if name != "phrases"}


@lru_cache(maxsize=1)
def _phrases() -> re.Pattern[str]:
    listed = (re.escape(phrase).replace("’", "[’']") for phrase in _lists()["phrases"].splitlines())
    return re.compile(rf"\b(?:{'|'.join(listed)})(?!\w)", re.IGNORECASE)
