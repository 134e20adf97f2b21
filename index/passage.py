"""A passage: the unit that is found, cited and shown; and a hit, a passage with its scores."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

PassageKind = Literal["fiche", "document", "glossary"]


@dataclass(frozen=True, slots=True)
class Passage:
    """A self-contained piece of text with its sources and the place where a reader finds it.

    ``document`` is the id of the fiche or document; ``location`` is French (« p. 3 », a section);
    an empty ``annees``, ``voies`` or ``territoires`` means that no limit is stated; ``questions`` are some that it
    answers, by which it is found, ``oui`` and ``non`` some that it settles by that word,
    ``permis`` and ``impose`` the word that tells whether its subject may, or must, be so. Of an added document,
    ``span`` is where the text stands in that of its page, first and last character (excluded), and
    ``superseded_by`` the id of the document that replaces it, empty when none does.
    """

    id: str
    text: str
    sources: tuple[str, ...]
    document: str
    title: str
    heading: tuple[str, ...]
    location: str
    page: int | None
    kind: PassageKind
    annees: tuple[int, ...]
    voies: tuple[str, ...]
    territoires: tuple[str, ...]
    nature: str
    span: tuple[int, int] | None = None
    superseded_by: str = ""
    questions: tuple[str, ...] = ()
    oui: tuple[str, ...] = ()
    non: tuple[str, ...] = ()
    permis: str = ""
    impose: str = ""
    digest: str = ""

    @classmethod
    def from_fields(cls, **values: Any) -> Passage:
        """Return a passage whose digest is computed over every other field."""
        passage = cls(**values)
        data = passage.as_json()
        del data["digest"]
        return replace(passage, digest=digest_of(data))

    def superseded(self, by: str, years_left: tuple[int, ...]) -> Passage:
        """Return the passage as one of a replaced document, which speaks for the campaigns left to it only."""
        changes = {"superseded_by": by, "annees": years_left, "digest": ""}
        return Passage.from_fields(**self.as_json() | changes)

    @property
    def asked(self) -> tuple[str, ...]:
        """Every question that it is known to answer."""
        return (*self.questions, *self.oui, *self.non)

    @property
    def path(self) -> str:
        """The title and the headings the text stands under."""
        return " › ".join(part for part in (self.title, *self.heading) if part)

    @property
    def indexed_text(self) -> str:
        """What the encoder reads: title and headings, then the text (which alone is cited)."""
        return f"{self.path}\n{self.text}" if self.path else self.text

    def as_json(self) -> dict[str, Any]:
        """Return a JSON-serialisable form that :func:`passage_from_json` reads back."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True)
class Hit:
    """A passage found by a search, with how its score was made.

    ``score`` is the fused score (comparable within one search only); ``dense`` is a cosine, on the scale
    of multilingual-e5-small whatever model runs, and
    ``lexical`` the BM25 score of its own words, ``None`` when the arm did not score the passage; ``why`` says it in
    French; ``asked`` is its cosine with the question turned by what was learnt (see ``adaptation.py``), on the same
    scale; ``alike`` are the questions that it is known to answer, each with how much it resembles the user's.
    """

    passage: Passage
    score: float
    dense: float | None
    lexical: float | None
    why: str
    asked: float | None = None
    alike: tuple[tuple[str, float], ...] = ()

    @property
    def nearest(self) -> tuple[str, float]:
        """The known question that resembles the user's most, and how much; none without any."""
        return max(self.alike, key=lambda pair: pair[1], default=("", 0.0))

    @property
    def question(self) -> str:
        """The known question that resembles the user's most, empty without any."""
        return self.nearest[0]

    @property
    def likeness(self) -> float:
        """How much the nearest known question resembles the user's: a cosine, nought without any."""
        return self.nearest[1]

    def settled(self) -> tuple[str, str, float, float]:
        """Return « oui » or « non », the nearest known question settled so, its likeness and its lead on the other.

        Empty words and noughts when the passage has no such questions.
        """
        best = {
            word: max(
                ((question, likeness) for question, likeness in self.alike if question in asked),
                key=lambda pair: pair[1],
                default=("", 0.0),
            )
            for word, asked in (("oui", self.passage.oui), ("non", self.passage.non))
        }
        word = max(best, key=lambda key: best[key][1])
        question, likeness = best[word]
        lead = likeness - best["non" if word == "oui" else "oui"][1]
        return (word, question, likeness, lead) if question else ("", "", 0.0, 0.0)


def digest_of(values: dict[str, Any]) -> str:
    """Return the sha256 of the fields, independent of their order and of tuple or list."""
    text = json.dumps(values, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def passage_from_json(data: dict[str, Any]) -> Passage:
    """Return the passage written by :meth:`Passage.as_json`.

    Raises:
        ValueError: A field is missing or unknown, or the digest does not match the content.
    """
    names = {field.name for field in fields(Passage)}
    if not isinstance(data, dict):
        raise ValueError(f"expected an object, found {type(data).__name__}")
    if set(data) != names:
        raise ValueError(f"expected the fields {sorted(names)}, found {sorted(data)}")
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
    stated = values.pop("digest")
    passage = Passage.from_fields(**values)
    if passage.digest != stated:
        raise ValueError(f"passage {passage.id!r}: its digest differs from its content")
    return passage
