"""Tables of PDFs: what is read row by row, and what is not a table."""

from __future__ import annotations

import textwrap
import time

import pytest

from corpus.loaders import load
from corpus.loaders.content import row

ROWS = [
    ("Voie", "Montant plafond", "Clôture"),
    ("Régionale", "500 000 euros", "15 septembre 2025"),
    ("Nationale", "", "inconnue"),
    (
        "Multirégionale, pour les organismes présents dans plusieurs régions",
        "1 200 000 euros",
        "30 septembre 2025",
    ),
    ("Corse", "80 000 euros", ""),
]
READ = [
    "Voie | Montant plafond | Clôture",
    "Régionale | 500 000 euros | 15 septembre 2025",
    "Nationale |  | inconnue",
    "Multirégionale, pour les organismes présents dans plusieurs régions | 1 200 000 euros | 30 septembre 2025",
    "Corse | 80 000 euros",
]
PROSE = (
    "Le cahier des charges décrit les conditions dans lesquelles les organismes gestionnaires candidatent "
    "au programme et les pièces qu'ils joignent à leur dossier avant la date de clôture. "
)


@pytest.fixture
def page():
    from fpdf import FPDF

    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", size=11)
    return pdf


@pytest.fixture
def read(page, tmp_path):
    def blocks():
        page.output(str(tmp_path / "essai.pdf"))
        return load(tmp_path / "essai.pdf").blocks

    return blocks


def rows_of(blocks):
    return [block.text for block in blocks if block.kind == "table_row"]


def write_text(pdf, text, width=0):
    pdf.multi_cell(width, 5, text, align="J", new_x="LMARGIN", new_y="NEXT")


def write_cells(pdf, *cells, height=5):
    """Write cells of given widths on one line: (width, text)."""
    for width, text in cells:
        pdf.cell(width, height, text)
    pdf.ln(height)


def write_raw(pdf, content: str):
    """Write operators of a page as other producers do."""
    pdf._out(content)


@pytest.mark.parametrize("vertical", ["TOP", "MIDDLE"])
@pytest.mark.parametrize("align", ["LEFT", ("LEFT", "RIGHT", "CENTER")])
def test_a_table_between_two_paragraphs_is_read_row_by_row(page, read, vertical, align):
    write_text(page, PROSE * 2)
    with page.table(v_align=vertical, text_align=align, line_height=6) as table:
        for cells in ROWS:
            line = table.row()
            for cell in cells:
                line.cell(cell)
    write_text(page, PROSE * 2)
    blocks = read()

    assert rows_of(blocks) == READ
    assert [block.kind for block in (blocks[0], blocks[-1])] == ["paragraph", "paragraph"]
    assert blocks[0].text == blocks[-1].text == (PROSE * 2).strip()


def test_cells_of_one_text_object_are_told_apart(page, read):
    lines = [("Voie", "Plafond"), ("Regionale", "500 000"), ("Nationale", "inconnu")]
    moves = " ".join(f"0 -20 Td ({left}) Tj 200 0 Td ({right}) Tj -200 0 Td" for left, right in lines)
    page.cell(0, 5, " ")  # for its font to be declared
    write_raw(page, f"BT /F1 11 Tf 80 700 Td {moves} ET")

    assert rows_of(read()) == ["Voie | Plafond", "Regionale | 500 000", "Nationale | inconnu"]


def test_a_table_written_turned_on_its_page_is_read(page, read):
    page.cell(0, 5, " ")
    for rank, cells in enumerate([("Voie", "Plafond"), ("Regionale", "500 000"), ("Nationale", "inconnu")]):
        for at, cell in enumerate(cells):
            write_raw(page, f"BT /F1 11 Tf 0 1 -1 0 {100 + 20 * rank} {80 + 200 * at} Tm ({cell}) Tj ET")

    assert rows_of(read()) == ["Voie | Plafond", "Regionale | 500 000", "Nationale | inconnu"]


def test_an_empty_first_cell_keeps_its_column(page, read):
    write_cells(page, (50, "Bretagne"), (40, "2024"), (40, "12"))
    write_cells(page, (50, ""), (40, "2025"), (40, "15"))
    write_cells(page, (50, "Corse"), (40, "2025"), (40, "8"))

    assert rows_of(read()) == ["Bretagne | 2024 | 12", "| 2025 | 15", "Corse | 2025 | 8"]


def test_a_cell_written_line_by_line_is_joined_to_its_row(page, read):
    for left, right, height in [
        ("Regionale", "dossier sur la", 5),
        ("", "plateforme", 9),
        ("Nationale", "dossier par", 5),
        ("", "courrier", 9),
        ("Corse", "aucun dossier", 9),
    ]:
        write_cells(page, (60, left), (60, right), height=height)

    assert rows_of(read()) == [
        "Regionale | dossier sur la plateforme",
        "Nationale | dossier par courrier",
        "Corse | aucun dossier",
    ]


def test_the_titles_of_a_table_that_runs_over_pages_are_kept(page, read):
    for number in range(4):
        if number:
            page.add_page()
        for cells in (("Commune", "Places"), (f"Ville {number}", "30"), (f"Bourg {number}", "12")):
            write_cells(page, (60, cells[0]), (60, cells[1]))

    assert rows_of(read()).count("Commune | Places") == 4


def test_a_page_of_fragments_without_order_is_read_in_time(page, read):
    page.cell(0, 5, " ")
    for number in range(20_000):
        write_raw(page, f"BT /F1 5 Tf {number * 7919 % 50_000} {number * 104729 % 800} Td (mot) Tj ET")
    start = time.perf_counter()
    read()

    assert time.perf_counter() - start < 20


def test_equal_neighbours_and_inner_blanks_are_kept():
    assert row(["Corse", "8", "8"]) == "Corse | 8 | 8"
    assert row(["Nationale", "", "inconnue", ""]) == "Nationale |  | inconnue"
    assert row(["", ""]) == ""


def write_paragraphs(pdf):
    write_text(pdf, PROSE * 6)


def write_words(pdf):
    """Write justified lines a word at a time, as some producers do."""
    for rank, line in enumerate(textwrap.wrap(PROSE * 8, 70)):
        words = line.split()
        blank = (470 - sum(map(width_of(pdf), words))) / max(len(words) - 1, 1)
        at = 60.0
        for word in words:
            pdf.text(at / pdf.k, 30 + 5 * rank, word)
            at += width_of(pdf)(word) + blank


def width_of(pdf):
    return lambda word: pdf.get_string_width(word) * pdf.k


def write_bullets(pdf):
    for _ in range(4):
        pdf.cell(10, 5, "-")
        pdf.multi_cell(120, 5, PROSE, new_x="LMARGIN", new_y="NEXT")


def write_numbers(pdf):
    for number in range(1, 6):
        write_cells(pdf, (12, f"{number}.2"), (100, "Objet du dossier"))


def write_columns(pdf):
    with pdf.text_columns(ncols=2, gutter=8, text=PROSE * 6 + "\n\n" + PROSE * 9, text_align="J"):
        pass


def write_columns_line_by_line(pdf):
    left, right = (textwrap.wrap(text * 5, 44) for text in (PROSE, PROSE.lower()))
    for pair in zip(left, right, strict=False):
        write_cells(pdf, (95, pair[0]), (90, pair[1]))


def write_contents(pdf):
    for number, title in enumerate(["Objet", "Champ", "Calendrier", "Pièces", "Contacts"]):
        write_cells(pdf, (160, title), (20, str(1 + number // 5)))


def write_leaders(pdf):
    for number, title in enumerate(["Objet", "Champ", "Calendrier", "Pièces", "Contacts"]):
        write_cells(pdf, (40, title), (100, "." * 60), (20, str(number)))
    write_text(pdf, PROSE)


@pytest.mark.parametrize(
    "write",
    [
        write_paragraphs,
        write_words,
        write_bullets,
        write_numbers,
        write_columns,
        write_columns_line_by_line,
        write_contents,
        write_leaders,
    ],
)
def test_what_is_no_table_has_no_rows(page, read, write):
    write(page)

    assert rows_of(read()) == []
