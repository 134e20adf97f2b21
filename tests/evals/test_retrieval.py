import gzip
import json
import zlib

import numpy as np
import pytest

from evals.cli import main
from evals.errors import EvalError
from evals.retrieval import read_entries, run_retrieval
from index.french import stem
from index.scale import CosineScale

CORPUS = [
    {"_id": "d1", "title": "Dépôt", "text": "La date limite de dépôt est le 15 septembre."},
    {"_id": "d2", "title": "Seuil", "text": "Le seuil est de quinze établissements. " * 60},
    {"_id": "d3", "title": "", "text": ""},
]


class WordCountEncoder:
    fingerprint = "word-count"
    scale = CosineScale()
    relevance = None
    calls = 0

    def encode_queries(self, texts):
        vectors = np.full((len(texts), 256), 1e-3, np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in stem(text):
                row[zlib.crc32(word.encode()) % 256] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def encode_passages(self, texts, progress=None):
        WordCountEncoder.calls += 1
        return self.encode_queries(texts)


def write(path, rows):
    text = "".join(json.dumps(row) + "\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


@pytest.mark.parametrize("name", ["corpus.jsonl", "corpus.jsonl.gz"])
def test_three_runs_with_each_document_once_and_vectors_kept(tmp_path, name):
    corpus = write(tmp_path / name, CORPUS)
    queries = write(tmp_path / "queries.jsonl", [{"_id": "q1", "text": "seuil d’établissements"}])
    options = {"encoder": WordCountEncoder(), "cache": tmp_path / "cache", "progress": lambda *_: None}

    counts = run_retrieval(corpus, queries, tmp_path / "out", **options)
    calls = WordCountEncoder.calls
    run_retrieval(corpus, queries, tmp_path / "out", **options)

    assert WordCountEncoder.calls == calls
    assert counts == {"documents": 3, "passages": 5, "questions": 1}
    for run in ("lexical", "dense", "hybrid"):
        lines = [line.split() for line in (tmp_path / "out" / f"{run}.run").read_text().splitlines()]
        assert lines[0][:4] == ["q1", "Q0", "d2", "1"]
        assert lines[0][5] == run
        documents = [line[2] for line in lines]
        assert len(set(documents)) == len(documents)
        scores = [float(line[4]) for line in lines]
        assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "ligne 2 : ce n’est pas du JSON"),
        ("[]", "ligne 2 : un objet"),
        ('{"text": "a"}', "ligne 2 : « _id »"),
        ('{"_id": "x"}', "ligne 2 : « text »"),
        ('{"_id": "d1", "text": "a"}', "ligne 2 : l’identifiant « d1 » est répété"),
        ('{"_id": "a b", "text": "a"}', "ligne 2 : l’identifiant « a b » contient une espace"),
        ('{"_id": "a\\ud800", "text": "a"}', "un signe illisible"),
        ("[" * 100_000, "ligne 2 : ce n’est pas du JSON"),
        ("9" * 5_000, "ligne 2 : ce n’est pas du JSON"),
    ],
)
def test_a_bad_line_is_named_with_its_file_and_number(tmp_path, line, message):
    path = tmp_path / "corpus.jsonl"
    path.write_text(json.dumps(CORPUS[0]) + "\n" + line + "\n")

    with pytest.raises(EvalError, match=message) as caught:
        read_entries(path)
    assert "corpus.jsonl" in str(caught.value)


def test_a_broken_archive_and_a_missing_file_are_clear(tmp_path, capsys):
    (tmp_path / "c.jsonl.gz").write_bytes(b"pas une archive")

    assert main(["retrieval", str(tmp_path / "c.jsonl.gz"), "q", "--out", str(tmp_path)]) == 2
    assert main(["retrieval", str(tmp_path / "absent.jsonl"), "q", "--out", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "c.jsonl.gz ne peut être lu" in said
    assert "absent.jsonl n’existe pas" in said
