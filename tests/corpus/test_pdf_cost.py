"""What reading PDFs costs: the time of a dense page, the memory of a long document and of many in a row."""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject, NumberObject

from corpus.loaders.pdf import load

ROOT = Path(__file__).resolve().parents[2]
MILLISECONDS_A_PAGE = 40  # 5 on a machine that does nothing else: this is what must never be reached
MEBIBYTES, GROWTH = 400, 30
RESIDENT = """
import re, sys
from pathlib import Path
from corpus.loaders.pdf import load
def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024
path, times = Path(sys.argv[1]), int(sys.argv[2])
for turn in range(times):
    pages = load(path).pages
    if turn == times // 2:
        half = peak()
print(pages, half, peak())
"""
WORDS = [
    "le",
    "programme",
    "décrit",
    "les",
    "conditions",
    "dans",
    "lesquelles",
    "les",
    "organismes",
    "gestionnaires",
    "candidatent",
    "et",
    "les",
    "pièces",
    "jointes",
    "au",
    "dossier",
    "avant",
    "la",
    "date",
    "de",
    "clôture",
    "du",
    "financement",
    "régional",
]
ALPHABET = sorted({letter for word in WORDS for letter in word} | {" "})
CODES = {letter: f"{code:02X}" for code, letter in enumerate(ALPHABET, 1)}


def write_office(path: Path, pages: int) -> Path:
    """Write pages of 3 000 characters as LibreOffice does: a font of its own codes, kerned letter by letter."""
    writer = PdfWriter()
    font = writer._add_object(office_font(writer))
    for number in range(pages):
        page = writer.add_blank_page(595, 842)
        fonts = DictionaryObject({NameObject("/F1"): font})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        content = DecodedStreamObject()
        content.set_data(office_page(random.Random(number)).encode())
        page[NameObject("/Contents")] = writer._add_object(content.flate_encode())
    writer.write(path)
    return path


def office_page(chance: random.Random) -> str:
    lines = []
    for rank in range(36):
        text = " ".join(chance.choice(WORDS) for _ in range(13))
        shown = "".join(
            CODES[letter] + (f">{chance.randint(-5, 6)}<" if chance.random() < 0.6 else "") for letter in text
        )
        lines.append(f"q 0 0 0 rg\nBT\n56.8 {780 - 19.6 * rank:.3f} Td /F1 10 Tf[<{shown}>]TJ\nET\nQ")
    return "\n".join(["0.1 w", "q 0 0.028 595.275 841.861 re", "W* n", *lines, "Q"])


def office_font(writer: PdfWriter) -> DictionaryObject:
    mapped = "".join(f"<{CODES[letter]}> <{ord(letter):04X}>\n" for letter in ALPHABET)
    unicode = DecodedStreamObject()
    unicode.set_data(
        f"1 begincodespacerange\n<00> <FF>\nendcodespacerange\n{len(ALPHABET)} beginbfchar\n{mapped}endbfchar".encode()
    )
    names = {"/Type": "/Font", "/Subtype": "/TrueType", "/BaseFont": "/BAAAAA+Liberation"}
    return DictionaryObject(
        {
            **{NameObject(key): NameObject(value) for key, value in names.items()},
            NameObject("/FirstChar"): NumberObject(0),
            NameObject("/LastChar"): NumberObject(len(ALPHABET)),
            NameObject("/Widths"): ArrayObject(NumberObject(500) for _ in range(len(ALPHABET) + 1)),
            NameObject("/ToUnicode"): writer._add_object(unicode),
        }
    )


@pytest.fixture(scope="module")
def dense(tmp_path_factory):
    return write_office(tmp_path_factory.mktemp("couts") / "dense.pdf", 10)


def test_a_dense_page_is_read_fast(dense):
    def seconds() -> float:
        start = time.process_time()
        load(dense)
        return time.process_time() - start

    assert load(dense).pages == 10
    assert 2_800 < sum(len(block.text) for block in load(dense).blocks) / 10 < 3_600
    assert statistics.median(seconds() for _ in range(5)) < 10 * MILLISECONDS_A_PAGE / 1000


def resident(path: Path, times: int) -> tuple[int, int, int]:
    """Return the pages, and the largest memory at half of the turns and at the end, in mebibytes."""
    done = subprocess.run(
        [sys.executable, "-c", RESIDENT, str(path), str(times)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    pages, half, whole = map(int, done.stdout.split())
    return pages, half, whole


needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is told by Linux")


@needs_proc
def test_a_document_of_hundreds_of_pages_takes_little_memory(tmp_path):
    pages, _, whole = resident(write_office(tmp_path / "long.pdf", 250), 1)

    assert pages == 250
    assert whole < MEBIBYTES


@needs_proc
def test_reading_documents_in_a_row_does_not_fill_the_memory(dense):
    _, half, whole = resident(dense, 40)

    assert whole - half < GROWTH
