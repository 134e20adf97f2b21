"""What closes a message: the formula and the signature under it, and the notices that mail systems add.

Losing a question costs more than reading a slogan: a line goes to the signature only when nothing in it asks or tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import islice

from assistant.drafting.message import Address
from assistant.understanding.text import fold

_LOOKED_AT = 300  # characters of a line; a longer one is a paragraph, and tells
_LONG = 50  # characters of a line that its width may have cut
_BEFORE = 90  # characters of its own line that may come before the words that tell a notice
_NAME_WORDS = 5
_TAIL = 250  # lines at the end of a message, where what closes it is looked for
_BLOCK = 12  # lines of a signature without a closing formula


class _Part(Enum):
    WRITTEN = "written"
    SIGNATURE = "signature"
    DISCLAIMER = "disclaimer"


@dataclass(frozen=True)
class Ending:
    """A text without what closes it, and what does."""

    written: str
    signature: str = ""
    disclaimer: str = ""


# Folded: lower case, no accents, straight apostrophes.
_GOOD = r"(?:bonne?s?|belles?|excellente?|tres bonne?|tres belle)"
_PHRASE = re.compile(
    r"(?:(?:tres |bien |plus |sincerement |amicalement |toujours )*(?:cordialement|respectueusement|sincerement|amicalement|confraternellement|fraternellement|chaleureusement)(?: (?:a (?:vous|toi|tous|toutes)|votre|votres))?"
    r"|(?:tres |bien )?(?:cdt|cdlt|cdmt|bav|slts?|cordt)|(?:bien )?(?:a (?:vous|toi|tous))|amities|(?:mes |nos |avec (?:mes|nos) )?(?:plus )?(?:meilleures?|sinceres?|cordiales?|respectueuses?|bonnes?)? ?(?:salutations|remerciements|sentiments)(?: (?:les )?(?:plus |tres )?(?:distinguees?|distingues?|cordiales?|sinceres?|respectueuses?|respectueux|meilleurs|devoues))?"
    rf"|(?:(?:je |nous |en )?vous (?:en )?souhait\w+ )?(?:une? )?{_GOOD} (?:journee|soiree|semaine|reception|continuation|fin (?:de|d') ?\w+|apres-midi|week-?end|vacances|matinee)(?: (?:a (?:vous|toi|tous|toutes))| et a bientot)?|bon (?:week-?end|apres-midi|courage)(?: a (?:vous|tous))?|a (?:tres )?(?:bientot|vite)(?: de vous lire)?|au plaisir(?: de .{3, 40})?"
    r"|(?:dans l'|en )?(?:attente|attendant) (?:de )?(?:votre|vos|une|ton|d'une) (?:\w+ )?(?:retour|reponse|eclairage|lecture)s?|(?:kind |best |warm )?regards|best(?: wishes)?|(?:yours )?(?:sincerely|faithfully|truly)(?: yours)?|cheers|mit freundlichen gru(?:ss|ß)en|saludos(?: cordiales)?|atentamente|cordiali saluti)"
)
_THANKS = re.compile(
    r"(?:(?:un (?:grand|tres grand) )?merci|thanks?(?: you)?|many thanks|remerciements|avec mes remerciements|en vous remerciant)(?: (?:beaucoup|bien|infiniment|d'avance|par avance|encore|a vous|vous|in advance|so much|et))*(?: (?:pour|de) (?:votre|vos|ton|l') ?\w+(?: \w+){0,3})?"
)
_COURTESY = re.compile(
    r"\b(?:pri(?:e|ons|ant) d'?(?:e )?(?:bien vouloir )?(?:agreer|accepter|recevoir|croire|trouver)|veuillez (?:agreer|recevoir|croire|accepter|trouver)|(?:^|\W)(?:recevez|agreez|croyez)\b,?)"
)
_COURTESY_END = re.compile(
    r"\b(?:salutations|sentiments|considerations?|respects?|hommages|devouement)\b(?:[^.\n]{0,60}\.|[^.\n]{0,60}$)"
)
_PIECES = re.compile(r"\s*(?:[,;.!…]+|\bet\b|\s-+\s|&)\s*")

_AFTERTHOUGHT = re.compile(
    r"\s*\*{0,2}(?:p\.?\s?-?s\.?|post[- ]?scriptum|nb|n\.b\.?|ps ?\d)\s*\*{0,2}\s*[:\-–—,]", re.IGNORECASE
)
_ASKS = re.compile(r"\?(?!\w{1,30}=)(?=[\s\"'»)*!?.]|$)")
_TELLS = re.compile(
    r"(?:^|[\s(,;])(?:j'|je |nous |vous |on |il |ils |elle |elles |c'est|ce sont)\s?\w{2,}|\w-(?:nous|vous|je|on|il|elle|ils)\b|\b(?:merci de|est-ce|faut-il|peut-on|y a-t-il|veuillez|quid|au fait|par ailleurs|autre question|derniere question|question)\b"
    r"|\b(?:i|we|you) (?:\w+)\b|\b(?:can|could|would|do|does|is|are) (?:we|you|it|i|there)\b"
)
_LISTED = re.compile(r"\s*(?:[-*•–‣▪]|\(?\d{1,2}[.)]|[a-h]\))\s+\S")
_CONTACT = re.compile(
    r"(?:^|[\s|:(/])(?:t[ée]l?(?:[ée]phone)?\.?|mob(?:ile)?|port(?:able)?|fax|standard|ligne directe|ld|phone|[tmf])\s?[.:]?\s?(?:\+|\(?0|\d)|(?:\+33|\+262|\(?0\)?)[\s.(]?\d|\b0[1-9](?:[\s.-]?\d{2}){4}\b|\w@[\w-]{1,60}\.\w|\bhttps?://|\bwww\.|\b(?:bp|cs) ?\d{3,5}\b|\b\d{5} [A-ZÀ-Ý]|cedex",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"(?:\+\d{2,3}|\b0)[\s.(]*\d(?:[\s.)-]*\d{2}){4}\b|\w@[\w-]{1,60}\.\w|\bwww\.", re.IGNORECASE
)
_ROLE = re.compile(
    r"\b(?:direct(?:rice|eur|ion)|president\w*|secretaire|charge\w? d|responsable|chef\w*|coordinat\w+|coordonnat\w+|adjoint\w*|assistant\w*|gestionnaire|referent\w*|charge\w?|administrat\w+|dsi|rssi|dpo|daf|informatique|qualite|comptab\w+|tresori\w+|gerant\w*|medecin|cadre|service|pole|association|fondation|ehpad|groupe|residence|manager|head|officer)\b"
)
_OFFICE = re.compile(
    r"(?:(?:pour|p/) )?(?:(?:mme|madame|m\.|mr|monsieur) )?(?:le |la |l'|les )?(?:vice-|co-)?(?:direct(?:rice|eur|ion)|president\w*|secretai\w+|secretariat|responsable|chef\w*|coordinat\w+|coordonnat\w+|charge\w? de?|assistante?|gestionnaire|referente?|administrat(?:eur|rice)|[dr]si|rssi|r?dpo|daf|comptable|tresori\w+|gerante?|medecin|cadre|controleu\w+|juriste|siege|cellule|equipe|service|pole|standard|intendant\w*|infirmi\w+|educat\w+|regisseu\w+|contr[oô]le de gestion|informatici\w+|technicien\w*|conseill\w+|delegue\w*|economiste|psychologue|ingenieur\w*|manager|project office)\b"
)
_OPEN_QUOTED = re.compile(r"\s*[«\"“].*[»\"”]\s*")
_FINESS = re.compile(r"\bfiness\b|\bessms\b|\bplaces\b|\bcampagne\b|\bdui\b", re.IGNORECASE)
_DELIMITER = re.compile(r"\s*(?:--|—|__|-- ?|_{3,}|-{3,}|\*{3,}|={3,}|~{3,})\s*")

_MOBILE = re.compile(
    r"\W{0,3}(?:(?:envoy[ée]|sent|exp[ée]di[ée]|[ée]crit|enviado|gesendet|message envoy[ée])[ \u00a0]+(?:de|depuis|[àa] partir d|avec|from|via|using|by|mit|von|desde|gr[âa]ce [àa])(?:e |['’]| )?.{0,70}(?:iphone|ipad|android|mobile|smartphone|t[ée]l[ée]phone|samsung|galaxy|huawei|xiaomi|outlook|yahoo|gmail|blackberry|proton\w*|orange|sfr|mail|courrier|tablette|thunderbird|bouygues|free|portable|handy).{0,40}"
    r"|(?:t[ée]l[ée]charge[rz]?|obtenez|obtenir|get|download) .{0,12}outlook (?:pour|for) .{0,80}|provenance : courrier.{0,40}|get bluemail.{0,40})",
    re.IGNORECASE,
)
_THIS = r"(?:ce(?:t|s)?|le pr[ée]sent|this|the) (?:message|courriel|courrier|mail|e-?mail|m[ée]l|communication|transmission)s?"
# What a mail system says of the message itself; none of it asks anything.
_NOTICE = re.compile(
    rf"\b{_THIS}\b.{{0,120}}(?:confidentiel|confidential|privileged|secret professionnel)|\b{_THIS}\b.{{0,100}}(?:destin[ée]e?s?|adress[ée]e?s?|r[ée]serv[ée]e?s?|intended|[àa] l['’](?:attention|usage|intention))\b.{{0,40}}(?:exclusi|unique|seul|only|sole|personne)|\b{_THIS}\b.{{0,100}}(?:exclusi|unique|seul)\w* (?:[àa] (?:l['’]attention|son|ses|leur)|destin|adress|r[ée]serv|pour (?:son|ses|leur))"
    r"|(?:si vous (?:n['’][êe]tes pas|(?:l['’])?avez re[çc]u|(?:le |la )?recevez)|if you (?:are not|have received|received|receive)).{0,60}(?:destinataire|par erreur|intended|in error|by mistake)"
    r"|\b(?:l['’]absence de|garanti sans|exempt de(?: tout)?|aucun|ne contient pas de) virus|(?:v[ée]rifi|analys|scann)\w+ (?:[àa] l['’]aide|par|by|with|for) .{0,50}(?:anti-?virus|avast|avg|virus)|virus[- ]free|avast\.com"
    r"|\b(?:tout(?:e)? (?:diffusion|utilisation|publication|reproduction|copie)|any (?:use|review|dissemination|distribution|unauthori[sz]ed)).{0,100}(?:interdit|prohib|strictly|non autoris[ée]e (?:est|de ce))"
    r"|(?:d[ée]cline(?:nt)?|ne (?:saurai(?:t|ent)|peu(?:t|vent)|pourra)).{0,30}(?:toute responsabilit[ée]|[êe]tre tenue?s? (?:pour )?responsable).{0,80}(?:\bmessage|alt[ée]r|falsifi|int[ée]grit[ée])"
    r"|(?:courriel|message|mail|e-?mail|exp[ée]diteur|sender)\b.{0,30}\b(?:provient de l['’]ext|provient d['’]un exp|originated|ext[ée]rieur [àa] l|from outside|externe [àa] l)|ne cliquez pas sur|^\W*\[?(?:exp[ée]diteur|courriel|message|mail|e-?mail) externe\]?\W*$"
    r"|vous (?:recevez|avez re[çc]u) (?:ce|cet) .{0,30}\bcar\b|donn[ée]es (?:[àa] caract[èe]re )?personnel\w*.{0,120}(?:vous disposez|droits? d['’](?:acc[èe]s|opposition)|politique de)|droit [àa] la d[ée]connexion",
    re.IGNORECASE,
)
# What asks something of any reader, and of nobody in particular.
_SLOGAN = re.compile(
    r"\bpens(?:ez|er|ons) (?:[àa] (?:l['’ ]\s?environnement|la plan[èe]te)|vert)|\bpr[ée]serv\w+ (?:l['’ ]\s?environnement|la plan[èe]te|nos (?:ressources|for[êe]ts))|\bgeste pour (?:l['’ ]\s?environnement|la plan[èe]te)|\bimprim\w+ (?:(?:que )?(?:ce|cet|le pr[ée]sent|ces) )(?:message|mail|courriel|courrier|e-?mail|m[ée]l)|\bn['’]imprimez (?:ce|cet|que|pas)|save (?:paper|trees)|please consider the environment|think before (?:you print|printing)"
    r"|\bprofitez d.{0,40}\boffres?\b|\b(?:suivez|retrouvez|rejoignez)-nous\b|^\W*(?:(?:facebook|linkedin|twitter|instagram|youtube)\W{1,5}){2,}|se d[ée]sinscrire|se d[ée]sabonner|d[ée]sabonnez-vous|\bunsubscribe\b",
    re.IGNORECASE,
)
_BANNER = re.compile(
    r"(?:attention|caution|avertissement|prudence|externe|external)\b.{0,60}\b(?:message|mail|courriel|e-?mail|exp[ée]diteur|sender|email)\b.{0,60}\b(?:ext[ée]rieur|externe|external|outside|ext[ée]rieure)\b|ne cliquez pas sur|do not click|^\W*\[?(?:exp[ée]diteur|courriel|message|mail|e-?mail) (?:externe|ext[ée]rieur)\]?\W*$|^\W*\[?(?:externe|external)\]?\W*$|vous n['’]obtenez pas souvent d|you don['’]t often get email",
    re.IGNORECASE,
)


def part_ending(lines: Sequence[str], sender: Address | None) -> Ending:
    """Return what lines say without their signature and notices, and these.

    A question or a post-scriptum under the closing formula is written; closing words within a text close nothing.
    """
    kinds = [_Part.WRITTEN] * len(lines)
    _find_banner(lines, kinds)
    body = max(0, len(lines) - _TAIL)
    tail, ends = lines[body:], kinds[body:]
    _find_notices(tail, ends)
    _find_mobile(tail, ends)
    _find_closings(tail, ends, sender)
    if not _is_signed(tail, ends):
        _find_block(tail, ends, sender)
    kinds[body:] = ends
    return Ending(*(_joined(lines, kinds, kind) for kind in _Part))


def _is_signed(lines: Sequence[str], kinds: Sequence[_Part]) -> bool:
    """Whether the last thing written is followed by a signature, a mobile phone's line apart."""
    last = max(
        (place for place, kind in enumerate(kinds) if kind is _Part.WRITTEN and lines[place].strip()),
        default=-1,
    )
    return any(
        kind is _Part.SIGNATURE and not _MOBILE.fullmatch(lines[place].strip()[:200])
        for place, kind in enumerate(kinds)
        if place > last
    )


def _joined(lines: Sequence[str], kinds: Sequence[_Part], wanted: _Part) -> str:
    kept: list[str] = []
    gap = False
    for line, kind in zip(lines, kinds, strict=True):
        if kind is wanted and line.strip():
            kept += [""] * (gap and bool(kept))
            kept.append(line.rstrip())
            gap = False
        else:
            gap = True
    return "\n".join(kept).strip("\n")


def _paragraphs(lines: Sequence[str], start: int = 0) -> Iterator[range]:
    """Yield the lines of each paragraph."""
    begun = None
    for place in range(start, len(lines) + 1):
        is_empty = place == len(lines) or not lines[place].strip()
        if is_empty and begun is not None:
            yield range(begun, place)
            begun = None
        elif not is_empty and begun is None:
            begun = place


def _plain(line: str) -> str:
    return fold(line[:_LOOKED_AT]).plain.strip(" *_\t")


def _find_banner(lines: Sequence[str], kinds: list[_Part]) -> None:
    """Mark the warnings that a mail system puts above a message from outside."""
    for paragraph in _paragraphs(lines):
        text = " ".join(lines[place][:_LOOKED_AT] for place in paragraph[:8])
        is_banner = len(paragraph) <= 6 and _BANNER.search(text[:600]) and not _ASKS.search(text)
        if not is_banner or _is_greeting(lines[paragraph[-1]]):
            return
        _mark(kinds, paragraph, _Part.DISCLAIMER)


def _find_notices(lines: Sequence[str], kinds: list[_Part]) -> None:
    """Mark the notices under a message, each from its first line on."""
    opening = next((place for place, line in enumerate(lines) if line.strip()), 0)
    for paragraph in _paragraphs(lines):
        text = "\n".join(lines[place][:2000] for place in paragraph)[:4000]
        flat = text.replace("\n", " ")
        told = list(islice(_NOTICE.finditer(flat), 2))
        found = told[0] if told else None
        slogan = _SLOGAN.search(flat)
        # One that asks (« Vous n’êtes pas le destinataire ? ») is told by two marks at least.
        if found and (paragraph[0] == opening or (len(told) < 2 and _asks(text[found.start() :]))):
            found = None  # of the text itself
        starts = [match.start() for match in (found, slogan) if match]
        if not starts:
            continue
        first = paragraph[text.count("\n", 0, min(starts))]
        if len(text[: min(starts)].rpartition("\n")[2]) <= _BEFORE:
            _mark(kinds, range(first, paragraph.stop), _Part.DISCLAIMER)


def _asks(text: str) -> bool:
    """Whether a text asks something that is no slogan."""
    return any(_ASKS.search(line) and not _SLOGAN.search(line) for line in text.split("\n"))


def _is_greeting(line: str) -> bool:
    return _plain(line).startswith(("bonjour", "bonsoir", "madame", "monsieur", "mesdames"))


def _find_mobile(lines: Sequence[str], kinds: list[_Part]) -> None:
    for place, line in enumerate(lines):
        if len(line) <= 200 and _MOBILE.fullmatch(line.strip()):
            kinds[place] = _Part.SIGNATURE


def _mark(kinds: list[_Part], places: range, kind: _Part) -> None:
    for place in places:
        kinds[place] = kind


def _find_closings(lines: Sequence[str], kinds: list[_Part], sender: Address | None) -> None:
    """Mark what stands under each closing formula or delimiter, up to what asks or tells."""
    opening = next((place for place, line in enumerate(lines) if line.strip()), 0)
    place = opening
    while place < len(lines):
        if kinds[place] is _Part.WRITTEN and lines[place].strip():
            end = _closing_end(lines, place, place == opening)
            if end is not None:
                is_marked = bool(_DELIMITER.fullmatch(lines[place]))
                if is_marked and not _signs(lines, kinds, end, sender):
                    place += 1
                    continue
                if end == place + 1 and not _is_courtesy(lines, place):
                    kinds[place] = _Part.SIGNATURE
                place = _sign(lines, kinds, end, sender)
                continue
        place += 1


def _is_courtesy(lines: Sequence[str], place: int) -> bool:
    plain = _plain(lines[place])
    return bool(_COURTESY.search(plain)) or bool(_THANKS.fullmatch(plain.strip(" ,.!")))


def _closing_end(lines: Sequence[str], place: int, is_opening: bool) -> int | None:
    """Return the line after a closing formula or a delimiter that begins here."""
    line = lines[place].strip()
    if _DELIMITER.fullmatch(line):
        return place + 1
    if len(line) > _LOOKED_AT:
        return None
    plain = _plain(line)
    if _is_formula(line, plain) and not (is_opening and not _only_signs(lines, place + 1)):
        return place + 1
    if _COURTESY.search(plain):
        for end in range(place, min(place + 4, len(lines))):
            if not lines[end].strip():
                return None
            if _COURTESY_END.search(_plain(lines[end])):
                return end + 1
        return None
    if not is_opening and _THANKS.fullmatch(plain.strip(" ,.!")) and _only_signs(lines, place + 1):
        return place + 1
    return None


def _is_formula(line: str, plain: str) -> bool:
    """Whether a line is closing phrases and nothing else, but for thanks before them and a name after them."""
    if len(line) > 120:
        return False
    pieces = [piece for piece in _PIECES.split(plain.strip(" ,.!")) if piece]
    closes = [bool(_PHRASE.fullmatch(piece)) for piece in pieces]
    if not any(closes):
        return False
    last = len(pieces) - 1
    return all(
        closed
        or _THANKS.fullmatch(piece)
        or (
            rank == last
            and rank > 0
            and len(piece.split()) <= _NAME_WORDS
            and not _TELLS.search(piece)
            and "?" not in piece
        )
        for rank, (piece, closed) in enumerate(zip(pieces, closes, strict=True))
    )


def _only_signs(lines: Sequence[str], start: int) -> bool:
    rest = [line for line in lines[start:] if line.strip()]
    return 0 < len(rest) <= _BLOCK and not any(
        len(line) > 80 or _LISTED.match(line) or _says(line) for line in rest
    )


def _signs(lines: Sequence[str], kinds: Sequence[_Part], start: int, sender: Address | None) -> bool:
    """Whether what stands under a delimiter is a signature: no rule between two parts of a text."""
    under = next(iter(_paragraphs(lines, start)), None)
    if under is None or _DELIMITER.fullmatch(lines[under[0]]):
        return False
    if kinds[under[0]] is not _Part.WRITTEN:
        return True
    if len(lines[start - 1].strip()) > 2 and not any(
        _CONTACT.search(lines[place]) or _is_name(lines[place], sender) for place in under[:_BLOCK]
    ):
        return False
    return _told_from(lines, under) != under[0]


def _sign(lines: Sequence[str], kinds: list[_Part], start: int, sender: Address | None) -> int:
    """Mark the signature from a line on; return where something else is written, or the end."""
    for paragraph in _paragraphs(lines, start):
        told = _told_from(lines, paragraph)
        for place in paragraph:
            if place == told:
                return _after(lines, kinds, paragraph, told, sender)
            if kinds[place] is _Part.WRITTEN:
                kinds[place] = _Part.SIGNATURE
    return len(lines)


def _after(
    lines: Sequence[str], kinds: list[_Part], paragraph: range, told: int, sender: Address | None
) -> int:
    """Leave what is written under a signature, but for the lines after it that give a name or where to reach it."""
    for following in _paragraphs(lines, paragraph.stop):
        if any(_closing_end(lines, place, False) is not None for place in following):
            return paragraph.stop
        if _told_from(lines, following) is not None:
            continue
        if any(_PHONE.search(lines[place]) for place in following) or _is_name(lines[following[0]], sender):
            _mark_written(kinds, following)
    return max(paragraph.stop, told + 1)


def _mark_written(kinds: list[_Part], places: range) -> None:
    for place in places:
        if kinds[place] is _Part.WRITTEN:
            kinds[place] = _Part.SIGNATURE


def _told_from(lines: Sequence[str], paragraph: range) -> int | None:
    """Return the line of a paragraph from which it asks, adds or tells something; ``None`` when it only signs."""
    listed = [
        place for place in paragraph if _LISTED.match(lines[place]) and not _CONTACT.search(lines[place])
    ]
    if len(listed) > 1 or (listed and listed[0] > 0 and lines[listed[0] - 1].rstrip().endswith(":")):
        first = listed[0]
        return first - 1 if first > paragraph[0] and lines[first - 1].rstrip().endswith(":") else first
    for place in paragraph:
        line = lines[place]
        if _AFTERTHOUGHT.match(line):
            return place
        if _says(line):
            first = place
            while (
                first > paragraph[0]
                and len(lines[first - 1]) >= _LONG
                and not _CONTACT.search(lines[first - 1])
            ):
                first -= 1
            return first
    return None


def _says(line: str) -> bool:
    """Whether a line asks, or tells something in a sentence."""
    if len(line) > _LOOKED_AT or _AFTERTHOUGHT.match(line):
        return True
    if _ASKS.search(line) and not _SLOGAN.search(line) and not _OPEN_QUOTED.fullmatch(line):
        return True
    if _FINESS.search(line) and any(map(str.isdigit, line)):
        return True
    plain = _plain(line)
    words = 0 if _OPEN_QUOTED.fullmatch(line) else len(plain.split())
    return words >= 5 and bool(_TELLS.search(plain)) and not _PHONE.search(line)


def _is_name(line: str, sender: Address | None) -> bool:
    """Whether a line is the sender's name, or words in capitals as names are."""
    bare = line.strip(" *_,\t")
    if sender and sender.name and fold(sender.name[:_LOOKED_AT]).plain == _plain(line).strip(","):
        return True
    words = bare.split()
    if bare.isupper():  # a message in capitals: its words are no names
        return False
    return 1 < len(words) <= _NAME_WORDS and all(word[:1].isupper() or word.lower() in ("de", "du", "d’", "le", "la") for word in words) and not any(map(str.isdigit, bare)) and bare[-1:] not in ".:;!?"  # fmt: skip


def _find_block(lines: Sequence[str], kinds: list[_Part], sender: Address | None) -> None:
    """Mark a signature without a closing formula: the last lines, from one that names a person or an office on."""
    block: list[int] = []
    for place in range(len(lines) - 1, 0, -1):
        line = lines[place]
        if kinds[place] is not _Part.WRITTEN or not line.strip():
            continue
        if len(block) == _BLOCK or not _may_sign(line):
            break
        block.append(place)
    block.reverse()
    first = next((rank for rank, place in enumerate(block) if _names(lines[place], sender)), None)
    if first is None:
        contacts = [place for place in block if _PHONE.search(lines[place])]
        roles = [place for place in block if _ROLE.search(_plain(lines[place]))]
        first = 0 if contacts and roles else None
    if first is not None:
        for place in block[first:]:
            kinds[place] = _Part.SIGNATURE


def _may_sign(line: str) -> bool:
    bare = line.strip(" *_\t")
    if len(bare) > 110 or _LISTED.match(line) or _says(line) or bare.endswith((":", ";", "?", "!")):
        return False
    return not bare.endswith((".", ",")) or bool(_PHONE.search(bare)) or len(bare.split()) <= _NAME_WORDS


def _names(line: str, sender: Address | None) -> bool:
    """Whether a line is a person's name, or an office and nothing else: « La directrice de l’EHPAD d’exemple »."""
    if _is_name(line, sender):
        return True
    plain = _plain(line).strip(" ,.")
    return len(plain) <= 90 and bool(_OFFICE.match(plain))
