"""Draw one page of a PDF as a grey image (pypdfium2): run apart, so that a page that never ends can be stopped.

python rasterise.py FILE PAGE OUTPUT, where the first page is 1 and the output is a PGM image.
"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

RESOLUTION = 300  # dots an inch: what tesseract is trained for
MAX_SIDE = 6_000  # pixels: a poster is drawn smaller
MAX_MEMORY = 2 * 1024**3


def draw(path: Path, number: int, output: Path) -> None:
    """Write the image of a page."""
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    page = document[number - 1]
    scale = min(RESOLUTION / 72, MAX_SIDE / max(*page.get_size(), 1))
    bitmap = page.render(scale=scale, grayscale=True)
    data, width = bytes(bitmap.buffer), bitmap.width
    rows = (data[start : start + width] for start in range(0, bitmap.height * bitmap.stride, bitmap.stride))
    output.write_bytes(b"P5 %d %d 255\n" % (width, bitmap.height) + b"".join(rows))


def limit_memory() -> None:
    """Have an image of billions of pixels fail rather than fill the memory, where the system can."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))


if __name__ == "__main__":
    limit_memory()
    draw(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
