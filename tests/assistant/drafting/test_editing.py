"""A letter that a person edited: one paragraph made again, one put in, its numbers followed."""

from __future__ import annotations

import pytest

from assistant.drafting.editing import blocks_of, insert_paragraph, renumber, replace_paragraph

LETTER = "Madame,\n\n**1. « Quel seuil ? »**\n\nQuinze ESSMS. [1]\n\n**2. « Quelle date ? »**\n\nLe 15 septembre. [2]\n\nVous pouvez déposer.\n\nBien cordialement,"
FIRST = "**1. « Quel seuil ? »**\n\nQuinze ESSMS. [1]"
SECOND = "**2. « Quelle date ? »**\n\nLe 15 septembre. [2]\n\nVous pouvez déposer."


def test_a_paragraph_left_as_it_was_is_replaced_and_nothing_else() -> None:
    assert replace_paragraph(LETTER, FIRST, "**1. « Quel seuil ? »**\n\nHuit. [3]") == LETTER.replace(
        "Quinze ESSMS. [1]", "Huit. [3]"
    )
    assert (
        replace_paragraph(LETTER, SECOND, "Deux.")
        == "Madame,\n\n**1. « Quel seuil ? »**\n\nQuinze ESSMS. [1]\n\nDeux.\n\nBien cordialement,"
    )


def test_an_edited_paragraph_is_told_by_its_heading_then_by_its_likeness() -> None:
    edited = LETTER.replace("Quinze ESSMS. [1]", "Le seuil est celui de l’instruction, tout bien considéré.")
    assert replace_paragraph(edited, FIRST, "Neuf.") == edited.replace(
        "**1. « Quel seuil ? »**\n\nLe seuil est celui de l’instruction, tout bien considéré.", "Neuf."
    )
    bare = "Madame,\n\nQuinze ESSMS au moins. [1]\n\nBien cordialement,"
    assert replace_paragraph(bare, "Quinze ESSMS. [1]", "Neuf.") == "Madame,\n\nNeuf.\n\nBien cordialement,"


@pytest.mark.parametrize(
    "text", ["", "Madame,", "Tout autre chose, sans aucun rapport avec ce qui était écrit."]
)
def test_a_paragraph_taken_out_is_not_replaced(text: str) -> None:
    assert replace_paragraph(text, FIRST, "Neuf.") is None


def test_a_paragraph_is_put_before_what_follows_or_at_the_end() -> None:
    assert blocks_of(insert_paragraph(LETTER, "Nouveau.", ["Bien cordialement,"]))[-2:] == [
        "Nouveau.",
        "Bien cordialement,",
    ]
    assert (
        blocks_of(insert_paragraph(LETTER, "Nouveau.", ["Absent du texte, entièrement."]))[-1] == "Nouveau."
    )
    assert insert_paragraph("", "Nouveau.", []) == "Nouveau."


def test_markers_follow_their_citations() -> None:
    def citation(number: int, name: str) -> dict[str, object]:
        return {"number": number, "id": name, "location": "p. 1", "excerpt": "…"}

    before = [citation(1, "a"), citation(2, "b"), citation(3, "c")]
    after = [citation(1, "b"), citation(2, "a")]
    assert (
        renumber("Un [1], deux [2][1], trois [3], année [2025].", before, after)
        == "Un [2], deux [1][2], trois [3], année [2025]."
    )
