"""The fonts of a PDF: what their strings say, and how wide they are (pypdf reads the fonts, once each)."""

from __future__ import annotations

from typing import Any

from corpus.loaders.pdf_limits import Budget
from corpus.loaders.pdf_operators import string_bytes

ORDINARY_WIDTH = 0.5  # of a character, in type sizes
UNKNOWN_SPACE = 200.0  # of a font that says nothing of its space, in thousandths
MAX_KEPT_STRINGS = 20_000
FIRST_BACKWARDS = "\u0590"  # no character before it reads from right to left

# The text of a string, its width in thousandths, how many characters it has, and whether one reads right to left.
Shown = tuple[str, float, int, bool]


class Face:
    """A font as pypdf reads it, and every string it was asked for."""

    def __init__(self, font: Any, *, measured: bool = True) -> None:
        from pypdf._text_extraction import RTL_CHARACTER_PATTERN

        self.font = font
        self.is_drawn = (
            font.sub_type == "Type3"
        )  # its size is that of drawings: it says nothing of their height
        self._reads_back = RTL_CHARACTER_PATTERN.search
        self._strings: dict[bytes, Shown] = {}
        self._advances: dict[str, float] = {}
        self._widths: dict[str, float] = {}
        self._codes = (
            {str(text): str(code) for code, text in font.character_map.items()} if measured else None
        )
        self._table = self._of_bytes() if not isinstance(font.encoding, str) else None
        self._bytes = [self._advance(chr(code)) for code in range(256)] if self._table is not None else []
        self._single = self._table is not None and all(
            len(font.encoding.get(code, "-")) == 1 for code in range(256)
        )

    def show(self, written: bytes) -> Shown:
        """Return what a string of the content shows."""
        shown = self._strings.get(written)
        if shown is None:
            if len(self._strings) >= MAX_KEPT_STRINGS:
                self._strings.clear()
            shown = self._strings[written] = self._read(string_bytes(written))
        return shown

    def characters(self, written: bytes) -> str:
        """Return the characters of a string before they are mapped to Unicode."""
        return self._decode(string_bytes(written))

    def width(self, text: str) -> float:
        """Return how wide a text is, in type sizes."""
        if self._codes is None:
            return ORDINARY_WIDTH * len(text)
        try:
            return sum(map(self._widths.__getitem__, text)) / 1000
        except KeyError:
            for character in set(text):
                self._widths[character] = self.font.get_text_width(self._codes.get(character, character))
            return sum(map(self._widths.__getitem__, text)) / 1000

    def _read(self, data: bytes) -> Shown:
        if self._table is not None:
            text = data.decode("latin-1").translate(self._table)
            width = sum(map(self._bytes.__getitem__, data))
            count = len(data) if self._single else len(self._decode(data))
        else:
            characters = self._decode(data)
            mapped = self.font.character_map
            text = "".join([mapped.get(character, character) for character in characters])
            width, count = sum(map(self._advance, characters)), len(characters)
        reads_back = (
            not text.isascii() and max(text) >= FIRST_BACKWARDS and self._reads_back(text) is not None
        )
        return text, width, count, reads_back

    def _decode(self, data: bytes) -> str:
        encoding = self.font.encoding
        if not isinstance(encoding, str):
            return "".join([encoding.get(code, chr(code)) for code in data])
        try:
            return data.decode(encoding, "surrogatepass")
        except UnicodeDecodeError:
            return data.decode(encoding, "replace")

    def _advance(self, character: str) -> float:
        if character == self.font.space_char:
            return float(self.font.space_width)
        advance = self._advances.get(character)
        if advance is None:
            advance = self._advances[character] = self.font.get_text_width(character)
        return advance

    def _of_bytes(self) -> dict[int, str]:
        mapped, encoding = self.font.character_map, self.font.encoding
        return {
            code: "".join(mapped.get(character, character) for character in encoding.get(code, chr(code)))
            for code in range(256)
        }


class Faces:
    """The fonts of a document; a font that cannot be read shows what is in no alphabet."""

    def __init__(self, budget: Budget) -> None:
        from pypdf._codecs import encoding_dict_from_named_encoding
        from pypdf.generic._font import Font

        self._budget = budget
        self._known: dict[int, tuple[Any, Face]] = {}  # the resource is held: its place would be taken
        self._build = Font.from_font_resource
        latin = encoding_dict_from_named_encoding("cp1252")
        self.initial = Face(Font("NotInitialized", encoding=latin), measured=False)
        self.unknown = Face(Font("Unknown", encoding=dict.fromkeys(range(256), "\ufffd")), measured=False)

    def of(self, resources: Any, name: object) -> Face:
        """Return the font that a page calls by this name."""
        fonts = resources.get("/Font")
        fonts = fonts.get_object() if fonts is not None else None
        if not isinstance(fonts, dict) or name not in fonts:
            return self.unknown
        resource = fonts[name].get_object()
        if id(resource) not in self._known:
            self._known[id(resource)] = resource, self._read(resource)
        return self._known[id(resource)][1]

    def _read(self, resource: Any) -> Face:
        self._weigh(resource)
        try:
            font = self._build(resource)
            if font.character_widths.get(font.space_char, 0) == 0:
                font.space_width = UNKNOWN_SPACE
            face = Face(font)
        except (AttributeError, TypeError):
            face = self.unknown
        self._budget.spend_font(len(face.font.character_map))
        return face

    def _weigh(self, resource: Any) -> None:
        """Count what pypdf decodes to read a font, and keeps: its map to Unicode, or the font itself for want of one.

        Raises:
            DocumentError: The document has more than it needs.
        """
        try:
            descriptor = resource.get("/FontDescriptor", {}).get_object()
            streams = [resource[key] for key in ("/ToUnicode",) if key in resource]
            if not streams and resource.get("/Subtype") == "/Type1":
                streams = [descriptor[key] for key in ("/FontFile", "/FontFile3") if key in descriptor]
            sizes = [len(stream.get_data()) for stream in streams if hasattr(stream, "get_data")]
        except (AttributeError, TypeError, KeyError):
            return
        for size in sizes:
            self._budget.spend_font_bytes(size)
