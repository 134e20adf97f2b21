"""The calls of the desk's scripts: what they change, what they refuse, in French JSON with the right status."""

from __future__ import annotations

import email
import io
import json
import logging
import threading
import zipfile

import pytest
from desk_samples import AMBER

from assistant.errors import LockedError
from assistant.storage.views import Status
from assistant.web.agents.api import MAX_FILE_BYTES, MAX_FILES, base_name

API = "/agents/api/demandes"
MAIL = (
    "From: Direction <direction@ehpad.example.org>\r\nSubject: Seuil {n}\r\nMessage-ID: <{n}@example.org>\r\n"
    "Date: Mon, 2 Mar 2026 09:00:00 +0100\r\n\r\nBonjour,\r\n\r\nNous sommes 12 ESSMS en Bretagne. Quel est le seuil ?\r\n"
)


def mail(n: object) -> bytes:
    return MAIL.format(n=n).encode()


def post(client, path: str, **fields: object):
    return client.post(f"{API}/{path}", json=fields)


def sent(client, *files: tuple[str, bytes]):
    return client.post(API, files=[("fichiers", (name, content)) for name, content in files])


# Taking in


def test_a_message_pasted_becomes_a_request_once(agent):
    text = "De : direction@ehpad.example.org\nObjet : Collé\n\nBonjour, quel est le seuil en nombre d’ESSMS ?"
    first, again = agent.post(API, json={"text": text}), agent.post(API, json={"text": text})
    one = first.json()["received"][0]

    assert (first.status_code, one["outcome"]) == (201, "nouvelle")
    assert (again.status_code, again.json()["received"][0]["outcome"]) == (200, "deja_recue")
    assert again.json()["received"][0]["id"] == one["id"]
    assert one["address"] == f"/agents/?demande={one['id']}"
    whole = agent.get(f"{API}/{one['id']}").json()
    assert whole["message"]["subject"] == "Collé"
    assert whole["draft"]["version"] == 1
    assert whole["status"] == "a_traiter"


def test_each_file_is_reported_and_none_stops_the_others(agent):
    known = mail("connu")
    assert sent(agent, ("connu.eml", known)).status_code == 201
    response = sent(
        agent,
        ("nouveau.eml", mail("nouveau")),
        ("connu.eml", known),
        ("vide.eml", b""),
        ("image.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 99),
        ("trop.eml", b"x" * (MAX_FILE_BYTES + 1)),
        ("boite.mbox", b"From a@example.org Mon Mar  2 09:00:00 2026\n" + mail("dans la boite").replace(b"\r\n", b"\n")),
    )  # fmt: skip
    received = response.json()["received"]

    assert response.status_code == 201
    assert [one["outcome"] for one in received] == ["nouvelle", "deja_recue", *["probleme"] * 3, "nouvelle"]
    assert "25\u00a0Mo" in received[4]["problem"]
    assert all(one["problem"] for one in received[2:5])
    assert response.json()["message"] == "2 nouvelles demandes, 1 déjà reçue, 3 messages non repris."


def test_a_file_alone_that_is_none_is_refused_with_why(agent):
    response = sent(agent, ("vide.eml", b""))

    assert response.status_code == 422
    assert response.json()["message"] == response.json()["received"][0]["problem"]


def test_too_many_files_are_refused_with_how_many_may_come(agent):
    response = sent(agent, *[(f"{n}.eml", b"x") for n in range(MAX_FILES + 1)])

    assert response.status_code == 422
    assert "200 au plus" in response.json()["message"]


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"", "multipart/form-data; boundary=x", 422),
        (b"--y", "multipart/form-data", 422),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x", 422),
        (b"a=b", "application/x-www-form-urlencoded", 422),
        (b"nope", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"[]", "application/json", 422),
        (b'{"text": 3}', "application/json", 422),
        (b'{"text": ""}', "application/json", 422),
        (b'{"text": "\\ud800"}', "application/json", (201, 200, 422)),
        (b'{"text": "' + b"x" * 1_600_000 + b'"}', "application/json", 413),
    ],
)
def test_what_is_no_message_is_refused_in_words(agent, content, kind, status):
    response = agent.post(API, content=content, headers={"Content-Type": kind})

    assert response.status_code in (status if isinstance(status, tuple) else (status,))
    assert response.json()["message"]


def test_a_body_too_large_is_refused_announced_or_not(agent, nobody):
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    announced = agent.post(API, headers=headers | {"Content-Length": "200000000"}, content=b"")
    elsewhere = post(agent, "1/note", text="x" * 2_100_000)

    def stream():
        yield b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.eml"\r\n\r\n'
        for _ in range(101):
            yield b"x" * 1_000_000

    grown = agent.post(API, headers=headers, content=stream())
    for response in (announced, elsewhere, grown):
        assert response.status_code == 413
        assert "trop volumineuse" in response.json()["message"]
    assert nobody.post(API, headers=headers | {"Content-Length": "200000000"}, content=b"").status_code == 401


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\message.eml", "message.eml"),
        ("a\x00b\n.eml", "ab.eml"),
        ("..", ""),
        ("", ""),
        (None, ""),
        ("x" * 300 + ".eml", "x" * 100 + ".eml"),
        ("\ud800.eml", "?.eml"),
    ],
)
def test_a_name_leads_nowhere(name, kept):
    assert base_name(name) == kept


def test_a_name_with_a_path_is_only_a_label(agent, tmp_path):
    response = sent(agent, ("../../../../tmp/hors.mbox", b"From x"), ("/etc/cron.d/x.eml", mail("chemin")))
    labels = [one["label"] for one in response.json()["received"]]

    assert all("/" not in label.split(",")[0] and ".." not in label for label in labels)


def test_what_breaks_on_one_file_is_said_of_it_and_logs_no_word_of_it(desk, agent, monkeypatch, caplog):
    real = desk.service.receive

    def receive(raw: bytes, name: str, by: object):
        if b"panne" in raw:
            raise RuntimeError(raw.decode())
        return real(raw, name, by)

    monkeypatch.setattr(desk.service, "receive", receive)
    with caplog.at_level(logging.INFO):
        response = sent(agent, ("a.eml", mail("panne secrète")), ("b.eml", mail("suite")))
    outcomes = [one["outcome"] for one in response.json()["received"]]

    assert outcomes == ["probleme", "nouvelle"]
    assert "RuntimeError" in caplog.text
    assert "Bretagne" not in caplog.text
    assert "secrète" not in caplog.text + response.text


# The inbox


def test_the_inbox_is_filtered_searched_and_sorted(desk, agent, add):
    desk.clock.move(minutes=1)
    red = add("Très particulier : une menace.", risk=AMBER["risk"], points=AMBER["points"])
    post(agent, f"{red}/attribution", assignee="moi")
    rows = agent.get(
        API, params={"q": "TRES particulier", "assignee": "moi", "risk": "amber", "status": "a_traiter"}
    )

    assert [row["id"] for row in rows.json()["rows"]] == [red]
    assert rows.json()["totals"]["a_traiter"] == 1
    assert rows.json()["rows"][0]["assignee"]["name"] == "Agent un"
    assert agent.get(API, params={"q": "particulier", "assignee": "aucune"}).json()["total"] == 0
    mine = desk.people["agent.un"].id
    assert agent.get(API, params={"assignee": str(mine), "q": "particulier"}).json()["total"] == 1
    assert agent.get(API, params={"order": "ancien", "page": "9"}).json()["rows"][-1]["id"] >= 1


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"status": "fini"}, "a_traiter, a_verifier, pret, envoye"),
        ({"risk": "bleu"}, "green, amber, red"),
        ({"theme": "x' OR '1'='1"}, "theme"),
        ({"order": "hasard"}, "recent, ancien, risque"),
        ({"assignee": "1; DROP TABLE requests"}, "moi, aucune"),
        ({"assignee": "٣"}, "moi, aucune"),
        ({"page": "0"}, "à partir de 1"),
        ({"page": "-1"}, "à partir de 1"),
        ({"page": "9" * 40}, "à partir de 1"),
        ({"q": "x" * 301}, "300"),
        ({"statut": "pret"}, "statut"),
    ],
)
def test_a_filter_that_means_nothing_is_refused_with_what_is_expected(agent, query, told):
    response = agent.get(API, params=query)

    assert response.status_code == 422
    assert told in response.json()["message"]


@pytest.mark.parametrize("words", ["%", "_", "'", '"', "\\", "x' OR 1=1 --", "\x00", "a" * 300])
def test_a_search_is_only_words(agent, words):
    assert agent.get(API, params={"q": words}).status_code == 200


@pytest.mark.parametrize(
    "identifier", ["999999", "0", "-1", "1 OR 1=1", "1'", "1e3", "٣", "9" * 30, "x", "1%00"]
)
@pytest.mark.parametrize(
    "path", ["", "/brouillon", "/etat", "/points/x", "/attribution", "/note", "/presence"]
)
def test_a_request_that_does_not_exist_is_said(agent, identifier, path):
    fields = {"text": "x", "version": 1, "status": "pret", "checked": True, "assignee": None}
    address = f"{API}/{identifier}{path}"
    response = agent.post(address, json=fields) if path else agent.get(address)

    assert response.status_code == 404
    assert "n’existe pas" in response.json()["message"]


# Changing


def test_a_draft_is_saved_and_whoever_saves_over_it_is_given_the_one_there_is(agent, other, add):
    number = add()
    saved = post(agent, f"{number}/brouillon", text="Texte de l’un.", version=1)
    late = post(other, f"{number}/brouillon", text="Texte de l’autre.", version=1)
    again = post(other, f"{number}/brouillon", text="Les deux.", version=late.json()["draft"]["version"])

    assert (saved.status_code, saved.json()["draft"]["version"]) == (200, 2)
    assert late.status_code == 409
    assert late.json()["draft"]["text"] == "Texte de l’un."
    assert late.json()["draft"]["by"]["name"] == "Agent un"
    assert "Agent un" in late.json()["message"]
    kept = [
        one for one in agent.get(f"{API}/{number}").json()["revisions"] if one["id"] == late.json()["kept"]
    ]
    assert kept[0]["text"] == "Texte de l’autre."
    assert (again.status_code, again.json()["draft"]["by"]["name"]) == (200, "Agent deux")


def test_two_saves_at_once_lose_nothing(agent, other, add):
    number = add()
    answers = []

    def save(client, text: str) -> None:
        answers.append(post(client, f"{number}/brouillon", text=text, version=1))

    threads = [threading.Thread(target=save, args=pair) for pair in ((agent, "Un."), (other, "Deux."))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    texts = {one["text"] for one in agent.get(f"{API}/{number}").json()["revisions"]}

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert texts >= {"Un.", "Deux."}


def test_an_amber_draft_is_validated_once_its_points_are_ticked_and_that_is_undone(agent, add):
    number = add(**AMBER)
    refused = post(agent, f"{number}/etat", status="pret")
    for key in ("source", "annee"):
        assert post(agent, f"{number}/points/{key}", checked=True).status_code == 200
    ready = post(agent, f"{number}/etat", status="pret", version=1)
    undone = post(agent, f"{number}/etat", undo=True)

    assert refused.status_code == 409
    assert [point["key"] for point in refused.json()["points"]] == ["source", "annee"]
    assert "2 points restent" in refused.json()["message"]
    assert (ready.status_code, ready.json()["status"]) == (200, Status.READY.value)
    assert undone.json()["status"] == "a_traiter"
    assert post(agent, f"{number}/points/inconnu", checked=True).status_code == 404
    stale = post(agent, f"{number}/etat", status="a_verifier", version=9)
    assert (stale.status_code, stale.json()["draft"]["version"]) == (409, 1)


def test_a_request_is_given_to_somebody_and_colleagues_see_each_other(desk, agent, other, add):
    number, second = add(), desk.people["agent.deux"].id
    given = post(agent, f"{number}/attribution", assignee=second)
    alone = post(agent, f"{number}/presence")
    together = post(other, f"{number}/presence")
    note = post(agent, f"{number}/note", text="À relire <b>demain</b>.")

    assert given.json()["assignee"] == {"id": second, "name": "Agent deux"}
    assert post(agent, f"{number}/attribution", assignee=None).json()["assignee"] is None
    assert post(agent, f"{number}/attribution", assignee=99_999).status_code == 422
    assert alone.json() == {"others": [], "version": 1}
    assert [one["name"] for one in together.json()["others"]] == ["Agent un"]
    assert note.json()["note"]["by"]["name"] == "Agent un"
    assert agent.get(f"{API}/{number}").json()["notes"][0]["text"] == "À relire <b>demain</b>."


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("brouillon", {"text": "x"}),
        ("brouillon", {"text": 3, "version": 1}),
        ("brouillon", {"text": "x", "version": "1"}),
        ("brouillon", {"text": "x", "version": True}),
        ("brouillon", {"text": "x", "version": -1}),
        ("brouillon", {"text": "x", "version": 2**40}),
        ("brouillon", {"text": "x" * 200_001, "version": 1}),
        ("etat", {}),
        ("etat", {"status": "fini"}),
        ("etat", {"undo": "oui"}),
        ("points/source", {"checked": "oui"}),
        ("points/source", {}),
        ("attribution", {}),
        ("attribution", {"assignee": "1 OR 1=1"}),
        ("note", {"text": ""}),
        ("note", {"text": "x" * 10_001}),
        ("note", {}),
    ],
)
def test_a_field_that_is_not_what_is_expected_is_refused(agent, add, path, fields):
    response = post(agent, f"{add(**AMBER)}/{path}", **fields)

    assert response.status_code == 422
    assert response.json()["message"]


def test_a_form_of_another_kind_changes_nothing(agent, add):
    number = add()
    response = agent.post(f"{API}/{number}/note", data={"text": "x"})

    assert response.status_code == 400
    assert agent.get(f"{API}/{number}").json()["notes"] == []


def test_the_longest_draft_is_saved_with_its_letters_escaped(agent, add):
    body = json.dumps({"text": "é" * 200_000, "version": 1})
    response = agent.post(
        f"{API}/{add()}/brouillon", content=body, headers={"Content-Type": "application/json"}
    )

    assert response.status_code == 200


def test_a_busy_database_is_said(desk, agent, add, monkeypatch):
    def busy(*_: object, **__: object) -> None:
        raise LockedError("La base est occupée : réessayez.")

    number = add()
    monkeypatch.setattr(desk.service.desk, "note", busy)
    response = post(agent, f"{number}/note", text="x")

    assert (response.status_code, response.json()["message"]) == (503, "La base est occupée : réessayez.")


def test_what_breaks_is_an_apology_and_logs_no_word_of_the_message(desk, agent, add, monkeypatch, caplog):
    def broken(*_: object, **__: object) -> None:
        raise ValueError("contenu secret du message")

    number = add()
    monkeypatch.setattr(desk.service.desk, "get", broken)
    response = agent.get(f"{API}/{number}")

    assert response.status_code == 500
    assert "incident technique" in response.json()["message"]
    assert "secret" not in response.text + caplog.text
    assert "ValueError" in caplog.text


# Files given


@pytest.mark.parametrize("form", ["eml", "docx", "odt"])
def test_the_letter_is_given_as_a_file_to_save(agent, add, form):
    number = add()
    post(agent, f"{number}/brouillon", text="Madame,\n\nLe texte relu.", version=1)
    response = agent.get(f"/agents/demandes/{number}/reponse.{form}")

    assert response.status_code == 200
    assert response.headers["content-disposition"].startswith("attachment; ")
    assert f".{form}" in response.headers["content-disposition"]
    assert response.headers["cache-control"] == "no-store"
    if form == "eml":
        assert "Le texte relu." in email.message_from_bytes(response.content).as_string()
    else:
        assert zipfile.ZipFile(io.BytesIO(response.content)).testzip() is None


@pytest.mark.parametrize(
    "path", ["1/reponse.pdf", "1/reponse.html", "1/reponse.", "1/reponse.eml%00", "1/reponse./../x"]
)
def test_another_form_is_refused(agent, add, path):
    add()
    response = agent.get(f"/agents/demandes/{path}")

    assert response.status_code in (404, 422)
    assert response.json()["message"]


def test_the_original_is_saved_and_never_shown(desk, agent, add):
    hostile = b"Content-Type: text/html\r\n\r\n<script>alert(1)</script>"
    response = agent.get(f"/agents/demandes/{add(raw=hostile)}/message.eml")
    document = agent.get(f"/agents/demandes/{add('Un document.', raw=b'%PDF-1.7 x')}/message.eml")

    assert response.content == hostile
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "attachment" in response.headers["content-disposition"]
    assert ".pdf" in document.headers["content-disposition"]


def test_a_subject_cannot_write_headers(desk, agent, add):
    number = add(fields={"subject": 'Re\r\nSet-Cookie: a=b"; filename="x.exe'})
    response = agent.get(f"/agents/demandes/{number}/reponse.docx")

    assert response.status_code == 200
    assert "set-cookie" not in response.headers
    assert ".exe" not in response.headers["content-disposition"].replace("x.exe-", "")


def test_files_of_requests_that_do_not_exist_are_refused(agent):
    for path in ("999999/reponse.eml", "1'/reponse.docx", "999999/message.eml", "x/message.eml"):
        response = agent.get(f"/agents/demandes/{path}")
        assert response.status_code == 404
        assert response.json()["message"]
