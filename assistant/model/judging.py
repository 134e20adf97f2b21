"""Have a model choose the rule that answers, and call it: what it may say of the project is what the user said.

The verdict is the rule's, and our own sentences report it: the model only points at the rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from assistant.figures import figures_of
from assistant.judging import Judge, Ruling
from assistant.model.client import Session
from assistant.model.prompts import load_prompt
from assistant.model.settings import Task
from assistant.privacy.pseudonyms import conceal
from assistant.rules.deadline import last_campagne
from assistant.rules.facts import Count, Facts, Period
from assistant.rules.result import Outcome, RuleResult
from assistant.tools import RuleTool, rule_tools
from assistant.understanding.reading import Reading

_OFFERED = 4  # tools described to the model: all of them would fill a small window
_MAXIMUM_CALLS = 2
_LONGEST = 1_500  # characters of the question that are given

Nearest = Callable[[str, Sequence[str]], Sequence[int]]


def call_rules(
    question: str, reading: Reading, day: date, judge: Judge, nearest: Nearest, session: Session
) -> Ruling | None:
    """Return the ruling of the rule that a model called; ``None`` when it called none that decides.

    ``nearest`` ranks texts by how near they are to a question, the nearest first.

    Raises:
        ModelError: The model did not answer.
    """
    from langchain_core.messages import HumanMessage, SystemMessage

    every = rule_tools(judge)
    ranks = nearest(question, [tool.description for tool in every])
    tools: list[RuleTool] = [every[rank] for rank in ranks[:_OFFERED]]
    prompt = load_prompt(Task.JUDGE)
    hidden, _ = conceal(question[:_LONGEST])
    messages = [
        SystemMessage(prompt.text),
        HumanMessage(f"Jour : {day.isoformat()}\nQuestion : {hidden}"),
    ]
    called = session.call_tools(Task.JUDGE, messages, tools, max_calls=_MAXIMUM_CALLS, prompt=prompt.version)
    last = last_campagne(judge.data.parameters)
    for call in called:
        tool = next((one for one in tools if one.name == call.name), None)
        if tool is not None and said_by_user(call.args, question, reading.facts, day, last):
            return _ruling(tool, call.args, last)
    return None


def _ruling(tool: RuleTool, args: Mapping[str, Any], last: str) -> Ruling | None:
    """Return what a tool says of arguments that were checked, when it decides something."""
    fresh = type(tool)(tool.judge)
    fresh.invoke(dict(args))
    results = tuple(result for result in fresh.results if result.outcome is not Outcome.UNDETERMINED)
    if not results:
        return None
    campagne = _campagne_of(results, last)
    return Ruling(results, campagne=campagne, supposed="campagne" not in args, latest=campagne == last)


def _campagne_of(results: Sequence[RuleResult], last: str) -> str:
    return next((str(result.facts["campagne"]) for result in results if result.facts.get("campagne")), last)


def said_by_user(args: Mapping[str, Any], question: str, facts: Facts, day: date, last: str) -> bool:
    """Whether every argument is the user's: a fact that was read in the message, under the same name.

    A figure of the message is not enough: « 80 tablettes » are no hours.
    """
    given = {name: value for name, value in args.items() if value not in (None, [], "")}
    return all(_said(name, value, question, facts, day, last) for name, value in given.items())


# Amounts are no facts of a project: their unit tells what a figure of the message is.
_AMOUNTS = {"montant_meur": r"(?:millions?|m€|m d’?euros)", "montant_eur": r"(?:€|euros?)"}


def _said(name: str, value: Any, question: str, facts: Facts, day: date, last: str) -> bool:
    figures = figures_of(question)
    if name == "jour":
        return str(value) == day.isoformat()
    if name in ("campagne", "depuis"):
        return str(value) == last or str(value)[:4] in figures
    if name == "annee":
        return str(value) in figures
    if name in ("territoires", "categories", "categorie"):
        known = {place.value for place in facts.territoires} | {one.categorie for one in facts.categories}
        return {value} <= known if isinstance(value, str) else set(value) <= known
    if name in _AMOUNTS:
        amount = f"{value:g}".replace(".", ",")
        return bool(re.search(rf"(?<![\d,.]){amount}\s?{_AMOUNTS[name]}", question, re.IGNORECASE))
    stated = getattr(facts, name, None)
    return stated is not None and _same(stated.value, value)


def _same(stated: object, value: Any) -> bool:
    """Whether a fact that was read is the argument: a number or a day known exactly, or the same choice."""
    if isinstance(stated, Count):
        return stated.exact and stated.low == value
    if isinstance(stated, Period):
        return stated.exact and stated.first.isoformat() == str(value)
    return stated == value or str(stated) == str(value)
