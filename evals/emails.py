"""The suite of e-mails: what the draft reply to each found, says, and must not say.

An e-mail passes when all its checks hold; what each check measures over all of them is told beyond. A set held out
keeps no word of its e-mails or drafts: counts alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from evals.email_checks import Received, check_draft
from evals.email_records import Email, load_emails
from evals.scoring import HELD_OUT, Check, Reply, Score, Tally, quantile, share
from evals.suite import Bench, Measured

if TYPE_CHECKING:
    from assistant.drafting.message import Message


@dataclass(frozen=True)
class Drafted:
    """A draft in its JSON form with what the sender wrote, and the milliseconds that drafting, then reading, took."""

    reply: Reply
    received: Received
    elapsed_ms: float
    reading_ms: float = 0.0


Draft = Callable[[Path, int | None, date], Drafted]
OpenDraft = Callable[[], Draft]


def open_product() -> Draft:
    """Return what reads a file and drafts the reply to the message of a rank in it, as the product does."""
    from assistant.chain import open_assistant
    from assistant.drafting.drafter import Drafter
    from assistant.drafting.formats import read_messages
    from assistant.drafting.message import Message

    drafter = Drafter(open_assistant())
    # The first message loads the encoder: nobody's latency.
    drafter.draft(Message("Qu’est-ce que le programme ESMS numérique ?"), date(2026, 1, 1))

    def draft(path: Path, entry: int | None, day: date) -> Drafted:
        started = time.perf_counter()
        message = next(islice(read_messages(path), (entry or 1) - 1, None))
        read = time.perf_counter()
        reply = drafter.draft(message, day)
        drafted = time.perf_counter()
        reading_ms, elapsed_ms = 1000 * (read - started), 1000 * (drafted - read)
        return Drafted(reply.as_json(), received_of(message), round(elapsed_ms, 1), round(reading_ms, 1))

    return draft


def received_of(message: Message) -> Received:
    """Return everything that a message says: subject, correspondents, body and attachments."""
    parts = [message.subject, str(message.sender or ""), *map(str, (*message.to, *message.cc)), message.text]
    parts += [f"{attached.name}\n{attached.text}" for attached in message.attachments]
    return Received("\n".join(parts), message.sent.date().isoformat() if message.sent else "")


def run(bench: Bench, sets: Sequence[str], open_draft: OpenDraft = open_product) -> Measured:
    """Draft the reply to every e-mail of the sets and check it.

    Raises:
        CorpusFileError: The expectations of a set are missing or invalid, or an e-mail is absent.
        RetrievalError: The index can be neither opened nor built.
    """
    from corpus.fiches import load_statements

    emails = [(name, email) for name in sets for email in load_emails(name, bench.folder)]
    corpus = frozenset(statement.text for statement in load_statements()) | frozenset(
        passage.text for passage in bench.library.passages
    )
    draft = open_draft()
    scores = [_score(name, email, draft, bench.folder / name, corpus) for name, email in emails]
    return Measured(scores, sets=tuple(sets))


def _score(name: str, email: Email, draft: Draft, folder: Path, corpus: Collection[str]) -> Score:
    try:
        drafted = draft(folder / email.file, email.entry, email.day)
    except Exception as error:  # what could not be drafted counts against the product, and stops no other
        failed = {"draft": "", "error": f"{type(error).__name__} : {error}"}
        drafted = Drafted(failed, Received(""), 0.0)
    checks = check_draft(email, drafted.reply, drafted.received, corpus, drafted.elapsed_ms)
    if why := drafted.reply.get("error"):
        checks.insert(0, Check("error", "", str(why), False, str(why)))
    held = all(check.held for check in checks)
    wrong = sum(check.name == "verdict" and not check.held and bool(check.found) for check in checks)
    score = Score(
        f"{name}/{email.id}", held, tuple(checks), drafted.reply, drafted.elapsed_ms, set=name, type=email.type,
        theme=email.type, turns=(f"{email.file} : {' '.join(drafted.received.text.split())}",),
        date=email.day.isoformat(), expected=email.model_dump(mode="json"),
        measures={"wrong_verdicts": wrong, "reading_ms": drafted.reading_ms},
    )  # fmt: skip
    return _counts_alone(score) if name in HELD_OUT else score


def _counts_alone(score: Score) -> Score:
    """Return a score that tells nothing of its e-mail but which checks held."""
    checks = tuple(Check(check.name, "", "", check.held, check.name) for check in score.checks)
    return replace(score, checks=checks, reply={}, turns=(), expected={})


_MEASURES = {
    "question": "questions trouvées",
    "kind": "nature de la réponse",
    "verdict": "verdicts",
    "must": "faits que le projet doit porter",
    "fact": "faits lus",
    "points": "points à vérifier",
    "risk": "niveau de risque",
    "salutation": "formule d’appel",
    "asked_for": "pièces et faits demandés",
    "latency": "projet en moins d’une seconde",
}
_FAULTS = {
    "spurious": "questions en trop",
    "not_question": "passages d’historique ou de signature pris pour des questions",
    "fact_extra": "faits décisifs que le message ne dit pas",
    "figure": "chiffres, dates ou montants inventés",
    "forbidden": "contenus interdits",
    "promise": "projets qui engagent l’administration",
    "error": "messages qui n’ont pas donné de projet",
}


def beyond(scores: Sequence[Score]) -> list[str]:
    """Return what each check measures over all the e-mails, with Wilson intervals, then faults and durations."""
    return [*_shares(scores), "", *_faults(scores), *_durations(scores)]


def _shares(scores: Sequence[Score]) -> Iterator[str]:
    asking = [[check.held for check in score.checks if check.name == "question"] for score in scores]
    whole = [all(found) for found in asking if found]
    for label, held in (
        ("e-mails dont toute question est trouvée", whole),
        *(
            (label, [check.held for score in scores for check in score.checks if check.name == name])
            for name, label in _MEASURES.items()
        ),
    ):
        tally = Tally(sum(held), len(held))
        yield f"{label:<42}{tally.passed:>5} / {tally.n:<5}{share(tally)}"


def _faults(scores: Sequence[Score]) -> Iterator[str]:
    yield f"{'verdicts contraires':<70}{sum(score.measures['wrong_verdicts'] for score in scores):>4}"
    for name, label in _FAULTS.items():
        found = [check.held for score in scores for check in score.checks if check.name == name]
        of = f" sur {len(found)}" if name in ("spurious", "figure") else ""
        yield f"{label:<70}{found.count(False):>4}{of}"


def _durations(scores: Sequence[Score]) -> Iterator[str]:
    for label, times in (
        ("projet", [score.elapsed_ms for score in scores if score.elapsed_ms]),
        ("lecture du fichier", [score.measures["reading_ms"] for score in scores]),
    ):
        if times:
            median, high = quantile(times, 0.5), quantile(times, 0.95)
            yield f"{label} : médiane {median:.0f} ms, 95e centile {high:.0f} ms, maximum {max(times):.0f} ms"
