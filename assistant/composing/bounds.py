"""Whether a message is within the field, from its meaning, its words, and what the search found for it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from assistant.composing.routing import ABOUT_A_PROJECT
from assistant.understanding.intents import Speech, Topic
from assistant.understanding.reading import Reading
from assistant.understanding.senses import Scope, Sense
from assistant.understanding.terms import find_terms
from index.passage import Hit

# Evidence is in logits. A likeness of .7 with a known question, a cosine of .88 with a passage are what separates the
# related from the rest; the slopes and the cut were fitted on the development sets (74 messages outside, 422 within).
_LIKENESS, _LIKENESS_SLOPE = 0.70, 19.0
_COSINE, _COSINE_SLOPE = 0.88, 45.0
# Without meaning, the likeness is that of words, fitted on the same sets: .35 separates where no word is of the field.
# It is never held to be less than .2: a question in English shares no word with the known ones.
_WORDED, _WORDED_SLOPE, _LEAST_WORDED = 0.60, 20.0, 0.2
_NAMED = 1.0  # it names an acronym, a structure, a place or a year of the field
_PROJECT = 2.5  # it states a number of structures, a day of filing
_OWN = 4.0  # it names what only the programme has
_CUT = -4.2
_LOWEST = -5.0  # cut of a message that the classifier takes for one on the programme
_FOREIGN = -5.0  # evidence under which one question of a message is plainly about another subject
_SUBJECT = 0.0  # evidence from which a part of a message brings the whole within

_OWN_WORDS = re.compile(
    r"\b(?:esms|essms|dui|segur numerique|(?:le|du|au|volet) sons|sons numerique|pai numerique|galis|temps [12]|vague [12]|amorcage|"
    r"grappes?|grades|dsr|dossiers? usagers? informatise\w*|appels? a projets?|aap|appels? (?:ouverts?|regiona\w+|nationa\w+|multi\w+|en cours))\b"
)
# « nous sommes 16 dans l'Aude, date limite ? »: a number, a place and what is ruled on tell a project.
_RULED = ABOUT_A_PROJECT | {Topic.CLOTURE, Topic.OUVERTURE}
_APPLYING = re.compile(r"\b(?:candidat\w*|groupements?|porteurs?)\b")

_MISUSE = {
    Scope.ATTACK: Speech.INJECTION,
    Scope.VENDOR: Speech.VENDOR,
    Scope.PREDICTION: Speech.PREDICTION,
    Scope.PERSONAL: Speech.PERSONAL,
    Scope.FRAUD: Speech.FRAUD,
    Scope.WRITING: Speech.LONG_WRITING,
    Scope.TALK: Speech.ABOUT,
}
# Least probability of a misuse, and most that is left to a question on the programme, to take it for one.
_SURE = {Scope.ATTACK: (0.55, 0.15), Scope.FRAUD: (0.45, 0.30)}
_SURE_OF_OTHERS = (0.7, 0.15)
_LEFT = 0.15  # probability left to a question on the programme by one that is plainly about something else
_KNOWN = 0.8  # likeness with a known question of the programme, beyond which a message is one


def misuse_of(sense: Sense, hits: Sequence[Hit]) -> Speech | None:
    """Return what a message would have the assistant do, when its meaning leaves little doubt."""
    least, most = _SURE.get(sense.scope, _SURE_OF_OTHERS)
    sure = sense.scopes.get(sense.scope, 0.0) >= least and sense.within <= most
    known = sense.scope is not Scope.FRAUD and any(hit.likeness > _KNOWN for hit in hits)
    return _MISUSE.get(sense.scope) if sure and not known else None


def is_outside(reading: Reading, sense: Sense, hits: Sequence[Hit]) -> bool:
    """Whether a message is about something else than the programme."""
    return evidence_of(reading, sense, hits) < (_LOWEST if sense.within > 0.5 else _CUT)


def brings_within(reading: Reading, sense: Sense, hits: Sequence[Hit]) -> bool:
    """Whether one question of a message makes the message one on the programme."""
    return evidence_of(reading, sense, hits) > _SUBJECT


def is_foreign(reading: Reading, sense: Sense, hits: Sequence[Hit]) -> bool:
    """Whether one question of a message is plainly about another subject, and not only short of its own."""
    return (
        sense.scope is Scope.OUTSIDE and sense.within < _LEFT and evidence_of(reading, sense, hits) < _FOREIGN
    )


def evidence_of(reading: Reading, sense: Sense, hits: Sequence[Hit]) -> float:
    """Return how much tells that a message is on the programme, in logits: meaning, likeness, words."""
    likeness = max((hit.likeness for hit in hits), default=0.0)
    if not sense.known:
        return _WORDED_SLOPE * (max(likeness, _LEAST_WORDED) - _WORDED) + _words(reading)
    share = min(max(sense.within, 1e-4), 1 - 1e-4)
    evidence = math.log(share / (1 - share))
    cosine = max((hit.dense or 0.0 for hit in hits), default=0.0)
    evidence += _LIKENESS_SLOPE * (likeness - _LIKENESS) + _COSINE_SLOPE * (cosine - _COSINE)
    return evidence + _words(reading)


def _words(reading: Reading) -> float:
    own = reading.own
    project = own.nombre_essms or own.date_depot or own.heures_essentielles or own.l312_1 or own.finess_geo
    counted_somewhere = own.nombre_essms and own.territoires and reading.topics & _RULED
    if counted_somewhere or _OWN_WORDS.search(reading.plain):
        return _OWN
    if project or (own.categories and Topic.ELIGIBILITE in reading.topics):
        return _PROJECT
    if names_acronym(reading) or own.categories or own.territoires or own.campagne:
        return _NAMED
    if _APPLYING.search(reading.plain):
        return _NAMED
    return 0.0


def names_acronym(reading: Reading) -> bool:
    """Whether the question names an acronym of the field."""
    return any(
        form.isupper() and len(form) > 2
        for mention in find_terms(reading.question)
        for form in mention.term.abbreviations
    )
