"""An HTML body to plain text as its reader sees it, line for line; what it quotes stays told from what is written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from assistant.drafting.formats.charsets import clean_lines, decode
from assistant.drafting.formats.limits import MAXIMUM_ELEMENTS, MAXIMUM_HTML, MAXIMUM_TEXT
from assistant.errors import InputError
from corpus.loaders.content import CELL_SEPARATOR
from corpus.loaders.html_style import hide_unseen
from corpus.loaders.notices import left_out

RULE = "_" * 32  # what Outlook puts above a quoted header in plain text
SIGNATURE = "-- "  # what mail programs put above a signature

_MARKS = 20  # of quotation, at the most
_SILENT = {
    "script",
    "style",
    "head",
    "title",
    "template",
    "noscript",
    "select",
    "textarea",
    "object",
    "svg",
    "math",
}
_LINES = {"div", "tr", "section", "article", "header", "footer", "address", "dl", "dt", "dd", "li", "center", "form", "td", "th", "caption", "body", "html", "main", "fieldset", "details", "summary", "nav", "aside", "figure"}  # fmt: skip
_APART = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "pre", "table"}
_SPACES = re.compile(r"[ \t\r\n\f]+")
_QUOTED_CLASS = re.compile(r"gmail_quote|cite|quote", re.IGNORECASE)
_PLAIN_BORDER = re.compile(r"border(?:-left)?\s*:\s*(?:none|0)", re.IGNORECASE)
_LEFT_BORDER = re.compile(r"border-left\s*:", re.IGNORECASE)
_TOP_BORDER = re.compile(r"border-top\s*:\s*solid|border\s*:\s*none\s*;\s*border-top\s*:", re.IGNORECASE)
_HEADER = re.compile(r"\s*(?:De|From|Von)[\s\u00a0]*:")
_SIGNATURE = re.compile(r"(?:^|\s)(?:moz-signature|gmail_signature|signature|ms-outlook-mobile-signature|protonmail_signature_block|x_signature)(?:\s|$)", re.IGNORECASE)  # fmt: skip
_OUTLOOK_BULLET = re.compile(r"^(?:[·•§o\u00b7\uf0b7\uf0a7]|(\d{1,2}[.)]))[\s\u00a0]+")
_HEAD = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w-]{2,30})", re.IGNORECASE)
_CELL = 300  # characters of a cell of a table that holds data


@dataclass(frozen=True)
class Page:
    """The text of a page, and what to tell of how it was read."""

    text: str
    notices: tuple[str, ...] = ()


@dataclass
class _Writer:
    """Lines in the making; ``quotes`` and ``typed`` are how many quotations and typed texts are open."""

    lines: list[str] = field(default_factory=list)
    current: list[str] = field(default_factory=list)
    quotes: int = 0
    typed: int = 0
    length: int = 0

    @property
    def marks(self) -> str:
        """What stands before a line of a quotation."""
        return "> " * min(self.quotes, _MARKS)

    def say(self, text: str) -> None:
        """Add a text, its spaces joined, or its lines kept inside what is typed so."""
        if self.typed:
            for rank, line in enumerate(text.split("\n")):
                if rank:
                    self.end()
                self.current.append(line)
            return
        bare = _SPACES.sub(" ", text)
        if bare.startswith(" ") and (not self.current or self.current[-1].endswith(" ")):
            bare = bare[1:]
        if bare:
            self.current.append(bare)
            self.length += len(bare)

    def end(self, *, is_forced: bool = False) -> None:
        """End the line, when it holds something or an empty one is wanted."""
        line = "".join(self.current).strip(" \t\u00a0")
        if line or is_forced:
            self.lines.append(f"{self.marks}{line}".rstrip())
        self.current = []

    def part(self) -> None:
        """Leave an empty line, when there is none."""
        self.end()
        if self.lines and self.lines[-1].strip("> "):
            self.lines.append(self.marks.rstrip())


def read_page(markup: bytes | str, declared: str = "") -> Page:
    """Return the text of an HTML body; nothing is fetched, and what does not show is left out.

    Raises:
        InputError: The page is too large to be read.
    """
    if len(markup) > MAXIMUM_HTML:
        raise InputError(
            f"Le corps HTML du message pèse plus de {MAXIMUM_HTML // 1024 // 1024} Mo\u00a0: copiez son texte dans un fichier .txt."
        )
    notices: list[str] = []
    if isinstance(markup, bytes):
        within = _HEAD.search(markup[:4096])
        decoded = decode(markup, declared or (within[1].decode("ascii") if within else ""))
        markup, notices = decoded.text, [decoded.notice]
    tree = _parse(clean_lines(markup).text)
    if tree is None:
        return Page("", ())
    _mark_quotations(tree)
    notices += left_out(hide_unseen(tree))
    writer = _Writer()
    _write(tree, writer)
    writer.end()
    text = re.sub(r"(?:\n[ >]*){3,}", _two_breaks, "\n".join(writer.lines)).strip("\n")
    return Page(text[:MAXIMUM_TEXT], tuple(filter(None, notices)))


def _two_breaks(found: re.Match[str]) -> str:
    """Return the first and the last of several empty lines, with the mark of the text after them."""
    breaks = found[0].split("\n")
    return f"\n{breaks[1].rstrip()}\n{breaks[-1]}"


def _parse(markup: str) -> Any:
    from lxml import etree, html

    text = re.sub(r"^\s*<\?xml[^>]{0,200}\?>", "", markup)
    if not text.strip():
        return None
    parser = html.HTMLParser(encoding="utf-8", huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        tree = html.document_fromstring(text.encode("utf-8", errors="replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None
    if int(tree.xpath("count(//*)")) > MAXIMUM_ELEMENTS:
        raise InputError(
            f"Le corps HTML du message compte plus de {MAXIMUM_ELEMENTS} éléments\u00a0: copiez son texte dans un fichier .txt."
        )
    return tree


def _mark_quotations(tree: Any) -> None:
    """Note on each element what it quotes or signs, before the styles that tell it are taken away."""
    for node in tree.iter():
        if not isinstance(node.tag, str):
            continue
        style, name = node.get("style") or "", f"{node.get('class') or ''} {node.get('id') or ''}"
        if node.tag == "blockquote" and _quotes(node, style, name):
            node.set("data-part", "quote")
        elif _opens_history(node, style):
            node.set("data-part", "rule")
        elif (
            node.tag in ("div", "span", "p", "td", "pre")
            and _SIGNATURE.search(name)
            and not _is_signed_above(node)
        ):
            node.set("data-part", "signature")
        elif node.get("data-part"):
            del node.attrib["data-part"]


def _opens_history(node: Any, style: str) -> bool:
    """Whether an element stands above an earlier message: a rule, or the header that Outlook writes."""
    if node.get("id") in ("divRplyFwdMsg", "x_divRplyFwdMsg") or node.tag == "hr":
        return True
    return bool(_TOP_BORDER.search(style) and _HEADER.match("".join(node.itertext())[:200]))


def _quotes(node: Any, style: str, name: str) -> bool:
    """Whether a block quotes somebody, rather than indents what the sender writes."""
    if (
        node.get("type") == "cite"
        or node.get("cite")
        or _QUOTED_CLASS.search(name)
        or _LEFT_BORDER.search(style)
    ):
        return (
            not _PLAIN_BORDER.search(style) or bool(_QUOTED_CLASS.search(name)) or node.get("type") == "cite"
        )
    return not _PLAIN_BORDER.search(style)


def _is_signed_above(node: Any) -> bool:
    """Whether the mark of a signature is already there, in the element or around it."""
    if "".join(node.itertext())[:20].strip().startswith("--"):
        return True
    above = node.getparent()
    for _ in range(6):
        if above is None:
            return False
        if above.get("data-part") == "signature":
            return True
        above = above.getparent()
    return False


def _write(tree: Any, writer: _Writer) -> None:
    """Write a page depth first, without recursion; what is on the stack is an element to open or to close."""
    stack: list[tuple[Any, bool]] = [(tree, False)]
    counters: list[int | None] = []
    while stack and writer.length < MAXIMUM_TEXT:
        node, is_closing = stack.pop()
        if is_closing:
            _close(node, writer, counters)
            continue
        if not isinstance(node.tag, str) or node.tag in _SILENT:
            writer.say(node.tail or "")
            continue
        stack.append((node, True))
        rows = _data_rows(node) if node.tag == "table" else None
        _open(node, writer, counters)
        if rows is not None:
            for row in rows:
                writer.say(row)
                writer.end()
            continue
        writer.say(node.text or "")
        stack += [(child, False) for child in reversed(node)]


def _open(node: Any, writer: _Writer, counters: list[int | None]) -> None:
    part = node.get("data-part")
    if part == "rule":
        writer.part()
        writer.say(RULE)
        writer.end()
    elif part == "signature":
        writer.end()
        writer.say(SIGNATURE)
        writer.end()
    if node.tag == "br":
        writer.end(is_forced=True)
    elif _is_apart(node):
        writer.part()
    elif node.tag in _LINES:
        writer.end()
    if part == "quote":
        writer.quotes += 1
    if node.tag == "pre":
        writer.typed += 1
    if node.tag in ("ul", "ol"):
        counters.append(0 if node.tag == "ol" else None)
    elif node.tag == "li":
        writer.say(_bullet(counters))


def _bullet(counters: list[int | None]) -> str:
    if not counters or counters[-1] is None:
        return "- "
    counters[-1] += 1
    return f"{counters[-1]}. "


def _is_apart(node: Any) -> bool:
    """Whether an element stands apart from what is around it; Outlook makes a paragraph of each line."""
    if node.tag == "p" and "Mso" in (node.get("class") or ""):
        return False
    if node.tag in ("ul", "ol"):
        return not any(above.tag in ("ul", "ol") for above in node.iterancestors())
    return node.tag in _APART


def _close(node: Any, writer: _Writer, counters: list[int | None]) -> None:
    if node.tag == "p" and writer.current and "MsoList" in (node.get("class") or ""):
        _itemise(writer)
    if node.tag == "p" and not _is_apart(node) and not "".join(writer.current).strip(" \u00a0"):
        writer.current = []
        writer.end(is_forced=True)
    elif node.tag in _LINES or node.tag in _APART:
        writer.end()
    if node.tag in ("ul", "ol") and counters:
        counters.pop()
    if node.get("data-part") == "quote":
        writer.quotes -= 1
    if node.tag == "pre":
        writer.typed -= 1
    if _is_apart(node):
        writer.part()
    writer.say(node.tail or "")


def _itemise(writer: _Writer) -> None:
    """Write the bullet that Outlook draws with a sign of a symbol font as one."""
    line = "".join(writer.current)
    found = _OUTLOOK_BULLET.match(line)
    if found:
        writer.current = [f"{found[1]} " if found[1] else "- ", line[found.end() :]]


def _data_rows(table: Any) -> list[str] | None:
    """Return the rows of a table of data, each on a line; ``None`` for one that lays a page out."""
    if next(table.iterdescendants("table", "blockquote", "ul", "ol", "hr"), None) is not None:
        return None
    rows = [
        [
            _SPACES.sub(" ", " ".join(cell.itertext())).strip(" \u00a0")
            for cell in line.iterchildren("td", "th")
        ]
        for line in table.iter("tr")
    ]
    rows = [row for row in rows if any(row)]
    filled = [len(list(filter(None, row))) for row in rows]
    if len(rows) < 2 or max(filled, default=0) < 2 or sum(count > 1 for count in filled) < 2:
        return None
    if any(len(cell) > _CELL for row in rows for cell in row):
        return None
    return [CELL_SEPARATOR.join(row).strip() for row in rows]
