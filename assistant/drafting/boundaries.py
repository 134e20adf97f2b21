"""Where an earlier message begins in a body: the lines that mail programs write above what they quote or pass on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.drafting.addresses import read_address
from assistant.drafting.message import Address

QUOTE = re.compile(r"[ \t\u00a0]{0,3}(?:>|&gt;)")

_LONGEST_LINE = 400  # characters of a line that are looked at
_HEADER_LINES = 24  # of a quoted header, at the most
_ATTRIBUTION_LINES = 4
_SKIPPED = 6  # lines, empty or of dashes, between a separator and the header under it

_LABELS = {
    "from": r"de|from|von|exp[ée]diteur|da",
    "date": r"envoy[ée](?: le)?|date(?: d['’]envoi)?|sent|gesendet|le|fecha|enviado",
    "to": r"[àa]|to|pour|an|destinataires?|para",
    "cc": r"cc|cci|bcc|copie(?: [àa])?|cc ?:? ?\(?copie\)?",
    "subject": r"objet|subject|sujet|betreff|re(?=\s*:\s*\S)|asunto",
    "other": r"r[ée]pondre [àa]|reply-to|importance|priorit[ée]|pi[èe]ces? jointes?|attachments?|organisation|cat[ée]gories",
}
_LABEL = re.compile(
    r"[ \t]*\*{0,2}[ \t]*(?:" + "|".join(f"(?P<{name}>{words})" for name, words in _LABELS.items()) + r")[ \t\u00a0\u202f]?\*{0,2}[ \t\u00a0\u202f]?:\*{0,2}(?!//)",
    re.IGNORECASE,
)  # fmt: skip
# The header of an HTML message flattened onto one line.
_ON_ONE_LINE = re.compile(
    r"\*{0,2}(?:de|from)[ \u00a0]?:\*{0,2}(?P<from>.{3,160}?)\*{0,2}\b(?:envoy[ée](?: le)?|sent|date)[ \u00a0]?:\*{0,2}(?P<date>.{6,80}?)"
    r"\*{0,2}(?:\b(?:to|pour)|[ \u00a0]à)[ \u00a0]?:.{0,220}?\b(?:objet|subject|sujet)[ \u00a0]?:\*{0,2}(?P<subject>.{0,200})",
    re.IGNORECASE,
)
_RULE = re.compile(r"[-_=*~\u2500\u2014 ]{5,}")
_RULE_SIGNS = "-_=*~\u2500\u2014"
_MAY_BEGIN = re.compile(r"(?:le|on|am|el|il|en|message|d[ée]but|begin|anfang)\b", re.IGNORECASE)
_FORWARDED = re.compile(
    r"message (?:transf[ée]r[ée]|r[ée]exp[ée]di[ée]|suivi)|mail transf[ée]r[ée]|courriel transf[ée]r[ée]|forwarded|transf[ée]r[ée] par|weitergeleitete|mensaje reenviado",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"message (?:d['’]origine|original|initial|pr[ée]c[ée]dent)|(?:mail|courriel|e-mail) (?:original|d['’]origine|initial)|original message|reply message|message du\b|urspr[üu]ngliche nachricht|mensaje original",
    re.IGNORECASE,
)
_BARE = re.compile(
    r"[*\s]*(?P<words>d[ée]but du message (?:r[ée]exp[ée]di[ée]|transf[ée]r[ée])|begin forwarded message|message (?:transf[ée]r[ée]|r[ée]exp[ée]di[ée]) :?|anfang der weitergeleiteten nachricht|message du \d.{6,40})\s*:?[*\s]*",
    re.IGNORECASE,
)

_TIME = r"\d{1,2} ?[:hH.] ?\d{2}(?: ?[:m.] ?\d{2})?(?: ?s)?(?: ?[AaPp]\.?[Mm]\.?)?(?:,? ?(?:UTC|GMT|CES?T)?(?: ?[+-]\d{1,2}:?(?:\d{2})?)?)?"
_SAYS = re.compile(
    r"(?:a|ont)?[ \u00a0]*(?:[ée]crit|wrote|schrieb|escribi[óo]|ha scritto)[ \u00a0]*(?:\([^()]{0,60}\)[ \u00a0]*)?:?[ \u00a0]*$", re.IGNORECASE
)  # fmt: skip
_OPENS = re.compile(r"[*_ ]*(?:le|on|am|el|il|en date du)\b[ \u00a0]", re.IGNORECASE)
_TOLD = re.compile(
    r"\b(?:nous|vous|m['’]|lui|leur|te|t['’])[ \u00a0]?(?:a|avait|ont|avez)?[ \u00a0]?(?:bien )?(?:[ée]crit|wrote)",
    re.IGNORECASE,
)
_MOMENT = re.compile(rf"\b{_TIME}(?![\d])|\b\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}\b|\b(?:19|20)\d\d\b")
_WHO_THEN_WHEN = re.compile(
    r"(?P<from>.{2,160}?)[ \u00a0](?:a|ont)[ \u00a0][ée]crit[ \u00a0](?:le[ \u00a0])?[(]?(?P<date>[^:]{0,60}\d.{0,60}?)[)]?[ \u00a0]?:", re.IGNORECASE
)  # fmt: skip
_OLD_GMAIL = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d \d{1,2}:\d\d (?:GMT|UTC)[+-]\d\d:\d\d),? (?P<from>.{2,160}) ?:"
)
_NOTES = re.compile(
    r"(?P<from>.{2,80}?) ?-{3} ?(?P<date>\d\d[/.]\d\d[/.]\d{2,4} \d\d:\d\d(?::\d\d)?) ?-{3}(?P<text>.*)"
)
_GROUPWISE = re.compile(
    r">>> ?(?P<from>.{2,120}?),? (?P<date>\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4},? .{4,12}?) ?>>>"
)


@dataclass(frozen=True)
class Boundary:
    """Where an earlier message begins: its header takes the lines from ``start`` to ``body``, excluded.

    ``forwarded``: the mail program says that the message is passed on.
    """

    start: int
    body: int
    sender: Address | None = None
    sent: str = ""
    subject: str = ""
    forwarded: bool = False
    first: str = ""  # what the header's last line says of the text itself


def boundary_at(lines: Sequence[str], at: int) -> Boundary | None:
    """Return the boundary that begins at a line, when one does; lines are without their quoting marks."""
    line = lines[at][:_LONGEST_LINE].strip()
    if not line or not (
        ":" in line or line[0] in _RULE_SIGNS or "---" in line or ">>>" in line or _MAY_BEGIN.match(line)
    ):
        return None
    return _separated(lines, at, line) or _headed(lines, at) or _attributed(lines, at, line)


def header_at(lines: Sequence[str], at: int) -> tuple[dict[str, str], int]:
    """Return what a typed or quoted header that begins at a line says, by kind of label, and the line after it.

    Nothing, and ``at``, when no label stands there.
    """
    said: dict[str, str] = {}
    last, empty, end = "", 0, at
    for place in range(at, min(len(lines), at + _HEADER_LINES)):
        line = lines[place][:_LONGEST_LINE].rstrip()
        label = _LABEL.match(line)
        if label and label.lastgroup not in said:
            last = str(label.lastgroup)
            said[last] = _bare(line[label.end() :])
            empty, end = 0, place + 1
        elif not line.strip():
            empty += 1
            if empty > 1 or not said:
                break
        elif last and _continues(said, last, line, empty):
            said[last] = f"{said[last]} {_bare(line)}".strip()
            empty, end = 0, place + 1
        else:
            break
    return said, end


def _continues(said: dict[str, str], last: str, line: str, empty: int) -> bool:
    """Whether a line without a label goes on with the last one: more addresses, or a value put under its label."""
    if said[last] == "":
        return len(line) <= 200
    if empty:
        return False
    return last in ("to", "cc") and (
        "@" in line or line.startswith((" ", "\t")) or said[last].endswith((";", ","))
    )


def _bare(value: str) -> str:
    return value.strip(" \t\u00a0\u202f*")


def is_header(said: dict[str, str]) -> bool:
    """Whether labels make the header of a message: a sender, and a date with a figure or a subject."""
    return bool(said.get("from")) and ("subject" in said or any(map(str.isdigit, said.get("date", ""))))


def _headed(lines: Sequence[str], at: int) -> Boundary | None:
    line = lines[at][:_LONGEST_LINE].strip()
    if not _LABEL.match(line):
        return None
    if one := _ON_ONE_LINE.match(line):
        return Boundary(at, at + 1, read_address(one["from"]), _bare(one["date"]), _bare(one["subject"]))
    said, end = header_at(lines, at)
    if not is_header(said):
        return None
    return Boundary(at, end, read_address(said["from"]), said.get("date", ""), said.get("subject", ""))


def _separated(lines: Sequence[str], at: int, line: str) -> Boundary | None:
    """Return the boundary of a line that announces a message, or of a rule with a header or an attribution under it."""
    bare = _BARE.fullmatch(line)
    words = bare["words"] if bare else _title(line)
    is_forwarded = bool(_FORWARDED.search(words))
    announced = is_forwarded or bool(_ORIGINAL.search(words))
    if not announced and not _RULE.fullmatch(line):
        return None
    below = at + 1
    while below < min(len(lines), at + _SKIPPED) and _is_nothing(lines[below]):
        below += 1
    if below < len(lines):
        under = lines[below][:_LONGEST_LINE].strip()
        inner = _headed(lines, below) or _attributed(lines, below, under)
        if inner is None and (named := _BARE.fullmatch(under)):
            inner = _separated(lines, below, under)
            is_forwarded = is_forwarded or bool(_FORWARDED.search(named["words"]))
        if inner:
            return Boundary(
                at,
                inner.body,
                inner.sender,
                inner.sent,
                inner.subject,
                is_forwarded or inner.forwarded,
                inner.first,
            )
    return Boundary(at, at + 1, forwarded=is_forwarded) if announced else None


def _title(line: str) -> str:
    """Return the words between two rows of dashes, « ----- Mail original ----- »."""
    if line[0] not in _RULE_SIGNS or line[1:2] not in (*_RULE_SIGNS, " "):
        return ""
    words = line.strip(f"{_RULE_SIGNS} <>:")
    return words if 4 <= len(words) <= 90 else ""


def _is_nothing(line: str) -> bool:
    bare = line[:_LONGEST_LINE].strip()
    return not bare or bool(_RULE.fullmatch(bare))


def _attributed(lines: Sequence[str], at: int, line: str) -> Boundary | None:
    """Return the boundary of « Le … à …, X a écrit : », which may take several lines, and of its other forms."""
    for form in (_WHO_THEN_WHEN, _OLD_GMAIL, _NOTES, _GROUPWISE):
        if any(map(str.isdigit, line)) and (found := form.fullmatch(line)) and not _TOLD.search(line):
            first = found.groupdict().get("text") or ""
            return Boundary(
                at, at + 1, read_address(found["from"]), _bare(found["date"]), first=first.strip()
            )
    if not _OPENS.match(line):
        return _named(lines, at, line)
    joined = ""
    for place in range(at, min(len(lines), at + _ATTRIBUTION_LINES)):
        part = lines[place][:_LONGEST_LINE].strip()
        if not part:
            return None
        joined = f"{joined} {part}".strip()
        if _says(joined):
            return _said_when(lines, at, place + 1, joined)
    return None


def _named(lines: Sequence[str], at: int, line: str) -> Boundary | None:
    """Return the boundary of « X a écrit : », which alone says too little: what it announces must be quoted."""
    if len(line) > 160 or not line.endswith(":") or not _says(line) or _TOLD.search(line):
        return None
    if not _is_quoted_next(lines, at + 1):
        return None
    return Boundary(at, at + 1, read_address(_SAYS.sub("", line)))


def _says(line: str) -> bool:
    return line.endswith((":", "crit", "wrote", ")")) and bool(_SAYS.search(line[-100:]))


def _said_when(lines: Sequence[str], at: int, end: int, joined: str) -> Boundary | None:
    moments = list(_MOMENT.finditer(joined))
    is_quoted = _is_quoted_next(lines, end)
    has_time = any(":" in moment[0] or "h" in moment[0].lower() for moment in moments)
    if _TOLD.search(joined) and not is_quoted:
        return None
    if not moments or not (is_quoted or (joined.endswith(":") and (has_time or "@" in joined))):
        return None
    said = _SAYS.sub("", joined)
    # The moment ends at its last figure before the name: a name or an address may hold figures too.
    last = next((moment for moment in moments if ":" in moment[0] or "h" in moment[0].lower()), moments[-1])
    opened = _OPENS.match(said)
    sent = said[opened.end() if opened else 0 : last.end()].strip(" ,*_")
    return Boundary(at, end, read_address(said[last.end() :].lstrip(" ,")), sent)


def _is_quoted_next(lines: Sequence[str], at: int) -> bool:
    for line in lines[at : at + 3]:
        if line.strip():
            return bool(QUOTE.match(line))
    return False
