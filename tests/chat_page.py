"""What a visitor of the chat does, for the tests that drive it in a browser."""

from __future__ import annotations

import time

from playwright.sync_api import Locator, Page, expect


def ask(page: Page, question: str) -> None:
    """Type a question and send it with the keyboard."""
    box = page.get_by_label("Votre question")
    box.fill(question)
    box.press("Enter")


def answers(page: Page) -> Locator:
    """Return the answers that are whole."""
    return page.locator(".answer:not(.pending)")


def last_answer(page: Page) -> Locator:
    """Return the last answer that is whole."""
    return answers(page).last


def answered(page: Page, question: str) -> Locator:
    """Ask, wait until the page has kept the answer, and return it."""
    count = answers(page).count()
    ask(page, question)
    expect(answers(page)).to_have_count(count + 1)
    expect(page.get_by_role("log")).to_have_attribute("aria-busy", "false")
    settled(page)
    return last_answer(page)


def settled(page: Page) -> None:
    """Wait until the page has announced and kept what it shows."""
    becomes(page, "!sessionStorage.getItem('asked')")


def becomes(page: Page, expression: str) -> None:
    """Wait until an expression is true; Playwright's own waiting is refused by the page's policy."""
    limit = time.monotonic() + 10
    while not page.evaluate(expression):
        assert time.monotonic() < limit, expression
        page.wait_for_timeout(50)


def fits(page: Page) -> bool:
    """Whether nothing makes the page scroll sideways."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
