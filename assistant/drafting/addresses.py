"""Read a correspondent as people and mail programs write one: in a header, a quoted header or a typed line."""

from __future__ import annotations

import re

from assistant.drafting.message import Address

LONGEST = 320  # characters of an address, and of a name that is kept

_ADDRESS = re.compile(r"[^\s<>\[\]()\"',;:@]{1,64}@[A-Za-z0-9](?:[\w-]{0,62}\.){1,8}[A-Za-z]{2,24}")
_MARKS = re.compile(
    r"\[?mailto:[^\]\s>]{0,320}\]?|<[^<>]{0,320}>|[\[(][^\[\]()]{0,320}@[^\[\]()]{0,320}[\])]", re.IGNORECASE
)
_OUTER = " \t\u00a0\"'*,;<>[]()«»“”"


def read_address(written: str) -> Address | None:
    """Return the correspondent of a line such as ``Prénom NOM <nom@example.org>``; ``None`` when it names nobody.

    Example:
        >>> read_address('"Direction, EHPAD" <direction@example.org>')
        Address(name='Direction, EHPAD', address='direction@example.org')
        >>> read_address("direction@example.org [mailto:direction@example.org]")
        Address(name='', address='direction@example.org')
    """
    text = " ".join(written[: 4 * LONGEST].split())
    # Only the brackets at the end hold the address: a name may show another one.
    bracketed = re.search(r"<(?:mailto:)?\s*([^<>]{3,320})>\s*[;,]?\s*\Z", text, re.IGNORECASE)
    found = _ADDRESS.fullmatch(bracketed[1].strip()) if bracketed else None
    if bracketed and found:
        text = _ADDRESS.sub(" ", text[: bracketed.start()])
    else:
        found = _ADDRESS.search(text)
    address = found[0].strip(".") if found else ""
    name = _MARKS.sub(" ", text)
    name = " ".join(name.replace(address, " ").split()) if address else " ".join(name.split())
    name = name.strip(_OUTER)[:LONGEST]
    if not any(map(str.isalpha, name)):
        name = ""
    return Address(name, address) if name or address else None
