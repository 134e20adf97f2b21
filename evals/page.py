"""One page of the last measures: self-contained HTML, written from the last run of every suite."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from corpus.paths import var_dir
from evals.errors import EvalError
from evals.failures import show_failures
from evals.labels import name_of
from evals.markup import Markup, join, table, tag
from evals.plots import plot_confusion, plot_latency, plot_rates
from evals.runs import Run, last_run
from evals.scoring import Score, Tally, grouped, quantile, share
from evals.suites import SUITES

_HERE = Path(__file__).parent
_KINDS = ("answer", "clarification", "abstention", "refusal")
_BASELINE = "quickstart"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
PRODUCT_LABEL, BASELINE_LABEL = "l’assistant", "démarrage rapide de LangChain"


def write_page(path: Path | None = None, *, held_out: bool = False) -> Path:
    """Write the page, by default at ``var/reports/evals.html``, and return where it is.

    Raises:
        EvalError: No suite was ever run, a run cannot be read, or the page cannot be written.
    """
    path = path or var_dir() / "reports" / "evals.html"
    runs = {name: run for name in SUITES if (run := last_run(name))}
    if not runs:
        raise EvalError("Aucune mesure n’est gardée : python -m evals run answers en fait une.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render(runs, last_run("answers", _BASELINE), held_out=held_out), encoding="utf-8")
    except OSError as error:
        raise EvalError(f"La page ne peut être écrite dans {path} ({error.strerror}).") from error
    return path


def render(runs: Mapping[str, Run], baseline: Run | None, *, held_out: bool = False) -> str:
    """Return the page; questions of the sets held out are counted, and shown only with ``held_out``."""
    sections = [
        _summary(runs, baseline),
        *_beside(runs.get("answers"), baseline),
        *_plots(runs.get("answers"), baseline),
    ]
    sections += [_detail(name, run) for name, run in runs.items()]
    sections.append(show_failures(runs, held_out))
    style = Markup((_HERE / "page.css").read_text(encoding="utf-8"))
    script = Markup((_HERE / "page.js").read_text(encoding="utf-8"))
    head = tag(
        "head",
        Markup('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'),
        tag("title", "Mesures de l’assistant"),
        tag("style", style),
    )
    body = tag(
        "body",
        tag("main", tag("h1", "Mesures de l’assistant ESMS numérique"), *sections),
        tag("script", script),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='fr')}\n"


def _summary(runs: Mapping[str, Run], baseline: Run | None) -> Markup:
    rows: list[tuple[object, ...]] = []
    named = [(SUITES[name].title, run) for name, run in runs.items()]
    if baseline:
        named.append((f"Réponses, {BASELINE_LABEL}", baseline))
    for title, run in named:
        header, tally = run.header, SUITES[run.header.suite].tally(run.scores)
        times = [score.elapsed_ms for score in run.scores if score.elapsed_ms is not None]
        rows.append(
            (
                title,
                tally.n,
                tally.passed,
                share(tally),
                tally.unscored or "",
                f"{quantile(times, 0.5):.0f} ms" if times else "",
                f"{header.started[:16].replace('T', ' ')} UTC, {header.commit[:7]}{' modifié' if header.dirty else ''}",
            )
        )
    heads = ("Suite", "n", "Justes", "Taux et intervalle à 95 %", "Sans note", "Durée médiane", "Mesurée")
    notes = [note for run in runs.values() for note in run.header.notes]
    header = next(iter(runs.values())).header
    made = f"Index {header.corpus}, encodeur {header.model}, Python {header.python}, {header.cores} cœurs."
    return join(
        tag("h2", "Vue d’ensemble"),
        table(heads, rows, "Dernière mesure de chaque suite"),
        tag("p", made, class_="quiet"),
        *(tag("p", note, class_="quiet") for note in notes),
    )


def _beside(run: Run | None, baseline: Run | None) -> Iterator[Markup]:
    """Yield the product beside the baseline, by type, theme, difficulty and set."""
    if run is None:
        return
    yield tag("h2", "Réponses, à côté d’un démarrage rapide")
    yield tag(
        "p",
        "Les mêmes questions, les mêmes vérifications ; le démarrage rapide cherche dans les mêmes fiches et le même glossaire.",
        class_="quiet",
    )
    groupings = {"type": "Type", "theme": "Thème", "difficulty": "Difficulté", "set": "Jeu"}
    for field, what in groupings.items():
        mine = _by(run.scores, field)
        theirs = _by(baseline.scores, field) if baseline else {}
        rows: list[tuple[object, ...]] = [
            (name_of(name), tally.n, share(tally), share(theirs.get(name, Tally(0, 0))))
            for name, tally in mine.items()
        ]
        heads = (what, "n", _capital(PRODUCT_LABEL), _capital(BASELINE_LABEL))
        made = table(heads, rows, f"Réponses justes par {what.lower()}")
        yield made if field == "type" else tag("details", tag("summary", f"Par {what.lower()}"), made)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _by(scores: Sequence[Score], field: str) -> dict[str, Tally]:
    groups = grouped(scores, lambda score: str(getattr(score, field) or ""))
    return {name: Tally.of(some) for name, some in sorted(groups.items())}


def _plots(run: Run | None, baseline: Run | None) -> Iterator[Markup]:
    if run is None:
        return
    theirs = _by(baseline.scores, "type") if baseline else {}
    tallies = {
        name_of(name): {PRODUCT_LABEL: tally} | ({BASELINE_LABEL: theirs[name]} if name in theirs else {})
        for name, tally in _by(run.scores, "type").items()
    }
    yield tag("h3", "Exactitude par type")
    yield plot_rates("rates", "Part de réponses justes par type de question, intervalles à 95 %", tallies)
    yield tag("h3", "Durée d’une réponse")
    times = [score.elapsed_ms for score in run.scores if score.elapsed_ms is not None]
    yield plot_latency("latency", "Répartition des durées de réponse", times)
    yield tag("h3", "Natures attendues et données")
    yield plot_confusion(
        "confusion", "Nature attendue de la réponse, et nature donnée", confusion(run.scores), _KINDS
    )
    yield tag(
        "p",
        "Quand plusieurs natures sont acceptées, celle qui est donnée compte comme attendue ; sinon la première l’est.",
        class_="quiet",
    )


def confusion(scores: Sequence[Score]) -> dict[tuple[str, str], int]:
    """Return how many replies of each (expected kind, given kind); the first accepted one when none was given."""
    counts: Counter[tuple[str, str]] = Counter()
    for score in scores:
        accepted, given = score.expected.get("kinds") or [], str(score.reply.get("kind"))
        if accepted:
            counts[given if given in accepted else str(accepted[0]), given] += 1
    return dict(counts)


def _detail(suite_name: str, run: Run) -> Markup:
    suite = SUITES[suite_name]
    rows: list[tuple[object, ...]] = [
        (name_of(name), tally.n, tally.passed, share(tally))
        for name, tally in _by(run.scores, "type").items()
    ]
    told = suite.beyond(run.scores) if run.scores else []
    tally = suite.tally(run.scores)
    return tag(
        "details",
        tag("summary", f"{suite.title} : {share(tally)} (n = {tally.n})"),
        table((suite.grouping.capitalize(), "n", "Justes", "Taux et intervalle à 95 %"), rows, suite.title),
        tag("pre", "\n".join(told)) if told else join(),
    )
