"""The prompts of the model, one a task, in ``assistant/prompts``: French, short, versioned."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from assistant.model.settings import Task

_FOLDER = Path(__file__).parents[1] / "prompts"


@dataclass(frozen=True)
class Prompt:
    """The words of a task; ``version`` grows with each change, and is told in the traces."""

    text: str
    version: str


@lru_cache(maxsize=len(Task))
def load_prompt(task: Task) -> Prompt:
    """Return the prompt of a task."""
    _, header, text = (_FOLDER / f"{task.value}.md").read_text(encoding="utf-8").split("---\n", 2)
    return Prompt(text.strip(), f"{task.value}-{yaml.safe_load(header)['version']}")
