"""Whether the rule that the words of a message called for is the one that its meaning calls for.

Words trigger rules: « dix-sept établissements » a ruling on number, even in « donc dix-sept formulaires ? ». The
classifier of topics, learnt from examples, gives each subject a probability; when it leaves next to none to what the
rule judges while a known question of the corpus resembles the user's, a statement answers better than the rule.
"""

from __future__ import annotations

import re
from dataclasses import replace

from assistant.composing.selection import Scored
from assistant.judging import Ruling
from assistant.understanding.intents import Topic
from assistant.understanding.reading import Reading
from assistant.understanding.senses import Sense

_DATES = ("cloture", "ouverture", "recevabilite", "ouvert")
_MONEY = ("montant", "budget", "materiel")
_GROUP = ("seuil", "voie", "eligibilite", "recevabilite")
_FAMILIES = {
    "groupement.": _GROUP,
    "calendrier.": _DATES,
    "financement.m": _MONEY,
    "enveloppes.": _MONEY,
    "deploiement.": ("chiffres",),
    "depot.decision": ("decision",),
    "eligibilite.part_financable": ("part",),
}
_LEAST = 0.22  # share of the topics that a rule must have to be upheld without question
_ALIKE, _SURELY_ALIKE, _THE_SAME = 0.6, 0.75, 0.88  # likeness with a known question that answers instead
_ANSWERS = 3.0  # score of a statement that answers instead
_GOOD = 2.0  # score of a statement that answers rather than a rule that only a number called
ABOUT_A_PROJECT = frozenset({Topic.SEUIL, Topic.VOIE, Topic.ELIGIBILITE, Topic.RECEVABILITE, Topic.OUVERT})

# The fact that, stated beside it, makes a topic likely enough.
_SUPPORT = {
    Topic.ELIGIBILITE: ("categories", "l312_1", "finess_geo"),
    Topic.SEUIL: ("nombre_essms",),
    Topic.VOIE: ("nombre_essms", "nombre_regions"),
    Topic.RECEVABILITE: ("date_depot",),
    Topic.DISPENSE: ("domaine",),
    Topic.REFERENCEMENT: ("domaine",),
    Topic.CUMUL: ("deja_finance", "prestation_segur", "autre_aide_europeenne"),
    Topic.TYPE: ("choix",),
    Topic.SONS: ("date_commande",),
}
_SUPPORTED = 0.3
# A file already handed in that is put right: no longer a question of when it may be handed in.
_PUT_RIGHT = re.compile(r"\b(?:correctifs?|corrections?|corrig\w+|complements?|completer|rectifi\w+)\b")
_FILE = re.compile(r"\b(?:dossiers?|candidatures?|pieces?|demand\w+|depos\w+)\b")
# What one instruction changes, and not one year against another.
_ONE_TEXT = re.compile(r"^(?!.*\b(20\d\d)\b.*\b(?!\1)20\d\d\b).*\binstruction\b")
# What is asked of an EHPAD then is not whether it is eligible.
_OF_MONEY = re.compile(r"\b(?:restes? a charge|couts?|prix|tarifs?|montants?|delais?|formulaires?|pieces?)\b")
# « pouvons-nous déposer seuls ? » asks whether one's own number is enough.
_BY_ONESELF = re.compile(r"\b(?:seule?s?|par nous-memes|sans (?:partenaires?|autres?|nous regrouper))\b")
_OURS = re.compile(r"\b(?:sommes|suis|notre|nos|mon|avons|are we|we are)\b")


def with_topic(reading: Reading, sense: Sense) -> Reading:
    """Return the reading with the topic of its meaning, when it is likely, no word told it and a fact supports it."""
    topic = sense.topic(_SUPPORTED)
    if topic is None or topic in reading.topics:
        return reading
    if topic is Topic.ELIGIBILITE and _OF_MONEY.search(reading.plain):
        return reading
    if topic in (Topic.VOIE, Topic.SEUIL) and reading.topics & (ABOUT_A_PROJECT | {Topic.CLOTURE}):
        return reading  # « avec 15 établissements, sommes-nous recevables ? » asks for the verdict
    if any(getattr(reading.own, name) for name in _SUPPORT.get(topic, ())):
        return replace(reading, topics=reading.topics | {topic})
    return reading


def is_upheld(ruling: Ruling, reading: Reading, sense: Sense, best: Scored | None) -> bool:
    """Whether a ruling stands against the meaning of the message and ``best``, the statement that answers best.

    Rules on what a message states of a structure, of aid or of software are not questioned: their facts are read
    word for word.
    """
    if not ruling.results or not sense.topics or best is None:
        return True
    first = ruling.results[0]
    if first.rule == "calendrier.ouvert" and reading.own.nombre_essms:
        return True  # a project asks whether it may still apply
    if first.rule == "groupement.seuil" and Topic.SEUIL in reading.topics and not reading.own.nombre_essms:
        return True  # the threshold itself is asked for
    if (
        first.rule.startswith("calendrier.")
        and _PUT_RIGHT.search(reading.plain)
        and _FILE.search(reading.plain)
    ):
        return False
    if first.rule == "coherence.changements" and _ONE_TEXT.search(reading.plain):
        return best.hit.likeness < _ALIKE
    named = reading.topics & {Topic.SEUIL, Topic.VOIE} or _BY_ONESELF.search(reading.plain)
    if first.rule.startswith("groupement.") and reading.own.nombre_essms and named:
        return True  # the facts and the words both call the rule
    family = next((topics for prefix, topics in _FAMILIES.items() if first.rule.startswith(prefix)), None)
    if family is None:
        return True
    share = sum(sense.topics.get(topic, 0.0) for topic in family)
    counted_only = family is _GROUP and not reading.topics & ABOUT_A_PROJECT
    if counted_only and sense.topics.get("seuil", 0.0) + sense.topics.get("voie", 0.0) < _LEAST:
        return best.score < _GOOD
    if share < _LEAST:
        return best.hit.likeness < _ALIKE and best.score < _ANSWERS
    if best.hit.likeness >= _THE_SAME and share < 0.5 and not named:
        return False
    lacking = first.rule.startswith("groupement.") and first.values.get("nombre") is None
    if lacking and not named and not _OURS.search(reading.plain):  # it would only ask for a number
        return best.hit.likeness < _SURELY_ALIKE
    return True
