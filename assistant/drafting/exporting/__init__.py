"""A letter leaves the desk: as an e-mail, a document, or formatted text for the clipboard.

``letter.py`` reads its Markdown once; each format walks over what it returned.
"""

from assistant.drafting.exporting.docx import as_docx
from assistant.drafting.exporting.eml import as_eml
from assistant.drafting.exporting.html import as_html
from assistant.drafting.exporting.naming import file_name
from assistant.drafting.exporting.odt import as_odt
from assistant.drafting.exporting.outgoing import Outgoing
from assistant.drafting.exporting.plain import as_plain

__all__ = ["Outgoing", "as_docx", "as_eml", "as_html", "as_odt", "as_plain", "file_name"]
