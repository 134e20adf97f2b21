"""The vector of a passage: that of its text, leaning towards that of its title.

Cosines add up: a passage leans towards its title by adding a share of the title's vector, and stays one unit vector
of the collection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from index.encoder import Progress
from index.engines import Vectors
from index.journal import Journal

TITLE_SHARE = 0.15  # .15 to .3 give the same on four sets; at .3 a page named by a question outdoes the page that answers


def passage_vectors(
    journal: Journal, titles: Sequence[str], texts: Sequence[str], progress: Progress, *, afresh: bool = False
) -> tuple[Vectors, int]:
    """Return one unit vector a passage, and how many texts had to be encoded; an empty title weighs nothing.

    Raises:
        OSError: The journal cannot be written.
        EncoderError: The model cannot be loaded.
    """
    distinct = list(dict.fromkeys(title for title in titles if title))
    own, count = journal.encode(texts, progress, afresh=afresh)
    if not distinct:
        return own, count
    of_titles, _ = journal.encode(distinct, progress)
    return lean(own, titles, dict(zip(distinct, of_titles, strict=True))), count


def lean(own: Vectors, titles: Sequence[str], of_titles: Mapping[str, Vectors]) -> Vectors:
    """Return the unit vectors of passages moved towards those of their titles. Shapes: (n, d) in, (n, d) out."""
    leaning = np.array(own)
    for place, title in enumerate(titles):
        if title:
            leaning[place] += TITLE_SHARE * of_titles[title]
    leaning /= np.linalg.norm(leaning, axis=1, keepdims=True)
    return leaning
