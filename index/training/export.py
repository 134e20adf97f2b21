"""Write an encoder as ONNX computed in eight bits: pooling and length inside, so that running it needs no torch."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from corpus.fiches import load_statements
from corpus.glossary import load_glossary
from index.training.quantise import quantise

HEADS, WIDTH, MAXIMUM_TOKENS = 12, 384, 512


def export(source: Path, target: Path, name: str, texts: Sequence[str] | None = None) -> Path:
    """Write ``model.onnx``, ``tokenizer.json`` and ``model.json`` (name, digest, dimension) into ``target``.

    ``texts`` show the range of the numbers inside the model; those of the product's own corpus when not given.
    """
    import onnx
    from tokenizers import Tokenizer

    target.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.from_file(str(source / "tokenizer.json"))
    tokenizer.enable_truncation(MAXIMUM_TOKENS)
    model = quantise(_fused(source.resolve()), tokenizer, texts or calibration_texts())
    onnx.save(model, str(target / "model.onnx"))
    shutil.copyfile(source / "tokenizer.json", target / "tokenizer.json")
    with (target / "model.onnx").open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    about = {"name": name, "sha256": digest, "dimension": WIDTH, "maximum_tokens": MAXIMUM_TOKENS}
    (target / "model.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    return target


def calibration_texts() -> list[str]:
    """Return questions and passages, short and long, of the product's own corpus."""
    statements = [statement.text for statement in load_statements()]
    terms = [f"{term.term} : {term.definition}" for term in load_glossary()]
    long = ["\n".join(statements[start : start + 8]) for start in range(0, len(statements), 40)]
    passages = [*statements[::12], *terms[::12], *long]
    questions = [f"query: {term.term} ?" for term in load_glossary()[::12]]
    return [*(f"passage: {text}" for text in passages), *questions]


def _fused(source: Path) -> Any:
    """Return the graph of the model, its attention and its normalisations each one operation."""
    import onnx
    from onnxruntime.transformers import optimizer
    from onnxruntime.transformers.fusion_options import FusionOptions

    options = FusionOptions("bert")
    options.enable_embed_layer_norm = False  # it would hide the table of word embeddings
    with _temporary_directory():
        _trace(source, Path("whole.onnx"))
        optimizer.optimize_model(
            "whole.onnx",
            model_type="bert",
            num_heads=HEADS,
            hidden_size=WIDTH,
            optimization_options=options,
            opt_level=0,
        ).save_model_to_file("fused.onnx")
        return onnx.load("fused.onnx")


@contextmanager
def _temporary_directory() -> Iterator[None]:
    """Work in a temporary directory: the optimiser leaves files of its own wherever it is run."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as temporary:
        os.chdir(temporary)
        try:
            yield
        finally:
            os.chdir(before)


def _trace(source: Path, path: Path) -> None:
    import torch
    from transformers import AutoModel

    class UnitVectors(torch.nn.Module):
        def __init__(self, model: Any) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            words = self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            present = attention_mask.unsqueeze(-1).to(words.dtype)
            mean = (words * present).sum(1) / present.sum(1)
            return torch.nn.functional.normalize(mean, dim=-1)

    model = AutoModel.from_pretrained(str(source), attn_implementation="eager", local_files_only=True).eval()
    ids = torch.randint(5, 1_000, (2, 16))
    torch.onnx.export(
        UnitVectors(model),
        (ids, torch.ones_like(ids)),
        str(path),
        input_names=["input_ids", "attention_mask"],
        output_names=["vector"],
        dynamic_axes={
            "input_ids": {0: "texts", 1: "tokens"},
            "attention_mask": {0: "texts", 1: "tokens"},
            "vector": {0: "texts"},
        },
        opset_version=17,
        dynamo=False,  # the fusions of onnxruntime.transformers recognise the graph of this exporter only
    )
