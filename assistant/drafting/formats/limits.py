"""What the reading of one message, and of a file or a folder of them, may take."""

from __future__ import annotations

MEGABYTE = 1024 * 1024

MAXIMUM_BYTES = 50 * MEGABYTE  # of a message with all it carries; mail servers accept half of it
MAXIMUM_PARTS = 200  # of a message, at all depths
MAXIMUM_NESTING = 20  # parts inside parts
MAXIMUM_MESSAGES = 5  # messages inside messages
MAXIMUM_TEXT = 1_000_000  # characters of a body
MAXIMUM_HTML = 5 * MEGABYTE
MAXIMUM_ELEMENTS = 60_000  # of a page
MAXIMUM_HEADER = 4_000  # characters of one header; a list of references is cut to its end

MAXIMUM_ATTACHMENTS = 50  # listed
MAXIMUM_READ = 10  # attachments whose text is read
MAXIMUM_ATTACHMENT = 15 * MEGABYTE  # of one that is read
MAXIMUM_ATTACHED_TEXT = 200_000  # characters kept of each
SMALLEST_IMAGE = 20_000  # bytes; an image of the body below it is a logo or a tracking dot

MAXIMUM_ITEMS = 20_000  # messages of a folder, an mbox or a CSV
MAXIMUM_COLLECTION = 2_000 * MEGABYTE  # of an mbox
MAXIMUM_CSV = 200 * MEGABYTE
