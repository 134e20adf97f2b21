"""How the themes of the desk are shown."""

from __future__ import annotations

from assistant.storage.learning import NO_THEME
from assistant.understanding.intents import Intent

LABELS: dict[str, str] = {
    Intent.ELIGIBILITE: "Éligibilité",
    Intent.ECHEANCE: "Dates et échéances",
    Intent.VOIE: "Voie de dépôt",
    Intent.FINANCEMENT: "Financement",
    Intent.MONTANT: "Montants",
    Intent.DEFINITION: "Définitions",
    Intent.PROCEDURE: "Démarches",
    Intent.CHIFFRES: "Chiffres du programme",
    Intent.COMPARAISON: "Sources qui se contredisent",
    Intent.SALUTATION: "Salutations",
    Intent.ASSISTANT: "L’assistant lui-même",
    Intent.RECLAMATION: "Réclamations",
    NO_THEME: "Autre",
}


def label(theme: str) -> str:
    """Return the name of a theme, itself when it is none we know."""
    return LABELS.get(theme, theme)
