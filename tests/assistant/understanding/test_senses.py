"""The classifiers of meaning: learnt, kept, refused when damaged; those that ship fit what ships."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from assistant.understanding import senses
from assistant.understanding.classifier import Classifier, learn_classes
from assistant.understanding.intents import Topic
from assistant.understanding.senses import Scope, Sense, Senses
from index.encoder import Encoder
from index.engines import Vectors
from index.scale import CosineScale

EXAMPLES = {"est": ["a", "b", "c"], "nord": ["d", "e"], "ouest": ["f", "g"]}
VECTORS = np.array(
    [[1, 0], [0.96, 0.28], [0.96, -0.28], [0, 1], [0.1, 0.99], [-1, 0], [-0.96, 0.28]], np.float32
)
TINY = learn_classes(EXAMPLES, VECTORS)


class _Unusable:
    """An encoder whose weights are known and that must encode nothing."""

    scale, relevance = CosineScale(), None

    def __init__(self, fingerprint: str) -> None:
        self.fingerprint = fingerprint

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        raise AssertionError("nothing is to be learnt")

    def encode_passages(self, texts: Sequence[str], progress: object = None) -> Vectors:
        raise AssertionError("nothing is to be learnt")


class _Letters(_Unusable):
    """Counts letters; ``calls`` tells how often it encoded."""

    calls = 0

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        self.calls += 1
        rows = np.array([[1 + text.count(chr(97 + n)) for n in range(26)] for text in texts], np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.parametrize(("vector", "label"), [((1, 0), "est"), ((0, 1), "nord"), ((-1, 0), "ouest")])
def test_a_vector_is_of_the_class_of_the_examples_near_it(vector: tuple[int, int], label: str) -> None:
    shares = TINY.probabilities(np.array(vector, np.float32))

    assert max(shares, key=lambda name: shares[name]) == label
    assert set(shares) == set(EXAMPLES)
    assert sum(shares.values()) == pytest.approx(1)


def test_a_saved_classifier_says_the_same(tmp_path: Path) -> None:
    TINY.save(tmp_path / "kept.npz")
    read = Classifier.load(tmp_path / "kept.npz")

    for vector in VECTORS:
        assert read.probabilities(vector) == TINY.probabilities(vector)


def _disagreeing(path: Path) -> None:
    np.savez(path, labels=np.array(["a", "b"]), weights=np.zeros((3, 2)), biases=np.zeros(3))


def _incomplete(path: Path) -> None:
    np.savez(path, labels=np.array(["a", "b"]), weights=np.zeros((2, 2)))


@pytest.mark.parametrize(
    "damage",
    [
        _disagreeing,
        _incomplete,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_text("not weights", encoding="utf-8"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    path = tmp_path / "kept.npz"
    damage(path)

    with pytest.raises(ValueError, match=r".+"):
        Classifier.load(path)


def test_an_absent_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="absent"):
        Classifier.load(tmp_path / "absent.npz")


def test_the_weights_that_ship_are_those_of_the_encoder_and_examples_that_ship(tmp_path: Path) -> None:
    encoder = Encoder()
    folder = Path(senses.__file__).parent
    names = {f"{kind}-{senses._key(kind, encoder)}.npz" for kind in senses._KINDS}

    assert {path.name for path in folder.glob("*.npz")} == names
    assert {
        label for name in names if name.startswith("scope") for label in Classifier.load(folder / name).labels
    } == set(Scope)
    Senses.open(_Unusable(encoder.fingerprint), tmp_path)
    assert not list(tmp_path.iterdir())


def test_another_encoder_learns_once_then_reads_what_was_kept(tmp_path: Path) -> None:
    first = _Letters("letters-1")
    Senses.open(first, tmp_path)

    assert first.calls
    Senses.open(_Unusable("letters-1"), tmp_path)


def test_a_damaged_cache_is_learnt_again(tmp_path: Path) -> None:
    Senses.open(_Letters("letters-1"), tmp_path)
    for path in tmp_path.iterdir():
        path.write_bytes(b"damaged")
    again = _Letters("letters-1")
    Senses.open(again, tmp_path)

    assert again.calls
    assert all(Classifier.load(path).labels for path in tmp_path.iterdir())


def test_a_sense_tells_its_likeliest_scope_and_topic() -> None:
    sense = Sense({Scope.PROGRAMME: 0.2, Scope.FRAUD: 0.8}, {"seuil": 0.6, "voie": 0.4})

    assert (sense.scope, sense.within) == (Scope.FRAUD, 0.2)
    assert sense.topic(0.5) is Topic.SEUIL
    assert sense.topic(0.6) is None
    assert Sense({}, {"aucun-sujet-connu": 0.9}).topic(0.1) is None


def test_a_sense_not_asked_for_is_within_the_programme() -> None:
    assert (Sense().scope, Sense().within, Sense().topic(0.0)) == (Scope.PROGRAMME, 1.0, None)
