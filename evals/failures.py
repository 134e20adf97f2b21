"""The part of the page that shows what fails: question, expectation, answer, citations and reasons side by side."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from evals.labels import label, name_of
from evals.markup import Markup, join, tag
from evals.runs import Run
from evals.scoring import Score
from evals.suites import SUITES


def show_failures(runs: Mapping[str, Run], held_out: bool) -> Markup:
    """Return every failure, with its filters; those of the sets held out are counted unless ``held_out``."""
    failed = [
        (name, score)
        for name, run in runs.items()
        for score in run.scores
        if score.passed is False and (held_out or not score.held_out)
    ]
    hidden = sum(score.held_out and score.passed is False for run in runs.values() for score in run.scores)
    suites = sorted({name for name, _ in failed})
    types: dict[str, set[str]] = {}
    for name, score in failed:
        types.setdefault(score.type, set()).add(name)
    kept = (
        ""
        if held_out or not hidden
        else f" {hidden} autres sont de jeux réservés, que personne ne lit en mettant au point."
    )
    return join(
        tag("h2", "Ce qui échoue"),
        tag(
            "p",
            tag("span", len(failed), id="shown"),
            f" échecs montrés sur {len(failed)}.{kept}",
            aria_live="polite",
        ),
        tag(
            "div",
            _filter("suite", "Suite", [(name, SUITES[name].title, None) for name in suites]),
            _filter(
                "type",
                "Type",
                [(name, name_of(name), "|".join(sorted(of))) for name, of in sorted(types.items()) if name],
            ),
            class_="filters",
        ),
        *(_failure(name, score) for name, score in failed),
    )


def _filter(name: str, label: str, values: Sequence[tuple[str, str, str | None]]) -> Markup:
    options = [tag("option", "Toutes" if name == "suite" else "Tous", value="")]
    options += [tag("option", shown, value=value, data_suites=suites) for value, shown, suites in values]
    return tag("label", f"{label} ", tag("select", *options, data_filter=name))


def _failure(suite: str, score: Score) -> Markup:
    sides = (
        (
            "Question",
            "\n".join(
                f"{rank}. {turn}" if len(score.turns) > 1 else turn
                for rank, turn in enumerate(score.turns, 1)
            ),
        ),
        ("Attendu", _expected(score.expected)),
        ("Réponse", _given(score.reply)),
        ("Citations", _citations(score.reply)),
        ("Raisons", "\n".join(f"• {reason}" for reason in score.reasons)),
    )
    shown = [
        tag("div", tag("h3", head), text, class_="bad" if head == "Raisons" else None)
        for head, text in sides
        if text
    ]
    title = join(
        tag("strong", score.id),
        f" · {SUITES[suite].title} · {name_of(score.type)} · ",
        (score.turns or ("",))[-1][:140],
    )
    return tag(
        "details",
        tag("summary", title),
        tag("div", *shown, class_="sides"),
        data_suite=suite,
        data_type=score.type,
    )


def _expected(expected: Mapping[str, Any]) -> str:
    lines = []
    for key, value in expected.items():
        if value in (None, [], "", {}):
            continue
        if key in ("kinds", "kind"):
            kinds = [value] if isinstance(value, str) else value
            lines.append(f"{label(key)} : {', '.join(map(name_of, kinds))}")
        elif isinstance(value, str | int | float):
            lines.append(f"{label(key)} : {value}")
        elif key in ("must", "cite"):
            lines += [f"{label(key)} : {' | '.join(group)}" for group in value]
        elif isinstance(value, list):
            lines.append(f"{label(key)} : {', '.join(map(str, value))}")
        else:
            lines.append(f"{label(key)} : {json.dumps(value, ensure_ascii=False)}")
    return "\n".join(lines)


def _given(reply: Mapping[str, Any]) -> str:
    if "read" in reply:
        return "\n".join(reply["read"])
    if not reply:
        return ""
    status = f" ({reply['status']})" if reply.get("status") else ""
    return f"{name_of(str(reply.get('kind')))}{status}\n{reply.get('answer') or ''}"


def _citations(reply: Mapping[str, Any]) -> str:
    return "\n".join(
        f"[{citation.get('number')}] {citation.get('id')} — {citation.get('location', '')}\n« {citation.get('excerpt', '')} »"
        for citation in reply.get("citations") or ()
    )
