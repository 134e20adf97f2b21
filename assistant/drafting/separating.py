"""Part a body into what its sender wrote this time, the signature, the disclaimers and the history under or inside it.

READ FIRST: ``separate``. ``boundaries`` tells where an earlier message begins, ``endings`` what closes one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from assistant.drafting.boundaries import QUOTE, Boundary, boundary_at
from assistant.drafting.endings import part_ending
from assistant.drafting.message import Message, Quoted, Separated

MAXIMUM_LENGTH = 2_000_000  # characters of a body that are parted; what comes after is left as history
MAXIMUM_HISTORY = 100  # earlier messages told apart; what is older stays in the last one
_EXCHANGES = 50
_LEVELS = 20  # of quoting marks that are undone
_PASSED_ON = 40  # words of somebody who passes a message on without a question of their own

_FORWARD_SUBJECT = re.compile(
    r"\s*(?:\[[^\]]{0,40}\]\s*)?(?:(?:re|r[ée]f?|aw)\s*:\s*)?(?:tr|fwd?|i|wg|rv|enc|transf[ée]r[ée]?)\s*:",
    re.IGNORECASE,
)
# The words of somebody who hands a message over.
_HANDS_OVER = re.compile(
    r"\bpour (?:suite (?:à donner|utile)|attribution|comp[ée]tence|info(?:rmation)?|traitement|r[ée]ponse|action|prise en (?:charge|compte)|ce qui (?:te|vous) concerne|avis)\b"
    r"|\b(?:fyi|psc|a\.?t\.?t\.?r\.?|psi)\b|\bje (?:te|vous) (?:laisse|transf[èe]re|transmets?|fais suivre|passe|renvoie|redirige)\b|\bci-(?:dessous|apr[èe]s|joint)\b|\b(?:(?:peux|pouvez|pourrais|pourriez)[- ](?:tu|vous)|(?:tu|vous) (?:peux|pouvez|pourrais|pourriez))\b.{0,40}\b(?:r[ée]pondre|traiter|prendre|g[ée]rer|voir|regarder|donner suite|s['’]en charger|t['’]en charger|en charge)"
    r"|\b(?:merci|prière) (?:de|d['’])\s?(?:bien vouloir )?(?:lui |leur |y )?(?:r[ée]pondre|traiter|prendre|g[ée]rer|voir|donner suite|faire le n[ée]cessaire)|\b(?:à|a) traiter\b|\btransmis\b|\btransf[ée]r[ée]\b|\bvoir (?:mail|message|courriel|demande)\b|\bplease (?:see|handle|reply)\b|\bsee below\b",
    re.IGNORECASE,
)  # fmt: skip
_ASKS = re.compile(r"\?(?=[\s\"'»)]|$)", re.MULTILINE)
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_GREETS = re.compile(
    r"\s*(?:bonjour|bonsoir|salut|hello|hi|coucou|ch[eè]re?s?|mesdames|madame|monsieur)\b.{0,60}",
    re.IGNORECASE,
)
_UNPUNCTUATED = re.compile(r"[^\s.!?:;…»)\]]$")
_WRAPPED = 55  # characters: a quoted line cut by its width is at least this long


@dataclass
class _Parted:
    """A text told apart: the lines of its own, what was under each run of quoted lines, and the earlier messages."""

    own: list[str] = field(default_factory=list)
    earlier: list[Quoted] = field(default_factory=list)
    exchanges: list[tuple[str, str]] = field(default_factory=list)
    forwarded: bool = False
    is_headed: bool = False  # the earlier messages come under a header of their own


def separate(message: Message) -> Separated:
    """Return the parts of the body of a message; every line is in one of them, but for the headers of the history.

    Where the sender answers between quoted lines, the answers are written and ``exchanges`` pairs each with the
    quoted lines above it. Whoever passes a message on in a few words has written these words, and the first message
    of the history that says more is the one passed on. A body of nothing but history is passed on too.
    """
    text = message.text
    parted = _part(_lines(text[:MAXIMUM_LENGTH]), 0)
    if left := text[MAXIMUM_LENGTH:].strip():
        parted.earlier.append(Quoted(left))
    ending = part_ending(parted.own, message.sender)
    forwarded = _is_passed_on(parted, ending.written, message.subject)
    earlier = parted.earlier
    if forwarded:
        earlier = list(_without_passing_on(earlier))
    return Separated(
        ending.written,
        ending.signature,
        ending.disclaimer,
        tuple(earlier),
        forwarded,
        tuple(parted.exchanges),
    )


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _part(lines: Sequence[str], level: int) -> _Parted:
    parted = _Parted()
    quoted: list[str] = []
    header = Boundary(0, 0)
    place = 0
    while place < len(lines):
        line = lines[place]
        if QUOTE.match(line) or (quoted and _goes_on(lines, place)):
            quoted.append(line)
            place += 1
            continue
        found = boundary_at(lines, place) if line.strip() else None
        if found is None:
            if quoted and line.strip() and quoted[-1] != ">":
                quoted.append(">")  # what is answered apart is quoted apart
            parted.own.append(line)
            place += 1
            continue
        parted.forwarded = parted.forwarded or found.forwarded
        body = _next_written(lines, found.body)
        if body < len(lines) and QUOTE.match(lines[body]):
            _flush(parted, quoted, header, level)
            header, quoted, place = found, [], body
            parted.own.append("")
            continue
        _flush(parted, quoted, header, level)
        quoted = []
        parted.is_headed = True
        parted.earlier += _chain(lines, found, level)
        break
    _flush(parted, quoted, header, level)
    if level == 0:
        parted.exchanges += islice(_exchanges(lines[:place]), _EXCHANGES)
    return parted


def _next_written(lines: Sequence[str], place: int) -> int:
    while place < len(lines) and not lines[place].strip():
        place += 1
    return place


def _goes_on(lines: Sequence[str], place: int) -> bool:
    """Whether an unmarked line is the end of the quoted one above it, which its width cut in two."""
    line, above = lines[place].strip(), lines[place - 1]
    below = lines[place + 1] if place + 1 < len(lines) else ""
    return (
        bool(line[:1].islower())
        and len(above) >= _WRAPPED
        and len(line) < _WRAPPED
        and bool(QUOTE.match(above))
        and bool(QUOTE.match(below))
        and bool(_UNPUNCTUATED.search(above.rstrip()))
    )


def _flush(parted: _Parted, quoted: Sequence[str], header: Boundary, level: int) -> None:
    """Add the messages of marked lines to the history."""
    if not quoted:
        return
    bare = [_unmarked(line) for line in quoted]
    if level >= _LEVELS:
        parted.earlier.append(_quoted("\n".join(bare), header))
        return
    inner = _part(bare, level + 1)
    parted.forwarded = parted.forwarded or (inner.forwarded and not "".join(inner.own).strip())
    text = "\n".join(inner.own).strip()
    if text:
        parted.earlier.append(_quoted(text, header))
    parted.earlier += inner.earlier


def _chain(lines: Sequence[str], found: Boundary, level: int) -> list[Quoted]:
    """Return the messages one under the other, from a header on, without calling itself for each."""
    messages: list[Quoted] = []
    header: Boundary | None = found
    while header is not None:
        own = [header.first] if header.first else []
        place, following = header.body, None
        while place < len(lines):
            is_last = len(messages) >= MAXIMUM_HISTORY
            following = boundary_at(lines, place) if lines[place].strip() and not is_last else None
            if following is not None:
                body = _next_written(lines, following.body)
                if not (body < len(lines) and QUOTE.match(lines[body])):
                    break
                following = None
            own.append(lines[place])
            place += 1
        messages += _of_one(own, header, level)
        header = following
    return messages


def _of_one(own: Sequence[str], header: Boundary, level: int) -> Iterator[Quoted]:
    """Yield a message of the history, then those that it quotes with marks."""
    if level < _LEVELS and any(map(QUOTE.match, own)):
        inner = _part(own, level + 1)
        if text := "\n".join(inner.own).strip():
            yield _quoted(text, header)
        yield from (
            replace(quoted, sender=header.sender, sent=header.sent, subject=header.subject)
            if not text and rank == 0 and quoted.sender is None
            else quoted
            for rank, quoted in enumerate(inner.earlier)
        )
        return
    if text := "\n".join(own).strip():
        yield _quoted(text, header)


def _quoted(text: str, header: Boundary) -> Quoted:
    return Quoted(text, header.sender, header.sent, header.subject)


def _unmarked(line: str) -> str:
    found = QUOTE.match(line)
    rest = line[found.end() :] if found else line
    return rest[1:] if rest[:1] == " " else rest


def _exchanges(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield what stands under each run of marked lines, with the last paragraph of the run."""
    quoted: list[str] = []
    written: list[str] = []
    for line in [*lines, ">"]:
        if not QUOTE.match(line):
            written.append(line)
            continue
        answer = part_ending(written, None).written if quoted else ""
        if answer:
            yield _last_paragraph(quoted), answer
            quoted = []
        written = []
        quoted.append(_unmarked(line))


def _last_paragraph(quoted: Sequence[str]) -> str:
    kept: list[str] = []
    for line in reversed(quoted):
        bare = line.strip()
        if not bare and kept:
            break
        if bare and not QUOTE.match(bare):
            kept.append(bare)
    return "\n".join(reversed(kept))


def _is_passed_on(parted: _Parted, written: str, subject: str) -> bool:
    if not parted.earlier:
        return False
    words = "\n".join(line for line in written.split("\n") if not _GREETS.fullmatch(line))
    if not words.strip():
        return True
    if not (parted.is_headed or parted.forwarded) or parted.exchanges:
        return False
    return _only_passes_on(words, parted.forwarded or bool(_FORWARD_SUBJECT.match(subject)))


def _only_passes_on(words: str, is_marked: bool) -> bool:
    """Whether a few words hand a message over; those under a mark of a forward need not say so."""
    if len(words.split()) > _PASSED_ON:
        return False
    sentences = _SENTENCE.findall(words)
    others = [sentence for sentence in sentences if not _HANDS_OVER.search(sentence)]
    return (is_marked or len(others) < len(sentences)) and not any(map(_ASKS.search, others))


def _without_passing_on(earlier: Sequence[Quoted]) -> Iterator[Quoted]:
    """Leave out the latest messages that only passed on the one under them: « pour attribution »."""
    first = True
    for rank, quoted in enumerate(earlier):
        if first and rank + 1 < len(earlier):
            own = part_ending(_lines(quoted.text), quoted.sender).written
            words = "\n".join(line for line in own.split("\n") if not _GREETS.fullmatch(line))
            is_marked = bool(_FORWARD_SUBJECT.match(quoted.subject))
            if not words.strip() or (_HANDS_OVER.search(words) and _only_passes_on(words, is_marked)):
                continue
        first = False
        yield quoted
