"""What a reader of the page would not see is not read, and is counted; what they see stays. Merged cells, too."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from corpus.loaders import LoadedDocument, read_document

SENTENCE = "Le dossier est déposé au plus tard le 15 septembre 2025 par l’organisme gestionnaire porteur."


def text_of(document: LoadedDocument) -> str:
    return "\n".join(block.text for block in document.blocks)


def rows_of(document: LoadedDocument) -> list[str]:
    return [block.text for block in document.blocks if block.kind == "table_row"]


def counted(document: LoadedDocument) -> int:
    notice = next((notice for notice in document.notices if "caché" in notice), "0")
    return int(notice.split()[0])


@pytest.fixture
def page(tmp_path):
    """Return what reads the body of a page, under a style sheet."""

    def read(body: str, style: str = "") -> LoadedDocument:
        path = tmp_path / "page.html"
        path.write_text(
            f"<html><head><title>T</title><style>{style}</style></head><body><main><article><h1>Titre</h1>"
            f"<p>{SENTENCE * 4}</p>{body}<p>{SENTENCE}</p></article></main></body></html>",
            encoding="utf-8",
        )
        return read_document(path)

    return read


class TestHtml:
    @pytest.mark.parametrize(
        "attributes",
        [
            "hidden", 'hidden="hidden"', 'style="display:none"', 'style="DISPLAY : none !important"',
            'style="visibility:hidden"', 'style="font-size:0"', 'style="font-size: 0.5px"', 'style="opacity:0"',
            'style="opacity:.01"', 'style="position:absolute;left:-9999px"', 'style="text-indent:-5000px"',
            'style="color:white"', 'style="color:#FFF"', 'style="color:#fefefe"', 'style="color:rgb(255, 255, 255)"',
            'style="color:transparent"', 'style="color:rgba(0,0,0,0)"', 'style="color:#123;background:#123"',
            'style="height:0;overflow:hidden"', 'style="transform:scale(0)"', 'class="cache"', 'class="a cache b"',
            'id="secret"', 'class="loin"',
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("tag", ["p", "div", "span"])
    def test_hidden(self, page, attributes, tag):
        body = f"<p>Avant <{tag} {attributes}>le seuil est de 999 ESSMS</{tag}></p>"
        document = page(
            body,
            ".cache, .x { display: none } #secret{visibility:hidden} p.rien{} div.loin,p.loin,span.loin{left:-999em}",
        )

        assert "999" not in text_of(document)
        assert "Avant" in text_of(document)
        assert counted(document) == 1

    @pytest.mark.parametrize(
        "attributes",
        [
            'aria-hidden="true"', 'style="color:#fff;background:#003189"', 'style="color:white;background:url(a.png)"',
            'style="display:block"', 'style="visibility:visible"', 'style="font-size:12px"', 'style="opacity:0.9"',
            'style="left:-5px"', 'style="color:red"', 'style="width:1%;overflow:hidden"', 'class="imprime"', 'class="b"',
            'hidden="until-found"', 'style="color:inherit"', 'style="font-size:90%"',
        ],
    )  # fmt: skip
    def test_seen(self, page, attributes):
        sheet = "@media print { .imprime { display: none } .b { display: none } } .a .b { display: none }"
        document = page(f"<p {attributes}>Le seuil est de 15 ESSMS en métropole</p>", sheet)

        assert "15 ESSMS" in text_of(document)
        assert document.notices == ()

    def test_white_on_a_dark_block_is_seen(self, page):
        document = page(
            '<div style="background:#003189"><p style="color:#fff">Le seuil est de 15 ESSMS</p></div>'
        )

        assert "15 ESSMS" in text_of(document)
        assert document.notices == ()

    def test_what_is_shown_again_inside_is_seen(self, page):
        document = page(
            '<p style="visibility:hidden">neuf<b style="visibility:visible"> Le seuil est de 15 ESSMS</b></p>'
            '<p style="display:none">dix<b style="display:block;visibility:visible;font-size:12px">onze</b></p>'
            '<p style="font-size:0">douze<b style="font-size:12px"> La Corse en compte 8</b></p>'
        )

        assert "15 ESSMS" in text_of(document)
        assert "Corse" in text_of(document)
        assert not any(word in text_of(document) for word in ("neuf", "dix", "onze", "douze"))
        assert counted(document) == 3

    def test_templates_scripts_and_comments(self, page):
        document = page(
            "<template><p>le seuil du gabarit est 999</p></template><noscript><p>le seuil sans script est 999</p></noscript>"
            "<script>var seuil = 'le seuil est 999'</script>"
            "<!-- le vrai seuil est de 999 --><!-- menu --><!--[if IE]> le vrai seuil est de 999 <![endif]-->"
        )

        assert "999" not in text_of(document)
        assert counted(document) == 2
        assert "1 commentaire n’a pas été retenu." in document.notices

    def test_merged_cells(self, page):
        document = page(
            "<table><tr><th rowspan=2>Région</th><th colspan=2>Montant</th><th rowspan=2>Note</th></tr>"
            "<tr><th>2024</th><th>2025</th></tr><tr><td>Corse</td><td></td><td>8</td><td><p>a</p><p>b</p></td></tr>"
            "<tr><td rowspan=2>Bretagne</td><td>1</td><td>2</td><td>c</td></tr><tr><td colspan=2>3</td><td>d</td></tr></table>"
        )

        assert rows_of(document) == [
            "Région | Montant |  | Note",
            "Région | 2024 | 2025 | Note",
            "Corse |  | 8 | a b",
            "Bretagne | 1 | 2 | c",
            "Bretagne | 3 |  | d",
        ]


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


@pytest.fixture
def docx_of(tmp_path):
    """Return what reads a DOCX of the body given, with styles added."""

    def read(body: str, styles: str = "", edit=lambda document: None) -> LoadedDocument:
        import docx

        document = docx.Document()
        edit(document)
        document.save(str(tmp_path / "vide.docx"))
        target = tmp_path / "essai.docx"
        with zipfile.ZipFile(tmp_path / "vide.docx") as old, zipfile.ZipFile(target, "w") as new:
            for name in old.namelist():
                data = old.read(name).decode("utf-8") if name.endswith(".xml") else ""
                if name == "word/document.xml":
                    data = data.replace("<w:body>", f"<w:body><w:p>{run(SENTENCE)}</w:p>{body}", 1)
                elif name == "word/styles.xml":
                    data = data.replace("</w:styles>", f"{styles}</w:styles>")
                new.writestr(name, data.encode() or old.read(name))
        return read_document(target)

    return read


WHITE = '<w:color w:val="FFFFFF"/>'
STYLES = (
    '<w:style w:type="character" w:styleId="Cache"><w:name w:val="Cache"/><w:rPr><w:vanish/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="Fils"><w:name w:val="Fils"/><w:basedOn w:val="Cache"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Para"><w:name w:val="Para"/><w:rPr><w:color w:val="FFFFFF"/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="Boucle"><w:name w:val="B"/><w:basedOn w:val="Boucle"/></w:style>'
    '<w:style w:type="table" w:styleId="Fonce"><w:name w:val="Fonce"/><w:tblStylePr w:type="firstRow"><w:tcPr>'
    '<w:shd w:val="clear" w:fill="003189"/></w:tcPr></w:tblStylePr></w:style>'
)
SHADED = '<w:shd w:val="clear" w:color="auto" w:fill="003189"/>'


def cell(content: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr><w:p>{content}</w:p></w:tc>"


class TestDocx:
    @pytest.mark.parametrize(
        "properties",
        [
            "<w:vanish/>", '<w:vanish w:val="true"/>', WHITE, '<w:color w:val="fefefe"/>', '<w:sz w:val="2"/>',
            '<w:rStyle w:val="Cache"/>', '<w:rStyle w:val="Fils"/>', f'{WHITE}<w:shd w:val="clear" w:fill="FFFFFF"/>',
            f'{WHITE}<w:shd w:val="clear" w:fill="auto"/>', f'{WHITE}<w:highlight w:val="none"/>',
        ],
    )  # fmt: skip
    def test_hidden(self, docx_of, properties):
        document = docx_of(
            f"<w:p>{run('Avant ')}{run('le seuil', properties)}{run(' de 999', properties)}</w:p>", STYLES
        )

        assert text_of(document) == f"{SENTENCE}\nAvant"
        assert counted(document) == 1

    @pytest.mark.parametrize(
        "properties",
        [
            '<w:vanish w:val="0"/>', '<w:rStyle w:val="Cache"/><w:vanish w:val="false"/>', f"{WHITE}{SHADED}",
            f'{WHITE}<w:highlight w:val="darkBlue"/>', '<w:sz w:val="16"/>', '<w:color w:val="auto"/>', "<w:webHidden/>",
            '<w:rStyle w:val="Boucle"/>', '<w:rStyle w:val="Absent"/>', '<w:sz w:val="x"/>',
        ],
    )  # fmt: skip
    def test_seen(self, docx_of, properties):
        document = docx_of(f"<w:p>{run('Le seuil est de 15 ESSMS', properties)}</w:p>", STYLES)

        assert "15 ESSMS" in text_of(document)
        assert document.notices == ()

    def test_a_paragraph_style_hides_and_a_shaded_cell_shows(self, docx_of):
        white = run("Le seuil est de 15 ESSMS", WHITE)
        styled = f'<w:p><w:pPr><w:pStyle w:val="Para"/></w:pPr>{run("neuf")}</w:p>'
        shaded = f'<w:p><w:pPr><w:pStyle w:val="Para"/>{SHADED}</w:pPr>{run("onze")}</w:p>'
        document = docx_of(
            f"{styled}{shaded}<w:tbl><w:tr>{cell(white, SHADED)}{cell(run('dix', WHITE))}</w:tr></w:tbl>"
            f'<w:tbl><w:tblPr><w:tblStyle w:val="Fonce"/></w:tblPr><w:tr>{cell(run("Région", WHITE))}</w:tr></w:tbl>',
            STYLES,
        )

        assert text_of(document) == f"{SENTENCE}\nonze\nLe seuil est de 15 ESSMS\nRégion"
        assert counted(document) == 2

    def test_headers_comments_and_moved_text(self, docx_of):
        def edit(document):
            header = document.sections[0].header
            header.paragraphs[0].add_run("seuil 999").font.hidden = True
            document.add_comment(document.add_paragraph("Annoté").runs, text="seuil 999", author="x")

        document = docx_of(f"<w:p><w:moveFrom>{run('ancien')}</w:moveFrom>{run('nouveau')}</w:p>", edit=edit)

        assert "999" not in text_of(document)
        assert "ancien" not in text_of(document)
        assert document.notices == (
            "1 passage caché à la lecture n’a pas été retenu.", "1 commentaire n’a pas été retenu.",
        )  # fmt: skip

    def test_merged_cells(self, docx_of):
        start, go_on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
        rows = [
            cell(run("Région"), start) + cell(run("Montant"), '<w:gridSpan w:val="2"/>') + cell(run("Note")),
            cell("", go_on) + cell(run("2024")) + cell(run("2025")) + cell(run("n")),
            f'<w:trPr><w:gridBefore w:val="1"/></w:trPr>{cell(run("1"))}<w:sdt><w:sdtContent>{cell(run("2"))}</w:sdtContent></w:sdt>',
        ]
        document = docx_of("<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>")

        assert rows_of(document) == ["Région | Montant |  | Note", "Région | 2024 | 2025 | n", "| 1 | 2"]


ODF = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in [
        ("office", "office"), ("text", "text"), ("table", "table"), ("style", "style"), ("fo", "xsl-fo-compatible"),
    ]
)  # fmt: skip


@pytest.fixture
def odt_of(tmp_path):
    """Return what reads an ODT of the body given, with automatic styles."""

    def read(body: str, styles: str = "") -> LoadedDocument:
        path: Path = tmp_path / "essai.odt"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
            archive.writestr(
                "content.xml",
                f"<office:document-content {ODF}><office:automatic-styles>{styles}</office:automatic-styles><office:body>"
                f"<office:text><text:p>{SENTENCE}</text:p>{body}</office:text></office:body></office:document-content>",
            )
        return read_document(path)

    return read


def style(name: str, family: str, properties: str, parent: str = "") -> str:
    tag = {"table-cell": "table-cell"}.get(family, "text")
    return (
        f'<style:style style:name="{name}" style:family="{family}" style:parent-style-name="{parent}">'
        f"<style:{tag}-properties {properties}/></style:style>"
    )


class TestOdt:
    @pytest.mark.parametrize(
        "properties",
        ['text:display="none"', 'fo:color="#ffffff"', 'fo:color="#FFFFFF" fo:background-color="transparent"',
         'fo:font-size="1pt"', 'fo:font-size="0.2mm"'],
    )  # fmt: skip
    @pytest.mark.parametrize("family", ["text", "paragraph"])
    def test_hidden(self, odt_of, properties, family):
        styles = style("S", family, properties) + style("T", family, "", "S") + style("B", family, "", "B")
        hidden = "le seuil <text:span>est de</text:span> 999"
        for name in "ST":
            body = (
                f'<text:p>Avant <text:span text:style-name="{name}">{hidden}</text:span></text:p>'
                if family == "text"
                else f'<text:p text:style-name="{name}">{hidden}</text:p><text:p text:style-name="B">Avant</text:p>'
            )
            document = odt_of(body, styles)

            assert text_of(document) == f"{SENTENCE}\nAvant"
            assert counted(document) == 1

    @pytest.mark.parametrize(
        "properties",
        ['text:display="true"', 'fo:color="#ffffff" fo:background-color="#003189"', 'fo:font-size="9pt"',
         'fo:color="#000000"', 'fo:font-size="80%"', 'fo:font-size="x"'],
    )  # fmt: skip
    def test_seen(self, odt_of, properties):
        body = '<text:p>Le seuil est de <text:span text:style-name="S">15 ESSMS</text:span></text:p>'
        document = odt_of(body, style("S", "text", properties))

        assert "15 ESSMS" in text_of(document)
        assert document.notices == ()

    def test_a_coloured_cell_shows_what_is_white(self, odt_of):
        body = (
            '<table:table><table:table-row><table:table-cell table:style-name="C"><text:p text:style-name="P">Région</text:p>'
            '</table:table-cell><table:table-cell><text:p text:style-name="P">dix</text:p></table:table-cell>'
            "</table:table-row></table:table>"
        )
        styles = style("C", "table-cell", 'fo:background-color="#003189"') + style(
            "P", "paragraph", 'fo:color="#ffffff"'
        )
        document = odt_of(body, styles)

        assert rows_of(document) == ["Région"]
        assert counted(document) == 1

    def test_hidden_sections_fields_and_comments(self, odt_of):
        document = odt_of(
            '<text:section text:display="none"><text:p>999</text:p></text:section>'
            '<text:section text:display="condition" text:is-hidden="true"><text:p>999</text:p></text:section>'
            "<text:section><text:p>Section lue</text:p></text:section>"
            '<text:p>Un<text:hidden-text text:is-hidden="true" text:string-value="999">999</text:hidden-text></text:p>'
            '<text:p>Montré<text:hidden-text text:is-hidden="false"> bien</text:hidden-text></text:p>'
            '<text:p><text:hidden-paragraph text:is-hidden="true"/>999</text:p>'
            "<text:p>Deux<office:annotation><text:p>999</text:p></office:annotation></text:p>"
        )

        assert text_of(document) == f"{SENTENCE}\nSection lue\nUn\nMontré bien\nDeux"
        assert document.notices == (
            "4 passages cachés à la lecture n’ont pas été retenus.", "1 commentaire n’a pas été retenu.",
        )  # fmt: skip

    def test_merged_and_repeated_cells(self, odt_of):
        def cell(text: str, attributes: str = "") -> str:
            return f"<table:table-cell {attributes}><text:p>{text}</text:p></table:table-cell>"

        covered = "<table:covered-table-cell/>"
        two = 'table:number-columns-spanned="2"'
        empty = '<table:table-cell table:number-columns-repeated="2"/>'
        again = 'table:number-columns-repeated="2"'
        rows = [
            cell("Région", 'table:number-rows-spanned="2"') + cell("Montant", two) + covered + cell("Note"),
            covered + cell("2024") + cell("2025") + cell("n"),
            cell("Corse") + empty + cell("a"),
            cell("0", again) + cell("b"),
        ]
        document = odt_of(
            "<table:table>"
            + "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
            + "</table:table>"
        )

        assert rows_of(document) == [
            "Région | Montant |  | Note", "Région | 2024 | 2025 | n", "Corse |  |  | a", "0 | 0 | b",
        ]  # fmt: skip


class TestMarkdown:
    @pytest.mark.parametrize(
        ("source", "hidden", "comments"),
        [
            ("Avant <span style='display:none'>seuil 999</span>", 1, 0),
            ("Avant\n\n<div hidden>\nseuil 999\n\nseuil 999\n</div>\n", 1, 0),
            ("Avant\n\n<p hidden>seuil 999\n\n", 1, 0),
            ("Avant <!-- seuil 999 -->", 0, 1),
            ('Avant\n\n[//]: # (seuil 999)\n[x]: https://a.fr "seuil 999"\n[y]: https://a.fr/999\n', 0, 2),
        ],
    )
    def test_hidden(self, tmp_path, source, hidden, comments):
        path = tmp_path / "a.md"
        path.write_text(f"{source}\n\nAprès", encoding="utf-8")
        document = read_document(path)

        assert text_of(document) == "Avant\nAprès"
        assert counted(document) == hidden
        assert (
            sum(int(notice.split()[0]) for notice in document.notices if "commentaire" in notice) == comments
        )

    def test_seen(self, tmp_path):
        path = tmp_path / "a.md"
        source = '<img hidden src="a">Le <b style="color:red">seuil</b> est de 15\n\n[Note] : voir l’annexe 2\n\n[a]: un mot puis un autre\n'
        path.write_text(source, encoding="utf-8")
        document = read_document(path)

        assert text_of(document) == "Le seuil est de 15\n[Note] : voir l’annexe 2\n[a]: un mot puis un autre"
        assert document.notices == ()
