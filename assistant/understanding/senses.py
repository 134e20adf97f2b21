"""What a message is by its meaning: within the field or not, what it would have the assistant do, its topic.

Words alone do not tell « quelle prime prévoit la convention ? » from a question on the programme. Two classifiers
learn it from written examples (``scope.yaml``, ``topics.yaml``). Their weights ship for the encoder that ships; for
another one, or when the examples change, they are learnt at the first start and kept in the cache.

    python -m assistant.understanding.senses    # learn again, and write the weights that ship
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from assistant.understanding.classifier import Classifier, learn_classes
from assistant.understanding.intents import Topic
from assistant.understanding.tidying import searched
from index.encoder import PassageEncoder

_HERE = Path(__file__).parent
_KINDS = ("scope", "topics")
_TOPICS = frozenset(topic.value for topic in Topic)


class Scope(StrEnum):
    """What a message is about, or would have the assistant do."""

    PROGRAMME = "programme"
    OUTSIDE = "dehors"
    ATTACK = "attaque"
    VENDOR = "editeur"
    PREDICTION = "pronostic"
    PERSONAL = "personnel"
    FRAUD = "fraude"
    WRITING = "redaction"
    TALK = "conversation"


@dataclass(frozen=True)
class Sense:
    """The probabilities of the scopes and topics of a message; empty when nothing encodes it."""

    scopes: Mapping[Scope, float] = field(default_factory=dict)
    topics: Mapping[str, float] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        """Whether the meaning of the message is known."""
        return bool(self.scopes)

    @property
    def within(self) -> float:
        """The probability that the message is a question on the programme."""
        return self.scopes.get(Scope.PROGRAMME, 1.0)

    @property
    def scope(self) -> Scope:
        """The likeliest scope."""
        return max(self.scopes, key=lambda scope: self.scopes[scope], default=Scope.PROGRAMME)

    def topic(self, least: float) -> Topic | None:
        """Return the topic that is likelier than ``least``, if one is."""
        name = max(self.topics, key=lambda topic: self.topics[topic], default="")
        known = name in _TOPICS and self.topics[name] > least
        return Topic(name) if known else None


class Senses:
    """The classifiers of messages."""

    def __init__(self, scope: Classifier, topics: Classifier) -> None:
        self._scope, self._topics = scope, topics

    @classmethod
    def open(cls, encoder: PassageEncoder, cache: Path, shipped: Path = _HERE) -> Senses:
        """Return the classifiers for an encoder: those that ship, those kept, else those learnt now."""
        found = []
        for kind in _KINDS:
            name = f"{kind}-{_key(kind, encoder)}.npz"
            kept = _read(shipped / name) or _read(cache / name)
            if kept is None:
                kept = _learn(kind, encoder)
                _keep(kept, cache / name)
            found.append(kept)
        return cls(*found)

    def of(self, vector: NDArray[np.float32]) -> Sense:
        """Return the sense of the message that has this unit vector."""
        scopes = {Scope(name): share for name, share in self._scope.probabilities(vector).items()}
        return Sense(scopes, self._topics.probabilities(vector))


def _key(kind: str, encoder: PassageEncoder) -> str:
    text = (_HERE / f"{kind}.yaml").read_text(encoding="utf-8")
    # « capital » names how ``searched`` writes an example: change it when that changes.
    return hashlib.sha256(f"{encoder.fingerprint}\ncapital\n{text}".encode()).hexdigest()[:16]


def load_examples() -> list[str]:
    """Return every example message of the classifiers."""
    return [text for kind in _KINDS for listed in _examples(kind).values() for text in listed]


def _examples(kind: str) -> dict[str, list[str]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    examples: dict[str, list[str]] = yaml.load(
        (_HERE / f"{kind}.yaml").read_text(encoding="utf-8"), Loader=loader
    )
    return examples


def _learn(kind: str, encoder: PassageEncoder) -> Classifier:
    examples = _examples(kind)
    texts = [text for listed in examples.values() for text in listed]
    vectors = [
        encoder.encode_queries([searched(text) for text in texts[start : start + 64]])
        for start in range(0, len(texts), 64)
    ]
    return learn_classes(examples, np.concatenate(vectors))


def _read(path: Path) -> Classifier | None:
    try:
        return Classifier.load(path)
    except (OSError, ValueError):
        return None


def _keep(classifier: Classifier, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.stem}.{os.getpid()}.npz")
    classifier.save(partial)
    partial.replace(path)


def _ship() -> None:
    """Write the weights for the encoder that ships in place of the former ones."""
    from index.encoder import Encoder

    encoder = Encoder()
    for kind in _KINDS:
        for old in _HERE.glob(f"{kind}-*.npz"):
            old.unlink()
        path = _HERE / f"{kind}-{_key(kind, encoder)}.npz"
        _keep(_learn(kind, encoder), path)
        sys.stderr.write(f"{path.name}\n")


if __name__ == "__main__":
    _ship()
