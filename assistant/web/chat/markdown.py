"""The Markdown an answer may use (paragraphs, lists, bold, ``[n]`` markers), turned into safe HTML.

Everything else is shown as it is written: no raw HTML, no links, no images. The HTML holds no line
break, so that a Markdown pass applied to it later takes it for a single block and leaves it alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape

_PIECES = re.compile(r"(\*\*(?=\S).+?(?<=\S)\*\*|\[\d{1,3}\])")
_BREAKS = re.compile(r"\r\n|[\n\r\u2028\u2029\u0085\v\f]")
_ITEM = re.compile(r"^\s*(?:[-*•]|(\d{1,3})[.)])\s+(.*)$")
_HEADING = re.compile(r"^#{1,4}\s+(.*)$")
_SENTENCE_END = re.compile(r"(?<=[.!?…\]»:;])\s+(?=[^\s\[])|\n+")

MarkerRenderer = Callable[[int], str | None]
TextRenderer = Callable[[str], str]


def escape_line(text: str) -> str:
    """Escape ``text`` for HTML and turn its line breaks into ``<br>``."""
    return "<br>".join(escape(line, quote=True) for line in _BREAKS.split(text))


def render_markdown(text: str, marker: MarkerRenderer, words: TextRenderer = escape_line) -> str:
    """Render ``text`` as paragraphs and lists, in one line of HTML.

    ``marker`` returns the HTML of a number, or ``None`` to leave it as text; ``words`` that of plain words, without
    line break in them nor bold.
    """
    return "".join(_render_block(tag, lines, marker, words) for tag, lines in _blocks(text))


def _render_inline(text: str, marker: MarkerRenderer, words: TextRenderer) -> str:
    parts = []
    for position, part in enumerate(_PIECES.split(text)):
        if position % 2 == 0:
            parts.append("<br>".join(words(line) for line in _BREAKS.split(part)))
        elif part.startswith("["):
            parts.append(marker(int(part[1:-1])) or escape_line(part))
        else:
            parts.append(f"<strong>{_render_inline(part[2:-2], marker, words)}</strong>")
    return "".join(parts)


def _blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield (tag, lines); consecutive items of one kind share a list, an indented line continues its item."""
    tag, lines = "", list[str]()
    for raw in text.splitlines():
        item, heading = _ITEM.match(raw), _HEADING.match(raw)
        kind = "h3" if heading else "p" if not item else "ol" if item[1] else "ul"
        content = heading[1] if heading else item[2] if item else raw.strip()
        if not content:
            kind = ""
        elif kind == "p" and tag in ("ul", "ol") and raw.startswith("  "):
            lines[-1] += f" {content}"
            continue
        if kind != tag or kind == "h3":
            if lines:
                yield tag, lines
            tag, lines = kind, []
        if content:
            lines.append(content)
    if lines:
        yield tag, lines


def _render_block(tag: str, lines: list[str], marker: MarkerRenderer, words: TextRenderer) -> str:
    if tag in ("ul", "ol"):
        items = "".join(f"<li>{_render_inline(line, marker, words)}</li>" for line in lines)
        return f"<{tag}>{items}</{tag}>"
    return f"<{tag}>{_render_inline(chr(10).join(lines), marker, words)}</{tag}>"


def growing(text: str) -> Iterator[str]:
    """Yield ``text`` cut after its first sentence, then its second, and so on, never inside bold words."""
    for end in _SENTENCE_END.finditer(text):
        part = text[: end.start()]
        if part.strip() and part.count("**") % 2 == 0:
            yield part
    yield text
