"""Write a letter as HTML whose styles are inline: what a clipboard and a mail client keep."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from assistant.drafting.exporting.letter import Block, Listing, Paragraph, Reference, References, Run, read

FONT = "font-family:Arial,'Liberation Sans',sans-serif;font-size:11pt;line-height:1.4"
_RAISED = "font-size:.75em;line-height:0;vertical-align:super"
_APART, _TIGHT = "margin:0 0 .9em", "margin:0"


def as_html(text: str) -> str:
    """Return the letter as a fragment: one ``div`` in French, everything escaped, links to the web and to mail only.

    Args:
        text: The letter in Markdown.

    Raises:
        InputError: It is too long.
    """
    return html_of(read(text))


def html_of(blocks: Sequence[Block]) -> str:
    """Return the fragment of a letter already read."""
    return f'<div lang="fr" style="{FONT}">{_write(blocks, _APART)}</div>'


def _write(blocks: Sequence[Block], margin: str) -> str:
    return "".join(_block(block, margin) for block in blocks)


def _block(block: Block, margin: str) -> str:
    if isinstance(block, Paragraph):
        # A paragraph stands closer to the list that it introduces.
        below = "margin:0 0 .4em" if block.introduces and margin == _APART else margin
        return f'<p style="{below}">{_text(block.runs)}</p>'
    if isinstance(block, References):
        return "".join(map(_reference, block.entries))
    return _listing(block, margin)


def _listing(block: Listing, margin: str) -> str:
    items = "".join(f'<li style="margin:0 0 .25em">{_write(item, _TIGHT)}</li>' for item in block.items)
    style = f'style="{margin};padding-left:1.8em"'
    if block.start is None:
        return f"<ul {style}>{items}</ul>"
    start = "" if block.start == 1 else f' start="{block.start}"'
    return f"<ol {style}{start}>{items}</ol>"


def _reference(entry: Reference) -> str:
    return (
        '<p style="margin:0 0 .35em;font-size:9pt;padding-left:2.2em;text-indent:-2.2em">'
        f"{escape(entry.label)} {_text(entry.runs)}</p>"
    )


def _text(runs: Sequence[Run]) -> str:
    return "".join(map(_run, runs))


def _run(run: Run) -> str:
    text = escape(run.text).replace("\n", "<br>")
    if run.marker:
        text = f'<sup style="{_RAISED}">{text}</sup>'
    if run.italic:
        text = f"<em>{text}</em>"
    if run.bold:
        text = f"<strong>{text}</strong>"
    return f'<a href="{escape(run.link)}">{text}</a>' if run.link else text
