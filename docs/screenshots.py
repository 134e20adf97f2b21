"""Photograph the page: the real assistant, in Debian's Chromium, light and dark, wide and narrow.

Run from the root of the checkout: ``python docs/screenshots.py DIRECTORY`` (or ``make screenshots``).
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
QUESTIONS = (
    "Nous sommes 14 ESSMS en Bretagne : pouvons-nous candidater en 2025 ?",
    "Et si nous étions en Guadeloupe ?",
)
SHOTS = (
    ("clair", "light", 1280, 1400),
    ("sombre", "dark", 1280, 1400),
    ("mobile", "light", 390, 1200),
)
STARTUP_SECONDS = 120
SETTLING_MS = 800


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
    """Ask the questions in each setting and write one image each."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("chromium is needed: apt-get install chromium fonts-dejavu-core.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for name, scheme, width, height in SHOTS:
            page = browser.new_page(
                locale="fr-FR",
                color_scheme="dark" if scheme == "dark" else "light",
                viewport={"width": width, "height": height},
            )
            page.goto(f"http://127.0.0.1:{port}/")
            for answered, question in enumerate(QUESTIONS):
                page.get_by_label("Votre question").fill(question)
                page.get_by_label("Votre question").press("Enter")
                page.locator(".answer:not(.pending)").nth(answered).wait_for(timeout=60_000)
                page.locator("[role=log]:not([aria-busy=true])").wait_for()
            page.wait_for_timeout(SETTLING_MS)
            page.screenshot(path=directory / f"{name}.png", full_page=True)
            sys.stdout.write(f"{directory / name}.png\n")
        browser.close()


def main() -> None:
    """Serve the page, photograph it, stop the server."""
    directory = Path(sys.argv[1] if len(sys.argv) == 2 else "var/screenshots")
    directory.mkdir(parents=True, exist_ok=True)
    port = free_port()
    command = [sys.executable, "-m", "assistant", "serve", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT) as server:
        try:
            wait_for(port, server)
            take(port, directory)
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
