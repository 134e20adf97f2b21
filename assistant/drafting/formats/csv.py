"""A CSV of messages, one a row, separated by semicolons, commas or tabs, its columns named in French or in English.

Columns (any order, any case; only the body is required): ``id``, ``date``, ``from`` (« de », « expéditeur »), ``to``
(« à », « destinataire »), ``cc``, ``subject`` (« objet », « sujet »), ``body`` (« corps », « message », « texte »). What
Outlook exports (« De : (nom) », « De : (adresse) ») is read too; other columns are left aside.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from assistant.drafting.addresses import read_address
from assistant.drafting.formats.charsets import clean_lines, decode
from assistant.drafting.formats.limits import MAXIMUM_CSV, MAXIMUM_ITEMS, MAXIMUM_TEXT, MEGABYTE
from assistant.drafting.formats.moments import read_moment
from assistant.drafting.formats.text import message_of
from assistant.drafting.message import Address, Message
from assistant.errors import InputError
from assistant.understanding.text import fold

COLUMNS = ("id", "date", "from", "to", "cc", "subject", "body")

_NAMES = {
    "id": "id identifiant numero n° no ref reference cle key uid",
    "date": "date envoye envoye_le sent recu recu_le received date_d_envoi date_envoi date_de_reception date_reception jour horodatage timestamp",
    "name": "de_nom from_name nom_expediteur nom_de_l_expediteur sender_name nom name",
    "from": "de from expediteur emetteur sender auteur de_adresse from_address adresse email e_mail mail courriel adresse_mail adresse_e_mail adresse_email adresse_electronique adresse_expediteur adresse_de_l_expediteur demandeur contact",
    "to": "a to destinataire destinataires recipient recipients pour a_adresse to_address",
    "cc": "cc copie copie_a cc_adresse cc_address",
    "subject": "objet subject sujet titre title",
    "body": "corps body message texte text contenu content corps_du_message question demande description mail_body",
}
_KIND = {name: kind for kind, names in _NAMES.items() for name in names.split()}
_WORD = re.compile(r"[^a-z0-9°]+")
_DELIMITERS = ";,\t|"
_FIELD = 4 * MAXIMUM_TEXT
_EXPECTED = "Colonnes attendues\u00a0: id;date;from;to;subject;body (ou de;à;objet;corps), séparées par des points-virgules, des virgules ou des tabulations."  # fmt: skip


def rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the number of each row, from 1, and what it says by kind of column; empty rows are left out.

    Raises:
        InputError: The file is too large, has no column for the body, or is no CSV.
    """
    if path.stat().st_size > MAXIMUM_CSV:
        raise InputError(f"{path.name} pèse plus de {MAXIMUM_CSV // MEGABYTE} Mo\u00a0: découpez ce tableau.")
    text = clean_breaks(decode(path.read_bytes()).text)
    if not text.strip():
        raise InputError(f"{path.name} est vide. {_EXPECTED}")
    csv.field_size_limit(_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        header = [_kind(name) for name in next(reader)]
        while header and not any(header):  # « sep=; », a title
            header = [_kind(name) for name in next(reader)]
    except (csv.Error, StopIteration) as error:
        raise InputError(f"{path.name}\u00a0: aucune ligne ne nomme les colonnes. {_EXPECTED}") from error
    if "body" not in header:
        raise InputError(f"{path.name}\u00a0: aucune colonne ne contient le corps des messages. {_EXPECTED}")
    yield from _said(path, reader, header, _swallowed(header, _delimiter(text)))


def _swallowed(header: list[str], delimiter: str) -> re.Pattern[str] | None:
    """Return what tells that an unclosed quote took the next row in: a line of a cell with as many columns as a row."""
    if len(header) < 3:
        return None
    return re.compile(rf"\n(?:[^\n{re.escape(delimiter)}]*{re.escape(delimiter)}){{{len(header) - 1}}}")


def _said(
    path: Path, reader: Iterator[list[str]], header: list[str], swallowed: re.Pattern[str] | None
) -> Iterator[tuple[int, dict[str, str]]]:
    number = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:  # a field beyond all bounds, which ends the reading of its line only
            cells = []
            number += 1
            yield number, {}
            continue
        if not any(cell.strip() for cell in cells):
            continue
        number += 1
        if number > MAXIMUM_ITEMS:
            raise InputError(f"{path.name} compte plus de {MAXIMUM_ITEMS} lignes\u00a0: découpez ce tableau.")
        if swallowed and any(swallowed.search(cell) for cell in cells):
            yield number, {}  # two messages in one cell: neither is answered for the other
            continue
        said: dict[str, str] = {}
        for kind, cell in zip(header, cells, strict=False):
            if kind and cell.strip():
                said.setdefault(kind, cell.strip())
        yield number, said


def clean_breaks(text: str) -> str:
    """Return a text without null characters, which the reader of CSV refuses."""
    return text.replace("\x00", "")


def _delimiter(text: str) -> str:
    """Return what separates the columns: the sign that names the most of them in the first lines."""
    best, most = ";", 0
    for line in text[:20_000].split("\n")[:5]:
        for sign in _DELIMITERS:
            known = len({kind for cell in line.split(sign) if (kind := _kind(cell.strip(' "\r')))})
            if known > most:
                best, most = sign, known
        if most > 1:
            break
    return best


def _kind(name: str) -> str:
    plain = _WORD.sub("_", fold(name[:60]).plain).strip("_")
    return _KIND.get(plain, "")


def message_of_row(said: dict[str, str]) -> Message:
    """Return the message of a row.

    Raises:
        InputError: Its body is empty or unreadable.
    """
    if "body" not in said:
        raise InputError(
            "La ligne n’a pas de corps de message, ou il est illisible\u00a0: complétez la colonne du corps."
        )
    read = message_of(said["body"])
    sender = _sender(said)
    return Message(
        text=read.text,
        subject=_line(said.get("subject", "")) or read.subject,
        sender=sender or read.sender,
        to=_several(said.get("to", "")) or read.to,
        cc=_several(said.get("cc", "")) or read.cc,
        sent=read_moment(said.get("date", "")) or read.sent,
        notices=read.notices,
    )


def _sender(said: dict[str, str]) -> Address | None:
    given = read_address(said.get("from", ""))
    named = read_address(said.get("name", ""))
    if given and named and not given.name:
        return Address(named.name, given.address)
    return given or named


def _several(written: str) -> tuple[Address, ...]:
    found = (read_address(one) for one in re.split(r"[;,]", written)[:100])
    return tuple(address for address in found if address is not None)


def _line(text: str) -> str:
    return " ".join(clean_lines(text).text.split())[:1000]
