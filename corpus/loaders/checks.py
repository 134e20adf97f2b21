"""What is checked before a document is opened: its nature, its size, and that it is what its name says."""

from __future__ import annotations

import stat
import zipfile
import zlib
from pathlib import Path

from corpus.errors import DocumentError

MAX_BYTES = 50 * 1024 * 1024
MAX_UNZIPPED_BYTES = 300 * 1024 * 1024
MAX_XML_BYTES = 60 * 1024 * 1024
MAX_MEMBERS = 5_000

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
_ENTITIES = tuple("<!ENTITY".encode(codec) for codec in ("ascii", "utf-16-le", "utf-16-be"))


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
    XML part may declare an entity, so neither external files nor expanding ones can be reached.

    Raises:
        DocumentError: Reason and next step.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check_sizes(path, members)
            names = {member.filename for member in members}
            if any(name.startswith("/") or ".." in name.split("/") or "\\" in name for name in names):
                raise DocumentError(
                    f"« {path.name} » contient des chemins interdits. Le document est refusé."
                )
            if any(member.flag_bits & 1 for member in members):
                raise DocumentError(f"« {path.name} » est chiffré. Enregistrez-le sans mot de passe.")
            if kind == "docx" and "word/document.xml" not in names:
                raise _mismatch(path, kind)
            if kind == "odt" and ("mimetype" not in names or archive.read("mimetype").strip() != _ODT_TYPE):
                raise _mismatch(path, kind)
            for member in members:
                if member.filename.endswith((".xml", ".rels")):
                    _check_xml(path, member.filename, archive.read(member))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise DocumentError(
            f"« {path.name} » est endommagé : son archive ne s’ouvre pas. Téléchargez-le de nouveau."
        ) from error


def _check_sizes(path: Path, members: list[zipfile.ZipInfo]) -> None:
    xml = max((m.file_size for m in members if m.filename.endswith((".xml", ".rels"))), default=0)
    total = sum(member.file_size for member in members)
    if len(members) > MAX_MEMBERS or total > MAX_UNZIPPED_BYTES or xml > MAX_XML_BYTES:
        size = max(1, total // (1024 * 1024))
        raise DocumentError(
            f"« {path.name} » se déploierait sur {size} Mo en {len(members)} fichiers, plus que la limite. "
            "Le document est refusé : retirez-en les images ou exportez-le en PDF."
        )


def _check_xml(path: Path, member: str, data: bytes) -> None:
    if member == "META-INF/manifest.xml" and b"encryption-data" in data:
        raise DocumentError(
            f"« {path.name} » est protégé par un mot de passe. Enregistrez-le sans protection."
        )
    if any(marker in data for marker in _ENTITIES):
        raise DocumentError(
            f"« {path.name} » déclare des entités XML, ce qu’un traitement de texte ne produit pas. "
            "Le document est refusé : enregistrez-le de nouveau depuis votre traitement de texte."
        )
