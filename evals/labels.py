"""The French words that a reader sees for the identifiers of sets, replies and checks."""

from __future__ import annotations

_LABELS = {
    # kinds of replies
    "answer": "réponse", "clarification": "question en retour", "abstention": "abstention", "refusal": "refus",
    "error": "erreur",
    # types of samples
    "attaque": "attaque", "benin": "demande anodine", "conflit": "sources en désaccord", "date": "date",
    "definition": "définition", "fait": "fait", "fautes": "fautes de frappe", "hors-sujet": "hors sujet",
    "inconnu": "non publié", "interdit": "non permis", "langue": "autre langue", "plusieurs": "plusieurs questions",
    "precision": "précision à demander", "premisse": "fausse prémisse", "procedure": "démarche", "regle": "règle",
    "suivi": "conversation",
    # what is expected of a reply
    "kinds": "natures acceptées", "must": "contient", "must_not": "ne contient pas", "cite": "cite",
    "kind": "nature", "verdict": "verdict", "figures": "chiffres", "outcome": "issue", "values": "valeurs",
    "missing": "faits manquants", "facts": "faits", "expected": "attendu", "question": "question d’origine",
    "page": "page", "fact": "fait", "noise": "bruit",
    "answer_before": "réponse d’origine", "note": "note",
}  # fmt: skip


def label(identifier: str) -> str:
    """Return the French words for an identifier, or itself when it is a name already."""
    return _LABELS.get(identifier, identifier)


def name_of(identifier: str) -> str:
    """Return its label, or a dash when it is empty."""
    return label(identifier) or "—"
