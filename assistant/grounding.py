"""Check every sentence against what supports it, and withdraw those whose figures are not found there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from assistant.composing.draft import Sentence
from assistant.composing.excerpts import Excerpts
from assistant.faithful import Doubt, doubt_of
from assistant.figures import figures_of
from assistant.rules.catalogue import REFS
from assistant.rules.result import RuleResult
from corpus.sources import Source
from index.french import fold, stem

_FEW = 4  # words too few to tell a subject


def _rule_text(rules: Iterable[RuleResult]) -> str:
    parts: list[str] = []
    for rule in rules:
        data = rule.as_json()
        parts += [str(value) for value in _leaves(data)]
    return " | ".join(parts)


def _leaves(value: object) -> Iterable[object]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def supported(
    sentence: Sentence, sources: Mapping[str, Source], excerpts: Excerpts, day: date, asked: str = ""
) -> bool:
    """Say whether every figure of a sentence is in what supports it.

    That is its passage when it repeats one; else its rules, the day of the answer, and the excerpt that each
    source it cites will be quoted by. A sentence that reports a rule, or that cites nothing, may also repeat a figure
    of ``asked``, the user's own words, to correct or confirm it.
    """
    if any(source not in sources for source in sentence.sources):
        return False
    wanted = figures_of(sentence.text)
    if sentence.passage is not None:
        titles = " | ".join(
            sources[name].title for name in sentence.sources
        )  # a document is named by its title
        return wanted <= figures_of(sentence.passage.text) | figures_of(titles)
    support = [day.isoformat(), _rule_text(sentence.rules)]
    refs = frozenset(ref for rule in sentence.rules for ref in REFS.get(rule.rule, ()))
    quoted = (excerpts.best(source, sentence.text, refs) for source in sentence.sources)
    support += [passage.text for passage in quoted if passage is not None]
    whole = " | ".join(support)
    repeated = figures_of(asked) if sentence.rules or not sentence.sources else frozenset()
    return wanted <= figures_of(whole) | repeated and _speaks_of(sentence, whole)


def _speaks_of(sentence: Sentence, support: str) -> bool:
    """Whether a sourced sentence shares a word with what it cites: figures alone could be of anything.

    One that reports a rule says in our own words what the rule decided.
    """
    words = {word for word in stem(sentence.text) if word.isalpha() and len(word) > 3}
    lone = sentence.sources and not sentence.rules
    return not lone or len(words) < _FEW or bool(words & set(stem(support)))


def verify(
    sentences: Iterable[Sentence],
    sources: Mapping[str, Source],
    excerpts: Excerpts,
    day: date,
    asked: str = "",
) -> list[Sentence]:
    """Return the sentences whose figures and sources hold; the others are withdrawn."""
    return [sentence for sentence in sentences if supported(sentence, sources, excerpts, day, asked)]


@dataclass(frozen=True)
class Offered:
    """A text given to a language model under a number, and the sentence of ours that it supports."""

    number: int
    text: str
    sentence: Sentence


def written_from(text: str, offered: Sequence[Offered]) -> Offered | Doubt:
    """Return the offered text that a sentence of a language model repeats, or why it is withdrawn.

    ``offered`` are the texts it may rest on, those that it cites first.
    """
    doubts = []
    for one in offered:
        doubt = doubt_of(text, one.text)
        if doubt is None:
            return one
        doubts.append(doubt)
    # What it comes nearest to tells best what is wrong.
    return max(doubts, key=list(Doubt).index, default=Doubt.WORDS)


_NO = re.compile(r"^(?:non|no)\b")
_YES = re.compile(r"^(?:oui|yes|absolument|bien sur|tout a fait|certainement)\b")
_PREDICATE = r"\b(?:eligib|recevab|admissib|possib|autoris|financab|pouv|peut|peuvent|candidat|depos|accept|suffi|atteint|ouvert)"
_DENIES = re.compile(
    rf"\b(?:n'|ne )\w*.{{0,25}}\b(?:pas|plus|jamais|aucun\w*)\b.{{0,40}}{_PREDICATE}|{_PREDICATE}\w* (?:pas|plus)\b|\b(?:in|ir|im)(?:eligib|recevab|possib|suffi)"
)
_AFFIRMS = re.compile(rf"\b(?:vous|votre|est|sont|rien ne)\b.{{0,40}}{_PREDICATE}")


def contradicts(text: str, verdict: str) -> bool:
    """Whether a sentence says the contrary of a verdict, given by the sentence that opens the answer."""
    plain, given = fold(text), fold(verdict)
    if not (_NO.match(given) or _YES.match(given)):
        return False
    if given.startswith("non determine"):
        return bool(_YES.match(plain) or (_NO.match(plain) and not plain.startswith("non determine")))
    if _YES.match(given):
        return bool(_NO.match(plain) or _DENIES.search(plain))
    return bool(_YES.match(plain) or (_AFFIRMS.search(plain) and not _DENIES.search(plain)))
