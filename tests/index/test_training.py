"""How the encoder that ships is made, each step for real on a small scale: fewer words, one step, a short set."""

import gzip
import json
import random

import numpy as np
import pytest
from tokenizers import Tokenizer

from index.encoder import Encoder
from index.model_folder import import_wheel_model
from index.training.export import export
from index.training.pairs import (
    Corpus,
    Engine,
    Pair,
    _Asked,
    _derived,
    all_pairs,
    as_typed,
    group_of,
    is_held_out,
)
from index.training.quantise import integers, smoothing
from index.training.texts import SETS, Document, Question, english_texts, french_texts, passages, questions
from index.training.train import Settings, batches, blend, train
from index.training.vocabulary import count_tokens, is_latin, prune

TEXTS = ["Le seuil de groupement est de 15 ESSMS.", "La clôture est fixée au 15 septembre 2025."]
FACTS = [
    "congés payés",
    "permis de conduire",
    "données personnelles",
    "carte grise",
    "bulletin de paie",
    "droit d’accès",
]


@pytest.fixture(scope="module")
def pruned(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pruned")
    source = import_wheel_model()
    counts = count_tokens(source, ["query: passage: ", *TEXTS])
    return folder, counts, prune(source, folder, counts, count_tokens(source, []), 6_000)


@pytest.fixture
def word_count(encoder):
    return encoder


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Each set with six documents and a question a document."""
    folder = tmp_path_factory.mktemp("data")
    for name in SETS:
        (folder / name).mkdir()
        with gzip.open(folder / name / "corpus.jsonl.gz", "wt", encoding="utf-8") as stream:
            for rank, fact in enumerate(FACTS):
                text = f"Cette page explique tout sur le sujet suivant : {fact}. " * 6
                stream.write(json.dumps({"_id": f"d{rank}", "title": f"Guide : {fact}", "text": text}) + "\n")
        rows = [
            json.dumps({"_id": f"q{rank}", "text": f"où trouver {fact} ?"}) for rank, fact in enumerate(FACTS)
        ]
        (folder / name / "queries.dev.jsonl").write_text("\n".join(rows), encoding="utf-8")
        lines = [f"q{rank}\td{rank}\t1" for rank in range(6)]
        (folder / name / "qrels.dev.tsv").write_text(
            "query-id\tcorpus-id\tscore\n" + "\n".join(lines), encoding="utf-8"
        )
    return folder


def test_a_pruned_model_reads_and_weighs_the_words_it_keeps_as_before(pruned):
    folder, counts, size = pruned
    original, smaller = (
        Tokenizer.from_file(str(path / "tokenizer.json")) for path in (import_wheel_model(), folder)
    )

    assert size == 6_000
    assert smaller.get_vocab_size() == 6_000
    assert len(counts) > 10
    for text in TEXTS:
        assert smaller.encode(text).tokens == original.encode(text).tokens
    cosines = Encoder(str(folder)).encode_passages(TEXTS) * Encoder(
        str(import_wheel_model())
    ).encode_passages(TEXTS)
    assert cosines.sum(axis=1) == pytest.approx([1, 1], abs=1e-5)
    assert "<unk>" not in smaller.encode("Zygomatique, xylophène : 3 ½ € — « ok » ?").tokens


def test_a_model_is_exported_with_its_vectors(pruned, tmp_path):
    folder, _, _ = pruned
    exported = Encoder(str(export(folder, tmp_path / "model", "essai")))

    assert exported.fingerprint.startswith("essai-")
    texts = [*TEXTS, "un texte bien plus long que les autres " * 30]
    cosines = (exported.encode_queries(texts) * Encoder(str(folder)).encode_queries(texts)).sum(axis=1)
    assert (
        cosines.min() > 0.995
    )  # the original is read in bfloat16 where the processor has it, itself at .997


@pytest.mark.parametrize(("axis", "maximum"), [(0, 63), (1, 127)])
def test_integers_give_the_weights_back_within_half_a_step(axis, maximum):
    weights = np.random.default_rng(1).standard_normal((40, 30))
    weights[3] = 0

    values, scales = integers(weights, maximum, axis)

    assert values.dtype == np.int8
    assert np.abs(values).max() == maximum
    assert np.abs(values * scales - weights).max() <= np.max(scales) / 2 + 1e-6


def test_a_large_channel_is_divided_more_and_the_product_stays():
    largest, weights = np.array([100.0, 1.0, 1.0]), np.ones((3, 4))

    factors = smoothing(largest, weights)

    assert factors[0] > 10 * factors[1]
    assert np.exp(np.log(factors).mean()) == pytest.approx(1)
    row = np.array([50.0, 0.5, -1.0])
    assert (row / factors) @ (weights * factors[:, None]) == pytest.approx(row @ weights)


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("▁a", True),
        ("é", True),
        ("15", True),
        ("€", True),
        ("的", False),
        ("ж", False),
        ("▁programme", False),
    ],
)
def test_short_latin_pieces_are_always_kept(token, expected):
    assert is_latin(token) is expected


def test_the_texts_of_the_vocabulary_are_there(data):
    assert sum("congés payés" in text for text in french_texts(data)) >= 2 * len(SETS)
    assert any("numpy" in text.lower() for text in english_texts())


def test_pairs_never_hold_a_question_kept_to_measure(data, word_count):
    pairs = all_pairs(data, Engine(word_count.encode_passages, word_count.encode_queries))
    asked = {pair.query for pair in pairs if pair.asked}

    assert asked
    for name in SETS:
        for question in questions(data, name):
            if is_held_out(name, group_of(question)):
                assert not any(pair.source == name and pair.query == question.text for pair in pairs)
    assert {pair.source for pair in pairs if pair.asked} <= {"code_travail_prequalifie", "piaf_v1_0"}
    for pair in pairs:
        assert pair.positive != pair.negative
        assert pair.query.split(" ", 3)[-1] not in pair.negative


def test_a_recipe_may_leave_sets_out_to_measure_on_them(data, word_count):
    engine = Engine(word_count.encode_passages, word_count.encode_queries)

    pairs = all_pairs(data, engine, ["cnil_besoin_aide"])

    assert {pair.source.split(" ")[0] for pair in pairs} == {"cnil_besoin_aide"}


def test_forms_that_are_asked_for_by_name_and_headings_make_their_own_pairs():
    text = (
        "Le congé dure quatre jours, que le mariage soit civil ou religieux, et il est payé par l’employeur. "
        * 3
    )
    rows = [
        Document("f", "Formulaire 123 : demande", text),
        Document("p", "Congé de mariage", f"Durée du congé\n{text}\nUne ligne seule."),
    ]

    asked = list(_derived("essai", rows, random.Random(1)))

    assert {one.group for one in asked} == {"p"}
    assert [one.query for one in asked if one.source == "essai heading"] == [
        "Congé de mariage Durée du congé"
    ]
    assert all(one.positive for one in asked)


def test_a_near_miss_is_another_text_that_looks_like_it(word_count):
    rows = [
        Document(str(rank), f"Guide {fact}", f"Ce guide parle de {fact} en détail.")
        for rank, fact in enumerate(FACTS)
    ]
    corpus = Corpus(rows, Engine(word_count.encode_passages, word_count.encode_queries))
    asked = [_Asked("guide permis de conduire", frozenset({"1"}), "1", "piaf_v1_0")]

    (pair,) = corpus.pairs(asked, random.Random(2))

    assert "permis de conduire" in pair.positive
    assert "permis de conduire" not in pair.negative
    assert pair.vector @ pair.vector == pytest.approx(1)


def test_a_passage_is_cut_as_the_index_does_and_a_group_is_what_answers():
    assert group_of(Question("q", "?", {"b": 1, "a": 2})) == "a b"
    assert passages(Document("d", "Titre", "Texte.")) == ["Titre\nTexte."]


def test_a_batch_is_of_one_kind_and_never_holds_two_answers_of_a_group():
    pairs = [
        Pair(f"q{n}", "p", "n", f"g{n % 3}", source, np.eye(30, dtype=np.float32)[n])
        for n in range(30)
        for source in ("piaf_v1_0", "code_travail_prequalifie")
    ]

    for _, batch in zip(range(20), batches(pairs, Settings(batch=8)), strict=False):
        assert len({pair.source for pair in batch}) == 1
        assert len({pair.group for pair in batch}) == len(batch)


def test_two_passages_that_say_the_same_are_never_in_one_batch():
    vectors = np.eye(8, dtype=np.float32)
    pairs = [Pair(f"q{n}", "p", "n", f"g{n}", "piaf_v1_0", vectors[n % 2]) for n in range(8)]

    batch = next(iter(batches(pairs, Settings(batch=8))))

    assert len(batch) == 2


def test_questions_are_typed_as_people_do_and_stay_readable():
    draw = random.Random(3)
    typed = [as_typed("Quelle est la date de clôture ?", draw) for _ in range(200)]

    assert len(set(typed)) > 20
    assert sum("cloture" in text.lower().replace("ô", "o") for text in typed) > 150
    assert any(text.lower().startswith("bonjour") for text in typed)


def test_a_step_of_training_moves_the_model_and_leaves_word_embeddings(pruned, tmp_path):
    from safetensors.numpy import load_file

    folder, _, _ = pruned
    vectors = np.eye(8, dtype=np.float32)
    pairs = [
        Pair(text, text, TEXTS[0], str(rank), "piaf_v1_0", vectors[rank])
        for rank, text in enumerate([*TEXTS, *FACTS])
    ]
    told = []

    train(
        folder,
        tmp_path / "tuned",
        pairs,
        Settings(steps=1, batch=4, passage_tokens=16, warmup=1),
        told.append,
    )
    blend(folder, tmp_path / "tuned", tmp_path / "mixed", 0.5)

    before, after, mixed = (
        load_file(path / "model.safetensors") for path in (folder, tmp_path / "tuned", tmp_path / "mixed")
    )
    words, moved = "embeddings.word_embeddings.weight", "encoder.layer.11.output.dense.weight"
    assert np.array_equal(before[words], after[words])
    assert not np.array_equal(before[moved], after[moved])
    assert mixed[moved] == pytest.approx((before[moved] + after[moved]) / 2, abs=1e-6)
    assert told[-1].startswith("step 1/1")
