"""Whether what was found answers, and cosines on one scale."""

import json

import pytest

from index.build import open_index
from index.encoder import OWN_MODEL, Encoder
from index.errors import EncoderError
from index.lexical import LexicalIndex
from index.passage import Hit
from index.relevance import Relevance, evidence
from index.scale import CosineScale


def hit(dense, lexical):
    return Hit(None, 0.0, dense, lexical, "")


def test_the_evidence_is_the_best_cosine_and_the_best_share_of_the_words():
    hits = [hit(0.7, None), hit(0.9, 1.0), hit(None, 3.0)]

    assert evidence(hits, 6.0) == (0.9, 0.5)
    assert evidence(hits, 2.0) == (0.9, 1.0)
    assert evidence([], 6.0) == (0.0, 0.0)
    assert evidence(hits, 0.0) == (0.9, 0.0)


def test_no_score_exceeds_the_ceiling_and_a_rare_word_raises_it():
    index = LexicalIndex.of(["Le congé dure quatre jours.", "Le congé est payé.", "Le permis"])

    for query in ("congé", "congé payé permis", "quatre jours inconnus"):
        assert index.scores(query).max() < index.ceiling(query)
    assert index.ceiling("congé") < index.ceiling("permis") < index.ceiling("inconnu")
    assert index.ceiling("permis permis") == index.ceiling("permis")
    assert index.ceiling("le la") == LexicalIndex.of([""]).ceiling("permis") == 0


def test_a_retriever_says_nothing_relevant_only_with_a_model_that_was_measured(settings, encoder):
    retriever = open_index(settings, encoder, lambda _: None)
    hits = retriever.search("date de clôture de l’appel régional")

    assert retriever.relevance("date", hits) is None
    assert not retriever.nothing_relevant("xyz", [])
    encoder.relevance = Relevance(-1.0, 10.0, 1.0, 0.5)
    assert retriever.relevance("date de clôture de l’appel régional", hits) > 0.5
    assert retriever.nothing_relevant("recette du gratin", retriever.search("recette du gratin"))


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
