"""Dated, sourced figures that the rules read; one figure a file, its dotted path is its id.

A figure's history holds one entry for each period. An entry is keyed either by campaigns (``2021-T1``,
``2021-T2``, ``2022`` ...) or by days (``from`` and ``until``, both inclusive). An entry whose value is
null says that the figure is known to be unknown, with the reason to tell the user.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from corpus.errors import ParameterNotInForceError
from corpus.records import Record, read_record

PARAMETERS_DIR = Path(__file__).parent / "parameters"

Campagne = Annotated[str, Field(pattern=r"^20\d\d(-T[12])?$")]


class DatedValue(Record):
    """One value of a figure, for some campaigns or from one day to another, with who says it.

    ``counted_on`` is the day, month or year a count speaks of, as printed by its source.
    """

    value: int | float | str | None
    campagnes: tuple[Campagne, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    sources: Annotated[tuple[str, ...], Field(min_length=1)]
    confidence: Literal["haute", "moyenne", "basse"]
    counted_on: str | None = None
    reason: str | None = None
    reservation: str | None = None

    @model_validator(mode="after")
    def _one_key(self) -> DatedValue:
        if bool(self.campagnes) == bool(self.valid_from):
            raise ValueError("give either campagnes or valid_from")
        if self.value is None and not self.reason:
            raise ValueError("a null value needs its reason")
        return self

    def day(self) -> date | None:
        """Return the value as a day, or ``None`` when no day (or only a month) is known."""
        if isinstance(self.value, str) and len(self.value) == 10:
            return date.fromisoformat(self.value)
        return None

    def number(self) -> int:
        """Return the value as a whole number.

        Raises:
            TypeError: The value is not a whole number: the parameter file is wrong.
        """
        if not isinstance(self.value, int):
            raise TypeError(f"{self.value!r} is not a whole number")
        return self.value


class Contradiction(Record):
    """A value that another source gives, and why it does not prevail."""

    campagnes: tuple[Campagne, ...]
    value: int | float | str
    sources: Annotated[tuple[str, ...], Field(min_length=1)]
    why: str


class _ParameterFile(Record):
    description: str
    unit: str
    last_checked: date
    history: Annotated[tuple[DatedValue, ...], Field(min_length=1)]
    contradictions: tuple[Contradiction, ...] = ()


class Parameter(_ParameterFile):
    """A figure set by a programme text or page, with every value it has had."""

    id: str

    def value_for(self, campagne: str) -> DatedValue:
        """Return the value of a campaign.

        Raises:
            ParameterNotInForceError: No entry covers the campaign.
        """
        for entry in self.history:
            if campagne in entry.campagnes:
                return entry
        known = ", ".join(code for entry in self.history for code in entry.campagnes)
        raise ParameterNotInForceError(f"{self.id} has no value for campaign {campagne} (known: {known}).")

    def value_on(self, day: date) -> DatedValue:
        """Return the value in force on ``day``.

        Raises:
            ParameterNotInForceError: No text sets the figure on that day.
        """
        for entry in self.history:
            if entry.valid_from and entry.valid_from <= day <= (entry.valid_until or date.max):
                return entry
        raise ParameterNotInForceError(f"{self.id} has no value on {day.isoformat()}.")

    def contradictions_for(self, campagne: str) -> tuple[Contradiction, ...]:
        """Return the other values that circulate for a campaign."""
        return tuple(entry for entry in self.contradictions if campagne in entry.campagnes)


Parameters = dict[str, Parameter]


@lru_cache(maxsize=4)
def load_parameters(directory: Path = PARAMETERS_DIR) -> Parameters:
    """Return every parameter by dotted id (``groupement.seuil_general``).

    Raises:
        CorpusFileError: A file is invalid.
    """
    parameters = {}
    for path in sorted(directory.rglob("*.yaml")):
        name = ".".join(path.relative_to(directory).with_suffix("").parts)
        content = read_record(path, _ParameterFile)
        parameters[name] = Parameter(
            id=name, **{key: getattr(content, key) for key in type(content).model_fields}
        )
    return parameters
