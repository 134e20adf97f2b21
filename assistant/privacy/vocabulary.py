"""The words that tell a person's name from an establishment, a town, an acronym or the beginning of a sentence."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from assistant.understanding.tidying import french_words
from corpus.glossary import load_glossary
from corpus.records import Record, read_record
from corpus.territories import load_territories, load_towns

# The capital letters of the languages of Europe, for a character class.
UPPER = "A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĞĢĪĮİĶĹĽŁŃŅŇŌŐŒŔŘŚŞŠȘŢŤȚŪŮŰŲŹŻŽŸ"

_HERE = Path(__file__).parent
_PARTS = re.compile(r"[^\W\d_]+")


def _bare_letters() -> dict[int, str]:
    """Return, for each letter with marks, the one letter without: no place moves when a text is folded."""
    letters = {}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        base = unicodedata.normalize("NFKD", chr(code))[0].lower()
        if base.isascii() and base.isalpha():
            letters[code] = base
    return letters | {
        ord("’"): "'",
        ord("‘"): "'",
        ord("ʼ"): "'",
        ord("Ø"): "o",
        ord("ø"): "o",
        ord("ł"): "l",
        ord("Ł"): "l",
    }


_BARE = _bare_letters()


def fold(text: str) -> str:
    """Return the text in lower case without accents, as long as it was: « Noël » becomes « noel »."""
    folded = text.translate(_BARE)
    lowered = folded.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in folded)


class _Lists(Record):
    functions: tuple[str, ...]
    grammar: tuple[str, ...]
    bearers: tuple[str, ...]
    between: tuple[str, ...]
    labels: tuple[str, ...]
    institutions: tuple[str, ...]
    software: tuple[str, ...]
    calendar: tuple[str, ...]
    health: tuple[str, ...]
    doubtful_first_names: tuple[str, ...]


def _words(lines: tuple[str, ...]) -> frozenset[str]:
    return frozenset(fold(word) for line in lines for word in line.split())


@dataclass(frozen=True)
class Vocabulary:
    """Folded words, by what they say of a capital.

    ``stops`` end a name; ``titles`` do even after a civility; ``bearers`` carry people's names, with ``between`` words
    between the two; ``doubtful`` are the first names that are adjectives or nouns too; ``french`` are ordinary words.
    """

    first_names: frozenset[str]
    doubtful: frozenset[str]
    titles: frozenset[str]
    grammar: frozenset[str]
    bearers: frozenset[str]
    between: frozenset[str]
    stops: frozenset[str]
    places: frozenset[str]
    french: frozenset[str]

    def is_first_name(self, word: str) -> bool:
        """Say whether a folded word is a first name, of one part or several: « jean-paul »."""
        return word in self.first_names or (
            "-" in word and all(part in self.first_names for part in word.split("-"))
        )

    def ends_name(self, word: str) -> bool:
        """Say whether no name goes on with this folded word, elided article or not."""
        return any(part in self.stops for part in _pieces(word))

    def is_title(self, word: str) -> bool:
        """Say whether a folded word is a function or a word of grammar, even after « Madame »."""
        return any(part in self.titles for part in _pieces(word))

    def is_ordinary(self, word: str) -> bool:
        """Say whether a folded word, or each of its parts, is an ordinary word of French."""
        return word in self.french or all(part in self.french for part in _PARTS.findall(word))


def _pieces(word: str) -> tuple[str, ...]:
    """Return a folded word, what follows its apostrophe, and what opens a compound such as « saint-joseph »."""
    return (word, word.rpartition("'")[2], word.partition("-")[0])


@lru_cache(maxsize=1)
def load_vocabulary() -> Vocabulary:
    """Return the vocabulary, read once: lists of this package, towns and acronyms of the corpus, a French dictionary."""
    lists = read_record(_HERE / "vocabulary.yaml", _Lists)
    lines = (_HERE / "first_names.tsv").read_text(encoding="utf-8").splitlines()
    first_names = frozenset(fold(line) for line in lines if line and not line.startswith("#"))
    titles = _words(lists.functions) | _words(lists.grammar)
    acronyms = frozenset(
        fold(form)
        for term in load_glossary()
        for form in term.abbreviations
        if form.isupper() and len(form) > 1
    )
    bearers = _words(lists.bearers)
    others = (lists.labels, lists.institutions, lists.software, lists.calendar, lists.health)
    return Vocabulary(
        first_names=first_names,
        doubtful=_words(lists.doubtful_first_names),
        titles=titles,
        grammar=_words(lists.grammar),
        bearers=bearers,
        between=_words(lists.between),
        stops=titles | bearers | acronyms | frozenset().union(*map(_words, others)),
        places=_places(),
        french=frozenset(fold(word) for word in french_words()),
    )


def _places() -> frozenset[str]:
    territories = load_territories()
    names = [town for town, _ in load_towns()]
    for region in territories.regions:
        names += [region.name, *region.formes]
    for departement in territories.departements:
        names += [departement.name, *departement.formes]
    return frozenset(fold(name) for name in names) | {
        "corse",
        "reunion",
        "france",
        "europe",
        "dom-tom",
        "paris",
    }
