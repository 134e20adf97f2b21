"""A build killed at its worst moments: the old index still opens, and nothing done is done again."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from index.build import build_index, open_index

HERE = Path(__file__).parent
STATEMENTS = 600

# Stops for good at the given step of a build, once it has said so; the test kills it there.
BUILDER = """
import sys, time
sys.path[:0] = [{root!r}, {here!r}]
import index.build
from pathlib import Path
from index.journal import Journal
from index.settings import IndexSettings
from word_count_encoder import WordCountEncoder

def stop(*_, **__):
    print("here", flush=True)
    time.sleep(60)

where = {where!r}
encoder = WordCountEncoder()
encode, write_store = encoder.encode_passages, index.build.write_store
if where == "encoding":
    encoder.encode_passages = lambda texts, progress=None: (
        stop() if encoder.encoded else encode(texts, progress)
    )
elif where == "vectors":
    index.build.write_store = lambda place, ids, vectors, **_: (
        write_store(place, ids[:300], vectors[:300]), stop()
    )
elif where == "passages":
    index.build.write_passages = stop
elif where == "in place":
    index.build.remove_older = stop
var = Path({var!r})
settings = IndexSettings(var=var / "var", fiches=var / "fiches", glossary=var / "glossary.yaml")
index.build.build_index(settings, encoder)
"""


def write_fiche(settings, threshold):
    lines = [
        f"- Le service numéro {number} suit la règle {threshold}. [@source-a]" for number in range(STATEMENTS)
    ]
    text = "---\nid: essai\ntitle: Essai\ntheme: essai\n---\n\n# Essai\n\n" + "\n".join(lines) + "\n"
    (settings.fiches / "essai.md").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("where", "left_to_encode"),
    [("encoding", STATEMENTS - 256), ("vectors", 0), ("passages", 0), ("in place", 0)],
)
def test_a_killed_build_leaves_the_old_index_usable_and_its_vectors_to_the_next(
    settings, encoder, tmp_path, where, left_to_encode
):
    write_fiche(settings, 15)
    old = build_index(settings, encoder).directory
    write_fiche(settings, 20)
    script = BUILDER.format(root=str(HERE.parents[1]), here=str(HERE), var=str(tmp_path), where=where)
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as builder:
        assert builder.stdout.readline() == "here\n"
        os.kill(builder.pid, signal.SIGKILL)
        assert builder.wait(10) == -signal.SIGKILL

    write_fiche(settings, 15)
    messages = []
    retriever = open_index(settings, encoder, messages.append)
    assert messages == []
    assert old.is_dir()
    assert retriever.search("service numéro 7 règle 15")[0].passage.text.endswith("la règle 15.")

    write_fiche(settings, 20)
    encoder.encoded.clear()
    retriever = open_index(settings, encoder, messages.append)
    assert retriever.search("service numéro 7 règle 20")[0].passage.text.endswith("la règle 20.")
    assert len(encoder.encoded) == left_to_encode
    assert not list(settings.directory.glob(".construction-*"))
