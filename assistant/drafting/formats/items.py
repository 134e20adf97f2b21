"""The messages of a file, a folder, an mbox or a CSV, each read only when asked for and failing alone."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from assistant.drafting.formats.csv import message_of_row, rows
from assistant.drafting.formats.limits import MAXIMUM_ITEMS
from assistant.drafting.formats.mbox import message_at, places
from assistant.drafting.formats.reading import bytes_of, read_message
from assistant.drafting.formats.sniffing import Format, format_of
from assistant.drafting.message import Message
from assistant.errors import InputError

_HEAD = 16_384
_DEEPEST = 30  # folders inside folders


@dataclass(frozen=True)
class Item:
    """A message to read: ``id`` is the same from one run to the next, ``label`` tells a person where it is.

    ``raw`` returns what the message is made of, and ``parse`` reads it; both may raise ``InputError``, for this
    message only.
    """

    id: str
    label: str
    raw: Callable[[], bytes]
    parse: Callable[[bytes], Message]

    def read(self) -> Message:
        """Return the message.

        Raises:
            InputError: It cannot be read; says why and what to do.
        """
        return self.parse(self.raw())


def iterate(path: Path, without: Collection[Path] = ()) -> Iterator[Item]:
    """Yield the messages of a file, or of a folder and those inside it, in the order of their names.

    Hidden files, links to folders and the folders of ``without`` are left out of a folder.

    Raises:
        InputError: The path is missing, or holds too many messages; in a folder, an mbox or a CSV that cannot be
            read is one item, which raises when read.
    """
    if path.is_dir():
        yield from _limited(_in_folder(path, {one.resolve() for one in without}), path)
        return
    if not path.is_file():
        raise InputError(
            f"{path} est introuvable\u00a0: indiquez un message, un dossier, une boîte mbox ou un fichier CSV."
        )
    yield from _in_file(path, path.name)


def holds_several(path: Path) -> bool:
    """Whether a file is an mbox or a table, which holds messages rather than being one."""
    return path.is_file() and _format_of_file(path) in (Format.MBOX, Format.CSV)


def _limited(items: Iterator[Item], path: Path) -> Iterator[Item]:
    for count, item in enumerate(items, 1):
        if count > MAXIMUM_ITEMS:
            raise InputError(
                f"{path} contient plus de {MAXIMUM_ITEMS} messages\u00a0: traitez ses sous-dossiers un à un."
            )
        yield item


def _in_folder(folder: Path, without: Collection[Path]) -> Iterator[Item]:
    for path in _files(folder, without, 0):
        relative = path.relative_to(folder).as_posix()
        try:
            yield from _in_file(path, relative)
        except InputError as error:
            yield Item(relative, relative, partial(_fail, str(error)), _no_message)


def _files(folder: Path, without: Collection[Path], depth: int) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise InputError(
            f"Le dossier {folder} ne peut pas être lu ({error.strerror})\u00a0: vérifiez vos droits."
        ) from error
    for entry in entries:
        path = Path(entry.path)
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            if depth < _DEEPEST and path.resolve() not in without:
                yield from _files(path, without, depth + 1)
        elif entry.is_file():
            yield path


def _in_file(path: Path, identifier: str) -> Iterator[Item]:
    found = _format_of_file(path)
    if found is Format.MBOX:
        for number, (begin, end) in enumerate(places(path), 1):
            yield Item(
                f"{identifier}#{number:04d}",
                f"{identifier}, message {number}",
                partial(message_at, path, begin, end),
                read_message,
            )
    elif found is Format.CSV:
        yield from _in_table(path, identifier)
    else:
        yield Item(identifier, identifier, partial(bytes_of, path), partial(read_message, name=path.name))


def _format_of_file(path: Path) -> Format:
    try:
        with path.open("rb") as stream:
            return format_of(stream.read(_HEAD), path.name)
    except OSError:  # whoever reads it tells why
        return Format.TEXT


def _in_table(path: Path, identifier: str) -> Iterator[Item]:
    seen: set[str] = set()
    for number, said in rows(path):
        own = said.get("id", "")[:80]
        if not own or own in seen:
            own = f"ligne {number}"
        seen.add(own)
        raw = json.dumps(said, ensure_ascii=True, sort_keys=True).encode("ascii")
        yield Item(f"{identifier}#{own}", f"{identifier}, {own}", partial(bytes, raw), _of_row)


def _of_row(raw: bytes) -> Message:
    return message_of_row(json.loads(raw))


def _fail(reason: str) -> bytes:
    raise InputError(reason)


def _no_message(raw: bytes) -> Message:
    raise InputError("Ce contenu n’est pas un message.")
