"""How to address whoever wrote: by the title and the civility that they give of themselves, never guessed."""

from __future__ import annotations

import re

from assistant.drafting.message import Address

NEUTRAL = "Madame, Monsieur"
_CIVILITIES = (
    (re.compile(r"(?<![\w.])(?:Mme|Madame|Mlle|Mademoiselle|Mrs|Ms)(?![\w])\.?"), "Madame"),
    (re.compile(r"(?<![\w.])(?:M\.|Mr\.?|Monsieur)(?![\w])"), "Monsieur"),
)
_DOCTOR = re.compile(r"(?<![\w.])(?:Dr\.?|Docteur|Docteure)(?= [A-ZÀ-Ý])")
# A title whose form tells the gender; what qualifies it is kept with it.
_QUALIFIER = r"(?:\s+(?:générale?|adjointe?|déléguée?|générale? adjointe?|par intérim))*"
_TITLES = (
    (re.compile(rf"\b(directrice|présidente|vice-présidente|secrétaire générale|administratrice|gérante|cheffe de (?:service|projet)|(?<!infirmière )coordinatrice|trésorière)({_QUALIFIER})(?![\wÀ-ÿ])", re.IGNORECASE), "Madame la {title}"),
    (re.compile(rf"\b(directeur|président|vice-président|secrétaire général|administrateur|gérant|chef de (?:service|projet)|(?<!infirmier )coordinateur|(?<!médecin )coordonnateur|trésorier)({_QUALIFIER})(?![\wÀ-ÿ])", re.IGNORECASE), "Monsieur le {title}"),
)  # fmt: skip
# Titles without an office to be named by, whose form tells the gender.
_GENDERED = (
    (re.compile(r"\b(?:chargée|assistante|adjointe|attachée|déléguée|conseillère|consultante|infirmière|animatrice|technicienne|informaticienne|rédactrice|gestionnaire administrative)\b", re.IGNORECASE), "Madame"),
    (re.compile(r"\b(?:chargé|assistant|adjoint|attaché|délégué|conseiller|consultant|infirmier|animateur|technicien|informaticien|rédacteur)\b", re.IGNORECASE), "Monsieur"),
)  # fmt: skip
# « La comptable », « Le responsable »: an article before somebody's office, at the start of a line.
_ARTICLED = re.compile(
    r"^(la|le) (?:comptable|responsable|secrétaire|référente?|chargée?|cheffe?|gérante?|trésori(?:er|ère)|juriste|stagiaire|"
    r"cadre|qualiticien(?:ne)?|chargée?|gestionnaire|bénévole|médecin|infirmi(?:er|ère)|assistante?|déléguée?)\b",
    re.IGNORECASE | re.MULTILINE,
)
_LINES = 4  # of a signature: what comes after is an address or a slogan


def salutation(sender: Address | None, signature: str) -> str:
    """Return the salutation, without its comma: « Madame la Directrice », else « Madame, Monsieur ».

    Several civilities or titles that do not agree leave it neutral: nothing is guessed from a first name.
    """
    lines = [line.strip() for line in signature.splitlines() if line.strip()][:_LINES]
    said = "\n".join([sender.name if sender else "", *lines])
    titled = {
        text.format(title=_title(match)) for pattern, text in _TITLES for match in pattern.finditer(said)
    }
    if _DOCTOR.search(said):
        return "Docteur"
    civil = {text for pattern, text in _CIVILITIES if pattern.search(said)}
    articled = {"Madame" if match[1].lower() == "la" else "Monsieur" for match in _ARTICLED.finditer(said)}
    gendered = civil or articled or {text for pattern, text in _GENDERED if pattern.search(said)}
    if len(titled) == 1:
        (title,) = titled
        if all(title.startswith(civility) for civility in civil):
            return title
        return NEUTRAL if len(civil) != 1 else civil.pop()
    return gendered.pop() if len(gendered) == 1 and not titled else NEUTRAL


def _title(match: re.Match[str]) -> str:
    words = " ".join((match[1] + match[2]).lower().split())
    return words[0].upper() + words[1:]
