"""The command line of the evaluations."""

from __future__ import annotations

import argparse
import contextlib
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from corpus.arguments import drop_output, prepare_streams
from corpus.errors import CorpusError
from evals.arguments import ALL, SCORED, WITH_MODEL, build_parser
from evals.errors import EvalError
from evals.retrieval import run_retrieval
from index.errors import RetrievalError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, 1 when a gate does not hold, or 2 when it failed (its reason is on stderr)."""
    prepare_streams()
    options = build_parser().parse_args(arguments)
    try:
        status = _COMMANDS[options.command](options)
        sys.stdout.flush()
        return status
    except (EvalError, RetrievalError, CorpusError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except BrokenPipeError:
        return drop_output()


def _suite(options: argparse.Namespace) -> int:
    if options.model is not None:
        return _with_model(options)
    if options.limit is not None or options.resume:
        raise EvalError("--limit et --resume ne valent qu’avec --model.")
    if options.suite in _UNSCORED:
        return _UNSCORED[options.suite](options)
    if options.suite == "retrieval" and (options.systems or set(options.sets or ()) & _collections()):
        return _benchmark(options)
    from evals.runs import write_run
    from evals.subject import PRODUCT, Subject
    from evals.suite import Bench
    from evals.suites import WHOLE_SETS, measure
    from evals.summary import render

    if options.system == PRODUCT:
        bench = Bench(jobs=options.jobs)
    elif options.system == "quickstart" and options.suite in ("answers", ALL):
        from evals.baseline import open_quickstart

        bench = Bench(Subject("quickstart", open_quickstart))
    else:
        raise EvalError(
            f"Le système « {options.system} » est inconnu de cette suite : product est attendu, ou quickstart pour answers."
        )
    whole = options.suite == ALL
    names = (SCORED if options.system == PRODUCT else ("answers",)) if whole else (options.suite,)
    for name in names:
        run = measure(name, bench, WHOLE_SETS.get(name) if whole else options.sets)
        path = write_run(run, None if whole else options.out)
        print(f"== {name}\n{render(run)}\n\n{path}\n")
    return 0


def _with_model(options: argparse.Namespace) -> int:
    from evals.with_model import measure_with_model, render_both

    if options.suite not in WITH_MODEL:
        raise EvalError(f"--model ne vaut que pour {', '.join(WITH_MODEL)}, pas pour « {options.suite} ».")
    both = measure_with_model(
        options.suite,
        options.model,
        sets=options.sets,
        limit=options.limit,
        resume=options.resume,
        out=options.out,
    )
    print(render_both(both))
    return 0


def _local_model(options: argparse.Namespace) -> int:
    from evals.local_model import find_gguf, serve

    gguf = find_gguf(_say)
    if not options.serve:
        print(gguf)
        return 0
    with serve(gguf, options.port) as served:
        print(
            f"export ASSISTANT_MODEL={served.model}\nexport ASSISTANT_MODEL_BASE_URL={served.base_url}\n"
            "export ASSISTANT_MODEL_TIMEOUT=120",
            flush=True,
        )
        _say("Le modèle répond ; Ctrl-C l’arrête.")
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()
    return 0


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _collections() -> set[str]:
    from evals.benchmark import COLLECTIONS

    return {collection.name for collection in COLLECTIONS}


def _compare(options: argparse.Namespace) -> int:
    from evals.compare import Comparison, find_run, render

    before, after = (find_run(name, options.suite) for name in (options.before, options.after))
    print(render(Comparison.of(before, after)))
    return 0


def _gate(options: argparse.Namespace) -> int:
    from evals import gate
    from evals.suite import Bench

    bench = Bench(jobs=options.jobs)
    baseline = None if options.accept else gate.read_baseline()
    scores = gate.measure(bench)
    if baseline is None:
        accepted = gate.accept(scores, bench.library.fingerprint)
        for name, one in accepted.suites.items():
            print(f"{name:<14}{one.passed} / {one.n} acceptés")
        return 0
    judged = gate.judge(scores, baseline)
    if baseline.corpus != bench.library.fingerprint:
        print(
            f"Le corpus n’est plus celui qui fut accepté ({baseline.corpus}, commit {baseline.commit[:7]})."
        )
    for judgement in judged:
        print("\n".join(judgement.lines()))
    if all(judgement.held for judgement in judged):
        return 0
    print("Une suite recule : corrigez, ou acceptez ce recul en le motivant (python -m evals gate --accept).")
    return 1


def _report(options: argparse.Namespace) -> int:
    from evals.page import write_page

    print(write_page(options.out, held_out=options.held_out))
    return 0


def _card(_options: argparse.Namespace) -> int:
    from evals.card import write_card
    from evals.measures import gather, write_measures

    measures = gather()
    print(write_card(measures))
    print(write_measures(measures))
    return 0


def _benchmark(options: argparse.Namespace) -> int:
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
                runs=var_dir() / "runs" / "benchmark",
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


_UNSCORED: dict[str, Callable[[argparse.Namespace], int]] = {
    "benchmark": _benchmark, "relevance": _relevance, "scale": _scale,
}  # fmt: skip


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
        f"{counts['questions']} questions, {counts['documents']} documents ({counts['passages']} passages) : "
        f"lexical.run, dense.run et hybrid.run écrits dans {options.out}"
    )
    return 0


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "run": _suite, "compare": _compare, "gate": _gate, "report": _report, "card": _card, "retrieval": _retrieval,
    "local-model": _local_model,
}  # fmt: skip
