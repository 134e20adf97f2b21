"""Loaders: a real document of each format, and its broken twins."""

import os
import time
import zipfile
from pathlib import Path

import pytest

from corpus.errors import DocumentError
from corpus.loaders import Block, load, read_document
from corpus.loaders import checks as checks_module
from corpus.loaders import content as content_module
from corpus.loaders import pdf as pdf_module
from corpus.loaders.layout import Line, build_blocks

PARAGRAPH = "Le dossier est déposé au plus tard le 15 septembre 2025 par l’organisme gestionnaire porteur."
PAGE = f"""<html><head><title>Appel à projets</title></head><body>
<nav><a href="/">Accueil</a> <a href="/menu">Menu du site</a></nav>
<main><article><h1>Appel à projets</h1><p>{PARAGRAPH}</p><h2>Seuils</h2>
<ul><li>15 ESSMS en métropole</li><li>8 ESSMS en Corse</li></ul>
<table><tr><th>Région</th><th>Montant</th></tr><tr><td>Corse</td><td>500 000 €</td></tr></table>
</article></main><footer>Mentions légales du site</footer></body></html>"""


ORDINALS = ("zéro", "un", "deux", "trois", "quatre")


def make_pdf(path: Path, pages: int = 4, outline: bool = False, encrypt: str | None = None) -> Path:
    from fpdf import FPDF

    pdf = FPDF()
    pdf.set_title("Cahier des charges")
    if encrypt:
        pdf.set_encryption(owner_password="maître", user_password=encrypt)
    for number in range(1, pages + 1):
        pdf.add_page()
        if outline:
            pdf.start_section(f"Partie {number}")
        pdf.set_font("helvetica", size=9)
        pdf.cell(0, 5, "ARS Bretagne - Cahier des charges 2025", new_x="LMARGIN", new_y="NEXT")
        pdf.set_font("helvetica", size=11 if outline else 16)
        pdf.cell(0, 10, f"Partie {number}", new_x="LMARGIN", new_y="NEXT")
        pdf.set_font("helvetica", size=11)
        pdf.multi_cell(
            0,
            5,
            "Le projet est porté par un orga-\nnisme gestionnaire du médico-social,",
            new_x="LMARGIN",
            new_y="NEXT",
        )
        pdf.multi_cell(0, 5, "dans le champ médico-\nsocial de la région.", new_x="LMARGIN", new_y="NEXT")
        pdf.ln(6)
        pdf.multi_cell(
            0,
            5,
            f"- point {number} de la liste\n- second point, {ORDINALS[number]}",
            new_x="LMARGIN",
            new_y="NEXT",
        )
        pdf.cell(0, 5, f"Page {number} sur {pages}", new_x="LMARGIN", new_y="NEXT")
    pdf.output(str(path))
    return path


def make_docx(path: Path) -> Path:
    import docx

    document = docx.Document()
    document.core_properties.title = "Guide DOCX"
    document.add_heading("Seuils", level=2)
    document.add_paragraph(PARAGRAPH)
    document.add_paragraph("15 ESSMS", style="List Bullet")
    table = document.add_table(rows=1, cols=3)
    table.rows[0].cells[0].text = "Corse"
    table.rows[0].cells[1].merge(table.rows[0].cells[2]).text = "8 ESSMS"
    document.save(str(path))
    return path


def make_odt(path: Path) -> Path:
    from odf.opendocument import OpenDocumentText
    from odf.table import Table, TableCell, TableColumn, TableRow
    from odf.text import H, List, ListItem, P

    document = OpenDocumentText()
    document.text.addElement(H(outlinelevel=1, text="Guide ODT"))
    document.text.addElement(P(text=PARAGRAPH))
    items = List()
    item = ListItem()
    item.addElement(P(text="15 ESSMS"))
    items.addElement(item)
    document.text.addElement(items)
    table = Table(name="t")
    table.addElement(TableColumn(numbercolumnsrepeated=2))
    line = TableRow()
    for text in ("Corse", "8 ESSMS"):
        cell = TableCell()
        cell.addElement(P(text=text))
        line.addElement(cell)
    table.addElement(line)
    document.text.addElement(table)
    document.save(str(path))
    return path


def rezip(source: Path, target: Path, changes: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in changes:
                new.writestr(name, old.read(name))
        for name, data in changes.items():
            new.writestr(name, data)
    return target


def test_a_pdf_keeps_its_pages_and_loses_its_running_titles(tmp_path):
    document = load(make_pdf(tmp_path / "guide.pdf"))

    assert (document.title, document.pages) == ("Cahier des charges", 4)
    second = [block for block in document.blocks if block.page == 2]
    assert second == [
        Block("heading", "Partie 2", 1, 2),
        Block(
            "paragraph",
            "Le projet est porté par un organisme gestionnaire du médico-social, "
            "dans le champ médico-social de la région.",
            0,
            2,
        ),
        Block("list_item", "point 2 de la liste", 0, 2),
        Block("list_item", "second point, deux", 0, 2),
    ]


def test_the_bookmarks_of_a_pdf_are_headings_even_in_body_type(tmp_path):
    document = load(make_pdf(tmp_path / "guide.pdf", outline=True))

    headings = [(block.text, block.level, block.page) for block in document.blocks if block.kind == "heading"]
    assert headings == [(f"Partie {number}", 1, number) for number in range(1, 5)]


def test_an_encrypted_pdf_is_refused_and_one_open_to_all_is_read(tmp_path):
    with pytest.raises(DocumentError, match=r"chiffré par un mot de passe.*sans protection"):
        load(make_pdf(tmp_path / "secret.pdf", encrypt="secret"))
    assert load(make_pdf(tmp_path / "ouvert.pdf", encrypt="")).pages == 4


def test_a_pdf_of_few_letters_is_read_unless_a_page_is_an_image(tmp_path, monkeypatch):
    from fpdf import FPDF
    from PIL import Image

    monkeypatch.setenv("PATH", str(tmp_path))
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", size=11)
    pdf.cell(0, 5, "Annexe")
    pdf.output(str(tmp_path / "court.pdf"))
    pdf = FPDF()
    pdf.add_page()
    pdf.image(Image.new("L", (50, 70)), 0, 0, 200, 280)
    pdf.set_font("helvetica", size=11)
    pdf.cell(0, 5, "Annexe")
    pdf.output(str(tmp_path / "scan.pdf"))

    assert load(tmp_path / "court.pdf").blocks[0].text == "Annexe"
    with pytest.raises(DocumentError, match=r"semble numérisé.*: 6 lettres"):
        load(tmp_path / "scan.pdf")


@pytest.mark.parametrize("keep", [20, 200, 0.5])
def test_a_truncated_pdf_is_refused_or_read_but_never_breaks(tmp_path, keep):
    data = make_pdf(tmp_path / "guide.pdf").read_bytes()
    broken = tmp_path / "tronque.pdf"
    broken.write_bytes(data[: int(keep * len(data)) if isinstance(keep, float) else keep])

    with pytest.raises(DocumentError, match=r"endommagé|numérisé"):
        load(broken)


def test_a_pdf_of_too_many_pages_or_characters_is_refused(tmp_path, monkeypatch):
    path = make_pdf(tmp_path / "guide.pdf")
    monkeypatch.setattr(content_module, "MAX_CHARACTERS", 100)
    with pytest.raises(DocumentError, match="5 millions de caractères"):
        read_document(path)
    monkeypatch.setattr(pdf_module, "MAX_PAGES", 3)
    with pytest.raises(DocumentError, match="a 4 pages"):
        read_document(path)


def test_a_docx_gives_headings_items_and_rows(tmp_path):
    document = load(make_docx(tmp_path / "guide.docx"))

    assert document.title == "Guide DOCX"
    assert document.blocks == (
        Block("heading", "Seuils", 2),
        Block("paragraph", PARAGRAPH),
        Block("list_item", "15 ESSMS"),
        Block("table_row", "Corse | 8 ESSMS"),
    )


def test_an_odt_gives_headings_items_and_rows(tmp_path):
    document = load(make_odt(tmp_path / "guide.odt"))

    assert document.title == "Guide ODT"
    assert document.blocks == (
        Block("heading", "Guide ODT", 1),
        Block("paragraph", PARAGRAPH),
        Block("list_item", "15 ESSMS"),
        Block("table_row", "Corse | 8 ESSMS"),
    )


def test_deleted_words_of_a_docx_are_not_read_and_inserted_ones_are(tmp_path):
    source = make_docx(tmp_path / "guide.docx")
    with zipfile.ZipFile(source) as archive:
        body = archive.read("word/document.xml").decode()
    revised = (
        "<w:p><w:r><w:t>Seuil : </w:t></w:r><w:del><w:r><w:delText>30</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>15</w:t></w:r></w:ins></w:p>"
    )
    changed = body.replace("<w:sectPr", revised + "<w:sectPr", 1).encode()

    assert (
        load(rezip(source, tmp_path / "revu.docx", {"word/document.xml": changed})).blocks[-1].text
        == "Seuil : 15"
    )


@pytest.mark.parametrize(("make", "part"), [(make_docx, "word/document.xml"), (make_odt, "content.xml")])
class TestHostileArchives:
    def test_a_broken_part_is_refused(self, tmp_path, make, part):
        source = make(tmp_path / ("guide" + (".docx" if make is make_docx else ".odt")))
        target = rezip(source, tmp_path / f"casse{source.suffix}", {part: b"<broken"})

        with pytest.raises(DocumentError, match="endommagé"):
            load(target)

    def test_a_truncated_archive_is_refused(self, tmp_path, make, part):
        source = make(tmp_path / ("guide" + (".docx" if make is make_docx else ".odt")))
        source.write_bytes(source.read_bytes()[:600])

        with pytest.raises(DocumentError, match="endommagé"):
            load(source)

    def test_a_bomb_is_refused_before_it_is_opened(self, tmp_path, make, part):
        source = make(tmp_path / ("guide" + (".docx" if make is make_docx else ".odt")))
        bomb = rezip(source, tmp_path / f"bombe{source.suffix}", {part: b"<a>" + b" " * 70_000_000})

        assert bomb.stat().st_size < 1_000_000
        with pytest.raises(DocumentError, match="se déploierait"):
            load(bomb)

    def test_an_external_entity_is_refused(self, tmp_path, make, part):
        source = make(tmp_path / ("guide" + (".docx" if make is make_docx else ".odt")))
        entity = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
        target = rezip(source, tmp_path / f"entite{source.suffix}", {part: entity})

        with pytest.raises(DocumentError, match="entités XML"):
            load(target)

    def test_a_member_that_climbs_is_refused(self, tmp_path, make, part):
        source = make(tmp_path / ("guide" + (".docx" if make is make_docx else ".odt")))
        target = rezip(source, tmp_path / f"grimpe{source.suffix}", {"../../evil.txt": b"x"})

        with pytest.raises(DocumentError, match="chemins interdits"):
            load(target)


def test_an_encrypted_odt_is_refused(tmp_path):
    source = make_odt(tmp_path / "guide.odt")
    manifest = b'<manifest:manifest xmlns:manifest="urn:x"><manifest:encryption-data/></manifest:manifest>'

    with pytest.raises(DocumentError, match="mot de passe"):
        load(rezip(source, tmp_path / "secret.odt", {"META-INF/manifest.xml": manifest}))


def test_an_html_page_gives_its_main_content_only(tmp_path):
    path = tmp_path / "page.html"
    path.write_text(PAGE, encoding="utf-8")
    document = load(path)

    assert document.title == "Appel à projets"
    assert Block("paragraph", PARAGRAPH) in document.blocks
    assert Block("heading", "Seuils", 2) in document.blocks
    assert Block("list_item", "8 ESSMS en Corse") in document.blocks
    assert Block("table_row", "Corse | 500 000 €") in document.blocks
    assert not any("Mentions" in block.text or "Menu" in block.text for block in document.blocks)


def test_an_html_page_without_content_is_refused(tmp_path):
    path = tmp_path / "vide.html"
    path.write_text("<html><body><script>x</script></body></html>", encoding="utf-8")

    with pytest.raises(DocumentError, match=r"aucun (contenu|texte)"):
        load(path)


def test_an_html_page_of_too_many_elements_is_refused_at_once(tmp_path):
    path = tmp_path / "énorme.html"
    path.write_text("<html><body>" + "<p>Par</p>" * 300_000 + "</body></html>", encoding="utf-8")
    start = time.perf_counter()

    with pytest.raises(DocumentError, match="compte 300002 éléments HTML\u00a0; la limite est de 30000"):
        load(path)
    assert time.perf_counter() - start < 10


def test_markdown_loses_its_marks_and_keeps_its_structure(tmp_path):
    path = tmp_path / "note.md"
    path.write_text(
        "---\nauteur: x\n---\n# Note **ESMS**\n\nUn [lien](https://exemple.fr) et\nune suite.\n\n"
        "Seuils\n------\n\n- 15 `ESSMS`\n  en métropole\n1. premier\n\n"
        "| Région | Montant |\n|---|---|\n| Corse | 8 |\n",
        encoding="utf-8",
    )
    document = load(path)

    assert document.title == "Note ESMS"
    assert document.blocks == (
        Block("heading", "Note ESMS", 1),
        Block("paragraph", "Un lien et une suite."),
        Block("heading", "Seuils", 2),
        Block("list_item", "15 ESSMS en métropole"),
        Block("list_item", "premier"),
        Block("table_row", "Région | Montant"),
        Block("table_row", "Corse | 8"),
    )


def test_text_is_read_in_the_encodings_of_old_and_new_windows(tmp_path):
    for codec in ("utf-8", "cp1252", "utf-16"):
        path = tmp_path / f"{codec}.txt"
        path.write_bytes("Été : première ligne\nsuite.\n\n- un point\n".encode(codec))

        assert load(path).blocks == (
            Block("paragraph", "Été : première ligne suite."),
            Block("list_item", "un point"),
        )


def test_what_the_name_announces_must_be_what_the_file_holds(tmp_path):
    pdf = make_pdf(tmp_path / "guide.pdf").read_bytes()
    docx = make_docx(tmp_path / "guide.docx").read_bytes()
    twins = {
        "a.pdf": b"du texte",
        "a.docx": pdf,
        "b.docx": b"\xd0\xcf\x11\xe0" + b"\x00" * 100,
        "a.odt": docx,
        "a.txt": pdf,
        "a.md": docx,
        "a.html": b"aucune balise",
        "b.txt": b"binaire\x00\x01",
    }
    for name, data in twins.items():
        path = tmp_path / "jumeaux" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        with pytest.raises(DocumentError, match=name):
            load(path)


def test_what_is_not_an_ordinary_file_is_refused(tmp_path, monkeypatch):
    (tmp_path / "vide.pdf").touch()
    (tmp_path / "dossier.pdf").mkdir()
    os.mkfifo(tmp_path / "tube.txt")
    (tmp_path / "note.xlsx").write_bytes(b"x")
    (tmp_path / "gros.txt").write_bytes(b"x" * 2_000_000)
    monkeypatch.setattr(checks_module, "MAX_BYTES", 1_000_000)

    for name, reason in [
        ("vide.pdf", "est vide"),
        ("dossier.pdf", "pas un fichier ordinaire"),
        ("tube.txt", "pas un fichier ordinaire"),
        ("absent.pdf", "introuvable"),
        ("note.xlsx", "Formats acceptés"),
        ("sans", "aucune extension"),
        ("gros.txt", "la limite est de 50 Mo"),
    ]:
        with pytest.raises(DocumentError, match=reason):
            load(tmp_path / name)


def test_a_text_beyond_the_limit_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "long.txt"
    path.write_text("mot " * 100, encoding="utf-8")
    monkeypatch.setattr(content_module, "MAX_CHARACTERS", 100)

    with pytest.raises(DocumentError, match="5 millions"):
        read_document(path)


def test_ligatures_are_undone(tmp_path):
    path = tmp_path / "ligature.txt"
    path.write_text("L’ofﬁce afﬁche un ﬂux\u00ad efﬁcace.", encoding="utf-8")

    assert load(path).blocks[0].text == "L’office affiche un flux efficace."


def test_the_lines_of_a_table_of_contents_are_left_out():
    lines = [
        Line("Calendrier . . . . . . . . . . . 4", 1, 700, 11),
        Line("Le dépôt ferme", 1, 680, 11),
        Line("le 15 septembre.", 1, 666, 11),
    ]

    assert build_blocks(lines, []) == [Block("paragraph", "Le dépôt ferme le 15 septembre.", 0, 1)]
