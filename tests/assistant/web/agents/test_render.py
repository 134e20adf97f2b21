"""What the page of the desk asks and is shown, without a browser: commands, regions, what separates two texts."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from lxml import html

from assistant.drafting.reply import Risk
from assistant.errors import InputError
from assistant.storage.views import AccountView, Order, Role, Status
from assistant.web.agents.commands import Commands, Shown, read_filter
from assistant.web.agents.difference import difference
from assistant.web.agents.page import REGIONS, outputs_of
from assistant.web.agents.render import render_reply, say_size

TODAY = date(2026, 3, 2)
HOSTILE = '</div><script>alert(1)</script><img src=x onerror="alert(2)"> "\'`${1+1} {{7*7}}'


@pytest.fixture
def run(desk: SimpleNamespace) -> Callable[..., Shown]:
    """How to send a command as an agent."""
    commands = Commands(desk.service, lambda: TODAY)
    return lambda login="agent.un", **fields: commands.run(json.dumps(fields), lambda: desk.people[login])


@pytest.mark.parametrize(
    "command",
    [
        None,
        7,
        "",
        "null",
        "[]",
        "{",
        '"open"',
        "{}",
        '{"do": 3}',
        '{"do": "__init__"}',
        '{"do": "open"}',
        '{"do": "open", "id": "1"}',
        '{"do": "open", "id": true}',
        '{"do": "open", "id": -1}',
        '{"do": "open", "id": 1e400}',
        '{"do": "open", "id": 99999999999}',
        '{"do": "save", "id": 1, "version": 1, "text": ["a"]}',
        '{"do": "list", "filter": "x", "id": []}',
        '{"do": "status", "id": 1, "version": 1, "status": "parti"}',
        "[" * 100_000,
    ],
)
def test_a_command_that_no_page_sends_is_refused_in_french(desk, command):
    shown = Commands(desk.service, lambda: TODAY).run(command, lambda: desk.people["agent.un"])
    assert shown.result["ok"] is False
    assert shown.result["refused"] != "broken"
    assert shown.result["message"].endswith(".")


def test_nobody_is_answered_without_a_session(desk, add):
    def nobody() -> AccountView:
        raise InputError("Connectez-vous.")

    shown = Commands(desk.service, lambda: TODAY).run(json.dumps({"do": "open", "id": add()}), nobody)
    assert shown == Shown({"refused": "InputError", "message": "Connectez-vous.", "seq": 0, "ok": False})


def test_what_breaks_is_said_without_its_words(desk, add, monkeypatch, run):
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret words")

    monkeypatch.setattr(desk.service.desk, "open", broken)
    shown = run(do="open", id=add())
    assert shown.result["refused"] == "broken"
    assert "secret" not in json.dumps(shown.result)


def test_a_region_is_one_line_whose_words_are_escaped(desk, add, run):
    number = add(f"Bonjour {HOSTILE}\n\nQuel est le seuil ?", fields={"subject": HOSTILE})
    run(do="note", id=number, text=HOSTILE)
    run(do="save", id=number, version=1, text=HOSTILE)
    shown = run(do="open", id=number, filter={"mots": HOSTILE})
    for name in REGIONS[:-1]:
        region = getattr(shown, name)
        assert region
        assert "\n" not in region
        tree = html.fromstring(f"<body>{region}</body>")
        assert not tree.xpath("//script | //img | //*[@onerror]"), name
    assert "${1+1} {{7*7}}" in html.fromstring(shown.thread).text_content()


def test_a_conflict_gives_both_texts(desk, add, run):
    number = add()
    assert run(do="save", id=number, version=1, text="Premier").result["version"] == 2
    shown = run("agent.deux", do="save", id=number, version=1, text="Second")
    given = {name: shown.result[name] for name in ("refused", "mine", "theirs", "version", "by")}
    assert given == {
        "refused": "conflict",
        "mine": "Second",
        "theirs": "Premier",
        "version": 2,
        "by": "Agent un",
    }


def test_who_is_there_is_told_to_the_other(add, run):
    number = add()
    assert run(do="open", id=number).result["others"] == []
    assert run("agent.deux", do="open", id=number).result["others"] == ["Agent un"]
    assert run(do="present", id=number).result["others"] == ["Agent deux"]


def test_the_filter_of_the_address_is_read_and_what_means_nothing_ignored():
    me = AccountView(7, "moi", "Moi", Role.AGENT)
    asked, page = read_filter(
        {"statut": "pret", "qui": "moi", "risque": "red", "ordre": "ancien", "mots": "x" * 900, "page": "3"},
        me,
    )
    assert (asked.status, asked.assignee, asked.risk, asked.order) == (
        Status.READY,
        7,
        Risk.RED,
        Order.OLDEST,
    )
    assert len(asked.words) == 200
    assert page == 3
    asked, page = read_filter({"statut": ["pret"], "risque": 3, "theme": "x", "page": "-1", "qui": {}}, me)
    assert (asked.status, asked.risk, asked.theme, asked.assignee, page) == (None, None, "", None, 1)
    assert read_filter({"statut": "corbeille"}, me)[0].removed


def test_what_does_not_change_is_left_as_it_is():
    outputs = outputs_of(Shown({"ok": True}, thread="<p>a</p>"), lambda: "skipped")
    assert outputs == ["skipped", "<p>a</p>", *["skipped"] * 4, '{"ok": true}']


def test_a_difference_names_paragraphs_and_words():
    changes = difference(
        "Bonjour,\n\nLe seuil est de quinze.\n\nFin.", "Bonjour,\n\nLe seuil est de vingt.\n\nFin.\n\nPS."
    )
    assert [change.label for change in changes] == ["Paragraphe modifié depuis", "Paragraphe ajouté depuis"]
    assert changes[0].pieces == (("kept", "Le seuil est de"), ("removed", "quinze."), ("added", "vingt."))
    assert changes[1].pieces == (("added", "PS."),)
    assert difference("a\n\nb", "a\n\nb") == []


def test_two_huge_texts_are_compared_at_once():
    changes = difference("\n\n".join(map(str, range(5_000))), "mot " * 50_000)
    assert [pieces[0][0] for pieces in (change.pieces for change in changes)] == ["removed", "added"]
    assert len(difference("mot " * 40_000, "mot " * 40_001)) <= 1


@pytest.mark.parametrize(
    ("size", "said"), [(0, "1 ko"), (1_500, "2 ko"), (999_000, "999 ko"), (2_340_000, "2,3 Mo")]
)
def test_a_size_is_said_in_french(size, said):
    assert say_size(size) == said.replace(" ", "\u00a0")


def test_a_letter_that_a_model_wrote_part_of_says_so(desk, add):
    view = desk.service.desk.get(add())
    account = desk.people["agent.un"]
    assert "written-by" not in render_reply(view, [account], account, can_send=False)

    view.reply.update(mode="model", model=HOSTILE)
    page = html.fromstring(render_reply(view, [account], account, can_send=False))
    (said,) = page.xpath("//p[contains(@class, 'written-by')]")
    assert said.text_content().startswith("✦ Rédigé en partie par un modèle de langue (</div><script>alert(1)")
    assert page.xpath("//script | //img") == []
