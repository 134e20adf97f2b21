"""Read YAML files into validated records, naming file and line when a record is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from corpus.errors import CorpusFileError


class Record(BaseModel):
    """A validated, immutable record; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


RecordT = TypeVar("RecordT", bound=Record)

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _compose(path: Path) -> yaml.Node:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusFileError(path, f"cannot be read as UTF-8 text ({error}).") from error
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else None
        raise CorpusFileError(path, f"is not valid YAML ({error}).", line) from error
    if node is None:
        raise CorpusFileError(path, "is empty: at least one record was expected.")
    return node


def _construct(node: yaml.Node) -> Any:
    loader = _LOADER("")
    try:
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _validate(kind: type[RecordT], data: Any, path: Path, line: int) -> RecordT:
    if not isinstance(data, dict):
        raise CorpusFileError(path, f"expected a record with keys, found {data!r}.", line)
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "record"
        name = data.get("id") or data.get("term") or "?"
        message = f"record {name!r}, key {key!r}: {first['msg']} (value {first['input']!r})."
        raise CorpusFileError(path, message, line) from error


def read_records(path: Path, kind: type[RecordT]) -> list[tuple[int, RecordT]]:
    """Return every record of a YAML list with the line it starts at (from 1).

    Raises:
        CorpusFileError: The file is missing, not YAML, not a list, or one record breaks its type.
    """
    node = _compose(path)
    if not isinstance(node, yaml.SequenceNode):
        raise CorpusFileError(path, "expected a list of records.", node.start_mark.line + 1)
    rows = []
    for child in node.value:
        line = child.start_mark.line + 1
        rows.append((line, _validate(kind, _construct(child), path, line)))
    return rows


def read_record(path: Path, kind: type[RecordT]) -> RecordT:
    """Return the single record of a YAML file.

    Raises:
        CorpusFileError: The file is missing, not YAML, or breaks its type.
    """
    return _validate(kind, _construct(_compose(path)), path, 1)
