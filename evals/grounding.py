"""The suite of grounding: no figure of an answer comes from nowhere, and every quotation is word for word.

An answer is cut at its citation markers: what stands before « [1][2] » rests on citations 1 and 2. Each figure must be
in one of their excerpts or titles, in what the rules of the answer report, in the user's own messages, or be a number
of days reckoned from the day of asking. Nothing of the product's own verification is used.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from evals.figures import Figure, FigureKind, Support, find_figures, plain
from evals.scoring import Check, Reply, Score
from evals.suite import Bench, Measured

if TYPE_CHECKING:
    from index.passage import Passage

_MARKERS = re.compile(r"(?:\[\d+\])+")
_NUMBERED = re.compile(r"^\s*\d+[.)]\s+")
_DAYS = re.compile(r"^(?: de)? jours?\b")
# Fields that state nothing about the programme, or are what statements rest on.
_NOT_SENTENCES = frozenset(
    [
        "id",
        "kind",
        "status",
        "citations",
        "rules",
        "suggestions",
        "elapsed_ms",
        "facts",
        "message",
        "mode",
        "model",
    ]
)
_NOTHING = "rien à vérifier : ni chiffre ni citation"
_NOT_SUPPORT = frozenset(["rule", "sources", "parameter", "status", "outcome"])


@dataclass(frozen=True)
class Claim:
    """What is said before a group of markers, and the numbers these give."""

    text: str
    markers: tuple[int, ...]


def claims_of(text: str) -> list[Claim]:
    """Return the claims of a Markdown text: each line is cut after its groups of markers.

    Example:
        >>> [(claim.text, claim.markers) for claim in claims_of("Oui : 15 ESSMS. [1][2] Puis 8.")]
        [('Oui : 15 ESSMS.', (1, 2)), ('Puis 8.', ())]
    """
    claims = []
    for line in text.splitlines():
        line, start = _NUMBERED.sub("", line), 0
        for match in _MARKERS.finditer(line):
            numbers = tuple(int(number) for number in re.findall(r"\d+", match[0]))
            claims.append(Claim(line[start : match.start()].strip(), numbers))
            start = match.end()
        if re.search(r"\w", line[start:]):
            claims.append(Claim(line[start:].strip(), ()))
    return claims


def sentences_of(reply: Reply) -> Iterator[tuple[str, str]]:
    """Yield (field, text) of every text of a reply that holds sentences."""
    for name, value in reply.items():
        if name not in _NOT_SENTENCES:
            for text in _texts(value):
                yield name, text


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            if name not in _NOT_SENTENCES:
                yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key not in _NOT_SUPPORT:
                yield from _leaves(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


@dataclass(frozen=True)
class Grounds:
    """What the claims of a reply may rest on: its citations by number, then what holds for every claim."""

    cited: Mapping[int, tuple[Support, ...]]
    common: tuple[Support, ...]
    days: tuple[date, ...]
    asked_on: date

    @classmethod
    def of(cls, reply: Reply, turns: Sequence[str], asked_on: date, corpus: Collection[str]) -> Grounds:
        """Read them; an excerpt that is not in the corpus supports nothing."""
        cited = {
            int(citation["number"]): (
                Support.of(
                    f"extrait [{citation['number']}]",
                    citation["excerpt"] if citation["excerpt"] in corpus else "",
                ),
                Support.of(f"titre [{citation['number']}]", f"{citation['title']} | {citation['date']}"),
            )
            for citation in reply.get("citations") or ()
        }
        common = (
            Support.of("règle", " | ".join(_leaves(reply.get("rules") or ())), bare=True),
            Support.of("question", " | ".join(turns)),
            Support.of("jour de la question", asked_on.isoformat()),
        )
        every = [*common, *(support for some in cited.values() for support in some)]
        days = {
            date.fromisoformat(value)
            for support in every
            for kind, value in support.figures
            if kind is FigureKind.DATE and _is_day(value)
        }
        return cls(cited, common, tuple(sorted(days)), asked_on)

    def origin(self, figure: Figure, claim: Claim) -> str:
        """Return where a figure comes from, empty when from nowhere."""
        supports = [support for number in claim.markers for support in self.cited.get(number, ())]
        for support in (*supports, *self.common):
            if support.holds(figure):
                return support.origin
        if figure.kind is FigureKind.NUMBER and _counts_days(figure, claim):
            reckoned = {abs((day - self.asked_on).days) for day in self.days}
            if Decimal(figure.value) in reckoned:
                return "nombre de jours calculé"
        return ""


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return len(value) == 10


def _counts_days(figure: Figure, claim: Claim) -> bool:
    text = plain(claim.text)
    place = text.find(plain(figure.text))
    return place >= 0 and _DAYS.match(text[place + len(figure.text) :]) is not None


def check_grounding(
    reply: Reply, turns: Sequence[str], asked_on: date, corpus: Collection[str]
) -> list[Check]:
    """Check every figure, excerpt and marker of a reply.

    ``corpus`` holds the texts that may be quoted: statements, terms and passages of documents, word for word.
    """
    grounds = Grounds.of(reply, turns, asked_on, corpus)
    checks: list[Check] = []
    used: set[int] = set()
    for name, text in sentences_of(reply):
        for claim in claims_of(text):
            used.update(claim.markers)
            for figure in find_figures(claim.text):
                origin = grounds.origin(figure, claim)
                wanted = f"{figure.text} ({figure.kind})"
                reason = f"sans appui : {wanted}, dans {name} : « {claim.text[:160]} »"
                checks.append(Check("figure", wanted, origin, bool(origin), reason))
    numbers = [int(citation["number"]) for citation in reply.get("citations") or ()]
    for number in sorted(used | set(numbers)):
        held = number in used and number in numbers
        lack = (
            "le repère n’a pas de citation"
            if number in used
            else "la citation n’est appelée par aucun repère"
        )
        checks.append(
            Check(
                "marker",
                f"[{number}]",
                "" if not held else "repère et citation",
                held,
                f"[{number}] : {lack}",
            )
        )
    for citation in reply.get("citations") or ():
        held = citation["excerpt"] in corpus
        reason = f"extrait absent du corpus : [{citation['number']}] {citation['id']}, « {citation['excerpt'][:160]} »"
        checks.append(
            Check("excerpt", f"[{citation['number']}]", citation["id"] if held else "", held, reason)
        )
    return checks


def quotable(passages: Iterable[Passage]) -> frozenset[str]:
    """Return the texts that may be quoted: the statements of the fiches, and the passages."""
    from corpus.fiches import load_statements

    return frozenset(statement.text for statement in load_statements()) | {
        passage.text for passage in passages
    }


def run(bench: Bench, sets: Sequence[str]) -> Measured:
    """Check every reply to the samples of the sets; one that states and cites nothing is unscored.

    Raises:
        CorpusFileError: A set is missing or a record of it is invalid.
    """
    corpus = quotable(bench.library.passages)
    scores = []
    for name, sample in bench.samples(sets):
        asked = bench.subject.ask(sample.turns, sample.date)
        checks = check_grounding(asked.reply, sample.turns, sample.date, corpus)
        figures = [check for check in checks if check.name == "figure"]
        measures = {"figures": len(figures), "ungrounded": sum(not check.held for check in figures)}
        score = Score.of(sample, checks, asked.reply, asked.elapsed_ms, set=name, measures=measures)
        scores.append(score if checks else replace(score, passed=None, note=_NOTHING))
    return Measured(scores, sets=tuple(sets))


def beyond(scores: Sequence[Score]) -> list[str]:
    """Say how many figures were checked, and how many quotations."""
    figures = sum(score.measures["figures"] for score in scores)
    ungrounded = sum(score.measures["ungrounded"] for score in scores)
    excerpts = [check for score in scores for check in score.checks if check.name == "excerpt"]
    exact = sum(check.held for check in excerpts)
    origins: dict[str, int] = {}
    for score in scores:
        for check in score.checks:
            if check.name == "figure" and check.held:
                origin = re.sub(r" \[\d+\]", "", check.found)
                origins[origin] = origins.get(origin, 0) + 1
    shares = ", ".join(
        f"{name} {count}" for name, count in sorted(origins.items(), key=lambda item: -item[1])
    )
    return [
        f"{figures} chiffres, dont {ungrounded} sans appui ({shares})",
        f"{exact} extraits sur {len(excerpts)} sont mot pour mot dans le corpus",
    ]
