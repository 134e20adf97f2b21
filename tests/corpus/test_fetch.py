"""``python -m corpus fetch`` against a real server on the loopback, over TLS, that misbehaves."""

import functools
import json
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import date
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import fpdf
import pytest
import trustme

from corpus import addresses, fetching
from corpus.addresses import Timing, Web, check_url, is_public, resolve
from corpus.cli import main
from corpus.documents import add_document, load_documents, remove_document
from corpus.errors import DocumentError
from corpus.fetching import MEGABYTE, fetch, suffix_of
from corpus.sources import Source, load_sources

TODAY = date(2025, 10, 1)
NAME = "www.exemple.test"
# Long enough to travel in several parts.
TEXT = "".join(f"Ligne {number} de l’instruction.\n\n" for number in range(6_000)).encode()
VERSIONED = {"ETag": '"v1"', "Content-Type": "text/plain; charset=utf-8"}


def loopback_only(address):
    return address in ("127.0.0.1", "::1")


def html(*sentences):
    paragraphs = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    return f"<html><body><article><h1>Appel</h1>{paragraphs}</article></body></html>".encode()


PAGE = html(
    "Le dépôt des dossiers ferme le 15 septembre 2025 dans toutes les régions concernées par l’appel."
)


def pdf(text="Instruction du 2 septembre 2025"):
    document = fpdf.FPDF()
    document.add_page()
    document.set_font("Helvetica")
    document.cell(text=text)
    return bytes(document.output())


class Site(ThreadingHTTPServer):
    """Pages are functions of the handler and of how many times they were asked before."""

    daemon_threads = True

    def __init__(self, trust, server):
        super().__init__(("127.0.0.1", 0), Handler)
        self.trust = trust
        self.pages, self.seen, self.names = {}, [], []
        server.sni_callback = lambda _socket, name, _context: self.names.append(name)
        self.socket = server.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request, client_address):
        """Say nothing: clients that hang up are what is tested."""

    def url(self, path="/", host="localhost"):
        return f"https://{host}:{self.server_port}{path}"

    def says(self, path, body=b"", status=200, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = lambda handler, _times: handler.reply(body, status, named)

    def asked(self, path):
        return [headers for seen, headers in self.seen if seen == path]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_arguments):
        pass

    def do_GET(self):
        times = len(self.server.asked(self.path))
        self.server.seen.append((self.path, dict(self.headers)))
        self.close_connection = True
        page = self.server.pages.get(self.path, lambda handler, _times: handler.reply(b"", 404))
        with suppress(OSError):
            page(self, times)

    def begin(self, status=200, headers=None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()

    def reply(self, body, status=200, headers=None):
        self.begin(status, {"Content-Type": "text/html", "Content-Length": len(body), **(headers or {})})
        self.wfile.write(body)


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def site(authority):
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("localhost", NAME).configure_cert(server)
    authority.configure_trust(client)
    with Site(client, server) as site:
        threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield site
        site.shutdown()


@pytest.fixture
def slept():
    return []


@pytest.fixture
def web(site, slept):
    def make(**changes):
        timing = Timing(**{"connect": 2, "read": 3, "whole": 20, "pause": 0, **changes})
        return Web(allowed=loopback_only, trust=site.trust, timing=timing, sleep=slept.append)

    return make


@pytest.fixture
def var(tmp_path):
    return tmp_path / "var"


def source(url, identifier="appel", **changes):
    given = {
        "id": identifier, "type": "webpage", "title": "Appel à projets", "publisher": "ARS Corse", "grade": 2,
        "issued": "2025-09-05", "scope": "corse", "years": (2025,), "read": "whole", "url": url, "download": url,
        "accessed": date(2025, 9, 6),
    }  # fmt: skip
    return Source(**{**given, **changes})


@pytest.fixture
def get(site, web, var):
    """Fetch one path of the site and return what became of it, with ordinary spaces."""

    def run(path, *, max_bytes=50 * MEGABYTE, timing=None, **changes):
        wanted = source(site.url(path), **changes)
        [outcome] = fetch([wanted], today=TODAY, max_bytes=max_bytes, var=var, web=web(**(timing or {})))
        return outcome._replace(text=outcome.text.replace("\u00a0", " "))

    return run


def left(var):
    return sorted(path.name for path in (var / "downloads").iterdir() if path.name != ".lock")


def contents(var):
    [record] = load_documents(var)
    return (var / "documents" / record.file).read_bytes()


# What goes well.


def test_a_page_is_added_with_the_description_of_its_source(site, get, var):
    site.says("/appel", PAGE)

    outcome = get("/appel")

    [record] = load_documents(var)
    assert outcome.status == "added"
    assert outcome.text == f"document {record.id}, {len(PAGE)} octets, sha256 {record.sha256}"
    assert (record.title, record.publisher, record.issued) == ("Appel à projets", "ARS Corse", "2025-09-05")
    assert (record.grade, record.scope, record.years) == (2, "corse", (2025,))
    assert (record.url, record.added_on, record.file[-5:]) == (site.url("/appel"), TODAY, ".html")
    assert left(var) == ["state.json"]


def test_a_pdf_is_added_as_such_whatever_its_address(site, get, var):
    site.says("/telecharger", pdf(), Content_Type="application/pdf")
    site.says("/texte.pdf", pdf("Cahier des charges"), Content_Type="application/octet-stream")

    assert get("/telecharger").status == "added"
    assert get("/texte.pdf", identifier="autre").status == "added"
    assert [(record.file[-4:], record.pages) for record in load_documents(var)] == [(".pdf", 1)] * 2


def test_a_source_without_a_date_is_told_by_the_day_it_was_read(site, get, var):
    site.says("/appel", PAGE)

    assert get("/appel", issued=None).status == "added"
    [record] = load_documents(var)
    assert record.issued == "2025-10-01"
    assert "(sans date de publication\u00a0; lu le 01/10/2025)" in record.title


def test_the_server_is_told_who_asks_and_nothing_else(site, get):
    site.says("/appel", PAGE, Set_Cookie="a=b")

    get("/appel")

    [headers] = site.asked("/appel")
    assert headers["User-Agent"].startswith("assistant-esms-numerique ")
    assert set(headers) == {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}


def test_one_failing_file_does_not_stop_the_others(site, web, var):
    site.says("/appel", PAGE)
    wanted = [source(site.url("/absent"), "absent"), source(site.url("/appel"))]

    outcomes = list(fetch(wanted, today=TODAY, var=var, web=web()))

    assert [(outcome.source, outcome.status) for outcome in outcomes] == [
        ("absent", "refused"),
        ("appel", "added"),
    ]


# The second time.


def test_a_page_that_has_not_changed_is_not_sent_again(site, get, var):
    def page(handler, _times):
        if handler.headers["If-None-Match"] == '"v1"':
            handler.begin(304)
        else:
            handler.reply(PAGE, headers={"ETag": '"v1"', "Last-Modified": formatdate(0, usegmt=True)})

    site.pages["/appel"] = page

    assert [get("/appel").status for _ in range(2)] == ["added", "unchanged"]
    assert site.asked("/appel")[1]["If-Modified-Since"] == "Thu, 01 Jan 1970 00:00:00 GMT"
    assert len(load_documents(var)) == 1


def test_the_same_bytes_sent_again_are_not_added_twice(site, get, var):
    site.says("/appel", PAGE)

    assert [get("/appel").status for _ in range(2)] == ["added", "unchanged"]
    (var / "downloads" / "state.json").write_text("perdu", encoding="utf-8")
    assert get("/appel").status == "unchanged"
    assert len(load_documents(var)) == 1


def test_a_page_that_reads_the_same_is_unchanged_whatever_its_tokens(site, get, var):
    for token in (b"1", b"2"):
        site.says("/appel", PAGE.replace(b"<body>", b"<body><input type=hidden value=" + token + b">"))
        last = get("/appel")

    assert last.status == "unchanged"
    assert len(load_documents(var)) == 1


def test_a_new_version_is_added_and_names_the_one_it_replaces(site, get, var):
    site.says("/appel", PAGE, ETag='"v1"')
    get("/appel")
    site.says("/appel", PAGE.replace(b"15 septembre", b"30 septembre"), ETag='"v2"')

    outcome = get("/appel")

    first, second = load_documents(var)
    assert outcome.status == "replaced"
    assert outcome.text.endswith(f"remplace {first.id}")
    assert second.supersedes == first.id


def test_a_document_that_was_removed_is_downloaded_again(site, get, var):
    site.says("/appel", PAGE, ETag='"v1"')
    get("/appel")
    remove_document(load_documents(var)[0].id, var)

    assert get("/appel").status == "added"
    assert "If-None-Match" not in site.asked("/appel")[1]


def test_a_document_added_by_hand_is_recognised(site, get, var, tmp_path):
    site.says("/appel", PAGE)
    copy = tmp_path / "copie.html"
    copy.write_bytes(PAGE)
    record = add_document(copy, title="Copie", publisher="ARS", issued="2025", today=TODAY, var=var)

    assert get("/appel").text.startswith(f"document {record.id},")
    assert load_documents(var) == (record,)


# What is cut, and resumes or not.


def cut(handler, body=TEXT, headers=VERSIONED):
    handler.begin(200, {**headers, "Content-Length": len(body)})
    handler.wfile.write(body[:100_000])
    handler.wfile.flush()


def rest(handler, body=TEXT, headers=VERSIONED, shift=0):
    start = int(re.fullmatch(r"bytes=(\d+)-", handler.headers["Range"])[1]) + shift
    told = {"Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}", **headers}
    handler.reply(body[start:], 206, told)


def test_a_file_cut_on_the_way_is_resumed_where_it_stopped(site, get, var, slept):
    site.pages["/texte.txt"] = lambda handler, times: rest(handler) if times else cut(handler)

    assert get("/texte.txt").status == "added"
    assert contents(var) == TEXT
    _, second = site.asked("/texte.txt")
    assert second["If-Range"] == '"v1"'
    assert int(second["Range"][6:-1]) > 0
    assert slept == [2.0]


def test_what_a_killed_run_received_is_resumed_by_the_next(site, get, var):
    downloads = var / "downloads"
    downloads.mkdir(parents=True)
    (downloads / "appel.partial").write_bytes(TEXT[:1000])
    beside = {
        "url": site.url("/texte.txt"),
        "type": "text/plain",
        "last_modified": formatdate(0, usegmt=True),
    }
    (downloads / "appel.partial.json").write_text(json.dumps(beside), encoding="utf-8")
    site.pages["/texte.txt"] = lambda handler, _times: rest(handler, headers={})

    assert get("/texte.txt").status == "added"
    assert contents(var) == TEXT
    assert site.asked("/texte.txt")[0]["Range"] == "bytes=1000-"
    assert left(var) == ["state.json"]


@pytest.mark.parametrize("headers", [VERSIONED, {"Content-Type": "text/plain"}], ids=["etag", "nothing"])
def test_a_server_that_does_not_resume_sends_all_again(site, get, var, headers):
    site.pages["/texte.txt"] = lambda handler, times: (
        handler.reply(TEXT, 200, headers) if times else cut(handler, headers=headers)
    )

    assert get("/texte.txt").status == "added"
    assert contents(var) == TEXT
    assert ("Range" in site.asked("/texte.txt")[1]) == ("ETag" in headers)


def test_a_new_version_is_not_glued_to_the_old_one(site, get, var):
    new, told = TEXT.replace(b"Ligne", b"Page "), {**VERSIONED, "ETag": '"v2"'}
    site.pages["/texte.txt"] = lambda handler, times: [
        lambda: cut(handler),
        lambda: rest(handler, new, told),
        lambda: handler.reply(new, 200, told),
    ][times]()

    assert get("/texte.txt").status == "added"
    assert contents(var) == new


@pytest.mark.parametrize("wrong", ["shifted", "416"])
def test_a_wrong_rest_is_thrown_away_and_all_is_asked_again(site, get, var, wrong):
    def page(handler, times):
        if times == 0:
            cut(handler)
        elif times == 1 and wrong == "shifted":
            rest(handler, shift=5)
        elif times == 1:
            handler.reply(b"", 416)
        else:
            handler.reply(TEXT, 200, VERSIONED)

    site.pages["/texte.txt"] = page

    assert get("/texte.txt").status == "added"
    assert contents(var) == TEXT
    assert "Range" not in site.asked("/texte.txt")[2]


def test_a_file_always_truncated_is_refused_after_three_tries(site, get, var):
    site.pages["/texte.txt"] = lambda handler, _times: cut(handler, headers={"Content-Type": "text/plain"})

    outcome = get("/texte.txt")

    assert outcome.status == "refused"
    assert "a interrompu l’envoi" in outcome.text
    assert len(site.asked("/texte.txt")) == 3
    assert load_documents(var) == ()
    assert left(var) == []


# What is slow.


def drip(handler, times=200):
    for _ in range(times):
        time.sleep(0.05)
        handler.wfile.write(b"a")
        handler.wfile.flush()


def slow_body(handler, _times):
    handler.begin(200, {**VERSIONED, "Content-Length": 1000})
    drip(handler)


def slow_headers(handler, _times):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-A: ")
    drip(handler)


@pytest.mark.parametrize("page", [slow_body, slow_headers])
def test_a_server_that_drips_is_left_at_the_deadline(site, get, page):
    site.pages["/texte.txt"] = page
    start = time.monotonic()

    outcome = get("/texte.txt", timing={"whole": 0.8})

    assert "n’a pas tout envoyé à temps (0.8 s au plus" in outcome.text
    assert time.monotonic() - start < 3
    assert len(site.asked("/texte.txt")) == 1


def test_what_came_before_the_deadline_is_kept_for_the_next_run(site, get, var):
    site.pages["/texte.txt"] = slow_body
    get("/texte.txt", timing={"whole": 0.8})

    assert left(var) == ["appel.partial", "appel.partial.json"]


def test_a_silent_server_is_left_after_the_read_timeout(site, get):
    site.pages["/texte.txt"] = lambda _handler, _times: time.sleep(2)

    assert "n’a rien envoyé pendant 0.2 s" in get("/texte.txt", timing={"read": 0.2}).text


def test_a_silent_server_is_left_at_the_deadline_when_it_comes_first(site, get):
    site.pages["/texte.txt"] = lambda _handler, _times: time.sleep(3)
    start = time.monotonic()

    assert "n’a pas tout envoyé à temps" in get("/texte.txt", timing={"whole": 0.5}).text
    assert time.monotonic() - start < 2


# Redirections.


def test_five_redirections_are_followed_and_told(site, get, var):
    for number in range(5):
        site.says(f"/{number}", status=302, Location=f"/{number + 1}")
    site.says("/5", PAGE)

    outcome = get("/0")

    assert outcome.status == "added"
    assert outcome.text.endswith(f", reçu de {site.url('/5')}")
    assert load_documents(var)[0].url == site.url("/0")


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("/0", "redirige plus de 5 fois"),
        ("http://localhost/appel", "redirige vers « http://localhost/appel » ; une adresse en https"),
        ("https://10.0.0.1/", "mène à l’adresse 10.0.0.1, qui n’est pas publique"),
        ("https://[::ffff:10.0.0.1]/", "qui n’est pas publique"),
        ("https://169.254.169.254/latest/meta-data/", "qui n’est pas publique"),
        ("https://moi:secret@localhost/", "sans mot de passe"),
        ("ftp://localhost/", "une adresse en https"),
        ("https://local\u202ehost/", "redirige vers « "),
        ("https://localhost:99999/", "une adresse en https"),
        ("", "redirige "),
    ],
)
def test_a_redirection_that_leads_astray_is_refused(site, get, var, location, message):
    site.says("/0", status=302, Location=location.encode().decode("latin-1"))

    outcome = get("/0")

    assert outcome.status == "refused"
    assert message in outcome.text
    assert "\u202e" not in outcome.text
    assert load_documents(var) == ()


def test_a_sixth_redirection_is_refused(site, get):
    for number in range(6):
        site.says(f"/{number}", status=307, Location=f"/{number + 1}")
    site.says("/6", PAGE)

    assert "redirige plus de 5 fois" in get("/0").text
    assert site.asked("/6") == []


# What is not what it says, or too much.


@pytest.mark.parametrize(
    ("path", "body", "kind", "message"),
    [
        ("/a", PAGE, "application/pdf", "n’est pas celui que le serveur annonce"),
        ("/a.pdf", PAGE, "text/html", "finit par « .pdf » mais le serveur annonce le type « text/html »"),
        ("/a", pdf(), "text/html", "n’est pas celui que le serveur annonce"),
        ("/a", b"%PDF-1.7\nrien", "application/pdf", "endommagé"),
        ("/a", b"PK\x03\x04", "image/png", "annonce le type « image/png », que le corpus ne lit pas"),
        ("/a", PAGE, "application/octet-stream", "que le corpus ne lit pas"),
        ("/a", b"", "text/html", "est vide"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(site, get, var, path, body, kind, message):
    site.says(path, body, Content_Type=kind)

    outcome = get(path)

    assert outcome.status == "refused"
    assert message in outcome.text
    assert load_documents(var) == ()
    assert [name for name in left(var) if not name.startswith("appel.partial")] == []


def test_a_file_announced_too_large_is_not_read(site, get):
    site.says("/appel", PAGE, Content_Length=str(3 * MEGABYTE))

    assert "Le fichier pèse 3,0 Mo ; la limite est de 1 Mo" in get("/appel", max_bytes=MEGABYTE).text


@pytest.mark.parametrize("headers", [{}, {"Transfer-Encoding": "chunked"}], ids=["until closed", "chunked"])
def test_a_file_that_grows_too_large_is_left(site, get, var, headers):
    part = b"a" * 65_536

    def page(handler, _times):
        handler.begin(200, {"Content-Type": "text/plain", "ETag": '"v1"', **headers})
        for _ in range(1_000):
            handler.wfile.write(b"10000\r\n" + part + b"\r\n" if headers else part)

    site.pages["/appel"] = page

    assert "Le fichier est trop lourd ; la limite est de 1 Mo" in get("/appel", max_bytes=MEGABYTE).text
    assert left(var) == []


def test_a_compressed_body_that_was_not_asked_for_is_refused(site, get):
    site.says("/appel", PAGE, Content_Encoding="gzip")

    assert "compressé (« gzip »)" in get("/appel").text


@pytest.mark.parametrize("status", [204, 206, 304, 404, 410, 500])
def test_a_status_that_brings_no_document_is_told(site, get, status):
    site.pages["/appel"] = lambda handler, _times: handler.begin(status, {"Content-Length": 0})

    assert f"répond {status} au lieu du document" in get("/appel").text
    assert len(site.asked("/appel")) == 1


# Politeness.


@pytest.mark.parametrize(
    ("told", "waited"),
    [("7", 7), (None, 2), ("bientôt".encode().decode("latin-1"), 2), ("Thu, 01 Jan 1970 00:00:00 GMT", 0)],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_asks_to_wait_is_asked_again_later(site, get, slept, status, told, waited):
    headers = {} if told is None else {"Retry-After": told}
    site.pages["/appel"] = lambda handler, times: (
        handler.reply(PAGE) if times else handler.reply(b"", status, headers)
    )

    assert get("/appel").status == "added"
    assert slept == [waited]


def test_a_moment_to_come_back_is_waited_for(site, get, slept):
    told = {"Retry-After": formatdate(time.time() + 60, usegmt=True)}
    site.pages["/appel"] = lambda handler, times: (
        handler.reply(PAGE) if times else handler.reply(b"", 503, told)
    )

    assert get("/appel").status == "added"
    assert 50 < slept[0] <= 60


def test_a_server_that_always_asks_to_wait_is_left_after_three_tries(site, get, slept):
    site.says("/appel", status=429, Retry_After="5")

    outcome = get("/appel")

    assert "(réponse 429) et demande d’attendre 5 s. Relancez plus tard." in outcome.text
    assert slept == [5, 5]


def test_a_server_that_asks_for_an_hour_is_left_at_once(site, get, slept):
    site.says("/appel", status=429, Retry_After="3600")

    assert "demande d’attendre 3600 s" in get("/appel").text
    assert slept == []


def test_a_second_is_left_between_two_requests_to_a_host(site, get, slept):
    site.says("/appel", PAGE)

    get("/appel", timing={"pause": 1})

    assert len(slept) == 1
    assert 0 < slept[0] <= 1


def test_robots_txt_is_read_once_a_host_and_respected(site, web, var, slept):
    site.says("/robots.txt", b"User-agent: assistant-esms-numerique\nDisallow: /prive\nCrawl-delay: 9\n")
    site.says("/appel", PAGE)
    site.says("/prive/appel", PAGE)
    site.says("/detour", status=301, Location="/prive/appel")
    paths = ("/prive/appel", "/appel", "/detour")
    wanted = [source(site.url(path), f"s{number}") for number, path in enumerate(paths)]

    outcomes = list(fetch(wanted, today=TODAY, var=var, web=web()))

    assert [outcome.status for outcome in outcomes] == ["refused", "added", "refused"]
    assert "robots.txt" in outcomes[0].text
    assert len(site.asked("/robots.txt")) == 1
    assert site.asked("/prive/appel") == []
    assert 7 < max(slept) <= 9


def test_a_robots_txt_that_breaks_the_parser_forbids(site, get):
    site.says("/robots.txt", "User-agent: *\nCrawl-delay: ²\nDisallow: /prive\n".encode())
    site.says("/appel", PAGE)

    assert "ne donne pas de robots.txt lisible (réponse 200)" in get("/appel").text


@pytest.mark.parametrize(
    ("status", "outcome"), [(404, "added"), (403, "refused"), (500, "refused"), (503, "refused")]
)
def test_a_robots_txt_that_cannot_be_read_forbids_unless_there_is_none(site, get, status, outcome):
    site.says("/robots.txt", status=status)
    site.says("/appel", PAGE)

    assert get("/appel").status == outcome
    assert len(site.asked("/robots.txt")) == (3 if status == 503 else 1)


# Addresses.

NOT_PUBLIC = [
    "127.0.0.1", "127.8.8.8", "10.0.0.1", "10.255.255.255", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "0.0.0.0", "100.64.0.1", "192.0.0.8", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:93.184.216.34", "::127.0.0.1", "2002:7f00:1::", "2001::1",
    "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b:1::1", "localhost", "", "2130706433",
]  # fmt: skip


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_refused(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2001:4860:4860::8888", "64:ff9b::93.184.216.34"])
def test_a_public_address_is_accepted(address):
    assert is_public(address)


def test_the_real_check_refuses_these_hosts_before_any_connection(var, monkeypatch):
    def connect(*_arguments):
        raise AssertionError("a connection was made")

    monkeypatch.setattr(socket.socket, "connect", connect)
    hosts = [
        "127.0.0.1", "10.1.2.3", "169.254.169.254", "[::1]", "[fc00::1]", "[::ffff:127.0.0.1]", "localhost",
        "127.1", "2130706433",
    ]  # fmt: skip
    monkeypatch.setattr(socket, "getaddrinfo", offline_lookup(socket.getaddrinfo))
    wanted = [source(f"https://{host}/", f"s{number}") for number, host in enumerate(hosts)]

    outcomes = list(fetch(wanted, today=TODAY, var=var))

    assert [outcome.status for outcome in outcomes] == ["refused"] * len(hosts)
    assert all("qui n’est pas publique" in outcome.text for outcome in outcomes)


def offline_lookup(lookup):
    """Let the system read the odd spellings of an address, which the guard of the tests takes for names."""
    odd = {"127.1": "127.0.0.1", "2130706433": "127.0.0.1"}
    return lambda host, *arguments, **options: lookup(odd.get(host, host), *arguments, **options)


def naming(monkeypatch, *answers):
    """Make NAME lead to each answer in turn; return how many times it was looked up."""
    system, asked = socket.getaddrinfo, []

    def lookup(host, port, *arguments, **options):
        if host != NAME:
            return system(host, port, *arguments, **options)
        asked.append(host)
        found = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return asked


@pytest.mark.parametrize(
    "bad", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fc00::1", "::ffff:127.0.0.1"]
)
def test_a_name_is_refused_when_one_of_its_addresses_is_not_public(monkeypatch, bad):
    naming(monkeypatch, ["93.184.216.34", bad])

    with pytest.raises(DocumentError, match=re.escape(f"mène à l’adresse {bad}")):
        resolve(NAME, 443, is_public)


def test_the_address_checked_is_the_one_reached_under_the_name(site, web, var, monkeypatch):
    asked = naming(monkeypatch, ["127.0.0.1"], ["127.0.0.1"], ["10.0.0.1"])
    site.says("/appel", PAGE)
    wanted = [source(site.url("/appel", NAME), f"s{number}") for number in range(2)]

    outcomes = list(fetch(wanted, today=TODAY, var=var, web=web()))

    # robots.txt, then the page: one look-up for each connection. The third time, the name has moved.
    assert [outcome.status for outcome in outcomes] == ["added", "refused"]
    assert "mène à l’adresse 10.0.0.1" in outcomes[1].text
    assert len(asked) == 3
    assert site.names == [NAME, NAME]
    assert site.asked("/appel")[0]["Host"] == f"{NAME}:{site.server_port}"


def test_another_address_of_the_name_is_tried(site, web, var, monkeypatch):
    naming(monkeypatch, ["127.0.0.2", "127.0.0.1"])
    site.says("/appel", PAGE)
    guarded = Web(allowed=lambda _: True, trust=site.trust, sleep=lambda _: None)

    [outcome] = fetch([source(site.url("/appel", NAME))], today=TODAY, var=var, web=guarded)

    assert outcome.status == "added"


def test_a_certificate_for_another_name_is_refused(site, web, var):
    site.says("/appel", PAGE)

    [outcome] = fetch([source(site.url("/appel", "127.0.0.1"))], today=TODAY, var=var, web=web())

    assert "un certificat qui n’est pas valable pour ce nom" in outcome.text
    assert site.seen == []


def test_a_certificate_of_an_unknown_authority_is_refused(site, var):
    stranger = Web(allowed=loopback_only, sleep=lambda _: None)

    [outcome] = fetch([source(site.url("/appel"))], today=TODAY, var=var, web=stranger)

    assert "un certificat qui n’est pas valable" in outcome.text


def test_a_name_that_leads_nowhere_and_a_closed_port_are_told(web, var, monkeypatch):
    def lookup(host, *_arguments, **_options):
        raise socket.gaierror(-2, "Name or service not known")

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = free.getsockname()[1]
    [outcome] = fetch([source(f"https://localhost:{closed}/")], today=TODAY, var=var, web=web())
    assert "n’a pas accepté de connexion" in outcome.text

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    [outcome] = fetch([source("https://exemple.fr/")], today=TODAY, var=var, web=web())
    assert "est introuvable" in outcome.text


@pytest.mark.parametrize(
    "url", ["http://a.fr/", "https://moi:secret@a.fr/", "https:///a", "a.fr", "https://a:0/"]
)
def test_an_address_that_is_not_https_or_carries_a_password_is_refused(url):
    with pytest.raises(DocumentError) as refused:
        check_url(url)
    assert "secret" not in str(refused.value)


# The command, and what it downloads.


@pytest.fixture
def command(site, var, monkeypatch, capsys):
    """Run the command on sources of the site; return its status and what it wrote."""

    def run(*arguments, sources=(), guard=True):
        monkeypatch.setenv("ASSISTANT_VAR", str(var))
        monkeypatch.setattr(fetching, "load_sources", lambda: {given.id: given for given in sources})
        if guard:
            guarded = functools.partial(Web, allowed=loopback_only, trust=site.trust, sleep=lambda _: None)
            monkeypatch.setattr(fetching, "Web", guarded)
        try:
            status = main(["fetch", *arguments])
        except SystemExit as stopped:
            status = stopped.code
        out, err = (text.replace("\u00a0", " ") for text in capsys.readouterr())
        return status, out, err

    return run


def test_the_command_tells_each_file_on_a_line_and_succeeds(site, command):
    site.says("/appel", PAGE)
    sources = [source(site.url("/appel"))]

    status, out, err = command(sources=sources)
    assert (status, err) == (0, "")
    assert re.fullmatch(
        r"appel : ajouté, document ars-corse-appel-a-projets-2025, \d+ octets, sha256 [0-9a-f]{64}\n"
        r"Reconstruisez l’index : python -m index build\.\n",
        out,
    )
    assert command(sources=sources)[1].startswith("appel : inchangé, document ars-corse")


def test_the_command_says_what_failed_and_exits_1(site, command):
    site.says("/appel", PAGE)
    sources = [source(site.url("/absent"), "absent"), source(site.url("/appel"))]

    status, out, err = command(sources=sources)

    assert status == 1
    assert "absent : refusé. « localhost » répond 404 au lieu du document." in out
    assert "appel : ajouté" in out
    assert err == "1 téléchargement(s) en échec sur 2.\n"


def test_the_command_itself_never_reaches_the_loopback(site, command):
    status, out, _ = command(sources=[source(site.url("/appel"))], guard=False)

    assert status == 1
    assert "qui n’est pas publique" in out
    assert site.seen == []


def test_some_sources_are_chosen_and_listed_without_a_request(site, command):
    sources = [source(site.url(f"/{name}"), name) for name in "abc"]

    status, out, _ = command("c", "a", "c", "--list", sources=sources)

    assert (status, out) == (0, f"c\t{site.url('/c')}\na\t{site.url('/a')}\n")
    assert site.seen == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["inconnue"],
            "« inconnue » n’est pas une source. Consultez la liste : python -m corpus fetch --list.",
        ),
        (["privee"], "« privee » n’est pas téléchargeable."),
        (["--max-size", "0"], "--max-size vaut 0 Mo ; une taille de 1 à 50 Mo est attendue."),
        (["--max-size", "51"], "--max-size vaut 51 Mo"),
        (["--max-size", "dix"], "l’option --max-size attend un nombre entier"),
        (["--allowed", "x"], "option ou argument inconnu : --allowed"),
    ],
)
def test_a_wrong_call_is_told_and_exits_2(command, arguments, message):
    status, out, err = command(*arguments, sources=[source("https://a.fr/", "privee", download=None)])

    assert (status, out) == (2, "")
    assert message in err


def test_two_runs_at_once_are_refused(command, var):
    with fetching._alone(var / "downloads"):
        status, _, err = command(sources=[source("https://localhost/")])

    assert status == 2
    assert "Un autre téléchargement est en cours" in err


def test_an_interruption_is_told_without_a_traceback(command, monkeypatch):
    def interrupted(*_arguments, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(fetching, "fetch", interrupted)
    status, _, err = command(sources=[source("https://localhost/")])

    assert (status, err.startswith("Interrompu.")) == (1, True)


def test_a_full_disk_is_told_for_the_file(site, get, monkeypatch):
    def full(*_arguments):
        raise OSError(28, "No space left on device")

    site.says("/appel", PAGE)
    monkeypatch.setattr(fetching._Partial, "receive", full)

    assert get("/appel").text == "No space left on device. Vérifiez les droits et l’espace disque."


PUBLIC_BODIES = (".ars.sante.fr", ".cnsa.fr", ".esante.gouv.fr", ".senat.fr", ".social.gouv.fr")


def test_only_pages_of_public_bodies_are_marked_and_nothing_that_says_so_by_mistake():
    marked = [source for source in load_sources().values() if source.download]

    assert len(marked) > 20
    for marked_source in marked:
        host = urlsplit(marked_source.download).hostname
        assert marked_source.grade <= 2
        assert marked_source.download == marked_source.url
        assert f".{host}".endswith(PUBLIC_BODIES)
        assert check_url(marked_source.download)
        assert suffix_of(marked_source.download, "text/html") == ".html"


@pytest.mark.parametrize(
    "download", ["http://a.fr/x", "https://moi@a.fr/x", "https://a.fr/x y", "ftp://a.fr", ""]
)
def test_a_source_cannot_be_marked_with_another_kind_of_address(download):
    with pytest.raises(ValueError, match="download"):
        source("https://a.fr/x", download=download)


def test_importing_the_corpus_stays_cheap():
    code = "import sys, corpus.cli; print([name for name in ('httpx', 'httpcore') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
    assert addresses.Timing() == Timing(connect=10, read=30, whole=600, pause=1)
