"""Write HTML and SVG whose texts are always escaped: questions of the sets hold attacks."""

from __future__ import annotations

from html import escape
from typing import Any


class Markup(str):
    """A text that is markup already; any other text is escaped when it enters an element."""

    __slots__ = ()


def text_of(child: object) -> str:
    """Return markup as it is, and anything else escaped."""
    return str(child) if isinstance(child, Markup) else escape(str(child), quote=True)


def join(*children: object) -> Markup:
    """Return children end to end."""
    return Markup("".join(text_of(child) for child in children))


def tag(name: str, *children: object, **attributes: Any) -> Markup:
    """Return an element; « class_ » is ``class``, « data_type » is ``data-type``, ``True`` an attribute alone.

    Example:
        >>> tag("td", "a < b", class_="n")
        '<td class="n">a &lt; b</td>'
    """
    written = ""
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        label = key.rstrip("_").replace("_", "-")
        written += f" {label}" if value is True else f' {label}="{escape(str(value), quote=True)}"'
    inside = "".join(text_of(child) for child in children)
    return Markup(f"<{name}{written}>{inside}</{name}>")


def table(heads: tuple[object, ...], rows: list[tuple[object, ...]], caption: str) -> Markup:
    """Return a table whose first column heads its rows; it scrolls alone on a narrow screen."""
    head = tag("thead", tag("tr", *(tag("th", cell, scope="col") for cell in heads)))
    body = tag(
        "tbody",
        *(tag("tr", tag("th", row[0], scope="row"), *(tag("td", cell) for cell in row[1:])) for row in rows),
    )
    whole = tag("table", tag("caption", caption), head, body)
    return tag("div", whole, class_="scroll", tabindex="0", role="region", aria_label=caption)
