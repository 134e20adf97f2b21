"""Write a letter as an e-mail: text and HTML, its thread kept, the message it answers quoted below."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from html import escape

from assistant.composing.french import NBSP, say_day
from assistant.drafting.exporting.cleaning import clean_text
from assistant.drafting.exporting.heading import LINE, header_lines, new_identifier
from assistant.drafting.exporting.html import FONT, html_of
from assistant.drafting.exporting.letter import read
from assistant.drafting.exporting.outgoing import Outgoing, reply_subject, say_address
from assistant.drafting.exporting.plain import plain_of
from assistant.drafting.message import Message

MAXIMUM_QUOTED = 20_000  # characters
_POLICY = SMTP.clone(max_line_length=LINE)
_QUOTE = "margin:1em 0 0;padding:0 0 0 .8em;border-left:2px solid #888;white-space:pre-wrap"


def as_eml(outgoing: Outgoing, *, quoting: bool = True) -> bytes:
    """Return the letter as an .eml file that a mail program opens ready to be sent.

    Args:
        outgoing: The letter.
        quoting: Whether the message it answers, when known, is quoted below.

    Raises:
        InputError: The letter is too long, or has too many recipients.
    """
    return b"X-Unsent: 1\r\n" + compose(outgoing, new_identifier(outgoing.sender), quoting=quoting)


def compose(outgoing: Outgoing, identifier: str, *, quoting: bool = True) -> bytes:
    """Return the letter as a message for a mail server; ``identifier`` is its own, empty to give none.

    Raises:
        InputError: As for :func:`as_eml`.
    """
    blocks = read(outgoing.text)
    text, html = plain_of(blocks), html_of(blocks)
    if quoting and outgoing.original is not None and outgoing.original.text.strip():
        lead, lines = _introduction(outgoing.original, outgoing.now), _quoted_lines(outgoing.original)
        text += "\n\n" + "\n".join([lead, *map(_marked, lines)])
        html += f'<p style="{FONT};margin:1.5em 0 0">{escape(lead)}</p>'
        html += (
            f'<blockquote type="cite" style="{FONT};{_QUOTE}">{"<br>".join(map(escape, lines))}</blockquote>'
        )
    body = EmailMessage(_POLICY)
    # Quoted-printable has no long line and no byte that a server might change.
    body.set_content(text + "\n", cte="quoted-printable")
    body.add_alternative(_page(reply_subject(outgoing.subject), html), subtype="html", cte="quoted-printable")
    body["Content-Language"] = "fr"
    return header_lines(outgoing, identifier) + body.as_bytes()


def _page(title: str, content: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="fr">\n<head><meta charset="utf-8"><title>{escape(title)}</title></head>\n'
        f"<body>{content}</body>\n</html>\n"
    )


def _introduction(original: Message, now: datetime) -> str:
    """Return « Le 2 juin 2025 à 10:12, X a écrit : », or what is known of it; the time is that of the desk."""
    who = say_address(original.sender) if original.sender else ""
    if original.sent is None:
        return f"{who} a écrit{NBSP}:" if who else f"Message d’origine{NBSP}:"
    sent = original.sent.astimezone(now.tzinfo) if original.sent.tzinfo and now.tzinfo else original.sent
    when = f"Le {say_day(sent.date())} à {sent:%H:%M}"
    return f"{when}, {who} a écrit{NBSP}:" if who else f"Message du {when.removeprefix('Le ')}{NBSP}:"


def _quoted_lines(original: Message) -> list[str]:
    text = clean_text(original.text).strip("\n")
    if len(text) > MAXIMUM_QUOTED:
        text = text[:MAXIMUM_QUOTED].rstrip() + "\n[…]"
    return text.split("\n")


def _marked(line: str) -> str:
    return f">{line}" if line.startswith(">") else f"> {line}".rstrip(" ")
