import importlib.util
import sys
from pathlib import Path

import pytest

from corpus.glossary import load_glossary
from index.settings import IndexSettings

_SPEC = importlib.util.spec_from_file_location(
    "word_count_encoder", Path(__file__).parent / "word_count_encoder.py"
)
_MODULE = importlib.util.module_from_spec(_SPEC)
sys.modules["word_count_encoder"] = _MODULE
_SPEC.loader.exec_module(_MODULE)

FICHE = """---
id: essai
title: Calendrier
theme: essai
---

# Calendrier

## Campagne 2025

- L’appel à projets régional se clôt le 15 septembre 2025. {annee=2025 voie=regionale} [@source-a]
- Le seuil est de 15 ESSMS pour un groupement. [@source-b]
"""

GLOSSARY = """- term: "dossier usager informatisé"
  abbreviations: ["DUI"]
  gloss: "record"
  definition: "Le DUI est le logiciel du dossier de la personne."
  sources: [source-a]
"""


@pytest.fixture
def encoder():
    return _MODULE.WordCountEncoder()


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "fiches").mkdir()
    (tmp_path / "fiches" / "essai.md").write_text(FICHE, encoding="utf-8")
    (tmp_path / "glossary.yaml").write_text(GLOSSARY, encoding="utf-8")
    load_glossary.cache_clear()
    return IndexSettings(
        var=tmp_path / "var", fiches=tmp_path / "fiches", glossary=tmp_path / "glossary.yaml"
    )
