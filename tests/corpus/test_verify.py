"""Coherence: each disagreement between the files of a corpus is found, and named with file and line."""

from datetime import date
from pathlib import Path

import pytest

from corpus.documents import add_document, document_path
from corpus.verify import verify

SOURCES = """\
- id: "ars-a"
  type: webpage
  title: "Page A"
  publisher: "ARS"
  issued: "2025"
  accessed: 2025-10-01
  url: null
  grade: 2
  scope: "national"
  read: whole
"""
SEUIL = (
    "description: Seuil\nunit: ESSMS\nlast_checked: 2025-10-01\nhistory:\n"
    '  - {value: 15, campagnes: ["2025"], sources: ["ars-a"], confidence: haute}\n'
)


def linked(link, other_issued):
    """Return two sources, the first with a link to the second or to none."""
    other = SOURCES.replace("ars-a", "ars-b").replace('"2025"', f'"{other_issued}"')
    return SOURCES + f"  {link}\n" + other + '  note: "non citée"\n'


FILES = {
    "sources.yaml": SOURCES,
    "territories.yaml": (
        'regions: [{id: "corse", name: "Corse", locatif: "en Corse", zone: corse}]\n'
        'departements: [{code: "2A", name: "Corse-du-Sud", locatif: "en Corse-du-Sud", region: "corse"}]\n'
    ),
    "towns.tsv": "Ajaccio\t2A\n",
    "glossary.yaml": '- {term: "DUI", gloss: "record", definition: "Dossier.", sources: ["ars-a"]}\n',
    "categories.yaml": (
        '- {id: ehpad, singulier: "un Ehpad", pluriel: "des Ehpad", formes: ["ehpad"], alinea: "6°",\n'
        '   outcome: "yes", domaine: PA, sources: ["ars-a"], note: null}\n'
    ),
    "parameters/groupement/seuil.yaml": SEUIL,
    "fiches/essai.md": (
        "---\nid: essai\ntitle: Essai\ntheme: t\n---\n\n- Le seuil est de 15. {territoire=corse} [@ars-a]\n"
    ),
}


@pytest.fixture
def corpus(tmp_path):
    def build(**changes: str) -> Path:
        root = tmp_path / "corpus"
        for name, text in FILES.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(changes.get(path.stem, text), encoding="utf-8")
        return root

    return build


def found(root, tmp_path):
    problems = verify(root, tmp_path / "var", required=frozenset({"groupement.seuil"}))
    lines = [f"{problem.path.name}:{problem.line}: {problem.message}" for problem in problems]
    return [line.replace("\u00a0", " ") for line in lines]


def test_a_coherent_corpus_has_no_problem(corpus, tmp_path):
    assert found(corpus(), tmp_path) == []


def fiche(*statements: str) -> str:
    return "---\nid: essai\ntitle: Essai\ntheme: t\n---\n\n" + "".join(f"- {text}\n" for text in statements)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"essai": fiche("Un. [@ars-a]", "Deux. [@ars-b]")},
            ["essai.md:8: la source « ars-b » n’existe pas"],
        ),
        (
            {"essai": fiche("Un. [@ars-a]", "Deux sans source.")},
            ["essai.md:8: cet énoncé finit sans ses sources"],
        ),
        (
            {"essai": fiche("Un. {territoire=lune} [@ars-a]")},
            ["essai.md:7: le territoire « lune » n’existe pas"],
        ),
        (
            {"essai": fiche("Un fait. [@ars-a]", "Un  Fait. [@ars-a]")},
            ["essai.md:8: cette phrase figure déjà dans essai.md, ligne 7"],
        ),
        (
            {"seuil": SEUIL.replace("ars-a", "ars-x")},
            ["seuil.yaml:5: la source « ars-x » n’existe pas"],
        ),
        (
            {"glossary": FILES["glossary.yaml"].replace("ars-a", "ars-y")},
            ["glossary.yaml:1: la source « ars-y »"],
        ),
        (
            {"categories": FILES["categories.yaml"].replace("ars-a", "ars-z")},
            ["categories.yaml:2: la source « ars-z »"],
        ),
        (
            {"sources": SOURCES + SOURCES.replace("ars-a", "ars-seule")},
            ["sources.yaml:11: la source « ars-seule » n’est citée nulle part"],
        ),
        ({"sources": SOURCES.replace("national", "lune")}, ["sources.yaml:9: la portée « lune »"]),
        (
            {"sources": linked("supersedes: [ars-vieille]", "2024")},
            ["sources.yaml:11: « ars-a » renvoie à la source « ars-vieille », qui n’existe pas."],
        ),
        (
            {"sources": linked("supersedes: [ars-b]", "2025-06")},
            ["sources.yaml:11: « ars-a » ne peut ni remplacer ni modifier « ars-b »"],
        ),
        (
            {"sources": linked("amended_by: [ars-b]", "2024")},
            ["sources.yaml:11: « ars-b » ne peut ni remplacer ni modifier « ars-a »"],
        ),
        (
            {"sources": linked("amended_by: [ars-a]", "2024")},
            ["sources.yaml:11: « ars-a » ne peut ni remplacer ni modifier « ars-a »"],
        ),
        (
            {"sources": SOURCES.replace("accessed: 2025-10-01", "accessed: hier")},
            ["sources.yaml:6: enregistrement « ars-a », clé « accessed »"],
        ),
        (
            {"sources": SOURCES.replace("type: webpage", "type: page")},
            [
                "sources.yaml:2: enregistrement « ars-a », clé « type » : ce n’est pas une des valeurs acceptées"
            ],
        ),
        ({"towns": "Ajaccio 2A\n"}, ["towns.tsv:1: « commune<TABULATION>code » est attendu"]),
        (
            {"glossary": "- {term: seul}\n"},
            ["glossary.yaml:1: enregistrement « seul », clé « gloss » : cette clé manque."],
        ),
        (
            {"sources": SOURCES.replace("grade: 2", "grade: 7")},
            ["sources.yaml:8: enregistrement « ars-a », clé « grade » : au plus 5 est attendu (lu : 7)."],
        ),
        (
            {"seuil": SEUIL.replace("unit: ESSMS", "unité: ESSMS")},
            ["seuil.yaml:1: clé « unit » : cette clé manque."],
        ),
        ({"seuil": SEUIL + "{"}, ["seuil.yaml:7: ce n’est pas du YAML valide"]),
        ({"seuil": SEUIL.replace("2025-10-01", "2025-09-31")}, ["seuil.yaml:3: une valeur ne se lit pas"]),
    ],
)
def test_a_disagreement_is_named_with_file_and_line(corpus, tmp_path, changes, expected):
    problems = found(corpus(**changes), tmp_path)

    assert len(problems) == len(expected)
    for problem, beginning in zip(problems, expected, strict=True):
        assert problem.startswith(beginning)


@pytest.mark.parametrize(
    ("unit", "value", "expected"),
    [
        ("ESSMS", "quinze", "un nombre entier"),
        ("ESSMS", '"15"', "un nombre entier"),
        ("ESSMS", "1.5", "un nombre entier"),
        ("ESSMS", "-15", "un nombre entier"),
        ("ESSMS", "yes", "un nombre, un texte ou une date entre guillemets"),
        ("M€", ".nan", "un nombre, un texte ou une date entre guillemets"),
        ("M€", "beaucoup", "un nombre"),
        ("condition", "2", "0 ou 1"),
        ("service", "12", "un texte"),
        ("date", '"2025-09-31"', "une date qui existe"),
        ("date", '"2025-13"', "une date qui existe"),
        ("date", '"mi-septembre"', "une date qui existe"),
        ("date", "2025-09-15", "entre guillemets"),
    ],
)
def test_a_value_that_its_unit_does_not_allow_is_named_with_its_line(corpus, tmp_path, unit, value, expected):
    unknown = '  - {value: null, reason: "x", campagnes: ["2024"], sources: ["ars-a"], confidence: basse}\n'
    entry = SEUIL.splitlines(keepends=True)[-1]
    text = SEUIL.replace("ESSMS", unit).replace(entry, unknown + entry.replace("15", value))

    [problem] = found(corpus(seuil=text), tmp_path)

    assert problem.startswith("seuil.yaml:6: clé « history.2.value » : ")
    assert expected in problem


def test_a_parameter_that_the_rules_need_and_is_deleted_is_named(corpus, tmp_path):
    root = corpus()
    (root / "parameters" / "groupement" / "seuil.yaml").unlink()

    assert found(root, tmp_path) == [
        "seuil.yaml:1: ce fichier est absent, or les règles lisent le paramètre « groupement.seuil »."
    ]


@pytest.mark.parametrize(
    ("link", "issued"), [("supersedes: [ars-b]", "2024"), ("amended_by: [ars-b]", "2025-06")]
)
def test_a_link_to_an_earlier_or_a_later_text_is_accepted(corpus, tmp_path, link, issued):
    assert found(corpus(sources=linked(link, issued)), tmp_path) == []


def test_a_source_noted_as_uncited_is_accepted(corpus, tmp_path):
    extra = SOURCES.replace("ars-a", "ars-seule") + '  note: "Source non citée : lue pour recoupement."\n'

    assert found(corpus(sources=SOURCES + extra), tmp_path) == []


def test_a_changed_document_is_a_problem(corpus, tmp_path):
    note = tmp_path / "note.txt"
    note.write_text("Un texte.", encoding="utf-8")
    var = tmp_path / "var"
    record = add_document(
        note, title="Note", publisher="ARS", issued="2025", today=date(2025, 10, 1), var=var
    )
    document_path(record, var).write_text("Un autre texte.", encoding="utf-8")

    [problem] = found(corpus(), tmp_path)
    assert problem.startswith("documents.jsonl:1:")
    assert "a changé" in problem
