"""Opinions: what is kept, masked, bounded, withdrawn and forgotten; and the masking of a text to be shared."""

from __future__ import annotations

import csv
import io
import json
import multiprocessing
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from lxml import html
from starlette.testclient import TestClient

from assistant import feedback
from assistant.answer import Kind
from assistant.feedback import FeedbackError, FeedbackStore, FullError, Opinion, as_csv, summarise
from assistant.web.app import forget_old_opinions
from assistant.web.pages.feedback import router
from assistant.web.posted import Allowance, PostedError

ROOT = Path(__file__).parents[3]
HERE = "http://testserver"
PRAISE = {"value": "utile", "day": "2025-06-02", "kind": "answer"}
COMPLAINT = {
    "value": "inutile",
    "reasons": ["fausse", "sources_insuffisantes"],
    "comment": "Le seuil a changé.\nÉcrivez-moi à prenom.nom@example.org ou au 01 99 00 12 34.",
    "question": "Nous sommes 14 ESSMS, NIR 2 69 05 49 588 157 80, est-ce assez ?",
    "answer": "Non : 15 au moins. IBAN FR14 2004 1010 0505 0001 3M02 606",
    "day": "2025-06-02",
    "kind": "answer",
}


@pytest.fixture
def kept(tmp_path) -> Path:
    return tmp_path / "feedback"


@pytest.fixture
def client(kept) -> TestClient:
    """Another page than the whole application: the store is in a directory of the test."""
    app = FastAPI()
    app.include_router(router(FeedbackStore(kept)))
    return TestClient(app)


def lines(directory: Path) -> list[dict]:
    return [
        json.loads(line)
        for path in sorted(directory.glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]


def test_an_opinion_is_kept_masked_with_the_day_it_was_received(client, kept):
    response = client.post("/avis", json=COMPLAINT, headers={"Origin": HERE})

    today = datetime.now(UTC).date()
    assert response.status_code == 201
    assert response.json()["message"].startswith("Merci")
    assert [path.name for path in kept.glob("*.jsonl")] == [f"{today:%Y-%m}.jsonl"]
    (line,) = lines(kept)
    assert line == {
        "value": "inutile",
        "reasons": ["fausse", "sources_insuffisantes"],
        "comment": "Le seuil a changé.\nÉcrivez-moi à [adresse électronique masquée] ou au [numéro de téléphone masqué].",
        "question": "Nous sommes 14 ESSMS, NIR [numéro de sécurité sociale masqué], est-ce assez ?",
        "answer": "Non : 15 au moins. IBAN [IBAN masqué]",
        "day": "2025-06-02",
        "kind": "answer",
        "id": response.json()["id"],
        "received": today.isoformat(),
    }
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700


def test_the_question_and_the_answer_are_kept_only_when_they_are_sent(client, kept):
    client.post("/avis", json=PRAISE)

    assert {key: value for key, value in lines(kept)[0].items() if key not in ("id", "received")} == {
        **PRAISE, "reasons": [], "comment": "", "question": "", "answer": "",
    }  # fmt: skip


def test_an_opinion_is_withdrawn_with_its_id_and_no_other(client, kept):
    ids = [client.post("/avis", json={**PRAISE, "comment": str(number)}).json()["id"] for number in range(3)]

    assert len(set(ids)) == 3
    assert client.delete(f"/avis/{ids[1]}").status_code == 200
    assert [line["comment"] for line in lines(kept)] == ["0", "2"]
    assert client.delete(f"/avis/{ids[1]}").status_code == 404
    assert list(kept.glob("*.partial")) == []


@pytest.mark.parametrize(
    "identifier", ["x", "A" * 22, "A" * 23, "..%2F..%2Fetc", "*", "%00", "é" * 22, " ", "A" * 5000]
)
def test_an_unknown_id_withdraws_nothing_and_says_so(client, kept, identifier):
    client.post("/avis", json=PRAISE)

    response = client.delete(f"/avis/{identifier}")

    assert response.status_code == 404
    assert len(lines(kept)) == 1


def test_an_id_withdraws_nothing_before_any_opinion(client, kept):
    assert client.delete(f"/avis/{'A' * 22}").json()["message"].startswith("Cet avis n’existe pas")
    assert not kept.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"value": "bof"}, "« utile » ou « inutile »"),
        ({"value": None}, "« utile » ou « inutile »"),
        ({"value": ["utile"]}, "« utile » ou « inutile »"),
        ({"reasons": ["fausse"]}, "motifs"),
        ({"reasons": ["claire", "claire"]}, "motifs"),
        ({"reasons": ["<script>"]}, "motifs"),
        ({"reasons": "claire"}, "motifs"),
        ({"reasons": [["claire"]]}, "motifs"),
        ({"reasons": None}, "motifs"),
        ({"comment": "x" * 1001}, "1\u00a0000 caractères"),
        ({"comment": 3}, "commentaire"),
        ({"comment": "\ud800"}, "commentaire"),
        ({"question": "x" * 5001}, "5\u00a0000 caractères"),
        ({"answer": "x" * 20_001}, "20\u00a0000 caractères"),
        ({"answer": {"$ne": ""}}, "réponse jointe"),
        ({"day": "02/06/2025"}, "AAAA-MM-JJ"),
        ({"day": "2025-02-30"}, "AAAA-MM-JJ"),
        ({"day": "2025-06-02T00:00:00"}, "AAAA-MM-JJ"),
        ({"day": 20250602}, "AAAA-MM-JJ"),
        ({"day": "٢٠٢٥-٠٦-٠٢"}, "AAAA-MM-JJ"),
        ({"kind": "verdict"}, "clarification"),
        ({"id": "A" * 22}, "seuls champs"),
        ({"received": "1999-01-01"}, "seuls champs"),
        ({"name": "Quelqu’un"}, "seuls champs"),
    ],
)
def test_what_is_no_opinion_is_refused_in_french_and_not_kept(client, kept, change, said):
    body = json.dumps({**PRAISE, **change})

    response = client.post("/avis", content=body, headers={"Content-Type": "application/json"})

    assert response.status_code == 422
    assert list(response.json()) == ["message"]
    assert said in response.json()["message"]
    assert not kept.exists()


@pytest.mark.parametrize("missing", ["value", "day", "kind"])
def test_a_field_that_is_missing_is_named(client, missing):
    response = client.post("/avis", json={key: value for key, value in PRAISE.items() if key != missing})

    assert response.status_code == 422
    assert f"« {missing} »" in response.json()["message"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe\x00", b"[" * 60_000, b"1" * 60_000, b"utile", b'{"value": NaN']
)
def test_what_is_no_json_is_refused(client, kept, body):
    response = client.post("/avis", content=body, headers={"Content-Type": "application/json"})

    assert response.status_code in (400, 422)
    assert re.search("JSON", response.json()["message"])
    assert not kept.exists()


@pytest.mark.parametrize("body", [b"[]", b"null", b'"utile"', b"3", b"true", b"NaN"])
def test_json_that_is_no_object_is_refused(client, body):
    response = client.post("/avis", content=body, headers={"Content-Type": "application/json"})

    assert response.status_code == 422
    assert "objet JSON" in response.json()["message"]


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp", ""],
)
def test_a_form_of_another_page_cannot_pass_for_json(client, kind):
    response = client.post("/avis", content=json.dumps(PRAISE), headers={"Content-Type": kind})

    assert response.status_code == 400


def test_a_body_over_the_limit_is_refused(client, kept):
    padded = json.dumps(PRAISE).encode() + b" " * 64_000

    response = client.post("/avis", content=padded, headers={"Content-Type": "application/json"})

    assert response.status_code == 413
    assert "64\u00a0ko" in response.json()["message"]
    assert not kept.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://autre.example.org"},
        {"Origin": "null"},
        {"Origin": "http://testserver.example.org"},
        {"Origin": "http://testserver:81"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": HERE},
        {"Sec-Fetch-Site": "<script>"},
    ],
)
def test_another_site_cannot_post_nor_withdraw(client, kept, headers):
    identifier = client.post("/avis", json=PRAISE).json()["id"]

    refused = [
        client.post("/avis", json=PRAISE, headers=headers),
        client.post("/masquer", json={"text": "x"}, headers=headers),
        client.delete(f"/avis/{identifier}", headers=headers),
    ]

    assert [response.status_code for response in refused] == [403, 403, 403]
    assert "autre site" in refused[0].json()["message"]
    assert len(lines(kept)) == 1


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": HERE}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}]
)
def test_this_site_can(client, headers):
    assert client.post("/avis", json=PRAISE, headers=headers).status_code == 201


def sender(kept: Path) -> Callable[[str], TestClient]:
    """Return what gives the client of an address; all of them reach one application."""
    app = FastAPI()
    app.include_router(router(FeedbackStore(kept)))
    return lambda address: TestClient(app, client=(address, 50_000))


def test_twenty_opinions_a_minute_and_no_more(client, kept):
    statuses = [client.post("/avis", json=PRAISE).status_code for _ in range(22)]

    assert statuses == [201] * 20 + [429] * 2
    refused = client.post("/avis", json=PRAISE).json()["message"]
    assert "dans une minute" in refused
    assert len(lines(kept)) == 20


def test_who_may_give_no_more_opinions_may_still_withdraw_one(client, kept):
    ids = [client.post("/avis", json=PRAISE).json().get("id") for _ in range(21)]

    assert ids[20] is None
    assert client.delete(f"/avis/{ids[0]}").status_code == 200
    statuses = [client.delete(f"/avis/{'A' * 22}").status_code for _ in range(20)]
    assert statuses == [404] * 19 + [429]


def test_what_is_refused_is_not_counted_as_an_opinion(client, kept):
    malformed = [client.post("/avis", json={}).status_code for _ in range(25)]
    unreadable = [client.post("/avis", content=b"{").status_code for _ in range(25)]

    assert (set(malformed), set(unreadable)) == ({422}, {400})
    assert client.post("/avis", json=PRAISE).status_code == 201


def test_what_is_no_text_is_not_counted_as_a_masking(client):
    assert {client.post("/masquer", json={}).status_code for _ in range(150)} == {422}
    assert client.post("/masquer", json={"text": "x"}).status_code == 200


def test_a_sender_who_exhausts_an_allowance_leaves_the_others_theirs(kept):
    client = sender(kept)
    flood, other = client("192.0.2.1"), client("192.0.2.2")

    assert [flood.post("/avis", json=PRAISE).status_code for _ in range(21)][-1] == 429
    assert [flood.delete(f"/avis/{'A' * 22}").status_code for _ in range(21)][-1] == 429
    assert [flood.post("/masquer", json={"text": "x"}).status_code for _ in range(121)][-1] == 429

    given = other.post("/avis", json=PRAISE)
    assert given.status_code == 201
    assert other.delete(f"/avis/{given.json()['id']}").status_code == 200
    assert other.post("/masquer", json={"text": "x"}).status_code == 200


def test_all_senders_together_have_an_allowance_too(kept):
    client = sender(kept)
    statuses = [client(f"192.0.2.{number}").post("/avis", json=PRAISE).status_code for number in range(101)]

    assert statuses == [201] * 100 + [429]


def test_the_allowance_comes_back_as_time_passes():
    now = [0.0]
    allowance = Allowance(2, 9, 60, lambda: now[0])
    allowance.take("a")
    now[0] = 30
    allowance.take("a")
    now[0] = 59.9
    with pytest.raises(PostedError, match="dans une minute"):
        allowance.take("a")
    now[0] = 60
    allowance.take("a")
    with pytest.raises(PostedError):
        allowance.take("a")


def test_an_allowance_is_counted_by_sender_and_in_total():
    now = [0.0]
    allowance = Allowance(2, 3, 60, lambda: now[0])
    for name in ("a", "a"):
        allowance.take(name)
    for _ in range(5):
        with pytest.raises(PostedError):
            allowance.take("a")
    allowance.take("b")
    with pytest.raises(PostedError):
        allowance.take("c")
    now[0] = 60
    allowance.take("c")


def test_no_more_is_kept_once_there_is_no_room(client, kept, monkeypatch):
    client.post("/avis", json=PRAISE)
    size = sum(path.stat().st_size for path in kept.glob("*.jsonl"))
    monkeypatch.setattr(feedback, "MAX_BYTES", size + 10)

    response = client.post("/avis", json=PRAISE)

    assert response.status_code == 503
    assert "plein" in response.json()["message"]
    assert len(lines(kept)) == 1


def test_a_directory_that_cannot_be_written_is_said_without_a_trace(tmp_path):
    (tmp_path / "feedback").write_text("a file where the directory should be", encoding="utf-8")
    app = FastAPI()
    app.include_router(router(FeedbackStore(tmp_path / "feedback")))

    response = TestClient(app).post("/avis", json=PRAISE)

    assert response.status_code == 503
    assert response.json()["message"] == "Votre avis n’a pas pu être enregistré. Réessayez plus tard."


def test_what_a_terminal_or_a_line_of_json_would_obey_is_taken_out(kept):
    store = FeedbackStore(kept)
    store.add(Opinion(**PRAISE, comment="\x1b[31mrouge\x07\u2028suite\u202einversé\r\nfin\x00 "))

    (line,) = (kept / f"{datetime.now(UTC):%Y-%m}.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["comment"] == "[31mrouge  suite inversé\nfin"


def opinion(day: date, directory: Path, comment: str = "") -> None:
    FeedbackStore(directory, lambda: day).add(Opinion(**PRAISE, comment=comment))


def append(directory: Path, day: date) -> None:
    """Write a line as it was on its day; an opinion that is added would have the older ones forgotten."""
    line = {**PRAISE, "comment": day.isoformat(), "id": "A" * 22, "received": day.isoformat()}
    with (directory / f"{day:%Y-%m}.jsonl").open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(line) + "\n")


def test_what_is_older_than_twelve_months_is_forgotten_to_the_day(kept):
    kept.mkdir()
    for day in (date(2025, 3, 31), date(2025, 6, 2), date(2025, 6, 3), date(2026, 6, 2)):
        append(kept, day)

    FeedbackStore(kept, lambda: date(2026, 6, 3)).purge()

    assert [line["comment"] for line in lines(kept)] == ["2025-06-03", "2026-06-02"]
    assert not (kept / "2025-03.jsonl").exists()


def test_an_opinion_that_arrives_makes_a_server_that_never_restarts_forget(kept):
    today = [date(2025, 6, 1)]
    store = FeedbackStore(kept, lambda: today[0])
    store.add(Opinion(**PRAISE, comment="ancien"))
    today[0] = date(2026, 6, 2)
    store.add(Opinion(**PRAISE, comment="nouveau"))

    assert [line["comment"] for line in lines(kept)] == ["nouveau"]


def test_old_opinions_that_cannot_be_forgotten_do_not_refuse_a_new_one(kept, monkeypatch, caplog):
    today = [date(2026, 6, 2)]
    kept.mkdir()
    append(kept, date(2020, 1, 1))
    app = FastAPI()
    app.include_router(router(FeedbackStore(kept, lambda: today[0])))
    client = TestClient(app)

    with monkeypatch.context() as broken:
        broken.setattr(Path, "unlink", lambda *_: (_ for _ in ()).throw(PermissionError(13, "Permission denied")))
        response = client.post("/avis", json=PRAISE)

    assert response.status_code == 201
    assert [line["received"] for line in lines(kept)] == ["2020-01-01", "2026-06-02"]
    assert "ne peuvent être supprimés" in caplog.text, "the administrator is told"

    client.post("/avis", json=PRAISE)
    assert [line["received"] for line in lines(kept)] == ["2026-06-02"] * 2, "forgotten as soon as it can be"


@pytest.mark.parametrize("method", ["is_dir", "mkdir", "open", "stat", "glob", "read_bytes"])
def test_what_a_visitor_is_told_of_a_failing_disk_holds_no_path(client, kept, monkeypatch, method):
    identifier = client.post("/avis", json=PRAISE).json()["id"]

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(kept))

    monkeypatch.setattr(Path, method, refuse)
    responses = [client.post("/avis", json=PRAISE), client.delete(f"/avis/{identifier}")]

    for response in responses:
        assert response.status_code in (200, 201, 503)
        assert str(kept) not in response.text
        assert "Permission" not in response.text


def test_opinions_are_kept_where_files_have_no_locks(tmp_path):
    script = (
        "import sys; sys.modules['fcntl'] = None\n"
        "import assistant.web.pages.feedback\n"
        "from assistant.feedback import FeedbackStore, Opinion\n"
        "store = FeedbackStore()\n"
        "name = store.add(Opinion(value='utile', day='2025-06-02', kind='answer'))\n"
        "print(len(store.read()), store.withdraw(name), len(store.read()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT, env={**os.environ, "ASSISTANT_VAR": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.stdout, done.stderr) == ("1 True 0\n", "")


def test_the_last_of_february_is_a_day_as_another(kept):
    opinion(date(2027, 2, 28), kept)

    FeedbackStore(kept, lambda: date(2028, 2, 29)).purge()

    assert len(lines(kept)) == 1


def test_the_server_forgets_when_it_starts_and_starts_all_the_same(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ASSISTANT_VAR", str(tmp_path))
    opinion(date(2020, 1, 1), tmp_path / "feedback")
    forget_old_opinions()
    assert list((tmp_path / "feedback").glob("*.jsonl")) == []

    def refuse(*_: object) -> None:
        raise FeedbackError("Les avis ne peuvent être supprimés.")

    monkeypatch.setattr(FeedbackStore, "purge", refuse)
    forget_old_opinions()
    assert capsys.readouterr().err == "Les avis ne peuvent être supprimés.\n"


def test_a_line_cut_by_a_crash_spoils_no_other(kept):
    opinion(date(2026, 6, 1), kept, "avant")
    path = kept / "2026-06.jsonl"
    with path.open("ab") as stream:
        stream.write(b'{"value": "util')
    opinion(date(2026, 6, 2), kept, "apr\u00e8s")

    store = FeedbackStore(kept, lambda: date(2026, 6, 3))
    assert [one.comment for one in store.read()] == ["avant", "après"]
    assert store.withdraw(store.read()[1].id)
    assert [one.comment for one in store.read()] == ["avant"]


def add_many(directory: Path) -> None:
    store = FeedbackStore(directory)
    with ThreadPoolExecutor(4) as pool:
        list(
            pool.map(lambda number: store.add(Opinion(**PRAISE, comment="x" * 900 + str(number))), range(20))
        )


def test_opinions_that_arrive_together_in_several_processes_are_all_whole(kept):
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=add_many, args=(kept,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)

    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert len({one.id for one in FeedbackStore(kept).read()}) == 60
    assert len(lines(kept)) == 60


def test_the_dialog_of_the_chat_offers_the_reasons_and_the_lengths_that_are_kept(server):
    page = html.fromstring(httpx.get(server.url).text)
    offered = {
        some.get("data-value"): {
            box.get("value"): " ".join(page.xpath(f"//label[@for='{box.get('id')}']")[0].text_content().split())
            for box in some.iter("input")
        }
        for some in page.xpath("//*[@id='opinion-form']//fieldset")
    }

    assert offered == feedback.REASONS
    assert len(page.xpath("//*[@id='opinion-form']//fieldset[@hidden]")) == 2
    comment, attach = page.get_element_by_id("opinion-comment"), page.get_element_by_id("opinion-attach")
    assert int(comment.get("maxlength")) == feedback.MAX_COMMENT
    assert int(attach.get("data-max-question")) == feedback.MAX_QUESTION
    assert int(attach.get("data-max-answer")) == feedback.MAX_ANSWER
    assert "1\u00a0000 caractères" in page.xpath("//label[@for='opinion-comment']")[0].text_content()


@pytest.fixture
def some(kept) -> list:
    opinion(date(2026, 6, 1), kept, "Très clair.")
    store = FeedbackStore(kept, lambda: date(2026, 6, 2))
    store.add(Opinion(**{**COMPLAINT, "comment": '=HYPERLINK("https://example.org")'}))
    store.add(Opinion(**{**COMPLAINT, "comment": "", "question": "", "answer": "", "reasons": ["fausse"]}))
    return store.read()


def test_the_summary_counts_values_and_reasons_and_shows_the_comments(some):
    text = summarise(some)

    assert text.startswith("Avis reçus\u00a0: 3, du 1er juin 2026 au 2 juin 2026.")
    assert "Utile\u00a0: 1" in text
    assert "Inutile\u00a0: 2" in text
    assert "Réponse fausse ou périmée\u00a0: 2" in text
    assert "Sources manquantes ou insuffisantes\u00a0: 1" in text
    assert text.index("HYPERLINK") < text.index("Très clair."), "the latest first"
    assert summarise([]) == "Aucun avis n’a été reçu."


def test_the_table_has_a_row_an_opinion_and_no_formula(some):
    rows = list(csv.DictReader(as_csv(some).splitlines(), delimiter=";"))

    assert len(rows) == 3
    assert rows[1]["commentaire"].startswith("'=HYPERLINK")
    assert rows[1]["motifs"] == "Réponse fausse ou périmée, Sources manquantes ou insuffisantes"
    assert rows[1]["jour"] == "2025-06-02"
    assert rows[0]["recu"] == "2026-06-01"
    assert not any(one.id in as_csv(some) for one in some), "an id allows removal: it is not passed around"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦", "﹢", "﹣", "﹫", "−"])
@pytest.mark.parametrize(
    "before", ["", " ", "\ufeff", "\u200b", "\u2060", "\u00ad", "\u200e\u200b ", "\t", "\r\n", "\u00a0", "\u3164", "\u2800", "\ufe0f", "\U000e0020"]
)  # fmt: skip
def test_no_cell_passes_for_a_formula_behind_what_cannot_be_seen(before, sign):
    one = feedback.Kept(
        **PRAISE, id="A" * 22, received="2026-06-02", comment=f"{before}{sign}1+1", question="1 = 1"
    )

    _, row = csv.reader(io.StringIO(as_csv([one])), delimiter=";")

    assert row[5] == f"'{sign}1+1"
    assert row[6] == "1 = 1"


@pytest.mark.parametrize("text", ["", "\u200b", "C’est clair.", "15 + 3", "é = e", "« = »", "a\n=1"])
def test_a_cell_that_is_no_formula_reads_as_it_was_written(text):
    one = feedback.Kept(**PRAISE, id="A" * 22, received="2026-06-02", comment=text)

    _, row = csv.reader(io.StringIO(as_csv([one])), delimiter=";")

    assert row[5] == text.strip("\u200b")


def command(*arguments: str, var: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "assistant", "feedback", *arguments],
        cwd=ROOT, env={**os.environ, "ASSISTANT_VAR": str(var)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_command_prints_the_summary_or_the_table(some, tmp_path):
    assert command(var=tmp_path).stdout == summarise(some) + "\n"
    assert command("--csv", var=tmp_path).stdout == as_csv(some)
    nothing = command(var=tmp_path / "vide")
    assert (nothing.returncode, nothing.stdout) == (0, "Aucun avis n’a été reçu.\n")


def test_a_store_that_cannot_be_read_is_said(kept):
    (kept / "2026-06.jsonl").mkdir(parents=True)

    with pytest.raises(FeedbackError, match="ne peuvent être lus"):
        FeedbackStore(kept).read()


def test_full_is_a_feedback_error_of_its_own(kept, monkeypatch):
    monkeypatch.setattr(feedback, "MAX_BYTES", 10)

    with pytest.raises(FullError):
        FeedbackStore(kept).add(Opinion(value="utile", day=date(2025, 6, 2), kind=Kind.ANSWER))


def test_a_text_is_masked_before_it_is_shared(client):
    response = client.post(
        "/masquer", json={"text": "Je suis prenom@example.org. Et 01 99 00 12 34 ou 01 99 00 56 78 ?"}
    )

    assert response.status_code == 200
    assert response.json() == {
        "text": "Je suis [adresse électronique masquée]. Et [numéro de téléphone masqué] ou [numéro de téléphone masqué] ?",
        "found": ["adresse électronique", "numéro de téléphone"],
    }


@pytest.mark.parametrize(
    "text", ["", "15 ESSMS en 2025", "<script>alert(1)</script>", "é" * 20_000, "a\u0000b"]
)
def test_a_text_without_anything_personal_comes_back_as_it_was(client, text):
    assert client.post("/masquer", json={"text": text}).json() == {"text": text, "found": []}


def test_half_a_character_is_replaced(client):
    response = client.post(
        "/masquer", content=b'{"text": "a\\ud800"}', headers={"Content-Type": "application/json"}
    )

    assert response.json() == {"text": "a?", "found": []}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": None},
        {"text": 3},
        {"text": ["x"]},
        {"text": "x" * 20_001},
        {"text": "", "path": "/"},
        [],
    ],
)
def test_what_is_no_text_is_refused(client, body):
    response = client.post("/masquer", json=body)

    assert response.status_code == 422
    assert "20\u00a0000 caractères" in response.json()["message"]


def test_the_whole_application_keeps_opinions_behind_its_headers(server, tmp_path, monkeypatch):
    monkeypatch.setenv("ASSISTANT_VAR", str(tmp_path))

    given = httpx.post(server.url + "avis", json=PRAISE)
    stored = lines(tmp_path / "feedback")
    gone = httpx.delete(f"{server.url}avis/{given.json()['id']}")

    assert (given.status_code, gone.status_code) == (201, 200)
    assert [line["id"] for line in stored] == [given.json()["id"]]
    assert lines(tmp_path / "feedback") == []
    assert "default-src 'none'" in given.headers["content-security-policy"]
    assert given.headers["cache-control"] == "no-store"
    assert httpx.post(server.url + "masquer", json={"text": "x"}).json() == {"text": "x", "found": []}
    assert httpx.post(server.url + "avis", content=b" " * 2_000_001).status_code == 413
