"""Dated, sourced figures that the rules read; one figure a file, its dotted path is its id.

A figure's history holds one entry for each period. An entry is keyed either by campaigns (``2021-T1``,
``2021-T2``, ``2022`` ...) or by days (``from`` and ``until``, both inclusive). An entry whose value is
null says that the figure is known to be unknown, with the reason to tell the user.
"""

from __future__ import annotations

import math
import re
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from corpus.errors import CorpusError, CorpusFileError, ParameterNotInForceError
from corpus.records import Record, line_at, read_record

PARAMETERS_DIR = Path(__file__).parent / "parameters"

# Every figure that the rules read: without one of them a question could not be judged.
_READ_BY_THE_RULES = {
    "calendrier": """
        cloture_multiregionale cloture_nationale cloture_regionale derniere_campagne dialogue
        instruction ouverture_multiregionale ouverture_nationale ouverture_regionale
    """,
    "cibles": "dispense_ahi",
    "cumul": """
        aide_europeenne deux_logiciels entite_nationale meme_logiciel prestation_autre_logiciel
        prestation_meme_logiciel
    """,
    "deploiement": "structures",
    "depot": """
        ars_multiregionale delai_notification instructeur_national instructeur_regional instruction
        teleservice
    """,
    "eligibilite": "condition_finess exclusion_sanitaire perimetre_l312_1",
    "enveloppes": "ars caisse_des_depots esms_numerique innovation national reserve ressources sons",
    "financement": """
        acquisition forfait_acquisition forfait_conformite maintien
        national_editeur national_editeur_reference national_maitrise_ouvrage national_rang
        petit_gestionnaire plafond_materiel prorata_heures
    """,
    "groupement": "gestionnaires_minimum plafond_amorcage seuil_corse_outre_mer seuil_general",
    "referencement": "exigence exigence_ahi exigence_pjm",
    "sons": "commande_vague_1 deploiement_vague_1 vague_2",
    "textes": "applicable",
    "voie": "pluralite_regions seuil_national",
}
REQUIRED = frozenset(
    f"{group}.{name}" for group, names in _READ_BY_THE_RULES.items() for name in names.split()
)

# What a value is, by its unit; a figure of any other unit is a whole number.
_TEXT_UNITS = frozenset({"instruction", "organisme", "règle", "service"})
_DECIMAL_UNITS = frozenset({"M€"})

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

    @field_validator("value", mode="before")
    @classmethod
    def _is_plain(cls, value: Any) -> Any:
        return _plain(value)

    @model_validator(mode="after")
    def _one_key(self) -> DatedValue:
        if bool(self.campagnes) == bool(self.valid_from):
            raise ValueError("donnez soit campagnes, soit valid_from")
        if self.value is None and not self.reason:
            raise ValueError("une valeur inconnue (null) demande sa raison (reason)")
        return self

    def day(self) -> date | None:
        """Return the value as a day, or ``None`` when no day (or only a month) is known."""
        return _day(self.value)

    def number(self) -> int:
        """Return the value as a whole number.

        Raises:
            CorpusError: The value is not a whole number: the unit of the parameter file is wrong.
        """
        if not isinstance(self.value, int):
            raise CorpusError(
                f"La valeur « {self.value} » d’un paramètre n’est pas le nombre entier qu’une règle attend. "
                "Vérifiez les paramètres (corpus/parameters) et leur unité."
            )
        return self.value


class Contradiction(Record):
    """A value that another source gives, and why it does not prevail."""

    campagnes: tuple[Campagne, ...]
    value: int | float | str
    sources: Annotated[tuple[str, ...], Field(min_length=1)]
    why: str

    @field_validator("value", mode="before")
    @classmethod
    def _is_plain(cls, value: Any) -> Any:
        return _plain(value)

    def day(self) -> date | None:
        """Return the value as a day, or ``None`` when it is no day (or only a month)."""
        return _day(self.value)


def _day(value: int | float | str | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None


def _plain(value: Any) -> Any:
    if value is None or type(value) in (int, str) or (type(value) is float and math.isfinite(value)):
        return value
    raise ValueError("un nombre, un texte ou une date entre guillemets est attendu")


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
        raise ParameterNotInForceError(
            f"Le paramètre « {self.id} » n’a pas de valeur pour la campagne {campagne} (connues : {known})."
        )

    def value_on(self, day: date) -> DatedValue:
        """Return the value in force on ``day``.

        Raises:
            ParameterNotInForceError: No text sets the figure on that day.
        """
        for entry in self.history:
            if entry.valid_from and entry.valid_from <= day <= (entry.valid_until or date.max):
                return entry
        raise ParameterNotInForceError(f"Le paramètre « {self.id} » n’a pas de valeur au {day.isoformat()}.")

    def contradictions_for(self, campagne: str) -> tuple[Contradiction, ...]:
        """Return the other values that circulate for a campaign."""
        return tuple(entry for entry in self.contradictions if campagne in entry.campagnes)


Parameters = dict[str, Parameter]


@lru_cache(maxsize=4)
def load_parameters(directory: Path = PARAMETERS_DIR, required: frozenset[str] = REQUIRED) -> Parameters:
    """Return every parameter by dotted id (``groupement.seuil_general``).

    Raises:
        CorpusFileError: A file is invalid, holds a value that its unit does not allow, or is missing.
    """
    parameters = {}
    for path in sorted(directory.rglob("*.yaml")):
        name = ".".join(path.relative_to(directory).with_suffix("").parts)
        content = read_record(path, _ParameterFile)
        _check_values(path, content)
        parameters[name] = Parameter(
            id=name, **{key: getattr(content, key) for key in type(content).model_fields}
        )
    for name in sorted(required - parameters.keys()):
        path = directory.joinpath(*name.split(".")).with_suffix(".yaml")
        raise CorpusFileError(path, f"ce fichier est absent, or les règles lisent le paramètre « {name} ».")
    return parameters


def _check_values(path: Path, content: _ParameterFile) -> None:
    values = [(("history", rank), entry.value) for rank, entry in enumerate(content.history)]
    values += [(("contradictions", rank), other.value) for rank, other in enumerate(content.contradictions)]
    for (key, rank), value in values:
        if value is not None and (expected := _expected_instead(value, content.unit)):
            message = (
                f"clé « {key}.{rank + 1}.value » : « {value} » ne convient pas pour l’unité "
                f"« {content.unit} » ; attendu : {expected}."
            )
            raise CorpusFileError(path, message, line_at(path, (key, rank, "value")))


def _expected_instead(value: float | str, unit: str) -> str | None:
    """Return what the unit expects when the value is not that."""
    if unit == "date":
        return (
            None
            if isinstance(value, str) and _is_day_or_month(value)
            else "une date qui existe (AAAA-MM-JJ ou AAAA-MM)"
        )
    if unit in _TEXT_UNITS:
        return None if isinstance(value, str) and value.strip() else "un texte"
    if unit == "condition":
        return None if value in (0, 1) and isinstance(value, int) else "0 ou 1"
    if unit in _DECIMAL_UNITS:
        return None if not isinstance(value, str) and value >= 0 else "un nombre"
    return None if isinstance(value, int) and value >= 0 else "un nombre entier"


def _is_day_or_month(text: str) -> bool:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?", text):
        return False
    try:
        date.fromisoformat((text + "-01")[:10])
    except ValueError:
        return False
    return True
