"""What comes with a message: each file noted, and its text read when its format allows, within bounds."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePath

from assistant.drafting.formats.charsets import clean_lines, decode
from assistant.drafting.formats.documents import read_document
from assistant.drafting.formats.limits import (
    MAXIMUM_ATTACHED_TEXT,
    MAXIMUM_ATTACHMENT,
    MAXIMUM_ATTACHMENTS,
    MAXIMUM_READ,
    MEGABYTE,
)
from assistant.drafting.formats.sniffing import Format, format_of
from assistant.drafting.message import Attachment
from corpus.errors import DocumentError

_READ = {Format.PDF: ".pdf", Format.DOCX: ".docx", Format.ODT: ".odt", Format.HTML: ".html"}
_LONGEST_NAME = 120
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f/\\]+")
_SHEETS = (".xlsx", ".xls", ".ods", ".xlsm")
_OTHERS = {
    Format.IMAGE: "C’est une image\u00a0: son contenu n’a pas été lu.",
    Format.ARCHIVE: "C’est une archive\u00a0: elle n’a pas été ouverte.",
    Format.TNEF: "C’est un fichier winmail.dat, propre à Outlook\u00a0: demandez à l’expéditeur un envoi en texte ou en HTML.",
    Format.RTF: "Le format RTF n’est pas lu\u00a0: enregistrez le document au format .docx.",
    Format.OTHER: "Ce format n’est pas lu.",
}


def safe_name(name: str) -> str:
    r"""Return the name of a file without its path nor what could not be shown; « pièce jointe » when nothing is left.

    Example:
        >>> safe_name("../../etc/liste\x00.txt"), safe_name("")
        ('liste.txt', 'pièce jointe')
    """
    bare = re.split(r"[/\\]", clean_lines(name).text.replace("\n", " "))[-1]
    bare = _FORBIDDEN.sub(" ", bare).strip(" .")
    if len(bare) > _LONGEST_NAME:
        suffix = PurePath(bare).suffix[:12]
        bare = bare[: _LONGEST_NAME - len(suffix)] + suffix
    return bare or "pièce jointe"


@dataclass
class Attached:
    """The attachments of a message as they are met; the first ones are read, all are noted up to a number."""

    files: list[Attachment] = field(default_factory=list)
    left: int = 0
    _read: int = 0

    def add(self, name: str, media_type: str, raw: bytes) -> None:
        """Note a file, and read it when it may be."""
        if len(self.files) >= MAXIMUM_ATTACHMENTS:
            self.left += 1
            return
        self.files.append(self._of(safe_name(name), media_type.lower()[:100], raw))

    def note(self, name: str, media_type: str, size: int, problem: str) -> None:
        """Note a file that is not read, and why."""
        if len(self.files) >= MAXIMUM_ATTACHMENTS:
            self.left += 1
            return
        self.files.append(Attachment(safe_name(name), media_type.lower()[:100], size, problem=problem))

    @property
    def notices(self) -> tuple[str, ...]:
        """What to tell of the files that are not listed."""
        if not self.left:
            return ()
        return (f"Le message porte {self.left} pièces jointes de plus, qui ne sont pas listées.",)

    def _of(self, name: str, media_type: str, raw: bytes) -> Attachment:
        def unread(problem: str) -> Attachment:
            return Attachment(name, media_type, len(raw), problem=problem)

        if not raw:
            return unread("Le fichier est vide.")
        if len(raw) > MAXIMUM_ATTACHMENT:
            return unread(f"Le fichier dépasse {MAXIMUM_ATTACHMENT // MEGABYTE} Mo\u00a0: il n’a pas été lu.")
        found = format_of(raw, name)
        if PurePath(name).suffix.lower() in _SHEETS:
            return unread(
                "C’est un tableur\u00a0: il n’a pas été lu. Demandez-en le contenu dans un document ou dans le message."
            )
        if found in _OTHERS:
            return unread(_OTHERS[found])
        if self._read >= MAXIMUM_READ:
            return unread(f"Seules les {MAXIMUM_READ} premières pièces jointes sont lues.")
        self._read += 1
        try:
            text = _text_of(raw, name, found)
        except DocumentError as error:
            return unread(str(error))
        if not text.strip():
            return unread("Aucun texte n’y a été trouvé.")
        if len(text) > MAXIMUM_ATTACHED_TEXT:
            return Attachment(name, media_type, len(raw), text[:MAXIMUM_ATTACHED_TEXT], "Seul le début du texte a été lu\u00a0: il est très long.")  # fmt: skip
        return Attachment(name, media_type, len(raw), text)


def _text_of(raw: bytes, name: str, found: Format) -> str:
    if found in _READ:
        return read_document(raw, name, _READ[found])[0]
    return clean_lines(decode(raw).text).text
