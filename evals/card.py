"""The figures of the system card: a block of docs/system-card.md written from the last runs, never by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from evals.errors import EvalError
from evals.runs import Run, last_run
from evals.scoring import HELD_OUT, SETS, Score, Tally, grouped, load_samples
from evals.suite import EVERY_ANSWER_SET, REFUSAL_SETS
from evals.suites import SUITES
from evals.summary import quantile

CARD = Path(__file__).parents[1] / "docs" / "system-card.md"
BEGIN, END = "<!-- figures: written by python -m evals card -->", "<!-- end of figures -->"
_MEANING = {
    "answers": "kind, figures, dates, verdict and citations of the reply to a question",
    "refusals": "what is out of scope or not allowed is declined, harmless look-alikes are not",
    "dev": "development questions kept beside the project",
    "rules": "facts to outcome, on both sides of every threshold and day",
    "understanding": "messages read exactly as expected, no more and no less",
    "noise": "real pages of which nothing around the text is indexed and no fact is lost",
    "retrieval": "a passage with the cited fact (else source) among the first ten",
    "grounding": "every figure of a reply found in what it rests on, quotations word for word",
    "metamorphic": "same kind, verdict and figures for a question put otherwise",
}


def write_card(path: Path = CARD) -> Path:
    """Write the block of figures into the card and return its path.

    Raises:
        EvalError: The card is missing, has not its two marks, or the answers were never measured.
    """
    runs = {name: run for name in SUITES if (run := last_run(name))}
    if "answers" not in runs:
        raise EvalError("Les réponses n’ont pas été mesurées : make evals, puis python -m evals card.")
    try:
        text = path.read_text(encoding="utf-8")
        before, _, rest = text.partition(BEGIN)
        _, mark, after = rest.partition(END)
        if not mark:
            raise EvalError(f"{path} n’a pas les deux repères « {BEGIN} » et « {END} ».")
        lines = [*render_sets(SETS), "", *render(runs, last_run("answers", "quickstart"))]
        block = "\n".join(lines)
        path.write_text(f"{before}{BEGIN}\n\n{block}\n\n{END}{after}", encoding="utf-8")
    except OSError as error:
        raise EvalError(f"{path} ne peut être lu ou écrit ({error.strerror}).") from error
    return path


def render_sets(folder: Path) -> Iterator[str]:
    """Yield the table of the sets of ``folder``: who wrote them, and how much of each somebody else checked.

    Raises:
        CorpusFileError: A set has an invalid record.
    """
    yield "| set | questions | written by | checked by somebody else | shown |"
    yield "|---|---|---|---|---|"
    for name in (*EVERY_ANSWER_SET, *REFUSAL_SETS):
        samples = load_samples(name, folder)
        authors = ", ".join(dict.fromkeys(sample.written_by for sample in samples))
        checked = sum(sample.checked_by is not None for sample in samples)
        shown = "counts alone" if name in HELD_OUT else "yes"
        yield f"| `{name}` | {len(samples)} | {authors} | {checked} | {shown} |"


def render(runs: Mapping[str, Run], baseline: Run | None) -> Iterator[str]:
    """Yield the lines of the block, in Markdown."""
    header = runs["answers"].header
    local = " with local changes" if header.dirty else ""
    yield f"Measured on {header.started[:10]}, commit `{header.commit[:7]}`{local}, index `{header.corpus}`,"
    yield f"encoder `{header.model}`, Python {header.python}, {header.cores} cores. Intervals are"
    yield "Wilson 95 % (of `metamorphic`, over questions drawn again); what could not be judged is not in n."
    yield ""
    yield "| suite | what passes | n | passed | not judged |"
    yield "|---|---|---|---|---|"
    for name, run in runs.items():
        tally = SUITES[name].tally(run.scores)
        yield f"| `{name}` | {_MEANING[name]} | {tally.n} | {_share(tally)} | {tally.unscored} |"
    yield ""
    yield "### Answers by type"
    yield ""
    yield "| type | n | this assistant | LangChain quick start, same corpus |"
    yield "|---|---|---|---|"
    scores = runs["answers"].scores
    theirs = {score.id: score for score in baseline.scores} if baseline else {}
    for label, some in [
        *sorted(grouped(scores, lambda score: score.type or "other").items()),
        *((f"set `{name}`", of) for name, of in grouped(scores, lambda score: score.set).items()),
        ("all", list(scores)),
    ]:
        other = Tally.of(theirs[score.id] for score in some if score.id in theirs)
        yield f"| {label} | {len(some)} | {_share(Tally.of(some))} | {_share(other)} |"
    times = [score.elapsed_ms for score in scores if score.elapsed_ms is not None]
    yield ""
    yield f"Time of an answer once loaded: median {quantile(times, 0.5):.0f} ms, 95th percentile {quantile(times, 0.95):.0f} ms."
    yield ""
    yield "### Known failures"
    yield ""
    yield from _failures(runs)


def _failures(runs: Mapping[str, Run]) -> Iterator[str]:
    """Name what fails, by suite and type; of the sets held out, only how many."""
    for name in ("answers", "refusals", "dev", "rules", "grounding"):
        if name not in runs:
            continue
        failed = [score for score in runs[name].scores if score.passed is False]
        hidden = sum(score.set in HELD_OUT for score in failed)
        yield f"- `{name}`: {len(failed)} fail" + (
            f", {hidden} of them in held-out sets, not named here." if hidden else "."
        )
        shown = [score for score in failed if score.set not in HELD_OUT]
        for label, some in sorted(grouped(shown, lambda score: score.type or "other").items()):
            yield f"  - {label}: {_ids(some)}"


def _ids(scores: list[Score]) -> str:
    return ", ".join(f"`{score.id}`" for score in scores)


def _share(tally: Tally) -> str:
    if tally.rate is None:
        return "not measured"
    low, high = tally.interval
    return f"{tally.passed} ({100 * tally.rate:.1f} %, {100 * low:.1f} to {100 * high:.1f})"
