"""The real assistant over the real corpus, opened once."""

from __future__ import annotations

import pytest

from assistant.chain import Assistant, open_assistant


@pytest.fixture(scope="session")
def assistant() -> Assistant:
    return open_assistant()
