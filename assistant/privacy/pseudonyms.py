"""Tags in the place of what identifies people (« [personne 1] »), and the way back.

What leaves the service is concealed; what comes back, such as a letter that a language model wrote, is restored. The
same person has the same tag whether written « Claire Modèle », « Mme Modèle » or « C. Modèle »; so have an address and
a number written in two ways.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from assistant.privacy.masking import find
from assistant.privacy.people import Person, read_known
from assistant.privacy.spans import LABELS, SET_ASIDE, TAG, Kind, Span
from assistant.privacy.vocabulary import fold

_MOST_ALIKE = 50  # people of the same name, and names of a person, that are compared
_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Mapping:
    """What tags stand for. Holds personal data: to be kept no longer than the request, and sent to nobody.

    ``originals`` gives for each tag the fullest writing; ``texts``, for each text concealed, its tags in order with
    the words each replaced. Tags that a text already held stand for themselves.
    """

    originals: dict[str, str] = field(default_factory=dict)
    texts: tuple[tuple[tuple[str, str], ...], ...] = ()

    def __repr__(self) -> str:
        """Say how much it holds and nothing of it: a mapping may end in a log."""
        return f"Mapping({len(self.originals)} tags)"


@dataclass(frozen=True)
class Restored:
    """A text with its tags replaced; ``unknown`` are those that stand for nothing, left as they were."""

    text: str
    unknown: tuple[str, ...] = ()


def conceal(text: str, known: Iterable[str] = (), mapping: Mapping | None = None) -> tuple[str, Mapping]:
    """Return the text with tags for what identifies people, and what the tags stand for.

    Args:
        text: Any text; tags it already holds stay as they are, and no new tag takes their number.
        known: The correspondents as headers name them, found wherever they are written.
        mapping: That of another text of the same request, whose tags are used again.

    Example:
        >>> conceal("Mme Exemple a écrit à service@example.org.")[0]
        'Mme [personne 1] a écrit à [adresse électronique 1].'
    """
    known = tuple(known)
    concealing = _Concealing(text, mapping or Mapping(), read_known(known))
    return concealing.run(find(text, known))


def restore(text: str, mapping: Mapping) -> Restored:
    """Return the text with what its tags stand for: exactly what was concealed if the tags are those of that text.

    Of several texts with the same tags, the last counts. Otherwise (a letter about it), each tag gives the fullest writing of what it stands for. Case, spaces, plural and
    escapes within brackets do not matter.
    """
    found = list(TAG.finditer(fold(text)))
    tags = [_tag_of(match) for match in found]
    written = next(
        (one for one in reversed(mapping.texts) if [_normal(tag) for tag, _ in one] == tags),
        None,
    )
    parts, unknown, last = [], [], 0
    for rank, match in enumerate(found):
        original = written[rank][1] if written else mapping.originals.get(tags[rank])
        if original is None:
            original = text[slice(*match.span())]
            unknown.append(original)
        elif not written and _normal(original) == tags[rank]:  # it stands for itself, however written
            original = text[slice(*match.span())]
        parts += [text[last : match.start()], original]
        last = match.end()
    return Restored("".join([*parts, text[last:]]), tuple(dict.fromkeys(unknown)))


def _tag_of(match: re.Match[str]) -> str:
    """Return a tag as this module writes it, however it was written."""
    label = _SIGNS.sub("", match["label"])
    number = int(match["number"])
    return f"[{_BY_LETTERS.get(label) or _BY_LETTERS[_singular(match)]} {number}]"


def _singular(match: re.Match[str]) -> str:
    words = re.split(r"[\s_-]+", match["label"])
    return "".join(word.removesuffix("s") for word in words)


_BY_LETTERS = {_SIGNS.sub("", fold(label)): label for label in (*LABELS.values(), SET_ASIDE)}


def _normal(tag: str) -> str:
    match = TAG.search(fold(tag))
    return _tag_of(match) if match else tag


def _is_tag(text: str) -> bool:
    return TAG.fullmatch(fold(text)) is not None


@dataclass
class _Someone:
    """A person of the request, with their tag once there is one."""

    names: list[Person] = field(default_factory=list)
    tag: str = ""


class _People:
    """The people of a request by the words of their names: « Modèle » is « Claire Modèle », wherever she comes."""

    def __init__(self) -> None:
        self._exact: dict[Person, _Someone] = {}
        self._by_word: dict[str, list[_Someone]] = {}

    def meet(self, name: Person, tag: str = "") -> None:
        """Take in a name; one that says less than another met is the same person's."""
        someone = self.of(name) or _Someone()
        someone.tag = someone.tag or tag
        self._exact[name] = someone
        someone.names.append(name)
        for word in name.words:
            if len(word) > 1:
                self._by_word.setdefault(word, []).append(someone)

    def of(self, name: Person) -> _Someone | None:
        """Return who answers to a name, the first met if several do."""
        if name in self._exact:
            return self._exact[name]
        return next(
            (
                someone
                for word in name.words
                for someone in self._by_word.get(word, [])[:_MOST_ALIKE]
                if any(mine.includes(name) or name.includes(mine) for mine in someone.names[:_MOST_ALIKE])
            ),
            None,
        )


class _Concealing:
    """One text being concealed."""

    def __init__(self, text: str, mapping: Mapping, known: Sequence[Person]) -> None:
        self._text = text
        self._mapping = mapping
        self._originals = dict(mapping.originals)
        self._keys: dict[tuple[str, str], str] = {}
        self._people = _People()
        self._last: dict[str, int] = {}
        self._literal = [(match.span(), _tag_of(match)) for match in TAG.finditer(fold(text))]
        self._taken = {*self._originals, *(tag for _, tag in self._literal)}
        for tag, words in dict.fromkeys(mention for one in mapping.texts for mention in one):
            self._remember(tag, words)
        for name in known:
            self._people.meet(name)

    def _remember(self, tag: str, words: str) -> None:
        label = tag[1:].rpartition(" ")[0]
        if _is_tag(words):
            return
        if label == LABELS[Kind.PERSON]:
            self._people.meet(Person.of(words), tag)
        else:
            self._keys[label, _key(words)] = tag

    def run(self, spans: Sequence[Span]) -> tuple[str, Mapping]:
        names = dict.fromkeys(Person.of(self._words(span)) for span in spans if span.kind is Kind.PERSON)
        for name in sorted(
            names, key=lambda name: -len(name.words)
        ):  # the fullest first: the others are theirs
            self._people.meet(name)
        places = [(span.start, span.end, self._tag(span)) for span in spans]
        places += [(start, end, self._aside(start, end, tag)) for (start, end), tag in self._literal]
        parts, tags, last = [], [], 0
        for start, end, tag in sorted(places):
            words = self._text[start:end]
            parts += [self._text[last:start], tag]
            tags.append((tag, words))
            last = end
            normal = _normal(tag)
            if len(words) > len(self._originals.get(normal, "")) or normal not in self._originals:
                self._originals[normal] = words
        masked = "".join([*parts, self._text[last:]])
        return masked, Mapping(self._originals, (*self._mapping.texts, tuple(tags)))

    def _words(self, span: Span) -> str:
        return self._text[span.start : span.end]

    def _tag(self, span: Span) -> str:
        label, words = LABELS[span.kind], self._words(span)
        if span.kind is Kind.PERSON:
            someone = self._people.of(Person.of(words)) or _Someone()
            someone.tag = someone.tag or self._new(label)
            return someone.tag
        key = label, _key(words)
        if key not in self._keys:
            self._keys[key] = self._new(label)
        return self._keys[key]

    def _aside(self, start: int, end: int, tag: str) -> str:
        """Return what stands for a tag that the text already held: itself, unless it is another text's."""
        words = self._text[start:end]
        if self._mapping.originals.get(tag, tag) == tag or _is_tag(self._mapping.originals[tag]):
            return words
        return self._new(SET_ASIDE)

    def _new(self, label: str) -> str:
        number = self._last.get(label, 0) + 1
        while f"[{label} {number}]" in self._taken:
            number += 1
        self._last[label] = number
        tag = f"[{label} {number}]"
        self._taken.add(tag)
        return tag


def _key(words: str) -> str:
    return _SIGNS.sub("", fold(words))
