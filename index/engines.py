"""The engines that run an encoder: ONNX Runtime for a model exported so, sentence-transformers for any other."""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

ONNX_FILE = "model.onnx"


class Engine(Protocol):
    """Turns texts into unit vectors."""

    dimension: int

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one float32 unit vector a text; texts are at most a batch, of like lengths."""
        ...

    def tokens(self, text: str) -> list[str]:
        """Return the tokens of a text, for tests and curious readers."""
        ...


class OnnxEngine:
    """A model exported by ``index.training``: ``model.onnx``, ``tokenizer.json``, ``model.json``."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        self.dimension: int = about["dimension"]
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(about["maximum_tokens"])
        self._tokenizer.enable_padding(pad_id=self._tokenizer.token_to_id("<pad>"), pad_token="<pad>")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = len(os.sched_getaffinity(0))
        options.enable_cpu_mem_arena = False  # it would keep what the longest batch took
        # Threads that wait without spinning leave the cores to others: a question is no slower.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(folder / ONNX_FILE), options, providers=["CPUExecutionProvider"]
        )

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of a batch."""
        encoded = self._tokenizer.encode_batch_fast(list(texts))
        given = {
            "input_ids": np.array([one.ids for one in encoded], np.int64),
            "attention_mask": np.array([one.attention_mask for one in encoded], np.int64),
        }
        vectors: Vectors = self._session.run(None, given)[0]
        return vectors

    def tokens(self, text: str) -> list[str]:
        """Return the tokens of a text, for tests and curious readers."""
        pieces: list[str] = self._tokenizer.encode(text, add_special_tokens=False).tokens
        return pieces


class TorchEngine:
    """A sentence-transformers folder or hub name; the only home of sentence-transformers.

    It computes in bfloat16 where the processor has it: 33 passages of 250 tokens a second instead of 14 on two
    cores, and the same retrieval (CNIL, dense nDCG@10 .705 against .702, n = 90; cosine .997).
    """

    def __init__(self, model: str) -> None:
        local = Path(model).is_dir()
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        if local:
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        with _collector_paused():
            import torch
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging

            logging.disable_progress_bar()  # type: ignore[no-untyped-call]
            number = torch.bfloat16 if has_bfloat16() else torch.float32
            self._model = SentenceTransformer(
                model, device="cpu", local_files_only=local, model_kwargs={"dtype": number}
            )
        self.dimension: int = self._model.get_embedding_dimension() or 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of a batch."""
        import torch

        with torch.inference_mode():
            torch.set_num_threads(_threads())
            found = self._model.encode(
                list(texts), batch_size=len(texts), show_progress_bar=False, convert_to_tensor=True
            )
            vectors = found.float().numpy()
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: Vectors = vectors / np.maximum(norms, np.float32(1e-12))
        return unit

    def tokens(self, text: str) -> list[str]:
        """Return the tokens of a text, for tests and curious readers."""
        pieces: list[str] = self._model.tokenizer.tokenize(text)
        return pieces

    @property
    def revision(self) -> str:
        """The commit of a model of a hub, when it is known."""
        module: Any = self._model[0]
        return getattr(module.auto_model.config, "_commit_hash", None) or "unknown"


def has_bfloat16() -> bool:
    """Whether the processor multiplies in bfloat16 (AVX-512 BF16 or AMX), as Linux tells."""
    try:
        return bool(
            {"avx512_bf16", "amx_bf16"} & set(Path("/proc/cpuinfo").read_text(encoding="utf-8").split())
        )
    except OSError:
        return False


def _threads() -> int:
    """Return one thread a core, or a single one when other programs keep the cores busy.

    On two cores a question takes 16 ms with two threads and 24 ms with one; but when both cores are taken,
    two threads wait for each other (230 to 600 ms measured) while a single one still needs 25 ms.
    """
    cores = len(os.sched_getaffinity(0))
    return cores if os.getloadavg()[0] < 1.25 * cores else 1


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Pause the garbage collector: importing torch and transformers allocates for 0.7 s of its work."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
