"""A report in a real browser without a network, with what it requested and the errors it logged."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

PATIENCE = 15_000
"""Milliseconds to wait until something shows."""
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
OPTIONS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="no chromium on the PATH: apt-get install chromium"
)


@dataclass(frozen=True, slots=True)
class Opened:
    """The open page, the URLs that it requested, and its errors."""

    page: Page
    calls: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def words(self) -> str:
        """What a person reads, in the page and in its frames."""
        return "\n".join(str(frame.inner_text("body")) for frame in self.page.frames)

    def click(self, words: str) -> None:
        """Click on the first element with exactly this text."""
        self.page.locator(f'text="{words}"').first.click()

    def waits_for(self, words: str) -> None:
        """Wait until these words show."""
        self.page.get_by_text(words).first.wait_for()


@contextmanager
def opened(file: Path) -> Iterator[Opened]:
    """Open the report from the disk."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(OPTIONS))
        context = browser.new_context(viewport={"width": 1400, "height": 1000}, offline=True)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        seen = Opened(page)
        page.on("request", lambda request: seen.calls.append(request.url))
        page.on("pageerror", lambda error: seen.errors.append(str(error)))
        page.on("console", lambda said: seen.errors.extend([said.text] * (said.type == "error")))
        page.goto(file.resolve().as_uri())
        page.get_by_text("Powered by").wait_for()
        yield seen
        browser.close()
