"""The message inside an opaque S/MIME signature (``smime.p7m``), and inside a signed text; no signature is checked."""

from __future__ import annotations

import re

_SIGNED = bytes.fromhex("2a864886f70d010702")  # the object identifier of CMS signed data
_DEEPEST = 12
_SEQUENCE, _OBJECT, _CONTEXT, _OCTETS, _CONSTRUCTED_OCTETS = 0x30, 0x06, 0xA0, 0x04, 0x24

_PGP_SIGNED = re.compile(r"-----BEGIN PGP SIGNED MESSAGE-----\n(?:[^\n]{0,80}\n){0,10}?\n")
_PGP_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"


def signed_content(raw: bytes) -> bytes | None:
    """Return the message that a CMS signature wraps; ``None`` when it wraps none, or when it is encrypted."""
    try:
        tag, start, end, _ = _element(raw, 0, len(raw), 0)
        kind = _children(raw, start, end)
        if tag != _SEQUENCE or kind[0][0] != _OBJECT or raw[kind[0][1] : kind[0][2]] != _SIGNED:
            return None
        signed = _children(raw, kind[1][1], kind[1][2])[0]
        wrapped = next(item for item in _children(raw, signed[1], signed[2]) if item[0] == _SEQUENCE)
        inner = _children(raw, wrapped[1], wrapped[2])
        content = next(item for item in inner if item[0] == _CONTEXT)
        return b"".join(_octets(raw, content[1], content[2], 0))
    except (IndexError, StopIteration, ValueError):
        return None


def _octets(raw: bytes, start: int, end: int, level: int) -> list[bytes]:
    pieces: list[bytes] = []
    for tag, first, last in _children(raw, start, end):
        if tag == _OCTETS:
            pieces.append(raw[first:last])
        elif tag == _CONSTRUCTED_OCTETS and level < _DEEPEST:
            pieces += _octets(raw, first, last, level + 1)
        else:
            raise ValueError(tag)
    return pieces


def _children(raw: bytes, start: int, end: int) -> list[tuple[int, int, int]]:
    """Return the tag and the place of the content of each element between two places."""
    found = []
    while start < end and raw[start : start + 2] != b"\0\0":
        tag, first, last, start = _element(raw, start, end, 0)
        found.append((tag, first, last))
    return found


def _element(raw: bytes, start: int, end: int, level: int) -> tuple[int, int, int, int]:
    """Return the tag of an element, where its content begins and ends, and where the next one begins.

    Raises:
        ValueError: It goes beyond its bounds, or too deep.
    """
    tag, length = raw[start], raw[start + 1]
    first = start + 2
    if length == 0x80:  # its end is marked
        if level > _DEEPEST:
            raise ValueError(level)
        place = first
        while raw[place : place + 2] != b"\0\0":
            place = _element(raw, place, end, level + 1)[3]
        return tag, first, place, place + 2
    if length > 0x80:
        size = length - 0x80
        length = int.from_bytes(raw[first : first + size], "big")
        first += size
    if first + length > end:
        raise ValueError(start)
    return tag, first, first + length, first + length


def without_pgp_signature(text: str) -> str:
    r"""Return the text that a PGP signature signs in clear, without it.

    Example:
        >>> without_pgp_signature("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nOui\n-----BEGIN PGP SIGNATURE-----\nx")
        'Oui'
    """
    opened = _PGP_SIGNED.search(text)
    if not opened:
        return text
    body = text[opened.end() :].partition(_PGP_SIGNATURE)[0]
    return re.sub(r"^- (?=-)", "", body, flags=re.MULTILINE).strip("\n")
