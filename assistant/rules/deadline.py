"""When does a call open and close, is a filing in time, and is anything open today?"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from assistant.rules.facts import Filing, FromClosing, Period
from assistant.rules.reading import campagne_label, not_in_force
from assistant.rules.result import Outcome, RuleResult, Step, StepStatus
from corpus.errors import ParameterNotInForceError
from corpus.parameters import DatedValue, Parameters

VOIES = {"regionale": "régionale", "multiregionale": "multirégionale", "nationale": "nationale"}


def campagnes(parameters: Parameters) -> tuple[str, ...]:
    """Return every campaign the calendar knows, oldest first: a new one is a change in the corpus alone."""
    return tuple(
        sorted(
            {code for entry in parameters["calendrier.cloture_regionale"].history for code in entry.campagnes}
        )
    )


def campagnes_of(year: str, parameters: Parameters) -> list[str]:
    """Return the campaigns of a year: « 2021 » has two, a code such as « 2021-T1 » is itself."""
    return [code for code in campagnes(parameters) if code == year or code.startswith(f"{year}-")]


def last_campagne(parameters: Parameters) -> str:
    """Return the last campaign known, for which a question without a year is judged."""
    return campagnes(parameters)[-1]


def _without_voie(rule: str, read: dict[str, object], campagne: str, parameters: Parameters) -> RuleResult:
    """Return the undetermined result of a calendar rule that was not told the track."""
    if campagne not in campagnes(parameters):
        return not_in_force(rule, read, parameters["calendrier.cloture_regionale"], campagne)
    sources = tuple(
        dict.fromkeys(
            source
            for voie in VOIES
            if (entry := _entry(parameters, f"calendrier.cloture_{voie}", campagne))
            for source in entry.sources
        )
    )
    step = Step("Voie de dépôt : régionale, multirégionale ou nationale", StepStatus.UNKNOWN, sources)
    return RuleResult(rule, Outcome.UNDETERMINED, (step,), read, ("voie",))


@dataclass(frozen=True)
class Window:
    """When a call is open, as far as the sources bound each end; ``None`` where they do not.

    The opening lies between ``opens_from`` and ``opens_by``, the closing between ``closes_from`` and
    ``closes_by``: the same day twice when it is known. ``closing`` may be missing for a call never dated.
    """

    campagne: str
    voie: str
    opening: DatedValue | None
    closing: DatedValue
    opens_from: date | None
    opens_by: date | None
    closes_from: date | None
    closes_by: date | None

    @property
    def label(self) -> str:
        """« Voie régionale 2025 »."""
        return f"Voie {VOIES[self.voie]} {campagne_label(self.campagne)}"

    def is_open(self, day: date) -> bool | None:
        """Say whether the call is open on a day; ``None`` when the sources do not settle it."""
        if (self.closes_by and day > self.closes_by) or (self.opens_from and day < self.opens_from):
            return False
        sure = self.opens_by and self.closes_from and self.opens_by <= day <= self.closes_from
        return True if sure else None


def _bounds(entry: DatedValue | None) -> tuple[date | None, date | None]:
    """Return the first and the last day that a dated value may mean: a month is all its days."""
    if entry is None or not isinstance(entry.value, str):
        return None, None
    if known := entry.day():
        return known, known
    year, month = (int(part) for part in entry.value.split("-"))
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def find_window(campagne: str, voie: str, parameters: Parameters) -> Window | None:
    """Return what is known of a call's window; ``None`` when no source speaks of such a call.

    An opening that no source settles is not before the first one given for the campaign (else the first of
    January), and is over once the campaign's instruction is signed.
    """
    closing = _entry(parameters, f"calendrier.cloture_{voie}", campagne)
    if closing is None:
        return None
    opening = _entry(parameters, f"calendrier.ouverture_{voie}", campagne)
    opens_from, opens_by = _bounds(opening)
    if opens_from is None:
        opens_from = _first_of(campagne, parameters) or date(int(campagne[:4]), 1, 1)
        signed = _entry(parameters, "calendrier.instruction", campagne)
        opens_by = signed.day() if signed else None
    return Window(campagne, voie, opening, closing, opens_from, opens_by, *_bounds(closing))


def _first_of(campagne: str, parameters: Parameters) -> date | None:
    """Return the first day given for an opening of the campaign."""
    days = [_bounds(_entry(parameters, f"calendrier.ouverture_{voie}", campagne))[0] for voie in VOIES]
    return min((day for day in days if day), default=None)


def check_echeance(
    which: str, campagne: str, voie: str | None, parameters: Parameters, day: date
) -> RuleResult:
    """Return the opening (``ouverture``) or closing (``cloture``) of a call, and where it stands on ``day``.

    The outcome is yes when a full day is known. A month alone, or a date that no source gives, is
    undetermined with the reason: it is never rounded.
    """
    rule = f"calendrier.{which}"
    read: dict[str, object] = {"campagne": campagne, "voie": voie}
    if voie is None:
        return _without_voie(rule, read, campagne, parameters)
    parameter = parameters[f"calendrier.{which}_{voie}"]
    try:
        entry = parameter.value_for(campagne)
    except ParameterNotInForceError:
        return not_in_force(rule, read, parameter, campagne)
    noun = "Clôture" if which == "cloture" else "Ouverture"
    label = f"{noun} de la voie {VOIES[voie]} {campagne_label(campagne)}"
    others = [
        {"value": other.value, "sources": list(other.sources), "why": other.why}
        for other in parameter.contradictions_for(campagne)
    ]
    known = entry.day()
    reservations = tuple(text for text in (entry.reservation,) if text)
    if known is None:
        values: dict[str, object] = {"reason": entry.reason, "month": entry.value, "contradictions": others}
        step = Step(f"{label} : {entry.reason}", StepStatus.UNKNOWN, entry.sources)
        return RuleResult(rule, Outcome.UNDETERMINED, (step,), read, (), reservations, values)
    values = {
        "date": known,
        "days": (day - known).days,
        "contradictions": others,
        "confidence": entry.confidence,
    }
    step = Step(f"{label} : {known.isoformat()}", StepStatus.MET, entry.sources)
    return RuleResult(rule, Outcome.YES, (step,), read, (), reservations, values)


def check_recevabilite(
    filed: Filing | None, words: str, campagne: str, voie: str | None, parameters: Parameters
) -> RuleResult:
    """Judge whether a filing is within the time allowed; the closing day itself is in time.

    No source gives the hour, so a filing on the closing day carries a reservation; so does one that may come
    before an opening that no source dates. After the closing the file is not admissible; the dialogue with the
    ARS only adjusts a file that was submitted before. Days that lie on both sides of a bound leave the answer
    open until the exact one is known.
    """
    rule = "calendrier.recevabilite"
    if voie is None:
        read: dict[str, object] = {"campagne": campagne, "voie": None, "date_depot": filed}
        return _without_voie(rule, read, campagne, parameters)
    closing = check_echeance("cloture", campagne, voie, parameters, date.max)
    read = {**closing.facts, "date_depot": filed}
    window = find_window(campagne, voie, parameters)
    if filed is None:
        step = Step("Date de dépôt", StepStatus.UNKNOWN, closing.sources)
        return RuleResult(rule, Outcome.UNDETERMINED, (step,), read, ("date_depot",))
    values = {name: value for name, value in closing.values.items() if name != "days"}
    if window is None:
        return RuleResult(rule, Outcome.UNDETERMINED, closing.steps, read, values=values)
    if isinstance(filed, FromClosing):
        return _told_from_closing(filed, words, window, closing, read, values)
    notes = list(closing.reservations)
    if window.opens_from and filed.last < window.opens_from:
        sources = window.opening.sources if window.opening else window.closing.sources
        step = Step(f"Dépôt au plus tôt le {window.opens_from}", StepStatus.NOT_MET, sources, words)
        return RuleResult(rule, Outcome.NO, (step,), read, values=values | {"ouverture": window.opens_from})
    late = _is_late(filed, window)
    condition = f"Dépôt au plus tard le {window.closes_by}"
    if window.closes_by != window.closes_from or window.closes_by is None:
        condition = closing.steps[0].condition
    if late is None or (window.opens_from and filed.first < window.opens_from):
        missing = ("date_depot",) if window.closes_by and not filed.exact else ()
        step = Step(condition, StepStatus.UNKNOWN, closing.sources, words)
        return RuleResult(rule, Outcome.UNDETERMINED, (step,), read, missing, tuple(notes), values)
    if not late and (window.opens_by is None or filed.first < window.opens_by):
        notes.append(
            "La date d’ouverture des dépôts n’est pas connue de façon sûre : seule la clôture est vérifiée."
        )
    step = Step(condition, StepStatus.NOT_MET if late else StepStatus.MET, closing.sources, words)
    if isinstance(known := values.get("date"), date):
        values["days"] = ((filed.first if late else filed.last) - known).days
    notes = [*_hour(filed.last, window), *notes, *_dialogue(campagne, parameters, late=late)]
    return RuleResult(rule, Outcome.NO if late else Outcome.YES, (step,), read, (), tuple(notes), values)


def _is_late(filed: Period, window: Window) -> bool | None:
    """Say whether every day of a filing is past the closing, or none is; ``None`` when it is not settled."""
    if window.closes_from is None or window.closes_by is None:
        return None
    if filed.first > window.closes_by:
        return True
    exact = window.closes_from == window.closes_by
    in_time = filed.last <= window.closes_from if exact else filed.last < window.closes_from
    return False if in_time else None


def _told_from_closing(
    filed: FromClosing,
    words: str,
    window: Window,
    closing: RuleResult,
    read: dict[str, object],
    values: dict[str, object],
) -> RuleResult:
    """Judge a day told from the closing: it is before or after it whatever its date."""
    late = filed.days > 0
    if isinstance(values.get("date"), date):
        values["days"] = filed.days
    status = StepStatus.NOT_MET if late else StepStatus.MET
    step = Step(closing.steps[0].condition, status, closing.sources, words)
    notes = (*_HOUR, *closing.reservations) if filed.days == 0 else closing.reservations
    outcome = Outcome.NO if late else Outcome.YES
    return RuleResult("calendrier.recevabilite", outcome, (step,), read, (), notes, values)


_HOUR = (
    "L’heure limite du jour de clôture n’est donnée par aucune source : ce jour est compté comme inclus.",
)


def _hour(last: date, window: Window) -> tuple[str, ...]:
    return _HOUR if last == window.closes_by == window.closes_from else ()


def _dialogue(campagne: str, parameters: Parameters, *, late: bool) -> tuple[str, ...]:
    entry = _entry(parameters, "calendrier.dialogue", campagne)
    return (entry.reservation,) if late and entry and entry.reservation else ()


def _entry(parameters: Parameters, name: str, campagne: str) -> DatedValue | None:
    try:
        return parameters[name].value_for(campagne)
    except ParameterNotInForceError:
        return None


def _windows(campagne: str, parameters: Parameters, voie: str | None = None) -> list[Window]:
    """Return the windows of a campaign's calls, or of the one call asked about."""
    names = [name for name in VOIES if voie in (None, name)]
    return [window for name in names if (window := find_window(campagne, name, parameters))]


def begun_campagne(day: date, parameters: Parameters) -> str | None:
    """Return the last campaign begun on ``day``, for which a question without a year is judged."""
    return next((code for code in reversed(campagnes(parameters)) if _begun(code, day, parameters)), None)


def _begun(campagne: str, day: date, parameters: Parameters) -> bool:
    """Whether a campaign had begun by ``day``: its instruction signed, or a call's dated opening reached."""
    signed = _entry(parameters, "calendrier.instruction", campagne)
    starts = [
        first
        for voie in VOIES
        if (first := _bounds(_entry(parameters, f"calendrier.ouverture_{voie}", campagne))[0])
    ]
    if signed and (known := signed.day()):
        starts.append(known)
    return bool(starts) and min(starts) <= day


def round_of(day: date, year: str, parameters: Parameters) -> str | None:
    """Return the campaign of a year that a day falls in: the last of its rounds begun, else the first."""
    codes = campagnes_of(year, parameters)
    begun = [code for code in codes if _begun(code, day, parameters)]
    return begun[-1] if begun else next(iter(codes), None)


def check_ouvert(
    day: date, parameters: Parameters, voie: str | None = None, campagne: str | None = None
) -> RuleResult:
    """Judge whether a call is open on ``day``: any, that of ``voie``, or one of ``campagne`` only.

    Yes: a call is open for sure. No: every known call is closed or still to come; one whose closing no source
    gives is closed with the last of its campaign. In between (an opening or a closing told roughly), the
    answer stays open.
    """
    rule = "calendrier.ouvert"
    read: dict[str, object] = {"jour": day} | ({"voie": voie} if voie else {})
    if campagne and campagne not in campagnes(parameters):
        return not_in_force(rule, read, parameters["calendrier.ouverture_regionale"], campagne)
    begun = campagne or begun_campagne(day, parameters)
    if begun is None:
        first = parameters["calendrier.ouverture_regionale"].value_for(campagnes(parameters)[0])
        step = Step("Premiers appels à projets en février 2021", StepStatus.NOT_MET, first.sources)
        return RuleResult(rule, Outcome.NO, (step,), read)
    windows = _windows(begun, parameters, voie)
    if campagne is None:  # the next campaign's calls, when they may already be open
        windows += [
            w for w in _windows(_after(begun, parameters), parameters, voie) if w.is_open(day) is None
        ]
    last = max((w.closes_by for w in _windows(begun, parameters) if w.closes_by), default=None)
    states = [_state(window, day, begun, last) for window in windows]
    steps = [step for step, _ in states]
    rows: dict[str, list[dict[str, object]]] = {"ouvertes": [], "closes": [], "a_venir": []}
    for window, (_, kind) in zip(windows, states, strict=True):
        if kind in rows:
            rows[kind].append(_row(window, day, kind))
    values: dict[str, object] = {"campagne": begun, **rows}
    if rows["ouvertes"]:
        return RuleResult(rule, Outcome.YES, tuple(steps), read, values=values)
    if any(kind == "incertaine" for _, kind in states):
        return RuleResult(rule, Outcome.UNDETERMINED, tuple(steps), read, values=values)
    reservations: tuple[str, ...] = ()
    if begun == last_campagne(parameters):
        latest = parameters["calendrier.derniere_campagne"].history[-1]
        steps.append(
            Step(f"{latest.value} présentée comme dernière campagne", StepStatus.MET, latest.sources)
        )
        reservations = (latest.reservation,) if latest.reservation else ()
    if not steps:
        entry = parameters["calendrier.ouverture_regionale"].value_for(begun)
        text = f"Aucun appel de cette voie dans la campagne {campagne_label(begun)}"
        steps.append(Step(text, StepStatus.NOT_MET, entry.sources))
    return RuleResult(rule, Outcome.NO, tuple(steps), read, (), reservations, values)


def _state(window: Window, day: date, begun: str, last: date | None) -> tuple[Step, str]:
    """Return where a call stands on a day, as a step and the list it goes to; ``last``: see ``check_ouvert``."""
    name, closing, opening = window.label, window.closing, window.opening or window.closing
    known, state = closing.day(), window.is_open(day)
    if state:
        until = f"jusqu’au {known.isoformat()}" if known else f": {closing.reason}"
        return Step(f"{name} ouverte {until}", StepStatus.MET, closing.sources), "ouvertes"
    if state is None and window.closes_by is None and last and day > last and window.campagne == begun:
        text = f"{name} : {closing.reason} ; les autres appels de la campagne sont clos"
        return Step(text, StepStatus.NOT_MET, closing.sources), "passees"
    if state is None:
        waited = window.opens_by is None or day < window.opens_by
        entry = opening if waited and window.closes_by else closing
        return Step(f"{name} : {entry.reason}", StepStatus.UNKNOWN, entry.sources), "incertaine"
    if window.opens_from and day < window.opens_from:
        begins = opening.day() if window.opening else None
        when = f"ouverte à partir du {begins}" if begins else f"pas encore ouverte : {opening.reason}"
        return Step(f"{name} {when}", StepStatus.NOT_MET, opening.sources), "a_venir"
    if known:
        return Step(
            f"{name} close depuis le {known.isoformat()}", StepStatus.NOT_MET, closing.sources
        ), "closes"
    return Step(f"{name} close : {closing.reason}", StepStatus.NOT_MET, closing.sources), "passees"


def _row(window: Window, day: date, kind: str) -> dict[str, object]:
    """Return the values of a call for an answer to say: its closing, or its opening when it is to come."""
    row: dict[str, object] = {"campagne": window.campagne, "voie": window.voie, "date": window.closing.day()}
    if kind == "a_venir":
        row["date"] = window.opening.day() if window.opening else None
        row["reason"] = (window.opening or window.closing).reason
    elif kind == "closes":
        row["days"] = (day - window.closes_by).days if window.closes_by else None
    return row


def _after(campagne: str, parameters: Parameters) -> str:
    """Return the campaign that follows; the empty text after the last one."""
    known = campagnes(parameters)
    return next(iter(known[known.index(campagne) + 1 :]), "")
