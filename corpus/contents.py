"""Keep what was read of each added document, so that none is parsed twice; read again when the loaders change."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import tempfile
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from corpus.loaders.content import Block, LoadedDocument

_LIBRARIES = ("pypdf", "pypdfium2", "python-docx", "trafilatura")


@lru_cache(maxsize=1)
def loaders_fingerprint() -> str:
    """Identify the code that reads documents: our loaders, and the libraries they use."""
    digest = hashlib.sha256()
    for path in sorted((Path(__file__).parent / "loaders").glob("*.py")):
        digest.update(path.read_bytes())
    for library in _LIBRARIES:
        try:
            digest.update(f"{library} {version(library)}".encode())
        except PackageNotFoundError:
            digest.update(library.encode())
    return digest.hexdigest()[:16]


def keep_content(path: Path, sha256: str, content: LoadedDocument) -> None:
    """Write what was read of the file of this digest; readers meet the old content or the new one.

    Raises:
        OSError: The content cannot be written.
    """
    fields = {field.name: getattr(content, field.name) for field in dataclasses.fields(content)}
    fields["blocks"] = [[block.kind, block.text, block.level, block.page] for block in content.blocks]
    data = {"loaders": loaders_fingerprint(), "sha256": sha256, **fields}
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".")
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogatepass") as stream:
        json.dump(data, stream, ensure_ascii=False)
    Path(name).replace(path)


def kept_content(path: Path, sha256: str) -> LoadedDocument | None:
    """Return what was kept of the file of this digest; ``None`` when nothing was, or by other loaders."""
    try:
        data = json.loads(path.read_text(encoding="utf-8", errors="surrogatepass"))
        if (data.pop("loaders"), data.pop("sha256")) != (loaders_fingerprint(), sha256):
            return None
        data["blocks"] = tuple(Block(*block) for block in data["blocks"])
        data["notices"] = tuple(data["notices"])
        return LoadedDocument(**data)
    except (OSError, ValueError, KeyError, TypeError):
        return None
