"""How fast this process may send: a rate for all chats, a rate for each, and the pauses that Telegram asks for.

A 429 stops only its chat. When several chats are refused within a moment the limit is the whole bot's, and all wait;
an emergency waits for nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable

_BURST = 3  # messages that one chat may get at once, before its rate holds
_GLOBAL_CHATS = 3  # so many chats refused within _GLOBAL_WINDOW: the limit is the bot's
_GLOBAL_WINDOW = 1.0
_FORGET = 120.0


class Limits:
    """Leaky buckets in memory. Times are of the monotonic clock, in seconds."""

    def __init__(self, per_second: float, per_chat: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._all_step, self._chat_step = 1 / per_second, 1 / per_chat
        self._all_at = 0.0
        self._chat_at: dict[int, float] = {}
        self._closed: dict[int, float] = {}
        self._refused: deque[tuple[float, int]] = deque(maxlen=20)
        self._all_closed = 0.0

    async def wait(self, chat_id: int) -> None:
        """Wait until this chat may get its next message."""
        while (pause := self._pause(chat_id, self._clock())) > 0:
            await asyncio.sleep(pause)
        self._take(chat_id, self._clock())

    def free(self, chat_id: int) -> bool:
        """Whether this chat could get a message without waiting. May be asked from any thread; it reserves nothing."""
        return self._pause(chat_id, self._clock()) <= 0

    def refused(self, chat_id: int, seconds: float) -> None:
        """Telegram said 429 with this retry_after."""
        now = self._clock()
        self._closed[chat_id] = now + seconds
        self._refused.append((now, chat_id))
        if len({chat for at, chat in self._refused if now - at < _GLOBAL_WINDOW}) >= _GLOBAL_CHATS:
            self._all_closed = now + seconds

    def _pause(self, chat_id: int, now: float) -> float:
        chat = self._chat_at.get(chat_id, 0.0) - now - self._chat_step * (_BURST - 1)
        return max(self._all_at - now, chat, self._closed.get(chat_id, 0.0) - now, self._all_closed - now)

    def _take(self, chat_id: int, now: float) -> None:
        self._all_at = max(self._all_at, now - self._all_step * _BURST) + self._all_step
        self._chat_at[chat_id] = max(self._chat_at.get(chat_id, 0.0), now) + self._chat_step
        if len(self._chat_at) > 20_000:
            self._chat_at = {c: at for c, at in self._chat_at.items() if at > now}
            self._closed = {c: at for c, at in self._closed.items() if at > now - _FORGET}
