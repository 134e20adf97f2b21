"""Mend spelling before reading: SMS shorthand, and typos close to a word of the field."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz import fuzz, process

from assistant.understanding.text import Folded

# Shorthand of French keyboards; a word that is also an ordinary one (« c », « g ») is left alone.
_SHORTHAND = {
    "ds": "dans", "pr": "pour", "qd": "quand", "kan": "quand", "kand": "quand", "kel": "quel", "kelle": "quelle",
    "koi": "quoi", "ki": "qui", "tjs": "toujours", "tjrs": "toujours", "bcp": "beaucoup", "nvel": "nouvel",
    "nvelle": "nouvelle", "nb": "nombre", "nbre": "nombre", "etab": "etablissement", "etabs": "etablissements",
    "ets": "etablissements", "mini": "minimum", "max": "maximum", "reg": "region", "dpt": "departement", "pk": "pourquoi",
    "pq": "pourquoi", "qq": "quelques", "svt": "souvent", "rdv": "rendez-vous", "doss": "dossier", "candid": "candidature",
    "uit": "huit", "kinz": "quinze", "kinze": "quinze", "dispo": "disponible", "struc": "structures", "assos": "associations",
}  # fmt: skip
_LEXICON = ["minimum", "minimal", "etablissement", "etablissements", "structures", "services", "combien", "eligible", "eligibles", "eligibilite", "ineligible", "recevable", "irrecevable", "recevabilite", "candidater", "candidature", "candidatures", "deposer", "depose", "depot", "dossier", "dossiers", "cloture", "clotures", "ouverture", "limite", "region", "regions", "regional", "regionale", "multiregional", "multiregionale", "national", "nationale", "groupement", "groupements", "gestionnaire", "gestionnaires", "financement", "financements", "financer", "finance", "subvention", "enveloppe", "budget", "montant", "logiciel", "logiciels", "editeur", "referencement", "reference", "references", "convention", "instruction", "campagne", "programme", "numerique", "cumuler", "cumul", "cumulable", "compatible", "prestation", "amorcage", "generalisation", "departement", "suffisant", "suffisante", "suffit", "seuil", "aujourd'hui", "toujours", "encore", "possible", "materiel", "dispense", "exempte", "guadeloupe", "martinique", "guyane", "mayotte", "reunion", "normandie", "bretagne", "occitanie", "quatorze", "quinze", "seize", "treize", "douze", "septembre", "juillet", "octobre", "decembre", "novembre", "janvier", "fevrier", "avril", "usager", "usagers", "informatise", "residence", "autonomie", "handicap", "protection", "essentielles", "confort"]
_WORD = re.compile(r"[a-z]+(?:'hui)?")
_ELISION = re.compile(r"\b(d|l|n|s|qu|j) (?=[aeiouh])")  # « d essms »: the apostrophe forgotten
_MINIMUM_LENGTH = 6
_SCORE = 82


@lru_cache(maxsize=4096)
def _mended(word: str) -> str:
    if word in _SHORTHAND:
        return _SHORTHAND[word]
    if len(word) < _MINIMUM_LENGTH or word in _KNOWN or word.rstrip("s") in _KNOWN:
        return word
    best = process.extractOne(word, _LEXICON, scorer=fuzz.ratio, score_cutoff=_SCORE)
    # A first letter is seldom mistyped, and a correct inflection of another word is no typo.
    if best is None or best[0][0] != word[0] or _inflected(word, best[0]):
        return word
    return str(best[0])


_KNOWN = frozenset(_LEXICON)


def _inflected(word: str, other: str) -> bool:
    """Whether two words share a stem of all but their last letters: « déposera », « déposer »."""
    stem = min(len(word), len(other)) - 2
    return stem >= 5 and word[:stem] == other[:stem]


def mend(folded: Folded) -> Folded:
    """Return the folded text with its spelling mended; each character still maps to the user's own words."""
    folded = Folded(folded.original, _ELISION.sub(lambda match: f"{match[1]}'", folded.plain), folded.at)
    plain: list[str] = []
    places: list[int] = []
    end = 0
    for match in _WORD.finditer(folded.plain):
        plain.append(folded.plain[end : match.start()])
        places.extend(folded.at[end : match.start()])
        word = _mended(match[0])
        plain.append(word)
        span = folded.at[match.start() : match.end()]
        if word == match[0]:
            places.extend(span)
        else:
            # Spread the new letters over the old ones, so that any part of the word quotes it whole.
            places.extend([span[0]] * (len(word) - 1) + [span[-1]])
        end = match.end()
    plain.append(folded.plain[end:])
    places.extend(folded.at[end:])
    return Folded(folded.original, "".join(plain), tuple(places))
