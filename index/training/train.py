"""Teach the pruned encoder which passage answers a French administrative question (sentence-transformers)."""

from __future__ import annotations

import json
import random
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.engines import has_bfloat16
from index.training.pairs import Pair, as_typed

# How much each kind of pair weighs in what is drawn: questions people asked, against those made from documents.
WEIGHTS = {
    "code_travail_prequalifie": 3.0,
    "piaf_v1_0": 1.2,
    "service_public_citoyens title": 3.0,
    "service_public_citoyens heading": 2.0,
    "service_public_citoyens sentence": 1.2,
    "code_travail_prequalifie title": 1.0,
    "code_travail_prequalifie heading": 0.7,
    "code_travail_prequalifie sentence": 0.7,
    "cnil_besoin_aide title": 0.7,
    "cnil_besoin_aide heading": 0.2,
    "cnil_besoin_aide sentence": 0.3,
}
_ALIKE = 0.93  # cosine of two passages that may answer the same question


@dataclass(frozen=True)
class Settings:
    """What a training run depends on."""

    steps: int = 480
    batch: int = 64
    rate: float = 5e-5
    warmup: int = 40
    scale: float = 50.0
    passage_tokens: int = 128
    query_tokens: int = 48
    seed: int = 7


def batches(pairs: Sequence[Pair], settings: Settings) -> Iterator[list[Pair]]:
    """Yield batches of one kind of pair each, so that the passages of the others are near misses too."""
    draw = random.Random(settings.seed)
    kinds: dict[str, list[Pair]] = {}
    for pair in pairs:
        kinds.setdefault(pair.source, []).append(pair)
    names = sorted(kinds)
    weights = [WEIGHTS[name] for name in names]
    while True:
        kind = kinds[draw.choices(names, weights)[0]]
        batch: list[Pair] = []
        for pair in draw.sample(kind, min(len(kind), 4 * settings.batch)):
            if len(batch) < settings.batch and not _may_answer_another(pair, batch):
                batch.append(pair)
        yield batch


def _may_answer_another(pair: Pair, batch: Sequence[Pair]) -> bool:
    if any(other.group == pair.group for other in batch):
        return True
    return any(other.vector @ pair.vector > _ALIKE for other in batch)


def train(
    source: Path, target: Path, pairs: Sequence[Pair], settings: Settings, tell: Callable[[str], None]
) -> None:
    """Train the model of ``source`` and write it into ``target``; word embeddings do not move.

    Frozen embeddings keep the words that no pair shows where they were, and make a step faster. Dropout is off:
    its random numbers took two thirds of a step. The forward pass is in bfloat16 where the processor has it
    (a step of 80 passages of 128 tokens: 2.5 s on two cores, 12.6 in float32); the loss is in float32.
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

    torch.manual_seed(settings.seed)
    draw = random.Random(settings.seed)
    model = SentenceTransformer(
        str(source),
        device="cpu",
        local_files_only=True,
        model_kwargs={"attn_implementation": "eager"},
        config_kwargs={"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0},
    )
    inner: Any = model[0]
    inner.auto_model.embeddings.word_embeddings.weight.requires_grad_(False)
    loss_of = MultipleNegativesRankingLoss(model, scale=settings.scale)
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=settings.rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step, settings))
    model.train()
    started, running = time.perf_counter(), 0.0
    for step, batch in zip(range(1, settings.steps + 1), batches(pairs, settings), strict=False):
        columns = (
            ([f"query: {as_typed(pair.query, draw)}" for pair in batch], settings.query_tokens),
            ([f"passage: {pair.positive}" for pair in batch], settings.passage_tokens),
            ([f"passage: {pair.negative}" for pair in batch], settings.passage_tokens),
        )
        embeddings = []
        for texts, limit in columns:
            model.max_seq_length = limit
            features = model.preprocess(texts)
            with torch.autocast("cpu", torch.bfloat16, enabled=has_bfloat16()):
                embeddings.append(model(features)["sentence_embedding"].float())
        loss: Any = loss_of.compute_loss_from_embeddings(embeddings, torch.empty(0))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad(set_to_none=True)
        running = loss.item() if step == 1 else 0.95 * running + 0.05 * loss.item()
        if step % 10 == 0 or step == settings.steps:
            spent = (time.perf_counter() - started) / step
            tell(f"step {step}/{settings.steps} loss {running:.3f} {spent:.1f} s a step")
        if step % 100 == 0:
            _save(model, source, target, settings)
    _save(model, source, target, settings)


def _rate(step: int, settings: Settings) -> float:
    if step < settings.warmup:
        return (step + 1) / settings.warmup
    return max(0.02, (settings.steps - step) / max(1, settings.steps - settings.warmup))


def _save(model: Any, source: Path, target: Path, settings: Settings) -> None:
    model.max_seq_length = 512
    model.save(str(target), create_model_card=False)
    # The library writes the last limit and the padding of a batch into it; the reader of a model sets its own.
    shutil.copyfile(source / "tokenizer.json", target / "tokenizer.json")
    (target / "training.json").write_text(json.dumps(asdict(settings), indent=1), encoding="utf-8")


def blend(first: Path, second: Path, target: Path, share: float) -> None:
    """Write the weights between two models of one shape: ``share`` of the second, the rest of the first."""
    from safetensors.torch import load_file, save_file

    shutil.copytree(second, target, dirs_exist_ok=True)
    one, two = load_file(first / "model.safetensors"), load_file(second / "model.safetensors")
    mixed = {name: (1 - share) * weight.float() + share * two[name].float() for name, weight in one.items()}
    save_file(mixed, target / "model.safetensors", metadata={"format": "pt"})
