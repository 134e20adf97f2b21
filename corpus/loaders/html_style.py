"""Which texts of an HTML page a browser would not show, by its attributes and the simple rules of its ``<style>``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from corpus.loaders.visibility import UNKNOWN, Look, colour, is_transparent

_MAX_RULES = 20_000  # simple selectors; the style sheets of large sites have a few thousand
_INERT = {"script", "style", "head", "title", "option", "textarea"}  # never part of the text
_JUDGED = ("style", "hidden", "aria-hidden")
_NEVER_SHOWN = {"template", "noscript"}
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_BRACE = re.compile(r"[{}]")
_SELECTOR = re.compile(r"[a-z][a-z0-9]*|[a-z0-9]*[.#][-\w]+", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([-\w]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?""")
_LENGTH = re.compile(r"(-?\d{0,9}(?:\.\d{0,9})?)\s*(px|pt|em|rem|ex|ch|vw|vh|cm|mm|in|%)?")
_FAR = -200.0  # pixels
_POINTS = {
    "px": 0.75,
    "pt": 1.0,
    "": 0.75,
    "em": 12.0,
    "rem": 12.0,
    "%": 0.12,
    "cm": 28.35,
    "mm": 2.835,
    "in": 72.0,
}
_MIN_WORDS = 5
_DOT = 1.0  # of a width or a height: what is cut to it does not show
_REMOVED = -1.0  # points: no size given inside brings the text back

Style = dict[str, str]


def hide_unseen(tree: Any) -> int:
    """Empty the texts of a page that do not show; return how many passages that makes.

    Only what the page says itself is known: its other style sheets are not fetched. The marks that trafilatura
    would judge by are removed: it drops more than what a browser hides.
    """
    rules = _rules(tree)
    hidden = 0
    # Depth first, without recursion; an element, how it is drawn, and whether a passage is already counted.
    waiting: list[tuple[Any, Look, bool]] = [(tree, Look(), False)]
    while waiting:
        node, look, is_counted = waiting.pop()
        if not isinstance(node.tag, str):
            continue
        if node.tag in _INERT and node.tag != "head":
            continue
        look = _drawn(node, look, rules)
        if not look.is_seen and not is_counted and any(map(_is_worded, _texts(node))):
            hidden, is_counted = hidden + 1, True
        if not look.is_seen:
            node.text = None
        for name in _JUDGED:
            node.attrib.pop(name, None)
        for child in reversed(node):
            if not look.is_seen:
                child.tail = None
            waiting.append((child, look, is_counted and not look.is_seen))
    return hidden


def hides(attributes: str) -> bool:
    """Whether the attributes of a tag, as a page writes them, hide what it holds.

    Example:
        >>> hides(' class="x" style="display: none"'), hides(" hidden"), hides(' style="color:red"')
        (True, True, False)
    """
    if "style" not in attributes and "hidden" not in attributes:
        return False
    written = {name.lower(): value.strip("\"'") for name, value in _ATTRIBUTE.findall(attributes[:1000])}
    return not _drawn(SimpleNamespace(tag="span", get=written.get), Look(), {}).is_seen


def count_comments(page: bytes) -> int:
    """Return how many comments hold a sentence; the marks that programs leave in pages are shorter."""
    comments = (part.partition(b"-->")[0] for part in page.split(b"<!--")[1:])
    return sum(
        not comment.startswith(b"[") and len(comment[:1000].split()) >= _MIN_WORDS for comment in comments
    )


def _texts(node: Any) -> Iterator[str]:
    """Yield the texts of an element that a browser could show."""
    yield node.text or ""
    for child in node:
        if isinstance(child.tag, str) and child.tag not in _INERT:
            yield from child.itertext(with_tail=False)
        yield child.tail or ""


def _is_worded(text: str | None) -> bool:
    return text is not None and any(map(str.isalpha, text))


def _drawn(node: Any, look: Look, rules: dict[str, Style]) -> Look:
    """Return how an element is drawn inside one drawn as ``look``."""
    style = _style(node, rules)
    if node.tag in _NEVER_SHOWN or _is_removed(node, style):
        # What is removed cannot be shown again from inside.
        return replace(look, is_hidden=True, points=_REMOVED)
    if visibility := style.get("visibility"):
        look = replace(look, is_hidden=visibility in ("hidden", "collapse"))
    if (size := _points(style.get("font-size"))) is not None and look.points != _REMOVED:
        look = replace(look, points=size)
    background = style.get("background-color") or style.get("background") or node.get("bgcolor")
    if "background-image" in style or node.get("background"):
        look = replace(look, background=UNKNOWN)
    elif background and not is_transparent(background) and background not in ("none", "inherit", "initial"):
        look = replace(look, background=colour(background) or UNKNOWN)
    written = style.get("color") or (node.get("color") if node.tag == "font" else None)
    if written and is_transparent(written):
        return replace(look, colour=look.background or (255, 255, 255))
    if written and written not in ("inherit", "currentcolor"):
        look = replace(look, colour=colour(written))
    return look


def _is_removed(node: Any, style: Style) -> bool:
    """Whether an element does not show, with all that is inside."""
    if node.get("hidden") is not None and node.get("hidden").strip().lower() != "until-found":
        return True
    if style.get("display") == "none" or _opacity(style.get("opacity")) <= 0.05:
        return True
    if "scale(0)" in style.get("transform", "").replace(" ", ""):
        return True
    if any(
        _number(style.get(name), 0) <= _FAR for name in ("left", "top", "right", "text-indent", "margin-left")
    ):
        return True
    is_cut = style.get("overflow", "").startswith(("hidden", "clip")) and "flex" not in " ".join(style)
    return is_cut and any(_is_dot(style.get(name, "")) for name in ("width", "height", "max-height"))


def _is_dot(length: str) -> bool:
    number = _number(length, 99)
    return number == 0 or (number <= _DOT and not length.endswith("%"))


def _opacity(value: str | None) -> float:
    return _number(value, 1) * (0.01 if value and value.endswith("%") else 1)


def _number(value: str | None, default: float) -> float:
    match = _LENGTH.match(value or "")
    try:
        return float(match[1]) if match else default
    except ValueError:
        return default


def _points(value: str | None) -> float | None:
    match = _LENGTH.fullmatch(value or "")
    try:
        return float(match[1]) * _POINTS.get(match[2] or "", 1.0) if match else None
    except ValueError:
        return None


def _style(node: Any, rules: dict[str, Style]) -> Style:
    """Return what the page's rules and the element itself say: an identifier prevails, then a class, then a tag."""
    style: Style = {}
    if rules:
        classes = str(node.get("class") or "").split()[:100]
        identifier = node.get("id")
        for selector in (
            node.tag,
            *(f".{name}" for name in classes),
            *(f"{node.tag}.{name}" for name in classes),
            *([f"#{identifier}", f"{node.tag}#{identifier}"] if identifier else []),
        ):
            style |= rules.get(selector, {})
    if written := node.get("style"):
        style |= _declarations(written)
    return style


def _rules(tree: Any) -> dict[str, Style]:
    """Return what each simple selector (a tag, a class, an identifier) says; no other is read, nor any ``@media``."""
    rules: dict[str, Style] = {}
    for sheet in tree.iter("style"):
        for selectors, body in _top_level(_COMMENT.sub("", sheet.text or "")):
            declared = _declarations(body)
            for selector in selectors.split(","):
                name = selector.strip()
                if declared and _SELECTOR.fullmatch(name) and len(rules) < _MAX_RULES:
                    rules[name] = rules.get(name, {}) | declared
    return rules


def _top_level(sheet: str) -> Iterator[tuple[str, str]]:
    """Yield the rules that are inside no other, each as its selectors and what they say."""
    depth, start, opened = 0, 0, 0
    for brace in _BRACE.finditer(sheet):
        if brace[0] == "{":
            opened = brace.start() if depth == 0 else opened
            depth += 1
            continue
        depth = max(0, depth - 1)
        if depth == 0:
            selectors = sheet[start:opened].rpartition(";")[2].strip()
            if not selectors.startswith("@"):
                yield selectors, sheet[opened + 1 : brace.start()]
            start = brace.end()


def _declarations(body: str) -> Style:
    style: Style = {}
    for declaration in body.split(";"):
        name, colon, value = declaration.partition(":")
        if colon:
            style[name.strip().lower()] = value.lower().replace("!important", "").strip()
    return style
