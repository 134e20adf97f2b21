"""Which campaigns and tracks the calendar is asked for: the filters of its address, read or refused."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.composing.french import join
from assistant.rules.deadline import VOIES, campagnes, campagnes_of
from assistant.rules.reading import campagne_label
from assistant.web.calendar.file import ECHEANCES
from corpus.parameters import Parameters

MAX_ECHO = 30  # characters of a wrong value that the message repeats
_YEAR = re.compile(r"20[0-9]{2}")


class FilterError(Exception):
    """A filter means nothing; the message, in French, says which, what is expected and what to do.

    ``status`` is that of the HTTP answer: 404 for a campaign that no source speaks of, 422 for what is no value.
    """

    def __init__(self, message: str, status: int = 422) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Filters:
    """The campaigns and tracks asked for; ``annee``, ``voie`` and ``echeance`` are empty when all are.

    ``annee`` is a year, or one of the two rounds of 2021 (``2021-T1``).
    """

    annee: str = ""
    voie: str = ""
    echeance: str = ""

    def codes(self, parameters: Parameters) -> list[str]:
        """Return the campaigns asked for, the last first."""
        codes = campagnes_of(self.annee, parameters) if self.annee else campagnes(parameters)
        return list(reversed(codes))

    @property
    def voies(self) -> list[str]:
        """The tracks asked for."""
        return [self.voie] if self.voie else list(VOIES)

    @property
    def echeances(self) -> list[str]:
        """Openings, closings or both."""
        return [self.echeance] if self.echeance else list(ECHEANCES)

    @property
    def label(self) -> str:
        """« campagne 2025, voie régionale », or the empty text."""
        parts = [f"campagne {campagne_label(self.annee)}"] if self.annee else []
        return ", ".join(parts + ([f"voie {VOIES[self.voie]}"] if self.voie else []))

    @property
    def query(self) -> str:
        """The filters as they are written in an address, all of them known values."""
        pairs = (("annee", self.annee), ("voie", self.voie), ("echeance", self.echeance))
        return "&".join(f"{name}={value}" for name, value in pairs if value)

    @property
    def filename(self) -> str:
        """The name of the diary file: « esms-numerique-2025-regionale.ics »."""
        parts = ["esms-numerique", self.annee, self.voie, self.echeance]
        return "-".join(part for part in parts if part) + ".ics"


def years(parameters: Parameters) -> list[str]:
    """Return the years that had a campaign, the last first."""
    return sorted({code[:4] for code in campagnes(parameters)}, reverse=True)


def read_filters(values: Mapping[str, Sequence[str]], parameters: Parameters) -> Filters:
    """Return the filters of a request, of which ``values`` gives every value of each name.

    Raises:
        FilterError: A value is given twice, is none of those expected, or names a campaign no source speaks of.
    """
    annee = _one("annee", values)
    if annee and not campagnes_of(annee, parameters):
        known = join(list(reversed(years(parameters))), "ou")
        expected = f"Années connues\u00a0: {known}. Choisissez-en une, ou affichez toutes les campagnes."
        if _YEAR.fullmatch(annee):
            raise FilterError(f"Aucune source lue ne parle d’une campagne {annee}. {expected}", 404)
        raise FilterError(f"«\u00a0{annee}\u00a0» n’est pas une année du calendrier. {expected}")
    voie = _among("voie", "une voie", VOIES, values)
    return Filters(annee, voie, _among("echeance", "une échéance", ECHEANCES, values))


def _one(name: str, values: Mapping[str, Sequence[str]]) -> str:
    given = values.get(name, [])
    if len(given) > 1:
        raise FilterError(
            f"Le filtre «\u00a0{name}\u00a0» est donné {len(given)} fois. Une seule valeur est attendue\u00a0: "
            "choisissez-la dans la liste."
        )
    text = given[0].strip() if given else ""
    printable = "".join(character for character in text if character.isprintable())
    return printable if len(printable) <= MAX_ECHO else f"{printable[:MAX_ECHO]}…"


def _among(name: str, noun: str, known: Mapping[str, str], values: Mapping[str, Sequence[str]]) -> str:
    text = _one(name, values)
    if text and text not in known:
        raise FilterError(
            f"«\u00a0{text}\u00a0» n’est pas {noun} du calendrier. Valeurs attendues\u00a0: "
            f"{join(list(known), 'ou')}. Choisissez-en une, ou n’en donnez aucune pour toutes les afficher."
        )
    return text
