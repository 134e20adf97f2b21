"""What one PDF may cost: named limits, and the errors said in French when a file goes beyond them.

They are the first defence, cheap and exact; whoever calls the loader may add a limit of time and memory.
"""

from __future__ import annotations

from typing import Any

from corpus.errors import DocumentError

MAX_PAGES = 2_000
# How often each word may stand in a file: a stream of objects holds a hundred and more, a trailer ends each revision.
MAX_MARKS = {b" obj": 250_000, b"/ObjStm": 3_000, b"trailer": 10_000}
MAX_CONTENT_BYTES = 200_000_000  # of operators, over the whole document
MAX_OPERATIONS, MAX_OPERATIONS_A_PAGE = 1_500_000, 4_000  # together: a map is one page of a million strokes
MAX_FRAGMENTS_A_PAGE = 50_000  # ten times a page whose characters are placed one by one
MAX_FONTS = 2_000
MAX_FONT_BYTES = (
    2_000_000  # of one font or of its map, which is read line by line: twice a map of all characters
)
MAX_MAPPINGS = 2_000_000  # characters of its fonts
MAX_ANNOTATIONS = 5_000

# What pypdf itself is held to: about what the largest of ordinary documents needs.
PYPDF_LIMITS: dict[str, Any] = {
    "maximum_declared_stream_length": 50_000_000,
    "array_based_stream_maximum_output_length": 40_000_000,
    "zlib_maximum_output_length": 40_000_000,
    "lzw_maximum_output_length": 40_000_000,
    "run_length_maximum_output_length": 40_000_000,
    "brotli_maximum_output_length": 40_000_000,
    "jbig2_maximum_output_length": 40_000_000,
    "image_maximum_buffer_size": 40_000_000,
    "stream_filters_maximum_length": 4,
    "stream_decoding_work_maximum_length": 100_000_000,
    "page_tree_maximum_entries": 4 * MAX_PAGES,
    "outline_maximum_entries": 20_000,
    "named_destinations_maximum_entries": 20_000,
    "jbig2dec_binary": None,
}


class Budget:
    """What the rest of a document may still cost."""

    def __init__(self, name: str, pages: int) -> None:
        self._name = name
        self._bytes = MAX_CONTENT_BYTES
        self._fonts, self._mappings = MAX_FONTS, MAX_MAPPINGS
        self.operations = MAX_OPERATIONS + MAX_OPERATIONS_A_PAGE * pages

    def spend_bytes(self, size: int) -> None:
        """Count the decoded bytes of a content stream.

        Raises:
            DocumentError: There are more than a document needs.
        """
        self._bytes -= size
        if self._bytes < 0:
            raise too_heavy(self._name)

    def spend_font_bytes(self, size: int) -> None:
        """Count the decoded bytes of a font.

        Raises:
            DocumentError: It has more than a font needs, or the document has.
        """
        if size > MAX_FONT_BYTES:
            raise too_heavy(self._name)
        self.spend_bytes(size)

    def spend_font(self, mappings: int) -> None:
        """Count a font that is read, and the characters it maps.

        Raises:
            DocumentError: There are more than a document needs.
        """
        self._fonts -= 1
        self._mappings -= mappings
        if self._fonts < 0 or self._mappings < 0:
            raise too_heavy(self._name)

    def refuse(self) -> DocumentError:
        """Return the error of a document whose operators are too many."""
        return too_heavy(self._name)


def too_heavy(name: str) -> DocumentError:
    """Return the error of a document that asks for more work or memory than an ordinary one."""
    return DocumentError(
        f"« {name} » demande plus de calcul ou de mémoire qu’un document ordinaire : il est refusé. "
        "Réimprimez-le en PDF depuis un lecteur, ou découpez-le."
    )
