"""What the index needs to know to be built and searched."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from corpus.fiches import FICHES_DIR
from corpus.glossary import GLOSSARY_FILE
from corpus.paths import var_dir
from index.fusion import CANDIDATES, DENSE_WEIGHT
from index.store import Place, check_url


@dataclass(frozen=True)
class IndexSettings:
    """Where the corpus is, where the index goes, which model encodes and how the arms are weighted.

    ``var`` holds the added documents and the index; ``model`` (environment: ``ASSISTANT_ENCODER``) is
    ``None`` for the model that ships, else a hub name or a folder; ``url`` (environment: ``INDEX_URL``) is the
    address of a Chroma server that several processes share, empty to keep the vectors under ``var``;
    ``candidates`` is how many passages each arm proposes.
    """

    var: Path = field(default_factory=var_dir)
    fiches: Path = FICHES_DIR
    glossary: Path = GLOSSARY_FILE
    model: str | None = field(default_factory=lambda: os.environ.get("ASSISTANT_ENCODER") or None)
    url: str = field(default_factory=lambda: os.environ.get("INDEX_URL", "").strip())
    dense_weight: float = DENSE_WEIGHT
    candidates: int = CANDIDATES

    @property
    def directory(self) -> Path:
        """Where the indexes are kept, one directory a fingerprint."""
        return self.var / "index"

    def place(self, directory: Path, fingerprint: str) -> Place:
        """Return where the vectors of an index are: in its own directory, or on the server.

        Raises:
            SettingError: ``url`` is not the address of a server.
        """
        return Place.on_server(check_url(self.url), fingerprint) if self.url else Place.embedded(directory)
