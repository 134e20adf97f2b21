"""A passage's vector leans towards its title's; and the index beyond the size where the search is exact."""

import numpy as np
import pytest

import index.retriever
from index.build import open_index
from index.journal import Journal
from index.vectors import TITLE_SHARE, lean, passage_vectors
from index.wanted import Wanted

NUMBER = 60


def silent(message):
    pass


def test_a_vector_leans_by_the_share_and_stays_one_unit_long():
    own = np.eye(3, dtype=np.float32)

    leaning = lean(own, ["t", "", "t"], {"t": own[1]})

    assert np.linalg.norm(leaning, axis=1) == pytest.approx(np.ones(3))
    assert leaning[0][1] / leaning[0][0] == pytest.approx(TITLE_SHARE)
    assert leaning[1].tolist() == [0, 1, 0]
    assert own.tolist() == np.eye(3).tolist()


def test_a_title_is_encoded_once_and_only_texts_are_counted(encoder, tmp_path):
    journal = Journal(tmp_path, encoder)

    vectors, count = passage_vectors(
        journal, ["Titre", "Titre", ""], ["un", "deux", "trois"], lambda *_: None
    )

    assert count == 3
    assert sorted(encoder.encoded) == ["Titre", "deux", "trois", "un"]
    assert vectors.shape == (3, 512)


@pytest.fixture
def large(settings, encoder, monkeypatch):
    """An index whose search is approximate: Chroma proposes three passages, the words three."""
    monkeypatch.setattr(index.retriever, "_EXACT_LIMIT", 10)
    lines = [
        f"- La ligne numéro {rank} parle de chose{rank} et de tout. {{annee={2021 + rank % 5}}} [@s]"
        for rank in range(NUMBER)
    ]
    (settings.fiches / "essai.md").write_text(
        "---\nid: essai\ntitle: Essai\ntheme: essai\n---\n\n# Essai\n\n" + "\n".join(lines) + "\n",
        encoding="utf-8",
    )
    opened = open_index(settings, encoder, silent)
    opened._candidates = 3
    yield opened
    opened.close()


def test_what_only_the_words_find_is_scored_by_its_vector_too(large):
    hits = large.search("chose17 tout", 3)

    assert "chose17" in hits[0].passage.text
    assert all(hit.dense is not None for hit in hits)
    exact = large.vector("chose17 tout")
    for hit in hits:
        rank = [passage.id for passage in large._order].index(hit.passage.id)
        assert hit.dense == pytest.approx(float(large._vectors[rank].astype(np.float32) @ exact), abs=2e-3)


def test_a_filter_searches_among_what_it_accepts_however_rare(large):
    wanted = Wanted(annees=frozenset({2023}), strict=True)

    hits = large.search("chose17 tout", 50, wanted)

    found = {hit.passage.annees for hit in hits if hit.passage.kind == "fiche"}
    assert found == {(2023,)}
    assert sum(hit.passage.kind == "fiche" for hit in hits) == NUMBER / 5
