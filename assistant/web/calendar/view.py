"""What the calendar page shows, from the parameters, as of a day: pure, without a request nor any HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from assistant.composing.french import join, say_day, say_days, say_month
from assistant.rules.deadline import (
    VOIES,
    Window,
    begun_campagne,
    campagnes,
    check_ouvert,
    find_window,
    last_campagne,
)
from assistant.rules.reading import campagne_label
from assistant.rules.result import Outcome
from assistant.web.calendar.chart import Axis, Bar, draw
from assistant.web.calendar.dates import (
    Dated,
    Disputed,
    OtherDates,
    dates_of,
    tell_date,
    tell_dispute,
    tell_other_dates,
)
from assistant.web.calendar.file import ECHEANCES, DiaryDay, find_days, notes_on
from assistant.web.calendar.filters import Filters
from assistant.web.references import References
from corpus.errors import ParameterNotInForceError
from corpus.parameters import Contradiction, DatedValue, Parameters
from corpus.sources import Source

STATES = {"open": "Ouverte", "closed": "Close", "upcoming": "À venir", "unsure": "Incertaine"}
_OVERVIEW_MARGIN = 2  # years shown after the last campaign, at most, to reach today


@dataclass(frozen=True)
class State:
    """Where a call stands today: a key of ``STATES``, and the words that say since or until when."""

    kind: str
    words: str

    @property
    def label(self) -> str:
        """The state in one word."""
        return STATES[self.kind]


@dataclass(frozen=True)
class Call:
    """A call for projects: one track of one campaign. ``diary`` is the query of its closing when it is to come."""

    window: Window
    opening: Dated
    closing: Dated
    state: State
    bar: Bar
    diary: str

    @property
    def name(self) -> str:
        """« Voie régionale »."""
        return f"Voie {VOIES[self.window.voie]}"


@dataclass(frozen=True)
class Note:
    """A reservation, and the dates it is about."""

    subject: str
    text: str


@dataclass(frozen=True)
class Campaign:
    """The calls of a campaign. ``missing`` names the tracks of which no source speaks."""

    code: str
    calls: tuple[Call, ...]
    missing: tuple[str, ...]
    signed: Dated | None
    notes: tuple[Note, ...]
    disputed: tuple[Disputed, ...]
    references: References
    axis: Axis
    today: float | None
    unfolded: bool

    @property
    def label(self) -> str:
        """« 2025 » or « 2021 (temps 1) »."""
        return campagne_label(self.code)

    @property
    def state(self) -> State:
        """Where the campaign stands: open as soon as one of its calls is, closed once they all are."""
        kinds = [call.state.kind for call in self.calls]
        first = next(kind for kind in ("open", "unsure", "upcoming", "closed") if kind in kinds)
        return State(first, join([_count(kind, kinds.count(kind)) for kind in STATES if kind in kinds]))


def _count(kind: str, number: int) -> str:
    plural = "" if number == 1 else "s"
    state = STATES[kind].lower() + ("" if kind == "upcoming" else plural)
    return f"{number}\u00a0voie{plural} {state}"


@dataclass(frozen=True)
class Lane:
    """A track of the overview: each of its calls, with its bar."""

    name: str
    bars: tuple[tuple[str, Bar], ...]


@dataclass(frozen=True)
class Overview:
    """Every call shown, on one axis, by track."""

    axis: Axis
    today: float | None
    lanes: tuple[Lane, ...]


@dataclass(frozen=True)
class CalendarView:
    """What the page shows.

    ``absent`` are the campaigns with no call of the track asked for; ``overview`` is ``None`` when there is one
    campaign or none; ``days`` go to the diary; ``filing_notes`` hold for every filing, ``reservations`` for the last
    campaign known; ``checked`` is the oldest day on which a date was checked.
    """

    campaigns: tuple[Campaign, ...]
    absent: tuple[str, ...]
    overview: Overview | None
    days: tuple[DiaryDay, ...]
    filing_notes: tuple[str, ...]
    reservations: tuple[str, ...]
    others: tuple[OtherDates, ...]
    others_disputed: tuple[Disputed, ...]
    others_references: References
    checked: date


def build_view(
    filters: Filters, day: date, parameters: Parameters, sources: Mapping[str, Source]
) -> CalendarView:
    """Return what the page shows of the campaigns and tracks asked for, as of ``day``."""
    codes = filters.codes(parameters)
    every = [
        _campaign(code, filters, day, parameters, sources, first=rank == 0) for rank, code in enumerate(codes)
    ]
    campaigns = [campaign for campaign in every if campaign.calls]
    days = find_days(codes, filters.voies, parameters, filters.echeances)
    others = References("autres", sources)
    groups, disputed = tell_other_dates(parameters, others)
    return CalendarView(
        tuple(campaigns),
        tuple(campaign.label for campaign in every if not campaign.calls),
        _overview(campaigns, filters.voies, day, parameters) if len(campaigns) > 1 else None,
        tuple(days),
        _filing_notes(days, parameters),
        check_ouvert(day, parameters).reservations if last_campagne(parameters) in codes else (),
        groups,
        disputed,
        others,
        min(parameter.last_checked for parameter in dates_of(parameters)),
    )


def _campaign(
    code: str,
    filters: Filters,
    day: date,
    parameters: Parameters,
    sources: Mapping[str, Source],
    *,
    first: bool,
) -> Campaign:
    references = References(code.lower(), sources)
    found = {voie: find_window(code, voie, parameters) for voie in filters.voies}
    windows = [window for window in found.values() if window]
    ends = [w.closes_by or w.opens_by or w.opens_from for w in windows]
    year = int(code[:4])
    axis = Axis(year, max([year, *(end.year for end in ends if end)]))
    limit = _limit(code, parameters)
    calls = tuple(_call(window, day, axis, limit, parameters, references) for window in windows)
    signed = _value("calendrier.instruction", code, parameters)
    return Campaign(
        code,
        calls,
        tuple(VOIES[voie] for voie, window in found.items() if window is None),
        tell_date(signed, references) if signed else None,
        _notes(windows),
        _disputes(windows, parameters, references),
        references,
        axis,
        axis.today(day),
        first or bool(filters.annee) or any(call.state.kind == "open" for call in calls),
    )


def _value(name: str, code: str, parameters: Parameters) -> DatedValue | None:
    try:
        return parameters[name].value_for(code)
    except ParameterNotInForceError:
        return None


def _limit(code: str, parameters: Parameters) -> date:
    """Return until when a call that no source closes is drawn: the last closing of its campaign.

    When none of them is known, the start of the next campaign; else the end of the year.
    """
    windows = [find_window(code, voie, parameters) for voie in VOIES]
    closings = [window.closes_by for window in windows if window and window.closes_by]
    if closings:
        return max(closings)
    following = [other for other in campagnes(parameters) if other > code][:1]
    starts = [find_window(other, voie, parameters) for other in following for voie in VOIES]
    begun = [window.opens_from for window in starts if window and window.opens_from]
    return min([*begun, date(int(code[:4]), 12, 31)])


def _call(
    window: Window, day: date, axis: Axis, limit: date, parameters: Parameters, references: References
) -> Call:
    state = _state(window, day, parameters)
    closing = window.closing.day()
    filters = Filters(window.campagne, window.voie, "cloture")
    return Call(
        window,
        tell_date(window.opening, references),
        tell_date(window.closing, references),
        state,
        draw(window, axis, limit),
        filters.query if closing and closing >= day else "",
    )


def _state(window: Window, day: date, parameters: Parameters) -> State:
    """Return where a call stands, as the rule judges it; one never dated is closed once a later campaign began."""
    ruling = check_ouvert(day, parameters, window.voie, window.campagne)
    known = window.closing.day()
    if ruling.outcome is Outcome.YES:
        return State("open", _until(known, day) if known else "clôture au jour inconnu")
    if ruling.outcome is Outcome.UNDETERMINED:
        if (begun_campagne(day, parameters) or "") > window.campagne:
            return State("closed", "jour de clôture inconnu\u00a0; une campagne suivante a commencé depuis")
        return State("unsure", "les sources lues ne disent pas si l’appel est ouvert")
    if ruling.values.get("a_venir"):
        opening = window.opening.day() if window.opening else None
        return State(
            "upcoming", f"à partir du {say_day(opening)}" if opening else "ouverture au jour inconnu"
        )
    if known:
        return State("closed", f"depuis le {say_day(known)}, soit {say_days((day - known).days)}")
    if window.closes_by:
        return State("closed", f"depuis {say_month(str(window.closing.value))}, jour inconnu")
    return State("closed", "jour de clôture inconnu\u00a0; les autres appels de la campagne sont clos")


def _until(closing: date, day: date) -> str:
    left = (closing - day).days
    count = f"encore {say_days(left)}" if left else "dernier jour aujourd’hui"
    return f"jusqu’au {say_day(closing)} inclus\u00a0: {count}"


def _subject(echeance: str, voies: Sequence[str]) -> str:
    """Return « Clôture, voies régionale et nationale »."""
    plural = "s" if len(voies) > 1 else ""
    return f"{ECHEANCES[echeance]}, voie{plural} {join([VOIES[voie] for voie in voies])}"


def _notes(windows: Sequence[Window]) -> tuple[Note, ...]:
    """Return the reservations of a campaign, once each, with the dates they are about."""
    about: dict[tuple[str, str], list[str]] = {}
    for window in windows:
        for echeance, entry in (("ouverture", window.opening), ("cloture", window.closing)):
            if entry and entry.reservation:
                about.setdefault((echeance, entry.reservation), []).append(window.voie)
    return tuple(Note(_subject(echeance, voies), note) for (echeance, note), voies in about.items())


def _disputes(
    windows: Sequence[Window], parameters: Parameters, references: References
) -> tuple[Disputed, ...]:
    """Return the other dates that circulate for a campaign, once each, with the tracks they are about."""
    about: dict[tuple[str, Contradiction], list[str]] = {}
    for echeance in ECHEANCES:
        for window in windows:
            parameter = parameters[f"calendrier.{echeance}_{window.voie}"]
            for other in parameter.contradictions_for(window.campagne):
                about.setdefault((echeance, other), []).append(window.voie)
    return tuple(
        tell_dispute(
            parameters[f"calendrier.{echeance}_{voies[0]}"], other, references, _subject(echeance, voies)
        )
        for (echeance, other), voies in about.items()
    )


def _filing_notes(days: Sequence[DiaryDay], parameters: Parameters) -> tuple[str, ...]:
    """Return what holds for a filing made on any closing day shown, once each."""
    notes = [
        note
        for entry in days
        if entry.echeance == "cloture"
        for note in notes_on(entry, parameters)
        if note != parameters[entry.parameter].value_for(entry.campagne).reservation
    ]
    return tuple(dict.fromkeys(notes))


def _overview(
    campaigns: Sequence[Campaign], voies: Sequence[str], day: date, parameters: Parameters
) -> Overview:
    last = max(campaign.axis.last_year for campaign in campaigns)
    shown = max(last, min(day.year, last + _OVERVIEW_MARGIN))
    axis = Axis(min(campaign.axis.first_year for campaign in campaigns), shown)
    calls = [call.window for campaign in campaigns for call in campaign.calls]
    lanes = [
        Lane(
            f"Voie {VOIES[voie]}",
            tuple(
                (window.label, draw(window, axis, _limit(window.campagne, parameters)))
                for window in calls
                if window.voie == voie
            ),
        )
        for voie in voies
    ]
    return Overview(axis, axis.today(day), tuple(lanes))
