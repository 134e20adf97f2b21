"""The result of a rule and the trace that explains it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """A verdict. ``UNDETERMINED`` is a value: unknown never reads as yes or no."""

    YES = "yes"
    NO = "no"
    UNDETERMINED = "undetermined"


class StepStatus(StrEnum):
    """Whether one condition of a rule holds."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Step:
    """One condition, in French, with its status, the sources that set it and the user's own words."""

    condition: str
    status: StepStatus
    sources: tuple[str, ...] = ()
    words: str = ""


@dataclass(frozen=True)
class Change:
    """How a figure changed from campaign ``first`` to ``second``: its parameter's id, a French sentence, its sources."""

    parameter: str
    first: str
    second: str
    text: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class RuleResult:
    """The outcome of one rule.

    ``facts`` are the values the rule read; ``missing`` the facts that would settle an undetermined
    outcome, the most decisive first; ``reservations`` are sentences an answer must show with it;
    ``values`` are the figures and dates the rule established (an answer may state no other); ``changes`` how
    the figures it reads differ from one campaign to another.
    """

    rule: str
    outcome: Outcome
    steps: tuple[Step, ...]
    facts: dict[str, Any] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    reservations: tuple[str, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """The ids of every source of the trace, in order, once each."""
        return tuple(dict.fromkeys(source for step in self.steps for source in step.sources))

    def as_json(self) -> dict[str, Any]:
        """Return the stable JSON form; dates are ISO strings."""
        return {
            "rule": self.rule,
            "outcome": self.outcome.value,
            "facts": {key: _plain(value) for key, value in self.facts.items()},
            "missing": list(self.missing),
            "steps": [
                {
                    "condition": step.condition,
                    "status": step.status.value,
                    "sources": list(step.sources),
                    "words": step.words,
                }
                for step in self.steps
            ],
            "reservations": list(self.reservations),
            "values": {key: _plain(value) for key, value in self.values.items()},
            "changes": [
                {
                    "parameter": change.parameter,
                    "first": change.first,
                    "second": change.second,
                    "text": change.text,
                    "sources": list(change.sources),
                }
                for change in self.changes
            ],
        }


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return str(value)
