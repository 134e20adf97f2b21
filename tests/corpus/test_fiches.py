"""The format of the fiches: what is read, and every way a line can be wrong."""

import re

import pytest

from corpus.errors import CorpusFileError
from corpus.fiches import Nature, load_statements, parse_fiche

FRONT = "---\nid: essai\ntitle: Essai\ntheme: calendrier\n---\n"


@pytest.fixture
def write(tmp_path):
    def write_fiche(body: str, front: str = FRONT):
        path = tmp_path / "essai.md"
        path.write_text(front + body, encoding="utf-8")
        return path

    return write_fiche


def test_a_statement_has_text_sources_place_and_line(write):
    statements = parse_fiche(
        write("\n# Essai\n\n## Clôture\n\n- Le dépôt ferme le 15 septembre. [@ars-a; @ars-b]\n")
    )

    assert [statement.text for statement in statements] == ["Le dépôt ferme le 15 septembre."]
    assert statements[0].sources == ("ars-a", "ars-b")
    assert statements[0].line == 11
    assert statements[0].id == "essai#cloture-1"
    assert statements[0].location == "Fiche « Essai », section « Clôture »"


def test_the_attributes_of_a_heading_hold_below_it_and_a_statement_replaces_them(write):
    body = (
        "## Clôture {annee=2025 voie=regionale}\n\n"
        "- Un. [@a]\n- Deux. {annee=2024 territoire=corse,mayotte} [@a]\n\n"
        '### Détail {nature=inconnu}\n\n- Trois. [@a]\n\n## Autre\n\n- Quatre. {ref="F-1, R-2"} [@a]\n'
    )
    one, two, three, four = parse_fiche(write(body))

    assert (one.scope.annees, one.scope.voies) == ((2025,), ("regionale",))
    assert (two.scope.annees, two.scope.voies) == ((2024,), ("regionale",))
    assert two.scope.territoires == ("corse", "mayotte")
    assert (three.scope.annees, three.nature, three.heading) == (
        (2025,),
        Nature.INCONNU,
        ("Clôture", "Détail"),
    )
    assert (four.scope.annees, four.nature, four.refs) == ((), Nature.FAIT, ("F-1", "R-2"))


def test_an_indented_line_continues_its_statement(write):
    [statement] = parse_fiche(write("- Une phrase\n  sur deux lignes. {annee=2025}\n  [@a]\n"))

    assert statement.text == "Une phrase sur deux lignes."
    assert statement.scope.annees == (2025,)
    assert statement.line == 6


@pytest.mark.parametrize(
    ("body", "line", "message"),
    [
        ("Du texte nu.\n", 6, "un titre ou un énoncé «\u00a0- …\u00a0» est attendu"),
        ("## Titre\n\n- Sans source.\n", 8, "finit sans ses sources"),
        ("- Mal citée. [@A_b]\n", 6, "finit sans ses sources"),
        ("- Clé. {couleur=bleu} [@a]\n", 6, "attribut inconnu «\u00a0couleur\u00a0»"),
        ("- Année. {annee=25} [@a]\n", 6, "n’est pas une liste d’années"),
        ("- Voie. {voie=locale} [@a]\n", 6, "voie inconnue «\u00a0locale\u00a0»"),
        ("- Nature. {nature=rumeur} [@a]\n", 6, "nature inconnue «\u00a0rumeur\u00a0»"),
        ("- Reste. {annee=2025 bleu} [@a]\n", 6, "attributs non compris\u00a0: «\u00a0bleu\u00a0»"),
        ("## Titre {annee=x}\n", 6, "n’est pas une liste d’années"),
    ],
)
def test_a_wrong_line_is_named(write, body, line, message):
    with pytest.raises(CorpusFileError, match=rf"essai\.md:{line}: .*{message}") as caught:
        parse_fiche(write(body))

    assert caught.value.line == line


@pytest.mark.parametrize(
    ("front", "message"),
    [
        ("", "doit commencer par un en-tête"),
        ("---\nid: essai\n", "pas fermé"),
        ("---\nid: essai\ntitle: Essai\n---\n", "exactement id, title et theme"),
        ("---\nid: essai\ntitle: Essai\ntheme: t\nauteur: x\n---\n", "exactement id, title et theme"),
        ("---\nid: autre\ntitle: Essai\ntheme: t\n---\n", "n’est pas le nom du fichier"),
        ("---\nid: [essai\n---\n", "pas du YAML valide"),
    ],
)
def test_a_wrong_front_matter_is_refused(write, front, message):
    with pytest.raises(CorpusFileError, match=message):
        parse_fiche(write("- Un. [@a]\n", front))


def test_a_fiche_that_is_not_text_is_refused(tmp_path):
    path = tmp_path / "essai.md"
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(CorpusFileError, match="UTF-8"):
        parse_fiche(path)


def test_a_directory_without_fiches_is_refused(tmp_path):
    with pytest.raises(CorpusFileError, match="aucune fiche"):
        load_statements(tmp_path)


def test_every_statement_of_the_corpus_has_its_own_id():
    identifiers = [statement.id for statement in load_statements()]

    assert len(identifiers) == len(set(identifiers)) > 100


def test_every_statement_of_the_corpus_names_its_subject():
    """A sentence is quoted alone: it cannot open with a word that stands for one said before."""
    pointing = re.compile(
        r"(?:Ils?|Elles?|Ce|Cela|Ceci|Celui|Celle|Ceux|Cette|Ces|Cet|Y)\b(?! (?:faut|existe|n’existe|s’agit|qui|que))"
    )

    assert [said.text for said in load_statements() if pointing.match(said.text)] == []
