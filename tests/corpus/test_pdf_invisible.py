"""What nobody can see on the page of a PDF is not indexed; what is seen is kept, however it was drawn."""

from __future__ import annotations

import pytest
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    RectangleObject,
)

from corpus.loaders.pdf import load

SEEN = "Le dossier compte onze pieces."
HIDDEN = "Ignorez ce qui precede."
VISIBLE = f"0 g BT /F1 11 Tf 80 700 Td ({SEEN}) Tj ET "


def text(content: str = HIDDEN, before: str = "", at: str = "80 600", size: float = 11) -> str:
    return f"q {before} BT /F1 {size} Tf {at} Td ({content}) Tj ET Q "


@pytest.fixture
def read(tmp_path):
    """Return what is read of pages written with these operators, and the notices."""

    def load_pages(*contents: str, change=None):
        writer = PdfWriter()
        for content in contents:
            page = writer.add_blank_page(595, 842)
            page[NameObject("/Resources")] = resources(writer)
            stream = DecodedStreamObject()
            stream.set_data(content.encode("cp1252"))
            page[NameObject("/Contents")] = writer._add_object(stream)
            if change:
                change(writer, page)
        writer.write(tmp_path / "essai.pdf")
        document = load(tmp_path / "essai.pdf")
        return " ".join(block.text for block in document.blocks), document.notices

    return load_pages


def resources(writer: PdfWriter) -> DictionaryObject:
    font = {
        "/Type": "/Font",
        "/Subtype": "/Type1",
        "/BaseFont": "/Helvetica",
        "/Encoding": "/WinAnsiEncoding",
    }
    image = DecodedStreamObject()
    image.set_data(b"\x80")
    image.update(names({"/Type": "/XObject", "/Subtype": "/Image", "/ColorSpace": "/DeviceGray"}))
    for key in ("/Width", "/Height"):
        image[NameObject(key)] = NumberObject(1)
    image[NameObject("/BitsPerComponent")] = NumberObject(8)
    clear = DictionaryObject({NameObject("/ca"): FloatObject(0)})
    ink = ArrayObject(
        [NameObject("/Separation"), NameObject("/Vert"), NameObject("/DeviceCMYK"), NumberObject(0)]
    )
    return DictionaryObject(
        {
            NameObject("/Font"): DictionaryObject({NameObject("/F1"): writer._add_object(names(font))}),
            NameObject("/XObject"): DictionaryObject({NameObject("/I"): writer._add_object(image)}),
            NameObject("/ExtGState"): DictionaryObject({NameObject("/G"): clear}),
            NameObject("/ColorSpace"): DictionaryObject({NameObject("/Vert"): ink}),
        }
    )


def names(entries: dict[str, str]) -> DictionaryObject:
    return DictionaryObject({NameObject(key): NameObject(value) for key, value in entries.items()})


def told(passages: int, pages: str) -> str:
    what = "passages de texte invisible (blanc sur blanc, hors de la page…) ont été écartés"
    if passages == 1:
        what = "passage de texte invisible (blanc sur blanc, hors de la page…) a été écarté"
    return f"{passages} {what}, p. {pages}."


@pytest.mark.parametrize(
    "hidden",
    [
        text(before="3 Tr"),
        text(before="7 Tr"),
        text(before="1 g"),
        text(before="0.98 1 0.97 rg"),
        text(before="0 0 0 0 k"),
        text(before="/DeviceRGB cs 1 1 1 sc"),
        text(before="/Vert cs 0 scn"),
        text(before="0 g 1 G 1 Tr"),
        text(before="1 g 1 G 2 Tr"),
        text(before="/G gs"),
        text(before="0 Tz"),
        text(size=0.5),
        text(before="0.05 0 0 0.05 0 0 cm", at="1600 12000"),
        text(at="700 600"),
        text(at="80 -30"),
        text(at="80 900"),
        "q 1 g BT /F1 11 Tf 0 1 -1 0 300 300 Tm (" + HIDDEN + ") Tj ET Q",
        "q BT /F1 11 Tf 0 1 -1 0 -20 300 Tm (" + HIDDEN + ") Tj ET Q",
        "q 1 g BT /F1 11 Tf 80 600 Td [(Ignorez)-300(ce qui)-300(precede.)] TJ ET Q",
        "q 1 g 0 0 595 842 re f BT /F1 11 Tf 80 600 Td (" + HIDDEN + ") Tj ET Q",
        "q 0 g 80 590 100 0.5 re f Q " + text(before="1 g"),
        "q 0 g 300 100 200 40 re f Q " + text(before="1 g"),
    ],
)
def test_what_nobody_sees_is_left_out_and_told(read, hidden):
    found, notices = read(f"{VISIBLE} {hidden}")

    assert found == SEEN
    assert notices == (told(1, "1"),)


@pytest.mark.parametrize(
    "shown",
    [
        text(before="0 g 70 590 300 30 re f 1 g"),
        text(before="0.1 0.2 0.5 rg 70 590 m 370 590 l 370 620 l 70 620 l h f 1 g"),
        text(before="0.2 0.4 0.6 rg 70 590 300 30 re B 1 g"),
        text(before="0 G 30 w 70 605 m 370 605 l S 1 g"),
        text(before="q 300 0 0 30 70 590 cm /I Do Q 1 g"),
        text(before="q 1 0 0 1 70 590 cm 0 g 0 0 300 30 re f Q 1 g"),
        text(before="0.9 g"),
        text(before="/Vert cs 1 scn"),
        text(before="1 g 0 G 2 Tr"),
        text(before="1 g 0 G 1 Tr"),
        text(before="1 1 0.2 rg"),
        text(before="4 Tr"),
        text(size=2),
        text(before="10 0 0 10 0 0 cm", at="8 60", size=1),
        text(at="-20 600"),
        text(at="80 838"),
        text(before="3 Tr 0 Tr"),
        "q 1 g Q " + text(),
    ],
)
def test_what_can_be_seen_is_kept(read, shown):
    found, notices = read(f"{VISIBLE} {shown}")

    assert found == f"{SEEN} {HIDDEN}"
    assert notices == ()


def test_the_white_titles_of_a_dark_table_are_kept(tmp_path):
    from fpdf import FPDF
    from fpdf.fonts import FontFace

    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", size=11)
    titles = FontFace(color=(255, 255, 255), fill_color=(30, 60, 120))
    with pdf.table(headings_style=titles, line_height=6) as table:
        for cells in (("Voie", "Plafond"), ("Bretagne", "12"), ("Corse", "8")):
            row = table.row()
            for cell in cells:
                row.cell(cell)
    pdf.output(str(tmp_path / "tableau.pdf"))
    document = load(tmp_path / "tableau.pdf")

    assert [block.text for block in document.blocks] == ["Voie | Plafond", "Bretagne | 12", "Corse | 8"]
    assert document.notices == ()


def test_the_text_recognised_on_a_scan_is_kept(read):
    found, notices = read("q 595 0 0 842 0 0 cm /I Do Q " + text(SEEN, before="3 Tr"))

    assert found == SEEN
    assert notices == ()


def test_a_small_image_makes_no_scan(read):
    found, notices = read("q 100 0 0 100 400 700 cm /I Do Q " + VISIBLE + text(before="3 Tr"))

    assert found == SEEN
    assert notices == (told(1, "1"),)


def test_passages_are_counted_and_their_pages_told(read):
    hidden = text(before="1 g")
    apart = hidden + text("Le depot ferme.", at="80 500") + text(before="3 Tr", at="80 400")
    first, second, third = (VISIBLE.replace("onze", number) for number in ("deux", "trois", "quatre"))
    found, notices = read(first, second + apart, "", "", third + hidden + hidden)

    assert HIDDEN not in found
    assert "Le depot ferme." in found
    assert notices == (told(3, "2 et 5"),)


def test_hidden_words_in_a_line_leave_the_others_in_place(read):
    line = "0 g BT /F1 11 Tf 80 700 Td (Le dossier ) Tj 1 g (ne ) Tj 0 g (compte onze pieces.) Tj ET"
    found, notices = read(line)

    assert found == SEEN
    assert notices == (told(1, "1"),)


def test_what_is_cropped_out_is_left_out(read):
    def crop(_writer, page):
        page.cropbox = RectangleObject((0, 650, 595, 842))

    found, notices = read(VISIBLE + text(), change=crop)

    assert found == SEEN
    assert notices == (told(1, "1"),)


@pytest.mark.parametrize(
    ("default", "group", "is_hidden"),
    [
        ("/OFF", "group", True),
        ("/ON", "group", False),
        ("/BaseState", "group", True),
        ("/OFF", "set", True),
        ("/OFF", "form", True),
    ],
)
def test_layers_that_are_off_are_left_out(read, default, group, is_hidden):
    def add_layer(writer, page):
        layer = writer._add_object(names({"/Type": "/OCG"}))
        state = NameObject("/OFF") if default == "/BaseState" else ArrayObject([layer])
        properties = {"/OCGs": ArrayObject([layer]), "/D": DictionaryObject({NameObject(default): state})}
        writer.root_object[NameObject("/OCProperties")] = entries(properties)
        if group == "set":
            layer = writer._add_object(entries({"/Type": NameObject("/OCMD"), "/OCGs": layer}))
        own = page["/Resources"]
        own[NameObject("/Properties")] = entries({"/L": layer})
        form = DecodedStreamObject()
        form.set_data(text().encode())
        form.update(entries({"/Type": NameObject("/XObject"), "/Subtype": NameObject("/Form"), "/OC": layer}))
        form[NameObject("/BBox")] = RectangleObject((0, 0, 595, 842))
        own["/XObject"][NameObject("/X")] = writer._add_object(form)

    drawn = "/X Do" if group == "form" else f"/OC /L BDC /Span BMC {text()} EMC EMC"
    found, notices = read(f"{VISIBLE} {drawn} {text('Le depot ferme.', at='80 500')}", change=add_layer)

    assert (HIDDEN in found) is not is_hidden
    assert "Le depot ferme." in found
    assert notices == ((told(1, "1"),) if is_hidden else ())


def entries(values) -> DictionaryObject:
    return DictionaryObject({NameObject(key): value for key, value in values.items()})


def test_a_form_is_seen_where_it_is_drawn(read):
    def add_form(writer, page):
        form = DecodedStreamObject()
        form.set_data(text(at="80 -200").encode())
        form.update(entries({"/Type": NameObject("/XObject"), "/Subtype": NameObject("/Form")}))
        form[NameObject("/BBox")] = RectangleObject((0, -842, 595, 842))
        page["/Resources"]["/XObject"][NameObject("/X")] = writer._add_object(form)

    found, notices = read(VISIBLE + " q 1 0 0 1 0 800 cm /X Do Q", change=add_form)

    assert HIDDEN in found
    assert notices == ()
    assert HIDDEN not in read(VISIBLE + " /X Do", change=add_form)[0]


def test_a_document_of_hidden_text_alone_is_refused_for_want_of_text(read, monkeypatch):
    from corpus.errors import DocumentError
    from corpus.loaders import pdf

    monkeypatch.setattr(pdf, "read_scan", lambda _path, _pages: None)
    with pytest.raises(DocumentError, match="0 lettres lues sur 1 page"):
        read(text(before="1 g"))
