"""Write the files that Outlook saves (.msg), small but whole, for the tests: a compound file of properties."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
_TEXT, _BYTES, _NUMBER, _TIME, _OBJECT = 0x001F, 0x0102, 0x0003, 0x0040, 0x000D

CLASS, SUBJECT, BODY, HTML, HEADERS, SENDER, SENDER_ADDRESS = (
    0x001A,
    0x0037,
    0x1000,
    0x1013,
    0x007D,
    0x0C1A,
    0x5D01,
)
_SUBMITTED, _NAME, _DATA, _METHOD, _MIME = 0x0039, 0x3707, 0x3701, 0x3705, 0x370E


@dataclass
class Folder:
    """A storage of a compound file."""

    name: str
    files: dict[str, bytes] = field(default_factory=dict)
    folders: list[Folder] = field(default_factory=list)


@dataclass(frozen=True)
class Joined:
    """What is attached: bytes, or another message."""

    name: str
    content: bytes | Folder
    mime: str = "application/octet-stream"


def saved(
    properties: dict[int, str | bytes],
    *,
    sent: datetime | None = None,
    joined: Sequence[Joined] = (),
    name: str = "Root Entry",
    is_inside: bool = False,
) -> Folder:
    """Return a message as a folder of properties, whole or inside another one."""
    folder = Folder(name)
    entries = [_of(folder, identifier, value) for identifier, value in properties.items()]
    if sent:
        ticks = int((sent - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10**7
        entries.append(struct.pack("<HHIQ", _TIME, _SUBMITTED, 6, ticks))
    header = struct.pack("<8xIIII", 0, len(joined), 0, len(joined)) + (b"" if is_inside else b"\0" * 8)
    folder.files["__properties_version1.0"] = header + b"".join(entries)
    folder.folders = [_attachment(rank, one) for rank, one in enumerate(joined)]
    return folder


def _of(folder: Folder, identifier: int, value: str | bytes) -> bytes:
    kind = _TEXT if isinstance(value, str) else _BYTES
    raw = value.encode("utf-16-le") if isinstance(value, str) else value
    folder.files[f"__substg1.0_{identifier:04X}{kind:04X}"] = raw
    return struct.pack("<HHIII", kind, identifier, 6, len(raw), 0)


def _attachment(rank: int, joined: Joined) -> Folder:
    folder = Folder(f"__attach_version1.0_#{rank:08X}")
    entries = [_of(folder, _NAME, joined.name), _of(folder, _MIME, joined.mime)]
    if isinstance(joined.content, bytes):
        entries += [_of(folder, _DATA, joined.content), struct.pack("<HHIII", _NUMBER, _METHOD, 6, 1, 0)]
    else:
        joined.content.name = "__substg1.0_3701000D"
        folder.folders.append(joined.content)
        entries += [
            struct.pack("<HHIII", _OBJECT, _DATA, 6, 0xFFFFFFFF, 1),
            struct.pack("<HHIII", _NUMBER, _METHOD, 6, 5, 0),
        ]
    folder.files["__properties_version1.0"] = b"\0" * 8 + b"".join(entries)
    return folder


def as_bytes(root: Folder) -> bytes:
    """Return a compound file: its directory, its small and large streams and their tables."""
    return _Writer(root).bytes()


class _Writer:
    def __init__(self, root: Folder) -> None:
        self._entries: list[list[int | str]] = []  # name, kind, right, child, start, size
        self._mini = bytearray()
        self._mini_table: list[int] = []
        self._sectors: list[bytes] = []
        self._table: list[int] = []
        self._add(root, 5)

    def _add(self, folder: Folder, kind: int) -> int:
        rank = len(self._entries)
        self._entries.append([folder.name, kind, _FREE, _FREE, 0, 0])
        children = [self._stream(name, raw) for name, raw in folder.files.items()]
        children += [self._add(inner, 1) for inner in folder.folders]
        for child, following in zip(children, [*children[1:], _FREE], strict=True):
            self._entries[child][2] = following
        self._entries[rank][3] = children[0] if children else _FREE
        return rank

    def _stream(self, name: str, raw: bytes) -> int:
        start = self._small(raw) if len(raw) < _CUTOFF else self._large(raw)
        self._entries.append([name, 2, _FREE, _FREE, start, len(raw)])
        return len(self._entries) - 1

    def _small(self, raw: bytes) -> int:
        count = -(-len(raw) // _MINI)
        if not count:
            return _END
        start = len(self._mini_table)
        self._mini_table += [*range(start + 1, start + count), _END]
        self._mini += raw.ljust(count * _MINI, b"\0")
        return start

    def _large(self, raw: bytes) -> int:
        count = -(-len(raw) // _SECTOR)
        if not count:
            return _END
        start = len(self._sectors)
        self._sectors += [raw[n * _SECTOR : (n + 1) * _SECTOR].ljust(_SECTOR, b"\0") for n in range(count)]
        self._table += [*range(start + 1, start + count), _END]
        return start

    def bytes(self) -> bytes:
        """Return the file."""
        self._entries[0][4], self._entries[0][5] = self._large(bytes(self._mini)), len(self._mini)
        mini_table = b"".join(struct.pack("<I", one) for one in self._mini_table)
        mini_start = self._large(mini_table.ljust(-(-len(mini_table) // _SECTOR) * _SECTOR, b"\xff"))
        directory = b"".join(self._entry(entry) for entry in self._entries)
        directory_start = self._large(directory)
        tables = 1
        while tables * 128 < len(self._table) + tables:
            tables += 1
        first = len(self._sectors)
        table = [*self._table, *[_FAT] * tables]
        table += [_FREE] * (tables * 128 - len(table))
        places = [*range(first, first + tables), *[_FREE] * (109 - tables)]
        header = struct.pack(
            "<8s16xHHHHH6xIIIIIIIII109I",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, tables, directory_start, 0, _CUTOFF,
            mini_start, -(-len(mini_table) // _SECTOR), _END, 0, *places,
        )  # fmt: skip
        return header + b"".join(self._sectors) + struct.pack(f"<{len(table)}I", *table)

    def _entry(self, entry: list[int | str]) -> bytes:
        name, kind, right, child, start, size = entry
        raw = str(name).encode("utf-16-le") + b"\0\0"
        return struct.pack("<64sHBBIII36xIII", raw, len(raw), kind, 1, _FREE, right, child, start, size, 0)
