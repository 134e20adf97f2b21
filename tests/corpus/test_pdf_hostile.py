"""PDFs made to hang, to fill the memory or to act: each is refused in French or read, fast and in little memory.

They are loaded by ``corpus.loaders.pdf`` itself, in a process of its own whose memory is limited: the limits are
those of the loader, before any that its caller adds.
"""

from __future__ import annotations

import json
import subprocess
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 10
MEBIBYTES = 900
LOAD = """
import json, resource, sys, time
from pathlib import Path
limit = int(sys.argv[2]) * 2**20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
from corpus.errors import DocumentError
from corpus.loaders.pdf import load
start = time.perf_counter()
said = {"refused": "", "texts": [], "notices": [], "title": None}
try:
    document = load(Path(sys.argv[1]))
    said.update(texts=[block.text[:300] for block in document.blocks[:5]], notices=document.notices, title=document.title)
except DocumentError as error:
    said["refused"] = str(error)
said["seconds"] = time.perf_counter() - start
print(json.dumps(said))
"""
HEAVY = "demande plus de calcul ou de mémoire qu’un document ordinaire : il est refusé. Réimprimez-le"
DAMAGED = "est endommagé : ce PDF ne se lit pas. Téléchargez-le de nouveau"
TOO_LONG = "Découpez le document"

FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
SEEN = b"BT /F1 11 Tf 80 700 Td (Le dossier compte onze pieces.) Tj ET"


@dataclass(frozen=True)
class Outcome:
    refused: str
    texts: list[str]
    notices: list[str]
    title: str | None
    seconds: float


@pytest.fixture
def outcome(tmp_path):
    def load(data: bytes) -> Outcome:
        path = tmp_path / "hostile.pdf"
        path.write_bytes(data)
        done = subprocess.run(
            [sys.executable, "-c", LOAD, str(path), str(MEBIBYTES)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=3 * SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        found = Outcome(**json.loads(done.stdout))
        assert found.seconds < SECONDS
        return found

    return load


def stream(data: bytes, entries: bytes = b"", *, packed: bool = False) -> bytes:
    if packed:
        data, entries = zlib.compress(data), entries + b"/Filter/FlateDecode"
    return b"<<" + entries + b"/Length %d>>stream\n" % len(data) + data + b"\nendstream"


def pdf(
    content: bytes = SEEN,
    *,
    catalog: bytes = b"",
    page: bytes = b"",
    resources: bytes = b"",
    objects: dict[int, bytes] | None = None,
    trailer: bytes = b"",
) -> bytes:
    """Return a PDF of one page: objects 1 to 5 are the catalog, the pages, the page, its content and its font."""
    parts = {
        1: b"<</Type/Catalog/Pages 2 0 R" + catalog + b">>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>"
        + resources
        + b">>"
        + page
        + b">>",
        4: content if content.startswith(b"<<") else stream(content),
        5: FONT,
        **(objects or {}),
    }
    data, places = bytearray(b"%PDF-1.7\n"), {}
    for number, body in sorted(parts.items()):
        places[number] = len(data)
        data += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(data)
    data += b"xref\n0 1\n0000000000 65535 f \n"
    for number, place in places.items():
        data += b"%d 1\n%010d 00000 n \n" % (number, place)
    return bytes(data) + b"trailer<</Root 1 0 R/Size %d%s>>\nstartxref\n%d\n%%%%EOF\n" % (
        max(parts) + 1,
        trailer,
        start,
    )


def zeros(size: int) -> bytes:
    packer, block = zlib.compressobj(9), bytes(1_000_000)
    return b"".join(packer.compress(block) for _ in range(size // len(block))) + packer.flush()


@pytest.mark.parametrize("times", [1, 2])
def test_a_bomb_is_refused_before_it_is_whole(outcome, times):
    data = zeros(1_000_000_000)
    filters = b"/Filter/FlateDecode" if times == 1 else b"/Filter[/FlateDecode/FlateDecode]"
    data = data if times == 1 else zlib.compress(data)

    assert HEAVY in outcome(pdf(stream(data, filters))).refused


def test_many_streams_that_each_keep_within_the_limit_are_refused_together(outcome):
    parts = b"[" + b"6 0 R " * 500 + b"]"
    bomb = stream(zeros(30_000_000), b"/Filter/FlateDecode")
    data = pdf(objects={3: PAGE.replace(b"4 0 R", parts), 6: bomb})

    assert HEAVY in outcome(data).refused


PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"


def test_ten_thousand_pages_are_refused_unread(outcome):
    bomb = stream(zeros(30_000_000), b"/Filter/FlateDecode")
    kids = {number: PAGE for number in range(10, 10_010)}
    tree = b"<</Type/Pages/Count 10000/Kids[" + b" ".join(b"%d 0 R" % number for number in kids) + b"]>>"
    found = outcome(pdf(bomb, objects={2: tree, **kids}))

    assert TOO_LONG in found.refused
    assert found.seconds < 3


def test_a_page_named_ten_thousand_times_is_refused(outcome):
    assert (
        TOO_LONG
        in outcome(pdf(objects={2: b"<</Type/Pages/Count 1/Kids[" + b"3 0 R " * 10_000 + b"]>>"})).refused
    )


def test_a_page_tree_that_holds_its_parent_is_refused(outcome):
    inner = b"<</Type/Pages/Parent 2 0 R/Kids[3 0 R 2 0 R]/Count 2>>"
    data = pdf(objects={2: b"<</Type/Pages/Kids[7 0 R]/Count 2>>", 7: inner})

    assert DAMAGED in outcome(data).refused


def test_a_page_tree_too_deep_is_refused(outcome):
    levels = {number: b"<</Type/Pages/Kids[%d 0 R]/Count 1>>" % (number + 1) for number in range(10, 5_010)}
    data = pdf(objects={2: b"<</Type/Pages/Kids[10 0 R]/Count 1>>", **levels, 5_010: PAGE})

    assert TOO_LONG in outcome(data).refused


def test_a_page_tree_that_claims_billions_of_pages_is_read_for_those_it_has(outcome):
    found = outcome(pdf(objects={2: b"<</Type/Pages/Kids[3 0 R]/Count 4000000000>>"}))

    assert found.texts == ["Le dossier compte onze pieces."]


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b"<</A", b">>")])
def test_an_object_nested_ten_thousand_deep_is_refused_or_read(outcome, opening, closing):
    nested = opening * 10_000 + b" 1 " + closing * 10_000
    found = outcome(pdf(catalog=b"/Deep 6 0 R", page=b"/Deep 6 0 R", objects={6: nested}))
    direct = outcome(pdf(page=b"/Deep " + nested))

    assert found.texts == ["Le dossier compte onze pieces."]
    assert DAMAGED in direct.refused or direct.texts == found.texts


@pytest.mark.parametrize(
    "nested",
    [
        b"[" * 10_000 + b"(a) 1" + b"]" * 10_000 + b" TJ ",
        b"<<" * 10_000 + b">>" * 10_000 + b" /A BDC ",
        b"[" * 1_000_000 + b" TJ ",
        b"(" * 1_000_000,
        b"1 " * 1_000_000,
        b"<" * 1_000_000,
        b"q " * 1_000_000,
        b"BI ID EI \xff" * 100_000,
    ],
    ids=["arrays", "dictionaries", "open arrays", "open strings", "operands", "open hex", "states", "images"],
)
def test_operators_nested_or_never_closed_are_passed_over(outcome, nested):
    found = outcome(pdf(SEEN + b"\n" + nested))

    assert found.texts == ["Le dossier compte onze pieces."]


def test_a_form_that_draws_itself_is_read_once(outcome):
    own = b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</Font<</F1 5 0 R>>/XObject<</X %d 0 R>>>>"
    forms = {6: stream(SEEN + b" /X Do", own % 7), 7: stream(b"/X Do", own % 6)}
    found = outcome(pdf(b"/X Do", resources=b"/XObject<</X 6 0 R>>", objects=forms))

    assert found.texts == ["Le dossier compte onze pieces."]


def test_forms_that_double_at_each_level_are_bounded(outcome):
    own = b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</Font<</F1 5 0 R>>/XObject<</X %d 0 R>>>>"
    forms = {number: stream(b"/X Do " * 10, own % (number + 1)) for number in range(10, 40)}
    forms[40] = stream(SEEN, own % 40)
    found = outcome(pdf(SEEN + b"\n/X Do", resources=b"/XObject<</X 10 0 R>>", objects=forms))

    assert found.texts == ["Le dossier compte onze pieces."]


def test_a_table_of_objects_that_follows_itself_is_read(outcome):
    data = pdf()
    start = data.rindex(b"xref\n0")
    found = outcome(data.replace(b"trailer<<", b"trailer<</Prev %d" % start))

    assert found.texts == ["Le dossier compte onze pieces."]


def test_streams_of_objects_that_extend_one_another_are_refused_or_read(outcome):
    packed = {
        number: stream(b"30 0 <</A 30 0 R>>", b"/Type/ObjStm/N 1/First 5/Extends %d 0 R" % other)
        for number, other in ((20, 21), (21, 20))
    }
    found = outcome(pdf(objects=packed, catalog=b"/Deep 30 0 R"))

    assert found.texts == ["Le dossier compte onze pieces."]


def test_bookmarks_that_come_back_are_read_once(outcome):
    marks = {
        6: b"<</Type/Outlines/First 7 0 R/Last 8 0 R/Count 2>>",
        7: b"<</Title(Pieces)/Parent 6 0 R/Next 8 0 R/First 7 0 R/Dest[3 0 R/Fit]>>",
        8: b"<</Title(Delais)/Parent 6 0 R/Next 7 0 R/First 6 0 R/Dest[3 0 R/Fit]>>",
    }
    found = outcome(pdf(catalog=b"/Outlines 6 0 R", objects=marks))

    assert found.texts == ["Le dossier compte onze pieces."]


@pytest.mark.parametrize(
    "ranges",
    [
        b"1 beginbfrange\n<0000> <FFFFFFFF> <0000>\nendbfrange",
        b"1 beginbfrange\n<00> <FF> <0041>\nendbfrange\n" * 20_000,
    ],
)
def test_a_font_that_maps_billions_of_characters_is_refused(outcome, ranges):
    font = FONT.replace(b">>", b"/ToUnicode 6 0 R>>")

    assert HEAVY in outcome(pdf(objects={5: font, 6: stream(ranges)})).refused


def test_an_image_of_billions_of_pixels_is_not_decoded(outcome):
    entries = b"/Type/XObject/Subtype/Image/Width 100000/Height 100000/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/FlateDecode"
    image = stream(zeros(50_000_000), entries)
    drawn = b"q 500 0 0 700 0 0 cm /I Do Q "
    shown = outcome(pdf(SEEN + drawn, resources=b"/XObject<</I 6 0 R>>", objects={6: image}))

    assert shown.texts == ["Le dossier compte onze pieces."]


def test_an_image_of_billions_of_pixels_is_drawn_for_recognition_within_the_limits(tmp_path):
    pytest.importorskip("pypdfium2")
    entries = b"/Type/XObject/Subtype/Image/Width 100000/Height 100000/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/FlateDecode"
    image = stream(zeros(50_000_000), entries)
    (tmp_path / "scan.pdf").write_bytes(
        pdf(b"q 595 0 0 842 0 0 cm /I Do Q", resources=b"/XObject<</I 6 0 R>>", objects={6: image})
    )
    script = ROOT / "corpus" / "loaders" / "rasterise.py"
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "scan.pdf"), "1", str(tmp_path / "page.pgm")],
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )

    assert done.returncode or (tmp_path / "page.pgm").stat().st_size < 40_000_000


def test_a_sheet_of_a_kilometre_is_drawn_small(tmp_path):
    pytest.importorskip("pypdfium2")
    data = pdf().replace(b"[0 0 595 842]", b"[0 0 1 2834645]")
    (tmp_path / "scan.pdf").write_bytes(data)
    script = ROOT / "corpus" / "loaders" / "rasterise.py"
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "scan.pdf"), "1", str(tmp_path / "page.pgm")],
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )

    assert done.returncode or (tmp_path / "page.pgm").stat().st_size < 40_000_000


SCRIPT = b"<</S/JavaScript/JS(app.launchURL('file:///tmp/pris'))>>"
LAUNCH = b"<</S/Launch/F(/bin/touch)/Win<</F(calc.exe)>>>>"
FILES = b"/Names<</EmbeddedFiles<</Names[(a.exe)<</Type/Filespec/F(a.exe)/EF<</F 6 0 R>>>>]>>>>"


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"catalog": b"/OpenAction" + SCRIPT}, "du JavaScript et une action automatique"),
        ({"catalog": b"/OpenAction" + LAUNCH}, "une action automatique"),
        ({"catalog": b"/Names<</JavaScript<</Names[(a)" + SCRIPT + b"]>>>>"}, "du JavaScript"),
        ({"catalog": FILES}, "des fichiers joints"),
        ({"page": b"/AA<</O" + SCRIPT + b">>"}, "du JavaScript et une action automatique"),
        ({"page": b"/Annots[<</Subtype/Link/Rect[0 0 9 9]/A" + LAUNCH + b">>]"}, "une action automatique"),
        ({"page": b"/Annots[<</Subtype/FileAttachment/Rect[0 0 9 9]>>]"}, "des fichiers joints"),
        (
            {"catalog": b"/OpenAction" + LAUNCH + FILES, "page": b"/AA<</O" + SCRIPT + b">>"},
            "du JavaScript, des fichiers joints et une action automatique",
        ),
    ],
)
def test_what_would_act_is_told_and_not_run(outcome, parts, told):
    found = outcome(pdf(objects={6: stream(b"MZ cache", b"/Type/EmbeddedFile")}, **parts))

    assert found.texts == ["Le dossier compte onze pieces."]
    assert found.notices == [f"Ce PDF contient {told} : rien n’en a été exécuté ni lu."]
    assert not Path("/tmp/pris").exists()


@pytest.mark.parametrize(
    "parts",
    [
        {"catalog": b"/OpenAction[3 0 R/Fit]"},
        {"catalog": b"/OpenAction<</S/GoTo/D[3 0 R/Fit]>>"},
        {"page": b"/Annots[<</Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(https://sante.gouv.fr)>>>>]"},
    ],
)
def test_opening_at_a_page_or_linking_to_one_is_no_matter(outcome, parts):
    assert outcome(pdf(**parts)).notices == []


def test_actions_that_follow_one_another_for_ever_are_followed_for_a_while(outcome):
    actions = {6: b"<</S/GoTo/Next 7 0 R>>", 7: b"<</S/GoTo/Next 6 0 R>>"}

    assert outcome(pdf(catalog=b"/OpenAction 6 0 R", objects=actions)).notices == []


def test_names_that_hold_control_characters_are_read_as_others(outcome):
    data = pdf(
        SEEN.replace(b"/F1", b"/F#001#1b"),
        objects={
            5: FONT.replace(b"/Helvetica", b"/Helve#00#1b[2Jtica"),
            6: b"<</Title(Le\x01 titre\x1b[2J\x07)>>",
        },
        trailer=b"/Info 6 0 R",
    ).replace(b"/Font<</F1", b"/Font<</F#001#1b")
    found = outcome(data)

    assert found.texts == ["Le dossier compte onze pieces."]
    assert found.title == "Le titre˙[2J"  # what PDF strings show in the place of an escape


@pytest.mark.parametrize(
    "operators",
    [
        b"BT /F1 5 Tf 1 0 0 1 50 50 Tm " + b"(a) Tj 3 0 Td " * 1_000_000 + b"ET",
        b"BT /F1 5 Tf 1 0 0 1 50 50 Tm " + b"0 -3 Td (mot) Tj " * 1_000_000 + b"ET",
    ],
    ids=["on a line", "on lines"],
)
def test_a_page_of_a_million_tiny_texts_is_refused(outcome, operators):
    assert HEAVY in outcome(pdf(stream(operators, packed=True))).refused


@pytest.mark.parametrize(
    "operators",
    [
        b"BT /F1 5 Tf 3 TL 1 0 0 1 50 800 Tm " + b"(mot ) ' " * 90_000 + b"ET",
        b"BT /F1 5 Tf 1 0 0 1 50 800 Tm [" + b"(a)-9000" * 900_000 + b"] TJ ET",
        b"BT /F1 5 Tf 1 0 0 1 50 800 Tm (" + b"." * 3_000_000 + b"x) Tj ET",
        b"BT /F1 5 Tf 1 0 0 1 50 800 Tm (" + b"a" * 3_000_000 + b" -) Tj ET",
        b"BT /F1 5 Tf 1 0 0 1 50 800 Tm (" + b"a-" * 1_500_000 + b") Tj ET",
        b"BT /F1 5 Tf 3 TL 1 0 0 1 50 800 Tm " + b"(mot-) ' (mot-) ' " * 45_000 + b"ET",
        b"1 g BT /F1 5 Tf 1 0 0 1 50 800 Tm " + b"(mot) Tj 0 0 Td " * 40_000 + b"ET " + SEEN,
        b"0 0 9 9 re f " * 100_000
        + b"1 g BT /F1 5 Tf 1 0 0 1 50 800 Tm "
        + b"(mot) Tj 0 0 Td " * 40_000
        + b"ET 0 g "
        + SEEN,
    ],
    ids=["lines", "pieces", "dots", "letters", "hyphens", "cut words", "white", "white over fills"],
)
def test_long_lines_and_paragraphs_are_read_in_a_time_that_grows_with_them(outcome, operators):
    found = outcome(pdf(stream(operators, packed=True)))

    assert found.texts or "endommagé" not in found.refused


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.4\n" + b"1 0 obj\n" * 3_000_000,
        b"%PDF-1.4\n" + b"1 0 obj\n" * 3_000_000 + b"startxref\n99\n%%EOF\n",
        b"%PDF-1.4\n" + b"<</Type/ObjStm>>\n" * 1_000_000 + b"startxref\n99\n%%EOF\n",
        b"%PDF-1.4\n" + b"trailer<<>>\n" * 1_000_000 + b"startxref\n99\n%%EOF\n",
        b"%PDF-1.4\n" + bytes(range(256)) * 100_000,
    ],
    ids=["no end", "objects", "streams of objects", "trailers", "noise"],
)
def test_a_file_to_be_mended_for_ever_is_refused(outcome, data):
    refused = outcome(data).refused

    assert HEAVY in refused or DAMAGED in refused


@pytest.mark.parametrize("junk", [b"<" * 1_900_000, b"<0041> <0041>\n" * 130_000, b"beginbfchar\n" * 150_000])
def test_a_map_of_noise_costs_little(outcome, junk):
    font = FONT.replace(b">>", b"/ToUnicode 6 0 R>>")
    found = outcome(pdf(objects={5: font, 6: stream(junk, packed=True)}))

    assert found.texts == ["Le dossier compte onze pieces."]
