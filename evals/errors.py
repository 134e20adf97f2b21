"""The errors of the evaluations.

EvalError   a set, a corpus or a file of questions breaks its contract; the message is a French sentence
"""

from __future__ import annotations


class EvalError(Exception):
    """A set, a corpus or a file of questions breaks its contract."""
