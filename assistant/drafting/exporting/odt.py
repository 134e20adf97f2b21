"""Write a letter as an OpenDocument text: real styles and lists, in French, without anybody's name in its properties."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from io import BytesIO
from typing import TYPE_CHECKING

from assistant.drafting.exporting.letter import Block, Listing, Paragraph, References, Run, read, spelled
from assistant.drafting.exporting.outgoing import Outgoing, reply_subject, say_date, say_headers

if TYPE_CHECKING:
    from odfdo import Document, Element

LANGUAGE = "fr-FR"
_LEVELS = 10  # of lists, as many as the format has
_BULLETS = "•◦▪"
_FONT = 'style:font-name="Liberation Sans" fo:font-family="\'Liberation Sans\'"'
_BODY, _HEADING, _ITEM, _LAST = "Standard", "Heading_20_1", "List", "List_20_End"
_DATE, _HEADER, _INTRODUCTION, _REFERENCE = (
    "Lettre_Date",
    "Lettre_Entete",
    "Lettre_Annonce",
    "Lettre_Reference",
)
_BULLETED, _NUMBERED = "Lettre_Puces", "Lettre_Numeros"
_MARKER = "Lettre_Appel"
_STYLES = (
    f'<style:style style:name="{_BODY}" style:family="paragraph" style:class="text">'
    '<style:paragraph-properties fo:margin-top="0cm" fo:margin-bottom="0.28cm" fo:line-height="115%" '
    'fo:orphans="2" fo:widows="2"/>'
    f'<style:text-properties {_FONT} fo:font-size="11pt"/></style:style>',
    f'<style:style style:name="{_HEADING}" style:display-name="Heading 1" style:family="paragraph" '
    f'style:parent-style-name="{_BODY}" style:next-style-name="{_BODY}" style:default-outline-level="1" style:list-style-name="" '
    'style:class="text"><style:paragraph-properties fo:margin-top="0.5cm" fo:margin-bottom="0.5cm" '
    'fo:keep-with-next="always"/><style:text-properties fo:font-weight="bold"/></style:style>',
    f'<style:style style:name="{_ITEM}" style:family="paragraph" style:parent-style-name="{_BODY}" '
    'style:class="list"><style:paragraph-properties fo:margin-bottom="0.1cm"/></style:style>',
    f'<style:style style:name="{_LAST}" style:display-name="List End" style:family="paragraph" '
    f'style:parent-style-name="{_ITEM}"><style:paragraph-properties fo:margin-bottom="0.28cm"/></style:style>',
    f'<style:style style:name="{_DATE}" style:display-name="Date de la lettre" style:family="paragraph" '
    f'style:parent-style-name="{_BODY}"><style:paragraph-properties fo:text-align="end"/></style:style>',
    f'<style:style style:name="{_HEADER}" style:display-name="En-tête de la lettre" style:family="paragraph" '
    f'style:parent-style-name="{_BODY}"><style:paragraph-properties fo:margin-bottom="0cm"/></style:style>',
    f'<style:style style:name="{_INTRODUCTION}" style:display-name="Annonce" style:family="paragraph" '
    f'style:parent-style-name="{_BODY}"><style:paragraph-properties fo:margin-bottom="0.14cm" '
    'fo:keep-with-next="always"/></style:style>',
    f'<style:style style:name="{_REFERENCE}" style:display-name="Références" style:family="paragraph" '
    f'style:parent-style-name="{_BODY}"><style:paragraph-properties fo:margin-left="0.8cm" '
    'fo:text-indent="-0.8cm" fo:margin-bottom="0.1cm"/><style:text-properties fo:font-size="9pt"/></style:style>',
    '<style:style style:name="Strong_20_Emphasis" style:display-name="Strong Emphasis" style:family="text">'
    '<style:text-properties fo:font-weight="bold"/></style:style>',
    '<style:style style:name="Emphasis" style:family="text">'
    '<style:text-properties fo:font-style="italic"/></style:style>',
    '<style:style style:name="Lettre_Gras_Italique" style:display-name="Gras et italique" style:family="text">'
    '<style:text-properties fo:font-weight="bold" fo:font-style="italic"/></style:style>',
    f'<style:style style:name="{_MARKER}" style:display-name="Appel de référence" style:family="text">'
    '<style:text-properties style:text-position="super 70%"/></style:style>',
    '<style:style style:name="Internet_20_link" style:display-name="Internet link" style:family="text">'
    '<style:text-properties fo:color="#0b4f8a" style:text-underline-style="solid" '
    'style:text-underline-width="auto" style:text-underline-color="font-color"/></style:style>',
)
_LOOKS = {
    (True, False): "Strong_20_Emphasis",
    (False, True): "Emphasis",
    (True, True): "Lettre_Gras_Italique",
}


def as_odt(outgoing: Outgoing) -> bytes:
    """Return the letter as an .odt file, A4, its date, recipients and subject above it.

    Raises:
        InputError: The letter is too long.
    """
    from odfdo import Document, Header

    blocks = read(outgoing.text)
    document = Document("text")
    _set_styles(document)
    _set_properties(document, outgoing)
    body = document.body
    body.clear()
    body.append(_paragraph((Run(say_date(outgoing)),), _DATE))
    *others, subject = say_headers(outgoing)
    for label, value in others:
        body.append(_paragraph((Run(f"{label} {value}"),), _HEADER))
    heading = Header(1, " ".join(subject))
    heading.set_attribute("text:style-name", _HEADING)  # which the constructor does not
    body.append(heading)
    for element in _elements(blocks, _BODY):
        body.append(element)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _elements(blocks: Sequence[Block], style: str) -> list[Element]:
    """Return what the blocks become; ``style`` is that of their paragraphs."""
    elements: list[Element] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            introduces = block.introduces and style == _BODY
            elements.append(_paragraph(block.runs, _INTRODUCTION if introduces else style))
        elif isinstance(block, References):
            elements += [
                _paragraph((Run(f"{entry.label} "), *spelled(entry.runs)), _REFERENCE)
                for entry in block.entries
            ]
        else:
            elements.append(_listing(block))
            if style == _BODY:
                _close(elements[-1])
    return elements


def _close(listing: Element) -> None:
    """Put below a list the space that is below a paragraph."""
    last = listing.get_elements("descendant::text:p")[-1]
    last.set_attribute("text:style-name", _LAST)


def _listing(block: Listing) -> Element:
    from odfdo import List, ListItem

    listing = List(style=_BULLETED if block.start is None else _NUMBERED)
    for place, blocks in enumerate(block.items):
        item = ListItem()
        if block.start is not None and place == 0:
            item.set_attribute("text:start-value", str(block.start))
        for element in _elements(blocks or (Paragraph(()),), _ITEM):
            item.append(element)
        listing.append(item)
    return listing


def _paragraph(runs: Sequence[Run], style: str) -> Element:
    from odfdo import Link, Paragraph, Span

    paragraph = Paragraph("", style=style)
    for run in runs:
        # Each run is a span, which keeps its own spaces and line breaks.
        span = Span(run.text, style=_MARKER if run.marker else _LOOKS.get((run.bold, run.italic)))
        if run.link:
            link = Link(run.link, style="Internet_20_link")
            link.append(span)
            paragraph.append(link)
        else:
            paragraph.append(span)
    return paragraph


def _set_styles(document: Document) -> None:
    from odfdo import StylePageLayout

    for style in _STYLES:
        document.insert_style(style)
    for name, is_numbered in ((_BULLETED, False), (_NUMBERED, True)):
        levels = "".join(_level(level, is_numbered) for level in range(1, _LEVELS + 1))
        document.insert_style(f'<text:list-style style:name="{name}">{levels}</text:list-style>', name=name)
    for layout in document.get_styles("page-layout"):
        assert isinstance(layout, StylePageLayout)
        layout.set_properties(
            {
                "fo:page-width": "21cm", "fo:page-height": "29.7cm", "fo:margin-top": "2cm",
                "fo:margin-bottom": "2cm", "fo:margin-left": "2.5cm", "fo:margin-right": "2.5cm",
            },
            area="page-layout",
        )  # fmt: skip


def _level(level: int, is_numbered: bool) -> str:
    place = (
        '<style:list-level-properties text:list-level-position-and-space-mode="label-alignment">'
        '<style:list-level-label-alignment text:label-followed-by="listtab" '
        f'fo:text-indent="-0.6cm" fo:margin-left="{0.6 + 0.7 * level:.1f}cm"/></style:list-level-properties>'
    )
    if is_numbered:
        return (
            f'<text:list-level-style-number text:level="{level}" style:num-format="1" style:num-suffix=".">'
            f"{place}</text:list-level-style-number>"
        )
    bullet = _BULLETS[(level - 1) % len(_BULLETS)]
    return (
        f'<text:list-level-style-bullet text:level="{level}" text:bullet-char="{bullet}">'
        f"{place}</text:list-level-style-bullet>"
    )


def _set_properties(document: Document, outgoing: Outgoing) -> None:
    document.set_language(LANGUAGE)
    document.meta.set_title(reply_subject(outgoing.subject))
    document.meta.set_creation_date(outgoing.now.astimezone(UTC).replace(tzinfo=None))
    # The template's own picture and empty toolbars have no place in a letter.
    for part in [name for name in document.parts if name.startswith(("Thumbnails/", "Configurations2/"))]:
        document.del_part(part)
    for path in document.manifest.get_paths():
        if str(path).startswith(("Thumbnails/", "Configurations2/")):
            document.manifest.del_full_path(str(path))
