"""Have a model put a follow-up as a question that stands alone; what it adds to the user's words is refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pydantic import BaseModel, Field

from assistant.figures import figures_of
from assistant.model.client import Session
from assistant.model.prompts import load_prompt
from assistant.model.settings import Task
from assistant.privacy.pseudonyms import Mapping, conceal, restore
from assistant.understanding.facts import find_voies, read_facts
from assistant.understanding.numbers import in_digits
from assistant.understanding.questions import opens_question
from assistant.understanding.text import clean, fold
from index.french import stem

_MAXIMUM_TOKENS = 160
_LONGEST = 400  # characters of a question
_OF_ITS_OWN = 4  # words that link others: « concernant », « possible »
_LEAST = 0.7  # share of its words that are the user's


class _Rephrased(BaseModel):
    """The last message as a question that stands alone."""

    question: str = Field(description="La question complète, en français.")


def rephrase(turns: Sequence[str], day: date, session: Session) -> str | None:
    """Return the last of ``turns`` as a question that stands alone; ``None`` when the model changes what is asked.

    Raises:
        ModelError: The model did not answer.
    """
    from langchain_core.messages import HumanMessage, SystemMessage

    prompt = load_prompt(Task.REPHRASE)
    shown, mapping = _concealed(turns, session, prompt.text)
    messages = [SystemMessage(prompt.text), HumanMessage(shown)]
    written = session.structured(
        Task.REPHRASE, messages, _Rephrased, max_tokens=_MAXIMUM_TOKENS, prompt=prompt.version
    )
    question = clean(restore(getattr(written, "question", ""), mapping).text)
    return question if faithful_to(question, turns, day) else None


def _concealed(turns: Sequence[str], session: Session, prompt: str) -> tuple[str, Mapping]:
    """Return the last turns that the window holds, oldest first, without what identifies people."""
    mapping = Mapping()
    lines: list[str] = []
    for turn in reversed(turns):
        hidden, mapping = conceal(turn[:2_000], mapping=mapping)
        line = f"- {hidden}" if lines else f"Dernier message : {hidden}"
        if lines and session.room(prompt, *lines, line) < _MAXIMUM_TOKENS:
            break
        lines.append(line)
    return "\n".join(["Conversation :", *reversed(lines)]), mapping


def faithful_to(question: str, turns: Sequence[str], day: date) -> bool:
    """Whether a question asks with the words, figures and facts of a conversation alone.

    Example:
        >>> faithful_to("Et pour 18 ESSMS ?", ["Combien d’ESSMS faut-il ?"], date(2025, 6, 2))
        False
    """
    said = "\n".join(turns)
    if not question or len(question) > _LONGEST or not opens_question(fold(question).plain):
        return False
    if not figures_of(in_digits(question)) <= figures_of(in_digits(said)):
        return False
    told, asked = read_facts(fold(clean(said)), day), read_facts(fold(question), day)
    places = {place.value for place in asked.territoires} <= {place.value for place in told.territoires}
    kinds = {one.categorie for one in asked.categories} <= {one.categorie for one in told.categories}
    tracks = set(find_voies(fold(question).plain)) <= set(find_voies(fold(said).plain))
    if not (places and kinds and tracks) or _denials(question) > _denials(said):
        return False
    words, there = set(stem(question)), set(stem(said))
    added = words - there
    return len(added) <= _OF_ITS_OWN and len(words & there) >= _LEAST * len(words)


def _denials(text: str) -> int:
    plain = f" {fold(text).plain} "
    return sum(plain.count(word) for word in (" pas ", " plus ", " jamais ", " sans ", " aucun", " sauf "))
