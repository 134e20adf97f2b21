"""Draw one page of a PDF, or say where words stand on it (pypdfium2): run apart, so that what never ends is stopped.

python -P rasterise.py FILE PAGE OUTPUT draws the page, the first being 1: in grey and fine when the output is a
``.pgm`` image, for OCR; in colour, for the eye, when it is a ``.png``.
python -P rasterise.py FILE PAGE prints its size in pixels as drawn in colour, and the rectangles of the words given
on the standard input: ``{"size": [w, h], "rectangles": [[x, y, w, h]]}``.
"""

from __future__ import annotations

import contextlib
import json
import math
import struct
import sys
import unicodedata
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

RESOLUTION = 300  # dots an inch: what tesseract is trained for
MAX_SIDE = 6_000  # pixels: a poster is drawn smaller
VIEW_RESOLUTION, VIEW_MAX_SIDE = 110, 2_400
MAX_MEMORY = 2 * 1024**3
MAX_CHARACTERS = 200_000  # of a page, where words are looked for
SHORTEST = 12  # letters and figures: fewer are found anywhere
_BEGINNINGS = (
    80,
    40,
)  # letters and figures: a note or a heading may cut an excerpt that was read in one piece

Rectangle = tuple[int, int, int, int]


def draw(path: Path, number: int, output: Path) -> None:
    """Write the image of a page: PGM in grey for OCR, or PNG in colour for the eye, by the suffix of the output."""
    page = _page(path, number)
    if output.suffix == ".pgm":
        bitmap = page.render(scale=_scale(page, RESOLUTION, MAX_SIDE), grayscale=True)
        output.write_bytes(b"P5 %d %d 255\n" % (bitmap.width, bitmap.height) + b"".join(_rows(bitmap)))
        return
    bitmap = page.render(scale=_scale(page, VIEW_RESOLUTION, VIEW_MAX_SIDE), rev_byteorder=True)
    output.write_bytes(_png(bitmap.width, bitmap.height, b"".join(b"\0" + row for row in _rows(bitmap))))


def look(path: Path, number: int, words: str) -> dict[str, Any]:
    """Return the size of a page as :func:`draw` draws it in colour, and where the words stand; nowhere if not found."""
    page = _page(path, number)
    scale = _scale(page, VIEW_RESOLUTION, VIEW_MAX_SIDE)
    size = [math.ceil(side * scale) for side in page.get_size()]
    return {"size": size, "rectangles": _rectangles(page, size, words)}


def find(text: str, words: str) -> tuple[int, int] | None:
    r"""Return where words stand in a text, first and last character (excluded), whatever their spaces and accents.

    The beginning of the words is enough when the whole is not found; too few letters are not looked for.

    Example:
        >>> find("Le dépôt ferme\nle 15 septem-\nbre.", "depot ferme le 15 septembre")
        (3, 32)
    """
    letters = [(letter, rank) for rank, sign in enumerate(text) for letter in letters_of(sign)]
    held, wanted = "".join(letter for letter, _ in letters), letters_of(words)
    for length in (len(wanted), *_BEGINNINGS):
        if SHORTEST <= length <= len(wanted) and (start := held.find(wanted[:length])) >= 0:
            return letters[start][1], letters[start + length - 1][1] + 1
    return None


def letters_of(text: str) -> str:
    """Return the letters and figures of a text, in lower case without accents.

    Example:
        >>> letters_of("L’été, 2 000 €")
        'lete2000'
    """
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", text).lower()))


def _page(path: Path, number: int) -> Any:
    import pypdfium2

    return pypdfium2.PdfDocument(path)[number - 1]


def _scale(page: Any, resolution: int, longest: int) -> float:
    width, height = page.get_size()
    return min(resolution / 72, longest / max(float(width), float(height), 1.0))


def _rows(bitmap: Any) -> Iterator[bytes]:
    data, length = bytes(bitmap.buffer), bitmap.width * bitmap.n_channels
    for start in range(0, bitmap.height * bitmap.stride, bitmap.stride):
        yield data[start : start + length]


def _png(width: int, height: int, data: bytes) -> bytes:
    """Return a PNG of eight bits a colour, from rows that each open with a null byte (no filter)."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", header),
            chunk(b"IDAT", zlib.compress(data, 6)),
            chunk(b"IEND", b""),
        )
    )


def _rectangles(page: Any, size: list[int], words: str) -> list[Rectangle]:
    """Return the rectangles of the words, in pixels from the top left of the page as drawn in colour."""
    if not words:
        return []
    import pypdfium2

    text = page.get_textpage()
    signs = (
        pypdfium2.raw.FPDFText_GetUnicode(text, rank)
        for rank in range(min(text.count_chars(), MAX_CHARACTERS))
    )
    found = find("".join(chr(sign) if sign <= sys.maxunicode else " " for sign in signs), words)
    if found is None:
        return []
    converter = pypdfium2.PdfPosConv(page, (0, 0, *size, 0))
    rectangles = []
    for rank in range(text.count_rects(found[0], found[1] - found[0])):
        left, bottom, right, top = text.get_rect(rank)
        corners = converter.to_bitmap(left, bottom), converter.to_bitmap(right, top)
        (x, across), (y, down) = (sorted(pair) for pair in zip(*corners, strict=True))
        rectangles.append((x, y, across - x, down - y))
    return rectangles


def limit_memory() -> None:
    """Have an image of billions of pixels fail rather than fill the memory, where the system can."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))


if __name__ == "__main__":
    limit_memory()
    file, page_number = Path(sys.argv[1]), int(sys.argv[2])
    if len(sys.argv) > 3:
        draw(file, page_number, Path(sys.argv[3]))
    else:
        said = sys.stdin.buffer.read().decode("utf-8", "replace")
        sys.stdout.write(json.dumps(look(file, page_number, said)))
