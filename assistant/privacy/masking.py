"""What identifies a person or an account in a text: found, and replaced by what it was.

No network. Numbers and e-mail addresses are told by :mod:`~assistant.privacy.identifiers`, postal addresses and dates
of birth by :mod:`~assistant.privacy.postal`, names by :mod:`~assistant.privacy.persons`. Amounts, the dates and years
of the programme, FINESS numbers and the towns and regions that a question names stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from assistant.privacy.identifiers import find_identifiers
from assistant.privacy.people import People, read_known
from assistant.privacy.persons import find_persons
from assistant.privacy.postal import find_addresses, find_births
from assistant.privacy.spans import MASK, MASKS, TAG, Kind, Span, lines_around, plain
from assistant.privacy.vocabulary import fold

__all__ = ["Kind", "Span", "find", "mask"]

# What is found may show what stands beside it, so lines are searched again: so many characters in all.
_AGAIN, _SHORT = 2, 100_000

_IN_WORDS = (Kind.ADDRESS, Kind.BIRTH, Kind.PERSON)

_Found = Iterable[tuple[int, int, Kind]]


def mask(text: str, known: Iterable[str] = ()) -> str:
    """Return the text with what :func:`find` finds replaced by its name in brackets.

    Example:
        >>> mask("Écrivez à prenom.nom@example.org ou au 01 99 00 12 34.")
        'Écrivez à [adresse électronique masquée] ou au [numéro de téléphone masqué].'
    """
    parts, last = [], 0
    for span in find(text, known):
        parts += [text[last : span.start], MASKS[span.kind]]
        last = span.end
    return "".join([*parts, text[last:]])


def find(text: str, known: Iterable[str] = ()) -> list[Span]:
    """Return what identifies somebody, in the order of the text; no two spans overlap.

    ``known`` are the correspondents as headers name them (« MODÈLE, Claire », « claire.modele@example.org »): their
    names are found wherever they stand.
    """
    simple, places = plain(text)
    folded = fold(simple)
    written = [found.span() for pattern in (MASK, TAG) for found in pattern.finditer(folded)]
    simple = _covered(simple, written)  # what was masked before is not searched again
    taken: list[tuple[int, int, Kind]] = []
    people = People(read_known(known))
    windows, left = [(0, len(simple))], _AGAIN * len(simple) + _SHORT
    while windows and left > 0:
        fresh: list[tuple[int, int, Kind]] = []
        for finder in (find_identifiers, _find_addresses, _find_births, partial(_find_persons, people)):
            found = [
                (first + start, first + end, kind)
                for first, last in windows
                for start, end, kind in _trimmed(simple[first:last], finder(simple[first:last]))
            ]
            simple = _covered(simple, ((start, end) for start, end, _ in found))
            fresh += found
        taken += fresh
        windows = lines_around(simple, ((start, end) for start, end, _ in fresh))
        left -= sum(last - first for first, last in windows)
    return sorted(
        (Span(places[start], places[end - 1] + 1, kind) for start, end, kind in taken),
        key=lambda span: span.start,
    )


def _find_addresses(text: str) -> _Found:
    return ((start, end, Kind.ADDRESS) for start, end in find_addresses(text))


def _find_births(text: str) -> _Found:
    return ((start, end, Kind.BIRTH) for start, end in find_births(text))


def _find_persons(people: People, text: str) -> _Found:
    return ((start, end, Kind.PERSON) for start, end in find_persons(text, people))


def _trimmed(text: str, found: _Found) -> Iterator[tuple[int, int, Kind]]:
    for start, end, kind in found:
        while end > start and text[end - 1].isspace():
            end -= 1
        crosses = kind in _IN_WORDS and "[" in text[start:end]  # over what was found before
        if end > start and not crosses:
            yield start, end, kind


def _covered(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return the text with brackets for what spans cover, as long as it was: what stands beside is read as beside a mask."""
    parts, last = [], 0
    for start, end in sorted(spans):
        parts += [text[last:start], f"[{'x' * (end - start - 2)}]" if end - start > 1 else "]"]
        last = end
    return "".join([*parts, text[last:]])
