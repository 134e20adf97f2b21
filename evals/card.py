"""The figures of the system card: a block of docs/system-card.md written from the last runs, never by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from assistant.web.measures import Measures, Share
from evals.errors import EvalError
from evals.runs import Run, last_run
from evals.scoring import HELD_OUT, Score, grouped

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
    "emails": "the draft reply to an e-mail finds each question and fact, invents nothing, promises nothing",
    "emails_held_out": "the same of e-mails that nobody who tunes has read",
}
_SHOW_FAILURES = ("answers", "refusals", "dev", "rules", "grounding")


def write_card(measures: Measures, path: Path = CARD) -> Path:
    """Write the block of figures into the card and return its path.

    Raises:
        EvalError: The card is missing or has not its two marks.
    """
    try:
        text = path.read_text(encoding="utf-8")
        before, _, rest = text.partition(BEGIN)
        _, mark, after = rest.partition(END)
        if not mark:
            raise EvalError(f"{path} n’a pas les deux repères « {BEGIN} » et « {END} ».")
        runs = {name: run for name in _SHOW_FAILURES if (run := last_run(name))}
        lines = [
            *render_sets(measures),
            "",
            *render(measures),
            "",
            "### Known failures",
            "",
            *_failures(runs),
        ]
        block = "\n".join(lines)
        path.write_text(f"{before}{BEGIN}\n\n{block}\n\n{END}{after}", encoding="utf-8")
    except OSError as error:
        raise EvalError(f"{path} ne peut être lu ou écrit ({error.strerror}).") from error
    return path


def render_sets(measures: Measures) -> Iterator[str]:
    """Yield the table of the sets: who wrote them, and how much of each somebody else checked."""
    yield "| set | questions | written by | checked by somebody else | shown |"
    yield "|---|---|---|---|---|"
    for one in measures.sets:
        shown = "counts alone" if one.held_out else "yes"
        yield f"| `{one.name}` | {one.questions} | {one.written_by} | {one.checked} | {shown} |"


def render(measures: Measures) -> Iterator[str]:
    """Yield the figures, in Markdown."""
    local = " with local changes" if measures.local_changes else ""
    yield f"Measured on {measures.date}, commit `{measures.commit}`{local}, index `{measures.index}`,"
    yield f"encoder `{measures.encoder}`, Python {measures.python}, {measures.cores} cores. Intervals are"
    yield "Wilson 95 % (of `metamorphic`, over questions drawn again); what could not be judged is not in n."
    yield ""
    yield "| suite | what passes | n | passed | not judged |"
    yield "|---|---|---|---|---|"
    for one in measures.suites:
        share = one.share
        yield f"| `{one.name}` | {_MEANING[one.name]} | {share.n} | {_say(share)} | {share.unscored} |"
    yield ""
    yield "### Answers by type"
    yield ""
    yield "| type | n | this assistant | LangChain quick start, same corpus |"
    yield "|---|---|---|---|"
    for label, one in [
        *((one.name, one) for one in measures.answers_by_type),
        *((f"set `{one.name}`", one) for one in measures.answers_by_set),
        (measures.answers.name, measures.answers),
    ]:
        asked = one.share.n + one.share.unscored
        yield f"| {label} | {asked} | {_say(one.share)} | {_say(one.baseline)} |"
    yield ""
    yield f"Time of an answer once loaded: median {measures.median_ms} ms, 95th percentile {measures.p95_ms} ms."
    if measures.refusals_by_set:
        yield from ("", "### Refusals by set", "", "| set | n | passed |", "|---|---|---|")
    for one in measures.refusals_by_set:
        yield f"| `{one.name}` | {one.share.n} | {_say(one.share)} |"


def _failures(runs: Mapping[str, Run]) -> Iterator[str]:
    """Name what fails, by suite and type; of the sets held out, only how many."""
    for name, run in runs.items():
        failed = [score for score in run.scores if score.passed is False]
        hidden = sum(score.set in HELD_OUT for score in failed)
        yield f"- `{name}`: {len(failed)} fail" + (
            f", {hidden} of them in held-out sets, not named here." if hidden else "."
        )
        shown = [score for score in failed if score.set not in HELD_OUT]
        for label, some in sorted(grouped(shown, lambda score: score.type or "other").items()):
            yield f"  - {label}: {_ids(some)}"


def _ids(scores: list[Score]) -> str:
    return ", ".join(f"`{score.id}`" for score in scores)


def _say(share: Share | None) -> str:
    if share is None or share.percent is None:
        return "not measured"
    return f"{share.passed} ({share.percent:.1f} %, {share.low:.1f} to {share.high:.1f})"
