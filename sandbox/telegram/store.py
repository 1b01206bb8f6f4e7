"""Where the sandbox keeps what happened: one SQLite table of JSON values, written behind the requests.

What is in memory is the truth while the process lives. A killed process loses at most the last flush; numbers that
must never be given out twice are therefore reserved ahead (`world.Numbers`).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
import threading
from pathlib import Path
from typing import Any

FLUSH_SECONDS = 0.2
Key = tuple[str, int, int]


class Store:
    """Key-value rows; without a directory nothing is kept. A directory serves one process at a time."""

    def __init__(self, data_dir: Path | None) -> None:
        self._dirty: dict[Key, Any] = {}
        self._lock = threading.Lock()
        self._stopping = asyncio.Event()
        self._connection: sqlite3.Connection | None = None
        if data_dir is not None:
            data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            path = data_dir / "telegram.sqlite"
            self._connection = sqlite3.connect(path, timeout=1.0, check_same_thread=False, isolation_level=None)
            path.chmod(0o600)
            self._connection.executescript(
                "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                "CREATE TABLE IF NOT EXISTS item (kind TEXT, a INTEGER, b INTEGER, body TEXT NOT NULL,"
                " PRIMARY KEY (kind, a, b)) WITHOUT ROWID; BEGIN EXCLUSIVE; COMMIT;"
            )

    def load(self, kind: str) -> list[tuple[int, int, Any]]:
        """All rows of one kind, in the order of their numbers."""
        if self._connection is None:
            return []
        rows = self._connection.execute("SELECT a, b, body FROM item WHERE kind = ? ORDER BY a, b", (kind,))
        return [(a, b, json.loads(body)) for a, b, body in rows]

    def put(self, kind: str, a: int, b: int, value: Any) -> None:
        """Keeps `value` (None forgets it) with the next flush; its content is read then."""
        if self._connection is not None:
            self._dirty[(kind, a, b)] = value

    def put_now(self, kind: str, a: int, b: int, value: Any) -> None:
        """Keeps `value` before it returns."""
        if self._connection is not None:
            self._write([(kind, a, b, json.dumps(value))], [])

    async def run(self) -> None:
        """Flushes until `stop`."""
        while not self._stopping.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), FLUSH_SECONDS)
            if self._dirty:
                await asyncio.to_thread(self._write, *self._take())

    def stop(self) -> None:
        """Lets `run` flush once more and end."""
        self._stopping.set()

    def _take(self) -> tuple[list[tuple[str, int, int, str]], list[Key]]:
        dirty, self._dirty = self._dirty, {}
        puts = [(*key, json.dumps(value)) for key, value in dirty.items() if value is not None]
        return puts, [key for key, value in dirty.items() if value is None]

    def _write(self, puts: list[tuple[str, int, int, str]], drops: list[Key]) -> None:
        with self._lock:
            if self._connection is None:
                return
            self._connection.execute("BEGIN")
            self._connection.executemany("INSERT OR REPLACE INTO item VALUES (?, ?, ?, ?)", puts)
            self._connection.executemany("DELETE FROM item WHERE kind = ? AND a = ? AND b = ?", drops)
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """Writes what is left."""
        if self._connection is not None:
            self._write(*self._take())
            self._connection.close()
            self._connection = None
