"""Have a model read a message into the facts and topics of the rules, and keep what the user's own words say.

Each fact comes with the words it was read in: they must be in the message, and our own reader must find the value in
them. What the rules have read already stands, since its words are the user's too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import BaseModel, Field

from assistant.figures import figures_of
from assistant.model.client import Session
from assistant.model.prompts import load_prompt
from assistant.model.settings import Task
from assistant.privacy.pseudonyms import conceal, restore
from assistant.rules.facts import Facts
from assistant.understanding.categories import find_categories
from assistant.understanding.facts import find_voies
from assistant.understanding.intents import Topic
from assistant.understanding.nouns import names_essms
from assistant.understanding.numbers import in_digits
from assistant.understanding.places import find_places
from assistant.understanding.saying import say_fact
from assistant.understanding.text import fold

_MAXIMUM_TOKENS = 350
_LONGEST = 2_000  # characters of the message that are given
_COUNTS = ("nombre_essms", "essms_du_gestionnaire")
_HOURS = ("heures_essentielles", "heures_confort")

_FILED = re.compile(r"\b(?:depos|depot|envoy|envoi|transm|remis|remett|soum|candidat)\w*")

FactName = Literal[
    "nombre_essms",
    "essms_du_gestionnaire",
    "territoires",
    "categories",
    "voie",
    "campagne",
    "date_depot",
    "heures_essentielles",
    "heures_confort",
]


class _Fact(BaseModel):
    """A fact that the message states."""

    nom: FactName = Field(description="Nom du fait.")
    valeur: str = Field(description="Sa valeur, telle qu’elle est écrite.", max_length=120)
    citation: str = Field(description="Les mots exacts du message.", max_length=300)


class _Read(BaseModel):
    """What the message says."""

    faits: list[_Fact] = Field(default_factory=list, max_length=12)
    sujet: Topic | None = Field(default=None, description="Ce sur quoi porte la question.")
    mots: str = Field(
        default="", description="Les mots exacts du message qui montrent le sujet.", max_length=300
    )


@dataclass(frozen=True)
class Extracted:
    """What a model read that the rules had not: sentences that state facts, and the topic of the question."""

    statements: str
    topic: Topic | None = None


def extract(
    message: str, known: Facts, day: date, session: Session, missing: Collection[str] = ()
) -> Extracted:
    """Return what a model reads in a message beside the facts ``known``: those ``missing`` alone, if any are.

    Raises:
        ModelError: The model did not answer.
    """
    from langchain_core.messages import HumanMessage, SystemMessage

    prompt = load_prompt(Task.READ)
    hidden, mapping = conceal(message[:_LONGEST])
    messages = [SystemMessage(prompt.text), HumanMessage(f"Message du {day.isoformat()} :\n{hidden}")]
    read = session.structured(Task.READ, messages, _Read, max_tokens=_MAXIMUM_TOKENS, prompt=prompt.version)
    if not isinstance(read, _Read):
        raise TypeError(f"not what was asked for: {type(read).__name__}")
    facts = [
        (fact.nom, restore(fact.citation, mapping).text)
        for fact in read.faits
        if not missing or fact.nom in missing
    ]
    topic = read.sujet if _quoted(restore(read.mots, mapping).text, message) else None
    return Extracted(" ".join(_said(facts, message, known, day)), topic)


def _said(facts: list[tuple[FactName, str]], message: str, known: Facts, day: date) -> Iterator[str]:
    for name, value in _kept(facts, message, known, day):
        with suppress(KeyError):  # a campaign that no source knows has no name
            yield say_fact(name, value)


def _quoted(words: str, message: str) -> bool:
    plain = fold(words).plain.strip(" .,;:?!\"'")
    return len(plain) > 3 and plain in fold(message).plain


def _kept(
    facts: list[tuple[FactName, str]], message: str, known: Facts, day: date
) -> Iterator[tuple[str, object]]:
    """Yield the facts that their own words state, once each, and that were not read before."""
    done: set[str] = set()
    for name, words in facts:
        # A day that the rules read as told of something else is not that of a filing.
        read = getattr(known, name) or (name == "date_depot" and known.date_citee)
        if name in done or read or not _quoted(words, message):
            continue
        value = _value(name, words, day)
        if value is not None:
            done.add(name)
            yield name, value


def _value(name: FactName, words: str, day: date) -> object | None:
    """Return the one value of a fact that our own reader finds in some words; ``None`` when there is none, or several."""
    folded = fold(in_digits(words))
    if name in _COUNTS or name in _HOURS:
        numbers = [number for number in figures_of(folded.original) if number.replace(".", "").isdigit()]
        spoken = (
            "heure" in folded.plain
            if name in _HOURS
            else names_essms(folded.plain) or find_categories(folded)
        )
        if len(numbers) != 1 or not spoken:
            return None
        return float(numbers[0]) if name in _HOURS else _whole(numbers[0])
    if name == "territoires":
        return [place.region for place in find_places(folded)] or None
    if name == "categories":
        return [found.categorie for found in find_categories(folded)] or None
    if name == "voie":
        tracks = find_voies(folded.plain)
        return tracks[0] if len(tracks) == 1 else None
    days = [date.fromisoformat(one) for one in figures_of(words) if len(one) == 10 and one[4] == "-"]
    if name == "date_depot":  # a day told without filing anything is of something else
        return days[0] if len(days) == 1 and _FILED.search(folded.plain) else None
    years = [one for one in figures_of(words) if len(one) == 4 and one.startswith("20")]
    return years[0] if len(years) == 1 and int(years[0]) <= day.year else None


def _whole(number: str) -> int | None:
    return int(number) if number.isdigit() else None
