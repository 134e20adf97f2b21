"""Turn questions and answers into the HTML of the conversation.

Every word of a user or of a document is escaped here; the page then sanitises the result once more.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from assistant.answer import Answer, Citation, Kind, Status
from assistant.composing.french import say_printed
from assistant.rules.catalogue import QUESTIONS
from assistant.rules.result import Outcome, RuleResult, StepStatus
from assistant.web.markdown import escape_line, render_markdown
from corpus.sources import load_sources

KIND_LABELS = {
    Kind.ANSWER: ("✓", "Réponse"),
    Kind.CLARIFICATION: ("?", "Question de précision"),
    Kind.ABSTENTION: ("∅", "Non documenté"),
    Kind.REFUSAL: ("↷", "Hors périmètre"),
    Kind.ERROR: ("!", "Incident"),
}
_PARTIAL = ("◐", "Réponse partielle")
_STEP_LABELS = {
    StepStatus.MET: ("✓", "remplie"),
    StepStatus.NOT_MET: ("✗", "non remplie"),
    StepStatus.UNKNOWN: ("?", "inconnue"),
}
_OUTCOME_LABELS = {
    Outcome.YES: "oui",
    Outcome.NO: "non",
    Outcome.UNDETERMINED: "non déterminé",
}
# A rule that is asked for a value (an amount, a date, a place) has no "yes": only "not determined" says more.
_ASKS_FOR_A_VALUE = re.compile(r"(?:De |À |Pour )?(?:Quel|Quand|Que |Qui |Où |Combien )", re.IGNORECASE)
_VALUE_LABELS = _STEP_LABELS | {StepStatus.MET: ("✓", "établie")}
_WEB_ADDRESS = re.compile(r"https?://[^\s\"'<>]+", re.IGNORECASE)
_DAY_IN_A_SENTENCE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")


def render_question(text: str) -> str:
    """Render the user's words literally: no Markdown, no HTML."""
    return f'<div class="question">{escape_line(text.strip())}</div>'


def render_waiting() -> str:
    """Render the status shown until the first sentence."""
    return '<div class="answer pending"><p class="waiting">Recherche dans les sources…</p></div>'


def render_sentences(text: str, answer: Answer, turn: int, day: date) -> str:
    """Render the first sentences of an answer that is being displayed."""
    return f'<div class="answer pending">{_heading(answer, day)}{_body(text, answer, turn)}</div>'


def render_answer(answer: Answer, turn: int, day: date) -> str:
    """Render a whole answer: kind, text, trace of the rules, numbered sources.

    ``turn`` keeps the anchors of two answers of one conversation apart.
    """
    parts = (
        _heading(answer, day),
        _body(answer.text, answer, turn),
        _details(answer, turn),
        _rules(answer, turn),
        _sources(answer, turn),
    )
    return f'<div class="answer">{"".join(parts)}</div>'


def render_failure() -> str:
    """Render the apology shown when the assistant broke."""
    icon, label = KIND_LABELS[Kind.ERROR]
    return (
        f'<div class="answer"><p class="kind kind-error"><span class="icon">{icon}</span> {label}</p>'
        "<p>Désolé, un incident technique a empêché de répondre à cette question. Elle est replacée dans la "
        "zone de saisie\u00a0: vous pouvez la renvoyer ou la reformuler. La conversation est conservée. "
        "Si l’incident se répète, prévenez la personne qui administre cet assistant.</p></div>"
    )


def _heading(answer: Answer, day: date) -> str:
    icon, label = _PARTIAL if answer.status is Status.PARTIAL else KIND_LABELS[answer.kind]
    when = f'<span class="as-of">au {say_printed(day.isoformat())}</span>'
    return f'<p class="kind kind-{answer.kind.value}"><span class="icon">{icon}</span> {label} {when}</p>'


def _anchor(turn: int, number: int) -> str:
    return f"reponse-{turn}-source-{number}"


def _groups(citations: Sequence[Citation]) -> list[tuple[Citation, ...]]:
    """Return the citations listed together: the same words of the same source, wherever it shows them."""
    groups: dict[tuple[str, str], tuple[Citation, ...]] = {}
    for citation in citations:
        key = (citation.id, " ".join(citation.excerpt.split()))
        groups[key] = (*groups.get(key, ()), citation)
    return list(groups.values())


def _markers(answer: Answer, turn: int) -> dict[int, str]:
    """Return the marker of each number, which opens the source listed for it."""
    return {
        citation.number: _marker(citation, _anchor(turn, group[0].number))
        for group in _groups(answer.citations)
        for citation in group
    }


def _marker(citation: Citation, anchor: str) -> str:
    label = escape_line(f"Source {citation.number}\u00a0: {citation.title}")
    return f'<a class="marker" href="#{anchor}" title="{label}">[{citation.number}]</a>'


def _body(text: str, answer: Answer, turn: int) -> str:
    return f'<div class="text">{render_markdown(text, _markers(answer, turn).get)}</div>'


def _details(answer: Answer, turn: int) -> str:
    if not answer.details:
        return ""
    more = _body(answer.details, answer, turn)
    return f'<details class="why more"><summary>Lire la suite de la réponse</summary>{more}</details>'


def _sources(answer: Answer, turn: int) -> str:
    if not answer.citations:
        return ""
    items = "".join(_source(group, turn) for group in _groups(answer.citations))
    return f'<div class="sources"><p class="section">Sources</p>{items}</div>'


def _source(group: Sequence[Citation], turn: int) -> str:
    """Render a source: its own words first, then what it is."""
    citation = group[0]
    numbers = " ".join(f"[{same.number}]" for same in group)
    places = dict.fromkeys(same.location for same in group if same.location)
    details = (
        ("Éditeur", escape_line(citation.publisher)),
        ("Date", escape_line(say_printed(citation.date))),
        ("Nature", escape_line(citation.grade_label)),
        ("Emplacement", escape_line("\u00a0; ".join(places))),
    )
    rows = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in details if value)
    quote = f"<blockquote>{escape_line(citation.excerpt)}</blockquote>" if citation.excerpt.strip() else ""
    return (
        f'<details class="source" id="{_anchor(turn, citation.number)}">'
        f'<summary><span class="number">{numbers}</span> '
        f'<span class="title">{escape_line(citation.title)}</span> '
        f'<span class="by">{escape_line(f"{citation.publisher}, {say_printed(citation.date)}")}</span>'
        f'</summary><div class="source-body">{quote}<dl>{rows}</dl>{_link(citation.url)}</div></details>'
    )


def _link(url: str) -> str:
    if not _WEB_ADDRESS.fullmatch(url):
        return f'<p class="address">{escape_line(url)}</p>' if url else ""
    safe = escape_line(url)
    return (
        f'<p class="address"><a href="{safe}" target="_blank" rel="noopener noreferrer">'
        f"Ouvrir la source (nouvel onglet)</a><br><span>{safe}</span></p>"
    )


def _rules(answer: Answer, turn: int) -> str:
    if not answer.rules:
        return ""
    traces = "".join(_rule(rule, answer, turn) for rule in answer.rules)
    return f'<details class="why"><summary>Pourquoi cette réponse</summary>{traces}</details>'


def _rule(rule: RuleResult, answer: Answer, turn: int) -> str:
    question = QUESTIONS.get(rule.rule, rule.rule)
    gives_value = _ASKS_FOR_A_VALUE.match(question) is not None
    labels = _VALUE_LABELS if gives_value else _STEP_LABELS
    verdict = ""
    if not gives_value or rule.outcome is Outcome.UNDETERMINED:
        verdict = f" <strong>{_OUTCOME_LABELS[rule.outcome]}</strong>"
    steps = []
    for step in rule.steps:
        icon, label = labels[step.status]
        quoted = f"(vous avez écrit\u00a0: «\u00a0{escape_line(step.words)}\u00a0»)"
        condition = _DAY_IN_A_SENTENCE.sub(lambda day: say_printed(day[0]), step.condition)
        words = f' <span class="words">{quoted}</span>' if step.words else ""
        steps.append(
            f'<li class="step step-{step.status.value}">'
            f'<span class="status"><span class="icon">{icon}</span> {label}</span> '
            f"{escape_line(condition)}{words} {_step_sources(step.sources, answer, turn)}</li>"
        )
    reserves = "".join(f'<p class="reservation">{escape_line(text)}</p>' for text in rule.reservations)
    return (
        f'<div class="rule"><p>{escape_line(question)}{verdict}</p><ul>{"".join(steps)}</ul>{reserves}</div>'
    )


def _step_sources(ids: Sequence[str], answer: Answer, turn: int) -> str:
    """Name the sources of a condition: markers for those the answer cites, then the others' titles."""
    known, markers = load_sources(), _markers(answer, turn)
    listed = [group[0] for group in _groups(answer.citations)]
    cited = [markers[citation.number] for citation in listed if citation.id in ids]
    numbered = {citation.id for citation in answer.citations}
    others = [
        f"{known[source_id].title} ({known[source_id].publisher})" if source_id in known else source_id
        for source_id in ids
        if source_id not in numbered
    ]
    if others:
        label = "Autre source" if len(others) == 1 else "Autres sources"
        titles = escape_line("\u00a0; ".join(others))
        cited.append(f'<span class="uncited">{label}\u00a0: {titles}</span>')
    return " ".join(cited)
