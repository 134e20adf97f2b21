"""The retrieval suite: the product's index and what a user would otherwise pick, on the same French questions."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evals.errors import EvalError
from evals.retrieval import (
    Cut,
    Entry,
    Ranking,
    best_documents,
    rank_questions,
    read_entries,
    read_run,
    write_run,
)
from index.encoder import PassageEncoder, Progress
from index.journal import Journal
from index.lexical import LexicalIndex

DATA = Path(__file__).parents[2] / "shared" / "data"
REPORTS = Path(__file__).parent / "reports"
RESAMPLES = 2_000
_SEED = 7

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Collection:
    """A set: where it is, what is measured, the value to reach, and what a peer published on such questions."""

    name: str
    metric: str
    reach: float
    peer: str = ""
    by_intent: bool = False


COLLECTIONS = (
    Collection("service_public_citoyens", "hit@5", 0.66, "Etalab, Elasticsearch BM25 : .481 (n = 324)"),
    Collection("code_travail_prequalifie", "nDCG@10", 0.43, by_intent=True),
    Collection("cnil_besoin_aide", "hit@10", 0.92, "moteur de la CNIL, 2021 : .642 (n = 159)"),
    Collection("piaf_v1_0", "nDCG@10", 0.83),
)
OWN = ("lexical", "dense", "hybrid")
METRICS = ("nDCG@10", "hit@5", "hit@10")
SYSTEMS = {
    "bm25": "BM25, documents entiers",
    "quickstart": "LangChain, démarrage rapide (all-MiniLM-L6-v2)",
    "e5": "multilingual-e5-small tel que publié",
    "lexical": "ce projet, mots",
    "dense": "ce projet, sens",
    "hybrid": "ce projet, les deux",
}


@dataclass(frozen=True)
class Questions:
    """The development questions of a set: their graded answers, and the groups their scores are averaged in."""

    documents: list[Entry]
    questions: list[Entry]
    answers: dict[str, dict[str, int]]
    groups: dict[str, str]


@dataclass(frozen=True)
class Figure:
    """A mean with its 95 % bootstrap interval, over ``n`` questions or groups of questions."""

    mean: float
    low: float
    high: float
    n: int


def read_collection(collection: Collection, data: Path = DATA) -> Questions:
    """Return a set kept beside the project.

    Raises:
        EvalError: The set is absent or a line of it is invalid.
    """
    folder = data / collection.name
    if not folder.is_dir():
        raise EvalError(f"{folder} est absent : les jeux de recherche sont gardés à côté du projet.")
    answers: dict[str, dict[str, int]] = {}
    with (folder / "qrels.dev.tsv").open(encoding="utf-8") as stream:
        for row in csv.reader(stream, delimiter="\t"):
            if row and row[0] != "query-id" and row[-1].isdigit():
                answers.setdefault(row[0], {})[row[-2]] = int(row[-1])
    questions = [
        question
        for question in read_entries(folder / "queries.dev.jsonl")
        if any(answers.get(question.id, {}).values())
    ]
    groups = {question.id: question.id for question in questions}
    if collection.by_intent:
        with (folder / "intents.dev.tsv").open(encoding="utf-8") as stream:
            groups |= {row[0]: row[1] for row in csv.reader(stream, delimiter="\t") if row[0] in groups}
    return Questions(read_entries(folder / "corpus.jsonl.gz"), questions, answers, groups)


def whole_documents(
    documents: Sequence[Entry], questions: Sequence[Entry], depth: int = 100
) -> Iterator[tuple[str, Ranking]]:
    """Yield the rankings of plain BM25 (French stems, k1 = 1.2, b = .75) over whole documents with their titles."""
    index = LexicalIndex.of(f"{document.title}\n{document.text}" for document in documents)
    for question in questions:
        scores = index.scores(question.text)
        order = np.argsort(-scores, kind="stable")[:depth]
        yield question.id, [(documents[rank].id, float(scores[rank])) for rank in order if scores[rank] > 0]


def nearest_passages(
    documents: Sequence[Entry],
    questions: Sequence[Entry],
    *,
    encoder: PassageEncoder,
    cache: Path,
    progress: Progress,
) -> Iterator[tuple[str, Ranking]]:
    """Yield the rankings of an encoder alone over passages under their title, as e5's authors use it.

    Raises:
        RetrievalError: The encoder cannot be loaded.
    """
    cut = Cut.of(documents)
    vectors, _ = Journal(cache, encoder).encode(cut.texts, progress)
    for question, vector in zip(questions, encoder.encode_queries([q.text for q in questions]), strict=True):
        best = best_documents(cut.owner, (vectors @ vector).astype(np.float64))
        yield question.id, [(documents[rank].id, score) for rank, score in best]


def measure(run: Mapping[str, Ranking], asked: Questions) -> dict[str, dict[str, float]]:
    """Return the value of each metric for each question, nought for a question without a result (ir-measures)."""
    import ir_measures
    from ir_measures import Success, nDCG

    metrics = {"nDCG@10": nDCG @ 10, "hit@5": Success @ 5, "hit@10": Success @ 10}
    names = {str(metric): name for name, metric in metrics.items()}
    answers = {question.id: asked.answers[question.id] for question in asked.questions}
    given = {question.id: dict(run.get(question.id, [])) for question in asked.questions}
    found: dict[str, dict[str, float]] = {name: dict.fromkeys(answers, 0.0) for name in METRICS}
    for value in ir_measures.iter_calc(list(metrics.values()), answers, given):
        found[names[str(value.measure)]][value.query_id] = value.value
    return found


def average(values: Mapping[str, float], groups: Mapping[str, str]) -> Figure:
    """Return the mean over groups of the mean over their questions; groups are drawn again for the interval."""
    by_group: dict[str, list[float]] = {}
    for question, value in values.items():
        by_group.setdefault(groups[question], []).append(value)
    means: Values = np.array([np.mean(members) for members in by_group.values()])
    draw = np.random.default_rng(_SEED)
    drawn = means[draw.integers(0, len(means), (RESAMPLES, len(means)))].mean(axis=1)
    low, high = np.percentile(drawn, (2.5, 97.5))
    return Figure(float(means.mean()), float(low), float(high), len(means))


def compare(
    collection: Collection,
    asked: Questions,
    systems: Sequence[str],
    *,
    encoder: PassageEncoder,
    cache: Path,
    runs: Path,
    progress: Progress,
) -> dict[str, dict[str, dict[str, float]]]:
    """Return the metrics of each system on a set, question by question; runs are kept under ``runs``.

    Of the systems that are not asked for, those whose run is kept already are measured from it; runs of the project's
    own systems are kept by encoder.

    Raises:
        RetrievalError: An encoder cannot be loaded.
        EvalError: A run cannot be written, or the package of a baseline is missing.
    """
    found: dict[str, dict[str, Ranking]] = {}
    if "bm25" in systems:
        found["bm25"] = dict(whole_documents(asked.documents, asked.questions))
    if "quickstart" in systems:
        from evals.quickstart import search

        found["quickstart"] = search(asked.documents, asked.questions, cache, progress)
    if "e5" in systems:
        from index.encoder import Encoder
        from index.model_folder import import_wheel_model

        published = Encoder(str(import_wheel_model()))
        ranked = nearest_passages(
            asked.documents, asked.questions, encoder=published, cache=cache, progress=progress
        )
        found["e5"] = dict(ranked)
    own = [name for name in OWN if name in systems]
    if own:
        found |= {name: {} for name in own}
        for one in rank_questions(
            asked.documents, asked.questions, encoder=encoder, cache=cache, progress=progress
        ):
            for name in own:
                found[name][one.question] = one.documents[name]
    paths = {name: _kept(runs, name, collection, encoder) for name in SYSTEMS}
    for name, run in found.items():
        write_run(paths[name], name, run)
    found |= {name: read_run(path) for name, path in paths.items() if name not in found and path.is_file()}
    return {name: measure(found[name], asked) for name in SYSTEMS if name in found}


def _kept(runs: Path, system: str, collection: Collection, encoder: PassageEncoder) -> Path:
    folder = runs / encoder.fingerprint if system in OWN else runs
    return folder / system / f"{collection.name}.run"


def report(
    results: Mapping[str, Mapping[str, Mapping[str, Mapping[str, float]]]],
    groups: Mapping[str, Mapping[str, str]],
    encoder: str,
    day: date,
) -> str:
    """Return the table of the figures, in Markdown."""
    lines = [
        "# Retrieval: development sets",
        "",
        f"{day.isoformat()}, encoder `{encoder}`, `python -m evals run benchmark`. Mean and 95 % bootstrap interval",
        f"({RESAMPLES} resamples of the questions; of the intents for code_travail_prequalifie, whose mean is over intents).",
        "A document is scored by its best passage, and the search is exact. In bold, the metric that has a target.",
        "The encoder that ships was trained on 70 % of the questions of code_travail_prequalifie and piaf_v1_0, and on none",
        "of the others: its card (index/training/README.md) tells what it is worth on questions it never saw.",
        "",
    ]
    for collection in COLLECTIONS:
        if collection.name not in results:
            continue
        lines += [f"## {collection.name}", ""]
        lines += [
            f"Target: {collection.metric} at least {collection.reach:.2f}. {collection.peer}".strip(),
            "",
        ]
        lines += ["| system | " + " | ".join(METRICS) + " | n |", "|---|---|---|---|---|"]
        for name, label in SYSTEMS.items():
            if name not in results[collection.name]:
                continue
            figures = {
                metric: average(results[collection.name][name][metric], groups[collection.name])
                for metric in METRICS
            }
            cells = [_cell(figures[metric], metric == collection.metric) for metric in METRICS]
            lines.append(f"| {label} | {' | '.join(cells)} | {figures[METRICS[0]].n} |")
        lines.append("")
    return "\n".join(lines)


def _cell(figure: Figure, bold: bool) -> str:
    mean = f"**{_short(figure.mean)}**" if bold else _short(figure.mean)
    return f"{mean} [{_short(figure.low)} ; {_short(figure.high)}]"


def _short(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")


def as_rows(results: Mapping[str, Mapping[str, Mapping[str, Mapping[str, float]]]]) -> Iterator[str]:
    """Yield one JSON line a set, system and question, for whoever compares two runs."""
    for collection, systems in results.items():
        for system, metrics in systems.items():
            for question in metrics[METRICS[0]]:
                values = {metric: round(metrics[metric][question], 6) for metric in METRICS}
                yield json.dumps({"set": collection, "system": system, "question": question, **values})


def targets(
    results: Mapping[str, Mapping[str, Mapping[str, Mapping[str, float]]]],
    groups: Mapping[str, Mapping[str, str]],
) -> list[dict[str, object]]:
    """Return, for each set, the figure of the hybrid search beside what it should reach."""
    rows = []
    for collection in COLLECTIONS:
        if "hybrid" in results.get(collection.name, {}):
            figure = average(results[collection.name]["hybrid"][collection.metric], groups[collection.name])
            rows.append(
                {"set": collection.name, "metric": collection.metric, "reach": collection.reach}
                | asdict(figure)
            )
    return rows
