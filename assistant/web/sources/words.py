"""Years, places and scopes in words, as the pages on sources say them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assistant.composing.french import join, say_day, say_printed
from assistant.rules.deadline import VOIES
from assistant.rules.reading import campagne_label
from corpus.fiches import Scope
from corpus.parameters import DatedValue
from corpus.territories import load_territories

_LEAST_YEARS = 3  # in a row, to be said « 2022 à 2025 »


def say_years(years: Iterable[int]) -> str:
    """Return « 2022 à 2025 » for years in a row, else « 2021, 2024 et 2025 ».

    Example:
        >>> say_years((2025, 2023, 2024)), say_years((2021, 2022)), say_years(())
        ('2023 à 2025', '2021 et 2022', '')
    """
    ordered = sorted(set(years))
    if len(ordered) >= _LEAST_YEARS and ordered[-1] - ordered[0] == len(ordered) - 1:
        return f"{ordered[0]} à {ordered[-1]}"
    return join([str(year) for year in ordered])


def say_scope(scope: Scope) -> tuple[str, ...]:
    """Return what a statement is limited to, in words: its years, its tracks, its territories."""
    voies = [VOIES[voie] for voie in scope.voies]
    words = (
        say_campagnes([str(year) for year in scope.annees]) if scope.annees else "",
        f"{'voies' if len(voies) > 1 else 'voie'} {join(voies)}" if voies else "",
        join([place_name(place) for place in scope.territoires]),
    )
    return tuple(filter(None, words))


def place_name(place: str) -> str:
    """Return the name of a place: « national » is the whole country."""
    if place == "national":
        return "toute la France"
    return next((region.name for region in load_territories().regions if region.id == place), place)


def say_when(entry: DatedValue) -> str:
    """Return the campaigns or the days of a value."""
    counted = f", comptage {_since(entry.counted_on)}" if entry.counted_on else ""
    if entry.campagnes:
        return say_campagnes(entry.campagnes) + counted
    first = f"à partir du {say_day(entry.valid_from)}" if entry.valid_from else ""
    if entry.valid_from and entry.valid_until:
        first = f"du {say_day(entry.valid_from)} au {say_day(entry.valid_until)}"
    return first + counted


def _since(printed: str) -> str:
    return f"{'du' if len(printed) > 7 else 'de'} {say_printed(printed)}"


def say_campagnes(campagnes: Sequence[str]) -> str:
    """Return « campagne 2025 » or « campagnes 2022 à 2025 »."""
    if all(campagne.isdigit() for campagne in campagnes):
        words = say_years(map(int, campagnes))
    else:
        words = join([campagne_label(campagne) for campagne in campagnes])
    return f"{'campagnes' if len(campagnes) > 1 else 'campagne'} {words}"
