"""The operators of a PDF content stream, read with one regular expression rather than byte by byte.

pypdf reads the same syntax a character at a time: on a dense page it takes ten times as long. Nothing here calls
itself: arrays nested ten thousand deep are read, or skipped, in the time it takes to pass over them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO

# A number, a string as written (with its delimiters), a name with its slash, or the items of an array as written.
Operand = float | bytes | str | list[bytes]
Operation = tuple[bytes, list[Operand]]

INLINE_IMAGE = b"BI"
MAX_OPERANDS = 64  # the longest list that means something is that of the tints of an ink set

_STRING = rb"\((?:[^()\\]++|\\.)*+\)"  # without parentheses of its own: _end_of_string reads the others
_HEX = rb"<[0-9A-Fa-f\s\0]*+>"
_TOKEN = re.compile(
    rb"[\s\0]*+(?:"
    rb"((?:[+\-.0-9]++[\s\0]++){0,8}+)([A-Za-z'\"][A-Za-z0-9*]*+)"  # 1, 2: an operator and the numbers before it
    rb"|([+\-.0-9]++)"  # 3: a number
    rb"|/([^\s\0()<>\[\]{}/%]*+)"  # 4: a name
    rb"|(" + _STRING + rb"|" + _HEX + rb")"  # 5: a string
    rb"|\[((?:[^\[\]()<>/%]++|" + _STRING + rb"|" + _HEX + rb")*+)\]"  # 6: an array of numbers and strings
    rb"|(<<(?:[^<>()%]++|"
    + _STRING
    + rb")*+>>|%[^\r\n]*+)"  # 7: a flat dictionary or a comment, which say nothing of the text
    rb"|([(\[]|<<?)"  # 8: a string or an array that is not as plain
    rb"|[^\s\0]"  # what stands nowhere
    rb")",
    re.DOTALL,
)
_ITEM = re.compile(_STRING + rb"|" + _HEX + rb"|[+\-.0-9]++", re.DOTALL)
_PARENTHESIS = re.compile(rb"\\.|[()]", re.DOTALL)
_BRACKET = re.compile(_STRING + rb"|<<|>>|" + _HEX + rb"|%[^\r\n]*+|[\[\](]|[+\-.0-9]++", re.DOTALL)
_IMAGE_DATA = re.compile(rb"\bID[\s\0]")
_IMAGE_END = re.compile(rb"(?<=[\s\0>])EI(?=[\s\0]|\Z)")
_BINARY = re.compile(rb"[^\s\x20-\x7e]")
_CONSTANTS = {b"true", b"false", b"null"}


def read_operations(data: bytes) -> Iterator[Operation]:
    """Yield the operators of a content stream with their operands; what is broken is passed over."""
    position, size = 0, len(data)
    operands: list[Operand] = []
    match = _TOKEN.match
    while position < size and (found := match(data, position)):
        position = found.end()
        kind = found.lastindex
        if kind == 2:
            numbers, operator = found.group(1, 2)
            if numbers:
                operands += _numbers(numbers)
            if operator in _CONSTANTS:
                continue
            if operator == INLINE_IMAGE:
                position = _end_of_image(data, position)
            yield operator, operands
            operands = []
        elif kind is None or kind == 7:
            continue
        elif len(operands) >= MAX_OPERANDS:
            operands.clear()
        elif kind == 8:
            position, operand = _read_nested(data, position - len(found[8]), found[8])
            operands.append(operand)
        elif kind == 6:
            operands.append(_ITEM.findall(found[6]))
        elif kind == 4:
            operands.append(name(found[4]))
        elif kind == 3:
            operands.append(number(found[3]))
        else:
            operands.append(found[5])


def _numbers(written: bytes) -> list[float]:
    try:
        return list(map(float, written.split()))
    except ValueError:
        return list(map(number, written.split()))


def number(written: bytes) -> float:
    """Return a number as written; what is none counts for zero, as in other readers.

    Example:
        >>> number(b"-.5"), number(b"1-2")
        (-0.5, 0.0)
    """
    try:
        return float(written)
    except ValueError:
        return 0.0


def name(written: bytes) -> str:
    """Return a name as pypdf spells it, whose characters may be written as their codes.

    Example:
        >>> name(b"F1"), name(b"F#31")
        ('/F1', '/F1')
    """
    if b"#" not in written and written.isascii():
        return "/" + written.decode("ascii")
    from pypdf.generic import NameObject

    return str(NameObject.read_from_stream(BytesIO(b"/" + written + b" "), None))


def _read_nested(data: bytes, start: int, opening: bytes) -> tuple[int, Operand]:
    if opening == b"(":
        end = _end_of_string(data, start)
        return end, data[start:end]
    if opening == b"<":
        return start + 1, 0.0  # neither a string nor a dictionary
    end, items = _read_brackets(data, start)
    return end, items


def _end_of_string(data: bytes, start: int) -> int:
    """Return where a string ends, whose parentheses are balanced; the end of the data if they are not."""
    depth = 0
    for found in _PARENTHESIS.finditer(data, start):
        if found[0] == b"(":
            depth += 1
        elif found[0] == b")":
            depth -= 1
            if not depth:
                return found.end()
    return len(data)


def _read_brackets(data: bytes, start: int) -> tuple[int, list[bytes]]:
    """Return where an array or a dictionary ends, and the numbers and strings that stand right in it."""
    depth, position, items = 0, start, list[bytes]()
    while found := _BRACKET.search(data, position):
        token, position = found[0], found.end()
        if token in (b"[", b"<<"):
            depth += 1
        elif token in (b"]", b">>"):
            depth -= 1
            if depth <= 0:
                return position, items
        elif token == b"(":
            position = _end_of_string(data, found.start())
            token = data[found.start() : position]
        if depth == 1 and token[0] in b"(<0123456789+-." and token != b"<<":
            items.append(token)
    return len(data), items


def _end_of_image(data: bytes, start: int) -> int:
    """Return where an inline image ends: at a lone ``EI`` that text follows, for its bytes may hold some."""
    begun = _IMAGE_DATA.search(data, start)
    if not begun:
        return len(data)
    for found in _IMAGE_END.finditer(data, begun.end()):
        if not _BINARY.search(data, found.end(), found.end() + 8):
            return found.end()
    return len(data)


_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|(\r\n|\r|\n)|(.))", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_KEPT = set(b"()/\\ %<>[]#_&$")
_NOT_HEX = re.compile(rb"[^0-9A-Fa-f]")


def string_bytes(written: bytes) -> bytes:
    r"""Return the bytes that a string stands for.

    Example:
        >>> string_bytes(rb"(d\351j\(a\))"), string_bytes(b"<41 4>")
        (b'd\xe9j(a)', b'A@')
    """
    if written[:1] == b"<":
        digits = _NOT_HEX.sub(b"", written)
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())
    inside = written[1:-1] if written[-1:] == b")" else written[1:]
    return _ESCAPE.sub(_unescape, inside) if b"\\" in inside else inside


def _unescape(found: re.Match[bytes]) -> bytes:
    octal, line, other = found.groups()
    if octal:
        return bytes((int(octal, 8) & 0xFF,))
    if line:
        return b""
    return _ESCAPED.get(other) or (other if other[0] in _KEPT else b"\\" + other)
