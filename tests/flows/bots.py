"""A bot process under test, and what a test may do to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from sandbox.postgres import free_port
from sandbox.telegram.client import Client

JOIN = 0.15
Json = dict[str, Any]


def until(condition: Callable[[], Any], seconds: float = 15.0, what: str = "") -> Any:
    """Poll a condition until it is true; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        if value := condition():
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what or condition}")
        time.sleep(0.03)


class Bot:
    """One process. `kill` is a power cut; `stop` is what a supervisor does."""

    def __init__(self, telegram: Any, database: str, folder: Path, settings: dict[str, str]) -> None:
        self.telegram, self.database, self.folder = telegram, database, folder
        self.people: Client = telegram.client
        self.log = folder / "bot.log"
        self.pedigree_port = free_port()
        self._environment = {
            **{k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "PYTHONPATH", "CONDITION_DIR")},
            "TELEGRAM_TOKEN": telegram.token,
            "TELEGRAM_API_URL": telegram.api_url,
            "DATABASE_URL": database,
            "PATIENT_KEY": "a key for tests",
            "STATE_DIR": str(folder / "state"),
            "ALLOW_UNREVIEWED": "yes",
            "JOIN_SECONDS": str(JOIN),
            "PEDIGREE_PORT": str(self.pedigree_port),
            "SEND_PER_CHAT": "1000",
            "SEND_PER_SECOND": "1000",
            "PYTHONWARNINGS": "ignore",
            **settings,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, wait: bool = True) -> Bot:
        """Start it, and wait until it polls."""
        before = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "llm4sweat.main", "bot"], env=self._environment, stdout=log, stderr=log
            )
        if wait:
            until(lambda: self._polls(time.monotonic() - before), 60, "the bot polls: " + str(self.log))
        return self

    def _polls(self, running: float) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()[-2000:]
        state = self.people.state()
        since = state.get("seconds_since_poll")
        return since is not None and since < running and "store_ready" in self.log.read_text()

    def kill(self) -> None:
        """SIGKILL."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> int:
        """SIGTERM; returns the exit status."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(15)

    def patient(self, name: str = "Ann", language: str = "en", country: str = "US", **answers: int) -> int:
        """A person who went through the first conversation; answers: chat, review, training, adult (1 or 0)."""
        person = self.people.person(name, language)
        self.people.ask(person, "/start", count=2)
        for step in ("chat", "review", "training", "adult"):
            self.press(person, f"c:{step}:{answers.get(step, 1)}")
        self.press(person, f"c:country:{country}")
        return person

    def press(self, person: int, data: str, seconds: float = 15.0) -> list[Json]:
        """Press the newest button with this data, and wait for what the bot says."""
        newest = until(lambda: self._button(person, data), seconds, f"a button {data}")
        last = max(m["message_id"] for m in self.people.messages(person))
        self.people.press(person, newest, data=data)
        return self.people.wait_said(person, after=last, seconds=seconds)

    def _button(self, person: int, data: str) -> int | None:
        for message in reversed(self.people.said(person)):
            for row in message.get("reply_markup", {}).get("inline_keyboard", []):
                if any(str(button.get("callback_data", "")) == data for button in row):
                    return int(message["message_id"])
        return None

    def ask(self, person: int, text: str, count: int = 1, seconds: float = 15.0) -> list[str]:
        """Say something and wait for the bot's next messages; their texts."""
        return [m["text"] for m in self.people.ask(person, text, count=count, seconds=seconds)]

    def query(self, sql: str, *values: Any) -> list[Json]:
        """Rows of the bot's database, past any relay."""
        with psycopg.connect(self.database, row_factory=dict_row) as connection:
            return connection.execute(sql, values).fetchall()

    def of(self, person: int, table: str, more: str = "") -> list[Json]:
        """A person's rows of a table."""
        mine = "patient_id = (SELECT id FROM patient WHERE chat_id = %s)" if table != "patient" else "chat_id = %s"
        return self.query(f"SELECT * FROM {table} WHERE {mine} {more}", person)

    def refuses(self, sql: str, *values: Any) -> bool:
        """Whether the database refuses a statement because of a constraint; it is rolled back in any case."""
        with psycopg.connect(self.database) as connection:
            try:
                connection.execute(sql, values)
            except psycopg.errors.IntegrityError:
                return True
            finally:
                connection.rollback()
        return False

    def texts(self, person: int) -> list[str]:
        """All that the bot said to a person."""
        return [m["text"] for m in self.people.said(person)]


class Bots:
    """Makes bots for one test, and ends them."""

    def __init__(self, telegram: Any, folder: Path) -> None:
        self.telegram, self._folder = telegram, folder
        self._made: list[Bot] = []

    def start(self, database: str, wait: bool = True, **settings: str) -> Bot:
        """A further bot process; `settings` are environment variables in lower case."""
        folder = self._folder / f"bot{len(self._made)}"
        folder.mkdir()
        bot = Bot(self.telegram, database, folder, {k.upper(): v for k, v in settings.items()})
        self._made.append(bot)
        return bot.start(wait)

    def stop_all(self) -> None:
        """End what still runs."""
        for bot in self._made:
            if bot.process is not None and bot.process.poll() is None:
                bot.process.kill()
                bot.process.wait(10)
