"""The suite of retrieval over the product's own corpus: is the passage that answers among the first found?

The questions are those of the answer sets whose expectation cites sources, searched as the product reads them. A
passage is right when its source is one of those expected; more narrowly, when it carries a fact that the
expectation rests on.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from evals.scoring import Check, Sample, Score, wilson
from evals.suite import Bench, Measured

if TYPE_CHECKING:
    from index.passage import Hit, Passage
    from index.retriever import Retriever

ARMS = ("lexical", "dense", "hybrid")
DEPTHS = (1, 5, 10)
DEPTH = 10
_POOL = 200  # hits ranked anew by the score of one arm: its own first ten are among them
_RESAMPLES = 2_000
_SEED = 7


def run(bench: Bench, sets: Sequence[str]) -> Measured:
    """Search every question with the words alone, the meaning alone, and both.

    Raises:
        CorpusFileError: A set is missing or a record of it is invalid.
        RetrievalError: The index can be neither opened nor built.
    """
    from corpus.fiches import load_statements

    facts = {statement.id: frozenset(statement.refs) for statement in load_statements()}
    asked = [(name, sample) for name, sample in bench.samples(sets) if sample.expect.cite]
    retriever = bench.library.retriever
    return Measured([_score(name, sample, retriever, facts) for name, sample in asked], sets=tuple(sets))


def rank_arms(hits: Sequence[Hit]) -> dict[str, list[Passage]]:
    """Return the first passages by the words, by the meaning, and as the product ranks them, best first."""
    words = sorted((hit for hit in hits if hit.lexical), key=lambda hit: -(hit.lexical or 0.0))
    meaning = sorted((hit for hit in hits if hit.dense is not None), key=lambda hit: -(hit.dense or 0.0))
    arms = {"lexical": words, "dense": meaning, "hybrid": list(hits)}
    return {name: [hit.passage for hit in ranked[:DEPTH]] for name, ranked in arms.items()}


def _score(name: str, sample: Sample, retriever: Retriever, facts: Mapping[str, frozenset[str]]) -> Score:
    sources = frozenset(source for group in sample.expect.cite for source in group)
    wanted = frozenset(sample.ref)
    narrow = any(refs & wanted for refs in facts.values())
    queries = _queries(sample)
    ranks: dict[str, int | None] = {}
    searched = [rank_arms(retriever.search(query, k=_POOL)) for query in queries]
    for arm in ARMS:
        found = [passages[arm] for passages in searched]
        ranks[f"{arm} source"] = _rank(found, lambda passage: bool(sources & set(passage.sources)))
        if narrow:
            ranks[f"{arm} fait"] = _rank(
                found, lambda passage: bool(wanted & facts.get(passage.id, frozenset()))
            )
    judged = "hybrid fait" if narrow else "hybrid source"
    rank = ranks[judged]
    check = Check(
        judged,
        f"rang ≤ {DEPTH}",
        "" if rank is None else f"rang {rank}",
        rank is not None,
        f"rien parmi les {DEPTH} premiers ({judged})",
    )
    return dataclasses.replace(
        Score.of(sample, [check], {}, 0.0, set=name, measures=ranks),
        elapsed_ms=None,
        expected={"sources": sorted(sources), "faits": sorted(wanted), "cherché": list(queries)},
    )


def _queries(sample: Sample) -> list[str]:
    """Return what the product searches: one query a question of the message."""
    from assistant.understanding.reading import read_questions

    return [reading.query for reading in read_questions(sample.turns, sample.date)]


def _rank(found: Sequence[Sequence[Passage]], right: Callable[[Passage], bool]) -> int | None:
    """Return the best rank, from 1, of a right passage in any of the lists."""
    ranks = [rank for passages in found for rank, passage in enumerate(passages, 1) if right(passage)]
    return min(ranks, default=None)


def figures(scores: Sequence[Score]) -> Iterator[tuple[str, str, int, list[tuple[float, float, float]]]]:
    """Yield (arm, what is right, n, values): hit at 1, 5 and 10 with Wilson intervals, then MRR@10 with a bootstrap's."""
    for what in ("source", "fait"):
        for arm in ARMS:
            key = f"{arm} {what}"
            ranks = [score.measures[key] for score in scores if key in score.measures]
            if not ranks:
                continue
            values = []
            for depth in DEPTHS:
                hits = sum(rank is not None and rank <= depth for rank in ranks)
                values.append((hits / len(ranks), *wilson(hits, len(ranks))))
            inverse = np.array([1 / rank if rank else 0.0 for rank in ranks])
            draws = np.random.default_rng(_SEED).integers(0, len(inverse), (_RESAMPLES, len(inverse)))
            low, high = np.percentile(inverse[draws].mean(axis=1), (2.5, 97.5))
            values.append((float(inverse.mean()), float(low), float(high)))
            yield arm, what, len(ranks), values


def beyond(scores: Sequence[Score]) -> list[str]:
    """Return the table of the three searches."""
    heads = "".join(f"{head:<23}" for head in ("hit@1", "hit@5", "hit@10", "MRR@10"))
    lines = [f"{'recherche':<11}{'juste par':<11}{'n':>5}   {heads}".rstrip()]
    for arm, what, n, values in figures(scores):
        cells = "".join(f"{f'{mean:.3f} [{low:.3f} ; {high:.3f}]':<23}" for mean, low, high in values)
        lines.append(f"{arm:<11}{what:<11}{n:>5}   {cells}".rstrip())
    return lines
