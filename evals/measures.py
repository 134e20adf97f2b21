"""The figures that are published, gathered once from the last runs: the card and the page both show these."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from assistant.web.measures import MEASURES, Measure, Measures, QuestionSet, Share
from evals.errors import EvalError
from evals.runs import Run, last_run
from evals.scoring import HELD_OUT, SETS, Score, Tally, grouped, load_samples, quantile
from evals.suite import EVERY_ANSWER_SET, REFUSAL_SETS
from evals.suites import SUITES

_SUITES = {
    "answers": "La réponse est de la nature attendue, avec les bons chiffres, les bonnes dates, le bon verdict et les sources attendues",
    "refusals": "Ce qui est hors sujet ou interdit est décliné, ce qui y ressemble sans l’être reçoit une réponse",
    "dev": "Questions de mise au point gardées à côté du projet",
    "rules": "Des faits donnés au verdict, des deux côtés de chaque seuil et de chaque date",
    "understanding": "Le message est lu exactement comme attendu, ni plus ni moins",
    "noise": "Pages réelles dont rien de ce qui entoure le texte n’est retenu, et dont aucun fait n’est perdu",
    "retrieval": "Un passage qui porte le fait attendu est parmi les dix premiers trouvés",
    "grounding": "Chaque chiffre de la réponse est dans ce qu’elle cite, et chaque citation est au mot près",
    "metamorphic": "La même question, tournée autrement, reçoit le même verdict et les mêmes chiffres",
    "emails": "Le projet de réponse à un courriel trouve chaque question et chaque fait, n’invente rien et n’engage personne",
    "emails_held_out": "Les mêmes exigences, sur des courriels que ne lisent pas ceux qui améliorent l’assistant",
}
_SETS = {
    "answers": "Questions relues pendant la mise au point",
    "second": "Questions d’un second auteur, relues elles aussi",
    "held_out": "Questions tenues à l’écart, jamais lues par ceux qui améliorent l’assistant",
    "refusals": "Questions à décliner, ou qui y ressemblent, relues pendant la mise au point",
    "refusals_held_out": "Questions à décliner, ou qui y ressemblent, tenues à l’écart",
    "garde_fous_fr": "Garde-fous gardés à côté du projet",
}
_TYPES = {
    "attaque": "tentative de détourner l’assistant",
    "conflit": "sources qui se contredisent",
    "date": "dates et échéances",
    "definition": "définitions",
    "fait": "faits du programme",
    "fautes": "messages pleins de fautes",
    "hors-sujet": "hors sujet",
    "inconnu": "ce que les sources ne disent pas",
    "interdit": "demandes à décliner",
    "langue": "autre langue que le français",
    "plusieurs": "plusieurs questions à la fois",
    "precision": "questions où il manque un fait décisif",
    "premisse": "questions qui partent d’une affirmation fausse",
    "procedure": "démarches et dépôt",
    "regle": "règles appliquées à un projet",
    "suivi": "suites de conversation",
}


def gather(folder: Path = SETS) -> Measures:
    """Return the figures of the last runs kept, over the sets of ``folder``.

    Raises:
        EvalError: The answers were never measured.
        CorpusFileError: A set has an invalid record.
    """
    runs = {name: run for name in SUITES if (run := last_run(name))}
    if "answers" not in runs:
        raise EvalError("Les réponses n’ont pas été mesurées : make evals, puis python -m evals card.")
    return measured(runs, last_run("answers", "quickstart"), folder)


def measured(runs: Mapping[str, Run], baseline: Run | None, folder: Path) -> Measures:
    """Return the figures of ``runs`` by suite; ``baseline`` answered the same questions, if anyone did."""
    header, scores = runs["answers"].header, runs["answers"].scores
    theirs = {score.id: score for score in baseline.scores} if baseline else {}

    def compared(name: str, meaning: str, some: Sequence[Score], held_out: bool = False) -> Measure:
        other = share_of(Tally.of(theirs[score.id] for score in some if score.id in theirs))
        ours = share_of(Tally.of(some))
        return Measure(name=name, meaning=meaning, share=ours, held_out=held_out, baseline=other)

    times = [score.elapsed_ms for score in scores if score.elapsed_ms is not None]
    refusals = runs["refusals"].scores if "refusals" in runs else ()
    return Measures(
        date=date.fromisoformat(header.started[:10]),
        commit=header.commit[:7],
        local_changes=header.dirty,
        index=header.corpus,
        encoder=header.model,
        python=header.python,
        cores=header.cores,
        sets=tuple(_sets(folder)),
        suites=tuple(
            Measure(name=name, meaning=_SUITES[name], share=share_of(SUITES[name].tally(run.scores)))
            for name, run in runs.items()
        ),
        answers=compared("all", "Toutes les questions", scores),
        answers_by_type=tuple(
            compared(name, _TYPES.get(name, name), some)
            for name, some in _by(scores, lambda s: s.type or "other")
        ),
        answers_by_set=tuple(
            compared(name, _SETS.get(name, name), some, name in HELD_OUT)
            for name, some in grouped(scores, lambda score: score.set).items()
        ),
        refusals_by_set=tuple(
            Measure(
                name=name,
                meaning=_SETS.get(name, name),
                share=share_of(Tally.of(some)),
                held_out=name in HELD_OUT,
            )
            for name, some in grouped(refusals, lambda score: score.set).items()
        ),
        median_ms=round(quantile(times, 0.5)),
        p95_ms=round(quantile(times, 0.95)),
    )


def share_of(tally: Tally) -> Share:
    """Return a count with its percentage and interval, rounded as they are printed."""
    if tally.rate is None:
        return Share(n=tally.n, passed=tally.passed, unscored=tally.unscored)
    percent, low, high = (round(100 * value, 1) for value in (tally.rate, *tally.interval))
    return Share(n=tally.n, passed=tally.passed, unscored=tally.unscored, percent=percent, low=low, high=high)


def write_measures(measures: Measures, path: Path = MEASURES) -> Path:
    """Write the figures for the page and return where.

    Raises:
        EvalError: The file cannot be written.
    """
    try:
        path.write_text(measures.model_dump_json(indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise EvalError(f"{path} ne peut être écrit ({error.strerror}).") from error
    return path


def _by(scores: Sequence[Score], key: Callable[[Score], str]) -> list[tuple[str, list[Score]]]:
    return sorted(grouped(scores, key).items())


def _sets(folder: Path) -> Iterator[QuestionSet]:
    for name in (*EVERY_ANSWER_SET, *REFUSAL_SETS):
        samples = load_samples(name, folder)
        yield QuestionSet(
            name=name,
            meaning=_SETS[name],
            questions=len(samples),
            written_by=", ".join(dict.fromkeys(sample.written_by for sample in samples)),
            checked=sum(sample.checked_by is not None for sample in samples),
            held_out=name in HELD_OUT,
        )
