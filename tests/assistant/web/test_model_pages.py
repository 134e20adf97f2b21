"""What the pages around the chat say of the language model that helps the assistant; nothing where none does."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from fastapi import FastAPI
from lxml import html
from modelled_assistant import HOSTILE, LABEL, ModelledAssistant
from starlette.testclient import TestClient

from assistant.answer import Mode
from assistant.model.settings import ModelSettings, Task
from assistant.web.agents.render import render_asked
from assistant.web.app import warm_up
from assistant.web.model import LONGEST_LABEL, card_of, drafted, short_label
from assistant.web.pages import about
from assistant.web.site import Site

SETTINGS = ModelSettings(
    "openai:exemple-instruct",
    base_url="https://modele.example.org/v1",
    timeout=12.5,
    conversation_tokens=40_000,
    day_tokens=3_000_000,
    day_cost=Decimal("2.5"),
)


def words(element) -> str:
    return " ".join(element.text_content().split())


def shown(settings: ModelSettings | None = None, label: str = LABEL, *, desk: bool = False):
    """Return the section of « À propos » on the model, and the whole page."""
    assistant = ModelledAssistant(None, None)
    assistant.model_label = label
    if settings:
        assistant.model_settings = settings
    site = Site(lambda: date(2026, 11, 26), model=card_of(assistant))
    site.has_desk = desk
    app = FastAPI()
    app.include_router(about.router(site))
    page = html.fromstring(TestClient(app).get("/a-propos").text)
    return page.xpath("//section[@aria-labelledby='modele']")[0], page


def test_health_tells_the_state_of_the_model_beside_that_of_the_service(modelled_server, monkeypatch):
    address = modelled_server.url + "health"
    assert httpx.get(address).json() == {"status": "ok", "model": "ok"}

    paused = "Le modèle de langue est laissé en repos après plusieurs échecs."
    monkeypatch.setattr(modelled_server.assistant, "state", paused)
    assert httpx.get(address).status_code == 200
    assert httpx.get(address).json() == {"status": "ok", "model": paused}


def test_without_a_model_nothing_is_said_of_one(server):
    assert "model" not in httpx.get(server.url + "health").json()
    page = httpx.get(server.url + "a-propos").text
    assert 'id="modele"' not in page
    assert "#modele" not in page
    assert "Aucun modèle de langue ne rédige ses réponses." in page
    assert "n’en transmet rien à personne" in page.replace("\u00a0", " ")
    assert "model-hint" not in httpx.get(server.url).text


def test_the_page_says_which_model_what_it_may_do_what_leaves_how_long_and_up_to_what():
    section, page = shown(SETTINGS)
    text = words(section)

    assert f"le modèle {LABEL} aide l’assistant" in text
    assert len(section.xpath(".//div[@class='card'][1]//li")) == len(Task)
    assert "contredit la règle est retirée en entier" in text
    assert "remplacés par des repères" in text
    assert "Une question attend le modèle 12,5 secondes au plus" in text
    assert "40 000 jetons par conversation ; 3 000 000 jetons et 2,50 € par jour" in text
    assert "Cette installation tient un journal" not in text
    assert "chiffré" not in text
    assert "espace agents" not in text
    assert "modele.example.org" not in words(page)  # where the model is, is no affair of visitors
    whole = words(page)
    assert "Aucun modèle de langue" not in whole
    assert "n’en transmet rien à personne" not in whole
    assert page.xpath("//nav//a[@href='#modele']")


def test_the_page_says_what_the_settings_change():
    local = replace(SETTINGS, base_url="http://127.0.0.1:8000/v1", tasks=frozenset({Task.WRITE}))
    section, page = shown(replace(local, trace=Path("traces.jsonl")), desk=True)
    text = words(section)

    assert "sur la machine de cet assistant : rien n’en sort" in text
    assert [words(one)[:7] for one in section.xpath(".//div[@class='card'][1]//li")] == ["Choisir"]
    assert "Cette installation tient un journal" in text
    assert "journal dit ci-dessus" in words(page)
    assert "courriels traités dans l’espace agents" in text
    assert "n’est pas chiffré" not in text
    assert "n’est pas chiffré" in words(shown(replace(SETTINGS, base_url="http://10.0.0.8:8000/v1"))[0])


def test_an_assistant_that_gives_no_settings_has_no_bounds_to_say_and_a_hostile_name_is_words():
    section, _ = shown(label=HOSTILE + "x" * 5_000)

    assert "jetons par" not in words(section)
    assert section.xpath(".//img | .//script") == []
    assert words(section.find(".//strong")).startswith("<img src=x onerror=alert(1)>")
    assert len(words(section.find(".//strong"))) <= LONGEST_LABEL


@pytest.mark.parametrize(("label", "said"), [("a\u2028b\n c", "a b c"), ("n" * 81, "n" * 79 + "…"), ("", "")])
def test_a_name_is_one_short_line(label, said):
    assert short_label(label) == said


def test_the_desk_says_when_a_model_wrote_part_of_a_letter(server):
    assert drafted(None, None) is None
    assert drafted("rules", LABEL) is None
    assert drafted("fallback", LABEL) is None
    said = drafted("model", LABEL)
    assert said is not None
    assert said.words == f"Rédigé en partie par un modèle de langue ({LABEL})\u00a0: relisez chaque phrase"
    assert drafted("model", ["a list"]).words.startswith("Rédigé en partie par un modèle de langue\u00a0:")

    answer = server.assistant.ask(["12 ESSMS"], date(2025, 6, 2))
    assert "written-by" not in render_asked(answer)
    assert "written-by" not in render_asked(replace(answer, mode=Mode.FALLBACK, notice="Sans modèle."))
    by_model = render_asked(replace(answer, mode=Mode.MODEL, model=HOSTILE))
    assert "written-by" in by_model
    assert "<img" not in by_model


def test_questions_that_wait_for_a_model_do_not_keep_others_from_being_asked(modelled_server):
    assistant, tabs = modelled_server.assistant, [f"onglet-{number}" for number in range(8)]
    before = len(assistant.seen)
    for tab in tabs:
        event = {"fn_index": 0, "data": ["12 ESSMS, patience", "[]"], "session_hash": tab}
        assert httpx.post(modelled_server.url + "gradio_api/queue/join", json=event).status_code == 200
    limit = time.monotonic() + 10
    while len(assistant.seen) < before + len(tabs):
        assert time.monotonic() < limit, assistant.seen[before:]
        time.sleep(0.05)
    assistant.go.set()

    assert sorted(key for _, key in assistant.seen[before:]) == tabs


def test_what_is_loaded_once_is_loaded_without_asking_the_model(server):
    searched = []
    assistant = ModelledAssistant(SimpleNamespace(search=lambda query, k: searched.append(query)), None)
    warm_up(assistant)  # to ask would fail
    assert len(searched) == 1
    assert assistant.seen == []

    before = len(server.assistant.seen)
    warm_up(server.assistant)
    assert len(server.assistant.seen) == before + 1
