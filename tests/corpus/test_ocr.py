"""OCR of scanned PDFs, with a program in place of tesseract that says what it was told to say."""

from __future__ import annotations

from datetime import date

import pytest

from corpus.documents import add_document, document_source, load_content
from corpus.errors import DocumentError
from corpus.loaders import load, ocr, read_document

READ = "ARS Corse\n\nLe dépôt ferme le 15 septembre\n2025 à minuit.\n\n- une attes-\ntation signée\n\f"
DESCRIBED = {"title": "Avis", "publisher": "ARS Corse", "issued": "2025", "today": date(2025, 6, 1)}


@pytest.fixture
def scan(tmp_path):
    from fpdf import FPDF

    pdf = FPDF()
    for _ in range(2):
        pdf.add_page()
        pdf.rect(10, 10, 100, 100, style="F")
    pdf.output(str(tmp_path / "scan.pdf"))
    return tmp_path / "scan.pdf"


@pytest.fixture
def tesseract(tmp_path, monkeypatch):
    """Put a program of this name alone on the path; it answers only for a grey image, in French."""
    directory = tmp_path / "bin"
    directory.mkdir()
    monkeypatch.setenv("PATH", str(directory))
    monkeypatch.setenv("ASSISTANT_VAR", str(tmp_path / "var"))

    def install(says: str, languages: str = "eng\nfra"):
        (tmp_path / "said").write_text(says, encoding="utf-8")
        program = directory / "tesseract"
        program.write_text(
            "#!/bin/sh\n"
            f'if [ "$1" = --list-langs ]; then printf "List:\\n{languages}\\n"; exit 0; fi\n'
            'read -r magic rest < "$1" && [ "$magic" = P5 ] && [ "$2 $3 $4" = "stdout -l fra" ] || exit 1\n'
            f"echo page >> {tmp_path}/calls\n"
            f"exec {'/bin/sleep 30' if says == 'sleep' else f'/bin/cat {tmp_path}/said'}\n",
            encoding="utf-8",
        )
        program.chmod(0o755)
        return program

    return install


def test_a_scanned_pdf_is_read_by_page(scan, tesseract):
    tesseract(READ)
    document = load(scan)

    assert (document.pages, document.read_by_ocr) == (2, True)
    assert [(block.kind, block.text, block.page) for block in document.blocks] == [
        (kind, text, page)
        for page in (1, 2)
        for kind, text in [
            ("paragraph", "ARS Corse"),
            ("paragraph", "Le dépôt ferme le 15 septembre 2025 à minuit."),
            ("list_item", "une attestation signée"),
        ]
    ]


def test_the_record_says_it_was_read_by_ocr(scan, tesseract, tmp_path):
    tesseract(READ)
    record = add_document(scan, **DESCRIBED, var=tmp_path / "var")

    assert record.read_by_ocr
    assert "des mots peuvent être mal lus" in document_source(record).note


def test_what_was_read_is_kept(scan, tesseract, tmp_path):
    program = tesseract(READ)
    record = add_document(scan, **DESCRIBED, var=tmp_path / "var")
    program.unlink()

    assert load_content(record, tmp_path / "var").read_by_ocr
    assert (tmp_path / "calls").read_text() == "page\n" * 2


def test_without_tesseract_or_its_french_a_scan_is_refused_with_what_to_install(scan, tesseract):
    advice = r"semble numérisé.*Installez tesseract.*tesseract-ocr-fra.*\(OCR\)"
    with pytest.raises(DocumentError, match=advice):
        load(scan)
    tesseract(READ, languages="eng")
    with pytest.raises(DocumentError, match=advice):
        load(scan)


def test_time_and_pages_are_bounded(scan, tesseract, monkeypatch):
    tesseract("sleep")
    monkeypatch.setattr(ocr, "PAGE_SECONDS", 3)
    with pytest.raises(DocumentError, match=r"page 1 a dépassé 3 s"):
        read_document(scan)
    monkeypatch.setattr(ocr, "MAX_PAGES", 1)
    with pytest.raises(DocumentError, match=r"a 2 pages ; la limite .* est de 1"):
        read_document(scan)


def test_a_program_that_fails_or_reads_nothing_is_said(scan, tesseract):
    program = tesseract("")
    with pytest.raises(DocumentError, match="aucun texte lisible"):
        load(scan)
    tesseract("autre").write_text(program.read_text().replace("exec", "exit 1;"))
    scan.write_bytes(scan.read_bytes() + b"\n")  # another file: what was read of the first is kept
    with pytest.raises(DocumentError, match="page 1 a échoué"):
        load(scan)


def test_the_real_tesseract_reads_a_real_scan_through_the_command(tmp_path):
    """A page of text turned into pixels, read in the process apart and under its limits, as an operator would."""
    import pypdfium2
    from fpdf import FPDF

    typed = FPDF()
    typed.add_page()
    typed.set_font("helvetica", size=16)
    for line in (
        "Le dossier est déposé avant le 15 septembre 2025.",
        "Il réunit onze pièces et un budget prévisionnel.",
    ):
        typed.cell(0, 12, line, new_x="LMARGIN", new_y="NEXT")
    typed.output(str(tmp_path / "typed.pdf"))
    image = pypdfium2.PdfDocument(str(tmp_path / "typed.pdf"))[0].render(scale=3).to_pil()
    scanned = FPDF()
    scanned.add_page()
    scanned.image(image, 0, 0, 210)
    scanned.output(str(tmp_path / "scan.pdf"))

    document = load(tmp_path / "scan.pdf")

    assert document.read_by_ocr
    text = " ".join(block.text for block in document.blocks)
    assert "déposé avant le 15 septembre 2025" in text
    assert "onze pièces" in text
    assert {block.page for block in document.blocks} == {1}
