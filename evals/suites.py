"""The suites by name, and how one is run and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from evals import (
    answers,
    dev,
    emails,
    grounding,
    metamorphic,
    noise,
    passages,
    refusals,
    rules,
    understanding,
)
from evals.runs import Run, make_header
from evals.suite import (
    ANSWER_SETS,
    EMAIL_HELD_OUT_SETS,
    EMAIL_SETS,
    EVERY_ANSWER_SET,
    REFUSAL_SETS,
    Bench,
    Suite,
)

SUITES: Mapping[str, Suite] = {
    "answers": Suite("Réponses", answers.run, ANSWER_SETS),
    "refusals": Suite("Refus", refusals.run, REFUSAL_SETS),
    "dev": Suite("Questions de développement", dev.run),
    "rules": Suite("Règles", rules.run, grouping="règle"),
    "understanding": Suite("Lecture des messages", understanding.run, grouping="jeu", beyond=understanding.beyond),
    "noise": Suite("Pages réelles", noise.measure, beyond=noise.beyond),
    "retrieval": Suite("Recherche dans le corpus", passages.run, ANSWER_SETS, beyond=passages.beyond),
    "grounding": Suite("Appui des chiffres", grounding.run, (*ANSWER_SETS, *REFUSAL_SETS), beyond=grounding.beyond),
    "metamorphic": Suite(
        "Variantes", metamorphic.run, ANSWER_SETS, grouping="transformation",
        beyond=metamorphic.beyond, interval=metamorphic.overall,
    ),
    "emails": Suite("Courriels", emails.run, EMAIL_SETS, beyond=emails.beyond),
    "emails_held_out": Suite(
        "Courriels tenus à l’écart", emails.run, EMAIL_HELD_OUT_SETS, beyond=emails.beyond, totals_only=True,
    ),
}  # fmt: skip
# What a whole measure reads: the held-out sets too.
WHOLE_SETS: Mapping[str, tuple[str, ...]] = {
    "answers": EVERY_ANSWER_SET,
    "retrieval": EVERY_ANSWER_SET,
    "grounding": (*EVERY_ANSWER_SET, *REFUSAL_SETS),
    "metamorphic": EVERY_ANSWER_SET,
}


def measure(name: str, bench: Bench, sets: Sequence[str] | None = None) -> Run:
    """Run a suite and return its run, not yet kept.

    Raises:
        EvalError: Something the suite needs is invalid.
        CorpusError: A set or a file of the corpus breaks its contract.
        RetrievalError: The index can be neither opened nor built.
    """
    started = datetime.now(UTC)
    suite = SUITES[name]
    measured = suite.run(bench, suite.sets if sets is None else sets)
    header = make_header(
        name,
        system=bench.subject.name,
        sets=measured.sets,
        started=started,
        corpus=bench.library.fingerprint,
        model=bench.library.model,
        n=len(measured.scores),
        notes=measured.notes,
    )
    return Run(header, tuple(measured.scores))
