"""Whether what was found answers, and cosines on one scale."""

import json

import pytest

from index.build import open_index
from index.encoder import OWN_MODEL, Encoder
from index.errors import EncoderError
from index.passage import Hit
from index.relevance import Relevance, best_cosine
from index.scale import CosineScale


def hit(dense, lexical):
    return Hit(None, 0.0, dense, lexical, "")


def test_the_nearest_hit_decides_even_when_it_is_not_the_first():
    assert best_cosine([hit(0.7, None), hit(0.9, 1.0), hit(None, 3.0)]) == 0.9
    assert best_cosine([]) == best_cosine([hit(None, 3.0)]) == 0.0


def test_a_retriever_says_nothing_relevant_only_with_a_model_that_was_measured(settings, encoder):
    retriever = open_index(settings, encoder, lambda _: None)
    hits = retriever.search("date de clôture de l’appel régional")

    assert retriever.relevance(hits) is None
    assert not retriever.nothing_relevant([])
    encoder.relevance = Relevance(-1.0, 10.0, 0.5)
    assert retriever.relevance(hits) > 0.5
    assert retriever.nothing_relevant(retriever.search("recette du gratin"))


def test_the_model_that_ships_says_its_scale_and_its_relevance():
    about = json.loads((OWN_MODEL / "model.json").read_text(encoding="utf-8"))
    encoder = Encoder()

    assert encoder.scale == CosineScale(**about["scale"])
    assert encoder.relevance == Relevance(**about["relevance"])
    assert 0 < encoder.relevance.threshold < 1


def test_the_scale_of_the_model_that_ships_is_that_of_the_original():
    question = Encoder().encode_queries(["Jusqu’à quand peut-on déposer un dossier ?"])[0]
    passages = Encoder().encode_passages(
        ["La date limite de dépôt est le 15 septembre.", "Le chat dort sur le canapé du salon."]
    )

    near, far = (Encoder().scale(float(cosine)) for cosine in passages @ question)

    assert near == pytest.approx(0.88, abs=0.05)
    assert far == pytest.approx(0.77, abs=0.05)


def test_another_model_keeps_its_own_cosines(tmp_path):
    assert Encoder(str(tmp_path)).scale == CosineScale()
    assert Encoder(str(tmp_path)).relevance is None
    (tmp_path / "model.onnx").write_bytes(b"")
    (tmp_path / "model.json").write_text("[1", encoding="utf-8")
    with pytest.raises(EncoderError, match="endommagé"):
        _ = Encoder(str(tmp_path)).scale
