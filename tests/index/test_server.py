"""The vectors on a real Chroma server, started for the tests: shared by processes, published whole, and gone."""

import shutil
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from chroma_server import Server

from index.build import build_index, open_index
from index.cli import main
from index.errors import SettingError, StoreError, StoreUnreachableError
from index.store import DocumentCollection, Place, Store, check_url, write_store


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("chroma"))
    yield running
    running.stop()


def names(server):
    import chromadb

    client = chromadb.HttpClient(host="127.0.0.1", port=server.port)
    return {collection.name for collection in client.list_collections()}


def unit_vectors(count, dimension=32):
    vectors = np.random.default_rng(5).standard_normal((count, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_a_server_answers_as_the_directory_does(server, settings, encoder):
    shared = replace(settings, url=server.url)

    here = open_index(settings, encoder).search("date de clôture de l’appel régional")
    there = open_index(shared, encoder).search("date de clôture de l’appel régional")

    assert [hit.passage.id for hit in there] == [hit.passage.id for hit in here]
    assert [hit.score for hit in there] == pytest.approx([hit.score for hit in here], abs=1e-4)


def test_a_second_process_takes_what_the_first_has_put_on_the_server(server, settings, encoder, tmp_path):
    first = replace(settings, url=server.url)
    build_index(first, encoder)
    encoder.encoded.clear()

    second = build_index(replace(first, var=tmp_path / "another"), encoder)

    assert second.encoded == 0
    assert encoder.encoded == []
    assert open_index(replace(first, var=tmp_path / "another"), encoder).search("seuil")[0].dense is not None


PROCESS = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from index.build import open_index
from index.settings import IndexSettings
from word_count_encoder import WordCountEncoder

var, fiches, url = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
settings = IndexSettings(var=var, fiches=fiches, glossary=fiches.parent / "glossary.yaml", url=url)
print(open_index(settings, WordCountEncoder()).search("seuil de groupement")[0].passage.text)
"""


def test_processes_share_the_server(server, settings, tmp_path):
    fiche = settings.fiches / "essai.md"
    fiche.write_text(fiche.read_text().replace("15 ESSMS", "33 ESSMS"))
    code = PROCESS.format(tests=str(Path(__file__).parent))
    command = [sys.executable, "-c", code]
    running = [
        subprocess.Popen(
            [*command, str(tmp_path / f"var{number}"), str(settings.fiches), server.url],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(3)
    ]

    said = [process.communicate(timeout=120) for process in running]

    assert [out for out, _ in said] == ["Le seuil est de 33 ESSMS pour un groupement.\n"] * 3, said
    assert not any(name.startswith("construction-") for name in names(server))


def test_several_processes_open_a_missing_index_at_once(server, settings, encoder, tmp_path):
    fiche = settings.fiches / "essai.md"
    fiche.write_text(fiche.read_text().replace("15 ESSMS", "41 ESSMS"))
    found = []

    def ask(number):
        own = replace(settings, url=server.url, var=tmp_path / f"var{number}")
        found.append(open_index(own, encoder).search("seuil de groupement")[0].passage.text)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == ["Le seuil est de 41 ESSMS pour un groupement."] * 4


def test_a_process_already_open_goes_on_when_another_builds_again(server, settings, encoder):
    shared = replace(settings, url=server.url)
    opened = open_index(shared, encoder)
    before = opened.search("seuil")[0]

    build_index(shared, encoder, force=True)

    assert opened.search("seuil")[0].passage == before.passage


def test_a_changed_content_has_its_own_collection_and_the_oldest_go(server, settings, encoder, monkeypatch):
    shared = replace(settings, url=server.url)
    fiche = settings.fiches / "essai.md"
    made = []
    for number in (15, 16, 17):
        fiche.write_text(fiche.read_text().replace(f"{number} ESSMS", f"{number + 1} ESSMS"))
        made.append(f"passages-{build_index(shared, encoder).directory.name}")

    assert set(made) <= names(server)  # another version of the product may still run on the oldest
    monkeypatch.setattr("index.store._GRACE", 0)
    fiche.write_text(fiche.read_text().replace("18 ESSMS", "19 ESSMS"))
    build_index(shared, encoder)
    assert not set(made[:2]) & names(server)
    assert made[2] in names(server)
    assert not any(name.startswith("construction-") for name in names(server))


def test_a_collection_cut_short_is_not_taken_for_whole(server, settings, encoder):
    shared = replace(settings, url=server.url)
    directory = build_index(shared, encoder).directory
    place = Place.on_server(server.url, directory.name)
    write_store(place, ["one"], unit_vectors(1, len(encoder.encode_queries(["a"])[0])), replace=True)

    retriever = open_index(shared, encoder)

    assert len(retriever.search("seuil")) == 3


def test_a_server_that_restarts_is_found_again(settings, encoder, tmp_path):
    server = Server(tmp_path / "chroma")
    retriever = open_index(replace(settings, url=server.url), encoder)
    try:
        before = retriever.search("seuil")
        server.stop()
        with pytest.raises(StoreUnreachableError, match="ne répond pas"):
            retriever.search("seuil")
        server.start()
        assert [hit.passage.id for hit in retriever.search("seuil")] == [hit.passage.id for hit in before]
    finally:
        server.stop()


def test_a_server_that_lost_its_data_gets_them_back_without_encoding(settings, encoder, tmp_path):
    data = tmp_path / "chroma"
    server = Server(data)
    shared = replace(settings, url=server.url)
    build_index(shared, encoder)
    encoder.encoded.clear()
    server.stop()
    shutil.rmtree(data)
    server.start()
    try:
        assert open_index(shared, encoder).search("seuil")[0].dense is not None
        assert encoder.encoded == []
    finally:
        server.stop()


def test_a_server_that_is_not_there_is_said_and_nothing_is_built(settings, encoder):
    build_index(settings, encoder)
    encoder.encoded.clear()

    with pytest.raises(StoreUnreachableError, match="INDEX_URL"):
        open_index(replace(settings, url="http://127.0.0.1:9"), encoder)

    assert encoder.encoded == []


class _Odd(BaseHTTPRequestHandler):
    """A server that beats, and answers everything else as it is told."""

    def do_GET(self):
        if self.path.endswith("/heartbeat") and self.server.beats:
            self._send(200, b'{"nanosecond heartbeat": 1}')
        elif self.server.status is None:
            time.sleep(3)
        else:
            self._send(self.server.status, self.server.body)

    do_POST = do_GET

    def _send(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.mark.parametrize(
    ("beats", "status", "body"),
    [
        (True, 500, b"{}"),
        (True, 503, b""),
        (True, 200, b"{}"),
        (True, 200, b"<html>"),
        (False, 200, b"<html>"),
        (False, 404, b""),
        (True, None, b""),
    ],
)
def test_a_server_that_is_no_chroma_is_said_and_nothing_is_built(
    settings, encoder, monkeypatch, beats, status, body
):
    monkeypatch.setattr("index.store._REQUEST_TIMEOUT", 0.5)
    monkeypatch.setattr("index.store._CONNECT_TIMEOUT", 0.5)
    odd = ThreadingHTTPServer(("127.0.0.1", 0), _Odd)
    odd.beats, odd.status, odd.body = beats, status, body
    threading.Thread(target=odd.serve_forever, daemon=True).start()
    try:
        with pytest.raises(StoreUnreachableError, match="ne répond pas"):
            open_index(replace(settings, url=f"http://127.0.0.1:{odd.server_address[1]}"), encoder)
        assert encoder.encoded == []
    finally:
        odd.shutdown()


def test_a_proxy_is_not_asked_for_a_server_of_this_machine(server, settings, encoder, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    assert open_index(replace(settings, url=server.url), encoder).search("seuil")


def test_a_writing_that_fails_leaves_nothing_on_the_server(server):
    with pytest.raises(StoreError):
        write_store(Place.on_server(server.url, "doubles"), ["a", "a"], unit_vectors(2))

    assert not any(name.startswith("construction-") for name in names(server))


def test_documents_of_the_caller_are_apart_from_the_index(server):
    kept = DocumentCollection(Place(None, server.url, "notes"))
    kept.put(["a"], ["texte"], [{}], unit_vectors(1))

    assert "documents-notes" in names(server)
    assert kept.get(["a", "b"]) == [("a", "texte", {})]


def test_a_server_that_accepts_and_never_answers_is_given_up(monkeypatch):
    monkeypatch.setattr("index.store._REQUEST_TIMEOUT", 0.5)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        place = Place.on_server(f"http://127.0.0.1:{silent.getsockname()[1]}", "f")
        started = time.monotonic()
        with pytest.raises(StoreUnreachableError):
            Store(place)
        assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    "url",
    [
        "localhost:8000",
        "ftp://a",
        "http://",
        "http://a:port",
        "http://a/b",
        "http://u:p@a",
        "http://a?x",
        "[",
        "http://[::1",
        "http://[::1]:8000",
        "http://h:",
        "http://:pw@h",
        "http://h#f",
        "http://h ost:1",
        "http://h:0",
    ],
)
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(SettingError, match="INDEX_URL"):
        check_url(url)


def test_the_command_says_what_is_wrong_with_the_address(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("INDEX_URL", "ici")
    monkeypatch.setenv("ASSISTANT_VAR", str(tmp_path))

    assert main(["stats"]) == 2
    assert "INDEX_URL vaut « ici »" in capsys.readouterr().err.replace("\u00a0", " ")


def test_a_missing_collection_is_an_error_of_the_store(server):
    with pytest.raises(StoreError, match="ne peut être lue"):
        Store(Place.on_server(server.url, "jamais"))
