"""Another site shows the chat in a frame: allowed sites only, by one line of script or by a plain frame."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from assistant.settings import SiteSettings

pytestmark = pytest.mark.browser

HOST_POLICY = "default-src 'none'; script-src {site}; frame-src {site}; style-src 'self'; require-trusted-types-for 'script'"


@contextmanager
def host(body: str, site: str) -> Iterator[str]:
    """Serve a page of another site, under a strict policy, on a port of its own."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = f"<!doctype html><html lang=fr><title>Hôte</title><body>{body}</body></html>".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", HOST_POLICY.format(site=site))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(timeout=10)
    server.server_close()


@pytest.fixture
def tab(browser):
    context = browser.new_context(locale="fr-FR", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


@pytest.fixture(scope="module")
def allowing(serving_with):
    """The assistant, which any port of the loopback may frame."""
    with serving_with(SiteSettings(frame_ancestors=("http://127.0.0.1:*",))) as url:
        yield url.rstrip("/")


@pytest.fixture(scope="module")
def refusing(serving_with):
    """The assistant, which only a site that is not there may frame."""
    with serving_with(SiteSettings(frame_ancestors=("https://intranet.example.org",))) as url:
        yield url.rstrip("/")


def script(site: str, more: str = "") -> str:
    return (
        f'<p id="before">Avant</p><script src="{site}/embed.js" {more} async></script><p id="after">Après</p>'
    )


def ask(frame) -> None:
    box = frame.get_by_label("Votre question")
    box.wait_for()
    box.fill("Combien d’ESSMS faut-il ?")
    box.press("Enter")
    frame.locator("#conversation").get_by_text("le groupement est sous le seuil").wait_for()


def test_one_line_puts_the_chat_where_it_stands_and_it_answers(tab, allowing):
    troubles: list[str] = []
    tab.on("pageerror", lambda error: troubles.append(str(error)))
    tab.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
    with host(script(allowing, 'data-height="700"'), allowing) as url:
        tab.goto(url)
        frame = tab.locator("iframe")
        frame.wait_for()
        ask(tab.frame_locator("iframe"))

        assert tab.locator("#before + script + iframe + #after").count() == 1
        assert frame.get_attribute("title") == "Assistant ESMS numérique"
        assert frame.get_attribute("src") == f"{allowing}/?embed=1"
        assert frame.get_attribute("loading") == "lazy"
        assert frame.get_attribute("allow") == "clipboard-write"
        box = frame.bounding_box()
        assert box["height"] == 700
        assert box["width"] == tab.evaluate("document.body.clientWidth")
        assert tab.evaluate("getComputedStyle(document.querySelector('iframe')).borderTopWidth") == "0px"
        assert tab.context.cookies() == []
        assert troubles == []


def test_the_script_leaves_nothing_behind_and_may_stand_twice(tab, allowing):
    with host("", allowing) as url:
        tab.goto(url)
        before = set(tab.evaluate("Object.getOwnPropertyNames(window)"))
    with host(script(allowing) + script(allowing, 'data-height="400"'), allowing) as url:
        tab.goto(url)
        tab.wait_for_function("document.querySelectorAll('iframe').length === 2")

        # The frames themselves are counted by number.
        added = set(tab.evaluate("Object.getOwnPropertyNames(window)")) - before
        assert {name for name in added if not name.isdecimal()} <= {"before", "after"}
        assert [frame.get_attribute("height") for frame in tab.locator("iframe").all()] == ["640", "400"]
        ask(tab.frame_locator("iframe >> nth=1"))


@pytest.mark.parametrize("height", ["", "abc", "-5", "1e9", "100000", "10", '640px\\" onload=alert(1)'])
def test_a_height_that_means_nothing_is_the_usual_one(tab, allowing, height):
    with host(script(allowing, f'data-height="{height}"'), allowing) as url:
        tab.goto(url)
        tab.locator("iframe").wait_for()

        assert tab.locator("iframe").get_attribute("height") == "640"
        assert tab.locator("iframe[onload]").count() == 0


def test_the_plain_frame_told_by_the_page_works(tab, allowing):
    tab.goto(f"{allowing}/a-propos")
    code = tab.locator("#snippet-frame").inner_text()
    # The policy of this host refuses style attributes: only the border changes.
    with host(code, allowing) as url:
        tab.goto(url)
        ask(tab.frame_locator("iframe"))


def test_the_script_told_by_the_page_works(tab, allowing):
    tab.goto(f"{allowing}/a-propos")
    code = tab.locator("#snippet-script").inner_text()
    with host(code, allowing) as url:
        tab.goto(url)
        ask(tab.frame_locator("iframe"))


@pytest.mark.parametrize("form", ["script", "frame"])
def test_a_site_that_is_not_allowed_shows_an_empty_frame(tab, refusing, server, form):
    for site in (refusing, server.url.rstrip("/")):
        body = (
            script(site) if form == "script" else f'<iframe src="{site}/?embed=1" title="Assistant"></iframe>'
        )
        refusals: list[str] = []
        tab.on(
            "console", lambda line, seen=refusals: seen.append(line.text) if line.type == "error" else None
        )
        with host(body, site) as url:
            tab.goto(url)
            tab.wait_for_function("document.querySelector('iframe') !== null")
            tab.wait_for_timeout(1000)

            (frame,) = tab.main_frame.child_frames
            assert frame.url.startswith("chrome-error:")
            assert any("frame" in text.lower() for text in refusals)


def test_the_script_may_be_loaded_by_any_site_and_nothing_else_changes(allowing, refusing, server):
    for site in (allowing, refusing, server.url.rstrip("/")):
        response = httpx.get(f"{site}/embed.js")

        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/javascript")
        assert response.headers["cross-origin-resource-policy"] == "cross-origin"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in response.headers
        assert "cross-origin-resource-policy" not in httpx.get(f"{site}/").headers


@pytest.mark.parametrize("path", ["/", "/?embed=1", "/a-propos", "/nulle-part"])
def test_who_may_frame_is_said_on_every_response(allowing, refusing, server, path):
    said = {site: httpx.get(site + path).headers for site in (allowing, refusing, server.url.rstrip("/"))}

    open_, closed, none = said.values()
    assert "frame-ancestors http://127.0.0.1:*" in open_["content-security-policy"]
    assert "x-frame-options" not in open_
    assert "frame-ancestors https://intranet.example.org" in closed["content-security-policy"]
    assert "frame-ancestors 'none'" in none["content-security-policy"]
    assert none["x-frame-options"] == "DENY"


def test_the_embedded_page_is_compact_and_leaves_the_frame_for_the_rest(tab, allowing):
    with host(script(allowing), allowing) as url:
        tab.goto(url)
        frame = tab.frame_locator("iframe")
        frame.get_by_label("Votre question").wait_for()

        assert frame.locator("nav[aria-label='Navigation principale']").count() == 0
        for link in frame.locator("header a, .banner a").all():
            assert link.get_attribute("target") == "_blank"
            assert "noopener" in link.get_attribute("rel")
