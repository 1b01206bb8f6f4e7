"""One local Telegram for the tests of a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.telegram import Client, Running, start
from tests.sandbox.calling import Caller


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    """A server without flood limits and without memory."""
    with start("--no-limits", "--webhook-retry", "0.05") as server:
        yield server


@pytest.fixture
def people(running: Running) -> Client:
    """The people of that Telegram."""
    return running.client


@pytest.fixture
def bot(running: Running) -> Caller:
    """The bot's side."""
    return Caller(running)


@pytest.fixture
def ann(people: Client, bot: Caller) -> Iterator[int]:
    """A person who has written to the bot; what is pending is confirmed."""
    number = people.person("Ann", "en", username=f"ann_{people.state()['last_event']}")
    people.say(number, "hello")
    bot.good("deleteWebhook", drop_pending_updates=True)
    yield number
    people.call("heal")
    bot.good("deleteWebhook", drop_pending_updates=True)
