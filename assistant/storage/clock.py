"""The time of the desk."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present instant in UTC; what keeps time takes it as ``clock``, so that tests can set it."""
    return datetime.now(UTC)
