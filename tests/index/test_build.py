import json
import threading

import numpy as np
import pytest

import index.build
from corpus.documents import add_document, remove_document
from index.build import build_index, open_index
from index.cli import main
from index.errors import BuildError, QueryError, StoreError
from index.store import Place, Store, write_store


def silent(message):
    pass


def test_opening_builds_a_missing_index_says_why_and_finds(settings, encoder, capsys):
    retriever = open_index(settings, encoder)

    assert len(capsys.readouterr().err.splitlines()) == 1
    hit = retriever.search("date de clôture de l’appel régional")[0]
    assert hit.passage.id == "essai#campagne-2025-1"
    assert hit.passage.annees == (2025,)
    assert hit.dense > 0.2
    assert hit.lexical > 0
    assert hit.why.startswith("sens 0,")


def test_a_current_index_is_opened_without_encoding(settings, encoder, capsys):
    open_index(settings, encoder).close()
    count = len(encoder.encoded)
    capsys.readouterr()

    open_index(settings, encoder)

    assert len(encoder.encoded) == count == 3 + 2  # three passages under two titles
    assert capsys.readouterr().err == ""


def test_only_changed_passages_are_encoded_again(settings, encoder):
    build_index(settings, encoder)
    fiche = settings.fiches / "essai.md"
    fiche.write_text(fiche.read_text().replace("15 ESSMS", "20 ESSMS"))

    result = build_index(settings, encoder)

    assert (result.encoded, result.reused) == (1, 2)
    assert "20 ESSMS" in encoder.encoded[-1]


def test_another_encoder_reuses_nothing(settings, encoder):
    build_index(settings, encoder)
    encoder.fingerprint = "word-count-2"

    assert build_index(settings, encoder).encoded == 3


def test_a_long_build_tells_its_start(settings, encoder):
    told = []

    build_index(settings, encoder, progress=lambda done, total: told.append((done, total)))

    assert told[0] == (0, 3)


@pytest.mark.parametrize(
    "damaged",
    [
        "chroma.sqlite3",
        "passages.jsonl",
        "lexical/passages/vocab.index.json",
        "lexical/owners.npz",
        "vectors.npy",
    ],
)
def test_a_damaged_index_is_rebuilt(settings, encoder, damaged, capsys):
    directory = build_index(settings, encoder).directory
    (directory / damaged).write_bytes(b"abime")
    capsys.readouterr()

    encoder.encoded.clear()
    retriever = open_index(settings, encoder)

    assert "Index à construire" in capsys.readouterr().err
    assert encoder.encoded == []
    assert retriever.search("seuil groupement")[0].passage.text.startswith("Le seuil")


def test_a_crash_leaves_the_old_index_and_nothing_half_written(settings, encoder, monkeypatch):
    old = build_index(settings, encoder).directory
    (settings.fiches / "essai.md").write_text(
        (settings.fiches / "essai.md").read_text().replace("15 ESSMS", "20 ESSMS")
    )

    def fail(*_):
        raise OSError("disque plein")

    monkeypatch.setattr(index.build, "write_passages", fail)
    with pytest.raises(BuildError, match="disque plein"):
        build_index(settings, encoder)

    assert [path for path in settings.directory.iterdir() if path.is_dir() and path.name != "vectors"] == [
        old
    ]
    assert Store(Place.embedded(old)).count == 3


def test_the_previous_index_is_kept_and_older_ones_removed(settings, encoder):
    directories = []
    for number in (15, 16, 17):
        (settings.fiches / "essai.md").write_text(
            (settings.fiches / "essai.md").read_text().replace(f"{number} ESSMS", f"{number + 1} ESSMS")
        )
        directories.append(build_index(settings, encoder).directory)

    assert [directory.exists() for directory in directories] == [False, True, True]


def test_two_builds_at_once_encode_once(settings, encoder):
    threads = [threading.Thread(target=build_index, args=(settings, encoder)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(encoder.encoded) == 3 + 2


def test_an_added_document_is_found_with_its_section(settings, encoder, tmp_path):
    from datetime import date

    source = tmp_path / "guide.md"
    source.write_text("# Guide\n\n## Pièces à joindre\n\nLe devis de l’éditeur est obligatoire.\n")
    record = add_document(
        source, title="Guide", publisher="ARS", issued="2025", today=date(2025, 6, 1), var=settings.var
    )

    hit = open_index(settings, encoder, silent).search("devis de l’éditeur")[0]

    assert hit.passage.document == record.id
    assert hit.passage.kind == "document"
    assert "Pièces à joindre" in hit.passage.location


def make_pdf(path, pages):
    from fpdf import FPDF

    pdf = FPDF()
    pdf.set_font("helvetica", size=11)
    for lines in pages:
        pdf.add_page()
        for line in lines:
            pdf.cell(0, 5, line, new_x="LMARGIN", new_y="NEXT")
    pdf.output(str(path))
    return path


def test_the_words_of_a_pdf_are_cited_at_their_own_page(settings, encoder, tmp_path):
    from datetime import date

    source = make_pdf(
        tmp_path / "guide.pdf",
        [
            ["Le dossier comprend un devis signé.", "Il est déposé par"],
            ["le gestionnaire sur la plateforme.", "Un budget prévisionnel est joint."],
            ["La convention est transmise au trésorier."],
        ],
    )
    record = add_document(
        source, title="Guide", publisher="ARS", issued="2025", today=date(2025, 6, 1), var=settings.var
    )

    retriever = open_index(settings, encoder, silent)

    found = [
        (passage.text.replace("\n", " "), passage.location, passage.page)
        for passage in retriever.passages.values()
        if passage.document == record.id
    ]
    assert found == [
        ("Le dossier comprend un devis signé. Il est déposé par", "p. 1", 1),
        ("le gestionnaire sur la plateforme. Un budget prévisionnel est joint.", "p. 2", 2),
        ("La convention est transmise au trésorier.", "p. 3", 3),
    ]
    assert retriever.search("budget prévisionnel")[0].passage.location == "p. 2"


def test_a_replaced_document_stays_labelled_with_the_campaigns_left_to_it(settings, encoder, tmp_path):
    from datetime import date

    described = {"title": "Guide", "publisher": "ARS", "today": date(2025, 6, 1), "var": settings.var}
    for year, text in ((2024, "Le devis est facultatif."), (2025, "Le devis est obligatoire.")):
        path = tmp_path / f"{year}.md"
        path.write_text(text, encoding="utf-8")
        add_document(path, issued=str(year), years=(year,), **described)

    hits = open_index(settings, encoder, silent).search("devis")[:2]

    assert {(hit.passage.text, hit.passage.superseded_by, hit.passage.annees) for hit in hits} == {
        ("Le devis est facultatif.", "ars-guide-2025", (2024,)),
        ("Le devis est obligatoire.", "", (2025,)),
    }


def test_what_was_read_of_a_removed_document_is_forgotten(settings, encoder, tmp_path):
    from datetime import date

    path = tmp_path / "guide.md"
    path.write_text("Le devis est confidentiel.", encoding="utf-8")
    record = add_document(
        path, title="Guide", publisher="ARS", issued="2025", today=date(2025, 6, 1), var=settings.var
    )
    for _ in range(2):
        open_index(settings, encoder, silent)
    remove_document(record.id, settings.var)
    fiche = settings.fiches / "essai.md"
    for _ in range(2):  # the index before the current one is kept too
        fiche.write_text(fiche.read_text().replace("15 ESSMS", "au moins 15 ESSMS"))
        build_index(settings, encoder)

    left = [
        path for path in settings.var.rglob("*") if path.is_file() and b"confidentiel" in path.read_bytes()
    ]
    assert left == []


def test_a_document_whose_file_is_gone_is_reported_and_the_rest_is_found(settings, encoder, tmp_path):
    from datetime import date

    source = tmp_path / "guide.md"
    source.write_text("# Guide\n\nTexte.\n")
    record = add_document(
        source, title="Guide", publisher="ARS", issued="2025", today=date(2025, 6, 1), var=settings.var
    )
    (settings.var / "documents" / record.file).unlink()
    messages = []

    assert open_index(settings, encoder, messages.append).search("seuil")
    assert any("laissé de côté" in message for message in messages)


def test_search_limits(settings, encoder):
    retriever = open_index(settings, encoder, silent)

    assert retriever.search("   ") == []
    assert len(retriever.search("zzz", k=2)) == 2
    with pytest.raises(QueryError, match="au moins 1"):
        retriever.search("seuil", k=0)


def test_searches_from_several_threads_agree(settings, encoder):
    retriever = open_index(settings, encoder, silent)
    expected = retriever.search("seuil DUI")
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(retriever.search("seuil DUI"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert results == [expected] * 8


def test_langchain_documents_carry_text_and_metadata(settings, encoder):
    documents = open_index(settings, encoder, silent).as_langchain(k=1).invoke("seuil groupement")

    assert documents[0].page_content == "Le seuil est de 15 ESSMS pour un groupement."
    assert documents[0].metadata["sources"] == ("source-b",)


def test_the_exceptions_of_chroma_come_out_as_ours(tmp_path, encoder):
    vectors = encoder.encode_queries(["a", "b"])
    with pytest.raises(StoreError, match="il en faut autant"):
        write_store(Place.embedded(tmp_path / "a"), ["x"], vectors)
    with pytest.raises(StoreError, match="ne peut être écrite"):
        write_store(Place.embedded(tmp_path / "b"), ["x", "x"], vectors)
    with pytest.raises(StoreError, match="absente"):
        Store(Place.embedded(tmp_path / "c"))


def test_similarities_of_the_store_are_cosines(tmp_path, encoder):
    vectors = encoder.encode_queries(["seuil", "seuil groupement", "autre"])
    write_store(Place.embedded(tmp_path), ["a", "b", "c"], vectors)

    found = dict(Store(Place.embedded(tmp_path)).nearest(vectors[0], 3))

    assert found == pytest.approx(dict(zip("abc", (vectors @ vectors[0]).tolist(), strict=True)), abs=1e-5)


def test_the_command_line_searches_and_names_a_broken_fiche(settings, encoder, monkeypatch, capsys):
    monkeypatch.setattr("index.cli.open_index", lambda: open_index(settings, encoder, silent))

    assert main(["search", "--json", "-k", "1", "seuil"]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == "essai#campagne-2025-2"
    (settings.fiches / "essai.md").write_text("rien")
    assert main(["search", "seuil"]) == 2
    assert "essai.md:1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("vectors.npy", np.zeros(3, np.float16)),
        ("vectors.npy", np.zeros((3, 4), np.float32)),
        ("vectors.npy", np.array("abc")),
        ("vectors.npy", np.zeros((), np.float16)),
    ],
)
def test_vectors_of_another_shape_or_type_are_made_again(settings, encoder, name, value):
    directory = build_index(settings, encoder).directory
    np.save(directory / name, value)

    assert open_index(settings, encoder, silent).search("seuil")[0].dense is not None
    assert np.load(directory / name).shape == (3, 512)


@pytest.mark.parametrize("line", ["5", "null", "[[1]]", "{}"])
def test_a_line_that_is_no_passage_makes_the_index_again(settings, encoder, line):
    directory = build_index(settings, encoder).directory
    (directory / "passages.jsonl").write_text(f"{line}\n")

    assert open_index(settings, encoder, silent).search("seuil")


def test_a_question_that_no_encoding_can_write_is_searched(settings, encoder):
    assert open_index(settings, encoder, silent).search("seuil \ud800 groupement")
