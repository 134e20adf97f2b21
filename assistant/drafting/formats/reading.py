"""One message from bytes or a file, whatever its format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from assistant.drafting.formats.attachments import safe_name
from assistant.drafting.formats.documents import read_document
from assistant.drafting.formats.limits import MAXIMUM_BYTES, MEGABYTE
from assistant.drafting.formats.sniffing import Format, format_of
from assistant.drafting.message import Message
from assistant.errors import InputError
from corpus.errors import DocumentError

ACCEPTED = ".eml, .msg, .txt, .html, .docx, .odt, .pdf"

_SUFFIXES = {Format.PDF: ".pdf", Format.DOCX: ".docx", Format.ODT: ".odt"}
_REFUSED = {
    Format.RTF: "est au format RTF, qui n’est pas lu\u00a0: enregistrez-le au format .docx ou copiez son texte.",
    Format.TNEF: "est un fichier winmail.dat, propre à Outlook\u00a0: demandez à l’expéditeur un envoi en texte ou en HTML.",
    Format.IMAGE: "est une image\u00a0: recopiez le texte du message.",
    Format.ARCHIVE: "est une archive\u00a0: extrayez-en les messages, puis donnez leur dossier.",
    Format.OTHER: f"n’est pas un message lisible. Formats acceptés\u00a0: {ACCEPTED}.",
}


def read_message(raw: bytes, name: str = "") -> Message:
    """Return the message that bytes hold, their format told by their content, then by their name.

    Raises:
        InputError: They hold none, or several, or are encrypted, too large or unreadable; says what to do.
    """
    called = f"« {safe_name(name)} »" if name else "Ce contenu"
    if not raw.strip(b"\xef\xbb\xbf \t\r\n\x00"):
        raise InputError(f"{called} est vide\u00a0: exportez le message de nouveau, ou copiez son texte.")
    if len(raw) > MAXIMUM_BYTES:
        raise InputError(
            f"{called} pèse {len(raw) // MEGABYTE} Mo\u00a0; la limite est de {MAXIMUM_BYTES // MEGABYTE} Mo. "
            "Retirez ses pièces jointes, ou copiez son texte."
        )
    found = format_of(raw, name)
    if found in _REFUSED:
        raise InputError(f"{called} {_REFUSED[found]}")
    if found in _SUFFIXES:
        return _document(raw, safe_name(name) if name else f"document{_SUFFIXES[found]}", _SUFFIXES[found])
    return _READERS[found](raw)


def read_file(path: Path) -> Message:
    """Return the message of a file.

    Raises:
        InputError: The file is missing or is no message; says what to do.
    """
    return read_message(bytes_of(path), path.name)


def bytes_of(path: Path) -> bytes:
    """Return the bytes of an ordinary file of an acceptable size.

    Raises:
        InputError: It is missing, not ordinary, unreadable or too large.
    """
    try:
        if not path.is_file():
            raise InputError(
                f"{path} est introuvable ou n’est pas un fichier ordinaire\u00a0: vérifiez le chemin du message."
            )
        size = path.stat().st_size
        if size > MAXIMUM_BYTES:
            raise InputError(
                f"« {path.name} » pèse {size // MEGABYTE} Mo\u00a0; la limite est de {MAXIMUM_BYTES // MEGABYTE} Mo. "
                "Retirez ses pièces jointes, ou copiez son texte."
            )
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "chemin impossible"
        raise InputError(
            f"« {path.name} » ne peut pas être lu ({reason})\u00a0: vérifiez le chemin et les droits."
        ) from error


def _eml(raw: bytes) -> Message:
    from assistant.drafting.formats.eml import read_eml

    return read_eml(raw.removeprefix(b"\xef\xbb\xbf"))


def _msg(raw: bytes) -> Message:
    from assistant.drafting.formats.msg import read_msg

    return read_msg(raw)


def _first_of_mbox(raw: bytes) -> Message:
    """Return the message of an mbox that holds one.

    Raises:
        InputError: It holds several.
    """
    if b"\n\nFrom " in raw.replace(b"\r\n", b"\n"):
        raise InputError(
            "Cette boîte mbox contient plusieurs messages\u00a0: enregistrez-la dans un fichier .mbox et importez ce fichier."
        )
    return _eml(raw.lstrip(b"\r\n").partition(b"\n")[2])


def _page(raw: bytes) -> Message:
    from assistant.drafting.formats.html import read_page
    from assistant.drafting.formats.text import message_of

    page = read_page(raw)
    return message_of(page.text, page.notices)


def _text(raw: bytes) -> Message:
    from assistant.drafting.formats.text import read_text

    return read_text(raw)


def _document(raw: bytes, name: str, suffix: str) -> Message:
    from assistant.drafting.formats.text import message_of

    try:
        text, notices = read_document(raw, name, suffix)
    except DocumentError as error:
        raise InputError(str(error)) from error
    return message_of(text, notices)


_READERS: dict[Format, Callable[[bytes], Message]] = {
    Format.EML: _eml,
    Format.OUTLOOK: _msg,
    Format.MBOX: _first_of_mbox,
    Format.HTML: _page,
    Format.CSV: _text,
    Format.TEXT: _text,
}
