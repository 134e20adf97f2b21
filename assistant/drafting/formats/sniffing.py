"""What the bytes of a file are, by their content first; a name only settles what the content leaves open."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import PurePath

_HEADER_LINE = re.compile(rb"[!-9;-~]{1,76}:[ \t]?[^\r\n]{0,998}\r?$")
_CONTINUED = re.compile(rb"[ \t]+\S")
_MAIL_HEADERS = re.compile(
    rb"(?:received|return-path|delivered-to|message-id|mime-version|content-type|content-transfer-encoding|dkim-signature|x-[\w-]+|date|thread-topic|authentication-results|arc-[\w-]+):",
    re.IGNORECASE,
)
_ADDRESSED = re.compile(rb"(?:from|to|subject|cc|reply-to):", re.IGNORECASE)
_MBOX = re.compile(rb"From [^\r\n]{1,300}\d{4}[^\r\n]{0,20}\r?\n[!-9;-~]{1,76}:")
_MARKUP = re.compile(rb"\s*(?:<\?xml[^>]{0,200}\?>\s*)?<(?:!doctype\s+html|html|head|body|meta|div|p|table|span|font)\b", re.IGNORECASE)  # fmt: skip
_HEAD = 16_384


class Format(StrEnum):
    """What a file is."""

    EML = "eml"
    MBOX = "mbox"
    OUTLOOK = "msg"
    PDF = "pdf"
    DOCX = "docx"
    ODT = "odt"
    HTML = "html"
    CSV = "csv"
    TEXT = "text"
    TNEF = "winmail.dat"
    RTF = "rtf"
    IMAGE = "image"
    ARCHIVE = "archive"
    OTHER = "other"


_SIGNS = (
    (b"%PDF-", Format.PDF),
    (b"{\\rtf", Format.RTF),
    (b"\x78\x9f\x3e\x22", Format.TNEF),
    (b"\x89PNG", Format.IMAGE),
    (b"\xff\xd8\xff", Format.IMAGE),
    (b"GIF8", Format.IMAGE),
    (b"II*\x00", Format.IMAGE),
    (b"MM\x00*", Format.IMAGE),
    (b"RIFF", Format.IMAGE),
    (b"\x1f\x8b", Format.ARCHIVE),
    (b"7z\xbc\xaf", Format.ARCHIVE),
    (b"Rar!", Format.ARCHIVE),
)


def format_of(raw: bytes, name: str = "") -> Format:
    r"""Return what bytes are; ``name`` tells a CSV, an mbox or an e-mail whose content could be plain text.

    Example:
        >>> format_of(b"%PDF-1.7"), format_of(b"Bonjour"), format_of(b"Subject: x\nMessage-ID: <1@example.org>\n\ny")
        (<Format.PDF: 'pdf'>, <Format.TEXT: 'text'>, <Format.EML: 'eml'>)
    """
    suffix = PurePath(name).suffix.lower()
    if raw.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return Format.OTHER if suffix in (".doc", ".xls", ".ppt") else Format.OUTLOOK
    if raw.startswith(b"PK\x03\x04"):
        return _zipped(raw, suffix)
    head = raw[:_HEAD].lstrip(b"\xef\xbb\xbf")
    for sign, found in _SIGNS:
        if head.lstrip().startswith(sign) if sign == b"%PDF-" else head.startswith(sign):
            return found
    if not raw.startswith((b"\xff\xfe", b"\xfe\xff")) and _is_binary(head):
        return Format.OTHER
    if _MBOX.match(head.lstrip(b"\r\n")):
        return Format.MBOX
    if suffix in (".csv", ".tsv"):
        return Format.CSV
    if _is_mail(head, suffix):
        return Format.EML
    if _MARKUP.match(head):
        return Format.HTML
    return Format.TEXT


def _zipped(raw: bytes, suffix: str) -> Format:
    if b"mimetypeapplication/vnd.oasis.opendocument.text" in raw[:200]:
        return Format.ODT
    if suffix == ".docx" or b"word/document.xml" in raw or b"word/_rels" in raw:
        return Format.DOCX
    return Format.ODT if suffix == ".odt" else Format.ARCHIVE


def _is_binary(head: bytes) -> bool:
    controls = sum(
        head.count(sign) for sign in (b"\x00", b"\x01", b"\x02", b"\x03", b"\x04", b"\x05", b"\x06")
    )
    return controls > len(head) // 20


def _is_mail(head: bytes, suffix: str) -> bool:
    """Whether a text begins with the headers of a mail, two of them at least beside the first line of an mbox."""
    technical = addressed = 0
    for line in head.lstrip(b"\r\n").split(b"\n")[:200]:
        bare = line.rstrip(b"\r")
        if not bare:
            break
        if _HEADER_LINE.match(bare):
            technical += bool(_MAIL_HEADERS.match(bare))
            addressed += bool(_ADDRESSED.match(bare))
        elif not _CONTINUED.match(bare):
            # A line that breaks the headers: only what is named an e-mail is still one.
            return suffix == ".eml" and technical + addressed > 1
    return technical + addressed > 1 and (technical > 0 or suffix == ".eml")
