"""How the index bears a growing corpus: time to build and to ask, memory, and what the approximate search loses.

Passages are made by shuffling the sentences of the product's own corpus, and their vectors by moving those of its
passages at random: they crowd together as real ones do, which vectors drawn anywhere would not. Each size runs in a
process of its own, so that the memory measured is its own.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.errors import EvalError

SIZES = (1_000, 10_000, 100_000, 1_000_000)
REPORT = Path(__file__).parent / "reports" / "scale.md"
IMAGE = Path(__file__).parents[1] / "docs" / "images" / "retrieval-scale.svg"

_QUERIES = 200
_DEPTH = 100  # passages asked of the store for a question, as the retriever does
_MOVE = 0.6  # length of the random part of a vector, beside the unit vector it starts from
_SENTENCES = 2
_SEED = 11


@dataclass(frozen=True)
class Row:
    """What was measured at a size; times in seconds or milliseconds, memory in megabytes, recalls from 0 to 1."""

    passages: int
    build_vectors_s: float
    build_words_s: float
    open_s: float
    disk_mb: float
    memory_mb: float
    vectors_ms: float
    words_ms: float
    query_ms: float
    query_p95_ms: float
    recall_10: float
    recall_100: float


def run(sizes: Sequence[int] = SIZES) -> list[Row]:
    """Measure each size in a process of its own.

    Raises:
        EvalError: A process failed.
    """
    rows = []
    for size in sizes:
        command = [sys.executable, "-m", "evals.scale", str(size)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise EvalError(f"La mesure à {size} passages a échoué : {done.stderr.strip().splitlines()[-1:]}")
        rows.append(Row(**json.loads(done.stdout)))
        sys.stderr.write(f"{size} passages : {rows[-1]}\n")
    return rows


def measure(size: int) -> Row:
    """Build an index of ``size`` synthetic passages with the product's parts, ask it, and compare with exact search."""
    from index.encoder import Encoder
    from index.fields import Entry, FieldedIndex
    from index.passage import Passage
    from index.retriever import Retriever
    from index.store import Place, Store, write_store

    encoder = Encoder()
    texts, seeds = _corpus(encoder)
    draw = np.random.default_rng(_SEED)
    encoder.encode_queries(["amorce"])
    before = _memory()
    passages = [_passage(rank, texts, draw, Passage) for rank in range(size)]
    vectors = _moved(seeds, size, draw)
    with tempfile.TemporaryDirectory() as temporary:
        directory = Path(temporary)
        place = Place.embedded(directory / "vectors")
        started = time.perf_counter()
        write_store(place, [passage.id for passage in passages], vectors)
        build_vectors = time.perf_counter() - started
        started = time.perf_counter()
        entries = [Entry(passage.path, passage.text, passage.document) for passage in passages]
        FieldedIndex.of(entries).save(directory / "words")
        build_words = time.perf_counter() - started
        np.save(directory / "vectors.npy", vectors.astype(np.float16))
        started = time.perf_counter()
        words = FieldedIndex.load(directory / "words")
        kept: NDArray[np.float16] = np.load(directory / "vectors.npy", mmap_mode="r")
        retriever = Retriever(passages, store := Store(place), encoder, words, kept)
        opened = time.perf_counter() - started
        questions = [texts[rank] for rank in draw.integers(0, len(texts), _QUERIES)]
        asked = encoder.encode_queries(questions)
        store.nearest(asked[0], _DEPTH)
        searched = [_timed(lambda vector=vector: store.nearest(vector, _DEPTH)) for vector in asked]
        counted = [_timed(lambda question=question: words.scores(question)) for question in questions]
        whole = [
            _timed(lambda question=question: retriever.search(question, 20))[0] for question in questions
        ]
        recalls = [
            _recalls(found, vectors, vector) for (_, found), vector in zip(searched, asked, strict=True)
        ]
        disk = sum(path.stat().st_size for path in directory.rglob("*") if path.is_file()) / 1e6
        row = Row(
            passages=size,
            build_vectors_s=round(build_vectors, 1),
            build_words_s=round(build_words, 1),
            open_s=round(opened, 2),
            disk_mb=round(disk, 1),
            memory_mb=round(_memory() - before - vectors.nbytes / 1e6, 1),
            vectors_ms=round(float(np.median([spent for spent, _ in searched])), 2),
            words_ms=round(float(np.median([spent for spent, _ in counted])), 2),
            query_ms=round(float(np.median(whole)), 2),
            query_p95_ms=round(float(np.percentile(whole, 95)), 2),
            recall_10=round(float(np.mean([recall for recall, _ in recalls])), 4),
            recall_100=round(float(np.mean([recall for _, recall in recalls])), 4),
        )
        retriever.close()
    return row


def _corpus(encoder: Any) -> tuple[list[str], NDArray[np.float32]]:
    """Return the statements of the product's own corpus with their vectors, kept between runs."""
    from corpus.fiches import load_statements
    from corpus.paths import var_dir
    from index.journal import Journal

    texts = [statement.text for statement in load_statements()]
    vectors, _ = Journal(var_dir() / "cache" / "vectors", encoder).encode(texts, lambda *_: None)
    return texts, vectors


def _moved(seeds: NDArray[np.float32], size: int, draw: np.random.Generator) -> NDArray[np.float32]:
    vectors = np.empty((size, seeds.shape[1]), np.float32)
    for start in range(0, size, 50_000):
        some = vectors[start : start + 50_000]
        some[:] = seeds[draw.integers(0, len(seeds), len(some))]
        noise = draw.standard_normal(some.shape, np.float32)
        some += _MOVE * noise / np.linalg.norm(noise, axis=1, keepdims=True)
        some /= np.linalg.norm(some, axis=1, keepdims=True)
    return vectors


def _passage(rank: int, texts: Sequence[str], draw: np.random.Generator, kind: Any) -> Any:
    text = " ".join(texts[place] for place in draw.integers(0, len(texts), _SENTENCES))
    document = f"d{rank // 20}"
    return kind(
        id=f"{document}#{rank}",
        text=text,
        sources=(document,),
        document=document,
        title=f"Document {rank // 20}",
        heading=(),
        location="p. 1",
        page=1,
        kind="document",
        annees=(),
        voies=(),
        territoires=(),
        nature="fait",
    )


def _timed(work: Any) -> tuple[float, Any]:
    started = time.perf_counter()
    result = work()
    return 1_000 * (time.perf_counter() - started), result


def _recalls(
    found: Sequence[tuple[str, float]], vectors: NDArray[np.float32], asked: NDArray[np.float32]
) -> tuple[float, float]:
    """Return which share of the ten and of the hundred truly nearest passages was found."""
    exact = vectors @ asked
    ranks = [int(key.split("#")[1]) for key, _ in found]
    shares = []
    for depth in (10, min(_DEPTH, len(vectors))):
        nearest = np.argpartition(-exact, depth - 1)[:depth]
        shares.append(len(set(ranks[:depth]) & set(nearest.tolist())) / depth)
    return shares[0], shares[1]


def _memory() -> float:
    """Return the memory of this process now, in megabytes."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(
            line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmRSS")
        )
        return int(line.split()[1]) / 1_000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000


def report(rows: Sequence[Row], encoder: str, day: str) -> str:
    """Return the table of the sizes, in Markdown."""
    names = [field.name for field in fields(Row)]
    lines = [
        "# Retrieval: a growing corpus",
        "",
        f"{day}, encoder `{encoder}`, two cores, `python -m evals run scale`; {_QUERIES} questions a size.",
        "Passages of some 500 characters and their vectors are synthetic (`evals/scale.py` says how). `query_ms` is a",
        "whole search: encode, both arms, fusion, hits. Memory is what the index adds once open, passages included,",
        "without the copy of the vectors that the measure keeps. Recall is that of the embedded Chroma against exact",
        "search, at the 10 and 100 nearest.",
        "",
        "![Curves](../../docs/images/retrieval-scale.svg)",
        "",
        "| " + " | ".join(names) + " |",
        "|" + "---|" * len(names),
        *("| " + " | ".join(str(value) for value in asdict(row).values()) + " |" for row in rows),
        "",
    ]
    return "\n".join(lines)


def draw_curves(rows: Sequence[Row], path: Path) -> None:
    """Draw time, memory and recall against the number of passages, as SVG.

    Raises:
        EvalError: matplotlib is missing.
    """
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise EvalError("Le paquet matplotlib manque : make install-dev.") from error
    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "scale"
    from matplotlib import pyplot

    sizes = [row.passages for row in rows]
    figure, panels = pyplot.subplots(1, 4, figsize=(15, 3.6), layout="constrained")
    curves = (
        (
            "Build (s)",
            True,
            {"vectors": [r.build_vectors_s for r in rows], "words": [r.build_words_s for r in rows]},
        ),
        (
            "Query, median (ms)",
            True,
            {
                "whole": [r.query_ms for r in rows],
                "vectors": [r.vectors_ms for r in rows],
                "words": [r.words_ms for r in rows],
            },
        ),
        ("Memory added (MB)", True, {"index": [r.memory_mb for r in rows]}),
        (
            "Recall against exact",
            False,
            {"at 10": [r.recall_10 for r in rows], "at 100": [r.recall_100 for r in rows]},
        ),
    )
    for panel, (title, logarithmic, lines) in zip(panels, curves, strict=True):
        for label, values in lines.items():
            panel.plot(sizes, values, marker="o", label=label)
        panel.set_xscale("log")
        if logarithmic:
            panel.set_yscale("log")
        else:
            panel.set_ylim(0, 1.02)
        panel.set_title(title)
        panel.set_xlabel("passages")
        panel.grid(alpha=0.3)
        panel.legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(measure(int(sys.argv[1])))))
