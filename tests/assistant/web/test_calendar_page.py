"""The calendar: what it shows as of a day, its filters, its diary file, and how it is used in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from types import SimpleNamespace

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from icalendar import Calendar
from lxml import html
from starlette.testclient import TestClient

from assistant.answer import Answer, Kind, Status
from assistant.composing.french import say_day
from assistant.web.app import create_app
from assistant.web.calendar.chart import Axis, draw
from assistant.web.calendar.file import find_days, write_diary
from assistant.web.calendar.filters import FilterError, Filters, read_filters
from assistant.web.calendar.view import CalendarView, build_view
from corpus.parameters import PARAMETERS_DIR, DatedValue, Parameters, load_parameters
from corpus.sources import load_sources
from index.passage import Hit

OPEN, BETWEEN, OVER = date(2025, 5, 10), date(2025, 7, 20), date(2026, 11, 26)
VOIES = ("regionale", "multiregionale", "nationale")
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


class Silent:
    """An assistant that no test of this file asks anything."""

    def ask(self, turns, day) -> Answer:
        return Answer(Kind.ABSTENTION, Status.NOT_IN_CORPUS, "")

    def search(self, query, k) -> list[Hit]:
        return []


@lru_cache
def client(day: date) -> TestClient:
    return TestClient(create_app(Silent(), clock=lambda: day), raise_server_exceptions=True)


def read(day: date, query: str = "", status: int = 200) -> html.HtmlElement:
    answer = client(day).get(f"/calendrier{query}")
    assert answer.status_code == status
    return html.fromstring(answer.text)


def text_of(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().replace("\u00a0", " ").split())


def view(day: date, parameters: Parameters | None = None, **filters: str) -> CalendarView:
    return build_view(Filters(**filters), day, parameters or load_parameters(), load_sources())


def calls(day: date, code: str, parameters: Parameters | None = None) -> dict[str, SimpleNamespace]:
    """Return the calls of a campaign by track."""
    campaign = next(c for c in view(day, parameters).campaigns if c.code == code)
    return {call.window.voie: call for call in campaign.calls}


def written_days() -> list[tuple[str, str, str, date]]:
    """Return (echeance, campaign, track, day) of every exact day, read in the files themselves."""
    found = []
    for echeance in ("ouverture", "cloture"):
        for voie in VOIES:
            path = PARAMETERS_DIR / "calendrier" / f"{echeance}_{voie}.yaml"
            for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["history"]:
                if entry["value"] and len(entry["value"]) == 10:
                    day = date.fromisoformat(entry["value"])
                    found += [(echeance, code, voie, day) for code in entry["campagnes"]]
    return found


def with_campaign_2027(**closings: str | None) -> Parameters:
    """Return the parameters with the calls of an invented campaign, as the corpus would hold them."""
    parameters = dict(load_parameters())

    def add(name: str, value: str | None) -> None:
        entry = DatedValue(
            value=value,
            campagnes=("2027",),
            sources=("ars-mayotte-2025",),
            confidence="haute",
            reason=None if value and len(value) == 10 else "les sources ne donnent pas le jour",
        )
        known = parameters[name]
        parameters[name] = known.model_copy(update={"history": (*known.history, entry)})

    for voie, closing in closings.items():
        add(f"calendrier.ouverture_{voie}", "2027-01-11")
        add(f"calendrier.cloture_{voie}", closing)
    return parameters


# What the view says


@pytest.mark.parametrize(
    ("day", "regionale", "multiregionale", "nationale"),
    [
        (date(2025, 3, 1), "unsure", "unsure", "unsure"),  # before the instruction of 16 April is signed
        (OPEN, "open", "open", "unsure"),  # no source closes the national call
        (date(2025, 7, 15), "open", "open", "unsure"),  # the closing day is in time
        (date(2025, 7, 16), "open", "closed", "unsure"),
        (BETWEEN, "open", "closed", "unsure"),
        (date(2025, 9, 15), "open", "closed", "unsure"),
        (date(2025, 9, 16), "closed", "closed", "closed"),
        (OVER, "closed", "closed", "closed"),
    ],
)
def test_the_state_of_each_call_of_2025(day, regionale, multiregionale, nationale):
    states = {voie: call.state.kind for voie, call in calls(day, "2025").items()}

    assert states == {"regionale": regionale, "multiregionale": multiregionale, "nationale": nationale}


def test_every_call_of_the_past_is_closed_though_its_closing_is_unknown():
    states = {call.state.kind for campaign in view(OVER).campaigns for call in campaign.calls}

    assert states == {"closed"}
    assert "inconnu" in calls(OVER, "2021-T1")["regionale"].state.words


def test_days_left_and_days_gone_by():
    assert "encore 36\u00a0jours" in calls(date(2025, 8, 10), "2025")["regionale"].state.words
    assert "dernier jour aujourd’hui" in calls(date(2025, 9, 15), "2025")["regionale"].state.words
    assert "soit 5\u00a0jours" in calls(BETWEEN, "2025")["multiregionale"].state.words


def test_dates_are_as_exact_as_their_sources():
    found = calls(OVER, "2024")
    assert (found["regionale"].opening.kind, found["regionale"].opening.value) == ("day", "15 janvier 2024")
    assert (found["nationale"].closing.kind, found["nationale"].closing.value) == (
        "month",
        "juin 2024, jour inconnu",
    )
    assert found["nationale"].closing.note == "Les sources disent « juin 2024 » sans le jour."
    unknown = calls(OVER, "2025")["nationale"].closing
    assert (unknown.kind, unknown.confidence) == ("unknown", "")
    assert "aucune source lue ne donne la date de clôture" in unknown.note.lower()
    assert calls(OVER, "2022")["multiregionale"].opening.note == "Aucune source lue n’en parle."


def test_a_doubt_is_in_words():
    assert calls(OVER, "2025")["multiregionale"].closing.confidence == "confiance moyenne\u00a0: à confirmer"


def test_a_disputed_date_says_by_whom_and_why_it_does_not_prevail():
    campaign = view(OVER).campaigns[0]
    dispute = next(d for d in campaign.disputed if d.subject == "Clôture, voie multirégionale")

    assert dispute.dated.phrase == "le 1er juin 2025"
    assert [reference.source.id for reference in dispute.dated.references] == ["sos-ehpad-2025"]
    assert "date de la campagne 2024" in dispute.why
    both = next(d for d in campaign.disputed if d.subject.startswith("Ouverture"))
    assert both.subject == "Ouverture, voies régionale et multirégionale"


def test_a_reservation_names_its_date_and_the_hour_is_said_once():
    shown = view(OVER)

    assert [note.subject for note in shown.campaigns[0].notes] == ["Clôture, voie multirégionale"]
    assert "une seule ARS (Mayotte)" in shown.campaigns[0].notes[0].text
    assert len(shown.filing_notes) == 1
    assert "heure limite" in shown.filing_notes[0]


def test_the_last_campaign_comes_first_and_alone_unfolded():
    campaigns = view(OVER).campaigns

    assert [c.code for c in campaigns] == ["2025", "2024", "2023", "2022", "2021-T2", "2021-T1"]
    assert [c.code for c in campaigns if c.unfolded] == ["2025"]
    assert all(c.unfolded for c in view(OVER, voie="regionale", annee="2021").campaigns)


def test_a_new_campaign_is_a_change_in_the_corpus_alone():
    parameters = with_campaign_2027(regionale="2027-03-31", nationale="2027-05")
    before, during = date(2027, 1, 10), date(2027, 4, 2)

    assert {v: c.state.kind for v, c in calls(before, "2027", parameters).items()} == {
        "regionale": "upcoming",
        "nationale": "upcoming",
    }
    assert calls(before, "2027", parameters)["regionale"].state.words == "à partir du 11 janvier 2027"
    assert {v: c.state.kind for v, c in calls(during, "2027", parameters).items()} == {
        "regionale": "closed",
        "nationale": "open",
    }
    shown = view(during, parameters)
    assert shown.campaigns[0].code == "2027"
    assert shown.campaigns[0].missing == ("multirégionale",)
    assert shown.campaigns[0].state.label == "Ouverte"
    assert shown.reservations == ()


def test_a_closing_to_come_can_be_put_in_a_diary_and_a_past_one_or_a_month_cannot():
    assert calls(BETWEEN, "2025")["regionale"].diary == "annee=2025&voie=regionale&echeance=cloture"
    assert calls(BETWEEN, "2025")["multiregionale"].diary == ""
    assert calls(BETWEEN, "2025")["nationale"].diary == ""
    assert calls(date(2025, 9, 15), "2025")["regionale"].diary
    month = with_campaign_2027(regionale="2027-05")
    assert calls(date(2027, 2, 1), "2027", month)["regionale"].diary == ""


def test_other_dates_come_from_the_parameters():
    tables = {table.title: table.rows for table in view(OVER).others}
    signed = {row.subject: row.dated.value for row in tables["Instructions qui ouvrent les campagnes"]}
    assert signed["Campagne 2025"] == "16 avril 2025"
    assert signed["Campagne 2022"] == "8 février 2022"
    segur = {row.subject: row.dated for row in tables["Prestation Ségur et SONS"]}
    ordered = next(dated for subject, dated in segur.items() if "jour de commande" in subject)
    assert ordered.value == "28 février 2024"
    second = next(dated for subject, dated in segur.items() if "vague 2" in subject)
    assert second.kind == "unknown"
    assert "provisoires" in second.note
    texts = {row.subject: row.dated.value for row in tables["Instruction applicable selon le jour"]}
    assert texts["Instruction 2025/40"] == "Du 16 avril 2025 au 1er septembre 2025"
    assert texts["Instruction 2025/40 modifiée par 2025/100"] == "Depuis le 5 septembre 2025"


def test_no_date_of_the_parameters_is_left_out():
    shown = {row.dated.value for table in view(OVER).others for row in table.rows}
    shown |= {end.value for c in view(OVER).campaigns for k in c.calls for end in (k.opening, k.closing)}
    known = {
        say_day(day)
        for parameter in load_parameters().values()
        if parameter.unit == "date"
        for entry in parameter.history
        if (day := entry.day())
    }

    assert len(known) > 10
    assert known <= shown


# The bars


def bars(code: str) -> dict[str, object]:
    return {voie: call.bar for voie, call in calls(OVER, code).items()}


def test_a_bar_between_two_known_days_is_sure_from_the_first_morning_to_the_last_evening():
    bar = bars("2024")["regionale"]  # 15 January to 15 September of a year of 366 days

    assert [(part.kind, part.fade) for part in bar.segments] == [("sure", "")]
    assert bar.segments[0].at == pytest.approx(14 / 366 * 100, abs=0.01)
    assert bar.segments[0].at + bar.segments[0].width == pytest.approx(259 / 366 * 100, abs=0.02)
    assert len(bar.ends) == 2


def test_a_month_is_drawn_as_all_its_days_and_marks_no_day():
    bar = bars("2024")["nationale"]  # 15 February to « juin 2024 »
    sure, rough = bar.segments

    assert (sure.kind, rough.kind, rough.fade) == ("sure", "rough", "")
    assert rough.at + rough.width == pytest.approx(182 / 366 * 100, abs=0.02)
    assert bar.ends == (pytest.approx(45 / 366 * 100, abs=0.01),)
    assert bars("2021-T2")["regionale"].ends == ()


@pytest.mark.parametrize(
    ("code", "voie", "fades"),
    [
        ("2025", "regionale", ["left", ""]),
        ("2025", "nationale", ["both"]),
        ("2021-T1", "regionale", ["right"]),
        ("2022", "multiregionale", ["both"]),
    ],
)
def test_an_unknown_end_fades(code, voie, fades):
    assert [part.fade for part in bars(code)[voie].segments] == fades


def test_every_bar_is_on_its_axis():
    for campaign in view(OVER).campaigns:
        for call in campaign.calls:
            for part in call.bar.segments:
                assert 0 <= part.at < part.at + part.width <= 100.01


def test_today_is_on_the_axis_or_not_drawn():
    assert view(OPEN).campaigns[0].today == pytest.approx((129.5) / 365 * 100, abs=0.02)
    assert view(OVER).campaigns[0].today is None
    assert view(OVER).overview.axis == Axis(2021, 2026)
    assert view(OVER).overview.today is not None
    assert view(date(2099, 1, 1)).overview.today is None


def test_a_call_over_two_years_has_an_axis_of_two_years():
    shown = view(date(2027, 6, 1), with_campaign_2027(regionale="2028-02-10")).campaigns[0]

    assert shown.axis == Axis(2027, 2028)
    assert len(shown.axis.months) == 24
    assert draw(shown.calls[0].window, shown.axis, date.max).ends[1] < 60


# The filters


@pytest.mark.parametrize(
    ("annee", "status", "said"),
    [
        ("2026", 404, "Aucune source lue ne parle d’une campagne 2026"),
        ("1999", 422, "1999"),
        ("abc", 422, "« abc » n’est pas une année"),
        ("<script>alert(1)</script>", 422, "<script>alert(1)</script>"),
        ("２０２５", 422, "n’est pas une année"),
        ("2021-T3", 422, "2021-T3"),
        ("-1", 422, "-1"),
        ("9" * 5000, 422, "9" * 30 + "…"),
        ("2025\r\nX: y", 422, "2025X: y"),
    ],
)
def test_a_wrong_year_is_said(annee, status, said):
    answer = client(OVER).get("/calendrier", params={"annee": annee})
    page = html.fromstring(answer.text)
    assert answer.status_code == status
    alert = text_of(page.xpath("//*[@role='alert']")[0])
    assert said in alert
    assert all(year in alert for year in ("2021", "2022", "2023", "2024", "2025"))
    assert "<script>alert" not in answer.text
    assert page.xpath("//a[normalize-space()='Toutes les campagnes']/@href") == ["/calendrier"]


@pytest.mark.parametrize("query", ["?voie=locale", "?voie=../../etc", "?voie=REGIONALE&annee=2025"])
def test_a_wrong_track_is_said_with_those_expected(query):
    alert = text_of(read(OVER, query, 422).xpath("//*[@role='alert']")[0])

    assert "regionale, multiregionale ou nationale" in alert


def test_a_filter_given_twice_is_refused():
    for path in ("/calendrier", "/calendrier.ics"):
        assert client(OVER).get(f"{path}?annee=2025&annee=2024").status_code == 422


def test_filters_left_empty_by_the_form_are_no_filters():
    parameters = load_parameters()
    assert read_filters({"annee": [""], "voie": [" "], "autre": ["x"]}, parameters) == Filters()
    assert read_filters({"annee": [" 2025\u202e"]}, parameters) == Filters("2025")
    with pytest.raises(FilterError, match="échéance"):
        read_filters({"echeance": ["fin"]}, parameters)


def test_a_filter_keeps_what_it_names():
    page = read(OVER, "?annee=2025&voie=regionale")

    assert [text_of(h) for h in page.xpath("//details//h3")] == ["Campagne 2025"]
    assert [text_of(h) for h in page.xpath("//details//tbody//th")] == ["Voie régionale"]
    assert page.xpath("//option[@selected]/@value") == ["2025", "regionale"]
    assert "Vue d’ensemble" not in text_of(page)


def test_both_rounds_of_2021_answer_to_their_year_and_one_that_has_no_call_is_said():
    assert [text_of(h) for h in read(OVER, "?annee=2021").xpath("//details//h3")] == [
        "Campagne 2021 (temps 2)",
        "Campagne 2021 (temps 1)",
    ]
    assert "Campagne 2021 (temps 1) : aucune source lue" in text_of(read(OVER, "?annee=2021&voie=nationale"))


def test_a_selection_without_any_call_says_so_and_how_to_leave():
    page = read(OVER, "?annee=2021-T1&voie=nationale")

    assert "Aucun appel pour cette sélection" in text_of(page)
    assert not page.xpath("//details")
    assert "/calendrier" in page.xpath("//main//a/@href")


# The page


def test_the_page_says_each_date_its_state_and_its_sources():
    page = read(OPEN)
    table = page.xpath("//table[caption[contains(., 'Campagne 2025')]]")[0]
    rows = [text_of(row) for row in table.xpath("./tbody/tr")]

    assert "10 mai 2025" in text_of(table.xpath("caption")[0])
    assert "Voie régionale" in rows[0]
    assert "15 septembre 2025" in rows[0]
    assert "Ouverte" in rows[0]
    assert "15 juillet 2025" in rows[1]
    assert "Confiance moyenne : à confirmer" in rows[1]
    assert "Incertaine" in rows[2]
    assert all(th.get("scope") in ("col", "row") for th in table.xpath(".//th"))
    cited = table.xpath(".//a[contains(@class, 'mark-source')]/@href")
    listed = {f"#{item}" for item in page.xpath("//li/@id")}
    assert set(cited) <= listed
    links = page.xpath("//details[1]//ol//a")
    assert "/sources/ars-mayotte-2025" in [a.get("href") for a in links]
    assert "ARS Mayotte" in text_of(page.xpath("//details[1]//ol")[0])
    assert "22 novembre 2026" in text_of(page.xpath("//p[@class='checked']")[0])


def test_the_last_known_campaign_carries_its_reservation_once_all_is_closed():
    assert "aucune ne parle d’un appel postérieur au 15 septembre 2025" in text_of(read(OVER))
    assert "aucune ne parle d’un appel postérieur" not in text_of(read(OPEN))


def test_only_a_closing_to_come_offers_the_diary():
    assert len(read(OPEN).xpath("//a[contains(., 'Ajouter à mon agenda')]")) == 2
    assert len(read(BETWEEN).xpath("//a[contains(., 'Ajouter à mon agenda')]")) == 1
    assert not read(OVER).xpath("//a[contains(., 'Ajouter à mon agenda')]")


def test_the_headings_of_the_page_follow_each_other():
    levels = [int(h.tag[1]) for h in read(OPEN).xpath("//h1|//h2|//h3|//h4")]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_id_is_unique_and_every_reference_has_its_target():
    page = read(OPEN)
    ids = page.xpath("//@id")

    assert len(ids) == len(set(ids))
    for href in page.xpath("//a[starts-with(@href, '#')]/@href"):
        assert href[1:] in ids


# The diary file


def diary(day: date, query: str = "") -> tuple[Calendar, bytes]:
    answer = client(day).get(f"/calendrier.ics{query}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return Calendar.from_ical(answer.content), answer.content


def test_the_diary_holds_every_exact_day_and_no_other():
    events = diary(OVER)[0].walk("VEVENT")
    expected = sorted(day for *_, day in written_days())

    assert sorted(event.decoded("dtstart") for event in events) == expected
    for event in events:
        assert event["dtstart"].params["VALUE"] == "DATE"
        assert event.decoded("dtend") - event.decoded("dtstart") == timedelta(days=1)


def test_an_event_of_the_diary_says_what_it_is_and_who_says_it():
    calendar, raw = diary(OPEN, "?annee=2025&voie=multiregionale")
    (event,) = calendar.walk("VEVENT")
    description = str(event["description"])

    assert event["summary"] == "Clôture – voie multirégionale ESMS numérique 2025"
    assert event.decoded("dtstart") == date(2025, 7, 15)
    assert event.decoded("dtstamp") == datetime(2026, 11, 22, tzinfo=UTC)
    source = load_sources()["ars-mayotte-2025"]
    assert source.title in description
    assert source.url in description
    assert "une seule ARS (Mayotte)" in description
    assert "1er juin 2025 (SOS EHPAD)" in description
    assert calendar["version"] == "2.0"
    assert raw.count(b"\r\n") == raw.count(b"\n")
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    assert "Clôture".encode() in raw


def test_a_closing_to_come_rings_twice_and_a_past_one_or_an_opening_never():
    closing = diary(BETWEEN, "?annee=2025&voie=regionale")[0].walk("VALARM")
    assert [alarm.decoded("trigger") for alarm in closing] == [timedelta(days=-14), timedelta(days=-2)]
    assert {str(alarm["action"]) for alarm in closing} == {"DISPLAY"}
    assert all("15 septembre 2025" in str(alarm["description"]) for alarm in closing)
    assert diary(BETWEEN, "?annee=2025&voie=multiregionale")[0].walk("VALARM") == []
    assert diary(date(2024, 1, 2), "?annee=2024&echeance=ouverture")[0].walk("VALARM") == []
    assert diary(OVER)[0].walk("VALARM") == []


def test_the_diary_is_the_same_each_time_and_its_events_keep_their_names():
    first, second = diary(OVER)[1], diary(OVER)[1]
    names = [str(event["uid"]) for event in diary(OVER)[0].walk("VEVENT")]
    earlier = [str(event["uid"]) for event in diary(OPEN)[0].walk("VEVENT")]

    assert first == second
    assert len(names) == len(set(names))
    assert names == earlier


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("", "esms-numerique.ics"),
        ("?annee=2025&voie=regionale", "esms-numerique-2025-regionale.ics"),
        ("?voie=nationale", "esms-numerique-nationale.ics"),
        ("?annee=2025&voie=regionale&echeance=cloture", "esms-numerique-2025-regionale-cloture.ics"),
    ],
)
def test_the_name_of_the_diary_file(query, name):
    disposition = client(OVER).get(f"/calendrier.ics{query}").headers["content-disposition"]

    assert disposition == f'attachment; filename="{name}"'


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?annee=2021", 404),  # months alone
        ("?annee=2025&voie=nationale", 404),  # nothing known
        ("?annee=2026", 404),
        ("?annee=x%0d%0aSet-Cookie:a=b", 422),
        ("?voie=%22%3Bfilename=x.exe", 422),
    ],
)
def test_a_diary_without_any_day_or_wrongly_asked_is_a_page_that_says_why(query, status):
    answer = client(OVER).get(f"/calendrier.ics{query}")

    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert "content-disposition" not in answer.headers
    assert "set-cookie" not in answer.headers
    assert html.fromstring(answer.text).xpath("//*[@role='alert']")


def test_the_page_does_not_offer_a_diary_that_would_be_empty():
    assert read(OVER, "?annee=2025").xpath("//a[contains(@href, '.ics')]/@href") == [
        "/calendrier.ics?annee=2025"
    ]
    assert not read(OVER, "?annee=2025&voie=nationale").xpath("//a[contains(@href, '.ics')]")


def test_a_long_reservation_survives_the_folding_of_its_lines():
    parameters = dict(load_parameters())
    known = parameters["calendrier.cloture_regionale"]
    note = "Réserve à plis ; « guillemets », virgules, retours\net é" * 9
    entries = tuple(entry.model_copy(update={"reservation": note}) for entry in known.history)
    parameters["calendrier.cloture_regionale"] = known.model_copy(update={"history": entries})
    days = find_days(["2025"], ["regionale"], parameters)

    raw = write_diary(days, "essai", OPEN, parameters, load_sources())

    (event,) = Calendar.from_ical(raw).walk("VEVENT")
    assert note in str(event["description"])
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))


# In a browser


@pytest.fixture
def tab(browser, server, scheme, width) -> Iterator:
    context = browser.new_context(
        locale="fr-FR", color_scheme=scheme, viewport={"width": width, "height": 800}
    )
    troubles: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
    page.on("request", lambda sent: None if sent.url.startswith(server.url) else troubles.append(sent.url))
    page.set_default_timeout(10_000)
    page.goto(server.url + "calendrier")
    yield page
    context.close()
    assert troubles == []


@pytest.fixture
def width() -> int:
    return 1280


def unfold_all(page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_the_page_never_scrolls_sideways(tab, width):
    unfold_all(tab)

    assert tab.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_say(tab):
    unfold_all(tab)
    results = Axe().run(tab, options=AXE)

    assert "color-contrast" in [rule["id"] for rule in results.response["passes"]]
    assert results.response["violations"] == []


@pytest.mark.browser
def test_a_campaign_unfolds_from_the_keyboard(tab):
    older = tab.locator("#campagne-2024")
    assert older.get_attribute("open") is None
    older.locator("summary").focus()
    tab.keyboard.press("Enter")

    assert older.get_attribute("open") is not None
    assert older.get_by_role("table").is_visible()


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_the_table_keeps_its_rows_and_headers_when_it_is_narrow(tab):
    table = tab.get_by_role("table", name="Campagne 2025, état au 2 juin 2025")

    assert table.get_by_role("row").count() == 4
    assert table.get_by_role("columnheader").count() == 4
    assert table.get_by_role("rowheader", name="Voie régionale", exact=True).is_visible()


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 1280])
def test_the_line_of_today_crosses_the_bars_at_its_day(tab):
    plot = tab.locator("#campagne-2025 .plot").bounding_box()
    line = tab.locator("#campagne-2025 .today line").bounding_box()

    expected = plot["x"] + plot["width"] * 152.5 / 365  # the noon of 2 June 2025
    assert line["x"] + line["width"] / 2 == pytest.approx(expected, abs=1.5)


@pytest.mark.browser
def test_the_form_works_without_javascript_and_from_the_keyboard(browser, server):
    context = browser.new_context(locale="fr-FR", java_script_enabled=False)
    page = context.new_page()
    page.goto(server.url + "calendrier")
    page.get_by_label("Année").select_option("2023")
    page.get_by_label("Voie", exact=True).select_option("nationale")
    page.get_by_role("button", name="Afficher").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/calendrier?annee=2023&voie=nationale")

    assert page.get_by_role("heading", name="Campagne 2023", exact=True).is_visible()
    assert page.locator("details").count() == 1
    page.get_by_role("link", name="Toutes les campagnes").click()
    assert page.locator("details").count() == 6
    context.close()


@pytest.mark.browser
def test_a_closing_is_put_in_a_diary_from_its_line(tab):
    with tab.expect_download() as waited:
        tab.get_by_role("link", name="Ajouter à mon agenda : clôture de la voie régionale 2025").click()

    assert waited.value.suggested_filename == "esms-numerique-2025-regionale-cloture.ics"


@pytest.mark.browser
def test_on_paper_every_campaign_is_unfolded(tab):
    tab.emulate_media(media="print")

    for code in ("2025", "2023", "2021-t1"):
        assert tab.locator(f"#campagne-{code} table").is_visible()
    assert not tab.get_by_role("button", name="Afficher").is_visible()
