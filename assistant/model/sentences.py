"""Cut what a model writes into sentences, as it comes, with the numbers of what each one cites."""

from __future__ import annotations

import re
from dataclasses import dataclass

_END = re.compile(
    r"(?:(?<!\b[A-Za-z])(?<!\bart)(?<!\bcf)(?<!\betc)(?<!\d)[.]|(?<=\d)[.](?!\d)|[!?…])+[»”\")]*[ \u00a0]*"
    r"(?:[ \u00a0]*\[[^\]\n]{0,40}\][.,]?)*(?=\s|$|[A-ZÀ-ÖØ-Þ«])|(?:[ \u00a0]*\[[^\]\n]{0,40}\])+[.,]?(?=\s*[A-ZÀ-ÖØ-Þ«\n])|\n+"
)
_OPEN = re.compile(r"\[[^\]]{0,40}$")
_NUMBERS = re.compile(r"^(?:\[[^\]\n]{0,40}\][.,]?[ \u00a0]*)+")
_TOKEN = re.compile(r"[ \u00a0]*\[ ?(\d{1,3}(?: ?[,;] ?\d{1,3})*) ?\]")
_ITEM = re.compile(r"^(?:[-*•–]\s+|\d{1,2}[.)]\s+)+")
_LONGEST = 2_000  # characters without an end: no sentence


@dataclass(frozen=True)
class Written:
    """A sentence as a model wrote it, without the numbers it cites."""

    text: str
    cited: tuple[int, ...]


class Cutter:
    """Takes pieces of text and gives whole sentences."""

    def __init__(self) -> None:
        self._rest = ""

    def feed(self, piece: str) -> list[Written]:
        """Return the sentences that a piece completes: something must follow a sentence to tell that it ended."""
        self._rest += piece
        found, last = [], 0
        for match in _END.finditer(self._rest):
            after = _NUMBERS.sub("", self._rest[match.end() :].lstrip())
            if not after or after[0] == "[" or _OPEN.search(self._rest[: match.end()]):
                break
            found.append(self._rest[last : match.end()])
            last = match.end()
        self._rest = self._rest[last:]
        if len(self._rest) > _LONGEST:
            found.append(self._rest)
            self._rest = ""
        return [sentence for text in found for sentence in _read(text)]

    def end(self) -> list[Written]:
        """Return what remains, cut like the rest."""
        found = self.feed("\n\n.")
        rest, self._rest = self._rest.removesuffix("."), ""
        return [*found, *_read(rest)]


def _read(text: str) -> list[Written]:
    text = text.strip()
    numbers = [int(number) for match in _TOKEN.finditer(text) for number in re.findall(r"\d+", match[1])]
    plain = _ITEM.sub("", _TOKEN.sub("", text)).replace("**", "").strip()
    return [Written(" ".join(plain.split(" ")), tuple(dict.fromkeys(numbers)))] if plain.strip(" .") else []
