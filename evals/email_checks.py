"""The checks of a draft reply: what it found in the message, what it says, and what it must not say."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.drafting.reply import Role
from evals.email_records import Email, ExpectedQuestion, Group
from evals.figures import Figure, FigureKind, Support, find_figures
from evals.grounding import Claim, Grounds, claims_of
from evals.promises import find_promises
from evals.scoring import Check, Reply, check_kind, find, normalise

LONGEST_QUESTION = 600  # characters: a message given whole is no question found
SLOWEST_MS = 1000.0
# Of these, what is read and not expected is wrong: a verdict rests on it.
DECISIVE = ("nombre_essms", "territoires", "voie", "date_depot", "heures_essentielles", "heures_confort")
_BODY = (Role.ANSWER.value, Role.MISSING.value, Role.NEXT_STEPS.value)  # what answers
_ROLES = tuple(role.value for role in Role)
_OPENING = re.compile(r"^\W*(?:(?P<oui>oui)\b|(?P<indetermine>non determine|indetermine)|(?P<non>non)\b)")
_RANK = re.compile(r"^\W*\d{1,2}[.)°]\W*\s|\b(?:questions?|points?|n°) ?(?:n° ?)?\d{1,2}\b", re.I)


@dataclass(frozen=True)
class Received:
    """What the sender wrote, attachments included: what a draft may repeat; ``sent`` is the ISO day, if known."""

    text: str
    sent: str = ""


def check_draft(
    email: Email, reply: Reply, received: Received, corpus: Collection[str], elapsed_ms: float
) -> list[Check]:
    """Return every check of a draft in its JSON form; ``corpus`` holds the texts that may be quoted."""
    asked = list(reply.get("questions") or ())
    matched = match(email.questions, asked)
    # A source's title says nothing for the draft, nor against it.
    draft = _of_role(reply, *(role for role in _ROLES if role != "sources"))
    body = _of_role(reply, *_BODY)
    return [
        *_check_questions(email, asked, matched),
        *(
            check
            for rank, found in matched.items()
            for check in _check_answer(email.questions[rank], asked[found], body, draft)
        ),
        *_check_facts(email, reply.get("facts") or {}),
        *_check_figures(email, reply, received, corpus),
        *_check_letter(email, reply, asked, draft),
        Check(
            "latency", f"≤ {SLOWEST_MS:.0f} ms", f"{elapsed_ms:.0f} ms", elapsed_ms <= SLOWEST_MS,
            f"{elapsed_ms:.0f} ms",
        ),
    ]  # fmt: skip


def match(expected: Sequence[ExpectedQuestion], asked: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """Return which question found is which one expected (indices), as many as can be, each used once.

    Those that must be found are served before those that may be.
    """
    edges = [list(_candidates(question, asked)) for question in expected]
    owner: dict[int, int] = {}

    def serve(rank: int, seen: set[int]) -> bool:
        for found in edges[rank]:
            if found not in seen:
                seen.add(found)
                if found not in owner or serve(owner[found], seen):
                    owner[found] = rank
                    return True
        return False

    for rank in sorted(range(len(expected)), key=lambda rank: expected[rank].optional):
        serve(rank, set())
    return {rank: found for found, rank in sorted(owner.items(), key=lambda item: item[1])}


def _candidates(question: ExpectedQuestion, asked: Sequence[Mapping[str, Any]]) -> Iterator[int]:
    """Yield those whose words hold the cues, then those that hold them once made to stand alone."""
    seen = set()
    for field in ("text", "asked"):
        for index, found in enumerate(asked):
            words = str(found.get(field) or "")
            if index not in seen and len(words) <= LONGEST_QUESTION and _holds(question.cues, words):
                seen.add(index)
                yield index


def _holds(groups: Sequence[Group], text: str) -> bool:
    plain = normalise(text)
    return all(any(find(item, plain) for item in group) for group in groups)


def _check_questions(
    email: Email, asked: Sequence[Mapping[str, Any]], matched: Mapping[int, int]
) -> Iterator[Check]:
    for rank, question in enumerate(email.questions):
        if rank in matched or not question.optional:
            found = str(asked[matched[rank]]["text"]) if rank in matched else ""
            name = "optional" if question.optional else "question"
            yield Check(
                name, question.what, found, rank in matched, f"question non trouvée : {question.what}"
            )
    for index, found_question in enumerate(asked):
        words = str(found_question["text"])
        right = index in matched.values()
        yield Check("spurious", "", "" if right else words, right, f"question en trop : « {words[:120]} »")
        plain = normalise(words)
        for item in email.not_questions:
            held = not find(item, plain)
            yield Check(
                "not_question", item, "" if held else words, held, f"pris pour une question : « {item} »"
            )


def _check_answer(
    question: ExpectedQuestion, found: Mapping[str, Any], body: str, draft: str
) -> Iterator[Check]:
    answer = normalise(str(found.get("answer") or ""))
    yield check_kind(str(found.get("kind")), question.kinds)
    opening = _OPENING.match(answer)
    verdict = (opening.lastgroup or "") if opening else ""
    if question.verdict:
        wanted = " | ".join(question.verdict)
        reason = f"{question.what} : verdict {verdict or 'absent'} au lieu de {wanted}"
        yield Check("verdict", wanted, verdict, verdict in question.verdict, reason)
    for group in question.must:
        where = next(filter(None, (find(item, answer if _anchored(item) else body) for item in group)), "")
        wanted = " | ".join(group)
        yield Check("must", wanted, where, bool(where), f"{question.what} : absent, {wanted}")
    for item in question.forbidden:
        yield _absent(item, answer if _anchored(item) else draft)


def _anchored(fragment: str) -> bool:
    return fragment.startswith("/^")


def _absent(item: str, text: str) -> Check:
    found = find(item, text)
    return Check("forbidden", item, found, not found, f"interdit : « {found} »")


def stated(value: Any) -> frozenset[str]:
    """Return the values of a fact in its JSON form, as texts; none when it is not stated.

    Example:
        >>> sorted(stated([{"value": "corse"}, "bretagne"])), sorted(stated(24000.0))
        (['bretagne', 'corse'], ['24000'])
    """
    if value is None:
        return frozenset()
    if isinstance(value, Mapping):
        inner = next(
            (value[key] for key in ("value", "valeur", "categorie", "id", "iso") if key in value), None
        )
        return stated(inner)
    if isinstance(value, list | tuple | set | frozenset):
        return frozenset().union(*(stated(item) for item in value))
    if isinstance(value, bool):
        return frozenset(["true" if value else "false"])
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return frozenset([str(value)])


_LISTS = ("territoires", "categories")


def _check_facts(email: Email, facts: Mapping[str, Any]) -> Iterator[Check]:
    for name, wanted in email.facts.items():
        if name in email.free_facts:
            continue
        found = stated(facts.get(name))
        if isinstance(wanted, list) and name not in _LISTS:  # alternatives
            held = any(found == stated(item) for item in wanted)
        else:
            held = found == stated(wanted)
        expected = ", ".join(sorted(stated(wanted))) or "∅"
        got = ", ".join(sorted(found))
        yield Check(
            "fact", f"{name} = {expected}", got, held, f"fait {name} : {got or '∅'} au lieu de {expected}"
        )
    for name in DECISIVE:
        if name not in email.facts and name not in email.free_facts:
            got = ", ".join(sorted(stated(facts.get(name))))
            yield Check("fact_extra", name, got, not got, f"fait {name} : {got}, que le message ne dit pas")


def _check_figures(
    email: Email, reply: Reply, received: Received, corpus: Collection[str]
) -> Iterator[Check]:
    grounds = Grounds.of(reply, (received.text, received.sent), email.day, corpus)
    every = tuple(grounds.cited)
    said = {found.value for found in find_figures(received.text) if found.kind is FigureKind.DATE}
    listed = Support.of(
        "liste des sources",
        " | ".join(
            str(citation.get(name) or "")
            for citation in reply.get("citations") or ()
            for name in ("title", "publisher", "date", "url", "location")
        ),
    )
    for paragraph in reply.get("paragraphs") or ():
        role = paragraph["role"]
        for claim in claims_of("\n".join(_RANK.sub("", line) for line in paragraph["text"].splitlines())):
            # Only an answer owes each figure to the sources it names there; the rest of the letter sums answers up.
            wide = claim if role == "answer" and claim.markers else Claim(claim.text, every)
            for figure in find_figures(claim.text):
                origin = grounds.origin(figure, wide) or _counted(figure, claim, reply)
                if not origin and role == "sources" and listed.holds(figure):
                    origin = listed.origin
                if not origin and role != "answer" and _bounds(figure, said):
                    origin = "mois écrit par le demandeur"
                yield _figure_check(figure, origin, claim)


def _bounds(figure: Figure, said: Collection[str]) -> bool:
    """Whether a day is the first or last of a month that the sender wrote (« en août 2025 »)."""
    months = [value for value in said if len(value) == 7]
    ends = {
        f"{month}-{day:02d}" for month in months for day in (1, monthrange(int(month[:4]), int(month[5:]))[1])
    }
    return figure.kind is FigureKind.DATE and any(end.endswith(figure.value) for end in ends)


def _counted(figure: Figure, claim: Claim, reply: Reply) -> str:
    """Return what the letter counts of the message itself: « vos 3 questions », « 2 régions »."""
    text, territories = normalise(claim.text), stated((reply.get("facts") or {}).get("territoires"))
    for words, number in (("question", len(reply.get("questions") or ())), ("region", len(territories))):
        if figure.value == str(number) and re.search(rf"\b{number} {words}|\b{words}s? : {number}\b", text):
            return f"compte : {words}"
    return ""


def _figure_check(figure: Figure, origin: str, claim: Claim) -> Check:
    wanted = f"{figure.text} ({figure.kind})"
    return Check("figure", wanted, origin, bool(origin), f"inventé : {wanted}, dans « {claim.text[:120]} »")


def _check_letter(
    email: Email, reply: Reply, asked: Sequence[Mapping[str, Any]], draft: str
) -> Iterator[Check]:
    # A draft of nothing promises nothing and must not pass for a right one.
    yield Check("draft", "un projet de réponse", draft[:40], bool(draft), "aucun projet de réponse")
    answers = [normalise(str(found.get("answer") or "")) for found in asked]
    for item in email.forbidden:
        for text in answers if _anchored(item) else [draft]:
            yield _absent(item, text)
    promises = list(find_promises(str(reply.get("draft") or "")))
    yield Check("promise", "", " | ".join(promises), not promises, f"engagement : {' | '.join(promises)}")
    points = normalise(" \n ".join(str(point) for point in reply.get("points_to_check") or ()))
    for group in email.points:
        yield _mention("points", group, points, "point à vérifier absent")
    risk = str(reply.get("risk"))
    wanted = " | ".join(email.risk)
    yield Check("risk", wanted, risk, risk in email.risk, f"risque {risk} au lieu de {wanted}")
    if email.salutation:
        opening = _of_role(reply, "salutation").strip(" ,")
        accepted = [normalise(item) for item in email.salutation]
        wanted = " | ".join(email.salutation)
        yield Check(
            "salutation", wanted, opening, opening in accepted, f"appel « {opening} » au lieu de {wanted}"
        )
    missing = _of_role(reply, "missing")
    for group in email.asked_for:
        yield _mention("asked_for", group, missing, "non demandé")


def _of_role(reply: Reply, *roles: str) -> str:
    paragraphs = reply.get("paragraphs") or ()
    return normalise("\n".join(paragraph["text"] for paragraph in paragraphs if paragraph["role"] in roles))


def _mention(name: str, group: Group, text: str, what: str) -> Check:
    found = next(filter(None, (find(item, text) for item in group)), "")
    wanted = " | ".join(group)
    return Check(name, wanted, found, bool(found), f"{what} : {wanted}")
