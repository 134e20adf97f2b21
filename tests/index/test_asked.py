"""The questions that passages are known to answer: kept, learnt from, and by which a passage is found."""

from dataclasses import replace

import numpy as np
import pytest
from word_count_encoder import WordCountEncoder

import index.build
import index.retriever
from index.adaptation import Adaptation
from index.asked import AskedQuestions, no_questions, owners_of, write_asked
from index.build import build_index, fingerprint_of, open_index
from index.gathering import gather_passages
from index.passage import Passage
from index.wanted import Wanted


def silent(*_):
    pass


class RecordingEncoder(WordCountEncoder):
    """Keeps every text that it was given as a question."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def encode_queries(self, texts):
        self.asked += texts
        return super().encode_queries(texts)

    def encode_passages(self, texts, progress=None):
        self.encoded += texts
        return super().encode_queries(texts)


@pytest.fixture
def recording():
    return RecordingEncoder()


def passage(name, **fields):
    values = {
        "id": name,
        "text": f"Texte {name}",
        "sources": ("s",),
        "document": "d",
        "title": "",
        "heading": (),
        "location": "",
        "page": None,
        "kind": "fiche",
        "annees": (),
        "voies": (),
        "territoires": (),
        "nature": "fait",
    }
    return Passage.from_fields(**values | fields)


# Questions before, between and after passages that have none.
PASSAGES = [
    passage("a"),
    passage("b", questions=("Quel délai ?",), non=("Est-ce tard ?",)),
    passage("c"),
    passage("d", oui=("Faut-il un devis ?",)),
    passage("e"),
]


def test_each_question_belongs_to_its_passage():
    assert owners_of(PASSAGES).tolist() == [1, 1, 3]
    assert owners_of([passage("a")]).tolist() == []


def test_nearest_gives_a_cosine_a_passage_and_a_likeness_a_question():
    axes = np.eye(3, dtype=np.float32)
    rows = np.array([axes[0], axes[1], axes[2], axes[0], axes[2]])  # one a passage
    questions = np.array([[0.6, 0.8, 0], [0, 0, 1], [1, 0, 0]], np.float32)
    asked = AskedQuestions(questions, owners_of(PASSAGES), rows, Adaptation(axes))

    cosines, likeness = asked.nearest(np.array([0.8, 0.6, 0], np.float32))

    assert np.isnan(cosines).tolist() == [True, False, True, False, True]
    assert cosines[[1, 3]] == pytest.approx([0.6, 0.8])
    assert [alike.shape for alike in likeness] == [(0,), (2,), (0,), (1,), (0,)]
    assert likeness[1] == pytest.approx([0.96, 0])
    assert likeness[3] == pytest.approx([0.8])


def test_passages_stay_and_questions_are_turned_by_what_was_learnt():
    swap = np.array([[0, 1], [1, 0]], np.float32)
    both = [passage("a", questions=("Un ?",)), passage("b", questions=("Deux ?",))]
    axes = np.eye(2, dtype=np.float32)
    asked = AskedQuestions(axes, owners_of(both), axes, Adaptation(swap, 0.5, 0.1))

    cosines, likeness = asked.nearest(axes[0])

    assert cosines == pytest.approx([0.1, 0.6])  # the question, turned, is passage b, on the plain scale
    assert [alike.tolist() for alike in likeness] == [[1], [0]]  # both questions turned: question a still


def test_no_questions_says_nothing_of_any_passage():
    cosines, likeness = no_questions(3)

    assert np.isnan(cosines).tolist() == [True] * 3
    assert [alike.shape for alike in likeness] == [(0,)] * 3


@pytest.fixture
def written(tmp_path, recording):
    """Write the questions of PASSAGES; return where, and the vectors of the passages."""
    vectors = recording.encode_passages([one.text for one in PASSAGES])
    (tmp_path / "index").mkdir()
    write_asked(tmp_path / "index", PASSAGES, vectors, recording, tmp_path / "kept", silent)
    return tmp_path / "index", vectors


def test_what_is_written_is_loaded(written, recording):
    directory, vectors = written

    asked = AskedQuestions.load(directory, PASSAGES, vectors)

    cosines, likeness = asked.nearest(recording.encode_queries(["Faut-il un devis ?"])[0])
    assert np.isnan(cosines).tolist() == [True, False, True, False, True]
    assert [len(alike) for alike in likeness] == [0, 2, 0, 1, 0]
    assert likeness[3][0] == pytest.approx(1, abs=1e-3)
    assert likeness[1].max() < 0.9


def test_questions_are_encoded_as_questions_without_marks(written, recording):
    assert sorted(recording.asked) == ["Est-ce tard ?", "Faut-il un devis ?", "Quel délai ?"]
    assert recording.encoded == [one.text for one in PASSAGES]
    marked = [passage("a", questions=("Est-ce « tard », le (15) septembre",))]

    write_asked(written[0], marked, written[1][:1], recording, written[0] / "kept", silent)

    assert recording.asked[-1] == "Est-ce tard le 15 septembre ?"


@pytest.mark.parametrize(
    "others",
    [
        [*PASSAGES[:4], passage("e", questions=("Un de plus ?",))],
        [*PASSAGES[:3], passage("d"), passage("e")],
    ],
)
def test_questions_of_other_passages_are_refused(written, others):
    directory, vectors = written

    with pytest.raises(ValueError, match="not those of the passages"):
        AskedQuestions.load(directory, others, vectors)


def test_questions_of_vectors_of_another_width_are_refused(written):
    directory, vectors = written

    with pytest.raises(ValueError, match="not those of the passages"):
        AskedQuestions.load(directory, PASSAGES, vectors[:, :100])


@pytest.mark.parametrize("name", ["questions.npy", "adaptation.npz"])
def test_a_missing_file_is_an_error_and_not_an_absence_of_questions(written, name):
    directory, vectors = written
    (directory / name).unlink()

    with pytest.raises(FileNotFoundError):
        AskedQuestions.load(directory, PASSAGES, vectors)


def test_without_questions_nothing_is_encoded_written_or_loaded(tmp_path, recording):
    none = [passage("a"), passage("b")]
    vectors = recording.encode_passages([one.text for one in none])
    (tmp_path / "index").mkdir()

    write_asked(tmp_path / "index", none, vectors, recording, tmp_path / "kept", silent)

    assert recording.asked == []
    assert [path.name for path in tmp_path.rglob("*")] == ["index"]
    assert AskedQuestions.load(tmp_path / "index", none, vectors) is None


FICHE = """---
id: essai
title: Essai
theme: essai
---

# Essai

- Le guichet ferme le 15 septembre. {annee=2025} [@a]
- Un devis signé accompagne la demande. {annee=2024} [@a]
- Les tablettes relèvent du matériel. [@a]
- Une attestation bancaire prouve le compte. [@a]
"""

# Each statement has a question in its own words, which sets the scale of cosines, and others without any of them.
QUESTIONS = """\
- id: "essai#general-1"
  says: "Le guichet ferme"
  questions: ["Le guichet ferme-t-il en septembre ?", "Jusqu’à quand candidater ?", "Quelle date limite ?"]
- id: "essai#general-2"
  says: "Un devis signé"
  questions: ["Un devis signé accompagne-t-il la demande ?", "Combien coûte cet éditeur ?"]
  oui: ["Faut-il chiffrer avant ?"]
  non: ["Peut-on candidater gratuitement ?"]
  permis: "non"
- id: "essai#general-3"
  says: "Les tablettes relèvent"
  questions: ["Les tablettes relèvent-elles du matériel ?", "Peut-on acheter un ordinateur ?"]
"""


@pytest.fixture
def asked_settings(settings):
    (settings.fiches / "essai.md").write_text(FICHE, encoding="utf-8")
    path = settings.fiches.parent / "questions" / "essai.yaml"
    path.parent.mkdir()
    path.write_text(QUESTIONS, encoding="utf-8")
    return settings


def rewrite(settings, old, new):
    path = settings.fiches.parent / "questions" / "essai.yaml"
    assert old in QUESTIONS
    path.write_text(QUESTIONS.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("question", "number"),
    [
        ("Jusqu’à quand candidater ?", 1),
        ("Faut-il chiffrer avant ?", 2),
        ("Peut-on acheter un ordinateur ?", 3),
    ],
)
def test_a_passage_is_found_by_its_questions_only(asked_settings, encoder, question, number):
    hit = open_index(asked_settings, encoder, silent).search(question, 5)[0]

    assert hit.passage.id == f"essai#general-{number}"
    assert hit.lexical is None
    assert hit.dense < 0.01
    assert hit.question == question
    assert hit.likeness == pytest.approx(1, abs=1e-3)
    assert len(hit.alike) == len(hit.passage.asked)
    assert hit.asked > hit.dense
    assert "aucun mot commun · questions 0," in hit.why


def test_a_passage_without_questions_is_found_by_its_words_and_says_nothing_of_questions(
    asked_settings, encoder
):
    hit = open_index(asked_settings, encoder, silent).search("attestation bancaire du compte")[0]

    assert hit.passage.id == "essai#general-4"
    assert (hit.asked, hit.alike, hit.question) == (None, (), "")
    assert "questions" not in hit.why


def test_questions_propose_a_passage_that_meaning_and_words_do_not(asked_settings, encoder, monkeypatch):
    monkeypatch.setattr(index.retriever, "_EXACT_LIMIT", 0)
    retriever = open_index(replace(asked_settings, candidates=1), encoder, silent)
    query = "Peut-on acheter un ordinateur ?"
    by_meaning = [key for key, _ in retriever._store.nearest(retriever.vector(query), 1, None)]

    [hit] = retriever.search(query, 1)

    assert by_meaning != ["essai#general-3"]
    assert hit.passage.id == "essai#general-3"
    assert hit.dense is not None


def test_a_question_does_not_find_a_passage_that_is_left_out(asked_settings, encoder):
    retriever = open_index(asked_settings, encoder, silent)
    query = "Combien coûte cet éditeur ?"  # of 2024
    assert retriever.search(query)[0].passage.id == "essai#general-2"

    found = retriever.search(query, 10, Wanted(annees=frozenset({2025}), strict=True))

    assert found
    assert "essai#general-2" not in [hit.passage.id for hit in found]


def test_a_user_s_question_settles_by_the_nearest_known_one(asked_settings, encoder):
    retriever = open_index(asked_settings, encoder, silent)

    for query, word in (("Faut-il chiffrer avant ?", "oui"), ("Peut-on candidater gratuitement ?", "non")):
        [hit] = [hit for hit in retriever.search(query, 10) if hit.passage.id == "essai#general-2"]
        assert hit.settled()[:2] == (word, query)
        assert hit.settled()[3] > 0


def test_an_index_with_questions_is_current_once_built(asked_settings, recording, capsys):
    first = build_index(asked_settings, recording)
    recording.asked.clear()
    recording.encoded.clear()
    written = (first.directory / "questions.npy").stat().st_mtime_ns
    capsys.readouterr()

    again = build_index(asked_settings, recording)
    retriever = open_index(asked_settings, recording)

    assert again.directory == first.directory
    assert (again.encoded, again.reused) == (0, first.passages)
    assert (recording.asked, recording.encoded) == ([], [])
    assert (first.directory / "questions.npy").stat().st_mtime_ns == written
    assert capsys.readouterr().err == ""
    assert retriever.search("Quelle date limite ?")[0].question == "Quelle date limite ?"


@pytest.mark.parametrize("name", ["questions.npy", "adaptation.npz"])
@pytest.mark.parametrize("data", [None, b"", b"abime", "cut"])
def test_damaged_questions_make_the_index_be_built_again_without_encoding(
    asked_settings, recording, name, data, capsys
):
    path = build_index(asked_settings, recording).directory / name
    whole = path.read_bytes()
    if data is None:
        path.unlink()
    else:
        path.write_bytes(whole[: len(whole) // 2] if data == "cut" else data)
    recording.asked.clear()
    recording.encoded.clear()
    capsys.readouterr()

    retriever = open_index(asked_settings, recording)

    assert "Index à construire" in capsys.readouterr().err
    assert (recording.asked, recording.encoded) == ([], [])
    assert path.stat().st_size == len(whole)
    assert retriever.search("Quelle date limite ?")[0].question == "Quelle date limite ?"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Quelle date limite ?", "Quelle échéance ?"),
        (', "Quelle date limite ?"]', "]"),
        ('oui: ["Faut-il', 'impose: "oui"\n  oui: ["Faut-il'),
        ('permis: "non"', 'permis: "oui"'),
        ('  oui: ["Faut-il chiffrer avant ?"]\n  non: [', '  non: ["Faut-il chiffrer avant ?", '),
    ],
)
def test_changing_only_what_is_asked_changes_the_fingerprint(asked_settings, encoder, old, new):
    def fingerprint():
        return fingerprint_of(gather_passages(asked_settings, silent), encoder)

    before = fingerprint()
    assert fingerprint() == before

    rewrite(asked_settings, old, new)

    assert fingerprint() != before


def test_another_way_of_writing_questions_changes_the_fingerprint(asked_settings, encoder, monkeypatch):
    passages = gather_passages(asked_settings, silent)
    before = fingerprint_of(passages, encoder)

    monkeypatch.setattr(index.build, "ASKED_VERSION", index.build.ASKED_VERSION + 1)

    assert fingerprint_of(passages, encoder) != before


def test_only_a_changed_question_is_encoded_again(asked_settings, recording):
    def kept():
        return sorted(path.stat().st_size for path in asked_settings.directory.glob("vectors/*.vectors"))

    old = build_index(asked_settings, recording)
    before = kept()
    recording.asked.clear()
    recording.encoded.clear()
    rewrite(asked_settings, "Quelle date limite ?", "Quelle échéance ?")

    new = build_index(asked_settings, recording)

    assert new.directory != old.directory
    assert recording.asked == ["Quelle échéance ?"]
    assert recording.encoded == []
    assert kept() == before  # the vector of the former question is dropped
    assert (
        open_index(asked_settings, recording, silent).search("Quelle échéance ?")[0].passage.id
        == "essai#general-1"
    )


def test_removing_every_question_leaves_an_index_without_any(asked_settings, recording):
    assert (build_index(asked_settings, recording).directory / "questions.npy").exists()
    (asked_settings.fiches.parent / "questions" / "essai.yaml").unlink()

    built = build_index(asked_settings, recording)
    hits = open_index(asked_settings, recording, silent).search("Le guichet ferme")

    assert not (built.directory / "questions.npy").exists()
    assert not (built.directory / "adaptation.npz").exists()
    assert [hit.asked for hit in hits] == [None] * len(hits)
    assert hits[0].passage.id == "essai#general-1"
