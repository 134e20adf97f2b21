"""Read messages of every format received: pasted text, .eml, .msg, .html, .docx, .odt, .pdf, mbox, CSV, folders.

READ FIRST: ``reading`` (one message) and ``items`` (many).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from assistant.drafting.formats.items import Item, holds_several, iterate
from assistant.drafting.formats.reading import ACCEPTED, read_file, read_message
from assistant.drafting.message import Message

__all__ = ["ACCEPTED", "Item", "holds_several", "iterate", "read_file", "read_message", "read_messages"]


def read_messages(path: Path) -> Iterator[Message]:
    """Yield the messages of a file, a folder, an mbox or a CSV, in order.

    Raises:
        InputError: One of them cannot be read.
    """
    for item in iterate(path):
        yield item.read()
