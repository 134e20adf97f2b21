"""Write a letter as a Word document: real styles and lists, in French, without anybody's name in its properties."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from io import BytesIO
from typing import Any

from assistant.drafting.exporting.letter import Block, Listing, Paragraph, References, Run, read, spelled
from assistant.drafting.exporting.outgoing import Outgoing, reply_subject, say_date, say_headers

LANGUAGE = "fr-FR"
FONT, SIZE, SMALL = "Arial", 11.0, 9.0  # points
_DEEPEST = 3  # of the list styles of Word's template
_HEADER, _REFERENCE, _LINK = "En-tête de lettre", "Références", "Hyperlink"
_LINK_COLOUR = "0B4F8A"


def as_docx(outgoing: Outgoing) -> bytes:
    """Return the letter as a .docx file, A4, its date, recipients and subject above it.

    Raises:
        InputError: The letter is too long.
    """
    blocks = read(outgoing.text)
    writer = _Writer(outgoing)
    writer.head(outgoing)
    writer.write(blocks)
    return writer.saved()


class _Writer:
    """Appends the blocks of a letter to a new document."""

    def __init__(self, outgoing: Outgoing) -> None:
        import docx

        self._document = docx.Document()
        _set_page(self._document)
        _set_styles(self._document)
        _set_language(self._document)
        _set_properties(self._document, outgoing)

    def head(self, outgoing: Outgoing) -> None:
        """Write what stands above the letter; the subject is its heading."""
        from docx.enum.text import WD_ALIGN_PARAGRAPH

        date = self._document.add_paragraph(say_date(outgoing))
        date.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        *others, subject = say_headers(outgoing)
        for label, value in others:
            self._document.add_paragraph(f"{label} {value}", style=_HEADER)
        self._document.add_paragraph(" ".join(subject), style="Heading 1")

    def write(self, blocks: Sequence[Block], depth: int = 0) -> None:
        """Write blocks; ``depth`` is the number of lists that they are in."""
        for block in blocks:
            if isinstance(block, Paragraph):
                style = f"List Continue{_rank(depth)}" if depth else "Normal"
                self._paragraph(block, style)
            elif isinstance(block, References):
                for entry in block.entries:
                    self._paragraph(Paragraph((Run(f"{entry.label} "), *spelled(entry.runs))), _REFERENCE)
            else:
                self._listing(block, depth + 1)

    def saved(self) -> bytes:
        """Return the file."""
        file = BytesIO()
        self._document.save(file)
        return file.getvalue()

    def _listing(self, block: Listing, depth: int) -> None:
        style = f"List {'Bullet' if block.start is None else 'Number'}{_rank(depth)}"
        number = None if block.start is None else self._numbering(style, block.start)
        for item in block.items:
            first, *others = item if item and isinstance(item[0], Paragraph) else (Paragraph(()), *item)
            assert isinstance(first, Paragraph)
            paragraph = self._paragraph(first, style)
            if number is not None:
                paragraph._p.get_or_add_pPr().get_or_add_numPr().get_or_add_numId().val = number
            self.write(others, depth)
        if depth == 1:
            self._document.paragraphs[-1].paragraph_format.space_after = _gap()

    def _numbering(self, style: str, start: int) -> int:
        """Return a new numbering drawn as the style's, which starts at ``start``."""
        numbering = self._document.part.numbering_part.element
        drawn = numbering.num_having_numId(self._document.styles[style].element.pPr.numPr.numId.val)
        number = numbering.add_num(drawn.abstractNumId.val)
        number.add_lvlOverride(ilvl=0).add_startOverride(start)
        return int(number.numId)

    def _paragraph(self, block: Paragraph, style: str) -> Any:
        paragraph = self._document.add_paragraph(style=style)
        if block.introduces:
            paragraph.paragraph_format.keep_with_next = True
        for run in block.runs:
            written = paragraph.add_run(run.text)
            written.bold, written.italic = run.bold or None, run.italic or None
            written.font.superscript = run.marker or None
            if run.link:
                self._link(paragraph, written, run.link)
        return paragraph

    def _link(self, paragraph: Any, written: Any, target: str) -> None:
        from docx.opc.constants import RELATIONSHIP_TYPE
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        link = OxmlElement("w:hyperlink")
        link.set(
            qn("r:id"), self._document.part.relate_to(target, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        )
        written.style = _LINK
        paragraph._p.append(link)
        link.append(written._r)


def _gap() -> Any:
    """Return the space below a paragraph, and below a list."""
    from docx.shared import Pt

    return Pt(8)


def _rank(depth: int) -> str:
    return "" if depth == 1 else f" {min(depth, _DEEPEST)}"


def _set_page(document: Any) -> None:
    from docx.shared import Cm

    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin = section.bottom_margin = Cm(2)


def _set_styles(document: Any) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Cm, Pt, RGBColor

    styles = document.styles
    _set_font(styles["Normal"], SIZE)
    styles["Normal"].paragraph_format.line_spacing = 1.1
    styles["Normal"].paragraph_format.space_after = _gap()
    for kind in ("Bullet", "Number", "Continue"):
        for depth in range(1, _DEEPEST + 1):
            styles[f"List {kind}{_rank(depth)}"].paragraph_format.space_after = Pt(3)
    header = styles.add_style(_HEADER, WD_STYLE_TYPE.PARAGRAPH)
    header.base_style = styles["Normal"]
    header.paragraph_format.space_after = Pt(0)
    heading = styles["Heading 1"]
    _set_font(heading, SIZE)
    heading.font.color.rgb = RGBColor(0, 0, 0)
    heading.paragraph_format.space_before, heading.paragraph_format.space_after = Pt(14), Pt(14)
    references = styles.add_style(_REFERENCE, WD_STYLE_TYPE.PARAGRAPH)
    references.base_style = styles["Normal"]
    references.font.size = Pt(SMALL)
    references.paragraph_format.left_indent = Cm(0.8)
    references.paragraph_format.first_line_indent = Cm(-0.8)
    references.paragraph_format.space_after = Pt(3)
    link = styles.add_style(_LINK, WD_STYLE_TYPE.CHARACTER)
    link.font.color.rgb, link.font.underline = RGBColor.from_string(_LINK_COLOUR), True


def _set_font(style: Any, size: float) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    style.font.name, style.font.size = FONT, Pt(size)
    fonts = style.element.rPr.rFonts
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.attrib.pop(qn(f"w:{script}Theme"), None)  # the template's theme would win over the name
        fonts.set(qn(f"w:{script}"), FONT)


def _set_language(document: Any) -> None:
    """Say that the text is French, for spelling and for screen readers, and that Word needs no old behaviour."""
    from docx.oxml import OxmlElement, parse_xml
    from docx.oxml.ns import nsdecls, qn

    defaults = document.styles.element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
    for lang in defaults.findall(qn("w:lang")):
        lang.set(qn("w:val"), LANGUAGE)
    settings = document.settings.element
    for theme in settings.findall(qn("w:themeFontLang")):
        theme.set(qn("w:val"), LANGUAGE)
    compatibility = settings.find(qn("w:compat"))
    if compatibility is None:
        compatibility = OxmlElement("w:compat")
        settings.append(compatibility)
    compatibility.append(
        parse_xml(
            f'<w:compatSetting {nsdecls("w")} w:name="compatibilityMode" '
            'w:uri="http://schemas.microsoft.com/office/word" w:val="15"/>'
        )
    )


def _set_properties(document: Any, outgoing: Outgoing) -> None:
    properties = document.core_properties
    properties.title = reply_subject(outgoing.subject)
    properties.language = LANGUAGE
    # The template's own author and comment speak of a library.
    properties.author = properties.last_modified_by = properties.comments = properties.keywords = ""
    now = outgoing.now.astimezone(UTC).replace(tzinfo=None)
    properties.created = properties.modified = now
    properties.revision = 1
