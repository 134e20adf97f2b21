"""Names of files are safe on any system and can be read; subjects are answered once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.drafting.exporting import file_name
from assistant.drafting.exporting.outgoing import bare_subject, reply_subject


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("Re: Seuil de 15 ESSMS ? (Bretagne/Corse)", "Seuil de 15 ESSMS (Bretagne Corse).eml"),
        ("../../etc/passwd", "etc passwd.eml"),
        ("CON", "lettre CON.eml"),
        ("nul.txt", "lettre nul.txt.eml"),
        ("", "lettre.eml"),
        (" . ", "lettre.eml"),
        ("facture\u202egpj.exe", "facturegpj.exe.eml"),
        ("a\r\nb", "a b.eml"),
        ("Éligibilité d’été", "Éligibilité d été.eml"),
    ],
)
def test_names_are_readable_and_safe(subject, name):
    assert file_name(subject, "eml") == name


@given(st.text(max_size=400))
def test_any_subject_gives_a_name_that_systems_accept(subject):
    name = file_name(subject, "docx")
    assert name.endswith(".docx")
    assert len(name.encode()) <= 210
    assert not set(name) & set('<>:"/\\|?*\r\n\t\x00')
    assert name[0] not in ". -"


def test_an_unknown_extension_is_a_mistake_of_the_program():
    with pytest.raises(ValueError, match="exe"):
        file_name("x", "exe")


@pytest.mark.parametrize(
    ("subject", "bare"),
    [
        ("Question", "Question"),
        ("Re: Question", "Question"),
        ("RE : Question", "Question"),
        ("RE\u00a0: Question", "Question"),
        ("Re: TR: Fwd: RE: Question", "Question"),
        ("Re[2]: Question", "Question"),
        ("[EXTERNE] RE: Question", "[EXTERNE] Question"),
        ("RE: [EXTERNE] Re: Question", "[EXTERNE] Question"),
        ("Relance : Question", "Relance : Question"),
        ("Réf : dossier", "Réf : dossier"),
        ("Trame: x", "Trame: x"),
    ],
)
def test_prefixes_are_never_doubled(subject, bare):
    assert bare_subject(subject) == bare
    assert reply_subject(subject) == f"Re: {bare}"


def test_a_message_without_subject_is_answered_as_such():
    assert reply_subject("Re: ") == "Re: votre message"
