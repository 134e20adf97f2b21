"""Where built and added things live: the ``var`` directory, and the operator's documents inside it."""

from __future__ import annotations

import os
from pathlib import Path


def var_dir() -> Path:
    """Return the directory of built and added things; it may not exist yet.

    ``ASSISTANT_VAR`` when set; else ``var`` beside the checkout's ``pyproject.toml``; else, for an
    installed package, ``var`` in the current directory.
    """
    if chosen := os.environ.get("ASSISTANT_VAR"):
        return Path(chosen)
    checkout = Path(__file__).resolve().parent.parent
    return checkout / "var" if (checkout / "pyproject.toml").is_file() else Path("var")


def documents_dir(var: Path) -> Path:
    """Return the directory of the documents added by the operator, under ``var``."""
    return var / "documents"
