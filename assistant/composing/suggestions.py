"""Follow-up questions that the assistant can really answer, chosen from what was just said."""

from __future__ import annotations

from assistant.answer import Kind
from assistant.judging import Ruling
from assistant.understanding.reading import Reading

_START = (
    "Combien d’ESSMS faut-il réunir ?",
    "Quelles étaient les dernières dates limites ?",
    "Qu’est-ce qu’un DUI ?",
)
_BY_THEME = {
    "groupement": (
        "Comment constituer un groupement ?",
        "Que finance le programme ?",
        "Où dépose-t-on le dossier ?",
    ),
    "calendrier": (
        "Peut-on encore candidater aujourd’hui ?",
        "Un dossier en retard est-il recevable ?",
        "Quand se décide la sélection ?",
    ),
    "eligibilite": (
        "Combien d’ESSMS faut-il réunir ?",
        "Faut-il un numéro FINESS par structure ?",
        "Que finance le programme ?",
    ),
}
_OTHERS = (
    "Que finance le programme ?",
    "Le logiciel doit-il être référencé Ségur ?",
    "Peut-on cumuler avec d’autres aides ?",
)


def suggest(reading: Reading, ruling: Ruling, kind: Kind) -> tuple[str, ...]:
    """Return two or three questions to go on with, never the one just asked."""
    if kind is Kind.REFUSAL or reading.speech is not None:
        chosen = _START
    elif ruling.results:
        chosen = _BY_THEME.get(ruling.results[0].rule.split(".")[0], _OTHERS)
    else:
        chosen = _OTHERS
    return tuple(text for text in chosen if text.lower() != reading.question.lower())
