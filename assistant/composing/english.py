"""The key sentence of a ruling in English, for a question put in English; the rest of the answer stays French."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from assistant.composing.draft import Draft, Sentence
from assistant.rules.result import Outcome, RuleResult

_CALLS = {"regionale": "regional", "multiregionale": "multi-regional", "nationale": "national"}


def in_english(draft: Draft, results: tuple[RuleResult, ...]) -> Draft:
    """Return the draft with what its first rule decides said in English after its first sentence."""
    if not results or not draft.sentences:
        return draft
    first = results[0]
    say = _SENTENCES.get(first.rule)
    text = say(first) if say else None
    if not text:
        return draft
    head, *rest = draft.sentences
    return Draft(draft.kind, draft.status, [head, Sentence(f"*In English:* {text}", rules=(first,)), *rest])


def _threshold(result: RuleResult) -> str | None:
    values, number = result.values, result.values.get("nombre")
    if "seuil_general" not in values:
        return None
    both = f"{values['seuil_general']} facilities ({values['seuil_special']} in Corsica and the overseas territories)"
    if number is None:
        return f"a project needs at least {both}."
    if result.outcome is Outcome.YES:
        return f"yes, {number} facilities reach the minimum of {values['seuil']}."
    if result.outcome is Outcome.NO:
        return f"no, {number} facilities are too few: the minimum is {both}."
    return f"not determined: with {number} facilities, it depends on where they are. The minimum is {both}."


def _track(result: RuleResult) -> str | None:
    call = _CALLS.get(str(result.values.get("voie")))
    return f"your project belongs to the {call} call for projects." if call else None


def _open(result: RuleResult) -> str | None:
    if result.outcome is Outcome.YES:
        return "yes, an application can still be submitted."
    return (
        "no call for projects is open, according to the sources read."
        if result.outcome is Outcome.NO
        else None
    )


def _closing(result: RuleResult) -> str | None:
    day, call = result.values.get("date"), _CALLS.get(str(result.facts.get("voie")))
    if not (isinstance(day, date) and call):
        return None
    return f"the closing date of the {call} call is {day.isoformat()}."


def _category(result: RuleResult) -> str | None:
    if result.outcome is Outcome.YES:
        return "yes, this kind of structure may apply, within a group."
    return "no, this kind of structure is not eligible." if result.outcome is Outcome.NO else None


def _filing(result: RuleResult) -> str | None:
    if result.outcome is Outcome.YES:
        return "yes, this application is in time."
    return "no, this application is not in time." if result.outcome is Outcome.NO else None


def _combined(result: RuleResult) -> str | None:
    if result.outcome is Outcome.YES:
        return "yes, the two aids can be combined."
    return "no, the two aids cannot be combined." if result.outcome is Outcome.NO else None


_SENTENCES: dict[str, Callable[[RuleResult], str | None]] = {
    "groupement.seuil": _threshold,
    "groupement.voie": _track,
    "calendrier.ouvert": _open,
    "calendrier.cloture": _closing,
    "calendrier.recevabilite": _filing,
    "eligibilite.categorie": _category,
    "eligibilite.structure": _category,
    "cumul.compatibilite": _combined,
}
