"""What a search demands and prefers, and what it does not repeat."""

import pytest

from corpus.fiches import load_statements
from index.build import open_index
from index.chunking import statement_passage
from index.cli import main
from index.diversity import distinct
from index.errors import QueryError
from index.passage import Hit, Passage
from index.wanted import Grades, Wanted

FICHE = """---
id: essai
title: Seuils
theme: essai
---

# Seuils

- En 2024, le seuil de groupement est de 10 ESSMS. {annee=2024} [@officiel]
- En 2025, le seuil de groupement est de 15 ESSMS. {annee=2025} [@officiel]
- En 2025, le seuil de groupement est de 8 ESSMS en Corse. {annee=2025 territoire=corse} [@officiel]
- Le seuil de groupement compte les ESSMS candidats. [@blog]
"""


def silent(message):
    pass


def passage(text="Texte", document="d", **fields):
    values = {
        "id": text,
        "text": text,
        "sources": ("s",),
        "document": document,
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


def hit(text, document="d"):
    return Hit(passage(text, document), 1.0, 0.9, None, "")


@pytest.fixture
def retriever(settings, encoder):
    (settings.fiches / "essai.md").write_text(FICHE, encoding="utf-8")
    opened = open_index(settings, encoder, silent)
    opened._grades = Grades({"officiel": 1, "blog": 5})
    yield opened
    opened.close()


def texts(hits):
    return [found.passage.text for found in hits if found.passage.kind == "fiche"]


def test_a_strict_year_leaves_out_the_others_and_keeps_what_states_none(retriever):
    found = texts(retriever.search("seuil de groupement", 10, Wanted(annees=frozenset({2025}), strict=True)))

    assert not any("2024" in text for text in found)
    assert len(found) == 3
    assert all(text for text in texts(retriever.search("seuil de groupement", 10)) if "2024" in text)


def test_a_preferred_place_comes_first_and_excludes_nothing(retriever):
    without = texts(retriever.search("seuil de groupement", 10))
    found = texts(
        retriever.search(
            "seuil de groupement", 10, Wanted(territoires=frozenset({"corse"}), annees=frozenset({2025}))
        )
    )

    assert sorted(found) == sorted(without)
    assert "Corse" in found[0]


def test_a_grade_leaves_out_what_only_worse_sources_say(retriever):
    found = texts(retriever.search("seuil de groupement", 10, Wanted(grade=2)))

    assert len(found) == 3
    assert not any("candidats" in text for text in found)


def test_the_better_source_is_preferred():
    grades, wanted = Grades({"a": 1, "b": 4}), Wanted()

    official, blog = passage(sources=("a", "b")), passage(sources=("b",))

    assert wanted.preference(official, grades.best(official.sources)) == pytest.approx(0.2)
    assert wanted.preference(blog, grades.best(blog.sources)) == pytest.approx(-0.1)
    assert grades.best(("unknown",)) == grades.best(()) == 3


def test_what_is_replaced_is_left_out_but_for_the_years_left_to_it():
    old = passage().superseded("new", (2023,))
    valid = Wanted(valid=True)

    assert not valid.accepts(old, 1)
    assert Wanted(valid=True, annees=frozenset({2023})).accepts(old, 1)
    assert not Wanted(annees=frozenset({2026}), strict=True).accepts(passage().superseded("new", ()), 1)
    assert Wanted().accepts(old, 1)
    assert Wanted().preference(old, 3) == -0.5


def test_only_some_kinds_of_passages():
    wanted = Wanted(kinds=frozenset({"document"}))

    assert wanted.excludes
    assert not wanted.accepts(passage(), 1)
    assert wanted.accepts(passage(kind="document"), 1)


def test_nothing_is_found_when_everything_is_left_out(retriever):
    assert retriever.search("seuil", 5, Wanted(kinds=frozenset({"document"}))) == []


@pytest.mark.parametrize("grade", [0, 6, -1])
def test_a_grade_that_is_none_is_refused(grade):
    with pytest.raises(QueryError, match=f"est {grade} :"):
        Wanted(grade=grade)


@pytest.mark.parametrize("number", [0, -3])
def test_a_number_of_results_that_is_none_is_refused(retriever, number):
    with pytest.raises(QueryError, match="au moins 1"):
        retriever.search("seuil", number)
    with pytest.raises(QueryError, match="au moins 1"):
        retriever.search("seuil", 5, per_document=number)


BASE = "Le financement est versé en deux fois, après la signature de la convention avec l’agence régionale de Bretagne"


def test_a_text_that_only_repeats_is_kept_once():
    hits = [
        hit(BASE),
        hit(BASE.upper() + "."),
        hit("Financement versé" + BASE[len("Le financement est versé") :]),
        hit("Autre"),
    ]

    assert [one.passage.text for one in distinct(hits, 9)] == [BASE, "Autre"]


@pytest.mark.parametrize(
    "other",
    [
        BASE + " de 15 ESSMS",
        BASE.replace("est versé", "n’est pas versé"),
        BASE.replace("Bretagne", "Normandie"),
        BASE.replace("deux fois", "trois fois"),
        BASE.replace("après", "sauf"),
    ],
)
def test_a_text_that_says_another_thing_is_kept(other):
    assert len(distinct([hit(BASE), hit(other)], 9)) == 2
    assert len(distinct([hit(other), hit(BASE)], 9)) == 2


def test_a_text_of_another_year_place_or_version_is_kept():
    texts = [
        passage(BASE),
        passage(BASE, annees=(2025,)),
        passage(BASE, territoires=("corse",)),
        passage(BASE).superseded("new", ()),
    ]

    assert len(distinct([Hit(one, 1.0, 0.9, None, "") for one in texts], 9)) == 4


def test_texts_without_a_latin_letter_do_not_repeat_each_other():
    assert len(distinct([hit("هذا نص أول"), hit("Ещё один текст"), hit("???"), hit("!!!")], 9)) == 4


def test_no_statement_of_the_corpus_is_hidden_by_another():
    statements = [statement_passage(statement) for statement in load_statements()]

    assert len(distinct([Hit(one, 1.0, 0.9, None, "") for one in statements], 9_999)) == len(statements)


WORDS = ("calendrier", "dépôt", "montant", "voie", "convention", "cible")


def test_a_document_does_not_fill_the_list():
    hits = [hit(f"Texte {word} seul", document) for word, document in zip(WORDS, "xxxyxz", strict=True)]

    kept = distinct(hits, 9, per_document=2)

    assert [one.passage.document for one in kept] == ["x", "x", "y", "z"]
    assert len(distinct(hits, 3)) == 3


def test_the_command_line_filters(retriever, monkeypatch, capsys):
    monkeypatch.setattr("index.cli.open_index", lambda: retriever)

    assert (
        main(
            ["search", "seuil de groupement", "--year", "2024", "--strict", "--valid", "--per-document", "2"]
        )
        == 0
    )
    out = capsys.readouterr().out
    assert "10 ESSMS" in out
    assert "15 ESSMS" not in out
    assert main(["search", "seuil de groupement", "--scope", "Corse", "--track", "Régionale", "-k", "1"]) == 0
    assert "8 ESSMS" in capsys.readouterr().out
    assert main(["search", "seuil", "--scope", "Atlantide"]) == 2
    assert "n’est pas un nom de territoire" in capsys.readouterr().err
    assert main(["search", "seuil", "--track", "foo"]) == 2
    assert "regionale, multiregionale, nationale" in capsys.readouterr().err
    assert main(["search", "seuil", "--per-document", "0"]) == 2
    assert "passages par document" in capsys.readouterr().err
    assert main(["search", "seuil", "--grade", "9"]) == 2
    assert "1 à 5" in capsys.readouterr().err
