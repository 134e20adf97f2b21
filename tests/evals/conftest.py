import importlib.util
import sys
from pathlib import Path

import pytest

_SPEC = importlib.util.spec_from_file_location(
    "word_count_encoder", Path(__file__).parents[1] / "index" / "word_count_encoder.py"
)
_MODULE = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_MODULE)


@pytest.fixture
def word_count():
    return _MODULE.WordCountEncoder()


_SCRIPTED = importlib.util.spec_from_file_location("scripted", Path(__file__).parent / "scripted.py")
_SCRIPTED_MODULE = importlib.util.module_from_spec(_SCRIPTED)
sys.modules["scripted"] = _SCRIPTED_MODULE
_SCRIPTED.loader.exec_module(_SCRIPTED_MODULE)


@pytest.fixture
def var(tmp_path, monkeypatch):
    """The runs and reports of a test go to a directory of its own."""
    monkeypatch.setenv("ASSISTANT_VAR", str(tmp_path / "var"))
    return tmp_path / "var"
