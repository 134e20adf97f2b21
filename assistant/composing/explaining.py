"""Answer « pourquoi ? », « tu es sûr ? » and « quelle source ? » about the answer just given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from assistant.answer import Kind
from assistant.composing.draft import Draft, Sentence
from assistant.composing.french import join, low, plain_day, sentence
from assistant.composing.replies import worded
from assistant.judging import Ruling
from assistant.rules.result import StepStatus
from assistant.understanding.again import Again
from corpus.sources import Source

_SAID = {StepStatus.MET: "oui", StepStatus.NOT_MET: "non", StepStatus.UNKNOWN: "inconnu"}
_SECONDARY = 4  # the grade from which a source is neither a text nor a public body
_NAMED = 3
_STEPS = 5


def explain(again: Again, draft: Draft, ruling: Ruling, sources: Mapping[str, Source]) -> Draft:
    """Return what is said of an answer when its reason, its certainty or its sources are asked."""
    cited = [sentence for sentence in draft.sentences if sentence.sources]
    if not cited or draft.kind is Kind.REFUSAL:
        return replace(draft, sentences=[worded("again_nothing"), *draft.sentences])
    if again is Again.WHY:
        return replace(draft, sentences=_why(cited, ruling))
    head, *rest = cited
    return replace(draft, sentences=[head, _standing(again, head, sources), *rest])


def _why(cited: Sequence[Sentence], ruling: Ruling) -> list[Sentence]:
    """Return the conditions of the ruling, each with what was found of it; the statements when no rule judged."""
    if not ruling.results:
        return [worded("again_statement"), *cited]
    first = ruling.results[0]
    steps = [
        Sentence(
            f"{sentence(plain_day(step.condition))[:-1]}\u00a0: {_SAID[step.status]}.",
            step.sources,
            rules=(first,),
            bullet=True,
        )
        for step in first.steps[:_STEPS]
    ]
    return [cited[0], worded("again_conditions"), *steps]


def _standing(again: Again, head: Sentence, sources: Mapping[str, Source]) -> Sentence:
    """Return how sure the first sentence of an answer is: who says it, and with what authority."""
    known = sorted((sources[name] for name in head.sources if name in sources), key=lambda item: item.grade)
    names = list(dict.fromkeys(source.publisher for source in known))
    listed = join(names[:_NAMED] if len(names) <= _NAMED else [*names[:_NAMED], "d’autres"])
    if again is Again.SOURCES:
        return Sentence(f"Cette réponse s’appuie sur {listed}.")
    if not known or known[0].grade >= _SECONDARY:
        return Sentence(
            f"Je n’en suis pas tout à fait sûr : je ne m’appuie que sur une source secondaire ({listed}). Faites confirmer ce point "
            "par l’ARS de votre région ou par la CNSA."
        )
    return Sentence(f"Je maintiens cette réponse, qui s’appuie sur {listed} ({low(known[0].grade_label)}).")
