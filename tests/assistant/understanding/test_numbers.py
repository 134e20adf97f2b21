"""Whole numbers written in words become digits; nothing else does."""

from __future__ import annotations

import pytest

from assistant.understanding.numbers import in_digits


@pytest.mark.parametrize(
    ("words", "digits"),
    [
        ("quarante-huit", "48"),
        ("Dix-sept ESSMS", "17 ESSMS"),
        ("vingt et un services et deux IME", "21 services et 2 IME"),
        ("soixante et onze", "71"),
        ("quatre-vingt-dix-sept", "97"),
        ("quatre-vingts structures", "80 structures"),
        ("deux cents", "200"),
        ("neuf mille cinq cents euros", "9500 euros"),
    ],
)
def test_a_number_in_words_is_written_in_digits(words: str, digits: str) -> None:
    assert in_digits(words) == digits


@pytest.mark.parametrize(
    "text", ["un IME et une MAS", "le deuxième appel", "la dixième structure", "15 ESSMS", "la sixaine", ""]
)
def test_articles_ranks_and_digits_are_left_alone(text: str) -> None:
    assert in_digits(text) == text
