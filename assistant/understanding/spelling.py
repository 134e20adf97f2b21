"""Mend spelling before reading: SMS shorthand, and typos close to a word of the field."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from assistant.understanding.numbers import NUMBER_WORDS
from assistant.understanding.text import Folded, fold
from corpus.categories import load_categories
from corpus.glossary import load_glossary
from corpus.territories import load_territories

# Shorthand of French keyboards; a word that is also an ordinary one (« c », « g ») is left alone.
SHORTHAND = {
    "st": "saint", "ste": "sainte", "ds": "dans", "pr": "pour", "qd": "quand", "kan": "quand", "kand": "quand", "kel": "quel", "kelle": "quelle",
    "koi": "quoi", "ki": "qui", "tjs": "toujours", "tjrs": "toujours", "bcp": "beaucoup", "nvel": "nouvel",
    "nvelle": "nouvelle", "nb": "nombre", "nbre": "nombre", "etab": "etablissement", "etabs": "etablissements",
    "ets": "etablissements", "mini": "minimum", "max": "maximum", "reg": "region", "dpt": "departement", "pk": "pourquoi",
    "pq": "pourquoi", "qq": "quelques", "svt": "souvent", "rdv": "rendez-vous", "doss": "dossier", "candid": "candidature",
    "uit": "huit", "kinz": "quinze", "kinze": "quinze", "dispo": "disponible", "struc": "structures", "assos": "associations",
    "ke": "que", "avc": "avec", "vs": "vous", "ns": "nous", "cb": "combien", "pkoi": "pourquoi", "qqn": "quelqu'un", "jms": "jamais",
    "mtn": "maintenant",
}  # fmt: skip
_LEXICON = [
    "minimum",
    "minimal",
    "etablissement",
    "etablissements",
    "structures",
    "services",
    "combien",
    "eligible",
    "eligibles",
    "eligibilite",
    "ineligible",
    "recevable",
    "irrecevable",
    "recevabilite",
    "candidater",
    "candidature",
    "candidatures",
    "deposer",
    "depose",
    "depot",
    "dossier",
    "dossiers",
    "cloture",
    "clotures",
    "ouverture",
    "limite",
    "region",
    "regions",
    "regional",
    "regionale",
    "multiregional",
    "multiregionale",
    "national",
    "nationale",
    "groupement",
    "groupements",
    "gestionnaire",
    "gestionnaires",
    "financement",
    "financements",
    "financer",
    "finance",
    "subvention",
    "enveloppe",
    "budget",
    "montant",
    "logiciel",
    "logiciels",
    "editeur",
    "referencement",
    "reference",
    "references",
    "convention",
    "instruction",
    "campagne",
    "programme",
    "numerique",
    "cumuler",
    "cumul",
    "cumulable",
    "compatible",
    "prestation",
    "amorcage",
    "generalisation",
    "departement",
    "suffisant",
    "suffisante",
    "suffit",
    "seuil",
    "aujourd'hui",
    "toujours",
    "encore",
    "possible",
    "materiel",
    "dispense",
    "exempte",
    "guadeloupe",
    "martinique",
    "guyane",
    "mayotte",
    "reunion",
    "normandie",
    "bretagne",
    "occitanie",
    "quatorze",
    "quinze",
    "seize",
    "treize",
    "douze",
    "septembre",
    "juillet",
    "octobre",
    "decembre",
    "novembre",
    "janvier",
    "fevrier",
    "avril",
    "usager",
    "usagers",
    "informatise",
    "residence",
    "autonomie",
    "handicap",
    "protection",
    "essentielles",
    "confort",
]
# Right words that are near one of the lexicon.
_ORDINARY = frozenset(
    [
        "finalement",
        "information",
        "presentation",
        "comptable",
        "production",
        "projection",
        "conversion",
        "lille",
    ]
)
_WORD = re.compile(r"[a-z]+(?:'hui)?")
_DOTTED = re.compile(r"(?<![a-z.])(?:[a-z]\.){3,}(?:[a-z]\b)?")  # « S.S.I.A.D. »
_GLUED = re.compile(r"[dl][aeiouh]\w{3,}")
_ELISION = re.compile(r"\b(d|l|n|s|qu|j) (?=[aeiouh])")  # « d essms »: the apostrophe forgotten
_MINIMUM_LENGTH = 6
_LONG = 9


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    """Return the words never mended: those of the lexicon, of the corpus's lists, and of numbers."""
    territories = load_territories()
    texts = [form for categorie in load_categories().values() for form in categorie.formes]
    texts += [term.term for term in load_glossary()] + [
        form for term in load_glossary() for form in term.abbreviations
    ]
    texts += [region.name for region in territories.regions] + [
        item.name for item in territories.departements
    ]
    words = {word for text in texts for word in _WORD.findall(fold(text).plain)}
    return frozenset(words | set(_LEXICON) | set(NUMBER_WORDS) | _ORDINARY)


@lru_cache(maxsize=4096)
def _mended(word: str) -> str:
    if word in SHORTHAND:
        return SHORTHAND[word]
    if _GLUED.fullmatch(word) and word not in _known() and word[1:] in _known():
        return f"{word[0]}'{word[1:]}"  # « lehpad »
    if len(word) < _MINIMUM_LENGTH or word in _known() or word.rstrip("s") in _known():
        return word
    allowed = 2 if len(word) >= _LONG else 1
    best = process.extractOne(word, _LEXICON, scorer=OSA.distance, score_cutoff=allowed)
    # A first letter is seldom mistyped, and a correct inflection of another word is no typo.
    if best is None or best[0][0] != word[0] or _inflected(word, best[0]):
        return word
    return str(best[0])


def _inflected(word: str, other: str) -> bool:
    """Whether two words share a stem of all but their last letters: « déposera », « déposer »; not « autonomi »."""
    if other == f"{word}e":
        return False
    stem = min(len(word), len(other)) - 2
    return stem >= 5 and word[:stem] == other[:stem] and word[-1] in "aeisrtz"


def _undotted(folded: Folded) -> Folded:
    """Return the text with its acronyms written without dots."""
    dots = {
        place
        for match in _DOTTED.finditer(folded.plain)
        for place in range(*match.span())
        if folded.plain[place] == "."
    }
    if not dots:
        return folded
    kept = [place for place in range(len(folded.plain)) if place not in dots]
    plain = "".join(folded.plain[place] for place in kept)
    return Folded(folded.original, plain, tuple(folded.at[place] for place in kept))


def mend(folded: Folded) -> Folded:
    """Return the folded text with its spelling mended; each character still maps to the user's own words."""
    folded = _undotted(folded)
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
