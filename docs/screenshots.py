"""Photograph every screen: the real assistant in Debian's Chromium, wide and narrow, light and dark.

Run from the root of the checkout: ``python docs/screenshots.py DIRECTORY`` (or ``make screenshots``, which renews the
images of the README in ``docs/images``).
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parent.parent
QUESTION = "Nous sommes 14 ESSMS en Bretagne : pouvons-nous candidater en 2025 ?"
PROJECT = "/projet?nombre_essms=16&territoires=bretagne&territoires=normandie&campagne=2025"
LOGIN, PASSWORD = "agent.exemple", "quatre chevaux gris"
MESSAGE = """De : Mme Exemple <direction@example.org>
Objet : Seuil et date limite

Bonjour,

Nous sommes 12 ESSMS en Bretagne. Pouvons-nous candidater seuls en 2025 ?
Quelle est la date limite de la voie régionale ? On nous a dit que les SAAD n’étaient pas éligibles.

Cordialement,
Mme Exemple
Directrice
"""
WIDE, NARROW = (1280, 900), (390, 844)
STARTUP_SECONDS = 120
SETTLING_MS = 800


def ask(page: Page) -> None:
    """Ask the question and wait for its answer."""
    page.get_by_label("Votre question").fill(QUESTION)
    page.get_by_label("Votre question").press("Enter")
    page.locator(".answer:not(.pending)").wait_for(timeout=60_000)
    page.locator("[role=log][aria-busy=false]").wait_for()


def open_source(page: Page) -> None:
    """Ask, then open the first source of the answer."""
    ask(page)
    page.locator("a.marker").first.click()
    page.locator("#panel").wait_for()


def search(page: Page) -> None:
    """Search the sources."""
    page.locator("input[name=q]").first.fill("montée de version")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=*")


def draft_reply(page: Page) -> None:
    """Sign in at the desk and have a reply drafted to a message."""
    page.get_by_label("Identifiant").fill(LOGIN)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    page.get_by_role("button", name="Nouvelle demande").click()
    page.get_by_label("Message à coller").fill(MESSAGE)
    page.get_by_role("button", name="Préparer une réponse").click()
    page.get_by_label("Texte de la réponse").wait_for(timeout=60_000)
    page.get_by_role("heading", name="Seuil et date limite").wait_for()


@dataclass(frozen=True)
class Shot:
    """One image: its name, the path shown, the window, the theme, and what is done before."""

    name: str
    path: str
    window: tuple[int, int] = WIDE
    dark: bool = False
    act: Callable[[Page], None] | None = None


SHOTS = (
    Shot("accueil", "/"),
    Shot("converser", "/", act=ask),
    Shot("converser-telephone", "/", NARROW, dark=True, act=ask),
    Shot("source-citee", "/", dark=True, act=open_source),
    Shot("projet", PROJECT),
    Shot("projet-telephone", PROJECT, NARROW),
    Shot("calendrier", "/calendrier"),
    Shot("calendrier-telephone", "/calendrier?annee=2025", NARROW, dark=True),
    Shot("sources", "/sources", act=search),
    Shot("source", "/sources/ars-mayotte-2025", dark=True),
    Shot("fiche", "/fiches/calendrier"),
    Shot("glossaire", "/glossaire", NARROW),
    Shot("a-propos", "/a-propos"),
    Shot("accessibilite", "/accessibilite", NARROW),
    Shot("integre", "/?embed=1", NARROW, act=ask),
    Shot("espace-agents", "/agents/", (1360, 900), act=draft_reply),
)


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    """Return once the server answers; exit when it stopped or takes too long."""
    limit = time.monotonic() + STARTUP_SECONDS
    while server.poll() is None and time.monotonic() < limit:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.3)
    sys.exit("the server did not start: run `make run` to see why.")


def take(port: int, directory: Path) -> None:
    """Write one image for each screen."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("chromium is needed: apt-get install chromium fonts-dejavu-core.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for shot in SHOTS:
            width, height = shot.window
            page = browser.new_page(
                locale="fr-FR",
                color_scheme="dark" if shot.dark else "light",
                viewport={"width": width, "height": height},
            )
            page.goto(f"http://127.0.0.1:{port}{shot.path}", wait_until="networkidle")
            if shot.act:
                shot.act(page)
            page.wait_for_timeout(SETTLING_MS)
            page.screenshot(path=directory / f"{shot.name}.png")
            page.close()
            sys.stdout.write(f"{directory / shot.name}.png\n")
        browser.close()


def main() -> None:
    """Serve the page, photograph it, stop the server."""
    directory = Path(sys.argv[1] if len(sys.argv) == 2 else ROOT / "docs" / "images")
    directory.mkdir(parents=True, exist_ok=True)
    port = free_port()
    command = [sys.executable, "-m", "assistant", "serve", "--port", str(port)]
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "ASSISTANT_DATABASE_URL": f"sqlite:///{folder}/desk.sqlite3"}
        account = [*command[:3], "accounts", "add", LOGIN, "--name", "Agent d’exemple", "--password-stdin"]
        subprocess.run(account, cwd=ROOT, env=environment, input=PASSWORD.encode(), check=True)
        with subprocess.Popen(command, cwd=ROOT, env=environment) as server:
            try:
                wait_for(port, server)
                take(port, directory)
            finally:
                server.terminate()


if __name__ == "__main__":
    main()
