"""Check every sentence against what supports it, and withdraw those whose figures are not found there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from assistant.composing.draft import Sentence
from assistant.composing.excerpts import Excerpts
from assistant.figures import figures_of
from assistant.rules.catalogue import REFS
from assistant.rules.result import RuleResult
from corpus.sources import Source
from index.french import stem

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
