"""What the evaluations measured, as the page that speaks of it reads it: ``measures.json``, never written by hand.

``python -m evals card`` writes the file beside this one from the last runs, with the figures of docs/system-card.md.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path

from pydantic import NonNegativeInt, ValidationError

from corpus.errors import CorpusFileError
from corpus.records import Record

MEASURES = Path(__file__).parent / "measures.json"


class Share(Record):
    """How many of the ``n`` judged passed, in percent to one decimal, between ``low`` and ``high`` (95 %).

    ``percent``, ``low`` and ``high`` are ``None`` when nothing was judged; ``unscored`` could not be and are not in n.
    """

    n: NonNegativeInt
    passed: NonNegativeInt
    unscored: NonNegativeInt = 0
    percent: float | None = None
    low: float | None = None
    high: float | None = None


class Measure(Record):
    """A share and what it is of: ``meaning`` in French, ``held_out`` when nobody who improves the program read it.

    ``baseline`` is the share of the same questions that LangChain's quick start answers as well.
    """

    name: str
    meaning: str
    share: Share
    held_out: bool = False
    baseline: Share | None = None


class QuestionSet(Record):
    """A set of questions: how many, how many somebody else than their author checked, and by whom written."""

    name: str
    meaning: str
    questions: NonNegativeInt
    written_by: str
    checked: NonNegativeInt
    held_out: bool


class Measures(Record):
    """The last runs: when, with what, and what each found; durations of an answer in milliseconds."""

    date: date
    commit: str
    local_changes: bool
    index: str
    encoder: str
    python: str
    cores: int
    sets: tuple[QuestionSet, ...]
    suites: tuple[Measure, ...]
    answers: Measure
    answers_by_type: tuple[Measure, ...]
    answers_by_set: tuple[Measure, ...]
    refusals_by_set: tuple[Measure, ...]
    median_ms: NonNegativeInt
    p95_ms: NonNegativeInt


@lru_cache(maxsize=1)
def load_measures(path: Path = MEASURES) -> Measures:
    """Return the measures of the last runs.

    Raises:
        CorpusFileError: The file is missing or is not what ``python -m evals card`` writes.
    """
    try:
        return Measures.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise CorpusFileError(
            path, "les mesures sont absentes ou illisibles : python -m evals card les écrit."
        ) from error
