"""The product as processes: a real PostgreSQL, the local Telegram, the bot started as in production, a relay that cuts wires.

Only the wire to Telegram and the model is stood in for. Each test has its own database, chat server and bot.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from sandbox.postgres import Postgres
from sandbox.telegram import start
from tests.flows.bots import Bot, Bots
from tests.flows.relay import Relay


@contextmanager
def _server() -> Iterator[Postgres]:
    """A server in a folder of its own: not in pytest's, which a second run closes to other users."""
    folder = Path(tempfile.mkdtemp(prefix="llm4sweat-test-"))
    server = Postgres(folder / "data")
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for all tests that do not stop it."""
    with _server() as server:
        yield server


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    """A server that the test may stop."""
    with _server() as server:
        yield server


@contextmanager
def _database(postgres: Postgres) -> Iterator[str]:
    name = f"t_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield postgres.url.rsplit("/", 1)[0] + "/" + name
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def database(postgres: Postgres) -> Iterator[str]:
    """The address of a database of its own."""
    with _database(postgres) as url:
        yield url


@pytest.fixture
def bots(tmp_path: Path) -> Iterator[Bots]:
    """Starts bots on a local Telegram of their own, and ends them."""
    with start("--no-limits") as telegram:
        made = Bots(telegram, tmp_path)
        yield made
        made.stop_all()


@pytest.fixture(scope="session")
def bot(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """One running bot that tests share; each test has people of its own, and harms nothing."""
    with _database(postgres) as url, start("--no-limits") as telegram:
        made = Bots(telegram, tmp_path_factory.mktemp("bot"))
        yield made.start(url)
        made.stop_all()


@pytest.fixture
def relay(postgres: Postgres) -> Iterator[Relay]:
    """A wire to PostgreSQL that can be cut and slowed."""
    with Relay(postgres.port) as wire:
        yield wire


@pytest.fixture
def broken_pack(tmp_path: Path) -> str:
    """A copy of the pack with an unknown key."""
    folder = tmp_path / "pack"
    shutil.copytree(os.environ.get("CONDITION_DIR", "conditions/hyperhidrosis"), folder)
    file = folder / "condition.toml"
    file.write_text("surprise = true\n" + file.read_text())
    return str(folder)
