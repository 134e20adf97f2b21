"""Choose the rules that a message calls for, and apply them to the facts of the conversation."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from assistant.judging.calendar import judge_calendar, judge_filing
from assistant.judging.case import Case, Data
from assistant.judging.funding import (
    judge_amount,
    judge_cumulation,
    judge_hardware,
    judge_share,
    judge_software,
    judge_stale_amount,
    judge_type,
)
from assistant.judging.programme import (
    judge_changes,
    judge_count,
    judge_decision,
    judge_envelope,
    judge_text,
)
from assistant.judging.project import (
    about_figures,
    judge_categories,
    judge_grouping,
    judge_lead_ars,
    judge_structure,
    judge_threshold,
)
from assistant.rules.deadline import begun_campagne, last_campagne
from assistant.rules.history import with_changes
from assistant.rules.result import RuleResult
from assistant.understanding.reading import Reading
from corpus.categories import load_categories
from corpus.parameters import load_parameters
from corpus.territories import load_territories

# The first that answers wins: what the message states most precisely comes first.
ORDER: tuple[Callable[[Case], list[RuleResult]], ...] = (
    judge_changes,
    judge_filing,
    judge_share,
    judge_cumulation,
    judge_software,
    judge_lead_ars,
    judge_count,
    judge_stale_amount,
    judge_type,
    judge_hardware,
    judge_amount,
    judge_decision,
    judge_text,
    judge_envelope,
    judge_calendar,
)
PROJECT_ORDER: tuple[Callable[[Case], list[RuleResult]], ...] = (
    judge_grouping,
    judge_structure,
    judge_categories,
    judge_threshold,
)

_DEFINITION = re.compile(
    r"\b(?:c'est quoi(?! (?:la |les |le )?(?:dates?|delais?|seuils?|nombre|minimum)\b)|qu'est[- ]ce qu(?:e|')|definition|signifi\w*|veut dire|kesako|difference)\b"
)


@dataclass(frozen=True)
class Ruling:
    """The rules that apply to a message, and the campaign judged.

    ``supposed``: the message names no campaign. ``latest``: it is the last one known.
    """

    results: tuple[RuleResult, ...] = ()
    campagne: str = ""
    supposed: bool = True
    latest: bool = True


@dataclass(frozen=True)
class Judge:
    """The rules over the corpus that ships with the product."""

    data: Data

    @classmethod
    def from_corpus(cls) -> Judge:
        """Return a judge over the corpus's parameters, territories and categories."""
        return cls(Data(load_parameters(), load_territories(), load_categories()))

    def judge(self, reading: Reading, day: date) -> Ruling:
        """Return the ruling a message calls for; empty when no rule answers it.

        A message without a year is judged for the campaign of the day cited, else for the last one begun on
        ``day``.
        """
        stated, cited = reading.facts.campagne, reading.facts.date_citee
        if stated:
            year = stated.value
        else:
            begun = begun_campagne(day, self.data.parameters) or last_campagne(self.data.parameters)
            # « aujourd’hui » names no campaign; « le 15 septembre » does.
            year = str(cited.value.year) if cited and re.search(r"\d", cited.words) else begun
        case = Case(reading, year, day, self.data)
        latest = year >= (begun_campagne(day, self.data.parameters) or last_campagne(self.data.parameters))
        results = tuple(with_changes(result, self.data.parameters) for result in _first(case))
        return Ruling(results, year, stated is None, latest)


def _first(case: Case) -> list[RuleResult]:
    if _DEFINITION.search(case.plain) and not case.counted:
        return []
    for judge in ORDER:
        if results := judge(case):
            return results
    if about_figures(case):
        return []
    return next((results for judge in PROJECT_ORDER if (results := judge(case))), [])
