"""The command line of the evaluations."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from corpus.arguments import drop_output, prepare_streams
from corpus.errors import CorpusError
from evals.errors import EvalError
from evals.retrieval import run_retrieval
from index.errors import RetrievalError

_SUITES = ("answers", "understanding", "noise")


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
    suite = commands.add_parser("run", help="mesurer une suite : answers, understanding, noise")
    suite.add_argument("suite", choices=_SUITES, metavar="SUITE", help="answers, understanding ou noise")
    suite.add_argument(
        "--out", type=Path, metavar="FICHIER.jsonl", help="garder chaque réponse et ses raisons"
    )
    suite.set_defaults(run=_suite)
    return parser


def _suite(options: argparse.Namespace) -> int:
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
