"""Show how far a long work is: a bar on a terminal, a line every half minute in a log (tqdm)."""

from __future__ import annotations

import sys
from typing import Any

SHORT = 64  # steps that end before anybody wonders

_TERMINAL = "{desc} : {percentage:3.0f} % |{bar}| {n_fmt} / {total_fmt}, reste {remaining}"
_LOG = "{desc} : {n_fmt} / {total_fmt}, {elapsed} écoulé, reste {remaining}\n"


class ProgressBar:
    """A counter on stderr; call it with what is done and the total, ``done == total`` ends it."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._bar: Any = None

    def __call__(self, done: int, total: int) -> None:
        """Show ``done`` out of ``total``; nothing when the work is short."""
        if total <= SHORT:
            return
        if self._bar is None:
            self._bar = self._open(total)
        self._bar.update(done - self._bar.n)
        if done >= total:
            self._bar.close()
            self._bar = None

    def _open(self, total: int) -> Any:
        from tqdm import tqdm

        terminal = sys.stderr.isatty()
        return tqdm(
            total=total,
            desc=self._label,
            file=sys.stderr,
            bar_format=_TERMINAL if terminal else _LOG,
            mininterval=0.1 if terminal else 30,
            maxinterval=1 if terminal else 60,
            leave=True,
        )
