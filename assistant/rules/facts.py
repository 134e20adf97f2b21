"""What the user has stated about a project; an absent fact is ``None``, never a default."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Stated(Generic[T]):
    """A value with the user's words it was read from."""

    value: T
    words: str


@dataclass(frozen=True)
class Count:
    """A whole number, or the bounds of one ("une quinzaine", "moins de 15"); ``high`` None: no upper bound."""

    low: int
    high: int | None

    @classmethod
    def exactly(cls, number: int) -> Count:
        """Return the count of a number stated without approximation."""
        return cls(number, number)

    @property
    def exact(self) -> bool:
        """Whether the number is known exactly."""
        return self.low == self.high

    def __str__(self) -> str:
        if self.exact:
            return str(self.low)
        return f"au moins {self.low}" if self.high is None else f"entre {self.low} et {self.high}"


@dataclass(frozen=True)
class Period:
    """The days from ``first`` to ``last``, both included: one day, or the bounds of one (« fin septembre »)."""

    first: date
    last: date

    @classmethod
    def day(cls, day: date) -> Period:
        """Return the period of a single day."""
        return cls(day, day)

    @property
    def exact(self) -> bool:
        """Whether the day is known exactly."""
        return self.first == self.last

    def __str__(self) -> str:
        """Return the ISO 8601 day, or interval."""
        return self.first.isoformat() if self.exact else f"{self.first.isoformat()}/{self.last.isoformat()}"


@dataclass(frozen=True)
class FromClosing:
    """A day told from the closing of the call: ``days`` after it, or before it when negative."""

    days: int

    def __str__(self) -> str:
        return f"clôture {self.days:+d} j"


Filing = Period | FromClosing


@dataclass(frozen=True)
class CategoryMention:
    """A category of establishment, with its number when stated.

    ``within_total`` says that the number is already counted in ``Facts.nombre_essms`` ("15 dont 2 USLD").
    """

    categorie: str
    nombre: Count | None
    within_total: bool
    words: str


@dataclass(frozen=True)
class Facts:
    """The facts of a conversation. Regions are ids of ``corpus/territories.yaml``.

    ``date_depot`` is when a file was or would be submitted; ``date_citee`` a day named without filing ("c'est le
    1er juin ?").
    ``variation`` is how many ESSMS join or leave the number stated before ("2 de plus"); ``sans_finess`` how
    many of the ESSMS stated have no FINESS number of their own.
    """

    campagne: Stated[str] | None = None
    voie: Stated[str] | None = None
    nombre_essms: Stated[Count] | None = None
    variation: Stated[int] | None = None
    sans_finess: Stated[int] | None = None
    nombre_regions: Stated[Count] | None = None
    territoires: tuple[Stated[str], ...] = ()
    categories: tuple[CategoryMention, ...] = ()
    date_depot: Stated[Filing] | None = None
    date_citee: Stated[date] | None = None
    finess_geo: Stated[bool] | None = None
    l312_1: Stated[bool] | None = None
    champ_sanitaire: Stated[bool] | None = None
    heures_essentielles: Stated[float] | None = None
    heures_confort: Stated[float] | None = None
    piece_repartition: Stated[bool] | None = None
    choix: Stated[str] | None = None
    date_commande: Stated[date] | None = None
    date_deploiement: Stated[date] | None = None
    essms_du_gestionnaire: Stated[Count] | None = None
    domaine: Stated[str] | None = None
    eligible_sons: Stated[bool] | None = None
    date_signature: Stated[date] | None = None
    date_enregistrement: Stated[date] | None = None
    projet_mixte: Stated[bool] | None = None
    autre_aide_europeenne: Stated[bool] | None = None
    deja_finance: Stated[str] | None = None
    prestation_segur: Stated[str] | None = None
    entite_nationale: Stated[bool] | None = None
    editeur_reference: Stated[bool] | None = None
