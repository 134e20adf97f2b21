"""An mbox: where each message begins and ends, found without reading the file into memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from assistant.drafting.formats.limits import MAXIMUM_BYTES, MAXIMUM_COLLECTION, MAXIMUM_ITEMS, MEGABYTE
from assistant.errors import InputError

_SEPARATOR = re.compile(rb"From [^\r\n]{1,300}\d{4}(?:[ \t][^\r\n]{0,20})?\r?\n?$")
_LONGEST_LINE = 1 * MEGABYTE
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)


def places(path: Path) -> Iterator[tuple[int, int]]:
    """Yield where the bytes of each message begin and end, its « From » line left out.

    A line of a message that begins with « From » separates nothing unless it follows an empty one and ends in a year.

    Raises:
        InputError: The file holds too many bytes or messages, or none.
    """
    if path.stat().st_size > MAXIMUM_COLLECTION:
        raise InputError(
            f"{path.name} pèse plus de {MAXIMUM_COLLECTION // MEGABYTE} Mo\u00a0: découpez cette boîte en plusieurs fichiers."
        )
    begun: int | None = None
    count = place = 0
    is_after_empty = True
    with path.open("rb") as lines:
        while line := lines.readline(_LONGEST_LINE):
            if is_after_empty and _SEPARATOR.match(line):
                if begun is not None:
                    yield begun, place
                begun = place + len(line)
                count += 1
                if count > MAXIMUM_ITEMS:
                    raise InputError(
                        f"{path.name} contient plus de {MAXIMUM_ITEMS} messages\u00a0: découpez cette boîte."
                    )
            is_after_empty = not line.strip()
            place += len(line)
    if begun is None:
        raise InputError(
            f"{path.name} n’est pas une boîte mbox\u00a0: aucune ligne « From » n’y sépare de messages."
        )
    yield begun, place


def message_at(path: Path, begin: int, end: int) -> bytes:
    """Return the bytes of a message, with its own lines in « >From » as they were written.

    Raises:
        InputError: The message is too large.
    """
    if end - begin > MAXIMUM_BYTES:
        raise InputError(
            f"Le message pèse {(end - begin) // MEGABYTE} Mo\u00a0; la limite est de {MAXIMUM_BYTES // MEGABYTE} Mo."
        )
    with path.open("rb") as stream:
        stream.seek(begin)
        return _ESCAPED.sub(rb"\1", stream.read(end - begin))
