"""What happened, in order, for those who watch: tests that wait for a reply, the page, a benchmark."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Any

Event = dict[str, Any]


class Events:
    """A bounded log with numbers that grow by one. `at` is seconds since 1970, with microseconds."""

    def __init__(self, keep: int) -> None:
        self._kept: deque[Event] = deque(maxlen=keep)
        self._waiters: set[asyncio.Future[None]] = set()
        self.listeners: set[Callable[[Event], None]] = set()
        self.last = 0

    def add(self, kind: str, chat_id: int, **content: Any) -> None:
        """Writes one down and wakes those who wait."""
        self.last += 1
        event = {"seq": self.last, "at": time.time(), "kind": kind, "chat_id": chat_id, **content}
        self._kept.append(event)
        for listener in tuple(self.listeners):
            listener(event)
        if self._waiters:
            waiters, self._waiters = self._waiters, set()
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)

    def after(self, seq: int, chat_id: int | None = None, kinds: list[str] | None = None) -> list[Event]:
        """Those later than `seq`, of one chat or kind if asked."""
        if seq >= self.last or not self._kept:
            return []
        skip = max(0, seq + 1 - self._kept[0]["seq"])
        return [
            event
            for event in islice(self._kept, skip, None)
            if (chat_id is None or event["chat_id"] == chat_id) and (not kinds or event["kind"] in kinds)
        ]

    async def wait(self, seq: int, chat_id: int | None, kinds: list[str] | None, seconds: float) -> list[Event]:
        """As `after`, but waits up to `seconds` for the first."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.after(seq, chat_id, kinds)
            left = deadline - time.monotonic()
            if found or left <= 0:
                return found
            seq = max(seq, self.last)
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.add(waiter)
            await asyncio.wait([waiter], timeout=left)
            self._waiters.discard(waiter)
