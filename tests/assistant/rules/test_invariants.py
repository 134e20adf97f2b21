"""What must hold for every project: invariants searched by hypothesis."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.rules.deadline import VOIES, check_recevabilite
from assistant.rules.facts import CategoryMention, Count, Facts, FromClosing, Period, Stated
from assistant.rules.grouping import check_seuil, check_voie
from assistant.rules.project import judge
from assistant.rules.result import Outcome
from corpus.categories import load_categories
from corpus.parameters import load_parameters
from corpus.sources import load_sources
from corpus.territories import load_territories

P, T, C, SOURCES = load_parameters(), load_territories(), load_categories(), load_sources()
REGIONS = [region.id for region in T.regions]
CAMPAGNES = ["2022", "2023", "2024", "2025"]


def stated(value):
    return Stated(value, str(value))


counts = st.one_of(
    st.integers(0, 120).map(Count.exactly),
    st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda pair: Count(min(pair), max(pair))),
    st.integers(0, 80).map(lambda low: Count(low, None)),
)
mentions = st.builds(
    CategoryMention, st.sampled_from(sorted(C)), st.one_of(st.none(), counts), st.booleans(), st.just("mots")
)
days = st.dates(date(2020, 12, 1), date(2027, 1, 1))
filings = st.one_of(
    days.map(Period.day),
    st.tuples(days, st.integers(1, 45)).map(lambda pair: Period(pair[0], pair[0] + timedelta(days=pair[1]))),
    st.integers(-40, 40).map(FromClosing),
)
maybe_bool = st.one_of(st.none(), st.booleans().map(stated))
projects = st.builds(
    Facts,
    campagne=st.one_of(
        st.none(), st.sampled_from([*CAMPAGNES, "2021-T1", "2021-T2", "2019", "2030"]).map(stated)
    ),
    nombre_essms=st.one_of(st.none(), counts.map(stated)),
    nombre_regions=st.one_of(st.none(), st.integers(1, 13).map(Count.exactly).map(stated)),
    territoires=st.lists(st.sampled_from(REGIONS), max_size=3, unique=True).map(
        lambda ids: tuple(map(stated, ids))
    ),
    categories=st.lists(mentions, max_size=3).map(tuple),
    finess_geo=maybe_bool,
    l312_1=maybe_bool,
    champ_sanitaire=maybe_bool,
    date_depot=st.one_of(st.none(), filings.map(stated)),
    choix=st.one_of(
        st.none(), st.sampled_from(["acquisition", "remplacement", "maintien", "mixte"]).map(stated)
    ),
    domaine=st.one_of(
        st.none(), st.sampled_from(["PA", "PH", "DOM", "PDE", "PDS", "AHI", "PJM"]).map(stated)
    ),
    eligible_sons=maybe_bool,
    autre_aide_europeenne=maybe_bool,
)
days = st.dates(date(2021, 1, 1), date(2027, 12, 31))


@given(projects, days)
@settings(max_examples=300, deadline=None)
def test_every_outcome_cites_a_known_source_and_settled_projects_ask_nothing(facts: Facts, day: date) -> None:
    ruling = judge(facts, day, P, T, C)

    for result in ruling.results:
        assert result.sources, result.rule
        assert set(result.sources) <= set(SOURCES)
    if ruling.outcome is Outcome.NO:
        assert ruling.question is None


@given(
    st.sampled_from(CAMPAGNES),
    st.integers(0, 100),
    st.lists(st.sampled_from(REGIONS), max_size=3, unique=True),
)
@settings(max_examples=300, deadline=None)
def test_one_more_eligible_essms_never_turns_yes_into_no(
    campagne: str, number: int, regions: list[str]
) -> None:
    facts = Facts(nombre_essms=stated(Count.exactly(number)), territoires=tuple(map(stated, regions)))
    more = replace(facts, nombre_essms=stated(Count.exactly(number + 1)))

    before = check_seuil(facts, campagne, P, T, C).outcome
    after = check_seuil(more, campagne, P, T, C).outcome

    order = (Outcome.NO, Outcome.UNDETERMINED, Outcome.YES)
    assert order.index(after) >= order.index(before)


@given(
    st.sampled_from(CAMPAGNES),
    st.one_of(st.none(), counts),
    st.lists(st.sampled_from(REGIONS), max_size=2, unique=True),
    st.integers(0, 120),
    st.sampled_from(REGIONS),
)
@settings(max_examples=500, deadline=None)
def test_no_completion_contradicts_a_verdict_given_on_partial_facts(
    campagne: str, known: Count | None, regions: list[str], number: int, region: str
) -> None:
    partial = Facts(nombre_essms=stated(known) if known else None, territoires=tuple(map(stated, regions)))
    if known:
        number = max(known.low, number if known.high is None else min(number, known.high))
    complete = replace(
        partial,
        nombre_essms=stated(Count.exactly(number)),
        territoires=partial.territoires or (stated(region),),
    )
    for check in (check_seuil, check_voie):
        first, last = check(partial, campagne, P, T, C), check(complete, campagne, P, T, C)
        if first.outcome is not Outcome.UNDETERMINED:
            assert (
                last.outcome in (first.outcome, Outcome.UNDETERMINED)
                if not regions
                else last.outcome is first.outcome
            )
        if first.outcome is Outcome.YES and "voie" in first.values and last.outcome is Outcome.YES:
            assert first.values["voie"] == last.values["voie"]


NO_OTHER_AID = {
    name: stated("non" if name != "autre_aide_europeenne" else False)
    for name in ("autre_aide_europeenne", "deja_finance", "prestation_segur")
}


def test_fourteen_essms_in_normandie_need_no_other_question() -> None:
    facts = Facts(nombre_essms=stated(Count.exactly(14)), territoires=(stated("normandie"),))

    ruling = judge(facts, date(2025, 6, 1), P, T, C)

    assert ruling.outcome is Outcome.NO
    assert ruling.question is None


def test_the_region_is_the_first_question_between_the_two_thresholds() -> None:
    facts = Facts(nombre_essms=stated(Count.exactly(10)), l312_1=stated(True), finess_geo=stated(True))

    ruling = judge(facts, date(2025, 6, 1), P, T, C)

    assert ruling.outcome is Outcome.UNDETERMINED
    assert ruling.question == "territoires"


def test_a_filing_after_the_closing_settles_the_project() -> None:
    facts = Facts(
        nombre_essms=stated(Count.exactly(20)), territoires=(stated("bretagne"),), l312_1=stated(True),
        finess_geo=stated(True), date_depot=stated(Period.day(date(2025, 9, 16))),
        **NO_OTHER_AID,
    )  # fmt: skip

    assert judge(facts, date(2025, 9, 16), P, T, C).outcome is Outcome.NO
    in_time = replace(facts, date_depot=stated(Period.day(date(2025, 9, 15))))
    assert judge(in_time, date(2025, 9, 15), P, T, C).outcome is Outcome.YES


def test_a_filing_in_time_for_one_track_only_leaves_the_project_open() -> None:
    facts = Facts(
        nombre_essms=stated(Count.exactly(20)), l312_1=stated(True), finess_geo=stated(True),
        date_depot=stated(Period.day(date(2025, 8, 1))),
    )  # fmt: skip

    ruling = judge(facts, date(2025, 8, 1), P, T, C)

    assert ruling.outcome is Outcome.UNDETERMINED
    assert ruling.question == "nombre_regions"


@given(
    filed=st.tuples(days, st.integers(1, 45)),
    campagne=st.sampled_from(["2021-T1", "2021-T2", *CAMPAGNES]),
    voie=st.sampled_from(sorted(VOIES)),
)
@settings(max_examples=300, deadline=None)
def test_a_filing_told_roughly_is_judged_only_as_every_day_of_it_is(filed, campagne, voie) -> None:
    first, length = filed
    period = Period(first, first + timedelta(days=length))
    rough = check_recevabilite(period, "", campagne, voie, P).outcome
    each = {
        check_recevabilite(Period.day(first + timedelta(days=shift)), "", campagne, voie, P).outcome
        for shift in range(length + 1)
    }

    assert rough is (each.pop() if len(each) == 1 else Outcome.UNDETERMINED)


@given(shift=st.integers(-40, 40), campagne=st.sampled_from(CAMPAGNES), voie=st.sampled_from(sorted(VOIES)))
def test_a_filing_told_from_the_closing_is_late_only_after_it(shift, campagne, voie) -> None:
    outcome = check_recevabilite(FromClosing(shift), "", campagne, voie, P).outcome

    assert outcome is (Outcome.NO if shift > 0 else Outcome.YES)


@given(projects, projects, st.dates(date(2021, 3, 1), date(2027, 1, 1)))
@settings(max_examples=600, deadline=None)
def test_no_completion_of_a_project_contradicts_its_ruling(partial: Facts, other: Facts, day: date) -> None:
    filled = {
        item.name: getattr(other, item.name)
        for item in fields(Facts)
        if getattr(partial, item.name) is None and item.name not in ("campagne", "date_depot", "sans_finess")
    }
    complete = replace(partial, **filled)

    before, after = judge(partial, day, P, T, C), judge(complete, day, P, T, C)

    if Outcome.UNDETERMINED not in (before.outcome, after.outcome):
        assert after.outcome is before.outcome
