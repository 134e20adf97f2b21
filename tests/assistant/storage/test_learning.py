"""What is learnt from requests: corrections, gaps of the corpus, proposed fiches, without naming anybody."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from desk_samples import message, reply
from sqlalchemy import text

from assistant.answer import Citation, Kind, Status
from assistant.drafting.message import Address
from assistant.errors import StorageError
from assistant.storage.errors import DeskError, InBin, UnknownRequest
from assistant.storage.lacks import as_csv, as_markdown, lacking
from assistant.storage.learning import NO_THEME, correcting, is_lacking, theme_of
from assistant.storage.models import Base
from assistant.storage.proposals import propose
from assistant.storage.themes import LABELS
from assistant.storage.views import Status as DeskStatus
from assistant.understanding.intents import Intent
from corpus.fiches import parse_fiche

STATISTICS = ("statistics", "asked_questions", "corrections")


def rows(database, *tables: str) -> str:
    with database.engine.connect() as connection:
        return "\n".join(
            str(row) for table in tables for row in connection.execute(text(f"SELECT * FROM {table}"))
        )


def unanswered(*words: str) -> dict:
    return {"questions": tuple((one, Kind.ABSTENTION, Status.NOT_IN_CORPUS) for one in words)}


# Themes


@pytest.mark.parametrize(
    ("question", "theme"),
    [
        ("Quelle est la date limite de dépôt ?", Intent.ECHEANCE),
        ("Combien pouvons-nous toucher d’argent ?", Intent.MONTANT),
        ("Xyz abc.", NO_THEME),
        ("", NO_THEME),
    ],
)
def test_a_question_has_the_theme_of_what_it_asks(question, theme):
    assert theme_of(question, date(2026, 3, 2)) == theme


def test_every_theme_has_a_name():
    assert set(LABELS) == {*Intent, NO_THEME}


@pytest.mark.parametrize(
    ("kind", "status", "expected"),
    [
        (Kind.ABSTENTION, Status.NOT_IN_CORPUS, True),
        (Kind.REFUSAL, Status.NOT_IN_CORPUS, True),
        (Kind.ANSWER, Status.ANSWERED, False),
        (Kind.CLARIFICATION, Status.NEEDS_FACTS, False),
        (Kind.REFUSAL, Status.OUT_OF_SCOPE, False),
    ],
)
def test_what_shows_a_gap_of_the_corpus(kind, status, expected):
    assert is_lacking(kind, status, ()) is expected


# Corrections


def identity(words: str) -> str:
    return words


GENERATED = [
    {"key": "salutation", "role": "salutation", "text": "Madame, Monsieur,"},
    {"key": "answer-1", "role": "answer", "text": "Le seuil est atteint.\n\nIl reste à déposer."},
    {"key": "courtesy", "role": "courtesy", "text": "Bien à vous."},
]
BEFORE = "\n\n".join(one["text"] for one in GENERATED)  # 2 + 4 + 4 + 3 = 13 words


@pytest.mark.parametrize(
    ("after", "distance", "changed", "kinds"),
    [
        (BEFORE, 0, 0.0, ["kept", "kept", "kept", "kept"]),
        (BEFORE.replace("atteint", "presque atteint"), 1, 1 / 14, ["kept", "changed", "kept", "kept"]),
        (BEFORE.replace("\n\nIl reste à déposer.", ""), 4, 4 / 13, ["kept", "kept", "removed", "kept"]),
        (BEFORE + "\n\nÀ bientôt.", 2, 2 / 15, ["kept", "kept", "kept", "kept", "added"]),
        ("", 13, 1.0, ["removed"] * 4),
    ],
)
def test_a_correction_counts_words_and_names_paragraphs(after, distance, changed, kinds):
    found = correcting(GENERATED, BEFORE, after, identity)

    assert (found.distance, found.changed) == (distance, pytest.approx(changed))
    assert [one["kind"] for one in found.paragraphs] == kinds


def test_a_changed_paragraph_is_kept_before_and_after():
    found = correcting(GENERATED, BEFORE, BEFORE.replace("Il reste", "Il vous reste"), identity)

    assert [one for one in found.paragraphs if one["kind"] != "kept"] == [
        {
            "key": "answer-1",
            "kind": "changed",
            "before": "Il reste à déposer.",
            "after": "Il vous reste à déposer.",
        }
    ]
    assert all(one["before"] == one["after"] == "" for one in found.paragraphs if one["kind"] == "kept")


@pytest.mark.parametrize("after", ["x\n\n" * 60_000, "mot " * 40_000, "\n" * 200_000])
def test_a_huge_draft_is_compared_in_a_bounded_time(after):
    import time

    start = time.perf_counter()
    correcting(GENERATED, BEFORE, after, identity)
    assert time.perf_counter() - start < 5


def test_statistics_hold_nothing_that_identifies_somebody(desk, add, team, database):
    told = (
        "Prénom MODÈLE (06 99 00 12 34, prenom.modele@example.org, NIR 1 85 05 78 006 084 91) demande si le quota de "
        "tablettes de Jeanne Exemple est fixé ?"
    )
    view = add(
        told,
        fields={
            "sender": Address("Prénom MODÈLE", "prenom.modele@example.org"),
            "cc": (Address("EXEMPLE Jeanne", "jeanne.exemple@example.net"),),
        },
        answers=("Madame Jeanne Exemple, votre quota n’est pas fixé.", "Autre réponse."),
        **unanswered(told),
    )
    draft = view.draft.text.replace(
        "Autre réponse.",
        "Monsieur Prenom Modele, appelez le 06 99 00 12 34 ou Agente Première, agent.un@example.org.",
    )
    desk.save_draft(view.id, draft, version=1, by=team.first)
    desk.set_status(view.id, DeskStatus.READY, by=team.first)

    kept = rows(database, *STATISTICS)

    assert "quota" in kept
    assert "appelez" in kept
    for secret in ("Modele", "MODÈLE", "Jeanne", "06 99", "@example", "1 85 05", "Première", "Exemple"):
        assert secret not in kept, secret


def test_statistics_name_no_member_of_staff(desk, add, team, database):
    view = add()
    desk.assign(view.id, team.first, by=team.second)
    desk.open(view.id, team.first)
    desk.save_draft(view.id, "Texte.", version=1, by=team.first)
    desk.set_status(view.id, DeskStatus.READY, by=team.first)

    columns = {column.name for table in STATISTICS for column in Base.metadata.tables[table].columns}

    assert not columns & {"by", "account_id", "assignee_id", "login", "added_by"}
    assert not any(
        key.column.table.name == "accounts"
        for table in STATISTICS
        for key in Base.metadata.tables[table].foreign_keys
    )


def test_answered_questions_are_counted_without_their_words(desk, add, database):
    add(questions=(("Quel est le seuil pour notre MAS d’exemple ?", Kind.ANSWER, Status.ANSWERED),))

    assert "exemple" not in rows(database, *STATISTICS)


def test_a_correction_is_what_the_last_validation_saw(desk, add, team, database):
    view = add()
    desk.set_status(view.id, DeskStatus.READY, by=None)
    desk.save_draft(view.id, view.draft.text + "\n\nDeux mots", version=1, by=team.first)
    desk.set_status(view.id, DeskStatus.SENT, by=None)

    with database.engine.connect() as connection:
        corrections = connection.execute(text("SELECT distance FROM corrections")).scalars().all()
        statistics = connection.execute(text("SELECT distance, status FROM statistics")).all()
    assert corrections == [2]
    assert [tuple(row) for row in statistics] == [(2, "envoye")]


# What the corpus lacks


def test_questions_without_answer_are_grouped_by_theme_and_likeness(desk, add, database, clock):
    asked = [
        "Quel est le plafond d’heures de formation par agent ?",
        "Quel est le plafond d’heures de formation par agent, svp ?",
        "Quelle est la date limite de la vague suivante en Corse ?",
        "Quel est le plafond d'heures de formation par agent ?",
    ]
    for words in asked:
        add(**unanswered(words))
        clock.move(days=1)
    add(questions=(("Quel est le seuil ?", Kind.ANSWER, Status.ANSWERED),))

    report = lacking(database)

    assert report.questions == 4
    formation = next(one for one in report.lacks if "formation" in one.question)
    assert (formation.count, formation.first, formation.last) == (3, date(2026, 3, 2), date(2026, 3, 5))
    assert formation.question == asked[0]
    assert formation.examples == (asked[1], asked[3])
    assert [one.count for one in report.lacks] == [3, 1]
    assert sum(len(lacks) for lacks in report.themes.values()) == 2
    shown = as_markdown(report)
    assert "4 questions sans réponse" in shown
    assert "3 fois, du 2 mars 2026 au 5 mars 2026" in shown


def test_the_report_is_of_the_days_asked_both_included(desk, add, database, clock):
    for words in (
        "Question alpha sur les tablettes ?",
        "Question beta sur les serveurs ?",
        "Question gamma sur les câbles ?",
    ):
        add(**unanswered(words))
        clock.move(days=1)

    assert lacking(database, date(2026, 3, 3), date(2026, 3, 3)).lacks[0].question.startswith("Question beta")
    assert lacking(database, date(2026, 3, 3)).questions == 2
    assert lacking(database, None, date(2026, 3, 2)).questions == 1
    assert lacking(database, date.min, date.max).questions == 3


def test_no_cell_of_the_report_can_pass_for_a_formula(desk, add, database):
    add(**unanswered('=HYPERLINK("http://example.org") ; quel plafond "exact" ?'))

    table = list(csv.reader(io.StringIO(as_csv(lacking(database))), delimiter=";"))

    assert table[0] == ["theme", "question", "nombre", "premiere", "derniere", "autres_formulations"]
    assert table[1][1].startswith("'=HYPERLINK")


def test_nothing_lacking_is_said(database):
    assert as_markdown(lacking(database)).endswith("Aucune question sans réponse.")


# Proposals


def cited(number: int, identifier: str) -> Citation:
    return Citation(number, identifier, "Titre", "Éditeur", "2025", "", "page 1", "…", 1, "officielle")


@pytest.fixture
def validated(desk, add, team):
    view = add(
        questions=(("Quel est le seuil pour Prénom MODÈLE ?", Kind.ANSWER, Status.ANSWERED),),
        answers=(
            "**1. « Quel est le seuil ? »**\n\nLe seuil est atteint [1]. Il est {fixe} [2, 1].\n\n- Premier cas [2]\n- Second cas",
        ),
        fields={"sender": Address("Prénom MODÈLE", "prenom.modele@example.org")},
        extra={"citations": (cited(1, "instruction-2025-100"), cited(2, "cnsa-programme-2024"))},
    )
    draft = view.draft.text.replace("Le seuil est atteint", "Le seuil de Prénom MODÈLE est atteint")
    desk.save_draft(view.id, draft, version=1, by=team.first)
    desk.set_status(view.id, DeskStatus.READY, by=team.first)
    return view


def test_a_validated_answer_becomes_a_fiche_to_review(desk, database, validated, team, tmp_path, clock):
    path = propose(database, validated.id, "answer-1", team.first, directory=tmp_path / "p", clock=clock)

    assert path.name == "2026-03-02-quel-est-le-seuil-pour-nom.md"
    statements = parse_fiche(path)
    assert [one.text for one in statements] == [
        "Le seuil de (nom masqué) est atteint. Il est (fixe).", "Premier cas", "Second cas",
    ]  # fmt: skip
    assert [one.sources for one in statements] == [
        ("instruction-2025-100", "cnsa-programme-2024"), ("cnsa-programme-2024",), ("source-a-completer",),
    ]  # fmt: skip
    content = path.read_text(encoding="utf-8")
    assert "PROPOSITION DE FICHE, à relire avant tout usage" in content
    assert "MODÈLE" not in content
    assert desk.get(validated.id).events[-1].text.startswith("Proposition de fiche écrite")


def test_a_name_already_taken_gets_a_number(database, validated, tmp_path, clock):
    paths = [
        propose(database, validated.id, "answer-1", None, directory=tmp_path, clock=clock) for _ in range(3)
    ]

    assert [path.stem[-2:] for path in paths] == ["om", "-2", "-3"]
    assert all(parse_fiche(path) for path in paths)


@pytest.mark.parametrize("key", ["answer-2", "answer-0", "courtesy", "../../etc/passwd", ""])
def test_only_an_answer_of_the_draft_can_be_proposed(database, validated, tmp_path, key):
    with pytest.raises(DeskError, match="ne figure plus"):
        propose(database, validated.id, key, None, directory=tmp_path)
    assert list(tmp_path.glob("*.md")) == []


def test_only_a_validated_reply_can_be_proposed(desk, add, database, tmp_path):
    view = add()
    with pytest.raises(DeskError, match="validez-la d’abord"):
        propose(database, view.id, "answer-1", None, directory=tmp_path)
    with pytest.raises(UnknownRequest):
        propose(database, 99, "answer-1", None, directory=tmp_path)
    desk.remove(view.id, None)
    with pytest.raises(InBin):
        propose(database, view.id, "answer-1", None, directory=tmp_path)


def test_a_place_where_no_file_can_be_written_is_said(database, validated, tmp_path):
    (tmp_path / "fichier").write_text("")

    with pytest.raises(StorageError, match="ne peut être écrite"):
        propose(database, validated.id, "answer-1", None, directory=tmp_path / "fichier")


def test_proposals_are_not_read_by_the_corpus(database, validated, tmp_path, clock, monkeypatch):
    from corpus.fiches import load_statements
    from corpus.paths import documents_dir

    monkeypatch.setenv("ASSISTANT_VAR", str(tmp_path))
    before = load_statements()

    path = propose(database, validated.id, "answer-1", None, clock=clock)

    assert path.parent == tmp_path / "propositions"
    assert not path.is_relative_to(documents_dir(tmp_path))
    assert load_statements() == before


def test_a_message_without_question_has_no_theme(desk, database):
    view, _ = desk.add(message("Merci."), b"", reply(questions=()), by=None, kind="texte")

    assert view.theme == NO_THEME
    assert lacking(database).questions == 0
