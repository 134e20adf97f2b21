"""Keep of a multilingual vocabulary what French and English need; the vectors of what stays do not change."""

from __future__ import annotations

import json
import re
import shutil
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
_FRENCH_LETTERS = re.compile(r"▁?[A-Za-zÀÂÇÉÈÊËÎÏÔÙÛÜŒàâçéèêëîïôùûüœæ’'-]+")
EMBEDDINGS = "embeddings.word_embeddings.weight"
_BATCH = 512


def count_tokens(folder: Path, texts: Iterable[str]) -> Counter[int]:
    """Return how often each token of the model's vocabulary appears in the texts."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    counts: Counter[int] = Counter()
    batch: list[str] = []
    for text in texts:
        batch.append(text)
        if len(batch) == _BATCH:
            _count(tokenizer, batch, counts)
            batch = []
    _count(tokenizer, batch, counts)
    return counts


def _count(tokenizer: Tokenizer, batch: list[str], counts: Counter[int]) -> None:
    for encoded in tokenizer.encode_batch_fast(batch, add_special_tokens=False):
        counts.update(encoded.ids)


def is_latin(token: str) -> bool:
    """Whether a token may be part of a French or English word, number or sign not seen in the texts."""
    plain = token.removeprefix("▁")
    return len(plain) <= 2 and all(
        ord(sign) < 0x250
        or unicodedata.category(sign) in ("Sc", "Po", "Pd", "Ps", "Pe", "Pi", "Pf", "Sm", "No")
        for sign in plain
    )


def prune(source: Path, target: Path, french: Counter[int], english: Counter[int], size: int) -> int:
    """Write the model with at most ``size`` tokens into ``target``; return how many it has.

    Kept first: special tokens, short Latin pieces (so that every word can still be written), then the tokens
    most frequent in French, English counting for a tenth, then the likeliest of those in French letters.
    """
    shutil.copytree(source, target, dirs_exist_ok=True)
    data = json.loads((source / "tokenizer.json").read_text(encoding="utf-8"))
    vocabulary = data["model"]["vocab"]
    mask = next(token["id"] for token in data["added_tokens"] if token["content"] == "<mask>")
    always = {rank for rank, (token, _) in enumerate(vocabulary) if token in SPECIAL or is_latin(token)}
    always.add(mask)
    seen = french.keys() | english.keys()
    ranked = sorted(seen - always, key=lambda token: -(french[token] + english[token] / 10))
    # The vocabulary goes from the most to the least likely token of its hundred languages.
    ranked += [
        rank
        for rank, (token, _) in enumerate(vocabulary)
        if rank not in seen and rank not in always and _FRENCH_LETTERS.fullmatch(token)
    ]
    kept = sorted(always | set(ranked[: max(0, size - len(always))]))
    position = {old: new for new, old in enumerate(kept)}
    data["model"]["vocab"] = [vocabulary[old] for old in kept if old < len(vocabulary)]
    data["model"]["unk_id"] = position[data["model"]["unk_id"]]
    for token in data["added_tokens"]:
        token["id"] = position[token["id"]]
    for token in data["post_processor"]["special_tokens"].values():
        token["ids"] = [position[old] for old in token["ids"]]
    (target / "tokenizer.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")

    weights = load_file(source / "model.safetensors")
    weights[EMBEDDINGS] = weights[EMBEDDINGS][torch.tensor(kept)].contiguous()
    save_file(weights, target / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((source / "config.json").read_text(encoding="utf-8"))
    config |= {"vocab_size": len(kept), "pad_token_id": position[1]}
    (target / "config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")
    return len(kept)
