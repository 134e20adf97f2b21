"""Find passages by their words: BM25 over French stems, acronyms expanded from the glossary."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.glossary import Term
from index.french import stem

# An expansion counts less than the user's own words, or a three-word name would outweigh the question.
_EXPANSION_WEIGHT = 0.4
_SIZE = "size"


class Expansions:
    """The other written forms of a glossary term: « DUI » for « dossier usager informatisé », and back."""

    def __init__(self, terms: Iterable[Term] = ()) -> None:
        self._rules: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
        for term in terms:
            name = tuple(stem(term.term))
            for form in term.abbreviations:
                short = tuple(stem(form))
                if sum(char.isupper() for char in form) >= 2 and short and name and short != name:
                    self._rules += [(short, name), (name, short)]

    def expand(self, stems: Sequence[str]) -> list[str]:
        """Return the stems to add to a question, none of which it already has."""
        added: dict[str, None] = {}
        for pattern, replacement in self._rules:
            size = len(pattern)
            if any(tuple(stems[at : at + size]) == pattern for at in range(len(stems) - size + 1)):
                added.update(dict.fromkeys(replacement))
        return [word for word in added if word not in stems]


class LexicalIndex:
    """BM25 scores of every text for a question; kept on disk beside the vectors."""

    def __init__(self, engine: Any, size: int, expansions: Expansions | None = None) -> None:
        self._engine = engine
        self._size = size
        self.expansions = expansions or Expansions()

    @classmethod
    def of(cls, texts: Iterable[str], expansions: Expansions | None = None) -> LexicalIndex:
        """Count the words of the texts."""
        vocabulary: dict[str, int] = {}
        # The numbers of words, one object a word: 40 000 passages of words themselves take 300 MB.
        counted = [[vocabulary.setdefault(word, len(vocabulary)) for word in stem(text)] for text in texts]
        if not vocabulary:
            return cls(None, len(counted), expansions)
        import bm25s

        engine = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
        engine.index((counted, vocabulary), show_progress=False)
        return cls(engine, len(counted), expansions)

    def save(self, directory: Path) -> None:
        """Write the index into a new directory.

        Raises:
            OSError: It cannot be written.
        """
        directory.mkdir()
        (directory / _SIZE).write_text(str(self._size), encoding="ascii")
        if self._engine is not None:
            self._engine.save(directory, show_progress=False)

    @classmethod
    def load(cls, directory: Path, expansions: Expansions | None = None) -> LexicalIndex:
        """Return the index of a directory, read from the disk as it is used.

        Raises:
            OSError: A file is missing.
            ValueError: A file is damaged.
        """
        size = int((directory / _SIZE).read_text(encoding="ascii"))
        if not any(directory.glob("*.npy")):
            return cls(None, size, expansions)
        import bm25s

        try:
            engine = bm25s.BM25.load(directory, mmap=True, show_progress=False)
            if engine.get_scores([next(iter(engine.vocab_dict))]).shape != (size,):
                raise ValueError("the number of texts differs")
        except (KeyError, IndexError, TypeError, EOFError, StopIteration) as error:
            raise ValueError(f"the lexical index is damaged ({error})") from error
        return cls(engine, size, expansions)

    @property
    def size(self) -> int:
        """How many texts are scored."""
        return self._size

    def scores(self, query: str) -> NDArray[np.float64]:
        """Return one score a text, zero when it shares no word with the question."""
        words = stem(query)
        return self._sum(words) + _EXPANSION_WEIGHT * self._sum(self.expansions.expand(words))

    def _sum(self, words: list[str]) -> NDArray[np.float64]:
        if self._engine is None or not words:
            return np.zeros(self._size)
        scores: NDArray[np.float64] = self._engine.get_scores(words).astype(np.float64)
        return scores
