"""Read the fiches: short self-contained statements in French, each ending with its sources.

A fiche is a Markdown file. Its front matter gives ``id``, ``title`` and ``theme``; headings give the
path; each list item is one statement::

    ## Clôture {annee=2025}

    - En 2025, l’appel régional se clôt le 15 septembre. {voie=regionale ref="F-067"} [@ars-mayotte-2025]

Attributes in braces narrow a heading or a statement (a statement's own replace its heading's):
``annee``, ``voie`` and ``territoire`` (several values separated by commas), ``nature`` (``fait`` when
absent, ``definition``, ``inconnu``, ``contradiction``) and ``ref`` (ids in the table of facts).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import yaml

from corpus.errors import CorpusFileError

FICHES_DIR = Path(__file__).parent / "fiches"

VOIES = ("regionale", "multiregionale", "nationale")

_HEADING = re.compile(r"^(#{1,4})\s+(.*?)\s*(?:\{([^{}]*)\})?\s*$")
_ITEM = re.compile(r"^[-*]\s+(.*)$")
_CITATION = re.compile(r"\s*\[((?:@[a-z0-9-]+)(?:\s*;\s*@[a-z0-9-]+)*)\]\s*$")
_ATTRIBUTES = re.compile(r"\s*\{([^{}]*)\}\s*$")
_PAIR = re.compile(r"([a-z]+)=(?:\"([^\"]*)\"|(\S+))")
_KEYS = {"annee", "voie", "territoire", "nature", "ref"}


class Nature(StrEnum):
    """What a statement is, which decides how an answer may use it."""

    FAIT = "fait"
    DEFINITION = "definition"
    INCONNU = "inconnu"
    CONTRADICTION = "contradiction"


@dataclass(frozen=True)
class Scope:
    """What a statement is limited to; an empty field means "no limit stated"."""

    annees: tuple[int, ...] = ()
    voies: tuple[str, ...] = ()
    territoires: tuple[str, ...] = ()


@dataclass(frozen=True)
class Statement:
    """One self-contained sentence or two, with the ids of the sources that say it."""

    id: str
    text: str
    sources: tuple[str, ...]
    fiche: str
    title: str
    heading: tuple[str, ...]
    scope: Scope
    nature: Nature
    refs: tuple[str, ...]
    path: Path
    line: int

    @property
    def location(self) -> str:
        """Where a reader finds the statement: fiche and section, in French."""
        section = " › ".join(self.heading)
        return f"Fiche « {self.title} »" + (f", section « {section} »" if section else "")


@dataclass(frozen=True)
class _Context:
    scope: Scope
    nature: Nature
    refs: tuple[str, ...]


def _split(value: str) -> tuple[str, ...]:
    return tuple(part for part in re.split(r"[,;\s]+", value.strip()) if part)


def _apply(context: _Context, attributes: str, path: Path, line: int) -> _Context:
    rest = _PAIR.sub("", attributes).strip()
    if rest:
        raise CorpusFileError(path, f"attributs non compris : « {rest} » (attendu : clé=valeur).", line)
    for match in _PAIR.finditer(attributes):
        key, value = match[1], match[2] if match[2] is not None else match[3]
        if key not in _KEYS:
            known = ", ".join(sorted(_KEYS))
            raise CorpusFileError(path, f"attribut inconnu « {key} » (connus : {known}).", line)
        if key == "annee":
            if not all(re.fullmatch(r"20\d\d", year) for year in _split(value)):
                raise CorpusFileError(path, f"annee : « {value} » n’est pas une liste d’années.", line)
            years = tuple(int(year) for year in _split(value))
            context = replace(context, scope=replace(context.scope, annees=years))
        elif key == "voie":
            if unknown := [voie for voie in _split(value) if voie not in VOIES]:
                raise CorpusFileError(
                    path, f"voie inconnue « {unknown[0]} » (connues : {', '.join(VOIES)}).", line
                )
            context = replace(context, scope=replace(context.scope, voies=_split(value)))
        elif key == "territoire":
            context = replace(context, scope=replace(context.scope, territoires=_split(value)))
        elif key == "nature":
            if value not in tuple(Nature):
                raise CorpusFileError(path, f"nature inconnue « {value} ».", line)
            context = replace(context, nature=Nature(value))
        else:
            context = replace(context, refs=_split(value))
    return context


def _slug(text: str) -> str:
    plain = re.sub(
        r"[^a-z0-9]+", "-", text.lower().translate(str.maketrans("àâäéèêëîïôöùûüç", "aaaeeeeiioouuuc"))
    )
    return plain.strip("-")[:60]


def _front_matter(path: Path, lines: list[str]) -> tuple[dict[str, str], int]:
    if not lines or lines[0].strip() != "---":
        raise CorpusFileError(path, "la fiche doit commencer par un en-tête entre deux lignes « --- ».", 1)
    for number, line in enumerate(lines[1:], 2):
        if line.strip() == "---":
            try:
                data = yaml.safe_load("\n".join(lines[1 : number - 1])) or {}
            except yaml.YAMLError as error:
                raise CorpusFileError(path, "l’en-tête n’est pas du YAML valide.", 1) from error
            if not isinstance(data, dict) or set(data) != {"id", "title", "theme"}:
                raise CorpusFileError(path, "l’en-tête doit donner exactement id, title et theme.", 1)
            if data["id"] != path.stem:
                raise CorpusFileError(path, f"l’id « {data['id']} » n’est pas le nom du fichier.", 1)
            return {key: str(value) for key, value in data.items()}, number
    raise CorpusFileError(path, "l’en-tête n’est pas fermé par « --- ».", 1)


def _items(lines: list[str], start: int) -> Iterator[tuple[int, str]]:
    """Yield (line number, logical line): a list item and its indented continuations become one."""
    current: tuple[int, str] | None = None
    for number, raw in enumerate(lines[start:], start + 1):
        if current and raw.startswith("  ") and raw.strip():
            current = (current[0], f"{current[1]} {raw.strip()}")
            continue
        if current:
            yield current
        current = (number, raw.rstrip()) if raw.strip() else None
    if current:
        yield current


def parse_fiche(path: Path) -> list[Statement]:
    """Return the statements of one fiche, in order.

    Raises:
        CorpusFileError: A line is neither heading nor statement, a statement has no source, or an
            attribute is unknown; the message names file and line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusFileError(path, "ce fichier ne se lit pas comme un texte en UTF-8.") from error
    front, start = _front_matter(path, lines)
    stack: list[tuple[int, str, _Context]] = []
    root = _Context(Scope(), Nature.FAIT, ())
    counts: dict[str, int] = {}
    statements: list[Statement] = []
    for line, text in _items(lines, start):
        if heading := _HEADING.match(text):
            level = len(heading[1])
            stack = [entry for entry in stack if entry[0] < level]
            parent = stack[-1][2] if stack else root
            context = _apply(parent, heading[3] or "", path, line)
            stack.append((level, heading[2], context))
            continue
        item = _ITEM.match(text)
        if not item:
            raise CorpusFileError(
                path, f"un titre ou un énoncé « - … » est attendu, lu : « {text[:60]} ».", line
            )
        body = item[1]
        cited = _CITATION.search(body)
        if not cited:
            raise CorpusFileError(path, f"cet énoncé finit sans ses sources [@id] : « {body[-60:]} ».", line)
        body = body[: cited.start()]
        context = stack[-1][2] if stack else root
        context = replace(context, refs=())
        if attributes := _ATTRIBUTES.search(body):
            context = _apply(context, attributes[1], path, line)
            body = body[: attributes.start()]
        titles = tuple(entry[1] for entry in stack if entry[0] > 1)
        key = _slug(titles[-1]) if titles else "general"
        counts[key] = counts.get(key, 0) + 1
        statements.append(
            Statement(
                id=f"{front['id']}#{key}-{counts[key]}",
                text=body.strip(),
                sources=tuple(source.strip().lstrip("@") for source in cited[1].split(";")),
                fiche=front["id"],
                title=front["title"],
                heading=titles,
                scope=context.scope,
                nature=context.nature,
                refs=context.refs,
                path=path,
                line=line,
            )
        )
    return statements


def load_statements(directory: Path = FICHES_DIR) -> list[Statement]:
    """Return every statement of every fiche, in file order.

    Raises:
        CorpusFileError: A fiche breaks its contract, or the directory holds none.
    """
    paths = sorted(directory.glob("*.md"))
    if not paths:
        raise CorpusFileError(directory, "ce dossier ne contient aucune fiche (*.md).")
    return [statement for path in paths for statement in parse_fiche(path)]
