"""Files made to harm: each is refused in French or read for what it shows, soon, and nothing is run or fetched."""

from __future__ import annotations

import http.server
import io
import itertools
import stat
import struct
import threading
import time
import zipfile
from pathlib import Path

import pytest

from corpus.errors import DocumentError
from corpus.loaders import LoadedDocument, load

SECONDS = 12  # on a machine that does something else; alone, none takes 3
SENTENCE = "Le dossier est déposé au plus tard le 15 septembre 2025 par l’organisme gestionnaire porteur."
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
ODF = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in [
        ("office", "office"), ("text", "text"), ("table", "table"), ("style", "style"), ("draw", "drawing"),
        ("fo", "xsl-fo-compatible"),
    ]
) + ' xmlns:xlink="http://www.w3.org/1999/xlink"'  # fmt: skip
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n"


def docx_parts(body: str = "") -> dict[str, str | bytes]:
    """Return the parts of a DOCX around a body."""
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return {
        "[Content_Types].xml": f'{DECLARATION}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/><Default Extension="bin" ContentType="application/x"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
        "_rels/.rels": f'{DECLARATION}<Relationships {RELATIONS}><Relationship Id="r1" '
        f'Type="{R}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f"{DECLARATION}<w:document {W}><w:body>{body or paragraph(SENTENCE)}</w:body></w:document>",
    }


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def odt_parts(body: str = "") -> dict[str, str | bytes]:
    """Return the parts of an ODT around a body."""
    return {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": f"{DECLARATION}<office:document-content {ODF}><office:body><office:text>"
        f"{body or f'<text:p>{SENTENCE}</text:p>'}</office:text></office:body></office:document-content>",
    }


def pack(path: Path, parts: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def outcome(path: Path) -> LoadedDocument | str:
    """Return the document, or why it is refused; soon, and in French with the name of the file."""
    start = time.monotonic()
    try:
        found: LoadedDocument | str = load(path)
    except DocumentError as error:
        found = str(error)
        assert path.name in found
        assert len(found.split(". ")) > 1 or " : " in found
    assert time.monotonic() - start < SECONDS
    return found


def refused(path: Path) -> str:
    found = outcome(path)
    assert isinstance(found, str), found.blocks[:3]
    return found


def read(path: Path) -> LoadedDocument:
    found = outcome(path)
    assert isinstance(found, LoadedDocument), found
    return found


def text_of(document: LoadedDocument) -> str:
    return "\n".join(block.text for block in document.blocks)


@pytest.fixture(params=["docx", "odt"])
def kind(request):
    return request.param


@pytest.fixture
def parts(kind):
    return docx_parts() if kind == "docx" else odt_parts()


@pytest.fixture
def main_part(kind):
    return "word/document.xml" if kind == "docx" else "content.xml"


class TestArchives:
    def test_one_huge_member(self, tmp_path, kind, parts):
        path = pack(tmp_path / f"a.{kind}", {**parts, "media/image.png": b"\x00" * 320_000_000})

        assert path.stat().st_size < 1_000_000
        assert "se déploierait sur" in refused(path)

    def test_many_members(self, tmp_path, kind, parts):
        many = {f"media/{rank}.png": b"" for rank in range(6_000)}

        assert "en 600" in refused(pack(tmp_path / f"a.{kind}", {**parts, **many}))

    def test_many_members_that_are_huge_together(self, tmp_path, kind, parts):
        many = {f"media/{rank}.xml": b"<a>" + b" " * 55_000_000 for rank in range(7)}

        assert "se déploierait" in refused(pack(tmp_path / f"a.{kind}", {**parts, **many}))

    def test_an_archive_in_the_archive_is_not_opened(self, tmp_path, kind, parts):
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("bombe", b"\x00" * 50_000_000)

        assert SENTENCE in text_of(
            read(pack(tmp_path / f"a.{kind}", {**parts, "media/b.zip": inner.getvalue()}))
        )

    @pytest.mark.parametrize("declared", [10, 50_000_000])
    def test_a_member_that_lies_on_its_size(self, tmp_path, kind, parts, main_part, declared):
        path = pack(tmp_path / f"a.{kind}", parts)
        with zipfile.ZipFile(path) as archive:
            true = archive.getinfo(main_part).file_size
        path.write_bytes(path.read_bytes().replace(struct.pack("<I", true), struct.pack("<I", declared)))

        if declared < true:
            assert "endommagé" in refused(path)
        else:
            assert SENTENCE in text_of(read(path))

    def test_members_that_overlap(self, tmp_path, kind, parts):
        path = pack(tmp_path / f"a.{kind}", {**parts, "media/a.bin": b"a" * 1000, "media/b.bin": b"a" * 1000})
        data = bytearray(path.read_bytes())
        # The directory entry of the second is pointed at the data of the first.
        entries = [data.rindex(name) - 46 for name in (b"media/a.bin", b"media/b.bin")]
        data[entries[1] + 42 : entries[1] + 46] = data[entries[0] + 42 : entries[0] + 46]
        path.write_bytes(bytes(data))

        assert "endommagé" in refused(path)

    def test_a_member_given_twice(self, tmp_path, kind, parts, main_part):
        path = pack(tmp_path / f"a.{kind}", parts)
        with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as archive:
            archive.writestr(main_part, "<autre/>")

        assert "deux fois" in refused(path)

    @pytest.mark.parametrize(
        "name", ["../../evil.txt", "/etc/passwd", "word/../../x", "..\\evil", "C:/evil", "word\\..\\..\\x"]
    )
    def test_a_member_that_leads_elsewhere(self, tmp_path, kind, parts, name):
        assert "chemins interdits" in refused(pack(tmp_path / f"a.{kind}", {**parts, name: b"x"}))

    def test_a_member_that_is_a_link(self, tmp_path, kind, parts):
        path = pack(tmp_path / f"a.{kind}", parts)
        with zipfile.ZipFile(path, "a") as archive:
            link = zipfile.ZipInfo("word/lien")
            link.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(link, "/etc/passwd")

        assert "liens" in refused(path)


ENTITY = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
LAUGHS = (
    '<!DOCTYPE a [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    + "]>"
)
QUADRATIC = f'<!DOCTYPE a [<!ATTLIST a b CDATA "{"x" * 100_000}">]>'


def xml(doctype: str, codec: str = "utf-8", declared: str | None = None) -> bytes:
    text = f'<?xml version="1.0" encoding="{declared or codec}"?>{doctype}<a>&x;</a>'
    return text.encode(codec)


class TestEntities:
    @pytest.mark.parametrize("doctype", [ENTITY, LAUGHS, QUADRATIC], ids=["external", "laughs", "attributes"])
    @pytest.mark.parametrize(
        ("codec", "declared"),
        [
            ("utf-8", None), ("utf-16", None), ("utf-16-le", "utf-16"), ("utf-16-be", "utf-16"), ("utf-7", None),
            ("utf-32", None), ("cp037", None), ("latin-1", "iso-8859-1"), ("utf-8", "utf-7"),
        ],
    )  # fmt: skip
    def test_in_the_main_part(self, tmp_path, kind, parts, main_part, doctype, codec, declared):
        path = pack(tmp_path / f"a.{kind}", {**parts, main_part: xml(doctype, codec, declared)})

        assert "entités XML" in refused(path)

    def test_an_encoding_pushed_out_of_sight(self, tmp_path, kind, parts, main_part):
        hidden = (
            b'<?xml version="1.0"' + b" " * 5_000 + b'encoding="utf-7"?>' + ENTITY.encode("utf-7") + b"<a/>"
        )

        assert "entités XML" in refused(pack(tmp_path / f"a.{kind}", {**parts, main_part: hidden}))

    @pytest.mark.parametrize(
        "part",
        ["[Content_Types].xml", "_rels/.rels", "word/_rels/document.xml.rels", "word/styles.xml", "docProps/core.xml",
         "customXml/item1.xml", "word/theme.dat", "styles.xml", "meta.xml", "settings.xml", "META-INF/manifest.xml"],
    )  # fmt: skip
    def test_in_every_other_part(self, tmp_path, kind, parts, part):
        assert "entités XML" in refused(pack(tmp_path / f"a.{kind}", {**parts, part: xml(LAUGHS)}))

    def test_a_doctype_alone_is_not_fetched(self, tmp_path, kind, parts, main_part, server):
        doctype = f'?><!DOCTYPE a SYSTEM "{server.address}/a.dtd">'
        changed = str(parts[main_part]).replace("?>", doctype, 1)

        assert SENTENCE in text_of(read(pack(tmp_path / f"a.{kind}", {**parts, main_part: changed})))
        assert server.asked == []

    def test_an_html_page_reads_no_entity_of_its_own(self, tmp_path):
        path = tmp_path / "a.html"
        page = f"<html><body><article><p>{SENTENCE * 5}</p><p>fin &x; &a9;</p></article></body></html>"
        path.write_text(ENTITY + LAUGHS + page, encoding="utf-8")

        found = outcome(path)
        assert "contenu" in found if isinstance(found, str) else "root:" not in text_of(found)


@pytest.fixture
def server():
    """A server on the loopback that remembers what it is asked."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as found:
        threading.Thread(target=found.serve_forever, args=(0.02,), daemon=True).start()
        found.address = f"http://127.0.0.1:{found.server_port}"
        found.asked = asked
        yield found
        found.shutdown()


def field(code: str) -> str:
    half = len(code) // 2
    return (
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f"<w:r><w:instrText>{code[:half]}</w:instrText></w:r><w:r><w:instrText>{code[half:]}</w:instrText></w:r>"
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>résultat</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    )


class TestWhatWouldAct:
    """Macros, objects, remote parts and fields: told, never run nor fetched."""

    def relations(self, kind: str, target: str, mode: str = "") -> str:
        return (
            f'{DECLARATION}<Relationships {RELATIONS}><Relationship Id="r9" Type="{kind}" Target="{target}" {mode}/>'
            "</Relationships>"
        )

    def test_the_macros_of_a_docx(self, tmp_path):
        relations = self.relations(
            "http://schemas.microsoft.com/office/2006/relationships/vbaProject", "vbaProject.bin"
        )
        parts = {
            **docx_parts(),
            "word/vbaProject.bin": b"Sub AutoOpen()",
            "word/_rels/document.xml.rels": relations,
        }
        document = read(pack(tmp_path / "a.docx", parts))

        assert SENTENCE in text_of(document)
        assert document.notices == ("Le document contient des macros : rien n’a été exécuté ni téléchargé.",)

    def test_a_docm_renamed(self, tmp_path):
        parts = docx_parts()
        kinds = str(parts["[Content_Types].xml"])
        parts["[Content_Types].xml"] = kinds.replace(
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
            "application/vnd.ms-word.document.macroEnabled.main+xml",
        )

        assert "à macros (.docm)" in refused(pack(tmp_path / "a.docx", parts))

    def test_an_object_in_a_docx(self, tmp_path):
        relations = self.relations(f"{R}/oleObject", "embeddings/oleObject1.bin")
        parts = {
            **docx_parts(),
            "word/embeddings/oleObject1.bin": b"\xd0\xcf\x11\xe0",
            "word/_rels/document.xml.rels": relations,
        }

        assert "des objets incorporés" in read(pack(tmp_path / "a.docx", parts)).notices[0]

    @pytest.mark.parametrize("kind", ["attachedTemplate", "image", "oleObject", "frame", "aFChunk"])
    def test_a_remote_part_of_a_docx(self, tmp_path, kind, server):
        relations = self.relations(f"{R}/{kind}", f"{server.address}/x", 'TargetMode="External"')
        document = read(
            pack(tmp_path / "a.docx", {**docx_parts(), "word/_rels/document.xml.rels": relations})
        )

        assert "distantes" in document.notices[0]
        assert server.asked == []

    def test_a_link_of_a_docx_is_no_remote_part(self, tmp_path):
        relations = self.relations(f"{R}/hyperlink", "https://exemple.fr/import/dde", 'TargetMode="External"')
        body = paragraph(SENTENCE) + field(' HYPERLINK "https://exemple.fr/import/dde" ')

        document = read(
            pack(tmp_path / "a.docx", {**docx_parts(body), "word/_rels/document.xml.rels": relations})
        )
        assert document.notices == ()
        assert "résultat" in text_of(document)

    @pytest.mark.parametrize(
        "code",
        [' DDEAUTO c:\\\\windows\\\\cmd.exe "/k calc" ', ' INCLUDETEXT "/etc/passwd" ', ' includepicture "http://a/b" ',
         " DDE a b ", " IMPORT x "],
    )  # fmt: skip
    def test_a_field_of_a_docx(self, tmp_path, code):
        document = read(pack(tmp_path / "a.docx", docx_parts(paragraph(SENTENCE) + field(code))))

        assert "champs qui appellent" in document.notices[0]
        assert "cmd" not in text_of(document)

    def test_the_scripts_of_an_odt(self, tmp_path):
        parts = {
            **odt_parts(),
            "Basic/Standard/Module1.xml": "<a>Sub Main</a>",
            "Object 1/content.xml": "<a/>",
        }
        document = read(pack(tmp_path / "a.odt", parts))

        assert document.notices == (
            "Le document contient des macros et des objets incorporés : rien n’a été exécuté ni téléchargé.",
        )

    def test_the_events_and_dde_links_of_an_odt(self, tmp_path):
        listener = '<text:execute-macro><event-listener xmlns="urn:x" xlink:href="vnd.sun.star.script:a"/></text:execute-macro>'
        body = f"<text:p>{SENTENCE}{listener}<text:dde-connection/></text:p>"

        notices = read(pack(tmp_path / "a.odt", odt_parts(body))).notices
        assert notices == (
            "Le document contient des macros et des liens DDE : rien n’a été exécuté ni téléchargé.",
        )

    def test_the_remote_parts_of_an_odt(self, tmp_path, server):
        body = (
            f'<text:p>{SENTENCE}<draw:frame><draw:image xlink:href="{server.address}/a.png"/></draw:frame></text:p>'
            f'<text:section><text:section-source xlink:href="{server.address}/b.odt"/><text:p>inclus</text:p></text:section>'
        )
        document = read(pack(tmp_path / "a.odt", odt_parts(body)))

        assert "distantes" in document.notices[0]
        assert server.asked == []

    def test_the_remote_parts_of_a_page_are_not_fetched(self, tmp_path, server):
        path = tmp_path / "a.html"
        path.write_text(
            f'<html><head><base href="{server.address}"><link rel="stylesheet" href="{server.address}/a.css">'
            f'<script src="{server.address}/a.js"></script><meta http-equiv="refresh" content="0;url={server.address}">'
            f'</head><body><article><p>{SENTENCE * 4}</p><img src="{server.address}/a.png">'
            f'<iframe src="{server.address}/b"></iframe></article></body></html>',
            encoding="utf-8",
        )

        assert SENTENCE in text_of(read(path))
        assert server.asked == []


SAMPLES = {
    "pdf": lambda: PDF,
    "docx": lambda: pack(Path("x.docx"), docx_parts()).read_bytes(),
    "odt": lambda: pack(Path("x.odt"), odt_parts()).read_bytes(),
    "html": lambda: f"<html><body><p>{SENTENCE}</p></body></html>".encode(),
    "txt": lambda: SENTENCE.encode(),
    "ole": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600,
    "png": lambda: b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 100,
    "exe": lambda: b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 100,
}
# A page is a text: under a name of text it reads as the text it is.
ACCEPTED = {("html", "txt"), ("html", "md"), ("txt", "md"), ("pdf", "pdf")}


@pytest.mark.parametrize(
    ("content", "name"),
    [
        pair for pair in itertools.product(SAMPLES, ("pdf", "docx", "odt", "html", "htm", "md", "txt"))
        if pair[0] != pair[1] and pair not in ACCEPTED and pair != ("html", "htm")
    ],
)  # fmt: skip
def test_a_name_that_lies_on_the_content(tmp_path, monkeypatch, content, name):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / f"a.{name}"
    path.write_bytes(SAMPLES[content]())

    assert any(word in refused(path) for word in ("extension", "mot de passe"))


def test_a_file_of_two_formats_is_read_as_none_or_as_the_one_it_is_named(tmp_path):
    archive = pack(tmp_path / "x.docx", docx_parts()).read_bytes()
    (tmp_path / "a.docx").write_bytes(PDF + archive)
    (tmp_path / "b.pdf").write_bytes(PDF + archive)
    (tmp_path / "c.html").write_bytes(b"<html><!-- " + PDF + b" --></html>")
    (tmp_path / "d.txt").write_bytes(b"#!/bin/sh\nrm -rf /\n" + archive)

    for path in sorted(tmp_path.glob("?.*")):
        if path.name != "x.docx":
            refused(path)


class TestDepth:
    @pytest.mark.parametrize("tag", ["div", "blockquote", "ul><li", "table><tr><td", "b", "span"])
    def test_an_html_page(self, tmp_path, tag):
        path = tmp_path / "a.html"
        closing = "".join(f"</{name}>" for name in reversed(tag.split("><")))
        path.write_text(
            f"<html><body>{f'<{tag}>' * 100_000}{SENTENCE}{closing * 100_000}</body></html>", encoding="utf-8"
        )

        found = outcome(path)
        assert (
            SENTENCE in (found if isinstance(found, str) else text_of(found))
            or "niveaux" in found
            or "éléments" in found
        )

    def test_the_tables_of_a_docx(self, tmp_path):
        nested = "<w:tbl><w:tr><w:tc>" * 10_000 + paragraph(SENTENCE) + "</w:tc></w:tr></w:tbl>" * 10_000

        assert "endommagé" in refused(pack(tmp_path / "a.docx", docx_parts(nested)))

    def test_a_few_nested_tables_of_a_docx_are_read_once(self, tmp_path):
        nested = (
            f"<w:tbl><w:tr><w:tc>{paragraph('dehors')}" * 60
            + paragraph(SENTENCE)
            + "</w:tc></w:tr></w:tbl>" * 60
        )

        assert text_of(read(pack(tmp_path / "a.docx", docx_parts(nested)))).count(SENTENCE) == 1

    @pytest.mark.parametrize("tag", ["text:list><text:list-item", "text:section", "text:p", "text:span",
                                     "table:table><table:table-row><table:table-cell", "draw:frame"])  # fmt: skip
    def test_the_elements_of_an_odt(self, tmp_path, tag):
        closing = "".join(f"</{name}>" for name in reversed(tag.split("><")))
        body = f"<{tag}>" * 20_000 + f"<text:p>{SENTENCE}</text:p>" + closing * 20_000

        assert any(
            word in refused(pack(tmp_path / "a.odt", odt_parts(body)))
            for word in ("profond", "endommagé", "aucun texte")
        )

    @pytest.mark.parametrize("mark", [">", "[", "*", "`", "_", "(", "![", "[](", "- ", "<", "<a ", "<!--", "#", "|", "~~",
                                      "**a", "*a ", "[a](", "`a", "<b hidden>", "    "])  # fmt: skip
    @pytest.mark.parametrize("line", [100_000, 15_000])
    def test_the_marks_of_markdown(self, tmp_path, mark, line):
        path = tmp_path / "a.md"
        marks = mark * (line // len(mark))
        text = "\n\n".join([marks + " x"] * (400_000 // line))
        path.write_text(f"# Titre\n\n{SENTENCE}\n\n{text}\n", encoding="utf-8")

        assert SENTENCE in text_of(read(path))


class TestSizes:
    @pytest.mark.parametrize("suffix", ["txt", "md", "html"])
    def test_a_line_of_five_megabytes(self, tmp_path, suffix):
        path = tmp_path / f"a.{suffix}"
        words = "mot " * 1_240_000
        path.write_text(
            f"<html><body><article><p>{words}</p></article></body></html>" if suffix == "html" else words
        )

        found = outcome(path)
        assert "contenu" in found if isinstance(found, str) else len(text_of(found)) > 4_000_000

    @pytest.mark.parametrize("cell", ["|", "| ", "|a"])
    def test_a_markdown_table_of_a_million_columns(self, tmp_path, cell):
        path = tmp_path / "a.md"
        path.write_text(f"{SENTENCE}\n\n{cell * 1_000_000}|\n", encoding="utf-8")

        assert SENTENCE in text_of(read(path))

    def test_an_html_table_of_a_million_columns(self, tmp_path):
        path = tmp_path / "a.html"
        path.write_text(f"<html><body><table><tr>{'<td>a' * 1_000_000}</table></body></html>")

        assert "éléments HTML" in refused(path)

    def test_the_tables_of_a_million_columns_of_archives(self, tmp_path):
        cells = "<w:tc><w:p/></w:tc>" * 1_000_000
        path = pack(
            tmp_path / "a.docx", docx_parts(f"{paragraph(SENTENCE)}<w:tbl><w:tr>{cells}</w:tr></w:tbl>")
        )
        assert "tableau de 1000000 colonnes" in refused(path)
        cells = "<table:table-cell/>" * 1_000_000
        table = f"<table:table><table:table-row>{cells}</table:table-row></table:table>"
        assert "tableau de 1000000 colonnes" in refused(pack(tmp_path / "a.odt", odt_parts(table)))

    @pytest.mark.parametrize("number", ["1000000000", "9" * 5000, "-1", "x", "0"])
    def test_cells_that_cover_a_billion_others(self, tmp_path, number):
        page = tmp_path / "a.html"
        row = f'<tr><td colspan="{number}" rowspan="{number}">Corse</td><td>8</td></tr>'
        page.write_text(
            f"<html><body><article><p>{SENTENCE * 4}</p><table>{row * 300}</table></article></body></html>",
            encoding="utf-8",
        )
        row = f'<w:tr><w:tc><w:tcPr><w:gridSpan w:val="{number}"/></w:tcPr>{paragraph("Corse")}</w:tc></w:tr>'
        docx = pack(tmp_path / "a.docx", docx_parts(f"<w:tbl>{row * 300}</w:tbl>"))
        cell = (
            f'<table:table-cell table:number-columns-repeated="{number}" table:number-rows-spanned="{number}"'
            f' table:number-columns-spanned="{number}"><text:p>Corse</text:p></table:table-cell>'
        )
        row = f'<table:table-row table:number-rows-repeated="{number}">{cell}</table:table-row>'
        odt = pack(tmp_path / "a.odt", odt_parts(f"<table:table>{row * 30}</table:table>"))

        for path in (page, docx, odt):
            assert "Corse" in text_of(read(path))

    def test_the_repeated_spaces_of_an_odt(self, tmp_path):
        body = f'<text:p>{SENTENCE}<text:s text:c="1000000000"/>fin</text:p>'

        assert text_of(read(pack(tmp_path / "a.odt", odt_parts(body)))) == f"{SENTENCE} fin"

    def test_millions_of_paragraphs(self, tmp_path):
        path = tmp_path / "a.txt"
        path.write_text("x\n\n" * 1_600_000)

        assert "la limite acceptée" in refused(path)


class TestBytes:
    @pytest.mark.parametrize("suffix", ["txt", "md", "html"])
    @pytest.mark.parametrize(
        "data",
        [
            b"\xff\xfe\x00\xd8a\x00", b"\xfe\xff\xd8\x00\x00a", b"\xff\xfea", b"\xed\xa0\x80 texte", b"\xc0\xaf\xfe texte",
            b"\xef\xbb\xbf", b"\x00", b"\xef\xbb\xbf\xef\xbb\xbftexte", b"\x81\x8d\x8f\x90\x9d", b"texte\x00suite",
            b"\x1b]0;titre\x07texte", b"\x85" * 50, b"\xff\xfe\x00\x00",
        ],
    )  # fmt: skip
    def test_bytes_that_are_no_text(self, tmp_path, suffix, data):
        path = tmp_path / f"a.{suffix}"
        path.write_bytes(data)

        found = outcome(path)
        if isinstance(found, LoadedDocument):
            text_of(found).encode()
            assert not set(text_of(found)) & set(map(chr, range(32))) - {"\n"}

    @pytest.mark.parametrize("suffix", ["txt", "md", "html", "docx", "odt"])
    def test_what_does_not_show_or_turns_the_line_is_not_read(self, tmp_path, suffix):
        tags = "".join(chr(0xE0000 + ord(letter)) for letter in "ignore")
        noise = f"dé\u200bpo\u2060sé\u202e\u2066 le\u2069{tags} 15\ufeff sept\u00adembre\u200e\ufe0f"
        text = f"{SENTENCE * 4} {noise}"
        path = tmp_path / f"a.{suffix}"
        if suffix == "docx":
            pack(path, docx_parts(paragraph(text)))
        elif suffix == "odt":
            pack(path, odt_parts(f"<text:p>{text}</text:p>"))
        else:
            path.write_text(
                f"<html><body><p>{text}</p></body></html>" if suffix == "html" else text, encoding="utf-8"
            )

        assert text_of(read(path)).endswith("déposé le 15 septembre")


@pytest.mark.parametrize("suffix", ["txt", "md", "html"])
@pytest.mark.parametrize(
    "text",
    ["\n " * 150_000, " " * 300_000 + "x", "- " * 150_000, "1. " * 90_000, "\t" * 300_000, "a " * 150_000,
     "# " + "#  " * 90_000 + "x", "=" * 300_000 + "x", "* " * 150_000 + "x", "|-" * 150_000 + "x", "---\n" * 60_000,
     "ignore " * 45_000, "tu es " * 45_000, "ignore les " * 27_000 + "règles", "… " * 120_000, "<style>{" * 30_000,
     "." * 300_000, "tu dois " * 30_000, "assistant doit " * 20_000, "[a]: b (" * 30_000],
)  # fmt: skip
def test_texts_made_against_regular_expressions(tmp_path, suffix, text):
    path = tmp_path / f"a.{suffix}"
    path.write_text(f"<p>{SENTENCE * 3}\n\n{text}\n\n{SENTENCE}", encoding="utf-8")

    outcome(path)


@pytest.mark.parametrize("suffix", [".txt", ".md"])
def test_accents_piled_by_the_hundred_thousand(tmp_path, suffix):
    path = tmp_path / f"piles{suffix}"
    pile = "\u0301\u0316" * 200_000
    path.write_text(f"<p>Le dépôt ferme. e{pile} fin du texte.</p>", encoding="utf-8")

    assert len(text_of(read(path))) < 200
