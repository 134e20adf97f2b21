"""A PDF of sixty pages made as instructions are, from the command that adds it to the answers that cite it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from assistant.chain import Assistant, open_assistant
from corpus.documents import DocumentRecord, load_content, load_documents
from corpus.loaders import Block
from corpus.paths import var_dir
from index.build import open_index
from index.retriever import Retriever

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2027, 3, 5)

HEADER = "Instruction DNS/2027/41 du 4 mars 2027"
PAGES = 60
TABLE_PAGES = {24: "forfaits", 42: "jalons"}
FIRST_ANNEX = 52

TABLES = {
    "forfaits": [
        ("Taille de l'organisme", "Forfait d'appui", "Délai de versement"),
        ("De 1 à 9 établissements", "12 400 euros", "45 jours"),
        ("De 10 à 24 établissements", "27 800 euros", "60 jours"),
        ("De 25 établissements et plus, ou présents dans deux régions", "41 300 euros", ""),
    ],
    "jalons": [
        ("Jalon", "Responsable", "Échéance"),
        ("Réunion de démarrage", "Chef de projet", "12 avril 2027"),
        ("Bilan d'étape", "Comité de suivi", "18 octobre 2027"),
        ("Clôture des travaux", "", "30 juin 2028"),
    ],
}

# Page, title of its article, what it states, and a question put in other words.
FACTS = [
    (3, "Comité de suivi", "Le comité de suivi de l'instruction se réunit à Angers chaque premier mardi du trimestre, sous la présidence de la déléguée au numérique.", "Dans quelle ville se tient le comité de suivi de l'instruction ?"),
    (5, "Pièces du dossier", "Le dossier transmis à l'agence réunit onze pièces, dont l'attestation de conformité au socle d'identité et l'inventaire des archives papier.", "Combien de pièces faut-il réunir dans le dossier transmis à l'agence, avec l'inventaire des archives papier ?"),
    (8, "Correspondant des archives", "Le correspondant des archives verse aux archives départementales les dossiers papier clos depuis plus de sept ans.", "Qui verse les vieux dossiers papier aux archives départementales ?"),
    (10, "Formation initiale", "La formation initiale des professionnels au logiciel dure quatorze heures, réparties en quatre demi-journées sur le lieu de travail.", "Combien d'heures dure la formation initiale des professionnels au logiciel ?"),
    (12, "Lettre de mission", "La lettre de mission du référent numérique fixe une quotité d'au moins 30 % d'un équivalent temps plein.", "Quelle quotité de temps la lettre de mission du référent numérique doit-elle fixer ?"),
    (15, "Journal des accès", "Le journal des accès au dossier est conservé pendant vingt-six mois sur un support distinct du serveur.", "Combien de mois faut-il conserver le journal des accès au dossier de l'usager ?"),
    (17, "Continuité en cas de panne", "En cas de panne de plus de six heures, l'établissement ouvre le registre papier de continuité et prévient la cellule d'appui.", "Que doit faire l'établissement en cas de panne prolongée du logiciel ?"),
    (19, "Visite de vérification", "La visite de vérification sur site est annoncée dix jours ouvrés à l'avance et ne dure pas plus d'une journée.", "Combien de temps à l'avance la visite de vérification sur site est-elle annoncée ?"),
    (22, "Bulletin de disponibilité", "L'éditeur du logiciel remet chaque mois un bulletin de disponibilité ; une disponibilité inférieure à 99,2 % donne lieu à une pénalité.", "Quel taux de disponibilité du logiciel l'éditeur doit-il tenir pour éviter une pénalité ?"),
    (24, "Forfaits d'appui", "Les forfaits d'appui dépendent de la taille de l'organisme, selon le tableau 1.", "Quel forfait d'appui est versé à un organisme de 10 à 24 établissements ?"),
    (27, "Droit d'opposition", "La personne accompagnée dispose de vingt et un jours pour s'opposer au partage de son dossier avec un partenaire extérieur.", "De quel délai dispose la personne accompagnée pour s'opposer au partage de son dossier ?"),
    (30, "Notice d'information", "La notice d'information est rédigée en facile à lire et à comprendre, puis relue par au moins trois personnes accompagnées.", "Par combien de personnes accompagnées la notice d'information doit-elle être relue ?"),
    (33, "Équipement mobile", "Une tablette est financée pour quatre professionnels itinérants, et son renouvellement intervient au bout de cinq ans.", "Combien de professionnels itinérants partagent une tablette financée ?"),
    (36, "Enquête auprès des familles", "L'enquête de satisfaction est adressée aux familles chaque mois de novembre ; un taux de retour inférieur à 40 % impose une relance.", "En quel mois l'enquête de satisfaction est-elle envoyée aux familles ?"),
    (39, "Recette de la reprise", "La recette de la reprise des données porte sur un échantillon de deux cents dossiers tirés au sort.", "Sur quel échantillon porte la recette de la reprise des données ?"),
    (42, "Jalons du projet", "Les jalons du projet et leurs responsables figurent au tableau 2.", "À quelle date est prévu le bilan d'étape du comité de suivi ?"),
    (46, "Astreinte technique", "L'astreinte technique de l'éditeur est assurée de 7 heures à 21 heures, samedi compris.", "Quels sont les horaires de l'astreinte technique de l'éditeur ?"),
    (49, "Réemploi des serveurs", "Les serveurs remplacés sont remis à une filière de réemploi agréée dans les quatre mois qui suivent la bascule.", "Que deviennent les anciens serveurs remplacés, et dans quel délai ?"),
    (53, "Annexe B - Convention type", "La convention type est signée en trois exemplaires et déposée au secrétariat de la délégation départementale.", "En combien d'exemplaires la convention type doit-elle être signée ?"),
    (57, "Annexe F - Cellule d'appui", "La cellule d'appui, installée à Limoges, compte cinq conseillers joignables par courriel.", "Où la cellule d'appui est-elle installée ?"),
]  # fmt: skip

SUBJECTS = (
    "gouvernance", "urbanisation", "hébergement", "sécurité", "messagerie", "identité", "annuaire", "agenda",
    "médicaments", "transports", "restauration", "qualité", "éthique", "achats", "contrats", "maintenance",
    "support", "réseau", "sauvegarde", "habilitations",
)  # fmt: skip


def write_instruction(path: Path) -> Path:
    """Write the PDF; its pages number from 1 to 60."""
    from fpdf import FPDF

    facts = {page: (title, sentence) for page, title, sentence, _ in FACTS}
    pdf = FPDF()
    pdf.set_auto_page_break(False)
    pdf.set_title("Instruction relative à l'appui numérique")
    for page in range(1, PAGES + 1):
        pdf.add_page()
        _line(pdf, HEADER, 8, 10)
        subject = SUBJECTS[page % len(SUBJECTS)]
        title, sentence = facts.get(page, (f"Dispositions de {subject}, partie {page}", ""))
        numbered = title if title.startswith("Annexe") else f"Article {page} - {title}"
        if page >= FIRST_ANNEX and not title.startswith("Annexe"):
            numbered = f"Annexe {chr(65 + page - FIRST_ANNEX)} - {title}"
        _line(pdf, numbered, 15, 12)
        _paragraph(pdf, _filler(subject, page, 0))
        if sentence:
            _paragraph(pdf, sentence)
        if page in TABLE_PAGES:
            _table(pdf, TABLES[TABLE_PAGES[page]])
        for rank in (1, 2):
            _paragraph(pdf, _filler(subject, page, rank))
        _line(pdf, f"- un premier point sur le volet {subject}", 10.5, 5)
        _line(pdf, f"- un second point, propre à la partie {page}", 10.5, 5)
        pdf.set_y(-30)
        _line(pdf, f"{page}. Sur le volet {subject}, voir la note technique de {2000 + page}.", 7, 4)
        pdf.set_y(-15)
        _line(pdf, f"Page {page} sur {PAGES}", 8, 5)
    pdf.output(str(path))
    return path


def _filler(subject: str, page: int, rank: int) -> str:
    openings = (
        f"Le volet {subject} s'inscrit dans la trajectoire décrite par la partie {page} et appelle une mise en "
        f"oeuvre progressive, confiée aux équipes qui en ont la charge.",
        f"Les équipes chargées du volet {subject} tiennent un relevé des difficultés rencontrées, qu'elles "
        f"communiquent aux services compétents au fil de l'eau.",
        f"L'accompa-\ngnement des équipes sur le volet {subject} repose sur l'échange entre pairs et sur les "
        "retours d'expérience recueillis localement.",
    )
    return openings[rank]


def _line(pdf, text: str, size: float, height: float) -> None:
    pdf.set_font("helvetica", size=size)
    pdf.cell(0, height, text, new_x="LMARGIN", new_y="NEXT")


def _paragraph(pdf, text: str) -> None:
    pdf.set_font("helvetica", size=10.5)
    pdf.multi_cell(0, 5, text, align="J", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(5)


def _table(pdf, rows) -> None:
    pdf.set_font("helvetica", size=10.5)
    with pdf.table(line_height=6, v_align="MIDDLE", text_align=("LEFT", "RIGHT", "CENTER")) as table:
        for cells in rows:
            row = table.row()
            for cell in cells:
                row.cell(cell)
    pdf.ln(6)


@dataclass(frozen=True)
class Library:
    """The document once added with the command line, and what searches and answers over it."""

    record: DocumentRecord
    blocks: tuple[Block, ...]
    retriever: Retriever
    assistant: Assistant

    def on(self, page: int) -> list[Block]:
        return [block for block in self.blocks if block.page == page]


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    directory = tmp_path_factory.mktemp("instruction")
    var = directory / "var"
    for name in ("index", "cache"):  # the vectors of the corpus, when they are there, need no computing
        if (var_dir() / name).is_dir():
            shutil.copytree(var_dir() / name, var / name, ignore=shutil.ignore_patterns(".*"))
    path = write_instruction(directory / "instruction.pdf")
    described = [
        "--title",
        "Instruction relative à l’appui numérique",
        "--publisher",
        "DNS",
        "--issued",
        "2027-03-04",
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASSISTANT_VAR", str(var))
        command = [sys.executable, "-m", "corpus", "add", str(path), *described]
        subprocess.run(
            command, cwd=ROOT, env={**os.environ, "PYTHONUTF8": "1"}, capture_output=True, check=True
        )
        (record,) = load_documents()
        yield Library(record, load_content(record).blocks, open_index(), open_assistant())


def test_each_page_keeps_its_heading_and_loses_its_running_titles(library):
    assert library.record.pages == PAGES
    headings = [block.page for block in library.blocks if block.kind == "heading"]
    assert headings == list(range(1, PAGES + 1))
    assert not any(HEADER in block.text or f"sur {PAGES}" in block.text for block in library.blocks)


def test_footnotes_lists_and_broken_words_are_read(library):
    texts = [block.text for block in library.on(8)]

    assert "Sur le volet médicaments, voir la note technique de 2008." in " ".join(texts)
    assert "un second point, propre à la partie 8" in texts
    assert any(text.startswith("L'accompagnement des équipes") for text in texts)


def test_only_the_two_tables_are_read_as_rows(library):
    rows = {page: [] for page in TABLE_PAGES}
    for block in library.blocks:
        if block.kind == "table_row":
            rows[block.page].append(block.text)

    assert rows == {
        24: [
            "Taille de l'organisme | Forfait d'appui | Délai de versement",
            "De 1 à 9 établissements | 12 400 euros | 45 jours",
            "De 10 à 24 établissements | 27 800 euros | 60 jours",
            "De 25 établissements et plus, ou présents dans deux régions | 41 300 euros",
        ],
        42: [
            "Jalon | Responsable | Échéance",
            "Réunion de démarrage | Chef de projet | 12 avril 2027",
            "Bilan d'étape | Comité de suivi | 18 octobre 2027",
            "Clôture des travaux |  | 30 juin 2028",
        ],
    }


@pytest.mark.parametrize(("page", "question"), [(page, question) for page, _, _, question in FACTS])
def test_a_question_finds_its_page_first_and_is_answered_by_it(library, page, question):
    first = library.retriever.search(question, k=1)[0].passage
    assert (first.document, first.page) == (library.record.id, page)

    citations = library.assistant.ask([question], TODAY).citations
    assert (library.record.id, f"p. {page}") in [
        (cited.id, cited.location.split(",")[0]) for cited in citations
    ]
