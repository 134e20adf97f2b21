"""Tell that a message is not in French, from the little words that a language cannot do without."""

from __future__ import annotations

import re

from assistant.understanding.text import fold

_LEAST = 12  # words under which nothing is told
_READ = 4_000  # characters
_WORDS = {
    "français": "le la les des est nous vous que pour dans une notre nos sont avec sur pas qui au aux du ce cette il je",
    "anglais": "the is are we our to of and for in you what how can do does with this that would be by at from have",
    "espagnol": "el los las es nosotros que para en una nuestro nuestra con por del al se su esta como cual cuando",
    "italien": "il lo gli di che per in una nostro nostra con del della sono e siamo come quale quando questo",
    "allemand": "der die das ist wir und fur in zu den mit von sie ein eine unser wann wie konnen auf nicht",
    "portugais": "o os as e nos que para em uma nosso nossa com por do da dos sao como qual quando nao",
    "néerlandais": "de het een is wij en voor in van met zijn onze wat hoe kunnen op niet aan deze",
}
_SETS = {name: frozenset(words.split()) for name, words in _WORDS.items()}


def foreign_language(text: str) -> str:
    """Return the language of a text in French words (« anglais »), empty when it is French or cannot be told."""
    words = re.findall(r"[a-z]+", fold(text[:_READ]).plain)
    if len(words) < _LEAST:
        return ""
    counts = {name: sum(word in known for word in words) for name, known in _SETS.items()}
    best = max(counts, key=lambda name: counts[name])
    clear = counts[best] > 1.5 * counts["français"] and counts[best] * 6 > len(words)
    return best if best != "français" and clear else ""
