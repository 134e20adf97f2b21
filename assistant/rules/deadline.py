"""When does a call open and close, is a filing in time, and is anything open today?"""

from __future__ import annotations

from datetime import date

from assistant.rules.facts import Filing, FromClosing, Period
from assistant.rules.reading import not_in_force
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


def campagne_label(campagne: str) -> str:
    """Return « 2025 », or « 2021 (temps 1) » for the two rounds of that year."""
    year, _, temps = campagne.partition("-T")
    return f"{year} (temps {temps})" if temps else year


def _without_voie(rule: str, read: dict[str, object], campagne: str, parameters: Parameters) -> RuleResult:
    """Return the undetermined result of a calendar rule that was not told the track."""
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

    No source gives the hour, so a filing on the closing day carries a reservation. After the closing the
    file is not admissible; the dialogue with the ARS only adjusts a file that was submitted before. Days that
    lie on both sides of a bound leave the answer open until the exact one is known.
    """
    rule = "calendrier.recevabilite"
    if voie is None:
        read: dict[str, object] = {"campagne": campagne, "voie": None, "date_depot": filed}
        return _without_voie(rule, read, campagne, parameters)
    closing = check_echeance("cloture", campagne, voie, parameters, date.max)
    read = {**closing.facts, "date_depot": filed}
    if filed is None:
        step = Step("Date de dépôt", StepStatus.UNKNOWN, closing.sources)
        return RuleResult(rule, Outcome.UNDETERMINED, (step,), read, ("date_depot",))
    known, values = closing.values.get("date"), dict(closing.values)
    values.pop("days", None)
    opening = _first_day(campagne, voie, parameters)
    if isinstance(filed, FromClosing) and isinstance(known, date):
        filed = filed.on(known)
    if isinstance(filed, Period) and opening and filed.last < opening:
        step = Step(f"Dépôt au plus tôt le {opening.isoformat()}", StepStatus.NOT_MET, closing.sources, words)
        return RuleResult(rule, Outcome.NO, (step,), read, values=values | {"ouverture": opening})
    if not isinstance(known, date) or isinstance(filed, FromClosing):
        return _beside_unknown_closing(filed, words, closing, read, opening)
    condition = f"Dépôt au plus tard le {known.isoformat()}"
    if filed.first <= known < filed.last or (opening and filed.first < opening):
        step = Step(condition, StepStatus.UNKNOWN, closing.sources, words)
        return RuleResult(
            rule, Outcome.UNDETERMINED, (step,), read, ("date_depot",), closing.reservations, values
        )
    late = filed.first > known
    step = Step(condition, StepStatus.NOT_MET if late else StepStatus.MET, closing.sources, words)
    reservations = list(closing.reservations)
    if filed.last == known:
        reservations.insert(
            0,
            "L’heure limite du jour de clôture n’est donnée par aucune source : ce jour est compté comme inclus.",
        )
    if late and (dialogue := _entry(parameters, "calendrier.dialogue", campagne)) and dialogue.reservation:
        reservations.append(dialogue.reservation)
    values["days"] = ((filed.first if late else filed.last) - known).days
    outcome = Outcome.NO if late else Outcome.YES
    return RuleResult(rule, outcome, (step,), read, (), tuple(reservations), values)


def _beside_unknown_closing(
    filed: Filing, words: str, closing: RuleResult, read: dict[str, object], opening: date | None
) -> RuleResult:
    """Judge a filing when the day of the closing is not known: only its month is, or nothing.

    A day told from the closing is before or after it whatever its date.
    """
    rule, month = "calendrier.recevabilite", closing.values.get("month")
    settled: bool | None = None
    if isinstance(filed, FromClosing) and closing.values:
        settled = filed.days <= 0
    elif isinstance(filed, Period) and isinstance(month, str):
        if filed.first.isoformat()[:7] > month:
            settled = False
        elif filed.last.isoformat()[:7] < month and not (opening and filed.first < opening):
            settled = True
    if settled is None:
        return RuleResult(
            rule,
            Outcome.UNDETERMINED,
            closing.steps,
            read,
            (),
            closing.reservations,
            dict(closing.values),
        )
    status = StepStatus.MET if settled else StepStatus.NOT_MET
    step = Step(closing.steps[0].condition, status, closing.sources, words)
    outcome = Outcome.YES if settled else Outcome.NO
    return RuleResult(rule, outcome, (step,), read, values=dict(closing.values))


def _entry(parameters: Parameters, name: str, campagne: str) -> DatedValue | None:
    try:
        return parameters[name].value_for(campagne)
    except ParameterNotInForceError:
        return None


def _row(day: date, known: date, campagne: str, voie: str) -> dict[str, object]:
    return {"date": known, "campagne": campagne, "voie": voie, "days": (day - known).days}


def _windows(campagne: str, parameters: Parameters) -> list[tuple[str, DatedValue, date | None]]:
    """Return (voie, closing, first day) of each call of a campaign.

    The instruction stands in for an opening that no source dates.
    """
    windows = []
    for voie in VOIES:
        closing = _entry(parameters, f"calendrier.cloture_{voie}", campagne)
        if closing is not None:
            windows.append((voie, closing, _first_day(campagne, voie, parameters)))
    return windows


def _first_day(campagne: str, voie: str, parameters: Parameters) -> date | None:
    """Return the first day of a call, as far as it is known."""
    opening = _entry(parameters, f"calendrier.ouverture_{voie}", campagne)
    signed = _entry(parameters, "calendrier.instruction", campagne)
    return (opening.day() if opening else None) or (signed.day() if signed else None)


def begun_campagne(day: date, parameters: Parameters) -> str | None:
    """Return the last campaign begun on ``day``, for which a question without a year is judged."""
    return next((code for code in reversed(campagnes(parameters)) if _begun(code, day, parameters)), None)


def check_ouvert(day: date, parameters: Parameters, voie: str | None = None) -> RuleResult:
    """Judge whether a call is open on ``day``, any or that of ``voie``, as far as the sources go.

    Yes: a call opened (or its instruction was signed) on or before that day and its closing is not past.
    No: no known call covers the day. A call whose closing is unknown never makes the answer yes; while its
    campaign's other calls are not all past, it leaves the answer open.
    """
    rule = "calendrier.ouvert"
    read: dict[str, object] = {"jour": day} | ({"voie": voie} if voie else {})
    campagne = begun_campagne(day, parameters)
    if campagne is None:
        first = parameters["calendrier.ouverture_regionale"].value_for(campagnes(parameters)[0])
        step = Step("Premiers appels à projets en février 2021", StepStatus.NOT_MET, first.sources)
        return RuleResult(rule, Outcome.NO, (step,), read)
    steps, opened, closed, coming, unsettled = [], [], [], [], False
    windows = [window for window in _windows(campagne, parameters) if voie in (None, window[0])]
    for name, closing, start in windows:
        label, known = f"Voie {VOIES[name]} {campagne_label(campagne)}", closing.day()
        if known is None:
            steps.append(Step(f"{label} : {closing.reason}", StepStatus.UNKNOWN, closing.sources))
            unsettled = True
        elif day > known:
            steps.append(
                Step(f"{label} close depuis le {known.isoformat()}", StepStatus.NOT_MET, closing.sources)
            )
            closed.append(_row(day, known, campagne, name))
        elif start and start <= day:
            steps.append(
                Step(f"{label} ouverte jusqu’au {known.isoformat()}", StepStatus.MET, closing.sources)
            )
            opened.append(_row(day, known, campagne, name))
        else:
            begins = start.isoformat() if start else "jour que les sources ne donnent pas"
            steps.append(Step(f"{label} ouverte à partir du {begins}", StepStatus.NOT_MET, closing.sources))
            coming.append({"date": start, "campagne": campagne, "voie": name})
    values: dict[str, object] = {
        "campagne": campagne,
        "ouvertes": opened,
        "closes": closed,
        "a_venir": coming,
    }
    if opened:
        return RuleResult(rule, Outcome.YES, tuple(steps), read, values=values)
    if unsettled and not closed:
        return RuleResult(rule, Outcome.UNDETERMINED, tuple(steps), read, values=values)
    reservations: tuple[str, ...] = ()
    if campagne == last_campagne(parameters):
        latest = parameters["calendrier.derniere_campagne"].history[-1]
        steps.append(
            Step(f"{latest.value} présentée comme dernière campagne", StepStatus.MET, latest.sources)
        )
        reservations = (latest.reservation,) if latest.reservation else ()
    return RuleResult(rule, Outcome.NO, tuple(steps), read, (), reservations, values)


def _begun(campagne: str, day: date, parameters: Parameters) -> bool:
    """Whether a call of the campaign had opened by ``day``; a month alone counts from its first day."""
    signed = _entry(parameters, "calendrier.instruction", campagne)
    starts = [first for _, _, first in _windows(campagne, parameters) if first]
    if signed and (known := signed.day()):
        starts.append(known)
    for voie in VOIES:
        opening = _entry(parameters, f"calendrier.ouverture_{voie}", campagne)
        if opening and isinstance(opening.value, str) and len(opening.value) == 7:
            starts.append(date.fromisoformat(f"{opening.value}-01"))
    return bool(starts) and min(starts) <= day
