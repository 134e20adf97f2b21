"""The two sets of e-mails: each record has its file, each file its record, and they are as varied as they claim."""

from __future__ import annotations

import re
from collections import Counter
from email import policy
from email.parser import BytesParser

import pytest

from evals.email_records import EXPECTATIONS, load_emails
from evals.scoring import HELD_OUT, SETS, normalise

NAMES = ("emails", "emails_held_out")
_RESERVED = re.compile(r"[@.]example\.(?:org|net)$")
SMALLEST = {"emails": 60, "emails_held_out": 30}


@pytest.fixture(scope="module", params=NAMES)
def named(request):
    return request.param, load_emails(request.param)


def test_each_record_has_its_file_and_each_file_its_record(named):
    name, emails = named
    files = {path.name for path in (SETS / name).iterdir()} - {EXPECTATIONS}

    assert {email.file for email in emails} == files
    places = Counter((email.file, email.entry or 1) for email in emails)
    assert not [place for place, count in places.items() if count > 1]
    assert len({email.id for email in emails}) == len(emails)


def test_there_are_enough_of_them_and_of_their_questions(named):
    name, emails = named
    questions = [question for email in emails for question in email.questions if not question.optional]

    assert len(emails) >= SMALLEST[name]
    assert len(questions) >= SMALLEST[name]
    assert sum(question.implicit for question in questions) >= len(questions) // 10
    assert all(question.must or question.verdict or "refusal" in question.kinds or "abstention" in question.kinds for question in questions)  # fmt: skip


def test_the_days_are_of_several_years(named):
    _, emails = named
    years = Counter(email.day.year for email in emails)

    assert set(years) == {2024, 2025, 2026, 2027}


def test_the_set_to_work_on_covers_what_applicants_send():
    emails = load_emails("emails")
    types = {email.type for email in emails}
    suffixes = Counter(email.file.rsplit(".", 1)[-1] for email in emails)

    assert {
        "court", "long", "colere", "plainte", "confus", "plusieurs", "implicite", "transfert", "historique", "langue",
        "piece", "html", "encodage", "signature", "sans-question", "hors-champ", "prevision", "faveur", "donnees",
        "attaque", "premisse", "contradiction", "passe", "regle", "inconnu", "manque", "lot", "texte",
    } <= types  # fmt: skip
    assert {"eml", "txt", "docx", "mbox"} <= set(suffixes)
    assert max(len(email.questions) for email in emails) >= 8
    assert sum(not email.questions for email in emails) >= 3
    verdicts = Counter(
        verdict for email in emails for question in email.questions for verdict in question.verdict
    )
    assert min(verdicts[name] for name in ("oui", "non", "indetermine")) >= 4
    assert {level for email in emails for level in email.risk} == {"green", "amber", "red"}
    assert sum(email.risk == ("red",) for email in emails) >= 8


def words_of(path):
    if path.suffix != ".eml":
        return 0
    message = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
    body = message.get_body(("plain", "html"))
    try:
        return len(body.get_content().split()) if body else 0
    except (LookupError, AttributeError):
        return 0


def test_some_are_long_and_many_are_short():
    lengths = [words_of(SETS / "emails" / email.file) for email in load_emails("emails")]

    assert sum(length >= 500 for length in lengths) >= 2
    assert sum(0 < length <= 25 for length in lengths) >= 8


def test_only_addresses_reserved_for_examples_are_used():
    for name in NAMES:
        for path in (SETS / name).glob("*.eml"):
            header = BytesParser(policy=policy.compat32).parsebytes(path.read_bytes(), headersonly=True)
            for field in ("From", "To", "Reply-To", "Cc"):
                for address in str(header.get(field) or "").replace(">", " ").replace("<", " ").split():
                    if "@" in address:
                        assert _RESERVED.search(address.rstrip(",;")), (path.name, address)


def test_the_two_sets_share_no_message():
    texts = {name: {normalise((SETS / name / email.file).read_bytes().decode("utf-8", "replace")) for email in load_emails(name)} for name in NAMES}  # fmt: skip

    assert not texts["emails"] & texts["emails_held_out"]
    assert "emails_held_out" in HELD_OUT
    assert "emails" not in HELD_OUT
