"""The command line of the evaluations."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from corpus.arguments import drop_output, prepare_streams
from corpus.errors import CorpusError
from evals.errors import EvalError
from evals.retrieval import run_retrieval
from index.errors import RetrievalError

_SUITES = ("answers", "understanding", "noise", "retrieval", "relevance", "scale")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 2 when it failed (its reason is on stderr)."""
    prepare_streams()
    options = _parser().parse_args(arguments)
    try:
        status = int(options.run(options))
        sys.stdout.flush()
        return status
    except (EvalError, RetrievalError, CorpusError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except BrokenPipeError:
        return drop_output()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evals", description="Les mesures de l’assistant.")
    commands = parser.add_subparsers(title="commandes", required=True, metavar="COMMANDE")
    retrieval = commands.add_parser("retrieval", help="écrire des runs TREC sur un corpus au format BEIR")
    retrieval.add_argument(
        "corpus", type=Path, metavar="CORPUS.jsonl[.gz]", help="documents : _id, title, text"
    )
    retrieval.add_argument("queries", type=Path, metavar="QUERIES.jsonl", help="questions : _id, text")
    retrieval.add_argument("--out", type=Path, required=True, metavar="DOSSIER", help="où écrire les runs")
    retrieval.set_defaults(run=_retrieval)
    names = ", ".join(_SUITES)
    suite = commands.add_parser("run", help=f"mesurer une suite : {names}")
    suite.add_argument("suite", choices=_SUITES, metavar="SUITE", help=f"une de {names}")
    suite.add_argument(
        "--out", type=Path, metavar="FICHIER.jsonl", help="garder chaque réponse et ses raisons"
    )
    suite.add_argument("--sets", nargs="+", metavar="JEU", help="retrieval : ces jeux seulement")
    suite.add_argument("--systems", nargs="+", metavar="SYSTÈME", help="retrieval : ces systèmes seulement")
    suite.add_argument(
        "--sizes", nargs="+", type=int, metavar="N", help="scale : ces nombres de passages seulement"
    )
    suite.set_defaults(run=_suite)
    return parser


def _suite(options: argparse.Namespace) -> int:
    if options.suite in _OF_RETRIEVAL:
        return _OF_RETRIEVAL[options.suite](options)
    if options.suite == "understanding":
        from evals.understanding import measure

        print(measure())
        return 0
    if options.suite == "noise":
        from evals import noise

        print(noise.report(noise.run()))
        return 0
    from assistant.chain import open_assistant
    from evals.answers import as_row, load_samples, report, run

    scores = run(load_samples("answers"), open_assistant().ask)
    if options.out:
        rows = (json.dumps(as_row(score), ensure_ascii=False) for score in scores)
        options.out.write_text("\n".join(rows) + "\n", encoding="utf-8")
    print(report(scores))
    return 0


def _compare(options: argparse.Namespace) -> int:
    from corpus.paths import var_dir
    from corpus.progress import ProgressBar
    from evals import benchmark
    from index.encoder import Encoder
    from index.settings import IndexSettings

    wanted = _known(options.sets, [collection.name for collection in benchmark.COLLECTIONS], "jeu")
    systems = _known(options.systems, list(benchmark.SYSTEMS), "système")
    encoder = Encoder(IndexSettings().model)
    results, groups = {}, {}
    for collection in benchmark.COLLECTIONS:
        if collection.name in wanted:
            asked = benchmark.read_collection(collection)
            results[collection.name] = benchmark.compare(
                collection,
                asked,
                systems,
                encoder=encoder,
                cache=var_dir() / "cache" / "vectors",
                runs=var_dir() / "runs" / "retrieval",
                progress=ProgressBar("Encodage des passages"),
            )
            groups[collection.name] = asked.groups
    today = datetime.now().astimezone().date()
    text = benchmark.report(results, groups, encoder.fingerprint, today)
    if options.out:
        options.out.write_text("\n".join(benchmark.as_rows(results)) + "\n", encoding="utf-8")
    complete = all(len(found) == len(benchmark.SYSTEMS) for found in results.values())
    if complete and len(results) == len(benchmark.COLLECTIONS):
        benchmark.REPORTS.mkdir(exist_ok=True)
        (benchmark.REPORTS / "retrieval.md").write_text(text, encoding="utf-8")
    print(text)
    return 0


def _scale(options: argparse.Namespace) -> int:
    from evals import scale
    from index.encoder import Encoder

    rows = scale.run(options.sizes or scale.SIZES)
    text = scale.report(rows, Encoder().fingerprint, f"{datetime.now().astimezone():%Y-%m-%d}")
    if not options.sizes:
        scale.REPORT.parent.mkdir(exist_ok=True)
        scale.REPORT.write_text(text, encoding="utf-8")
        scale.draw_curves(rows, scale.IMAGE)
    print(text)
    return 0


def _relevance(_options: argparse.Namespace) -> int:
    from corpus.paths import var_dir
    from corpus.progress import ProgressBar
    from evals import relevance
    from index.encoder import Encoder
    from index.settings import IndexSettings

    cache, progress = var_dir() / "cache" / "vectors", ProgressBar("Encodage des passages")
    print(relevance.report(relevance.ask_everything(Encoder(IndexSettings().model), cache, progress)))
    return 0


_OF_RETRIEVAL = {"retrieval": _compare, "relevance": _relevance, "scale": _scale}


def _known(given: Sequence[str] | None, names: Sequence[str], what: str) -> Sequence[str]:
    """Return what was asked for, or everything.

    Raises:
        EvalError: A name is not one of those known.
    """
    for name in given or ():
        if name not in names:
            raise EvalError(f"Le {what} « {name} » est inconnu : l’un de {', '.join(names)} est attendu.")
    return given or names


def _retrieval(options: argparse.Namespace) -> int:
    from corpus.paths import var_dir
    from corpus.progress import ProgressBar
    from index.encoder import Encoder
    from index.settings import IndexSettings

    counts = run_retrieval(
        options.corpus,
        options.queries,
        options.out,
        encoder=Encoder(IndexSettings().model),
        cache=var_dir() / "cache" / "vectors",
        progress=ProgressBar("Encodage des passages"),
    )
    print(
        f"{counts['questions']} questions, {counts['documents']} documents ({counts['passages']} passages) : "
        f"lexical.run, dense.run et hybrid.run écrits dans {options.out}"
    )
    return 0
