"""The scorer of drafts cannot be fooled: a right draft passes, and each thing that may go wrong is told on its own."""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml
from scripted import FakeLibrary, Script

from assistant.drafting.message import Address, Attachment, Message
from corpus.errors import CorpusFileError
from evals import card, emails, measures
from evals.email_checks import LONGEST_QUESTION, Received, check_draft, match, stated
from evals.email_records import Email, ExpectedQuestion, load_emails
from evals.emails import Drafted, beyond, received_of
from evals.promises import find_promises
from evals.runs import Run, make_header
from evals.subject import Subject
from evals.suite import Bench
from evals.suites import SUITES
from evals.summary import render

EXCERPT = "En 2025, l’appel régional se clôt le 15 septembre 2025 ; le seuil est de 15 ESSMS."
CORPUS = frozenset([EXCERPT])
RECEIVED = Received("Nous sommes 14 ESSMS en Normandie. Est-ce assez ? Jusqu’à quand ?", "2025-04-28")
EMAIL = {
    "id": "court-01", "file": "court-01.eml", "type": "court", "day": "2025-04-29",
    "questions": [
        {"what": "seuil", "cues": [["assez", "suffi"]], "verdict": ["non"], "must": [["15"]]},
        {"what": "date", "cues": [["jusqu'a quand"]], "must": [["15 septembre 2025"]], "forbidden": ["1er juin"]},
    ],
    "facts": {"nombre_essms": 14, "territoires": ["normandie"]}, "points": [["seuil", "nombre"]],
    "risk": ["green", "amber"], "salutation": ["Madame la Directrice"], "not_questions": ["iphone"],
    "asked_for": [["finess"]], "forbidden": ["oui, vous etes eligible"],
}  # fmt: skip
PARAGRAPHS = [
    ("salutation", "Madame la Directrice,"),
    ("opening", "Par votre message du 28 avril 2025, vous posez deux questions."),
    ("answer", "1. Non : 14 ESSMS n’atteignent pas le seuil de 15 ESSMS. [1]"),
    ("answer", "2. L’appel régional se clôt le 15 septembre 2025. [1]"),
    ("missing", "Merci d’indiquer le numéro FINESS de chaque ESSMS."),
    ("courtesy", "Veuillez agréer, Madame la Directrice, l’expression de ma considération distinguée."),
    ("sources", "[1] ARS Mayotte, Appel à projets, 2025, https://www.mayotte.ars.sante.fr/appel"),
]


def made(paragraphs=PARAGRAPHS, **more):
    paragraphs = [
        {"key": f"p-{rank}", "role": role, "text": text} for rank, (role, text) in enumerate(paragraphs)
    ]
    questions = [
        {"text": "Est-ce assez ?", "asked": "14 ESSMS, est-ce assez ?", "kind": "answer", "answer": "Non : 15. [1]"},
        {"text": "Jusqu’à quand ?", "asked": "Jusqu’à quand ?", "kind": "answer", "answer": "Le 15 septembre 2025. [1]"},
    ]  # fmt: skip
    citation = {
        "number": 1, "id": "ars-mayotte-2025", "title": "Appel à projets", "publisher": "ARS Mayotte", "date": "2025",
        "url": "https://www.mayotte.ars.sante.fr/appel", "location": "", "excerpt": EXCERPT,
    }  # fmt: skip
    return {
        "draft": "\n\n".join(paragraph["text"] for paragraph in paragraphs), "paragraphs": paragraphs,
        "questions": questions, "facts": {"nombre_essms": 14, "territoires": ["normandie"]}, "risk": "amber",
        "points_to_check": ["Vérifier le nombre d’ESSMS."], "citations": [citation], "rules": [],
    } | more  # fmt: skip


def with_paragraph(role, text):
    return made([(name, text if name == role else kept) for name, kept in PARAGRAPHS])


def failing(reply, email=None, elapsed_ms=20.0, received=RECEIVED):
    checks = check_draft(Email.model_validate(EMAIL | (email or {})), reply, received, CORPUS, elapsed_ms)
    return {check.name: check.reason for check in checks if not check.held}


def question(text, **more):
    return {"text": text, "asked": text, "kind": "answer", "answer": "Oui.", **more}


def test_a_right_draft_passes():
    assert failing(made()) == {}


def test_a_draft_of_nothing_fails_everything_that_is_asked_of_it():
    found = failing({"draft": "", "paragraphs": []})

    assert {"question", "fact", "points", "risk", "salutation", "asked_for", "draft"} <= set(found)


def replaced(rank, **more):
    reply = made()
    reply["questions"][rank] |= more
    return reply


@pytest.mark.parametrize(
    ("reply", "name", "words"),
    [
        (made(questions=made()["questions"][:1]), "question", "date"),
        (made(questions=[*made()["questions"], question("Et la météo ?")]), "spurious", "météo"),
        (made(questions=[*made()["questions"], question("Envoyé de mon iPhone ?")]), "not_question", "iphone"),
        (replaced(0, kind="abstention"), "kind", "abstention"),
        (replaced(0, answer="Oui : 15. [1]"), "verdict", "verdict oui"),
        (replaced(0, answer="Le seuil est de 15. [1]"), "verdict", "verdict absent"),
        (replaced(0, answer="Non déterminé : 15. [1]"), "verdict", "verdict indetermine"),
        (made([item for item in PARAGRAPHS if "septembre" not in item[1]]), "must", "15 septembre 2025"),
        (with_paragraph("opening", "Et non le 1er juin."), "forbidden", "1er juin"),
        (with_paragraph("opening", "Oui, vous êtes éligible."), "forbidden", "oui, vous etes eligible"),
        (made(facts={"nombre_essms": 41, "territoires": ["normandie"]}), "fact", "41"),
        (made(facts={"territoires": ["normandie"]}), "fact", "∅ au lieu de 14"),
        (made(facts={"nombre_essms": 14, "territoires": ["normandie", "corse"]}), "fact", "corse"),
        (made(facts=made()["facts"] | {"voie": "nationale"}), "fact_extra", "nationale"),
        (with_paragraph("opening", "Le forfait est de 25 000 €."), "figure", "25 000 €"),
        (with_paragraph("opening", "La clôture est le 1er octobre 2025."), "figure", "1er octobre 2025"),
        (with_paragraph("sources", "[1] https://ailleurs.example.org/page"), "figure", "ailleurs.example.org"),
        (with_paragraph("courtesy", "Votre dossier sera retenu."), "promise", "votre dossier sera retenu"),
        (made(points_to_check=[]), "points", "seuil | nombre"),
        (made(risk="red"), "risk", "red"),
        (with_paragraph("salutation", "Monsieur le Directeur,"), "salutation", "monsieur"),
        (with_paragraph("missing", "Rien ne manque."), "asked_for", "finess"),
    ],
)  # fmt: skip
def test_each_fault_is_told(reply, name, words):
    found = failing(reply)

    assert words in found[name]


def test_a_draft_of_more_than_a_second_fails():
    assert "latency" in failing(made(), elapsed_ms=1000.5)
    assert "latency" not in failing(made(), elapsed_ms=1000.0)


def test_what_is_asked_for_is_read_in_its_own_paragraph_alone():
    paragraphs = [(role, "Rien." if role == "missing" else text) for role, text in PARAGRAPHS] + [
        ("next_steps", "Le FINESS est utile.")
    ]

    assert "asked_for" in failing(made(paragraphs))


def test_an_excerpt_that_is_not_in_the_corpus_supports_nothing():
    reply = made()
    reply["citations"][0] |= {"excerpt": "La clôture est le 15 septembre 2025, le seuil de 15."}

    assert "15 septembre 2025" in failing(reply)["figure"]


def test_a_figure_of_another_citation_does_not_support_an_answer():
    other = copy.deepcopy(made()["citations"][0]) | {"number": 2, "excerpt": "Autre extrait sans chiffre."}
    reply = made([(role, text.replace("[1]", "[2]")) for role, text in PARAGRAPHS])
    reply["citations"].append(other)

    checks = check_draft(
        Email.model_validate(EMAIL), reply, RECEIVED, CORPUS | {"Autre extrait sans chiffre."}, 1.0
    )

    assert any(check.name == "figure" and not check.held and "15" in check.wanted for check in checks)


def test_the_figures_of_the_applicant_may_be_repeated():
    reply = with_paragraph("opening", "Vous indiquez 812 € de devis.")

    assert "figure" in failing(reply)
    assert "figure" not in failing(reply, received=Received(RECEIVED.text + " Devis : 812 €", RECEIVED.sent))


def test_what_the_sources_or_the_opening_say_is_not_what_the_draft_answers():
    without = [item for item in PARAGRAPHS if "septembre" not in item[1]]
    titled = [*without, ("sources", "[1] Clôture : 15 septembre 2025.")]
    opening = [*without, ("opening", "Vous demandez si c’est le 15 septembre 2025.")]

    assert "must" in failing(made(titled))
    assert "must" in failing(made(opening))
    assert "forbidden" not in failing(made([*PARAGRAPHS, ("sources", "[1] Pas le 1er juin.")]))


def test_the_letter_may_bound_a_month_that_was_written():
    bounded = with_paragraph("opening", "Dépôt : entre le 1er février et le 28 février 2027.")
    said = Received(RECEIVED.text + " Dépôt en février 2027.", RECEIVED.sent)

    assert "figure" in failing(bounded)
    assert "figure" not in failing(bounded, received=said)
    assert "figure" in failing(with_paragraph("opening", "Dépôt le 14 février 2027."), received=said)
    assert "figure" in failing(with_paragraph("answer", "Clôture le 28 février 2027. [1]"), received=said)


def test_the_letter_may_count_the_questions_and_no_others():
    assert "figure" not in failing(
        with_paragraph("opening", "Vos 2 questions sont reprises ; nombre de régions : 1.")
    )
    assert "3 (nombre)" in failing(with_paragraph("opening", "Vos 3 questions sont reprises."))["figure"]
    assert "2 (nombre)" in failing(with_paragraph("opening", "Le programme a 2 guichets."))["figure"]


def test_a_message_given_whole_is_no_question_found():
    everything = "Est-ce assez ? Jusqu’à quand ? "
    twice = [question(everything), question(everything)]
    long = [
        question(everything + "Bla. " * LONGEST_QUESTION),
        question(everything + "Bla. " * LONGEST_QUESTION),
    ]

    assert "question" in failing(made(questions=[question(everything)]))  # one cannot stand for two
    assert "question" not in failing(made(questions=twice))
    assert "question" in failing(made(questions=long))


def expected(what, *cues, optional=False):
    return ExpectedQuestion(what=what, cues=[list(cues)], optional=optional)


def test_as_many_questions_as_can_be_are_matched_each_once():
    wanted = [expected("large", "date", "seuil"), expected("étroite", "date")]

    assert match(wanted, [question("Quelle date ?"), question("Quel seuil ?")]) == {0: 1, 1: 0}
    assert match(wanted, [question("Quelle date ?")]) == {0: 0}
    assert match([expected("x", "date", optional=True), expected("y", "date")], [question("Date ?")]) == {
        1: 0
    }
    assert match([], [question("Date ?")]) == {}


def test_the_words_come_before_what_was_made_to_stand_alone():
    asked = [question("Et ensuite ?", asked="Quel seuil ensuite ?"), question("Quel seuil ?")]

    assert match([expected("seuil", "seuil")], asked) == {0: 1}
    assert match([expected("seuil", "seuil")], asked[:1]) == {0: 0}


def test_an_optional_question_may_be_found_or_not():
    optional = {"what": "météo", "cues": [["meteo"]], "optional": True, "kinds": ["refusal"]}
    email = {"questions": [*EMAIL["questions"], optional]}
    found = [*made()["questions"], question("Et la météo ?", kind="refusal")]

    assert failing(made(), email) == {}
    assert failing(made(questions=found), email) == {}
    found[2]["kind"] = "answer"
    assert "kind" in failing(made(questions=found), email)


@pytest.mark.parametrize(
    ("wanted", "found", "held"),
    [
        (["normandie", "corse"], ["corse", "normandie"], True),
        (["normandie", "corse"], ["corse"], False),
        ([], [], True),
        ([], ["corse"], False),
    ],
)
def test_a_list_of_regions_is_whole(wanted, found, held):
    reply = made(facts={"nombre_essms": 14, "territoires": found})

    assert ("fact" not in failing(reply, {"facts": {"nombre_essms": 14, "territoires": wanted}})) is held


@pytest.mark.parametrize(
    ("wanted", "found", "held"),
    [
        ([12, 16], 16, True),
        ([12, 16], 14, False),
        ([12, None], None, True),
        (None, 3, False),
        (None, None, True),
    ],
)
def test_another_list_is_of_alternatives_and_null_of_nothing(wanted, found, held):
    reply = made(facts={"nombre_essms": found, "territoires": ["normandie"]})

    assert (
        "fact" not in failing(reply, {"facts": {"nombre_essms": wanted, "territoires": ["normandie"]}})
    ) is held


def test_facts_left_free_are_not_judged():
    reply = made(facts={"nombre_essms": 3, "territoires": ["normandie"], "voie": "nationale"})

    assert failing(reply, {"free_facts": ["nombre_essms", "voie"]}) == {}


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        (None, []),
        (24000.0, ["24000"]),
        (1.5, ["1.5"]),
        (False, ["false"]),
        ({"value": "corse", "words": "en Corse"}, ["corse"]),
        ([{"categorie": "ehpad", "nombre": 2}, "ssiad"], ["ehpad", "ssiad"]),
        ({"autre": 1}, []),
    ],
)
def test_the_values_of_a_fact(value, texts):
    assert sorted(stated(value)) == texts


@pytest.mark.parametrize(
    "text",
    [
        "Nous vous garantissons une issue favorable.",
        "Votre dossier sera retenu.",
        "Vos structures seront financées en priorité.",
        "Si vous déposez avant le 15, votre dossier sera retenu.",
        "Nous acceptons votre demande.",
        "Vous obtiendrez l’aide demandée.",
        "Nous vous rappellerons le 12 juin.",
        "Nous reviendrons vers vous.",
        "Un délai supplémentaire vous est accordé.",
        "Nous transmettons votre réclamation.",
        "Nous ne manquerons pas de vous tenir informé.",
        "Le versement est garanti.",
        "Nous vous assurons que le dossier passera.",
        "Nous vous présentons nos excuses.",
        "Rien n’est décidé. Votre projet va être validé.",
    ],
)
def test_a_commitment_is_a_promise(text):
    assert list(find_promises(text))


@pytest.mark.parametrize(
    "text",
    [
        "Nous ne pouvons dire si votre dossier sera retenu.",
        "Vous demandez si votre dossier sera retenu.",
        "Rien ne permet d’affirmer que votre dossier sera retenu.",
        "Si votre dossier est retenu, une convention est signée.",
        "Les candidats écartés sont informés du motif.",
        "L’ARS sélectionne les projets.",
        "Aucune source ne dit que vous obtiendrez cette aide.",
        "Nous restons à votre disposition.",
        "Rien n’est garanti.",
        "Nous vous assurons de notre considération distinguée.",
        "Nous retenons de votre message que 14 ESSMS sont réunis.",
        "Nous vous invitons à transmettre ces éléments.",
    ],
)
def test_what_promises_nothing_is_no_promise(text):
    assert list(find_promises(text)) == []


def written(folder: Path, name: str, *records) -> None:
    (folder / name).mkdir(exist_ok=True)
    for record in records:
        (folder / name / record["file"]).write_text("Bonjour", encoding="utf-8")
    text = yaml.safe_dump([*records], allow_unicode=True)
    (folder / name / "expectations.yaml").write_text(text, encoding="utf-8")


def bench_of(folder):
    return Bench(Subject("product", lambda: Script().ask), lambda: FakeLibrary((EXCERPT,)), folder)


def opened(reply, elapsed_ms=12.0):
    def draft(_path, _entry, _day):
        if isinstance(reply, Exception):
            raise reply
        return Drafted(reply, RECEIVED, elapsed_ms)

    return lambda: draft


def run_of(name, measured):
    header = make_header(
        name, sets=measured.sets, started=datetime.now(UTC),
        corpus="c", model="m", n=len(measured.scores),
    )  # fmt: skip
    return render(Run(header, tuple(measured.scores)))


def test_the_suite_counts_what_each_check_measures(tmp_path):
    written(tmp_path, "emails", EMAIL, EMAIL | {"id": "court-02", "file": "court-02.eml"})
    replies = iter([made(), replaced(0, answer="Oui : 15. [1]")])

    measured = emails.run(
        bench_of(tmp_path), ("emails",), lambda: lambda *_: Drafted(next(replies), RECEIVED, 40.0)
    )
    said = "\n".join(beyond(measured.scores))

    assert [score.passed for score in measured.scores] == [True, False]
    assert measured.scores[1].measures == {"wrong_verdicts": 1, "reading_ms": 0.0}
    lines = {" ".join(line.split())[:60] for line in said.splitlines()}
    assert any(line.startswith("questions trouvées 4 / 4 100,0 %") for line in lines)
    assert any(line.startswith("verdicts 1 / 2 50,0 %") for line in lines)
    assert any(line.startswith("verdicts contraires 1") for line in lines)
    assert "médiane 40 ms, 95e centile 40 ms, maximum 40 ms" in said
    assert "court-02" in run_of("emails", measured)


def test_a_message_that_gives_no_draft_counts_and_stops_no_other(tmp_path):
    written(tmp_path, "emails", EMAIL, EMAIL | {"id": "court-02", "file": "court-02.eml"})

    measured = emails.run(bench_of(tmp_path), ("emails",), opened(RuntimeError("illisible")))

    assert [score.passed for score in measured.scores] == [False, False]
    assert measured.scores[0].reasons[0] == "RuntimeError\u00a0: illisible"
    questions = [check for score in measured.scores for check in score.checks if check.name == "question"]
    assert [check.held for check in questions] == [False] * 4


def test_of_a_set_held_out_nothing_but_counts_is_kept_or_shown(tmp_path):
    written(tmp_path, "emails_held_out", EMAIL)

    measured = emails.run(
        bench_of(tmp_path), ("emails_held_out",), opened(replaced(0, answer="Oui : 15. [1]"))
    )
    score = measured.scores[0]
    kept = str(score.as_row())

    assert score.passed is False
    assert score.held_out
    for word in ("Normandie", "seuil", "assez", "septembre", "ARS", "Directrice"):
        assert word not in kept
    shown = run_of("emails_held_out", measured)
    assert "Échecs\u00a0: 1" in shown
    assert "court-01" not in shown


def test_unknown_keys_and_facts_and_missing_files_are_refused(tmp_path):
    for change, words in (
        ({"couleur": "bleu"}, "couleur"),
        ({"facts": {"age": 3}}, "age"),
        ({"free_facts": ["age"]}, "age"),
        ({"risk": ["orange"]}, "risk"),
        ({"questions": [{"what": "x", "cues": []}]}, "cues"),
        ({"questions": [{"what": "x", "cues": [["/(/"]]}]}, "ne se lit pas"),
        ({"file": "../secret.eml"}, "file"),
    ):
        (tmp_path / "emails").mkdir(exist_ok=True)
        text = yaml.safe_dump([EMAIL | change], allow_unicode=True)
        (tmp_path / "emails" / "expectations.yaml").write_text(text, encoding="utf-8")
        with pytest.raises(CorpusFileError, match=words):
            load_emails("emails", tmp_path)
    text = yaml.safe_dump([EMAIL], allow_unicode=True)
    (tmp_path / "emails" / "expectations.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CorpusFileError, match=r"court-01\.eml est absent"):
        load_emails("emails", tmp_path)


def test_all_that_was_received_may_be_repeated():
    message = Message(
        "Corps", "Objet", Address("Mme Exemple", "exemple@example.org"), to=(Address("", "desk@example.org"),),
        sent=datetime(2025, 6, 3, 8, tzinfo=UTC), attachments=(Attachment("devis.pdf", "application/pdf", 12, "812 €"),),
    )  # fmt: skip

    received = received_of(message)

    assert received.sent == "2025-06-03"
    for words in ("Corps", "Objet", "exemple@example.org", "desk@example.org", "devis.pdf", "812 €"):
        assert words in received.text
    assert received_of(Message("Corps")) == Received("\n\nCorps", "")


def test_every_suite_is_named_wherever_figures_are_published():
    assert set(card._MEANING) == set(measures._SUITES) == set(SUITES)


def test_the_day_of_the_answer_may_be_told():
    reply = with_paragraph("opening", "À la date du 29 avril 2025, rien n’a changé.")

    assert "figure" not in failing(reply)
    assert Email.model_validate(EMAIL).day == date(2025, 4, 29)
