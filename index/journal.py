"""The journal of vectors: what was encoded is on the disk at once, so that a crash costs a few seconds.

One file an encoder: the dimension (4 bytes), then a record for each text: its sha256 (32 bytes), a checksum
(4 bytes) and its float32 vector. What a crash cut short or a disk damaged is dropped at the next reading.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from index.encoder import PassageEncoder, Progress
    from index.engines import Vectors

_NUMBER = np.dtype("<u4")
_DIGEST = 32
_BLOCK = 256  # texts between two writings: some ten seconds of work on two cores


class Journal:
    """The vectors of one encoder, by text."""

    def __init__(self, directory: Path, encoder: PassageEncoder) -> None:
        self._encoder = encoder
        self._path = directory / f"{hashlib.sha256(encoder.fingerprint.encode()).hexdigest()[:16]}.vectors"

    def encode(
        self, texts: Sequence[str], progress: Progress, *, afresh: bool = False
    ) -> tuple[Vectors, int]:
        """Return the vectors of ``texts``, and how many had to be computed; each is kept as soon as it is.

        ``afresh`` forgets what is kept. Another process that encodes with the same journal is waited for.

        Raises:
            OSError: The journal cannot be written.
            EncoderError: The model cannot be loaded.
        """
        keys = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts]
        with self._locked():
            if afresh:
                self._path.unlink(missing_ok=True)
            known = self._read()
            wanted = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
            if wanted:
                known |= self._encode(wanted, progress)
        return np.stack([known[key] for key in keys]).astype(np.float32, copy=False), len(wanted)

    def keep_only(self, texts: Sequence[str]) -> None:
        """Drop the vectors of every other text, so that the journal does not grow with the years.

        Raises:
            OSError: The journal cannot be written.
        """
        keys = {hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts}
        with self._locked():
            known = self._read()
            if not known or known.keys() <= keys:
                return
            kept = {key: known[key] for key in known.keys() & keys}
            with tempfile.NamedTemporaryFile(
                dir=self._path.parent, prefix=".vectors-", delete=False
            ) as stream:
                _write(stream, kept, header=bool(kept))
            Path(stream.name).replace(self._path)

    def _encode(self, wanted: dict[bytes, str], progress: Progress) -> dict[bytes, Vectors]:
        # Longest first: batches of like lengths waste no padding, and a lack of memory shows at once.
        order = sorted(wanted, key=lambda key: -len(wanted[key]))
        fresh: dict[bytes, Vectors] = {}
        progress(0, len(order))
        start = 0

        told = 0

        def tell(done: int, _of_block: int) -> None:
            nonlocal told
            told = start + done
            progress(told, len(order))

        for start in range(0, len(order), _BLOCK):
            block = order[start : start + _BLOCK]
            vectors = self._encoder.encode_passages([wanted[key] for key in block], tell)
            written = dict(zip(block, vectors, strict=True))
            self._append(written)
            fresh |= written
            if told < start + len(block):  # an encoder may tell nothing of its work
                tell(len(block), len(block))
        return fresh

    def _append(self, vectors: dict[bytes, Vectors]) -> None:
        with self._path.open("ab") as stream:
            _write(stream, vectors, header=stream.tell() == 0)

    def _read(self) -> dict[bytes, Vectors]:
        """Return the vectors kept; what a crash cut short is cut off."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return {}
        dimension = int(np.frombuffer(data[:4], _NUMBER)[0]) if len(data) >= 4 else 0
        if not 0 < dimension <= 65_536:
            self._path.unlink()
            return {}
        record = np.dtype([("key", f"V{_DIGEST}"), ("sum", _NUMBER), ("vector", "<f4", (dimension,))])
        count = (len(data) - 4) // record.itemsize
        whole = 4 + count * record.itemsize
        if whole < len(data):
            os.truncate(self._path, whole)
        kept: dict[bytes, Vectors] = {}
        for row in np.frombuffer(data, record, count, offset=4):
            key, vector = bytes(row["key"]), row["vector"]
            if zlib.crc32(key + vector.tobytes()) == row["sum"]:
                kept[key] = vector
        return kept

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for leftover in self._path.parent.glob(".vectors-*"):
                leftover.unlink(missing_ok=True)
            yield


def _write(stream: IO[bytes], vectors: dict[bytes, Vectors], *, header: bool) -> None:
    if header:
        dimension = len(next(iter(vectors.values())))
        stream.write(np.array(dimension, _NUMBER).tobytes())
    for key, vector in vectors.items():
        data = np.asarray(vector, "<f4").tobytes()
        stream.write(key + np.array(zlib.crc32(key + data), _NUMBER).tobytes() + data)
