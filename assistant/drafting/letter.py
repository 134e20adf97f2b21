"""Write the letter: salutation, each question with its answer, what is asked for, what comes next, courtesy.

Every sentence about the programme is one of the assistant's, with its markers; what surrounds them is in
``letter.yaml`` and promises nothing on behalf of the administration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from assistant.answer import Citation, Kind
from assistant.chain import Asked
from assistant.composing.citing import Line, join_lines
from assistant.composing.french import NBSP, cap, low, say_day, say_printed, typeset
from assistant.composing.questions import QUESTIONS
from assistant.drafting.exporting.outgoing import bare_subject
from assistant.drafting.questions import Asking, Form, Found
from assistant.drafting.reply import Options, Paragraph, Role
from assistant.rules.facts import Facts
from assistant.rules.result import Outcome
from assistant.understanding.saying import LABELS, PLURALS, say_value
from corpus.territories import load_territories

_FILE = Path(__file__).parent / "letter.yaml"
# What is asked about or follows from the rest, and is no part of somebody's situation.
_NOT_TOLD = ("date_citee", "voie", "domaine")
_QUOTED = 220  # characters of a question that a letter repeats
_SHORT = 2  # sentences of an answer in a short letter, the items of a list not counted
_LEAD = re.compile(
    r"^(?:(?:bonjour|bonsoir|madame|monsieur|par ailleurs|d[’']autre part|d[’']une part|enfin|de plus|en outre|ensuite|également|"
    r"aussi|merci d[’']avance|svp)\b(?: (?:madame|monsieur|à tous))?[\s,.:!]+)+",
    re.IGNORECASE,
)
_VERDICT = re.compile(r"^(?:Oui|Non) : ")
_RELATIVE = re.compile(
    r" \((?:dans|il y a|close? depuis|closes? depuis|dernier jour) ?[^()]{1,30}\)"
)  # true on the day of the answer alone
_READ = (
    (re.compile(r"\bsources lues\b"), "sources consultées"),
    (re.compile(r"\bsource lue\b"), "source consultée"),
    (re.compile(r"\bn’(a|ont) pas été lue?(s?)\b"), r"n’\1 pas été consulté\2"),
)


@dataclass(frozen=True)
class Part:
    """One question of the letter and what answers it; ``same_as`` is the number of a question answered alike."""

    number: int
    found: Found
    asked: Asked
    same_as: int = 0


@dataclass(frozen=True)
class Correspondence:
    """What the letter answers to: how to address the sender, when the message was sent, what it asks and states."""

    salutation: str
    sent: date | None
    asking: Asking
    facts: Facts
    hidden: tuple[str, ...] = ()  # personal data that the letter must not repeat


def write_letter(
    correspondence: Correspondence,
    parts: Sequence[Part],
    citations: Sequence[Citation],
    outlook: Asked | None,
    day: date,
    options: Options,
) -> tuple[Paragraph, ...]:
    """Return the paragraphs of the letter, in order; ``outlook`` says whether one may still apply."""
    words = _words()[options.tone.value]
    blocks: list[tuple[str, Role, str]] = [
        ("salutation", Role.SALUTATION, f"{correspondence.salutation},"),
        ("opening", Role.OPENING, _opening(correspondence, parts, words)),
    ]
    blocks += [
        (
            f"answer-{part.number}",
            Role.ANSWER,
            answer_paragraph(part, correspondence.hidden, alone=len(parts) == 1),
        )
        for part in parts
    ]
    blocks += [
        (
            f"request-{number}",
            Role.ANSWER,
            _words()["request"].format(words=_quoted(request, correspondence.hidden)),
        )
        for number, request in enumerate(correspondence.asking.requests, 1)
    ]
    blocks.append(("missing", Role.MISSING, _missing(parts, words)))
    blocks.append(
        ("next_steps", Role.NEXT_STEPS, _next_steps(correspondence, parts, citations, outlook, day, words))
    )
    courtesy = words["courtesy"].format(salutation=correspondence.salutation)
    blocks.append(("courtesy", Role.COURTESY, courtesy))
    blocks.append(("signature", Role.SIGNATURE, "  \n".join(options.signature.splitlines())))
    blocks.append(("sources", Role.SOURCES, _sources(citations)))
    return tuple(
        Paragraph(key, role, typeset(text) if role is not Role.SIGNATURE else text)
        for key, role, text in blocks
        if text.strip()
    )


def subject_of(subject: str) -> str:
    """Return the subject of the reply: « Re: » once, before the sender's own words."""
    return f"Re: {bare_subject(subject) or _words()['subject']}"


def answer_paragraph(part: Part, hidden: Sequence[str] = (), *, alone: bool) -> str:
    """Return the answer to one question under the sender's own words."""
    head = "" if alone else f"**{part.number}. « {_quoted(part.found.words, hidden)} »**\n\n"
    if part.same_as:
        return head + str(_words()["same"]).format(number=part.same_as)
    return head + _answer(part)


def asked_for(parts: Sequence[Part]) -> list[str]:
    """Return the facts that would settle what is not, the most decisive of each question first, once each."""
    first: dict[str, None] = {}
    for part in filter(is_unanswered, parts):
        for result in part.asked.answer.rules:
            if result.outcome is Outcome.UNDETERMINED and result.missing:
                first.setdefault(result.missing[0])
    return [name for name in first if name in QUESTIONS]


def is_unanswered(part: Part) -> bool:
    """Whether no source or rule settles a question."""
    unsettled = part.asked.answer.kind in (Kind.ABSTENTION, Kind.CLARIFICATION)
    return part.found.form is Form.CASE or unsettled


def said_facts(facts: Facts) -> Iterator[tuple[str, str]]:
    """Return the label and the French value of each fact that was stated."""
    for name, label in LABELS.items():
        stated = getattr(facts, name)
        if not stated or name in _NOT_TOLD:
            continue
        value = [getattr(item, "value", item) for item in stated] if isinstance(stated, tuple) else stated
        try:
            said = say_value(name, value)
        except (KeyError, TypeError):
            continue
        several = isinstance(stated, tuple) and len(stated) > 1
        yield PLURALS.get(name, label) if several else label, said


def _opening(correspondence: Correspondence, parts: Sequence[Part], words: dict[str, str]) -> str:
    asking = correspondence.asking
    sent = correspondence.sent
    said = [words["received"].format(day=say_day(sent)) if sent else words["received_undated"]]
    if asking.complaints:
        said.append(words["complaint"])
    if not parts and not asking.requests:
        said.append(words["nothing"])
    elif len(parts) > 1:
        said.append(words["several"].format(count=len(parts)))
    stated = [f"{low(label)}{NBSP}: {value}" for label, value in said_facts(correspondence.facts)]
    opening = " ".join(said)
    if stated and parts:
        opening += "\n\n" + words["facts"].format(facts=" ; ".join(stated))
    return opening


def _answer(part: Part) -> str:
    if part.found.form is Form.CASE:
        return str(_words()["case"])
    lines = [line for line in map(_in_a_letter, part.asked.lines) if line is not None]
    sourced = [line for line in lines if line.text]
    return join_lines([replace(line, detail=False) for line in sourced]) or str(_words()["unanswered"])


def _in_a_letter(line: Line) -> Line | None:
    """Return a sentence as a letter says it, ``None`` when it says nothing there."""
    messages = _words()["messages"]
    if line.key in messages:
        text = messages[line.key].strip()
        if "{words}" in text:
            text = text.format(words=_between(line.text))
        return replace(line, text=text) if text else None
    text = _RELATIVE.sub("", line.text)
    for pattern, said in _READ:
        text = pattern.sub(said, text)
    return replace(line, text=text)


def _between(text: str) -> str:
    """Return what a message quotes between « and »."""
    match = re.search(r"«\s*(.*?)\s*»", text)
    return match[1] if match else ""


def shortened(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return what a short letter keeps of an answer: its first sentences and the list that follows them."""
    kept: list[Line] = []
    for line in lines:
        if line.detail or (not line.bullet and sum(not item.bullet for item in kept) >= _SHORT):
            break
        kept.append(line)
    return tuple(kept)


def _missing(parts: Sequence[Part], words: dict[str, str]) -> str:
    names = asked_for(parts)
    if not names:
        return ""
    return "\n".join([words["missing"], "", *(f"- {low(QUESTIONS[name])}" for name in names)])


def _next_steps(
    correspondence: Correspondence,
    parts: Sequence[Part],
    citations: Sequence[Citation],
    outlook: Asked | None,
    day: date,
    words: dict[str, str],
) -> str:
    steps = []
    if asked_for(parts):
        steps.append(_words()["step_missing"])
    if any(is_unanswered(part) for part in parts):
        names = [
            region.name
            for region in load_territories().regions
            if region.id in _regions(correspondence.facts)
        ]
        ars = f"l’ARS {names[0]}" if len(names) == 1 else ""
        steps.append(_words()["step_ars"].format(ars=ars) if ars else _words()["step_confirm"])
    text = ""
    if outlook is not None:
        window = [line for line in map(_in_a_letter, outlook.lines) if line and line.sourced][:1]
        text = cap(_VERDICT.sub("", join_lines(window)))  # nobody asked: it answers nothing
    if steps:
        steps[-1] = steps[-1].removesuffix(" ;").removesuffix(";") + "."
        listed = "\n".join([words["steps"], "", *(f"- {step}" for step in steps)])
        text = f"{text}\n\n{listed}" if text else listed
    reserve = (words["reserve"] if citations else words["reserve_unsourced"]).format(day=say_day(day))
    return f"{text}\n\n{reserve}" if text else reserve


def _regions(facts: Facts) -> set[str]:
    return {stated.value for stated in facts.territoires}


def _sources(citations: Sequence[Citation]) -> str:
    if not citations:
        return ""
    named: dict[str, list[Citation]] = {}
    for citation in citations:
        named.setdefault(citation.id, []).append(citation)
    listed = [f"- {_reference(same)}" for same in named.values()]
    return "\n".join([_words()["sources"], "", *listed])


def _reference(citations: Sequence[Citation]) -> str:
    """Return the reference of one source, with every number that points into it."""
    citation = citations[0]
    numbers = "".join(f"[{same.number}]" for same in citations)
    when = f", {say_printed(citation.date)}" if citation.date else ""
    url = f" — <{citation.url}>" if citation.url.startswith(("http://", "https://")) else ""
    return f"{numbers} {citation.publisher}, « {citation.title} »{when} ({citation.grade_label}){url}"


def _quoted(words: str, hidden: Sequence[str]) -> str:
    """Return the sender's words as a letter repeats them: on one line, short, without personal data."""
    for data in sorted(hidden, key=len, reverse=True):
        words = words.replace(data, "[…]")
    text = (
        _LEAD.sub("", " ".join(words.split()).strip(" -–—•*"))
        .replace("«", "“")
        .replace("»", "”")
        .replace("**", "")
    )
    if len(text) > _QUOTED:
        text = text[:_QUOTED].rsplit(" ", 1)[0] + "…"
    return cap(text)


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    words: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return words
