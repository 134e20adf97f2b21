"""The questions of statements: what is read, how a record is refused, and that the shipped ones follow the fiches."""

import shutil
from collections import Counter

import pytest
import yaml

import corpus.cli
from corpus.errors import CorpusFileError
from corpus.fiches import load_statements
from corpus.questions import QUESTIONS_DIR, load_questions
from corpus.verify import CORPUS_DIR, verify

FICHE = """---
id: essai
title: Calendrier
theme: essai
---

## Campagne

- En 2025, l’appel régional se clôt le 15 septembre. [@a]
- En 2025, le seuil est de 15 ESSMS. [@a]
- Le devis est obligatoire. [@a]
"""

GOOD = """\
- id: "essai#campagne-1"
  says: "En 2025, l’appel régional se clôt"
  questions:
    - "Jusqu’à quand déposer ?"
    - "Quelle est la date limite ?"
  oui:
    - "Le 10 septembre 2025, est-il encore temps ?"
  non:
    - "Peut-on déposer en octobre 2025 ?"
  permis: "oui"
  impose: "non"
- id: "essai#campagne-2"
  says: "En 2025, le seuil"
  questions: ["Combien d’ESSMS faut-il ?"]
"""


@pytest.fixture
def load(tmp_path):
    """Return what loads the questions written in the named files."""
    (tmp_path / "fiches").mkdir()
    (tmp_path / "fiches" / "essai.md").write_text(FICHE, encoding="utf-8")
    (tmp_path / "questions").mkdir()

    def write_and_load(**texts):
        for name, text in texts.items():
            (tmp_path / "questions" / f"{name}.yaml").write_text(text, encoding="utf-8")
        return load_questions(load_statements(tmp_path / "fiches"), tmp_path / "questions")

    return write_and_load


def refusal(load, **texts):
    with pytest.raises(CorpusFileError) as caught:
        load(**texts)
    return caught.value


def said_by(error):
    return str(error).replace("\u00a0", " ")


def test_a_good_file_gives_the_questions_of_each_statement_by_its_id(load):
    found = load(essai=GOOD)

    assert set(found) == {"essai#campagne-1", "essai#campagne-2"}
    first, second = found["essai#campagne-1"], found["essai#campagne-2"]
    assert first.questions == ("Jusqu’à quand déposer ?", "Quelle est la date limite ?")
    assert first.oui == ("Le 10 septembre 2025, est-il encore temps ?",)
    assert first.non == ("Peut-on déposer en octobre 2025 ?",)
    assert (first.permis, first.impose) == ("oui", "non")
    assert second.questions == ("Combien d’ESSMS faut-il ?",)
    assert (second.oui, second.non, second.permis, second.impose) == ((), (), None, None)


def test_an_unknown_id_is_named_with_its_file_and_line(load):
    error = refusal(load, essai=GOOD.replace("essai#campagne-2", "essai#campagne-9"))

    assert (error.path.name, error.line) == ("essai.yaml", 12)
    assert "« essai#campagne-9 »" in said_by(error)
    assert "aucun énoncé" in said_by(error)


@pytest.mark.parametrize("says", ["Le devis est obligatoire", "le seuil est de 15", "En 2025, le Seuil"])
def test_a_statement_that_says_something_else_asks_to_read_its_questions_again(load, says):
    error = refusal(load, essai=GOOD.replace("En 2025, le seuil", says))

    assert error.line == 12
    assert f"ne commence pas par « {says} »" in said_by(error)
    assert "Relisez ses questions" in said_by(error)


def test_a_statement_inserted_above_makes_the_questions_of_the_next_ones_noticed(load, tmp_path):
    load(essai=GOOD)
    path = tmp_path / "fiches" / "essai.md"
    path.write_text(FICHE.replace("- En 2025, l’appel", "- Une phrase neuve. [@a]\n- En 2025, l’appel"))

    error = refusal(load)

    assert error.line == 1
    assert "l’énoncé « essai#campagne-1 »" in said_by(error)


def test_a_statement_has_one_list_of_questions_whatever_the_files(load):
    again = '- {id: "essai#campagne-2", says: "En 2025, le seuil", questions: ["Quel seuil ?"]}\n'

    same = refusal(load, essai=GOOD + again)
    assert (same.path.name, same.line) == ("essai.yaml", 15)
    other = refusal(load, essai=GOOD, suite=again)
    assert (other.path.name, other.line) == ("suite.yaml", 1)
    for error in (same, other):
        assert "« essai#campagne-2 » a deux listes de questions" in said_by(error)


@pytest.mark.parametrize(
    ("right", "wrong", "line", "said"),
    [
        ("  oui:", "  peut-être:", 6, "clé « peut-être » : cette clé n’est pas connue"),
        ('permis: "oui"', 'permis: "selon"', 10, "clé « permis » : ce n’est pas une des valeurs acceptées"),
        ('  says: "En 2025, le seuil"\n', "", 12, "clé « says » : cette clé manque"),
        ('questions: ["Combien d’ESSMS faut-il ?"]', "questions: [12]", 14, "un texte est attendu"),
        ("En 2025, le seuil", "En 2025,", 13, "clé « says »"),  # too few words to notice anything
    ],
)
def test_a_record_that_breaks_the_format_is_named_with_its_line_and_key(load, right, wrong, line, said):
    assert GOOD.count(right) == 1

    error = refusal(load, essai=GOOD.replace(right, wrong))

    assert (error.path.name, error.line) == ("essai.yaml", line)
    assert said in said_by(error)


def test_without_a_directory_or_a_file_no_statement_has_questions(load, tmp_path):
    assert load() == {}
    (tmp_path / "questions").rmdir()
    assert load() == {}


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@pytest.fixture(scope="module")
def shipped():
    return load_questions(load_statements())


def test_every_statement_of_the_fiches_has_questions_and_they_agree(shipped):
    assert set(shipped) == {statement.id for statement in load_statements()}
    assert [asked.id for asked in shipped.values() if not asked.questions] == []


def test_the_shipped_questions_of_a_fiche_stand_in_its_file():
    found = {
        path.stem: {record["id"].split("#")[0] for record in yaml.load(path.read_text("utf-8"), _LOADER)}
        for path in QUESTIONS_DIR.glob("*.yaml")
    }

    assert found == {path.stem: {path.stem} for path in (CORPUS_DIR / "fiches").glob("*.md")}


def test_no_shipped_question_is_empty_twice_the_same_or_settled_both_ways(shipped):
    wrong = [
        question
        for asked in shipped.values()
        for question, count in Counter((*asked.questions, *asked.oui, *asked.non)).items()
        if count > 1 or question != question.strip() or not question
    ]

    assert wrong == []


@pytest.fixture
def copied(tmp_path):
    """Return a copy of the shipped corpus."""
    return shutil.copytree(
        CORPUS_DIR, tmp_path / "corpus", ignore=shutil.ignore_patterns("*.py", "__pycache__")
    )


def rewrite(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_corpus_is_coherent_with_its_questions_and_without_any(copied, tmp_path):
    assert verify(copied, tmp_path / "var") == []
    shutil.rmtree(copied / "questions")
    assert verify(copied, tmp_path / "var") == []


def test_verify_names_the_questions_of_a_statement_that_changed(copied, tmp_path):
    path = copied / "questions" / "calendrier.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    at = [number for number, line in enumerate(lines, 1) if line.startswith("- id:")][1]
    lines[at] = '  says: "Une phrase que la fiche ne dit pas"'  # the line below, numbered from 1
    path.write_text("\n".join(lines), encoding="utf-8")

    [problem] = verify(copied, tmp_path / "var")

    assert (problem.path, problem.line) == (path, at)
    assert "« Une phrase que la fiche ne dit pas »" in problem.message.replace("\u00a0", " ")
    assert str(path) not in problem.message


def test_verify_names_the_questions_of_a_statement_removed_from_the_fiches(copied, tmp_path):
    statement = load_statements(copied / "fiches")[-1]
    lines = statement.path.read_text(encoding="utf-8").splitlines(keepends=True)
    statement.path.write_text("".join(lines[: statement.line - 1]), encoding="utf-8")

    problems = verify(copied, tmp_path / "var")

    [problem] = [problem for problem in problems if problem.path.parent.name == "questions"]
    assert problem.path.name == f"{statement.fiche}.yaml"
    assert statement.id in problem.message


def test_verify_does_not_judge_the_questions_of_a_fiche_that_cannot_be_read(copied, tmp_path):
    fiche = copied / "fiches" / "calendrier.md"
    rewrite(fiche, "---\n", "")

    [problem] = verify(copied, tmp_path / "var")

    assert problem.path == fiche


def test_the_command_fails_and_prints_where_to_mend_the_questions(copied, tmp_path, monkeypatch, capsys):
    rewrite(copied / "questions" / "textes.yaml", "  says:", "  dit:")
    monkeypatch.setattr(corpus.cli, "verify", lambda: verify(copied, tmp_path / "var"))

    assert corpus.cli.main(["verify"]) == 1
    out, err = capsys.readouterr()
    assert out.startswith(f"{copied / 'questions' / 'textes.yaml'}:")
    assert out.count("\n") == 1
    assert "1 incohérence" in err
