"""``python -m corpus``: what an operator types and reads."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GIVEN = ["--title", "Note", "--publisher", "ARS Corse", "--issued", "2025"]


@pytest.fixture
def corpus(tmp_path):
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "ASSISTANT_VAR": str(tmp_path / "var"), "PYTHONUTF8": "1"}
        command = [sys.executable, "-m", "corpus", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        done.stdout, done.stderr = (text.replace("\u00a0", " ") for text in (done.stdout, done.stderr))
        return done

    return run


@pytest.fixture
def note(tmp_path):
    path = tmp_path / "note.md"
    path.write_text("# Note\n\nLe dépôt ferme le 15 septembre 2025.\n", encoding="utf-8")
    return str(path)


def test_a_document_is_added_listed_shown_and_removed(corpus, note):
    added = corpus(
        "add", note, *GIVEN, "--scope", "corse", "--year", "2025", "--year", "2024", "--grade", "1"
    )
    assert (added.returncode, added.stderr) == (0, "")
    assert added.stdout.startswith("Ajouté : ars-corse-note-2025.")
    assert "Déjà présent" in corpus("add", note, *GIVEN).stdout

    assert corpus("list", "--documents").stdout == "ars-corse-note-2025\t2025\tARS Corse\tNote\n"
    shown = corpus("show", "ars-corse-note-2025").stdout
    assert "portée : corse" in shown
    assert "Campagnes : 2025, 2024" in shown

    assert corpus("remove", "ars-corse-note-2025").stdout.startswith("Retiré : ars-corse-note-2025.")
    assert corpus("list", "--documents").stdout == "Aucun document ajouté.\n"


def test_sources_and_fiches_are_listed_and_shown(corpus):
    assert "instruction-2025-100" in corpus("list").stdout
    assert corpus("show", "ars-mayotte-2025").stdout.startswith("ars-mayotte-2025 : ")
    assert corpus("show", "eligibilite").stdout.startswith("Fiche « ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "il manque : COMMANDE."),
        (["frob"], "« frob » n’est pas accepté pour COMMANDE."),
        (["list", "--frob"], "option ou argument inconnu : --frob."),
        (["add"], "il manque : FICHIER."),
        (["add", "x.txt", "--title", "Note"], "Il manque --publisher, --issued pour décrire « x.txt »."),
        (
            ["add", "corpus", *GIVEN],
            "« corpus » est un dossier : ce que disent --title, --publisher, --issued",
        ),
        (["add", "corpus"], "corpus/manifest.yaml: ce fichier est absent."),
        (["add", "x.txt", "--title"], "l’option --title attend une valeur."),
        (["add", "x.txt", *GIVEN, "--grade", "haut"], "l’option --grade attend un nombre entier"),
        (["add", "absent.txt", *GIVEN], "« absent.txt » est introuvable"),
        (["add", "x.xls", *GIVEN], "Formats acceptés"),
        (["add", "README\x1b.pdf", *GIVEN], "introuvable"),
        (["show", "rien"], "« rien » n’est ni source, ni document, ni fiche."),
        (["remove", "ars-mayotte-2025"], "Aucun document ajouté ne porte"),
    ],
)
def test_an_error_is_one_french_sentence_and_status_2(corpus, arguments, message):
    result = corpus(*arguments)

    assert result.returncode == 2
    assert result.stdout == ""
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_a_folder_is_added_by_its_manifest_and_what_is_refused_is_said(corpus, note, tmp_path):
    (tmp_path / "faux.pdf").write_bytes(b"rien")
    described = "title: Note, publisher: ARS Corse, issued: '2025'"
    (tmp_path / "manifest.yaml").write_text(
        f"- {{file: faux.pdf, {described}}}\n- {{file: note.md, {described}}}\n", encoding="utf-8"
    )
    (tmp_path / "oubli.txt").write_text("Oublié.", encoding="utf-8")

    done = corpus("add", str(tmp_path))

    assert done.returncode == 1
    assert done.stdout == (
        "Ajouté : ars-corse-note-2025.\n1 ajouté(s), 0 déjà présent(s), 1 refusé(s).\n"
        "Reconstruisez l’index : python -m index build.\n"
    )
    assert "faux.pdf (ligne 1) : refusé. « faux.pdf » porte l’extension" in done.stderr
    assert "oubli.txt : laissé de côté, manifest.yaml ne le décrit pas." in done.stderr


def test_a_new_version_is_told_and_the_old_one_labelled(corpus, note, tmp_path):
    corpus("add", note, *GIVEN)
    (tmp_path / "suite.md").write_text("# Note\n\nLe dépôt ferme le 30 septembre 2025.\n", encoding="utf-8")

    told = corpus("add", str(tmp_path / "suite.md"), *GIVEN).stdout

    assert "Nouvelle version de « ars-corse-note-2025 », désormais marqué comme remplacé." in told
    assert "--supersedes aucun" in told
    assert corpus("list", "--documents").stdout == (
        "ars-corse-note-2025\t2025\tARS Corse\tNote (version remplacée)\n"
        "ars-corse-note-2025-2\t2025\tARS Corse\tNote\n"
    )
    assert "Remplacée par : ars-corse-note-2025-2 (Note)" in corpus("show", "ars-corse-note-2025").stdout
    assert "Remplace : ars-corse-note-2025 (" in corpus("show", "ars-corse-note-2025-2").stdout


def test_a_source_shows_its_reading_and_its_links(corpus):
    shown = corpus("show", "instruction-2025-40").stdout

    assert "Publication : 2025-04-16 ; consultation : 2026-11-22" in shown
    assert "Lecture : connue par sa notice ou par d’autres, texte non lu" in shown
    assert "Modifie : instruction-2024-15 (" in shown
    assert "Modifiée par : instruction-2025-100 (" in shown


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_list_is_written_whatever_the_encoding_and_may_be_cut_short(encoding):
    command = f"{sys.executable} -m corpus list | head -n 1"
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    done = subprocess.run(
        command, shell=True, cwd=ROOT, env=environment, capture_output=True, timeout=60, check=False
    )

    assert done.stdout.count(b"\n") == 1
    assert done.stderr == b""


def test_help_is_in_french(corpus):
    text = corpus("--help").stdout

    assert text.startswith("Usage : python -m corpus")
    assert "afficher cette aide" in text
    assert "show this help" not in text


def test_an_unwritable_var_is_said(tmp_path, corpus, note):
    (tmp_path / "var").write_text("not a directory", encoding="utf-8")
    result = corpus("add", note, *GIVEN)

    assert result.returncode == 2
    assert "Traceback" not in result.stderr
