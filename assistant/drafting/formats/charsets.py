"""Bytes and headers to text, whatever they declare: what French mail programs and gateways damage is repaired."""

from __future__ import annotations

import binascii
import codecs
import re
import unicodedata
from dataclasses import dataclass

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What declares one of these and holds other bytes is Windows-1252, which contains them.
_WESTERN = {"ascii", "iso8859-1", "iso8859-15", "cp1252", "latin-1"}
_KEPT = frozenset("\t\n")
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_DECEIVING = re.compile(r"[\u202a-\u202e\u2066-\u2069\U000e0020-\U000e007f]")
_BREAKS = re.compile(r"\r\n?|[\x85\u2028\u2029]")

# UTF-8 read as Windows-1252: « Ã© », « â€™ », « Å“ », « Â » before a no-break space.
_TAILS = "\u0080-\u00bf\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178"
_MOJIBAKE = re.compile(rf"[\u00c2-\u00df][{_TAILS}]|[\u00e0-\u00ef][{_TAILS}]{{2}}")
_LOST_A = re.compile(
    r"Ã[ \u00a0]{1,2}(?=[\w«])|Ã$", re.MULTILINE
)  # « à », whose no-break space became a space
_QUOTED = re.compile(
    r"=(?:C3=[89AB][0-9A-F]|E2=80=[0-9A-F]{2}|C2=[AB][0-9A-F]|[EF][0-9A-F](?![0-9A-F])|20$|3D)", re.MULTILINE
)
_QUOTED_BYTE = re.compile(rb"=([0-9A-F]{2})")
_BASE64_LINE = re.compile(r"[A-Za-z0-9+/]{4,}={0,2}")
_BASE64_WIDTH = 40  # characters of each line but the last, at the least

_ENCODED_WORD = re.compile(r"=\?([\w.:-]{1,40}?)(?:\*[\w-]{1,20})?\?([bBqQ])\?(.*?)(?:\?=|$)", re.DOTALL)
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(?==\?[\w.:-]{1,60}\?[bBqQ]\?)")


@dataclass(frozen=True)
class Decoded:
    """A text, and what had to be done to read it, in a French sentence; empty when nothing had."""

    text: str
    notice: str = ""


def decode(raw: bytes, declared: str = "") -> Decoded:
    """Return the text of bytes that declare an encoding, rightly or not; never fails.

    Bytes that are valid UTF-8 beyond ASCII are UTF-8, whatever they declare; the others are Windows-1252.
    """
    for mark, name in _BOMS:
        if raw.startswith(mark):
            return _mended(raw.decode(name, errors="replace"), "")
    codec = _codec(declared)
    if codec.startswith(("utf-16", "utf-32")) or (codec and codec != "utf-8" and codec not in _WESTERN):
        try:
            return _mended(raw.decode(codec), "")
        except (UnicodeDecodeError, LookupError):
            codec = ""
    if raw.isascii():
        return _mended(raw.decode("ascii"), "")
    try:
        text, found = raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        text, found = _western(raw), "cp1252"
    wrong = bool(codec) and (codec == "utf-8") != (found == "utf-8")
    shown = "UTF-8" if found == "utf-8" else "Windows-1252"
    return _mended(
        text, f"L’encodage annoncé était faux\u00a0; le texte a été lu en {shown}." if wrong else ""
    )


def _codec(declared: str) -> str:
    name = declared.strip(" \"'\t").lower()[:40]
    try:
        return codecs.lookup(name).name if name else ""
    except (LookupError, ValueError):
        return ""


def _western(raw: bytes) -> str:
    """Return bytes that are no UTF-8: what is valid UTF-8 among them as such, each other byte in Windows-1252."""
    text = raw.decode("utf-8", errors="surrogateescape")
    return re.sub(r"[\udc80-\udcff]", lambda sign: _signs_of(bytes([ord(sign[0]) - 0xDC00])), text)


def _signs_of(raw: bytes) -> str:
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _mended(text: str, notice: str) -> Decoded:
    """Return a text without the damages that gateways leave: bytes written out, UTF-8 read twice."""
    if len(_QUOTED.findall(text[:100_000])) >= 3 and "\n" in text.strip() + "\n":
        text = _unquoted(text)
        notice = (
            notice or "Le texte contenait des caractères transcrits (« =C3=A9 »)\u00a0; ils ont été rétablis."
        )
    mended = repair(text)
    if mended != text:
        notice = notice or "Des accents étaient abîmés (« Ã© »)\u00a0; ils ont été rétablis."
    return Decoded(mended, notice)


def _unquoted(text: str) -> str:
    raw = re.sub(r"=[ \t]*\r?\n", "", text).encode("utf-8", errors="replace")
    raw = _QUOTED_BYTE.sub(lambda found: bytes([int(found[1], 16)]), raw)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return _western(raw)


def repair(text: str) -> str:
    """Return a text whose UTF-8 was read as Windows-1252, once or twice, as it was written.

    Example:
        >>> repair("Lâ€™Ã©tablissement nâ€™a pas Ã  dÃ©cider"), repair("DÃƒÂ©pÃƒÂ´t"), repair("Ça à noël")
        ('L’établissement n’a pas à décider', 'Dépôt', 'Ça à noël')
    """
    for _ in range(2):
        mended = _MOJIBAKE.sub(_read_again, text)
        if mended == text:
            return text
        text = _LOST_A.sub("à ", mended)
    return text


def _read_again(found: re.Match[str]) -> str:
    try:
        raw = b"".join(_byte(sign) for sign in found[0])
        sign = raw.decode("utf-8")
    except UnicodeError:
        return found[0]
    return sign if len(sign) == 1 else found[0]


def _byte(sign: str) -> bytes:
    try:
        return sign.encode("cp1252")
    except UnicodeEncodeError:
        return sign.encode("latin-1")


def undo_base64(text: str) -> str:
    """Return what a body says when it is nothing but undeclared Base64; else the body."""
    lines = text.split()
    if len(lines) < 2 or len(lines[0]) < _BASE64_WIDTH or not all(map(_BASE64_LINE.fullmatch, lines)):
        return text
    if any(len(line) != len(lines[0]) for line in lines[:-1]):
        return text
    try:
        raw = binascii.a2b_base64("".join(lines).rstrip("=") + "==")
    except binascii.Error:
        return text
    decoded = decode(raw).text
    readable = sum(sign.isprintable() or sign.isspace() for sign in decoded[:2000])
    return decoded if readable >= 0.97 * len(decoded[:2000]) else text


def clean_lines(text: str) -> Decoded:
    r"""Return a text with plain line ends and without control, invisible and lone surrogate characters.

    Example:
        >>> clean_lines("Bon\u200bjour\x00\r\nà\u202e tous").text
        'Bonjour\nà tous'
    """
    notice = ""
    if _DECEIVING.search(text):
        notice = "Des caractères invisibles qui peuvent tromper la lecture ont été retirés."
    composed = unicodedata.normalize("NFC", text) if not text.isascii() and len(text) < 2_000_000 else text
    return Decoded(_INVISIBLE.sub("", _BREAKS.sub("\n", composed)), notice)


def decode_header(value: str) -> str:
    """Return a header on one line, its encoded words read even when they are cut, badly padded or wrongly declared.

    Example:
        >>> decode_header("=?utf-8?Q?Question_sur_l=E2=80?= =?utf-8?Q?=99aide?=")
        'Question sur l’aide'
        >>> decode_header("=?iso-8859-1?B?6WxpZ2liaWxpdOk?=")
        'éligibilité'
    """
    if not value.isascii():
        value = decode(value.encode("utf-8", errors="surrogateescape")).text
    value = re.sub(r"\r?\n[ \t]*", " ", value)
    pieces: list[str] = []
    pending, charset, place = b"", "", 0
    joined = _BETWEEN_WORDS.sub(r"\1", value)
    for word in _ENCODED_WORD.finditer(joined):
        between = joined[place : word.start()]
        if pending and (between or word[1].lower() != charset):
            pieces.append(decode(pending, charset).text)
            pending = b""
        pieces.append(between)
        pending, charset, place = pending + _word_bytes(word[2], word[3]), word[1].lower(), word.end()
    pieces += [decode(pending, charset).text if pending else "", joined[place:]]
    text = repair("".join(pieces))
    return " ".join(_INVISIBLE.sub("", re.sub(r"[\r\n\t\x0b\x0c\x85]+", " ", text)).split())


def _word_bytes(form: str, text: str) -> bytes:
    if form in "bB":
        kept = re.sub(r"[^A-Za-z0-9+/]", "", text)
        whole = kept[: len(kept) - (len(kept) % 4 == 1)]
        try:
            return binascii.a2b_base64(whole + "=" * (-len(whole) % 4))
        except binascii.Error:
            return text.encode("utf-8", errors="replace")
    return binascii.a2b_qp(text.replace(" ", "_").encode("utf-8", errors="replace"), header=True)
