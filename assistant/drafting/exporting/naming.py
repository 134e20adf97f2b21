"""Name the file of a letter."""

from __future__ import annotations

import re
import unicodedata

from assistant.drafting.exporting.outgoing import bare_subject

EXTENSIONS = frozenset({"docx", "eml", "html", "odt", "txt"})
_LENGTH, _BYTES = 80, 200  # before the extension; file systems stop at 255 bytes
_REFUSED = re.compile(
    r"""[<>:"/\\|?*'’%$&;#`~^!{}=@+,«»“”…]"""
)  # by Windows, or awkward in a shell or an address
_RESERVED = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE
)


def file_name(subject: str, extension: str) -> str:
    """Return a name that any system accepts and that a reader recognises, accents kept.

    Args:
        subject: The subject of the letter.
        extension: One of ``EXTENSIONS``, without its dot.

    Raises:
        ValueError: The extension is another one.

    Example:
        >>> file_name("Re: Seuil de 15 ESSMS ? (Bretagne/Corse)", "eml")
        'Seuil de 15 ESSMS (Bretagne Corse).eml'
    """
    if extension not in EXTENSIONS:
        raise ValueError(f"unknown extension: {extension!r}")
    line = unicodedata.normalize("NFC", bare_subject(subject))
    kept = "".join(" " if unicodedata.category(mark)[0] in "CZ" else mark for mark in _REFUSED.sub(" ", line))
    name = _cut(" ".join(kept.split())).strip(" .-")
    if _RESERVED.fullmatch(name):
        name = f"lettre {name}"
    return f"{name or 'lettre'}.{extension}"


def _cut(name: str) -> str:
    return name[:_LENGTH].encode()[:_BYTES].decode(errors="ignore")
