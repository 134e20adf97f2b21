"""Which text applies on a day, and does a figure or a date belong to another year?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from assistant.rules.reading import find_value, not_in_force, reservations_of
from assistant.rules.result import Outcome, RuleResult, Step, StepStatus
from corpus.parameters import Parameters


def check_texte(day: date, parameters: Parameters) -> RuleResult:
    """Find the instruction that applies on a day; between signature and publication it is not settled."""
    rule, read = "textes.applicable", {"jour": day}
    entry = find_value(rule, read, parameters["textes.applicable"], day)
    if isinstance(entry, RuleResult):
        return entry
    step = Step(f"Instruction {entry.value}", StepStatus.MET, entry.sources)
    return RuleResult(rule, Outcome.YES, (step,), read, (), reservations_of(entry), {"texte": entry.value})


_OWN = ("ars", "national", "caisse_des_depots", "reserve")
_BESIDE = ("innovation", "ressources", "sons")


def _periods(parameters: Parameters) -> dict[int, tuple[date, ...]]:
    """Return, by year, the first day of each period whose envelope is known line by line."""
    days: dict[int, tuple[date, ...]] = {}
    for first in (entry.valid_from for entry in parameters["enveloppes.ars"].history if entry.valid_from):
        days[first.year] = (*days.get(first.year, ()), first)
    return days


def _totals(day: date, parameters: Parameters) -> tuple[float, float, tuple[str, ...]]:
    """Return what the lines of a period add up to: the programme's own, then all lines; and their sources."""

    def add(names: tuple[str, ...]) -> float:
        return sum(float(parameters[f"enveloppes.{name}"].value_on(day).value or 0) for name in names)

    sources = parameters["enveloppes.ars"].value_on(day).sources
    return round(add(_OWN), 1), round(add(_OWN) + add(_BESIDE), 1), sources


def _known_totals(parameters: Parameters) -> list[tuple[int, float, tuple[str, ...]]]:
    """Return (year, amount, sources) of every yearly total that the sources give."""
    rows = [
        (int(code[:4]), float(entry.value), entry.sources)
        for entry in parameters["enveloppes.esms_numerique"].history
        for code in entry.campagnes
        if isinstance(entry.value, int | float)
    ]
    for year, days in _periods(parameters).items():
        for day in days:
            own, whole, sources = _totals(day, parameters)
            rows += [(year, own, sources), (year, whole, sources)]
    return rows


def check_annuelle(campagne: str, day: date, parameters: Parameters) -> RuleResult:
    """Give the yearly envelope of the programme, and its lines before and after a revision known on ``day``."""
    rule, read = "enveloppes.annuelle", {"campagne": campagne}
    entry = find_value(rule, read, parameters["enveloppes.esms_numerique"], campagne)
    if isinstance(entry, RuleResult):
        return entry
    values: dict[str, object] = {"total_meur": entry.value}
    steps = [Step(f"Enveloppe {campagne} : {entry.value} M€", StepStatus.MET, entry.sources)]
    periods = _periods(parameters).get(int(campagne[:4]), ())
    known = [first for first in periods if first <= day]
    if periods and not known:
        step = Step(
            f"Enveloppe {campagne} : pas encore fixée à cette date", StepStatus.UNKNOWN, entry.sources
        )
        values = {"reason": f"l’enveloppe de la campagne {campagne} n’était pas encore fixée à cette date"}
        return RuleResult(rule, Outcome.UNDETERMINED, (step,), read, values=values)
    for name, first in zip(("avant", "apres"), known, strict=False):
        own, whole, sources = _totals(first, parameters)
        values["total_meur"] = own  # a revision is not anticipated
        values[name] = {"esms_numerique": own, "toutes_lignes": whole} | {
            line: parameters[f"enveloppes.{line}"].value_on(first).value for line in (*_OWN, *_BESIDE)
        }
        steps.append(
            Step(f"{own} M€ pour ESMS numérique, {whole} M€ toutes lignes comprises", StepStatus.MET, sources)
        )
    return RuleResult(rule, Outcome.YES, tuple(steps), read, (), (), values)


def _nothing_said(rule: str, read: Mapping[str, object], parameters: Parameters) -> RuleResult:
    sources = parameters["enveloppes.ars"].history[-1].sources
    step = Step("Montant ou date à vérifier", StepStatus.UNKNOWN, sources)
    return RuleResult(rule, Outcome.UNDETERMINED, (step,), dict(read), ("affirmation",))


def check_enveloppe(amount: float | None, year: int, day: date, parameters: Parameters) -> RuleResult:
    """Check an amount in M€ against what the lines of the year's envelope add up to on ``day``."""
    rule, read = "enveloppes.controle", {"montant_meur": amount, "annee": year, "jour": day}
    if amount is None:
        return _nothing_said(rule, read, parameters)
    periods = _periods(parameters).get(year)
    if periods is None:
        return not_in_force(rule, read, parameters["enveloppes.ars"], str(year))
    period = next((first for first in reversed(periods) if first <= day), periods[0])
    own, whole, sources = _totals(period, parameters)
    right = round(amount, 1) == amount and amount in (own, whole)
    label = f"Enveloppe {year} : {own} M€ pour ESMS numérique, {whole} M€ toutes lignes comprises"
    step = Step(label, StepStatus.MET if right else StepStatus.NOT_MET, sources)
    values = {"total_meur": own, "total_toutes_lignes_meur": whole}
    return RuleResult(rule, Outcome.YES if right else Outcome.NO, (step,), read, values=values)


def check_montant_annee(amount: float | None, year: int, parameters: Parameters) -> RuleResult:
    """Tell whether an amount in M€ said of a year is a known total of that year, or of another."""
    rule, read = "coherence.annee", {"montant_meur": amount, "annee": year}
    if amount is None:
        return _nothing_said(rule, read, parameters)
    known = _known_totals(parameters)
    for same in (True, False):
        for of, total, sources in known:
            if total == amount and (of == year) is same:
                status = StepStatus.MET if same else StepStatus.NOT_MET
                step = Step(f"{total} M€ est un total de {of}", status, sources)
                return RuleResult(
                    rule, Outcome.YES if same else Outcome.NO, (step,), read, values={"annee": of}
                )
    sources = tuple(dict.fromkeys(source for _, _, names in known for source in names))
    step = Step("Ce montant n’est le total d’aucune année connue", StepStatus.UNKNOWN, sources)
    return RuleResult(rule, Outcome.UNDETERMINED, (step,), read)


def check_montant_unitaire(amount: float, campagne: str, parameters: Parameters) -> RuleResult:
    """Tell whether an amount in euros per structure is known for a campaign, or only for another one."""
    rule, read = "coherence.montant_unitaire", {"montant_eur": amount, "campagne": campagne}
    known = [
        (parameter.description, code, entry.sources)
        for name, parameter in parameters.items()
        for entry in parameter.history
        for code in entry.campagnes
        if name.startswith("financement.") and entry.value == amount and parameter.unit.startswith("€")
    ]
    sources = parameters["financement.forfait_acquisition"].history[-1].sources
    if not known:
        step = Step("Ce montant n’est donné par aucune source lue", StepStatus.UNKNOWN, sources)
        return RuleResult(rule, Outcome.UNDETERMINED, (step,), read)
    same = next((item for item in known if item[1] == campagne), None)
    # The same figure may be of several years: the last one is the likeliest to be repeated.
    description, code, found = same or max(known, key=lambda item: item[1][:4])
    status = StepStatus.MET if same else StepStatus.NOT_MET
    step = Step(f"{description} : {code}", status, found)
    values = {"description": description, "campagne_du_montant": code}
    return RuleResult(rule, Outcome.YES if same else Outcome.NO, (step,), read, values=values)


def check_chiffres(day: date, parameters: Parameters) -> RuleResult:
    """Give the latest number of structures engaged known on a day, with its date and reservation."""
    rule, read = "deploiement.chiffres", {"jour": day}
    entry = find_value(rule, read, parameters["deploiement.structures"], day)
    if isinstance(entry, RuleResult):
        return entry
    step = Step(f"{entry.value} ESSMS engagés ({entry.counted_on})", StepStatus.MET, entry.sources)
    values = {"nombre": entry.value, "date": entry.counted_on}
    return RuleResult(rule, Outcome.YES, (step,), read, (), reservations_of(entry), values)
