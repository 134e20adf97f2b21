"""An inbox of ten thousand requests stays quick to list and to search."""

from __future__ import annotations

import random
import time
from datetime import timedelta

import pytest
from desk_samples import message, reply
from sqlalchemy import insert, select

from assistant.drafting.reply import Risk
from assistant.storage.models import Request, SearchText
from assistant.storage.searching import message_text, searchable
from assistant.storage.serial import message_to_json, reply_to_json
from assistant.storage.views import Filter, Order, Status

REQUESTS, MADE = 10_000, 500
LENGTH = 250  # words of a message, about 1 700 characters; the draft is as long
LIMIT = 1.0  # seconds: a machine at rest takes under 0.1, one that tests something else besides takes longer
_WORDS = ["bonjour", "établissement", "projet", "groupement", "clôture", "échéance", "région", "voie", "dépôt", "dossier", "financement", "logiciel", "usager", "instruction", "seuil", "structure", "agence", "association", "personnes", "handicapées", "âgées", "accompagnement", "numérique", "convention"]  # fmt: skip


@pytest.fixture
def filled(database, clock):
    """A database of ten thousand requests, of which one says « lamantin »."""
    chance = random.Random(20260302)
    kept, made = message_to_json(message()), reply_to_json(reply())
    requests, searched = [], []
    for number in range(1, MADE + 1):
        words = " ".join(chance.choices(_WORDS, k=LENGTH))
        instant = clock() - timedelta(minutes=number)
        requests.append(
            {
                "kind": "eml", "digest": f"{number}", "message_id": "", "received_at": instant,
                "subject": f"Demande {number}", "sender_name": "Direction", "sender_address": "d@example.org",
                "excerpt": words[:200], "message": kept | {"text": words}, "reply": made,
                "risk": chance.choice(list(Risk)).value, "theme": "echeance",
                "status": chance.choice(list(Status)).value, "draft": words, "draft_version": 1,
                "draft_at": instant, "changed_at": instant,
            }
        )  # fmt: skip
        searched.append(
            {"request_id": number, "message": message_text(message(words)), "draft": searchable(words)}
        )
    with database.writing() as session:
        session.execute(insert(Request), requests)
        session.execute(insert(SearchText), searched)
        for copy in range(1, REQUESTS // MADE):
            _copy(session, Request, "id", copy)
            _copy(session, SearchText, "request_id", copy)
        one = session.get(SearchText, REQUESTS // 2)
        one.message += " lamantin"
    return database


def _copy(session, table, key, copy):
    """Add the rows made once more, under other ids."""
    columns = table.__table__.columns
    taken = [
        column + copy * MADE if column.name == key
        else column.concat(f"-{copy}") if column.name == "digest"
        else column
        for column in columns
    ]  # fmt: skip
    made = select(*taken).where(columns[key] <= MADE)
    session.execute(insert(table.__table__).from_select([column.name for column in columns], made))


SHOWN = {
    "all": Filter(),
    "riskiest first": Filter(order=Order.RISK),
    "a status": Filter(status=Status.READY),
    "a risk, oldest first": Filter(risk=Risk.RED, order=Order.OLDEST),
    "a word of one request": Filter(words="lamantin"),
    "a word of every request": Filter(words="clôture"),
    "three words": Filter(words="échéance agence lamantin"),
    "no request": Filter(words="introuvable"),
}


def test_ten_thousand_requests_are_listed_and_searched_quickly(filled, desk):
    found = {name: desk.inbox(shown).total for name, shown in SHOWN.items()}
    assert found["all"] == found["riskiest first"] == REQUESTS
    assert found["a word of one request"] == found["three words"] == 1
    assert found["no request"] == 0
    best: dict[str, float] = {}
    for name, shown in SHOWN.items():
        spent = []
        for page in range(1, 8):
            start = time.perf_counter()
            desk.inbox(shown, page=page)
            spent.append(time.perf_counter() - start)
        best[name] = min(spent)

    assert {name: spent for name, spent in best.items() if spent > LIMIT} == {}
