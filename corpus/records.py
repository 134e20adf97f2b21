"""Read YAML files into validated records, naming file and line when a record is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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


# What pydantic says, by the type of its error, and how we say it.
_REASONS = {
    "missing": "cette clé manque",
    "extra_forbidden": "cette clé n’est pas connue",
    "literal_error": "ce n’est pas une des valeurs acceptées ({expected})",
    "string_pattern_mismatch": "cette valeur n’a pas la forme attendue ({pattern})",
    "string_type": "un texte est attendu (entre guillemets)",
    "int_type": "un nombre entier est attendu",
    "int_parsing": "un nombre entier est attendu",
    "int_from_float": "un nombre entier est attendu",
    "bool_type": "vrai ou faux (true ou false) est attendu",
    "bool_parsing": "vrai ou faux (true ou false) est attendu",
    "tuple_type": "une liste est attendue",
    "too_short": "au moins un élément est attendu",
    "less_than_equal": "au plus {le} est attendu",
    "greater_than_equal": "au moins {ge} est attendu",
    "model_type": "un enregistrement à clés est attendu",
    "value_error": "{error}",
}


def _compose(path: Path) -> yaml.Node:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise CorpusFileError(path, "ce fichier est absent.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusFileError(path, "ce fichier ne se lit pas comme un texte en UTF-8.") from error
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else None
        raise CorpusFileError(path, "ce n’est pas du YAML valide à partir de cette ligne.", line) from error
    if node is None:
        raise CorpusFileError(path, "ce fichier est vide : au moins un enregistrement est attendu.")
    return node


def _construct(node: yaml.Node, path: Path) -> Any:
    loader = _LOADER("")
    try:
        return loader.construct_document(node)
    except (yaml.YAMLError, ValueError) as error:  # such as a date that does not exist, without quotes
        message = "une valeur ne se lit pas ; une date doit exister et s’écrire AAAA-MM-JJ."
        raise CorpusFileError(path, message, _unreadable_line(node)) from error
    finally:
        loader.dispose()


def _unreadable_line(node: yaml.Node) -> int:
    """Return the line of the first scalar that cannot be constructed, else that of the record."""
    line: int = node.start_mark.line + 1
    for child in _scalars(node):
        loader = _LOADER("")
        try:
            loader.construct_document(child)
        except (yaml.YAMLError, ValueError):
            line = child.start_mark.line + 1
            break
        finally:
            loader.dispose()
    return line


def _scalars(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.SequenceNode):
        for child in node.value:
            yield from _scalars(child)
    elif isinstance(node, yaml.MappingNode):
        for _, child in node.value:
            yield from _scalars(child)


def _locate(node: yaml.Node, keys: Sequence[int | str]) -> tuple[int, str]:
    """Return the line that ``keys`` lead to, and the part of them that leads somewhere."""
    found = []
    line = node.start_mark.line + 1
    for key in keys:
        child = None
        if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            child = node.value[key]
            line = child.start_mark.line + 1
        elif isinstance(node, yaml.MappingNode):
            for name, value in node.value:
                if name.value == key:
                    child, line = value, name.start_mark.line + 1
        if child is None:
            break
        found.append(str(key + 1) if isinstance(key, int) else key)
        node = child
    return line, ".".join(found)


def _validate(kind: type[RecordT], node: yaml.Node, path: Path) -> RecordT:
    data = _construct(node, path)
    if not isinstance(data, dict):
        raise CorpusFileError(path, "un enregistrement à clés est attendu.", node.start_mark.line + 1)
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        line, key = _locate(node, first["loc"])
        if first["type"] == "missing":
            key = ".".join(filter(None, (key, str(first["loc"][-1]))))
        name = data.get("id") or data.get("term")
        where = [f"enregistrement « {name} »"] if name else []
        where += [f"clé « {key} »"] if key else []
        reason = _REASONS.get(first["type"], "cette valeur n’est pas acceptée").format(**first.get("ctx", {}))
        shown = "" if first["type"] in ("missing", "value_error") else f" (lu : {first['input']!r})"
        start = f"{', '.join(where)} : " if where else ""
        raise CorpusFileError(path, f"{start}{reason}{shown}.", line) from error


def line_at(path: Path, keys: Sequence[int | str]) -> int:
    """Return the line of a YAML file that ``keys`` and ranks (from 0) lead to, or the nearest above."""
    return _locate(_compose(path), keys)[0]


def read_records(path: Path, kind: type[RecordT]) -> list[tuple[int, RecordT]]:
    """Return every record of a YAML list with the line it starts at (from 1).

    Raises:
        CorpusFileError: The file is missing, not YAML, not a list, or one record breaks its type.
    """
    node = _compose(path)
    if not isinstance(node, yaml.SequenceNode):
        raise CorpusFileError(path, "une liste d’enregistrements est attendue.", node.start_mark.line + 1)
    rows = []
    for child in node.value:
        rows.append((child.start_mark.line + 1, _validate(kind, child, path)))
    return rows


def read_record(path: Path, kind: type[RecordT]) -> RecordT:
    """Return the single record of a YAML file.

    Raises:
        CorpusFileError: The file is missing, not YAML, or breaks its type.
    """
    return _validate(kind, _compose(path), path)
