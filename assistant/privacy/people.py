"""The people of a message: names as they are written, and those that its headers give."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from assistant.privacy.vocabulary import Vocabulary, fold, load_vocabulary

LONGEST = 6  # words of a name
MAXIMUM_KNOWN = 200  # correspondents that are looked for
_LONGEST_KNOWN = 200  # characters of one

LETTERS = re.compile(r"[^\W\d_]+")
# What stands between the words of names, or opens one.
PARTICLES = frozenset(
    [
        "de",
        "la",
        "du",
        "des",
        "le",
        "les",
        "van",
        "von",
        "der",
        "den",
        "el",
        "al",
        "ben",
        "bin",
        "da",
        "dos",
        "di",
        "del",
        "d",
        "l",
        "y",
        "e",
        "et",
    ]
)
_CUT = re.compile(r"[(\[|/;]|[ ]-[ ]|<")
_HONORIFIC = re.compile(
    r"(?:m|mme|mlle|mr|monsieur|madame|mademoiselle|dr|docteur|pr|me|maitre)\.?(?=[ ])", re.IGNORECASE
)


@dataclass(frozen=True)
class Person:
    """A name in folded words, without particles: ``("claire", "modele")``; initials are words of one letter."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, name: str) -> Person:
        """Read a name as it is written."""
        return cls(tuple(word for word in LETTERS.findall(fold(name)) if word not in PARTICLES))

    def includes(self, other: Person) -> bool:
        """Say whether another name may be this person's: the same words or fewer, or their initials."""
        if not any(len(word) > 1 and word in self.words for word in other.words):
            return False
        return all(
            word in self.words or (len(word) == 1 and any(mine[0] == word for mine in self.words))
            for word in other.words
        )


def read_known(known: Iterable[str]) -> list[Person]:
    """Return the people among correspondents as headers give them: « MODÈLE, Claire (ARS) », « c.modele@example.org ».

    A service, a body, an establishment is nobody; what is too long or comes after ``MAXIMUM_KNOWN`` is not read.
    """
    vocabulary, people = load_vocabulary(), []
    for written in list(known)[:MAXIMUM_KNOWN]:
        written = written[:_LONGEST_KNOWN].strip(" \t\n\"'")
        if "@" in written and "<" not in written:
            people += _of_address(written, vocabulary)
            continue
        display, _, address = written.partition("<")
        people += _of_display(display, vocabulary) or _of_address(address, vocabulary)
    return list(dict.fromkeys(people))


def _of_display(display: str, vocabulary: Vocabulary) -> list[Person]:
    for piece in _CUT.split(display):
        stripped = piece.strip(" \t\"'")
        honorific = _HONORIFIC.match(fold(stripped))
        name = stripped[honorific.end() :] if honorific else stripped
        words = [word for word in re.split(r"[\s,]+", fold(name)) if word]
        if not 1 <= len(words) <= LONGEST or any(vocabulary.ends_name(word) for word in words):
            continue
        first = any(vocabulary.is_first_name(word) for word in words)
        unheard = any(not vocabulary.is_ordinary(word) and word not in vocabulary.places for word in words)
        if (honorific or first or unheard) and any(len(word) > 1 for word in Person.of(name).words):
            return [Person.of(name)]
    return []


def _of_address(address: str, vocabulary: Vocabulary) -> list[Person]:
    """Return whom « claire.modele@ » names; « contact.esms@ » names nobody."""
    words = [word for word in re.split(r"[._-]", fold(address.partition("@")[0])) if word]
    if len(words) not in (2, 3) or not all(
        word.isalpha() and not vocabulary.ends_name(word) for word in words
    ):
        return []
    if not any(len(word) > 2 for word in words):
        return []
    first = len(words[0]) == 1 or any(vocabulary.is_first_name(word) for word in words)
    unheard = all(len(word) > 2 and not vocabulary.is_ordinary(word) for word in words)
    return [Person(tuple(words))] if first or unheard else []


class People:
    """The people looked for in a text, by the words of their names."""

    def __init__(self, people: Iterable[Person] = ()) -> None:
        self._ranks: dict[Person, int] = {}
        self._by_word: dict[str, set[int]] = {}
        self._by_initial: dict[str, set[int]] = {}
        for person in people:
            self.add(person)

    def __contains__(self, word: str) -> bool:
        return word in self._by_word

    def add(self, person: Person) -> None:
        """Look for a person too."""
        if person in self._ranks:
            return
        rank = self._ranks[person] = len(self._ranks)
        for word in person.words:
            self._by_initial.setdefault(word[0], set()).add(rank)
            if len(word) > 1:
                self._by_word.setdefault(word, set()).add(rank)

    def named(self, word: str) -> set[int]:
        """Return those a folded word names."""
        return self._by_word.get(word, set())

    def with_initial(self, letter: str) -> set[int]:
        """Return those who have a name that begins with a folded letter."""
        return self._by_initial.get(letter, set())
