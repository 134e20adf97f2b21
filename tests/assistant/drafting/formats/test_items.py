"""Folders, mboxes and tables give their messages one by one, in order, each failing alone."""

from __future__ import annotations

import codecs
import os
from pathlib import Path

import pytest

from assistant.drafting.formats import items, iterate, read_messages
from assistant.drafting.message import Address
from assistant.errors import InputError

EML = "From: a@example.org\nSubject: {0}\nMessage-ID: <{0}@example.org>\n\nTexte {0}\n"
FROM = "From a@example.org Mon Jun  2 10:12:00 2025\n"


def mbox(path: Path, *bodies: str) -> Path:
    path.write_bytes(
        "\n".join(FROM + EML.format(rank) + body for rank, body in enumerate(bodies, 1)).encode()
    )
    return path


def test_a_folder_gives_its_messages_in_order_and_those_inside_it(tmp_path: Path) -> None:
    (tmp_path / "b" / "c").mkdir(parents=True)
    (tmp_path / "b" / "c" / "deux.txt").write_text("Deux", encoding="utf-8")
    (tmp_path / "a.eml").write_text(EML.format(1), encoding="utf-8")
    (tmp_path / ".cache").write_text("x", encoding="utf-8")
    (tmp_path / "z.png").write_bytes(b"\x89PNG\r\n")
    mbox(tmp_path / "boite.mbox", "", "")
    found = list(iterate(tmp_path))
    assert [item.id for item in found] == [
        "a.eml",
        "b/c/deux.txt",
        "boite.mbox#0001",
        "boite.mbox#0002",
        "z.png",
    ]
    assert [item.read().text for item in found[:4]] == ["Texte 1", "Deux", "Texte 1", "Texte 2"]
    with pytest.raises(InputError, match="image"):
        found[4].read()


def test_a_link_to_a_folder_is_not_followed_and_a_folder_may_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "reponses").mkdir()
    (tmp_path / "reponses" / "a.md").write_text("x", encoding="utf-8")
    (tmp_path / "b.txt").write_text("x", encoding="utf-8")
    (tmp_path / "boucle").symlink_to(tmp_path)
    assert [item.id for item in iterate(tmp_path, [tmp_path / "reponses"])] == ["b.txt"]


def test_a_file_that_goes_away_fails_alone(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.txt").write_text(name, encoding="utf-8")
    first, second = iterate(tmp_path)
    (tmp_path / "a.txt").unlink()
    with pytest.raises(InputError, match="introuvable"):
        first.read()
    assert second.read().text == "b"


def test_a_broken_table_in_a_folder_is_one_failing_item(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x;y\n1;2\n", encoding="utf-8")
    (tmp_path / "b.txt").write_text("b", encoding="utf-8")
    broken, good = iterate(tmp_path)
    with pytest.raises(InputError, match="corps"):
        broken.read()
    assert (broken.id, good.read().text) == ("a.csv", "b")


def test_too_many_messages_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(items, "MAXIMUM_ITEMS", 2)
    for name in "abc":
        (tmp_path / f"{name}.txt").write_text(name, encoding="utf-8")
    with pytest.raises(InputError, match="plus de 2 messages"):
        list(iterate(tmp_path))


def test_what_is_missing_or_unreadable_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="introuvable"):
        list(iterate(tmp_path / "absent"))
    assert list(iterate(tmp_path)) == []
    if os.geteuid():
        (tmp_path / "ferme").mkdir(mode=0)
        with pytest.raises(InputError, match="droits"):
            list(iterate(tmp_path))


def test_an_mbox_is_cut_only_where_messages_begin(tmp_path: Path) -> None:
    path = mbox(
        tmp_path / "boite",
        "From the beginning of 2025\nFrom x 2025\n",  # follows no empty line
        "\n>From moi\n>>From lui\n\nFrom Paris, bonjour\n",
        "",
    )
    texts = [message.text for message in read_messages(path)]
    assert texts == [
        "Texte 1\nFrom the beginning of 2025\nFrom x 2025",
        "Texte 2\n\nFrom moi\n>From lui\n\nFrom Paris, bonjour",
        "Texte 3",
    ]


def test_an_mbox_with_windows_line_ends_is_read(tmp_path: Path) -> None:
    path = mbox(tmp_path / "boite.mbox", "", "")
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert [message.text for message in read_messages(path)] == ["Texte 1", "Texte 2"]


ROWS = 'id;date;from;to;subject;body\nA1;02/06/2025 10:12;Direction <d@example.org>;s@example.net;Délai;"Bonjour,\n\nQuel délai ; et quand ?"\nA2;;;;;Deuxième\n'


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_table_is_read_in_each_encoding_and_separator(tmp_path: Path, codec: str, delimiter: str) -> None:
    text = ROWS.replace(";", delimiter).replace(f"délai {delimiter} et", "délai ; et")
    path = tmp_path / "lot.csv"
    path.write_bytes(text.replace(f"Quel délai {delimiter} et", "Quel délai ; et").encode(codec))
    first, second = (item.read() for item in iterate(path))
    assert first.text == "Bonjour,\n\nQuel délai ; et quand ?"
    assert (first.subject, first.sender) == ("Délai", Address("Direction", "d@example.org"))
    assert first.sent is not None
    assert (first.sent.day, first.sent.month, first.sent.hour) == (2, 6, 10)
    assert second.text == "Deuxième"


@pytest.mark.parametrize(
    "header",
    [
        "De;Objet;Corps",
        "Expéditeur;Sujet;Message",
        "FROM;SUBJECT;BODY",
        "Adresse e-mail;Titre;Texte",
        '"De: (Adresse)";"Objet";"Corps"',
        "sep=;\nfrom;subject;body",
    ],
)
def test_columns_are_named_in_french_or_in_english(tmp_path: Path, header: str) -> None:
    path = tmp_path / "lot.csv"
    path.write_text(f"{header}\nd@example.org;Délai;Quand ?\n", encoding="utf-8")
    (message,) = read_messages(path)
    assert (message.sender, message.subject, message.text) == (
        Address("", "d@example.org"),
        "Délai",
        "Quand ?",
    )


def test_rows_without_a_body_fail_alone_and_ids_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "lot.csv"
    path.write_text("id;body\nA;Un\n;\nA;Deux\nB;\n;Trois;en trop\n", encoding="utf-8")
    found = list(iterate(path))
    assert [item.id for item in found] == ["lot.csv#A", "lot.csv#ligne 2", "lot.csv#B", "lot.csv#ligne 4"]
    assert [found[rank].read().text for rank in (0, 1, 3)] == ["Un", "Deux", "Trois"]
    with pytest.raises(InputError, match="corps"):
        found[2].read()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"a;b\n1;2\n",
        b"body",
        b"\x00\x00",
        b'body\n"' + b"x" * 5_000_000,
        codecs.BOM_UTF8,
    ],
)
def test_a_table_that_is_none_is_refused_or_empty(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "lot.csv"
    path.write_bytes(raw)
    if raw == b"body":
        assert list(iterate(path)) == []
        return
    with pytest.raises(InputError, match=r"\.$"):
        list(read_messages(path))


def test_the_ids_are_the_same_from_one_run_to_the_next(tmp_path: Path) -> None:
    mbox(tmp_path / "boite.mbox", "", "")
    (tmp_path / "lot.csv").write_text(ROWS, encoding="utf-8")
    assert [item.id for item in iterate(tmp_path)] == [item.id for item in iterate(tmp_path)]
    assert len({item.id for item in iterate(tmp_path)}) == 4
