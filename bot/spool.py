"""Where updates wait while PostgreSQL is away: a file of JSON lines, mode 0600, synced before Telegram is told.

A line that was cut by a crash is skipped: its update was never confirmed, so Telegram sends it again.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from core.store.intake import Arrived


class Spool:
    """One file; several threads of one process may use it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = folder / "spool.jsonl"
        self._lock = threading.Lock()

    def put(self, updates: list[Arrived]) -> None:
        """Append and sync. Raises OSError when the disk refuses: then nothing may be confirmed."""
        lines = "".join(json.dumps(asdict(u)) + "\n" for u in updates)
        with self._lock:
            descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o600)
            try:
                if _cut(descriptor):
                    lines = "\n" + lines
                os.write(descriptor, lines.encode("utf-8", "replace"))
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    @property
    def waiting(self) -> bool:
        """Whether anything is spooled."""
        try:
            return self._path.stat().st_size > 0
        except FileNotFoundError:
            return False

    @contextmanager
    def empty(self) -> Iterator[list[Arrived]]:
        """Lend the spooled updates, oldest first. The file is removed only when the block ends without an error."""
        with self._lock:
            yield self._read()
            self._path.unlink(missing_ok=True)

    def _read(self) -> list[Arrived]:
        if not self._path.exists():
            return []
        found = []
        for line in self._path.read_text(encoding="utf-8").splitlines():
            try:
                found.append(Arrived(**json.loads(line)))
            except (ValueError, TypeError):
                continue
        return found


def _cut(descriptor: int) -> bool:
    """Whether the last write was cut off before its line end."""
    size = os.fstat(descriptor).st_size
    return size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
