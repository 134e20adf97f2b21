"""How a figure of the rules is said: what it is about, its value, and what another source gives instead of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from assistant.composing.french import NBSP, plain_day, sentence
from assistant.rules.history import said
from corpus.parameters import Contradiction, DatedValue, Parameter
from corpus.sources import Source

# How a description in the parameters explains its codes to whoever maintains them.
_CODES = re.compile(r"\s*\((?:[01] : [^)]*|[^)]*counted_on[^)]*)\)|\s*;\s*[01] : [^)]*(?=\))")


@dataclass(frozen=True)
class Discarded:
    """A value that a source gives and that does not prevail: of what, how much, why not, and the ids of who gives it."""

    subject: str
    value: str
    why: str
    sources: tuple[str, ...]


def subject(parameter: Parameter) -> str:
    """Return what a figure is about, without the codes of its values."""
    return _CODES.sub("", parameter.description)


def value_words(parameter: Parameter, held: DatedValue | Contradiction) -> str:
    """Return a value in French with its unit: « 76,5 M€ », « 15 septembre 2025 », « oui », « inconnue »."""
    if held.value is None:
        return "inconnue"
    if parameter.unit == "année":
        return str(held.value)
    if parameter.unit == "mois":
        return f"{held.value}{NBSP}mois"
    return plain_day(said(parameter, held))


def discarded(parameter: Parameter, other: Contradiction) -> Discarded:
    """Return what there is to say of a value that another source gives."""
    return Discarded(
        subject(parameter), value_words(parameter, other), sentence(plain_day(other.why)), other.sources
    )


def publishers(sources: Iterable[Source]) -> tuple[str, ...]:
    """Return who publishes some sources, once each."""
    return tuple(dict.fromkeys(source.publisher for source in sources))
