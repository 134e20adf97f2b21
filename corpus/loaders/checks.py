"""What is checked before a document is opened: its nature, its size, and that it is what its name says."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from corpus.errors import DocumentError
from corpus.loaders.content import Block, check_length

MAX_BYTES = 50 * 1024 * 1024
MAX_UNZIPPED_BYTES = 300 * 1024 * 1024
MAX_XML_BYTES = 60 * 1024 * 1024
MAX_MEMBERS = 5_000
MAX_BLOCKS = 300_000  # a real document of 2 000 pages has a tenth of it

EXTENSIONS = {
    ".pdf": "pdf",
    ".docx": "docx",
    ".odt": "odt",
    ".html": "html",
    ".htm": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
}

_ODT_TYPE = b"application/vnd.oasis.opendocument.text"
_OLE = b"\xd0\xcf\x11\xe0"
_DECLARATIONS = ("<!ENTITY", "<!ATTLIST", "<!ELEMENT", "<!NOTATION")
_FORBIDDEN = tuple(
    mark.encode(codec) for mark in _DECLARATIONS for codec in ("ascii", "utf-16-le", "utf-16-be")
)
_ENCODING = re.compile(rb"""\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
# In any of these what is forbidden shows in the bytes; UTF-7 and EBCDIC would hide it from the search.
_ENCODINGS = {b"utf-8", b"utf-16", b"utf-16le", b"utf-16be", b"us-ascii", b"ascii", b"iso-8859-1", b"iso-8859-15",
              b"windows-1252"}  # fmt: skip
_EBCDIC = b"\x4c\x6f\xa7\x94"  # « <?xm »
_HEADER_BYTES = 30  # of a member, at the least, before its name and its data


def kind_of(path: Path) -> str:
    """Return the kind of document that the extension announces.

    Raises:
        DocumentError: The extension is not one the corpus reads.
    """
    kind = EXTENSIONS.get(path.suffix.lower())
    if kind is None:
        known = ", ".join(EXTENSIONS)
        found = f"l’extension « {path.suffix} »" if path.suffix else "aucune extension"
        raise DocumentError(f"« {path.name} » a {found}. Formats acceptés : {known}.")
    return kind


def check_file(path: Path) -> None:
    """Refuse what is not a regular, readable file of an acceptable size.

    Raises:
        DocumentError: The path is missing, a directory or a device, empty, or too large.
    """
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise DocumentError(
            f"« {path} » est introuvable ou illisible. Vérifiez le chemin du fichier."
        ) from error
    if not stat.S_ISREG(status.st_mode):
        raise DocumentError(f"« {path} » n’est pas un fichier ordinaire. Indiquez le chemin d’un document.")
    if status.st_size == 0:
        raise DocumentError(f"« {path.name} » est vide (0 octet). Téléchargez-le de nouveau.")
    if status.st_size > MAX_BYTES:
        size = status.st_size // (1024 * 1024)
        raise DocumentError(
            f"« {path.name} » pèse {size} Mo ; la limite est de 50 Mo. Réduisez ou découpez le document."
        )


def gather(blocks: Iterable[Block], name: str) -> list[Block]:
    """Return the blocks, as soon refused as they are too many: each takes a few hundred bytes in whoever reads it.

    Raises:
        DocumentError: There are more blocks, or characters, than the corpus accepts.
    """
    gathered: list[Block] = []
    characters = 0
    for block in blocks:
        characters += len(block.text)
        check_length(characters, name)
        if block.text:
            gathered.append(block)
        check_blocks(len(gathered), name)
    return gathered


def check_blocks(blocks: int, name: str) -> None:
    """Refuse a text in more pieces than the corpus accepts.

    Raises:
        DocumentError: There are more than ``MAX_BLOCKS``.
    """
    if blocks > MAX_BLOCKS:
        raise DocumentError(
            f"« {name} » compte plus de {MAX_BLOCKS} paragraphes, lignes et titres, la limite acceptée. "
            "Découpez le document et ajoutez ses parties une à une."
        )


def check_content(path: Path, kind: str) -> None:
    """Refuse a file whose first bytes, or whose archive, are not those of its extension.

    Raises:
        DocumentError: The content is another format, is damaged, or would expand beyond the limits.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(8192)
    except OSError as error:
        raise DocumentError(f"« {path.name} » ne peut pas être lu ({error.strerror}).") from error
    found = _sniff(head)
    if kind in ("docx", "odt"):
        if found == "ole":
            raise DocumentError(
                f"« {path.name} » est protégé par un mot de passe ou dans l’ancien format .doc. "
                "Enregistrez-le sans protection au format .docx."
            )
        if found != "zip":
            raise _mismatch(path, kind)
        check_archive(path, kind)
    elif kind == "pdf":
        if found != "pdf":
            raise _mismatch(path, kind)
    elif found != "text" or (kind == "html" and b"<" not in head.replace(b"\x00", b"")):
        raise _mismatch(path, kind)


def _sniff(head: bytes) -> str:
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return "zip"
    if head.startswith(_OLE):
        return "ole"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "text"
    return "binary" if b"\x00" in head else "text"


def _mismatch(path: Path, kind: str) -> DocumentError:
    names = {
        "pdf": "PDF",
        "docx": "DOCX",
        "odt": "ODT",
        "html": "HTML",
        "markdown": "Markdown",
        "text": "texte",
    }
    return DocumentError(
        f"« {path.name} » porte l’extension « {path.suffix} » mais son contenu n’est pas du {names[kind]}. "
        "Corrigez l’extension, ou téléchargez de nouveau le document."
    )


def check_archive(path: Path, kind: str) -> None:
    """Refuse a DOCX or ODT archive that is damaged, foreign or hostile, before any XML is read.

    Declared sizes are checked first (Python never inflates a member beyond its declared size); then no
    XML part may declare an entity or an attribute, so neither external files nor expanding ones can be reached.

    Raises:
        DocumentError: Reason and next step.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check_sizes(path, members)
            _check_members(path, members)
            names = {member.filename for member in members}
            if kind == "docx" and "word/document.xml" not in names:
                raise _mismatch(path, kind)
            if kind == "odt" and ("mimetype" not in names or archive.read("mimetype").strip() != _ODT_TYPE):
                raise _mismatch(path, kind)
            for member in members:
                _check_part(path, archive, member)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise DocumentError(
            f"« {path.name} » est endommagé : son archive ne s’ouvre pas. Téléchargez-le de nouveau."
        ) from error


def _check_members(path: Path, members: list[zipfile.ZipInfo]) -> None:
    """Refuse names that lead elsewhere, and members that a real program writes in no archive."""
    names = [member.filename for member in members]
    if any(map(_leads_elsewhere, names)) or any(
        stat.S_ISLNK(member.external_attr >> 16) for member in members
    ):
        raise DocumentError(
            f"« {path.name} » contient des chemins interdits ou des liens. Le document est refusé : "
            "enregistrez-le de nouveau depuis votre traitement de texte."
        )
    if any(member.flag_bits & 1 for member in members):
        raise DocumentError(f"« {path.name} » est chiffré. Enregistrez-le sans mot de passe.")
    ordered = sorted(members, key=lambda member: member.header_offset)
    if len(set(names)) < len(names) or any(
        one.header_offset + _HEADER_BYTES + one.compress_size > other.header_offset
        for one, other in pairwise(ordered)
    ):
        raise DocumentError(
            f"« {path.name} » est endommagé : son archive contient deux fois le même fichier, ou des fichiers "
            "qui se recouvrent. Téléchargez-le de nouveau."
        )


def _leads_elsewhere(name: str) -> bool:
    return name.startswith("/") or ".." in name.split("/") or "\\" in name or name[1:2] == ":"


def _check_sizes(path: Path, members: list[zipfile.ZipInfo]) -> None:
    xml = max((m.file_size for m in members if m.filename.endswith((".xml", ".rels"))), default=0)
    total = sum(member.file_size for member in members)
    if len(members) > MAX_MEMBERS or total > MAX_UNZIPPED_BYTES or xml > MAX_XML_BYTES:
        raise _too_large(path, total, len(members))


def _too_large(path: Path, total: int, members: int) -> DocumentError:
    size = max(1, total // (1024 * 1024))
    return DocumentError(
        f"« {path.name} » se déploierait sur {size} Mo en {members} fichiers, plus que la limite. "
        "Le document est refusé : retirez-en les images ou exportez-le en PDF."
    )


def _check_part(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Check a member if it is XML, whatever its name: the list of contents may announce any as XML."""
    with archive.open(member) as stream:
        head = stream.read(64)
    is_xml = head.lstrip(b"\x00\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<") or head.startswith(_EBCDIC)
    if not is_xml and not member.filename.endswith((".xml", ".rels")):
        return
    if member.file_size > MAX_XML_BYTES:
        raise _too_large(path, member.file_size, 1)
    _check_xml(path, member.filename, archive.read(member))


def _check_xml(path: Path, member: str, data: bytes) -> None:
    if member == "META-INF/manifest.xml" and b"encryption-data" in data:
        raise DocumentError(
            f"« {path.name} » est protégé par un mot de passe. Enregistrez-le sans protection."
        )
    if member == "[Content_Types].xml" and (b"macroEnabled" in data or b"wordprocessingml.template" in data):
        raise DocumentError(
            f"« {path.name} » est un document à macros (.docm) ou un modèle (.dotx) renommé. Ouvrez-le dans votre "
            "traitement de texte et enregistrez-le au format .docx."
        )
    if not _is_searchable(data) or any(mark in data for mark in _FORBIDDEN):
        raise DocumentError(
            f"« {path.name} » déclare des entités XML ou un codage inhabituel, ce qu’un traitement de texte ne "
            "produit pas. Le document est refusé : enregistrez-le de nouveau depuis votre traitement de texte."
        )


def _is_searchable(data: bytes) -> bool:
    """Whether the encoding, as a parser would find it, is one in which ``_FORBIDDEN`` shows."""
    if data.startswith(_EBCDIC) or b"\x00\x00" in data[:4]:  # UTF-32
        return False
    head = data[:1024].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe")
    if not head.startswith(b"<?xml"):
        return True
    declaration, closed, _ = head.partition(b"?>")
    declared = _ENCODING.search(declaration)
    if declared is None:
        return bool(closed) and b"encoding" not in declaration
    return declared[1].lower() in _ENCODINGS
