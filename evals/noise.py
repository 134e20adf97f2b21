"""Measure what the corpus keeps of real pages: none of what surrounds their text, all of what they state."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from corpus.documents import add_document, load_content
from corpus.records import Record, read_records
from evals.errors import EvalError
from evals.scoring import Check, Score
from evals.suite import Bench, Measured
from index.chunking import document_passages

SET = Path(__file__).parent / "sets" / "noise.yaml"
SEEDS = Path(__file__).parents[2] / "shared" / "domain" / "seeds"


class Page(Record):
    """A page, and the fragments that its passages must not hold (noise) or must hold (facts)."""

    file: str
    title: str
    noise: tuple[str, ...]
    facts: tuple[str, ...]


@dataclass(frozen=True)
class Kept:
    """What was found wrong with the passages of a page."""

    page: Page
    passages: int
    noise: tuple[str, ...]
    lost: tuple[str, ...]


def run(seeds: Path = SEEDS, path: Path = SET) -> list[Kept]:
    """Add each page to an empty corpus, cut it as the index does, and return what was kept and lost.

    Raises:
        EvalError: The pages are not there: they are kept beside the project, not in it.
    """
    if not seeds.is_dir():
        raise EvalError(
            f"{seeds} est absent\u00a0: cette mesure a besoin des documents d’amorce, gardés hors du dépôt."
        )
    results = []
    for _, page in read_records(path, Page):
        with tempfile.TemporaryDirectory() as temporary:
            record = add_document(
                seeds / page.file,
                title=page.title,
                publisher="Document d’amorce",
                issued="2025",
                today=date(2026, 11, 22),
                var=Path(temporary),
            )
            passages = document_passages(record, load_content(record, Path(temporary)))
        text = _plain("\n".join(passage.indexed_text for passage in passages))
        results.append(
            Kept(
                page,
                len(passages),
                tuple(mark for mark in page.noise if _plain(mark) in text),
                tuple(fact for fact in page.facts if _plain(fact) not in text),
            )
        )
    return results


def measure(bench: Bench, _sets: Sequence[str] = ()) -> Measured:
    """Return a score a page: one passes when no noise was indexed and no fact lost; nothing when they are absent."""
    seeds = bench.beside / "domain" / "seeds"
    if not seeds.is_dir():
        return Measured([], (f"Les documents d’amorce ({seeds}) sont absents : rien n’est mesuré.",))
    scores = []
    for kept in run(seeds):
        checks = [
            Check(
                "noise",
                mark,
                mark if mark in kept.noise else "",
                mark not in kept.noise,
                f"bruit indexé : {mark}",
            )
            for mark in kept.page.noise
        ]
        checks += [
            Check(
                "fact", fact, "" if fact in kept.lost else fact, fact not in kept.lost, f"fait perdu : {fact}"
            )
            for fact in kept.page.facts
        ]
        passed = all(check.held for check in checks)
        scores.append(
            Score(kept.page.file, passed, tuple(checks), set="pages", type="page", turns=(kept.page.title,))
        )
    return Measured(scores, sets=("noise",))


def beyond(scores: Sequence[Score]) -> list[str]:
    """Say how many fragments of noise were indexed, and how many facts lost."""
    lines = []
    for name, label in (("noise", "bruit indexé"), ("fact", "faits perdus")):
        checks = [check for score in scores for check in score.checks if check.name == name]
        lines.append(f"{label} : {sum(not check.held for check in checks)} sur {len(checks)}")
    return lines


def report(results: list[Kept]) -> str:
    """Return the figures as text, the failures named."""
    noise = sum(len(kept.page.noise) for kept in results)
    facts = sum(len(kept.page.facts) for kept in results)
    indexed = sum(len(kept.noise) for kept in results)
    lost = sum(len(kept.lost) for kept in results)
    lines = [
        f"{len(results)} pages, {sum(kept.passages for kept in results)} passages",
        f"bruit indexé\u00a0: {indexed} fragments sur {noise}",
        f"faits perdus\u00a0: {lost} sur {facts}",
    ]
    for kept in results:
        if kept.noise or kept.lost:
            lines.append(f"  {kept.page.file}\u00a0: bruit {list(kept.noise)}, perdus {list(kept.lost)}")
    return "\n".join(lines)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("’", "'")
