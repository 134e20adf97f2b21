"""The headers of a mail: decoded, bounded, and read as correspondents, moment and identifiers."""

from __future__ import annotations

import re
from datetime import datetime
from email.message import Message as Part
from email.policy import EmailPolicy
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any

from assistant.drafting.addresses import LONGEST, read_address
from assistant.drafting.formats.charsets import decode_header
from assistant.drafting.formats.limits import MAXIMUM_HEADER
from assistant.drafting.formats.moments import read_moment
from assistant.drafting.message import Address

_MAXIMUM_ADDRESSES = 100
_MAXIMUM_HEADERS = 300
_REFERENCES = 50
_IDENTIFIER = re.compile(r"<[^<>\s]{1,250}>")
_PLAIN_ADDRESS = re.compile(r"[^\s<>@]{1,64}@[^\s<>@]{1,255}")


class BoundedPolicy(EmailPolicy):
    """Reads headers as ``email.policy.default`` does, each cut to a length that its parsers take well."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Return the name and the value of a header, the value cut."""
        name, value = super().header_source_parse(sourcelines)
        return name, value[:MAXIMUM_HEADER]


def raw_headers(part: Part) -> dict[str, str]:
    """Return the first header of each name, in lower case, as it was written."""
    found: dict[str, str] = {}
    for name, value in list(part.raw_items())[:_MAXIMUM_HEADERS]:
        found.setdefault(name.lower(), str(value)[:MAXIMUM_HEADER])
    return found


def addresses(raw: str) -> tuple[Address, ...]:
    """Return the correspondents of a header; what no parser reads is read as a person would write it."""
    if not raw.strip():
        return ()
    text = raw if raw.isascii() else decode_header(raw)
    try:
        pairs = getaddresses([re.sub(r"\s+", " ", text)])
    except Exception:  # the parser of the standard library fails on some malformed headers
        pairs = []
    found = [_address(name, address) for name, address in pairs[:_MAXIMUM_ADDRESSES]]
    kept = tuple(address for address in found if address is not None)
    if kept:
        return kept
    one = read_address(decode_header(raw))
    return (one,) if one else ()


def _address(name: str, address: str) -> Address | None:
    shown = decode_header(name).strip(" \"'")[:LONGEST]
    bare = decode_header(address).strip(" <>")
    if not _PLAIN_ADDRESS.fullmatch(bare):
        return read_address(f"{shown} {bare}") if shown or bare else None
    return Address("" if shown.casefold() == bare.casefold() else shown, bare)


def moment(raw: str) -> datetime | None:
    """Return when a message says it was sent; ``None`` when its header means nothing."""
    if not raw.strip():
        return None
    try:
        return parsedate_to_datetime(raw.strip())
    except (ValueError, TypeError, IndexError, OverflowError):
        return read_moment(raw)


def identifiers(raw: str) -> tuple[str, ...]:
    """Return message identifiers with their angle brackets, the last ones when there are many."""
    return tuple(_IDENTIFIER.findall(raw))[-_REFERENCES:]


def parameter(part: Part, name: str, header: str = "content-type") -> str:
    """Return a parameter of a header, empty when there is none or when it means nothing."""
    try:
        value: Any = part.get_param(name, "", header)
    except Exception:  # the parser of the standard library fails on some malformed headers
        value = ""
    if isinstance(value, tuple):
        value = value[2]
    return decode_header(str(value or ""))
