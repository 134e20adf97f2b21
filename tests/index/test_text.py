"""Sentences, words, passages and pieces: everything that needs neither model nor store."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.glossary import Term
from corpus.loaders.content import Block, LoadedDocument, clean
from index.chunking import LIMIT, cut_document, cut_text, term_passage
from index.fields import Entry, FieldedIndex
from index.french import stem, tokenize
from index.lexical import Expansions, LexicalIndex
from index.passage import Passage, passage_from_json
from index.sentences import split_sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("La date est passée. Le dossier reste.", ["La date est passée.", "Le dossier reste."]),
        ("Clôture en 2025. Le dossier suit.", ["Clôture en 2025.", "Le dossier suit."]),
        ("Voir l’art. 3 et la p. 3 du guide.", ["Voir l’art. 3 et la p. 3 du guide."]),
        ("L’instruction n° 2025/40 s’applique. Oui.", ["L’instruction n° 2025/40 s’applique.", "Oui."]),
        ("M. Le Directeur a signé. Fin.", ["M. Le Directeur a signé.", "Fin."]),
        ("L’article L. 312-1 du CASF. Suite.", ["L’article L. 312-1 du CASF.", "Suite."]),
        ("Il a dit « oui. » Puis rien.", ["Il a dit « oui. »", "Puis rien."]),
        ("Quoi ? Rien ! Fin…", ["Quoi ?", "Rien !", "Fin…"]),
        ("Le montant est de 76,5 M€. 2 000 € par ESMS.", ["Le montant est de 76,5 M€.", "2 000 € par ESMS."]),
        ("Serveurs, postes, etc. sont exclus.", ["Serveurs, postes, etc. sont exclus."]),
        ("", []),
    ],
)
def test_split_sentences(text, sentences):
    assert split_sentences(text) == sentences


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("l’ESSMS d'Île-de-France", ["essms", "ile", "france"]),
        ("instruction n° 2025/40 (TSSL2519441J)", ["instruction", "2025/40", "tssl2519441j"]),
        ("76,5 % de 2\u202f000 € et 410 000 DUI", ["76,5", "2000", "410000", "dui"]),
        ("L.312-1, L. 312-1 et l’article L312-1", ["l312-1", "l312-1", "article", "l312-1"]),
        ("cœur qu’elle", ["coeur"]),
    ],
)
def test_tokenize(text, tokens):
    assert tokenize(text) == tokens


def test_stems_unite_plural_and_feminine_and_leave_references_alone():
    assert stem("régionales") == stem("régional")
    assert stem("TSSL2519441J") == ["tssl2519441j"]


TERM = Term(
    term="dossier usager informatisé", abbreviations=("DUI",), gloss="x", definition="Le DUI est un logiciel."
)


def test_an_acronym_and_its_name_find_each_other():
    index = LexicalIndex.of(
        ["Le DUI est financé.", "Le dossier usager informatisé.", "Autre"], Expansions([TERM])
    )

    assert (index.scores("DUI")[:2] > 0).all()
    assert (index.scores("dossier usager informatisé")[:2] > 0).all()
    assert index.scores("DUI")[2] == 0


def test_the_words_of_the_question_outweigh_those_of_the_expansion():
    index = LexicalIndex.of(
        ["Le DUI est financé.", "Le dossier usager informatisé.", "Autre"], Expansions([TERM])
    )

    assert index.scores("DUI").argmax() == 0


def test_a_lexical_index_is_the_same_once_read_from_the_disk(tmp_path):
    texts = ["Le seuil est de 15 ESSMS.", "", "La clôture nationale du 15 septembre"]
    counted = LexicalIndex.of(texts)
    counted.save(tmp_path / "lexical")

    read = LexicalIndex.load(tmp_path / "lexical")

    assert read.size == 3
    for query in ("seuil", "la clôture du 15", "inconnu"):
        assert read.scores(query).tolist() == counted.scores(query).tolist()


def test_an_index_without_a_word_is_kept_too(tmp_path):
    LexicalIndex.of(["", "le"]).save(tmp_path / "lexical")

    assert LexicalIndex.load(tmp_path / "lexical").scores("seuil").tolist() == [0, 0]


@pytest.mark.parametrize(
    "damaged", ["vocab.index.json", "data.csc.index.npy", "indices.csc.index.npy", "size"]
)
@pytest.mark.parametrize("data", [None, b"", b"abime"])
def test_a_damaged_lexical_index_is_said(tmp_path, damaged, data):
    LexicalIndex.of(["Le seuil est de 15 ESSMS.", "La clôture"]).save(tmp_path / "lexical")
    path = tmp_path / "lexical" / damaged
    path.unlink() if data is None else path.write_bytes(data)

    with pytest.raises((OSError, ValueError)):
        LexicalIndex.load(tmp_path / "lexical")


def test_a_question_without_a_known_word_scores_zero_everywhere():
    assert LexicalIndex.of(["un texte"]).scores("xyz le la").tolist() == [0]
    assert LexicalIndex.of([""]).scores("texte").tolist() == [0]


def test_the_digest_changes_with_any_field_and_survives_json():
    passage = term_passage(TERM)

    assert passage_from_json(passage.as_json()) == passage
    for field in dataclasses.fields(Passage):
        if field.name != "digest":
            values = {name: value for name, value in passage.as_json().items() if name != "digest"}
            changed = Passage.from_fields(**(values | {field.name: "autre"}))
            assert changed.digest != passage.digest, field.name


def test_a_tampered_passage_is_refused():
    with pytest.raises(ValueError, match="digest differs"):
        passage_from_json(term_passage(TERM).as_json() | {"text": "autre"})


def test_pieces_follow_headings_and_never_run_over_a_page_break():
    content = LoadedDocument(
        None,
        (
            Block("heading", "Titre", 1, 1),
            Block("heading", "Dépôt", 2, 1),
            Block("paragraph", "Premier.", 0, 1),
            Block("list_item", "Second.", 0, 2),
            Block("heading", "Délais", 2, 2),
            Block("paragraph", "Troisième.", 0, 2),
            Block("heading", "Annexe", 1, 3),
            Block("table_row", "a | b", 0, 3),
        ),
    )

    assert [(piece.text, piece.heading, piece.page) for piece in cut_document(content)] == [
        ("Premier.", ("Titre", "Dépôt"), 1),
        ("Second.", ("Titre", "Dépôt"), 2),
        ("Troisième.", ("Titre", "Délais"), 2),
        ("a | b", ("Annexe",), 3),
    ]


_LINE = st.text(alphabet="abé .!?«»-•\u00a0", max_size=400).map(clean).filter(bool)
_BLOCKS = st.lists(
    st.builds(
        Block,
        st.sampled_from(["heading", "paragraph", "list_item", "table_row"]),
        _LINE,
        st.integers(1, 3),
        st.sampled_from([1, 2, None]),
    ),
    max_size=12,
)


@given(_BLOCKS, st.integers(10, 300))
def test_a_piece_stands_exactly_where_its_span_says_and_no_word_is_lost(blocks, limit):
    content = LoadedDocument(None, tuple(blocks))
    pages = content.page_texts()

    pieces = list(cut_document(content, limit))

    for piece in pieces:
        assert piece.text == pages[piece.page][slice(*piece.span)]
        assert piece.text == piece.text.strip()
        assert 0 < len(piece.text) <= limit
    read = "".join(piece.text for piece in pieces)
    expected = "".join(block.text for block in blocks if block.kind != "heading")
    assert sorted("".join(read.split())) == sorted("".join(expected.split()))


def test_pieces_never_cut_a_sentence_that_fits_nor_exceed_the_limit():
    sentence = "La phrase numéro {} dit quelque chose d’assez long pour compter."
    text = " ".join(sentence.format(number) for number in range(60))

    pieces = [text[start:end] for start, end in cut_text(text)]

    assert all(len(piece) <= LIMIT and piece.endswith(".") for piece in pieces)
    assert " ".join(pieces) == text


def test_a_sentence_longer_than_the_limit_is_cut_between_words_and_nothing_is_lost():
    text = "mot " * 600

    pieces = [text[start:end] for start, end in cut_text(text)]

    assert all(len(piece) <= LIMIT for piece in pieces)
    assert " ".join(pieces).split() == text.split()


ENTRIES = [
    Entry("Congé de mariage", "Il dure quatre jours.", "conges"),
    Entry("Congé de mariage", "Il est payé.", "conges"),
    Entry("Permis de conduire", "Il dure quinze ans, mariage ou non.", "permis"),
    Entry("", "", "vide"),
]


def test_the_title_and_the_document_speak_for_a_passage_that_does_not_say_what_it_is_about():
    own, total = FieldedIndex.of(ENTRIES).scores("durée du congé de mariage")

    assert total.argmax() in (0, 1)
    assert total[1] > own[1] > 0
    assert own[3] == total[3] == 0


def test_the_fields_of_an_index_add_up():
    index = FieldedIndex.of(ENTRIES)
    titles = LexicalIndex.of([entry.title for entry in (ENTRIES[0], ENTRIES[2], ENTRIES[3])])
    documents = LexicalIndex.of(
        ["Congé de mariage Il dure quatre jours. Il est payé.", "Permis de conduire " + ENTRIES[2].body, ""]
    )

    own, total = index.scores("mariage permis")

    expected = (
        own
        + 0.5 * titles.scores("mariage permis")[[0, 0, 1, 2]]
        + 0.5 * documents.scores("mariage permis")[[0, 0, 1, 2]]
    )
    assert total == pytest.approx(expected)


def test_an_index_with_fields_is_the_same_once_read_from_the_disk(tmp_path):
    counted = FieldedIndex.of(ENTRIES, Expansions([TERM]))
    counted.save(tmp_path / "lexical")

    read = FieldedIndex.load(tmp_path / "lexical", Expansions([TERM]))

    assert read.size == 4
    for query in ("mariage", "permis de conduire", "inconnu", ""):
        assert read.scores(query).total.tolist() == counted.scores(query).total.tolist()


def test_an_index_without_passages_scores_nothing(tmp_path):
    FieldedIndex.of([]).save(tmp_path / "lexical")

    assert FieldedIndex.load(tmp_path / "lexical").scores("mariage").total.tolist() == []


@pytest.mark.parametrize("data", [None, b"", b"abime"])
def test_fields_that_are_damaged_are_said(tmp_path, data):
    FieldedIndex.of(ENTRIES).save(tmp_path / "lexical")
    path = tmp_path / "lexical" / "owners.npz"
    path.unlink() if data is None else path.write_bytes(data)

    with pytest.raises((OSError, ValueError)):
        FieldedIndex.load(tmp_path / "lexical")


def test_fields_that_do_not_agree_are_said(tmp_path):
    FieldedIndex.of(ENTRIES).save(tmp_path / "lexical")
    np.savez(
        tmp_path / "lexical" / "owners.npz",
        title_of=np.array([0, 0, 9, 1]),
        document_of=np.array([0, 0, 1, 2]),
    )

    with pytest.raises(ValueError, match="do not agree"):
        FieldedIndex.load(tmp_path / "lexical")
