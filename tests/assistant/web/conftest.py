"""A scripted assistant, the real server on a free port of the loopback, and a real browser."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from types import SimpleNamespace

import pytest
from modelled_assistant import ModelledAssistant

from assistant.answer import Answer, Citation, Kind, Status
from assistant.rules.result import Outcome, RuleResult, Step, StepStatus
from assistant.settings import SiteSettings
from assistant.web.app import WARM_UP
from corpus.fiches import load_statements
from index.chunking import statement_passage
from index.passage import Hit

DAY = date(2025, 6, 2)
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CITATIONS = (
    Citation(
        number=1,
        id="exemple-appel-2025",
        title="Appel à projets d’exemple 2025",
        publisher="ARS d’exemple",
        date="2025-03-01",
        url="https://exemple.fr/appel?annee=2025&voie=regionale",
        location="page 3",
        excerpt="Le projet regroupe au moins 15 ESSMS. <script>alert(1)</script><img src=x onerror=alert(2)>",
        grade=2,
        grade_label="page d’une agence ou institution publique",
    ),
    Citation(
        number=2,
        id="exemple-instruction-2022",
        title="Instruction d’exemple",
        publisher="Ministère d’exemple",
        date="2022",
        url="javascript:alert(3)",
        location="section 2",
        excerpt="Quinze établissements.",
        grade=1,
        grade_label="texte officiel",
    ),
)
RULE = RuleResult(
    "groupement.seuil",
    Outcome.NO,
    (
        Step(
            "Le groupement réunit au moins 15 ESSMS", StepStatus.NOT_MET, ("exemple-appel-2025",), "12 ESSMS"
        ),
        Step("Le porteur est un organisme gestionnaire", StepStatus.MET, ("exemple-instruction-2022",)),
        Step("La part de services à domicile est respectée", StepStatus.UNKNOWN, ("exemple-non-cite",)),
    ),
    {"nombre_essms": 12, "campagne": "2025"},
    ("territoires",),
)
VERDICT = Answer(
    Kind.ANSWER,
    Status.ANSWERED,
    "**Non.** Avec 12 ESSMS, le groupement est sous le seuil [1]. Le texte le fixe [2].\n\n"
    "Vous pouvez :\n- vous regrouper [1] ;\n- écrire à votre ARS.",
    CITATIONS,
    (RULE,),
    ("Et outre-mer ?", "Quelle est la date de clôture ?"),
)

LONG = Answer(
    Kind.ANSWER,
    Status.ANSWERED,
    "\n\n".join(f"Phrase numéro {number}. {'mot ' * 12}" for number in range(1, 301)),
)


class FakeAssistant:
    """Answers with a script and repeats how many turns it was given."""

    def __init__(self) -> None:
        self.seen: list[tuple[tuple[str, ...], date]] = []
        self.notice = ""

    def ask(self, turns: Sequence[str], day: date) -> Answer:
        self.seen.append((tuple(turns), day))
        question = turns[-1]
        if "lente" in question:
            time.sleep(3 if "très lente" in question else 1)
        if "panne" in question:
            raise RuntimeError("scripted failure")
        if "ESSMS" in question:
            return VERDICT
        if "Déroulez" in question:
            return LONG
        if "hostile" in question:
            said = "Il dit **ceci** : <img src=x onerror=alert(1)> [clic](javascript:alert(1)) ![x](http://exemple.fr/x)"
            return Answer(Kind.ANSWER, Status.ANSWERED, said)
        if "dégradée" in question:
            return Answer(Kind.ANSWER, Status.ANSWERED, "Oui.", notice="Mode dégradé d’exemple.")
        return Answer(Kind.ABSTENTION, Status.NOT_IN_CORPUS, f"Tour {len(turns)} : {question[:80]}")

    def health(self) -> str:
        return self.notice

    def search(self, query: str, k: int) -> list[Hit]:
        """Every statement that holds the words as they are written."""
        if "panne" in query:
            raise RuntimeError("scripted failure")
        held = [statement_passage(one) for one in load_statements() if query.lower() in one.text.lower()]
        return [Hit(passage, 1.0, 0.9, 1.0, "") for passage in held[:k]]


class Restartable:
    """The page over the scripted assistant, on a port that it keeps when it stops and starts again."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}/"
        self.start()

    def start(self) -> None:
        self._serving = serving(FakeAssistant(), DAY, port=self._port)
        self._serving.__enter__()

    def stop(self) -> None:
        self._serving.__exit__(None, None, None)

    def restart(self) -> None:
        self.stop()
        self.start()


@pytest.fixture
def restartable() -> Iterator[Restartable]:
    """A server that a test may stop and start again."""
    server = Restartable()
    yield server
    server.stop()


@contextmanager
def serving(
    assistant: object, day: date, settings: SiteSettings | None = None, port: int = 0
) -> Iterator[str]:
    """Serve the page over an assistant on the loopback, on a free port or the one given; give its address."""
    import uvicorn

    from assistant.web.app import create_app

    listener = socket.create_server(("127.0.0.1", port))
    app = create_app(assistant, clock=lambda: day, settings=settings)
    runner = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=runner.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    limit = time.monotonic() + 30
    while not runner.started:
        assert time.monotonic() < limit, "the server did not start"
        time.sleep(0.05)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    runner.should_exit = True
    thread.join(timeout=10)


@pytest.fixture(scope="session")
def server() -> Iterator[SimpleNamespace]:
    """The page over the scripted assistant."""
    assistant = FakeAssistant()
    with serving(assistant, DAY) as url:
        yield SimpleNamespace(url=url, assistant=assistant)


@pytest.fixture(scope="session")
def serving_with():
    """How to serve the page over the scripted assistant with some settings: ``with serving_with(settings) as url``."""
    return lambda settings: serving(FakeAssistant(), DAY, settings)


@pytest.fixture(scope="session")
def modelled_server() -> Iterator[SimpleNamespace]:
    """The page over the scripted assistant, helped by a scripted language model."""
    assistant = ModelledAssistant(FakeAssistant(), VERDICT)
    with serving(assistant, DAY) as url:
        yield SimpleNamespace(url=url, assistant=assistant)


@pytest.fixture(scope="session")
def real_server(assistant) -> Iterator[SimpleNamespace]:
    """The page over the real assistant, its real corpus and index, as of 22 November 2026."""
    assistant.ask([WARM_UP], DAY)  # as the command line does: the first question loads the encoder
    with serving(assistant, date(2026, 11, 22)) as url:
        yield SimpleNamespace(url=url)


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium")
    if path is None:
        pytest.skip("needs Debian's chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        yield chromium
        chromium.close()


@pytest.fixture
def scheme() -> str:
    """The colours the visitor prefers; a test may parametrize it."""
    return "light"


@pytest.fixture
def troubles() -> list[str]:
    """What goes wrong in the tab of the test; one that provokes a failure checks it and empties the list."""
    return []


@pytest.fixture(params=[390, 1280])
def width(request) -> int:
    """The width of the window: a phone, then a desk; a test may parametrize it otherwise."""
    return request.param


@pytest.fixture
def page(browser, server, scheme, width, troubles):
    """A fresh tab on the page, which fails the test on a dialog, a script error or an outside request."""
    context = browser.new_context(
        locale="fr-FR", color_scheme=scheme, viewport={"width": width, "height": 900}
    )
    tab = context.new_page()
    tab.on("dialog", lambda dialog: (troubles.append(f"dialog {dialog.message}"), dialog.dismiss()))
    tab.on("pageerror", lambda error: troubles.append(f"script error {error}"))
    tab.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
    tab.on(
        "request",
        lambda request: (
            None if request.url.startswith((server.url, "data:")) else troubles.append(request.url)
        ),
    )
    tab.set_default_timeout(10_000)
    tab.goto(server.url)
    tab.get_by_label("Votre question").wait_for()
    yield tab
    context.close()
    assert troubles == []
