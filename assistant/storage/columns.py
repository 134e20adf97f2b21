"""Columns that read back the same from SQLite and PostgreSQL: instants in UTC, JSON, text without what neither takes."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, Text, TypeDecorator

# PostgreSQL keeps no NUL in a text, and neither engine a surrogate alone, which no UTF-8 writes.
_UNKEPT = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """Return the text with U+FFFD for the characters no database keeps."""
    return _UNKEPT.sub("\ufffd", text)


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Write in UTC; SQLite keeps no offset.

        Raises:
            ValueError: The instant has no offset: it could be any of several.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no offset from UTC")
        universal = value.astimezone(UTC)
        return universal.replace(tzinfo=None) if dialect.name == "sqlite" else universal

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read as UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Words(TypeDecorator[str]):
    """A text of any length, see :func:`storable`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Write what can be kept."""
        return None if value is None else storable(value)


class Json(TypeDecorator[Any]):
    """A value of JSON, kept as text: PostgreSQL's own type refuses some that JSON allows."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        """Write without escapes, so that what is kept can be searched."""
        return storable(
            json.dumps(storable_json(value), ensure_ascii=False, separators=(",", ":"), default=str)
        )

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read back."""
        return None if value is None else json.loads(value)


def storable_json(value: Any) -> Any:
    """Return a value of JSON with storable texts, however deep: NUL, which JSON escapes, would come back when read."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(str(key)): storable_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable_json(item) for item in value]
    return value
