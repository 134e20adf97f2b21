"""Read the facts a message states about a project, and merge them over the turns of a conversation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date, timedelta
from functools import lru_cache

from assistant.rules.deadline import campagnes_of, last_campagne
from assistant.rules.facts import Facts, Filing, FromClosing, Period, Stated
from assistant.understanding.aids import read_aids
from assistant.understanding.categories import find_categories
from assistant.understanding.counting import Counter
from assistant.understanding.dates import (
    Day,
    Span,
    find_days,
    find_month_end,
    find_spans,
    find_temps,
    find_years,
)
from assistant.understanding.labelled import Labelled, read_labelled
from assistant.understanding.numbers import ESSMS_NOUN, Number, find_numbers
from assistant.understanding.places import Place, find_places
from assistant.understanding.tally import shift
from assistant.understanding.text import Folded
from corpus.parameters import load_parameters


@lru_cache(maxsize=64)
def _default_year(today: date) -> int:
    """Return the year that completes a day written without one: this year's call, else the last campaign's."""
    parameters = load_parameters()
    return today.year if campagnes_of(str(today.year), parameters) else int(last_campagne(parameters)[:4])


# What else is regional or national than a call: lookbehinds, one for each length.
_NOT_OF_A_CALL = "".join(
    f"(?<!\\b{noun} )"
    for noun in (
        "enveloppe",
        "enveloppes",
        "entite",
        "niveau",
        "comite",
        "budget",
        "budgets",
        "conseil",
        "direction",
        "echelon",
        "presse",
        "collectif",
        "federation",
        "union",
        "antenne",
        "delegation",
        "referent",
        "referente",
        "schema",
        "plan",
        "journal",
        "quotidien",
        "correspondant",
        "coordinateur",
        "coordination",
    )
)
_VOIES = (
    ("multiregionale", re.compile(r"\b(?:multi|inter|pluri)[ -]?regi\w+|\bplusieurs regions\b|\bmulti\b")),
    (
        "nationale",
        re.compile(
            rf"{_NOT_OF_A_CALL}\bnational(?:e|es|aux)?\b(?! (?:de la|du numerique|de sante|d'appui))|\bnationaux\b"
        ),
    ),
    (
        "regionale",
        re.compile(
            rf"(?<!multi)(?<!multi-)(?<!multi )(?<!inter)(?<!inter-){_NOT_OF_A_CALL}\bregion(?:al|ale|aux|ales)\b|\b(?:dans )?une (?:seule|meme) region\b"
        ),
    ),
)
_STATED_VOIE = re.compile(
    r"\bou (?:le |la |l'|au |en |appel |par )*(?:national|regional|multi)|\b(?:national|regional|multi)\w* ou\b(?! (?:non|pas|bien non|c'est|je|on|nous)\b)"
)
_REGIONS_COUNTED = re.compile(r"\b(?:une (?:seule|meme)|plusieurs) regions?\b")
_FILING = re.compile(
    r"valid\w+(?= (?:notre|le|mon|ce|son|un)? ?(?:dossier|depot|candidature|demande))|parven\w*|arriv\w*|\badmissib\w*|depos\w*|depot\w*|envo[iy]\w*|voye\b|poste[es]*\b|parti\b|clique\w*|televers\w*|enregistre\w*|transmi\w*|transmet\w*|soumi\w*|soumet\w*|remis\w*|candidat\w*|recevab\w*|"
    r"trop tard|hors delai|dans les (?:delais|temps)|a temps|submit\w*|filed|accepte\w*|valable"
)
# The year of a structure or of a software, not of a call.
_FOUNDED_BEFORE = re.compile(
    r"\b(?:fonde|cree|bati|construit|inaugure|agree|dat(?:e|ant))e?s?(?: (?:en|de|depuis))+ $"
)
_YEARS_OF_A_PLAN = re.compile(r"\b20\d\d-20\d\d\b")  # « CPOM 2024-2028 »
_SINCE_BEFORE = re.compile(r"\bdepuis (?:l'annee |le debut de |fin |debut )?$")
_TELEPHONE = re.compile(r"(?<!\d)0\d(?:[ .-]?\d\d){4}(?!\d)")
_TO_FILE = re.compile(r"\b(?:encore|toujours|peut|peux|puis|pouvons)\b")
_ORDERING = re.compile(r"\b(?:command\w*|bon de commande|convention\w*|sign\w+)\b")
_HOURS = re.compile(
    r"(?P<n>\d[\d ]{0,8}(?:,\d+)?|zero|aucune?) ?(?:(?:h\b|heures?)(?: d[e'])? ?(?:[a-z']+ ){0,4}?|(?P<share>%) (?:d'heures |d'activites |des heures )?(?:de |d')?|de |d'|(?<=zero )|(?<=aucun ))(?P<kind>essentiel\w*|confort|eligibles?|menage|jardinage)"
)
# « du confort, 2500 h »: the kind of hours is told first.
_HOURS_AFTER_KIND = re.compile(
    r"\b(?P<kind>essentiel\w*|confort)(?: ?[:,=(]| (?:pour|c'est|fait|represent\w+|avec))+ ?(?P<n>\d[\d ]{0,8}(?:,\d+)?|zero|aucune) ?(?:h\b|heures?)(?! (?:d[e'] ?)?(?:[a-z']+ )?(?:essentiel|confort|eligib))"
)
_HOURS_IN_ALL = re.compile(
    r"(?P<n>\d[\d ]{0,8}) ?(?:h\b|heures?) (?:au total|en tout|par an|annuelles?|dont|sur)|\b(?:total|sur)(?: de)? (?P<m>\d[\d ]{0,8}) ?(?:h\b|heures?)"
)
# « 90 000 h dont 10 % de confort », « 90 000 heures, 10 % de confort »
_HOURS_OF_A_SHARE = re.compile(r"(?P<n>\d[\d ]{0,8}) ?(?:h\b|heures?)(?P<m>)(?=[^.;?!]{0,40}\d ?%)")
_L312 = r"(?:l'|l )?(?:article )?l ?\.? ?312\b"
_OWN_FINESS = re.compile(
    r"\bfiness (?:geo\w* )?(?:propre|individuel|distinct|(?:a )?chacun|a (?:elle|lui|eux))|\b(?:a|ont|avons|possede\w*|dispose\w*|chacune?|chaque \w+ a|tous avec|toutes avec)(?: \w+)? (?:de |d')?(?:son|leur|un|une|notre|propre)(?: propre)?(?: numero)? (?:de )?finess"
)
_NO_FINESS = re.compile(
    r"\bpas encore (?:\w+ ){0,3}finess|\bpas de (?:finess )?geographique\b|\bfiness juridique (?:seulement|uniquement|mais pas)|\b(?:seulement|uniquement|que) (?:un|le|son|notre) finess juridique|(?:pas (?:de |d')|sans |aucun )(?:propre )?(?:numero )?(?:de )?finess|n'(?:a|ont|avons) pas (?:de |son |leur |d')(?:propre )?(?:numero )?(?:de )?finess"
)
# « un FINESS juridique, pas de géographique »
_ONLY_LEGAL_FINESS = re.compile(
    r"\bfiness juridique\b[^.?!;]{0,20}\b(?:pas|aucun|sans|mais pas|et pas)(?: (?:de|d'|le|un))* geographique|\b(?:seulement|uniquement|que|qu')(?: avec)?(?: un| le| son| leur)? ?finess juridique"
)
# « aucun des 12 services ne possède de FINESS propre »
_DENIED_FINESS = re.compile(
    r"\baucune?\b[^.;?!]{0,60}? n(?:e |')(?:\w+ ){1,2}(?:de |d'|un |son )?(?:propre )?(?:numero )?(?:de )?finess|\bn(?:e |')(?:\w+ ){1,3}(?:pas|plus|jamais) (?:\w+ ){0,3}finess"
)
_QUESTION_FINESS = re.compile(r"\b(?:faut[- ]il|doit-on|doivent-il|doit-il|faut que)\b[^.?!;]{0,40}\bfiness")
_IN_L312 = re.compile(
    rf"(?:relev\w*|visee?s?|autorise\w*|au titre|soumis\w*)[a-z ]{{0,14}} ?(?:(?:de |du |a |par )?(?:le |la )?|du \d{{1,2}}° (?:du i )?de ){_L312}"
)
_OUT_L312 = re.compile(
    rf"\bhors (?:de |du )?{_L312}|(?:ne relev\w* (?:pas|plus|ni)|n'est pas visee?|pas visee?s?|ne figur\w+ pas|n(?:e |')(?:est|sont) pas (?:des? |une? )?(?:{ESSMS_NOUN}))[a-z ]{{0,10}} ?(?:de |du |par |a )?(?:le |l')?{_L312}"
)
# « ne sont pas autorisées au titre du L. 312-1 », « aucune ne relève de l'article »
_DENIED_L312 = re.compile(
    rf"(?:\bn(?:e |')(?:\w+ ){{1,3}}(?:pas|plus|jamais)|\bpas|\bnon|\baucune? ne|\bni)(?: \w+)? (?:{_IN_L312.pattern})|\baucune? (?:\w+ ){{0,3}}?n(?:e |'(?:est )?)(?:{_IN_L312.pattern})"
)
_QUESTION_L312 = re.compile(rf"\b(?:faut-il|doit-on|faut il) [a-z ]{{0,20}}{_L312}")


def find_voies(plain: str) -> list[str]:
    """Return the tracks a message names, in a fixed order."""
    return [voie for voie, pattern in _VOIES if pattern.search(plain)]


def read_facts(folded: Folded, today: date, *, bare_number: bool = False) -> Facts:
    """Return the facts one message states, each with the words it came from.

    ``bare_number`` says that a number alone answers the previous question about the number of ESSMS. A fact told by
    its label (« Région : Bretagne ») is read by itself.
    """
    told = find_labelled(folded, today)
    if not told.facts:
        return _read_free(folded, today, _default_year(today), bare_number=bare_number)
    campagne = told.facts.get("campagne")
    year = int(campagne.value[:4]) if campagne else _default_year(today)
    free = _read_free(told.without(folded), today, year, bare_number=bare_number)
    return replace(free, **told.facts)


@lru_cache(maxsize=64)  # the same message is read for its facts, then for what it states
def find_labelled(folded: Folded, today: date) -> Labelled:
    """Return the facts of a message told by their labels, and where."""
    return read_labelled(folded, today, _default_year(today))


def _read_free(folded: Folded, today: date, default_year: int, *, bare_number: bool) -> Facts:
    """Return the facts told without a label; ``default_year`` completes a day when the message names none."""
    plain = folded.plain
    years = find_years(plain, find_days(plain, today, default_year))
    years = [found for found in years if not _of_a_structure(plain, *found[:2])]
    year = years[-1][0] if years else default_year
    spans = find_spans(plain, today, year)
    days = [day for day in find_days(plain, today, year) if not _overlaps(day, spans)]
    places, categories = find_places(folded), find_categories(folded)
    codes = [(place.start, place.end) for place in places if plain[place.start].isdigit()]
    codes += [match.span() for match in _TELEPHONE.finditer(plain)]
    numbers = [
        number
        for number in find_numbers(plain, codes)
        if not any(_overlaps(number, items) for items in (days, spans, places)) and not _is_year(number)
    ]
    counts = Counter(folded, numbers, places, categories).read(bare=bare_number)
    essential, comfort = _hours(plain)
    filed, cited = _filing(folded, days, spans, today)
    if filed:  # its year is the day's
        years = [found for found in years if not any(span.start <= found[1] < span.end for span in spans)]
    return Facts(
        campagne=_campagne(plain, years),
        voie=_voie(folded),
        nombre_essms=counts.essms,
        variation=counts.variation,
        sans_finess=counts.sans_finess,
        nombre_regions=counts.regions,
        territoires=_territoires(places),
        categories=counts.categories,
        date_depot=filed,
        date_citee=cited,
        finess_geo=None
        if _QUESTION_FINESS.search(plain)
        else _stated(folded, _OWN_FINESS, _NO_FINESS, _ONLY_LEGAL_FINESS, _DENIED_FINESS),
        l312_1=None if _QUESTION_L312.search(plain) else _stated(folded, _IN_L312, _OUT_L312, _DENIED_L312),
        heures_essentielles=essential,
        heures_confort=comfort,
        **read_aids(folded, days),
    )


def _of_a_structure(plain: str, year: int, start: int) -> bool:
    """Whether a year is of a structure, and of no call: « fondée en 2017 », « que je préside depuis 2015 »."""
    before = plain[max(0, start - 40) : start]
    since = _SINCE_BEFORE.search(before) and not campagnes_of(str(year), load_parameters())
    spread = _YEARS_OF_A_PLAN.search(plain[max(0, start - 5) : start + 9])
    return bool(since or spread or _FOUNDED_BEFORE.search(before))


def _overlaps(one: Number | Day, items: Sequence[Day | Span | Place]) -> bool:
    return any(one.start < item.end and item.start < one.end for item in items)


def _is_year(number: Number) -> bool:
    return number.count.exact and 1800 <= number.value <= 2039


_DOUBTED = re.compile(
    r"\b(?:ignor\w+|sa(?:it|is|vons|vent) pas|pas (?:sure?s?|certaine?s?)|peut-etre|doute\w*|verifi\w+|me demande|savoir|si (?:nous|on|elle|il|la|le|notre|nos|chaque))\b[^.;!?]*$"
)


# « sur 15 ESSMS, 14 ont un FINESS »: it is not said of the project
_OF_SOME = re.compile(r"\b(?:sur|parmi|dont|seul\w*)\b[^.;?!]{0,40}\b\d+(?: d'entre (?:eux|elles))? $")


def _stated(folded: Folded, yes: re.Pattern[str], *no: re.Pattern[str]) -> Stated[bool] | None:
    for value, pattern in (*((False, pattern) for pattern in no), (True, yes)):
        match = pattern.search(folded.plain)
        before = folded.plain[max(0, match.start() - 60) : match.start()] if match else ""
        if match and not _DOUBTED.search(before) and not _OF_SOME.search(before):
            return Stated(value, folded.words(match.start(), match.end()))
    return None


def _hours(plain: str) -> tuple[Stated[float] | None, Stated[float] | None]:
    essential = comfort = None
    whole = _HOURS_IN_ALL.search(plain) or _HOURS_OF_A_SHARE.search(plain)
    total = float((whole["n"] or whole["m"]).replace(" ", "")) if whole else None
    for match in (*_HOURS_AFTER_KIND.finditer(plain), *_HOURS.finditer(plain)):
        written = match["n"].replace(" ", "").replace(",", ".")
        value = Stated(0.0 if written.isalpha() else float(written), match[0].strip())
        if total and match.groupdict().get("share"):  # « 90 000 h dont 10 % de confort »
            value = Stated(total * value.value / 100, value.words)
        if match["kind"].startswith(("essent", "eligib")):
            essential = value
        else:
            comfort = value
    if not (essential and comfort) and whole and total is not None:
        # « 1 000 heures dont 250 de confort »: the other kind is what is left.
        part = essential or comfort
        if part and part.value <= total:
            rest = Stated(total - part.value, whole[0].strip())
            essential, comfort = (part, rest) if essential else (rest, part)
    return essential, comfort


def _territoires(places: list[Place]) -> tuple[Stated[str], ...]:
    by_region: dict[str, Stated[str]] = {}
    for place in places:
        by_region.setdefault(place.region, Stated(place.region, place.words))
    return tuple(by_region.values())


def _campagne(plain: str, years: list[tuple[int, int, int]]) -> Stated[str] | None:
    temps = find_temps(plain)
    year = years[-1][0] if years else None
    if temps and year in (None, 2021):
        return Stated(f"2021-T{temps}", f"temps {temps}")
    if year == 2021 and (month := find_month_end(plain)) and month.year == 2021:
        return Stated("2021-T1" if month.month < 7 else "2021-T2", "2021")
    return Stated(str(year), str(year)) if year is not None else None


def _voie(folded: Folded) -> Stated[str] | None:
    plain = folded.plain
    told = _REGIONS_COUNTED.sub(" ", plain)  # « une seule région » counts regions, and names no call
    found = find_voies(told)
    if len(found) != 1 or _STATED_VOIE.search(plain):
        return None
    named = next(match for voie, pattern in _VOIES if voie == found[0] and (match := pattern.search(plain)))
    return Stated(found[0], folded.words(named.start(), named.end()))


def _filing(
    folded: Folded, days: list[Day], spans: list[Span], today: date
) -> tuple[Stated[Filing] | None, Stated[date] | None]:
    """Return when a file was or would be submitted, and the day quoted without submitting.

    With several days, the one nearest to a word of filing is the filing's. « Peut-on encore déposer
    aujourd’hui » files nothing.
    """
    plain = folded.plain
    asks = bool(_TO_FILE.search(plain))
    told = [span for span in spans if not (asks and span.when == Period.day(today))]
    chosen = [day for day in days if not day.relative] or [
        day for day in days if not (asks and day.day == today)
    ]
    chosen = [day for day in chosen if not _planned(plain, day)] or chosen
    filings = [match.start() for match in _FILING.finditer(plain)]
    missed = [day for day in chosen if _DEADLINE_BEFORE.search(plain[max(0, day.start - 40) : day.start])]
    if missed and _MISSED.search(plain):
        return None, None  # « nous avons raté la date limite du… »: nothing was filed that day
    if _ORDERING.search(plain) and not re.search(r"\bdepos|\bdepot", plain):
        return None, _cited(folded, chosen)

    def distance(item: Day | Span) -> int:
        return min((abs(item.start - place) for place in filings), default=_NEAR_FILING + 1)

    span = min(told, key=distance, default=None)
    filed = min((day for day in chosen if _files(plain, day)), key=distance, default=None)
    if span and (filed is None or distance(span) < distance(filed)):
        return _within(folded, span, distance(span)), _cited(folded, chosen)
    if filed is None or not filings:
        return None, _cited(folded, chosen)
    others = [day for day in chosen if day.day != filed.day]
    return _around(folded, filed) or _moved(folded, filed), _cited(folded, others)


def _planned(plain: str, day: Day) -> bool:
    """Whether a file was only meant to be submitted that day: « nous pensions déposer le 12 »."""
    return bool(_PLANNED_BEFORE.search(plain[max(0, day.start - 80) : day.start]))


def _cited(folded: Folded, days: list[Day]) -> Stated[date] | None:
    """Return the last day quoted; « hier » or « à ce jour » only when it is told as that of a call."""
    quoted = [
        day
        for day in days
        if not day.relative or _QUOTED_BEFORE.search(folded.plain[max(0, day.start - 60) : day.start])
    ]
    return Stated(quoted[-1].day, folded.words(quoted[-1].start, quoted[-1].end)) if quoted else None


def _files(plain: str, day: Day) -> bool:
    """Whether a file was or would be submitted that day, and not before it, nor that it was not."""
    before = plain[max(0, day.start - 80) : day.start]
    if _BOUND_BEFORE.search(before) or _NOT_FILED_BEFORE.search(before):
        return False
    if not day.relative:
        return True
    if _COUNT_BEFORE.search(before):
        return False  # « nous sommes 12 aujourd'hui, 15 au dépôt »
    sentence = _SENTENCE_END.split(plain[: day.start])[-1] + _SENTENCE_END.split(plain[day.start :])[0]
    return bool(_FILING.search(sentence)) and not _of_else(plain, day.start)


def _of_else(plain: str, start: int) -> bool:
    """Whether the words before a day tell of something else than a filing: « on m'a dit hier »."""
    before = plain[max(0, start - 30) : start]
    said = _SAID_BEFORE.search(before)
    return bool(_OTHER_EVENT.search(before)) or bool(said and not _FILING.search(said[0]))


def _within(folded: Folded, span: Span, distance: int) -> Stated[Filing] | None:
    """Return the period as that of a filing; far from any word of filing, it is of something else.

    Told from the closing, it is of a filing unless the message speaks of what comes after one.
    """
    if _of_else(folded.plain, span.start) or _ASKS_WHEN.search(folded.plain):
        return None
    if distance > _NEAR_FILING and (
        not isinstance(span.when, FromClosing) or _AFTER_FILING.search(folded.plain)
    ):
        return None
    return Stated(span.when, folded.words(span.start, span.end))


_COUNT_BEFORE = re.compile(rf"\d(?: {ESSMS_NOUN})? $")
_NEAR_FILING = 60  # characters
_ASKS_WHEN = re.compile(r"\b(?:combien|quand(?! meme)|heure)\b")
_SENTENCE_END = re.compile(r"[.?!;] ")
_AFTER_FILING = re.compile(
    r"\b(?:result|repon|notif|decision|selection|instrui|modifi|corrig|question|vers[ee]|paie|convention)\w*"
)
_SAID_BEFORE = re.compile(r"\b(?:dit|appelee?s?|ecrit|lu|vu|repondu|appris|recu|annonce\w*)\b[^,;.?!]*$")
# A call is told to end or begin that day: « la date limite, c'est demain ? ».
_QUOTED_BEFORE = re.compile(
    r"\b(?:cloture|date (?:limite|butoir)|echeance|dernier jour|ouverture)\b[^;.?!\d]{0,30}\b(?:est|etait|serait|tombe)\b[^,;.?!\d]{0,10}$"
    r"|\b(?:se termin\w+|finit|finissait|(?<!est )(?<!etait )(?<!deja )ferme|fermait) (?:bien )?$"
)
_BOUND_BEFORE = re.compile(
    r"(?<!jour )(?<!jours )(?<!semaine )(?<!semaines )(?<!mois )\b(?:avant le|jusqu'au|au plus tard le|d'ici (?:le|au)) $"
)
_PLANNED_BEFORE = re.compile(
    r"\b(?:pensi?[oa](?:ns|is)|devi?[oa](?:ns|is)|devait|compti?[oa](?:ns|is)|vouli?[oa](?:ns|is)|voulait|esperi?[oa](?:ns|is)|"
    r"envisag\w+|(?:avi?[oa](?:ns|is)|avait|etait|initialement) prevu\w*|aur(?:ions|ais|ait) (?:du|pu|voulu))\b(?:(?!\bmais\b)[^,;.?!])*$"
)
_NOT_FILED_BEFORE = re.compile(
    r"\bn(?:e |')(?:\w+ ){0,2}(?:pas|jamais|rien)(?: (?:encore|toujours|pu))* (?:depos|envoy|transmi|soumi|remis|candidat)(?:(?!\bmais\b)[^,;.?!])*$"
)
_OTHER_EVENT = re.compile(
    r"\b(?:sign|command|publi|paru|lanc|ouv[er]|instruction|cre[ee]|notifi|selectionn)\w*[^,;.?!]*$"
)


_ABOUT_DAY = re.compile(
    r"\b(?:vers|autour|aux alentours|aux environs|environ|a peu pres)(?: (?:du|de|le))* $"
)
_AFTER_DAY = re.compile(
    r"(?<!jour )(?<!jours )(?<!semaine )(?<!semaines )(?<!mois )\b(?:apres|au-dela d[ue]|posterieure?ment au|passe) (?:la date du |le )?$"
)


def _around(folded: Folded, day: Day) -> Stated[Filing] | None:
    """Return the days meant by « vers le 15 » (within three days) or « après le 15 » (to the end of the year)."""
    before = folded.plain[max(0, day.start - 40) : day.start]
    if match := _ABOUT_DAY.search(before):
        slack = timedelta(days=3)
        period = Period(day.day - slack, day.day + slack)
    elif match := _AFTER_DAY.search(before):
        first = day.day + timedelta(days=1)
        period = Period(first, date(first.year, 12, 31))
    else:
        return None
    return Stated(period, folded.words(day.start - len(before) + match.start(), day.end))


def _moved(folded: Folded, day: Day) -> Stated[Filing]:
    """Return the day of filing told from another: « le lendemain du… », « trois jours après le… »."""
    before = folded.plain[max(0, day.start - 40) : day.start]
    start, shift = day.start, 0
    if match := _DAYS_FROM.search(before):
        count = find_numbers(match["n"])
        days = int(count[0].value) if count else 1
        shift = days if match["way"].startswith("apres") else -days
    elif match := _DAY_FROM.search(before):
        shift = -1 if match["way"].startswith("veille") else 1
    if match:
        start -= len(before) - match.start()
    return Stated(Period.day(day.day + timedelta(days=shift)), folded.words(start, day.end))


_LINK = r"(?: (?:la (?:date (?:limite )?|cloture |echeance )?)?(?:du|le|de l'|au|d'))? ?$"
_DAYS_FROM = re.compile(rf"(?P<n>\d{{1,3}}|[a-z]+) jours? (?P<way>apres|avant){_LINK}")
_DAY_FROM = re.compile(rf"\b(?P<way>lendemain|veille|apres|au-dela|posterieure?ment|passe){_LINK}")
_DEADLINE_BEFORE = re.compile(
    r"\b(?:date limite|date|cloture|echeance|limite|fermeture|delai)(?: \w+)? (?:du|au|le) $"
)
_MISSED = re.compile(r"\b(?:rate|manque|loupe|depasse|laisse passer|laisse filer)\w*\b")
_REPLACED = tuple(
    item.name for item in fields(Facts) if item.name not in ("territoires", "nombre_regions", "categories")
)


def merge_facts(before: Facts, now: Facts, *, also: bool = False) -> Facts:
    """Return the facts of a conversation: what is said now replaces what was said before.

    New places replace the old ones together with the number of regions, unless they are told ``also``, or join the
    project; a correction that only names categories ("en fait 4 sont des USLD") completes the total already stated.
    """
    changes: dict[str, object] = {
        name: getattr(now, name) for name in _REPLACED if getattr(now, name) is not None
    }
    if now.variation and before.nombre_essms and now.nombre_essms is None:
        count = shift(before.nombre_essms.value, now.variation.value)
        changes["nombre_essms"] = Stated(count, f"{before.nombre_essms.words}, {now.variation.words}")
        changes["variation"] = None
    joins = also or (now.variation is not None and now.variation.value > 0)
    if now.territoires or now.nombre_regions:
        known = {stated.value for stated in before.territoires}
        added = tuple(stated for stated in now.territoires if stated.value not in known)
        changes["territoires"] = (*before.territoires, *added) if joins else now.territoires
        changes["nombre_regions"] = now.nombre_regions
    if now.nombre_essms or now.territoires:
        changes.setdefault("voie", now.voie)
    if now.categories:
        numbered = any(mention.nombre for mention in now.categories)
        if joins and before.nombre_essms is None:
            changes |= {"categories": (*before.categories, *now.categories), "variation": None}
        elif numbered and now.nombre_essms is None and before.nombre_essms is not None:
            inside = tuple(replace(m, within_total=True) if m.nombre else m for m in now.categories)
            changes["categories"] = (*before.categories, *inside)
        else:
            changes["categories"] = now.categories
    elif now.nombre_essms:
        changes["categories"] = ()
    return replace(before, **changes)  # type: ignore[arg-type]
