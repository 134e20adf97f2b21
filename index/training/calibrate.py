"""Measure what turns a model's cosines into those of multilingual-e5-small, in which the thresholds are written.

A trained model spreads its cosines: .43 for unrelated texts where the original gives .80. The line is fitted on the
product's own corpus, over the passages nearest to questions made of its titles and terms; the original reads a
passage alone, as when the thresholds were chosen, and the model as the index keeps it, leaning towards its title.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from corpus.fiches import load_statements
from corpus.glossary import load_glossary
from index.chunking import statement_passage
from index.encoder import PassageEncoder
from index.scale import CosineScale
from index.vectors import lean

_NEAREST = 60  # passages of a question: the range where thresholds decide


def fit_scale(model: PassageEncoder, original: PassageEncoder) -> CosineScale:
    """Return the line that gives the cosines of ``model`` the mean and deviation of those of ``original``."""
    statements = load_statements()
    passages = [statement_passage(statement) for statement in statements]
    texts, titles = [passage.indexed_text for passage in passages], [passage.path for passage in passages]
    headings = [f"{statement.title} : {' '.join(statement.heading)} ?" for statement in statements]
    terms = [f"c’est quoi {term.term} ?" for term in load_glossary()]
    questions = list(dict.fromkeys([*headings, *terms]))
    before = original.encode_queries(questions) @ original.encode_passages(texts).T
    distinct = list(dict.fromkeys(titles))
    of_titles = dict(zip(distinct, model.encode_passages(distinct), strict=True))
    after = model.encode_queries(questions) @ lean(model.encode_passages(texts), titles, of_titles).T
    nearest = np.argsort(-before, axis=1)[:, :_NEAREST]
    x, y = (np.take_along_axis(cosines, nearest, axis=1).ravel() for cosines in (after, before))
    slope = float(y.std() / x.std())  # least squares would flatten the best, on which thresholds bear
    return CosineScale(round(slope, 4), round(float(y.mean() - slope * x.mean()), 4))


def write_scale(folder: Path, scale: CosineScale) -> None:
    """Write the line into ``model.json``."""
    path = folder / "model.json"
    about = json.loads(path.read_text(encoding="utf-8"))
    about["scale"] = {"slope": scale.slope, "intercept": scale.intercept}
    path.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
