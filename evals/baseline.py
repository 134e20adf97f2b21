"""The baseline that answers: LangChain's quick start over the product's own corpus.

Fiches and glossary are read as files, cut in chunks of 1 000 characters and found by all-MiniLM-L6-v2. The four
nearest chunks go into a local chat model when one is configured; else the nearest is the answer.
"""

from __future__ import annotations

import ipaddress
import os
import re
import tempfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from evals.errors import EvalError
from evals.retrieval import Entry

if TYPE_CHECKING:
    from langchain_core.documents import Document

    from evals.subject import Ask

CHAT_URL = "EVALS_CHAT_URL"
CHAT_MODEL = "EVALS_CHAT_MODEL"
TOP = 4
_TIMEOUT_S = 120.0
_CITED = re.compile(r"@([a-z0-9][a-z0-9-]*)")
_PROMPT = (
    "Tu réponds en français à des questions sur le programme ESMS numérique. Appuie-toi sur les extraits suivants et "
    "sur rien d’autre ; si tu ne sais pas, dis-le. Réponds en trois phrases au plus.\n\n{context}\n\nQuestion : {question}"
)


def read_files() -> list[Entry]:
    """Return the corpus as a newcomer would load it: one document a fiche, as written, and one a term."""
    from corpus.fiches import FICHES_DIR
    from corpus.glossary import load_glossary

    fiches = [
        Entry(path.stem, "", path.read_text(encoding="utf-8").split("---", 2)[-1].strip())
        for path in sorted(FICHES_DIR.glob("*.md"))
    ]
    terms = [
        Entry(
            f"glossaire-{rank}",
            "",
            f"{term.term} : {term.definition} [{'; '.join(f'@{source}' for source in term.sources)}]",
        )
        for rank, term in enumerate(load_glossary())
    ]
    return [*fiches, *terms]


def chat_url() -> str | None:
    """Return the base URL of the local chat model, ``None`` when none is configured.

    Raises:
        EvalError: It leads elsewhere than to this machine.
    """
    url = os.environ.get(CHAT_URL, "").strip().rstrip("/")
    if not url:
        return None
    host = urlsplit(url).hostname or ""
    try:
        here = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        here = False
    if not here or urlsplit(url).scheme not in ("http", "https"):
        raise EvalError(
            f"{CHAT_URL} vaut « {url} » : une adresse de cette machine est attendue, comme http://127.0.0.1:8080/v1."
        )
    return url


def open_quickstart() -> Ask:
    """Return the baseline as a system that can be asked; a conversation is its turns put end to end.

    Raises:
        EvalError: A package of the baseline is missing, or the chat model is not on this machine.
    """
    from corpus.paths import var_dir
    from corpus.progress import ProgressBar
    from evals.quickstart import build_store

    url = chat_url()
    directory = tempfile.TemporaryDirectory()
    progress = ProgressBar("Encodage des passages")
    store = build_store(read_files(), var_dir() / "cache" / "vectors", Path(directory.name), progress)

    def ask(turns: Sequence[str], _day: date) -> dict[str, Any]:
        _ = directory  # the store lives in it as long as it can be asked
        question = "\n".join(turns)
        chunks = store.similarity_search(question, TOP)
        return reply_with(question, chunks, chat(url) if url else None)

    return ask


def reply_with(
    question: str, chunks: Sequence[Document], generate: Callable[[str], str] | None
) -> dict[str, Any]:
    """Return the reply in the product's form: it always answers, and cites the sources its chunks name."""
    if generate is None:
        chunks = chunks[:1]
        text = chunks[0].page_content if chunks else ""
    else:
        context = "\n\n".join(chunk.page_content for chunk in chunks)
        text = generate(_PROMPT.format(context=context, question=question))
    named = dict.fromkeys(name for chunk in chunks for name in _CITED.findall(chunk.page_content))
    citations = [{"number": number, "id": name} for number, name in enumerate(named, 1)]
    return {"kind": "answer", "status": "answered", "answer": _CITED.sub("", text), "citations": citations}


def chat(url: str) -> Callable[[str], str]:
    """Return a function that asks an OpenAI-compatible server, without chance in its reply."""
    import httpx

    model = os.environ.get(CHAT_MODEL, "local")

    def generate(prompt: str) -> str:
        body = {"model": model, "temperature": 0, "messages": [{"role": "user", "content": prompt}]}
        with httpx.Client(trust_env=False, timeout=_TIMEOUT_S) as client:
            reply = client.post(f"{url}/chat/completions", json=body).raise_for_status()
        return str(reply.json()["choices"][0]["message"]["content"])

    return generate
