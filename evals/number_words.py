"""French numbers in words and in digits, from 2 to 999 999."""

from __future__ import annotations

import re

_UNITS = ("", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize",
          "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf")  # fmt: skip
_TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante", 80: "quatre-vingt"}
_VALUES = {word: value for value, word in enumerate(_UNITS[:17]) if value > 1} | {
    "vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "cent": 100,
    "cents": 100, "mille": 1000, "un": 1, "une": 1,
}  # fmt: skip
NUMBER_WORDS = "|".join(
    sorted((word for word in _VALUES if word not in ("un", "une")), key=len, reverse=True)
)


def number_to_words(number: int) -> str:
    """Return a number from 2 to 99 in words.

    Raises:
        ValueError: It is outside that range.

    Example:
        >>> number_to_words(71), number_to_words(80), number_to_words(94)
        ('soixante et onze', 'quatre-vingts', 'quatre-vingt-quatorze')
    """
    if not 2 <= number <= 99:
        raise ValueError(f"{number} is not between 2 and 99")
    if number < len(_UNITS):
        return _UNITS[number]
    tens = max(value for value in _TENS if value <= number and (value != 80 or number >= 80))
    rest = number - tens
    if rest == 0:
        return _TENS[tens] + ("s" if tens == 80 else "")
    if tens == 80:
        return f"quatre-vingt-{_UNITS[rest]}"
    return f"{_TENS[tens]} et {_UNITS[rest]}" if rest in (1, 11) else f"{_TENS[tens]}-{_UNITS[rest]}"


def words_to_number(words: str) -> int | None:
    """Return the value of a number in words; ``None`` when the words follow one another as no number does.

    Example:
        >>> words_to_number("quatre-vingt-quatorze"), words_to_number("deux mille quinze"), words_to_number("deux trois")
        (94, 2015, None)
    """
    total = current = 0
    last: int | None = None
    for word in re.split(r"[ -]", words):
        if word in ("et", ""):
            continue
        value = _VALUES.get(word)
        if value is None:
            return None
        if value == 1000:
            total, current = total + max(current, 1) * 1000, 0
        elif value == 100 or (value == 20 and last == 4):
            current = max(current % 100 if last != 4 else 4, 1) * value + (
                current - 4 if last == 4 and value == 20 else 0
            )
        elif last is not None and last < 20 and last != 1 and not (last == 10 and value in (7, 8, 9)):
            return None  # « deux trois »
        else:
            current += value
        last = value
    return total + current
