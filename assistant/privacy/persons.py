"""Names of people, in a text in simple characters (:func:`assistant.privacy.spans.plain`), by form and context.

Found: what follows a civility (« Mme Exemple », « M. et Mme Modèle »), a first name with a surname in any order, two
words « Prénom NOM » that no dictionary knows, what follows « je m’appelle », « résident », « mon fils », « Nom : », a
salutation, and what signs a letter or heads a quoted one; then the same names anywhere in the text, and those of the
correspondents (``known``), in any order, with initials, accents or case varying.

Not names: establishments and ways that carry one (« EHPAD Louis Pasteur »), towns, regions, bodies, software, words of
the glossary, ordinary words in capitals. A first name alone, without a context, is left: « Florence » is a town too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from assistant.privacy.people import LETTERS, LONGEST, PARTICLES, People, Person
from assistant.privacy.spans import blank
from assistant.privacy.vocabulary import UPPER, Vocabulary, fold, load_vocabulary

_WORD = rf"(?:[{UPPER}]\.(?:-?[{UPPER}]\.)?(?!\w)|(?:[DLNMO]['’])?[{UPPER}][^\W\d_]*(?:[-'’][^\W\d_]+){{0,4}}(?!\w))"
_PARTICLE = (
    r"(?:(?:de la|de|du|des|le|la|van|von|der|den|el|al|ben|bin|da|dos|di|del|d['’])(?:[ ]|(?<=['’])))"
)
_RUN = re.compile(rf"(?<![\w@./-]){_WORD}(?:[ \t]{{1,3}}{_PARTICLE}{{0,2}}{_WORD}){{0,40}}")
_LINKS = PARTICLES - {"e", "et", "y", "l"}  # what may stand within a name, not between two
_NAME_WORD = re.compile(_WORD)


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    folded: str
    start: int
    end: int

    @property
    def is_capitals(self) -> bool:
        return len(self.text) > 1 and self.text.isupper() and "." not in self.text

    @property
    def is_initial(self) -> bool:
        return "." in self.text or len(self.text) == 1


@dataclass(frozen=True)
class _Reader:
    """A text and what is asked of it; ``folded`` has the same places."""

    text: str
    folded: str
    vocabulary: Vocabulary = field(default_factory=load_vocabulary)

    def find(self) -> Iterator[tuple[int, int]]:
        """Return where names are by form or context; some may overlap."""
        for run in _RUN.finditer(self.text):
            start, end = run.span()
            if " " in self.text[start:end] or "." in self.text[start:end]:
                yield from self._in_run(self._words(start, end))
        yield from self._after_civilities()
        yield from self._introduced()
        yield from self._signed()
        yield from self._headed()

    def _words(self, start: int, end: int) -> list[_Word]:
        """Return the capitalised words between two places."""
        return [
            _Word(found[0], self.folded[found.start() : found.end()], *found.span())
            for found in _NAME_WORD.finditer(self.text, start, end)
        ]

    def _words_at(self, place: int) -> list[_Word]:
        """Return the capitalised words that follow each other from a place on."""
        run = _RUN.match(self.text, place)
        return self._words(*run.span()) if run else []

    # --- what a word may be

    def _goes_on(self, word: _Word, rank: int) -> bool:
        """Say whether a name goes on with a word, ``rank`` words after its first."""
        folded = word.folded
        if word.is_initial:
            return rank > 0
        if self.vocabulary.ends_name(folded):
            return False
        return not (folded in self.vocabulary.places and (rank > 1 or not word.is_capitals))

    def _is_first(self, word: _Word) -> bool:
        return self.vocabulary.is_first_name(word.folded)

    def _is_unheard(self, word: _Word) -> bool:
        """Say whether a word is in no list and no dictionary: a rare name, or a trade mark."""
        folded = word.folded
        return not (
            word.is_initial
            or len(folded) < 3
            or self.vocabulary.ends_name(folded)
            or folded in self.vocabulary.places
            or self.vocabulary.is_ordinary(folded)
        )

    def _opens_sentence(self, place: int) -> bool:
        before = self.text[max(0, place - 4) : place].rstrip(' \t«"-*>•')
        return not before or before[-1] in ".!?\n:;"

    def _is_line(self, start: int, end: int) -> bool:
        """Say whether nothing else stands on the line."""
        before = self.text[max(0, start - 8) : start].rpartition("\n")
        after = self.text[end : end + 3].partition("\n")[0]
        return (
            (bool(before[1]) or start < 8) and not before[2].strip(" \t>*-_") and not after.strip(" \t,.*_\r")
        )

    def _is_carried(self, start: int, end: int) -> bool:
        """Say whether an establishment, a way or a law bears the name: « EHPAD public Louis Pasteur »."""
        text = self.text
        if text[max(0, start - 2) : start].strip() in ("«", '"', "“") and text[end : end + 2].strip()[:1] in (
            "»",
            '"',
            "”",
        ):
            return True
        after = re.match(r"[ ]?\([ ]?([^\W\d_]+)", text[end : end + 20])
        if after and fold(after[1]) in self.vocabulary.bearers:
            return True
        before = _BOUNDARY.split(text[max(0, start - 80) : start])[-1]
        words = LETTERS.findall(before)[-6:]
        if words and fold(words[-1]) in ("de", "du", "d", "des", "a", "au"):
            return False
        for word in reversed(words):
            folded = fold(word)
            if folded in self.vocabulary.bearers:
                return True
            capital = word[0].isupper() and folded not in self.vocabulary.titles
            if not (capital or folded in self.vocabulary.between):
                return False
        return False

    # --- capitals that follow each other

    def _in_run(self, words: Sequence[_Word]) -> Iterator[tuple[int, int]]:
        """A first name and a surname, in either order; « Prénom NOM » of two unheard words."""
        rank = 0
        while rank < len(words):
            last = self._name_from(words, rank)
            if last > rank and not self._is_carried(words[rank].start, words[last - 1].end):
                yield words[rank].start, words[last - 1].end
            rank = max(last, rank + 1)

    def _name_from(self, words: Sequence[_Word], rank: int) -> int:
        """Return the rank after the name that begins at a rank, or that rank when none does."""
        word = words[rank]
        if self._is_first(word):
            last = rank + 1
            while last < len(words) and last - rank < LONGEST and self._goes_on(words[last], last - rank):
                last += 1
            if last - rank > 1 and not self._is_doubtful(words[rank:last]):
                return last
            return rank
        if (
            word.is_initial
            and rank + 1 < len(words)
            and "-" in word.text
            and self._goes_on(words[rank + 1], 1)
        ):
            return rank + 2
        if rank + 1 < len(words) and self._is_pair(word, words[rank + 1]):
            last = rank + 2
            while last < len(words) and last - rank < 4 and self._is_first(words[last]):
                last += 1
            return last
        return rank

    def _is_doubtful(self, words: Sequence[_Word]) -> bool:
        """Say whether « Claire Réponse » may be a sentence that begins, or « ROSE POUDRÉE » a heading."""
        first, *others = words
        if all(word.is_initial for word in others):
            return False
        if first.folded in self.vocabulary.doubtful and not self._is_line(first.start, words[-1].end):
            ordinary = all(self.vocabulary.is_ordinary(word.folded) for word in others)
            shaped = not first.is_capitals and others[-1].is_capitals
            return ordinary and not shaped and self._opens_sentence(first.start)
        return False

    def _is_pair(self, one: _Word, other: _Word) -> bool:
        """Say whether two words are « NOM Prénom », or « Prénom NOM » though neither is known."""
        if one.is_capitals and self._is_first(other) and self._goes_on(one, 1) and len(one.text) > 2:
            return not other.is_capitals or not self.vocabulary.is_ordinary(one.folded)
        if one.is_capitals == other.is_capitals:
            return False
        capitals = one if one.is_capitals else other
        return len(capitals.text) > 3 and self._is_unheard(one) and self._is_unheard(other)

    # --- civilities

    def _after_civilities(self) -> Iterator[tuple[int, int]]:
        for civility in _CIVILITY.finditer(self.text):
            place: int | None = civility.end()
            several = civility["several"]
            while place is not None:
                found = self._named_at(place)
                if not found:
                    break
                yield found
                more = _AND.match(self.text, found[1]) if several else None
                place = more.end() if more else None
        for civility in _LOW_CIVILITY.finditer(self.text):
            word = _Word(civility["name"], fold(civility["name"]), *civility.span("name"))
            if self._is_first(word) or self._is_unheard(word):
                yield word.start, word.end

    def _named_at(self, place: int) -> tuple[int, int] | None:
        """Return the name at a place where one is expected: any capital will do, but for functions and bodies."""
        particle = _LEADING.match(self.text, place)
        words = self._words_at(particle.end() if particle else place)
        last = 0
        while last < min(len(words), 4) and self._is_surname(words[last], last):
            last += 1
        if not last or (last == 1 and words[0].folded in PARTICLES):
            return None
        return place, words[last - 1].end

    def _is_surname(self, word: _Word, rank: int) -> bool:
        folded = word.folded
        if word.is_initial or folded in PARTICLES:
            return True
        if self.vocabulary.is_title(folded) or (rank and not self._goes_on(word, rank)):
            return False
        return not (word.is_capitals and self.vocabulary.ends_name(folded))

    # --- contexts

    def _introduced(self) -> Iterator[tuple[int, int]]:
        """What follows « je m’appelle », « Nom : », « résident », « mon fils », « Bonjour »."""
        for context in _STRONG.finditer(self.folded):
            if found := self._named_at(context.end()):
                words = self._words(*found)
                if (
                    words
                    and not self.vocabulary.ends_name(words[0].folded)
                    and self._is_personal(words, context)
                ):
                    yield found
        for context in _WEAK.finditer(self.folded):
            found = self._named_at(context.end())
            words = self._words(*found) if found else []
            if (
                found
                and words
                and (self._is_first(words[0]) or (len(words) > 1 and self._is_unheard(words[0])))
            ):
                yield found
        for context in _GREETING.finditer(self.folded):
            words = self._words_at(context.end())
            alone = len(words) == 1 and _GREETED.match(self.text, words[0].end)
            if alone and (self._is_first(words[0]) or self._is_unheard(words[0])):
                yield words[0].start, words[0].end

    def _is_personal(self, words: Sequence[_Word], context: re.Match[str]) -> bool:
        """Say whether what follows a context is a name rather than « résident Permanent »."""
        if context["named"]:
            return True
        first = words[0]
        if first.folded in self.vocabulary.places and len(words) == 1:
            return False
        if first.is_initial and first.text.endswith("."):
            return True
        return self._is_first(first) or self._is_unheard(first) or (first.is_capitals and len(first.text) > 3)

    # --- letters

    def _signed(self) -> Iterator[tuple[int, int]]:
        """The name under a closing formula, or above a function, alone on its line."""
        for closing in _CLOSING.finditer(self.folded):
            place = closing.end()
            for line in self.text[place : place + 240].split("\n")[:5]:
                if found := self._name_of_line(place, line):
                    yield found
                    break
                place += len(line) + 1
        for line_match in _ABOVE_FUNCTION.finditer(self.text):
            words = self._words(*line_match.span("line"))
            if (
                len(words) > 1
                and _FUNCTION_LINE.match(self.folded, line_match.end())
                and self._all_names(words)
            ):
                yield words[0].start, words[-1].end

    def _name_of_line(self, place: int, line: str) -> tuple[int, int] | None:
        line = line.rstrip(" \t\r,.*_")
        start = len(line) - len(line.lstrip(" \t>*-_"))
        bare = line[start:]
        if 2 < len(bare) < 40 and self.vocabulary.is_first_name(fold(bare)):
            return place + start, place + len(line)
        words = self._words_at(place + start)
        if not words or words[-1].end != place + len(line) or not self._all_names(words):
            return None
        return words[0].start, words[-1].end

    def _all_names(self, words: Sequence[_Word]) -> bool:
        """Say whether every word may be of a name, and one at least is one."""
        if len(words) > 4 or not all(self._goes_on(word, 1) or word.folded in PARTICLES for word in words):
            return False
        if len(words) == 1 and words[0].is_capitals and not self._is_first(words[0]):
            return False
        return any(self._is_first(word) or self._is_unheard(word) for word in words)

    def _headed(self) -> Iterator[tuple[int, int]]:
        """The names in « De : », « À : », before an address between angle brackets, and before « a écrit »."""
        for header in _HEADER.finditer(self.text):
            for piece in _PIECE.finditer(self.text, *header.span("people")):
                words = self._without_civility(piece.span())
                if len(words) > 1 and self._all_names(words):
                    yield words[0].start, words[-1].end
        for before in _BEFORE_ADDRESS.finditer(self.text):
            words = self._without_civility(before.span("name"))
            if len(words) > 1 and self._all_names(words):
                yield words[0].start, words[-1].end

    def _without_civility(self, span: tuple[int, int]) -> list[_Word]:
        """Return the words of a span from the first that may be of a name."""
        words = self._words(*span)
        while words and (words[0].text in ("M", "M.", "MM.") or not self._goes_on(words[0], 1)):
            if words[0].folded in PARTICLES:
                break
            words = words[1:]
        return words


_BOUNDARY = re.compile(r"[.,;:!?\n()\[\]]|[ ]-[ ]")
_CIVILITY = re.compile(
    rf"(?<![\w.'’-])(?:(?P<several>MM\.?|Mmes\.?|Messieurs|Mesdames|Drs|Mes)|M\.|(?<!\d[ ])M(?=[ ][{UPPER}][a-zà-ÿ])|Mme\.?|MME|Mlle\.?|MLLE|Melle|Mr\.?|MR|"
    r"[Mm]onsieur|[Mm]adame|[Mm]ademoiselle|MONSIEUR|MADAME|mme|mlle|mr|[Dd]octeure?|DOCTEUR|Dre?\.?|Pr\.?|[Pp]rofesseure?|[Mm]a[iî]tre|Me|Mgr|Sœur|Abbé|abbé)"
    rf"[ \t]{{1,3}}(?=[{UPPER}]|d['’][{UPPER}]|(?:de|du|des|le|la|van|von|ben|el)[ ]{{1,2}}(?:(?:la|der)[ ])?[{UPPER}])"
)
_LEADING = re.compile(r"(?:(?:de la|de|du|des|van der|van|von|ben|el)[ ]{1,2}|d['’])")
_AND = re.compile(rf"(?:,[ ]|[ ]et[ ](?:(?:M\.|Mme|Mlle)[ ])?)(?=[{UPPER}])")
_LOW_CIVILITY = re.compile(
    r"(?<![\w.'’-])(?:[Mm]me|[Mm]lle|[Mm]elle|[Mm]r|[Mm]\.|[Dd]r|[Mm]onsieur|[Mm]adame)[ \t]{1,2}(?P<name>[a-zà-ÿ]{3,}(?:-[a-zà-ÿ]+){0,2})(?![\w'’])"
)

# On the folded text. After the first ones a name is expected (« named »: whatever the word); after the others it may be.
_KIN = (
    r"(?:mon|ma|son|sa|notre|leur|votre|ton|ta) (?:fils|fille|mere|pere|frere|soeur|mari|epouse|epoux|femme|conjointe?|"
    r"compagne|compagnon|oncle|tante|cousine?|grand-mere|grand-pere|enfant|petit-fils|petite-fille|maman|papa|neveu|niece|"
    r"protegee?|pupille|majeure? protegee?|belle-mere|beau-pere)"
)
_SUPPORTED = (
    r"(?:residente?|usagere?|patiente?|beneficiaire|pensionnaire|locataire|travailleu(?:r|se)(?: d'esat)?|"
    r"(?:jeune|enfant|adulte|majeure?|personne)(?: (?:accueillie?|accompagnee?|protegee?|hebergee?|agee|handicapee?|majeure?))?)"
)
_STRONG = re.compile(
    r"(?P<named>\bje m'appelle |\bje me nomme |\bmon nom est |\b(?:pre)?nommee? |\bdenommee? |\bdefunte? |\b(?:nom de (?:famille|naissance|jeune fille|l'usagere?|la residente|residente?)|"
    r"(?:nom (?:et|,|/) ?)?prenoms?(?: et nom| usuel)?|noms? (?:et|,|/) ?prenoms?|nom du resident|nom du patient)[ ]?[:=][ ]?)"
    rf"|\b(?:{_KIN}|{_SUPPORTED})[ ]?[,:(]?[ ](?:m\. |mme |mlle )?(?=\S)|^[> \t]*nom[ ]?:[ ]?",
    re.MULTILINE,
)
_WEAK = re.compile(
    r"(?:\bje suis |\bje soussignee? |\bsoussignee? |\bmoi, |\bde la part de |\ba l'attention de |\bsigne[e]?[ ]?:? |\bsigne par |"
    r"\bcontact(?:er|ez)?[ ]?:? |\binterlocut(?:eur|rice)[^:\n]{0,25}: |\breferente?[^:\n]{0,25}: |\b(?:suivie?|redigee?|etablie?|transmis|represente[e]?|presidee?|dirigee?|geree?) par[ ]?:? |"
    r"\bdossiers? (?:de |d')|\bdui (?:de |d')|\bsituation (?:de |d')|\bconcernant |\bau sujet (?:de |d')|\ba propos (?:de |d')|\bprise en charge (?:de |d')|"
    r"\bcc[ ]?: ?|\bpour ordre,? |\bp/o |\bp\.o\. |\bpour (?:le directeur|la directrice|le president|la presidente)(?: et par delegation)?, )"
)
_GREETING = re.compile(
    r"(?:^|(?<=[\n>.] ))[> \t]*(?:re-?)?(?:bonjour|bonsoir|chere?|salut|hello|dear|coucou)[ ,]{1,2}(?:a (?:toi|vous) )?",
    re.MULTILINE,
)
_GREETED = re.compile(r"[ \t]?(?:[,!.;:]|\r?\n|\Z)")
_CLOSING = re.compile(
    r"\b(?:cordialement|cdlt|cdt|bien a (?:vous|toi)|salutations(?: \w+)?|sincerement|respectueusement|a bientot|d'avance|merci|amicalement|"
    r"bonne (?:journee|reception|soiree|fin de journee)|regards|consideration(?: \w+)?|bises|devoue[es]*)[ \t]*[,.!]{0,3}[ \t\r]*(?:\n[> \t\r]*){1,3}|\bcordialement, (?=\S)"
)
_ABOVE_FUNCTION = re.compile(
    rf"^[>* \t]*(?P<line>{_WORD}(?:[ ]{{1,2}}{_PARTICLE}{{0,2}}{_WORD}){{1,3}})[ ,*_\r]{{0,3}}\n",
    re.MULTILINE,
)
_FUNCTION_LINE = re.compile(
    r"[>* \t]*(?:le |la |l')?(?:direct(?:eur|rice)|president|presidente|responsable|chef|cheffe|charge|chargee|secretaire|assistante?|adjointe?|referente?|coordinat(?:eur|rice)|"
    r"coordonnat(?:eur|rice)|delegue|deleguee|cadre|medecin|infirmiere?|gestionnaire|comptable|dsi|daf|drh|dpo|psychologue|attachee?|tresoriere?|inspect(?:eur|rice)|conseillere?)\b"
)
_HEADER = re.compile(
    r"^[>* \t]*(?:De|From|À|A|To|Cc|CC|Cci|Envoyé par|Expéditeur|Destinataires?)[* ]{0,2}[ ]?:[* ]{0,2}(?P<people>[^\n]{1,400})",
    re.MULTILINE,
)
_PIECE = re.compile(rf"{_WORD}(?:,?[ ]{{1,2}}{_PARTICLE}{{0,2}}{_WORD}){{1,4}}")
_BEFORE_ADDRESS = re.compile(
    rf"(?<![\w-])\"?(?P<name>{_WORD}(?:,?[ ]{{1,2}}{_PARTICLE}{{0,2}}{_WORD}){{1,4}})\"?(?=[ \t]{{0,2}}(?:[<(][ ]?\[|\[mailto|\n?[ ]?a écrit\b))"
)


# --- names found or known before, everywhere

_SEPARATOR = re.compile(r"[ \t]{1,3}|,[ \t]{1,2}|[ \t]?['’_.-]")
_AFTER_INITIAL = re.compile(r"\.?[ \t-]{0,2}")


@dataclass(frozen=True)
class _Mentions:
    """Finds people by their words, in any order, and each of their words when it stands as a name."""

    reader: _Reader
    people: People

    def find(self) -> Iterator[tuple[int, int]]:
        words = [found.span() for found in LETTERS.finditer(self.reader.folded)]
        folded, rank = self.reader.folded, 0
        while rank < len(words):
            if folded[slice(*words[rank])] not in self.people:
                rank += 1
                continue
            first, last, certain = self._around(words, rank)
            span = words[first][0], words[last][1]
            if certain or self._stands(*span):
                yield span
            rank = last + 1

    def _around(self, words: Sequence[tuple[int, int]], rank: int) -> tuple[int, int, bool]:
        """Return the first and last words of the mention around one, and whether it holds two of the same person."""
        folded = self.reader.folded
        candidates = set(self.people.named(folded[slice(*words[rank])]))
        last, certain = self._spread(words, rank, candidates, 1)
        first, before = self._spread(words, rank, candidates, -1)
        return first, last, certain or before

    def _spread(
        self, words: Sequence[tuple[int, int]], rank: int, candidates: set[int], step: int
    ) -> tuple[int, bool]:
        """Go on from a word, in one direction, while the words are the same person's; ``candidates`` is narrowed."""
        folded, reached, place = self.reader.folded, rank, rank
        seen = {folded[slice(*words[rank])]}
        while 0 <= place + step < len(words) and abs(place + step - rank) <= LONGEST:
            near, far = sorted((words[place], words[place + step]))
            place += step
            word = folded[slice(*words[place])]
            between = _AFTER_INITIAL if near[1] - near[0] == 1 else _SEPARATOR
            if word in seen or not between.fullmatch(self.reader.text, near[1], far[0]):
                break
            shared = candidates & (self.people.named(word) | self._with_initial(words[place]))
            if shared:
                candidates.intersection_update(shared)
                seen.add(word)
                reached = place
            elif word not in _LINKS:
                break
        return reached, reached != rank

    def _with_initial(self, span: tuple[int, int]) -> set[int]:
        """Return those whose name has the letter; « M. » is the civility."""
        letter = self.reader.text[slice(*span)]
        if len(letter) > 1 or not letter.isupper() or letter == "M":
            return set()
        return self.people.with_initial(self.reader.folded[span[0]])

    def _stands(self, start: int, end: int) -> bool:
        """Say whether one word alone is a name where it is."""
        reader, vocabulary = self.reader, self.reader.vocabulary
        text, word = reader.text[start:end], reader.folded[start:end]
        if len(word) < 3 or vocabulary.ends_name(word) or word in vocabulary.places:
            return False
        ordinary = vocabulary.is_ordinary(word)
        if not text[0].isupper():
            return not ordinary and len(word) > 4 and not vocabulary.is_first_name(word)
        if self._touches(start, end) or reader._is_carried(start, end):
            return False
        return not ordinary or not reader._opens_sentence(start) or reader._is_line(start, end)

    def _touches(self, start: int, end: int) -> bool:
        """Say whether another capital that is nobody's known stands against the word: « Jean Autre », « Saint-Jean »."""
        text, ends = self.reader.text, self.reader.vocabulary.ends_name
        if text[end : end + 1] == "-" or text[max(0, start - 1) : start] == "-":
            return True
        after = re.match(rf"[ ]({_WORD})", text[end : end + 40])
        before = re.search(rf"(?<![\w'’-])({_WORD})[ ]\Z", text[max(0, start - 40) : start])
        return any(found is not None and not ends(fold(found[1])) for found in (after, before))


def find_persons(text: str, people: People) -> list[tuple[int, int]]:
    """Return where names are in a text in simple characters, in order, without overlap.

    What is found by form or context is added to ``people``, who are looked for everywhere.
    """
    folded = fold(text)
    found = _merged(_Reader(text, folded).find())
    for start, end in found:
        people.add(Person.of(text[start:end]))
    remaining = blank(text, found, "]")
    return _merged([*found, *_Mentions(_Reader(remaining, blank(folded, found, "]")), people).find()])


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans in order, those that overlap made one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged
