"""What is read in messages typed by applicants: precision and recall, and the words kept."""

from __future__ import annotations

import statistics
import time
from datetime import date

from assistant.understanding.reading import read_conversation
from evals.understanding import INTENTS, TURNS, compare, compare_intents, load_utterances, rates

TODAY = date(2026, 11, 22)


def test_facts_are_read_with_the_precision_and_recall_promised() -> None:
    right, wrong, missed, lines = compare(load_utterances())
    kinds = sorted({*right, *wrong, *missed})
    precision, recall = rates(right, wrong, missed, kinds)

    assert sum(right[kind] + missed[kind] for kind in kinds) > 600
    assert precision >= 0.97, "\n".join(lines)
    assert recall >= 0.93, "\n".join(lines)


def test_facts_are_kept_and_corrected_over_the_turns() -> None:
    right, wrong, missed, lines = compare(load_utterances(TURNS))
    precision, recall = rates(right, wrong, missed, sorted({*right, *wrong, *missed}))

    assert precision >= 0.95, "\n".join(lines)
    assert recall >= 0.9, "\n".join(lines)


def test_intents_are_told_by_the_words() -> None:
    right, wrong, missed, (parted, several) = compare_intents(load_utterances(INTENTS))
    kinds = sorted({*right, *wrong, *missed})
    precision, recall = rates(right, wrong, missed, kinds)

    assert sum(right[kind] + missed[kind] for kind in kinds) > 450
    assert precision >= 0.88
    assert recall >= 0.87
    assert parted / several >= 0.6


def test_reading_takes_milliseconds() -> None:
    texts = [row["text"] for row in load_utterances()]
    read_conversation([texts[0]], TODAY)
    times = []
    for text in texts:
        started = time.perf_counter()
        read_conversation([text], TODAY)
        times.append(time.perf_counter() - started)

    assert statistics.median(times) < 0.010


def test_facts_keep_the_words_they_came_from() -> None:
    facts = read_conversation(["Bonjour, nous gérons 14 établissements à Rouen."], TODAY).facts

    assert facts.nombre_essms is not None
    assert facts.nombre_essms.words == "14 établissements à Rouen"
    assert facts.territoires[0].words == "Rouen"


def test_a_follow_up_keeps_the_facts_and_replaces_what_it_restates() -> None:
    reading = read_conversation(["Nous avons 14 ESSMS en Normandie, est-ce assez ?", "et en Corse ?"], TODAY)

    assert reading.follows
    assert reading.facts.nombre_essms is not None
    assert reading.facts.nombre_essms.value.low == 14
    assert [place.value for place in reading.facts.territoires] == ["corse"]


def test_a_new_question_forgets_the_year_of_the_previous_one() -> None:
    reading = read_conversation(
        ["Quelle était l’enveloppe 2023 ?", "Quelles structures peuvent candidater au programme ?"], TODAY
    )

    assert not reading.follows
    assert reading.facts.campagne is None


def test_recommencer_forgets_everything() -> None:
    turns = ["Nous avons 14 ESSMS en Normandie", "recommencer", "Sommes-nous assez nombreux ?"]

    assert read_conversation(turns, TODAY).facts.nombre_essms is None
