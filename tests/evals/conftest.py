import importlib.util
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
