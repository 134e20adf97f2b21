"""What the assistant understands of a conversation: the last message, read in the light of the others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from assistant.rules.facts import Facts, Stated
from assistant.understanding.dates import find_impossible
from assistant.understanding.facts import merge_facts, read_facts
from assistant.understanding.intents import Speech, Topic, find_speech, find_topics
from assistant.understanding.spelling import mend
from assistant.understanding.text import clean, fold

_OPENING = re.compile(
    r"^(?:et|ou|mais|non|oui|ok|alors|donc|pourtant|pourquoi|sinon|meme|idem|si|and|but|why|dans ce cas|c'est-a-dire|"
    r"comment ca|tu es sur|vous etes sur|en fait|finalement|plutot|ah|euh|celui|celle|ceux)\b"
)
_BACKWARD = re.compile(
    r"\b(?:celui|celle|ceux|celles|cela|ca|y|en|le dit|la meme|le meme|pareil|ce (?:chiffre|montant|seuil))\b"
)
# A question whose subject is only a pronoun speaks of what was said before.
_PRONOUN = re.compile(
    r"^(?:(?:quand|comment|pourquoi|combien|ou|qui|que|quel\w*|qu'|depuis quand) ?)?(?:n'|ne |s'|se |y )?[a-z]+(?:-t)?-(?:il|elle|ils|elles)\b"
)
_IMPERSONAL = re.compile(
    r"^(?:(?:quand|comment|pourquoi|combien|ou|que|quel\w*) )?(?:faut|y a|existe|s'agit|est|suffit|reste|convient)(?:-t)?-il\b(?! (?:ferme|ouvert|obligatoire|finance|modifie))"
)
_WORD = re.compile(r"[a-z0-9][a-z0-9'/.-]*")
_EMPTY = frozenset(
    [
        "et",
        "ou",
        "mais",
        "non",
        "oui",
        "ok",
        "alors",
        "donc",
        "pourtant",
        "pourquoi",
        "sinon",
        "meme",
        "pour",
        "par",
        "dans",
        "de",
        "du",
        "des",
        "la",
        "le",
        "les",
        "un",
        "une",
        "en",
        "a",
        "au",
        "aux",
        "celui",
        "celle",
        "ceux",
        "ca",
        "cela",
        "c'est",
        "est",
        "ce",
        "que",
        "qui",
        "quoi",
        "si",
        "y",
        "on",
        "nous",
        "vous",
        "je",
        "tu",
        "il",
        "elle",
        "quel",
        "quelle",
    ]
)
_ENGLISH = re.compile(r"\b(?:the|are|we|is|our|what|when|how|can|do|does|hello|for|eligible for|which)\b")
_FRENCH = re.compile(
    r"\b(?:le|la|les|des|est|nous|vous|que|pour|dans|une|quel\w*|notre|nos|quoi|comment|combien)\b"
)


@dataclass(frozen=True)
class Reading:
    """The last message understood.

    ``own`` are the facts it states itself, ``facts`` those of the whole conversation; ``query`` is the
    question made to stand alone for the search; ``follows`` says that it leans on the previous turns;
    ``impossible`` is a day it names that no calendar has.
    """

    question: str
    plain: str
    topics: frozenset[Topic]
    speech: Speech | None
    own: Facts
    facts: Facts
    query: str
    follows: bool
    english: bool
    impossible: str = ""


def _content_words(plain: str) -> list[str]:
    return [word for word in _WORD.findall(plain) if word not in _EMPTY]


def _leans(plain: str, topics: frozenset[Topic]) -> bool:
    """Whether a message only makes sense with the previous one."""
    count = len(_content_words(plain))
    if _OPENING.match(plain):
        return count <= 9
    if _BACKWARD.search(plain) and count <= 5:
        return True
    if _PRONOUN.match(plain) and not _IMPERSONAL.match(plain) and count <= 7:
        return True
    return (count <= 2 and not topics and "?" in plain) or count <= 1


def _without_scope(before: Reading, own: Facts) -> str:
    """Return the earlier question without the year or places that the new message replaces."""
    query = before.query
    if own.campagne:
        query = re.sub(r"\b20\d\d\b", " ", query)
    for place in before.own.territoires if own.territoires else ():
        query = query.replace(place.words, " ")
    return query


def _relative_year(plain: str, before: Facts) -> Stated[str] | None:
    """Return the campaign that « l’année d’avant » or « l’année suivante » means after another one."""
    if before.campagne is None or not before.campagne.value[:4].isdigit():
        return None
    for pattern, shift in (
        (r"\b(?:annee|campagne) (?:d'avant|precedente)|\bl'an(?:nee)? (?:d'avant|passe)", -1),
        (r"\b(?:annee|campagne) (?:d'apres|suivante)", 1),
    ):
        if match := re.search(pattern, plain):
            return Stated(str(int(before.campagne.value[:4]) + shift), match[0])
    return None


def read_message(text: str, before: Reading | None, today: date) -> Reading:
    """Return the reading of one message after the reading of the previous one, if any."""
    cleaned = clean(text)
    folded = mend(fold(cleaned))
    plain = folded.plain
    topics, speech = find_topics(plain), find_speech(plain)
    follows = before is not None and speech is None and _leans(plain, topics)
    bare = follows and bool(re.fullmatch(r"\W*(?:\w+\W+){0,3}\d+\W*(?:\w+\W*){0,2}", plain))
    own = read_facts(folded, today, bare_number=bare)
    if follows and before and own.campagne is None and (year := _relative_year(plain, before.facts)):
        own = replace(own, campagne=year)
    if before is None:
        facts = own
    else:
        kept = (
            before.facts
            if follows
            else replace(before.facts, campagne=None, voie=None, date_depot=None, date_citee=None)
        )
        facts = merge_facts(kept, own)
    query = cleaned
    if follows and before:
        query = f"{_without_scope(before, own)} {cleaned}"
        topics = topics or before.topics
        if (
            before.topics
            and not topics & before.topics
            and topics <= {Topic.ELIGIBILITE, Topic.RECEVABILITE, Topic.OUVERT}
        ):
            topics = topics | before.topics
    english = bool(
        len(_ENGLISH.findall(plain)) >= 2 and len(_ENGLISH.findall(plain)) > len(_FRENCH.findall(plain))
    )
    impossible = folded.words(*wrong) if (wrong := find_impossible(plain)) else ""
    return Reading(cleaned, plain, topics, speech, own, facts, query, follows, english, impossible)


def read_conversation(turns: Sequence[str], today: date) -> Reading:
    """Return the reading of the last turn; earlier turns give facts and context.

    Raises:
        ValueError: There is no turn.
    """
    reading: Reading | None = None
    for turn in turns:
        if reading is not None and reading.speech in (Speech.RESTART,):
            reading = None
        reading = read_message(turn, reading, today)
    if reading is None:
        raise ValueError("a conversation holds at least one turn")
    return reading
