"""Where the programme stands on a day, in one line at the head of every page: read from the parameters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from assistant.composing.french import join, say_day, sentence
from assistant.rules.deadline import VOIES, check_ouvert
from assistant.rules.reading import campagne_label
from assistant.rules.result import Outcome
from corpus.parameters import Parameters


@dataclass(frozen=True)
class Banner:
    """A sentence, and whether a call is open (``open``), none is (``closed``) or the sources leave it open (``unsure``)."""

    state: str
    text: str


def programme_on(day: date, parameters: Parameters) -> Banner:
    """Return where the calls for projects stand on ``day``."""
    ruling = check_ouvert(day, parameters)
    if ruling.outcome is Outcome.YES:
        calls = [_until(row) for row in ruling.values["ouvertes"]]
        return Banner("open", sentence(f"appels à projets ouverts : {join(calls)}"))
    if ruling.outcome is Outcome.UNDETERMINED:
        text = (
            f"campagne {campagne_label(str(ruling.values['campagne']))} : les sources lues ne disent pas avec "
            "certitude si un appel à projets est ouvert"
        )
        return Banner("unsure", sentence(text))
    upcoming = ruling.values.get("a_venir") or []
    if upcoming:
        calls = [_from(row) for row in upcoming]
        return Banner("closed", sentence(f"aucun appel à projets ouvert ; à venir : {join(calls)}"))
    last = max((row["date"] for row in ruling.values.get("closes", []) if row["date"]), default=None)
    ending = f" ; la dernière clôture connue est celle du {say_day(last)}" if last else ""
    return Banner(
        "closed", sentence(f"aucun appel à projets n’est ouvert d’après les sources consultées{ending}")
    )


def _until(row: dict[str, object]) -> str:
    closing = f" jusqu’au {say_day(row['date'])}" if isinstance(row["date"], date) else ", clôture inconnue"
    return f"voie {VOIES[str(row['voie'])]} {campagne_label(str(row['campagne']))}{closing}"


def _from(row: dict[str, object]) -> str:
    opening = f" à partir du {say_day(row['date'])}" if isinstance(row["date"], date) else ""
    return f"voie {VOIES[str(row['voie'])]} {campagne_label(str(row['campagne']))}{opening}"
