"""The templates of the pages and of the answers, with the filters that write dates and numbers in French."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.composing.french import (
    LOOSE_SPACE,
    NBSP,
    cap,
    low,
    plain_day,
    say_day,
    say_number,
    say_printed,
)

if TYPE_CHECKING:
    from jinja2 import Environment

_WEB_ADDRESS = re.compile(r"https?://[^\s\"'<>]+", re.IGNORECASE)
# What is left as it is (a tag, and all that some elements hold), or a loose space of what is read.
_LOOSE_SPACE = re.compile(
    rf"(?P<kept><(?P<name>script|style|pre|code|textarea)\b.*?</(?P=name)>|<[^>]*>)|{LOOSE_SPACE}", re.DOTALL
)
_DIRECTORY = Path(__file__).parent / "templates"


@lru_cache(maxsize=1)
def templates() -> Environment:
    """Return the environment of the templates: every value is escaped, a name that is missing is an error.

    ``web_address`` tests that a text is an http(s) address: no other becomes a link.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_DIRECTORY),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        cap=cap, low=low, say_day=say_day, say_printed=say_printed, plain_day=plain_day, say_number=say_number
    )
    environment.tests["web_address"] = lambda url: _WEB_ADDRESS.fullmatch(url) is not None
    return environment


def typeset_html(html: str) -> str:
    """Return finished HTML with the spaces of what is read as French prints them: see ``french.typeset``.

    Tags, their attributes, scripts, code and what is typed in a form are left as they are; ``>`` must be escaped in
    attributes, as the templates escape it.
    """
    return _LOOSE_SPACE.sub(lambda found: found["kept"] or NBSP, html)
