"""The same questions without and with a language model: what it gains, what it loses, and what it gets wrong.

The questions are first answered without it (30 ms each). Those chosen are then asked again with it, their replies
kept on disk as they come; the suite grades both.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any, Protocol

from evals.compare import Comparison, mcnemar
from evals.errors import EvalError
from evals.figures import FigureKind
from evals.grounding import check_grounding, quotable
from evals.metamorphic import Essence
from evals.runs import Run, make_header, runs_dir, write_run
from evals.scoring import Reply, Score, Tally, quantile, share
from evals.subject import Asked, Conversation, Subject
from evals.suite import Bench
from evals.suites import SUITES

LOCAL = "local"
# What a measure wants and a service does not: time for a slow machine, no cap.
_GENEROUS = {
    "ASSISTANT_MODEL_TIMEOUT": "120",
    "ASSISTANT_MODEL_CONVERSATION_TOKENS": str(10**9),
    "ASSISTANT_MODEL_DAY_TOKENS": str(10**9),
}
_PAUSED_S = 120.0  # how long a model that is left alone after failures may be waited for
_DATES = frozenset([FigureKind.DATE])
_AMOUNTS = frozenset([FigureKind.AMOUNT, FigureKind.PERCENT])


class Assisted(Protocol):
    """What is asked of the assistant that has a model."""

    def ask(self, turns: Sequence[str], day: date, conversation: str = "") -> Any:
        """Return the answer to the last turn."""

    def model_state(self) -> str:
        """Return why the model is not asked now, empty when it is."""


Open = Callable[[], Assisted]


@dataclass(frozen=True)
class Both:
    """The runs without and with a model over the same samples, and what is wrong in the replies of the model.

    ``wrong`` gives (id, what) of each verdict, date, amount or other figure that has nothing behind it.
    """

    without: Run
    having: Run
    wrong: Mapping[str, tuple[tuple[str, str], ...]]
    path: Path | None = None


def measure_with_model(
    suite: str,
    model: str,
    *,
    sets: Sequence[str] | None = None,
    limit: int | None = None,
    resume: bool = False,
    out: Path | None = None,
) -> Both:
    """Measure a suite without and with a model, and keep the second run.

    ``model``: ``local``, or a name in the form of ``ASSISTANT_MODEL`` whose other settings are in the environment.

    Raises:
        EvalError: The model cannot be had, an interrupted run stands in the way, or a question cannot be asked.
    """
    with _chosen(model) as name:
        kept = Kept.at(suite, name, out)
        both = compare(Bench(), suite, name, _open_best, kept, sets=sets, limit=limit, resume=resume)
    path = write_run(both.having, out)
    kept.path.unlink(missing_ok=True)
    return Both(both.without, both.having, both.wrong, path)


@contextmanager
def _chosen(model: str) -> Iterator[str]:
    """Set the environment for a model, served here when it is ``local``; give its name."""
    from evals.local_model import Served, find_gguf, serve

    local = model == LOCAL
    where = (
        serve(find_gguf(_say))
        if local
        else nullcontext(Served(model, os.environ.get("ASSISTANT_MODEL_BASE_URL", "")))
    )
    with where as served:
        wanted = {"ASSISTANT_MODEL": served.model} | (
            {"ASSISTANT_MODEL_BASE_URL": served.base_url} if local else {}
        )
        settings = wanted | {key: value for key, value in _GENEROUS.items() if key not in os.environ}
        before = {key: os.environ.get(key) for key in settings}
        os.environ.update(settings)
        try:
            yield LOCAL if local else model
        finally:
            for key, value in before.items():
                os.environ.pop(key, None) if value is None else os.environ.update({key: value})


def _open_best() -> Assisted:
    from assistant.errors import AssistantError
    from assistant.model.assisted import AssistedAssistant, open_best

    try:
        best = open_best()
    except AssistantError as error:
        raise EvalError(str(error)) from error
    if not isinstance(best, AssistedAssistant):
        raise EvalError("Aucun modèle de langue n’est réglé : ASSISTANT_MODEL est vide.")
    return best


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


@dataclass
class Kept:
    """The replies of a run under way, one JSON line each after a line that says what is measured."""

    path: Path
    suite: str
    model: str
    _file: IO[str] = field(init=False, repr=False)

    @classmethod
    def at(cls, suite: str, model: str, out: Path | None) -> Kept:
        """Return where the replies of a run are kept: beside the run it will be."""
        slug = re.sub(r"[^a-z0-9.-]+", "-", model.lower()).strip("-.")
        system = f"model-{slug}"
        path = out.with_name(f"{out.name}.replies") if out else runs_dir(suite, system) / "unfinished.replies"
        return cls(path, suite, system)

    @contextmanager
    def open(self, corpus: str, resume: bool) -> Iterator[dict[Conversation, Asked]]:
        """Give the replies already had; while the context lasts, more can be kept and no other run can.

        Raises:
            EvalError: Another run is under way, an interrupted one is not resumed, or it measured something else.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a+", encoding="utf-8") as self._file:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield self._read(
                    self._file, {"suite": self.suite, "model": self.model, "corpus": corpus}, resume
                )
        except BlockingIOError as error:
            raise EvalError(
                f"Une autre mesure est en cours ({self.path}) : attendez qu’elle finisse."
            ) from error
        except OSError as error:
            raise EvalError(f"{self.path} ne peut être lu ou écrit ({error.strerror}).") from error

    def _read(self, file: IO[str], about: dict[str, str], resume: bool) -> dict[Conversation, Asked]:
        file.seek(0)
        lines = file.read().splitlines()
        if lines and not resume:
            raise EvalError(
                f"Une mesure interrompue est gardée ({len(lines) - 1} réponses, {self.path}) : --resume la "
                "reprend ; pour recommencer, supprimez ce fichier."
            )
        rows = [row for row in map(_row, lines) if row is not None]
        if rows and rows[0] != about:
            raise EvalError(
                f"{self.path} garde une autre mesure que celle-ci : supprimez-le pour la recommencer."
            )
        # Written whole again: the last line of a killed run may be half a line.
        file.truncate(0)
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows or [about])
        file.flush()
        return {_key(row): Asked(row["reply"], row["elapsed_ms"]) for row in rows[1:]}

    def add(self, key: Conversation, asked: Asked) -> None:
        """Keep one more reply of the run that is open."""
        turns, day = key
        row = {"turns": turns, "date": day.isoformat(), "reply": asked.reply, "elapsed_ms": asked.elapsed_ms}
        self._file.write(json.dumps(row, ensure_ascii=False) + "\n")
        self._file.flush()


def _row(line: str) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) else None


def _key(row: Mapping[str, Any]) -> Conversation:
    return tuple(row["turns"]), date.fromisoformat(row["date"])


def spread(scores: Sequence[Score], limit: int | None) -> list[Score]:
    """Return ``limit`` scores evenly spaced, always the same ones; all of them without a limit.

    Raises:
        EvalError: The limit is not a positive number.
    """
    if limit is None:
        return list(scores)
    if limit < 1:
        raise EvalError(f"--limit {limit} : un nombre de questions d’au moins 1 est attendu.")
    n = min(limit, len(scores))
    return [scores[(2 * rank + 1) * len(scores) // (2 * n)] for rank in range(n)]


def compare(
    bench: Bench,
    suite: str,
    name: str,
    open_assisted: Open,
    kept: Kept,
    *,
    sets: Sequence[str] | None = None,
    limit: int | None = None,
    resume: bool = False,
) -> Both:
    """Measure a suite with a bench, then the samples chosen with the assistant that ``open_assisted`` opens.

    Raises:
        EvalError: See :func:`measure_with_model`.
    """
    wanted = SUITES[suite].sets if sets is None else sets
    started = datetime.now(UTC)
    measured = SUITES[suite].run(bench, wanted)
    chosen = spread(measured.scores, limit)
    ids = frozenset(score.id for score in chosen)
    conversations = list(dict.fromkeys((score.turns, date.fromisoformat(score.date)) for score in chosen))
    with kept.open(bench.library.fingerprint, resume) as replies:
        _ask_all(conversations, open_assisted, kept, replies)
    # The suite grades every sample; those not chosen are answered as before, and left out of the counts.
    remembered = bench.subject.remembered | {key: replies[key] for key in conversations}
    with_model = Bench(
        Subject.replaying(kept.model, remembered), lambda: bench.library, bench.folder, bench.beside
    )
    graded = [score for score in SUITES[suite].run(with_model, wanted).scores if score.id in ids]
    runs = []
    for system, scores in ((bench.subject.name, chosen), (kept.model, graded)):
        header = make_header(
            suite,
            system=system,
            sets=measured.sets,
            started=started,
            corpus=bench.library.fingerprint,
            model=bench.library.model,
            n=len(scores),
            notes=(*measured.notes, *_notes(name, len(chosen), len(measured.scores))),
        )
        runs.append(Run(header, tuple(scores)))
    return Both(runs[0], runs[1], find_wrong(chosen, graded, quotable(bench.library.passages)))


def _notes(name: str, asked: int, known: int) -> Iterator[str]:
    yield f"Modèle de langue : {name}."
    if asked < known:
        yield f"{asked} questions sur {known}, régulièrement espacées."


def _ask_all(
    conversations: Sequence[Conversation], open_assisted: Open, kept: Kept, replies: dict[Conversation, Asked]
) -> None:
    left = [key for key in conversations if key not in replies]
    if not left:
        return
    assistant, started = open_assisted(), time.monotonic()
    for rank, key in enumerate(left, 1):
        _wait_until_usable(assistant, kept)
        before = time.perf_counter()
        answer = assistant.ask(*key, conversation=f"evals-{rank}")
        reply = answer.as_json()
        replies[key] = Asked(reply, round(1000 * (time.perf_counter() - before), 1))
        kept.add(key, replies[key])
        mean = (time.monotonic() - started) / rank
        _say(
            f"{len(replies)} / {len(conversations)} : {reply['mode']}, {replies[key].elapsed_ms / 1000:.1f} s"
            f" (reste environ {mean * (len(left) - rank) / 60:.0f} min)"
        )


def _wait_until_usable(assistant: Assisted, kept: Kept) -> None:
    """Wait while the model is left alone after failures: a question that it is not asked would measure nothing."""
    deadline = time.monotonic() + _PAUSED_S
    while state := assistant.model_state():
        if time.monotonic() > deadline:
            raise EvalError(
                f"Le modèle n’est plus interrogé : {state} Les réponses déjà faites sont gardées dans {kept.path} (--resume les reprend)."
            )
        time.sleep(1)


# What is wrong in the replies of the model.


@dataclass
class _Wrong:
    verdicts: list[tuple[str, str]] = field(default_factory=list)
    dates: list[tuple[str, str]] = field(default_factory=list)
    amounts: list[tuple[str, str]] = field(default_factory=list)
    figures: list[tuple[str, str]] = field(default_factory=list)


def find_wrong(
    before: Sequence[Score], after: Sequence[Score], corpus: Collection[str]
) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return what the replies of the model get wrong, as (id, what) by nature.

    A verdict is wrong when the words that open the paragraphs are not those of the reply without the model, unless that
    one failed and the other passes every check of its sample; a figure, when nothing that its claim cites, no rule and no word of the user gives it (``dates`` and ``amounts`` are among
    ``figures``).
    """
    first, wrong = {score.id: score for score in before}, _Wrong()
    for score in after:
        without = first[score.id]
        if score.reply.get("answer") == without.reply.get("answer"):
            continue  # a model that read again changes the answer of the rules too
        old, new = Essence.of(without.reply), Essence.of(score.reply)
        mended = score.passed and not without.passed
        if (old.kind, old.verdict) != (new.kind, new.verdict) and not mended:
            wrong.verdicts.append((score.id, f"{old.kind} {old.verdict} → {new.kind} {new.verdict}"))
        for check in check_grounding(score.reply, score.turns, date.fromisoformat(score.date), corpus):
            if check.name == "figure" and not check.held:
                wrong.figures.append((score.id, check.reason))
                wrong.dates += [(score.id, check.reason)] * _is_one_of(check.wanted, _DATES)
                wrong.amounts += [(score.id, check.reason)] * _is_one_of(check.wanted, _AMOUNTS)
    return {name: tuple(found) for name, found in vars(wrong).items()}


def _is_one_of(wanted: str, kinds: Collection[FigureKind]) -> bool:
    return any(wanted.endswith(f"({kind})") for kind in kinds)


# What is shown.

_WRONG = {"verdicts": "verdicts faux", "dates": "dates fausses", "amounts": "montants faux", "figures": "chiffres sans appui"}  # fmt: skip
_MODES = {"rules": "règles seules", "model": "modèle", "fallback": "repli"}


def render_both(both: Both) -> str:
    """Return what a model gains and loses over the same questions, as text; questions are named by their ids."""
    lines = [*both.having.header.notes, ""]
    suite = SUITES[both.having.header.suite]
    for label, run in (("sans modèle", both.without), ("avec modèle", both.having)):
        tally: Tally = suite.tally(run.scores)
        lines.append(f"{label:<22}{tally.passed:>5} / {tally.n:<5}{share(tally)}")
    moved = Comparison.of(both.without, both.having)
    lost, won = ([new for _, new in some] for some in (moved.newly_failing, moved.newly_passing))
    lines.append(
        f"{len(won)} gagnées, {len(lost)} perdues ; McNemar exact : p = {mcnemar(len(lost), len(won)):.4f}"
    )
    lines += [f"  gagnée : {score.id}" for score in won]
    lines += [f"  perdue : {score.id}{_why(score)}" for score in lost]
    lines += ["", *_shares(both.having.scores), "", *_faults(both), "", *_costs(both.having.scores)]
    return "\n".join([*lines, *([str(both.path)] if both.path else [])])


def _why(score: Score) -> str:
    return "" if score.held_out else f" ({' ; '.join(score.reasons)[:200]})"


def _shares(scores: Sequence[Score]) -> Iterator[str]:
    modes = Counter(str(score.reply.get("mode") or "rules") for score in scores)
    for mode, label in _MODES.items():
        yield f"{label:<22}{modes[mode]:>5} / {len(scores):<5}{share(Tally(modes[mode], len(scores)))}"
    reasons = Counter(_notice(score.reply) for score in scores if score.reply.get("mode") == "fallback")
    yield from (f"  repli : {count:>4}  {reason}" for reason, count in reasons.most_common())


def _notice(reply: Reply) -> str:
    return str(reply.get("notice") or "sans raison donnée")


def _faults(both: Both) -> Iterator[str]:
    for name, label in _WRONG.items():
        yield f"{label:<22}{len(both.wrong[name]):>5}"
    named = {score.id: score.held_out for score in both.having.scores}
    for name in ("verdicts", "figures"):
        yield from (f"  {score}{'' if named[score] else f' : {what}'}" for score, what in both.wrong[name])


def _costs(scores: Sequence[Score]) -> Iterator[str]:
    times = [score.elapsed_ms / 1000 for score in scores if score.elapsed_ms is not None]
    if times:
        yield f"durée d’une réponse : médiane {quantile(times, 0.5):.1f} s, 95e centile {quantile(times, 0.95):.1f} s"
    used = [usage for score in scores if isinstance(usage := score.reply.get("usage"), Mapping)]
    calls, read, written = (
        sum(int(usage[key]) for usage in used) for key in ("calls", "input_tokens", "output_tokens")
    )
    cost = sum(float(usage["cost"] or 0) for usage in used)
    yield f"{calls} appels, {read} jetons lus, {written} écrits, {cost:.4f} €".replace(".", ",")
