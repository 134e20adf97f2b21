"""A folder of documents and its manifest: the good ones are added, the others named with their line."""

from datetime import date

import pytest

from corpus.documents import load_documents
from corpus.errors import CorpusFileError
from corpus.folder import add_folder, read_manifest, undescribed

TODAY = date(2026, 11, 24)


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "dossier"
    (path / "annexes").mkdir(parents=True)
    (path / "appel.md").write_text("# Appel\n\nLe dépôt ferme le 3 mars 2025.\n", encoding="utf-8")
    (path / "annexes" / "guide.txt").write_text("Le guide compte neuf étapes.", encoding="utf-8")
    return path


def describe(folder, *rows):
    lines = [f"- {{title: Titre, publisher: ARS Corse, issued: '2025', {row}}}" for row in rows]
    (folder / "manifest.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def add(folder, var):
    return list(add_folder(folder, read_manifest(folder), today=TODAY, var=var))


def test_each_described_file_is_added_with_its_description(folder, tmp_path):
    describe(
        folder,
        "file: appel.md, years: [2025], scope: corse, grade: 1, url: 'https://example.org/appel'",
        "file: annexes/guide.txt, title: Guide",
    )

    assert [found.status for found in add(folder, tmp_path / "var")] == ["added", "added"]
    first, second = load_documents(tmp_path / "var")
    assert (first.years, first.scope, first.grade, first.url) == (
        (2025,),
        "corse",
        1,
        "https://example.org/appel",
    )
    assert (second.title, second.grade, second.scope, second.added_on) == ("Guide", 2, "national", TODAY)


def test_a_second_run_changes_nothing(folder, tmp_path):
    describe(folder, "file: appel.md", "file: annexes/guide.txt, title: Guide")
    add(folder, tmp_path / "var")
    before = load_documents(tmp_path / "var")

    assert [found.status for found in add(folder, tmp_path / "var")] == ["known", "known"]
    assert load_documents(tmp_path / "var") == before


def test_a_refused_file_stops_no_other_and_is_named_with_its_line(folder, tmp_path):
    (folder / "faux.pdf").write_bytes(b"pas un pdf")
    (folder / "vide.txt").write_bytes(b"")
    describe(
        folder,
        "file: faux.pdf",
        "file: absent.txt",
        "file: vide.txt",
        "file: appel.md, scope: lune",
        "file: annexes/guide.txt, issued: hier",
        "file: appel.md",
    )

    with pytest.raises(CorpusFileError, match=r"manifest\.yaml:6: .*appel\.md.* deux fois"):
        add(folder, tmp_path / "var")

    describe(folder, "file: faux.pdf", "file: absent.txt", "file: vide.txt", "file: appel.md")
    found = add(folder, tmp_path / "var")
    assert [(each.file, each.line, each.status) for each in found] == [
        ("faux.pdf", 1, "refused"),
        ("absent.txt", 2, "refused"),
        ("vide.txt", 3, "refused"),
        ("appel.md", 4, "added"),
    ]
    assert "n’est pas du PDF" in found[0].reason
    assert "introuvable" in found[1].reason


@pytest.mark.parametrize(
    "row",
    ["file: appel.md, scope: lune", "file: appel.md, issued: hier", "file: appel.md, supersedes: absent"],
)
def test_a_wrong_description_is_refused(folder, tmp_path, row):
    describe(folder, row)

    (found,) = add(folder, tmp_path / "var")

    assert (found.status, load_documents(tmp_path / "var")) == ("refused", ())


@pytest.mark.parametrize(
    "file", ["../secret.txt", "/etc/hostname", "annexes/../../secret.txt", "lien.txt", "nul\\0.txt"]
)
def test_nothing_outside_the_folder_is_read(folder, tmp_path, file):
    (tmp_path / "secret.txt").write_text("Le secret est bien gardé.", encoding="utf-8")
    (folder / "lien.txt").symlink_to(tmp_path / "secret.txt")
    describe(folder, f'file: "{file}"')

    (found,) = add(folder, tmp_path / "var")

    assert found.status == "refused"
    assert "hors du dossier" in found.reason
    assert load_documents(tmp_path / "var") == ()


def test_a_link_that_stays_inside_is_followed(folder, tmp_path):
    (folder / "lien.md").symlink_to("appel.md")
    describe(folder, "file: lien.md")

    assert [found.status for found in add(folder, tmp_path / "var")] == ["added"]


def test_a_record_may_replace_the_one_above(folder, tmp_path):
    describe(folder, "file: appel.md", "file: annexes/guide.txt, title: Guide, supersedes: appel.md")

    found = add(folder, tmp_path / "var")

    assert [each.status for each in found] == ["added", "replaced"]
    assert found[1].record.supersedes == found[0].record.id


def test_the_files_left_undescribed_are_named(folder, tmp_path):
    (folder / ".DS_Store").write_bytes(b"x")
    describe(folder, "file: appel.md")

    assert undescribed(folder, read_manifest(folder)) == ["annexes/guide.txt"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "est vide"),
        ("- {file: a.txt}\n", "« title » : cette clé manque"),
        ("- {file: a.txt, titre: x}\n", "cette clé"),
        ("file: a.txt\n", "une liste d’enregistrements est attendue"),
        ("- {file: [\n", "YAML"),
        ("- {file: a.txt, title: T, publisher: P, issued: '2025', grade: 9}\n", "au plus 5"),
        ("- {file: ' ', title: T, publisher: P, issued: '2025'}\n", "« file »"),
    ],
)
def test_a_broken_manifest_is_refused_with_its_line(folder, text, message):
    (folder / "manifest.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(CorpusFileError) as caught:
        read_manifest(folder)
    assert message in str(caught.value).replace("\u00a0", " ")


def test_a_folder_without_manifest_says_what_to_write(folder):
    with pytest.raises(CorpusFileError, match=r"manifest\.yaml"):
        read_manifest(folder)
