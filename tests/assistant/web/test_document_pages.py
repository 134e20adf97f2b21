"""The pages of added documents: read page by page, seen as they are, and nothing else of the disk shown."""

from __future__ import annotations

import hashlib
import json
import re
import struct
import subprocess
from datetime import date
from html.parser import HTMLParser

import httpx
import pytest
from chat_page import answered, becomes
from playwright.sync_api import expect

from assistant.answer import Answer, Citation, Kind, Status
from corpus import page_views
from corpus.documents import MANIFEST, add_document, load_documents
from corpus.paths import documents_dir

DESCRIBED = {"publisher": "Organisme d’exemple", "issued": "2026-03-02", "today": date(2026, 4, 1)}
SENTENCES = (
    "Le premier volet finance le socle commun des structures.",
    "Le deuxième volet est déposé avant le 12 septembre 2026 par chaque organisme gestionnaire.",
    "Le troisième volet reste à préciser par une note ultérieure.",
)


class Tags(HTMLParser):
    """The attributes of every element of a page, by its name."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, list[dict[str, str | None]]] = {}
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.setdefault(tag, []).append(dict(attrs))


@pytest.fixture
def var(tmp_path, monkeypatch):
    monkeypatch.setenv("ASSISTANT_VAR", str(tmp_path / "var"))
    return tmp_path / "var"


@pytest.fixture
def pdf(tmp_path):
    from fpdf import FPDF

    document = FPDF(format="A4")
    for sentence in SENTENCES:
        document.add_page()
        document.set_font("helvetica", size=14)
        document.multi_cell(0, 9, sentence)
    path = tmp_path / "Un (drôle) de nom.pdf"
    document.output(str(path))
    return path


@pytest.fixture
def get(server, var):
    """Ask the server for a path; its documents are those of the test."""
    return lambda path: httpx.get(server.url.rstrip("/") + path)


def add(path, title="Appel d’exemple 2026", **more):
    return add_document(path, title=title, **DESCRIBED, **more)


def test_a_pdf_is_read_page_by_page(get, pdf):
    record = add(pdf, years=(2026,), scope="bretagne", url="https://example.org/appel")
    first, second = get(f"/documents/{record.id}"), get(f"/documents/{record.id}?page=2")

    assert (first.status_code, second.status_code) == (200, 200)
    assert "Page 1 sur 3" in first.text
    assert "socle commun" in first.text
    assert "septembre 2026" not in first.text
    assert "12 septembre 2026" in second.text
    assert 'rel="prev" href="/documents/' in second.text
    assert re.search(r'rel="next" href="[^"]*page=3#texte"', second.text)
    for said in ("Organisme d’exemple", "2 mars 2026", "1er avril 2026", "Bretagne"):
        assert said in first.text
    assert get(f"/sources/{record.id}").text == first.text


def test_the_image_of_a_page_has_the_size_that_is_announced(get, pdf):
    record = add(pdf)
    tags = Tags(get(f"/documents/{record.id}?page=3").text)
    (image,) = tags.found["img"]
    drawn = get(image["src"])

    assert image["alt"] == "Page 3 de «\u00a0Appel d’exemple 2026\u00a0»"
    assert image["loading"] == "lazy"
    assert drawn.headers["content-type"] == "image/png"
    assert drawn.content.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", drawn.content[16:24])
    assert (str(width), str(height)) == (image["width"], image["height"])
    # A4 is 8.27 by 11.69 inches, at 110 dots an inch.
    assert abs(width - 909) <= 2
    assert abs(height - 1286) <= 2


def test_the_image_is_a_real_picture_of_the_page(get, pdf):
    import io

    from PIL import Image

    record = add(pdf)
    picture = Image.open(io.BytesIO(get(f"/documents/{record.id}/pages/1.png").content)).convert("L")

    assert picture.getpixel((5, 5)) == 255
    assert picture.getextrema()[0] < 60, "the words of the page are dark"


def test_a_page_is_drawn_once(get, pdf, monkeypatch):
    record = add(pdf)
    first = get(f"/documents/{record.id}/pages/2.png")

    def refuse(*_arguments, **_options):
        raise AssertionError("drawn again")

    monkeypatch.setattr(page_views.subprocess, "run", refuse)
    assert get(f"/documents/{record.id}/pages/2.png").content == first.content


def test_an_excerpt_is_marked_in_the_text_and_framed_on_the_image_of_its_page(get, pdf):
    record = add(pdf)
    page = get(f"/documents/{record.id}?extrait=deuxième volet est déposé avant le 12 septembre 2026").text

    assert "Page 2 sur 3" in page, "the page that holds the excerpt opens"
    assert 'id="extrait">deuxième volet est déposé avant le 12 septembre 2026</mark>' in page
    tags = Tags(page.partition('class="canvas"')[2])
    rectangles, (image,) = tags.found["rect"], tags.found["img"]
    assert rectangles
    for box in rectangles:
        assert 0 <= int(box["x"]) < int(box["x"]) + int(box["width"]) <= int(image["width"])
        # The only paragraph of the page stands in its first quarter.
        assert 0 <= int(box["y"]) < int(image["height"]) / 4


def test_an_excerpt_that_is_not_there_is_said(get, pdf):
    record = add(pdf)
    page = get(f"/documents/{record.id}?extrait=Une phrase que le document ne contient pas").text

    assert "n’a pas été retrouvé mot pour mot" in page
    assert "<mark" not in page
    assert "<rect" not in page.partition('class="canvas"')[2]


def test_a_document_without_pages_is_read_in_parts_with_its_headings_lists_and_tables(get, tmp_path):
    path = tmp_path / "note.md"
    long = "Une phrase du corps de la note, assez longue pour compter. " * 60
    path.write_text(
        f"# Note\n\n## Dépôt\n\n- une lettre\n- un budget\n\n| Voie | Clôture |\n|---|---|\n| Régionale | inconnue |\n\n"
        f"{long}\n\n" + "".join(f"## Section {rank}\n\n{long}\n\n" for rank in range(9)),
        encoding="utf-8",
    )
    record = add(path)
    page = get(f"/documents/{record.id}").text

    assert re.search(r"Partie 1 sur [2-9]", page)
    assert "<li>un budget</li>" in page
    assert "<td>Régionale</td><td>inconnue</td>" in page
    assert "<h3>Note</h3>" in page
    assert "<h4>Dépôt</h4>" in page
    assert "<img" not in page
    last = int(re.search(r"Partie 1 sur (\d)", page)[1])
    assert "Section 8" in get(f"/documents/{record.id}?page={last}").text
    assert get(f"/documents/{record.id}?page={last + 1}").status_code == 404


@pytest.mark.parametrize(
    "page", ["0", "4", "999999", "99999999999999999999", "-1", "1.5", "un", "%00", "<b>"]
)
def test_a_page_that_does_not_exist_is_said(get, pdf, page):
    record = add(pdf)
    image, reading = (
        get(f"/documents/{record.id}/pages/{page}.png"),
        get(f"/documents/{record.id}?page={page}"),
    )

    assert image.status_code == reading.status_code == 404
    assert "pages vont de 1 à 3" in image.text
    assert "n’a pas de page à ce numéro" in reading.text
    assert "<b>" not in reading.text


def test_an_id_never_leads_outside_the_documents(get, pdf, var):
    record = add(pdf)
    (var / "secret.pdf").write_bytes(pdf.read_bytes())
    (documents_dir(var) / "autre.pdf").write_bytes(pdf.read_bytes())
    paths = [
        "/documents/..%2Fsecret",
        "/documents/..%2Fsecret/pages/1.png",
        "/documents/%2E%2E%2Fsecret.pdf/pages/1.png",
        "/documents/autre",
        "/documents/autre/pages/1.png",
        f"/documents/{record.file}",
        f"/documents/{record.file}/pages/1.png",
        "/documents/..%2F..%2F..%2Fetc%2Fpasswd",
        "/sources/..%2Fdocuments.jsonl",
        f"/documents/{record.id}%00/pages/1.png",
        "/documents/" + "a" * 5_000,
        "/documents/",
        # A source that is no added document has no page under /documents.
        "/documents/ars-mayotte-2025",
    ]
    for path in paths:
        answer = get(path)
        assert answer.status_code == 404, path
        assert "root:" not in answer.text
        assert "socle commun" not in answer.text
        assert "introuvable" in answer.text or "Aucun document ajouté" in answer.text, path


def test_a_document_that_is_not_a_pdf_has_no_page_to_see(get, tmp_path):
    path = tmp_path / "note.txt"
    path.write_text("Le dépôt ferme le 15 septembre 2026.", encoding="utf-8")
    record = add(path)
    image = get(f"/documents/{record.id}/pages/1.png")

    assert image.status_code == 404
    assert "n’est pas un PDF" in image.text
    assert "15 septembre 2026" in get(f"/documents/{record.id}").text


def test_a_file_deleted_changed_or_replaced_by_a_link_is_said_and_not_read(get, pdf, var, tmp_path):
    record = add(pdf)
    get(f"/documents/{record.id}/pages/1.png")  # kept: not even what was drawn is shown any more
    file = documents_dir(var) / record.file
    outside = tmp_path / "outside.pdf"
    file.rename(outside)
    for breaking, said in (
        (lambda: None, "est absent du dossier"),
        (lambda: file.symlink_to(outside), "est absent du dossier"),
        (lambda: (file.unlink(), file.write_bytes(b"%PDF-1.4 autre")), "a changé depuis son ajout"),
    ):
        breaking()
        image, page = get(f"/documents/{record.id}/pages/1.png"), get(f"/documents/{record.id}")
        assert image.status_code == 404
        assert said in image.text
        assert page.status_code == 200, "what is known of the document is still said"
        assert said in page.text
        assert "socle commun" not in page.text


def test_a_damaged_pdf_is_said(get, pdf, var):
    record = add(pdf)
    damaged = b"%PDF-1.7\n" + b"\xff" * 500
    (documents_dir(var) / record.file).write_bytes(damaged)
    manifest = documents_dir(var) / MANIFEST
    described = json.loads(manifest.read_text()) | {"sha256": hashlib.sha256(damaged).hexdigest()}
    manifest.write_text(json.dumps(described))
    image, page = get(f"/documents/{record.id}/pages/1.png"), get(f"/documents/{record.id}")

    assert image.status_code == 422
    assert "ne peut pas être dessinée" in image.text
    assert page.status_code == 200
    assert "endommagé" in page.text


def test_a_page_that_takes_too_long_is_given_up(pdf, var, tmp_path, monkeypatch):
    record = add(pdf)
    script = tmp_path / "slow.py"
    script.write_text("import time\ntime.sleep(60)")
    monkeypatch.setattr(page_views, "_SCRIPT", script)
    monkeypatch.setattr(page_views, "SECONDS", 1)

    with pytest.raises(page_views.DocumentError, match="plus de 1\u00a0s pour être dessinée"):
        page_views.page_image(record, 1)


def test_too_many_pages_at_once_wait_then_are_refused(get, pdf, monkeypatch):
    record = add(pdf)
    monkeypatch.setattr(page_views, "WAIT_SECONDS", 0.1)
    for _ in range(page_views.AT_ONCE):
        assert page_views._turns.acquire(timeout=5)
    try:
        answer = get(f"/documents/{record.id}/pages/1.png")
    finally:
        for _ in range(page_views.AT_ONCE):
            page_views._turns.release()

    assert answer.status_code == 503
    assert "Réessayez" in answer.text
    assert get(f"/documents/{record.id}/pages/1.png").status_code == 200


def test_a_title_is_text(get, pdf):
    title = 'Appel <script>alert(1)</script> "><img src=x onerror=alert(2)>'
    record = add(pdf, title=title)
    for path in (f"/documents/{record.id}", "/sources", "/sources?q=appel"):
        page = get(path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "onerror" not in {name for images in Tags(page).found.get("img", []) for name in images}


def test_what_the_reading_left_out_is_said(get, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(
        "<html lang='fr'><body><h1>Avis</h1><p>Le dépôt ferme le 15 septembre 2026 à minuit.</p>"
        "<p style='display:none'>Ce texte caché ne se lit pas.</p></body></html>",
        encoding="utf-8",
    )
    record = add(path)

    assert record.notices, "the loader tells what it left out"
    page = get(f"/documents/{record.id}").text
    assert record.notices[0] in page
    assert "Ce texte caché" not in page


def test_a_document_added_or_removed_meanwhile_is_seen(get, pdf, var):
    from corpus.documents import remove_document

    assert "Documents ajoutés</h2>" not in get("/sources").text
    record = add(pdf)
    assert "Documents ajoutés</h2>" in get("/sources").text
    remove_document(record.id)
    assert load_documents() == ()
    assert get(f"/documents/{record.id}").status_code == 404
    assert get(f"/documents/{record.id}/pages/1.png").status_code == 404


def test_a_replaced_version_leads_to_the_one_that_replaces_it(get, tmp_path):
    old, new = tmp_path / "a.txt", tmp_path / "b.txt"
    old.write_text("Le dépôt ferme le 15 septembre 2025.", encoding="utf-8")
    new.write_text("Le dépôt ferme le 12 septembre 2026.", encoding="utf-8")
    first = add_document(
        old,
        title="Note",
        publisher="Organisme d’exemple",
        issued="2025",
        years=(2025,),
        today=date(2026, 4, 1),
    )
    second = add_document(
        new,
        title="Note",
        publisher="Organisme d’exemple",
        issued="2026",
        years=(2026,),
        today=date(2026, 4, 2),
    )
    page = get(f"/documents/{first.id}").text

    assert "Version remplacée" in page
    assert f'href="/documents/{second.id}"' in page
    assert "Ne répond plus que pour 2025" in page
    assert f'href="/documents/{first.id}"' in get(f"/documents/{second.id}").text


def test_words_are_found_whatever_their_spaces_and_line_ends():
    from corpus.loaders.rasterise import find

    text = "L’aide est versée\nau porteur, en deux verse-\nments."
    start, end = find(text, "aide  est versee au porteur en deux versements")
    assert text[start:end] == "aide est versée\nau porteur, en deux verse-\nments"
    assert find(text, "deux") is None, "a word alone would be found anywhere"
    assert find(text, "un autre texte que celui-ci") is None
    # The beginning is enough: a foot of page may cut what was read in one piece.
    assert find("x" * 50 + " suite", "x" * 50 + " et autre chose") is not None


def test_the_script_that_draws_never_loads_a_module_beside_it(pdf, tmp_path):
    """``corpus/loaders`` has an ``html.py``: it must not stand for the one of the standard library."""
    done = subprocess.run(
        ["python", "-P", str(page_views._SCRIPT), str(pdf), "1"],
        input=b"socle commun des structures",
        capture_output=True,
        check=True,
    )
    said = json.loads(done.stdout)

    assert len(said["rectangles"]) == 1


@pytest.mark.browser
def test_a_document_with_its_page_is_accessible_fits_every_width_and_shows_the_image(
    browser, server, var, pdf
):
    from axe_playwright_python.sync_playwright import Axe

    record = add(pdf)
    context = browser.new_context(locale="fr-FR", viewport={"width": 1280, "height": 900})
    tab = context.new_page()
    tab.goto(
        f"{server.url}documents/{record.id}?extrait=deuxième volet est déposé avant le 12 septembre 2026"
    )
    image = tab.get_by_role("img", name="Page 2 de")
    image.scroll_into_view_if_needed()
    becomes(tab, "[...document.images].every(one => one.complete && one.naturalWidth > 0)")
    drawn, frame = image.bounding_box(), tab.locator(".canvas rect").first.bounding_box()
    assert drawn["x"] <= frame["x"] < frame["x"] + frame["width"] <= drawn["x"] + drawn["width"]
    assert drawn["y"] <= frame["y"] < frame["y"] + frame["height"] <= drawn["y"] + drawn["height"]
    for scheme in ("light", "dark"):
        tab.evaluate("theme => document.documentElement.dataset.theme = theme", scheme)
        found = Axe().run(tab, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
        assert found.violations_count == 0, found.generate_report()
    for width in (320, 390, 1280):
        tab.set_viewport_size({"width": width, "height": 800})
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
    tab.get_by_role("link", name="Page suivante").first.click()
    tab.wait_for_url("**page=3#texte")
    assert tab.get_by_text("troisième volet").is_visible()
    tab.get_by_label("Aller à la page").fill("1")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**page=1#texte")
    context.close()


@pytest.mark.browser
def test_the_chat_shows_the_page_of_the_document_it_cites(page, server, var, pdf, monkeypatch):
    record = add(pdf, title="Appel <img src=x onerror=alert(1)> 2026")
    cited = Citation(
        number=1,
        id=record.id,
        title=record.title,
        publisher=record.publisher,
        date=record.issued,
        url="",
        location="p. 2",
        excerpt=SENTENCES[1],
        grade=2,
        grade_label="page d’une agence ou institution publique",
    )
    answer = Answer(Kind.ANSWER, Status.ANSWERED, "Avant le 12 septembre 2026 [1].", (cited,))
    monkeypatch.setattr(server.assistant, "ask", lambda turns, day: answer)
    answered(page, "Avant quand ?")
    page.locator("a.marker").click()
    panel = page.locator("#panel")

    expect(panel.locator("blockquote mark")).to_have_text("12 septembre 2026")
    becomes(page, "document.querySelector('#panel .page-view img')?.naturalWidth > 800")
    expect(panel.locator(".page-view img")).to_have_attribute("alt", f"Image de la page 2\u00a0: {record.title}")
    panel.get_by_role("link", name="Lire l’extrait dans son contexte").click()
    expect(page.locator("mark").first).to_contain_text("deuxième volet")
    expect(page.get_by_role("heading", level=1)).to_have_text(record.title)
