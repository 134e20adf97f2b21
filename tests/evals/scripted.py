"""A bench whose system answers from a script: real grading, no model, no index."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import yaml

from evals.subject import Subject
from evals.suite import Bench


@dataclass(frozen=True)
class FakeLibrary:
    """What a suite asks of the library: texts that may be quoted, and two names."""

    texts: tuple[str, ...] = ()
    fingerprint: str = "corpus-1"
    model: str = "model-1"

    @property
    def passages(self):
        return tuple(SimpleNamespace(text=text) for text in self.texts)


@dataclass
class Script:
    """Replies by the last turn; ``otherwise`` for what the script does not know."""

    replies: dict[str, dict] = field(default_factory=dict)
    otherwise: dict = field(default_factory=lambda: reply("Je ne sais pas.", kind="abstention"))
    asked: list[str] = field(default_factory=list)

    def ask(self, turns, day):
        self.asked.append(turns[-1])
        found = self.replies.get(turns[-1], self.otherwise)
        if isinstance(found, Exception):
            raise found
        return found


def reply(answer, kind="answer", status="answered", citations=(), rules=(), **more):
    return {
        "kind": kind,
        "status": status,
        "answer": answer,
        "citations": list(citations),
        "rules": list(rules),
        **more,
    }


def citation(number, excerpt, source="ars-mayotte-2025", title="Appel à projets"):
    return {"number": number, "id": source, "title": title, "date": "2025", "excerpt": excerpt}


def sample(name, turns, expect=None, **more):
    return {
        "id": name, "turns": turns, "date": "2026-11-26", "expect": {"kinds": ["answer"]} | (expect or {}),
        "written_by": "essai", "checked_by": None, **more,
    }  # fmt: skip


def bench(folder: Path, script: Script, texts=(), beside: Path | None = None, **sets) -> Bench:
    """Return a bench over sets written into ``folder``: ``answers=[sample(…)]``."""
    for name, samples in sets.items():
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(samples, allow_unicode=True), encoding="utf-8")
    return Bench(
        Subject("product", lambda: script.ask),
        lambda: FakeLibrary(tuple(texts)),
        folder,
        beside or folder / "absent",
    )


def open_echo():
    """Return a system that repeats what it is asked."""
    return lambda turns, _day: {"kind": "answer", "answer": turns[-1]}
