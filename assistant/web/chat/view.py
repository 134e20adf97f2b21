"""What the chat shows of an answer, as plain values: the template adds nothing but HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote

from assistant.answer import Answer, Citation, Kind, Status
from assistant.composing.french import MONTHS, plain_day
from assistant.figures import figures_of
from assistant.rules.catalogue import QUESTIONS
from assistant.rules.result import Outcome, RuleResult, Step, StepStatus
from assistant.understanding.saying import ALIASES, LABELS, say_value
from assistant.web.sources.finding import excerpt_path
from assistant.web.statuses import OUTCOME_ICONS, OUTCOME_LABELS, STEP_ICONS, STEP_LABELS
from corpus.sources import load_sources

KIND_LABELS = {
    Kind.ANSWER: ("", "Réponse"),  # no mark: its verdict may be a no
    Kind.CLARIFICATION: ("?", "Question de précision"),
    Kind.ABSTENTION: ("∅", "Non documenté"),
    Kind.REFUSAL: ("↷", "Hors périmètre"),
    Kind.ERROR: ("!", "Incident"),
}
_PARTIAL = ("◐", "Réponse partielle")
# A rule that is asked for a value (an amount, a date, a place) has no "yes": only "not determined" says more.
_ASKS_FOR_A_VALUE = re.compile(r"(?:De |À |Pour )?(?:Quel|Quand|Que |Qui |Où |Combien )", re.IGNORECASE)
_VALUE_LABELS = STEP_LABELS | {StepStatus.MET: "établie"}
_FIGURE = re.compile(
    rf"(\d{{1,2}}(?:er)?\s(?:{'|'.join(MONTHS)})(?:\s\d{{4}})?|\d{{1,3}}(?:\s\d{{3}})+(?:,\d+)?|\d+(?:,\d+)?)"
)
_PAGE = re.compile(r"p\. (\d{1,6})\b")  # how the index writes the page of a document
_MOST_OTHERS = 2  # sources named beside a condition that cites none of the numbered ones


@dataclass(frozen=True)
class Condition:
    """One condition of a ruling: its status, its text, the user's words, the numbers of its sources or their names."""

    status: str
    icon: str
    label: str
    text: str
    words: str
    numbers: tuple[int, ...]
    others: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """The ruling of one rule; ``label`` is empty when the rule gives a value that needs no yes or no."""

    question: str
    outcome: str
    icon: str
    label: str
    conditions: tuple[Condition, ...]
    reservations: tuple[str, ...]


@dataclass(frozen=True)
class Fact:
    """A fact that a rule read, or lacks when ``value`` is empty."""

    name: str
    label: str
    value: str


@dataclass(frozen=True)
class SourceView:
    """A source listed under an answer: the numbers that point to it, the first one naming its anchor."""

    citation: Citation
    numbers: tuple[int, ...]
    places: tuple[str, ...]
    excerpt: tuple[tuple[bool, str], ...]  # parts of the excerpt, and whether the answer says the same figure
    reading: str  # where the excerpt is read in its context
    page: int | None  # of an added document, when it has pages


@dataclass(frozen=True)
class AnswerView:
    """An answer as the chat shows it. ``verdicts`` are shown at once, ``reasons`` on demand."""

    icon: str
    label: str
    verdicts: tuple[Verdict, ...]
    reasons: tuple[Verdict, ...]
    facts: tuple[Fact, ...]
    missing: tuple[Fact, ...]
    sources: tuple[SourceView, ...]
    publishers: tuple[str, ...]

    @property
    def uncited(self) -> tuple[str, ...]:
        """The sources of the conditions shown at once that have no number, once each."""
        others = [condition.others for verdict in self.verdicts for condition in verdict.conditions]
        return tuple(dict.fromkeys(name for names in others for name in names))


def view_of(answer: Answer) -> AnswerView:
    """Return what the chat shows of an answer."""
    icon, label = _PARTIAL if answer.status is Status.PARTIAL else KIND_LABELS[answer.kind]
    verdicts = [(_verdict(rule, answer), bool(rule.missing)) for rule in answer.rules]
    return AnswerView(
        icon,
        label,
        verdicts=tuple(verdict for verdict, open_ in verdicts if verdict.label or open_),
        reasons=tuple(verdict for verdict, open_ in verdicts if not (verdict.label or open_)),
        facts=tuple(facts_of(answer.rules)),
        missing=tuple(
            Fact(name, LABELS[name], "")
            for name in dict.fromkeys(name for rule in answer.rules for name in rule.missing)
            if name in LABELS
        ),
        sources=tuple(_sources(answer)),
        publishers=tuple(dict.fromkeys(citation.publisher for citation in answer.citations)),
    )


def facts_of(rules: Sequence[RuleResult]) -> Iterator[Fact]:
    """Yield the facts that the rules read, once each; one that they read differently was not the user's."""
    read = [
        (ALIASES.get(name, name), value)
        for rule in rules
        for name, value in rule.as_json()["facts"].items()
        if value not in (None, [], "")
    ]
    names = [name for name, _ in read if name in LABELS]
    if "territoires" in names:  # their number was counted from them
        names = [name for name in names if name != "nombre_regions"]
    for name in dict.fromkeys(names):
        values = [value for other, value in read if other == name]
        if all(value == values[0] for value in values):
            with suppress(KeyError, TypeError, ValueError):  # a conversation kept by the browser may hold anything
                yield Fact(name, LABELS[name], say_value(name, values[0]))


def anchors(answer: Answer) -> dict[int, int]:
    """Return, for each number cited, the one that names the place where its source is listed."""
    return {
        citation.number: group[0].number for group in _groups(answer.citations) for citation in group
    }


def _groups(citations: Sequence[Citation]) -> list[tuple[Citation, ...]]:
    """Return the citations listed together: the same words of the same source, wherever it shows them."""
    groups: dict[tuple[str, str], tuple[Citation, ...]] = {}
    for citation in citations:
        key = (citation.id, " ".join(citation.excerpt.split()))
        groups[key] = (*groups.get(key, ()), citation)
    return list(groups.values())


def _sources(answer: Answer) -> Iterator[SourceView]:
    said = figures_of(f"{answer.text} {answer.details}")
    for group in _groups(answer.citations):
        yield SourceView(
            group[0],
            tuple(citation.number for citation in group),
            tuple(dict.fromkeys(citation.location for citation in group if citation.location)),
            tuple(_marked(group[0].excerpt, said)),
            excerpt_path(f"sources/{quote(group[0].id, safe='')}", group[0].excerpt.strip()),
            int(page[1]) if (page := _PAGE.match(group[0].location)) else None,
        )


def _marked(excerpt: str, said: frozenset[str]) -> Iterator[tuple[bool, str]]:
    """Part an excerpt where it says a figure or a date that the answer says."""
    parts = _FIGURE.split(excerpt.strip())
    for position, part in enumerate(parts):
        if part:
            yield position % 2 == 1 and bool(figures_of(part) & said), part


def _verdict(rule: RuleResult, answer: Answer) -> Verdict:
    question = QUESTIONS.get(rule.rule, rule.rule)
    gives_value = _ASKS_FOR_A_VALUE.match(question) is not None
    says = not gives_value or rule.outcome is Outcome.UNDETERMINED
    icon, label = (OUTCOME_ICONS[rule.outcome], OUTCOME_LABELS[rule.outcome]) if says else ("", "")
    labels = _VALUE_LABELS if gives_value else STEP_LABELS
    conditions = []
    for step in rule.steps:
        numbers = _numbers(step, answer)
        conditions.append(
            Condition(
                step.status.value,
                STEP_ICONS[step.status],
                labels[step.status],
                plain_day(step.condition),
                step.words,
                numbers,
                () if numbers else tuple(_names(step.sources)),
            )
        )
    return Verdict(question, rule.outcome.value, icon, label, tuple(conditions), rule.reservations)


def _numbers(step: Step, answer: Answer) -> tuple[int, ...]:
    """Return the numbers of the sources of a condition whose words quoted say its figures; else of all of them."""
    cited = [group[0] for group in _groups(answer.citations) if group[0].id in step.sources]
    figures = figures_of(plain_day(step.condition))
    saying = [citation for citation in cited if figures & figures_of(citation.excerpt)]
    return tuple(citation.number for citation in saying or cited)


def _names(ids: Sequence[str]) -> Iterator[str]:
    known = load_sources()
    for source_id in ids[:_MOST_OTHERS]:
        source = known.get(source_id)
        yield f"{source.title} ({source.publisher})" if source else source_id
    if len(ids) > _MOST_OTHERS:
        yield f"{len(ids) - _MOST_OTHERS} autres"
