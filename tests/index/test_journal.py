"""The journal of vectors: nothing encoded twice, whatever was cut short, damaged or dropped in between."""

import threading

import numpy as np
import pytest

from index.journal import Journal

TEXTS = ["le seuil", "la clôture du 15", "un groupement de gestionnaires", ""]


def silent(done, total):
    pass


@pytest.fixture
def journal(tmp_path, encoder):
    return Journal(tmp_path, encoder)


def the_file(tmp_path):
    (path,) = tmp_path.glob("*.vectors")
    return path


def test_vectors_come_in_the_order_of_the_texts_and_are_computed_once(journal, encoder):
    vectors, computed = journal.encode([*TEXTS, TEXTS[0]], silent)
    again, nothing = journal.encode(TEXTS[::-1], silent)

    assert (computed, nothing) == (4, 0)
    assert len(encoder.encoded) == 4
    assert np.array_equal(vectors[:4], encoder.encode_queries(TEXTS))
    assert np.array_equal(vectors[4], vectors[0])
    assert np.array_equal(again, vectors[:4][::-1])


def test_an_encoder_finds_nothing_of_another(tmp_path, journal, encoder):
    journal.encode(TEXTS, silent)
    encoder.fingerprint = "another"

    assert Journal(tmp_path, encoder).encode(TEXTS, silent)[1] == 4


def test_afresh_forgets_what_is_kept(journal):
    journal.encode(TEXTS, silent)

    assert journal.encode(TEXTS, silent, afresh=True)[1] == 4


@pytest.mark.parametrize("lost", [1, 100, 2048 + 35, 2048 + 36, 2048 + 37])
def test_a_record_cut_short_is_computed_again_and_the_others_kept(tmp_path, journal, encoder, lost):
    journal.encode(TEXTS, silent)
    path = the_file(tmp_path)
    path.write_bytes(path.read_bytes()[:-lost])
    records = -(-lost // (2048 + 36))

    vectors, computed = journal.encode(TEXTS, silent)

    assert computed == records
    assert np.array_equal(vectors, encoder.encode_queries(TEXTS))
    assert journal.encode(TEXTS, silent)[1] == 0


def test_a_damaged_record_is_computed_again(tmp_path, journal, encoder):
    journal.encode(TEXTS, silent)
    data = bytearray(the_file(tmp_path).read_bytes())
    data[4 + 2084 + 600] ^= 0xFF
    the_file(tmp_path).write_bytes(data)

    vectors, computed = journal.encode(TEXTS, silent)

    assert computed == 1
    assert np.array_equal(vectors, encoder.encode_queries(TEXTS))


@pytest.mark.parametrize("data", [b"", b"ab", b"\0\0\0\0", b"abime du tout au tout", b"\xff" * 5000])
def test_a_foreign_file_counts_for_nothing(tmp_path, journal, data):
    journal.encode(TEXTS, silent)
    the_file(tmp_path).write_bytes(data)

    assert journal.encode(TEXTS, silent)[1] == 4
    assert journal.encode(TEXTS, silent)[1] == 0


def test_what_a_failure_interrupts_is_kept_up_to_there(journal, encoder, monkeypatch):
    texts = [f"texte {'x' * number}" for number in range(600)]
    encode = encoder.encode_passages

    def fail_at_the_third(block, progress=None):
        if len(encoder.encoded) >= 512:
            raise MemoryError
        return encode(block, progress)

    monkeypatch.setattr(encoder, "encode_passages", fail_at_the_third)
    with pytest.raises(MemoryError):
        journal.encode(texts, silent)
    monkeypatch.undo()

    assert journal.encode(texts, silent)[1] == 600 - 512


def test_progress_goes_from_nothing_to_all(journal):
    told = []

    journal.encode([f"texte {number}" for number in range(600)], lambda *step: told.append(step))

    assert told[0] == (0, 600)
    assert told[-1] == (600, 600)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_only_the_texts_still_in_use_are_kept(tmp_path, journal, encoder):
    journal.encode(TEXTS, silent)
    size = the_file(tmp_path).stat().st_size

    journal.keep_only(TEXTS[:2])

    assert the_file(tmp_path).stat().st_size < size
    assert journal.encode(TEXTS, silent)[1] == 2


def test_two_at_once_compute_once(journal, encoder):
    threads = [threading.Thread(target=journal.encode, args=(TEXTS, silent)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(encoder.encoded) == 4
