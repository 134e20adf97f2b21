"""Measure what turns a model's cosines into those of multilingual-e5-small, in which the thresholds are written.

A trained model spreads its cosines: .43 for unrelated texts where the original gives .80. The line is fitted on the
product's own corpus, over the passages nearest to questions made of its titles and terms.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from corpus.fiches import load_statements
from corpus.glossary import load_glossary
from index.encoder import PassageEncoder
from index.scale import CosineScale

_NEAREST = 60  # passages of a question: the range where thresholds decide


def fit_scale(model: PassageEncoder, original: PassageEncoder) -> CosineScale:
    """Return the line from the cosines of ``model`` to those of ``original``, by least squares."""
    statements = load_statements()
    passages = [f"{statement.title}\n{statement.text}" for statement in statements]
    headings = [f"{statement.title} : {' '.join(statement.heading)} ?" for statement in statements]
    terms = [f"c’est quoi {term.term} ?" for term in load_glossary()]
    questions = list(dict.fromkeys([*headings, *terms]))
    before = original.encode_queries(questions) @ original.encode_passages(passages).T
    after = model.encode_queries(questions) @ model.encode_passages(passages).T
    nearest = np.argsort(-before, axis=1)[:, :_NEAREST]
    x, y = (np.take_along_axis(cosines, nearest, axis=1).ravel() for cosines in (after, before))
    slope = float(np.cov(x, y)[0, 1] / np.var(x, ddof=1))
    return CosineScale(round(slope, 4), round(float(y.mean() - slope * x.mean()), 4))


def write_scale(folder: Path, scale: CosineScale) -> None:
    """Write the line into ``model.json``."""
    path = folder / "model.json"
    about = json.loads(path.read_text(encoding="utf-8"))
    about["scale"] = {"slope": scale.slope, "intercept": scale.intercept}
    path.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
