"""How often « nothing relevant » is right: questions asked of a corpus that answers, and of one that cannot.

Each development question is asked three times: of its own corpus; of the same corpus without the documents that
answer it; and of the corpus of another set. Only in the first case can something relevant be found, and there it
is when a document that answers is among the first five. The model is fitted on three sets and judged on the fourth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evals.benchmark import COLLECTIONS, Questions, read_collection
from evals.retrieval import Opened
from index.encoder import PassageEncoder, Progress
from index.fusion import fuse_candidates
from index.relevance import Relevance
from index.scale import CosineScale

PRECISION = 0.9  # of « nothing relevant », wished for when the threshold is chosen
SAMPLE = 400  # questions of a set, so that none outweighs the others
DEPTH = 5
_SEED = 5

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Asked:
    """A question asked of a corpus: the best cosine, and whether an answer was found."""

    cosine: float
    case: str
    found: bool


@dataclass(frozen=True)
class Judged:
    """What the decision was worth on a set: its precision and recall, over ``n`` askings."""

    name: str
    precision: float
    recall: float
    kept: float
    n: int


def ask_everything(encoder: PassageEncoder, cache: Path, progress: Progress) -> dict[str, list[Asked]]:
    """Return every question of every set asked in the three ways, by the set of the question.

    Raises:
        EvalError: The sets are absent.
        RetrievalError: The encoder cannot be loaded.
    """
    sets = {collection.name: read_collection(collection) for collection in COLLECTIONS}
    opened = {
        name: Opened.of(questions.documents, encoder=encoder, cache=cache, progress=progress)
        for name, questions in sets.items()
    }
    names = list(sets)
    return {
        name: list(_ask(sets[name], opened[name], opened[names[rank - 1]], encoder))
        for rank, name in enumerate(names)
    }


def _ask(questions: Questions, own: Opened, other: Opened, encoder: PassageEncoder) -> list[Asked]:
    draw = np.random.default_rng(_SEED)
    chosen = [questions.questions[rank] for rank in draw.permutation(len(questions.questions))[:SAMPLE]]
    ranks = {document.id: rank for rank, document in enumerate(questions.documents)}
    rows = []
    for question, vector in zip(chosen, encoder.encode_queries([one.text for one in chosen]), strict=True):
        answers = [ranks[key] for key in questions.answers[question.id] if key in ranks]
        everything = np.ones(len(own.vectors), bool)
        without = ~np.isin(own.cut.owner, answers)
        rows.append(_search(own, question.text, vector, everything, "own", answers, encoder.scale))
        rows.append(_search(own, question.text, vector, without, "without", [], encoder.scale))
        rows.append(
            _search(
                other, question.text, vector, np.ones(len(other.vectors), bool), "other", [], encoder.scale
            )
        )
    return rows


def _search(
    opened: Opened,
    text: str,
    vector: NDArray[np.float32],
    allowed: NDArray[np.bool_],
    case: str,
    answers: Sequence[int],
    scale: CosineScale,
) -> Asked:
    words = opened.index.scores(text)
    dense = np.where(allowed, (opened.vectors @ vector).astype(np.float64), np.nan)
    positions, _ = fuse_candidates(dense, np.where(allowed, words.total, 0.0))
    first = list(dict.fromkeys(opened.cut.owner[positions].tolist()))[:DEPTH]
    return Asked(scale(float(np.nanmax(dense))), case, bool(set(first) & set(answers)))


def fit(rows: Sequence[Asked]) -> Relevance:
    """Return the logistic model of « found », and the largest threshold whose precision is the one wished for.

    Newton's method; the two kinds of rows weigh the same.
    """
    features = np.array([[1.0, row.cosine] for row in rows])
    found = np.array([row.found for row in rows], float)
    weights = np.where(found > 0, 0.5 / max(1.0, found.sum()), 0.5 / max(1.0, (1 - found).sum()))
    values = np.zeros(2)
    for _ in range(50):
        guess = 1 / (1 + np.exp(-features @ values))
        slope = features.T @ (weights * (found - guess))
        curve = (features * (weights * guess * (1 - guess))[:, None]).T @ features + 1e-9 * np.eye(2)
        values = values + np.linalg.solve(curve, slope)
    intercept, cosine = (round(float(value), 4) for value in values)
    model = Relevance(intercept, cosine, threshold=0.0)
    return replace(model, threshold=_threshold(model, rows))


def _threshold(model: Relevance, rows: Sequence[Asked]) -> float:
    guesses = np.array([model.probability(row.cosine) for row in rows])
    order = np.argsort(guesses)
    absent = np.array([not rows[rank].found for rank in order])
    precision = np.cumsum(absent) / np.arange(1, len(rows) + 1)
    right = np.flatnonzero(precision >= PRECISION)
    return round(float(guesses[order[right[-1]]]), 4) if len(right) else 0.0


def judge(name: str, model: Relevance, rows: Sequence[Asked]) -> Judged:
    """Return the precision and recall of « nothing relevant », and the share of the answers found that are kept."""
    said = np.array([model.probability(row.cosine) < model.threshold for row in rows])
    absent = np.array([not row.found for row in rows])
    return Judged(
        name,
        float((said & absent).sum() / max(1, said.sum())),
        float((said & absent).sum() / max(1, absent.sum())),
        float((~said & ~absent).sum() / max(1, (~absent).sum())),
        len(rows),
    )


def cross_validate(rows: Mapping[str, Sequence[Asked]]) -> list[Judged]:
    """Return what the decision is worth on each set, fitted on the others."""
    return [
        judge(name, fit([row for other in rows if other != name for row in rows[other]]), rows[name])
        for name in rows
    ]


def report(rows: Mapping[str, Sequence[Asked]]) -> str:
    """Return the cross-validated figures and the model fitted on everything."""
    lines = [
        "« Rien de probant », ajusté sur trois jeux et jugé sur le quatrième :",
        "",
        "| jeu | précision | rappel | réponses trouvées gardées | n |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {one.name} | {one.precision:.3f} | {one.recall:.3f} | {one.kept:.3f} | {one.n} |"
        for one in cross_validate(rows)
    ]
    everything = [row for some in rows.values() for row in some]
    for case in ("own", "without", "other"):
        some = [row for row in everything if row.case == case]
        model = fit(everything)
        said = np.mean([model.probability(row.cosine) < model.threshold for row in some])
        lines.append(f"{case} : « rien de probant » {said:.3f} (n = {len(some)})")
    lines += ["", f"Modèle ajusté sur tous les jeux : {asdict(fit(everything))}"]
    return "\n".join(lines)
