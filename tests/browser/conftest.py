"""A browser (Chromium of the system, through Playwright), the page, and the scripted bot behind it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.telegram import Running, start
from tests.browser.scripted_bot import ScriptedBot

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """The browser; without one these tests are skipped, and fail where `NEED_BROWSER` is set.

    It ends with its module: while it lives, its event loop occupies the thread and no other test could run one.
    """
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        if os.environ.get("NEED_BROWSER"):
            pytest.fail("no Chromium was found; install it (apt-get install chromium) or name it in CHROMIUM")
        pytest.skip("no Chromium was found")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def stage() -> Iterator[Running]:
    """The local Telegram with its page and a bot that answers."""
    bot = ScriptedBot()
    try:
        with start("--page", "--no-limits", "--pedigree-url", bot.pedigree_url) as running:
            bot.start(running.api_url, running.token)
            yield running
            bot.stop()
    finally:
        bot.stop()
