"""The small Markdown of a letter is read for what it means; everything else stays as it was typed."""

from __future__ import annotations

import time

import pytest

from assistant.drafting.exporting import as_html, as_plain
from assistant.drafting.exporting.letter import MAXIMUM, Listing, Paragraph, References, Run, read
from assistant.errors import InputError


def test_a_marker_is_raised_and_never_opens_a_line():
    (paragraph,) = read("Quinze ESSMS [1][2].")
    assert paragraph.runs == (
        Run("Quinze ESSMS\u00a0"),
        Run("[1]", marker=True),
        Run("[2]", marker=True),
        Run("."),
    )


def test_the_final_list_of_references_is_told_apart_with_all_its_numbers():
    blocks = read(
        "Réponse [1].\n\nSources citées :\n\n- [1][3] Éditeur — <https://example.org/a>\n- [2] Autre"
    )
    assert isinstance(blocks[-1], References)
    assert [entry.label for entry in blocks[-1].entries] == ["[1][3]", "[2]"]
    assert blocks[-1].entries[0].runs[-1].link == "https://example.org/a"
    assert blocks[1].introduces


def test_references_as_lines_are_read_as_well():
    blocks = read("Texte [1].\n\n[1] Un\n[2] Deux")
    assert [entry.label for entry in blocks[-1].entries] == ["[1]", "[2]"]
    assert as_plain("Texte [1].\n\n[1] Un\n[2] Deux") == "Texte\u00a0[1].\n\n[1] Un\n[2] Deux"


def test_a_list_in_the_middle_that_opens_with_numbers_is_no_list_of_references():
    blocks = read("- [1] Un\n\nFin.")
    assert [type(block) for block in blocks] == [Listing, Paragraph]


def test_lists_keep_their_first_number_and_their_depth():
    listing = read("5. cinq\n6. six\n   - dedans")[0]
    assert listing.start == 5
    assert isinstance(listing.items[1][1], Listing)
    assert as_plain("5. cinq\n6. six\n   - dedans") == "5. cinq\n6. six\n   - dedans"
    assert '<ol style="margin:0 0 .9em;padding-left:1.8em" start="5">' in as_html("5. cinq\n6. six")
    assert as_plain("0. zéro\n1. un") == "0. zéro\n1. un"


@pytest.mark.parametrize(
    "typed",
    [
        "<b>gras</b> & <script>alert(1)</script>",
        "# Titre",
        "    quatre espaces".strip(),
        "`code` et ```bloc```",
        "AT&amp;T",
        "![image](https://example.org/i.png)".replace("(https://example.org/i.png)", ""),
        "[À compléter par le service instructeur.]",
        "prix 3 * 4 et a_b_c",
        "[x](javascript:alert(1))",
        "[x](ftp://example.org/a)",
        "[x](/page)",
        "[x](data:text/html;base64,AAAA)",
        "-- ",
        "> cité",
        "[1]: https://example.org".replace("[1]", "1"),
        "| a | b |",
    ],
)
def test_what_is_not_of_the_small_markdown_stays_as_typed(typed):
    assert as_plain(typed) == typed.strip()


@pytest.mark.parametrize(
    "hostile",
    [
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "<javascript:alert(1)>",
        "[x](vbscript:x)",
        "[x](data:text/html,<script>)",
        '[x](https://example.org/"onmouseover="alert(1))',
        "<img src=x onerror=alert(1)>",
        "[x](file:///etc/passwd)",
    ],
)
def test_html_carries_no_script_and_no_other_link(hostile):
    from lxml import html

    fragment = html.fromstring(as_html(hostile))
    assert {element.tag for element in fragment.iter()} <= {"div", "p", "a", "sup", "em", "strong"}
    for element in fragment.iter():
        assert set(element.attrib) <= {"style", "lang", "href"}
        assert element.get("href", "https://").startswith(("https://", "http://", "mailto:"))


def test_addresses_are_linked_and_written_out_once():
    text = "Voir [la page](https://example.org/a), https://example.org/b. Ou <accueil@example.org>."
    html = as_html(text)
    assert '<a href="https://example.org/a">la page</a>' in html
    assert '<a href="https://example.org/b">https://example.org/b</a>.' in html
    assert '<a href="mailto:accueil@example.org">accueil@example.org</a>' in html
    assert as_plain(text) == (
        "Voir la page\u00a0(https://example.org/a), https://example.org/b. Ou accueil@example.org."
    )


def test_bold_and_italic_leave_no_mark():
    assert as_plain("**1. « Question »**\n\nEt *ceci*, ***cela***.") == "1. « Question »\n\nEt ceci, cela."
    assert "<strong><em>cela</em></strong>" in as_html("***cela***")


def test_a_line_break_of_the_signature_is_one_in_every_format():
    assert as_plain("Service  \nAgence\nVille") == "Service\nAgence\nVille"
    assert "Service<br>Agence<br>Ville" in as_html("Service  \nAgence\nVille")


def test_a_letter_too_long_is_refused_with_its_length():
    with pytest.raises(InputError, match=f"{MAXIMUM + 1} caractères"):
        read("a" * (MAXIMUM + 1))


@pytest.mark.parametrize(
    "piece",
    ["*", "[", "[a](", "**a ", "- ", "1. ", "a_", "<http://a", "[1]", "http://", "\\*", "\n\n- ", "> "],
)
def test_a_hostile_letter_is_read_in_bounded_time(piece):
    start = time.perf_counter()
    as_html((piece * MAXIMUM)[:MAXIMUM])
    assert time.perf_counter() - start < 20


def test_lists_within_lists_lose_no_text():
    deep = "\n".join(f"{'  ' * depth}- point{depth}." for depth in range(60))
    text = as_plain(deep)
    assert all(f"point{depth}." in text for depth in range(60))
    assert "fin" in as_plain("- " * 200 + "fin")


def test_an_empty_letter_is_an_empty_one():
    assert read("") == read(" \n ") == ()
    assert as_plain("") == ""


def test_control_characters_are_left_out():
    assert as_plain("a\x00b\x07c\x1b[31md\ud800\uffff\r\ne\u2028f") == "abc[31md\ufffd\ufffd\ne\nf"
