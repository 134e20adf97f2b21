"""The quick start answers from the same corpus, in the same form, with or without a chat model of this machine."""

import json
import threading
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from langchain_core.documents import Document

from corpus.fiches import load_statements
from evals import baseline
from evals.errors import EvalError
from evals.retrieval import Entry

CHUNKS = [
    Document("- Il faut 15 ESSMS. {annee=2025} [@ars-mayotte-2025; @cnsa-faq-2023]"),
    Document("- Il faut 8 ESSMS outre-mer. [@ars-la-reunion-2024]"),
]


def test_fiches_and_terms_are_read_as_they_are_written():
    entries = baseline.read_files()
    text = "\n".join(entry.text for entry in entries)

    assert len({entry.id for entry in entries}) == len(entries)
    assert all(not entry.text.startswith("---") for entry in entries)
    statement = load_statements()[0]
    assert " ".join(statement.text.split()) in " ".join(text.split())
    assert f"@{statement.sources[0]}" in text


def test_without_a_model_the_nearest_chunk_is_the_answer_and_cites_what_it_names():
    given = baseline.reply_with("Combien ?", CHUNKS, None)

    assert given["kind"] == "answer"
    assert "15 ESSMS" in given["answer"]
    assert "8 ESSMS" not in given["answer"]
    assert [citation["id"] for citation in given["citations"]] == ["ars-mayotte-2025", "cnsa-faq-2023"]


def test_with_a_model_every_chunk_is_in_the_prompt():
    prompts = []

    def generate(prompt):
        prompts.append(prompt)
        return "Il en faut 15."

    given = baseline.reply_with("Combien ?", CHUNKS, generate)

    assert "8 ESSMS outre-mer" in prompts[0]
    assert "Question\u00a0: Combien ?" in prompts[0].replace(" :", "\u00a0:")
    assert given["answer"] == "Il en faut 15."
    assert [citation["id"] for citation in given["citations"]] == [
        "ars-mayotte-2025",
        "cnsa-faq-2023",
        "ars-la-reunion-2024",
    ]


@pytest.mark.parametrize(
    "url", ["https://api.example.com/v1", "http://10.0.0.1/v1", "ftp://127.0.0.1", "pas une adresse"]
)
def test_a_model_elsewhere_is_refused(url, monkeypatch):
    monkeypatch.setenv(baseline.CHAT_URL, url)

    with pytest.raises(EvalError, match="cette machine"):
        baseline.chat_url()


def test_no_model_is_configured_by_default(monkeypatch):
    monkeypatch.delenv(baseline.CHAT_URL, raising=False)
    assert baseline.chat_url() is None
    monkeypatch.setenv(baseline.CHAT_URL, "http://localhost:8080/v1/")
    assert baseline.chat_url() == "http://localhost:8080/v1"


class _Server(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        said = f"{self.path} {body['model']} {body['messages'][0]['content']}"
        answer = json.dumps({"choices": [{"message": {"content": said}}]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def test_a_local_server_is_asked_as_openai_s(monkeypatch):
    monkeypatch.setenv(baseline.CHAT_MODEL, "petit")
    server = HTTPServer(("127.0.0.1", 0), _Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        generate = baseline.chat(f"http://127.0.0.1:{server.server_port}/v1")
        assert generate("Bonjour") == "/v1/chat/completions petit Bonjour"
    finally:
        server.shutdown()
        server.server_close()


def test_the_quick_start_finds_and_answers_for_real(monkeypatch, var):
    monkeypatch.delenv(baseline.CHAT_URL, raising=False)
    entries = [
        Entry("seuil", "", "Il faut réunir 15 établissements par groupement. [@ars-mayotte-2025]"),
        Entry("meteo", "", "Il pleut souvent en Bretagne au mois de novembre. [@cnsa-faq-2023]"),
    ]
    monkeypatch.setattr(baseline, "read_files", lambda: entries)

    given = baseline.open_quickstart()(["Combien d’établissements par groupement ?"], date(2026, 11, 26))

    assert given["citations"] == [{"number": 1, "id": "ars-mayotte-2025"}]
