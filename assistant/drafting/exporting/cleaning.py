"""Leave out of a text what no format may hold: control characters, halves of characters, marks that turn text round."""

from __future__ import annotations

import re

_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x9f]")
_IMPOSSIBLE = re.compile("[\ud800-\udfff\ufffe\uffff]")  # XML has no place for them, nor UTF-8 for the first
_TURNING = re.compile(
    "[\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)  # may show a name or a subject as another one
_SPACES = re.compile("[ \t\n]+")


def clean_text(text: str) -> str:
    """Return a text whose only control characters are line feeds and tabulations; what cannot be written becomes U+FFFD."""
    return _IMPOSSIBLE.sub("\ufffd", _CONTROLS.sub("", _BREAKS.sub("\n", text)))


def clean_line(text: str, maximum: int) -> str:
    """Return a text on one line of ``maximum`` characters at most, cut with « … »; no-break spaces are kept."""
    line = _SPACES.sub(" ", _TURNING.sub("", clean_text(text))).strip()
    return line if len(line) <= maximum else f"{line[: maximum - 1].rstrip()}…"
