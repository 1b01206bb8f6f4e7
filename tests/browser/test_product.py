"""The whole product in a real browser: `make demo`'s own start, the page, the production bot, one patient's way."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.flows.bots import until

pytestmark = pytest.mark.browser
READY = 120.0


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demo in a folder of its own; its address. It must end within five seconds of Ctrl-C."""
    folder = Path(tempfile.mkdtemp(prefix="llm4sweat-demo-"))  # PostgreSQL's user must reach it
    log = tmp_path_factory.mktemp("log") / "demo.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "sandbox.demo", "--folder", str(folder)], stdout=out, stderr=out
        )
    try:
        until(lambda: "to be a patient yourself" in log.read_text() or process.poll() is not None, READY)
        assert process.poll() is None, log.read_text()
        yield next(word for word in log.read_text().split() if word.startswith("http://127.0.0.1:"))
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        subprocess.run(["rm", "-rf", str(folder)], check=False)


@pytest.fixture
def page(chromium: Browser, demo: str) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    made = context.new_page()
    made.goto(demo)
    made.locator("body[data-ready=yes]").wait_for()
    yield made
    context.close()


def said(page: Page, text: str) -> None:
    """The bot's last message holds a text."""
    expect(page.locator(".message:not(.mine) .text").last).to_contain_text(text, timeout=20_000)


def test_a_patient_is_welcomed_answered_held_and_helped(page: Page) -> None:
    page.locator("nav button").first.click()
    page.locator("#start").click()
    said(page, "1 of 3")
    for label, next_words in (
        ("I agree", "2 of 3"),
        ("I agree", "3 of 3"),
        ("I agree", "18 or older"),
        ("I am 18 or older", "Which country"),
        ("United States", "we can start"),
    ):
        page.get_by_role("button", name=label, exact=True).last.click()
        said(page, next_words)
    _write(page, "how do I use aluminium chloride against sweaty armpits?")
    said(page, "Not yet checked by a specialist")
    expect(page.locator("#insight")).to_contain_text("aluminium", ignore_case=True, timeout=20_000)
    _write(page, "how many mg of oxybutynin should I take?")
    expect(page.locator("#insight")).to_contain_text("specialist would decide here", timeout=20_000)
    _write(page, "my chest hurts, cold sweat, my left arm is numb")
    said(page, "Call 911 now")
    page.get_by_role("button", name="I am safe").last.click()
    said(page, "I am glad that you are safe")


def _write(page: Page, text: str) -> None:
    page.locator("#text").fill(text)
    page.locator("#text").press("Enter")
