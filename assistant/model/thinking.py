"""What a model says to itself before it answers, between ``<think>`` and ``</think>``, is no part of its answer."""

from __future__ import annotations

_OPEN, _CLOSE = "<think>", "</think>"


class Thinking:
    """Takes the pieces of an answer as they come and gives them back without what is thought aloud at its start."""

    def __init__(self) -> None:
        self._held = ""
        self._inside = False
        self._over = False

    def feed(self, piece: str) -> str:
        """Return what can be shown now."""
        if self._over:
            return piece
        self._held += piece
        if not self._inside:
            start = self._held.lstrip()
            if _OPEN.startswith(start[: len(_OPEN)]) and len(start) < len(_OPEN):
                return ""  # not enough has come to tell
            if not start.startswith(_OPEN):
                return self._release(self._held)
            self._inside = True
            self._held = start[len(_OPEN) :]
        _, closed, after = self._held.partition(_CLOSE)
        if not closed:
            self._held = self._held[-len(_CLOSE) :]
            return ""
        after = after.lstrip()
        self._inside = bool(not after)
        if not after:  # the white space that follows has yet to come
            self._held = _CLOSE
            return ""
        return self._release(after)

    def end(self) -> str:
        """Return what was held when the answer ended: the start of a mark that was none."""
        return "" if self._inside or self._over else self._release(self._held)

    def _release(self, text: str) -> str:
        self._over, self._held = True, ""
        return text


def without_thinking(text: str) -> str:
    """Return a whole answer without what was thought aloud."""
    thinking = Thinking()
    return thinking.feed(text) + thinking.end()
