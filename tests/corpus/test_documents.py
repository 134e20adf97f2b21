"""The operator's documents: added once, described fully, removed cleanly, never half written."""

import json
import re
from datetime import date
from pathlib import Path

import pytest

from corpus.documents import (
    NO_EARLIER_VERSION,
    add_document,
    document_source,
    load_all_sources,
    load_content,
    load_documents,
    remove_document,
    successors,
    years_left,
)
from corpus.errors import CorpusFileError, DocumentError
from corpus.paths import documents_dir, var_dir

TODAY = date(2025, 10, 1)


@pytest.fixture
def note(tmp_path):
    path = tmp_path / "Note d’information (v2).txt"
    path.write_text("Le dépôt ferme le 15 septembre 2025.", encoding="utf-8")
    return path


@pytest.fixture
def var(tmp_path):
    return tmp_path / "var"


def add(path, var, **changes):
    given = {
        "title": "Note d’information",
        "publisher": "ARS Bretagne",
        "issued": "2025-09-05",
        "today": TODAY,
    }
    return add_document(path, var=var, **{**given, **changes})


def test_an_added_document_is_copied_described_and_read(note, var):
    record = add(note, var, scope="bretagne", years=(2025,), grade=1, url="https://exemple.fr/note")

    assert record.id == "ars-bretagne-note-d-information-2025"
    assert record.file == f"{record.id}.txt"
    assert load_documents(var) == (record,)
    assert (documents_dir(var) / record.file).read_bytes() == note.read_bytes()
    assert [block.text for block in load_content(record, var).blocks] == [
        "Le dépôt ferme le 15 septembre 2025."
    ]
    source = document_source(record)
    assert (source.id, source.issued, source.grade, source.scope) == (record.id, "2025-09-05", 1, "bretagne")
    assert source.note == "Document ajouté le 01/10/2025."


def test_the_same_bytes_are_recognised_under_another_name(note, var, tmp_path):
    first = add(note, var)
    twin = tmp_path / "copie.txt"
    twin.write_bytes(note.read_bytes())

    assert add(twin, var, title="Autre titre") == first
    assert len(load_documents(var)) == 1


def test_two_documents_of_the_same_title_have_two_ids_and_one_may_replace_the_other(note, var, tmp_path):
    first = add(note, var)
    other = tmp_path / "suite.txt"
    other.write_text("Le dépôt ferme le 30 septembre 2025.", encoding="utf-8")
    second = add(other, var, supersedes=first.id)

    assert second.id == f"{first.id}-2"
    assert document_source(second).note == f"Document ajouté le 01/10/2025. Remplace « {first.id} »."


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_the_same_text_saved_anew_is_recognised(note, var, tmp_path):
    first = add(note, var)
    saved_anew = write(tmp_path / "note.txt", "Le dépôt ferme  le 15 septembre 2025.\r\n\r\n")

    assert add(saved_anew, var, title="Autre titre") == first
    assert len(load_documents(var)) == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {"title": "NOTE D’INFORMATION"}),
        ({"issued": "2025"}, {"title": "Note d'information", "issued": "2025-09"}),
        (
            {"url": "https://example.org/note", "title": "Note"},
            {"url": "https://example.org/note", "title": "Note à jour"},
        ),
    ],
)
def test_a_new_version_is_recognised_and_replaces_the_last_one(note, var, tmp_path, first, second):
    oldest = add(note, var, **{"issued": "2024", **first})
    middle = add(write(tmp_path / "b.txt", "Le dépôt ferme le 30 septembre."), var, **{**first, **second})
    newest = add(
        write(tmp_path / "c.txt", "Le dépôt ferme le 31."), var, **{**second, "issued": "2025-10-01"}
    )

    assert (oldest.supersedes, middle.supersedes, newest.supersedes) == (None, oldest.id, middle.id)
    sources = load_all_sources(var)
    assert [
        sources[record.id].title.endswith("(version remplacée)") for record in (oldest, middle, newest)
    ] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"supersedes": NO_EARLIER_VERSION},
        {"publisher": "ARS Normandie"},
        {"title": "Autre note"},
        {"scope": "bretagne"},
        {"issued": "2025-09-04"},
    ],
)
def test_what_is_another_document_or_an_older_one_replaces_nothing(note, var, tmp_path, changes):
    add(note, var)

    assert add(write(tmp_path / "b.txt", "Le dépôt ferme."), var, **changes).supersedes is None


def test_a_removed_version_gives_its_place_back_to_the_one_before(note, var, tmp_path):
    first = add(note, var)
    second = add(write(tmp_path / "b.txt", "Le dépôt ferme."), var)
    remove_document(second.id, var)

    assert load_all_sources(var)[first.id].title == "Note d’information"


@pytest.mark.parametrize(
    ("versions", "left"),
    [
        ([{"years": (2024, 2025)}, {"years": (2025,)}], (2024,)),
        ([{"years": (2025,)}, {"years": (2025,)}], ()),
        ([{"issued": "2023"}, {"issued": "2025"}], (2023,)),
        ([{"years": (2023, 2024, 2025)}, {"years": (2025,)}, {"years": (2024,)}], (2023,)),
    ],
)
def test_a_replaced_document_keeps_the_campaigns_no_later_version_speaks_of(var, tmp_path, versions, left):
    for number, changes in enumerate(versions):
        add(write(tmp_path / f"{number}.txt", f"Version {number}."), var, **changes)
    records = load_documents(var)

    assert years_left(records[0], successors(records)) == left


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"issued": "05/09/2025"}, "date de publication"),
        ({"issued": "2025-13"}, "date de publication"),
        ({"url": "ftp://exemple.fr"}, "adresse"),
        ({"grade": 6}, "de 1 à 5"),
        ({"scope": "lune"}, "« lune » ne convient pas pour la portée"),
        ({"years": (1999,)}, "campagnes"),
        ({"title": " "}, "titre"),
        ({"publisher": ""}, "éditeur"),
        ({"supersedes": "absent"}, "« absent », n’existe pas"),
    ],
)
def test_a_wrong_description_is_refused_and_nothing_is_kept(note, var, changes, message):
    with pytest.raises(DocumentError, match=message):
        add(note, var, **changes)

    assert load_documents(var) == ()
    assert [path.name for path in documents_dir(var).iterdir()] == [".lock"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"url": "javascript:alert(1)"}, "«\u00a0javascript:alert(1)\u00a0» ne convient pas pour l’adresse"),
        ({"grade": 9}, "de 1 à 5"),
        ({"scope": "../../x"}, "«\u00a0../../x\u00a0» ne convient pas pour la portée"),
        ({"title": " "}, "titre"),
    ],
)
def test_a_wrong_description_of_known_bytes_is_refused_too(note, var, changes, message):
    record = add(note, var)

    with pytest.raises(DocumentError, match=re.escape(message)):
        add(note, var, **changes)
    assert load_documents(var) == (record,)


def test_a_description_keeps_on_one_line_and_commands_no_terminal(note, var):
    with pytest.raises(
        DocumentError, match=re.escape("«\u00a0a b\\x1b[31m\u00a0» contient des caractères de commande")
    ):
        add(note, var, title="a\nb\x1b[31m")
    with pytest.raises(DocumentError, match=re.escape("«\u00a0ARS\\x202e\u00a0»")):
        add(note, var, publisher="ARS\u202e")
    with pytest.raises(DocumentError, match="pour l’adresse"):
        add(note, var, url="https://exemple.fr/\x1b[31m")

    record = add(note, var, title="a\nb\tc  «\u00a0d\u00a0»")
    assert record.title == "a b c «\u00a0d\u00a0»"


def test_a_link_to_a_file_is_followed_and_any_other_is_refused(note, var, tmp_path):
    (tmp_path / "lien.txt").symlink_to(note)
    (tmp_path / "dossier.txt").symlink_to(tmp_path)
    (tmp_path / "perdu.txt").symlink_to(tmp_path / "absent")

    record = add(tmp_path / "lien.txt", var)

    copy = documents_dir(var) / record.file
    assert not copy.is_symlink()
    assert copy.read_bytes() == note.read_bytes()
    with pytest.raises(DocumentError, match="pas un fichier ordinaire"):
        add(tmp_path / "dossier.txt", var)
    with pytest.raises(DocumentError, match="introuvable"):
        add(tmp_path / "perdu.txt", var)


def test_what_a_killed_addition_left_is_removed_at_the_next(note, var):
    left = documents_dir(var) / ".ajout-x1"
    left.mkdir(parents=True)
    (left / "gros.html").write_text("x", encoding="utf-8")
    (documents_dir(var) / ".manifest-x2").write_text("x", encoding="utf-8")

    record = add(note, var)

    assert sorted(path.name for path in documents_dir(var).iterdir()) == [
        ".lock", record.file, "contents", "documents.jsonl",
    ]  # fmt: skip


def test_an_unreadable_document_leaves_nothing_behind(tmp_path, var):
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7\nrien")

    with pytest.raises(DocumentError, match=r"broken\.pdf.*endommagé"):
        add(broken, var)
    assert [path.name for path in documents_dir(var).iterdir()] == [".lock"]


def test_a_document_is_read_once_until_the_loaders_change(note, var, monkeypatch):
    record = add(note, var)
    content = load_content(record, var)
    reads = []

    def read(path):
        reads.append(path)
        return content

    monkeypatch.setattr("corpus.documents.load", read)
    assert load_content(record, var) == content
    assert reads == []

    monkeypatch.setattr("corpus.contents.loaders_fingerprint", lambda: "newer")
    assert [load_content(record, var) for _ in range(2)] == [content, content]
    assert len(reads) == 1


@pytest.mark.parametrize("damage", ["", "{}", "abîmé", '{"loaders": 1}', "[]"])
def test_a_damaged_content_is_read_again(note, var, damage):
    record = add(note, var)
    content = load_content(record, var)
    (kept,) = (documents_dir(var) / "contents").iterdir()
    kept.write_text(damage, encoding="utf-8")

    assert load_content(record, var) == content
    assert load_content(record, var).blocks == content.blocks


def test_a_removed_document_is_gone_and_an_unknown_one_is_said(note, var):
    record = add(note, var)

    assert remove_document(record.id, var) == record
    assert load_documents(var) == ()
    assert not (documents_dir(var) / record.file).exists()
    with pytest.raises(DocumentError, match="Aucun document ajouté"):
        remove_document(record.id, var)


def test_a_changed_missing_or_linked_file_is_not_read(note, var, tmp_path):
    record = add(note, var)
    path = documents_dir(var) / record.file

    path.write_text("autre", encoding="utf-8")
    with pytest.raises(DocumentError, match="a changé depuis son ajout"):
        load_content(record, var)
    path.unlink()
    with pytest.raises(DocumentError, match="absent"):
        load_content(record, var)
    path.symlink_to(note)
    with pytest.raises(DocumentError, match="absent"):
        load_content(record, var)


@pytest.mark.parametrize(
    "change",
    [{"file": "../../etc/passwd"}, {"file": "/etc/passwd"}, {"inconnu": 1}, {"sha256": "x"}, {"id": "A b"}],
)
def test_a_tampered_manifest_is_refused_with_its_line(note, var, change):
    add(note, var)
    manifest = documents_dir(var) / "documents.jsonl"
    good = manifest.read_text(encoding="utf-8")
    manifest.write_text(
        good + json.dumps({**json.loads(good), "id": "autre", **change}) + "\n", encoding="utf-8"
    )

    with pytest.raises(CorpusFileError, match=r"documents\.jsonl:2"):
        load_documents(var)


def test_a_failed_write_keeps_the_old_manifest(note, var, tmp_path, monkeypatch):
    first = add(note, var)
    other = tmp_path / "suite.txt"
    other.write_text("Une autre note.", encoding="utf-8")

    def fail(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("corpus.documents.os.fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        add(other, var, title="Suite")

    assert load_documents(var) == (first,)
    assert not list(documents_dir(var).glob(".manifest-*"))


def test_var_is_where_the_environment_says_else_beside_the_checkout(monkeypatch, tmp_path):
    monkeypatch.setenv("ASSISTANT_VAR", str(tmp_path))
    assert var_dir() == tmp_path
    monkeypatch.delenv("ASSISTANT_VAR")
    assert var_dir() == Path(__file__).resolve().parents[2] / "var"
