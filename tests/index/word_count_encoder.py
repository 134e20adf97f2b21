"""A deterministic encoder for tests: one dimension a word, no model."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from index.encoder import Progress
from index.engines import Vectors
from index.french import stem
from index.scale import CosineScale


class WordCountEncoder:
    """Counts stems in 512 buckets; ``encoded`` keeps every passage text it was given."""

    scale = CosineScale()
    relevance = None

    def __init__(self, fingerprint: str = "word-count-1") -> None:
        self.fingerprint = fingerprint
        self.encoded: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        vectors = np.full((len(texts), 512), 1e-3, np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in stem(text):
                row[zlib.crc32(word.encode()) % 512] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        self.encoded += texts
        return self.encode_queries(texts)
